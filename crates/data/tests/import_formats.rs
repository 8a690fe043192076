//! One small file per format of data.md 7.1. Expected instants and values by hand.

mod support;

use omega_types::Failure;
use serde_json::{Value, json};
use support::{
    Folder,
    importing::{Bar, assert_says, failed, run, single, ticks, times},
};

fn bar(time: &str, values: [f64; 5]) -> Bar {
    (time.to_owned(), values)
}

#[test]
fn dukascopy_web() {
    // 2 January 2024 is a Tuesday, 6 January a Saturday; the day stands first.
    let text = "Gmt time,Open,High,Low,Close,Volume\n\
        02.01.2024 10:00:00.000,1.1,1.2,1.0,1.15,123.45\n\
        02.01.2024 10:01:00,1.15,1.2,1.1,1.2,8\n\
        06.01.2024 12:00:00.000,1.2,1.2,1.2,1.2,0\n";
    let (report, bars) = single(text, json!({}));
    assert_eq!(
        bars,
        [
            bar("2024-01-02T10:00:00Z", [1.1, 1.2, 1.0, 1.15, 123.45]),
            bar("2024-01-02T10:01:00Z", [1.15, 1.2, 1.1, 1.2, 8.0])
        ]
    );
    // The flat bar of the weekend is dropped without being asked to.
    assert_eq!((report.sources[0].format, report.sides[0].dropped.flat), ("dukascopy-web", 1));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!((&json["drop_flat"], &json["sources"][0]["timezone"]), (&json!("weekend"), &json!("UTC")));
    assert_eq!(single(text, json!({ "drop_flat": "none" })).1.len(), 3);
    // Times are UTC by definition.
    assert_eq!(single(text, json!({ "timezone": "Etc/UTC" })).1.len(), 2);
    assert_eq!(failed("single", text, json!({ "timezone": "Europe/Berlin" })).code, "ARG_INVALID");

    let other = text.replace("02.01.2024 10:01:00", "2024-01-02 10:01:00");
    let failure = failed("single", other, json!({}));
    assert_says(&failure, "IMPORT_PARSE", "line 3 of ", "dd.MM.yyyy HH:mm:ss");
    assert!(failure.message.ends_with("Gmt time '2024-01-02 10:01:00' is not a time"), "{}", failure.message);
}

#[test]
fn dukascopy_local() {
    // Winter and summer of Berlin; the offset of each row counts.
    let text = "Local time,Open,High,Low,Close,Volume\n\
        02.01.2024 11:00:00.000 GMT+0100,1.1,1.2,1.0,1.15,7\n\
        02.07.2024 12:00:00.000 GMT+0200,1.1,1.2,1.0,1.15,7\n";
    let (report, bars) = single(text, json!({}));
    assert_eq!(times(&bars), ["2024-01-02T10:00:00Z", "2024-07-02T10:00:00Z"]);
    assert_eq!((report.sources[0].format, &report.sources[0].timezone), ("dukascopy-local", &None));
    let failure = failed("single", text.replace(" GMT+0200", ""), json!({}));
    assert_says(&failure, "IMPORT_TIMEZONE_REQUIRED", "line 3 of ", "Europe/Berlin");
}

#[test]
fn dukascopy_jforex() {
    let text =
        |zone: &str, time: &str| format!("Time ({zone}),Open,High,Low,Close,Volume \n{time},1.1,1.2,1.0,1.15,7\n");
    for time in ["2024.07.02 13:00:00", "02.07.2024 13:00:00", "2024-07-02 13:00:00"] {
        let (report, bars) = single(text("UTC", time), json!({}));
        assert_eq!(bars, [bar("2024-07-02T13:00:00Z", [1.1, 1.2, 1.0, 1.15, 7.0])]);
        assert_eq!(report.sources[0].format, "dukascopy-jforex");
    }
    // Eastern European summer time is UTC+3.
    let eet = text("EET", "2024.07.02 13:00:00");
    assert_says(
        &failed("single", &eet, json!({})),
        "IMPORT_TIMEZONE_REQUIRED",
        "'2024.07.02 13:00:00'",
        "timezone EET",
    );
    assert_eq!(times(&single(&eet, json!({ "timezone": "EET" })).1), ["2024-07-02T10:00:00Z"]);

    // A Spanish platform writes decimal commas.
    let commas = "Time (UTC);Open;High;Low;Close;Volume\n2024.01.02 10:00:00;1,1;1,2;1,0;1,15;7\n";
    assert_says(
        &failed("single", commas, json!({})),
        "IMPORT_PARSE",
        "Open '1,1' is not a finite number",
        "with a point",
    );
    let commas = "Time (UTC),Open,High,Low,Close,Volume\n2024.01.02 10:00:00,1,1,1,2,1,0,1,15,7\n";
    assert_says(
        &failed("single", commas, json!({})),
        "IMPORT_PARSE",
        "has 10 fields, the header has 6",
        "decimal commas?",
    );
}

