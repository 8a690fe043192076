//! Everything that differs between the execution variants, as data (execution.md 9).

use omega_types::config::{ExecutionConfig, LimitGapFill, Variant};

use crate::Instrument;

/// Where a stop fills in a bar that opens beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapStop {
    /// At the open: no market offers the level any more.
    Open,
    /// At the stop level, as in Omega V1.
    Level,
}

/// Where a target fills in a bar that opens beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetGap {
    /// At the open (`limit_gap_fill = better`).
    Open,
    /// At the target.
    Level,
}

/// Where a limit order fills in a bar that opens beyond its price (execution.md 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitGap {
    /// At its price: no improvement is assumed.
    Price,
    /// At the open.
    Open,
    /// At the worse of price and open in every bar, gap or not: the literal formula of an earlier plan.
    WorseOfPriceAndOpen,
}

/// How a triggered pending order is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingRule {
    /// Gap rules, slippage, expiry and all checks, when it is placed and again when it triggers.
    Checked,
    /// Fills exactly at its price without slippage, whatever is open; never expires; the trade carries the time of the
    /// placement, as in Omega V1.
    AtPrice,
}

/// Which way slippage moves an exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitSlippage {
    /// Against the position.
    Adverse,
    /// In the direction of the entry's slippage, that is in favour of the position, as in Omega V1.
    AsEntry,
}

/// The smallest allowed distance between entry and stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MinStop {
    /// A distance in price, with a tolerance for representation error.
    Specified {
        /// `min_sl_distance_pips` × pip.
        distance: f64,
        /// A millionth of a pip.
        tolerance: f64,
    },
    /// A plain distance in price, as in Omega V1.
    Absolute(f64),
}

/// What happens to a volume below the minimum, and where the grid starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VolumeRule {
    /// Refused; the grid is the multiples of the step.
    Reject,
    /// Raised to the minimum; the grid starts there, as in Omega V1.
    Raise,
}

/// How a fee is rounded when it is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeeRounding {
    /// Not at all.
    Exact,
    /// To two decimals: the exact binary value, ties to even, as in Omega V1.
    Cents,
}

/// How the result of a trade is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultRule {
    /// Price difference × contract × lots, converted at the exit.
    Contract,
    /// `r_multiple × risk_per_trade`, whatever the lots, as in Omega V1.
    RiskMultiple,
}

/// The rate between base and quote currency of the traded symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnPrice {
    /// The price of the event itself.
    Event,
    /// The mid close of the event's bar, as in Omega V1.
    BarClose,
}

/// The rules of one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// ε of execution.md 0.3, in price.
    pub touch_tolerance: f64,
    /// Stops in a bar that opens beyond them.
    pub gap_stop: GapStop,
    /// Targets in a bar that opens beyond them.
    pub target_gap: TargetGap,
    /// Limit orders in a bar that opens beyond them.
    pub limit_gap: LimitGap,
    /// Pending orders.
    pub pending: PendingRule,
    /// Do timeouts pay slippage and an exit fee?
    pub timeout_costs: bool,
    /// Direction of exit slippage.
    pub exit_slippage: ExitSlippage,
    /// Are entry price, stop and target checked against the bar?
    pub level_checks: bool,
    /// Smallest stop distance.
    pub min_stop: MinStop,
    /// Volume grid.
    pub volume_rule: VolumeRule,
    /// Rounding of fees.
    pub fee_rounding: FeeRounding,
    /// Booking of results.
    pub result: ResultRule,
    /// Conversion between base and quote of the traded symbol.
    pub own_price: OwnPrice,
}

