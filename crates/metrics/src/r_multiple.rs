//! Results in units of the intended risk (decisions.md 28). Trades without an intended risk are left out.

use crate::{
    Domain, Facts, Goal, Kind, Metric, Source, Unit,
    statistics::{downside_deviation, mean, ratio, sample_deviation},
};

/// Mean R: 0 without trades, undefined if there are trades and none has an R.
pub(crate) const AVG_R_MULTIPLE: Metric = Metric {
    key: "avg_r_multiple",
    unit: Unit::RMultiple,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Mean of result over intended risk",
    compute: mean_r,
};

/// The same number under its usual name.
pub(crate) const EXPECTANCY: Metric = Metric {
    key: "expectancy",
    unit: Unit::RMultiple,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Expected result of a trade in units of intended risk; equals avg_r_multiple",
    compute: mean_r,
};

/// `mean R / sd R`, not annualised.
pub(crate) const SHARPE_TRADE_R: Metric = Metric {
    key: "sharpe_trade_r",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Mean over sample standard deviation of result over intended risk, not annualised",
    compute: |facts| {
        let r = &facts.trades.r;
        let mean = mean(r);
        ratio(mean, sample_deviation(r, mean)?)
    },
};

/// `mean R / dd R`, not annualised.
pub(crate) const SORTINO_TRADE_R: Metric = Metric {
    key: "sortino_trade_r",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Mean over downside deviation of result over intended risk, not annualised",
    compute: |facts| {
        let r = &facts.trades.r;
        ratio(mean(r), downside_deviation(r)?)
    },
};

fn mean_r(facts: &Facts<'_>) -> Option<f64> {
    let r = &facts.trades.r;
    if r.is_empty() && facts.trades.count > 0 { None } else { Some(mean(r)) }
}
