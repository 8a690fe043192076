//! What a run remembers and tells beyond its result: entry signals, extended metrics, the log.

mod common;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use common::{At, Ohlc, job, m5, near, run, signals};
use omega_backtest::{BacktestResult, Job, load, prepare, report, simulate, story};
use omega_data::Calendar;
use omega_indicators::ColumnStore;
use omega_metrics::MetricValue;
use omega_strategy::Registry;
use omega_types::{
    Coded, Failure, Json, Watch,
    log::{Level, LogRecord, RunPhase},
    trade::RejectionCode,
    watch::{Observer, Part},
};
use serde_json::json;

/// Six bars: a long signal on bar 0 fills at its close, 1.1001 ask, and reaches its target 1.1101 bid on bar 2; a second
/// one on bar 1 finds the only slot taken; a third on bar 4 is closed with the data, on bar 5.
const BARS: [Ohlc; 6] = [
    (1.1000, 1.1010, 1.0990, 1.1000),
    (1.1000, 1.1050, 1.0995, 1.1040),
    (1.1040, 1.1120, 1.1030, 1.1110),
    (1.1110, 1.1115, 1.1100, 1.1105),
    (1.1105, 1.1110, 1.1095, 1.1100),
    (1.1100, 1.1105, 1.1080, 1.1090),
];

fn three_signals(patch: &Json) -> Job {
    let entries = [At(0, 1, 1.0950, 1.1101), At(1, 1, 1.0950, 1.2), At(4, 1, 1.1000, 1.2)];
    Job { signals: Some(signals(6, &entries)), ..job(m5(&BARS, 0.0001), patch) }
}

fn entries(result: &BacktestResult) -> Vec<(Option<u32>, usize, Option<RejectionCode>)> {
    result.entries.iter().map(|row| (row.entry.order_id, row.entry.bar, row.entry.refused)).collect()
}

/// config.md 3.6 and output.md 8: `trades_only` has the accepted signals, `full` all of them.
#[test]
fn entry_signals_are_remembered_as_the_configuration_says() {
    let logging = |on: bool, mode: &str| json!({"logging": {"enable_entry_logging": on, "logging_mode": mode}});
    let accepted = [(Some(1), 0, None), (Some(3), 4, None)];
    let all = [(Some(1), 0, None), (Some(2), 1, Some(RejectionCode::MaxPositionsReached)), (Some(3), 4, None)];
    assert_eq!(entries(&run(&three_signals(&json!({})))), []);
    assert_eq!(entries(&run(&three_signals(&logging(false, "full")))), []);
    assert_eq!(entries(&run(&three_signals(&logging(true, "trades_only")))), accepted);
    let full = run(&three_signals(&logging(true, "full")));
    assert_eq!(entries(&full), all);
    // The explanation is an object, and remembering changes nothing else.
    assert!(full.entries.iter().all(|row| serde_json::from_str::<Json>(&row.meta).unwrap().is_object()));
    let silent = run(&three_signals(&json!({})));
    assert_eq!(format!("{:?}", full.trades), format!("{:?}", silent.trades));
    assert_eq!(format!("{:?}", full.journal), format!("{:?}", silent.journal));
}

fn extended(result: &BacktestResult, key: &str) -> Option<f64> {
    let extended = result.extended(&result.benchmark());
    extended.metrics.iter().find(|(name, _)| *name == key).and_then(|(_, value)| value.number())
}

/// Example: metrics.md 5 by hand on the six bars.
#[test]
fn extended_metrics_are_those_of_the_run() {
    let result = run(&three_signals(&json!({})));
    let value = |key| extended(&result, key);
    assert_eq!(result.trades.len(), 2);
    // Bars 0 1 2 and 4 5 of six; ten minutes and five; two bars and one.
    near(value("exposure_time").unwrap(), 5.0 / 6.0);
    assert_eq!((value("avg_trade_duration_minutes"), value("max_trade_duration_minutes")), (Some(7.5), Some(10.0)));
    assert_eq!((value("avg_trade_duration_bars"), value("trades_without_r")), (Some(1.5), Some(0.0)));
    // Mid closes 1.10005 and 1.10905.
    near(value("buy_hold_return").unwrap(), 0.009 / 1.10005);
    let equity = result.curve().equity;
    near(value("total_return").unwrap(), (equity[5] - 10_000.0) / 10_000.0);
    // One day, one month.
    assert_eq!((value("best_day"), value("best_month")), (None, value("total_return")));
    // The core metrics are untouched by it.
    let extended = result.extended(&result.benchmark());
    assert!(extended.metrics.iter().all(|(key, _)| result.metrics.iter().all(|(core, _)| core != key)));
    assert!(extended.metrics.iter().any(|(_, value)| *value == MetricValue::NotAvailable));
}

