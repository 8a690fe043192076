//! Daily returns: their spread, their extremes and the daily drawdowns.

use super::ExtendedMetric;
use crate::{
    Domain, Goal, Kind, Metric, Source, Unit,
    statistics::{mean, sample_deviation},
};

/// `sd r × sqrt(periods per year)`.
pub(super) const VOLATILITY_ANNUAL: ExtendedMetric = Metric {
    key: "volatility_annual",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::NonNegative,
    source: Source::Equity,
    goal: Goal::Minimize,
    description: "Sample standard deviation of daily equity returns, times the root of {periods_per_year}",
    compute: |facts| Some(sample_deviation(&facts.daily, mean(&facts.daily))? * facts.periods_per_year.sqrt()),
};

/// Largest daily return.
pub(super) const BEST_DAY: ExtendedMetric = Metric {
    key: "best_day",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Largest daily return of equity",
    compute: |facts| facts.daily_ascending.last().copied(),
};

/// Smallest daily return.
pub(super) const WORST_DAY: ExtendedMetric = Metric {
    key: "worst_day",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Smallest daily return of equity",
    compute: |facts| facts.daily_ascending.first().copied(),
};

/// `sqrt(mean(d²))`, `d = 100 × (M − D) / M`, `M` the running high of the daily closes; 0 where that is zero or less.
///
/// Source: P. Martin, B. McCann, *The Investor's Guide to Fidelity Funds*, 1989; the first day is the first high.
pub(super) const ULCER_INDEX_DAILY: ExtendedMetric = Metric {
    key: "ulcer_index_daily",
    unit: Unit::Percent,
    kind: Kind::NumberOrMissing,
    domain: Domain::NonNegative,
    source: Source::Equity,
    goal: Goal::Minimize,
    description: "Root mean square of the percentage falls of daily closing equity below its running high",
    compute: |facts| {
        let closes = &facts.core.equity.daily_closes;
        let mut high = f64::NEG_INFINITY;
        let mut sum = 0.0;
        for &close in closes {
            high = high.max(close);
            let fall = if high > 0.0 { 100.0 * (high - close) / high } else { 0.0 };
            sum += fall * fall;
        }
        (closes.len() >= 2).then(|| (sum / closes.len() as f64).sqrt())
    },
};
