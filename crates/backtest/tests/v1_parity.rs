//! `v1_parity` against trades that Omega V1 itself made on real candles: an independent implementation in another
//! language. Skipped, with a word, where the data is absent (`../shared/data` beside the repository).

mod common;
mod real;

use std::{path::Path, sync::Arc};

use common::{file, job, run_once};
use omega_backtest::{BacktestResult, DataSource, Job};
use omega_data::{LoadRequest, WantedTimeframe, load_dataset};
use omega_types::{Dataset, Json, Timeframe, Trade, Watch, market::QuoteKind};
use real::{Folder, calendar, euros as dataset, shared, text};
use serde_json::json;

/// What the comparison found, printed with `--nocapture`.
#[derive(Debug, Default)]
struct Tally {
    trades: usize,
    half_tick_targets: usize,
    moved_targets: usize,
    worst_price: f64,
    worst_size_or_fee: f64,
    worst_result: f64,
}

fn compare(name: &str) {
    compare_with(name, |job, _| job);
}

/// `complete` adds what the oracle's file does not hold; it is given the folder of the shared data.
fn compare_with(name: &str, complete: impl FnOnce(Job, &Path) -> Job) {
    let Some(shared) = shared() else { return };
    let oracle: Json = serde_json::from_str(&text(&shared.join(format!("v1_parity/{name}.json.gz")))).expect("JSON");
    let job = complete(oracle_job(&oracle, dataset(&shared)), &shared);
    let result = run_once(&job).expect("the run succeeds");
    let expected = oracle["trades"].as_array().expect("trades");
    let mut tally = Tally { trades: expected.len(), ..Tally::default() };
    for (index, (trade, expected)) in result.trades.iter().zip(expected).enumerate() {
        compare_trade(&format!("{name} trade {index}"), &result, index, trade, expected, &mut tally);
    }
    assert_eq!(result.trades.len(), expected.len(), "{name}: number of trades");
    let stats = &oracle["stats"];
    assert!((result.fees_total - stats["total_fees"].as_f64().unwrap()).abs() < 1e-6, "{name}: fees");
    assert!((result.final_balance - stats["final_balance"].as_f64().unwrap()).abs() < 1e-6, "{name}: balance");
    assert_eq!(json!(result.bars_processed), stats["bars_traded"], "{name}: bars");
    eprintln!("{name}: {} trades, {tally:?}", tally.trades);
}

fn oracle_job(oracle: &Json, dataset: Arc<Dataset>) -> Job {
    Job {
        costs: Some(file("execution_costs.yaml", oracle["execution_costs"].clone())),
        symbol_specs: Some(file("symbol_specs.yaml", oracle["symbol_specs"].clone())),
        ..job(dataset, &oracle["config"])
    }
}

/// The bands of the oracle's README: identity of times, sides, reasons and labels; 1e-7 for prices, 1e-9 for size and
/// fees, 1e-6 for R and result. Targets flagged as exact half ticks may round to the other tick.
fn compare_trade(at: &str, result: &BacktestResult, index: usize, trade: &Trade, expected: &Json, tally: &mut Tally) {
    let meta: Json = serde_json::from_str(&result.metas[index]).expect("JSON");
    let found = json!({
        "entry_time_ns": trade.entry_time_ns, "exit_time_ns": trade.exit_time_ns,
        "direction": trade.direction, "reason": trade.reason, "order_type": trade.order_type,
        "scenario": meta["scenario"],
    });
    for (field, value) in found.as_object().unwrap() {
        assert_eq!(value, &expected[field], "{at}: {field}");
    }
    let number = |field: &str| expected[field].as_f64().unwrap_or_else(|| panic!("{at}: {field}"));
    let target = trade.take_profit.unwrap();
    let moved = (target - number("take_profit")).abs() > 1e-7;
    if expected["take_profit_half_tick"] == json!(true) {
        tally.half_tick_targets += 1;
        tally.moved_targets += usize::from(moved);
    }
    let band = |allowed: f64, half_tick: f64| if moved { half_tick } else { allowed };
    assert!(!moved || expected["take_profit_half_tick"] == json!(true), "{at}: take_profit {target}");
    let close = |what: &str, value: f64, allowed: f64, worst: &mut f64| {
        let difference = (value - number(what)).abs();
        assert!(difference <= allowed, "{at}: {what} {value} instead of {}", number(what));
        if !moved {
            *worst = worst.max(difference);
        }
    };
    close("entry_price", trade.entry_price, 1e-7, &mut tally.worst_price);
    close("exit_price", trade.exit_price, band(1e-7, 1.01e-5), &mut tally.worst_price);
    close("stop_loss", trade.stop_loss.unwrap(), 1e-7, &mut tally.worst_price);
    close("take_profit", target, band(1e-7, 1.01e-5), &mut tally.worst_price);
    close("size", trade.size, 1e-9, &mut tally.worst_size_or_fee);
    close("entry_fee", trade.entry_fee, 1e-9, &mut tally.worst_size_or_fee);
    close("exit_fee", trade.exit_fee, 1e-9, &mut tally.worst_size_or_fee);
    close("r_multiple", trade.r_multiple.unwrap(), band(1e-6, 0.1), &mut tally.worst_result);
    close("result", trade.result, band(1e-6, 10.0), &mut tally.worst_result);
}