#[test]
fn a_position_that_stays_open_counts_until_the_last_bar() {
    let mut job = three_signals(&json!({"execution": {"close_open_at_end": false}}));
    let result = run(&job);
    assert_eq!((result.trades.len(), result.open_positions.len(), result.open_positions[0].entry_bar), (1, 1, 4));
    near(extended(&result, "exposure_time").unwrap(), 5.0 / 6.0);
    // decisions.md 55: what annualised figures count with follows the calendar.
    for (calendar, periods) in [(None, "252"), (Some(Calendar::None), "252"), (Some(Calendar::Always), "365")] {
        job.options.calendar = calendar;
        let result = run(&job);
        let definitions = result.extended(&result.benchmark()).definitions();
        assert!(definitions["volatility_annual"]["description"].as_str().unwrap().contains(periods));
    }
}

/// The tape may have given candles back, and the result its closes: the benchmark remembers what it needs.
#[test]
fn a_compacted_result_gives_the_same_extended_metrics() {
    let mut result = run(&three_signals(&json!({})));
    let benchmark = result.benchmark();
    let before = result.extended(&benchmark);
    result.tape.compact();
    result.closes = [Vec::new().into(), Vec::new().into()];
    assert_eq!(result.extended(&benchmark), before);
}

fn ticking() -> u64 {
    static TICKS: AtomicU64 = AtomicU64::new(0);
    TICKS.fetch_add(1, Relaxed)
}

/// The four stages with everything they tell, as the addon runs them.
fn told(job: &Job, level: Level) -> (Vec<LogRecord>, Watch) {
    let watch = Watch::default();
    watch.observe(Observer::new(ticking, Some(level)));
    let store = ColumnStore::new();
    story::begun(job, &watch);
    let loaded = load(job, &Registry::builtin(), &watch).unwrap();
    story::loaded(&loaded, &watch);
    let (plan, mut strategy) = prepare(job, loaded, &store, &watch).unwrap();
    story::prepared(&plan, &watch);
    let outcome = simulate(&plan, &mut *strategy, &watch).unwrap();
    story::simulated(&plan, &outcome, &watch);
    let result = report(plan, &*strategy, outcome).unwrap();
    story::reported(&result, &watch);
    (watch.take_log().into_iter().map(|(_, record)| record).collect(), watch)
}

fn messages(records: &[LogRecord]) -> Vec<&str> {
    records.iter().map(|record| record.message).collect()
}

#[test]
fn a_run_tells_its_stages_and_with_debug_what_happened_to_every_order() {
    let job = three_signals(&json!({}));
    let (records, watch) = told(&job, Level::Info);
    let stages = ["run begins", "candles loaded", "window cut", "strategy bound", "bars traded", "metrics computed"];
    assert_eq!(messages(&records), stages);
    assert_eq!(records[0].fields["start_date"], "2024-03-05");
    assert_eq!(records[1].fields["bars"], 6);
    assert_eq!((&records[4].fields["orders"], &records[4].fields["refused"]), (&json!(3), &json!(1)));
    // The clock was looked at for the columns, though there are none to compute.
    assert!(watch.spent_ns(Part::Indicators) > 0);

    let (records, _) = told(&job, Level::Debug);
    let events: Vec<_> = records
        .iter()
        .filter(|record| record.level == Level::Debug)
        .map(|record| (record.message, record.fields["bar_index"].as_u64().unwrap()))
        .collect();
    let expected = [
        ("position opened", 0),
        ("order refused", 1),
        ("position closed", 2),
        ("position opened", 4),
        ("position closed", 5),
    ];
    assert_eq!(events, expected);
    let refused = records.iter().find(|record| record.message == "order refused").unwrap();
    assert_eq!((&refused.fields["code"], &refused.fields["order_id"]), (&json!("max_positions_reached"), &json!(2)));
    assert_eq!(refused.fields["time"], "2024-03-05T14:35:00Z");
    // Warnings and worse: nothing was wrong.
    assert_eq!(told(&job, Level::Warn).0, []);
}

