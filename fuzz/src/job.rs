//! Jobs: a sound one, and what a document changes in it.

use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, LazyLock},
};

use omega_backtest::{DataSource, Job, RunOptions};
use omega_data::{
    MemorySeries, MemorySide, dataset_from_memory,
    news::{ImportNewsRequest, NewsFile, import_news},
};
use omega_strategy::{SignalColumns, Signals};
use omega_types::{
    Dataset, Json, Timeframe, Watch,
    config::{BacktestConfig, FileContent},
    time::{DAY_NS, days_from_civil},
};
use serde_json::json;

use super::{document::overlay, folder};

/// Bars of the candles that configurations run on.
const BARS: usize = 160;

/// A job over small candles with the changes of `document`: `config` and `options` are laid over sound ones, the
/// contents of `costs`, `symbol_specs` and `fx_rates` over sound files, or left out where they are `false`.
///
/// `None` if the configuration is none, which is said by serde.
pub fn job(document: &Json, dataset: &Arc<Dataset>) -> Option<Job> {
    let part = |name: &str| document.get(name).cloned().unwrap_or(Json::Null);
    let mut config = config();
    if let Some(mask) = part("rules").as_u64() {
        overlay(&mut config, json!({"trade_management": {"enabled": true, "rules": rules(mask)}}));
    }
    if part("config").is_object() {
        overlay(&mut config, part("config"));
    }
    let file = |name: &str, base: Json| match document.get(name) {
        Some(Json::Bool(false)) => None,
        Some(Json::Object(patch)) => {
            let mut value = base;
            overlay(&mut value, Json::Object(patch.clone()));
            Some(content(name, value))
        }
        Some(other) => Some(content(name, other.clone())),
        None => Some(content(name, base)),
    };
    let config: BacktestConfig = serde_json::from_value(config).ok()?;
    Some(Job {
        signals: (config.strategy_name == "signals").then(quiet),
        config,
        config_hash: "0".repeat(64),
        data: DataSource::Dataset(Arc::clone(dataset)),
        costs: file("costs", costs()),
        symbol_specs: file("symbol_specs", specs()),
        fx_rates: file("fx_rates", json!({})),
        seed: 42,
        options: options(&part("options")),
    })
}

fn options(given: &Json) -> RunOptions {
    RunOptions {
        calendar: given.get("calendar").and_then(|calendar| serde_json::from_value(calendar.clone()).ok()),
        max_gap_loss: given.get("max_gap_loss").and_then(Json::as_f64),
        keep_indicators: given["keep_indicators"] == true,
        news: news(),
        ..RunOptions::default()
    }
}

/// A calendar of a few events around the candles.
fn news() -> Option<NewsFile> {
    static NEWS: LazyLock<Option<NewsFile>> = LazyLock::new(|| {
        let folder = folder::scratch("news-of-jobs");
        let (csv, out) = (folder.join("news.csv"), folder.join("news.parquet"));
        let text = "Start,Name,Impact,Currency\n03/05/2024 15:00:00,A,HIGH,USD\n03/05/2024 16:00:00,B,MEDIUM,EUR\n";
        fs::write(&csv, text).ok()?;
        let request = ImportNewsRequest {
            files: vec![csv],
            out: out.clone(),
            impact_map: BTreeMap::new(),
            day_first: false,
            overwrite: true,
        };
        import_news(&request, &Watch::default()).ok()?;
        Some(NewsFile { path: out, origin: "option".to_owned() })
    });
    NEWS.clone()
}

/// Signals that say nothing.
fn quiet() -> Arc<Signals> {
    let columns = SignalColumns { direction: vec![0; BARS], ..SignalColumns::default() };
    Arc::new(Signals::new(columns).expect("zeros are sound"))
}

fn content(name: &str, value: Json) -> FileContent {
    FileContent { path: format!("{name}.yaml"), sha256: "0".repeat(64), origin: "option".to_owned(), value }
}

