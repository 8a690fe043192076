//! The worked examples of execution.md 12 with pending orders, trade management, a spread multiplier and a third-currency
//! account, by the hand arithmetic given there.

mod common;

use std::sync::Arc;

use common::{Ohlc, all_near, file, job, m5, merge, near, run, start_ns};
use omega_backtest::{BacktestResult, Job};
use omega_data::{MemorySeries, dataset_from_memory};
use omega_strategy::{SignalColumns, Signals};
use omega_types::{
    ExitReason, Json, Timeframe,
    time::{DAY_NS, MINUTE_NS},
    trade::{RejectionCode, StopKind},
};
use serde_json::json;

const SPREAD: f64 = 0.0001;

/// One signal on bar 0.
#[derive(Clone, Copy)]
struct Order {
    direction: i8,
    /// 0 market, 1 limit, 2 stop.
    order_type: u8,
    /// NaN: none.
    price: f64,
    stop: f64,
    target: f64,
    expire_after_bars: u32,
}

const fn long(order_type: u8, price: f64, stop: f64, target: f64) -> Order {
    Order { direction: 1, order_type, price, stop, target, expire_after_bars: 0 }
}

const MARKET: u8 = 0;
const LIMIT: u8 = 1;
const STOP: u8 = 2;

fn signals(bars: usize, orders: &[(usize, Order)]) -> Arc<Signals> {
    let mut columns = SignalColumns { direction: vec![0; bars], ..Default::default() };
    let (mut stop, mut target, mut price) = (vec![f64::NAN; bars], vec![f64::NAN; bars], vec![f64::NAN; bars]);
    let (mut order_type, mut expiry) = (vec![0; bars], vec![0; bars]);
    for &(bar, order) in orders {
        columns.direction[bar] = order.direction;
        (stop[bar], target[bar], price[bar]) = (order.stop, order.target, order.price);
        (order_type[bar], expiry[bar]) = (order.order_type, order.expire_after_bars);
    }
    columns.stop_loss = Some(stop);
    columns.take_profit = Some(target);
    columns.price = Some(price);
    columns.order_type = Some(order_type);
    columns.expire_after_bars = Some(expiry);
    Arc::new(Signals::new(columns).expect("signals are valid"))
}

fn example_job(bars: &[Ohlc], orders: &[(usize, Order)], patch: &Json) -> Job {
    Job { signals: Some(signals(bars.len(), orders)), ..job(m5(bars, SPREAD), patch) }
}

fn example(bars: &[Ohlc], order: Order, patch: &Json) -> BacktestResult {
    run(&example_job(bars, &[(0, order)], patch))
}

fn states(result: &BacktestResult) -> Vec<(&'static str, u64)> {
    result.order_counts.list().into_iter().map(|(state, count)| (state.as_str(), count)).collect()
}

const EXAMPLE_3: [Ohlc; 3] =
    [(1.10000, 1.10080, 1.09950, 1.10050), (1.10050, 1.10450, 1.09980, 1.10300), (1.10300, 1.10350, 1.10200, 1.10250)];

#[test]
fn example_3_stop_and_target_in_the_trigger_bar() {
    let result = example(&EXAMPLE_3, long(STOP, 1.10200, 1.10000, 1.10400), &json!({}));
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    assert_eq!((trade.reason, trade.entry_bar, trade.exit_bar), (ExitReason::StopLoss, 1, 1));
    // The exit is the stop, not the open of the bar, which precedes the entry.
    assert_eq!((trade.entry_price, trade.exit_price, trade.size), (1.10200, 1.10000, 0.5));
    all_near(&[trade.result, trade.r_multiple.unwrap()], &[-100.0, -1.0]);
    assert!(trade.in_entry_candle() && !trade.gap_entry && !trade.gap_exit);
    assert_eq!(trade.entry_time_ns, start_ns() + 5 * MINUTE_NS);
    assert_eq!(states(&result), [("filled", 1)]);
}

#[test]
fn example_3_variant_the_target_counts_at_once_for_a_stop_order() {
    let mut bars = EXAMPLE_3;
    bars[1].2 = 1.10040;
    let result = example(&bars, long(STOP, 1.10200, 1.10000, 1.10400), &json!({}));
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    assert_eq!((trade.reason, trade.exit_bar, trade.exit_price), (ExitReason::TakeProfit, 1, 1.10400));
    all_near(&[trade.result, trade.r_multiple.unwrap()], &[100.0, 1.0]);
}

const EXAMPLE_4: [Ohlc; 4] = [
    (1.10100, 1.10150, 1.10050, 1.10100),
    (1.10100, 1.10310, 1.09980, 1.10200),
    (1.10200, 1.10330, 1.10180, 1.10310),
    (1.10310, 1.10320, 1.10300, 1.10310),
];

