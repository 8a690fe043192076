//! Everything that can be wrong with candles, with the public codes of data.md 14.

use std::sync::Arc;

use omega_types::{Candle, Code, Coded, Json, Timeframe, code, time::iso, watch::Cancelled};
use serde_json::{Map, json};

use crate::{Origin, resample::Anchor, write::FileSide};

/// What can go wrong between a file on disk and the window of a run.
///
/// Rows are 0-based rows of the file. Times are open times in nanoseconds UTC.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum DataError {
    #[error("data file not found: {origin}")]
    FileNotFound {
        origin: Arc<Origin>,
        /// The setting that asks for the timeframe (`strategy_parameters.htf_tf`), if it is not the configuration's own list.
        required_by: Option<String>,
        /// A file of the other kind (both sides, or one) is there.
        other_kind: Option<String>,
    },

    #[error("cannot read {origin}")]
    Read { origin: Arc<Origin>, source: std::io::Error },

    #[error("{origin} changed while it was being read")]
    BusyChanged { origin: Arc<Origin>, before: FileStamp, after: FileStamp },

    #[error("not a readable Parquet file: {origin}: {reason}")]
    Parse { origin: Arc<Origin>, reason: String },

    #[error("column '{column}' is missing in {origin}")]
    MissingColumn { origin: Arc<Origin>, column: &'static str, found: Vec<String> },

    #[error("column '{column}' in {origin} has type {found}, expected {expected}")]
    ColumnType { origin: Arc<Origin>, column: &'static str, found: String, expected: &'static str },

    #[error("column 'UTC time' in {origin} must be UTC, found {found}")]
    TimeZone { origin: Arc<Origin>, found: String },

    #[error("{origin} is labelled {found}, expected {expected}")]
    MetadataMismatch { origin: Arc<Origin>, key: &'static str, found: String, expected: String },

    #[error("null in column '{column}' at row {row} of {origin}")]
    Null { origin: Arc<Origin>, column: &'static str, row: usize },

    #[error("{origin} has no rows")]
    Empty { origin: Arc<Origin> },

    #[error("timestamps go backwards at row {row} of {origin}: {} after {}", iso(*time_ns), iso(*previous_ns))]
    OutOfOrder { origin: Arc<Origin>, row: usize, time_ns: i64, previous_ns: i64 },

    #[error("duplicate timestamp {} with different values at row {row} of {origin}", iso(*time_ns))]
    DuplicateDivergent { origin: Arc<Origin>, row: usize, first_row: usize, time_ns: i64 },

    #[error("{column} is not a finite number at row {row} of {origin} ({})", iso(*time_ns))]
    NonFinite { origin: Arc<Origin>, column: &'static str, row: usize, time_ns: i64, value: f64 },

    #[error("{column} = {value} is not positive at row {row} of {origin} ({})", iso(*time_ns))]
    NonPositivePrice { origin: Arc<Origin>, column: &'static str, value: f64, row: usize, time_ns: i64 },

    #[error("volume {value} is negative at row {row} of {origin} ({})", iso(*time_ns))]
    NegativeVolume { origin: Arc<Origin>, value: f64, row: usize, time_ns: i64 },

    #[error(
        "inconsistent bar at row {row} of {origin} ({}): O {} H {} L {} C {}",
        iso(*time_ns), candle.open, candle.high, candle.low, candle.close
    )]
    Ohlc { origin: Arc<Origin>, row: usize, time_ns: i64, candle: Box<Candle> },

    #[error("bar time {} at row {row} of {origin} is not a multiple of {}", iso(*time_ns), origin.timeframe)]
    OffGrid { origin: Arc<Origin>, row: usize, time_ns: i64 },

    #[error("bar time out of range at row {row} of {origin}")]
    TimeOverflow { origin: Arc<Origin>, row: usize, time_ns: i64 },

    #[error("{symbol} {timeframe}: bid and ask have no common timestamps")]
    NoOverlap { symbol: String, timeframe: Timeframe, bid: Span, ask: Span },

    #[error(
        "{} {}: alignment loss {} exceeds 0.01 ({} bars one-sided, scope {})",
        .0.symbol, .0.timeframe, .0.loss(), .0.discarded(), .0.scope
    )]
    AlignmentLoss(Box<AlignmentLoss>),

    #[error(
        "{} {}: bid {} {} above ask {} at {}{}",
        .0.symbol, .0.timeframe, .0.field, .0.bid, .0.ask, iso(.0.time_ns), .0.others()
    )]
    InvalidSpread(Box<InvalidSpread>),

    #[error(
        "{symbol} {timeframe}: no bars between {} and {}; data covers {} to {}",
        iso(*start_ns), iso(*end_ns), iso(*first_ns), iso(*last_ns)
    )]
    RangeEmpty { symbol: String, timeframe: Timeframe, start_ns: i64, end_ns: i64, first_ns: i64, last_ns: i64 },

    #[error("{symbol} {timeframe}: need {required} bars (warm-up {warmup}), have {available}")]
    Insufficient { symbol: String, timeframe: Timeframe, required: usize, warmup: usize, available: usize },

    #[error("{symbol} {timeframe}: need {required} warm-up bars, have {available}")]
    InsufficientHtf { symbol: String, timeframe: Timeframe, required: usize, available: usize },

    #[error("{timeframe} has no bar at or before trading bar {}", iso(*trading_ns))]
    HtfMapping { symbol: String, timeframe: Timeframe, trading_ns: i64, first_ns: Option<i64> },

    #[error("{symbol} {timeframe}: gap loss {loss} exceeds {limit}")]
    GapLoss { symbol: String, timeframe: Timeframe, loss: f64, limit: f64, missing: u64, expected: u64 },

    /// The short bars lie across the borders of the long ones.
    #[error("{symbol}: more than 5 % of the {from} bars lie across the borders of {to} bars counted from {}", match anchor {
        Some(anchor) => anchor.as_str(),
        None => "ny17 (17:00 New York) or utc (midnight UTC)",
    })]
    NoCommonGrid { symbol: String, from: Timeframe, to: Timeframe, anchor: Option<Anchor> },

    /// The dataset was loaded without a timeframe that the run needs.
    #[error("the dataset of {symbol} has no {timeframe} candles")]
    NotLoaded { symbol: String, timeframe: Timeframe },

    /// Something that TypeScript should have refused.
    #[error("{what}")]
    Rejected { what: String },

    /// Arrays or names that cannot be a dataset.
    #[error("{what}")]
    Argument { what: String },

    /// A bug.
    #[error("{what}")]
    Internal { what: String },

    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The news calendar.
    #[error(transparent)]
    News(#[from] crate::news::NewsError),
    // ---- import, inspect, generate: variants of the importing half below this line ----
    #[error(transparent)]
    Import(#[from] crate::import::ImportError),

    /// The candles that an import made from these lines fail a check of the loader.
    #[error("{error}; the row comes from {place}")]
    ImportedRow { place: crate::import::Place, error: Box<DataError> },
}

/// Size and modification time of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct FileStamp {
    pub size: u64,
    /// Nanoseconds since the Unix epoch; `None` where the file system has no modification times.
    pub modified_ns: Option<i128>,
}

