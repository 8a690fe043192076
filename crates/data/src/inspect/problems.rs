//! Everything a loader would refuse, found in one pass instead of one at a time.

use std::{collections::BTreeMap, sync::Arc};

use omega_types::{Code, Timeframe, code, time::iso};
use serde::Serialize;

use crate::{
    Candles, FileSide, Origin, check,
    import::{CrossedCount, perhaps_as_text},
};

/// One thing wrong with the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The code that a loader would raise.
    pub code: &'static str,
    /// The file; `null` if it is about both.
    pub side: Option<FileSide>,
    /// Rows or bars concerned.
    pub count: u64,
    /// First row of the file, from 0.
    pub row: Option<u64>,
    /// Open time of the first row or bar.
    #[serde(serialize_with = "perhaps_as_text")]
    pub time_ns: Option<i64>,
    /// One English sentence.
    pub message: String,
}

/// Rows of one kind of mistake.
struct Found {
    code: Code,
    count: u64,
    row: usize,
}

/// Adds what is wrong with the rows of one file, one entry per code, in the order of the loader.
pub(super) fn scan(candles: &Candles, origin: &Arc<Origin>, problems: &mut Vec<Problem>) {
    let mut found: BTreeMap<usize, Found> = BTreeMap::new();
    let mut add = |rank: usize, code: Code, row: usize| {
        found.entry(rank).or_insert(Found { code, count: 0, row }).count += 1;
    };
    for (row, pair) in candles.time.windows(2).enumerate() {
        let &[previous, time] = pair else { continue };
        if time < previous {
            add(0, code::DATA_OUT_OF_ORDER, row + 1);
        }
        if time == previous && !is_same(candles, row, row + 1) {
            add(1, code::DATA_DUPLICATE_DIVERGENT, row + 1);
        }
    }
    for (row, &time) in candles.time.iter().enumerate() {
        if let Some((rank, code)) = value_problem(candles, row) {
            add(rank, code, row);
        }
        if let Some((rank, code)) = time_problem(time, origin.timeframe) {
            add(rank, code, row);
        }
    }
    for Found { code, count, row } in found.into_values() {
        let time_ns = candles.time.get(row).copied();
        let shown = time_ns.map(iso).unwrap_or_default();
        let rows = if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
        problems.push(Problem {
            code: code.name,
            side: Some(origin.side),
            count,
            row: Some(row as u64),
            time_ns,
            message: format!("{origin}: {} {rows}, first at row {row} ({shown}){}", code.text, values(candles, row)),
        });
    }
}

/// The bid above the ask.
pub(super) fn crossed(count: &CrossedCount, first: i64) -> Problem {
    let bars = count.crossed.len();
    Problem {
        code: code::DATA_INVALID_SPREAD.name,
        side: None,
        count: bars as u64,
        row: None,
        time_ns: Some(first),
        message: format!("bid above ask in {bars} of {} bars, first at {}", count.aligned_bars, iso(first)),
    }
}

/// Sorted by time, the first row of every stamp.
pub(super) fn in_order(candles: Candles) -> Candles {
    if candles.time.is_sorted_by(|a, b| a < b) {
        return candles;
    }
    let mut rows: Vec<(i64, usize)> = candles.time.iter().copied().zip(0..).collect();
    rows.sort_unstable();
    rows.dedup_by_key(|(time, _)| *time);
    let mut sorted = Candles::default();
    for (time, row) in rows {
        if let Some(bar) = candles.candle(row) {
            sorted.push(time, [bar.open, bar.high, bar.low, bar.close, bar.volume]);
        }
    }
    sorted
}

fn value_problem(candles: &Candles, row: usize) -> Option<(usize, Code)> {
    let bar = candles.candle(row)?;
    let prices = [bar.open, bar.high, bar.low, bar.close];
    if !prices.iter().all(|price| price.is_finite()) || !bar.volume.is_finite() {
        return Some((2, code::DATA_NON_FINITE));
    }
    if prices.iter().any(|&price| price <= 0.0) {
        return Some((3, code::DATA_NON_POSITIVE_PRICE));
    }
    if bar.volume < 0.0 {
        return Some((4, code::DATA_NEGATIVE_VOLUME));
    }
    let is_ordered = bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close) && bar.low <= bar.high;
    (!is_ordered).then_some((5, code::DATA_OHLC))
}

fn time_problem(time: i64, timeframe: Timeframe) -> Option<(usize, Code)> {
    if timeframe.has_grid() && time.rem_euclid(timeframe.duration_ns()) != 0 {
        return Some((6, code::DATA_OFF_GRID));
    }
    (!check::in_range(time, timeframe)).then_some((7, code::DATA_TIME_OVERFLOW))
}

fn is_same(candles: &Candles, a: usize, b: usize) -> bool {
    let bits = |column: &[f64], row: usize| column.get(row).map(|value| value.to_bits());
    candles.value_columns().into_iter().all(|column| bits(column, a) == bits(column, b))
}

fn values(candles: &Candles, row: usize) -> String {
    candles
        .candle(row)
        .map(|bar| format!(": O {} H {} L {} C {} V {}", bar.open, bar.high, bar.low, bar.close, bar.volume))
        .unwrap_or_default()
}
