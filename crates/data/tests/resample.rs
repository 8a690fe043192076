//! Longer candle files from shorter ones (data.md 12). Expected numbers are arithmetic by hand.

mod support;

use omega_data::{
    Bound, Candles, DataError, FileSide, LoadRequest, Origin, WantedTimeframe,
    generate::{GenerateRequest, generate},
    inspect::inspect,
    load_dataset, parse_instant,
    resample::{Anchor, ResampleReport, aggregate_from, resample},
    write::{Labels, encode, publish},
};
use omega_types::{Coded, Dataset, Failure, Timeframe, Watch, market::QuoteKind, time::iso};
use serde_json::{Value, json};
use support::Folder;

const MINUTE: i64 = 60_000_000_000;

fn at(text: &str) -> i64 {
    parse_instant(text, Bound::Start).unwrap()
}

/// Writes candles as an import would, labelled as `source`, with what an import says about crossed and derived quotes.
fn put(folder: &Folder, timeframe: Timeframe, side: FileSide, candles: &Candles, repairs: Option<(&str, &Value)>) {
    put_as(folder, timeframe, side, candles, "native", repairs);
}

fn put_as(
    folder: &Folder,
    timeframe: Timeframe,
    side: FileSide,
    candles: &Candles,
    source: &str,
    repairs: Option<(&str, &Value)>,
) {
    let labels = Labels {
        symbol: "EURUSD",
        timeframe,
        side,
        source,
        ask_source: repairs.map(|(ask_source, _)| ask_source),
        crossed: repairs.map(|(_, crossed)| crossed),
    };
    let path = Origin::file(folder.path(), "EURUSD", timeframe, side).path.unwrap();
    publish(&[(path, encode(candles, &labels, &Watch::default()).unwrap())], true).unwrap();
}

fn run(folder: &Folder, extra: Value) -> Result<ResampleReport, DataError> {
    let mut request = json!({ "data_root": folder.path(), "symbol": "eurusd", "from": "M1", "to": ["M5"] });
    for (key, value) in extra.as_object().unwrap() {
        request[key] = value.clone();
    }
    resample(&serde_json::from_value(request).unwrap(), &Watch::default())
}

fn failure(folder: &Folder, extra: Value) -> Failure {
    Failure::of(&run(folder, extra).unwrap_err())
}

fn load(folder: &Folder, quotes: QuoteKind, timeframes: &[Timeframe]) -> Dataset {
    let timeframes = timeframes.iter().map(|&timeframe| WantedTimeframe { timeframe, required_by: None }).collect();
    let request = LoadRequest { root: folder.path().to_owned(), symbol: "EURUSD".into(), quotes, timeframes };
    load_dataset(&request, &Watch::default()).unwrap()
}

/// Bars of 1.1 ± 0.001, the close rising by a pip from bar to bar; ask a pip above.
fn rising(time: impl IntoIterator<Item = i64>) -> (Candles, Candles) {
    let (mut bid, mut ask) = (Candles::default(), Candles::default());
    for (bar, time) in time.into_iter().enumerate() {
        let close = 1.1 + bar as f64 * 1e-6;
        bid.push(time, [1.1, 1.101, 1.099, close, 1.0]);
        ask.push(time, [1.1001, 1.1011, 1.0991, close + 1e-4, 2.0]);
    }
    (bid, ask)
}

fn put_rising(folder: &Folder, timeframe: Timeframe, time: impl IntoIterator<Item = i64>) {
    let (bid, ask) = rising(time);
    put(folder, timeframe, FileSide::Bid, &bid, None);
    put(folder, timeframe, FileSide::Ask, &ask, None);
}

fn minutes(start: &str, count: i64) -> impl Iterator<Item = i64> {
    let start = at(start);
    (0..count).map(move |minute| start + minute * MINUTE)
}