/// Number of stamps, the first and the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Span {
    pub count: usize,
    pub first_ns: Option<i64>,
    pub last_ns: Option<i64>,
}

impl Span {
    /// The span of sorted stamps.
    pub fn of(time: &[i64]) -> Self {
        Self { count: time.len(), first_ns: time.first().copied(), last_ns: time.last().copied() }
    }
}

/// Too many bars on one side only.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct AlignmentLoss {
    pub symbol: String,
    pub timeframe: Timeframe,
    /// `file` or `window`.
    pub scope: &'static str,
    pub bid_count: usize,
    pub ask_count: usize,
    pub aligned_count: usize,
    /// The first ten one-sided stamps and their side, in time order.
    pub first: Vec<(i64, FileSide)>,
}

impl AlignmentLoss {
    /// `max(1 - |I|/|B|, 1 - |I|/|A|)`, rounded to 6 decimals.
    pub fn loss(&self) -> f64 {
        crate::align::loss(self.bid_count, self.ask_count, self.aligned_count)
    }

    /// `|B| + |A| - 2|I|`.
    pub fn discarded(&self) -> usize {
        self.bid_count.saturating_sub(self.aligned_count) + self.ask_count.saturating_sub(self.aligned_count)
    }
}

/// The first crossed bar, and how many follow.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct InvalidSpread {
    pub symbol: String,
    pub timeframe: Timeframe,
    /// `Open` or `Close`.
    pub field: &'static str,
    pub bid: f64,
    pub ask: f64,
    pub time_ns: i64,
    /// Index in the aligned series.
    pub index: usize,
    /// Crossed bars after this one.
    pub further: usize,
    /// Bars in the aligned series.
    pub bars: usize,
}

