//! The news calendar: from a CSV to a file, from a file to blocked times (data.md 7.2, 10, 14).

mod support;

use std::{io::Write, sync::Arc};

use arrow_array::{
    ArrayRef, DictionaryArray, Int32Array, Int64Array, LargeStringArray, RecordBatch, StringArray,
    TimestampMicrosecondArray, TimestampNanosecondArray, types::Int32Type,
};
use omega_data::{
    Bound, DataError,
    news::{ImportNewsReport, NewsCalendar, NewsFile, NewsRule, blocked, import_news, load_news},
    parse_instant,
};
use omega_types::{Coded, Failure, Watch, config::Impact, time::iso};
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};
use support::{Folder, real};

fn at(text: &str) -> i64 {
    parse_instant(text, Bound::Start).unwrap()
}

fn import(folder: &Folder, csv: impl AsRef<[u8]>, extra: Value) -> Result<ImportNewsReport, DataError> {
    let file = folder.put("news.csv", csv);
    let mut request = json!({ "files": [file], "out": folder.path().join("out/news.parquet"), "overwrite": true });
    for (key, value) in extra.as_object().unwrap() {
        request[key] = value.clone();
    }
    import_news(&serde_json::from_value(request).unwrap(), &Watch::default())
}

fn failure(folder: &Folder, csv: impl AsRef<[u8]>, extra: Value) -> Failure {
    Failure::of(&import(folder, csv, extra).unwrap_err())
}

fn load(folder: &Folder, name: &str) -> Result<NewsCalendar, DataError> {
    load_news(&NewsFile { path: folder.path().join(name), origin: "option".into() }, &Watch::default())
}

fn imported(folder: &Folder, csv: &str, extra: Value) -> (ImportNewsReport, NewsCalendar) {
    let report = import(folder, csv, extra).unwrap();
    (report, load(folder, "out/news.parquet").unwrap())
}

/// Time, id, name, impact, currency.
fn rows(calendar: &NewsCalendar) -> Vec<String> {
    let row = |e: &omega_data::news::NewsEvent| {
        format!("{} {} [{}] {} {}", iso(e.time_ns), e.id, e.name, e.impact.as_str(), e.currency)
    };
    calendar.events.iter().map(row).collect()
}

// ---- import

#[test]
fn events_are_sorted_and_the_first_of_each_id_stays() {
    let folder = Folder::new();
    let csv = "\u{feff}Id, name ,CURRENCY,Impact,Start\r\n\
        b,Later,usd,high,03/05/2024 13:30:00\r\n\
        \r\n\
        a,\"Comma, \"\"quoted\"\"\", EUR ,Medium,2024-03-05 08:00:00\r\n \
        c , kept as is ,GBP,LOW,2024-03-05T13:30:00Z\r\n\
        a,Again,USD,HIGH,2024-03-06 00:00\r\n";
    let (report, calendar) = imported(&folder, csv, json!({}));
    assert_eq!(
        rows(&calendar),
        [
            "2024-03-05T08:00:00Z a [Comma, \"quoted\"] MEDIUM EUR",
            "2024-03-05T13:30:00Z b [Later] HIGH USD",
            "2024-03-05T13:30:00Z c [ kept as is ] LOW GBP",
        ]
    );
    assert_eq!((report.rows_in, report.rows_out, report.repeated, report.derived_ids), (4, 3, 1, 0));
    // The repeated Id belongs to another event, which deserves a remark.
    assert_eq!(report.warnings[0].code, "DATA_W_DEDUP");
    assert!(report.warnings[0].message.contains("1 of them are another event"), "{}", report.warnings[0].message);
    assert_eq!(report.first_time.as_deref(), Some("2024-03-05T08:00:00Z"));
    assert_eq!(calendar.input.sha256, report.sha256);
    assert_eq!((calendar.input.kind.as_str(), calendar.input.path.as_str()), ("news_parquet", "news.parquet"));
    assert_eq!((calendar.input.rows, calendar.input.end_time_ns), (Some(3), Some(at("2024-03-05T13:30"))));
}

