//! `mean_reversion_z_score`: fades moves that a z-score calls extreme.
//!
//! Built are scenario 1 (classic z-score against an EMA) and scenarios 2 and 3 (Kalman z-score beyond the Bollinger
//! band, with the band's middle or an EMA as target), gated by up to two trend filters of higher timeframes. The
//! parameters of scenarios 4 to 6 are validated; a run that enables them is refused.
//!
//! Read `table.rs` for the parameters, `side.rs` for the conditions.

mod blueprint;
mod levels;
mod note;
mod overlays;
mod remarks;
mod requirements;
mod resolved_json;
mod rules;
mod scenarios;
mod side;
mod side_parameters;
mod strategy;
mod table;
mod trend_filter;

use crate::{API_VERSION, Descriptor};

pub use table::PARAMETERS;

/// Its registered name.
pub const NAME: &str = "mean_reversion_z_score";

/// The line of the registry.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: NAME,
    version: "1.0.0",
    api_version: API_VERSION,
    origin: "omega",
    text: "Fades moves that a z-score calls extreme, at the close of the bar, with a stop in ATR.",
    parameters: &PARAMETERS,
    create: blueprint::create,
};