#[test]
fn five_minutes_become_one_bar_on_both_sides() {
    let folder = Folder::new();
    let (mut bid, mut ask) = (Candles::default(), Candles::default());
    // 09:59 belongs to a bar that began before the data; 10:02 is missing; the bar of 10:05 has two of its minutes.
    for (clock, open, high, low, close, volume) in [
        ("09:59", 1.10, 1.20, 1.00, 1.10, 5.0),
        ("10:00", 1.10, 1.13, 1.09, 1.11, 1.0),
        ("10:01", 1.11, 1.15, 1.10, 1.12, 2.0),
        ("10:03", 1.12, 1.14, 1.07, 1.13, 4.0),
        ("10:04", 1.13, 1.14, 1.11, 1.12, 8.0),
        ("10:05", 1.12, 1.16, 1.12, 1.14, 16.0),
        ("10:06", 1.14, 1.15, 1.10, 1.15, 32.0),
    ] {
        let time = at(&format!("2024-01-03T{clock}"));
        bid.push(time, [open, high, low, close, volume]);
        ask.push(time, [open + 0.5, high + 0.5, low + 0.5, close + 0.5, volume * 10.0]);
    }
    put(&folder, Timeframe::M1, FileSide::Bid, &bid, None);
    put(&folder, Timeframe::M1, FileSide::Ask, &ask, None);
    let report = run(&folder, json!({})).unwrap();
    assert_eq!((report.symbol.as_str(), report.bars, report.anchor), ("EURUSD", 7, Anchor::NewYork17));
    let made = &report.timeframes[0];
    assert_eq!((made.bars, made.left_out, made.last_is_partial), (2, 1, true));
    assert_eq!(report.files[1].relative_path, "EURUSD/EURUSD_M5_ASK.parquet");
    assert_eq!(report.files[0].first_time.as_deref(), Some("2024-01-03T10:00:00Z"));
    assert_eq!(report.warnings, []);

    let series = load(&folder, QuoteKind::BidAsk, &[Timeframe::M5]).series[0].clone();
    assert_eq!(series.time[..], [at("2024-01-03T10:00"), at("2024-01-03T10:05")]);
    let bid = &series.quotes.bid;
    assert_eq!((&bid.open[..], &bid.close[..]), (&[1.10, 1.12][..], &[1.12, 1.15][..]));
    assert_eq!((&bid.high[..], &bid.low[..]), (&[1.15, 1.16][..], &[1.07, 1.10][..]));
    assert_eq!(bid.volume[..], [15.0, 48.0]);
    let ask = &series.quotes.ask;
    assert_eq!((&ask.high[..], &ask.volume[..]), (&[1.65, 1.66][..], &[150.0, 480.0][..]));
}

#[test]
fn minutes_of_one_side_only_are_left_out_first() {
    let folder = Folder::new();
    let (mut bid, ask) = rising(minutes("2024-01-03T10:00", 300).filter(|time| *time != at("2024-01-03T10:02")));
    // The bid alone has 10:02, with the highest price of all: 1 of 300 is within the 1 % of the loader.
    let row = 2;
    bid.time.insert(row, at("2024-01-03T10:02"));
    for (column, value) in
        [(&mut bid.open, 1.1), (&mut bid.high, 9.0), (&mut bid.low, 1.0), (&mut bid.close, 1.1), (&mut bid.volume, 1e6)]
    {
        column.insert(row, value);
    }
    put(&folder, Timeframe::M1, FileSide::Bid, &bid, None);
    put(&folder, Timeframe::M1, FileSide::Ask, &ask, None);
    let report = run(&folder, json!({})).unwrap();
    assert_eq!((report.bars, report.warnings[0].code.as_str()), (299, "DATA_W_ALIGNMENT"));
    let series = load(&folder, QuoteKind::BidAsk, &[Timeframe::M5]).series[0].clone();
    assert_eq!((series.quotes.bid.high[0], series.quotes.bid.volume[0]), (1.101, 4.0));
}

#[test]
fn days_and_weeks_begin_at_17_00_new_york_or_at_midnight_utc() {
    let folder = Folder::new();
    // Hours around the clock from Monday 1 January 2024 to Monday the 15th, 22:00 UTC.
    put_rising(&folder, Timeframe::H1, (0..=14 * 24 + 22).map(|hour| at("2024-01-01") + hour * 60 * MINUTE));
    let first = |options: Value| {
        let mut options = options;
        options["from"] = json!("H1");
        options["to"] = json!(["H4", "D1", "W1"]);
        options["overwrite"] = json!(true);
        let report = run(&folder, options).unwrap();
        let bids = report.files.iter().filter(|file| file.side == FileSide::Bid);
        bids.map(|file| file.first_time.clone().unwrap()[5..16].replace('T', " ")).collect::<Vec<_>>()
    };
    // Winter: 17:00 New York is 22:00 UTC; four-hour bars at 22, 2, 6, …; the first whole week begins on Sunday the 7th.
    let new_york = ["01-01 02:00", "01-01 22:00", "01-07 22:00"];
    assert_eq!(first(json!({})), new_york);
    assert_eq!(first(json!({ "anchor": "ny17" })), new_york);
    assert_eq!(first(json!({ "anchor": "utc" })), ["01-01 00:00", "01-01 00:00", "01-01 00:00"]);
}

