//! Remarks on parameters that are allowed but may surprise (strategy specification 2.3).

use omega_types::{Direction, Warning, code};

use super::{
    levels::{ROOT, Resolved},
    rules::place,
    scenarios::Scenarios,
};
use crate::parameters::child;

/// The warnings `W-TPDIST`, `W-SHADOW`, `W-S6EMPTY` and `W-S6NODE`. The text starts with the name.
pub(super) fn remarks(resolved: &Resolved, directions: &[Direction], scenarios: &Scenarios) -> Vec<Warning> {
    let mut remarks = Vec::new();
    let mut add = |path: String, text: String| {
        remarks.push(Warning { path: Some(path), ..Warning::new(code::CFG_W_STRATEGY, text) });
    };
    let is_default = |direction: &Direction| {
        resolved.side(*direction).get("tp_min_distance").is_none_or(|given| given.path.is_none())
    };
    if scenarios.is_active(3) && directions.iter().any(is_default) {
        let text =
            "W-TPDIST: scenario 3 uses the default tp_min_distance of 1.0 price units, more than most FX symbols move";
        add(child(ROOT, "tp_min_distance"), text.to_owned());
    }
    let switches = place(&resolved.global, &["enabled_scenarios"]);
    if scenarios.is_active(2) {
        let shadowed: Vec<_> = [3, 5, 6].into_iter().filter(|id| scenarios.is_active(*id)).collect();
        if !shadowed.is_empty() {
            let noun = if shadowed.len() == 1 { "scenario" } else { "scenarios" };
            let text = format!("W-SHADOW: {noun} {} cannot fire while scenario 2 is enabled", listed(&shadowed));
            add(switches, text);
        }
    }
    if scenarios.is_enabled(6) && !scenarios.is_active(6) {
        let text = "W-S6EMPTY: scenario 6 is enabled by default and does nothing without scenario6_timeframes";
        add(place(&resolved.global, &["scenario6_timeframes"]), text.to_owned());
    }
    for (timeframe, path) in resolved.overlays.nodes() {
        if !scenarios.overlays.contains(&timeframe) {
            let text = format!("W-S6NODE: parameters for {timeframe}, which scenario6_timeframes does not list");
            add(path.to_owned(), text);
        }
    }
    remarks.sort();
    remarks
}

/// `3`, `3 and 5`, `3, 5 and 6`.
pub(super) fn listed(ids: &[u8]) -> String {
    let texts: Vec<_> = ids.iter().map(u8::to_string).collect();
    match texts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}