#[test]
fn other_impacts_are_errors_unless_they_are_mapped() {
    let folder = Folder::new();
    let csv = "Start,Name,Impact,Currency\n2024-03-05 08:00,A,low,USD\n2024-03-05 09:00,B,none,USD\n\
        2024-03-05 10:00,C,Holiday,USD\n2024-03-05 11:00,D,,USD\n";
    let refused = failure(&folder, csv, json!({}));
    assert_eq!((refused.code, refused.category), ("NEWS_IMPACT", "market_data"));
    assert!(
        refused.message.starts_with("news calendar: impact 'NONE' at row 1 is not LOW, MEDIUM or HIGH"),
        "{}",
        refused.message
    );
    assert!(refused.message.contains("line 3 of"), "{}", refused.message);
    assert!(refused.hint.unwrap().contains("NONE=skip"));
    assert_eq!((&refused.details["value"], &refused.details["source"]["line"]), (&json!("NONE"), &json!(3)));

    let map = json!({ "impact_map": { "NONE": "skip", "holiday": "HIGH", "": "low" } });
    let (report, calendar) = imported(&folder, csv, map);
    assert_eq!(calendar.events.iter().map(|e| e.impact).collect::<Vec<_>>(), [Impact::Low, Impact::High, Impact::Low]);
    assert_eq!(report.skipped.iter().collect::<Vec<_>>(), [(&"NONE".to_owned(), &1)]);
    assert_eq!(report.impacts.iter().collect::<Vec<_>>(), [(&"HIGH", &1), (&"LOW", &2)]);

    for (map, says) in [
        (json!({ "NONE": "ignore" }), "skip, low, medium or high"),
        (json!({ "NONE": "skip", "none": "low" }), "twice"),
    ] {
        let refused = failure(&folder, csv, json!({ "impact_map": map }));
        assert_eq!(refused.code, "ARG_INVALID");
        assert!(refused.message.contains(says), "{}", refused.message);
    }
    let none_left = failure(
        &folder,
        "Start,Name,Impact,Currency\n2024-03-05 08:00,A,x,USD\n",
        json!({ "impact_map": { "X": "skip" } }),
    );
    assert_eq!((none_left.code, &none_left.details["skipped"]), ("NEWS_EMPTY", &json!(1)));
    assert!(none_left.hint.unwrap().contains("impact-map"));
}

#[test]
fn an_id_is_derived_where_there_is_none() {
    let folder = Folder::new();
    let line = "2008-01-01 10:00:00,Gross Domestic Product,LOW,CHF\n";
    let csv = format!("UTC time,Name,Impact,Currency\n{line}{line}2008-01-01 10:00:00,Other,LOW,CHF\n");
    let (report, calendar) = imported(&folder, &csv, json!({}));
    // hashlib.sha256("\x1f".join(["1199181600000000000", "CHF", "LOW", "Gross Domestic Product"]).encode()).hexdigest()[:32]
    assert_eq!(calendar.events[0].id, "3aa05fac6192641b222dad1ccb19e2e9");
    assert_eq!((report.rows_out, report.repeated, report.derived_ids), (2, 1, 3));
    assert!(!report.warnings[0].message.contains("another event"), "an exact repetition");
    // An empty value counts as none: two events without Id are two events.
    let csv = "Id,UTC time,Name,Impact,Currency\n,2008-01-01 10:00:00,A,LOW,CHF\n ,2008-01-01 10:00:00,B,LOW,CHF\n";
    assert_eq!(imported(&folder, csv, json!({})).0.rows_out, 2);
}

#[test]
fn dates_with_slashes_are_month_first_unless_told_otherwise() {
    let folder = Folder::new();
    let csv = "Start,Name,Impact,Currency\n03/04/2024 13:30:00,A,LOW,USD\n";
    let time = |extra: Value| iso(imported(&folder, csv, extra).1.events[0].time_ns);
    assert_eq!(time(json!({})), "2024-03-04T13:30:00Z");
    assert_eq!(time(json!({ "day_first": true })), "2024-04-03T13:30:00Z");
    let refused = failure(&folder, csv.replace("03/04", "13/04"), json!({}));
    assert_eq!(refused.code, "IMPORT_PARSE");
    assert!(refused.message.contains("line 2 of") && refused.message.contains("13/04/2024"), "{}", refused.message);
    assert!(refused.hint.unwrap().contains("--day-first"));
}

