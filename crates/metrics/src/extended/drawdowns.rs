//! Time under water.

use omega_types::time::DAY_NS;

use super::ExtendedMetric;
use crate::{Domain, Goal, Kind, Metric, Source, Unit, statistics::mean};

/// `(E_e − E_s) / max_drawdown_abs`.
pub(super) const RECOVERY_FACTOR: ExtendedMetric = Metric {
    key: "recovery_factor",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Change of equity over max_drawdown_abs",
    compute: |facts| {
        let (equity, start) = (facts.core.equity, facts.core.account.initial_balance);
        let deepest = equity.drawdown.absolute;
        (deepest > 0.0).then(|| (equity.last - start) / deepest)
    },
};

/// Bars below the high over all bars.
pub(super) const TIME_IN_DRAWDOWN: ExtendedMetric = Metric {
    key: "time_in_drawdown",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::UnitInterval,
    source: Source::Equity,
    goal: Goal::Minimize,
    description: "Share of trading bars with equity below its running high",
    compute: |facts| match facts.core.equity.bars {
        0 => None,
        bars => Some(facts.water.bars_below as f64 / bars as f64),
    },
};

/// Mean depth of the episodes.
pub(super) const AVG_DRAWDOWN: ExtendedMetric = Metric {
    key: "avg_drawdown",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::UnitInterval,
    source: Source::Equity,
    goal: Goal::Minimize,
    description: "Mean depth of the drawdown episodes, each as a share of its high",
    compute: |facts| {
        let depths: Vec<f64> = facts.water.episodes.iter().map(|episode| episode.depth).collect();
        (!depths.is_empty()).then(|| mean(&depths))
    },
};

/// Mean length of the episodes.
pub(super) const AVG_DRAWDOWN_DURATION_BARS: ExtendedMetric = Metric {
    key: "avg_drawdown_duration_bars",
    unit: Unit::MeanBars,
    kind: Kind::NumberOrMissing,
    domain: Domain::NonNegative,
    source: Source::Equity,
    goal: Goal::Minimize,
    description: "Mean number of bars from a high to its recovery or to the end",
    compute: |facts| {
        let lengths: Vec<f64> = facts.water.episodes.iter().map(|episode| episode.bars as f64).collect();
        (!lengths.is_empty()).then(|| mean(&lengths))
    },
};

/// Length of the episode of `max_drawdown`.
pub(super) const DEEPEST_DRAWDOWN_DURATION_BARS: ExtendedMetric = Metric {
    key: "deepest_drawdown_duration_bars",
    unit: Unit::Bars,
    kind: Kind::NumberOrMissing,
    domain: Domain::NonNegative,
    source: Source::Equity,
    goal: Goal::Minimize,
    description: "Bars from the high before max_drawdown to its recovery or to the end",
    compute: |facts| facts.water.deepest().map(|episode| episode.bars as f64),
};

/// The longest episode in time; 0 without a drawdown.
pub(super) const MAX_DRAWDOWN_DURATION_DAYS: ExtendedMetric = Metric {
    key: "max_drawdown_duration_days",
    unit: Unit::DaysAndParts,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Equity,
    goal: Goal::Minimize,
    description: "Days from the high to its recovery or to the end, of the episode with the most bars",
    compute: |facts| {
        let Some(longest) = facts.water.longest() else { return Some(0.0) };
        let at = |bar: Option<usize>| facts.trading_time.get(bar.unwrap_or(0)).or(facts.trading_time.last());
        // The start before the first bar has no stamp of its own.
        let end = longest.recovery.unwrap_or(facts.trading_time.len().saturating_sub(1));
        let elapsed_ns = i128::from(*at(Some(end))?) - i128::from(*at(longest.peak)?);
        Some(elapsed_ns as f64 / DAY_NS as f64)
    },
};
