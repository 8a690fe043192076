//! Longer timeframes made of the primary one (data.md 12, decisions.md 49): the same run as with files of their own.

mod common;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use common::{assert_same, file, job, run_once};
use omega_backtest::{BacktestResult, DataSource, Job, check};
use omega_data::{
    LoadRequest, WantedTimeframe, dataset_from_memory,
    generate::{GenerateRequest, generate, generate_memory},
    load_dataset,
    resample::resample,
};
use omega_strategy::Registry;
use omega_types::{Failure, Json, Timeframe, Watch, market::QuoteKind};
use serde_json::json;

/// A data root that disappears with the test.
struct Root(PathBuf);

impl Root {
    /// M15 candles of EURUSD, 20 000 of them from 6 January 2020 on, and `additional` timeframes of the same path.
    fn with(name: &str, additional: &[Timeframe]) -> Self {
        let root = Self(std::env::temp_dir().join(format!("omega-aggregated-{name}-{}", std::process::id())));
        std::fs::remove_dir_all(&root.0).ok();
        generate(&candles(&root.0, additional), &Watch::default()).expect("candles are generated");
        root
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn candles(root: &Path, additional: &[Timeframe]) -> GenerateRequest {
    let request = json!({"data_root": root, "symbol": "EURUSD", "timeframe": "M15", "bars": 20_000, "seed": 11,
        "additional": additional});
    serde_json::from_value(request).expect("a request")
}

/// Scenario 2 with trend filters on H1 and D1, and `source` for the timeframes besides M15.
fn trend(source: &str, patch: Json) -> Job {
    let mut config = json!({
        "strategy_name": "mean_reversion_z_score", "start_date": "2020-03-02", "end_date": "2020-10-30",
        "warmup_bars": 30, "timeframes": {"primary": "M15", "additional": ["H1"], "additional_source": source},
        "account": {"max_positions": 3},
        "strategy_parameters": {"enabled_scenarios": [1, 2], "htf_tf": "H1", "htf_ema": 20, "htf_filter": "above",
            "extra_htf_tf": "D1", "extra_htf_ema": 10, "extra_htf_filter": "below", "htf_min_filters_required": 1,
            "b_b_length": 20, "window_length": 30, "z_score_long": -1.5, "z_score_short": 1.5},
    });
    common::merge(&mut config, &patch);
    let nothing = dataset_from_memory("EURUSD", Vec::new()).expect("an empty dataset");
    Job { costs: Some(file("costs.yaml", json!({}))), ..job(Arc::new(nothing), &config) }
}

fn on(root: &Root, job: Job) -> Job {
    Job { data: DataSource::Root(root.0.clone()), ..job }
}

fn failure(job: &Job) -> Failure {
    Failure::of(&run_once(job).expect_err("the run is refused"))
}

/// Timeframe, role, source and anchor of every series.
fn sources(result: &BacktestResult) -> Json {
    let timeframes = result.provenance.timeframes.iter();
    timeframes.map(|t| json!([t.timeframe, t.role, t.source, t.anchor])).collect()
}

fn inputs(result: &BacktestResult) -> Vec<&str> {
    result.provenance.inputs.iter().map(|input| input.path.as_str()).filter(|path| path.contains('/')).collect()
}

/// decisions.md 49: resampled and separately imported files give identical runs.
#[test]
fn made_within_the_run_resampled_or_imported_the_run_is_the_same() {
    let all = Root::with("all", &[Timeframe::H1, Timeframe::D1]);
    let files = run_once(&on(&all, trend("separate_parquet", json!({})))).expect("the run succeeds");
    assert!(files.trades.len() > 50, "{} trades", files.trades.len());
    assert_eq!(
        sources(&files),
        json!([
            ["M15", "primary", "separate_parquet", null],
            ["H1", "additional", "separate_parquet", null],
            ["D1", "strategy", "separate_parquet", null],
        ])
    );

    let alone = Root::with("alone", &[]);
    let made = run_once(&on(&alone, trend("aggregate_from_primary", json!({})))).expect("the run succeeds");
    assert_same(&files, &made);
    assert_eq!(
        sources(&made),
        json!([
            ["M15", "primary", "separate_parquet", null],
            ["H1", "additional", "aggregated", "ny17"],
            ["D1", "strategy", "aggregated", "ny17"],
        ])
    );
    // The manifest lists what was read: the files of the primary timeframe.
    assert_eq!(inputs(&made), ["EURUSD/EURUSD_M15_BID.parquet", "EURUSD/EURUSD_M15_ASK.parquet"]);
    assert_eq!(inputs(&files).len(), 6);
    for (made, files) in made.provenance.timeframes.iter().zip(&files.provenance.timeframes) {
        assert_eq!((made.bars, made.warmup_bars), (files.bars, files.warmup_bars));
    }

    let request = json!({"data_root": alone.0, "symbol": "EURUSD", "from": "M15", "to": ["H1", "D1"]});
    resample(&serde_json::from_value(request).expect("a request"), &Watch::default()).expect("files are made");
    let resampled = run_once(&on(&alone, trend("separate_parquet", json!({})))).expect("the run succeeds");
    assert_same(&files, &resampled);
    // Files that lie there are left aside where the run makes the series itself.
    let again = run_once(&on(&alone, trend("aggregate_from_primary", json!({})))).expect("the run succeeds");
    assert_eq!(again.provenance.manifest_sha256, made.provenance.manifest_sha256);
}

#[test]
fn candles_of_a_program_can_be_aggregated_as_well() {
    let root = Root::with("memory", &[]);
    let made = run_once(&on(&root, trend("aggregate_from_primary", json!({})))).expect("the run succeeds");
    // Hours of another path in the same dataset: they are not what the configuration asks for.
    let mut series = generate_memory(&candles(&root.0, &[]), &Watch::default()).expect("candles are generated");
    let other = GenerateRequest { timeframe: Timeframe::H1, seed: 12, bars: 3_000, ..candles(&root.0, &[]) };
    series.extend(generate_memory(&other, &Watch::default()).expect("candles are generated"));
    let dataset = Arc::new(dataset_from_memory("EURUSD", series).expect("candles are valid"));
    let memory = Job { data: DataSource::Dataset(dataset), ..trend("aggregate_from_primary", json!({})) };
    let memory = run_once(&memory).expect("the run succeeds");
    assert_eq!(format!("{:?}", made.trades), format!("{:?}", memory.trades));
    assert_eq!(sources(&memory)[0][2], "memory");
    assert_eq!(sources(&memory)[1], json!(["H1", "additional", "aggregated", "ny17"]));
    assert_eq!(inputs(&memory), ["EURUSD/EURUSD_M15"]);

    let loaded = LoadRequest {
        root: root.0.clone(),
        symbol: "EURUSD".into(),
        quotes: QuoteKind::BidAsk,
        timeframes: vec![WantedTimeframe { timeframe: Timeframe::M15, required_by: None }],
    };
    let loaded = Arc::new(load_dataset(&loaded, &Watch::default()).expect("the files load"));
    let dataset = Job { data: DataSource::Dataset(loaded), ..trend("aggregate_from_primary", json!({})) };
    let dataset = run_once(&dataset).expect("the run succeeds");
    assert_same(&made, &dataset);
    assert_eq!(made.provenance, dataset.provenance);
}

#[test]
fn shorter_timeframes_are_refused_before_anything_is_read() {
    let refused = |patch: Json| {
        let job = Job { data: DataSource::Root("/nonexistent".into()), ..trend("aggregate_from_primary", patch) };
        let failure = failure(&job);
        let checked = Failure::of(&check(&job, &Registry::builtin()).expect_err("the job is refused"));
        assert_eq!(checked, failure, "a check says the same as a run");
        assert_eq!((failure.code, failure.category), ("CFG_CONFLICT", "config"));
        let issues = failure.details["issues"].as_array().expect("issues").clone();
        issues.iter().map(|issue| issue["path"].as_str().expect("a path").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(refused(json!({"timeframes": {"additional": ["H1", "M5"]}})), ["timeframes.additional"]);
    assert_eq!(
        refused(json!({"timeframes": {"primary": "H4", "additional": []}, "strategy_parameters": {"htf_tf": "H1"}})),
        ["strategy_parameters.htf_tf"]
    );
    // Files of their own may be shorter.
    let patch = json!({"timeframes": {"additional": ["M5"]}});
    let separate = Job { data: DataSource::Root("/nonexistent".into()), ..trend("separate_parquet", patch) };
    assert_eq!(failure(&separate).code, "DATA_FILE_NOT_FOUND");
}

#[test]
fn history_that_is_too_short_for_a_whole_bar_is_an_error() {
    let root = Root::with("short", &[]);
    // Trading starts on the first whole day; no day is complete by then, no week has begun.
    let patch = json!({"start_date": "2020-01-06T12:00", "end_date": "2020-01-07"});
    let days = failure(&on(&root, trend("aggregate_from_primary", patch)));
    assert_eq!((days.code, &days.details["timeframe"]), ("DATA_INSUFFICIENT_HTF", &json!("D1")));
    let patch = json!({"start_date": "2020-01-06T00:30", "end_date": "2020-01-10", "warmup_bars": 0,
        "timeframes": {"additional": ["H1", "W1"]}});
    let weeks = failure(&on(&root, trend("aggregate_from_primary", patch)));
    assert_eq!((weeks.code, weeks.message.contains("W1")), ("DATA_HTF_MAPPING", true));
}
