//! What inspection finds in sound files and in broken ones.

mod support;

use omega_data::{
    Candles, FileSide,
    inspect::{InspectReport, inspect},
    write::{Labels, encode},
};
use omega_types::{Coded, Timeframe, Watch};
use serde_json::{Value, json};
use support::Folder;

const MINUTE: i64 = 60_000_000_000;
/// 2024-01-02 10:00 UTC.
const START: i64 = 1_704_189_600_000_000_000;

fn candles(rows: &[(i64, [f64; 5])]) -> Candles {
    let mut candles = Candles::default();
    for &(minute, values) in rows {
        candles.push(START + minute * MINUTE, values);
    }
    candles
}

fn bar(price: f64) -> [f64; 5] {
    [price, price + 0.01, price - 0.01, price, 5.0]
}

fn put(folder: &Folder, side: FileSide, rows: &[(i64, [f64; 5])]) {
    let labels =
        Labels { symbol: "EURUSD", timeframe: Timeframe::M1, side, source: "test", ask_source: None, crossed: None };
    let bytes = encode(&candles(rows), &labels, &Watch::default()).unwrap();
    folder.put(&omega_data::write::relative_path("EURUSD", Timeframe::M1, side), bytes);
}

fn look(folder: &Folder, extra: Value) -> Result<InspectReport, omega_data::DataError> {
    let mut request = json!({ "data_root": folder.path(), "symbol": "EURUSD", "timeframe": "M1" });
    for (key, value) in extra.as_object().unwrap() {
        request[key] = value.clone();
    }
    inspect(&serde_json::from_value(request).unwrap(), &Watch::default())
}

