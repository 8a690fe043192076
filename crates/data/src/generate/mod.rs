//! Reproducible synthetic candles: for demonstrations, tests and measurements, never mistaken for a market.
//!
//! Read [`generate`] first, then [`GenerateRequest`].

mod opens;
mod walk;

use std::{collections::BTreeSet, path::PathBuf};

use omega_types::{Timeframe, Warning, Watch, code, watch::Phase};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::{opens::opens, walk::Walk};
use crate::{
    Bound, Calendar, DataError, MemorySeries, MemorySide, Origin,
    import::{
        FileReport, ImportError,
        request::{argument, checked_symbol},
    },
    parse_instant,
    resample::{Anchor, Buckets},
    write::{Candles, FileSide, Labels, SYNTHETIC, encode, publish},
};

/// Enough for 30 years of minutes; more would only exhaust the memory.
const MOST_BARS: usize = 20_000_000;
const STEPS: u64 = 3;

/// Synthetic bid and ask candles of one symbol → candle files below `data_root`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenerateRequest {
    /// Folder of the candle files; created if missing. Unused by [`generate_memory`].
    #[serde(default)]
    pub data_root: PathBuf,
    /// Upper-cased. Pip 0.01 if it ends with JPY, else 0.0001; the grid is a tenth of a pip.
    pub symbol: String,
    /// Bar length.
    pub timeframe: Timeframe,
    /// Number of bars, 1 to 20 000 000.
    pub bars: usize,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// First open time at the earliest: a date or an instant.
    #[serde(default = "first_monday_of_2020")]
    pub start: String,
    /// Longer timeframes, aggregated from the same path.
    #[serde(default)]
    pub additional: Vec<Timeframe>,
    /// When bars exist: `fx` (default) or around the clock.
    #[serde(default)]
    pub calendar: Option<Calendar>,
    /// Replaces existing files.
    #[serde(default)]
    pub overwrite: bool,
}

fn first_monday_of_2020() -> String {
    "2020-01-06".to_owned()
}

/// What was generated. Nanoseconds are decimal strings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GenerateReport {
    /// As written into file names.
    pub symbol: String,
    /// The seed of the path.
    pub seed: u64,
    /// The files written, bid before ask, primary timeframe first.
    pub files: Vec<FileReport>,
    /// `DATA_W_SYNTHETIC`.
    pub warnings: Vec<Warning>,
}

/// Bid and ask of one timeframe over the same bars.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pair {
    pub(crate) timeframe: Timeframe,
    pub(crate) bid: Candles,
    pub(crate) ask: Candles,
}

/// Generates candles and writes them, all files or none.
///
/// # Errors
///
/// `ARG_INVALID` for impossible requests; `IMPORT_EXISTS`, `IMPORT_WRITE`; cancellation.
pub fn generate(request: &GenerateRequest, watch: &Watch) -> Result<GenerateReport, DataError> {
    watch.begin(Phase::Generate, STEPS)?;
    let symbol = checked_symbol(&request.symbol)?;
    let timeframes = timeframes(request)?;
    let sides = [FileSide::Bid, FileSide::Ask];
    let origins: Vec<Origin> = timeframes
        .iter()
        .flat_map(|&timeframe| sides.map(|side| Origin::file(&request.data_root, &symbol, timeframe, side)))
        .collect();
    if !request.overwrite
        && let Some(path) = origins.iter().filter_map(|origin| origin.path.clone()).find(|path| path.exists())
    {
        return Err(ImportError::Exists { path }.into());
    }
    let pairs = pairs(request, &symbol, &timeframes, watch)?;
    watch.advance(1)?;
    let candles: Vec<&Candles> = pairs.iter().flat_map(|pair| [&pair.bid, &pair.ask]).collect();
    let files: Vec<Result<(PathBuf, Vec<u8>), DataError>> = origins
        .par_iter()
        .zip(&candles)
        .map(|(origin, candles)| {
            let labels = Labels {
                symbol: &symbol,
                timeframe: origin.timeframe,
                side: origin.side,
                source: SYNTHETIC,
                ask_source: None,
                crossed: None,
            };
            Ok((origin.path.clone().unwrap_or_default(), encode(candles, &labels, watch)?))
        })
        .collect();
    let files = files.into_iter().collect::<Result<Vec<_>, _>>()?;
    watch.advance(2)?;
    publish(&files, request.overwrite)?;
    watch.advance(STEPS)?;
    let reports = origins.iter().zip(&files).zip(&candles);
    Ok(GenerateReport {
        files: reports.map(|((origin, (_, bytes)), candles)| FileReport::new(origin, bytes, candles)).collect(),
        warnings: vec![Warning::new(code::DATA_W_SYNTHETIC, format!("{symbol}: the candles are synthetic"))],
        symbol,
        seed: request.seed,
    })
}

