//! The conditions of one direction (strategy specification 4.1, 4.2).

use omega_types::{Bar, BarSet, Column, Direction, Market, Signal};

use super::{side_parameters::SideParameters, trend_filter::TrendFilters};
use crate::round_price;

/// Everything that entries of one direction read, one value per primary bar. Columns of scenarios that are off are
/// absent.
#[derive(Debug, Clone)]
pub(super) struct Side {
    pub(super) direction: Direction,
    pub(super) parameters: SideParameters,
    pub(super) prices: Prices,
    /// Scenario 1.
    pub(super) classic: Option<Classic>,
    /// Scenarios 2 and 3.
    pub(super) band: Option<Band>,
    /// EMA of scenario 3.
    pub(super) target: Option<Column>,
    pub(super) trend: TrendFilters,
    /// Places of stop and target.
    pub(super) decimals: u32,
}

/// Primary prices. Bid unless the name says ask.
#[derive(Debug, Clone)]
pub(super) struct Prices {
    pub(super) high: Column,
    pub(super) low: Column,
    pub(super) close: Column,
    pub(super) ask_close: Column,
}

impl Prices {
    pub(super) fn of(market: &Market) -> Self {
        let quotes = &market.primary.quotes;
        Self {
            high: quotes.bid.high.clone(),
            low: quotes.bid.low.clone(),
            close: quotes.bid.close.clone(),
            ask_close: quotes.ask.close.clone(),
        }
    }
}

/// Columns of scenario 1: z-score around the EMA.
#[derive(Debug, Clone)]
pub(super) struct Classic {
    pub(super) z: Column,
    pub(super) ema: Column,
    /// Bid for long, ask for short.
    pub(super) atr: Column,
}

/// Columns of scenarios 2 and 3: Kalman z-score and Bollinger band.
#[derive(Debug, Clone)]
pub(super) struct Band {
    pub(super) z: Column,
    pub(super) upper: Column,
    pub(super) mid: Column,
    pub(super) lower: Column,
    pub(super) atr: Column,
}

impl Band {
    /// The edge that price has to reach for an entry of `direction`.
    pub(super) fn edge(&self, direction: Direction) -> &Column {
        match direction {
            Direction::Long => &self.lower,
            Direction::Short => &self.upper,
        }
    }
}

/// The value at `bar`; `None` if it is undefined.
pub(super) fn at(column: &Column, bar: Bar) -> Option<f64> {
    column.get(bar).copied().filter(|value| value.is_finite())
}

impl Side {
    /// The signal of `scenario` at the close of `bar`, if all of its conditions hold.
    pub(super) fn signal(&self, scenario: u8, bar: Bar) -> Option<Signal> {
        let (target, atr) = match scenario {
            1 => self.classic_levels(bar)?,
            2 => self.band_levels(bar)?,
            3 => self.average_levels(bar)?,
            _ => return None,
        };
        let stop = match self.direction {
            Direction::Long => at(&self.prices.low, bar)? - self.parameters.atr_mult * atr,
            Direction::Short => at(&self.prices.high, bar)? + self.parameters.atr_mult * atr,
        };
        stop.is_finite().then_some(())?;
        Some(Signal {
            entry_price: Some(self.entry(bar)?),
            stop_loss: Some(round_price(stop, self.decimals)),
            take_profit: Some(round_price(target, self.decimals)),
            scenario_id: scenario,
            ..Signal::market(self.direction)
        })
    }

