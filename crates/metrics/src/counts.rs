//! How many trades, and how many of them won.

use crate::{Domain, Goal, Kind, Metric, Source, Unit};

/// Closed trade records.
pub(crate) const TOTAL_TRADES: Metric = Metric {
    key: "total_trades",
    unit: Unit::Count,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Number of closed trades; a partial close counts as one, positions still open do not",
    compute: |facts| Some(facts.trades.count as f64),
};

/// Results above zero.
pub(crate) const WINS: Metric = Metric {
    key: "wins",
    unit: Unit::Count,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Number of trades with a positive result before fees",
    compute: |facts| Some(facts.trades.wins as f64),
};

/// Results below zero.
pub(crate) const LOSSES: Metric = Metric {
    key: "losses",
    unit: Unit::Count,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Minimize,
    description: "Number of trades with a negative result before fees",
    compute: |facts| Some(facts.trades.losses as f64),
};

/// `wins / n`, 0 without trades.
pub(crate) const WIN_RATE: Metric = Metric {
    key: "win_rate",
    unit: Unit::Ratio,
    kind: Kind::Number,
    domain: Domain::UnitInterval,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Share of trades with a positive result",
    compute: |facts| match facts.trades.count {
        0 => Some(0.0),
        n => Some(facts.trades.wins as f64 / n as f64),
    },
};
