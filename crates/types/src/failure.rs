//! How a failure travels: stable code, category, what, where, what to do.

use serde::{Deserialize, Serialize};

use crate::Code;

/// Any JSON value.
pub type Json = serde_json::Value;

/// An error with a public code. Every error enum of the crates implements it.
pub trait Coded: std::error::Error {
    /// The stable code. Never renamed or reused.
    fn code(&self) -> Code;

    /// Facts for programs: path, row, value. Nanoseconds as decimal strings.
    fn details(&self) -> Json {
        Json::Object(serde_json::Map::new())
    }

    /// What the user can do about it.
    fn hint(&self) -> Option<String> {
        None
    }
}

/// An error as a value, ready to cross the border.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    /// The stable code.
    pub code: &'static str,
    /// `config`, `usage`, `native`, `market_data`, `execution`, `strategy`, `runtime`, `output`.
    pub category: &'static str,
    /// One English sentence.
    pub message: String,
    /// Facts for programs.
    pub details: Json,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Failure {
    /// Describes `error`, its sources included.
    pub fn of(error: &dyn Coded) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            source = cause.source();
        }
        let code = error.code();
        Self {
            code: code.name,
            category: code.category.as_str(),
            message,
            details: error.details(),
            hint: error.hint(),
        }
    }
}

/// Something a user should know although the run goes on. Sorted by code, path, message when reported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Warning {
    /// The stable code (`DATA_W_…`, `CFG_W_…`).
    pub code: String,
    /// Field of the configuration it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// One English sentence.
    pub message: String,
}

impl Warning {
    /// A warning without a path.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code: code.name.to_owned(), path: None, message: message.into() }
    }
}

/// One thing wrong with a configuration (config.md 12).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Issue {
    /// `strategy_parameters.atr_mult`.
    pub path: String,
    /// `CFG_…`.
    pub code: String,
    /// English sentence, names the allowed values.
    pub message: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was given, at most 80 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<String>,
    /// Suggestion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Code of the strategy specification (`UNKNOWN_PARAM`, `INVALID_PARAM`, `CONFLICTING_PARAMS`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