impl InvalidSpread {
    fn others(&self) -> String {
        let crossed = self.further + 1;
        match self.further {
            0 => String::new(),
            _ => format!(" ({crossed} of {} bars are crossed)", self.bars),
        }
    }
}

impl Coded for DataError {
    fn code(&self) -> Code {
        match self {
            Self::FileNotFound { .. } => code::DATA_FILE_NOT_FOUND,
            Self::Read { .. } => code::DATA_READ,
            Self::BusyChanged { .. } => code::DATA_BUSY_CHANGED,
            Self::Parse { .. } => code::DATA_PARSE,
            Self::MissingColumn { .. } => code::DATA_MISSING_COLUMN,
            Self::ColumnType { .. } => code::DATA_COLUMN_TYPE,
            Self::TimeZone { .. } => code::DATA_TIMEZONE,
            Self::MetadataMismatch { .. } => code::DATA_METADATA_MISMATCH,
            Self::Null { .. } => code::DATA_NULL,
            Self::Empty { .. } => code::DATA_EMPTY,
            Self::OutOfOrder { .. } => code::DATA_OUT_OF_ORDER,
            Self::DuplicateDivergent { .. } => code::DATA_DUPLICATE_DIVERGENT,
            Self::NonFinite { .. } => code::DATA_NON_FINITE,
            Self::NonPositivePrice { .. } => code::DATA_NON_POSITIVE_PRICE,
            Self::NegativeVolume { .. } => code::DATA_NEGATIVE_VOLUME,
            Self::Ohlc { .. } => code::DATA_OHLC,
            Self::OffGrid { .. } => code::DATA_OFF_GRID,
            Self::TimeOverflow { .. } => code::DATA_TIME_OVERFLOW,
            Self::NoOverlap { .. } => code::DATA_NO_OVERLAP,
            Self::AlignmentLoss(_) => code::DATA_ALIGNMENT_LOSS,
            Self::InvalidSpread(_) => code::DATA_INVALID_SPREAD,
            Self::RangeEmpty { .. } => code::DATA_RANGE_EMPTY,
            Self::Insufficient { .. } => code::DATA_INSUFFICIENT,
            Self::InsufficientHtf { .. } => code::DATA_INSUFFICIENT_HTF,
            Self::HtfMapping { .. } => code::DATA_HTF_MAPPING,
            Self::GapLoss { .. } => code::DATA_GAP_LOSS,
            Self::NoCommonGrid { .. } => code::DATA_OFF_GRID,
            Self::NotLoaded { .. } => code::CFG_CONFLICT,
            Self::Rejected { .. } => code::CFG_ENGINE_REJECTED,
            Self::Argument { .. } => code::ARG_INVALID,
            Self::Internal { .. } => code::INTERNAL,
            Self::Cancelled(_) => code::ABORTED,
            Self::News(error) => error.code(),
            Self::Import(error) => error.code(),
            Self::ImportedRow { error, .. } => error.code(),
        }
    }

