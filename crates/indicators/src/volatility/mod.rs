//! Indicators that measure how far prices move.

mod atr;
mod bollinger;

pub use atr::Atr;
pub use bollinger::Bollinger;
