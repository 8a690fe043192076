//! Simulates bars on which nothing happens, for an instruction counter: `idle_bars BARS flat|open`.
//!
//! `flat` holds no position; `open` opens one on the first bar and never touches its stop or target. Only
//! [`simulate_only`] is meant to be counted.

use std::sync::Arc;

use omega_backtest::{DataSource, Job, Outcome, Plan, RunOptions, load, prepare, simulate};
use omega_data::{MemorySeries, MemorySide, dataset_from_memory};
use omega_indicators::ColumnStore;
use omega_strategy::{Registry, SignalColumns, Signals, Strategy};
use omega_types::{Timeframe, Watch, config::FileContent};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let bars: usize = arguments.next().ok_or("how many bars?")?.parse()?;
    let is_open = arguments.next().as_deref() == Some("open");
    let watch = Watch::default();
    let job = job(bars, is_open)?;
    let loaded = load(&job, &Registry::builtin(), &watch)?;
    let (plan, mut strategy) = prepare(&job, loaded, &ColumnStore::new(), &watch)?;
    let outcome = simulate_only(&plan, &mut *strategy, &watch)?;
    println!("{bars} bars, {} trades", outcome.trades.len());
    Ok(())
}

#[inline(never)]
fn simulate_only(plan: &Plan, strategy: &mut dyn Strategy, watch: &Watch) -> Result<Outcome, omega_backtest::RunStop> {
    simulate(plan, strategy, watch)
}

fn job(bars: usize, is_open: bool) -> Result<Job, Box<dyn std::error::Error>> {
    let side = |shift: f64| {
        let column = |price: f64| vec![price + shift; bars];
        MemorySide { open: column(1.1), high: column(1.1001), low: column(1.0999), close: column(1.1), volume: None }
    };
    let minute = Timeframe::M1.duration_ns();
    let time = (0..bars as i64).map(|bar| bar * minute).collect();
    let series = MemorySeries { timeframe: Timeframe::M1, time, bid: side(0.0), ask: Some(side(0.0001)) };
    let mut columns = SignalColumns { direction: vec![0; bars], ..SignalColumns::default() };
    if is_open {
        columns.direction[0] = 1;
        let mut levels = vec![f64::NAN; bars];
        levels[0] = 1.09;
        columns.stop_loss = Some(levels);
    }
    let config = json!({
        "schema_version": "2", "strategy_name": "signals", "symbol": "EURUSD",
        "start_date": "1970-01-01", "end_date": "2200-01-01", "run_mode": "dev", "data_mode": "candle",
        "execution_variant": "v2", "rng_seed": 42, "warmup_bars": 0,
        "timeframes": {"primary": "M1", "additional": [], "additional_source": "separate_parquet",
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
    let specs = json!({ "EURUSD": { "contract_size": 100_000, "tick_size": 0.00001, "pip_size": 0.0001 } });
    Ok(Job {
        config: serde_json::from_value(config)?,
        config_hash: String::new(),
        data: DataSource::Dataset(Arc::new(dataset_from_memory("EURUSD", vec![series])?)),
        signals: Some(Arc::new(Signals::new(columns)?)),
        costs: None,
        symbol_specs: Some(FileContent {
            path: "symbol_specs.yaml".to_owned(),
            sha256: "0".repeat(64),
            origin: "option".to_owned(),
            value: specs,
        }),
        fx_rates: None,
        seed: 42,
        options: RunOptions::default(),
    })
}
