//! How often the run traded.

use crate::{Domain, Goal, Kind, Metric, Source, Unit};

/// Distinct UTC dates of entries.
pub(crate) const ACTIVE_DAYS: Metric = Metric {
    key: "active_days",
    unit: Unit::Days,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Number of distinct UTC dates on which a trade was entered",
    compute: |facts| Some(facts.trades.active_days as f64),
};

/// `n / active_days`, 0 without trades.
pub(crate) const TRADES_PER_DAY: Metric = Metric {
    key: "trades_per_day",
    unit: Unit::Trades,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Trades per active day",
    compute: |facts| match facts.trades.active_days {
        0 => Some(0.0),
        days => Some(facts.trades.count as f64 / days as f64),
    },
};
