//! The news filter in a run (execution.md 7.2, data.md 10): which signals it refuses, and what a run says about the calendar.

mod common;

use std::path::PathBuf;

use common::{At, Ohlc, file, job, m5, run, run_once, signals, start_ns};
use omega_backtest::{BacktestResult, Job, check};
use omega_data::news::{ImportNewsRequest, NewsFile, import_news};
use omega_strategy::Registry;
use omega_types::{Failure, Json, Watch, time::iso, trade::RejectionCode};
use serde_json::json;

const BAR: Ohlc = (1.1, 1.1001, 1.0999, 1.1);
const BARS: usize = 60;
const MINUTE: i64 = 60_000_000_000;

/// A calendar that disappears with the test.
struct Calendar(PathBuf);

impl Calendar {
    /// Events as minutes after the first bar opens, impact, currency.
    fn of(name: &str, events: &[(i64, &str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("omega-run-news-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let lines = events.iter().map(|(minute, impact, currency)| {
            format!("{},event,{impact},{currency}\n", iso(start_ns() + minute * MINUTE))
        });
        let csv = folder.join("news.csv");
        std::fs::write(&csv, format!("Start,Name,Impact,Currency\n{}", lines.collect::<String>())).expect("a file");
        let request = json!({"files": [csv], "out": folder.join("calendar.parquet"), "overwrite": true});
        let request: ImportNewsRequest = serde_json::from_value(request).expect("a request");
        import_news(&request, &Watch::default()).expect("the import succeeds");
        Self(folder)
    }

    fn file(&self) -> NewsFile {
        NewsFile { path: self.0.join("calendar.parquet"), origin: "option".into() }
    }
}

impl Drop for Calendar {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// A long signal on each of 60 bars of five minutes; nothing closes a position, two hundred may be open.
fn signals_on_every_bar(filter: Json, calendar: Option<&Calendar>) -> Job {
    let entries: Vec<At> = (0..BARS).map(|bar| At(bar, 1, 1.09, 1.2)).collect();
    let patch = json!({"news_filter": filter, "account": {"max_positions": 200}});
    let mut job = Job { signals: Some(signals(BARS, &entries)), ..job(m5(&[BAR; BARS], 0.0001), &patch) };
    job.options.news = calendar.map(Calendar::file);
    job
}

fn filter(patch: Json) -> Json {
    let mut filter = json!({"enabled": true, "minutes_before": 10, "minutes_after": 15, "min_impact": "medium"});
    common::merge(&mut filter, &patch);
    filter
}

/// The bars whose signal was refused because of news.
fn blocked(result: &BacktestResult) -> Vec<usize> {
    let refused = result.journal.rejections().iter().filter(|rejection| rejection.reason == RejectionCode::NewsBlocked);
    refused.map(|rejection| rejection.bar).collect()
}

#[test]
fn signals_are_refused_within_the_closed_interval_around_an_event() {
    let calendar =
        Calendar::of("interval", &[(0, "HIGH", "JPY"), (60, "HIGH", "USD"), (200, "LOW", "USD"), (320, "HIGH", "JPY")]);
    let result = run(&signals_on_every_bar(filter(json!({})), Some(&calendar)));
    // Minute 60, ten before and fifteen after: decisions at 50, 55, …, 75. Bar i decides at minute 5 (i + 1): bars 9 to 14.
    assert_eq!(blocked(&result), [9, 10, 11, 12, 13, 14]);
    // Every signal is numbered, blocked or not: 60 of them, of which the last bar refuses its own for another reason.
    assert_eq!(result.orders as usize, BARS);
    let low = filter(json!({"min_impact": "low"}));
    let result = run(&signals_on_every_bar(low, Some(&calendar)));
    // Minute 200: decisions at 190 to 215, bars 37 to 42.
    assert_eq!(blocked(&result), [9, 10, 11, 12, 13, 14, 37, 38, 39, 40, 41, 42]);
    let yen = filter(json!({"currencies": ["JPY"], "minutes_before": 4, "minutes_after": 5}));
    // Minute 0 to 5: bar 0 decides at 5. Minute 320 lies beyond the last decision, at 300.
    assert_eq!(blocked(&run(&signals_on_every_bar(yen, Some(&calendar)))), [0]);
}

#[test]
fn the_calendar_is_an_input_of_the_run() {
    let calendar = Calendar::of("input", &[(-60, "HIGH", "USD"), (400, "HIGH", "USD")]);
    let result = run(&signals_on_every_bar(filter(json!({})), Some(&calendar)));
    let input = result.provenance.inputs.iter().find(|input| input.kind == "news_parquet").expect("the calendar");
    assert_eq!((input.path.as_str(), input.rows), ("calendar.parquet", Some(2)));
    assert_eq!(input.start_time_ns, Some(start_ns() - 60 * MINUTE));
    // The run may last from 2024-03-05 to 2034-03-05, the calendar covers a few hours of it.
    let codes: Vec<&str> = result.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes.iter().filter(|code| **code == "DATA_W_NEWS_COVERAGE").count(), 1);
    assert!(result.warnings.is_sorted());
    // Off: no file is opened, and the manifest is another one.
    let missing = NewsFile { path: "/nonexistent.parquet".into(), origin: "option".into() };
    let mut off = signals_on_every_bar(filter(json!({"enabled": false})), None);
    off.options.news = Some(missing);
    let off = run(&off);
    assert!(blocked(&off).is_empty());
    assert_ne!(off.provenance.manifest_sha256, result.provenance.manifest_sha256);
    // No event that concerns the symbol: nothing is blocked.
    let other = Calendar::of("other", &[(60, "HIGH", "JPY")]);
    assert!(blocked(&run(&signals_on_every_bar(filter(json!({})), Some(&other)))).is_empty());
}

#[test]
fn a_filter_needs_a_calendar_and_currencies() {
    let failure = |job: &Job| Failure::of(&run_once(job).expect_err("the run is refused"));
    let none = failure(&signals_on_every_bar(filter(json!({})), None));
    assert_eq!((none.code, &none.details["issues"][0]["path"]), ("CFG_ENGINE_REJECTED", &json!("news_filter.enabled")));
    let mut missing = signals_on_every_bar(filter(json!({})), None);
    missing.options.news = Some(NewsFile { path: "/nonexistent.parquet".into(), origin: "env".into() });
    let missing = failure(&missing);
    assert_eq!(
        (missing.code, missing.category, &missing.details["origin"]),
        ("NEWS_FILE_NOT_FOUND", "market_data", &json!("env"))
    );

    // The currencies of an index cannot be read from its symbol; that is said before anything is read.
    let mut index = signals_on_every_bar(filter(json!({})), None);
    index.config.symbol = "US500".into();
    let specs = json!({"US500": {"contract_size": 1, "tick_size": 0.1, "pip_size": 1, "volume_min": 0.1,
        "volume_step": 0.1, "volume_max": 100, "base_currency": "USD", "quote_currency": "USD", "profit_currency": "USD"}});
    index.symbol_specs = Some(file("specs.yaml", specs));
    let refused = failure(&index);
    assert_eq!((refused.code, &refused.details["issues"][0]["path"]), ("CFG_RANGE", &json!("news_filter.currencies")));
    assert_eq!(Failure::of(&check(&index, &Registry::builtin()).expect_err("refused")), refused);
}
