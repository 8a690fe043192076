//! The parameters after defaults and overrides, for run metadata.

use omega_types::{Direction, Json};
use serde_json::{Map, json};

use super::{
    levels::Resolved,
    overlays,
    scenarios::Scenarios,
    table::{self, OVERLAY_KEYS},
};
use crate::parameters::Values;

/// Parameters with one value flat, those of a direction inside `long` and `short`. Given as parameters again, the
/// object resolves to itself.
pub(super) fn resolved_json(resolved: &Resolved, scenarios: &Scenarios) -> Json {
    let mut json = values_json(&resolved.global, |_| true);
    let active: Vec<_> = scenarios.active().collect();
    json.insert("enabled_scenarios".to_owned(), json!(active));
    // The default of the holding time counts only beside an explicit switch (decisions.md 21).
    let is_given = resolved.global.get("max_holding_minutes").is_some_and(|given| given.path.is_some());
    if !is_given && json.get("use_position_manager") != Some(&Json::Bool(true)) {
        json.remove("max_holding_minutes");
    }
    let mut nodes = Map::new();
    for timeframe in &scenarios.overlays {
        let mut node = Map::new();
        for direction in [Direction::Long, Direction::Short] {
            let own = resolved.side(direction);
            let names = OVERLAY_KEYS.into_iter().filter(|name| belongs(name, direction));
            let values = names.filter_map(|name| {
                let given = resolved.overlays.value(*timeframe, direction, name, own)?;
                Some((name.to_owned(), given.value.clone()))
            });
            node.insert(direction.as_str().to_owned(), Json::Object(values.collect()));
        }
        nodes.insert(timeframe.as_str().to_owned(), Json::Object(node));
    }
    json.insert(overlays::PARAMETER.to_owned(), Json::Object(nodes));
    for direction in [Direction::Long, Direction::Short] {
        let side = values_json(resolved.side(direction), |name| belongs(name, direction));
        json.insert(direction.as_str().to_owned(), Json::Object(side));
    }
    Json::Object(json)
}

fn values_json(values: &Values, keep: impl Fn(&str) -> bool) -> Map<String, Json> {
    values
        .iter()
        .filter(|(name, _)| keep(name))
        .map(|(name, given)| ((*name).to_owned(), given.value.clone()))
        .collect()
}

fn belongs(name: &str, direction: Direction) -> bool {
    table::find(name).and_then(|parameter| parameter.only).is_none_or(|only| only == direction)
}
