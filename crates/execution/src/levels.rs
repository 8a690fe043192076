//! What is checked before an order fills: price, stop and target sides, stop distance (execution.md 3.3, 6.1).

use omega_types::{Candle, Direction, Signal, trade::RejectionCode};

use crate::{MinStop, Rules};

/// An order is refused; the run goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Refusal {
    /// Stable code.
    pub reason: RejectionCode,
    /// The one figure that explains it: the offending price, distance or lots.
    pub figure: f64,
}

impl Rules {
    /// The price of a market order before slippage: `entry_price` if given, else the close of the opening side.
    ///
    /// `opening` is the **raw** candle of the opening side of the signal bar.
    ///
    /// # Errors
    ///
    /// `entry_price_outside_bar` if the given price did not occur in the bar.
    pub fn market_base_price(&self, signal: &Signal, opening: &Candle) -> Result<f64, Refusal> {
        let Some(price) = signal.entry_price else { return Ok(opening.close) };
        let inside = self.at_least(price, opening.low) && self.at_most(price, opening.high);
        if self.level_checks && !inside {
            return Err(Refusal { reason: RejectionCode::EntryPriceOutsideBar, figure: price });
        }
        Ok(price)
    }

    /// The stop lies strictly on the losing side of `reference`, the target strictly on the winning side.
    ///
    /// For a market order `reference` is the close of the closing side (execution view), as a broker would test it; for
    /// a pending order that is placed, its price.
    ///
    /// # Errors
    ///
    /// `stop_loss_wrong_side`, then `take_profit_wrong_side`, with the offending level.
    pub fn check_levels(
        &self,
        direction: Direction,
        stop_loss: Option<f64>,
        take_profit: Option<f64>,
        reference: f64,
    ) -> Result<(), Refusal> {
        self.check_stop_side(direction, stop_loss, reference)?;
        self.check_target_side(direction, take_profit, reference)
    }

    /// The stop lies strictly on the losing side of `reference`. For a pending order that triggers this is its fill.
    ///
    /// # Errors
    ///
    /// `stop_loss_wrong_side` with the level.
    pub fn check_stop_side(&self, direction: Direction, stop_loss: Option<f64>, reference: f64) -> Result<(), Refusal> {
        let is_losing = |level: &f64| match direction {
            Direction::Long => self.below(*level, reference),
            Direction::Short => self.above(*level, reference),
        };
        match stop_loss.filter(|level| self.level_checks && !is_losing(level)) {
            Some(figure) => Err(Refusal { reason: RejectionCode::StopLossWrongSide, figure }),
            None => Ok(()),
        }
    }

    /// The target lies strictly on the winning side of `reference`. For a pending order that triggers this is the price
    /// before slippage.
    ///
    /// # Errors
    ///
    /// `take_profit_wrong_side` with the level.
    pub fn check_target_side(
        &self,
        direction: Direction,
        take_profit: Option<f64>,
        reference: f64,
    ) -> Result<(), Refusal> {
        let is_winning = |level: &f64| match direction {
            Direction::Long => self.above(*level, reference),
            Direction::Short => self.below(*level, reference),
        };
        match take_profit.filter(|level| self.level_checks && !is_winning(level)) {
            Some(figure) => Err(Refusal { reason: RejectionCode::TakeProfitWrongSide, figure }),
            None => Ok(()),
        }
    }