#[test]
fn dukascopy_etc_utc() {
    let text = "Etc/UTC,Open,High,Low,Close,Volume\n2024-01-02T10:00:00+00:00,1.1,1.2,1.0,1.15,7\n";
    let (report, bars) = single(text, json!({}));
    assert_eq!(bars, [bar("2024-01-02T10:00:00Z", [1.1, 1.2, 1.0, 1.15, 7.0])]);
    assert_eq!(report.sources[0].format, "dukascopy-etc-utc");
}

#[test]
fn dukascopy_node() {
    // 1 704 189 600 s are 2024-01-02 10:00 UTC; 1 704 542 400 s are Saturday 6 January, 12:00.
    let text = "timestamp,open,high,low,close\n1704189600000,1.1,1.2,1.0,1.15\n1704542400000,1.2,1.2,1.2,1.2\n";
    let (report, bars) = single(text, json!({ "format": "dukascopy-node" }));
    assert_eq!(bars, [bar("2024-01-02T10:00:00Z", [1.1, 1.2, 1.0, 1.15, 0.0])]);
    assert_eq!((report.sources[0].format, report.sides[0].dropped.flat), ("dukascopy-node", 1));
    let with_volume = "timestamp,open,high,low,close,volume\n1704189600000,1.1,1.2,1.0,1.15,0.5\n";
    assert_eq!(single(with_volume, json!({ "format": "dukascopy-node" })).1[0].1[4], 0.5);
    // The header is that of `generic`, so the format must be named.
    let failure = failed("single", text, json!({}));
    assert_says(&failure, "IMPORT_FORMAT", "'1704189600000' in line 2 is a number of unknown unit", "with format");
    let candidates: Vec<&str> =
        failure.details["candidates"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(candidates.contains(&"dukascopy-node") && candidates.contains(&"generic with time_unit ms"));
}

#[test]
fn dukascopy_ticks() {
    // The ask stands first. Minute 10:00: bid 1.1, 1.3, 1.2, ask 1.2, 1.4, 1.3; minute 10:02 has one tick.
    let text = "Gmt time,Ask,Bid,AskVolume,BidVolume\n\
        02.01.2024 10:00:00.017,1.2,1.1,0.75,1.5\n\
        02.01.2024 10:00:30.500,1.4,1.3,0.75,1.5\n\
        02.01.2024 10:00:59.999,1.3,1.2,0.75,1.5\n\
        02.01.2024 10:02:00.000,1.5,1.4,0.75,1.5\n";
    let (report, [bid, ask]) = ticks(text, json!({}));
    assert_eq!(
        bid,
        [
            bar("2024-01-02T10:00:00Z", [1.1, 1.3, 1.1, 1.2, 3.0]),
            bar("2024-01-02T10:02:00Z", [1.4, 1.4, 1.4, 1.4, 1.0])
        ]
    );
    assert_eq!(ask[0], bar("2024-01-02T10:00:00Z", [1.2, 1.4, 1.2, 1.3, 3.0]));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["sources"][0]["side"], "both");
    assert_eq!((&json["sources"][0]["format"], &json["sources"][0]["rows"]), (&json!("dukascopy-ticks"), &json!(4)));
    assert_eq!(json["ticks"], json!({ "rows": 4, "repeated": 0 }));
    assert_eq!((report.sides[1].rows_in, report.sides[1].rows_out), (2, 2));
}

