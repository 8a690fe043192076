//! What can go wrong between an export of quotes and a candle file.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use omega_types::{Code, Coded, Json, Timeframe, code, time::iso};
use serde_json::json;

/// A line of an import source, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as the caller wrote it.
    pub path: PathBuf,
    /// Where in the file.
    pub position: Position,
}

/// Where in an import source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// A line of a text, counted from 1, the header included.
    Line(u64),
    /// A row of a Parquet file, counted from 0.
    Row(u64),
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "row {row}"),
        }
    }
}

impl Place {
    /// A line of a text.
    pub(crate) fn line(path: &Path, line: u64) -> Self {
        Self { path: path.to_owned(), position: Position::Line(line) }
    }

    /// Adds the source line to the details of an error about a row.
    pub(crate) fn add_to(&self, mut details: Json) -> Json {
        if let Json::Object(details) = &mut details {
            details.insert("source".to_owned(), self.with(json!({})));
        }
        details
    }

    /// `details` with the file and the line or row.
    fn with(&self, mut details: Json) -> Json {
        if let Json::Object(details) = &mut details {
            let (name, number) = match self.position {
                Position::Line(line) => ("line", line),
                Position::Row(row) => ("row", row),
            };
            details.insert("path".to_owned(), json!(self.path.to_string_lossy()));
            details.insert(name.to_owned(), json!(number));
        }
        details
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.position, self.path.display())
    }
}

/// Why a local time has no instant of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalTime {
    /// The clock jumped over it.
    Missing,
    /// The clock showed it twice.
    Ambiguous,
}

/// Why a source could not become candle files. The check of the finished candles raises `DATA_…` errors of its own.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum ImportError {
    /// An option is impossible or contradicts another.
    #[error("{name} = {value}: {reason}")]
    Argument { name: &'static str, value: String, reason: String },

    /// A source is not there.
    #[error("import source not found: {}", path.display())]
    FileNotFound { path: PathBuf },

    /// A source exists and cannot be read or unpacked.
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },

    /// A source is Parquet and cannot be decoded.
    #[error("not a readable Parquet file: {}: {reason}", path.display())]
    Parquet { path: PathBuf, reason: String },

    /// The columns fit no format, or more than one.
    #[error("{}: {problem}{}", path.display(), match candidates.as_slice() {
        [] => String::new(),
        candidates => format!("; candidates: {}", candidates.join(", ")),
    })]
    Format { path: PathBuf, problem: String, candidates: Vec<String> },

    /// A column that an option names is not there.
    #[error("{}: there is no column '{column}'; columns: {}", path.display(), found.join(", "))]
    NoColumn { path: PathBuf, option: &'static str, column: String, found: Vec<String> },

    /// A line does not say what its format promises.
    #[error("{place}: {column} '{text}' {problem}")]
    Parse { place: Box<Place>, column: String, text: String, problem: String, remedy: Option<String> },

    /// Times without an offset, and no zone was given.
    #[error("{place}: the time '{text}' has no offset from UTC, and no time zone was given")]
    TimezoneRequired {
        place: Place,
        text: String,
        /// The zone that the file seems to mean.
        seems: Option<&'static str>,
    },

    /// A local time that never was, or was twice.
    #[error("{place}: the local time '{text}' {} in {zone}", match problem {
        LocalTime::Missing => "does not exist",
        LocalTime::Ambiguous => "is ambiguous",
    })]
    LocalTime { place: Place, text: String, zone: String, problem: LocalTime },

    /// Crossed bars, and `on_crossed` is `fail`.
    #[error(
        "{symbol} {timeframe}: {crossed} of {bars} bars are crossed ({opens} with bid open above ask open, {closes} with \
         bid close above ask close), first at {}; on_crossed can be fail, drop or clamp", iso(*first)
    )]
    Crossed {
        symbol: String,
        timeframe: Timeframe,
        bars: u64,
        crossed: u64,
        opens: u64,
        closes: u64,
        /// Open time of the first crossed bar.
        first: i64,
        /// What `clamp` would change.
        clamped_bars: u64,
        clamped_fields: u64,
    },

    /// `on_crossed` is `drop` and too many bars are crossed.
    #[error(
        "{symbol} {timeframe}: dropping {dropped} crossed bars of {bars} would drop {:.2} %, more than the limit of {} %",
        *dropped as f64 / *bars as f64 * 100.0, limit * 100.0
    )]
    DropLimit { symbol: String, timeframe: Timeframe, bars: u64, dropped: u64, limit: f64 },

    /// One time stamp, two different bars.
    #[error("duplicate time {} with different values: {first} and {second}", iso(*time))]
    DuplicateDivergent { time: i64, first: Box<Place>, second: Box<Place> },

    /// Only bids, and no way to an ask was given.
    #[error("{symbol} {timeframe}: the source has a bid side only")]
    AskMissing { symbol: String, timeframe: Timeframe },

    /// A target is there already.
    #[error("{} exists", path.display())]
    Exists { path: PathBuf },

    /// A target cannot be written.
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: std::io::Error },

    /// The candles do not fit the file format.
    #[error("cannot write {}: {reason}", path.display())]
    Encode { path: PathBuf, reason: String },
}

