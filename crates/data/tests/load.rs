//! Candle files: what is accepted, and one broken file per code of data.md 14.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use arrow_array::{
    ArrayRef, Float32Array, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    TimestampNanosecondArray,
};
use arrow_schema::{Field, Schema};
use omega_data::{DataError, LoadRequest, WantedTimeframe, load_dataset};
use omega_types::{
    Coded, Dataset, Timeframe, Watch,
    market::QuoteKind,
    time::{DAY_NS, days_from_civil},
};
use parquet::{
    arrow::ArrowWriter,
    basic::Compression,
    data_type::{Int96, Int96Type},
    file::{metadata::KeyValue, properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};
use sha2::{Digest, Sha256};

const MINUTE: i64 = 60_000_000_000;

/// A data root that disappears with the test.
struct Root(PathBuf);

impl Root {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("omega-load-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(path.join("EURUSD")).unwrap();
        Self(path)
    }

    fn put(&self, name: &str, bytes: &[u8]) -> &Self {
        fs::write(self.0.join("EURUSD").join(name), bytes).unwrap();
        self
    }

    fn load(&self, quotes: QuoteKind, timeframes: &[Timeframe]) -> Result<Dataset, DataError> {
        let wanted = |&timeframe: &Timeframe| WantedTimeframe { timeframe, required_by: None };
        let timeframes = timeframes.iter().map(wanted).collect();
        let request = LoadRequest { root: self.0.clone(), symbol: "EURUSD".to_owned(), quotes, timeframes };
        load_dataset(&request, &Watch::default())
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// One candle file, column by column.
#[derive(Clone)]
struct Columns(Vec<(&'static str, ArrayRef)>);

impl Columns {
    /// Bars of 1.0 ± 0.25.
    fn flat(time: &[i64]) -> Self {
        let column = |value: f64| -> ArrayRef { Arc::new(Float64Array::from(vec![value; time.len()])) };
        let time = TimestampNanosecondArray::from(time.to_vec()).with_timezone("UTC");
        Self(vec![
            ("UTC time", Arc::new(time)),
            ("Open", column(1.0)),
            ("High", column(1.25)),
            ("Low", column(0.75)),
            ("Close", column(1.0)),
            ("Volume", column(10.0)),
        ])
    }

    fn minutes(rows: i64) -> Self {
        Self::flat(&(0..rows).map(|i| i * MINUTE).collect::<Vec<_>>())
    }

    fn with(mut self, name: &str, column: impl arrow_array::Array + 'static) -> Self {
        self.0.iter_mut().find(|(n, _)| *n == name).unwrap().1 = Arc::new(column);
        self
    }

    /// Replaces one value of a float column.
    fn value(self, name: &str, row: usize, value: f64) -> Self {
        let column = &self.0.iter().find(|(n, _)| *n == name).unwrap().1;
        let mut values = column.as_any().downcast_ref::<Float64Array>().unwrap().values().to_vec();
        values[row] = value;
        self.with(name, Float64Array::from(values))
    }

    fn parquet(&self) -> Vec<u8> {
        self.parquet_with(WriterProperties::builder().build())
    }

    fn labelled(&self, labels: &[(&str, &str)]) -> Vec<u8> {
        let pairs = labels.iter().map(|(k, v)| KeyValue::new((*k).to_owned(), (*v).to_owned())).collect();
        self.parquet_with(WriterProperties::builder().set_key_value_metadata(Some(pairs)).build())
    }

    fn parquet_with(&self, properties: WriterProperties) -> Vec<u8> {
        let fields: Vec<_> = self.0.iter().map(|(n, c)| Field::new(*n, c.data_type().clone(), true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let columns = self.0.iter().map(|(_, column)| Arc::clone(column)).collect();
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
        let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap()
    }
}

/// Loads M1 with these bytes as bid and a sound ask.
fn load_bid(bid: &[u8]) -> Result<Dataset, DataError> {
    let root = Root::new();
    root.put("EURUSD_M1_BID.parquet", bid).put("EURUSD_M1_ASK.parquet", &Columns::minutes(5).parquet());
    root.load(QuoteKind::BidAsk, &[Timeframe::M1])
}

fn load_pair(bid: &Columns, ask: &Columns) -> Result<Dataset, DataError> {
    let root = Root::new();
    root.put("EURUSD_M1_BID.parquet", &bid.parquet()).put("EURUSD_M1_ASK.parquet", &ask.parquet());
    root.load(QuoteKind::BidAsk, &[Timeframe::M1])
}

/// Code and message of a bid file.
fn refused(bid: &Columns) -> (&'static str, String) {
    let error = load_bid(&bid.parquet()).unwrap_err();
    (error.code().name, error.to_string())
}

const BID: &str = "EURUSD/EURUSD_M1_BID.parquet";

/// decisions.md 11: the identity of a file is the SHA-256 of its bytes.
#[test]
fn a_clean_pair_loads_with_its_inputs() {
    let (bid, ask) = (Columns::minutes(3).parquet(), Columns::minutes(3).value("Close", 2, 1.125).parquet());
    let root = Root::new();
    root.put("EURUSD_M1_BID.parquet", &bid).put("EURUSD_M1_ASK.parquet", &ask);
    let dataset = root.load(QuoteKind::BidAsk, &[Timeframe::M1, Timeframe::M1]).unwrap();

    assert_eq!(dataset.series.len(), 1);
    let series = &dataset.series[0];
    assert_eq!(&series.time[..], [0, MINUTE, 2 * MINUTE]);
    assert_eq!(&series.quotes.bid.close[..], [1.0, 1.0, 1.0]);
    assert_eq!(&series.quotes.ask.close[..], [1.0, 1.0, 1.125]);
    assert_eq!(&series.quotes.bid.volume[..], [10.0; 3]);
    let [bid_input, ask_input] = &dataset.inputs[..] else { panic!("two inputs") };
    assert_eq!((bid_input.kind.as_str(), bid_input.path.as_str()), ("market_parquet_bid", BID));
    assert_eq!((bid_input.rows, bid_input.start_time_ns, bid_input.end_time_ns), (Some(3), Some(0), Some(2 * MINUTE)));
    let hash = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect::<String>();
    assert_eq!(bid_input.sha256, hash(&bid));
    assert_eq!((ask_input.kind.as_str(), &ask_input.sha256), ("market_parquet_ask", &hash(&ask)));
}

#[test]
fn layouts_that_mean_the_same_are_accepted() {
    let time: Vec<i64> = (0..5).map(|i| i * MINUTE).collect();
    let plain = Columns::minutes(5);
    let offset = plain.clone().with("UTC time", TimestampNanosecondArray::from(time).with_timezone("+00:00"));
    let integers = plain.clone().with("Volume", Int64Array::from(vec![10; 5]));
    let mut reordered = plain.clone();
    reordered.0.reverse();
    reordered.0.push(("Comment", Arc::new(StringArray::from(vec!["x"; 5]))));
    for columns in [&plain, &offset, &integers, &reordered] {
        let dataset = load_bid(&columns.parquet()).unwrap();
        assert_eq!(&dataset.series[0].quotes.bid.volume[..], [10.0; 5]);
    }
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(true)
        .set_max_row_group_row_count(Some(2));
    assert_eq!(load_bid(&plain.parquet_with(properties.build())).unwrap().series[0].len(), 5);
}

/// decisions.md 5.
#[test]
fn a_missing_file_says_who_needs_it() {
    let root = Root::new();
    root.put("EURUSD_M1_BID.parquet", &Columns::minutes(5).parquet());
    let error = root.load(QuoteKind::BidAsk, &[Timeframe::M1]).unwrap_err();
    assert_eq!(error.code().name, "DATA_FILE_NOT_FOUND");
    assert_eq!(error.to_string(), "data file not found: EURUSD/EURUSD_M1_ASK.parquet");
    let details = error.details();
    assert_eq!((&details["kind"], &details["side"]), (&"market_parquet_ask".into(), &"ask".into()));
    assert!(Path::new(details["path"].as_str().unwrap()).starts_with(&root.0));

    let wanted = WantedTimeframe { timeframe: Timeframe::H4, required_by: Some("strategy_parameters.htf_tf".into()) };
    let request = LoadRequest {
        root: root.0.clone(),
        symbol: "EURUSD".to_owned(),
        quotes: QuoteKind::BidAsk,
        timeframes: vec![wanted],
    };
    let error = load_dataset(&request, &Watch::default()).unwrap_err();
    assert_eq!(error.details()["required_by"], "strategy_parameters.htf_tf");
    assert!(error.hint().unwrap().contains("strategy_parameters.htf_tf"));
}

/// decisions.md 8: file name, metadata and kind in the manifest.
#[test]
fn a_single_side_is_its_own_layout() {
    let root = Root::new();
    root.put("EURUSD_M1.parquet", &Columns::minutes(5).labelled(&[("omega.side", "single")]));
    let dataset = root.load(QuoteKind::Single, &[Timeframe::M1]).unwrap();
    assert_eq!(dataset.inputs[0].kind, "market_parquet_single");
    assert_eq!(dataset.inputs[0].path, "EURUSD/EURUSD_M1.parquet");
    let error = root.load(QuoteKind::BidAsk, &[Timeframe::M1]).unwrap_err();
    assert!(error.hint().unwrap().contains("single"), "{:?}", error.hint());
}

#[test]
fn what_is_no_parquet_is_a_parse_error() {
    let code = |bytes: &[u8]| load_bid(bytes).unwrap_err().code().name;
    assert_eq!(code(b""), "DATA_PARSE");
    assert_eq!(code(b"UTC time,Open,High,Low,Close,Volume\n"), "DATA_PARSE");
    let whole = Columns::minutes(5).parquet();
    assert_eq!(code(&whole[..whole.len() - 1]), "DATA_PARSE");
    assert_eq!(code(&whole[100..]), "DATA_PARSE");
    let folder = Root::new();
    fs::create_dir(folder.0.join(BID)).unwrap();
    assert_eq!(folder.load(QuoteKind::BidAsk, &[Timeframe::M1]).unwrap_err().code().name, "DATA_READ");
}

#[test]
fn columns_must_be_there_with_their_types() {
    let mut without = Columns::minutes(5);
    without.0.remove(3);
    let (code, message) = refused(&without);
    assert_eq!((code, message), ("DATA_MISSING_COLUMN", format!("column 'Low' is missing in {BID}")));

    let floats = Columns::minutes(5).with("Close", Float32Array::from(vec![1.0_f32; 5]));
    let (code, message) = refused(&floats);
    assert_eq!(code, "DATA_COLUMN_TYPE");
    assert_eq!(message, format!("column 'Close' in {BID} has type Float32, expected Float64"));

    let text = Columns::minutes(5).with("Volume", StringArray::from(vec!["1"; 5]));
    assert_eq!(refused(&text).0, "DATA_COLUMN_TYPE");
    let integers = Columns::minutes(5).with("Open", Int64Array::from(vec![1; 5]));
    assert_eq!(refused(&integers).0, "DATA_COLUMN_TYPE");
    let micros = TimestampMicrosecondArray::from(vec![0; 5]).with_timezone("UTC");
    assert_eq!(refused(&Columns::minutes(5).with("UTC time", micros)).0, "DATA_COLUMN_TYPE");
}

#[test]
fn the_old_timestamp_type_is_refused() {
    let message = "message schema {
        REQUIRED INT96 \"UTC time\"; REQUIRED DOUBLE Open; REQUIRED DOUBLE High;
        REQUIRED DOUBLE Low; REQUIRED DOUBLE Close; REQUIRED DOUBLE Volume; }"
        .replace("\"UTC time\"", "UTC_time");
    // The schema parser knows no blanks in names, so the name is patched in the bytes; both are eight characters long.
    let schema = Arc::new(parse_message_type(&message).unwrap());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut is_time = true;
    while let Some(mut column) = group.next_column().unwrap() {
        if is_time {
            column.typed::<Int96Type>().write_batch(&[Int96::new()], None, None).unwrap();
        } else {
            column.typed::<parquet::data_type::DoubleType>().write_batch(&[1.0], None, None).unwrap();
        }
        is_time = false;
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(8).position(|w| w == b"UTC_time") {
        bytes[at + found + 3] = b' ';
        at += found + 8;
    }
    let error = load_bid(&bytes).unwrap_err();
    assert_eq!(error.code().name, "DATA_COLUMN_TYPE");
    assert!(error.to_string().contains("INT96"), "{error}");
}

#[test]
fn times_must_be_utc() {
    let naive = Columns::minutes(5).with("UTC time", TimestampNanosecondArray::from(vec![0; 5]));
    assert_eq!(refused(&naive).0, "DATA_TIMEZONE");
    let local = TimestampNanosecondArray::from(vec![0; 5]).with_timezone("America/New_York");
    let (code, message) = refused(&Columns::minutes(5).with("UTC time", local));
    assert_eq!(code, "DATA_TIMEZONE");
    assert_eq!(message, format!("column 'UTC time' in {BID} must be UTC, found America/New_York"));
}

#[test]
fn labels_must_agree_with_the_name() {
    let bars = Columns::minutes(5);
    let good = [
        ("omega.schema", "candles/1"),
        ("omega.symbol", "EURUSD"),
        ("omega.timeframe", "M1"),
        ("omega.side", "bid"),
        ("omega.source", "synthetic"),
    ];
    let dataset = load_bid(&bars.labelled(&good)).unwrap();
    assert!(dataset.quality[0].synthetic);
    for (index, wrong) in ["candles/2", "GBPUSD", "M5", "ask"].into_iter().enumerate() {
        let mut labels = good;
        labels[index].1 = wrong;
        let error = load_bid(&bars.labelled(&labels)).unwrap_err();
        assert_eq!(error.code().name, "DATA_METADATA_MISMATCH");
        assert!(error.to_string().contains(wrong), "{error}");
    }
}

#[test]
fn what_an_import_changed_is_kept() {
    let crossed = r#"{"policy":"clamp","bars":2}"#;
    let bytes = Columns::minutes(5).labelled(&[("omega.crossed", crossed), ("omega.ask_source", "spread 1.5 pips")]);
    let dataset = load_bid(&bytes).unwrap();
    assert_eq!(dataset.quality[0].crossed.as_ref().unwrap()["bars"], 2);
    assert_eq!(dataset.quality[0].ask_source.as_deref(), Some("spread 1.5 pips"));
}

#[test]
fn nulls_and_empty_files_are_refused() {
    let null = Columns::minutes(5)
        .with("Low", Float64Array::from(vec![Some(0.75), None, None, Some(0.75), Some(0.75)]))
        .with("Close", Float64Array::from(vec![Some(1.0), Some(1.0), Some(1.0), None, Some(1.0)]));
    let (code, message) = refused(&null);
    assert_eq!((code, message), ("DATA_NULL", format!("null in column 'Low' at row 1 of {BID}")));
    // In the second row group.
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(2)).build();
    let late =
        Columns::minutes(5).with("Volume", Float64Array::from(vec![Some(1.0), Some(1.0), Some(1.0), None, None]));
    assert!(load_bid(&late.parquet_with(properties)).unwrap_err().to_string().contains("row 3"));
    let (code, message) = refused(&Columns::minutes(0));
    assert_eq!((code, message), ("DATA_EMPTY", format!("{BID} has no rows")));
}

#[test]
fn every_row_is_checked() {
    let bars = || Columns::minutes(5);
    let expect = |columns: Columns, code: &str, message: &str| {
        assert_eq!(refused(&columns), (code_of(code), message.to_owned()));
    };
    expect(
        Columns::flat(&[0, 2 * MINUTE, MINUTE]),
        "DATA_OUT_OF_ORDER",
        &format!("timestamps go backwards at row 2 of {BID}: 1970-01-01T00:01:00Z after 1970-01-01T00:02:00Z"),
    );
    expect(
        Columns::flat(&[0, MINUTE, MINUTE]).value("Close", 2, 1.1),
        "DATA_DUPLICATE_DIVERGENT",
        &format!("duplicate timestamp 1970-01-01T00:01:00Z with different values at row 2 of {BID}"),
    );
    expect(
        bars().value("High", 1, f64::NAN),
        "DATA_NON_FINITE",
        &format!("High is not a finite number at row 1 of {BID} (1970-01-01T00:01:00Z)"),
    );
    expect(
        bars().value("Low", 0, -0.5),
        "DATA_NON_POSITIVE_PRICE",
        &format!("Low = -0.5 is not positive at row 0 of {BID} (1970-01-01T00:00:00Z)"),
    );
    expect(
        bars().value("Volume", 4, -1.0),
        "DATA_NEGATIVE_VOLUME",
        &format!("volume -1 is negative at row 4 of {BID} (1970-01-01T00:04:00Z)"),
    );
    expect(
        bars().value("Close", 3, 1.5),
        "DATA_OHLC",
        &format!("inconsistent bar at row 3 of {BID} (1970-01-01T00:03:00Z): O 1 H 1.25 L 0.75 C 1.5"),
    );
    expect(
        Columns::flat(&[0, MINUTE + 1]),
        "DATA_OFF_GRID",
        &format!("bar time 1970-01-01T00:01:00.000000001Z at row 1 of {BID} is not a multiple of M1"),
    );
    let late = days_from_civil(2262, 1, 1) * DAY_NS;
    let (code, message) = refused(&Columns::flat(&[0, late]));
    assert_eq!((code, message), ("DATA_TIME_OVERFLOW", format!("bar time out of range at row 1 of {BID}")));
}

fn code_of(name: &str) -> &'static str {
    omega_types::code::ALL.iter().find(|code| code.name == name).unwrap().name
}

#[test]
fn rows_in_messages_are_rows_of_the_file() {
    // Row 1 repeats row 0 and is dropped; the bad volume is still row 3 of the file.
    let bid = Columns::flat(&[0, 0, MINUTE, 2 * MINUTE]).value("Volume", 3, -1.0);
    assert!(refused(&bid).1.contains("row 3"));
}

#[test]
fn harmless_duplicates_are_dropped_and_counted() {
    let dataset = load_pair(&Columns::flat(&[0, 0, MINUTE, MINUTE, MINUTE]), &Columns::minutes(2)).unwrap();
    assert_eq!(dataset.series[0].len(), 2);
    let quality = &dataset.quality[0];
    assert_eq!((quality.bid_duplicates, quality.ask_duplicates, quality.bid_rows), (3, 0, 2));
    assert_eq!(dataset.inputs[0].rows, Some(5));
}

#[test]
fn sides_are_aligned_within_one_percent() {
    let times = |skip: &[i64]| (0..200).filter(|i| !skip.contains(i)).map(|i| i * MINUTE).collect::<Vec<_>>();
    let bid = Columns::flat(&times(&[7, 9])).value("Close", 100, 0.875);
    let ask = Columns::flat(&times(&[50]));
    // 198 and 199 bars, 197 common: 2 of 199 is more than 1 %.
    let error = load_pair(&bid, &ask).unwrap_err();
    assert_eq!(error.code().name, "DATA_ALIGNMENT_LOSS");
    let details = error.details();
    assert_eq!((&details["aligned_count"], &details["discarded_count"]), (&197.into(), &3.into()));
    assert_eq!(details["first_one_sided"][0]["time_ns"], (7 * MINUTE).to_string());

    // 199 and 199 bars, 198 common: 1 of 199 passes, and the values stay with their stamps.
    let dataset = load_pair(&Columns::flat(&times(&[7])).value("Close", 100, 0.875), &ask).unwrap();
    let series = &dataset.series[0];
    assert_eq!(series.len(), 198);
    // Bid row 100 is minute 101; without minutes 7 and 50 it is aligned bar 99.
    assert_eq!((series.time[99], series.quotes.bid.close[99]), (101 * MINUTE, 0.875));
    assert_eq!(dataset.quality[0].bid_only, [50 * MINUTE]);
    assert_eq!(dataset.quality[0].ask_only, [7 * MINUTE]);
}

#[test]
fn disjoint_sides_are_refused() {
    let error = load_pair(&Columns::flat(&[0, 2 * MINUTE]), &Columns::flat(&[MINUTE])).unwrap_err();
    assert_eq!(error.code().name, "DATA_NO_OVERLAP");
    assert_eq!(error.to_string(), "EURUSD M1: bid and ask have no common timestamps");
}

#[test]
fn crossed_quotes_are_refused_and_counted() {
    let bid = Columns::minutes(5).value("Open", 3, 1.1).value("Close", 2, 1.2).value("Open", 2, 0.9);
    let error = load_pair(&bid, &Columns::minutes(5)).unwrap_err();
    assert_eq!(error.code().name, "DATA_INVALID_SPREAD");
    assert_eq!(
        error.to_string(),
        "EURUSD M1: bid close 1.2 above ask 1 at 1970-01-01T00:02:00Z (2 of 5 bars are crossed)"
    );
    assert_eq!((&error.details()["index"], &error.details()["further"]), (&2.into(), &1.into()));
    assert!(error.hint().unwrap().contains("--on-crossed"));
    // Equal prices are fine, and a bid high above the ask high is not looked at.
    assert!(load_pair(&Columns::minutes(5).value("High", 1, 9.0), &Columns::minutes(5)).is_ok());
}

/// decisions.md 6.
#[test]
fn the_error_that_wins_does_not_depend_on_who_finishes_first() {
    let root = Root::new();
    let fives = |skew: i64| Columns::flat(&[0, 5 * MINUTE + skew]).parquet();
    // M1: the bid breaks a late rule, the ask an early one; M5 has no files at all.
    root.put("EURUSD_M1_BID.parquet", &Columns::minutes(5).value("Volume", 0, -1.0).parquet())
        .put("EURUSD_M1_ASK.parquet", b"nothing")
        .put("EURUSD_M15_BID.parquet", &fives(0));
    let code = |timeframes: &[Timeframe]| root.load(QuoteKind::BidAsk, timeframes).unwrap_err().code().name;
    for _ in 0..20 {
        assert_eq!(code(&[Timeframe::M1, Timeframe::M5]), "DATA_NEGATIVE_VOLUME");
        assert_eq!(code(&[Timeframe::M5, Timeframe::M1]), "DATA_FILE_NOT_FOUND");
        assert_eq!(code(&[Timeframe::M15, Timeframe::M1]), "DATA_OFF_GRID");
    }
}

#[test]
fn loading_can_be_cancelled() {
    let watch = Watch::default();
    watch.cancel();
    let request = LoadRequest {
        root: PathBuf::new(),
        symbol: "EURUSD".to_owned(),
        quotes: QuoteKind::BidAsk,
        timeframes: Vec::new(),
    };
    assert_eq!(load_dataset(&request, &watch).unwrap_err().code().name, "ABORTED");
    let request = LoadRequest { symbol: "../EURUSD".to_owned(), ..request };
    assert_eq!(load_dataset(&request, &Watch::default()).unwrap_err().code().name, "ARG_INVALID");
}
