//! Candles as columns: a whole dataset, and the window of it that one run trades.

use std::{ops::Range, path::PathBuf, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{Bar, BarMap, Column, Json, TimeColumn, Timeframe};

/// The side of a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum QuoteSide {
    Bid,
    Ask,
}

/// A field of a candle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Field {
    Open,
    High,
    Low,
    Close,
    Volume,
}

/// One bar of one side.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct Candle {
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: f64,
}

/// The five columns of one side, all equally long.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct SideColumns {
    pub open: Column,
    pub high: Column,
    pub low: Column,
    pub close: Column,
    pub volume: Column,
}

impl SideColumns {
    /// The column of `field`.
    pub fn field(&self, field: Field) -> &Column {
        match field {
            Field::Open => &self.open,
            Field::High => &self.high,
            Field::Low => &self.low,
            Field::Close => &self.close,
            Field::Volume => &self.volume,
        }
    }

    /// The candle at `index`.
    #[inline]
    pub fn candle(&self, index: usize) -> Candle {
        Candle {
            open: self.open[index],
            high: self.high[index],
            low: self.low[index],
            close: self.close[index],
            volume: self.volume[index],
        }
    }

    /// A view of `range`, sharing the memory.
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self {
            open: self.open.slice(range.clone()),
            high: self.high.slice(range.clone()),
            low: self.low.slice(range.clone()),
            close: self.close.slice(range.clone()),
            volume: self.volume.slice(range),
        }
    }
}

/// Bid and ask candles over the same bars.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Quotes {
    pub bid: SideColumns,
    pub ask: SideColumns,
}

impl Quotes {
    /// The columns of `side`.
    pub fn side(&self, side: QuoteSide) -> &SideColumns {
        match side {
            QuoteSide::Bid => &self.bid,
            QuoteSide::Ask => &self.ask,
        }
    }

    /// A view of `range`, sharing the memory.
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self { bid: self.bid.slice(range.clone()), ask: self.ask.slice(range) }
    }
}

/// Aligned bid and ask candles of one timeframe: index `i` is the same bar on both sides.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Series {
    pub timeframe: Timeframe,
    /// Open times.
    pub time: TimeColumn,
    pub quotes: Quotes,
}

impl Series {
    /// Number of bars.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// No bar at all.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// A view of `range`, sharing the memory.
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self { timeframe: self.timeframe, time: self.time.slice(range.clone()), quotes: self.quotes.slice(range) }
    }
}

/// Whether ask candles come from files or are derived from the bid (`data.quotes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuoteKind {
    /// Both sides are data.
    BidAsk,
    /// One side is data; ask = bid + `data.spread_pips` × pip.
    Single,
}

/// One input file (or in-memory series) of a run, as it enters the dataset manifest (data.md 11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// `market_parquet_bid`, `market_parquet_ask`, `market_parquet_single`, `market_memory`, `execution_costs_yaml`, …
    pub kind: String,
    /// Relative to the data root with `/` separators, or a base name. Never absolute.
    pub path: String,
    /// SHA-256 of the bytes, 64 lower-case hex digits.
    pub sha256: String,
    /// Rows of the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// First open time of the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time_ns: Option<i64>,
    /// Last open time of the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time_ns: Option<i64>,
}

/// What loading one timeframe found and what an import had changed: never lost on the way to a report.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SeriesQuality {
    /// Rows of the bid file after dropping harmless duplicates.
    pub bid_rows: u64,
    /// Rows of the ask file after dropping harmless duplicates (0 for `single`).
    pub ask_rows: u64,
    /// Harmless duplicates dropped on the bid side.
    pub bid_duplicates: u64,
    /// Harmless duplicates dropped on the ask side.
    pub ask_duplicates: u64,
    /// File metadata `omega.crossed`: what an import did to crossed quotes (object), if anything.
    pub crossed: Option<Json>,
    /// File metadata `omega.ask_source`, if the ask side was invented.
    pub ask_source: Option<String>,
    /// File metadata `omega.source` marks the candles as synthetic.
    pub synthetic: bool,
    /// Sorted stamps that only the bid side had; alignment left them out.
    pub bid_only: Vec<i64>,
    /// Sorted stamps that only the ask side had.
    pub ask_only: Vec<i64>,
}

/// Whole files, checked and aligned. Shared by `Arc` between runs and threads.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Upper-case symbol.
    pub symbol: String,
    /// Both sides, or one.
    pub quotes: QuoteKind,
    /// One series per timeframe, in the order asked for. For [`QuoteKind::Single`] the ask columns share the bid's memory.
    pub series: Vec<Arc<Series>>,
    /// One report per series.
    pub quality: Vec<SeriesQuality>,
    /// The files behind the series, in loading order.
    pub inputs: Vec<Input>,
    /// The folder of the files, which may hold candles of other symbols as well; `None` for candles in memory.
    pub root: Option<PathBuf>,
}

impl Dataset {
    /// Index of `timeframe` among the series.
    pub fn position(&self, timeframe: Timeframe) -> Option<usize> {
        self.series.iter().position(|s| s.timeframe == timeframe)
    }
}

/// How bars of another timeframe become visible (data.md 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappingMode {
    /// Largest `k` with `q_k + D <= p_i + d`.
    Close,
    /// Largest `k` with `q_k + D <= p_i`.
    Open,
}

/// Open times and the nominal duration of the primary bars.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Open times.
    pub time: TimeColumn,
    /// Nominal duration in nanoseconds.
    pub duration_ns: i64,
}

impl Clock {
    /// Open time of `bar`.
    pub fn open_ns(&self, bar: Bar) -> i64 {
        self.time[bar]
    }

    /// Decision time of `bar`: open time plus nominal duration, whatever gap follows.
    pub fn decision_ns(&self, bar: Bar) -> i64 {
        self.time[bar] + self.duration_ns
    }
}

/// The window of a dataset that one run reads: slices, no copies.
#[derive(Debug, Clone)]
pub struct Market {
    /// Upper-case symbol.
    pub symbol: String,
    /// What strategies and indicators read.
    pub primary: Series,
    /// The other timeframes, in loading order (additional, then strategy-required).
    pub others: Vec<Series>,
    /// For each of `others`: the bar that is visible at each primary bar.
    pub maps: Vec<BarMap>,
    /// Execution view: what fills, marks and trade management read. The raw sides unless the spread is multiplied.
    pub quotes: Quotes,
    /// Times of the primary bars.
    pub clock: Clock,
    /// The bars that are traded: from the first bar after warm-up to the last bar (exclusive end).
    pub trading: Range<Bar>,
}

impl Market {
    /// Number of primary bars, warm-up included.
    pub fn len(&self) -> usize {
        self.primary.len()
    }

    /// No bar at all.
    pub fn is_empty(&self) -> bool {
        self.primary.is_empty()
    }

    /// The series of `timeframe`, primary or other.
    pub fn series(&self, timeframe: Timeframe) -> Option<&Series> {
        if self.primary.timeframe == timeframe {
            return Some(&self.primary);
        }
        self.others.iter().find(|s| s.timeframe == timeframe)
    }

    /// The map of `timeframe`; `None` for the primary (identity) and for timeframes that are not loaded.
    pub fn map(&self, timeframe: Timeframe) -> Option<&BarMap> {
        let index = self.others.iter().position(|s| s.timeframe == timeframe)?;
        Some(&self.maps[index])
    }
}
