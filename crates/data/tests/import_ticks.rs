//! Ticks to bars: order, repetitions, several files, memory, progress, cancellation.

mod support;

use omega_data::import::import;
use omega_types::{Coded, QuoteSide, Timeframe, Watch, market::QuoteKind};
use serde_json::{Value, json};
use support::{
    Folder,
    importing::{Bar, assert_says, bars, big, failed, run, ticks, times},
};

const HEAD: &str = "time,bid,ask\n";

/// Imports texts as several tick files, in this order; gives the bid bars and the number of repeated ticks.
fn merged(texts: &[&str]) -> (Vec<Bar>, u64) {
    let folder = Folder::new();
    let paths: Vec<String> = texts.iter().enumerate().map(|(i, text)| folder.put(&format!("{i}.csv"), text)).collect();
    let report = run(&folder, &json!({ "ticks": paths, "timezone": "UTC" })).unwrap();
    assert_eq!(report.sources.iter().map(|source| source.path.clone()).collect::<Vec<_>>(), paths);
    (bars(&folder, Timeframe::M1, QuoteKind::BidAsk, QuoteSide::Bid), report.ticks.unwrap().repeated)
}

#[test]
fn unsorted_ticks_are_sorted_and_equal_times_keep_their_order() {
    let sorted = "2024-01-02 10:00:01,1.1,1.2\n2024-01-02 10:00:01,1.4,1.5\n2024-01-02 10:00:30,1.2,1.3\n\
        2024-01-02 10:00:30,1.3,1.4\n";
    let (_, [bid, _]) = ticks(format!("{HEAD}{sorted}"), json!({ "timezone": "UTC" }));
    // Open: the first of the two ticks of second 1. Close: the last of the two of second 30.
    assert_eq!(bid, [("2024-01-02T10:00:00Z".to_owned(), [1.1, 1.4, 1.1, 1.3, 4.0])]);
    // The later ones first, each pair in its order.
    let lines: Vec<&str> = sorted.lines().collect();
    let moved = format!("{HEAD}{}\n{}\n{}\n{}\n", lines[2], lines[3], lines[0], lines[1]);
    assert_eq!(ticks(moved, json!({ "timezone": "UTC" })).1[0], bid);
}

#[test]
fn a_tick_that_repeats_the_one_before_it_is_dropped_and_counted() {
    // Three times the same, then the same price a second later, then the first again: 5 − 2 ticks count.
    let row = "2024-01-02 10:00:01,1.1,1.2\n";
    let text = format!("{HEAD}{row}{row}{row}2024-01-02 10:00:02,1.1,1.2\n{row}");
    let (report, [bid, _]) = ticks(text, json!({ "timezone": "UTC" }));
    assert_eq!(bid[0].1[4], 3.0);
    let counts = report.ticks.unwrap();
    assert_eq!((counts.rows, counts.repeated), (5, 2));
    assert_eq!(report.warnings[0].code, "DATA_W_DEDUP");
    assert!(report.warnings[0].message.contains("2 repeated ticks of 5"), "{}", report.warnings[0].message);
}

#[test]
fn several_files_are_one_series_in_whatever_order_they_are_named() {
    let morning = format!("{HEAD}2024-01-02 10:00:01,1.1,1.2\n2024-01-02 10:00:40,1.5,1.6\n");
    let noon = format!("{HEAD}2024-01-02 10:00:50,1.3,1.4\n2024-01-02 10:01:00,1.2,1.3\n");
    let empty = HEAD;
    let expected = [
        ("2024-01-02T10:00:00Z".to_owned(), [1.1, 1.5, 1.1, 1.3, 3.0]),
        ("2024-01-02T10:01:00Z".to_owned(), [1.2, 1.2, 1.2, 1.2, 1.0]),
    ];
    assert_eq!(merged(&[&morning, &noon]), (expected.to_vec(), 0));
    assert_eq!(merged(&[&noon, empty, &morning]), (expected.to_vec(), 0));
}

#[test]
fn files_that_overlap_are_not_counted_twice() {
    let first =
        format!("{HEAD}2024-01-02 10:00:01,1.1,1.2\n2024-01-02 10:00:40,1.5,1.6\n2024-01-02 10:00:40,1.4,1.6\n");
    let second =
        format!("{HEAD}2024-01-02 10:00:40,1.5,1.6\n2024-01-02 10:00:40,1.4,1.6\n2024-01-02 10:00:50,1.3,1.4\n");
    // Five different ticks less the two that both have: 1.1, 1.5, 1.4, 1.3.
    let (bid, repeated) = merged(&[&first, &second]);
    assert_eq!((bid[0].1, repeated), ([1.1, 1.5, 1.1, 1.3, 4.0], 2));
    assert_eq!(merged(&[&first, &first]).1, 3);
}

