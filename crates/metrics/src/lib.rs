//! Trades and equity in, numbers out: every figure of `metrics.json` and `metrics_extended.json`.
//!
//! This crate knows no file, no market and no rule of trading. It reads closed trades and listens to the equity of a run;
//! nothing is rounded before the very end. Read [`table`] first, then [`extended`].

mod activity;
mod calmar;
mod counts;
mod daily;
pub mod drawdown;
pub mod extended;
pub mod facts;
pub mod metric;
mod profit;
mod r_multiple;
mod statistics;
pub mod table;
#[cfg(test)]
mod testing;
mod win_loss;

pub use daily::DailyCloses;
pub use drawdown::{Drawdown, DrawdownListener};
pub use extended::{
    Benchmark, EXTENDED_METRICS, Extended, ExtendedEquity, ExtendedFacts, ExtendedInputs, ExtendedMetric,
    PeriodsPerYear, facts::ExtendedCollector,
};
pub use facts::{AccountFacts, EquityCollector, EquityFacts, Facts, TradeFacts};
pub use metric::{Core, Domain, Goal, Kind, Metric, MetricValue, Source, Unit};
pub use table::{METRICS, catalogue, core_metrics, definitions, values};
