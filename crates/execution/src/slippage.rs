//! How far a fill lies from its base price (execution.md 4.1, 4.2).

use omega_types::{Bar, Column, Direction};

use crate::{CostModel, ExecutionError, ExitSlippage, FillSide, Moment, Rules, draw::Draws};

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

/// The part of the slippage that grows with the average true range: `factor × ATR`.
#[derive(Debug, Clone)]
pub(crate) struct Volatility {
    /// More than 0.
    pub(crate) factor: f64,
    /// Smoothing length of the average, in bars.
    pub(crate) period: usize,
    /// One value per bar, in price; NaN where undefined.
    pub(crate) atr: Option<Column>,
}

impl Volatility {
    /// Slippage in price, from the average over the last bar that is complete at the moment; 0 where that is undefined.
    pub(crate) fn price(&self, bar: Bar, moment: Moment) -> f64 {
        let completed = match moment {
            Moment::Open | Moment::Intrabar => bar.checked_sub(1),
            Moment::Close => Some(bar),
        };
        let atr = self.atr.as_ref().and_then(|atr| atr.get(completed?).copied());
        atr.filter(|atr| !atr.is_nan()).map_or(0.0, |atr| self.factor * atr)
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
    /// The bar it happens in.
    pub bar: Bar,
    /// When in the bar: it decides which bars volatility may know.
    pub moment: Moment,
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
        let slip = costs.slippage_pips(fill.index, fill.bar, fill.moment) * costs.pip_size;
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
    use crate::testing::{Setup, config, costs, eurusd};

    fn rules(variant: Variant) -> Rules {
        Rules::new(variant, &config().execution, &eurusd())
    }

    fn slipping(slippage: Json) -> CostModel {
        costs(json!({ "defaults": { "slippage": slippage } }))
    }

    fn price(rules: &Rules, costs: &CostModel, direction: Direction, side: FillSide, base: f64, index: u64) -> f64 {
        rules.fill_price(costs, &Fill { direction, side, base, index, bar: 0, moment: Moment::Close }).unwrap()
    }

    /// Pips of a fill at the close of bar 0.
    fn pips(costs: &CostModel, index: u64) -> f64 {
        costs.slippage_pips(index, 0, Moment::Close)
    }

    #[test]
    fn a_short_sells_lower_and_buys_back_higher() {
        // execution.md 12, example 8, seed 42: both fills to the last published digit.
        let costs = slipping(json!({ "fixed_pips": 0.2, "random_pips": 0.3 }));
        let v2 = rules(Variant::V2);
        assert!((pips(&costs, 0) - 0.4045688577).abs() < 5e-11);
        assert!((pips(&costs, 1) - 0.4150374958).abs() < 5e-11);
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
        let pips = |slippage| pips(&slipping(slippage), 0);
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
    fn volatility_slips_by_the_range_of_the_last_complete_bar() {
        let model =
            json!({ "model": "volatility", "fixed_pips": 0.5, "random_pips": 1, "atr_factor": 0.25, "atr_period": 3 });
        let costs = slipping(model.clone());
        assert_eq!(costs.atr_period(), Some(3));
        // Three bars to warm up: bars 0 and 1 are undefined. 0.0016 * 0.25 / 0.0001 = 4 pips, 0.0008: 2 pips.
        let costs = costs.with_atr(Column::from(vec![f64::NAN, f64::NAN, 0.0016, 0.0008]));
        let u = 0.6818961923066714;
        let without = |pips: f64| pips - (0.5 + u);
        for (bar, [inside, close]) in
            [[0.0, 0.0], [0.0, 0.0], [0.0, 4.0], [4.0, 2.0], [2.0, 0.0]].into_iter().enumerate()
        {
            for moment in [Moment::Open, Moment::Intrabar] {
                assert!((without(costs.slippage_pips(0, bar, moment)) - inside).abs() < 1e-12, "{bar} {moment:?}");
            }
            assert!((without(costs.slippage_pips(0, bar, Moment::Close)) - close).abs() < 1e-12, "{bar}");
        }
        // A long bought inside bar 3 pays 0.5 + u + 4 pips.
        let fill = Fill {
            direction: Direction::Long,
            side: FillSide::Entry,
            base: 1.1,
            index: 0,
            bar: 3,
            moment: Moment::Open,
        };
        let paid = rules(Variant::V2).fill_price(&costs, &fill).unwrap() - 1.1;
        assert!((paid - (0.5 + u + 4.0) * 0.0001).abs() < 1e-12);
        // Neither another model nor a factor of zero asks for a range.
        for other in [json!({ "model": "fixed_random" }), json!({ "atr_factor": 0 }), json!({ "model": "none" })] {
            let mut patched = model.clone();
            patched.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
            assert_eq!(slipping(patched).atr_period(), None);
        }
        assert_eq!(slipping(json!({ "model": "volatility", "atr_factor": 1 })).atr_period(), Some(14));
    }

    #[test]
    fn a_fill_at_or_below_zero_stops_the_run() {
        let costs = slipping(json!({ "fixed_pips": 20_000 }));
        let sell = |base| {
            let (direction, moment) = (Direction::Short, Moment::Intrabar);
            let fill = Fill { direction, side: FillSide::Entry, base, index: 0, bar: 7, moment };
            rules(Variant::V2).fill_price(&costs, &fill).unwrap_err()
        };
        assert_eq!(sell(1.5).code().name, "non_positive_fill_price");
        assert_eq!(sell(2.0), ExecutionError::NonPositiveFillPrice { price: 0.0, bar: 7 });
        assert_eq!(sell(f64::NAN).code().name, "non_finite_value");
    }

    proptest! {
        /// Property, invariant 8 of execution.md 14: more slippage never moves a fill in favour of its owner.
        #[test]
        fn a_larger_multiplier_never_helps(
            model in prop::sample::select(vec!["fixed_random", "fixed", "jitter", "volatility", "none"]),
            (fixed, random, jitter, factor) in (0.0..5.0_f64, 0.0..5.0_f64, 0.0..1.0_f64, 0.0..2.0_f64),
            (low, high) in (0.0..3.0_f64, 0.0..3.0_f64),
            index: u64, long: bool, entry: bool, close: bool,
        ) {
            let slippage = json!({ "model": model, "fixed_pips": fixed, "random_pips": random, "base_pips": fixed,
                "jitter_factor": jitter, "atr_factor": factor });
            let direction = if long { Direction::Long } else { Direction::Short };
            let side = if entry { FillSide::Entry } else { FillSide::Exit };
            let moment = if close { Moment::Close } else { Moment::Intrabar };
            let filled = |multiplier: f64| {
                let settings = json!({ "costs": { "slippage_multiplier": multiplier } });
                let setup = Setup::new("EURUSD", 1e5).costs(json!({ "defaults": { "slippage": slippage } }));
                let costs = setup.config(settings).build().0.with_atr(Column::from(vec![0.0003, 0.0007]));
                let fill = Fill { direction, side, base: 1.1, index, bar: 1, moment };
                rules(Variant::V2).fill_price(&costs, &fill).unwrap()
            };
            let (less, more) = (filled(low.min(high)), filled(low.max(high)));
            let is_worse = if long == entry { 1.1 <= less && less <= more } else { more <= less && less <= 1.1 };
            prop_assert!(is_worse, "{less} {more}");
        }

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
