//! The order of things: load → prepare → simulate → report. This crate computes no price itself.
//!
//! It knows every crate of the engine and is known by the addon and by sweeps. It never looks at a file (`omega_data`
//! does), a clock, the environment or JavaScript. Read [`run`] first, then [`simulate`](mod@simulate).

mod aggregation;
pub mod book;
pub mod conversion;
mod desk;
pub mod entries;
pub mod error;
mod extended;
pub mod gates;
pub mod job;
pub mod journal;
pub mod load;
mod management;
mod meta;
pub mod news;
pub mod plan;
pub mod prepare;
mod pricing;
pub mod report;
pub mod result;
pub mod run;
pub mod sessions;
pub mod settle;
pub mod simulate;
pub mod story;
#[cfg(test)]
mod testing;
mod unsupported;

pub use aggregation::Sources;
pub use book::OrderCounts;
pub use conversion::PairCandles;
pub use desk::{Opened, Outcome};
pub use entries::{Entry, EntryLog, ExplainedEntry};
pub use error::{BacktestError, RunStop};
pub use gates::Gates;
pub use job::{DataSource, Job, RunOptions};
pub use journal::Journal;
pub use load::{Loaded, load};
pub use news::News;
pub use plan::{BarOrder, Plan};
pub use prepare::prepare;
pub use report::report;
pub use result::{BacktestResult, OpenPosition, Provenance, StrategyInfo, TimeframeInfo};
pub use run::{run_backtest, run_with_registry};
pub use sessions::Sessions;
pub use settle::{Role, Settled, check, settle};
pub use simulate::simulate;
