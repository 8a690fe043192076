//! How far a fill lies from its base price (execution.md 4.1, 4.2).

use omega_types::{Bar, Direction};

use crate::{CostModel, ExecutionError, ExitSlippage, FillSide, Rules, draw::Draws};

/// A slippage model. Amounts in pips, never negative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Slippage {
    /// Fills at the base price.
    None,
    /// Always the same.
    Fixed {
        /// Pips of every fill.
        fixed: f64,
    },
    /// A fixed part and a uniform part; the mean is `fixed + random / 2`.
    FixedRandom {
        /// Pips of every fill.
        fixed: f64,
        /// Largest additional pips.
        random: f64,
    },
    /// Uniform around a base. It does not depend on volatility.
    Jitter {
        /// Mean pips.
        base: f64,
        /// Largest deviation as a fraction of `base`, 0 to 1.
        factor: f64,
    },
}

impl Slippage {
    /// Pips of fill number `fill`, before `slippage_multiplier`.
    pub fn pips(&self, draws: &Draws, fill: u64) -> f64 {
        match *self {
            Self::None => 0.0,
            Self::Fixed { fixed } => fixed,
            Self::FixedRandom { fixed, random: 0.0 } => fixed,
            Self::FixedRandom { fixed, random } => fixed + random * draws.uniform(fill),
            Self::Jitter { base, factor } => base * (1.0 + factor * (2.0 * draws.uniform(fill) - 1.0)),
        }
    }
}

/// A fill that is about to happen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fill {
    /// Direction of the position, not of the order.
    pub direction: Direction,
    /// Entry or exit.
    pub side: FillSide,
    /// Price before slippage.
    pub base: f64,
    /// Number of executed fills before this one.
    pub index: u64,
    /// The bar, for errors.
    pub bar: Bar,
}

impl Rules {
    /// The price after slippage. A long entry and a short exit buy and pay up; a short entry and a long exit receive
    /// less. Under [`ExitSlippage::AsEntry`] exits move like the entry.
    ///
    /// # Errors
    ///
    /// `non_finite_value`, `non_positive_fill_price`.
    pub fn fill_price(&self, costs: &CostModel, fill: &Fill) -> Result<f64, ExecutionError> {
        let buys = match (fill.direction, fill.side, self.exit_slippage) {
            (Direction::Long, FillSide::Entry, _) | (Direction::Short, FillSide::Exit, ExitSlippage::Adverse) => true,
            (Direction::Short, FillSide::Entry, _) | (Direction::Long, FillSide::Exit, ExitSlippage::Adverse) => false,
            (direction, FillSide::Exit, ExitSlippage::AsEntry) => direction == Direction::Long,
        };
        let slip = costs.slippage_pips(fill.index) * costs.pip_size;
        let price = if buys { fill.base + slip } else { fill.base - slip };
        if !price.is_finite() {
            return Err(ExecutionError::NonFinite { what: "fill price", value: price, bar: fill.bar });
        }
        if price <= 0.0 {
            return Err(ExecutionError::NonPositiveFillPrice { price, bar: fill.bar });
        }
        Ok(price)
    }
}

#[cfg(test)]
mod tests {
    use omega_types::Json;
    use omega_types::{Coded, config::Variant};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testing::{config, costs, eurusd};

    fn rules(variant: Variant) -> Rules {
        Rules::new(variant, &config().execution, &eurusd())
    }

    fn slipping(slippage: Json) -> CostModel {
        costs(json!({ "defaults": { "slippage": slippage } }))
    }

    fn price(rules: &Rules, costs: &CostModel, direction: Direction, side: FillSide, base: f64, index: u64) -> f64 {
        rules.fill_price(costs, &Fill { direction, side, base, index, bar: 0 }).unwrap()
    }