/// Property: the same run says the same; skipping bars leaves only the number of events different.
#[test]
fn logs_are_reproducible() {
    let job = three_signals(&json!({}));
    assert_eq!(told(&job, Level::Trace).0, told(&job, Level::Trace).0);
    let mut every_bar = job.clone();
    every_bar.options.visit_every_bar = true;
    let without_events = |job: &Job| -> Vec<LogRecord> {
        let mut records = told(job, Level::Trace).0;
        records.iter_mut().for_each(|record| drop(record.fields.remove("events")));
        records
    };
    assert_eq!(without_events(&job), without_events(&every_bar));
}

/// output.md 8: an allow-list of configuration values; never the seed, never free text.
#[test]
fn a_log_holds_no_configuration_beyond_the_allow_list() {
    let mut job = three_signals(&json!({
        "rng_seed": 987_654_321, "account": {"initial_balance": 34_567, "risk_per_trade": 123}, "warmup_bars": 0,
    }));
    job.costs = Some(common::file("secret-name.yaml", json!({})));
    let text = serde_json::to_string(&told(&job, Level::Trace).0).unwrap();
    for secret in ["987654321", "34567", "123", "secret-name"] {
        assert!(!text.contains(&format!("\"{secret}\"")) && !text.contains(&format!(":{secret},")), "{secret}: {text}");
    }
}

#[test]
fn failures_are_told_by_code_and_quote_nothing_of_the_configuration() {
    let told = |failure: &Failure| {
        let watch = Watch::default();
        watch.observe(Observer::new(ticking, Some(Level::Error)));
        story::failed(failure, RunPhase::Init, &watch);
        watch.take_log().into_iter().map(|(_, record)| json!(record)).collect::<Vec<_>>()
    };
    let failure = |code: omega_types::Code| Failure {
        code: code.name,
        category: code.category.as_str(),
        message: "what the user typed".to_owned(),
        details: json!({}),
        hint: None,
    };
    let config = told(&failure(omega_types::code::CFG_CONFLICT));
    let expected = json!([{"level": "error", "component": "config", "phase": "init", "message": "run failed",
        "fields": {"code": "CFG_CONFLICT", "category": "config"}}]);
    assert_eq!(json!(config), expected);
    let data = told(&failure(omega_types::code::DATA_FILE_NOT_FOUND));
    assert_eq!(
        (&data[0]["component"], &data[0]["fields"]["text"]),
        (&json!("data_load"), &json!("what the user typed"))
    );
    // An error of the run itself, through the public path.
    let mut wrong = three_signals(&json!({}));
    wrong.symbol_specs = None;
    let error = common::run_once(&wrong).unwrap_err();
    assert_eq!(told(&Failure::of(&error))[0]["fields"]["code"], error.code().name);
}

/// decisions.md 56: the columns of a registered strategy, over the traded bars, by a name that says what they are.
#[test]
fn indicators_are_kept_when_the_job_says_so() {
    // Closes 1, 2, … 12 pips above 1.1; scenario 1 reads a Z-score around an EMA, that EMA and an ATR.
    let bars: Vec<Ohlc> = (1..=12)
        .map(|bar| {
            let close = 1.1 + f64::from(bar) * 0.0001;
            (close, close + 0.0005, close - 0.0005, close)
        })
        .collect();
    let patch = json!({
        "strategy_name": "mean_reversion_z_score", "warmup_bars": 2,
        "strategy_parameters": {"enabled_scenarios": [1], "direction_filter": "long", "ema_length": 3, "atr_length": 2,
            "window_length": 4},
    });
    let mut job = Job { signals: None, ..job(m5(&bars, 0.0001), &patch) };
    assert!(run(&job).indicators.is_empty());
    job.options.keep_indicators = true;
    let result = run(&job);
    let names: Vec<&str> = result.indicators.iter().map(|(name, _)| name.as_str()).collect();
    let ema = "ema(M5 bid close, period 3)";
    assert!(names.contains(&ema) && names.contains(&"atr(M5 bid, period 2)"), "{names:?}");
    assert!(names.iter().any(|name| name.starts_with("zscore(M5 bid close, window 4, ")), "{names:?}");
    assert!(result.indicators.iter().all(|(_, column)| column.len() == 10));
    // By hand, alpha = 2 / 4: each value is the mean of close and value before, from the first close on. The third bar is
    // the first traded one.
    let mut value = bars[0].3;
    let averages: Vec<f64> = bars
        .iter()
        .map(|bar| {
            value += 0.5 * (bar.3 - value);
            value
        })
        .collect();
    let kept = result.indicators.iter().find(|(name, _)| name == ema).unwrap();
    common::all_near(&kept.1, &averages[2..]);
}
