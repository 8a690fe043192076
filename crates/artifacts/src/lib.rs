//! Columns in, bytes out: the text artifacts of a run and its tables as Arrow streams.
//!
//! Every encoder is a pure function. This crate opens no file, knows no folder and computes no number; it refuses what
//! the output contract does not allow. Read [`equity_csv`] for the plainest case and [`mod@column`] for the tables.

mod arrow;
pub mod column;
mod decimal;
mod entries;
mod equity;
mod error;
mod instant;
mod json;
mod metrics;
mod rejections;
mod trades;
mod trades_json;

pub use column::{ColumnData, TableColumn};
pub use entries::{EntryRow, entries_jsonl};
pub use equity::{EQUITY_CSV_HEADER, equity_arrow, equity_csv};
pub use error::ArtifactError;
pub use json::{json_bytes, number_text};
pub use metrics::{metrics_extended_json, metrics_json};
pub use rejections::{REJECTION_TABLE, RejectionRow, rejection_columns, rejections_arrow};
pub use trades::{TRADE_TABLE, trade_columns, trades_arrow};
pub use trades_json::trades_json;
