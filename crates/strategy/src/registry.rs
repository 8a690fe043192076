//! Names → strategies.

use std::collections::BTreeMap;

use omega_types::{Issue, Json, code};
use serde_json::json;

use crate::{
    Blueprint, Init, StrategyError, mean_reversion_z_score,
    parameters::{Parameter, nearest::nearest},
};

/// The version of the contract between engine and strategies.
pub const API_VERSION: u32 = 1;

/// Makes a strategy from raw parameters, or says everything that is wrong with them. No I/O.
pub type Factory = fn(&serde_json::Map<String, Json>, &Init) -> Result<Box<dyn Blueprint>, Vec<Issue>>;

/// What is registered.
#[derive(Debug, Clone, Copy)]
pub struct Descriptor {
    /// `[a-z][a-z0-9_]*`.
    pub name: &'static str,
    /// Free, copied into run metadata.
    pub version: &'static str,
    /// [`API_VERSION`] of the crate it was built against.
    pub api_version: u32,
    /// Who registers it: a crate name.
    pub origin: &'static str,
    /// One sentence for documentation.
    pub text: &'static str,
    /// Source of validation, defaults and generated documentation.
    pub parameters: &'static [Parameter],
    /// Makes one.
    pub create: Factory,
}

/// The strategies that a run can name. There is no process-wide registry: whoever builds an engine builds one.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    entries: BTreeMap<&'static str, Descriptor>,
}

/// The built-in strategies, one line each.
const BUILTIN: [Descriptor; 1] = [mean_reversion_z_score::DESCRIPTOR];

impl Registry {
    /// An empty registry.
    pub const fn new() -> Self {
        Self { entries: BTreeMap::new() }
    }

    /// The strategies that come with Omega.
    pub fn builtin() -> Self {
        Self { entries: BUILTIN.into_iter().map(|descriptor| (descriptor.name, descriptor)).collect() }
    }

    /// Adds a strategy.
    ///
    /// # Errors
    ///
    /// The name is taken or malformed, or the strategy was built for another contract version.
    pub fn register(&mut self, descriptor: Descriptor) -> Result<(), StrategyError> {
        let name = descriptor.name;
        if !is_name(name) {
            return Err(StrategyError::Name { name: name.to_owned() });
        }
        if descriptor.api_version != API_VERSION {
            return Err(StrategyError::ApiVersion {
                name: name.to_owned(),
                found: descriptor.api_version,
                supported: API_VERSION,
            });
        }
        if let Some(first) = self.entries.get(name) {
            return Err(StrategyError::DuplicateRegistration {
                name: name.to_owned(),
                first: first.origin.to_owned(),
                second: descriptor.origin.to_owned(),
            });
        }
        self.entries.insert(name, descriptor);
        Ok(())
    }

    /// The registered names, sorted.
    pub fn names(&self) -> Vec<&'static str> {
        self.entries.keys().copied().collect()
    }

    /// The entry of `name`, compared after trimming and lower-casing.
    pub fn get(&self, name: &str) -> Option<&Descriptor> {
        self.entries.get(name.trim().to_lowercase().as_str())
    }

    /// Makes the strategy `name` from its raw parameters.
    ///
    /// # Errors
    ///
    /// Every problem of name or parameters at once, sorted by path, then code.
    pub fn create(
        &self,
        name: &str,
        parameters: &serde_json::Map<String, Json>,
        init: &Init,
    ) -> Result<Box<dyn Blueprint>, Vec<Issue>> {
        let descriptor = self.get(name).ok_or_else(|| vec![self.unknown(name)])?;
        (descriptor.create)(parameters, init)
    }

    /// Names, versions and parameter descriptors, sorted by name.
    pub fn catalogue(&self) -> Json {
        let entries = self.entries.values().map(|descriptor| {
            let parameters: Vec<_> = descriptor.parameters.iter().map(Parameter::describe).collect();
            json!({
                "name": descriptor.name,
                "version": descriptor.version,
                "api_version": descriptor.api_version,
                "origin": descriptor.origin,
                "text": descriptor.text,
                "parameters": parameters,
            })
        });
        Json::Array(entries.collect())
    }

    fn unknown(&self, name: &str) -> Issue {
        let names = self.names();
        let hint = nearest(&name.trim().to_lowercase(), names.iter().copied()).map(|n| format!("did you mean '{n}'?"));
        Issue {
            path: "strategy_name".to_owned(),
            code: code::CFG_UNKNOWN_STRATEGY.name.to_owned(),
            message: format!("strategy_name: '{name}' is not registered; known: {}", names.join(", ")),
            expected: Some(names.join(", ")),
            received: Some(name.chars().take(80).collect()),
            hint,
            reason: Some("UNKNOWN_STRATEGY".to_owned()),
        }
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use omega_types::{Coded, Timeframe};

    use super::*;

    fn descriptor(name: &'static str, api_version: u32, origin: &'static str) -> Descriptor {
        Descriptor { name, api_version, origin, ..mean_reversion_z_score::DESCRIPTOR }
    }

    #[test]
    fn a_name_is_registered_once() {
        let mut registry = Registry::builtin();
        registry.register(descriptor("zebra", API_VERSION, "a user")).unwrap();
        let error = registry.register(descriptor("zebra", API_VERSION, "another user")).unwrap_err();
        assert_eq!(error.code().name, "STRAT_DUPLICATE_REGISTRATION");
        assert_eq!(error.to_string(), "strategy 'zebra' is registered twice: by a user and by another user");
        let error = registry.register(mean_reversion_z_score::DESCRIPTOR).unwrap_err();
        assert_eq!(error.code().name, "STRAT_DUPLICATE_REGISTRATION");
    }

    #[test]
    fn another_contract_version_and_malformed_names_are_refused() {
        let mut registry = Registry::new();
        let error = registry.register(descriptor("later", API_VERSION + 1, "x")).unwrap_err();
        assert_eq!(error.code().name, "STRAT_API_VERSION");
        for name in ["", "Upper", "1st", "with space", "ünicode"] {
            assert!(matches!(registry.register(descriptor(name, API_VERSION, "x")), Err(StrategyError::Name { .. })));
        }
    }

    #[test]
    fn listings_are_sorted_by_name() {
        let mut registry = Registry::builtin();
        registry.register(descriptor("zebra", API_VERSION, "x")).unwrap();
        registry.register(descriptor("aardvark", API_VERSION, "x")).unwrap();
        assert_eq!(registry.names(), ["aardvark", "mean_reversion_z_score", "zebra"]);
        let catalogue = registry.catalogue();
        let names: Vec<_> = catalogue.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect();
        assert_eq!(names, registry.names());
    }

    #[test]
    fn an_unknown_strategy_lists_the_known_ones() {
        let init = Init {
            symbol: "EURUSD".into(),
            primary: Timeframe::M5,
            configured: vec![],
            instrument: None,
            stepwise: false,
            stale_limit_bars: 0,
        };
        let registry = Registry::builtin();
        let Err(issues) = registry.create("mean_reversion_zscore", &serde_json::Map::new(), &init) else { panic!() };
        assert_eq!(issues.len(), 1);
        assert_eq!(issues[0].code, "CFG_UNKNOWN_STRATEGY");
        assert!(issues[0].message.contains("known: mean_reversion_z_score"));
        assert_eq!(issues[0].hint.as_deref(), Some("did you mean 'mean_reversion_z_score'?"));
        assert!(registry.create(" Mean_Reversion_Z_Score ", &serde_json::Map::new(), &init).is_ok());
    }
}
