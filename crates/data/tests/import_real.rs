//! Real exports, where the machine has them. Expected counts come from an independent script over the same files (and
//! from the description that came with them).

mod support;

use omega_data::{
    DataError, LoadRequest, WantedTimeframe,
    import::{ImportReport, import},
    load_dataset,
};
use omega_types::{Dataset, Failure, Timeframe, Watch, market::QuoteKind, time::iso};
use serde_json::{Value, json};
use support::{Folder, real};

fn run(folder: &Folder, mut request: Value) -> Result<ImportReport, DataError> {
    request["data_root"] = json!(folder.path());
    import(&serde_json::from_value(request).unwrap(), &Watch::default())
}

fn load(folder: &Folder, symbol: &str, timeframe: Timeframe) -> Dataset {
    let timeframes = vec![WantedTimeframe { timeframe, required_by: None }];
    let quotes = QuoteKind::BidAsk;
    let request = LoadRequest { root: folder.path().to_owned(), symbol: symbol.to_owned(), quotes, timeframes };
    load_dataset(&request, &Watch::default()).unwrap()
}

fn gbpusd() -> Option<Value> {
    let (bid, ask) = (real("gbpusd-m1-bid-2012.csv.gz")?, real("gbpusd-m1-ask-2012.csv.gz")?);
    Some(json!({ "symbol": "GBPUSD", "timeframe": "M1", "bid": [bid], "ask": [ask] }))
}

/// decisions.md 1: 676 of 30 117 bars, 347 opens and 347 closes.
#[test]
fn crossed_pounds_are_refused_with_counts_and_options() {
    let Some(request) = gbpusd() else { return };
    let folder = Folder::new();
    let failure = Failure::of(&run(&folder, request).unwrap_err());
    assert_eq!(failure.code, "IMPORT_CROSSED");
    assert_eq!(
        failure.message,
        "GBPUSD M1: 676 of 30117 bars are crossed (347 with bid open above ask open, 347 with bid close above ask close), \
         first at 2012-02-01T08:47:00Z; on_crossed can be fail, drop or clamp"
    );
    let hint = failure.hint.unwrap();
    assert!(hint.contains("drop would drop 2.24 %") && hint.contains("1471 fields of 1203 bars"), "{hint}");
    assert_eq!(folder.list("GBPUSD"), [""; 0]);
}

/// decisions.md 1: what was changed is kept in the metadata of the file.
#[test]
fn crossed_pounds_can_be_clamped() {
    let Some(mut request) = gbpusd() else { return };
    request["on_crossed"] = json!("clamp");
    let folder = Folder::new();
    let report = run(&folder, request).unwrap();
    let crossed = report.crossed.unwrap();
    assert_eq!((crossed.aligned_bars, crossed.bars), (30_117, 676));
    assert_eq!((crossed.changed_bars, crossed.changed_fields, crossed.dropped_bars), (1_203, 1_471, 0));
    let dataset = load(&folder, "GBPUSD", Timeframe::M1);
    assert_eq!(dataset.series[0].len(), 30_117);
    let quotes = &dataset.series[0].quotes;
    for (bid, ask) in [(&quotes.bid.high, &quotes.ask.high), (&quotes.bid.low, &quotes.ask.low)] {
        assert!(bid.iter().zip(ask.iter()).all(|(bid, ask)| bid <= ask));
    }
    assert_eq!(dataset.quality[0].crossed.as_ref().unwrap()["changed_bars"], 1_203);
}

#[test]
fn crossed_pounds_can_be_dropped_if_the_limit_is_raised() {
    let Some(mut request) = gbpusd() else { return };
    request["on_crossed"] = json!("drop");
    let folder = Folder::new();
    let failure = Failure::of(&run(&folder, request.clone()).unwrap_err());
    assert_eq!(failure.code, "IMPORT_DROP_LIMIT");
    request["max_drop"] = json!(0.03);
    let report = run(&folder, request).unwrap();
    assert_eq!(report.sides.iter().map(|s| (s.rows_out, s.dropped.crossed)).collect::<Vec<_>>(), [(29_441, 676); 2]);
    assert_eq!(load(&folder, "GBPUSD", Timeframe::M1).series[0].len(), 29_441);
}

/// decisions.md 2: `generic` in shape, points, broker time.
#[test]
fn an_hourly_broker_export_needs_its_zone_and_gets_an_ask() {
    let Some(bid) = real("mt5_GBPUSDh1.csv.gz") else { return };
    let folder = Folder::new();
    let mut request = json!({
        "symbol": "GBPUSD", "timeframe": "H1", "bid": [bid], "price_divisor": 100000,
        "ask_from_spread": 1.5, "pip_size": 0.0001,
    });
    let failure = Failure::of(&run(&folder, request.clone()).unwrap_err());
    assert_eq!(failure.code, "IMPORT_TIMEZONE_REQUIRED");
    request["timezone"] = json!("ny+7");
    let report = run(&folder, request).unwrap();
    assert_eq!((report.sources[0].format, report.sides[0].rows_out), ("generic", 57_600));
    let series = load(&folder, "GBPUSD", Timeframe::H1).series[0].clone();
    // 2012-11-16 05:00 broker: New York is UTC−5, so the broker is UTC+2. The last row is 2022-03-04 23:00.
    assert_eq!(iso(series.time[0]), "2012-11-16T03:00:00Z");
    assert_eq!(iso(series.time[57_599]), "2022-03-04T21:00:00Z");
    assert_eq!(series.quotes.bid.open[0], 1.58611);
    assert_eq!(series.quotes.ask.open[0], 1.58611 + 1.5 * 0.0001);
    assert_eq!(series.quotes.bid.volume[0], 1_032.0);
}

