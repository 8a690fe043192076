//! What is refused before anything is read, and what a dataset must be.

mod common;

use common::{At, Ohlc, file, job, m5, run_once, signals};
use omega_backtest::{DataSource, Job, check};
use omega_strategy::Registry;
use omega_types::{Coded, Failure, Json, Watch};
use serde_json::json;

const BARS: [Ohlc; 2] = [(1.1, 1.1001, 1.0999, 1.1), (1.1, 1.1001, 1.0999, 1.1)];

fn job_with(patch: &Json) -> Job {
    Job { signals: Some(signals(2, &[])), ..job(m5(&BARS, 0.0001), patch) }
}

fn failure(job: &Job) -> Failure {
    Failure::of(&run_once(job).expect_err("the run is refused"))
}

#[test]
fn every_unbuilt_setting_is_named_at_once_before_anything_is_read() {
    let mut job = job_with(&json!({
        "data_mode": "tick",
        "timeframes": {"additional": ["H1"], "additional_source": "aggregate_from_primary"},
        "sessions": [{"start": "08:00", "end": "17:00"}, {"start": "08:00", "end": "17:00", "timezone": "Europe/London"}],
        "news_filter": {"enabled": true},
        "account": {"sizing": {"kind": "fixed_lots", "lots": 0.1}},
        "costs": {"enabled": true, "spread_multiplier": 2},
        "execution": {"market_fill": "next_open", "on_opposite": "close"},
        "logging": {"enable_entry_logging": true},
        "observability": {"profiling_mode": true},
        "trade_management": {"enabled": true, "stop_update_policy": "apply_immediate",
            "rules": {"break_even": {"enabled": true}, "max_holding_time": {"enabled": true, "max_holding_minutes": 5}}},
    }));
    job.options.not_built = vec!["extendedMetrics".into(), "columns".into()];
    job.costs = Some(file("costs.yaml", json!({"defaults": {"schema": "tiered", "tiers": []}})));
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
            "costs.defaults.schema",
            "costs.spread_multiplier",
            "data_mode",
            "execution.market_fill",
            "execution.on_opposite",
            "logging.enable_entry_logging",
            "news_filter.enabled",
            "observability.profiling_mode",
            "options.columns",
            "options.extendedMetrics",
            "sessions[1].timezone",
            "timeframes.additional_source",
            "trade_management.rules.break_even",
            "trade_management.rules.max_holding_time",
            "trade_management.stop_update_policy",
        ]
    );
    assert!(issues.iter().all(|issue| issue["code"] == "CFG_UNSUPPORTED"));
    let checked: Vec<_> = check(&job, &Registry::builtin()).into_iter().map(|issue| issue.path).collect();
    assert_eq!(checked, paths);
}

#[test]
fn settings_without_an_effect_are_not_refused() {
    // No additional timeframe, costs off, manager off, a time zone that is UTC.
    let job = job_with(&json!({
        "timeframes": {"additional_source": "aggregate_from_primary"},
        "sessions": [{"start": "08:00", "end": "17:00", "timezone": "UTC"}],
        "costs": {"enabled": false, "spread_multiplier": 2},
        "trade_management": {"rules": {"break_even": {"enabled": true}}},
    }));
    assert_eq!(check(&job, &Registry::builtin()), []);
    assert!(run_once(&job).is_ok());
}

#[test]
fn a_strategy_says_itself_what_is_not_built() {
    let job = Job {
        signals: None,
        ..job_with(
            &json!({"strategy_name": "mean_reversion_z_score", "strategy_parameters": {"enabled_scenarios": [4]}}),
        )
    };
    let failure = failure(&job);
    assert_eq!((failure.code, failure.category), ("CFG_UNSUPPORTED", "config"));
    assert_eq!(failure.details["issues"][0]["path"], "strategy_parameters.enabled_scenarios");
    let unknown = Job { signals: None, ..job_with(&json!({"strategy_name": "no_such_strategy"})) };
    assert_eq!(Failure::of(&run_once(&unknown).unwrap_err()).code, "CFG_UNKNOWN_STRATEGY");
}

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
fn a_cancelled_run_is_aborted() {
    let watch = Watch::default();
    watch.cancel();
    let store = omega_indicators::ColumnStore::new();
    let error = omega_backtest::run_backtest(&job_with(&json!({})), &store, &watch).unwrap_err();
    assert_eq!(error.code().name, "ABORTED");
}

#[test]
fn package_defaults_are_said() {
    let mut job = job_with(&json!({"costs": {"enabled": true}}));
    let package = |value| omega_types::config::FileContent { origin: "package".into(), ..file("file.yaml", value) };
    job.costs = Some(package(json!({})));
    job.symbol_specs = Some(package(common::specs()));
    let result = run_once(&job).unwrap();
    let codes: Vec<_> = result.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes.iter().filter(|code| **code == "CFG_W_PACKAGE_DEFAULTS").count(), 2);
    assert!(result.warnings.is_sorted());
    let kinds: Vec<_> = result.provenance.inputs.iter().map(|input| input.kind.as_str()).collect();
    assert_eq!(kinds, ["market_memory", "execution_costs_yaml", "symbol_specs_yaml"]);
}