    /// Adds every bar on which `scenario` may signal: its column conditions without filters and definedness.
    pub(super) fn mark(&self, scenario: u8, bars: &mut BarSet) {
        let threshold = self.parameters.threshold(self.direction);
        let stretched = |z: &[f64]| match self.direction {
            Direction::Long => bits(z, |x| x <= threshold),
            Direction::Short => bits(z, |x| x >= threshold),
        };
        let words = bars.words_mut().iter_mut();
        match (scenario, &self.classic, &self.band) {
            (1, Some(classic), _) => {
                for (word, z) in words.zip(classic.z.chunks(64)) {
                    *word |= stretched(z);
                }
            }
            (2 | 3, _, Some(band)) => {
                let prices = self.prices.close.chunks(64).zip(band.edge(self.direction).chunks(64));
                for ((word, z), (close, edge)) in words.zip(band.z.chunks(64)).zip(prices) {
                    *word |= stretched(z)
                        & match self.direction {
                            Direction::Long => pair_bits(close, edge, |close, edge| close <= edge),
                            Direction::Short => pair_bits(close, edge, |close, edge| close >= edge),
                        };
                }
            }
            _ => {}
        }
    }

    /// The close of the opening side.
    fn entry(&self, bar: Bar) -> Option<f64> {
        match self.direction {
            Direction::Long => at(&self.prices.ask_close, bar),
            Direction::Short => at(&self.prices.close, bar),
        }
    }

    /// Has `z` reached the threshold?
    fn is_extreme(&self, z: f64) -> bool {
        let threshold = self.parameters.threshold(self.direction);
        match self.direction {
            Direction::Long => z <= threshold,
            Direction::Short => z >= threshold,
        }
    }

    /// Scenario 1: target and ATR.
    fn classic_levels(&self, bar: Bar) -> Option<(f64, f64)> {
        let classic = self.classic.as_ref()?;
        self.is_extreme(at(&classic.z, bar)?).then_some(())?;
        Some((at(&classic.ema, bar)?, at(&classic.atr, bar)?))
    }

    /// Scenario 2: target and ATR.
    fn band_levels(&self, bar: Bar) -> Option<(f64, f64)> {
        let band = self.stretched_band(bar)?;
        Some((at(&band.mid, bar)?, at(&band.atr, bar)?))
    }

    /// Scenario 3: target and ATR.
    fn average_levels(&self, bar: Bar) -> Option<(f64, f64)> {
        let band = self.stretched_band(bar)?;
        let ema = at(self.target.as_ref()?, bar)?;
        let (entry, distance) = (self.entry(bar)?, self.parameters.tp_min_distance);
        let is_far = match self.direction {
            Direction::Long => ema > entry + distance,
            Direction::Short => ema < entry - distance,
        };
        is_far.then_some(())?;
        Some((ema, at(&band.atr, bar)?))
    }

    /// The conditions that scenarios 2 and 3 share.
    fn stretched_band(&self, bar: Bar) -> Option<&Band> {
        let band = self.band.as_ref()?;
        let (close, edge) = (at(&self.prices.close, bar)?, at(band.edge(self.direction), bar)?);
        let is_outside = match self.direction {
            Direction::Long => close <= edge,
            Direction::Short => close >= edge,
        };
        (self.is_extreme(at(&band.z, bar)?) && is_outside && self.trend.pass(bar)).then_some(band)
    }
}

/// One bit per value, for up to 64 values.
fn bits(values: &[f64], holds: impl Fn(f64) -> bool) -> u64 {
    values.iter().enumerate().fold(0, |word, (bit, value)| word | u64::from(holds(*value)) << bit)
}