/// The same candles without files, for benchmarks and demonstrations.
///
/// # Errors
///
/// `ARG_INVALID` for impossible requests; cancellation.
pub fn generate_memory(request: &GenerateRequest, watch: &Watch) -> Result<Vec<MemorySeries>, DataError> {
    watch.begin(Phase::Generate, 1)?;
    let symbol = checked_symbol(&request.symbol)?;
    let pairs = pairs(request, &symbol, &timeframes(request)?, watch)?;
    Ok(pairs.into_iter().map(MemorySeries::from).collect())
}

impl From<Pair> for MemorySeries {
    fn from(pair: Pair) -> Self {
        let side =
            |c: Candles| MemorySide { open: c.open, high: c.high, low: c.low, close: c.close, volume: Some(c.volume) };
        Self { timeframe: pair.timeframe, time: pair.bid.time.clone(), bid: side(pair.bid), ask: Some(side(pair.ask)) }
    }
}

/// The primary timeframe, then the longer ones, each once.
fn timeframes(request: &GenerateRequest) -> Result<Vec<Timeframe>, ImportError> {
    let primary = request.timeframe;
    let mut seen = BTreeSet::from([primary]);
    let mut all = vec![primary];
    for &timeframe in &request.additional {
        let is_multiple = timeframe > primary && timeframe.duration_ns() % primary.duration_ns() == 0;
        if timeframe != primary && !is_multiple {
            return Err(argument("additional", timeframe.as_str(), &format!("is not a multiple of {primary}")));
        }
        if seen.insert(timeframe) {
            all.push(timeframe);
        }
    }
    Ok(all)
}

fn pairs(
    request: &GenerateRequest,
    symbol: &str,
    timeframes: &[Timeframe],
    watch: &Watch,
) -> Result<Vec<Pair>, DataError> {
    if request.bars == 0 || request.bars > MOST_BARS {
        return Err(argument("bars", &request.bars.to_string(), "is not between 1 and 20 000 000").into());
    }
    let start_ns = parse_instant(&request.start, Bound::Start)
        .map_err(|_| argument("start", &request.start, "is not a date or an instant between 1970 and 2261"))?;
    let follows_fx = !matches!(request.calendar, Some(Calendar::Always | Calendar::None));
    let anchor = if follows_fx { Anchor::NewYork17 } else { Anchor::Utc };
    let opens = opens(start_ns, request.timeframe, request.bars, follows_fx, anchor)
        .ok_or_else(|| argument("bars", &request.bars.to_string(), "reach beyond the year 2261"))?;
    let primary = Walk::new(symbol, request.timeframe, request.seed).candles(&opens, watch)?;
    let longer = timeframes.get(1..).unwrap_or_default();
    let mut all = vec![];
    for &timeframe in longer {
        watch.check()?;
        let buckets = Buckets::new(&primary.bid.time, request.timeframe, timeframe, anchor);
        let aggregated = |side: &Candles| buckets.aggregate(side.value_columns());
        let (bid, ask) = rayon::join(|| aggregated(&primary.bid), || aggregated(&primary.ask));
        all.push(Pair { timeframe, bid, ask });
    }
    all.insert(0, primary);
    Ok(all)
}
