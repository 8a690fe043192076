//! From a rule as it is written to a rule that can act. TypeScript has checked it, so every refusal is a second line.

use omega_types::{Code, Issue, Json, code};
use serde::de::DeserializeOwned;

use crate::{
    Facts, SessionEnd,
    distance::{Distance, DistanceMode, WrittenDistance},
};

/// The settings of one rule, or of one part of it.
pub(crate) type Settings = serde_json::Map<String, Json>;

/// Reads one rule after the other and collects what is wrong with them.
pub(crate) struct Reader<'a> {
    pub(crate) facts: &'a Facts,
    /// Distinct periods of the ATRs that distances need; a distance carries an index into them.
    pub(crate) atr_periods: Vec<usize>,
    /// What `session_end` is set to, if it is on.
    pub(crate) session_end: Option<SessionEnd>,
    pub(crate) issues: Vec<Issue>,
    path: String,
}

/// What all rules have in common.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) enabled: bool,
    /// Only positions with these ids; empty = all. Sorted.
    pub(crate) only_scenarios: Vec<u8>,
}

impl Scope {
    /// Does the rule concern positions of this scenario?
    pub(crate) fn covers(&self, scenario_id: u8) -> bool {
        self.only_scenarios.is_empty() || self.only_scenarios.binary_search(&scenario_id).is_ok()
    }
}

const ROOT: &str = "trade_management";

impl<'a> Reader<'a> {
    pub(crate) fn new(facts: &'a Facts) -> Self {
        Self { facts, atr_periods: Vec::new(), session_end: None, issues: Vec::new(), path: ROOT.to_owned() }
    }

    /// What follows is about the rule `id`.
    pub(crate) fn enter_rule(&mut self, id: &str) {
        self.path = format!("{ROOT}.rules.{id}");
    }

    /// Takes what all rules have in common out of `settings`. A rule that is written is on (decisions.md 22).
    pub(crate) fn scope(&mut self, settings: &mut Settings) -> Option<Scope> {
        let enabled = settings.remove("enabled").unwrap_or(Json::Bool(true));
        let scenarios = settings.remove("only_scenarios").unwrap_or(Json::Array(Vec::new()));
        let enabled = self.typed("enabled", enabled)?;
        let mut only_scenarios: Vec<u8> = self.typed("only_scenarios", scenarios)?;
        only_scenarios.sort_unstable();
        Some(Scope { enabled, only_scenarios })
    }

    /// The settings in their type; refused if they are malformed.
    pub(crate) fn settings<T: DeserializeOwned>(&mut self, settings: Settings) -> Option<T> {
        self.typed("", Json::Object(settings))
    }

    /// Looks up a distance. 0 is allowed unless it has to be positive.
    pub(crate) fn distance(&mut self, field: &str, written: WrittenDistance, is_positive: bool) -> Distance {
        let WrittenDistance { mode, value, atr_period } = written;
        let is_in_range = value.is_finite() && (value > 0.0 || !is_positive && value == 0.0);
        let expected = if is_positive { "a number above 0" } else { "a number of at least 0" };
        self.check(&format!("{field}.value"), value, is_in_range, expected);
        match mode {
            DistanceMode::Pips => Distance::Price(value * self.facts.pip_size),
            DistanceMode::R => Distance::Risk(value),
            DistanceMode::Atr => {
                self.check(&format!("{field}.atr_period"), atr_period, atr_period > 0, "at least 1");
                Distance::Atr(value, self.atr_column(atr_period))
            }
        }
    }

    /// A number of pips as a distance in price.
    pub(crate) fn pips(&mut self, field: &str, value: f64) -> f64 {
        self.check(field, value, value.is_finite() && value >= 0.0, "a number of at least 0");
        value * self.facts.pip_size
    }

    /// Refuses `value` unless it is in range.
    pub(crate) fn check(&mut self, field: &str, value: impl ToString, is_in_range: bool, expected: &str) {
        if !is_in_range {
            self.refuse(field, code::CFG_RANGE, &value.to_string(), expected);
        }
    }

    /// Adds an issue about a field of the rule; an empty name is the rule itself.
    pub(crate) fn refuse(&mut self, field: &str, code: Code, received: &str, expected: &str) {
        let path = if field.is_empty() { self.path.clone() } else { format!("{}.{field}", self.path) };
        self.issues.push(Issue {
            message: format!("{path}: {received} is not allowed; expected {expected}"),
            path,
            code: code.name.to_owned(),
            expected: Some(expected.to_owned()),
            received: Some(received.chars().take(80).collect()),
            hint: None,
            reason: None,
        });
    }

    fn typed<T: DeserializeOwned>(&mut self, field: &str, value: Json) -> Option<T> {
        let received = value.to_string();
        match serde_json::from_value(value) {
            Ok(typed) => Some(typed),
            Err(error) => {
                let expected = format!("the normal form of the configuration ({error})");
                self.refuse(field, code::CFG_ENGINE_REJECTED, &received, &expected);
                None
            }
        }
    }

    fn atr_column(&mut self, period: usize) -> usize {
        self.atr_periods.iter().position(|&known| known == period).unwrap_or_else(|| {
            self.atr_periods.push(period);
            self.atr_periods.len() - 1
        })
    }
}