#[test]
fn example_4_the_target_of_a_limit_order_waits_for_a_close_beyond_it() {
    let result = example(&EXAMPLE_4, long(LIMIT, 1.10000, 1.09800, 1.10300), &json!({}));
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    assert_eq!((trade.entry_price, trade.size, trade.entry_bar), (1.10000, 0.5, 1));
    assert_eq!((trade.reason, trade.exit_bar, trade.exit_price), (ExitReason::TakeProfit, 2, 1.10300));
    all_near(&[trade.result, trade.r_multiple.unwrap()], &[150.0, 1.5]);
    assert!(!trade.in_entry_candle());
    near(result.curve().equity[1], 10_100.0);
}

#[test]
fn example_4_variant_a_close_beyond_the_target_ends_it_in_the_entry_bar() {
    let mut bars = EXAMPLE_4;
    (bars[1].1, bars[1].3) = (1.10340, 1.10320);
    let result = example(&bars, long(LIMIT, 1.10000, 1.09800, 1.10300), &json!({}));
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    assert_eq!((trade.reason, trade.exit_bar, trade.exit_price), (ExitReason::TakeProfit, 1, 1.10300));
    near(trade.result, 150.0);
    assert!(trade.in_entry_candle());
}

#[test]
fn example_5_a_limit_order_at_a_gap_under_the_three_settings() {
    let start = (1.10100, 1.10150, 1.10050, 1.10100);
    let gap = [
        start,
        (1.09900, 1.09960, 1.09850, 1.09940),
        (1.09940, 1.10020, 1.09900, 1.10000),
        (1.10000, 1.10010, 1.09990, 1.10000),
    ];
    let no_gap = [
        start,
        (1.10080, 1.10120, 1.09960, 1.10020),
        (1.10020, 1.10100, 1.10000, 1.10060),
        (1.10060, 1.10070, 1.10050, 1.10060),
    ];
    for (setting, a, b) in [
        ("worse", (1.10000, 0.33, 0.0), (1.10000, 0.33, 19.80)),
        ("better", (1.09910, 0.47, 42.30), (1.10000, 0.33, 19.80)),
        ("plan_literal", (1.10000, 0.33, 0.0), (1.10090, 0.25, -7.50)),
    ] {
        for (bars, gapped, (fill, lots, result)) in [(&gap, true, a), (&no_gap, false, b)] {
            let patch = json!({"execution": {"limit_gap_fill": setting}});
            let run = example(bars, long(LIMIT, 1.10000, 1.09700, 1.10500), &patch);
            let [trade] = run.trades[..] else { panic!("{setting}: one trade, not {:?}", run.trades) };
            assert_eq!((trade.entry_price, trade.size, trade.gap_entry), (fill, lots, gapped), "{setting}");
            assert_eq!((trade.reason, trade.exit_bar), (ExitReason::EndOfData, 3), "{setting}");
            near(trade.result, result);
        }
    }
}

const EXAMPLE_6: [Ohlc; 4] = [
    (1.10000, 1.10080, 1.09950, 1.10050),
    (1.10300, 1.10380, 1.10260, 1.10350),
    (1.10350, 1.10620, 1.10340, 1.10600),
    (1.10600, 1.10610, 1.10590, 1.10600),
];

#[test]
fn example_6_a_stop_order_that_the_market_gaps_over() {
    let order = long(STOP, 1.10200, 1.10000, 1.10600);
    let result = example(&EXAMPLE_6, order, &json!({}));
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    assert_eq!((trade.entry_price, trade.size, trade.gap_entry), (1.10310, 0.32, true));
    assert_eq!((trade.reason, trade.exit_bar, trade.exit_price), (ExitReason::TakeProfit, 2, 1.10600));
    all_near(&[trade.result, trade.r_multiple.unwrap()], &[92.80, 0.935484]);

    let parity = example(&EXAMPLE_6, order, &json!({"execution_variant": "v1_parity"}));
    let [trade] = parity.trades[..] else { panic!("one trade, not {:?}", parity.trades) };
    assert_eq!((trade.entry_price, trade.entry_time_ns, trade.entry_bar), (1.10200, start_ns(), 1));
    all_near(&[trade.result, trade.r_multiple.unwrap()], &[200.0, 2.0]);
}

#[test]
fn example_6_variant_gapped_beyond_its_own_target() {
    let result = example(&EXAMPLE_6, long(STOP, 1.10200, 1.10000, 1.10280), &json!({}));
    assert!(result.trades.is_empty());
    let refused: Vec<_> = result.journal.rejections().iter().map(|r| (r.order_id, r.bar, r.reason)).collect();
    assert_eq!(refused, [(Some(1), 1, RejectionCode::TakeProfitWrongSide)]);
    assert_eq!(states(&result), [("rejected", 1)]);
    assert_eq!((result.fills, result.fees_total), (0, 0.0));
}

