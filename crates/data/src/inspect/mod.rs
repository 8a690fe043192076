//! What is in the candle files of a symbol and timeframe, sound or not.

mod problems;
mod spread;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use bytes::Bytes;
use omega_types::{Coded, Failure, Timeframe, Watch, market::QuoteKind, time::iso, watch::Phase};
use serde::{Deserialize, Serialize};

use crate::{
    Calendar, Candles, DataError, FileSide, Origin, align, check, gaps,
    import::{CrossedCount, FileReport, GapReport, as_text, request::checked_symbol},
    parquet_file::CandleFile,
    source_file,
};

pub use self::{
    problems::Problem,
    spread::{SpreadReport, Statistics},
};

const LARGEST_GAPS: usize = 10;

/// Which files to look at.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InspectRequest {
    /// Folder of the candle files.
    pub data_root: PathBuf,
    /// Upper-cased.
    pub symbol: String,
    /// Bar length.
    pub timeframe: Timeframe,
    /// Both sides or one; by the files that are there if absent.
    #[serde(default)]
    pub quotes: Option<QuoteKind>,
    /// Size of a pip as a price, for the spread in pips.
    #[serde(default)]
    pub pip_size: Option<f64>,
    /// Which bars are expected; by the symbol if absent.
    #[serde(default)]
    pub calendar: Option<Calendar>,
}

/// What the files hold, and everything that a loader would refuse. Nanoseconds are decimal strings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InspectReport {
    /// As in file names.
    pub symbol: String,
    /// Bar length.
    pub timeframe: Timeframe,
    /// Both sides, or one.
    pub quotes: QuoteKind,
    /// A run could load these files.
    pub loadable: bool,
    /// One entry per file that could be opened, bid before ask.
    pub files: Vec<InspectedFile>,
    /// Bars that exist on both sides (`single`: all). Repeated time stamps count once.
    pub bars: u64,
    /// Bars that exist on one side only.
    pub one_sided_bars: u64,
    /// Crossed bars; absent for `single`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crossed: Option<CrossedBars>,
    /// Ask − bid; absent for `single`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread: Option<SpreadReport>,
    /// Missing bars.
    pub gaps: InspectedGaps,
    /// What is wrong: one entry per side and code, in the order of the loader.
    pub problems: Vec<Problem>,
}

/// One candle file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InspectedFile {
    /// Path, hash, rows and span.
    #[serde(flatten)]
    pub file: FileReport,
    /// The `omega.*` labels.
    pub metadata: BTreeMap<String, String>,
    /// Rows whose time stamp occurred before.
    pub duplicate_rows: u64,
    /// Rows with O = H = L = C.
    pub flat_rows: u64,
    /// Rows with volume 0.
    pub zero_volume_rows: u64,
    /// Lowest low.
    pub lowest: Option<f64>,
    /// Highest high.
    pub highest: Option<f64>,
}

/// Bars with the bid above the ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CrossedBars {
    /// At the open or at the close: these cannot be loaded.
    pub bars: u64,
    /// At the open.
    pub opens: u64,
    /// At the close.
    pub closes: u64,
    /// In any of the four fields.
    pub any_field_bars: u64,
    /// Fields in all.
    pub any_fields: u64,
}

/// Missing bars of a calendar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InspectedGaps {
    /// Which bars are expected.
    pub calendar: Calendar,
    /// Counts; absent where nothing is expected.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub counts: Option<GapReport>,
    /// Interruptions that miss at least one expected bar (without a calendar: any interruption).
    pub count: u64,
    /// The ten largest, by missing bars, then by time.
    pub largest: Vec<Gap>,
}

/// An interruption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Open time of the last bar before it.
    pub after: String,
    /// The same in nanoseconds.
    #[serde(serialize_with = "as_text")]
    pub after_ns: i64,
    /// Open time of the first bar behind it.
    pub before: String,
    /// The same in nanoseconds.
    #[serde(serialize_with = "as_text")]
    pub before_ns: i64,
    /// Expected bars between them; without a calendar, bars that would fit.
    pub missing_bars: u64,
}

