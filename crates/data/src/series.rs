//! Checked sides become one aligned series (data.md 4, steps 5 and 6).

use omega_types::{Column, Json, Quotes, Series, SideColumns, TimeColumn, Timeframe, market::SeriesQuality};
use rayon::prelude::*;
use serde_json::json;

use crate::{DataError, align, labels::FileLabels, side::CheckedSide, spread, write::Candles};

/// Aligns bid and ask.
///
/// # Errors
///
/// `DATA_NO_OVERLAP`, `DATA_ALIGNMENT_LOSS`, `DATA_INVALID_SPREAD`.
pub(crate) fn of_pair(
    symbol: &str,
    timeframe: Timeframe,
    bid: CheckedSide,
    ask: CheckedSide,
) -> Result<(Series, SeriesQuality), DataError> {
    let mut quality = SeriesQuality {
        bid_rows: bid.candles.len() as u64,
        ask_rows: ask.candles.len() as u64,
        bid_duplicates: bid.duplicates,
        ask_duplicates: ask.duplicates,
        crossed: crossed(&bid.labels, &ask.labels),
        ask_source: ask.labels.ask_source().or_else(|| bid.labels.ask_source()),
        synthetic: bid.labels.is_synthetic() || ask.labels.is_synthetic(),
        ..SeriesQuality::default()
    };
    let series = if bid.candles.time == ask.candles.time {
        let (time, bid) = bid.candles.into_columns();
        let (_, ask) = ask.candles.into_columns();
        Series { timeframe, time: TimeColumn::from(time), quotes: Quotes { bid, ask } }
    } else {
        let merge = align::merge(&bid.candles.time, &ask.candles.time);
        align::judge(symbol, timeframe, &bid.candles.time, &ask.candles.time, &merge)?;
        let (bid, ask) = rayon::join(|| take(&bid.candles, &merge.bid), || take(&ask.candles, &merge.ask));
        quality.bid_only = merge.bid_only;
        quality.ask_only = merge.ask_only;
        Series { timeframe, time: bid.0, quotes: Quotes { bid: bid.1, ask: ask.1 } }
    };
    spread::check(symbol, &series)?;
    Ok((series, quality))
}

/// One side only: the ask columns share the bid's memory until a run adds its spread.
pub(crate) fn of_single(timeframe: Timeframe, side: CheckedSide) -> (Series, SeriesQuality) {
    let quality = SeriesQuality {
        bid_rows: side.candles.len() as u64,
        bid_duplicates: side.duplicates,
        crossed: side.labels.crossed(),
        synthetic: side.labels.is_synthetic(),
        ..SeriesQuality::default()
    };
    let (time, bid) = side.candles.into_columns();
    let quotes = Quotes { ask: bid.clone(), bid };
    (Series { timeframe, time: TimeColumn::from(time), quotes }, quality)
}

fn take(candles: &Candles, rows: &[usize]) -> (TimeColumn, SideColumns) {
    let time: Vec<i64> = rows.iter().map(|&row| candles.time[row]).collect();
    let columns: Vec<Column> = candles
        .value_columns()
        .into_par_iter()
        .map(|values| Column::from(rows.iter().map(|&row| values[row]).collect::<Vec<f64>>()))
        .collect();
    let mut columns = columns.into_iter();
    let mut next = || columns.next().unwrap_or_else(|| Column::from(Vec::new()));
    let side = SideColumns { open: next(), high: next(), low: next(), close: next(), volume: next() };
    (TimeColumn::from(time), side)
}

/// Both files of one import say the same. If one was replaced since, both statements are kept.
fn crossed(bid: &FileLabels, ask: &FileLabels) -> Option<Json> {
    match (bid.crossed(), ask.crossed()) {
        (Some(bid), Some(ask)) if bid != ask => Some(json!({ "bid": bid, "ask": ask })),
        (bid, ask) => bid.or(ask),
    }
}
