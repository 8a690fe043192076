//! What the output contract does not allow.

use omega_types::{Code, Coded, Json, code};
use serde_json::json;

/// A result that must not be written. The place is a row and a field of the artifact.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum ArtifactError {
    /// Artifacts carry finite numbers only.
    #[error("{artifact}: {field} of row {row} is {value}")]
    NotFinite { artifact: &'static str, field: &'static str, row: usize, value: f64 },

    /// Rows must ascend in time.
    #[error("{artifact}: {field} of row {row} is {next}, before {previous} of the row above")]
    Order { artifact: &'static str, field: &'static str, row: usize, previous: i64, next: i64 },

    /// Columns of one table differ in length.
    #[error("{artifact}: {field} has {found} values for {expected} rows")]
    Length { artifact: &'static str, field: &'static str, expected: usize, found: usize },

    /// The free part of a trade cannot be read.
    #[error("trades.json: meta of row {row} is not JSON")]
    Meta { row: usize, source: serde_json::Error },

    /// The free part of a trade is JSON, but not an object.
    #[error("trades.json: meta of row {row} is not an object")]
    MetaShape { row: usize },

    /// The explanation of an entry signal cannot be read, or is not an object.
    #[error("entries.jsonl: meta of row {row} is not a JSON object")]
    EntryMeta { row: usize, source: Option<serde_json::Error> },

    /// A metric that is neither number, boolean nor text, or has no definition.
    #[error("{artifact}: {key} {problem}")]
    Metric { artifact: &'static str, key: String, problem: &'static str },

    /// The table does not fit the Arrow format.
    #[error("cannot encode {table} as Arrow")]
    Arrow { table: &'static str, source: arrow_schema::ArrowError },
}

impl Coded for ArtifactError {
    fn code(&self) -> Code {
        code::OUT_CONTRACT
    }

    fn details(&self) -> Json {
        match self {
            Self::NotFinite { artifact, field, row, .. } => json!({ "artifact": artifact, "field": field, "row": row }),
            Self::Length { artifact, field, expected, found } => {
                json!({ "artifact": artifact, "field": field, "expected": expected, "found": found })
            }
            Self::Order { artifact, field, row, previous, next } => json!({
                "artifact": artifact, "field": field, "row": row,
                "previous": previous.to_string(), "next": next.to_string(),
            }),
            Self::Meta { row, .. } | Self::MetaShape { row } => {
                json!({ "artifact": "trades.json", "field": "meta", "row": row })
            }
            Self::EntryMeta { row, .. } => json!({ "artifact": "entries.jsonl", "field": "meta", "row": row }),
            Self::Metric { artifact, key, .. } => json!({ "artifact": artifact, "field": key }),
            Self::Arrow { table, .. } => json!({ "table": table }),
        }
    }

    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Meta { .. } | Self::MetaShape { .. } | Self::EntryMeta { .. } => {
                "a strategy's note must give meta as a JSON object"
            }
            Self::Arrow { .. } => "write the table as text, or shorten the meta of the trades",
            _ => "this is a bug in the engine: please report it with the configuration",
        };
        Some(text.to_owned())
    }
}
