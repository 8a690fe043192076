//! Parquet files of other programs as import sources: names, types and units differ, the bars do not.

mod support;

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int32Array, Int64Array,
    RecordBatch, StringArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    UInt64Array,
};
use omega_types::{Failure, QuoteSide, Timeframe, market::QuoteKind};
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};
use serde_json::json;
use support::{
    Folder,
    importing::{Bar, assert_says, bars, failed, run, single, ticks, times},
};

/// 2024-01-02 10:00 UTC, in seconds, and a minute later.
const TEN: [i64; 2] = [1_704_189_600, 1_704_189_660];

fn file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
    let batch = batch.unwrap();
    // Groups of one row: rows are counted over all of them.
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(1)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn floats(values: [f64; 2]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn seconds() -> ArrayRef {
    Arc::new(TimestampNanosecondArray::from(TEN.map(|s| s * 1_000_000_000).to_vec()).with_timezone("UTC"))
}

/// `time` and four prices, in the order of nobody.
fn with_time(name: &str, time: ArrayRef) -> Vec<u8> {
    file(vec![
        ("close", floats([1.15, 1.2])),
        ("note", Arc::new(StringArray::from(vec!["a", "b"]))),
        ("low", floats([1.0, 1.1])),
        (name, time),
        ("high", floats([1.2, 1.25])),
        ("open", floats([1.1, 1.15])),
    ])
}

/// `time` and prices that stand for 1.1, 1.2, 1.0, 1.15 of the first bar, the same in the second.
fn with_prices(price: impl Fn(f64) -> ArrayRef) -> Vec<u8> {
    file(vec![
        ("time", seconds()),
        ("open", price(1.1)),
        ("high", price(1.2)),
        ("low", price(1.0)),
        ("close", price(1.15)),
    ])
}

fn expected() -> [Bar; 2] {
    [
        ("2024-01-02T10:00:00Z".to_owned(), [1.1, 1.2, 1.0, 1.15, 0.0]),
        ("2024-01-02T10:01:00Z".to_owned(), [1.15, 1.25, 1.1, 1.2, 0.0]),
    ]
}

#[test]
fn every_unit_and_zone_of_time_gives_the_same_instants() {
    let ns = |s: i64| s * 1_000_000_000;
    let aware: [ArrayRef; 4] = [
        Arc::new(TimestampNanosecondArray::from(TEN.map(ns).to_vec()).with_timezone("UTC")),
        Arc::new(TimestampMicrosecondArray::from(TEN.map(|s| s * 1_000_000).to_vec()).with_timezone("+00:00")),
        Arc::new(TimestampMillisecondArray::from(TEN.map(|s| s * 1_000).to_vec()).with_timezone("America/New_York")),
        Arc::new(StringArray::from(vec!["2024-01-02T10:00:00Z", "2024-01-02 11:01:00+01:00"])),
    ];
    for time in aware {
        let (report, bars) = single(with_time("Date", Arc::clone(&time)), json!({}));
        assert_eq!(bars, expected(), "{:?}", time.data_type());
        assert_eq!(report.sources[0].format, "generic");
    }
    for (time, unit) in [
        (Int64Array::from(TEN.to_vec()), "s"),
        (Int64Array::from(TEN.map(|s| s * 1_000).to_vec()), "ms"),
        (Int64Array::from(TEN.map(ns).to_vec()), "ns"),
    ] {
        let bytes = with_time("timestamp", Arc::new(time));
        assert_eq!(single(&bytes, json!({ "time_unit": unit })).1, expected());
        assert_says(
            &failed("single", &bytes, json!({})),
            "IMPORT_FORMAT",
            "in row 0 is a number of unknown unit",
            "format",
        );
    }
    let whole = with_time("timestamp", floats(TEN.map(|s| s as f64)));
    assert_eq!(single(whole, json!({ "time_unit": "s" })).1, expected());
    let broken = with_time("timestamp", floats([TEN[0] as f64, TEN[1] as f64 + 0.5]));
    let failure = failed("single", broken, json!({ "time_unit": "s" }));
    assert_says(&failure, "IMPORT_PARSE", "row 1 of ", "a whole number since 1970-01-01");
}

#[test]
fn times_without_a_zone_need_one() {
    let naive = Arc::new(TimestampMicrosecondArray::from(TEN.map(|s| (s + 3_600) * 1_000_000).to_vec()));
    let bytes = with_time("time", naive.clone());
    let failure = failed("single", &bytes, json!({}));
    assert_says(&failure, "IMPORT_TIMEZONE_REQUIRED", "row 0 of ", "Europe/Berlin");
    assert!(failure.message.contains("'2024-01-02T11:00:00'"), "{}", failure.message);
    assert_eq!(failure.details["row"], 0);
    // Berlin is an hour ahead in winter.
    assert_eq!(single(&bytes, json!({ "timezone": "Europe/Berlin" })).1, expected());
    // A column called `UTC time` names its zone.
    assert_eq!(
        times(&single(with_time("UTC time", naive), json!({})).1),
        ["2024-01-02T11:00:00Z", "2024-01-02T11:01:00Z"]
    );
    // 19 724 days lie between 1970-01-01 and 2024-01-02: 54 years of 365 days, 13 leap days, 1 day.
    let days = with_time("date", Arc::new(Date32Array::from(vec![19_724, 19_725])));
    let bars = single(days, json!({ "timezone": "UTC", "timeframe": "D1" })).1;
    assert_eq!(times(&bars), ["2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z"]);
}

#[test]
fn prices_of_every_type_are_the_decimal_that_they_show() {
    let both = |value: f64| [value, value];
    let of = |bytes: Vec<u8>, options| single(bytes, options).1[0].1;
    let expected = expected()[0].1;
    assert_eq!(of(with_prices(|p| floats(both(p))), json!({})), expected);
    // 1.1 as a 32-bit number lies 2.4e-8 above 1.1; what it shows is 1.1.
    let single_precision = |p: f64| Arc::new(Float32Array::from(both(p).map(|p| p as f32).to_vec())) as ArrayRef;
    assert_eq!(of(with_prices(single_precision), json!({})), expected);
    let decimal = |p: f64| {
        let array = Decimal128Array::from(both(p).map(|p| (p * 100_000.0).round() as i128).to_vec());
        Arc::new(array.with_precision_and_scale(10, 5).unwrap()) as ArrayRef
    };
    assert_eq!(of(with_prices(decimal), json!({})), expected);
    let points =
        |p: f64| Arc::new(Int32Array::from(both(p).map(|p| (p * 100_000.0).round() as i32).to_vec())) as ArrayRef;
    assert_eq!(of(with_prices(points), json!({ "price_divisor": 100000 })), expected);
    let points =
        |p: f64| Arc::new(UInt64Array::from(both(p).map(|p| (p * 100_000.0).round() as u64).to_vec())) as ArrayRef;
    assert_eq!(of(with_prices(points), json!({ "price_divisor": 100000 })), expected);
    let text = |p: f64| Arc::new(StringArray::from(both(p).map(|p| p.to_string()).to_vec())) as ArrayRef;
    assert_eq!(of(with_prices(text), json!({})), expected);
}

#[test]
fn values_that_are_no_prices_are_named_by_row_and_column() {
    let null = |p: f64| Arc::new(Float64Array::from(vec![Some(p), None])) as ArrayRef;
    let failure = failed("single", with_prices(null), json!({}));
    assert_says(&failure, "IMPORT_PARSE", "row 1 of ", "plain decimal numbers");
    assert_eq!((&failure.details["row"], &failure.details["column"]), (&json!(1), &json!("open")));
    let nan = |p: f64| floats([p, f64::NAN]);
    assert!(failed("single", with_prices(nan), json!({})).message.contains("open 'NaN' is not a finite number"));
    let zero = |_: f64| floats([1.0, 0.0]);
    let failure = failed("single", with_prices(zero), json!({}));
    assert_eq!((failure.code, &failure.details["source"]["row"]), ("DATA_NON_POSITIVE_PRICE", &json!(1)));
    let flags = |_: f64| Arc::new(BooleanArray::from(vec![true, false])) as ArrayRef;
    let failure = failed("single", with_prices(flags), json!({}));
    assert!(failure.code == "IMPORT_FORMAT" && failure.message.contains("the column 'open' has the type Boolean"));
    let missing = file(vec![("time", seconds()), ("open", floats([1.0, 1.0])), ("price", floats([1.0, 1.0]))]);
    let failure = failed("single", missing, json!({}));
    assert_says(&failure, "IMPORT_FORMAT", "generic: there is no column 'high'", "with format");
    let empty_time =
        with_time("time", Arc::new(TimestampNanosecondArray::from(vec![Some(0), None]).with_timezone("UTC")));
    assert_says(&failed("single", empty_time, json!({})), "IMPORT_PARSE", "time '' is not a time", "year first");
    let late = Arc::new(TimestampMillisecondArray::from(vec![0, i64::MAX]).with_timezone("UTC"));
    assert_eq!(failed("single", with_time("time", late), json!({})).code, "IMPORT_PARSE");
    let late = Arc::new(TimestampNanosecondArray::from(vec![0, i64::MAX]).with_timezone("UTC"));
    assert_says(&failed("single", with_time("time", late), json!({})), "IMPORT_PARSE", "is out of range", "year");
}

#[test]
fn damaged_files_are_errors() {
    let bytes = with_time("time", seconds());
    let failure = failed("single", &bytes[..bytes.len() / 2], json!({}));
    assert_says(&failure, "DATA_PARSE", "not a readable Parquet file", "damaged or cut short");
    assert_eq!(failed("single", b"PAR1xxxx", json!({})).code, "DATA_PARSE");
    // Property, by every third byte: whatever its damage does, it is an error or changes nothing that matters here.
    let folder = Folder::new();
    for place in (0..bytes.len()).step_by(3) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x55;
        let source = folder.put("damaged.parquet", damaged);
        let _ = run(&folder, &json!({ "single": [source], "overwrite": true })).map_err(|error| Failure::of(&error));
    }
}

