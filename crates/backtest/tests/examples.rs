//! The worked examples of execution.md 12 that need market orders only, by hand arithmetic given there.

mod common;

use common::{At, Ohlc, all_near, file, job, m5, near, run, run_once, signals};
use omega_backtest::{BacktestResult, Job};
use omega_types::{
    ExitReason, Json,
    trade::{RejectionCode, StopKind},
};
use serde_json::json;

const SPREAD: f64 = 0.0001;

fn example(bars: &[Ohlc], entries: &[At], patch: &Json, costs: Option<Json>) -> BacktestResult {
    run(&example_job(bars, entries, patch, costs))
}

fn example_job(bars: &[Ohlc], entries: &[At], patch: &Json, costs: Option<Json>) -> Job {
    let mut config = json!({"costs": {"enabled": costs.is_some()}});
    common::merge(&mut config, patch);
    Job {
        signals: Some(signals(bars.len(), entries)),
        costs: costs.map(|defaults| file("execution_costs.yaml", json!({ "defaults": defaults }))),
        ..job(m5(bars, SPREAD), &config)
    }
}

fn per_lot(currency: &str) -> Json {
    json!({"slippage": {"model": "none"}, "schema": "per_lot", "side": "both", "per_lot": 2.5, "fee_ccy": currency})
}

#[test]
fn example_1_a_long_reaches_its_target() {
    let bars = [
        (1.10000, 1.10050, 1.09980, 1.10020),
        (1.10020, 1.10200, 1.09900, 1.10150),
        (1.10150, 1.10430, 1.10100, 1.10400),
        (1.10400, 1.10420, 1.10360, 1.10380),
    ];
    let result = example(&bars, &[At(0, 1, 1.09830, 1.10430)], &json!({}), Some(per_lot("USD")));
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    assert_eq!((trade.reason, trade.entry_bar, trade.exit_bar), (ExitReason::TakeProfit, 0, 2));
    assert_eq!((trade.entry_price, trade.exit_price, trade.size), (1.10030, 1.10430, 0.5));
    all_near(&[trade.result, trade.entry_fee, trade.exit_fee], &[200.0, 1.25, 1.25]);
    near(trade.r_multiple.unwrap(), 2.0);
    assert_eq!(trade.risk, Some(100.0));
    // Bar 1 goes down to 1.09900: (1.09900 − 1.10030) × 50 000 = −65; the exit itself is the best price.
    all_near(&[trade.mae, trade.mfe], &[-65.0, 200.0]);
    let curve = result.curve();
    all_near(&curve.equity, &[9_993.75, 10_058.75, 10_197.50, 10_197.50]);
    all_near(&curve.balance, &[9_998.75, 9_998.75, 10_197.50, 10_197.50]);
    all_near(&curve.drawdown, &[0.000625, 0.0, 0.0, 0.0]);
    all_near(&curve.high_water, &[10_000.0, 10_058.75, 10_197.50, 10_197.50]);
    let meta: Json = serde_json::from_str(&result.metas[0]).unwrap();
    assert_eq!(meta["in_entry_candle"], json!(false));
    assert_eq!(meta["stop_loss_kind"], json!("initial"));
    assert_eq!(meta["tf"], json!("M5"));
    // Bar 0 opens at 14:30, so it decides at 14:35.
    assert_eq!(meta["decision_time"], json!("2024-03-05T14:35:00Z"));
}

#[test]
fn example_2_a_euro_account_is_stopped() {
    let bars = [
        (1.10000, 1.10050, 1.09980, 1.10020),
        (1.10020, 1.10040, 1.09900, 1.09920),
        (1.09920, 1.09930, 1.09750, 1.09780),
        (1.09780, 1.09800, 1.09700, 1.09750),
    ];
    let euro = json!({"account": {"account_currency": "EUR"}});
    let result = example(&bars, &[At(0, 1, 1.09830, 1.10430)], &euro, Some(per_lot("EUR")));
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    assert_eq!((trade.reason, trade.exit_price, trade.size), (ExitReason::StopLoss, 1.09830, 0.55));
    all_near(&[trade.result, trade.entry_fee, trade.exit_fee], &[-100.154785, 1.375, 1.375]);
    near(trade.r_multiple.unwrap(), -1.0);
    assert!(!trade.gap_exit);
    all_near(&result.curve().equity, &[9_993.625909, 9_943.584971, 9_897.095215, 9_897.095215]);
}

