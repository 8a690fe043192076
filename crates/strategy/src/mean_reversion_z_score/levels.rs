//! From the raw object to one set of values per direction (strategy specification 2.4, 2.5).

use std::collections::BTreeMap;

use omega_types::{Direction, Json, Timeframe};
use serde_json::json;

use super::{
    overlays::{self, Overlays},
    table::{self, PARAMETERS},
};
use crate::{
    Init,
    parameters::{Given, Issues, Place, Reason, Scope, Values, child},
};

/// Path of the parameter object in the run configuration.
pub(super) const ROOT: &str = "strategy_parameters";

/// Every parameter after defaults, direction blocks and overrides.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// Parameters with one value.
    pub(super) global: Values,
    /// Parameters of long entries.
    pub(super) long: Values,
    /// Parameters of short entries.
    pub(super) short: Values,
    /// Parameters of overlay timeframes.
    pub(super) overlays: Overlays,
}

impl Resolved {
    /// The values of `direction`.
    pub(super) fn side(&self, direction: Direction) -> &Values {
        match direction {
            Direction::Long => &self.long,
            Direction::Short => &self.short,
        }
    }

    /// The word that the parameter `name` with one value stands for.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        self.global.get(name)?.value.as_str()
    }

    fn side_mut(&mut self, direction: Direction) -> &mut Values {
        match direction {
            Direction::Long => &mut self.long,
            Direction::Short => &mut self.short,
        }
    }

    /// A later level replaces single parameters: first its flat part, then its direction blocks.
    fn apply(&mut self, level: Level) {
        for (name, given) in level.flat {
            match table::find(name).map(|parameter| parameter.scope) {
                Some(Scope::Direction) => {
                    self.long.insert(name, given.clone());
                    self.short.insert(name, given);
                }
                _ => {
                    self.global.insert(name, given);
                }
            }
        }
        for (direction, block) in level.blocks {
            self.side_mut(direction).extend(block);
        }
        self.overlays.apply(level.overlays);
    }
}

/// What one level of 2.5 gives.
#[derive(Debug, Default)]
struct Level {
    flat: Values,
    blocks: Vec<(Direction, Values)>,
    overlays: Overlays,
}

/// Reads everything, overrides for other symbols included, and merges the levels that concern this run.
pub(super) fn resolve(raw: &serde_json::Map<String, Json>, init: &Init, issues: &mut Issues) -> Resolved {
    let mut resolved = Resolved::default();
    resolved.apply(defaults(init.primary));
    let mut top = read_level(raw, ROOT, true, init.primary, issues);
    let overrides = top.flat.remove("overrides");
    resolved.apply(top);
    let blocks = overrides.and_then(|given| given.value.as_object().cloned()).unwrap_or_default();
    let mut concerned = read_overrides(&blocks, init, issues);
    concerned.sort_by_key(|(rank, _)| *rank);
    for (_, level) in concerned {
        resolved.apply(level);
    }
    settle(&mut resolved, init.primary);
    resolved
}

fn defaults(primary: Timeframe) -> Level {
    let values = PARAMETERS.iter().filter(|p| p.scope != Scope::Structure && p.name != overlays::PARAMETER);
    let flat = values.map(|p| (p.name, Given { value: p.default_value(primary), path: None })).collect();
    Level { flat, ..Level::default() }
}

fn read_level(
    raw: &serde_json::Map<String, Json>,
    path: &str,
    is_top: bool,
    primary: Timeframe,
    issues: &mut Issues,
) -> Level {
    let place = Place { path, names: table::names(|p| is_top || p.name != "overrides") };
    let mut overlays = Overlays::default();
    let mut flat = place.read(raw, issues, |key, value, issues| {
        overlays.read_flattened(key, value, path, primary, issues) || explain(key, path, issues)
    });
    let mut blocks = Vec::new();
    for direction in [Direction::Long, Direction::Short] {
        if let Some((block, path)) = taken_object(&mut flat, direction.as_str()) {
            blocks.push((direction, read_block(&block, &path, direction, issues)));
        }
    }
    if let Some((nodes, path)) = taken_object(&mut flat, overlays::PARAMETER) {
        overlays.read_nested(&nodes, &path, primary, issues);
    }
    Level { flat, blocks, overlays }
}

fn taken_object(flat: &mut Values, name: &str) -> Option<(serde_json::Map<String, Json>, String)> {
    match flat.remove(name)? {
        Given { value: Json::Object(object), path } => Some((object, path.unwrap_or_default())),
        _ => None,
    }
}

