//! What is refused before anything is read, and what a dataset must be.

mod common;

use common::{At, Ohlc, file, job, m5, run_once, signals};
use omega_backtest::{DataSource, Job, check};
use omega_strategy::Registry;
use omega_types::{
    Coded, Failure, Json, Warning, Watch,
    config::{DataMode, FileContent},
};
use serde_json::json;

const BARS: [Ohlc; 2] = [(1.1, 1.1001, 1.0999, 1.1), (1.1, 1.1001, 1.0999, 1.1)];

fn job_with(patch: &Json) -> Job {
    Job { signals: Some(signals(2, &[])), ..job(m5(&BARS, 0.0001), patch) }
}

fn failure(job: &Job) -> Failure {
    Failure::of(&run_once(job).expect_err("the run is refused"))
}

/// What `check` says about a job that it accepts.
fn checked(job: &Job) -> Vec<Warning> {
    check(job, &Registry::builtin()).expect("the job is accepted")
}

fn refused(job: &Job) -> Failure {
    Failure::of(&check(job, &Registry::builtin()).expect_err("the job is refused"))
}

fn paths(failure: &Failure) -> Vec<&str> {
    failure.details["issues"].as_array().into_iter().flatten().filter_map(|issue| issue["path"].as_str()).collect()
}

fn mean_reversion(patch: &Json, parameters: &Json) -> Job {
    let mut patch = patch.clone();
    let strategy = json!({"strategy_name": "mean_reversion_z_score", "strategy_parameters": parameters});
    common::merge(&mut patch, &strategy);
    Job { signals: None, ..job(m5(&BARS, 0.0001), &patch) }
}

/// decisions.md 33.
#[test]
fn every_unbuilt_setting_is_named_at_once_before_anything_is_read() {
    let mut job = job_with(&json!({
        "data_mode": "tick",
        "account": {"sizing": {"kind": "fixed_lots", "lots": 0.1}},
        "execution": {"market_fill": "next_open", "on_opposite": "close"},
        "trade_management": {"enabled": true, "stop_update_policy": "apply_immediate"},
    }));
    job.options.not_built = vec!["columns".into()];
    // The folder does not exist: nothing may be read.
    job.data = DataSource::Root("/nonexistent".into());
    let failure = failure(&job);
    assert_eq!(failure.code, "CFG_UNSUPPORTED");
    let issues = failure.details["issues"].as_array().unwrap();
    let paths: Vec<&str> = issues.iter().filter_map(|issue| issue["path"].as_str()).collect();
    assert_eq!(
        paths,
        [
            "account.sizing",
            "data_mode",
            "execution.market_fill",
            "execution.on_opposite",
            "options.columns",
            "trade_management.stop_update_policy",
        ]
    );
    assert!(issues.iter().all(|issue| issue["code"] == "CFG_UNSUPPORTED"));
    assert_eq!(refused(&job), failure);
}

#[test]
fn an_unknown_strategy_is_refused() {
    let unknown = Job { signals: None, ..job_with(&json!({"strategy_name": "no_such_strategy"})) };
    assert_eq!(Failure::of(&run_once(&unknown).unwrap_err()).code, "CFG_UNKNOWN_STRATEGY");
}

/// decisions.md 8: dataset and `data.quotes` must agree.
#[test]
fn a_dataset_must_be_the_one_of_the_configuration() {
    let code = |patch: Json| failure(&job_with(&patch));
    let other = code(json!({"symbol": "GBPUSD"}));
    assert_eq!(other.code, "symbol_spec_missing", "specifications are looked up first");
    let mut gbpusd = job_with(&json!({"symbol": "GBPUSD"}));
    gbpusd.symbol_specs = Some(file("specs.yaml", json!({"GBPUSD": common::specs()["EURUSD"]})));
    let cases = [
        (failure(&gbpusd), "symbol"),
        (code(json!({"data": {"quotes": "single"}})), "data.quotes"),
        (code(json!({"timeframes": {"primary": "M1"}})), "timeframes.primary"),
        (code(json!({"timeframes": {"additional": ["H1"]}})), "timeframes.additional"),
    ];
    for (failure, path) in cases {
        assert_eq!((failure.code, failure.details["issues"][0]["path"].as_str()), ("CFG_CONFLICT", Some(path)));
        assert!(failure.hint.is_some());
    }
}

#[test]
fn signals_cover_the_primary_series_of_the_dataset() {
    let job = Job { signals: Some(signals(3, &[At(0, 1, 1.0, 1.2)])), ..job_with(&json!({})) };
    assert_eq!(failure(&job).code, "SIGNALS_LENGTH");
}

#[test]
fn small_files_that_are_missing_are_named() {
    let no_specs = Job { symbol_specs: None, ..job_with(&json!({})) };
    assert_eq!(failure(&no_specs).code, "symbol_spec_missing");
    let no_costs = job_with(&json!({"costs": {"enabled": true}}));
    assert_eq!(failure(&no_costs).code, "costs_file_missing");
    let no_path = failure(&job_with(&json!({"account": {"account_currency": "GBP"}})));
    assert_eq!(no_path.code, "fx_path_missing");
    assert!(no_path.hint.is_some_and(|hint| hint.contains("static_rates")));
}

