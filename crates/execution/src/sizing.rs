//! How many lots an order gets (execution.md 6.2).

use crate::{Event, ExecutionError, Fx, Instrument, Refusal, Rules, Volume};

/// What `lots` lose between `price` and `stop_loss`, in account currency, without slippage, gap and fees.
///
/// `event` is the entry, its own price the fill price.
///
/// # Errors
///
/// `fx_rate_unavailable`.
pub fn stop_risk(
    instrument: &Instrument,
    fx: &Fx,
    event: &Event,
    stop_loss: f64,
    lots: f64,
) -> Result<f64, ExecutionError> {
    fx.quote_to_account((event.own_price - stop_loss).abs() * instrument.contract_size * lots, event)
}

/// The raw lots that lose `risk` (account currency) at an exact stop-out.
///
/// # Errors
///
/// `fx_rate_unavailable`.
pub fn risk_lots(
    instrument: &Instrument,
    fx: &Fx,
    event: &Event,
    stop_loss: f64,
    risk: f64,
) -> Result<f64, ExecutionError> {
    Ok(risk / stop_risk(instrument, fx, event, stop_loss, 1.0)?)
}

impl Rules {
    /// Raw lots, or the size that the signal states, on the volume grid of the symbol.
    ///
    /// # Errors
    ///
    /// `volume_below_minimum`, where the rules refuse such volumes.
    pub fn quantise(&self, instrument: &Instrument, raw: f64) -> Result<Volume, Refusal> {
        instrument.volume.quantise(raw, self.volume_rule)
    }
}

#[cfg(test)]
mod tests {
    use omega_types::config::Variant;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{bound_fx, config, eurusd, fx};

    fn lots(account: &str, fill: f64, stop: f64) -> (f64, f64) {
        let rules = Rules::new(Variant::V2, &config().execution, &eurusd());
        let raw = risk_lots(&eurusd(), &fx(account), &Event::close(0, fill), stop, 100.0).unwrap();
        (raw, rules.quantise(&eurusd(), raw).unwrap().lots)
    }

    #[test]
    fn volume_follows_from_risk_distance_and_rate() {
        // execution.md 12. Example 1: risk per lot 200, raw 0.49999999999999956, 0.50 lots.
        assert_eq!(lots("USD", 1.10030, 1.09830), (0.49999999999999956, 0.5));
        // Example 2: 200 USD / 1.10030 = 181.7686 EUR, raw 0.55015.
        let (raw, rounded) = lots("EUR", 1.10030, 1.09830);
        assert!((raw - 0.55015).abs() < 1e-9);
        assert_eq!(rounded, 0.55);
        // Example 8: distance 0.0020404569, raw 0.490086.
        let (raw, rounded) = lots("USD", 1.1001595431142308, 1.10220);
        assert!((raw - 0.490086).abs() < 1e-6);
        assert_eq!(rounded, 0.49);
    }

    #[test]
    fn parity_converts_by_the_mid_close_and_raises_small_volumes() {
        // The first trade of Omega V1 with an EUR account, percent fees and 2 pips slippage: long, fill 1.46005, stop
        // 1.4546, 0.26 lots. By hand: 545 USD / 1.46 = 373.29 EUR, raw 0.26789.
        let instrument = eurusd();
        let rules = Rules::new(Variant::V1Parity, &config().execution, &instrument);
        let fx = bound_fx("EUR", Variant::V1Parity, &[1.45990], &[1.46010]);
        let raw = risk_lots(&instrument, &fx, &Event::close(0, 1.46005), 1.4546, 100.0).unwrap();
        assert!((raw - 0.26789).abs() < 1e-5);
        assert_eq!(rules.quantise(&instrument, raw).unwrap().lots, 0.26);
        assert_eq!(rules.quantise(&instrument, 0.001).unwrap().lots, 0.01);
    }

    proptest! {
        /// Invariant 5 of execution.md 14, second half: the risk of the rounded volume stays within the budget.
        #[test]
        fn rounded_lots_never_exceed_the_risk(
            fill in 0.9..1.4_f64, distance in 0.0001..0.05_f64, risk in 1.0..5_000.0_f64, euro: bool,
        ) {
            let instrument = eurusd();
            let fx = fx(if euro { "EUR" } else { "USD" });
            let rules = Rules::new(Variant::V2, &config().execution, &instrument);
            let event = Event::close(0, fill);
            let per_lot = stop_risk(&instrument, &fx, &event, fill - distance, 1.0).unwrap();
            let raw = risk_lots(&instrument, &fx, &event, fill - distance, risk).unwrap();
            if let Ok(volume) = rules.quantise(&instrument, raw) {
                let slack = per_lot * instrument.volume.grid.step * 1e-6;
                prop_assert!(per_lot * volume.lots <= risk * (1.0 + 1e-6) + slack);
            }
        }
    }
}