impl Coded for ImportError {
    fn code(&self) -> Code {
        match self {
            Self::Argument { .. } => code::ARG_INVALID,
            Self::FileNotFound { .. } => code::IMPORT_FILE_NOT_FOUND,
            Self::Read { .. } => code::DATA_READ,
            Self::Parquet { .. } => code::DATA_PARSE,
            Self::Format { .. } | Self::NoColumn { .. } => code::IMPORT_FORMAT,
            Self::Parse { .. } => code::IMPORT_PARSE,
            Self::TimezoneRequired { .. } => code::IMPORT_TIMEZONE_REQUIRED,
            Self::LocalTime { .. } => code::IMPORT_LOCAL_TIME,
            Self::Crossed { .. } => code::IMPORT_CROSSED,
            Self::DropLimit { .. } => code::IMPORT_DROP_LIMIT,
            Self::DuplicateDivergent { .. } => code::IMPORT_DUPLICATE_DIVERGENT,
            Self::AskMissing { .. } => code::IMPORT_ASK_MISSING,
            Self::Exists { .. } => code::IMPORT_EXISTS,
            Self::Write { .. } | Self::Encode { .. } => code::IMPORT_WRITE,
        }
    }

    fn details(&self) -> Json {
        match self {
            Self::Argument { name, value, .. } => json!({ "name": name, "value": value }),
            Self::FileNotFound { path }
            | Self::Read { path, .. }
            | Self::Parquet { path, .. }
            | Self::Exists { path }
            | Self::Write { path, .. }
            | Self::Encode { path, .. } => json!({ "path": path.to_string_lossy() }),
            Self::Format { path, candidates, .. } => {
                json!({ "path": path.to_string_lossy(), "candidates": candidates })
            }
            Self::NoColumn { path, column, found, .. } => {
                json!({ "path": path.to_string_lossy(), "column": column, "found": found })
            }
            Self::Parse { place, column, text, .. } => place.with(json!({ "column": column, "text": text })),
            Self::TimezoneRequired { place, text, .. } => place.with(json!({ "text": text })),
            Self::LocalTime { place, text, zone, problem } => place.with(json!({
                "text": text, "timezone": zone,
                "problem": match problem { LocalTime::Missing => "missing", LocalTime::Ambiguous => "ambiguous" },
            })),
            Self::Crossed { symbol, timeframe, bars, crossed, opens, closes, first, clamped_bars, clamped_fields } => {
                json!({
                    "symbol": symbol, "timeframe": timeframe, "bars": bars, "crossed": crossed, "opens": opens,
                    "closes": closes, "first_time_ns": first.to_string(), "clamped_bars": clamped_bars,
                    "clamped_fields": clamped_fields,
                })
            }
            Self::DropLimit { symbol, timeframe, bars, dropped, limit } => json!({
                "symbol": symbol, "timeframe": timeframe, "bars": bars, "dropped": dropped, "limit": limit,
            }),
            Self::DuplicateDivergent { time, first, second } => json!({
                "time_ns": time.to_string(),
                "first": first.with(json!({})),
                "second": second.with(json!({})),
            }),
            Self::AskMissing { symbol, timeframe } => json!({ "symbol": symbol, "timeframe": timeframe }),
        }
    }

    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Format { candidates, .. } if candidates.is_empty() => {
                "a source is CSV text in UTF-8, plain or packed with gzip, or Parquet with columns of plain types".to_owned()
            }
            Self::Format { .. } => {
                "name one of the candidates with format; a file with other column names can be read as generic (bars) or \
                 generic-ticks: time_column, bid_column and ask_column name its columns, and a file without a header \
                 gets one as its first line"
                    .to_owned()
            }
            Self::NoColumn { option, .. } => format!("name one of these columns with {option}"),
            Self::Parse { remedy, .. } => return remedy.clone(),
            Self::TimezoneRequired { seems, .. } => {
                let seems = seems.map(|zone| format!("timezone {zone} by the header; otherwise ")).unwrap_or_default();
                format!(
                    "{seems}give timezone: UTC, an offset such as +02:00, an IANA name such as Europe/Berlin, or ny+7 for \
                     the usual broker server"
                )
            }
            Self::LocalTime { .. } => {
                "check that the zone is right (broker servers mostly run on ny+7); otherwise give a fixed offset such as \
                 +02:00, export with offsets, or remove these lines"
                    .to_owned()
            }
            Self::Crossed { bars, crossed, clamped_bars, clamped_fields, .. } => {
                let share = *crossed as f64 / *bars as f64;
                let swapped = if share > 0.5 { "are bid and ask swapped? Otherwise: " } else { "" };
                let limit = if share > 0.01 { " (needs max_drop)" } else { "" };
                format!(
                    "{swapped}on_crossed = drop would drop {:.2} % of the bars{limit}; clamp would raise the ask to the \
                     bid in {clamped_fields} fields of {clamped_bars} bars",
                    share * 100.0
                )
            }
            Self::DropLimit { .. } => "raise max_drop, or use on_crossed = clamp".to_owned(),
            Self::AskMissing { .. } => {
                "give ask files, ask_from_spread (pips), ask_from_column (for MetaTrader exports with point), or import \
                 bars as single"
                    .to_owned()
            }
            Self::Exists { .. } => "give overwrite to replace it".to_owned(),
            Self::FileNotFound { .. } => "check the path".to_owned(),
            Self::DuplicateDivergent { .. } => "remove one of the two lines".to_owned(),
            Self::Read { source, .. } => match source.kind() {
                ErrorKind::IsADirectory => "name the files in it".to_owned(),
                ErrorKind::UnexpectedEof | ErrorKind::InvalidInput | ErrorKind::InvalidData => {
                    "the packed file is damaged or cut short: fetch it again".to_owned()
                }
                ErrorKind::PermissionDenied => "check who may read the file".to_owned(),
                _ => return None,
            },
            Self::Parquet { .. } => "the file is damaged or cut short: make it again, or export text".to_owned(),
            Self::Write { .. } => "check that the data root is a folder that can be written to, and its disk not full".to_owned(),
            Self::Argument { .. } | Self::Encode { .. } => return None,
        };
        Some(text)
    }
}