/// A normalised configuration.
pub fn config() -> Json {
    static CONFIG: LazyLock<Json> = LazyLock::new(|| {
        json!({
            "schema_version": "2", "strategy_name": "mean_reversion_z_score", "symbol": "EURUSD",
            "start_date": "2024-03-05", "end_date": "2034-03-05", "run_mode": "dev", "data_mode": "candle",
            "execution_variant": "v2", "rng_seed": 42, "warmup_bars": 0,
            "timeframes": {"primary": "M5", "additional": [], "additional_source": "aggregate_from_primary",
                "mapping_mode": "close", "stale_limit_bars": 0},
            "sessions": null,
            "account": {"initial_balance": 10000, "account_currency": "USD", "risk_per_trade": 100, "max_positions": 1,
                "fx": {"mode": "auto", "hub": "USD", "stale_limit_bars": 10, "static_rates": {}}},
            "costs": {"enabled": true, "fee_multiplier": 1, "slippage_multiplier": 1, "spread_multiplier": 1,
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
            "strategy_parameters": {"htf_tf": "NONE", "extra_htf_tf": "NONE", "ema_length": 5, "atr_length": 5,
                "b_b_length": 5, "window_length": 8, "z_score_long": -1, "z_score_short": 1,
                "enabled_scenarios": [1, 2]},
        })
    });
    CONFIG.clone()
}

/// Sound rules of trade management: those whose bit is set.
fn rules(mask: u64) -> Json {
    let distance = |mode: &str, value: f64| json!({"mode": mode, "value": value, "atr_period": 5});
    let rules = [
        ("break_even", json!({"trigger": distance("r", 0.5), "buffer_pips": 1})),
        (
            "trailing_stop",
            json!({"distance": distance("atr", 1.0), "activation": distance("pips", 2.0),
            "reference": "close", "step_pips": 0}),
        ),
        ("partial_close", json!({"levels": [{"trigger": distance("r", 0.5), "fraction": 0.5}]})),
        ("session_end", json!({"minutes_before": 5, "cancel_pending": true, "weekend_close_utc": "20:00"})),
        ("news_exit", json!({"mode": "close"})),
        ("max_holding_time", json!({"max_holding_minutes": 30})),
        ("kill_switch", json!({"max_daily_loss": 50, "max_drawdown_pct": 0.1, "reset": "next_day"})),
    ];
    let wanted = rules.into_iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
    Json::Object(wanted.map(|(_, (name, rule))| (name.to_owned(), rule)).collect())
}

fn costs() -> Json {
    json!({"defaults": {"slippage": {"model": "fixed_random", "fixed_pips": 0.2, "random_pips": 0.3},
        "schema": "per_lot", "side": "both", "per_lot": 2.5}})
}

fn specs() -> Json {
    json!({"EURUSD": {"contract_size": 100000, "tick_size": 0.00001, "pip_size": 0.0001, "volume_min": 0.01,
        "volume_step": 0.01, "volume_max": 200, "min_sl_distance_pips": 0.1}})
}

/// 2024-03-05T14:30:00Z, a Tuesday.
pub fn start_ns() -> i64 {
    days_from_civil(2024, 3, 5) * DAY_NS + (14 * 60 + 30) * 60_000_000_000
}

/// Bars of five minutes that go up and down.
pub fn candles() -> &'static Arc<Dataset> {
    static CANDLES: LazyLock<Arc<Dataset>> = LazyLock::new(|| {
        let close = |bar: usize| 1.1 + ((bar * bar * 7 + bar * 13) % 61) as f64 * 1e-4;
        let side = |shift: f64| MemorySide {
            open: (0..BARS).map(|bar| close(bar.saturating_sub(1)) + shift).collect(),
            high: (0..BARS).map(|bar| close(bar).max(close(bar.saturating_sub(1))) + 3e-4 + shift).collect(),
            low: (0..BARS).map(|bar| close(bar).min(close(bar.saturating_sub(1))) - 3e-4 + shift).collect(),
            close: (0..BARS).map(|bar| close(bar) + shift).collect(),
            volume: None,
        };
        let time = (0..BARS as i64).map(|bar| start_ns() + bar * Timeframe::M5.duration_ns()).collect();
        let series = MemorySeries { timeframe: Timeframe::M5, time, bid: side(0.0), ask: Some(side(1e-4)) };
        Arc::new(dataset_from_memory("EURUSD", vec![series]).expect("the candles are sound"))
    });
    &CANDLES
}
