//! Candle files to a dataset: read, hash, parse, check, align (data.md 4, steps 1 to 6).

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use bytes::Bytes;
use omega_types::{
    Dataset, Series, Timeframe, Watch,
    market::{Input, QuoteKind, SeriesQuality},
    watch::Phase,
};
use rayon::prelude::*;

use crate::{
    DataError, FileSide, Origin,
    origin::is_symbol,
    parquet_file::CandleFile,
    series,
    side::{CheckedSide, check_candles},
    source_file,
    write::relative_path,
};

/// Which files to load.
#[derive(Debug, Clone)]
pub struct LoadRequest {
    /// The data root: the folder that holds one folder per symbol.
    pub root: PathBuf,
    /// Upper-case symbol.
    pub symbol: String,
    /// Two files per timeframe, or one.
    pub quotes: QuoteKind,
    /// Primary, then additional, then strategy-required. Of repeated timeframes the first counts.
    pub timeframes: Vec<WantedTimeframe>,
}

/// One timeframe to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedTimeframe {
    /// The timeframe.
    pub timeframe: Timeframe,
    /// The setting that needs it (`strategy_parameters.htf_tf`), for the message if the file is missing.
    pub required_by: Option<String>,
}

/// Loads whole files in parallel. Nothing is filled, interpolated or silently dropped.
///
/// # Errors
///
/// The first violation in the order of the timeframes, bid before ask, then of the steps of data.md 4, then of the rows,
/// whatever finished first (decisions.md 6). Also `ARG_INVALID` for an impossible symbol and `ABORTED`.
pub fn load_dataset(request: &LoadRequest, watch: &Watch) -> Result<Dataset, DataError> {
    if !is_symbol(&request.symbol) {
        return Err(DataError::Argument { what: format!("'{}' is not a symbol", request.symbol) });
    }
    let mut wanted: Vec<&WantedTimeframe> = Vec::new();
    for timeframe in &request.timeframes {
        if wanted.iter().all(|w| w.timeframe != timeframe.timeframe) {
            wanted.push(timeframe);
        }
    }
    let sides: u64 = if request.quotes == QuoteKind::Single { 1 } else { 2 };
    watch.begin(Phase::Load, wanted.len() as u64 * sides)?;
    let files = Files { request, watch, done: AtomicU64::new(0) };
    let loaded: Vec<_> = wanted.par_iter().map(|wanted| files.timeframe(wanted)).collect();

    let mut dataset = Dataset {
        symbol: request.symbol.clone(),
        quotes: request.quotes,
        series: Vec::with_capacity(wanted.len()),
        quality: Vec::with_capacity(wanted.len()),
        inputs: Vec::new(),
        root: Some(request.root.clone()),
    };
    for loaded in loaded {
        let (series, quality, inputs) = loaded?;
        dataset.series.push(Arc::new(series));
        dataset.quality.push(quality);
        dataset.inputs.extend(inputs);
    }
    Ok(dataset)
}

struct Files<'a> {
    request: &'a LoadRequest,
    watch: &'a Watch,
    done: AtomicU64,
}

impl Files<'_> {
    fn timeframe(&self, wanted: &WantedTimeframe) -> Result<(Series, SeriesQuality, Vec<Input>), DataError> {
        match self.request.quotes {
            QuoteKind::Single => {
                let mut side = self.side(wanted, FileSide::Single)?;
                let inputs = side.input.take().into_iter().collect();
                let (series, quality) = series::of_single(wanted.timeframe, side);
                Ok((series, quality, inputs))
            }
            QuoteKind::BidAsk => {
                let (bid, ask) = rayon::join(|| self.side(wanted, FileSide::Bid), || self.side(wanted, FileSide::Ask));
                let (mut bid, mut ask) = (bid?, ask?);
                let inputs = [bid.input.take(), ask.input.take()].into_iter().flatten().collect();
                let (series, quality) = series::of_pair(&self.request.symbol, wanted.timeframe, bid, ask)?;
                Ok((series, quality, inputs))
            }
        }
    }

    fn side(&self, wanted: &WantedTimeframe, side: FileSide) -> Result<CheckedSide, DataError> {
        self.watch.check()?;
        let LoadRequest { root, symbol, .. } = self.request;
        let origin = Arc::new(Origin::file(root, symbol, wanted.timeframe, side));
        let bytes = source_file::read(&origin).map_err(|error| explain(error, wanted, root))?;
        let bytes = Bytes::from(bytes);
        // The hash and the columns come from the same buffer, whatever happens to the file meanwhile.
        let (sha256, side) = rayon::join(|| source_file::sha256_hex(&bytes), || self.parse(bytes.clone(), &origin));
        let mut side = side?;
        if let Some(input) = &mut side.input {
            input.sha256 = sha256;
        }
        self.watch.advance(self.done.fetch_add(1, Relaxed) + 1)?;
        Ok(side)
    }

    fn parse(&self, bytes: Bytes, origin: &Arc<Origin>) -> Result<CheckedSide, DataError> {
        let file = CandleFile::open(bytes, origin)?;
        file.labels().check(origin)?;
        let mut candles = file.candles(self.watch)?;
        let mut input = Input {
            kind: origin.input_kind().to_owned(),
            path: origin.shown.clone(),
            sha256: String::new(),
            rows: Some(candles.len() as u64),
            start_time_ns: None,
            end_time_ns: None,
        };
        let duplicates = check_candles(&mut candles, origin)?;
        input.start_time_ns = candles.time.first().copied();
        input.end_time_ns = candles.time.last().copied();
        Ok(CheckedSide { candles, duplicates, labels: file.labels().clone(), input: Some(input) })
    }
}

/// Says who needs a missing file, and whether the symbol is there in the other layout.
fn explain(error: DataError, wanted: &WantedTimeframe, root: &Path) -> DataError {
    let DataError::FileNotFound { origin, .. } = error else { return error };
    let other = match origin.side {
        FileSide::Single => FileSide::Bid,
        FileSide::Bid | FileSide::Ask => FileSide::Single,
    };
    let is_there = Origin::file(root, &origin.symbol, origin.timeframe, other).path.is_some_and(|path| path.is_file());
    let other_kind = is_there.then(|| relative_path(&origin.symbol, origin.timeframe, other));
    DataError::FileNotFound { required_by: wanted.required_by.clone(), other_kind, origin }
}
