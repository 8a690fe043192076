//! Signals and candles of any values: checked, and run twice, event by event and bar by bar.

use std::sync::Arc;

use omega_backtest::{BacktestResult, DataSource, Job, RunOptions, run_backtest};
use omega_data::{MemorySeries, MemorySide, dataset_from_memory};
use omega_indicators::ColumnStore;
use omega_strategy::{SignalColumns, Signals};
use omega_types::{Dataset, Failure, Json, Timeframe, Watch};
use serde_json::json;

use super::{failure, job, supply::Supply};

/// Bars of a run, at most.
const MOST_BARS: usize = 48;

/// Settings, candles and signals out of the bytes.
///
/// # Panics
///
/// If jumping from event to event gives another result than visiting every bar.
pub fn signals(data: &[u8]) {
    let mut supply = Supply::new(data);
    let document = settings(&mut supply);
    let shape = supply.byte();
    let bars = usize::from(supply.byte()) % MOST_BARS;
    let dataset = match dataset_from_memory("EURUSD", vec![candles(&mut supply, bars, shape)]) {
        Ok(dataset) => Arc::new(dataset),
        Err(error) => return failure::sound(&error),
    };
    let signals = match Signals::new(columns(&mut supply, &dataset, shape)) {
        Ok(signals) => Arc::new(signals),
        Err(error) => return failure::sound(&error),
    };
    assert_eq!(signals.sha256().len(), 64, "the hash is SHA-256");
    let Some(job) = job::job(&document, &dataset) else { return };
    let job = Job { signals: Some(signals), data: DataSource::Dataset(dataset), ..job };
    let every_bar = Job { options: RunOptions { visit_every_bar: true, ..job.options.clone() }, ..job.clone() };
    let [jumping, visiting] = [&job, &every_bar].map(|job| run_backtest(job, &ColumnStore::new(), &Watch::default()));
    match (jumping, visiting) {
        (Ok(jumping), Ok(visiting)) => same(&jumping, &visiting),
        (Err(jumping), Err(visiting)) => {
            failure::sound(&jumping);
            assert_eq!(Failure::of(&jumping), Failure::of(&visiting), "two ways, two errors");
        }
        (jumping, visiting) => {
            panic!("one way fails: {:?}, {:?}", jumping.map(drop).err(), visiting.map(drop).err());
        }
    }
}

/// Everything that does not depend on how the loop went.
fn same(left: &BacktestResult, right: &BacktestResult) {
    assert!(left.final_balance.is_finite(), "a balance of {}", left.final_balance);
    assert_eq!(format!("{:?}", left.trades), format!("{:?}", right.trades));
    assert_eq!(left.metas, right.metas);
    assert_eq!(format!("{:?}", left.journal), format!("{:?}", right.journal));
    assert_eq!(left.order_counts, right.order_counts);
    assert_eq!(format!("{:?}", left.curve()), format!("{:?}", right.curve()));
    assert_eq!(format!("{:?}", left.metrics), format!("{:?}", right.metrics));
    assert_eq!(format!("{:?}", left.open_positions), format!("{:?}", right.open_positions));
    assert_eq!(left.warnings, right.warnings);
}

/// A document as [`job::job`] reads it.
fn settings(supply: &mut Supply<'_>) -> Json {
    let [first, second] = supply.bytes();
    let rules = supply.byte();
    let on = |byte: u8, bit: u8| byte >> bit & 1 == 1;
    let number = |supply: &mut Supply<'_>, is_odd: bool, usual: f64| if is_odd { supply.number() } else { usual };
    let is_odd = on(second, 7);
    json!({
        "rules": if on(first, 0) { 0 } else { rules },
        "config": {
            "strategy_name": "signals",
            "strategy_parameters": {},
            "start_date": "1970-01-01",
            "execution_variant": if on(first, 0) { "v1_parity" } else { "v2" },
            "warmup_bars": if on(first, 1) { 3 } else { 0 },
            "sessions": if on(first, 2) { json!([{"start": "14:00", "end": "15:30"}]) } else { Json::Null },
            "account": {
                "account_currency": if on(first, 3) { "EUR" } else { "USD" },
                "initial_balance": number(supply, is_odd, 10_000.0),
                "risk_per_trade": number(supply, is_odd, 100.0),
                "max_positions": 1 + second % 4,
            },
            "costs": {"enabled": on(first, 4), "spread_multiplier": if on(first, 5) && !on(first, 0) { 1.5 } else { 1.0 }},
            "execution": {
                "close_open_at_end": on(first, 6),
                "pending_expiry_bars": if on(first, 7) { json!(3) } else { Json::Null },
                "cooldown_bars": second >> 2 & 1,
                "cooldown_minutes": if on(second, 3) { 10 } else { 0 },
                "cooldown_minutes_after_exit": if on(second, 4) { 10 } else { 0 },
                "max_pending_orders": if on(second, 5) { json!(1) } else { Json::Null },
                "limit_gap_fill": if on(second, 6) { "better" } else { "worse" },
            },
            "news_filter": {"enabled": on(rules, 7)},
        },
    })
}

