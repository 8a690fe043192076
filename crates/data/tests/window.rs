//! The window of a run: warm-up, other timeframes, gaps, what is reported. All numbers by hand.

use omega_data::{Calendar, DataError, MemorySeries, MemorySide, Window, WindowRequest, dataset_from_memory, window};
use omega_types::{
    Coded, Dataset, Json, Timeframe,
    config::Variant,
    market::MappingMode,
    time::{DAY_NS, MINUTE_NS},
};
use serde_json::json;

/// Monday 2024-01-08 00:00, inside the FX week, on every grid.
const MONDAY: i64 = 19_730 * DAY_NS;

/// Minutes after Monday 00:00.
fn minute(minutes: i64) -> i64 {
    MONDAY + minutes * MINUTE_NS
}

fn side(rows: usize, price: f64) -> MemorySide {
    let column = || vec![price; rows];
    MemorySide { open: column(), high: column(), low: column(), close: column(), volume: None }
}

fn series(timeframe: Timeframe, time: Vec<i64>) -> MemorySeries {
    let rows = time.len();
    MemorySeries { timeframe, time, bid: side(rows, 1.0), ask: Some(side(rows, 1.0001)) }
}

/// Consecutive bars from `first` minutes on.
fn bars(timeframe: Timeframe, first: i64, count: i64) -> MemorySeries {
    series(timeframe, (0..count).map(|i| minute(first) + i * timeframe.duration_ns()).collect())
}

fn dataset(series: Vec<MemorySeries>) -> Dataset {
    dataset_from_memory("EURUSD", series).unwrap()
}

fn request(first: i64, last: i64, warmup_bars: usize) -> WindowRequest<'static> {
    WindowRequest {
        start_ns: minute(first),
        end_ns: minute(last),
        warmup_bars,
        mapping: MappingMode::Close,
        variant: Variant::V2,
        primary: Timeframe::M5,
        others: &[],
        sessions: None,
        calendar: None,
        max_gap_loss: None,
        spread: None,
    }
}

fn code(result: Result<Window, DataError>) -> &'static str {
    result.unwrap_err().code().name
}

fn codes(window: &Window) -> Vec<&str> {
    window.warnings.iter().map(|w| w.code.as_str()).collect()
}

#[test]
fn warm_up_lies_before_the_range() {
    // M5 from 00:00; range 00:50 to 01:15 has bars 10 to 15; three bars of warm-up: 7, 8, 9.
    let window = window(&dataset(vec![bars(Timeframe::M5, 0, 100)]), &request(50, 75, 3)).unwrap();
    assert_eq!(window.offset, 7);
    assert_eq!(window.market.len(), 9);
    assert_eq!(window.market.trading, 3..9);
    assert_eq!(window.market.clock.open_ns(3), minute(50));
    assert_eq!(window.market.clock.decision_ns(8), minute(80));
    assert!(window.warnings.is_empty());
}

#[test]
fn slices_share_the_memory_of_the_dataset() {
    let dataset = dataset(vec![bars(Timeframe::M5, 0, 100)]);
    let window = window(&dataset, &request(0, 495, 0)).unwrap();
    assert!(window.market.quotes.ask.close.is_same_memory(&dataset.series[0].quotes.ask.close));
}

#[test]
fn too_little_history_delays_trading() {
    // One bar before 00:05; with three of warm-up trading starts at bar 3, 00:15.
    let window = window(&dataset(vec![bars(Timeframe::M5, 0, 100)]), &request(5, 60, 3)).unwrap();
    assert_eq!((window.offset, window.market.trading.clone()), (0, 3..13));
    assert_eq!(codes(&window), ["DATA_W_WARMUP_DEFICIT"]);
    assert!(window.warnings[0].message.contains("2024-01-08T00:15:00Z"), "{}", window.warnings[0].message);
}

#[test]
fn a_window_needs_one_bar_more_than_its_warm_up() {
    let dataset = dataset(vec![bars(Timeframe::M5, 0, 100)]);
    // Bars 0 to 2 for a warm-up of 3.
    let error = window(&dataset, &request(0, 10, 3)).unwrap_err();
    assert_eq!(error.code().name, "DATA_INSUFFICIENT");
    assert_eq!(error.to_string(), "EURUSD M5: need 4 bars (warm-up 3), have 3");
    assert!(window(&dataset, &request(0, 15, 3)).is_ok());
}

