//! Candles that a program already holds: the checks of files, without the file (api.md 1, decisions.md 52).

use std::sync::Arc;

use omega_types::{
    Dataset, Timeframe,
    market::{Input, QuoteKind},
};
use sha2::{Digest, Sha256};

use crate::{
    Candles, DataError, FileSide, Origin,
    labels::FileLabels,
    origin::is_symbol,
    series,
    side::{CheckedSide, check_candles},
    source_file::hex,
};

/// One timeframe of a dataset in memory.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct MemorySeries {
    pub timeframe: Timeframe,
    /// Open times, nanoseconds UTC, shared by both sides.
    pub time: Vec<i64>,
    pub bid: MemorySide,
    /// Absent in every series: the dataset is [`QuoteKind::Single`].
    pub ask: Option<MemorySide>,
}

/// The columns of one side, as long as the times.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct MemorySide {
    pub open: Vec<f64>,
    pub high: Vec<f64>,
    pub low: Vec<f64>,
    pub close: Vec<f64>,
    /// Absent counts as zeros.
    pub volume: Option<Vec<f64>>,
}

/// Checks, aligns and hashes candles in memory.
///
/// # Errors
///
/// Those of [`load_dataset`](crate::load_dataset) from step 2 on, and `ARG_INVALID` for columns of unequal length, an
/// ask in some series only, a repeated timeframe or an impossible symbol.
pub fn dataset_from_memory(symbol: &str, series: Vec<MemorySeries>) -> Result<Dataset, DataError> {
    if !is_symbol(symbol) {
        return Err(argument(format!("'{symbol}' is not a symbol")));
    }
    let quotes = match series.iter().filter(|s| s.ask.is_some()).count() {
        0 => QuoteKind::Single,
        with_ask if with_ask == series.len() => QuoteKind::BidAsk,
        _ => return Err(argument(format!("{symbol}: either every series has an ask side, or none"))),
    };
    let mut dataset = Dataset {
        symbol: symbol.to_owned(),
        quotes,
        series: Vec::new(),
        quality: Vec::new(),
        inputs: Vec::new(),
        root: None,
    };
    for one in series {
        if dataset.position(one.timeframe).is_some() {
            return Err(argument(format!("{symbol}: {} is given twice", one.timeframe)));
        }
        let one = with_volumes(symbol, one)?;
        dataset.inputs.push(input(symbol, &one));
        let MemorySeries { timeframe, time, bid, ask } = one;
        let (series, quality) = match ask {
            None => series::of_single(timeframe, checked(symbol, timeframe, FileSide::Single, time, bid)?),
            Some(ask) => {
                let bid = checked(symbol, timeframe, FileSide::Bid, time.clone(), bid)?;
                let ask = checked(symbol, timeframe, FileSide::Ask, time, ask)?;
                series::of_pair(symbol, timeframe, bid, ask)?
            }
        };
        dataset.series.push(Arc::new(series));
        dataset.quality.push(quality);
    }
    Ok(dataset)
}

fn checked(
    symbol: &str,
    timeframe: Timeframe,
    side: FileSide,
    time: Vec<i64>,
    columns: MemorySide,
) -> Result<CheckedSide, DataError> {
    let origin = Arc::new(Origin::memory(symbol, timeframe, side));
    if time.is_empty() {
        return Err(DataError::Empty { origin });
    }
    let MemorySide { open, high, low, close, volume } = columns;
    let mut candles = Candles { time, open, high, low, close, volume: volume.unwrap_or_default() };
    let duplicates = check_candles(&mut candles, &origin)?;
    Ok(CheckedSide { candles, duplicates, labels: FileLabels::default(), input: None })
}

/// Compares the lengths and writes out absent volumes.
fn with_volumes(symbol: &str, mut series: MemorySeries) -> Result<MemorySeries, DataError> {
    let rows = series.time.len();
    let timeframe = series.timeframe;
    for (name, side) in [("bid", Some(&mut series.bid)), ("ask", series.ask.as_mut())] {
        let Some(side) = side else { continue };
        let volume = side.volume.get_or_insert_with(|| vec![0.0; rows]);
        let columns = [
            ("open", &side.open),
            ("high", &side.high),
            ("low", &side.low),
            ("close", &side.close),
            ("volume", volume),
        ];
        for (column, values) in columns {
            if values.len() != rows {
                let length = values.len();
                return Err(argument(format!(
                    "{symbol} {timeframe}: {name}.{column} has {length} values for {rows} times"
                )));
            }
        }
    }
    Ok(series)
}

/// The manifest entry: SHA-256 over name, zero byte and little-endian bytes of each column.
fn input(symbol: &str, series: &MemorySeries) -> Input {
    let mut hash = Sha256::new();
    hash.update(b"time\0");
    for time in &series.time {
        hash.update(time.to_le_bytes());
    }
    for (name, side) in [("bid", Some(&series.bid)), ("ask", series.ask.as_ref())] {
        let Some(side) = side else { continue };
        let volume = side.volume.as_deref().unwrap_or_default();
        let columns: [(&str, &[f64]); 5] = [
            ("open", &side.open),
            ("high", &side.high),
            ("low", &side.low),
            ("close", &side.close),
            ("volume", volume),
        ];
        for (column, values) in columns {
            hash.update(format!("{name}.{column}\0"));
            for value in values {
                hash.update(value.to_le_bytes());
            }
        }
    }
    Input {
        kind: "market_memory".to_owned(),
        path: format!("{symbol}/{symbol}_{}", series.timeframe),
        sha256: hex(&hash.finalize()),
        rows: Some(series.time.len() as u64),
        start_time_ns: series.time.first().copied(),
        end_time_ns: series.time.last().copied(),
    }
}