#[test]
fn separators_and_packing_are_recognised_and_files_are_merged() {
    let folder = Folder::new();
    let lines = [["Start", "Name", "Impact", "Currency"], ["2024-03-05 08:00", "A", "LOW", "USD"]];
    for separator in [",", ";", "\t"] {
        let csv = lines.map(|line| line.join(separator)).join("\n");
        assert_eq!(imported(&folder, &csv, json!({})).0.rows_out, 1, "{separator:?}");
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"Start,Name,Impact,Currency\n2024-03-04 08:00,B,LOW,USD\n").unwrap();
    let packed = packed.finish().unwrap();
    let files = [folder.put("a.csv", lines.map(|line| line.join(",")).join("\n")), folder.put("b.csv.gz", &packed)];
    let (report, calendar) = imported(&folder, "", json!({ "files": files }));
    assert_eq!(calendar.events.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["B", "A"]);
    assert_eq!(report.sources.iter().map(|source| source.rows).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(failure(&folder, &packed[..packed.len() / 2], json!({})).code, "DATA_READ");
}

#[test]
fn bad_sources_are_named_with_what_helps() {
    let folder = Folder::new();
    let header = "Start,Name,Impact,Currency\n";
    let good = "2024-03-05 08:00,A,LOW,USD\n";
    let cases: [(Vec<u8>, &str, &str); 15] = [
        (Vec::new(), "IMPORT_FORMAT", "empty"),
        (b"\xff\xfeS\0".to_vec(), "IMPORT_FORMAT", "UTF-16"),
        (b"PAR1....".to_vec(), "IMPORT_FORMAT", "Parquet"),
        (b"PK\x03\x04".to_vec(), "IMPORT_FORMAT", "ZIP"),
        (
            [header.as_bytes(), good.as_bytes(), b"2024-03-05 08:00,\xe9,LOW,USD\n"].concat(),
            "IMPORT_FORMAT",
            "line 3 is not UTF-8",
        ),
        (b"Start,UTC time,Name,Impact,Currency\n".to_vec(), "IMPORT_FORMAT", "'Start' and 'UTC time'"),
        (b"Start,Name,name,Impact,Currency\n".to_vec(), "IMPORT_FORMAT", "'Name' and 'name'"),
        (b"Start,Name,Currency\n".to_vec(), "NEWS_MISSING_COLUMN", "'Impact'"),
        (b"Date;Name;Impact;Currency\n".to_vec(), "NEWS_MISSING_COLUMN", "'Start'"),
        (header.as_bytes().to_vec(), "NEWS_EMPTY", "no rows"),
        (format!("{header}2024-03-05 08:00,A, B,LOW,USD\n").into(), "IMPORT_PARSE", "has 5 fields, the header has 4"),
        (format!("{header}{good}yesterday,A,LOW,USD\n").into(), "IMPORT_PARSE", "Start 'yesterday'"),
        (format!("{header}2300-01-01 00:00,A,LOW,USD\n").into(), "IMPORT_PARSE", "2300-01-01"),
        (format!("{header}{good}2024-03-05 08:00,A,LOW,Dollar\n").into(), "NEWS_CURRENCY", "'DOLLAR' at row 1"),
        (format!("{header}\"2024-03-05 08:00,A,LOW,USD\n").into(), "IMPORT_PARSE", "has 1 fields"),
    ];
    for (csv, code, says) in cases {
        let refused = failure(&folder, &csv, json!({}));
        assert_eq!(refused.code, code, "{}", refused.message);
        assert!(refused.message.contains(says), "{}", refused.message);
        assert!(refused.hint.is_some() || matches!(says, "no rows" | "Start 'yesterday'" | "2300-01-01"), "{says}");
    }
    let missing = failure(&folder, "", json!({ "files": [folder.path().join("none.csv")] }));
    assert_eq!(missing.code, "IMPORT_FILE_NOT_FOUND");
    assert_eq!(failure(&folder, "", json!({ "files": [folder.path()] })).code, "DATA_READ");
    assert_eq!(failure(&folder, "", json!({ "files": [] })).code, "ARG_INVALID");
    assert_eq!(folder.list("out"), [""; 0], "nothing was written");
}

#[test]
fn an_existing_calendar_is_kept_unless_told_otherwise() {
    let folder = Folder::new();
    let csv = "Start,Name,Impact,Currency\n2024-03-05 08:00,A,LOW,USD\n";
    import(&folder, csv, json!({ "overwrite": false })).unwrap();
    let first = folder.bytes("out/news.parquet");
    assert_eq!(failure(&folder, csv, json!({ "overwrite": false })).code, "IMPORT_EXISTS");
    import(&folder, csv, json!({})).unwrap();
    assert_eq!(folder.bytes("out/news.parquet"), first, "the same source gives the same bytes");
    assert_eq!(folder.list("out"), ["news.parquet"]);
}

// ---- loading

/// A calendar of the columns given; the usual ones by default.
struct File {
    columns: Vec<(&'static str, ArrayRef)>,
}

impl File {
    /// Two events: 2024-03-05 08:00 LOW USD, 09:00 HIGH EUR.
    fn usual() -> Self {
        let time = TimestampNanosecondArray::from(vec![at("2024-03-05T08:00"), at("2024-03-05T09:00")]);
        let text = |values: [&str; 2]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
        Self {
            columns: vec![
                ("UTC time", Arc::new(time.with_timezone("UTC"))),
                ("Id", text(["1", "2"])),
                ("Name", text(["A", ""])),
                ("Impact", text(["LOW", "HIGH"])),
                ("Currency", text(["USD", "EUR"])),
            ],
        }
    }

    fn with(mut self, name: &'static str, column: impl arrow_array::Array + 'static) -> Self {
        let place = self.columns.iter_mut().find(|(known, _)| *known == name).unwrap();
        place.1 = Arc::new(column);
        self
    }

    fn with_texts(self, name: &'static str, values: [Option<&str>; 2]) -> Self {
        self.with(name, StringArray::from(values.to_vec()))
    }

    fn without(mut self, name: &str) -> Self {
        self.columns.retain(|(known, _)| *known != name);
        self
    }

    fn load(self) -> Result<NewsCalendar, DataError> {
        let folder = Folder::new();
        let batch =
            RecordBatch::try_from_iter_with_nullable(self.columns.into_iter().map(|(n, c)| (n, c, true))).unwrap();
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        folder.put("news.parquet", writer.into_inner().unwrap());
        load(&folder, "news.parquet")
    }

    fn failure(self) -> Failure {
        Failure::of(&self.load().unwrap_err())
    }
}

#[test]
fn columns_come_in_any_order_and_in_every_form_of_text() {
    let plain = File::usual().load().unwrap();
    assert_eq!(rows(&plain), ["2024-03-05T08:00:00Z 1 [A] LOW USD", "2024-03-05T09:00:00Z 2 [] HIGH EUR"]);
    let mut file = File::usual()
        .with("Id", Int64Array::from(vec![1, 2]))
        .with("Name", LargeStringArray::from(vec!["A", ""]))
        .with("Impact", ["low", "High"].into_iter().collect::<DictionaryArray<Int32Type>>())
        .with_texts("Currency", [Some("usd"), Some("EUR")]);
    file.columns.reverse();
    file.columns.push(("Comment", Arc::new(Int32Array::from(vec![None, Some(7)]))));
    assert_eq!(file.load().unwrap().events, plain.events);
    let offset =
        TimestampNanosecondArray::from(vec![at("2024-03-05T08:00"), at("2024-03-05T09:00")]).with_timezone("+00:00");
    assert_eq!(File::usual().with("UTC time", offset).load().unwrap().events, plain.events);
}

#[test]
fn each_rule_of_the_calendar_has_its_code() {
    let stamps = |zone: Option<&str>, times: [&str; 2]| {
        TimestampNanosecondArray::from(times.map(at).to_vec()).with_timezone_opt(zone.map(str::to_owned))
    };
    let day = ["2024-03-05T08:00", "2024-03-05T09:00"];
    let micros = TimestampMicrosecondArray::from(vec![1, 2]).with_timezone("UTC");
    for (file, code, says) in [
        (File::usual().without("Impact"), "NEWS_MISSING_COLUMN", "column 'Impact' is missing in"),
        (File::usual().without("Id"), "NEWS_MISSING_COLUMN", "'Id'"),
        (File::usual().with("UTC time", micros), "NEWS_COLUMN_TYPE", "column 'UTC time'"),
        (File::usual().with("UTC time", Int64Array::from(vec![1, 2])), "NEWS_COLUMN_TYPE", "has type Int64"),
        (File::usual().with("Impact", Int64Array::from(vec![1, 2])), "NEWS_COLUMN_TYPE", "expected Utf8"),
        (File::usual().with("Id", Int32Array::from(vec![1, 2])), "NEWS_COLUMN_TYPE", "expected Utf8 or Int64"),
        (File::usual().with("UTC time", stamps(None, day)), "NEWS_TIMEZONE", "found no time zone"),
        (File::usual().with("UTC time", stamps(Some("Europe/Berlin"), day)), "NEWS_TIMEZONE", "found Europe/Berlin"),
        (File::usual().with_texts("Name", [Some("A"), None]), "NEWS_NULL", "null in column 'Name' at row 1 of"),
        (
            File::usual().with_texts("Currency", [None, None]).with_texts("Id", [Some("1"), None]),
            "NEWS_NULL",
            "column 'Currency' at row 0",
        ),
        (File::usual().with("UTC time", stamps(Some("UTC"), [day[1], day[0]])), "NEWS_OUT_OF_ORDER", "at row 1 of"),
        (
            File::usual().with_texts("Impact", [Some("LOW"), Some("NONE")]),
            "NEWS_IMPACT",
            "impact 'NONE' at row 1 is not",
        ),
        (
            File::usual().with_texts("Currency", [Some("US"), Some("EUR")]),
            "NEWS_CURRENCY",
            "currency 'US' at row 0 is not",
        ),
    ] {
        let refused = file.failure();
        assert_eq!((refused.code, refused.category), (code, "market_data"), "{}", refused.message);
        assert!(
            refused.message.starts_with("news calendar: ") && refused.message.contains(says),
            "{}",
            refused.message
        );
        assert!(refused.hint.is_some());
        assert!(refused.details["path"].as_str().unwrap().ends_with("news.parquet"));
    }
    let empty = File { columns: Vec::new() };
    let empty = File::usual().columns.into_iter().fold(empty, |mut file, (name, column)| {
        file.columns.push((name, column.slice(0, 0)));
        file
    });
    assert_eq!(empty.failure().code, "NEWS_EMPTY");
}

#[test]
fn a_calendar_that_is_not_there_or_no_parquet_is_told_apart() {
    let folder = Folder::new();
    let missing = Failure::of(&load(&folder, "none.parquet").unwrap_err());
    assert_eq!((missing.code, &missing.details["origin"]), ("NEWS_FILE_NOT_FOUND", &json!("option")));
    assert!(missing.message.contains("none.parquet") && missing.hint.is_some());
    let default = NewsFile { path: folder.path().join("none.parquet"), origin: "default".into() };
    let hint = Failure::of(&load_news(&default, &Watch::default()).unwrap_err()).hint.unwrap();
    assert!(hint.contains("import-news") && hint.contains("--news"), "{hint}");
    folder.put("text.parquet", "Start,Name");
    assert_eq!(Failure::of(&load(&folder, "text.parquet").unwrap_err()).code, "NEWS_PARSE");
    assert_eq!(Failure::of(&load(&folder, ".").unwrap_err()).code, "DATA_READ");
    let watch = Watch::default();
    watch.cancel();
    import(&folder, "Start,Name,Impact,Currency\n2024-03-05 08:00,A,LOW,USD\n", json!({})).unwrap();
    let file = NewsFile { path: folder.path().join("out/news.parquet"), origin: "option".into() };
    assert_eq!(load_news(&file, &watch).unwrap_err().code().name, "ABORTED");
}

/// Property, by enumeration: a damaged or short calendar is an error, or the damage hits something that does not matter.
#[test]
fn damage_never_panics() {
    let folder = Folder::new();
    import(&folder, "Start,Name,Impact,Currency\n2024-03-05 08:00,A,LOW,USD\n2024-03-05 09:00,B,HIGH,EUR\n", json!({}))
        .unwrap();
    let whole = folder.bytes("out/news.parquet");
    for position in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[position] ^= 0xff;
        folder.put("damaged.parquet", &bytes);
        if let Ok(calendar) = load(&folder, "damaged.parquet") {
            assert!(calendar.events.len() <= 2);
        }
    }
    for length in (0..whole.len()).step_by(7) {
        folder.put("short.parquet", &whole[..length]);
        assert!(load(&folder, "short.parquet").is_err());
    }
}

#[test]
fn repeated_ids_and_uncovered_time_are_told() {
    let calendar = File::usual().with_texts("Id", [Some("1"), Some("1")]).load().unwrap();
    assert_eq!((calendar.events.len(), calendar.repeated.rows, calendar.repeated.different), (1, 1, 1));
    let calendar = File::usual().load().unwrap();
    let codes = |start: &str, end: &str| {
        calendar.warnings(at(start), at(end)).into_iter().map(|warning| warning.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("2024-03-05T08:00", "2024-03-05T09:00"), [""; 0]);
    assert_eq!(codes("2024-03-05T07:59", "2024-03-05T09:00"), ["DATA_W_NEWS_COVERAGE"]);
    assert_eq!(codes("2024-03-05T08:00", "2024-03-05T09:01"), ["DATA_W_NEWS_COVERAGE"]);
    let text = &calendar.warnings(at("2024-01-01"), at("2024-12-31"))[0].message;
    assert!(text.contains("2024-03-05T08:00:00Z") && text.contains("2024-12-31"), "{text}");
}

// ---- the real calendar

#[test]
fn the_calendar_of_2008_and_2009_is_imported() {
    let Some(file) = real("news-2008-2009.csv.gz") else { return };
    let folder = Folder::new();
    let files = json!({ "files": [file] });
    let refused = failure(&folder, "", files.clone());
    // The first NONE is the twelfth event, on line 13.
    assert_eq!((refused.code, &refused.details["source"]["line"]), ("NEWS_IMPACT", &json!(13)));
    let mut request = files;
    request["impact_map"] = json!({ "NONE": "skip" });
    let (report, calendar) = imported(&folder, "", request);
    // As the description of the data says: 5 901 events, 257 of them NONE, three exact duplicates, of which one is NONE. An
    // independent count over the text: HIGH 555, MEDIUM 2 206, LOW 2 883 with the two other duplicates.
    assert_eq!((report.rows_in, report.skipped["NONE"], report.repeated), (5_901, 257, 2));
    assert_eq!((report.rows_out, calendar.events.len()), (5_642, 5_642));
    assert_eq!(report.impacts.iter().collect::<Vec<_>>(), [(&"HIGH", &555), (&"LOW", &2_881), (&"MEDIUM", &2_206)]);
    assert_eq!(report.first_time.as_deref(), Some("2008-01-01T10:00:00Z"));
    assert_eq!(report.last_time.as_deref(), Some("2009-06-23T07:30:00Z"));

    // 7 March 2008 was the Friday of the American labour report, 13:30 UTC (08:30 New York, winter).
    let filter = serde_json::from_value(json!({
        "enabled": true, "minutes_before": 60, "minutes_after": 30, "min_impact": "high", "currencies": null,
    }))
    .unwrap();
    let intervals = blocked(&calendar.events, &NewsRule::new(&filter, "EURUSD").unwrap());
    assert!(intervals.iter().any(|&(first, last)| first <= at("2008-03-07T12:30") && at("2008-03-07T14:00") <= last));
    let moment = at("2008-03-07T12:29:59");
    assert!(!intervals.iter().any(|&(first, last)| first <= moment && moment <= last));
    // Every instant on a half-hour grid, against the formula of data.md 10.
    let concerned: Vec<i64> = calendar
        .events
        .iter()
        .filter(|e| e.impact == Impact::High && ["EUR", "USD"].contains(&e.currency.to_string().as_str()))
        .map(|e| e.time_ns)
        .collect();
    let minute = 60_000_000_000;
    for step in 0..(540 * 48) {
        let time = at("2008-01-01") + step * 30 * minute;
        let expected = concerned.iter().any(|event| event - 60 * minute <= time && time <= event + 30 * minute);
        assert_eq!(intervals.iter().any(|&(first, last)| first <= time && time <= last), expected, "{}", iso(time));
    }
}