#[test]
fn histdata_ascii_m1() {
    // Five hours behind UTC in winter and in summer alike.
    let text = "20120201 000000;1.306600;1.306700;1.306500;1.306560;0\n20120702 235900;1.3;1.4;1.2;1.3;5\n";
    let (report, bars) = single(text, json!({}));
    assert_eq!(
        bars,
        [
            bar("2012-02-01T05:00:00Z", [1.3066, 1.3067, 1.3065, 1.30656, 0.0]),
            bar("2012-07-03T04:59:00Z", [1.3, 1.4, 1.2, 1.3, 5.0])
        ]
    );
    assert_eq!(report.sources[0].format, "histdata-ascii-m1");
    assert_eq!(report.sources[0].timezone.as_deref(), Some("-05:00"));
    assert_eq!(single(text, json!({ "timezone": "-05:00", "format": "histdata-ascii-m1" })).1, bars);
    let failure = failed("single", text, json!({ "timezone": "America/New_York" }));
    assert_eq!(failure.code, "ARG_INVALID");
    assert!(failure.message.contains("are -05:00 by definition"), "{}", failure.message);
    // Bids only.
    assert_says(&failed("bid", text, json!({})), "IMPORT_ASK_MISSING", "EURUSD M1", "ask_from_spread");
    // There is no header, so the first line is line 1.
    let failure = failed("single", text.replace("1.306700", "x"), json!({ "format": "histdata-ascii-m1" }));
    assert_says(&failure, "IMPORT_PARSE", "line 1 of ", "plain decimal numbers");
    assert_eq!(failure.details["column"], "high");
    let failure = failed("single", format!("{text}20120703 000000;1.3;1.4;1.2;1.3\n"), json!({}));
    assert_says(&failure, "IMPORT_PARSE", "has 5 fields, the format has 6", "cut short");
}

#[test]
fn histdata_mt() {
    let text = "2012.02.01,00:00,1.306600,1.306700,1.306500,1.306560,7\n2012.07.02,23:59,1.3,1.4,1.2,1.3,5\n";
    let (report, bars) = single(text, json!({ "format": "histdata-mt" }));
    assert_eq!(
        bars,
        [
            bar("2012-02-01T05:00:00Z", [1.3066, 1.3067, 1.3065, 1.30656, 7.0]),
            bar("2012-07-03T04:59:00Z", [1.3, 1.4, 1.2, 1.3, 5.0])
        ]
    );
    assert_eq!(report.sources[0].timezone.as_deref(), Some("-05:00"));
    // MetaTrader 4 writes the same in the time of a broker, so the shape alone decides nothing.
    assert_says(&failed("single", text, json!({})), "IMPORT_FORMAT", "MetaTrader 4", "with format");
    // ny+7 is UTC+2 in winter and UTC+3 in summer.
    let (report, bars) = single(text, json!({ "timezone": "ny+7" }));
    assert_eq!(times(&bars), ["2012-01-31T22:00:00Z", "2012-07-02T20:59:00Z"]);
    assert_eq!((report.sources[0].format, report.sources[0].timezone.as_deref()), ("histdata-mt", Some("ny+7")));
}

#[test]
fn histdata_ascii_ticks() {
    let text = "20120201 000003660,1.3066,1.3068,0\n20120201 000059999,1.3065,1.3066,0\n20120201 000100000,1.4,1.5,0\n";
    let (report, [bid, ask]) = ticks(text, json!({}));
    assert_eq!(
        bid,
        [
            bar("2012-02-01T05:00:00Z", [1.3066, 1.3066, 1.3065, 1.3065, 2.0]),
            bar("2012-02-01T05:01:00Z", [1.4, 1.4, 1.4, 1.4, 1.0])
        ]
    );
    assert_eq!(ask[0].1, [1.3068, 1.3068, 1.3066, 1.3066, 2.0]);
    assert_eq!(report.sources[0].format, "histdata-ascii-ticks");
}

#[test]
fn mt5_bars() {
    // With commas, and a daily export without clocks; the tab form is tested in import.rs.
    let text =
        "<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>,<VOL>,<SPREAD>\n2024.01.03,1.25,1.5,1.125,1.375,77,900,12\n";
    let folder = Folder::new();
    let bid = folder.put("in.csv", text);
    let options = json!({ "bid": [bid], "timeframe": "D1", "timezone": "ny+7", "point": 0.00001 });
    let report = run(&folder, &options).unwrap();
    assert_eq!(report.ask_source.as_deref(), Some("column SPREAD times 0.00001"));
    let (_, bars) = single(text, json!({ "timeframe": "D1", "timezone": "ny+7" }));
    // Midnight of the broker is 17:00 New York, 22:00 UTC in winter. Volume is the number of ticks.
    assert_eq!(bars, [bar("2024-01-02T22:00:00Z", [1.25, 1.5, 1.125, 1.375, 77.0])]);
}

