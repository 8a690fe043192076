//! Indicators that smooth a series, and that tell how directed it is.

mod dema;
mod dmi;
mod ema;
mod sma;
mod tema;

pub use dema::Dema;
pub use dmi::Dmi;
pub use ema::Ema;
pub use sma::Sma;
pub use tema::Tema;
