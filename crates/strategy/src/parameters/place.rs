//! Reading the parameters of one object.

use std::collections::BTreeMap;

use omega_types::Json;

use super::{Issues, Parameter, Reading, Reason, child, nearest::nearest};

/// A value and the place it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// Canonical form.
    pub value: Json,
    /// Path of the value; `None` for a default.
    pub path: Option<String>,
}

/// Values by parameter name.
pub type Values = BTreeMap<&'static str, Given>;

/// One object in which parameters may stand: its path and the names it accepts.
pub struct Place<'a> {
    /// Path of the object.
    pub path: &'a str,
    /// Accepted name → parameter, canonical names and aliases alike.
    pub names: Vec<(&'static str, &'static Parameter)>,
}

impl Place<'_> {
    /// Reads every key of `raw`. Keys that are no parameters go to `other`, which says whether it knew the key.
    pub fn read(
        &self,
        raw: &serde_json::Map<String, Json>,
        issues: &mut Issues,
        mut other: impl FnMut(&str, &Json, &mut Issues) -> bool,
    ) -> Values {
        let mut values = Values::new();
        for (key, raw) in raw {
            let Some((_, parameter)) = self.names.iter().find(|(name, _)| name == key) else {
                if !other(key, raw, issues) {
                    self.unknown(key, issues);
                }
                continue;
            };
            let path = child(self.path, key);
            let Reading::Value(value) = parameter.read(raw, &path, issues) else { continue };
            let given = Given { value, path: Some(path) };
            if values.insert(parameter.name, given).is_some() {
                self.given_twice(parameter, issues);
            }
        }
        values
    }

    /// Notes a key that means nothing here.
    pub fn unknown(&self, key: &str, issues: &mut Issues) {
        let path = child(self.path, key);
        match nearest(key, self.names.iter().map(|(name, _)| *name)) {
            Some(name) => {
                let text = format!("unknown parameter; did you mean \"{name}\"?");
                issues.add(&path, Reason::UnknownParam, &text).hint = Some(format!("did you mean '{name}'?"));
            }
            None => {
                issues.add(&path, Reason::UnknownParam, "unknown parameter");
            }
        }
    }

    fn given_twice(&self, parameter: &'static Parameter, issues: &mut Issues) {
        let names: Vec<_> =
            self.names.iter().filter(|(_, p)| p.name == parameter.name).map(|(name, _)| *name).collect();
        let text = format!("given more than once; {} are the same parameter", names.join(" and "));
        let issue = issues.add(&child(self.path, parameter.name), Reason::ConflictingParams, &text);
        issue.hint = Some(format!("keep '{}'", parameter.name));
        issues.set_broken(parameter.name);
    }
}
