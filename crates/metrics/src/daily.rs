//! Equity by UTC day, and the ratios of its daily returns.

use omega_types::{
    equity::{EquityListener, EquityStretch},
    time::DAY_NS,
};

use crate::{
    Domain, EquityFacts, Goal, Kind, Metric, Source, Unit,
    statistics::{downside_deviation, mean, ratio, sample_deviation},
};

const TRADING_DAYS: f64 = 252.0;

/// `mean r / sd r × sqrt(252)`.
pub(crate) const SHARPE_EQUITY_DAILY: Metric = Metric {
    key: "sharpe_equity_daily",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Mean over sample standard deviation of daily equity returns, times sqrt(252)",
    compute: |facts| {
        let returns = facts.equity.daily_returns();
        let mean = mean(&returns);
        Some(ratio(mean, sample_deviation(&returns, mean)?)? * TRADING_DAYS.sqrt())
    },
};

/// `mean r / dd r × sqrt(252)`.
pub(crate) const SORTINO_EQUITY_DAILY: Metric = Metric {
    key: "sortino_equity_daily",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Mean over downside deviation of daily equity returns, times sqrt(252)",
    compute: |facts| {
        let returns = facts.equity.daily_returns();
        Some(ratio(mean(&returns), downside_deviation(&returns)?)? * TRADING_DAYS.sqrt())
    },
};

impl EquityFacts {
    /// `(D[j+1] − D[j]) / D[j]`; pairs that start at zero or less are left out.
    pub fn daily_returns(&self) -> Vec<f64> {
        let pairs = self.daily_closes.iter().zip(self.daily_closes.iter().skip(1));
        pairs.filter(|&(&from, _)| from > 0.0).map(|(from, to)| (to - from) / from).collect()
    }
}

/// Keeps the last equity of each UTC day that has a bar; the day is that of the bar's open time.
#[derive(Debug, Clone)]
pub struct DailyCloses<'a> {
    time: &'a [i64],
    open_day: Option<(i64, f64)>,
    closes: Vec<f64>,
}

impl<'a> DailyCloses<'a> {
    /// `time` are the open times of all bars that the stretches are numbered by.
    pub const fn new(time: &'a [i64]) -> Self {
        Self { time, open_day: None, closes: Vec::new() }
    }

    /// One equity per day, in order.
    pub fn finish(mut self) -> Vec<f64> {
        self.closes.extend(self.open_day.map(|(_, close)| close));
        self.closes
    }
}

impl EquityListener for DailyCloses<'_> {
    fn stretch(&mut self, stretch: &dyn EquityStretch) {
        let mut start = stretch.bars().start;
        let mut rest = self.time.get(stretch.bars()).unwrap_or_default();
        while let (Some(first), Some(last)) = (rest.first(), rest.last()) {
            let day = first.div_euclid(DAY_NS);
            let bars = match last.div_euclid(DAY_NS) == day {
                true => rest.len(),
                false => rest.partition_point(|time| time.div_euclid(DAY_NS) <= day).max(1),
            };
            if let Some((_, close)) = self.open_day.filter(|&(open, _)| open != day) {
                self.closes.push(close);
            }
            self.open_day = Some((day, stretch.at(start + bars - 1)));
            start += bars;
            rest = &rest[bars..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::PlainStretch;

    const HOUR_NS: i64 = DAY_NS / 24;

    #[test]
    fn a_day_closes_with_its_last_bar_however_the_bars_are_cut() {
        // Bars every 5 hours from the epoch: 5 on day 0 (0..20 h), 5 on day 1 (25..45 h), 2 on day 2, then a gap to day 9.
        let mut time: Vec<i64> = (0..12).map(|i| i * 5 * HOUR_NS).collect();
        time.push(9 * DAY_NS);
        let equity: Vec<f64> = (0..13).map(f64::from).collect();
        for cuts in [&[][..], &[5], &[4, 5, 6], &[1, 2, 3, 12]] {
            let mut days = DailyCloses::new(&time);
            for stretch in PlainStretch::cut(&equity, cuts) {
                days.stretch(&stretch);
            }
            assert_eq!(days.finish(), [4.0, 9.0, 11.0, 12.0]);
        }
    }

    #[test]
    fn returns_skip_days_that_start_at_zero_or_less() {
        let facts = EquityFacts { daily_closes: vec![100.0, 0.0, 50.0, -10.0, 20.0, 30.0], ..EquityFacts::default() };
        // By hand: (0-100)/100, [0 skipped], (-10-50)/50, [-10 skipped], (30-20)/20.
        assert_eq!(facts.daily_returns(), [-1.0, -1.2, 0.5]);
    }
}