/// One bit per pair of values, for up to 64 pairs.
fn pair_bits(a: &[f64], b: &[f64], holds: impl Fn(f64, f64) -> bool) -> u64 {
    a.iter().zip(b).enumerate().fold(0, |word, (bit, (a, b))| word | u64::from(holds(*a, *b)) << bit)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mean_reversion_z_score::trend_filter::{TrendFilter, TrendRule};

    /// One bar: bid low 1.0, close 1.1, high 1.2, ask close 1.15; threshold ∓2, stop one ATR away.
    fn side(direction: Direction, z: f64, ema: f64, atr: f64) -> Side {
        let parameters = json!({
            "ema_length": 1, "atr_length": 1, "atr_mult": 1.0, "b_b_length": 2, "std_factor": 2.0, "window_length": 2,
            "z_score_long": -2.0, "z_score_short": 2.0, "kalman_r": 0.01, "kalman_q": 1.0, "tp_min_distance": 0.25,
            "htf_tf": "NONE", "htf_ema": 1, "htf_filter": "none", "extra_htf_tf": "NONE", "extra_htf_ema": 1,
            "extra_htf_filter": "none", "htf_min_filters_required": null
        });
        let column = |value: f64| Column::from(vec![value]);
        let filter = TrendFilter { rule: TrendRule::None, timeframe: None, ema_length: 1, series: None };
        Side {
            direction,
            parameters: serde_json::from_value(parameters).unwrap(),
            prices: Prices { high: column(1.2), low: column(1.0), close: column(1.1), ask_close: column(1.15) },
            classic: Some(Classic { z: column(z), ema: column(ema), atr: column(atr) }),
            band: Some(Band {
                z: column(z),
                upper: column(1.1),
                mid: column(f64::NAN),
                lower: column(1.1),
                atr: column(atr),
            }),
            target: Some(column(ema)),
            trend: TrendFilters { filters: [filter.clone(), filter], required: None },
            decimals: 5,
        }
    }

    fn levels(side: &Side, scenario: u8) -> Option<(f64, f64, f64)> {
        let signal = side.signal(scenario, 0)?;
        Some((signal.entry_price?, signal.stop_loss?, signal.take_profit?))
    }

    #[test]
    fn thresholds_are_inclusive_and_the_stop_lies_beyond_the_extreme() {
        assert_eq!(levels(&side(Direction::Long, -2.0, 1.3, 0.1), 1), Some((1.15, 0.9, 1.3)));
        assert_eq!(levels(&side(Direction::Short, 2.0, 1.0, 0.1), 1), Some((1.1, 1.3, 1.0)));
        assert_eq!(levels(&side(Direction::Long, -1.9, 1.3, 0.1), 1), None);
    }

    #[test]
    fn undefined_is_nan_or_infinite() {
        for undefined in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for scenario in [1, 3] {
                assert_eq!(levels(&side(Direction::Long, undefined, 1.5, 0.1), scenario), None);
                assert_eq!(levels(&side(Direction::Long, -3.0, undefined, 0.1), scenario), None);
                assert_eq!(levels(&side(Direction::Long, -3.0, 1.5, undefined), scenario), None);
                assert_eq!(levels(&side(Direction::Short, 3.0, undefined, 0.1), scenario), None);
            }
        }
        assert_eq!(levels(&side(Direction::Long, -3.0, 1.5, f64::MAX), 1).map(|l| l.1.is_finite()), Some(true));
    }

    /// A close on the band qualifies; the middle of the band is NaN here, which concerns scenario 2 alone. The
    /// distances of the EMA are strict: long 1.15 + 0.25, short 1.1 − 0.25.
    #[test]
    fn scenario_3_does_without_the_middle_of_the_band() {
        let long = |ema: f64| levels(&side(Direction::Long, -3.0, ema, 0.1), 3);
        assert_eq!(long(1.5), Some((1.15, 0.9, 1.5)));
        assert_eq!(long(1.15 + 0.25), None);
        let short = |ema: f64| levels(&side(Direction::Short, 3.0, ema, 0.1), 3);
        assert_eq!(short(0.5), Some((1.1, 1.3, 0.5)));
        assert_eq!(short(1.1 - 0.25), None);
        assert_eq!(levels(&side(Direction::Long, -3.0, 1.5, 0.1), 2), None);
    }

    /// Property: words agree with the plain comparison on every bar, also past a multiple of 64.
    #[test]
    fn bits_stand_for_bars() {
        let values: Vec<f64> = (0..64).map(|i| f64::from(i % 3)).collect();
        for (bit, value) in values.iter().enumerate() {
            assert_eq!(bits(&values, |x| x <= 0.0) >> bit & 1 == 1, *value <= 0.0);
            assert_eq!(pair_bits(&values, &values, |a, b| a < b), 0);
        }
        assert_eq!(bits(&[f64::NAN, -1.0], |x| x <= 0.0), 0b10);
    }
}
