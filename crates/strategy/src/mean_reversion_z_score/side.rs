//! The conditions of one direction (strategy specification 4.1, 4.2).

use omega_types::{Bar, BarSet, Column, Direction, Market, Signal};

use super::{
    cluster_guard::ClusterGuard, garch_score::GarchScore, overlay_filter::OverlayFilter,
    side_parameters::SideParameters, trend_filter::TrendFilters,
};
use crate::round_price;

/// Everything that entries of one direction read, one value per primary bar. What belongs to scenarios that are off is
/// absent.
#[derive(Debug, Clone)]
pub(super) struct Side {
    pub(super) direction: Direction,
    pub(super) parameters: SideParameters,
    pub(super) prices: Prices,
    /// Scenario 1.
    pub(super) classic: Option<Classic>,
    /// Scenarios 2 to 6.
    pub(super) band: Option<Band>,
    /// Kalman z-score of scenarios 2, 3, 5 and 6.
    pub(super) kalman: Option<Column>,
    /// EMA of scenario 3.
    pub(super) target: Option<Column>,
    /// Scenario 4.
    pub(super) garch: Option<GarchScore>,
    /// Scenario 5.
    pub(super) clusters: Option<ClusterGuard>,
    /// Scenario 6.
    pub(super) overlay: Option<OverlayFilter>,
    /// Scenarios 2 to 6.
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

/// Columns of scenarios 2 to 6: Bollinger band and the ATR of their stops.
#[derive(Debug, Clone)]
pub(super) struct Band {
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

    /// The middle of the band, which is the target, and the ATR.
    fn levels(&self, bar: Bar) -> Option<(f64, f64)> {
        Some((at(&self.mid, bar)?, at(&self.atr, bar)?))
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
            4 => self.garch_levels(bar)?,
            5 => self.cluster_levels(bar)?,
            6 => self.overlay_levels(bar)?,
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

    /// Adds every bar on which `scenario` may signal: its column conditions without filters, guards and definedness.
    pub(super) fn mark(&self, scenario: u8, bars: &mut BarSet) {
        let (scores, edge) = match scenario {
            1 => (self.classic.as_ref().map(|classic| &classic.z), None),
            4 => (self.garch.as_ref().and_then(GarchScore::column), self.edge()),
            _ => (self.kalman.as_ref(), self.edge()),
        };
        if scores.is_none() && edge.is_none() {
            return;
        }
        let threshold = self.parameters.threshold(self.direction);
        let stretched = |z: &[f64]| match self.direction {
            Direction::Long => bits(z, |x| x <= threshold),
            Direction::Short => bits(z, |x| x >= threshold),
        };
        let outside = |close: &[f64], edge: &[f64]| match self.direction {
            Direction::Long => pair_bits(close, edge, |close, edge| close <= edge),
            Direction::Short => pair_bits(close, edge, |close, edge| close >= edge),
        };
        for (index, word) in bars.words_mut().iter_mut().enumerate() {
            let by_score = scores.map_or(u64::MAX, |z| stretched(block(z, index)));
            let by_band = edge.map_or(u64::MAX, |edge| outside(block(&self.prices.close, index), block(edge, index)));
            *word |= by_score & by_band;
        }
    }

    fn edge(&self) -> Option<&Column> {
        Some(self.band.as_ref()?.edge(self.direction))
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
        self.stretched_band(bar)?.levels(bar)
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

    /// Scenario 4: target and ATR. The z-score comes last, because it may have to be computed first.
    fn garch_levels(&self, bar: Bar) -> Option<(f64, f64)> {
        let levels = self.reached_band(bar)?.levels(bar)?;
        self.is_extreme(self.garch.as_ref()?.at(&self.prices.close, bar)?).then_some(levels)
    }

    /// Scenario 5: target and ATR of scenario 2.
    fn cluster_levels(&self, bar: Bar) -> Option<(f64, f64)> {
        let levels = self.band_levels(bar)?;
        self.clusters.as_ref()?.passes(&self.prices.close, bar).then_some(levels)
    }

    /// Scenario 6: target and ATR of scenario 2.
    fn overlay_levels(&self, bar: Bar) -> Option<(f64, f64)> {
        let levels = self.band_levels(bar)?;
        self.overlay.as_ref()?.passes(bar, self.direction).then_some(levels)
    }

    /// The conditions that scenarios 2, 3, 5 and 6 share.
    fn stretched_band(&self, bar: Bar) -> Option<&Band> {
        self.is_extreme(at(self.kalman.as_ref()?, bar)?).then_some(())?;
        self.reached_band(bar)
    }

    /// The conditions that scenarios 2 to 6 share: the close is at the band or beyond, and the trend filters pass.
    fn reached_band(&self, bar: Bar) -> Option<&Band> {
        let band = self.band.as_ref()?;
        let (close, edge) = (at(&self.prices.close, bar)?, at(band.edge(self.direction), bar)?);
        let is_outside = match self.direction {
            Direction::Long => close <= edge,
            Direction::Short => close >= edge,
        };
        (is_outside && self.trend.pass(bar)).then_some(band)
    }
}

/// The 64 values that word `index` of a [`BarSet`] stands for; fewer at the end.
fn block(column: &Column, index: usize) -> &[f64] {
    column.chunks(64).nth(index).unwrap_or_default()
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
    use crate::mean_reversion_z_score::{
        testing::plan,
        trend_filter::{TrendFilter, TrendRule},
    };

    /// One bar: bid low 1.0, close 1.1, high 1.2, ask close 1.15; threshold ∓2, stop one ATR away. Every z-score is `z`.
    fn side(direction: Direction, z: f64, ema: f64, atr: f64) -> Side {
        let changes = json!({ "atr_mult": 1, "z_score_long": -2, "z_score_short": 2, "tp_min_distance": 0.25 });
        let column = |value: f64| Column::from(vec![value]);
        let filter = TrendFilter { rule: TrendRule::None, timeframe: None, ema_length: 1, series: None };
        Side {
            direction,
            parameters: plan(direction, changes).parameters,
            prices: Prices { high: column(1.2), low: column(1.0), close: column(1.1), ask_close: column(1.15) },
            classic: Some(Classic { z: column(z), ema: column(ema), atr: column(atr) }),
            band: Some(Band { upper: column(1.1), mid: column(f64::NAN), lower: column(1.1), atr: column(atr) }),
            kalman: Some(column(z)),
            target: Some(column(ema)),
            garch: Some(GarchScore::Global(column(z))),
            clusters: None,
            overlay: None,
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

    /// Scenario 4 compares its own z-score and aims at the middle of the band; without that it says nothing.
    #[test]
    fn scenario_4_reads_the_garch_score_alone() {
        let with = |direction, z: f64, mid: f64| {
            let mut side = side(direction, f64::NAN, f64::NAN, 0.1);
            side.garch = Some(GarchScore::Global(vec![z].into()));
            side.band.as_mut().unwrap().mid = vec![mid].into();
            levels(&side, 4)
        };
        assert_eq!(with(Direction::Long, -2.0, 1.3), Some((1.15, 0.9, 1.3)));
        assert_eq!(with(Direction::Short, 2.0, 1.0), Some((1.1, 1.3, 1.0)));
        assert_eq!(with(Direction::Long, -1.9, 1.3), None);
        assert_eq!(with(Direction::Short, 1.9, 1.0), None);
        assert_eq!(with(Direction::Long, -2.0, f64::NAN), None);
        for undefined in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(with(Direction::Long, undefined, 1.3), None);
            assert_eq!(with(Direction::Short, undefined, 1.0), None);
        }
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