#[test]
fn a_range_without_bars_is_refused() {
    let dataset = dataset(vec![series(Timeframe::M5, vec![minute(0), minute(60)])]);
    let error = window(&dataset, &request(5, 55, 0)).unwrap_err();
    assert_eq!(error.code().name, "DATA_RANGE_EMPTY");
    assert_eq!(
        error.to_string(),
        "EURUSD M5: no bars between 2024-01-08T00:05:00Z and 2024-01-08T00:55:00Z; \
         data covers 2024-01-08T00:00:00Z to 2024-01-08T01:00:00Z"
    );
    // Both bounds are inclusive.
    assert!(window(&dataset, &request(60, 60, 0)).is_ok());
    assert_eq!(code(window(&dataset, &WindowRequest { primary: Timeframe::M1, ..request(0, 9, 0) })), "CFG_CONFLICT");
}

/// M5 from Monday 00:00, H1 from `first_hour`; trading from `start`, warm-up 2.
fn with_hours(first_hour: i64, start: i64, warmup: usize) -> Result<Window, DataError> {
    let dataset = dataset(vec![bars(Timeframe::M5, 0, 200), bars(Timeframe::H1, first_hour * 60, 20)]);
    window(&dataset, &WindowRequest { others: &[Timeframe::H1], ..request(start, 600, warmup) })
}

/// decisions.md 36.
#[test]
fn another_timeframe_keeps_its_warm_up_before_the_forming_bar() {
    // Start 05:30: the 05:00 bar is forming, so 03:00 and 04:00 are kept. Start 05:00: the 04:00 bar is complete.
    for start in [330, 300] {
        let window = with_hours(0, start, 2).unwrap();
        assert_eq!(window.market.others[0].time[0], minute(180));
        // At the close of the first traded bar the 04:00 bar is the last complete one: index 1.
        assert_eq!(window.market.maps[0].get(window.market.trading.start), Some(1));
    }
    // One nanosecond before 05:00 the 04:00 bar is still forming.
    let dataset = dataset(vec![bars(Timeframe::M5, 0, 200), bars(Timeframe::H1, 0, 20)]);
    let mut early = WindowRequest { others: &[Timeframe::H1], ..request(300, 600, 2) };
    early.start_ns -= 1;
    assert_eq!(window(&dataset, &early).unwrap().market.others[0].time[0], minute(120));
}

/// decisions.md 4: only bars that are complete at the first trading bar count.
#[test]
fn a_short_history_of_another_timeframe_warns_and_none_at_all_fails() {
    // From 04:00: one complete bar at 05:30 instead of two.
    let window = with_hours(4, 330, 2).unwrap();
    assert_eq!(codes(&window), ["DATA_W_WARMUP_DEFICIT"]);
    assert!(window.warnings[0].message.contains("H1: 1 completed bars"), "{}", window.warnings[0].message);
    // From 05:00: none. The end of the range does not help.
    let error = with_hours(5, 330, 2).unwrap_err();
    assert_eq!(error.code().name, "DATA_INSUFFICIENT_HTF");
    assert_eq!(error.to_string(), "EURUSD H1: need 2 warm-up bars, have 0");
    // Without a warm-up nothing is needed, and an unmapped bar is legal.
    assert_eq!(with_hours(5, 330, 0).unwrap().market.maps[0].get(0), None);
}

#[test]
fn another_timeframe_must_begin_before_trading_does() {
    let error = with_hours(6, 330, 0).unwrap_err();
    assert_eq!(error.code().name, "DATA_HTF_MAPPING");
    assert_eq!(error.to_string(), "H1 has no bar at or before trading bar 2024-01-08T05:30:00Z");
}

#[test]
fn parity_cuts_by_time_and_has_no_minimum() {
    // Longest warm-up: 2 hours of H1. M5 from 03:30 (24 bars before 05:30), H1 from 04:00.
    let dataset = dataset(vec![bars(Timeframe::M5, 0, 200), bars(Timeframe::H1, 0, 20)]);
    let parity = WindowRequest { variant: Variant::V1Parity, others: &[Timeframe::H1], ..request(330, 600, 2) };
    let market = window(&dataset, &parity).unwrap().market;
    assert_eq!((market.clock.open_ns(0), market.trading.start), (minute(210), 24));
    assert_eq!(market.others[0].time[0], minute(240));
    // Start of the file: nothing before it, and trading starts at once.
    let early = WindowRequest { start_ns: minute(0), ..parity };
    let window = window(&dataset, &early).unwrap();
    assert_eq!(window.market.trading.start, 0);
    assert!(window.warnings.is_empty());
}