    /// The stop is not too close to `price`: the fill of an order, and its price when a pending one is placed.
    ///
    /// # Errors
    ///
    /// `stop_distance_below_minimum` with the distance.
    pub fn check_stop_distance(&self, price: f64, stop_loss: f64) -> Result<(), Refusal> {
        let distance = (price - stop_loss).abs();
        let too_close = match self.min_stop {
            MinStop::Specified { distance: smallest, tolerance } => distance + tolerance < smallest,
            MinStop::Absolute(smallest) => distance < smallest,
        };
        if too_close {
            return Err(Refusal { reason: RejectionCode::StopDistanceBelowMinimum, figure: distance });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use omega_types::config::Variant;

    use super::*;
    use crate::testing::{candle, config, eurusd};

    fn rules(variant: Variant) -> Rules {
        Rules::new(variant, &config().execution, &eurusd())
    }

    fn reason(result: Result<(), Refusal>) -> Option<RejectionCode> {
        result.err().map(|refusal| refusal.reason)
    }

    #[test]
    fn a_market_order_fills_at_the_close_of_the_opening_side_or_at_its_price_inside_the_bar() {
        let opening = candle(1.10010, 1.10060, 1.09990, 1.10030);
        let base = |variant, entry_price| {
            let signal = Signal { entry_price, ..Signal::market(Direction::Long) };
            rules(variant).market_base_price(&signal, &opening)
        };
        assert_eq!(base(Variant::V2, None), Ok(1.10030));
        assert_eq!(base(Variant::V2, Some(1.10060)), Ok(1.10060));
        let refusal = base(Variant::V2, Some(1.10061)).unwrap_err();
        assert_eq!((refusal.reason, refusal.figure), (RejectionCode::EntryPriceOutsideBar, 1.10061));
        assert!(base(Variant::V2, Some(1.09989)).is_err());
        assert_eq!(base(Variant::V1Parity, Some(1.2)), Ok(1.2));
    }

    /// decisions.md 34.
    #[test]
    fn a_stop_inside_the_spread_is_on_the_wrong_side() {
        // execution.md 12, example 14: market long, ask close 1.10030, bid close 1.10020, SL 1.10029.
        use RejectionCode::{StopLossWrongSide, TakeProfitWrongSide};
        let long = |variant, stop, target| {
            reason(rules(variant).check_levels(Direction::Long, Some(stop), Some(target), 1.10020))
        };
        assert_eq!(long(Variant::V2, 1.10029, 1.10430), Some(StopLossWrongSide));
        assert_eq!(long(Variant::V2, 1.10020, 1.10430), Some(StopLossWrongSide));
        assert_eq!(long(Variant::V2, 1.10019, 1.10430), None);
        assert_eq!(long(Variant::V1Parity, 1.10029, 1.0), None);
        // A target between bid and ask is legal, one at the bid is not.
        assert_eq!(long(Variant::V2, 1.09830, 1.10025), None);
        assert_eq!(long(Variant::V2, 1.09830, 1.10020), Some(TakeProfitWrongSide));
        // The stop is tested first.
        assert_eq!(long(Variant::V2, 1.10029, 1.0), Some(StopLossWrongSide));
    }

    #[test]
    fn levels_of_shorts_are_tested_against_the_ask() {
        // execution.md 3.3: TP < ask.close < SL.
        let short = |stop, target| reason(rules(Variant::V2).check_levels(Direction::Short, stop, target, 1.10030));
        assert_eq!(short(Some(1.10220), Some(1.09600)), None);
        assert_eq!(short(Some(1.10030), None), Some(RejectionCode::StopLossWrongSide));
        assert_eq!(short(None, Some(1.10030)), Some(RejectionCode::TakeProfitWrongSide));
        assert_eq!(short(None, None), None);
    }

    #[test]
    fn a_stop_exactly_at_the_minimum_distance_is_accepted() {
        // execution.md 12, example 14: minimum 0.1 pip, entry 1.10001; 1.10001 - 1.10000 is 9.999999999843467e-06.
        let v2 = rules(Variant::V2);
        assert_eq!(reason(v2.check_stop_distance(1.10001, 1.10000)), None);
        assert_eq!(reason(v2.check_stop_distance(1.10001, 1.100005)), Some(RejectionCode::StopDistanceBelowMinimum));
        // Omega V1 compares plainly with 0.00001, whatever the symbol.
        let parity = rules(Variant::V1Parity);
        assert_eq!(reason(parity.check_stop_distance(1.10001, 1.10000)), Some(RejectionCode::StopDistanceBelowMinimum));
        assert_eq!(reason(parity.check_stop_distance(1.10002, 1.10000)), None);
    }
}
