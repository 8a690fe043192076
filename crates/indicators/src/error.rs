//! What can go wrong between a request and its columns.

use omega_types::{Code, Coded, Json, Timeframe, code, watch::Cancelled};
use serde_json::json;

use crate::{
    describe::Fault,
    registry::{parameters_of, registry},
};

/// Why an indicator was not computed. Series that are too short are not an error: they give NaN.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum IndicatorError {
    /// No indicator of this name is registered.
    #[error("'{kind}' is not an indicator")]
    Unknown { kind: String },

    /// The indicator answers for one bar and was asked for as a series.
    #[error("'{kind}' gives values of one bar, not a series")]
    NotASeries { kind: String },

    /// A parameter is missing, unknown, of the wrong type or out of range.
    #[error("{kind}: {} {problem}", if parameter.is_empty() { "its" } else { parameter.as_str() })]
    Parameter { kind: String, parameter: String, problem: String },

    /// The indicator takes another number of input series.
    #[error("{kind}: takes {expected}, got {given} series")]
    InputCount { kind: String, expected: String, given: usize },

    /// Series that belong together have different lengths.
    #[error("{place}: {given} values where {expected} are needed")]
    InputLength { place: String, expected: usize, given: usize },

    /// The timeframe is not loaded.
    #[error("the bars of {timeframe} are not loaded")]
    TimeframeMissing { timeframe: Timeframe },

    /// The node was made by another graph.
    #[error("node {node} does not belong to this graph")]
    ForeignNode { node: u32 },

    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl IndicatorError {
    pub(crate) fn parameter(kind: &str, fault: Fault) -> Self {
        Self::Parameter { kind: kind.to_owned(), parameter: fault.parameter, problem: fault.problem }
    }
}

impl Coded for IndicatorError {
    fn code(&self) -> Code {
        match self {
            Self::Unknown { .. } | Self::NotASeries { .. } => code::IND_UNKNOWN,
            Self::Parameter { .. } => code::IND_PARAM,
            Self::InputCount { .. }
            | Self::InputLength { .. }
            | Self::TimeframeMissing { .. }
            | Self::ForeignNode { .. } => code::IND_INPUT,
            Self::Cancelled(_) => code::ABORTED,
        }
    }

    fn details(&self) -> Json {
        match self {
            Self::Unknown { kind } | Self::NotASeries { kind } => json!({ "indicator": kind }),
            Self::Parameter { kind, parameter, .. } => json!({ "indicator": kind, "parameter": parameter }),
            Self::InputCount { kind, given, .. } => json!({ "indicator": kind, "given": given }),
            Self::InputLength { place, expected, given } => {
                json!({ "place": place, "expected": expected, "given": given })
            }
            Self::TimeframeMissing { timeframe } => json!({ "timeframe": timeframe.as_str() }),
            Self::ForeignNode { node } => json!({ "node": node }),
            Self::Cancelled(_) => json!({}),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { .. } | Self::NotASeries { .. } => {
                let kinds: Vec<_> = registry().iter().map(|entry| entry.kind).collect();
                Some(format!("use one of {}", kinds.join(", ")))
            }
            Self::Parameter { kind, .. } => {
                let names: Vec<_> =
                    parameters_of(kind)?.iter().map(|p| format!("{} ({})", p.name, p.domain.expected())).collect();
                Some(format!("the parameters of {kind} are {}", names.join(", ")))
            }
            Self::InputCount { .. } | Self::InputLength { .. } => {
                Some("give every input series, all over the same bars".to_owned())
            }
            Self::TimeframeMissing { timeframe } => Some(format!("add {timeframe} to the timeframes that are loaded")),
            Self::ForeignNode { .. } | Self::Cancelled(_) => None,
        }
    }
}
