//! Orders of a list, given bar by bar by a strategy from outside of the engine: several on one bar, with every field.
#![allow(dead_code, reason = "every test file uses a part of it")]

use std::sync::Arc;

use omega_backtest::{BacktestResult, Job, RunOptions, run_with_registry};
use omega_data::{MemorySeries, dataset_from_memory};
use omega_indicators::ColumnStore;
use omega_strategy::Registry;
use omega_types::{
    Dataset, Json, Timeframe, Trade, Watch,
    time::{MINUTE_NS, iso},
    trade::RejectionCode,
};
use serde_json::json;

use crate::common::{Ohlc, assert_same, file, job, merge, side, start_ns};

/// An order of `kind` (`long market`, `short limit`, …) from the bar that opens `minute` minutes after the first one;
/// `fields` are its prices and whatever else it states.
pub(crate) fn order(minute: i64, kind: &str, fields: &Json) -> Json {
    let (direction, order_type) = kind.split_once(' ').expect("direction and type");
    let time = iso(start_ns() + minute * MINUTE_NS);
    let mut order = json!({"bar_open_time": time, "direction": direction, "order_type": order_type});
    merge(&mut order, fields);
    order
}

/// A market order with a stop.
pub(crate) fn market(minute: i64, direction: &str, stop: f64) -> Json {
    order(minute, &format!("{direction} market"), &json!({"stop_loss": stop}))
}

/// M5 bars of EURUSD that open `minutes` after the start; ask = bid + 0.0001.
pub(crate) fn at_minutes(minutes: &[i64], bid: &[Ohlc]) -> Arc<Dataset> {
    let grid = |x: f64| ((x + 0.0001) * 1e5).round() / 1e5;
    let ask: Vec<Ohlc> = bid.iter().map(|c| (grid(c.0), grid(c.1), grid(c.2), grid(c.3))).collect();
    let time = minutes.iter().map(|minute| start_ns() + minute * MINUTE_NS).collect();
    let series = MemorySeries { timeframe: Timeframe::M5, time, bid: side(bid), ask: Some(side(&ask)) };
    Arc::new(dataset_from_memory("EURUSD", vec![series]).expect("candles are valid"))
}

/// A job that sends `orders`; `costs` are the defaults of the costs file, without them costs are off.
pub(crate) fn scripted_job(dataset: Arc<Dataset>, orders: &[Json], patch: &Json, costs: Option<&Json>) -> Job {
    let mut config = json!({"strategy_name": "scripted_signals", "strategy_parameters": {"orders": orders},
        "costs": {"enabled": costs.is_some()}});
    merge(&mut config, patch);
    let costs = costs.map(|defaults| file("execution_costs.yaml", json!({ "defaults": defaults })));
    Job { costs, ..job(dataset, &config) }
}

pub(crate) fn registry() -> Registry {
    let mut registry = Registry::builtin();
    omega_scripted_signals::register(&mut registry).expect("the name is free");
    registry
}

/// Runs `job` event by event and bar by bar, and expects the same bits.
pub(crate) fn run_scripted(job: &Job) -> BacktestResult {
    let registry = registry();
    let run = |job: &Job| {
        run_with_registry(job, &registry, &ColumnStore::new(), &Watch::default()).expect("the run succeeds")
    };
    let result = run(job);
    let every_bar = Job { options: RunOptions { visit_every_bar: true, ..job.options.clone() }, ..job.clone() };
    assert_same(&result, &run(&every_bar));
    result
}

/// The maximum holding time alone, in minutes.
pub(crate) fn holding(minutes: u64, only_scenarios: &[u8]) -> Json {
    let rule = json!({"enabled": true, "max_holding_minutes": minutes, "only_scenarios": only_scenarios});
    json!({"trade_management": {"enabled": true, "rules": {"max_holding_time": rule}}})
}

pub(crate) fn only(result: &BacktestResult) -> Trade {
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    trade
}

/// Order, bar and reason of every refusal.
pub(crate) fn refused(result: &BacktestResult) -> Vec<(Option<u32>, usize, RejectionCode)> {
    result.journal.rejections().iter().map(|refused| (refused.order_id, refused.bar, refused.reason)).collect()
}

/// What became of pending orders.
pub(crate) fn states(result: &BacktestResult) -> Vec<(&'static str, u64)> {
    result.order_counts.list().into_iter().map(|(state, count)| (state.as_str(), count)).collect()
}