#[test]
fn clean_euros_go_round_without_a_change() {
    for (timeframe, name, rows, first_open, last_close) in
        [(Timeframe::H1, "H1", 74_439, 1.31927, 1.14607), (Timeframe::D1, "D1", 3_738, 1.31927, 1.14607)]
    {
        let side = |side: &str| real(&format!("EURUSD_{name}_{side}.csv.gz"));
        let (Some(bid), Some(ask)) = (side("BID"), side("ASK")) else { return };
        let folders = [Folder::new(), Folder::new()];
        for folder in &folders {
            let request = json!({ "symbol": "EURUSD", "timeframe": name, "bid": [bid], "ask": [ask] });
            let report = run(folder, request).unwrap();
            assert_eq!(
                (report.sources[0].format, report.sides[1].rows_out, report.one_sided_bars),
                ("native", rows, 0)
            );
            assert_eq!(report.ask_source, None);
        }
        let file = format!("EURUSD/EURUSD_{name}_BID.parquet");
        assert_eq!(folders[0].bytes(&file), folders[1].bytes(&file));
        let series = load(&folders[0], "EURUSD", timeframe).series[0].clone();
        assert_eq!(series.quotes.bid.open[0], first_open);
        assert_eq!(series.quotes.bid.close[series.len() - 1], last_close);
    }
}

/// Independent truth: the publisher's own minute bars of the day.
#[test]
fn the_ticks_of_a_day_become_the_minute_bars_of_that_day() {
    let names = ["EURUSD_ticks_2014-05-08.csv.gz", "EURUSD_M1_2014-05_BID.csv.gz", "EURUSD_M1_2014-05_ASK.csv.gz"];
    let [Some(ticks), Some(bid), Some(ask)] = names.map(real) else { return };
    let folders = [Folder::new(), Folder::new()];
    let mut request = json!({ "symbol": "EURUSD", "timeframe": "M1", "ticks": [ticks], "date": "2014-05-08" });
    let report = run(&folders[0], request.clone()).unwrap();
    assert_eq!((report.sources[0].format, report.sources[0].rows), ("generic-ticks", 87_833));
    run(&folders[1], json!({ "symbol": "EURUSD", "timeframe": "M1", "bid": [bid], "ask": [ask] })).unwrap();
    let [made, published] = folders.each_ref().map(|folder| load(folder, "EURUSD", Timeframe::M1).series[0].clone());
    let day = |time: i64| iso(time).starts_with("2014-05-08");
    let first = published.time.iter().position(|&time| day(time)).unwrap();
    let rows = published.time.iter().filter(|&&time| day(time)).count();
    assert_eq!(rows, 1_419);
    assert_eq!(made.time[..], published.time[first..first + rows]);
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    for (made, published) in [(&made.quotes.bid, &published.quotes.bid), (&made.quotes.ask, &published.quotes.ask)] {
        assert_eq!(bits(&made.open), bits(&published.open[first..first + rows]));
        assert_eq!(bits(&made.high), bits(&published.high[first..first + rows]));
        assert_eq!(bits(&made.low), bits(&published.low[first..first + rows]));
        assert_eq!(bits(&made.close), bits(&published.close[first..first + rows]));
        // The file has 87 832 ticks and one row that repeats the row before it (uniq and wc say so too).
        assert_eq!(made.volume.iter().sum::<f64>(), 87_832.0);
    }
    assert_eq!(report.ticks.map(|ticks| ticks.repeated), Some(1));
    // The day must be said.
    request.as_object_mut().unwrap().remove("date");
    assert_eq!(Failure::of(&run(&Folder::new(), request).unwrap_err()).code, "IMPORT_FORMAT");
}

#[test]
fn minutes_of_two_weeks_go_round_without_a_change() {
    let side = |side: &str| real(&format!("EURUSD_M1_2014-05_{side}.csv.gz"));
    let (Some(bid), Some(ask)) = (side("BID"), side("ASK")) else { return };
    let folder = Folder::new();
    let report = run(&folder, json!({ "symbol": "EURUSD", "timeframe": "M1", "bid": [bid], "ask": [ask] })).unwrap();
    assert_eq!(report.sides.iter().map(|side| side.rows_out).collect::<Vec<_>>(), [15_366; 2]);
    let series = load(&folder, "EURUSD", Timeframe::M1).series[0].clone();
    // First and last line of the files.
    assert_eq!((iso(series.time[0]), series.quotes.bid.low[0]), ("2014-05-01T00:00:00Z".to_owned(), 1.38669));
    assert_eq!(
        (iso(series.time[15_365]), series.quotes.ask.high[15_365]),
        ("2014-05-15T23:59:00Z".to_owned(), 1.37177)
    );
}

#[test]
fn a_calendar_is_no_source_of_candles() {
    let Some(calendar) = real("news-2008-2009.csv.gz") else { return };
    let request = json!({ "symbol": "EURUSD", "timeframe": "M1", "single": [calendar] });
    let failure = Failure::of(&run(&Folder::new(), request).unwrap_err());
    assert_eq!(failure.code, "IMPORT_FORMAT");
    assert!(failure.message.contains("a news calendar"), "{}", failure.message);
}
