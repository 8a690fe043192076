//! Parameters of the overlay timeframes of scenario 6 (strategy specification 2.6).

use std::collections::BTreeMap;

use omega_types::{Direction, Json, Timeframe};

use super::table::{self, OVERLAY_KEYS};
use crate::parameters::{Given, Issues, Parameter, Place, Reading, Reason, Values, child};

/// The parameter that holds them.
pub(super) const PARAMETER: &str = "scenario6_params";

/// Timeframe (`None` is `*`), block (`long`, `short`, or empty for the node itself), name.
type Key = (Option<Timeframe>, &'static str, &'static str);

/// What was given for overlay timeframes, merged per timeframe, block and name.
#[derive(Debug, Default)]
pub(super) struct Overlays {
    nested: BTreeMap<Key, Given>,
    flattened: BTreeMap<Key, Given>,
    /// Where each timeframe was first named.
    nodes: BTreeMap<Timeframe, String>,
}

impl Overlays {
    /// A later level replaces single values.
    pub(super) fn apply(&mut self, later: Self) {
        self.nested.extend(later.nested);
        self.flattened.extend(later.flattened);
        for (timeframe, path) in later.nodes {
            self.nodes.entry(timeframe).or_insert(path);
        }
    }

    /// The value of `name` for entries of `direction` on `timeframe`, `own` being the strategy's value.
    pub(super) fn value<'a>(
        &'a self,
        timeframe: Timeframe,
        direction: Direction,
        name: &'static str,
        own: &'a Values,
    ) -> Option<&'a Given> {
        let (block, at) = (direction.as_str(), Some(timeframe));
        self.flattened
            .get(&(at, block, name))
            .or_else(|| self.nested.get(&(at, block, name)))
            .or_else(|| self.nested.get(&(at, "", name)))
            .or_else(|| self.nested.get(&(None, block, name)))
            .or_else(|| self.nested.get(&(None, "", name)))
            .or_else(|| own.get(name))
    }

    /// The timeframes that have values of their own, with the place of the first.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (Timeframe, &str)> {
        self.nodes.iter().map(|(timeframe, path)| (*timeframe, path.as_str()))
    }

    /// Reads the object `scenario6_params`.
    pub(super) fn read_nested(
        &mut self,
        raw: &serde_json::Map<String, Json>,
        path: &str,
        primary: Timeframe,
        issues: &mut Issues,
    ) {
        let mut seen = BTreeMap::new();
        for (key, node) in raw {
            let place = child(path, key);
            let Some(timeframe) = node_of(key, primary) else {
                let issue = issues.add(&place, Reason::InvalidParam, "must be keyed by a timeframe, PRIMARY or *");
                issue.expected = Some("a timeframe, PRIMARY or *".to_owned());
                issue.hint =
                    key.split_once('.').map(|(tf, block)| format!("write {{\"{tf}\": {{\"{block}\": {{…}}}}}}"));
                continue;
            };
            if let Some(other) = seen.insert(timeframe, key) {
                issues.add(&place, Reason::InvalidParam, &format!("the same timeframe as \"{other}\""));
            }
            if let Some(timeframe) = timeframe {
                self.nodes.entry(timeframe).or_insert_with(|| place.clone());
            }
            match node {
                Json::Null => {}
                Json::Object(node) => self.read_node(node, timeframe, &place, issues),
                _ => issues.invalid(&place, "an object", node),
            }
        }
    }

    fn read_node(
        &mut self,
        raw: &serde_json::Map<String, Json>,
        timeframe: Option<Timeframe>,
        path: &str,
        issues: &mut Issues,
    ) {
        let is_key = |p: &Parameter| OVERLAY_KEYS.contains(&p.name);
        let names = table::names(|p| is_key(p) || p.name == "long" || p.name == "short");
        let mut values = Place { path, names }.read(raw, issues, |key, _, issues| {
            if key != "z_score" {
                return false;
            }
            let hint = "use 'z_score_long' and 'z_score_short', or 'z_score' inside a long or short block";
            let issue = issues.add(&child(path, key), Reason::UnknownParam, &format!("unknown parameter; {hint}"));
            issue.hint = Some(hint.to_owned());
            true
        });
        for direction in [Direction::Long, Direction::Short] {
            let block = direction.as_str();
            let Some(Given { value: Json::Object(raw), path }) = values.remove(block) else { continue };
            let path = path.unwrap_or_default();
            let place = Place { path: &path, names: table::block_names(direction, is_key) };
            for (name, given) in place.read(&raw, issues, |_, _, _| false) {
                self.nested.insert((timeframe, block, name), given);
            }
        }
        for (name, given) in values {
            self.nested.insert((timeframe, "", name), given);
        }
    }

    /// Reads `scenario6_<TF>_<long|short>_<key>`, in any case. `false` if `key` has another shape.
    pub(super) fn read_flattened(
        &mut self,
        key: &str,
        raw: &Json,
        path: &str,
        primary: Timeframe,
        issues: &mut Issues,
    ) -> bool {
        let lower = key.to_lowercase();
        let Some((node, block, name)) = split_flattened(&lower) else { return false };
        let place = child(path, key);
        let Some(Some(timeframe)) = node_of(node, primary) else {
            let text = "must name a timeframe or PRIMARY: scenario6_<TF>_<long|short>_<key>";
            issues.add(&place, Reason::InvalidParam, text);
            return true;
        };
        let names = table::block_names(block, |p| OVERLAY_KEYS.contains(&p.name));
        let Some((_, parameter)) = names.iter().find(|(known, _)| *known == name) else {
            Place { path, names: names.clone() }.unknown(key, issues);
            return true;
        };
        self.nodes.entry(timeframe).or_insert_with(|| place.clone());
        if let Reading::Value(value) = parameter.read(raw, &place, issues) {
            let given = Given { value, path: Some(place.clone()) };
            let before = self.flattened.insert((Some(timeframe), block.as_str(), parameter.name), given);
            if let Some(Given { path: Some(other), .. }) = before {
                issues.add(&place, Reason::ConflictingParams, &format!("the same parameter as {other}"));
            }
        }
        true
    }
}

/// `None`: not a node. `Some(None)`: every listed timeframe.
fn node_of(key: &str, primary: Timeframe) -> Option<Option<Timeframe>> {
    match key.trim().to_uppercase().as_str() {
        "*" => Some(None),
        "PRIMARY" => Some(Some(primary)),
        name => name.parse().ok().map(Some),
    }
}

fn split_flattened(lower: &str) -> Option<(&str, Direction, &str)> {
    let (node, rest) = lower.strip_prefix("scenario6_")?.split_once('_')?;
    let (block, name) = rest.split_once('_')?;
    match block {
        "long" => Some((node, Direction::Long, name)),
        "short" => Some((node, Direction::Short, name)),
        _ => None,
    }
}
