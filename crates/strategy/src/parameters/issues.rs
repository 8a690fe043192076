//! Problems of parameters, collected so that one pass reports them all.

use std::collections::BTreeSet;

use omega_types::{Issue, Json, code};

/// The codes of the strategy specification 1.11, which an issue carries as `reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Reason {
    UnknownParam,
    InvalidParam,
    ConflictingParams,
}

impl Reason {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownParam => "UNKNOWN_PARAM",
            Self::InvalidParam => "INVALID_PARAM",
            Self::ConflictingParams => "CONFLICTING_PARAMS",
        }
    }
}

/// Everything that is wrong with a parameter object.
#[derive(Debug, Default)]
pub struct Issues {
    found: Vec<Issue>,
    broken: BTreeSet<&'static str>,
}

impl Issues {
    /// Notes a problem at `path`. `text` continues the path: `must be < 0, got 1.5`.
    pub fn add(&mut self, path: &str, reason: Reason, text: &str) -> &mut Issue {
        let joint = if text.starts_with("must ") { " " } else { ": " };
        self.found.push(Issue {
            path: path.to_owned(),
            code: code::CFG_STRATEGY_PARAM.name.to_owned(),
            message: format!("{path}{joint}{text}"),
            expected: None,
            received: None,
            hint: None,
            reason: Some(reason.as_str().to_owned()),
        });
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    /// Notes that `raw` at `path` is not what was `expected`.
    pub fn invalid(&mut self, path: &str, expected: &str, raw: &Json) {
        let received = shown(raw);
        let issue = self.add(path, Reason::InvalidParam, &format!("must be {expected}, got {received}"));
        issue.expected = Some(expected.to_owned());
        issue.received = Some(received);
    }

    /// Nothing is known about parameter `name`, because what was given is wrong: rules that read it are not tested.
    pub fn set_broken(&mut self, name: &'static str) {
        self.broken.insert(name);
    }

    /// Was something wrong given for parameter `name`?
    pub fn is_broken(&self, name: &str) -> bool {
        self.broken.contains(name)
    }

    /// Nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them, each once, sorted by path, code and reason.
    pub fn into_sorted(mut self) -> Vec<Issue> {
        self.found
            .sort_by(|a, b| (&a.path, &a.code, &a.reason, &a.message).cmp(&(&b.path, &b.code, &b.reason, &b.message)));
        self.found.dedup();
        self.found
    }
}

/// Path of `key` inside `path`: `a.b`, or `a["*/M5"]` where the key is no plain name.
pub fn child(path: &str, key: &str) -> String {
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { format!("{path}.{key}") } else { format!("{path}[{}]", Json::from(key)) }
}

/// A value as it is shown in messages: JSON, at most 80 characters.
pub fn shown(raw: &Json) -> String {
    let text = raw.to_string();
    match text.char_indices().nth(80) {
        None => text,
        Some(_) => text.chars().take(79).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_quotes_keys_that_are_no_names() {
        assert_eq!(child("strategy_parameters", "atr_mult"), "strategy_parameters.atr_mult");
        // The example of the strategy specification 2.5.
        let block = child("strategy_parameters.overrides", "*/M5");
        assert_eq!(
            child(&child(&block, "long"), "z_score_long"),
            r#"strategy_parameters.overrides["*/M5"].long.z_score_long"#
        );
        assert_eq!(child("a", "x\"y"), r#"a["x\"y"]"#);
    }

    #[test]
    fn issues_are_sorted_by_path_and_reported_once() {
        let mut issues = Issues::default();
        issues.invalid("b", "> 0", &json!(-1));
        issues.invalid("a", "a boolean", &json!("true"));
        issues.invalid("b", "> 0", &json!(-1));
        let found = issues.into_sorted();
        assert_eq!(
            found.iter().map(|i| i.message.as_str()).collect::<Vec<_>>(),
            [r#"a must be a boolean, got "true""#, "b must be > 0, got -1"]
        );
    }

    #[test]
    fn long_values_are_cut_at_eighty_characters() {
        let text = shown(&json!("ä".repeat(200)));
        assert_eq!(text.chars().count(), 80);
        assert!(text.ends_with('…'));
    }
}