#[test]
fn mt5_ticks() {
    // A blank side is unchanged: ticks are (1.1, –), (1.1, 1.3), (1.2, 1.3), (1.2, 1.4), a trade, and (1.0, 1.4).
    let text = "<DATE>\t<TIME>\t<BID>\t<ASK>\t<LAST>\t<VOLUME>\t<FLAGS>\n\
        2024.01.03\t00:00:00.100\t1.1\t\t\t\t2\n\
        2024.01.03\t00:00:10.200\t\t1.3\t\t\t4\n\
        2024.01.03\t00:00:20.300\t1.2\t\t\t\t2\n\
        2024.01.03\t00:01:00.000\t\t1.4\t\t\t4\n\
        2024.01.03\t00:01:30.000\t\t\t1.35\t5\t24\n\
        2024.01.03\t00:01:59.999\t1.0\t\t\t\t2\n";
    let (report, [bid, ask]) = ticks(text, json!({ "timezone": "ny+7" }));
    assert_eq!(
        bid,
        [
            bar("2024-01-02T22:00:00Z", [1.1, 1.2, 1.1, 1.2, 3.0]),
            bar("2024-01-02T22:01:00Z", [1.2, 1.2, 1.0, 1.0, 3.0])
        ]
    );
    // The ask has no price before the second tick.
    assert_eq!(
        ask,
        [
            bar("2024-01-02T22:00:00Z", [1.3, 1.3, 1.3, 1.3, 2.0]),
            bar("2024-01-02T22:01:00Z", [1.4, 1.4, 1.4, 1.4, 3.0])
        ]
    );
    assert_eq!(report.sources[0].format, "mt5-ticks");
    assert_says(&failed("ticks", text, json!({})), "IMPORT_TIMEZONE_REQUIRED", "2024.01.03 00:00:00.100", "ny+7");
    let back = format!("{text}2024.01.02\t00:00:00.000\t1.0\t\t\t\t2\n");
    assert_says(
        &failed("ticks", back, json!({ "timezone": "ny+7" })),
        "IMPORT_PARSE",
        "line 8 of ",
        "sort the file by time",
    );
    // Not one ask.
    let bids = "<DATE>\t<TIME>\t<BID>\t<ASK>\t<LAST>\t<VOLUME>\n2024.01.03\t00:00:00.100\t1.1\t\t\t\n";
    let failure = failed("ticks", bids, json!({ "timezone": "UTC" }));
    assert_says(&failure, "IMPORT_ASK_MISSING", "bid side only", "give ask files");
}

/// decisions.md 3: ticks that carry no date.
#[test]
fn generic_ticks() {
    // 8 715 ms and 59 999 ms after midnight are minute 0, 60 000 ms is minute 1. The bid of the last line is missing.
    let text = "ms_since_midnight_utc,bid,ask\n8715,1.1,1.2\n59999,1.3,1.4\n60000,,1.5\n";
    let folder = Folder::new();
    let file = folder.put("in.csv", text);
    let report = run(&folder, &json!({ "ticks": [file], "date": "2014-05-08", "timeframe": "M5" })).unwrap();
    assert_eq!((report.sources[0].format, report.sides[1].rows_out), ("generic-ticks", 1));
    let (_, [bid, ask]) = ticks(text, json!({ "date": "2014-05-08", "timeframe": "M5" }));
    assert_eq!(bid, [bar("2014-05-08T00:00:00Z", [1.1, 1.3, 1.1, 1.3, 2.0])]);
    assert_eq!(ask, [bar("2014-05-08T00:00:00Z", [1.2, 1.5, 1.2, 1.5, 3.0])]);
    // In minutes, minute 1 has no bid: one bar of two lies on one side only, which the loader would refuse.
    assert_eq!(failed("ticks", text, json!({ "date": "2014-05-08" })).code, "DATA_ALIGNMENT_LOSS");

    let failure = failed("ticks", text, json!({}));
    assert_says(&failure, "IMPORT_FORMAT", "the day was not given", "with format");
    assert_eq!(failure.details["candidates"], json!(["generic-ticks with date"]));
    assert_eq!(failed("ticks", text, json!({ "date": "8.5.2014" })).code, "ARG_INVALID");
    let failure = failed("ticks", text.replace("59999", "86400000"), json!({ "date": "2014-05-08" }));
    assert_says(&failure, "IMPORT_PARSE", "'86400000' is not a time of day", "below one day");
    assert_eq!(failure.details["line"], 3);
}

