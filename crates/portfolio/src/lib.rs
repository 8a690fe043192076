//! Fills become positions, cash and equity.
//!
//! The crate keeps the books of one run: which positions are open, what the account holds, which trades are done and
//! what the account was worth at every bar. It decides nothing and knows neither signals nor gates; prices, fees and
//! conversion come from `omega_execution`. Read [`account`] first.

pub mod account;
mod curve;
mod excursion;
mod extremes;
mod memory;
pub mod position;
pub mod tape;
#[cfg(test)]
mod testing;
pub mod valuation;

pub use account::{Account, Closing, Inconsistency, Opening};
pub use position::Position;
pub use tape::Tape;
pub use valuation::{Marks, Valuation};