/// Reads the files as far as they can be read and describes them. What is wrong with them is part of the report.
///
/// # Errors
///
/// `DATA_FILE_NOT_FOUND` if no file is there; `ARG_INVALID`; cancellation.
pub fn inspect(request: &InspectRequest, watch: &Watch) -> Result<InspectReport, DataError> {
    watch.begin(Phase::Inspect, 2)?;
    let symbol = checked_symbol(&request.symbol)?;
    let origin = |side| Arc::new(Origin::file(&request.data_root, &symbol, request.timeframe, side));
    let quotes = request.quotes.unwrap_or_else(|| {
        let is_there = |side| origin(side).path.as_ref().is_some_and(|path| path.exists());
        let pair = is_there(FileSide::Bid) || is_there(FileSide::Ask);
        if !pair && is_there(FileSide::Single) { QuoteKind::Single } else { QuoteKind::BidAsk }
    });
    let sides: &[FileSide] = match quotes {
        QuoteKind::BidAsk => &[FileSide::Bid, FileSide::Ask],
        QuoteKind::Single => &[FileSide::Single],
    };
    let mut problems = Vec::new();
    let mut files = Vec::new();
    let mut readable = Vec::new();
    let mut missing = None;
    for side in sides {
        match open(&origin(*side), &mut problems, watch) {
            Ok((file, candles)) => {
                files.push(file);
                readable.extend(candles);
            }
            Err(error @ DataError::Cancelled(_)) => return Err(error),
            Err(error) => {
                problems.push(Problem::of_file(*side, &error));
                if matches!(error, DataError::FileNotFound { .. }) {
                    missing.get_or_insert(error);
                }
            }
        }
    }
    if let (Some(error), true) = (missing, files.is_empty() && problems.len() == sides.len()) {
        return Err(error);
    }
    watch.advance(1)?;
    let calendar = request.calendar.unwrap_or_else(|| Calendar::default_for(&symbol));
    let mut report = InspectReport {
        symbol,
        timeframe: request.timeframe,
        quotes,
        loadable: false,
        files,
        bars: 0,
        one_sided_bars: 0,
        crossed: None,
        spread: None,
        gaps: InspectedGaps { calendar, counts: None, count: 0, largest: Vec::new() },
        problems,
    };
    match (quotes, readable.as_slice()) {
        (QuoteKind::BidAsk, [bid, ask]) => report.compare(bid, ask, request.pip_size),
        (_, [one]) => {
            report.bars = one.len() as u64;
            report.gaps.fill(request.timeframe, &one.time);
        }
        _ => {}
    }
    report.loadable = report.problems.is_empty();
    watch.advance(2)?;
    Ok(report)
}

/// Reads one file; its rows, in order of time and each stamp once, if they can be decoded.
fn open(
    origin: &Arc<Origin>,
    problems: &mut Vec<Problem>,
    watch: &Watch,
) -> Result<(InspectedFile, Option<Candles>), DataError> {
    let bytes = source_file::read(origin)?;
    let mut inspected = InspectedFile::empty(origin, &bytes);
    let file = match CandleFile::open(Bytes::from(bytes), origin) {
        Ok(file) => file,
        Err(error) => {
            problems.push(Problem::of_file(origin.side, &error));
            return Ok((inspected, None));
        }
    };
    inspected.metadata = file.labels().iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    if let Err(error) = file.labels().check(origin) {
        problems.push(Problem::of_file(origin.side, &error));
    }
    let candles = match file.candles(watch) {
        Ok(candles) => candles,
        Err(error @ DataError::Cancelled(_)) => return Err(error),
        Err(error) => {
            problems.push(Problem::of_file(origin.side, &error));
            return Ok((inspected, None));
        }
    };
    problems::scan(&candles, origin, problems);
    inspected.describe(&candles);
    Ok((inspected, Some(problems::in_order(candles))))
}

impl InspectedFile {
    fn empty(origin: &Origin, bytes: &[u8]) -> Self {
        Self {
            file: FileReport::new(origin, bytes, &Candles::default()),
            metadata: BTreeMap::new(),
            duplicate_rows: 0,
            flat_rows: 0,
            zero_volume_rows: 0,
            lowest: None,
            highest: None,
        }
    }

