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
    if holding_minutes(resolved).is_none() {
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

/// Minutes after which the position manager closes a position, after overrides. The default counts only beside an
/// explicit `use_position_manager: true` (decisions.md 21).
pub(super) fn holding_minutes(resolved: &Resolved) -> Option<u64> {
    let minutes = resolved.global.get("max_holding_minutes")?;
    let is_on = resolved.global.get("use_position_manager").is_some_and(|given| given.value == true);
    if minutes.path.is_some() || is_on { minutes.value.as_u64() } else { None }
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
