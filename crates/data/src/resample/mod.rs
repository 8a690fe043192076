//! Longer bars from shorter ones (data.md 12): as files, or for one run.
//!
//! Read [`resample`] first, then [`aggregate_from`] and `buckets.rs`, where the rule is.

mod anchor;
mod buckets;
mod series;

use std::path::PathBuf;

use omega_types::{
    SideColumns, Timeframe, Warning, Watch,
    market::{QuoteKind, SeriesQuality},
    watch::Phase,
};
use serde::{Deserialize, Serialize};

pub(crate) use self::buckets::Buckets;
pub use self::{
    anchor::Anchor,
    series::{Aggregated, aggregate_from},
};
use crate::{
    Candles, DataError, FileSide, LoadRequest, Origin, WantedTimeframe, file_warnings,
    import::{
        FileReport, ImportError,
        request::{argument, checked_symbol},
    },
    load_dataset,
    write::{Labels, SYNTHETIC, encode_with, publish},
};

/// `omega.source` of files made from other files.
const RESAMPLED: &str = "resampled";

/// Candle files of one timeframe → candle files of longer ones, below the same data root.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResampleRequest {
    /// Folder of the candle files.
    pub data_root: PathBuf,
    /// Upper-cased.
    pub symbol: String,
    /// The bars that are read.
    pub from: Timeframe,
    /// The bars that are made, each longer than `from`.
    pub to: Vec<Timeframe>,
    /// Both sides or one; by the files that are there if absent.
    #[serde(default)]
    pub quotes: Option<QuoteKind>,
    /// What H4, D1 and W1 bars are counted from; by symbol and bars if absent.
    #[serde(default)]
    pub anchor: Option<Anchor>,
    /// Replaces existing files.
    #[serde(default)]
    pub overwrite: bool,
}

/// What was made. Nanoseconds are decimal strings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResampleReport {
    /// As in file names.
    pub symbol: String,
    /// Both sides, or one.
    pub quotes: QuoteKind,
    /// The bars that were read.
    pub from: Timeframe,
    /// Number of them, both sides aligned.
    pub bars: u64,
    /// What H4, D1 and W1 bars are counted from.
    pub anchor: Anchor,
    /// What became of each timeframe.
    pub timeframes: Vec<ResampledTimeframe>,
    /// The files written, by timeframe, bid before ask.
    pub files: Vec<FileReport>,
    /// What a user should know about the bars that were read.
    pub warnings: Vec<Warning>,
}

/// One timeframe that was made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResampledTimeframe {
    /// Which one.
    pub timeframe: Timeframe,
    /// Number of bars.
    pub bars: u64,
    /// Bars of the source that were left out, because the long bar around them began before the data.
    pub left_out: u64,
    /// The data ends before the last bar does.
    pub last_is_partial: bool,
}

