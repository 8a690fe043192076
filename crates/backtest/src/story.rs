//! What a run tells about itself, stage by stage (output.md 8). Pure: the same run tells the same, without times.
//!
//! Of the configuration only the values of the allow-list are told: symbol, timeframe, strategy, modes, dates and the
//! hash. Warnings about the configuration are told by code and count, because their texts quote it.

use std::collections::BTreeMap;

use omega_types::{
    Bar, Failure, Json, Trade, Watch,
    log::{Component, Level, LogRecord, RunPhase},
    time::iso,
};
use serde_json::json;

use crate::{BacktestResult, Job, Loaded, Outcome, Plan};

/// The run begins.
pub fn begun(job: &Job, watch: &Watch) {
    let config = &job.config;
    watch.log(Level::Info, || {
        let fields = json!({
            "run_mode": config.run_mode,
            "data_mode": config.data_mode,
            "execution_variant": config.execution_variant,
            "start_date": config.start_date,
            "end_date": config.end_date,
            "config_hash": job.config_hash,
        });
        LogRecord::new(Level::Info, Component::Config, RunPhase::Init, "run begins", fields)
    });
}

/// Candles are there.
pub fn loaded(loaded: &Loaded, watch: &Watch) {
    for series in &loaded.dataset.series {
        watch.log(Level::Info, || {
            let (first, last) = (series.time.first().copied(), series.time.last().copied());
            let fields = json!({
                "series": series.timeframe,
                "source": loaded.sources.name(series.timeframe),
                "bars": series.len(),
                "first_time": first.map(iso),
                "last_time": last.map(iso),
            });
            LogRecord::new(Level::Info, Component::DataLoad, RunPhase::Init, "candles loaded", fields)
        });
    }
}

/// The run is ready to go.
pub fn prepared(plan: &Plan, watch: &Watch) {
    let trading = &plan.market.trading;
    watch.log(Level::Info, || {
        let time = |bar: Bar| plan.market.clock.time.get(bar).copied().map(iso);
        let fields = json!({
            "trading_bars": trading.len(),
            "warmup_bars": trading.start,
            "start_time": time(trading.start),
            "end_time": trading.end.checked_sub(1).and_then(time),
            "manifest_sha256": plan.provenance.manifest_sha256,
        });
        LogRecord::new(Level::Info, Component::DataLoad, RunPhase::Init, "window cut", fields)
    });
    watch.log(Level::Info, || {
        let strategy = &plan.provenance.strategy;
        let fields = json!({ "form": strategy.form, "strategy_version": strategy.version });
        LogRecord::new(Level::Info, Component::Indicators, RunPhase::Init, "strategy bound", fields)
    });
    let mut quoting: BTreeMap<&str, usize> = BTreeMap::new();
    for warning in &plan.warnings {
        if warning.code.starts_with("CFG_") {
            *quoting.entry(&warning.code).or_default() += 1;
            continue;
        }
        watch.log(Level::Warn, || {
            let fields = json!({ "code": warning.code, "text": warning.message });
            LogRecord::new(Level::Warn, Component::DataLoad, RunPhase::Init, "warning about the data", fields)
        });
    }
    for (code, count) in quoting {
        watch.log(Level::Warn, || {
            let fields = json!({ "code": code, "count": count });
            LogRecord::new(Level::Warn, Component::Config, RunPhase::Init, "warning about the configuration", fields)
        });
    }
}

/// The bars are traded. With `debug` every position and refusal is told, by bar: what closed, what opened, what opened
/// and closed within the bar, what was refused.
pub fn simulated(plan: &Plan, outcome: &Outcome, watch: &Watch) {
    if watch.logs(Level::Debug) {
        for (_, record) in events(plan, outcome) {
            watch.log(Level::Debug, || record);
        }
    }
    watch.log(Level::Info, || {
        let fields = json!({
            "bars": plan.market.trading.len(),
            "events": outcome.events,
            "orders": outcome.orders,
            "fills": outcome.fills,
            "trades": outcome.trades.len(),
            "open_positions": outcome.account.positions().len(),
            "refused": outcome.journal.rejections().len(),
        });
        LogRecord::new(Level::Info, Component::Execution, RunPhase::Loop, "bars traded", fields)
    });
}