fn read_block(raw: &serde_json::Map<String, Json>, path: &str, direction: Direction, issues: &mut Issues) -> Values {
    let place = Place { path, names: table::block_names(direction, |_| true) };
    place.read(raw, issues, |key, _, issues| {
        let Some(parameter) = table::find(key) else { return false };
        let text = match parameter.scope {
            Scope::Direction => format!("unknown parameter; it does not belong in a {} block", direction.as_str()),
            Scope::Global => "unknown parameter; it has one value for both directions".to_owned(),
            Scope::Structure => "unknown parameter; blocks cannot be nested".to_owned(),
        };
        issues.add(&child(path, key), Reason::UnknownParam, &text);
        true
    })
}

/// Names that people bring along, with what to write instead. The second group comes from V1's live configuration.
const FOREIGN: [(&str, &str); 6] = [
    ("overrides", "overrides cannot be nested"),
    ("symbol", "it comes from the run configuration"),
    ("timeframe", "it comes from the run configuration: timeframes.primary"),
    ("z_score", "use 'z_score_long' and 'z_score_short', or 'z_score' inside a long or short block"),
    ("daily_trend_relation", "use 'htf_filter'"),
    ("zscore_length", "use 'window_length'"),
];

fn explain(key: &str, path: &str, issues: &mut Issues) -> bool {
    let Some((_, hint)) = FOREIGN.iter().find(|(name, _)| *name == key) else { return false };
    let text = format!("unknown parameter; {hint}");
    issues.add(&child(path, key), Reason::UnknownParam, &text).hint = Some((*hint).to_owned());
    true
}

/// All blocks are read; those of this symbol and timeframe come back with their rank, weakest first.
fn read_overrides(raw: &serde_json::Map<String, Json>, init: &Init, issues: &mut Issues) -> Vec<(u8, Level)> {
    let path = child(ROOT, "overrides");
    let mut concerned = Vec::new();
    let mut seen = BTreeMap::new();
    for (key, block) in raw {
        let place = child(&path, key);
        let Some((symbol, timeframe)) = scope_of(key) else {
            let text = format!("must be keyed by <SYMBOL>/<TF>, each part possibly *, got \"{key}\"");
            issues.add(&place, Reason::InvalidParam, &text).expected = Some("<SYMBOL>/<TF>".to_owned());
            continue;
        };
        if let Some(other) = seen.insert((symbol.clone(), timeframe), key) {
            issues.add(&place, Reason::InvalidParam, &format!("the same key as \"{other}\""));
        }
        let block = match block {
            Json::Null => continue,
            Json::Object(block) => block,
            _ => {
                issues.invalid(&place, "an object", block);
                continue;
            }
        };
        let level = read_level(block, &place, false, init.primary, issues);
        let concerns_symbol = symbol.as_ref().is_none_or(|symbol| *symbol == init.symbol);
        let concerns_timeframe = timeframe.is_none_or(|timeframe| timeframe == init.primary);
        if concerns_symbol && concerns_timeframe {
            concerned.push((u8::from(symbol.is_some()) + 2 * u8::from(timeframe.is_some()), level));
        }
    }
    concerned
}

/// `EURUSD/M5` → the two parts, `None` for `*`.
fn scope_of(key: &str) -> Option<(Option<String>, Option<Timeframe>)> {
    let (symbol, timeframe) = key.split_once('/')?;
    let (symbol, timeframe) = (symbol.trim().to_uppercase(), timeframe.trim().to_uppercase());
    if symbol.is_empty() || symbol != "*" && symbol.contains('*') {
        return None;
    }
    let timeframe = if timeframe == "*" { None } else { Some(timeframe.parse().ok()?) };
    Some(((symbol != "*").then_some(symbol), timeframe))
}

/// Replaces the words that stand for a timeframe.
fn settle(resolved: &mut Resolved, primary: Timeframe) {
    for direction in [Direction::Long, Direction::Short] {
        if let Some(given) = resolved.side_mut(direction).get_mut("extra_htf_tf")
            && given.value == "AUTO"
        {
            given.value = json!(match primary {
                Timeframe::M5 => "H1",
                Timeframe::M15 | Timeframe::M30 => "H4",
                _ => "NONE",
            });
        }
    }
    if let Some(Given { value: Json::Array(names), .. }) = resolved.global.get_mut("scenario6_timeframes") {
        let mut settled: Vec<Json> = Vec::with_capacity(names.len());
        for name in names.iter() {
            let name = if name == "PRIMARY" { json!(primary.as_str()) } else { name.clone() };
            if !settled.contains(&name) {
                settled.push(name);
            }
        }
        *names = settled;
    }
}