#[test]
fn a_local_hole_on_one_side_cannot_hide_in_a_long_file() {
    // 1000 aligned bars and 10 of the bid alone at the end: 10 of 1010 is below 1 % for the file.
    let mut dataset = dataset(vec![bars(Timeframe::M5, 0, 1_000)]);
    dataset.quality[0].bid_only = (1_000..1_010).map(|i| minute(5 * i)).collect();
    dataset.quality[0].bid_rows = 1_010;
    let all = window(&dataset, &request(0, 5 * 2_000, 0)).unwrap();
    assert_eq!(codes(&all), ["DATA_W_ALIGNMENT"]);
    let alignment = &all.governance["alignment"]["by_timeframe"]["M5"];
    assert_eq!(alignment["bid_count_before"], 1_010);
    assert_eq!(alignment["alignment_loss"], 0.009901); // 10/1010 = 0.00990099…
    assert_eq!(alignment["window_alignment_loss"], 0.009901);
    // The last 100 aligned bars with them: 10 of 110.
    let error = window(&dataset, &request(5 * 900, 5 * 2_000, 0)).unwrap_err();
    assert_eq!(error.code().name, "DATA_ALIGNMENT_LOSS");
    assert!(error.to_string().ends_with("alignment loss 0.090909 exceeds 0.01 (10 bars one-sided, scope window)"));
    // A window that ends before the hole does not see it.
    let before = window(&dataset, &request(5 * 900, 5 * 999, 0)).unwrap();
    assert_eq!(before.governance["alignment"]["by_timeframe"]["M5"]["window_alignment_loss"], 0.0);
    // 990 aligned and 10 one-sided: exactly 1 % passes.
    assert!(window(&dataset, &request(5 * 10, 5 * 2_000, 0)).is_ok());
    assert_eq!(code(window(&dataset, &request(5 * 11, 5 * 2_000, 0))), "DATA_ALIGNMENT_LOSS");
}

/// 100 expected bars on Monday, of which the first `missing` after bar 0 are not there.
fn with_gaps(missing: i64) -> Dataset {
    dataset(vec![series(Timeframe::M5, (0..100).filter(|&i| i == 0 || i > missing).map(|i| minute(5 * i)).collect())])
}

#[test]
fn five_percent_of_gaps_is_the_limit_of_silence() {
    let window_of = |missing| window(&with_gaps(missing), &request(0, 5 * 99, 0)).unwrap();
    assert!(window_of(5).warnings.is_empty());
    let six = window_of(6);
    assert_eq!(codes(&six), ["DATA_W_GAPS"]);
    assert_eq!(
        six.governance["gaps"]["by_timeframe"]["M5"],
        json!({ "expected_bars": 100, "missing_bars": 6, "gap_loss": 0.06 })
    );
    assert_eq!(six.governance["gaps"]["loss_max"], 0.06);
}

/// decisions.md 7: without a calendar gaps are not counted.
#[test]
fn a_gap_limit_is_an_option() {
    let limited = WindowRequest { max_gap_loss: Some(0.05), ..request(0, 5 * 99, 0) };
    assert!(window(&with_gaps(5), &limited).is_ok());
    let error = window(&with_gaps(6), &limited).unwrap_err();
    assert_eq!(error.code().name, "DATA_GAP_LOSS");
    assert_eq!(error.to_string(), "EURUSD M5: gap loss 0.06 exceeds 0.05");
    let unknown = WindowRequest { calendar: Some(Calendar::None), ..limited };
    let window = window(&with_gaps(6), &unknown).unwrap();
    assert_eq!(window.governance["gaps"], json!({ "calendar": "none", "loss_max": 0.0, "by_timeframe": {} }));
}

#[test]
fn the_ask_of_a_single_side_is_bid_plus_spread() {
    let single = MemorySeries { ask: None, ..bars(Timeframe::M5, 0, 10) };
    let dataset = dataset(vec![single]);
    let apart = window(&dataset, &WindowRequest { spread: Some(0.25), ..request(10, 20, 1) }).unwrap();
    assert_eq!(&apart.market.primary.quotes.ask.close[..], [1.25; 4]);
    assert_eq!(&apart.market.quotes.ask.high[..], [1.25; 4]);
    assert!(apart.market.primary.quotes.ask.volume.is_same_memory(&apart.market.primary.quotes.bid.volume));
    assert_eq!(codes(&apart), ["DATA_W_SYNTHETIC_ASK"]);
    let together = window(&dataset, &request(10, 20, 1)).unwrap();
    assert!(together.market.quotes.ask.close.is_same_memory(&together.market.quotes.bid.close));
    let negative = WindowRequest { spread: Some(-0.1), ..request(10, 20, 1) };
    assert_eq!(code(window(&dataset, &negative)), "CFG_ENGINE_REJECTED");
}

