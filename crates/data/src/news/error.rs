//! What can be wrong with a news calendar (data.md 14).

use std::path::PathBuf;

use omega_types::{Code, Coded, Json, code, time::iso};
use serde_json::json;

use crate::{FileStamp, error::stamp};

/// What can go wrong between a calendar file and its events. Rows are 0-based rows of the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum NewsError {
    #[error("news calendar: data file not found: {}", path.display())]
    FileNotFound {
        path: PathBuf,
        /// Who named the file: `option`, `env` or `default`.
        origin: String,
    },

    #[error("news calendar: cannot read {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },

    #[error("news calendar: {} changed while it was being read", path.display())]
    BusyChanged {
        path: PathBuf,
        /// Before and after.
        stamps: Box<(FileStamp, FileStamp)>,
    },

    #[error("news calendar: not a readable Parquet file: {}: {reason}", path.display())]
    Parse { path: PathBuf, reason: String },

    #[error("news calendar: column '{column}' is missing in {}", path.display())]
    MissingColumn { path: PathBuf, column: &'static str, found: Vec<String> },

    #[error("news calendar: column '{column}' in {} has type {found}, expected {expected}", path.display())]
    ColumnType { path: PathBuf, column: &'static str, found: String, expected: &'static str },

    #[error("news calendar: column 'UTC time' in {} must be UTC, found {found}", path.display())]
    TimeZone { path: PathBuf, found: String },

    #[error("news calendar: null in column '{column}' at row {row} of {}", path.display())]
    Null { path: PathBuf, column: &'static str, row: usize },

    #[error("news calendar: {} has no rows", path.display())]
    Empty {
        path: PathBuf,
        /// Rows that an import left out.
        skipped: u64,
    },

    #[error(
        "news calendar: timestamps go backwards at row {row} of {}: {} after {}",
        path.display(), iso(*time_ns), iso(*previous_ns)
    )]
    OutOfOrder { path: PathBuf, row: usize, time_ns: i64, previous_ns: i64 },

    #[error("news calendar: impact '{value}' at row {row} is not LOW, MEDIUM or HIGH")]
    Impact {
        value: String,
        row: usize,
        /// The calendar; `None` while one is imported.
        path: Option<PathBuf>,
    },

    #[error("news calendar: currency '{value}' at row {row} is not a three-letter code")]
    Currency {
        value: String,
        row: usize,
        /// The calendar; `None` while one is imported.
        path: Option<PathBuf>,
    },

    /// The text of an import source is no table.
    #[error("{}: {problem}", path.display())]
    Format { path: PathBuf, problem: String, hint: String },
}

impl Coded for NewsError {
    fn code(&self) -> Code {
        match self {
            Self::FileNotFound { .. } => code::NEWS_FILE_NOT_FOUND,
            Self::Read { .. } => code::DATA_READ,
            Self::BusyChanged { .. } => code::DATA_BUSY_CHANGED,
            Self::Parse { .. } => code::NEWS_PARSE,
            Self::MissingColumn { .. } => code::NEWS_MISSING_COLUMN,
            Self::ColumnType { .. } => code::NEWS_COLUMN_TYPE,
            Self::TimeZone { .. } => code::NEWS_TIMEZONE,
            Self::Null { .. } => code::NEWS_NULL,
            Self::Empty { .. } => code::NEWS_EMPTY,
            Self::OutOfOrder { .. } => code::NEWS_OUT_OF_ORDER,
            Self::Impact { .. } => code::NEWS_IMPACT,
            Self::Currency { .. } => code::NEWS_CURRENCY,
            Self::Format { .. } => code::IMPORT_FORMAT,
        }
    }

    fn details(&self) -> Json {
        let mut details = match self {
            Self::FileNotFound { origin, .. } => json!({ "origin": origin }),
            Self::BusyChanged { stamps, .. } => json!({ "before": stamp(&stamps.0), "after": stamp(&stamps.1) }),
            Self::MissingColumn { column, found, .. } => json!({ "column": column, "found": found }),
            Self::ColumnType { column, found, expected, .. } => {
                json!({ "column": column, "found": found, "expected": expected })
            }
            Self::TimeZone { found, .. } => json!({ "column": "UTC time", "found": found }),
            Self::Null { column, row, .. } => json!({ "column": column, "row": row }),
            Self::OutOfOrder { row, time_ns, previous_ns, .. } => {
                json!({ "row": row, "time_ns": time_ns.to_string(), "previous_ns": previous_ns.to_string() })
            }
            Self::Impact { value, row, .. } => json!({ "column": "Impact", "row": row, "value": value }),
            Self::Currency { value, row, .. } => json!({ "column": "Currency", "row": row, "value": value }),
            Self::Empty { skipped, .. } => json!({ "skipped": skipped }),
            Self::Read { .. } | Self::Parse { .. } | Self::Format { .. } => json!({}),
        };
        if let Some(path) = self.path() {
            details["path"] = json!(path.to_string_lossy());
        }
        details
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::FileNotFound { origin, .. } if origin == "default" => {
                "make a calendar with 'omega data import-news', or name yours with --news (news)"
            }
            Self::FileNotFound { .. } => "correct the path, or make the calendar with 'omega data import-news'",
            Self::BusyChanged { .. } => "run again when nothing writes to the file",
            Self::Parse { .. } | Self::ColumnType { .. } | Self::TimeZone { .. } | Self::Null { .. } => {
                "convert the source with 'omega data import-news', which writes the expected layout"
            }
            Self::MissingColumn { .. } => {
                "the columns are 'UTC time' (in a CSV also 'Start'), 'Id' (in a CSV optional), 'Name', 'Impact' and 'Currency'"
            }
            Self::OutOfOrder { .. } => "sort the rows by time; 'omega data import-news' does it",
            Self::Impact { path: None, .. } => {
                "map it: --impact-map NONE=skip (impactMap) leaves such events out, NONE=low keeps them"
            }
            Self::Impact { .. } | Self::Currency { path: Some(_), .. } => {
                "import the calendar with 'omega data import-news'"
            }
            Self::Currency { path: None, .. } => "correct or remove the row",
            Self::Empty { skipped: 1.., .. } => "every row was left out: check --impact-map (impactMap)",
            Self::Format { hint, .. } => hint,
            Self::Empty { .. } => "import the calendar again: it ended up without an event",
            Self::Read { .. } => "check that the file is a readable file and not a folder",
        };
        Some(hint.to_owned())
    }
}

impl NewsError {
    fn path(&self) -> Option<&PathBuf> {
        match self {
            Self::Impact { path, .. } | Self::Currency { path, .. } => path.as_ref(),
            Self::FileNotFound { path, .. }
            | Self::Read { path, .. }
            | Self::BusyChanged { path, .. }
            | Self::Parse { path, .. }
            | Self::MissingColumn { path, .. }
            | Self::ColumnType { path, .. }
            | Self::TimeZone { path, .. }
            | Self::Null { path, .. }
            | Self::Empty { path, .. }
            | Self::OutOfOrder { path, .. }
            | Self::Format { path, .. } => Some(path),
        }
    }
}

/// A text of the input as messages show it.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