/// decisions.md 3: columns by name or option.
#[test]
fn generic_ticks_have_names_units_and_zones_by_option() {
    // 1 704 189 600 s are 2024-01-02 10:00 UTC.
    let text = "when;price_b;price_a\n1704189600;110000;120000\n1704189601;130000;140000\n";
    let options = json!({
        "format": "generic-ticks", "time_column": "When", "time_unit": "s", "bid_column": "Price_B", "ask_column": "price_a",
        "price_divisor": 100000,
    });
    let (_, [bid, ask]) = ticks(text, options.clone());
    assert_eq!(bid, [bar("2024-01-02T10:00:00Z", [1.1, 1.3, 1.1, 1.3, 2.0])]);
    assert_eq!(ask[0].1, [1.2, 1.4, 1.2, 1.4, 2.0]);
    let mut wrong = options;
    wrong["ask_column"] = json!("price");
    let failure = failed("ticks", text, wrong);
    assert_says(&failure, "IMPORT_FORMAT", "generic-ticks: there is no column 'price'", "ask_column");

    // Clocks of a day in New York: 05:00 is 10:00 UTC in winter.
    let clocks = "time,bid,ask\n05:00:00.250,1.1,1.2\n05:00:59,1.0,1.1\n";
    let (_, [bid, _]) = ticks(clocks, json!({ "date": "2024-01-02", "timezone": "America/New_York" }));
    assert_eq!(bid, [bar("2024-01-02T10:00:00Z", [1.1, 1.1, 1.0, 1.0, 2.0])]);
    let failure = failed("ticks", clocks, json!({ "date": "2024-01-02" }));
    assert_says(&failure, "IMPORT_TIMEZONE_REQUIRED", "'05:00:00.250'", "give timezone");

    let stamps = "timestamp,bid,ask\n2024-01-02T10:00:00.5Z,1.1,1.2\n";
    assert_eq!(times(&ticks(stamps, json!({})).1[0]), ["2024-01-02T10:00:00Z"]);
    let numbers = "timestamp,bid,ask\n1704189600,1.1,1.2\n";
    let failure = failed("ticks", numbers, json!({}));
    assert_says(&failure, "IMPORT_FORMAT", "number of unknown unit", "with format");
    assert_eq!(failure.details["candidates"][0], "generic-ticks with time_unit s");
}

#[test]
fn a_format_and_its_options_must_agree() {
    let web = "Gmt time,Open,High,Low,Close,Volume\n02.01.2024 10:00:00.000,1.1,1.2,1.0,1.15,7\n";
    let refused = |key: &str, options: Value| {
        let failure = failed(key, web, options);
        assert_eq!((failure.code, failure.category), ("ARG_INVALID", "usage"));
        failure.message
    };
    let message = refused("single", json!({ "format": "dukascopy-web", "time_unit": "ms" }));
    assert!(message.contains("time_unit") && message.contains("dukascopy-web"), "{message}");
    let message = refused("single", json!({ "format": "dukascopy-ticks" }));
    assert!(message.contains("give them as ticks"), "{message}");
    let message = refused("ticks", json!({ "format": "dukascopy-web" }));
    assert!(message.contains("bid, ask or single"), "{message}");
    for (key, options) in [
        ("single", json!({ "date": "2024-01-02" })),
        ("single", json!({ "bid_column": "bid" })),
        ("ticks", json!({ "label": "close" })),
        ("ticks", json!({ "ask_from_spread": 1.0, "pip_size": 0.0001 })),
        ("ticks", json!({ "bid": ["other.csv"] })),
        ("ticks", json!({ "single": ["other.csv"] })),
    ] {
        refused(key, options);
    }
    // The option of the other kind is named.
    let failure = failed("ticks", web, json!({}));
    assert_says(&failure, "IMPORT_FORMAT", "the file is dukascopy-web", "with format");
    let folder = Folder::new();
    let report = Failure::of(&run(&folder, &json!({ "bid": [folder.put("x.csv", web)] })).unwrap_err());
    assert_eq!(report.code, "IMPORT_ASK_MISSING");
}
