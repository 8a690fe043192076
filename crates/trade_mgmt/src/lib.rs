//! What happens to open positions: the rules of execution.md 8.
//!
//! A pure decision layer: it reads snapshots, keeps its own state per position and returns decisions. It never touches
//! prices, cash or the book, and knows no clock and no randomness. Whoever runs the loop executes what it decides.
//!
//! Read [`manager`] first. A rule is one file in `rules/` and one line in the table there.

mod decision;
mod distance;
mod glance;
mod kill_switch;
pub mod manager;
mod memory;
mod part;
mod protection;
mod reader;
mod resolve;
mod rule_set;
mod rules;
mod scan;

#[cfg(test)]
mod testing;

pub use decision::{Decision, Decisions, Levels};
pub use manager::{Inputs, Management, Manager};
pub use protection::Protection;
pub use rule_set::{Facts, RuleSet};
pub use rules::session_end::SessionEnd;
