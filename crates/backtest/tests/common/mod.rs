//! Small jobs for the tests: candles in memory, configuration by difference, signals by bar.
#![allow(dead_code, reason = "every test file uses a part of it")]

use std::sync::Arc;

use omega_backtest::{BacktestError, BacktestResult, DataSource, Job, RunOptions, run_backtest};
use omega_data::{MemorySeries, MemorySide, dataset_from_memory};
use omega_indicators::ColumnStore;
use omega_strategy::{SignalColumns, Signals};
use omega_types::{
    Dataset, Json, Timeframe, Watch,
    config::FileContent,
    time::{DAY_NS, days_from_civil},
};
use serde_json::json;

/// One candle: open, high, low, close.
pub(crate) type Ohlc = (f64, f64, f64, f64);

/// 2024-03-05T14:30:00Z, a Tuesday.
pub(crate) fn start_ns() -> i64 {
    days_from_civil(2024, 3, 5) * DAY_NS + (14 * 60 + 30) * 60_000_000_000
}

pub(crate) fn side(candles: &[Ohlc]) -> MemorySide {
    MemorySide {
        open: candles.iter().map(|c| c.0).collect(),
        high: candles.iter().map(|c| c.1).collect(),
        low: candles.iter().map(|c| c.2).collect(),
        close: candles.iter().map(|c| c.3).collect(),
        volume: None,
    }
}

/// M5 bars of EURUSD from [`start_ns`]; ask = bid + `spread`, computed on the decimal grid of five digits.
pub(crate) fn m5(bid: &[Ohlc], spread: f64) -> Arc<Dataset> {
    let grid = |x: f64| ((x + spread) * 1e5).round() / 1e5;
    let ask: Vec<Ohlc> = bid.iter().map(|c| (grid(c.0), grid(c.1), grid(c.2), grid(c.3))).collect();
    quotes(bid, &ask)
}

/// M5 bars of EURUSD from [`start_ns`] with both sides as given.
pub(crate) fn quotes(bid: &[Ohlc], ask: &[Ohlc]) -> Arc<Dataset> {
    let time = (0..bid.len() as i64).map(|bar| start_ns() + bar * Timeframe::M5.duration_ns()).collect();
    let series = MemorySeries { timeframe: Timeframe::M5, time, bid: side(bid), ask: Some(side(ask)) };
    Arc::new(dataset_from_memory("EURUSD", vec![series]).expect("candles are valid"))
}

/// Overlays `patch` on `base`, object by object.
pub(crate) fn merge(base: &mut Json, patch: &Json) {
    match (base, patch) {
        (Json::Object(base), Json::Object(patch)) => {
            for (key, value) in patch {
                merge(base.entry(key.clone()).or_insert(Json::Null), value);
            }
        }
        (base, patch) => *base = patch.clone(),
    }
}

/// The normalised configuration of the worked examples, with differences.
pub(crate) fn config(patch: &Json) -> Json {
    let mut config = json!({
        "schema_version": "2", "strategy_name": "signals", "symbol": "EURUSD",
        "start_date": "2024-03-05", "end_date": "2034-03-05", "run_mode": "dev", "data_mode": "candle",
        "execution_variant": "v2", "rng_seed": 42, "warmup_bars": 0,
        "timeframes": {"primary": "M5", "additional": [], "additional_source": "separate_parquet",
            "mapping_mode": "close", "stale_limit_bars": 0},
        "sessions": null,
        "account": {"initial_balance": 10000, "account_currency": "USD", "risk_per_trade": 100, "max_positions": 1,
            "fx": {"mode": "auto", "hub": "USD", "stale_limit_bars": 10, "static_rates": {}}},
        "costs": {"enabled": false, "fee_multiplier": 1, "slippage_multiplier": 1, "spread_multiplier": 1,
            "pip_size": null, "pip_buffer_factor": null},
        "execution": {"limit_gap_fill": "worse", "close_open_at_end": true, "pending_expiry_bars": null,
            "max_pending_orders": null, "allowed_directions": "both",
            "allowed_order_types": ["limit", "market", "stop"], "cooldown_bars": 0, "cooldown_minutes": 0,
            "cooldown_minutes_after_exit": 0},
        "news_filter": {"enabled": false, "minutes_before": 30, "minutes_after": 30, "min_impact": "medium",
            "currencies": null},
        "logging": {"enable_entry_logging": false, "logging_mode": "trades_only"},
        "observability": {"profiling_mode": false},
        "metrics": {},
        "trade_management": {"enabled": false, "stop_update_policy": "apply_next_bar", "tp_update_policy": "forbid",
            "rules": {}},
        "strategy_parameters": {},
    });
    merge(&mut config, patch);
    config
}