/// Makes longer candle files out of shorter ones: bid and ask alike, over the bars that both have. All files or none.
///
/// # Errors
///
/// `ARG_INVALID` for impossible requests, `IMPORT_EXISTS`; the codes of [`load_dataset`] for the source; `DATA_OFF_GRID` if
/// its bars lie across the borders of the longer ones; `IMPORT_WRITE`; cancellation.
pub fn resample(request: &ResampleRequest, watch: &Watch) -> Result<ResampleReport, DataError> {
    let symbol = checked_symbol(&request.symbol)?;
    let longer = longer(request)?;
    let quotes = request.quotes.unwrap_or_else(|| quotes_there(request, &symbol));
    let sides: &[FileSide] = match quotes {
        QuoteKind::Single => &[FileSide::Single],
        QuoteKind::BidAsk => &[FileSide::Bid, FileSide::Ask],
    };
    let target = |timeframe, side| Origin::file(&request.data_root, &symbol, timeframe, side);
    let targets: Vec<Origin> =
        longer.iter().flat_map(|&timeframe| sides.iter().map(move |&side| target(timeframe, side))).collect();
    if !request.overwrite
        && let Some(path) = targets.iter().filter_map(|origin| origin.path.clone()).find(|path| path.exists())
    {
        return Err(ImportError::Exists { path }.into());
    }
    let source = LoadRequest {
        root: request.data_root.clone(),
        symbol: symbol.clone(),
        quotes,
        timeframes: vec![WantedTimeframe { timeframe: request.from, required_by: None }],
    };
    let dataset = load_dataset(&source, watch)?;
    let (Some(short), Some(quality)) = (dataset.series.first(), dataset.quality.first()) else {
        return Err(DataError::NotLoaded { symbol, timeframe: request.from });
    };
    watch.begin(Phase::Resample, longer.len() as u64)?;
    let (anchor, buckets) = series::fitting(&symbol, short, &longer, request.anchor)?;
    let last_close = short.time.last().map_or(i64::MIN, |open| open + request.from.duration_ns());

    let mut report = ResampleReport {
        symbol: symbol.clone(),
        quotes,
        from: request.from,
        bars: short.len() as u64,
        anchor,
        timeframes: Vec::new(),
        files: Vec::new(),
        warnings: file_warnings(&dataset),
    };
    report.warnings.sort();
    let mut files = Vec::new();
    for ((&timeframe, buckets), done) in longer.iter().zip(&buckets).zip(1..) {
        if buckets.len() == 0 {
            let reason = format!("no {timeframe} bar begins within the {} bars of {symbol}", request.from);
            return Err(argument("to", timeframe.as_str(), &reason).into());
        }
        let made = series::aggregated_series(&symbol, quotes, short, timeframe, buckets)?;
        report.timeframes.push(ResampledTimeframe {
            timeframe,
            bars: made.len() as u64,
            left_out: buckets.left_out as u64,
            last_is_partial: made.time.last().is_some_and(|open| last_close < open + timeframe.duration_ns()),
        });
        let made_of = series::inherited(quality, request.from, &made, quotes);
        for &side in sides {
            let columns = if side == FileSide::Ask { &made.quotes.ask } else { &made.quotes.bid };
            let candles = candles(&made.time, columns);
            let origin = target(timeframe, side);
            let bytes = encoded(&candles, &origin, request.from, anchor, &made_of, watch)?;
            report.files.push(FileReport::new(&origin, &bytes, &candles));
            files.push((origin.path.unwrap_or_default(), bytes));
        }
        watch.advance(done)?;
    }
    publish(&files, request.overwrite)?;
    Ok(report)
}

/// The timeframes to make, each once.
fn longer(request: &ResampleRequest) -> Result<Vec<Timeframe>, ImportError> {
    let mut longer = Vec::new();
    for &timeframe in &request.to {
        if timeframe <= request.from {
            let reason = format!("is not longer than the bars that are read, {}", request.from);
            return Err(argument("to", timeframe.as_str(), &reason));
        }
        if !longer.contains(&timeframe) {
            longer.push(timeframe);
        }
    }
    if longer.is_empty() {
        return Err(argument("to", "[]", "no timeframe: give at least one"));
    }
    Ok(longer)
}

/// One side only if that is what lies there.
fn quotes_there(request: &ResampleRequest, symbol: &str) -> QuoteKind {
    let is_there = |side| {
        let path = Origin::file(&request.data_root, symbol, request.from, side).path;
        path.is_some_and(|path| path.is_file())
    };
    let has_pair = is_there(FileSide::Bid) || is_there(FileSide::Ask);
    if !has_pair && is_there(FileSide::Single) { QuoteKind::Single } else { QuoteKind::BidAsk }
}

fn candles(time: &[i64], columns: &SideColumns) -> Candles {
    let SideColumns { open, high, low, close, volume } = columns;
    Candles {
        time: time.to_vec(),
        open: open.to_vec(),
        high: high.to_vec(),
        low: low.to_vec(),
        close: close.to_vec(),
        volume: volume.to_vec(),
    }
}

fn encoded(
    candles: &Candles,
    origin: &Origin,
    from: Timeframe,
    anchor: Anchor,
    quality: &SeriesQuality,
    watch: &Watch,
) -> Result<Vec<u8>, DataError> {
    let labels = Labels {
        symbol: &origin.symbol,
        timeframe: origin.timeframe,
        side: origin.side,
        source: if quality.synthetic { SYNTHETIC } else { RESAMPLED },
        ask_source: quality.ask_source.as_deref(),
        crossed: quality.crossed.as_ref(),
    };
    let made_from = format!("{from}, anchor {anchor}");
    encode_with(candles, &labels, &[("omega.resampled_from", made_from)], watch)
}