/// The figures are there.
pub fn reported(result: &BacktestResult, watch: &Watch) {
    watch.log(Level::Info, || {
        let figure = |key: &str| result.metrics.iter().find(|(name, _)| *name == key).and_then(|(_, v)| v.number());
        let fields = json!({
            "total_trades": figure("total_trades"),
            "profit_net": figure("profit_net"),
            "max_drawdown": figure("max_drawdown"),
        });
        LogRecord::new(Level::Info, Component::Metrics, RunPhase::Finalize, "metrics computed", fields)
    });
}

/// The run failed in `phase`. The message is told unless it may quote the configuration.
pub fn failed(failure: &Failure, phase: RunPhase, watch: &Watch) {
    watch.log(Level::Error, || {
        let component = match failure.category {
            "config" | "usage" => Component::Config,
            "market_data" => Component::DataLoad,
            "output" => Component::Output,
            _ => Component::Execution,
        };
        let mut fields = json!({ "code": failure.code, "category": failure.category });
        if !matches!(failure.category, "config" | "usage" | "strategy") {
            fields["text"] = json!(failure.message);
        }
        LogRecord::new(Level::Error, component, phase, "run failed", fields)
    });
}

/// Everything that happened to orders and positions, in the order of bars.
fn events(plan: &Plan, outcome: &Outcome) -> Vec<((Bar, u8), LogRecord)> {
    let record = |bar: Bar, message: &'static str, mut fields: Json| {
        fields["time"] = json!(plan.market.clock.time.get(bar).copied().map(iso));
        fields["bar_index"] = json!(bar.saturating_sub(plan.market.trading.start));
        LogRecord::new(Level::Debug, Component::Execution, RunPhase::Loop, message, fields)
    };
    let mut events = Vec::new();
    let mut told = std::collections::BTreeSet::new();
    for trade in &outcome.trades {
        // A position that is closed in parts has several records and opened once.
        if told.insert(trade.position_id) {
            let opened = json!({
                "position_id": trade.position_id, "order_id": trade.order_id, "direction": trade.direction.as_str(),
                "order_type": trade.order_type.as_str(), "price": trade.entry_price,
            });
            events.push(((trade.entry_bar, 1), record(trade.entry_bar, "position opened", opened)));
        }
        events.push(((trade.exit_bar, closing_order(trade)), record(trade.exit_bar, "position closed", closed(trade))));
    }
    for position in outcome.account.positions().iter().filter(|position| !told.contains(&position.position_id)) {
        let opened = json!({
            "position_id": position.position_id, "order_id": position.order_id,
            "direction": position.direction.as_str(), "order_type": position.order_type.as_str(),
            "price": position.entry_price,
        });
        events.push(((position.entry_bar, 1), record(position.entry_bar, "position opened", opened)));
    }
    for rejection in outcome.journal.rejections() {
        let figure = Some(rejection.figure).filter(|figure| figure.is_finite());
        let fields = json!({ "order_id": rejection.order_id, "code": rejection.reason.as_str(), "figure": figure });
        events.push(((rejection.bar, 3), record(rejection.bar, "order refused", fields)));
    }
    events.sort_by_key(|(order, _)| *order);
    events
}

fn closed(trade: &Trade) -> Json {
    json!({
        "position_id": trade.position_id, "reason": trade.reason.as_str(), "price": trade.exit_price,
        "lots": trade.size, "result": trade.result, "partial": trade.partial,
    })
}

fn closing_order(trade: &Trade) -> u8 {
    if trade.in_entry_candle() { 2 } else { 0 }
}