#[test]
fn run_7a_euro_account_with_fees_per_lot() {
    compare("7a_eurusd_s1_s2_eur_account");
}

#[test]
fn run_7b_fees_by_notional_on_exit_only_with_a_minimum() {
    compare("7b_eurusd_s1_s2_per_million_min_fee");
}

#[test]
fn run_7c_conversion_by_the_rate_series() {
    compare("7c_eurusd_eur_account_percent_of_notional");
}

#[test]
fn run_10_news_block_in_a_closed_interval_around_the_decision_time() {
    let folder = Folder::new("parity-news");
    compare_with("10_eurusd_news", |mut job, shared| {
        job.options.news = Some(calendar(shared, &folder));
        job
    });
}

/// The same trades from Parquet files as from memory, through the loader that users meet.
#[test]
fn files_and_memory_give_the_same_run() {
    let Some(shared) = shared() else { return };
    let folder = Folder::new("parity");
    let root = &folder.0;
    for timeframe in [Timeframe::H1, Timeframe::D1] {
        let source = |side: &str| vec![shared.join(format!("real/EURUSD_{timeframe}_{side}.csv.gz"))];
        let request = json!({"symbol": "EURUSD", "timeframe": timeframe, "bid": source("BID"), "ask": source("ASK"),
            "data_root": root, "format": "native", "drop_flat": "none"});
        let request = serde_json::from_value(request).expect("an import request");
        omega_data::import::import(&request, &Watch::default()).expect("the import succeeds");
    }
    let oracle = text(&shared.join("v1_parity/7a_eurusd_s1_s2_eur_account.json.gz"));
    let oracle: Json = serde_json::from_str(&oracle).expect("JSON");
    let memory = run_once(&oracle_job(&oracle, dataset(&shared))).expect("the run succeeds");
    let from_files = Job { data: DataSource::Root(root.clone()), ..oracle_job(&oracle, dataset(&shared)) };
    let files = run_once(&from_files).expect("the run succeeds");
    assert_eq!(format!("{:?}", memory.trades), format!("{:?}", files.trades));
    assert_eq!(memory.metas, files.metas);
    assert_eq!(memory.metrics, files.metrics);
    assert_eq!(files.provenance.inputs.len(), 6, "four candle files, costs, specifications");
    let wanted = |timeframe| WantedTimeframe { timeframe, required_by: None };
    let request = LoadRequest {
        root: root.clone(),
        symbol: "EURUSD".into(),
        quotes: QuoteKind::BidAsk,
        timeframes: vec![wanted(Timeframe::H1), wanted(Timeframe::D1)],
    };
    let loaded = Arc::new(load_dataset(&request, &Watch::default()).expect("the files load"));
    let shared_dataset = run_once(&oracle_job(&oracle, loaded)).expect("the run succeeds");
    assert_eq!(shared_dataset.provenance.manifest_sha256, files.provenance.manifest_sha256);
}