pub(crate) fn file(path: &str, value: Json) -> FileContent {
    FileContent { path: path.into(), sha256: "0".repeat(64), origin: "option".into(), value }
}

/// Specification of the worked examples (execution.md 12).
pub(crate) fn specs() -> Json {
    json!({"EURUSD": {"contract_size": 100000, "tick_size": 0.00001, "pip_size": 0.0001, "volume_min": 0.01,
        "volume_step": 0.01, "volume_max": 200, "min_sl_distance_pips": 0.1}})
}

pub(crate) fn job(dataset: Arc<Dataset>, patch: &Json) -> Job {
    let config = config(patch);
    let seed = config["rng_seed"].as_u64().unwrap_or(42);
    Job {
        config: serde_json::from_value(config).expect("a normalised configuration"),
        config_hash: "0".repeat(64),
        data: DataSource::Dataset(dataset),
        signals: None,
        costs: None,
        symbol_specs: Some(file("symbol_specs.yaml", specs())),
        fx_rates: None,
        seed,
        options: RunOptions::default(),
    }
}

/// A market signal on a bar: direction, stop, target.
#[derive(Clone, Copy)]
pub(crate) struct At(pub(crate) usize, pub(crate) i8, pub(crate) f64, pub(crate) f64);

pub(crate) fn signals(bars: usize, entries: &[At]) -> Arc<Signals> {
    let (mut direction, mut stop, mut target) = (vec![0; bars], vec![f64::NAN; bars], vec![f64::NAN; bars]);
    for &At(bar, side, stop_loss, take_profit) in entries {
        (direction[bar], stop[bar], target[bar]) = (side, stop_loss, take_profit);
    }
    let columns = SignalColumns { direction, stop_loss: Some(stop), take_profit: Some(target), ..Default::default() };
    Arc::new(Signals::new(columns).expect("signals are valid"))
}

/// Runs `job` event by event and bar by bar, and expects the same bits.
pub(crate) fn run(job: &Job) -> BacktestResult {
    let result = run_once(job).expect("the run succeeds");
    let every_bar = Job { options: RunOptions { visit_every_bar: true, ..job.options.clone() }, ..job.clone() };
    assert_same(&result, &run_once(&every_bar).expect("the run succeeds"));
    result
}

pub(crate) fn run_once(job: &Job) -> Result<BacktestResult, BacktestError> {
    run_backtest(job, &ColumnStore::new(), &Watch::default())
}

/// Two results agree to the bit in everything that does not depend on how the loop went.
pub(crate) fn assert_same(left: &BacktestResult, right: &BacktestResult) {
    assert_eq!(format!("{:?}", left.trades), format!("{:?}", right.trades));
    assert_eq!(left.metas, right.metas);
    assert_eq!(format!("{:?}", left.journal), format!("{:?}", right.journal));
    assert_eq!(left.order_counts, right.order_counts);
    assert_eq!(format!("{:?}", left.curve()), format!("{:?}", right.curve()));
    assert_eq!(format!("{:?}", left.metrics), format!("{:?}", right.metrics));
    assert_eq!(format!("{:?}", left.open_positions), format!("{:?}", right.open_positions));
    assert_eq!(left.warnings, right.warnings);
}

/// Equal within the 1e-6 of the worked examples.
#[track_caller]
pub(crate) fn near(value: f64, expected: f64) {
    assert!((value - expected).abs() <= 1e-6, "{value} is not {expected}");
}

#[track_caller]
pub(crate) fn all_near(values: &[f64], expected: &[f64]) {
    assert_eq!(values.len(), expected.len(), "{values:?}");
    for (&value, &expected) in values.iter().zip(expected) {
        near(value, expected);
    }
}
