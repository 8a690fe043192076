//! `mean_reversion_z_score`: fades moves that a z-score calls extreme.
//!
//! Six scenarios: 1 is the classic z-score against an EMA; 2 and 3 are the Kalman z-score beyond the Bollinger band, with
//! the band's middle or an EMA as target; 4 measures the distance in GARCH deviations instead; 5 is scenario 2 in allowed
//! clusters of volatility; 6 is scenario 2 confirmed on other timeframes. All but the first are gated by up to two trend
//! filters of higher timeframes.
//!
//! Read `table.rs` for the parameters, `side.rs` for the conditions.

mod binding;
mod blueprint;
mod cluster_guard;
mod garch_score;
mod levels;
mod note;
mod overlay_filter;
mod overlays;
mod remarks;
mod requests;
mod requirements;
mod resolved_json;
mod rules;
mod scenarios;
mod side;
mod side_parameters;
mod side_plan;
mod strategy;
mod table;
#[cfg(test)]
mod testing;
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