    fn details(&self) -> Json {
        match self {
            Self::News(error) => return error.details(),
            Self::Import(error) => return error.details(),
            Self::ImportedRow { place, error } => return place.add_to(error.details()),
            _ => {}
        }
        let mut details = self.subject();
        let facts = match self {
            Self::FileNotFound { required_by: Some(required_by), .. } => json!({ "required_by": required_by }),
            Self::BusyChanged { before, after, .. } => json!({ "before": stamp(before), "after": stamp(after) }),
            Self::MissingColumn { column, found, .. } => json!({ "column": column, "found": found }),
            Self::ColumnType { column, found, expected, .. } => {
                json!({ "column": column, "found": found, "expected": expected })
            }
            Self::TimeZone { found, .. } => json!({ "column": "UTC time", "found": found }),
            Self::MetadataMismatch { key, found, expected, .. } => {
                json!({ "key": key, "found": found, "expected": expected })
            }
            Self::Null { column, row, .. } => json!({ "column": column, "row": row }),
            Self::OutOfOrder { row, time_ns, previous_ns, .. } => {
                json!({ "row": row, "time_ns": ns(*time_ns), "previous_ns": ns(*previous_ns) })
            }
            Self::DuplicateDivergent { row, first_row, time_ns, .. } => {
                json!({ "row": row, "first_row": first_row, "time_ns": ns(*time_ns) })
            }
            Self::NonFinite { column, row, time_ns, value, .. } => {
                json!({ "column": column, "row": row, "time_ns": ns(*time_ns), "value": value.to_string() })
            }
            Self::NonPositivePrice { column, row, time_ns, value, .. } => {
                json!({ "column": column, "row": row, "time_ns": ns(*time_ns), "value": value })
            }
            Self::NegativeVolume { row, time_ns, value, .. } => {
                json!({ "column": "Volume", "row": row, "time_ns": ns(*time_ns), "value": value })
            }
            Self::Ohlc { row, time_ns, candle, .. } => json!({
                "row": row, "time_ns": ns(*time_ns),
                "open": candle.open, "high": candle.high, "low": candle.low, "close": candle.close,
            }),
            Self::OffGrid { row, time_ns, .. } | Self::TimeOverflow { row, time_ns, .. } => {
                json!({ "row": row, "time_ns": ns(*time_ns) })
            }
            Self::NoOverlap { bid, ask, .. } => json!({ "bid": span(bid), "ask": span(ask) }),
            Self::AlignmentLoss(loss) => json!({
                "scope": loss.scope, "bid_count": loss.bid_count, "ask_count": loss.ask_count,
                "aligned_count": loss.aligned_count, "discarded_count": loss.discarded(), "alignment_loss": loss.loss(),
                "first_one_sided": loss.first.iter()
                    .map(|(time, side)| json!({ "time_ns": ns(*time), "side": side.as_str() }))
                    .collect::<Vec<_>>(),
            }),
            Self::InvalidSpread(crossed) => json!({
                "field": crossed.field, "bid": crossed.bid, "ask": crossed.ask, "time_ns": ns(crossed.time_ns),
                "index": crossed.index, "further": crossed.further, "bars": crossed.bars,
            }),
            Self::RangeEmpty { start_ns, end_ns, first_ns, last_ns, .. } => json!({
                "start_ns": ns(*start_ns), "end_ns": ns(*end_ns), "first_ns": ns(*first_ns), "last_ns": ns(*last_ns),
            }),
            Self::Insufficient { required, warmup, available, .. } => {
                json!({ "required": required, "warmup": warmup, "available": available })
            }
            Self::InsufficientHtf { required, available, .. } => {
                json!({ "required": required, "available": available })
            }
            Self::HtfMapping { trading_ns, first_ns, .. } => {
                json!({ "trading_ns": ns(*trading_ns), "first_ns": first_ns.map(ns) })
            }
            Self::NoCommonGrid { from, to, anchor, .. } => json!({ "from": from, "to": to, "anchor": anchor }),
            Self::GapLoss { loss, limit, missing, expected, .. } => {
                json!({ "gap_loss": loss, "limit": limit, "missing_bars": missing, "expected_bars": expected })
            }
            _ => Json::Null,
        };
        if let Json::Object(facts) = facts {
            details.extend(facts);
        }
        Json::Object(details)
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::FileNotFound { other_kind: Some(file), origin, .. } => match origin.side {
                FileSide::Single => format!("{file} is there: leave out data.quotes = single, or import with --single"),
                _ => format!("{file} is there: set data.quotes to single, or import both sides"),
            },
            Self::FileNotFound { required_by: Some(setting), origin, .. } => {
                format!("import {} {} candles, or change {setting}", origin.symbol, origin.timeframe)
            }
            Self::FileNotFound { .. } => {
                "check the data root, or import the candles with 'omega data import'".to_owned()
            }
            Self::BusyChanged { .. } => "run again when nothing writes to the file".to_owned(),
            Self::Parse { .. } | Self::MissingColumn { .. } | Self::ColumnType { .. } | Self::TimeZone { .. } => {
                "convert the source with 'omega data import', which writes the expected layout".to_owned()
            }
            Self::MetadataMismatch { .. } => "the file was renamed or replaced: import it again".to_owned(),
            Self::OffGrid { .. } => "the bars look stamped with their close or shifted by a time zone: \
                import them with --label close or the right --timezone"
                .to_owned(),
            Self::OutOfOrder { .. } => "sort the rows by time; 'omega data import' does it".to_owned(),
            Self::AlignmentLoss(_) => "import both sides from the same source and period, or shorten the run".to_owned(),
            Self::InvalidSpread(_) => {
                "import with --on-crossed clamp (raise the ask to the bid) or --on-crossed drop; either is counted and reported"
                    .to_owned()
            }
            Self::RangeEmpty { .. } => "choose start_date and end_date inside the data".to_owned(),
            Self::Insufficient { .. } | Self::InsufficientHtf { .. } => {
                "lower warmup_bars, start later, or load more history".to_owned()
            }
            Self::HtfMapping { .. } => "start later, or load more history of that timeframe".to_owned(),
            Self::GapLoss { .. } => "complete the data, raise maxGapLoss, or choose another calendar".to_owned(),
            Self::NoCommonGrid { anchor: Some(_), .. } => {
                "choose the other anchor, leave it out, or resample shorter bars".to_owned()
            }
            Self::NoCommonGrid { from, to, .. } => {
                format!("import {to} candles, or make them of bars shorter than {from}")
            }
            Self::NotLoaded { timeframe, .. } => format!("load the dataset with {timeframe} as well"),
            Self::Read { .. } => "check that the file is a readable file and not a folder".to_owned(),
            Self::Empty { .. } => "import the source again: it ended up without a bar".to_owned(),
            Self::NoOverlap { .. } => "import both sides from the same source and period".to_owned(),
            Self::Null { .. }
            | Self::DuplicateDivergent { .. }
            | Self::NonFinite { .. }
            | Self::NonPositivePrice { .. }
            | Self::NegativeVolume { .. }
            | Self::Ohlc { .. }
            | Self::TimeOverflow { .. } => "correct or remove the row in the source, then import it again".to_owned(),
            Self::News(error) => return error.hint(),
            Self::Import(error) => return error.hint(),
            Self::ImportedRow { error, .. } => return error.hint(),
            _ => return None,
        };
        Some(hint)
    }
}

