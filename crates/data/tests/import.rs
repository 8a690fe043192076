//! Exports of quotes to candle files: one small source per rule and code.

mod support;

use std::io::Write;

use omega_data::{
    DataError, LoadRequest, WantedTimeframe,
    import::{ImportReport, ImportRequest, import},
    load_dataset,
};
use omega_types::{Coded, Dataset, Failure, Timeframe, Watch, market::QuoteKind, time::iso};
use serde_json::{Value, json};
use support::Folder;

const HEAD: &str = "UTC time,Open,High,Low,Close,Volume\n";
const BID: &str = "2024-01-02 10:00:00+00:00,1.1,1.2,1.0,1.15,7\n2024-01-02 10:01:00+00:00,1.15,1.2,1.1,1.2,8\n";
const ASK: &str = "2024-01-02 10:00:00+00:00,1.2,1.3,1.1,1.25,7\n2024-01-02 10:01:00+00:00,1.25,1.3,1.2,1.3,8\n";

/// Imports into `folder` with the options of `extra` on top of EURUSD M1.
fn run(folder: &Folder, extra: Value) -> Result<ImportReport, DataError> {
    let mut request = json!({ "data_root": folder.path().join("out"), "symbol": "eurusd", "timeframe": "M1" });
    for (key, value) in extra.as_object().unwrap() {
        request[key] = value.clone();
    }
    let request: ImportRequest = serde_json::from_value(request).unwrap();
    import(&request, &Watch::default())
}

/// The failure of an import of one text as `single`, with options.
fn single(text: impl AsRef<[u8]>, options: Value) -> Result<ImportReport, Failure> {
    let folder = Folder::new();
    let mut options = options;
    options["single"] = json!([folder.put("in.csv", text)]);
    run(&folder, options).map_err(|error| Failure::of(&error))
}

fn failed(text: impl AsRef<[u8]>, options: Value) -> Failure {
    single(text, options).unwrap_err()
}

fn load(folder: &Folder, symbol: &str, timeframe: Timeframe, quotes: QuoteKind) -> Dataset {
    let timeframes = vec![WantedTimeframe { timeframe, required_by: None }];
    let request = LoadRequest { root: folder.path().join("out"), symbol: symbol.to_owned(), quotes, timeframes };
    load_dataset(&request, &Watch::default()).unwrap()
}

/// The candles that a text becomes: times and closes.
fn imported(text: impl AsRef<[u8]>, options: Value) -> (Vec<String>, Vec<f64>) {
    let folder = Folder::new();
    let mut options = options;
    options["single"] = json!([folder.put("in.csv", text)]);
    let timeframe: Timeframe = options.get("timeframe").map_or("M1", |tf| tf.as_str().unwrap()).parse().unwrap();
    run(&folder, options).unwrap();
    let series = load(&folder, "EURUSD", timeframe, QuoteKind::Single).series[0].clone();
    (series.time.iter().map(|&ns| iso(ns)).collect(), series.quotes.bid.close.to_vec())
}