const SHORT_7: [Ohlc; 4] = [
    (1.10000, 1.10080, 1.09950, 1.10020),
    (1.10020, 1.10100, 1.09980, 1.10080),
    (1.10400, 1.10450, 1.10300, 1.10350),
    (1.10350, 1.10360, 1.10340, 1.10350),
];

#[test]
fn example_7_a_gap_through_the_stop() {
    let result = example(&SHORT_7, &[At(0, -1, 1.10220, 1.09600)], &json!({}), None);
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    assert_eq!((trade.exit_bar, trade.exit_price, trade.size), (2, 1.10410, 0.5));
    assert!(trade.gap_exit && trade.stop_kind == StopKind::Initial);
    near(trade.result, -195.0);
    near(trade.r_multiple.unwrap(), -1.95);
    let curve = result.curve();
    all_near(&curve.equity, &[9_995.0, 9_965.0, 9_805.0, 9_805.0]);
    near(curve.drawdown[2], 0.0195);
}

#[test]
fn example_7_parity_pays_the_level() {
    let parity = json!({"execution_variant": "v1_parity"});
    let result = example(&SHORT_7, &[At(0, -1, 1.10220, 1.09600)], &parity, None);
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    assert_eq!((trade.exit_price, trade.gap_exit), (1.10220, false));
    near(trade.result, -100.0);
    near(trade.r_multiple.unwrap(), -1.0);
    // Realised only: the open position does not show.
    all_near(&result.curve().equity, &[10_000.0, 10_000.0, 9_900.0, 9_900.0]);
}

const SHORT_8: [Ohlc; 4] = [
    (1.10000, 1.10080, 1.09950, 1.10020),
    (1.10020, 1.10100, 1.09780, 1.09850),
    (1.09850, 1.09860, 1.09550, 1.09600),
    (1.09600, 1.09610, 1.09590, 1.09600),
];

fn slippage(random_pips: f64) -> Option<Json> {
    Some(json!({"slippage": {"model": "fixed_random", "fixed_pips": 0.2, "random_pips": random_pips}}))
}

#[test]
fn example_8_slippage_is_adverse_and_drawn_by_fill() {
    let result = example(&SHORT_8, &[At(0, -1, 1.10220, 1.09600)], &json!({}), slippage(0.3));
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    assert_eq!((trade.reason, trade.exit_bar, trade.size), (ExitReason::TakeProfit, 2, 0.49));
    // Printed with 16 digits, so one unit in the last place is allowed.
    assert!((trade.entry_price - 1.1001595431142308).abs() < 5e-16, "{}", trade.entry_price);
    assert!((trade.exit_price - 1.0960415037495752).abs() < 5e-16, "{}", trade.exit_price);
    near(trade.result, 201.783929);
    near(trade.r_multiple.unwrap(), 2.018195);
}

#[test]
fn example_8_without_the_random_part_in_both_variants() {
    let result = example(&SHORT_8, &[At(0, -1, 1.10220, 1.09600)], &json!({}), slippage(0.0));
    let trade = result.trades[0];
    all_near(&[trade.entry_price, trade.exit_price, trade.size, trade.result], &[1.10018, 1.09602, 0.49, 203.84]);
    let parity = json!({"execution_variant": "v1_parity"});
    let result = example(&SHORT_8, &[At(0, -1, 1.10220, 1.09600)], &parity, slippage(0.0));
    let trade = result.trades[0];
    all_near(&[trade.entry_price, trade.exit_price], &[1.10018, 1.09598]);
    near(trade.r_multiple.unwrap(), 2.079208);
    assert!((trade.result - 207.92).abs() < 0.005, "{}", trade.result); // printed with two decimals
}

const LAST_12: [Ohlc; 3] =
    [(1.10000, 1.10050, 1.09980, 1.10020), (1.10020, 1.10100, 1.09950, 1.10060), (1.10060, 1.10120, 1.10040, 1.10100)];