/// A walk in steps of a pip, or any numbers.
fn candles(supply: &mut Supply<'_>, bars: usize, shape: u8) -> MemorySeries {
    let is_wild = shape & 7 == 7;
    let (mut time, mut bid, mut ask) = (Vec::new(), side(), side());
    let (mut now, mut close) = (job::start_ns(), 1.1);
    for _ in 0..bars {
        let [step, wick, spread] = supply.bytes().map(f64::from);
        let open = close;
        close = grid(close + (step - 127.0) * 1e-4);
        let (mut high, mut low) = (open.max(close), open.min(close));
        (high, low) = (grid(high + wick * 1e-5), grid(low - wick * 1e-5));
        if is_wild {
            [close, high, low] = std::array::from_fn(|_| supply.number());
        }
        push(&mut bid, [open, high, low, close]);
        push(&mut ask, [open, high, low, close].map(|price| if is_wild { price } else { grid(price + spread * 1e-6) }));
        time.push(now);
        let gap = if shape & 0x40 == 0x40 { i64::from(supply.byte() % 8) } else { 0 };
        now += Timeframe::M5.duration_ns() * (1 + gap);
    }
    MemorySeries { timeframe: Timeframe::M5, time, bid, ask: (shape & 0x80 == 0).then_some(ask) }
}

const fn side() -> MemorySide {
    MemorySide { open: Vec::new(), high: Vec::new(), low: Vec::new(), close: Vec::new(), volume: None }
}

fn push(side: &mut MemorySide, [open, high, low, close]: [f64; 4]) {
    side.open.push(open);
    side.high.push(high);
    side.low.push(low);
    side.close.push(close);
}

fn grid(price: f64) -> f64 {
    (price * 1e5).round() / 1e5
}

/// One entry per bar; levels a few pips away from the close, or any numbers.
fn columns(supply: &mut Supply<'_>, dataset: &Dataset, shape: u8) -> SignalColumns {
    let Some(series) = dataset.series.first() else { return SignalColumns::default() };
    let is_wild = shape & 0x38 == 0x38;
    let rows = if shape & 0x38 == 0x18 { series.len() + 1 } else { series.len() };
    let close = |row: usize| series.quotes.bid.close.get(row).copied().unwrap_or(1.1);
    let levels = |supply: &mut Supply<'_>| -> Option<Vec<f64>> {
        let of_row = |row| match supply.byte() {
            0 => f64::NAN,
            _ if is_wild => supply.number(),
            pips => grid(close(row) + (f64::from(pips) - 128.0) * 1e-4),
        };
        Some((0..rows).map(of_row).collect())
    };
    let given = supply.byte();
    let on = |bit: u8| given >> bit & 1 == 1;
    let most = |limit: u8| if is_wild { 255 } else { limit };
    SignalColumns {
        direction: (0..rows).map(|_| supply.byte() % most(3)).map(|x| x.wrapping_sub(1).cast_signed()).collect(),
        stop_loss: if on(0) { levels(supply) } else { None },
        take_profit: if on(1) { levels(supply) } else { None },
        price: if on(2) { levels(supply) } else { None },
        size: on(3).then(|| {
            (0..rows).map(|_| if is_wild { supply.number() } else { f64::from(supply.byte()) / 64.0 }).collect()
        }),
        order_type: on(4).then(|| (0..rows).map(|_| supply.byte() % most(3)).collect()),
        expire_after_bars: on(5).then(|| (0..rows).map(|_| supply.byte().into()).collect()),
        exit: on(6).then(|| (0..rows).map(|_| supply.byte() % most(4)).collect()),
        time: on(7).then(|| series.time.to_vec()),
    }
}