impl Rules {
    /// The rules of `variant` for `instrument`.
    pub fn new(variant: Variant, execution: &ExecutionConfig, instrument: &Instrument) -> Self {
        match variant {
            Variant::V2 => Self {
                touch_tolerance: 1e-4 * instrument.tick_size,
                gap_stop: GapStop::Open,
                target_gap: match execution.limit_gap_fill {
                    LimitGapFill::Better => TargetGap::Open,
                    LimitGapFill::Worse | LimitGapFill::PlanLiteral => TargetGap::Level,
                },
                limit_gap: match execution.limit_gap_fill {
                    LimitGapFill::Worse => LimitGap::Price,
                    LimitGapFill::Better => LimitGap::Open,
                    LimitGapFill::PlanLiteral => LimitGap::WorseOfPriceAndOpen,
                },
                pending: PendingRule::Checked,
                timeout_costs: true,
                exit_slippage: ExitSlippage::Adverse,
                level_checks: true,
                min_stop: MinStop::Specified {
                    distance: instrument.min_stop_distance,
                    tolerance: 1e-6 * instrument.pip_size,
                },
                volume_rule: VolumeRule::Reject,
                fee_rounding: FeeRounding::Exact,
                result: ResultRule::Contract,
                own_price: OwnPrice::Event,
            },
            Variant::V1Parity => Self {
                touch_tolerance: 0.0,
                gap_stop: GapStop::Level,
                target_gap: TargetGap::Level,
                limit_gap: LimitGap::Price,
                pending: PendingRule::AtPrice,
                timeout_costs: false,
                exit_slippage: ExitSlippage::AsEntry,
                level_checks: false,
                min_stop: MinStop::Absolute(0.00001),
                volume_rule: VolumeRule::Raise,
                fee_rounding: FeeRounding::Cents,
                result: ResultRule::RiskMultiple,
                own_price: OwnPrice::BarClose,
            },
        }
    }

    /// `x ≤ y` within the touch tolerance.
    pub(crate) fn at_most(&self, x: f64, y: f64) -> bool {
        x <= y + self.touch_tolerance
    }

    /// `x ≥ y` within the touch tolerance.
    pub(crate) fn at_least(&self, x: f64, y: f64) -> bool {
        x >= y - self.touch_tolerance
    }

    /// `x < y` by more than the touch tolerance.
    pub(crate) fn below(&self, x: f64, y: f64) -> bool {
        x < y - self.touch_tolerance
    }

    /// `x > y` by more than the touch tolerance.
    pub(crate) fn above(&self, x: f64, y: f64) -> bool {
        x > y + self.touch_tolerance
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{config, eurusd};

    #[test]
    fn the_gap_switch_of_limits_governs_targets_in_v2_alone() {
        let mut execution = config().execution;
        let target_gap = |execution: &ExecutionConfig, variant| Rules::new(variant, execution, &eurusd()).target_gap;
        assert_eq!(target_gap(&execution, Variant::V2), TargetGap::Level);
        execution.limit_gap_fill = LimitGapFill::PlanLiteral;
        assert_eq!(target_gap(&execution, Variant::V2), TargetGap::Level);
        execution.limit_gap_fill = LimitGapFill::Better;
        assert_eq!(target_gap(&execution, Variant::V2), TargetGap::Open);
        assert_eq!(target_gap(&execution, Variant::V1Parity), TargetGap::Level);
    }

    /// execution.md 0.3.
    #[test]
    fn a_touch_may_miss_by_a_ten_thousandth_of_a_tick() {
        let v2 = Rules::new(Variant::V2, &config().execution, &eurusd());
        let parity = Rules::new(Variant::V1Parity, &config().execution, &eurusd());
        // tick 1e-5, so the tolerance is 1e-9.
        let (price, near, far) = (1.1, 1.1 + 0.9e-9, 1.1 + 1.1e-9);
        assert!(v2.at_most(near, price) && !v2.at_most(far, price));
        assert!(v2.at_least(price, near) && !v2.at_least(price, far));
        assert!(!v2.above(near, price) && v2.above(far, price));
        assert!(!v2.below(price, near) && v2.below(price, far));
        assert!(!parity.at_most(near, price) && parity.above(near, price));
    }
}
