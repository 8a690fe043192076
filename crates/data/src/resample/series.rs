//! Longer series from a loaded one: what `aggregate_from_primary` reads and `resample` writes.

use std::sync::Arc;

use omega_types::{
    Dataset, Json, Quotes, Series, SideColumns, TimeColumn, Timeframe, Watch,
    market::{QuoteKind, SeriesQuality},
};

use super::{Anchor, Buckets};
use crate::{Candles, DataError, FileSide, Origin, check};

/// A dataset whose other timeframes were made from its primary one.
#[derive(Debug, Clone)]
pub struct Aggregated {
    /// The primary series and the longer ones. Its inputs are those of the primary series alone.
    pub dataset: Dataset,
    /// What H4, D1 and W1 bars are counted from.
    pub anchor: Anchor,
}

/// Makes each of `longer` from the `primary` series of `dataset`; whatever else the dataset holds is left aside.
///
/// - The anchor is the usual one of the symbol, unless bars of H4 or D1 lie across its borders and not across those of
///   the other one.
///
/// # Errors
///
/// `CFG_CONFLICT` if the dataset lacks `primary`, or for a timeframe that is not longer; `DATA_OFF_GRID` if the bars fit no
/// anchor; `DATA_NON_FINITE` for a volume beyond all numbers, `DATA_TIME_OVERFLOW`; cancellation.
pub fn aggregate_from(
    dataset: &Dataset,
    primary: Timeframe,
    longer: &[Timeframe],
    watch: &Watch,
) -> Result<Aggregated, DataError> {
    let lacks = |timeframe| DataError::NotLoaded { symbol: dataset.symbol.clone(), timeframe };
    let index = dataset.position(primary).ok_or_else(|| lacks(primary))?;
    let (Some(short), Some(quality)) = (dataset.series.get(index), dataset.quality.get(index)) else {
        return Err(lacks(primary));
    };
    if let Some(&shorter) = longer.iter().find(|&&timeframe| timeframe <= primary) {
        return Err(lacks(shorter));
    }
    let (anchor, buckets) = fitting(&dataset.symbol, short, longer, None)?;
    let name = format!("{0}/{0}_{primary}", dataset.symbol);
    let mut aggregated = Dataset {
        symbol: dataset.symbol.clone(),
        quotes: dataset.quotes,
        series: vec![Arc::clone(short)],
        quality: vec![quality.clone()],
        inputs: dataset.inputs.iter().filter(|input| is_of(&input.path, &name)).cloned().collect(),
        root: dataset.root.clone(),
    };
    for (&timeframe, buckets) in longer.iter().zip(&buckets) {
        watch.check()?;
        let series = aggregated_series(&dataset.symbol, dataset.quotes, short, timeframe, buckets)?;
        aggregated.quality.push(inherited(quality, primary, &series, dataset.quotes));
        aggregated.series.push(Arc::new(series));
    }
    Ok(Aggregated { dataset: aggregated, anchor })
}

/// The anchor that the bars of `short` fit, and their buckets for each of `longer`. A `given` anchor must fit.
pub(super) fn fitting(
    symbol: &str,
    short: &Series,
    longer: &[Timeframe],
    given: Option<Anchor>,
) -> Result<(Anchor, Vec<Buckets>), DataError> {
    let usual = Anchor::default_for(symbol);
    let other = if usual == Anchor::Utc { Anchor::NewYork17 } else { Anchor::Utc };
    let candidates = given.map_or_else(|| vec![usual, other], |given| vec![given]);
    let mut misfit = None;
    for &anchor in &candidates {
        let new = |&timeframe: &Timeframe| Buckets::new(&short.time, short.timeframe, timeframe, anchor);
        let buckets: Vec<Buckets> = longer.iter().map(new).collect();
        match buckets.iter().zip(longer).find(|(buckets, _)| !buckets.fit()) {
            None => return Ok((anchor, buckets)),
            Some((_, &timeframe)) => misfit = misfit.or(Some(timeframe)),
        }
    }
    let (from, to) = (short.timeframe, misfit.unwrap_or(short.timeframe));
    Err(DataError::NoCommonGrid { symbol: symbol.to_owned(), from, to, anchor: given })
}

/// Both sides of a longer series, with the checks that a file would have to pass.
pub(super) fn aggregated_series(
    symbol: &str,
    quotes: QuoteKind,
    short: &Series,
    timeframe: Timeframe,
    buckets: &Buckets,
) -> Result<Series, DataError> {
    let side = |columns: &SideColumns, side: FileSide| -> Result<Candles, DataError> {
        let SideColumns { open, high, low, close, volume } = columns;
        let candles = buckets.aggregate([open, high, low, close, volume]);
        check::candles(&candles, &Arc::new(Origin::memory(symbol, timeframe, side)))?;
        Ok(candles)
    };
    if quotes == QuoteKind::Single {
        let (time, bid) = side(&short.quotes.bid, FileSide::Single)?.into_columns();
        let quotes = Quotes { ask: bid.clone(), bid };
        return Ok(Series { timeframe, time: TimeColumn::from(time), quotes });
    }
    let (bid, ask) = rayon::join(|| side(&short.quotes.bid, FileSide::Bid), || side(&short.quotes.ask, FileSide::Ask));
    let ((time, bid), (_, ask)) = (bid?.into_columns(), ask?.into_columns());
    Ok(Series { timeframe, time: TimeColumn::from(time), quotes: Quotes { bid, ask } })
}

/// Repaired or invented quotes stay so in whatever is made of them. What alignment left out is told once, for the source.
pub(super) fn inherited(source: &SeriesQuality, from: Timeframe, series: &Series, quotes: QuoteKind) -> SeriesQuality {
    let rows = series.len() as u64;
    SeriesQuality {
        bid_rows: rows,
        ask_rows: if quotes == QuoteKind::Single { 0 } else { rows },
        crossed: source.crossed.clone().map(|crossed| counted_in(crossed, from)),
        ask_source: source.ask_source.clone(),
        synthetic: source.synthetic,
        ..SeriesQuality::default()
    }
}

/// Says which bars the counts of an import are about: one statement, or one per side.
fn counted_in(mut crossed: Json, from: Timeframe) -> Json {
    let sides = ["bid", "ask"].map(|side| crossed.get(side).is_some());
    if let Json::Object(statement) = &mut crossed {
        if sides == [false; 2] {
            statement.entry("timeframe").or_insert_with(|| from.as_str().into());
        } else {
            for side in ["bid", "ask"] {
                if let Some(Json::Object(statement)) = statement.get_mut(side) {
                    statement.entry("timeframe").or_insert_with(|| from.as_str().into());
                }
            }
        }
    }
    crossed
}

/// Is an input one of the timeframe? `…_M1` must not claim `…_M15_BID.parquet`.
fn is_of(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}