#[test]
fn bars_that_lie_across_a_border_decide_the_anchor() {
    let folder = Folder::new();
    // Four-hour bars on the UTC grid: that of 20:00 would lie across 17:00 New York.
    put_rising(&folder, Timeframe::H4, (0..120).map(|bar| at("2024-01-01") + bar * 240 * MINUTE));
    let four_hours = |extra: Value| {
        let mut options = json!({ "from": "H4", "to": ["D1"], "overwrite": true });
        for (key, value) in extra.as_object().unwrap() {
            options[key] = value.clone();
        }
        options
    };
    assert_eq!(run(&folder, four_hours(json!({}))).unwrap().anchor, Anchor::Utc);
    let refused = failure(&folder, four_hours(json!({ "anchor": "ny17" })));
    assert_eq!((refused.code, refused.category), ("DATA_OFF_GRID", "market_data"));
    assert!(refused.message.contains("H4") && refused.message.contains("ny17"), "{}", refused.message);
    assert!(refused.hint.unwrap().contains("anchor"));
    // From 02:30 UTC on they fit neither.
    put_rising(&folder, Timeframe::H4, (0..120).map(|bar| at("2024-01-01T02:30") + bar * 240 * MINUTE));
    let refused = failure(&folder, four_hours(json!({})));
    assert_eq!(refused.code, "DATA_OFF_GRID");
    assert!(refused.message.contains("ny17") && refused.message.contains("utc"), "{}", refused.message);
    assert!(refused.hint.unwrap().contains("shorter than H4"));
}

#[test]
fn one_side_stays_one_side() {
    let folder = Folder::new();
    let (bid, _) = rising(minutes("2024-01-03T10:00", 60));
    put(&folder, Timeframe::M1, FileSide::Single, &bid, None);
    let report = run(&folder, json!({ "to": ["M5", "H1", "M5"] })).unwrap();
    assert_eq!(report.quotes, QuoteKind::Single);
    let names: Vec<_> = report.files.iter().map(|file| file.relative_path.as_str()).collect();
    assert_eq!(names, ["EURUSD/EURUSD_M5.parquet", "EURUSD/EURUSD_H1.parquet"]);
    let series = load(&folder, QuoteKind::Single, &[Timeframe::H1]).series[0].clone();
    assert_eq!((series.len(), series.quotes.bid.volume[0]), (1, 60.0));
    // Where both kinds lie, both sides are meant unless one is asked for.
    put_rising(&folder, Timeframe::M1, minutes("2024-01-03T10:00", 60));
    assert_eq!(run(&folder, json!({})).unwrap().quotes, QuoteKind::BidAsk);
    let single = json!({ "quotes": "single", "overwrite": true });
    assert_eq!(run(&folder, single).unwrap().quotes, QuoteKind::Single);
}

#[test]
fn repaired_and_invented_quotes_stay_so() {
    let folder = Folder::new();
    let (bid, ask) = rising(minutes("2024-01-03T10:00", 60));
    let crossed = json!({ "policy": "clamp", "bars": 3, "changed_bars": 4, "changed_fields": 5 });
    let repairs = Some(("spread of 1 pips of 0.0001", &crossed));
    put_as(&folder, Timeframe::M1, FileSide::Bid, &bid, "synthetic", repairs);
    put_as(&folder, Timeframe::M1, FileSide::Ask, &ask, "synthetic", repairs);
    let report = run(&folder, json!({})).unwrap();
    let codes: Vec<_> = report.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes, ["DATA_W_CLAMPED", "DATA_W_SYNTHETIC", "DATA_W_SYNTHETIC_ASK"]);
    let quality = load(&folder, QuoteKind::BidAsk, &[Timeframe::M5]).quality[0].clone();
    assert!(quality.synthetic);
    assert_eq!(quality.ask_source.as_deref(), Some("spread of 1 pips of 0.0001"));
    // The counts are those of the minutes, and say so.
    let crossed = quality.crossed.unwrap();
    assert_eq!((&crossed["changed_bars"], &crossed["timeframe"]), (&json!(4), &json!("M1")));
    let request = json!({ "data_root": folder.path(), "symbol": "EURUSD", "timeframe": "M5" });
    let inspected = inspect(&serde_json::from_value(request).unwrap(), &Watch::default()).unwrap();
    assert_eq!(inspected.files[0].metadata["omega.resampled_from"], "M1, anchor ny17");
    assert_eq!(inspected.files[0].metadata["omega.source"], "synthetic");
    assert!(inspected.loadable);
}