#[test]
fn example_10_a_timeout_counts_minutes_across_a_missing_bar() {
    let minutes = [0_i64, 5, 10, 20, 25];
    let bid: Vec<Ohlc> = vec![
        (145.00, 145.10, 144.95, 145.05),
        (145.05, 145.12, 145.00, 145.08),
        (145.08, 145.20, 145.02, 145.15),
        (145.15, 145.25, 145.10, 145.20),
        (145.20, 145.30, 145.15, 145.25),
    ];
    let raise = |price: f64| ((price + 0.010) * 1e3).round() / 1e3;
    let ask: Vec<Ohlc> = bid.iter().map(|c| (raise(c.0), raise(c.1), raise(c.2), raise(c.3))).collect();
    let day = start_ns() / DAY_NS * DAY_NS;
    let series = MemorySeries {
        timeframe: Timeframe::M5,
        time: minutes.map(|minute| day + minute * MINUTE_NS).to_vec(),
        bid: common::side(&bid),
        ask: Some(common::side(&ask)),
    };
    let dataset = Arc::new(dataset_from_memory("USDJPY", vec![series]).expect("candles are valid"));
    let patch = json!({
        "symbol": "USDJPY",
        "account": {"account_currency": "EUR", "fx": {"static_rates": {"EURJPY": 160.0}}},
        "trade_management": {"enabled": true,
            "rules": {"max_holding_time": {"enabled": true, "max_holding_minutes": 20, "only_scenarios": []}}},
    });
    let specs = json!({"USDJPY": {"contract_size": 100_000, "tick_size": 0.001, "pip_size": 0.01}});
    let job = Job {
        signals: Some(signals(5, &[(0, long(MARKET, f64::NAN, 144.560, 146.000))])),
        symbol_specs: Some(file("symbol_specs.yaml", specs)),
        ..job(dataset, &patch)
    };
    let result = run(&job);
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    assert_eq!((trade.entry_price, trade.size), (145.060, 0.32));
    assert_eq!((trade.reason, trade.exit_bar, trade.exit_price), (ExitReason::Timeout, 3, 145.200));
    all_near(&[trade.result, trade.r_multiple.unwrap()], &[28.0, 0.28]);
    all_near(&result.curve().equity, &[9_998.0, 10_004.0, 10_018.0, 10_028.0, 10_028.0]);
}

#[test]
fn example_11_partial_close_and_break_even_act_from_the_next_bar() {
    let bars = [
        (1.10000, 1.10050, 1.09980, 1.10020),
        (1.10020, 1.10260, 1.10010, 1.10240),
        (1.10240, 1.10300, 1.10020, 1.10100),
        (1.10100, 1.10110, 1.10090, 1.10100),
    ];
    let one_r = json!({"mode": "r", "value": 1, "atr_period": 14});
    let patch = json!({
        "costs": {"enabled": true},
        "trade_management": {"enabled": true, "rules": {
            "partial_close": {"enabled": true, "only_scenarios": [], "levels": [{"trigger": one_r, "fraction": 0.5}]},
            "break_even": {"enabled": true, "only_scenarios": [], "trigger": one_r, "buffer_pips": 1},
        }},
    });
    let fees = json!({"defaults": {"slippage": {"model": "none"}, "schema": "per_lot", "per_lot": 2.5}});
    let job = Job {
        costs: Some(file("execution_costs.yaml", fees)),
        ..example_job(&bars, &[(0, long(MARKET, f64::NAN, 1.09830, 1.10630))], &patch)
    };
    let result = run(&job);
    let [part, rest] = result.trades[..] else { panic!("two records, not {:?}", result.trades) };
    assert_eq!((part.reason, part.exit_bar, part.size, part.exit_price), (ExitReason::ScaleOut, 1, 0.25, 1.10240));
    all_near(&[part.result, part.exit_fee, part.entry_fee, part.r_multiple.unwrap()], &[52.5, 0.625, 0.625, 1.05]);
    assert!(part.partial && !rest.partial);
    assert_eq!((rest.reason, rest.exit_bar, rest.size, rest.exit_price), (ExitReason::StopLoss, 2, 0.25, 1.10040));
    all_near(&[rest.result, rest.exit_fee, rest.entry_fee, rest.r_multiple.unwrap()], &[2.5, 0.625, 0.625, 0.05]);
    assert_eq!((rest.stop_kind, rest.initial_stop_loss), (StopKind::BreakEven, Some(1.09830)));
    assert_eq!((part.position_id, rest.position_id, result.fills), (1, 1, 3));
    near(result.final_balance, 10_052.50);
    let curve = result.curve();
    all_near(&curve.equity, &[9_993.75, 10_103.125, 10_052.50, 10_052.50]);
    all_near(&curve.balance, &[9_998.75, 10_050.625, 10_052.50, 10_052.50]);
    near(curve.high_water[3], 10_103.125);
    near(curve.drawdown[2], 0.005011);
}

