//! Profit, R multiple and booked result of a position that is closed or marked (execution.md 1.2).

use omega_types::Direction;

use crate::{Event, ExecutionError, Fx, Instrument, ResultRule, Rules};

/// A way into the market and out of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoundTrip {
    /// Direction of the position.
    pub direction: Direction,
    /// Fill price of the entry.
    pub entry_price: f64,
    /// Fill price of the exit, or the mark price.
    pub exit_price: f64,
    /// The stop at entry, never a moved one.
    pub initial_stop_loss: Option<f64>,
    /// Lots closed or marked.
    pub lots: f64,
}

impl RoundTrip {
    /// Profit in quote currency, before fees: `(exit − entry) × d × contract_size × lots`.
    pub fn profit_quote(&self, instrument: &Instrument) -> f64 {
        (self.exit_price - self.entry_price) * self.direction.sign() * instrument.contract_size * self.lots
    }

    /// Profit in account currency, before fees: what closing (or marking) at `event` is worth.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable`.
    pub fn profit(&self, instrument: &Instrument, fx: &Fx, event: &Event) -> Result<f64, ExecutionError> {
        fx.quote_to_account(self.profit_quote(instrument), event)
    }

    /// `(exit − entry) × d / |entry − initial stop|`; 0 if the distance is 0, `None` without a stop.
    pub fn r_multiple(&self) -> Option<f64> {
        let risk = (self.entry_price - self.initial_stop_loss?).abs();
        let gain = (self.exit_price - self.entry_price) * self.direction.sign();
        Some(if risk == 0.0 { 0.0 } else { gain / risk })
    }
}

impl Rules {
    /// The `result` of a trade in account currency, before fees. `risk_per_trade` matters under
    /// [`ResultRule::RiskMultiple`] only.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable`, `non_finite_value`.
    pub fn result(
        &self,
        trip: &RoundTrip,
        instrument: &Instrument,
        fx: &Fx,
        event: &Event,
        risk_per_trade: f64,
    ) -> Result<f64, ExecutionError> {
        let result = match self.result {
            ResultRule::Contract => trip.profit(instrument, fx, event)?,
            ResultRule::RiskMultiple => trip.r_multiple().unwrap_or(0.0) * risk_per_trade,
        };
        if !result.is_finite() {
            return Err(ExecutionError::NonFinite { what: "result", value: result, bar: event.bar });
        }
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use omega_types::config::Variant;

    use super::*;
    use crate::testing::{config, eurusd, fx};

    fn trip(direction: Direction, entry_price: f64, exit_price: f64, stop: f64, lots: f64) -> RoundTrip {
        RoundTrip { direction, entry_price, exit_price, initial_stop_loss: Some(stop), lots }
    }

    fn result(variant: Variant, account: &str, trip: &RoundTrip) -> f64 {
        let rules = Rules::new(variant, &config().execution, &eurusd());
        let event = Event::intrabar(0, trip.exit_price);
        rules.result(trip, &eurusd(), &fx(account), &event, 100.0).unwrap()
    }

    fn assert_near(value: f64, expected: f64, tolerance: f64) {
        assert!((value - expected).abs() < tolerance, "{value} is not {expected}");
    }

    #[test]
    fn profits_use_contract_and_lots_and_are_converted_at_the_exit() {
        // execution.md 12, example 1: 0.0040 * 100 000 * 0.5 = 200, R 2.
        let target = trip(Direction::Long, 1.10030, 1.10430, 1.09830, 0.5);
        assert_near(result(Variant::V2, "USD", &target), 200.0, 1e-8);
        assert_near(target.r_multiple().unwrap(), 2.0, 1e-9);
        // Example 2: -0.0020 * 100 000 * 0.55 = -110 USD; / 1.09830 = -100.154785 EUR.
        let stopped = trip(Direction::Long, 1.10030, 1.09830, 1.09830, 0.55);
        assert_near(result(Variant::V2, "EUR", &stopped), -100.154785, 1e-6);
        assert_eq!(stopped.r_multiple(), Some(-1.0));
        // Example 7: short 1.10020 out at 1.10410 with 0.5 lots: -195, R -1.95.
        let gapped = trip(Direction::Short, 1.10020, 1.10410, 1.10220, 0.5);
        assert_near(result(Variant::V2, "USD", &gapped), -195.0, 1e-8);
        assert_near(gapped.r_multiple().unwrap(), -1.95, 1e-9);
        // Example 8: 0.0041180393646556 * 49 000 = 201.783929, R 2.018195.
        let slipped = trip(Direction::Short, 1.1001595431142308, 1.0960415037495752, 1.10220, 0.49);
        assert_near(result(Variant::V2, "USD", &slipped), 201.783929, 1e-6);
        assert_near(slipped.r_multiple().unwrap(), 2.018195, 1e-6);
    }

    #[test]
    fn the_first_published_golden_trade_is_booked_in_money() {
        // execution.md 1.2: -0.00012442756 * 100 000 * 1.42 = -17.6687 USD, / 1.10059285 = -16.0538 EUR.
        let golden = trip(Direction::Long, 1.10059285 + 0.00012442756, 1.10059285, 1.0, 1.42);
        assert_near(golden.profit_quote(&eurusd()), -17.6687, 1e-4);
        assert_near(result(Variant::V2, "EUR", &golden), -16.0538, 1e-4);
    }

    #[test]
    fn parity_books_r_times_risk_whatever_the_lots() {
        // execution.md 12, example 8 in parity without random slippage: R 2.079208, result 207.92 with 100 of risk.
        let trip_8 = trip(Direction::Short, 1.10018, 1.09598, 1.10220, 0.49);
        assert_near(result(Variant::V1Parity, "EUR", &trip_8), 207.92, 1e-2);
        let no_risk = trip(Direction::Long, 1.1, 1.2, 1.1, 0.5);
        assert_eq!(result(Variant::V1Parity, "USD", &no_risk), 0.0);
        let no_stop = RoundTrip { initial_stop_loss: None, ..no_risk };
        assert_eq!((no_stop.r_multiple(), result(Variant::V1Parity, "USD", &no_stop)), (None, 0.0));
    }
}
