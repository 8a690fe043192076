//! Indicators that measure speed and strength of a move.

mod change;
mod macd;
mod roc;
mod rsi;

pub use change::Momentum;
pub use macd::Macd;
pub use roc::Roc;
pub use rsi::Rsi;