#[test]
fn a_bad_tick_is_named() {
    let with =
        |line: &str| failed("ticks", format!("{HEAD}2024-01-02 10:00,1.1,1.2\n{line}\n"), json!({ "timezone": "UTC" }));
    assert_says(&with("2024-01-02 10:01,x,1.2"), "IMPORT_PARSE", "bid 'x' is not a finite number", "decimal numbers");
    assert_says(&with("2024-01-02 10:01,1.1,0"), "IMPORT_PARSE", "ask '0' is not a price above 0", "leave a side");
    assert_says(&with("2024-01-02 10:01,-1.1,1"), "IMPORT_PARSE", "bid '-1.1' is not a price above 0", "leave a side");
    assert_says(&with("2024-01-02 10:01,,"), "IMPORT_PARSE", "line 3 of ", "at least one of the two");
    let text = "time,bid,ask\n99999999999,1,1\n";
    let failure = failed("ticks", text, json!({ "time_unit": "s" }));
    assert_says(&failure, "IMPORT_PARSE", "time '99999999999' is out of range: 1678-01-01 to 2261-12-31", "time_unit");
}

#[test]
fn crossed_ticks_make_crossed_bars() {
    let text = format!("{HEAD}2024-01-02 10:00:01,1.3,1.2\n2024-01-02 10:00:02,1.1,1.2\n2024-01-02 10:01:02,1.1,1.2\n");
    let failure = failed("ticks", &text, json!({ "timezone": "UTC" }));
    assert_says(&failure, "IMPORT_CROSSED", "1 of 2 bars are crossed (1 with bid open above ask open", "clamp");
    let (report, [_, ask]) = ticks(&text, json!({ "timezone": "UTC", "on_crossed": "clamp" }));
    assert_eq!(report.crossed.unwrap().changed_bars, 1);
    assert_eq!(ask[0].1, [1.3, 1.3, 1.2, 1.2, 2.0]);
}

#[test]
fn longer_bars_follow_the_anchor_of_aggregated_ones() {
    // New York days and weeks begin at 22:00 UTC in January 2024: Sunday the 7th, Monday the 8th.
    let text = format!("{HEAD}2024-01-07 22:00,1.1,1.2\n2024-01-08 21:59:59,1.2,1.3\n2024-01-08 22:00,1.3,1.4\n");
    let of = |timeframe: &str| ticks(&text, json!({ "timezone": "UTC", "timeframe": timeframe })).1[0].clone();
    assert_eq!(times(&of("D1")), ["2024-01-07T22:00:00Z", "2024-01-08T22:00:00Z"]);
    assert_eq!(times(&of("W1")), ["2024-01-07T22:00:00Z"]);
    assert_eq!(times(&of("H4")), ["2024-01-07T22:00:00Z", "2024-01-08T18:00:00Z", "2024-01-08T22:00:00Z"]);
    assert_eq!(of("W1")[0].1, [1.1, 1.3, 1.1, 1.3, 3.0]);
}

fn request(folder: &Folder, file: &str) -> omega_data::import::ImportRequest {
    let request: Value = json!({
        "data_root": folder.path().join("out"), "symbol": "EURUSD", "timeframe": "H1", "ticks": [file], "time_unit": "ms",
    });
    serde_json::from_value(request).unwrap()
}

#[test]
fn progress_counts_the_bytes_that_were_read_and_ends_at_the_total() {
    let folder = Folder::new();
    let file = big(&folder, 1_500_000);
    let size = std::fs::metadata(&file).unwrap().len();
    let watch = Watch::default();
    let request = request(&folder, &file);
    let seen = std::thread::scope(|scope| {
        let done = scope.spawn(|| import(&request, &watch).unwrap());
        let mut seen = Vec::new();
        while !done.is_finished() {
            let (_, now, total) = watch.progress();
            if total > 0 && seen.last() != Some(&now) {
                seen.push(now);
            }
        }
        seen
    });
    let (phase, now, total) = watch.progress();
    assert_eq!((phase.as_str(), now), ("import", total));
    assert!(total > size);
    assert!(seen.is_sorted() && seen.iter().any(|&now| 0 < now && now < size), "{seen:?}");
}

#[test]
fn an_import_of_ticks_can_be_cancelled_while_it_reads() {
    let folder = Folder::new();
    let file = big(&folder, 3_000_000);
    let watch = Watch::default();
    let request = request(&folder, &file);
    let error = std::thread::scope(|scope| {
        let done = scope.spawn(|| import(&request, &watch));
        while watch.progress().1 == 0 && !done.is_finished() {}
        watch.cancel();
        done.join().unwrap()
    });
    assert_eq!(error.unwrap_err().code().name, "ABORTED");
    assert_eq!(folder.list("out"), [""; 0]);
}