#[test]
fn our_own_files_can_be_imported_again() {
    let folder = Folder::new();
    let first = folder.put("in.parquet", with_time("time", seconds()));
    run(&folder, &json!({ "single": [first] })).unwrap();
    let bytes = folder.bytes("out/EURUSD/EURUSD_M1.parquet");
    let again = Folder::new();
    let copy = again.put("copy.parquet", &bytes);
    let report = run(&again, &json!({ "single": [copy] })).unwrap();
    assert_eq!((report.sources[0].format, report.sources[0].bytes), ("native", bytes.len() as u64));
    assert_eq!(bars(&again, Timeframe::M1, QuoteKind::Single, QuoteSide::Bid), expected());
}

#[test]
fn ticks_may_be_parquet_as_well() {
    let bytes = file(vec![
        ("UTC time", seconds()),
        ("Ask", floats([1.2, 1.3])),
        ("Bid", floats([1.1, 1.15])),
        ("Volume", floats([1.0, 1.0])),
    ]);
    let (report, [bid, ask]) = ticks(&bytes, json!({ "timeframe": "M5" }));
    assert_eq!(bid, [("2024-01-02T10:00:00Z".to_owned(), [1.1, 1.15, 1.1, 1.15, 2.0])]);
    assert_eq!(ask[0].1, [1.2, 1.3, 1.2, 1.3, 2.0]);
    assert_eq!(report.sources[0].format, "generic-ticks");
    let failure = failed("single", &bytes, json!({}));
    assert_says(&failure, "IMPORT_FORMAT", "the file is generic-ticks", "format");
    // Beside a text of the same day.
    let folder = Folder::new();
    let both = [folder.put("a.csv", "time,bid,ask\n2024-01-02T10:02Z,1.0,1.1\n"), folder.put("b.parquet", bytes)];
    let report = run(&folder, &json!({ "ticks": both, "timeframe": "M5" })).unwrap();
    assert_eq!(report.ticks.unwrap().rows, 3);
    let bid = bars(&folder, Timeframe::M5, QuoteKind::BidAsk, QuoteSide::Bid);
    assert_eq!(bid[0].1, [1.1, 1.15, 1.0, 1.0, 3.0]);
}
