//! Money made, before and after fees.

use crate::{Domain, Goal, Kind, Metric, Source, Unit};

/// `sum p`.
pub(crate) const PROFIT_GROSS: Metric = Metric {
    key: "profit_gross",
    unit: Unit::AccountCurrency,
    kind: Kind::Number,
    domain: Domain::Any,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Sum of all trade results before explicit fees, spread and slippage included",
    compute: |facts| Some(facts.trades.profit_gross),
};

/// Every fee charged in the run.
pub(crate) const FEES_TOTAL: Metric = Metric {
    key: "fees_total",
    unit: Unit::AccountCurrency,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Minimize,
    description: "Sum of all explicit fees charged in the run, entry fees of positions still open included",
    compute: |facts| Some(facts.account.fees_total),
};

/// `profit_gross − fees_total`, both unrounded.
pub(crate) const PROFIT_NET: Metric = Metric {
    key: "profit_net",
    unit: Unit::AccountCurrency,
    kind: Kind::Number,
    domain: Domain::Any,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Gross profit minus all explicit fees",
    compute: |facts| Some(facts.profit_net()),
};

/// `profit_net / n`, 0 without trades.
pub(crate) const AVG_TRADE_PNL: Metric = Metric {
    key: "avg_trade_pnl",
    unit: Unit::AccountCurrency,
    kind: Kind::Number,
    domain: Domain::Any,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Net profit per trade",
    compute: |facts| match facts.trades.count {
        0 => Some(0.0),
        n => Some(facts.profit_net() / n as f64),
    },
};