#[test]
fn a_pair_of_native_files_becomes_a_pair_of_candle_files() {
    let folder = Folder::new();
    let (bid, ask) = (folder.put("b.csv", format!("{HEAD}{BID}")), folder.put("a.csv", format!("{HEAD}{ASK}")));
    let report = run(&folder, json!({ "bid": [bid], "ask": [ask] })).unwrap();
    assert_eq!(folder.list("out/EURUSD"), ["EURUSD_M1_ASK.parquet", "EURUSD_M1_BID.parquet"]);
    let dataset = load(&folder, "EURUSD", Timeframe::M1, QuoteKind::BidAsk);
    let series = &dataset.series[0];
    assert_eq!(iso(series.time[1]), "2024-01-02T10:01:00Z");
    assert_eq!((series.quotes.bid.open[0], series.quotes.ask.high[1], series.quotes.bid.volume[1]), (1.1, 1.3, 8.0));
    // What the report says about the files is what the loader finds.
    assert_eq!(report.files[0].sha256, dataset.inputs[0].sha256);
    assert_eq!(report.files[1].sha256, dataset.inputs[1].sha256);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["files"][0]["first_time_ns"], "1704189600000000000"); // 2024-01-02 10:00 = 1 704 189 600 s
    assert_eq!(
        json["sides"][0],
        json!({
            "side": "bid", "rows_in": 2, "rows_out": 2,
            "dropped": { "duplicate": 0, "flat": 0, "market_hours": 0, "crossed": 0 },
        })
    );
    assert_eq!(json["gaps"], json!({ "expected_bars": 2, "missing_bars": 0, "gap_loss": 0.0 }));
    assert_eq!(json["sources"][0]["format"], "native");
    assert_eq!(report.warnings, []);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let once = || {
        let folder = Folder::new();
        let (bid, ask) = (folder.put("b.csv", format!("{HEAD}{BID}")), folder.put("a.csv", format!("{HEAD}{ASK}")));
        run(&folder, json!({ "bid": [bid], "ask": [ask] })).unwrap();
        (folder.bytes("out/EURUSD/EURUSD_M1_BID.parquet"), folder.bytes("out/EURUSD/EURUSD_M1_ASK.parquet"))
    };
    assert_eq!(once(), once());
}

#[test]
fn gzip_bom_and_windows_line_ends_do_not_matter() {
    let plain = imported(format!("{HEAD}{BID}"), json!({}));
    let dressed = format!("\u{feff}{HEAD}{BID}").replace('\n', "\r\n");
    assert_eq!(imported(&dressed, json!({})), plain);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(dressed.as_bytes()).unwrap();
    assert_eq!(imported(packed.finish().unwrap(), json!({})), plain);
}

#[test]
fn native_times_have_many_forms_and_none_of_them_needs_a_zone() {
    let text = format!(
        "{HEAD}2024-01-02T10:00:00Z,1,1,1,1,0\n2024-01-02 10:01:00,1,1,1,1,0\n2024-01-02 12:02:00.000+02:00,1,1,1,1,0\n"
    );
    assert_eq!(imported(&text, json!({})).0, ["2024-01-02T10:00:00Z", "2024-01-02T10:01:00Z", "2024-01-02T10:02:00Z"]);
    let failure = failed(&text, json!({ "timezone": "+02:00" }));
    assert_eq!((failure.code, failure.category), ("ARG_INVALID", "usage"));
}