/// decisions.md 1: every run says what an import repaired or invented.
#[test]
fn repaired_and_invented_quotes_are_never_silent() {
    let mut dataset = dataset(vec![bars(Timeframe::M5, 0, 100)]);
    let quality = &mut dataset.quality[0];
    quality.crossed = Some(json!({ "policy": "clamp", "bars": 3, "changed_bars": 4, "changed_fields": 7 }));
    quality.ask_source = Some("spread:1.5".to_owned());
    quality.synthetic = true;
    quality.bid_duplicates = 2;
    let clamped = window(&dataset, &request(0, 300, 0)).unwrap();
    assert_eq!(codes(&clamped), ["DATA_W_CLAMPED", "DATA_W_DEDUP", "DATA_W_SYNTHETIC", "DATA_W_SYNTHETIC_ASK"]);
    assert_eq!(clamped.governance["crossed"]["by_timeframe"]["M5"]["changed_fields"], 7);
    assert_eq!(clamped.governance["ask_source"]["by_timeframe"]["M5"], "spread:1.5");
    assert_eq!(clamped.governance["synthetic"]["by_timeframe"]["M5"], true);
    assert_eq!(clamped.governance["duplicates"]["by_timeframe"]["M5"], json!({ "bid": 2, "ask": 0 }));

    let only = |crossed: Json| {
        let mut other = dataset.clone();
        other.quality[0] = Default::default();
        other.quality[0].crossed = Some(crossed);
        codes(&window(&other, &request(0, 300, 0)).unwrap()).join(" ")
    };
    assert_eq!(only(json!({ "policy": "drop", "bars": 9 })), "DATA_W_DROPPED");
    assert_eq!(only(json!({ "policy": "clamp", "bars": 0, "changed_bars": 0 })), "");
    assert_eq!(only(json!("unreadable")), "DATA_W_CLAMPED");
    let both = json!({ "bid": { "policy": "drop", "bars": 9 }, "ask": { "policy": "clamp", "bars": 1 } });
    assert_eq!(only(both), "DATA_W_CLAMPED DATA_W_DROPPED");
}

#[test]
fn the_manifest_lists_the_timeframes_of_the_run_only() {
    let dataset = dataset(vec![bars(Timeframe::M1, 0, 600), bars(Timeframe::M15, 0, 40), bars(Timeframe::H1, 0, 10)]);
    let asked = WindowRequest { primary: Timeframe::M1, others: &[Timeframe::H1, Timeframe::M1], ..request(70, 90, 1) };
    let window = window(&dataset, &asked).unwrap();
    let paths: Vec<_> = window.inputs.iter().map(|input| input.path.as_str()).collect();
    assert_eq!(paths, ["EURUSD/EURUSD_M1", "EURUSD/EURUSD_H1"]);
    assert_eq!(window.market.others.len(), 1);
}

#[test]
fn bars_that_are_shorter_than_their_timeframe_are_reported() {
    // Hourly stamps under the name of H4: 99 of the 99 steps are 3 hours too short.
    let hourly = series(Timeframe::H4, (0..100).map(|hour| minute(hour * 60)).collect());
    let request = WindowRequest { primary: Timeframe::H4, ..request(0, 100 * 60, 0) };
    let found = window(&dataset(vec![hourly]), &request).unwrap();
    assert!(codes(&found).contains(&"DATA_W_OVERLAP"), "{:?}", found.warnings);
    // Daily bars, one of them an hour short because the clocks change: nothing to say.
    let daily =
        series(Timeframe::D1, (0..100).map(|day| minute(day * 1_440 - if day > 50 { 60 } else { 0 })).collect());
    let request = WindowRequest { primary: Timeframe::D1, ..request };
    let found = window(&dataset(vec![daily]), &WindowRequest { end_ns: minute(100 * 1_440), ..request }).unwrap();
    assert!(!codes(&found).contains(&"DATA_W_OVERLAP"), "{:?}", found.warnings);
}
