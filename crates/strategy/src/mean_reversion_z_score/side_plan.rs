//! One direction with its parameters typed: everything that can be settled before any data is read.

use omega_types::{Direction, Json, Timeframe};
use serde::de::DeserializeOwned;

use super::{
    levels::Resolved, overlay_filter::OverlayParameters, scenarios::Scenarios, side_parameters::SideParameters,
    table::OVERLAY_KEYS,
};
use crate::parameters::Given;

/// What entries of one direction are made of.
#[derive(Debug, Clone)]
pub(super) struct SidePlan {
    pub(super) direction: Direction,
    pub(super) parameters: SideParameters,
    /// The overlay timeframes of scenario 6 with their own values, in the order of the configuration.
    pub(super) overlays: Vec<(Timeframe, OverlayParameters)>,
}

impl SidePlan {
    /// Types the resolved values of `direction`.
    ///
    /// # Errors
    ///
    /// A checked value that no type takes: a gap between the table of parameters and the types.
    pub(super) fn of(
        resolved: &Resolved,
        scenarios: &Scenarios,
        direction: Direction,
    ) -> Result<Self, serde_json::Error> {
        let own = resolved.side(direction);
        let overlays = scenarios.overlays.iter().map(|&timeframe| {
            let values = OVERLAY_KEYS
                .into_iter()
                .filter_map(|name| Some((name, resolved.overlays.value(timeframe, direction, name, own)?)));
            Ok((timeframe, typed(values)?))
        });
        Ok(Self {
            direction,
            parameters: typed(own.iter().map(|(name, given)| (*name, given)))?,
            overlays: overlays.collect::<Result<_, serde_json::Error>>()?,
        })
    }
}

fn typed<'a, T: DeserializeOwned>(
    values: impl Iterator<Item = (&'static str, &'a Given)>,
) -> Result<T, serde_json::Error> {
    let object = values.map(|(name, given)| (name.to_owned(), given.value.clone())).collect();
    serde_json::from_value(Json::Object(object))
}