#[test]
fn everything_that_needs_no_candles_is_judged_before_any_is_read_and_in_one_order() {
    // Everything is wrong, and the data root does not exist. One thing is repaired at a time.
    let mut job = mean_reversion(
        &json!({
            "data_mode": "tick", "start_date": "2024-03-06", "end_date": "2024-03-05",
            "sessions": [{"start": "8:00", "end": "17:00"}],
            "account": {"account_currency": "GBP"}, "costs": {"enabled": true},
        }),
        &json!({"enabled_scenarios": [2], "no_such_parameter": 1}),
    );
    job.data = DataSource::Root("/nonexistent".into());
    let specs = job.symbol_specs.take();
    let mut expect = |code: &str, path: Option<&str>, repair: &dyn Fn(&mut Job)| {
        let failure = failure(&job);
        assert_eq!((failure.code, paths(&failure).first().copied()), (code, path));
        assert_eq!(refused(&job), failure, "a check says the same as a run");
        repair(&mut job);
        failure
    };
    let first = expect("CFG_STRATEGY_PARAM", Some("strategy_parameters.no_such_parameter"), &|job| {
        job.config.strategy_parameters.remove("no_such_parameter");
    });
    assert_eq!(paths(&first), ["strategy_parameters.no_such_parameter", "data_mode"], "both at once");
    expect("CFG_UNSUPPORTED", Some("data_mode"), &|job| job.config.data_mode = DataMode::Candle);
    expect("symbol_spec_missing", None, &|job| job.symbol_specs.clone_from(&specs));
    expect("costs_file_missing", None, &|job| job.costs = Some(file("costs.yaml", json!({}))));
    expect("fx_path_missing", None, &|job| {
        job.config.account.fx.static_rates.insert("GBPUSD".into(), 1.25);
    });
    expect("CFG_ENGINE_REJECTED", Some("sessions[0].start"), &|job| job.config.sessions = None);
    let dates = expect("CFG_ENGINE_REJECTED", None, &|job| job.config.end_date = "2024-03-07".into());
    assert!(dates.message.contains("start_date"), "{}", dates.message);
    assert!(checked(&job).iter().all(|warning| warning.code.starts_with("CFG_W_")));
    let data = failure(&job);
    assert_eq!(data.category, "market_data", "{data:?}");
}

#[test]
fn wrong_costs_are_found_without_candles() {
    let mut job = job_with(&json!({"costs": {"enabled": true}}));
    job.costs = Some(file("costs.yaml", json!({"defaults": {"per_lot": "much"}})));
    job.data = DataSource::Root("/nonexistent".into());
    assert_eq!(refused(&job).code, "costs_invalid");
    assert_eq!(failure(&job).code, "costs_invalid");
}

#[test]
fn a_check_gives_the_warnings_that_need_no_candles() {
    // W-SHADOW comes from the strategy, W-WARMUP from its requirements, the rest from the origin of the small files.
    let mut job = mean_reversion(&json!({}), &json!({"enabled_scenarios": [2, 3], "htf_filter": "none"}));
    job.symbol_specs = job.symbol_specs.map(|specs| FileContent { origin: "package".into(), ..specs });
    let warnings = checked(&job);
    assert!(warnings.is_sorted());
    let says = |what: &str| warnings.iter().any(|warning| warning.message.contains(what));
    assert!(says("W-SHADOW") && says("W-WARMUP") && says("of the package"), "{warnings:?}");
    let run = run_once(&job).unwrap().warnings;
    assert!(warnings.iter().all(|warning| run.contains(warning)), "a run repeats them");
    // Nothing is read for them.
    job.data = DataSource::Root("/nonexistent".into());
    assert_eq!(checked(&job), warnings);
}

#[test]
fn the_trading_bar_counts_towards_the_warm_up_of_its_own_timeframe_only() {
    // Scenario 2 with filter A above: the longest primary length is b_b_length = 40, the EMA of H1 needs 30.
    let warmup = |bars: usize| {
        let parameters = json!({
            "enabled_scenarios": [2], "atr_length": 14, "b_b_length": 40, "window_length": 40,
            "htf_tf": "H1", "htf_ema": 30, "htf_filter": "above", "extra_htf_filter": "none",
        });
        let warnings = checked(&mean_reversion(&json!({"warmup_bars": bars}), &parameters));
        let found = warnings.into_iter().find(|warning| warning.message.starts_with("W-WARMUP"));
        found.map_or(String::new(), |warning| warning.message)
    };
    assert!(warmup(38).contains("40 bars of M5"));
    // 39 bars before the first trading bar and that bar itself: 40.
    assert_eq!(warmup(39), "");
    // A bar of H1 that contains the decision is not complete: 30 are needed before it.
    assert!(warmup(29).contains("40 bars of M5 and 30 bars of H1"));
    assert!(!warmup(30).contains("H1"));
}

#[test]
fn a_cancelled_run_is_aborted() {
    let watch = Watch::default();
    watch.cancel();
    let store = omega_indicators::ColumnStore::new();
    let error = omega_backtest::run_backtest(&job_with(&json!({})), &store, &watch).unwrap_err();
    assert_eq!(error.code().name, "ABORTED");
}

/// decisions.md 9.
#[test]
fn package_defaults_are_said() {
    let mut job = job_with(&json!({"costs": {"enabled": true}}));
    let package = |value| FileContent { origin: "package".into(), ..file("file.yaml", value) };
    job.costs = Some(package(json!({})));
    job.symbol_specs = Some(package(common::specs()));
    let result = run_once(&job).unwrap();
    let codes: Vec<_> = result.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes.iter().filter(|code| **code == "CFG_W_PACKAGE_DEFAULTS").count(), 2);
    assert!(result.warnings.is_sorted());
    let kinds: Vec<_> = result.provenance.inputs.iter().map(|input| input.kind.as_str()).collect();
    assert_eq!(kinds, ["market_memory", "execution_costs_yaml", "symbol_specs_yaml"]);
}