    #[test]
    fn a_short_sells_lower_and_buys_back_higher() {
        // execution.md 12, example 8, seed 42: both fills to the last published digit.
        let costs = slipping(json!({ "fixed_pips": 0.2, "random_pips": 0.3 }));
        let v2 = rules(Variant::V2);
        assert!((costs.slippage_pips(0) - 0.4045688577).abs() < 5e-11);
        assert!((costs.slippage_pips(1) - 0.4150374958).abs() < 5e-11);
        assert_eq!(price(&v2, &costs, Direction::Short, FillSide::Entry, 1.10020, 0), 1.1001595431142308);
        assert_eq!(price(&v2, &costs, Direction::Short, FillSide::Exit, 1.09600, 1), 1.0960415037495752);
    }

    #[test]
    fn parity_slips_exits_in_favour_of_the_position() {
        // execution.md 12, example 8 with random_pips 0: entry 1.10018, exit 1.09602, in parity 1.09598.
        let costs = slipping(json!({ "fixed_pips": 0.2 }));
        let exit = |variant, direction| price(&rules(variant), &costs, direction, FillSide::Exit, 1.09600, 1);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(near(exit(Variant::V2, Direction::Short), 1.09602));
        assert!(near(exit(Variant::V1Parity, Direction::Short), 1.09598));
        assert!(near(exit(Variant::V2, Direction::Long), 1.09598));
        assert!(near(exit(Variant::V1Parity, Direction::Long), 1.09602));
        for variant in [Variant::V2, Variant::V1Parity] {
            let entry = price(&rules(variant), &costs, Direction::Short, FillSide::Entry, 1.10020, 0);
            assert!(near(entry, 1.10018));
        }
    }

    #[test]
    fn the_models_give_the_pips_of_their_formulas() {
        // u(42, 0) = 0.6818961923066714.
        let u = 0.6818961923066714;
        let pips = |slippage| slipping(slippage).slippage_pips(0);
        assert_eq!(pips(json!({ "model": "none", "fixed_pips": 3 })), 0.0);
        assert_eq!(pips(json!({ "model": "fixed", "fixed_pips": 3, "random_pips": 1 })), 3.0);
        assert_eq!(pips(json!({ "fixed_pips": 3, "random_pips": 1 })), 3.0 + u);
        let jitter = json!({ "model": "jitter", "base_pips": 2, "jitter_factor": 0.5 });
        assert_eq!(pips(jitter), 2.0 * (1.0 + 0.5 * (2.0 * u - 1.0)));
        // Without a factor on the ATR, the volatility model is fixed_random.
        assert_eq!(pips(json!({ "model": "volatility", "fixed_pips": 3, "random_pips": 1 })), 3.0 + u);
        assert_eq!(pips(json!({})), 0.0);
    }

    #[test]
    fn a_fill_at_or_below_zero_stops_the_run() {
        let costs = slipping(json!({ "fixed_pips": 20_000 }));
        let sell = |base| {
            let fill = Fill { direction: Direction::Short, side: FillSide::Entry, base, index: 0, bar: 7 };
            rules(Variant::V2).fill_price(&costs, &fill).unwrap_err()
        };
        assert_eq!(sell(1.5).code().name, "non_positive_fill_price");
        assert_eq!(sell(2.0), ExecutionError::NonPositiveFillPrice { price: 0.0, bar: 7 });
        assert_eq!(sell(f64::NAN).code().name, "non_finite_value");
    }

    proptest! {
        /// Invariant 2 of execution.md 14: no fill is better than its base, and without slippage they are equal.
        #[test]
        fn no_fill_is_better_than_its_base(
            base in 0.5..2.0_f64, fixed in 0.0..5.0_f64, random in 0.0..5.0_f64, index: u64, long: bool, entry: bool,
        ) {
            let direction = if long { Direction::Long } else { Direction::Short };
            let side = if entry { FillSide::Entry } else { FillSide::Exit };
            let v2 = rules(Variant::V2);
            let costs = slipping(json!({ "fixed_pips": fixed, "random_pips": random }));
            let filled = price(&v2, &costs, direction, side, base, index);
            let paid = if long == entry { filled - base } else { base - filled };
            prop_assert!(paid >= 0.0);
            prop_assert_eq!(price(&v2, &slipping(json!({})), direction, side, base, index), base);
        }
    }
}