#[test]
fn a_sound_pair_is_described() {
    let folder = Folder::new();
    // Minutes 0, 1, 2, 10, 11: seven missing between 2 and 10. Spreads 0.0625, 0.125, 0.25, 0, 0.0625 (exact in binary).
    let spreads = [0.0625, 0.125, 0.25, 0.0, 0.0625];
    let minutes = [0, 1, 2, 10, 11];
    let rows = |ask: bool| -> Vec<_> {
        minutes.iter().zip(spreads).map(|(&m, s)| (m, bar(if ask { 1.5 + s } else { 1.5 }))).collect()
    };
    put(&folder, FileSide::Bid, &rows(false));
    put(&folder, FileSide::Ask, &rows(true));
    let report = serde_json::to_value(look(&folder, json!({ "pip_size": 0.0625 })).unwrap()).unwrap();
    assert_eq!((&report["loadable"], &report["bars"], &report["problems"]), (&json!(true), &json!(5), &json!([])));
    assert_eq!(
        report["spread"],
        json!({
            "price": { "min": 0.0, "median": 0.0625, "mean": 0.1, "max": 0.25 },
            "pips": { "min": 0.0, "median": 1.0, "mean": 1.6, "max": 4.0 },
            "zero_bars": 1,
        })
    );
    assert_eq!(
        report["gaps"],
        json!({
            "calendar": "fx", "expected_bars": 12, "missing_bars": 7, "gap_loss": 0.583333, "count": 1,
            "largest": [{
                "after": "2024-01-02T10:02:00Z", "after_ns": "1704189720000000000",
                "before": "2024-01-02T10:10:00Z", "before_ns": "1704190200000000000", "missing_bars": 7,
            }],
        })
    );
    let file = &report["files"][1];
    assert_eq!(
        (&file["side"], &file["rows"], &file["metadata"]["omega.source"]),
        (&json!("ask"), &json!(5), &json!("test"))
    );
    assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn every_problem_is_found_at_once() {
    let folder = Folder::new();
    let nan = f64::NAN;
    put(
        &folder,
        FileSide::Bid,
        &[
            (0, bar(1.5)),
            (2, bar(1.5)),
            (1, bar(1.5)),                   // row 2: backwards
            (3, [1.5, 1.4, 1.3, 1.5, 0.0]),  // row 3: high below open
            (4, [1.5, nan, 1.4, 1.5, 0.0]),  // row 4: not a number
            (5, [1.5, 1.6, -1.0, 1.5, 0.0]), // row 5: negative
            (6, [1.5, 1.6, 1.4, 1.5, -1.0]), // row 6: negative volume
            (7, bar(1.5)),
            (7, bar(1.6)),                  // row 8: the same time, other values
            (7, bar(1.6)),                  // row 9: repeats row 8
            (8, [1.5, 1.2, 1.3, 1.5, 0.0]), // row 10: high below open again
        ],
    );
    put(&folder, FileSide::Ask, &(0..9).map(|m| (m, bar(if m == 2 { 1.4 } else { 1.7 }))).collect::<Vec<_>>());
    let report = look(&folder, json!({})).unwrap();
    assert!(!report.loadable);
    let found: Vec<_> = report.problems.iter().map(|p| (p.code, p.count, p.row)).collect();
    assert_eq!(
        found,
        [
            ("DATA_OUT_OF_ORDER", 1, Some(2)),
            ("DATA_DUPLICATE_DIVERGENT", 1, Some(8)),
            ("DATA_NON_FINITE", 1, Some(4)),
            ("DATA_NON_POSITIVE_PRICE", 1, Some(5)),
            ("DATA_NEGATIVE_VOLUME", 1, Some(6)),
            ("DATA_OHLC", 2, Some(3)),
            ("DATA_INVALID_SPREAD", 1, None),
        ]
    );
    assert_eq!((report.files[0].duplicate_rows, report.bars), (2, 9));
    assert_eq!(report.crossed.unwrap().bars, 1);
    assert!(report.problems[5].message.contains("2 rows, first at row 3 (2024-01-02T10:03:00Z): O 1.5 H 1.4 L 1.3"));
}

#[test]
fn bars_off_the_grid_and_one_sided_bars_are_problems() {
    let folder = Folder::new();
    let mut odd = candles(&[(0, bar(1.5)), (1, bar(1.5))]);
    odd.time[1] += 1;
    let labels = Labels {
        symbol: "EURUSD",
        timeframe: Timeframe::M1,
        side: FileSide::Bid,
        source: "t",
        ask_source: None,
        crossed: None,
    };
    folder.put("EURUSD/EURUSD_M1_BID.parquet", encode(&odd, &labels, &Watch::default()).unwrap());
    put(&folder, FileSide::Ask, &[(0, bar(1.6)), (1, bar(1.6))]);
    let report = look(&folder, json!({})).unwrap();
    assert_eq!(report.problems.iter().map(|p| p.code).collect::<Vec<_>>(), ["DATA_OFF_GRID", "DATA_ALIGNMENT_LOSS"]);
    assert_eq!((report.bars, report.one_sided_bars), (1, 2));
}

#[test]
fn files_that_cannot_be_read_do_not_hide_the_others() {
    let folder = Folder::new();
    put(&folder, FileSide::Ask, &[(0, bar(1.6)), (1, bar(1.6))]);
    let report = look(&folder, json!({})).unwrap();
    assert_eq!((report.problems[0].code, report.problems[0].side), ("DATA_FILE_NOT_FOUND", Some(FileSide::Bid)));
    assert_eq!((report.bars, report.files[0].file.rows), (2, 2));
    folder.put("EURUSD/EURUSD_M1_BID.parquet", "not parquet");
    let report = look(&folder, json!({})).unwrap();
    assert_eq!((report.problems[0].code, report.files.len()), ("DATA_PARSE", 2));
    // A file of another name inside.
    let other = folder.bytes("EURUSD/EURUSD_M1_ASK.parquet");
    folder.put("EURUSD/EURUSD_M1_BID.parquet", other);
    let report = look(&folder, json!({})).unwrap();
    assert_eq!(report.problems[0].code, "DATA_METADATA_MISMATCH");
}

#[test]
fn single_files_are_found_by_themselves() {
    let folder = Folder::new();
    assert_eq!(look(&folder, json!({})).unwrap_err().code().name, "DATA_FILE_NOT_FOUND");
    put(&folder, FileSide::Single, &[(0, bar(1.6)), (3, [1.6, 1.6, 1.6, 1.6, 0.0])]);
    let report = look(&folder, json!({ "calendar": "none" })).unwrap();
    assert!(report.loadable);
    assert_eq!((report.bars, report.crossed, report.spread), (2, None, None));
    assert_eq!((report.gaps.counts, report.gaps.count, report.gaps.largest[0].missing_bars), (None, 1, 2));
    assert_eq!((report.files[0].flat_rows, report.files[0].zero_volume_rows), (1, 1));
    assert_eq!((report.files[0].lowest, report.files[0].highest), (Some(1.59), Some(1.61)));
}

#[test]
fn impossible_times_are_problems_and_no_panic() {
    let folder = Folder::new();
    for side in [FileSide::Bid, FileSide::Ask] {
        let mut odd = candles(&[(0, bar(1.5)), (1, bar(1.5)), (2, bar(1.5))]);
        odd.time[0] = i64::MIN;
        odd.time[2] = i64::MAX;
        let labels =
            Labels { symbol: "EURUSD", timeframe: Timeframe::H4, side, source: "t", ask_source: None, crossed: None };
        let bytes = encode(&odd, &labels, &Watch::default()).unwrap();
        folder.put(&omega_data::write::relative_path("EURUSD", Timeframe::H4, side), bytes);
    }
    let report = look(&folder, json!({ "timeframe": "H4" })).unwrap();
    assert_eq!((report.problems[0].code, report.problems[0].count), ("DATA_TIME_OVERFLOW", 2));
    assert_eq!(report.gaps.counts.unwrap().expected_bars, 0);
}