impl DataError {
    /// File, symbol, timeframe, side.
    fn subject(&self) -> Map<String, Json> {
        let mut subject = Map::new();
        let mut put = |key: &str, value: Json| {
            subject.insert(key.to_owned(), value);
        };
        match self {
            Self::FileNotFound { origin, .. }
            | Self::Read { origin, .. }
            | Self::BusyChanged { origin, .. }
            | Self::Parse { origin, .. }
            | Self::MissingColumn { origin, .. }
            | Self::ColumnType { origin, .. }
            | Self::TimeZone { origin, .. }
            | Self::MetadataMismatch { origin, .. }
            | Self::Null { origin, .. }
            | Self::Empty { origin }
            | Self::OutOfOrder { origin, .. }
            | Self::DuplicateDivergent { origin, .. }
            | Self::NonFinite { origin, .. }
            | Self::NonPositivePrice { origin, .. }
            | Self::NegativeVolume { origin, .. }
            | Self::Ohlc { origin, .. }
            | Self::OffGrid { origin, .. }
            | Self::TimeOverflow { origin, .. } => {
                put("symbol", json!(origin.symbol));
                put("timeframe", json!(origin.timeframe));
                put("side", json!(origin.side.as_str()));
                put("kind", json!(origin.input_kind()));
                if let Some(path) = &origin.path {
                    put("path", json!(path.display().to_string()));
                }
            }
            Self::AlignmentLoss(loss) => {
                put("symbol", json!(loss.symbol));
                put("timeframe", json!(loss.timeframe));
            }
            Self::InvalidSpread(crossed) => {
                put("symbol", json!(crossed.symbol));
                put("timeframe", json!(crossed.timeframe));
            }
            Self::NoOverlap { symbol, timeframe, .. }
            | Self::RangeEmpty { symbol, timeframe, .. }
            | Self::Insufficient { symbol, timeframe, .. }
            | Self::InsufficientHtf { symbol, timeframe, .. }
            | Self::HtfMapping { symbol, timeframe, .. }
            | Self::GapLoss { symbol, timeframe, .. }
            | Self::NotLoaded { symbol, timeframe } => {
                put("symbol", json!(symbol));
                put("timeframe", json!(timeframe));
            }
            Self::NoCommonGrid { symbol, .. } => put("symbol", json!(symbol)),
            _ => {}
        }
        subject
    }
}

/// Nanoseconds as text: a JSON number would be rounded on its way through JavaScript.
fn ns(time: i64) -> String {
    time.to_string()
}

pub(crate) fn stamp(stamp: &FileStamp) -> Json {
    json!({ "size": stamp.size, "modified_ns": stamp.modified_ns.map(|ns| ns.to_string()) })
}

fn span(span: &Span) -> Json {
    json!({ "count": span.count, "first_ns": span.first_ns.map(ns), "last_ns": span.last_ns.map(ns) })
}