/// The same bars by files and within a run, and those that the generator makes of its path.
#[test]
fn files_runs_and_the_generator_make_the_same_bars() {
    let folder = Folder::new();
    let longer = [Timeframe::M5, Timeframe::H1, Timeframe::H4, Timeframe::D1, Timeframe::W1];
    let request: GenerateRequest = serde_json::from_value(json!({
        "data_root": folder.path(), "symbol": "EURUSD", "timeframe": "M1", "bars": 40_000, "seed": 3,
        "start": "2024-02-20", "additional": longer,
    }))
    .unwrap();
    generate(&request, &Watch::default()).unwrap();
    let generated = load(&folder, QuoteKind::BidAsk, &longer);
    run(&folder, json!({ "to": longer, "overwrite": true })).unwrap();
    let files = load(&folder, QuoteKind::BidAsk, &longer);
    let minutes = load(&folder, QuoteKind::BidAsk, &[Timeframe::M1]);
    let aggregated = aggregate_from(&minutes, Timeframe::M1, &longer, &Watch::default()).unwrap();
    assert_eq!(aggregated.anchor, Anchor::NewYork17);
    assert_eq!(generated.series, files.series);
    assert_eq!(aggregated.dataset.series[1..], files.series[..]);
    assert_eq!(aggregated.dataset.quality[1..], files.quality[..]);
    assert_eq!(aggregated.dataset.inputs, minutes.inputs);
    // From Tuesday 20 February on: 5 640 minutes of a week that began before, four weeks of 7 200, 5 560 of a fifth. The
    // clocks change on 10 March.
    let weeks: Vec<_> = files.series[4].time.iter().map(|&time| iso(time)[5..16].replace('T', " ")).collect();
    assert_eq!(weeks, ["02-25 22:00", "03-03 22:00", "03-10 21:00", "03-17 21:00", "03-24 21:00"]);
}

#[test]
fn impossible_requests_are_refused_before_anything_is_written() {
    let folder = Folder::new();
    put_rising(&folder, Timeframe::M1, minutes("2024-01-03T10:01", 30));
    for (extra, says) in [
        (json!({ "to": [] }), "at least one"),
        (json!({ "to": ["M1"] }), "M1"),
        (json!({ "from": "H1", "to": ["D1", "M5"] }), "M5"),
        (json!({ "symbol": "../x" }), "../x"),
        (json!({ "to": ["M5", "D1"] }), "no D1 bar begins within"),
    ] {
        let refused = failure(&folder, extra);
        assert_eq!(refused.code, "ARG_INVALID");
        assert!(refused.message.contains(says), "{}", refused.message);
    }
    assert_eq!(failure(&folder, json!({ "from": "M5", "to": ["H1"] })).code, "DATA_FILE_NOT_FOUND");
    folder.put("EURUSD/EURUSD_H1_ASK.parquet", "mine");
    let exists = failure(&folder, json!({ "to": ["M5", "H1"] }));
    assert_eq!(exists.code, "IMPORT_EXISTS");
    assert!(exists.message.contains("EURUSD_H1_ASK"), "{}", exists.message);
    assert_eq!(folder.list("EURUSD").len(), 3);
    assert_eq!(folder.bytes("EURUSD/EURUSD_H1_ASK.parquet"), b"mine");

    let watch = Watch::default();
    watch.cancel();
    let request = json!({ "data_root": folder.path(), "symbol": "EURUSD", "from": "M1", "to": ["M5"] });
    let cancelled = resample(&serde_json::from_value(request).unwrap(), &watch).unwrap_err();
    assert_eq!(cancelled.code().name, "ABORTED");
}

#[test]
fn volumes_beyond_all_numbers_are_an_error() {
    let folder = Folder::new();
    let (mut bid, ask) = rising(minutes("2024-01-03T10:00", 10));
    (bid.volume[6], bid.volume[7]) = (1e308, 1e308);
    put(&folder, Timeframe::M1, FileSide::Bid, &bid, None);
    put(&folder, Timeframe::M1, FileSide::Ask, &ask, None);
    let refused = failure(&folder, json!({}));
    assert_eq!(refused.code, "DATA_NON_FINITE");
    assert_eq!((&refused.details["row"], &refused.details["column"]), (&json!(1), &json!("Volume")));
    let dataset = load(&folder, QuoteKind::BidAsk, &[Timeframe::M1]);
    let error = aggregate_from(&dataset, Timeframe::M1, &[Timeframe::M5], &Watch::default()).unwrap_err();
    assert_eq!(error.code().name, "DATA_NON_FINITE");
}

#[test]
fn only_longer_bars_can_be_made_of_what_is_loaded() {
    let folder = Folder::new();
    put_rising(&folder, Timeframe::M5, minutes("2024-01-03T10:00", 60).filter(|time| time % (5 * MINUTE) == 0));
    let dataset = load(&folder, QuoteKind::BidAsk, &[Timeframe::M5]);
    let code = |primary, longer: &[Timeframe]| {
        aggregate_from(&dataset, primary, longer, &Watch::default()).unwrap_err().code().name
    };
    assert_eq!(code(Timeframe::M1, &[Timeframe::H1]), "CFG_CONFLICT");
    assert_eq!(code(Timeframe::M5, &[Timeframe::H1, Timeframe::M1]), "CFG_CONFLICT");
    assert_eq!(code(Timeframe::M5, &[Timeframe::M5]), "CFG_CONFLICT");
    let none = aggregate_from(&dataset, Timeframe::M5, &[], &Watch::default()).unwrap();
    assert_eq!(none.dataset.series, dataset.series);
}