const ENTRIES_12: [At; 3] = [At(0, 1, 1.09530, 1.11030), At(1, 1, 1.09530, 1.11030), At(2, -1, 1.11030, 1.09530)];

#[test]
fn example_12_gates_and_the_end_of_the_data() {
    let result = example(&LAST_12, &ENTRIES_12, &json!({}), Some(per_lot("USD")));
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    assert_eq!((trade.reason, trade.exit_bar, trade.exit_price), (ExitReason::EndOfData, 2, 1.10100));
    all_near(&[trade.size, trade.entry_fee, trade.exit_fee, trade.result], &[0.2, 0.5, 0.5, 14.0]);
    near(trade.r_multiple.unwrap(), 0.14);
    let refused: Vec<_> = result.journal.rejections().iter().map(|r| (r.order_id, r.bar, r.reason)).collect();
    assert_eq!(refused, [(Some(2), 1, RejectionCode::MaxPositionsReached), (Some(3), 2, RejectionCode::EndOfData)]);
    assert_eq!(result.journal.counts(), [(RejectionCode::EndOfData, 1), (RejectionCode::MaxPositionsReached, 1)]);
    all_near(&result.curve().equity, &[9_997.5, 10_005.5, 10_013.0]);
    let meta: Json = serde_json::from_str(&result.metas[0]).unwrap();
    assert_eq!(meta["labels"], json!(["end_of_data"]));
    assert!(result.open_positions.is_empty());
}

#[test]
fn example_12_left_open_is_listed_and_marked() {
    let open = json!({"execution": {"close_open_at_end": false}});
    let result = example(&LAST_12, &ENTRIES_12, &open, Some(per_lot("USD")));
    assert!(result.trades.is_empty());
    // Orders 2 and 3 both meet the open position: signals of the last bar are accepted by gate 2.
    assert_eq!(result.journal.counts(), [(RejectionCode::MaxPositionsReached, 2)]);
    all_near(&result.curve().equity, &[9_997.5, 10_005.5, 10_013.5]); // without the exit fee of 0.50
    let [position] = &result.open_positions[..] else { panic!("one open position") };
    assert_eq!((position.position_id, position.entry_price, position.size), (1, 1.10030, 0.2));
    near(position.unrealised, 14.0);
}

/// decisions.md 34: refused in `v2`, accepted in `v1_parity`.
#[test]
fn example_14_a_stop_between_bid_and_ask_is_refused() {
    // Ask close 1.10030, bid close 1.10020: a stop at 1.10029 lies above the bid.
    let result = example(&LAST_12, &[At(0, 1, 1.10029, 1.11)], &json!({}), None);
    assert_eq!(result.journal.counts(), [(RejectionCode::StopLossWrongSide, 1)]);
    // v1_parity checks no side; the distance of 0.1 pip is its minimum, and the stop is hit at once.
    let parity = json!({"execution_variant": "v1_parity"});
    let result = example(&LAST_12, &[At(0, 1, 1.10020, 1.11)], &parity, None);
    assert_eq!(result.trades.len(), 1);
}

#[test]
fn a_target_between_bid_and_ask_is_legal_and_marked() {
    // execution.md 3.3: bid close 1.10020 < target 1.10025 < fill 1.10030.
    let result = example(&LAST_12, &[At(0, 1, 1.09830, 1.10025)], &json!({}), None);
    let trade = result.trades[0];
    assert_eq!((trade.reason, trade.tp_beyond_entry), (ExitReason::TakeProfit, false));
    assert!(trade.result < 0.0);
    let meta: Json = serde_json::from_str(&result.metas[0]).unwrap();
    assert_eq!(meta["tp_beyond_entry"], json!(false));
}

#[test]
fn an_impossible_fill_price_stops_the_run() {
    // 20 000 pips of slippage on a short at 1.1002: 1.1002 − 2 is negative.
    let costs = json!({"slippage": {"model": "fixed", "fixed_pips": 20000}});
    let job = example_job(&SHORT_8, &[At(0, -1, 1.10220, 1.09600)], &json!({}), Some(costs));
    let error = run_once(&job).unwrap_err();
    assert_eq!(omega_types::Coded::code(&error).name, "non_positive_fill_price");
}