#[test]
fn example_13_a_spread_multiplier_widens_fills_stops_and_marks() {
    let bars = [
        (1.10000, 1.10050, 1.09980, 1.10020),
        (1.10020, 1.10100, 1.09836, 1.10060),
        (1.10060, 1.10120, 1.10040, 1.10100),
    ];
    for (multiplier, fill, lots, reason, exit, result) in [
        (1.0, 1.10030, 0.50, ExitReason::EndOfData, 1.10100, 35.0),
        (2.0, 1.10035, 0.48, ExitReason::StopLoss, 1.09830, -98.40),
        (3.0, 1.10040, 0.47, ExitReason::StopLoss, 1.09830, -98.70),
    ] {
        let mut patch = json!({"costs": {"enabled": true}});
        merge(&mut patch, &json!({"costs": {"spread_multiplier": multiplier}}));
        let job = Job {
            costs: Some(file("execution_costs.yaml", json!({}))),
            ..example_job(&bars, &[(0, long(MARKET, f64::NAN, 1.09830, 1.11030))], &patch)
        };
        let run = run(&job);
        let [trade] = run.trades[..] else { panic!("one trade, not {:?}", run.trades) };
        assert_eq!((trade.size, trade.reason), (lots, reason), "m = {multiplier}");
        assert!((trade.entry_price - fill).abs() < 1e-12 && (trade.exit_price - exit).abs() < 1e-12, "{trade:?}");
        near(trade.result, result);
    }
}

#[test]
fn pending_orders_expire_on_the_bar_after_their_last_one() {
    // execution.md 3.4: placed on bar 0 with N = 1, eligible on bar 1 alone; bar 2 would trigger it.
    let bars = [
        (1.10000, 1.10050, 1.09980, 1.10020),
        (1.10020, 1.10030, 1.10000, 1.10010),
        (1.10010, 1.10250, 1.10000, 1.10200),
        (1.10200, 1.10210, 1.10190, 1.10200),
    ];
    let order = |expire_after_bars| Order { expire_after_bars, ..long(STOP, 1.10200, 1.10000, f64::NAN) };
    let expired = example(&bars, order(1), &json!({}));
    assert_eq!((expired.trades.len(), states(&expired)), (0, vec![("expired:expire_after_bars", 1)]));
    let filled = example(&bars, order(2), &json!({}));
    assert_eq!((filled.trades.len(), states(&filled)), (1, vec![("filled", 1)]));
    // Without a number of its own it lives as long as the configuration says; null is good till cancelled.
    let by_default = example(&bars, order(0), &json!({"execution": {"pending_expiry_bars": 1}}));
    assert_eq!(states(&by_default), [("expired:expire_after_bars", 1)]);
    let far = Order { price: 1.2, ..order(0) };
    assert_eq!(states(&example(&bars, far, &json!({}))), [("cancelled:end_of_data", 1)]);
    let kept = json!({"execution": {"close_open_at_end": false}});
    assert_eq!(states(&example(&bars, far, &kept)), [("pending", 1)]);
}

#[test]
fn a_full_book_and_a_full_account_refuse_orders() {
    // 7.2 gates 9 and 10, 7.3: pending orders do not count as positions, neither where they are placed nor elsewhere.
    let bars = [(1.10000, 1.10050, 1.09980, 1.10020); 4];
    let far = long(LIMIT, 1.09000, 1.08000, f64::NAN);
    let near_by = long(STOP, 1.10040, 1.09000, f64::NAN);
    let book = json!({"execution": {"max_pending_orders": 1}});
    let full = run(&example_job(&bars, &[(0, far), (1, far)], &book));
    assert_eq!(full.journal.counts(), [(RejectionCode::MaxPendingReached, 1)]);
    // Two stop orders, one position: the second is refused when it triggers.
    let two = run(&example_job(&bars, &[(0, near_by), (1, far)], &json!({})));
    assert_eq!(two.journal.counts(), [(RejectionCode::MaxPositionsReached, 1)], "bar 1 opens a position in step 1");
    let both = run(&example_job(
        &[bars[0], (1.10000, 1.10020, 1.09980, 1.10000), bars[0], bars[0]],
        &[(0, near_by), (1, near_by)],
        &json!({}),
    ));
    let refused: Vec<_> = both.journal.rejections().iter().map(|r| (r.order_id, r.bar, r.reason)).collect();
    assert_eq!(refused, [(Some(2), 2, RejectionCode::MaxPositionsReached)]);
    assert_eq!(states(&both), [("filled", 1), ("rejected", 1)]);
}