    fn describe(&mut self, candles: &Candles) {
        self.file.describe(candles);
        let bars = || (0..candles.len()).filter_map(|row| candles.candle(row));
        self.flat_rows =
            bars().filter(|bar| bar.open == bar.high && bar.open == bar.low && bar.open == bar.close).count() as u64;
        self.zero_volume_rows = bars().filter(|bar| bar.volume == 0.0).count() as u64;
        let mut times = candles.time.clone();
        times.sort_unstable();
        times.dedup();
        self.duplicate_rows = (candles.len() - times.len()) as u64;
        let finite = |column: &[f64]| column.iter().copied().filter(|value| value.is_finite()).collect::<Vec<_>>();
        self.lowest = finite(&candles.low).into_iter().reduce(f64::min);
        self.highest = finite(&candles.high).into_iter().reduce(f64::max);
    }
}

impl InspectReport {
    fn compare(&mut self, bid: &Candles, ask: &Candles, pip_size: Option<f64>) {
        let merge = align::merge(&bid.time, &ask.time);
        self.bars = merge.bid.len() as u64;
        self.one_sided_bars = (merge.bid_only.len() + merge.ask_only.len()) as u64;
        if let Err(error) = align::judge(&self.symbol, self.timeframe, &bid.time, &ask.time, &merge) {
            self.problems.push(Problem::of_pair(&error, self.one_sided_bars, merge.bid_only.first().copied()));
        }
        let count = CrossedCount::of(bid, ask);
        if let Some(&first) = count.crossed.first() {
            self.problems.push(problems::crossed(&count, first));
        }
        self.crossed = Some(CrossedBars {
            bars: count.crossed.len() as u64,
            opens: count.opens,
            closes: count.closes,
            any_field_bars: count.any_bars,
            any_fields: count.any_fields,
        });
        self.spread = SpreadReport::of(bid, ask, &merge, pip_size);
        let common: Vec<i64> = merge.bid.iter().filter_map(|&row| bid.time.get(row).copied()).collect();
        self.gaps.fill(self.timeframe, &common);
    }
}

impl InspectedGaps {
    /// `time` must be strictly increasing. Stamps out of range are problems of their own and leave no gap.
    fn fill(&mut self, timeframe: Timeframe, time: &[i64]) {
        let time: Vec<i64> = time.iter().copied().filter(|&time| check::in_range(time, timeframe)).collect();
        let time = time.as_slice();
        self.counts = GapReport::of(timeframe, time, self.calendar);
        let mut all = Vec::new();
        for pair in time.windows(2) {
            let &[after, before] = pair else { continue };
            if before.saturating_sub(after) <= timeframe.duration_ns() {
                continue;
            }
            let missing_bars = match gaps::count(timeframe, pair, self.calendar, None) {
                Some(gaps) => gaps.missing,
                None => (before.saturating_sub(after) / timeframe.duration_ns() - 1).max(0) as u64,
            };
            if missing_bars > 0 {
                all.push(Gap {
                    after: iso(after),
                    after_ns: after,
                    before: iso(before),
                    before_ns: before,
                    missing_bars,
                });
            }
        }
        self.count = all.len() as u64;
        all.sort_by_key(|gap| (std::cmp::Reverse(gap.missing_bars), gap.after_ns));
        all.truncate(LARGEST_GAPS);
        self.largest = all;
    }
}

impl Problem {
    /// A file that cannot be read, or not further.
    fn of_file(side: FileSide, error: &DataError) -> Self {
        let failure = Failure::of(error);
        let row = error.details().get("row").and_then(serde_json::Value::as_u64);
        Self { code: failure.code, side: Some(side), count: 1, row, time_ns: None, message: failure.message }
    }

    fn of_pair(error: &DataError, count: u64, time_ns: Option<i64>) -> Self {
        let failure = Failure::of(error);
        Self { code: failure.code, side: None, count, row: None, time_ns, message: failure.message }
    }
}