#[test]
fn rows_are_sorted_and_sources_are_merged() {
    let folder = Folder::new();
    let late = folder.put("late.csv", "date;open;high;low;close\n2024-01-02T10:02Z;3;3;3;3\n");
    let early = folder
        .put("early.csv", "close,low,high,open,timestamp\n2,2,2,2,2024-01-02T10:01Z\n1,1,1,1,2024-01-02T10:00Z\n");
    let report = run(&folder, json!({ "single": [late, early] })).unwrap();
    let series = load(&folder, "EURUSD", Timeframe::M1, QuoteKind::Single).series[0].clone();
    assert_eq!(series.quotes.bid.close.to_vec(), [1.0, 2.0, 3.0]);
    assert_eq!(series.quotes.bid.volume.to_vec(), [0.0; 3]);
    assert_eq!(report.sources.iter().map(|s| s.rows).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn identical_duplicates_are_one_and_different_ones_are_an_error() {
    let row = "2024-01-02 10:00,1,1,1,1,0\n";
    let report = single(format!("{HEAD}{row}{row}{row}"), json!({})).unwrap();
    assert_eq!((report.sides[0].rows_in, report.sides[0].rows_out, report.sides[0].dropped.duplicate), (3, 1, 2));
    assert_eq!(report.warnings[0].code, "DATA_W_DEDUP");

    let failure = failed(format!("{HEAD}{row}2024-01-02 10:01,1,1,1,1,0\n2024-01-02 10:00,1,2,1,1,0\n"), json!({}));
    assert_eq!(failure.code, "IMPORT_DUPLICATE_DIVERGENT");
    assert!(
        failure.message.starts_with("duplicate time 2024-01-02T10:00:00Z with different values: line 2 of "),
        "{}",
        failure.message
    );
    assert_eq!((&failure.details["first"]["line"], &failure.details["second"]["line"]), (&json!(2), &json!(4)));
}

#[test]
fn prices_are_divided_with_correct_rounding() {
    // 158611 / 100000 is the double nearest to 1.58611, the one that the literal denotes.
    let text = "date,open,high,low,close\n2024-01-02,158611.0,158618.0,158572.0,158599\n";
    let (_, close) = imported(text, json!({ "timezone": "UTC", "price_divisor": 100000, "timeframe": "D1" }));
    assert_eq!(close, [1.58599]);
}

/// decisions.md 2.
#[test]
fn times_without_an_offset_need_a_zone() {
    let text = "time,open,high,low,close\n2024-01-02 10:00,1,1,1,1\n";
    let failure = failed(text, json!({}));
    assert_eq!(failure.code, "IMPORT_TIMEZONE_REQUIRED");
    assert!(
        failure.message.starts_with("line 2 of ") && failure.message.contains("'2024-01-02 10:00'"),
        "{}",
        failure.message
    );
    assert!(failure.hint.unwrap().contains("ny+7"));
    let at = |zone: &str| imported(text, json!({ "timezone": zone })).0;
    assert_eq!(at("UTC"), ["2024-01-02T10:00:00Z"]);
    assert_eq!(at("+02:00"), ["2024-01-02T08:00:00Z"]);
    assert_eq!(at("Europe/Berlin"), ["2024-01-02T09:00:00Z"]);
    assert_eq!(at("ny+7"), ["2024-01-02T08:00:00Z"]); // New York −5 h, plus 7 h: UTC+2
    assert_eq!(failed(text, json!({ "timezone": "Moon/Base" })).code, "ARG_INVALID");
}

#[test]
fn local_times_that_never_were_or_were_twice_are_an_error() {
    let at = |time: &str| {
        let text = format!("time,open,high,low,close\n2024-01-02 10:00,1,1,1,1\n{time},1,1,1,1\n");
        failed(text, json!({ "timezone": "America/New_York" }))
    };
    let missing = at("2024-03-10 02:30");
    assert_eq!((missing.code, &missing.details["problem"]), ("IMPORT_LOCAL_TIME", &json!("missing")));
    assert!(missing.message.starts_with("line 3 of "), "{}", missing.message);
    assert!(
        missing.message.ends_with("the local time '2024-03-10 02:30' does not exist in America/New_York"),
        "{}",
        missing.message
    );
    let ambiguous = at("2024-11-03 01:30");
    assert!(ambiguous.message.ends_with("is ambiguous in America/New_York"), "{}", ambiguous.message);
    assert!(ambiguous.hint.unwrap().contains("fixed offset"));
}

#[test]
fn numeric_times_need_a_unit() {
    // 1704189600 s = 2024-01-02 10:00 UTC.
    let text = |time: &str| format!("timestamp,open,high,low,close\n{time},1,1,1,1\n");
    for (time, unit) in
        [("1704189600", "s"), ("1704189600000", "ms"), ("1704189600000000", "us"), ("1704189600000000000", "ns")]
    {
        assert_eq!(imported(text(time), json!({ "time_unit": unit })).0, ["2024-01-02T10:00:00Z"]);
    }
    let failure = failed(text("1704189600000"), json!({}));
    assert_eq!(failure.code, "IMPORT_FORMAT");
    assert_eq!(failure.details["candidates"][1], "generic with time_unit ms");
    assert_eq!(failed(text("2024-01-02"), json!({ "time_unit": "s" })).code, "IMPORT_PARSE");
    for time in ["9999999999999", "9223372036", "-9223372036"] {
        assert_eq!(failed(text(time), json!({ "time_unit": "s", "label": "close" })).code, "IMPORT_PARSE", "{time}");
    }
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    let line = |line: &str| failed(format!("{HEAD}2024-01-02 10:00,1,1,1,1,0\n{line}\n"), json!({}));
    let failure = line("2024-01-02 10:01,1,x,1,1,0");
    assert_eq!(failure.code, "IMPORT_PARSE");
    assert!(
        failure.message.starts_with("line 3 of ") && failure.message.ends_with("High 'x' is not a finite number"),
        "{}",
        failure.message
    );
    assert_eq!((&failure.details["line"], &failure.details["column"]), (&json!(3), &json!("High")));
    for bad in ["nan", "inf", "", "1_0"] {
        assert_eq!(line(&format!("2024-01-02 10:01,1,{bad},1,1,0")).code, "IMPORT_PARSE", "{bad}");
    }
    assert!(line("2024-01-32 10:01,1,1,1,1,0").message.contains("'2024-01-32 10:01' is not a time"));
    assert!(line("2024-01-02 10:01,1,1,1,1").message.contains("has 5 fields, the header has 6"));
}

#[test]
fn decimal_commas_get_a_hint() {
    let failure = failed("date;open;high;low;close\n2024-01-02T10:00Z;1,5;1,5;1,5;1,5\n", json!({}));
    assert_eq!(failure.code, "IMPORT_PARSE");
    assert!(failure.hint.unwrap().contains("decimals with a point"));
    let failure = failed(format!("{HEAD}2024-01-02 10:00,1,5,1,5,1,5,1,5,0\n"), json!({}));
    assert_eq!(failure.code, "IMPORT_PARSE");
    assert!(failure.hint.unwrap().contains("decimal commas"));
}

#[test]
fn unknown_formats_list_the_candidates() {
    let failure = failed("a,b,c\n1,2,3\n", json!({}));
    // The formats of data.md 7.1 that hold bars.
    let bars = [
        "native",
        "generic",
        "dukascopy-web",
        "dukascopy-local",
        "dukascopy-jforex",
        "dukascopy-etc-utc",
        "dukascopy-node",
        "histdata-ascii-m1",
        "histdata-mt",
        "mt5-bars",
    ];
    assert_eq!((failure.code, &failure.details["candidates"]), ("IMPORT_FORMAT", &json!(bars)));
    assert!(failure.message.contains("the first line 'a,b,c' fits no format"), "{}", failure.message);
    assert!(failure.hint.unwrap().contains("name one of the candidates with format"));
    let failure = failed(HEAD, json!({ "format": "metastock" }));
    assert_eq!((failure.code, &failure.details["candidates"]), ("IMPORT_FORMAT", &json!(bars)));
    assert!(failure.message.contains("there is no format 'metastock'"), "{}", failure.message);
}

#[test]
fn missing_sources_and_bad_options_are_refused() {
    let folder = Folder::new();
    let code = |options: Value| Failure::of(&run(&folder, options).unwrap_err()).code;
    assert_eq!(code(json!({ "single": ["/nowhere/x.csv"] })), "IMPORT_FILE_NOT_FOUND");
    assert_eq!(code(json!({})), "ARG_INVALID");
    assert_eq!(code(json!({ "ask": ["a"] })), "ARG_INVALID");
    assert_eq!(code(json!({ "bid": ["a"], "ask": ["a"] })), "ARG_INVALID");
    assert_eq!(code(json!({ "bid": ["a"], "single": ["b"] })), "ARG_INVALID");
    assert_eq!(code(json!({ "single": ["b"], "ask_from_spread": 1.0, "pip_size": 0.1 })), "ARG_INVALID");
    assert_eq!(code(json!({ "bid": ["a"], "ask": ["b"], "ask_from_spread": 1.0, "pip_size": 0.1 })), "ARG_INVALID");
    assert_eq!(code(json!({ "bid": ["a"], "ask_from_spread": 1.0 })), "ARG_INVALID");
    assert_eq!(code(json!({ "bid": ["a"], "ask_from_spread": -1.0, "pip_size": 0.1 })), "ARG_INVALID");
    assert_eq!(code(json!({ "single": ["b"], "price_divisor": 0.0 })), "ARG_INVALID");
    assert_eq!(code(json!({ "single": ["b"], "max_drop": 2.0 })), "ARG_INVALID");
    assert_eq!(code(json!({ "single": ["b"], "symbol": "../x" })), "ARG_INVALID");
    let unknown = json!({ "data_root": "x", "symbol": "EURUSD", "timeframe": "M1", "colour": "red" });
    assert!(serde_json::from_value::<ImportRequest>(unknown).is_err());
}

#[test]
fn a_bid_side_alone_needs_a_rule_for_the_ask() {
    let folder = Folder::new();
    let bid = folder.put("b.csv", format!("{HEAD}{BID}"));
    let failure = Failure::of(&run(&folder, json!({ "bid": [bid] })).unwrap_err());
    assert_eq!(failure.code, "IMPORT_ASK_MISSING");
    assert!(failure.hint.unwrap().contains("ask_from_spread"));

    let report = run(&folder, json!({ "bid": [bid], "ask_from_spread": 1.5, "pip_size": 0.0001 })).unwrap();
    assert_eq!(report.ask_source.as_deref(), Some("spread of 1.5 pips of 0.0001"));
    assert_eq!(report.warnings[0].code, "DATA_W_SYNTHETIC_ASK");
    let dataset = load(&folder, "EURUSD", Timeframe::M1, QuoteKind::BidAsk);
    assert_eq!(dataset.quality[0].ask_source, report.ask_source);
    let quotes = &dataset.series[0].quotes;
    assert_eq!(quotes.ask.close.to_vec(), [1.15 + 1.5 * 0.0001, 1.2 + 1.5 * 0.0001]);
    assert_eq!(quotes.ask.volume.to_vec(), [7.0, 8.0]);
}

#[test]
fn the_ask_can_come_from_a_column() {
    let folder = Folder::new();
    let bid = folder.put("b.csv", "date,open,high,low,close,gap\n2024-01-02T10:00Z,110000,110000,110000,110000,20\n");
    // Without a point the column has the unit of the prices: 20 / 100000.
    let options = json!({ "bid": [bid], "ask_from_column": "Gap", "price_divisor": 100000 });
    run(&folder, options).unwrap();
    let quotes = load(&folder, "EURUSD", Timeframe::M1, QuoteKind::BidAsk).series[0].quotes.clone();
    assert_eq!((quotes.bid.low[0], quotes.ask.low[0]), (1.1, 1.1 + 0.0002));
    let options = json!({ "bid": [bid], "ask_from_column": "depth", "overwrite": true });
    let failure = Failure::of(&run(&folder, options).unwrap_err());
    assert_eq!((failure.code, &failure.details["column"]), ("IMPORT_FORMAT", &json!("depth")));
    assert!(failure.message.ends_with("no column 'depth'; columns: date, open, high, low, close, gap"));
    assert_eq!(failure.hint.as_deref(), Some("name one of these columns with ask_from_column"));
}

#[test]
fn metatrader_bars_use_the_broker_clock_and_their_spread() {
    let folder = Folder::new();
    let text = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n\
        2024.01.03\t00:00:00\t1.25\t1.5\t1.125\t1.375\t77\t0\t12\n";
    let bid = folder.put("b.csv", text);
    let code = |options: Value| Failure::of(&run(&folder, options).unwrap_err()).code;
    assert_eq!(code(json!({ "bid": [bid], "point": 0.00001 })), "IMPORT_TIMEZONE_REQUIRED");
    assert_eq!(code(json!({ "bid": [bid], "timezone": "ny+7" })), "IMPORT_ASK_MISSING");
    let report = run(&folder, json!({ "bid": [bid], "point": 0.00001, "timezone": "ny+7" })).unwrap();
    assert_eq!(report.ask_source.as_deref(), Some("column SPREAD times 0.00001"));
    assert_eq!(report.sources[0].format, "mt5-bars");
    let series = load(&folder, "EURUSD", Timeframe::M1, QuoteKind::BidAsk).series[0].clone();
    // Midnight of the broker is 17:00 New York, 22:00 UTC in winter.
    assert_eq!(iso(series.time[0]), "2024-01-02T22:00:00Z");
    assert_eq!((series.quotes.bid.volume[0], series.quotes.ask.open[0]), (77.0, 1.25 + 12.0 * 0.00001));
}

#[test]
fn close_stamps_become_open_stamps() {
    let text = "date,open,high,low,close\n2024-01-02T10:05Z,1,1,1,1\n";
    assert_eq!(imported(text, json!({ "label": "close", "timeframe": "M5" })).0, ["2024-01-02T10:00:00Z"]);
    // Daily bars stamped at 17:00 New York; summer time began on 10 March 2024.
    let text = "date,open,high,low,close\n2024-03-08T22:00Z,1,1,1,1\n2024-03-11T21:00Z,1,1,1,1\n";
    let (times, _) = imported(text, json!({ "label": "close", "timeframe": "D1" }));
    assert_eq!(times, ["2024-03-07T22:00:00Z", "2024-03-10T21:00:00Z"]);
}

/// Four M1 bars, the second crossed at the open.
fn crossed(folder: &Folder) -> Value {
    let rows = |open: [&str; 4]| {
        let lines = open.iter().enumerate().map(|(i, open)| format!("2024-01-02 10:0{i},{open},1.3,1.0,1.2,0\n"));
        format!("{HEAD}{}", lines.collect::<String>())
    };
    let bid = folder.put("b.csv", rows(["1.1", "1.2", "1.1", "1.1"]));
    let ask = folder.put("a.csv", rows(["1.1", "1.1", "1.1", "1.2"]));
    json!({ "bid": [bid], "ask": [ask] })
}

#[test]
fn crossed_quotes_stop_the_import_unless_it_may_repair_them() {
    let folder = Folder::new();
    let with = |key: &str, value: Value| {
        let mut options = crossed(&folder);
        options[key] = value;
        options["overwrite"] = json!(true);
        options
    };
    let failure = Failure::of(&run(&folder, crossed(&folder)).unwrap_err());
    assert_eq!(failure.code, "IMPORT_CROSSED");
    assert!(failure.message.starts_with("EURUSD M1: 1 of 4 bars are crossed"), "{}", failure.message);
    assert_eq!(folder.list("out/EURUSD"), [""; 0]);

    let report = run(&folder, with("on_crossed", json!("clamp"))).unwrap();
    assert_eq!(report.warnings[0].code, "DATA_W_CLAMPED");
    let dataset = load(&folder, "EURUSD", Timeframe::M1, QuoteKind::BidAsk);
    assert_eq!(dataset.series[0].quotes.ask.open.to_vec(), [1.1, 1.2, 1.1, 1.2]);
    let label = dataset.quality[0].crossed.clone().unwrap();
    assert_eq!(
        label,
        json!({ "policy": "clamp", "bars": 1, "changed_bars": 1, "changed_fields": 1, "dropped_bars": 0 })
    );

    let failure = Failure::of(&run(&folder, with("on_crossed", json!("drop"))).unwrap_err());
    assert_eq!(failure.code, "IMPORT_DROP_LIMIT");
    let mut options = with("on_crossed", json!("drop"));
    options["max_drop"] = json!(0.25);
    let report = run(&folder, options).unwrap();
    assert_eq!((report.sides[0].rows_out, report.sides[1].dropped.crossed), (3, 1));
    let dataset = load(&folder, "EURUSD", Timeframe::M1, QuoteKind::BidAsk);
    assert_eq!(dataset.quality[0].crossed.as_ref().unwrap()["policy"], "drop");
}

#[test]
fn quotes_that_were_not_changed_carry_no_label() {
    let folder = Folder::new();
    let (bid, ask) = (folder.put("b.csv", format!("{HEAD}{BID}")), folder.put("a.csv", format!("{HEAD}{ASK}")));
    run(&folder, json!({ "bid": [bid], "ask": [ask], "on_crossed": "clamp" })).unwrap();
    assert_eq!(load(&folder, "EURUSD", Timeframe::M1, QuoteKind::BidAsk).quality[0].crossed, None);
}

#[test]
fn flat_and_v1_rows_are_dropped_on_request() {
    // 6 January 2024 is a Saturday.
    let text = format!("{HEAD}2024-01-05 12:00,1,1,1,1,0\n2024-01-06 12:00,1,1,1,1,0\n2024-01-06 12:01,1,2,1,1,0\n");
    let dropped = |options: Value| {
        let report = single(&text, options).unwrap();
        (report.sides[0].dropped.flat, report.sides[0].dropped.market_hours, report.sides[0].rows_out)
    };
    assert_eq!(dropped(json!({})), (0, 0, 3));
    assert_eq!(dropped(json!({ "drop_flat": "weekend" })), (1, 0, 2));
    assert_eq!(dropped(json!({ "drop_flat": "all" })), (2, 0, 1));
    assert_eq!(dropped(json!({ "v1_market_hours": true })), (0, 2, 1));
}

#[test]
fn existing_files_stay_unless_overwriting_is_asked_for() {
    let folder = Folder::new();
    let (bid, ask) = (folder.put("b.csv", format!("{HEAD}{BID}")), folder.put("a.csv", format!("{HEAD}{ASK}")));
    folder.put("out/EURUSD/EURUSD_M1_ASK.parquet", "old");
    let failure = Failure::of(&run(&folder, json!({ "bid": [bid], "ask": [ask] })).unwrap_err());
    assert_eq!(failure.code, "IMPORT_EXISTS");
    assert_eq!(folder.list("out/EURUSD"), ["EURUSD_M1_ASK.parquet"]);
    assert_eq!(folder.bytes("out/EURUSD/EURUSD_M1_ASK.parquet"), b"old");
    run(&folder, json!({ "bid": [bid], "ask": [ask], "overwrite": true })).unwrap();
    assert_eq!(folder.list("out/EURUSD"), ["EURUSD_M1_ASK.parquet", "EURUSD_M1_BID.parquet"]);
    load(&folder, "EURUSD", Timeframe::M1, QuoteKind::BidAsk);
}

#[test]
fn the_result_passes_the_checks_of_the_loader_or_is_not_written() {
    let failure = failed(format!("{HEAD}2024-01-02 10:00,1,1,1,1,0\n2024-01-02 10:01,1,0.5,1,1,0\n"), json!({}));
    assert_eq!(failure.code, "DATA_OHLC");
    assert!(failure.message.contains("the row comes from line 3 of "), "{}", failure.message);
    assert_eq!((&failure.details["row"], &failure.details["source"]["line"]), (&json!(1), &json!(3)));
    assert_eq!(failed(format!("{HEAD}2024-01-02 10:00:30,1,1,1,1,0\n"), json!({})).code, "DATA_OFF_GRID");
    assert_eq!(failed(format!("{HEAD}2024-01-02 10:00,0,0,0,0,0\n"), json!({})).code, "DATA_NON_POSITIVE_PRICE");
    assert_eq!(failed(format!("{HEAD}2024-01-02 10:00,1,1,1,1,-3\n"), json!({})).code, "DATA_NEGATIVE_VOLUME");
    assert_eq!(failed(HEAD, json!({})).code, "DATA_EMPTY");

    let folder = Folder::new();
    let bid = folder.put("b.csv", format!("{HEAD}{BID}"));
    let ask = folder.put("a.csv", format!("{HEAD}2024-01-02 10:01,1.3,1.3,1.3,1.3,0\n"));
    let failure = Failure::of(&run(&folder, json!({ "bid": [bid], "ask": [ask] })).unwrap_err());
    assert_eq!(failure.code, "DATA_ALIGNMENT_LOSS");
    assert_eq!(folder.list("out/EURUSD"), [""; 0]);
}

#[test]
fn a_cancelled_import_leaves_nothing_behind() {
    let folder = Folder::new();
    let watch = Watch::default();
    watch.cancel();
    let request = json!({
        "data_root": folder.path().join("out"), "symbol": "EURUSD", "timeframe": "M1",
        "single": [folder.put("in.csv", format!("{HEAD}{BID}"))],
    });
    let error = import(&serde_json::from_value(request).unwrap(), &watch).unwrap_err();
    assert_eq!(error.code().name, "ABORTED");
    assert_eq!(folder.list("out"), [""; 0]);
}
