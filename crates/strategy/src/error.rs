//! What can go wrong with strategies outside their parameters.

use omega_types::{Code, Coded, Json, code};
use serde_json::json;

/// A strategy cannot be registered, does not fit the data or failed. Problems of parameters are `Issue`s instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StrategyError {
    /// The name is taken.
    #[error("strategy '{name}' is registered twice: by {first} and by {second}")]
    DuplicateRegistration {
        /// The name.
        name: String,
        /// Origin of the registered one.
        first: String,
        /// Origin of the refused one.
        second: String,
    },

    /// Built for another version of the contract.
    #[error("strategy '{name}' was built for contract version {found}, this engine has {supported}")]
    ApiVersion {
        /// The name.
        name: String,
        /// Its version.
        found: u32,
        /// Ours.
        supported: u32,
    },

    /// Not a strategy name.
    #[error("'{name}' is not a strategy name")]
    Name {
        /// What was given.
        name: String,
    },

    /// A signal column does not cover the primary series.
    #[error("signal column '{column}' has {found} values, the primary series has {expected} bars")]
    SignalsLength {
        /// Name of the column.
        column: &'static str,
        /// Its length.
        found: usize,
        /// Length of the primary series.
        expected: usize,
    },

    /// The column `time` differs from the primary series.
    #[error("signal column 'time' has {found} at row {row}, the primary series has {expected}")]
    SignalsTime {
        /// First row that differs.
        row: usize,
        /// Time of the signals, nanoseconds.
        found: i64,
        /// Open time of the bar, nanoseconds.
        expected: i64,
    },

    /// A value that cannot be meant.
    #[error("signal column '{column}' has {value} at row {row}, expected {expected}")]
    SignalsValue {
        /// Name of the column.
        column: &'static str,
        /// First row with such a value.
        row: usize,
        /// The value as text.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },

    /// `bind` was called before `request`, or with columns of another market.
    #[error("strategy '{strategy}' was bound to columns of {found} bars, the market has {expected}")]
    Columns {
        /// Name of the strategy.
        strategy: &'static str,
        /// Length of the column.
        found: usize,
        /// Bars of the market.
        expected: usize,
    },
}

impl Coded for StrategyError {
    fn code(&self) -> Code {
        match self {
            Self::DuplicateRegistration { .. } => code::STRAT_DUPLICATE_REGISTRATION,
            Self::ApiVersion { .. } => code::STRAT_API_VERSION,
            Self::Name { .. } => code::ARG_INVALID,
            Self::SignalsLength { .. } => code::SIGNALS_LENGTH,
            Self::SignalsTime { .. } => code::SIGNALS_TIME,
            Self::SignalsValue { .. } => code::SIGNALS_VALUE,
            Self::Columns { .. } => code::INTERNAL,
        }
    }

    fn details(&self) -> Json {
        match self {
            Self::DuplicateRegistration { name, first, second } => {
                json!({ "name": name, "first": first, "second": second })
            }
            Self::ApiVersion { name, found, supported } => {
                json!({ "name": name, "found": found, "supported": supported })
            }
            Self::Name { name } => json!({ "name": name }),
            Self::SignalsLength { column, found, expected } => {
                json!({ "column": column, "found": found, "expected": expected })
            }
            Self::SignalsTime { row, found, expected } => {
                json!({ "column": "time", "row": row, "found": found.to_string(), "expected": expected.to_string() })
            }
            Self::SignalsValue { column, row, value, expected } => {
                json!({ "column": column, "row": row, "value": value, "expected": expected })
            }
            Self::Columns { strategy, found, expected } => {
                json!({ "strategy": strategy, "found": found, "expected": expected })
            }
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::DuplicateRegistration { .. } => "give one of them another name",
            Self::ApiVersion { .. } => "build the strategy against this version of the engine",
            Self::Name { .. } => "start with a letter a-z and use letters, digits and underscores",
            Self::SignalsLength { .. } => {
                "signals cover the whole aligned primary series of the dataset, warm-up included"
            }
            Self::SignalsTime { .. } => "compute the signals from the series of the dataset that the run uses",
            Self::SignalsValue { .. } => "use NaN or 0 where a level or size is absent",
            Self::Columns { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
