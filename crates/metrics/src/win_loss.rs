//! Winning trades against losing ones, before fees.

use crate::{Domain, Goal, Kind, Metric, Source, Unit};

/// `sum of wins / |sum of losses|`; 0 without losses, also when every trade wins.
pub(crate) const PROFIT_FACTOR: Metric = Metric {
    key: "profit_factor",
    unit: Unit::Ratio,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Sum of positive results over absolute sum of negative results; 0 without losses",
    compute: |facts| match facts.trades.losses {
        0 => Some(0.0),
        _ => Some(facts.trades.won / facts.trades.lost.abs()),
    },
};

/// Mean positive result.
pub(crate) const AVG_WIN: Metric = Metric {
    key: "avg_win",
    unit: Unit::AccountCurrency,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Mean of the positive results before fees; 0 without any",
    compute: |facts| match facts.trades.wins {
        0 => Some(0.0),
        n => Some(facts.trades.won / n as f64),
    },
};

/// Absolute mean negative result.
pub(crate) const AVG_LOSS: Metric = Metric {
    key: "avg_loss",
    unit: Unit::AccountCurrency,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Minimize,
    description: "Absolute mean of the negative results before fees; 0 without any",
    compute: |facts| match facts.trades.losses {
        0 => Some(0.0),
        n => Some((facts.trades.lost / n as f64).abs()),
    },
};

/// Largest positive result.
pub(crate) const LARGEST_WIN: Metric = Metric {
    key: "largest_win",
    unit: Unit::AccountCurrency,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Largest positive result before fees; 0 without any",
    compute: |facts| Some(facts.trades.largest_win),
};

/// Absolute smallest negative result.
pub(crate) const LARGEST_LOSS: Metric = Metric {
    key: "largest_loss",
    unit: Unit::AccountCurrency,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Minimize,
    description: "Absolute value of the most negative result before fees; 0 without any",
    compute: |facts| Some(facts.trades.largest_loss.abs()),
};