fn argument(what: String) -> DataError {
    DataError::Argument { what }
}

#[cfg(test)]
mod tests {
    use omega_types::Coded;

    use super::*;

    fn side(prices: &[f64]) -> MemorySide {
        let column = || prices.to_vec();
        MemorySide { open: column(), high: column(), low: column(), close: column(), volume: None }
    }

    fn two_bars() -> MemorySeries {
        let minute = 60_000_000_000;
        MemorySeries {
            timeframe: Timeframe::M1,
            time: vec![0, minute],
            bid: side(&[1.0, 2.0]),
            ask: Some(side(&[1.5, 2.5])),
        }
    }

    fn code(series: Vec<MemorySeries>) -> &'static str {
        dataset_from_memory("EURUSD", series).unwrap_err().code().name
    }

    /// decisions.md 52.
    #[test]
    fn the_hash_covers_names_and_little_endian_columns() {
        // Independent: python hashlib over b"time\0" + struct.pack("<2q") + b"bid.open\0" + struct.pack("<2d") + …
        let dataset = dataset_from_memory("EURUSD", vec![two_bars()]).unwrap();
        let input = &dataset.inputs[0];
        assert_eq!((input.kind.as_str(), input.path.as_str()), ("market_memory", "EURUSD/EURUSD_M1"));
        assert_eq!(input.sha256, "616868ce0421502996553ba5e85ce70775afb8b92ef12f3b748b580e34b2e5c9");
        let bid_only = MemorySeries { ask: None, ..two_bars() };
        let single = dataset_from_memory("EURUSD", vec![bid_only]).unwrap();
        assert_eq!(single.inputs[0].sha256, "940bbdcd23895b92b2e0882db7a119c00f3bf8cd2b2aae910f3ccfbf44230366");
    }

    /// decisions.md 52.
    #[test]
    fn an_absent_volume_counts_as_zeros() {
        let mut explicit = two_bars();
        explicit.bid.volume = Some(vec![0.0; 2]);
        let (a, b) = (dataset_from_memory("X", vec![two_bars()]), dataset_from_memory("X", vec![explicit]));
        assert_eq!(a.unwrap().inputs, b.unwrap().inputs);
    }

    /// decisions.md 8.
    #[test]
    fn a_dataset_without_ask_is_single() {
        let dataset = dataset_from_memory("X", vec![MemorySeries { ask: None, ..two_bars() }]).unwrap();
        assert_eq!(dataset.quotes, QuoteKind::Single);
        let quotes = &dataset.series[0].quotes;
        assert!(quotes.ask.open.is_same_memory(&quotes.bid.open));
    }

    #[test]
    fn the_checks_of_files_apply() {
        let with = |change: fn(&mut MemorySeries)| {
            let mut series = two_bars();
            change(&mut series);
            code(vec![series])
        };
        assert_eq!(with(|s| s.time.reverse()), "DATA_OUT_OF_ORDER");
        assert_eq!(with(|s| s.time[1] = 0), "DATA_DUPLICATE_DIVERGENT");
        assert_eq!(with(|s| s.bid.open[0] = f64::NAN), "DATA_NON_FINITE");
        assert_eq!(with(|s| s.bid = side(&[1.6, 2.0])), "DATA_INVALID_SPREAD");
        assert_eq!(with(|s| s.time[1] += 1), "DATA_OFF_GRID");
        assert_eq!(with(|s| s.bid.low.truncate(1)), "ARG_INVALID");
        assert_eq!(with(|s| *s = MemorySeries { time: vec![], bid: side(&[]), ask: None, ..s.clone() }), "DATA_EMPTY");
    }

    #[test]
    fn impossible_datasets_are_refused() {
        assert_eq!(code(vec![two_bars(), two_bars()]), "ARG_INVALID");
        let hourly = MemorySeries { timeframe: Timeframe::H1, time: vec![0], bid: side(&[1.0]), ask: None };
        assert_eq!(code(vec![two_bars(), hourly]), "ARG_INVALID");
        assert_eq!(dataset_from_memory("../X", vec![]).unwrap_err().code().name, "ARG_INVALID");
    }

    #[test]
    fn repeated_rows_are_dropped_on_both_sides() {
        let mut series = two_bars();
        series.time = vec![0, 0];
        series.bid = side(&[1.0, 1.0]);
        series.ask = Some(side(&[1.5, 1.5]));
        let dataset = dataset_from_memory("X", vec![series]).unwrap();
        assert_eq!(dataset.series[0].len(), 1);
        assert_eq!((dataset.quality[0].bid_duplicates, dataset.quality[0].ask_duplicates), (1, 1));
    }
}
