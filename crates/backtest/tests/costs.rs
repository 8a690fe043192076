//! What trading costs in a run: spread, slippage and fees, by hand arithmetic, and that more of them never helps.

mod common;

use std::sync::Arc;

use common::{At, Ohlc, all_near, file, job, m5, near, run, run_once, signals};
use omega_backtest::{BacktestResult, Job};
use omega_strategy::{SignalColumns, Signals};
use omega_types::{ExitReason, Failure, Json};
use proptest::prelude::*;
use serde_json::json;

const SPREAD: f64 = 0.0001;

/// A job over EURUSD in a dollar account with `defaults` of the costs file and `settings` of `costs.*`.
fn costly(bars: &[Ohlc], signals: Arc<Signals>, defaults: &Json, settings: &Json) -> Job {
    let mut config = json!({"costs": {"enabled": true}});
    common::merge(&mut config, &json!({ "costs": settings }));
    Job {
        signals: Some(signals),
        costs: Some(file("execution_costs.yaml", json!({ "defaults": defaults }))),
        ..job(m5(bars, SPREAD), &config)
    }
}

fn no_costs() -> Json {
    json!({"slippage": {"model": "none"}})
}

const LONG_13: [Ohlc; 3] =
    [(1.10000, 1.10050, 1.09980, 1.10020), (1.10020, 1.10100, 1.09836, 1.10060), (1.10060, 1.10120, 1.10040, 1.10100)];

fn example_13(settings: &Json) -> BacktestResult {
    run(&costly(&LONG_13, signals(3, &[At(0, 1, 1.09830, 1.11030)]), &no_costs(), settings))
}

#[test]
fn example_13_spread_multiplier() {
    let of = |multiplier: f64| {
        let result = example_13(&json!({ "spread_multiplier": multiplier }));
        let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
        (trade.entry_price, trade.size, trade.reason, trade.exit_price, trade.result, result.curve().equity)
    };
    let (fill, lots, reason, exit, result, equity) = of(1.0);
    assert_eq!((fill, lots, reason, exit), (1.10030, 0.50, ExitReason::EndOfData, 1.10100));
    near(result, 35.0);
    // Marked at 1.10020, 1.10060 and closed: -0.0001, 0.0003, 0.0007 times 50 000.
    all_near(&equity, &[9_995.0, 10_015.0, 10_035.0]);
    let (fill, lots, reason, exit, result, equity) = of(2.0);
    near(fill, 1.10035);
    assert_eq!((lots, reason, exit), (0.48, ExitReason::StopLoss, 1.09830));
    near(result, -98.4);
    // The mark is the execution bid, 1.10015: -0.0002 * 48 000.
    all_near(&equity, &[9_990.4, 9_901.6, 9_901.6]);
    let (fill, lots, reason, exit, result, _) = of(3.0);
    near(fill, 1.10040);
    assert_eq!((lots, reason, exit), (0.47, ExitReason::StopLoss, 1.09830));
    near(result, -98.7);
}

#[test]
fn without_a_spread_a_position_opens_and_closes_in_the_middle() {
    // Fill at the mid close 1.10025, marks and the end of data at mid: 1.10065 and 1.10105.
    let result = example_13(&json!({"spread_multiplier": 0}));
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    near(trade.entry_price, 1.10025);
    near(trade.exit_price, 1.10105);
    // |1.10025 - 1.09830| = 0.00195: 195 a lot, 0.51 lots.
    assert_eq!(trade.size, 0.51);
    all_near(&result.curve().equity, &[10_000.0, 10_020.4, 10_040.8]);
}

#[test]
fn costs_that_are_off_leave_the_spread_alone() {
    let off = example_13(&json!({"enabled": false, "spread_multiplier": 3}));
    assert_eq!((off.trades[0].entry_price, off.trades[0].reason), (1.10030, ExitReason::EndOfData));
    // execution.md 9 and config.md 6, R10, refused again behind TypeScript.
    let mut parity = costly(&LONG_13, signals(3, &[]), &no_costs(), &json!({"spread_multiplier": 3}));
    parity.config.execution_variant = omega_types::config::Variant::V1Parity;
    assert_eq!(Failure::of(&run_once(&parity).unwrap_err()).code, "CFG_ENGINE_REJECTED");
}

#[test]
fn slippage_by_volatility_knows_complete_bars_only() {
    // True ranges 0.0004, 0.0004, 0.0008, 0.0004; Wilder with period 2: undefined, 0.0004, 0.0006, 0.0005.
    let bars = [
        (1.10000, 1.10040, 1.10000, 1.10020),
        (1.10020, 1.10040, 1.10000, 1.10020),
        (1.10020, 1.10100, 1.10020, 1.10060),
        (1.10060, 1.10100, 1.10060, 1.10080),
        (1.10080, 1.10090, 1.09500, 1.09600),
        (1.09600, 1.09610, 1.09590, 1.09600),
    ];
    let defaults = json!({"slippage": {"model": "volatility", "atr_factor": 0.5, "atr_period": 2}});
    let prices = |entry: usize, multiplier: f64| {
        let signals = signals(6, &[At(entry, 1, 1.09800, 1.2)]);
        let result = run(&costly(&bars, signals, &defaults, &json!({ "slippage_multiplier": multiplier })));
        let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
        assert_eq!((trade.reason, trade.exit_bar), (ExitReason::StopLoss, 4));
        [trade.entry_price, trade.exit_price]
    };
    // Bought at the close of bar 2, which is complete: 1.10070 + 0.5 * 0.0006. Stopped inside bar 4, which is not: the
    // range is that of bar 3, 1.09800 - 0.5 * 0.0005.
    all_near(&prices(2, 1.0), &[1.10100, 1.09775]);
    all_near(&prices(2, 2.0), &[1.10130, 1.09750]);
    // At the close of bar 0 the range is undefined and slips nothing.
    all_near(&prices(0, 1.0), &[1.10030, 1.09775]);
}

/// Eight quiet bars around 1.1000.
fn quiet() -> Vec<Ohlc> {
    vec![(1.1000, 1.1001, 1.0999, 1.1000); 8]
}

/// A long of `lots` on every other bar, closed on the next.
fn in_and_out(lots: f64) -> Arc<Signals> {
    let direction: Vec<i8> = (0..8).map(|bar| i8::from(bar % 2 == 0)).collect();
    let exit = (0..8).map(|bar| u8::from(bar % 2 == 1)).collect();
    let columns = SignalColumns {
        stop_loss: Some(vec![1.0900; 8]),
        size: Some(vec![lots; 8]),
        exit: Some(exit),
        direction,
        ..SignalColumns::default()
    };
    Arc::new(Signals::new(columns).expect("signals are valid"))
}

fn fees(result: &BacktestResult) -> Vec<[f64; 2]> {
    result.trades.iter().map(|trade| [trade.entry_fee, trade.exit_fee]).collect()
}

#[test]
fn tiers_count_the_charged_volume_of_the_run() {
    let tiers = json!([{"volume_from": 0, "per_lot": 5}, {"volume_from": 1.5, "per_lot": 2}]);
    let of = |side: &str| {
        let mut defaults = json!({"slippage": {"model": "none"}, "schema": "tiered", "side": side});
        defaults["tiers"] = tiers.clone();
        let result = run(&costly(&quiet(), in_and_out(0.5), &defaults, &json!({})));
        near(result.fees_total, fees(&result).concat().iter().sum());
        fees(&result)
    };
    // 0.5 lots a fill: the volume before the fills is 0, 0.5, 1.0, 1.5 (the second tier), …
    assert_eq!(of("both"), [[2.5, 2.5], [2.5, 1.0], [1.0, 1.0], [1.0, 1.0]]);
    // Only exits count where only exits are charged: 0, 0.5, 1.0, 1.5.
    assert_eq!(of("exit"), [[0.0, 2.5], [0.0, 2.5], [0.0, 2.5], [0.0, 1.0]]);
}

/// decisions.md 43: the month of a fee is that of the open time of its bar, also for a fill at the close.
#[test]
fn a_new_month_starts_the_tiers_again() {
    // The bars are moved so that bar 4 opens with the year 2025; 1 lot a fill, second tier from 2 lots on.
    let tiers = json!([{"volume_from": 0, "per_lot": 5}, {"volume_from": 2, "per_lot": 2}]);
    let of = |reset: &str| {
        let mut defaults = json!({"slippage": {"model": "none"}, "schema": "tiered", "tier_reset": reset});
        defaults["tiers"] = tiers.clone();
        let new_year = omega_types::time::days_from_civil(2025, 1, 1) * omega_types::time::DAY_NS;
        let time = (0..8).map(|bar| new_year + (bar - 4) * 300_000_000_000).collect();
        let ask: Vec<Ohlc> = quiet().iter().map(|c| (c.0 + SPREAD, c.1 + SPREAD, c.2 + SPREAD, c.3 + SPREAD)).collect();
        let series = omega_data::MemorySeries {
            timeframe: omega_types::Timeframe::M5,
            time,
            bid: common::side(&quiet()),
            ask: Some(common::side(&ask)),
        };
        let dataset = Arc::new(omega_data::dataset_from_memory("EURUSD", vec![series]).unwrap());
        let job = costly(&quiet(), in_and_out(1.0), &defaults, &json!({}));
        fees(&run(&Job { data: omega_backtest::DataSource::Dataset(dataset), ..job }))
    };
    assert_eq!(of("monthly"), [[5.0, 5.0], [2.0, 2.0], [5.0, 5.0], [2.0, 2.0]]);
    assert_eq!(of("never"), [[5.0, 5.0], [2.0, 2.0], [2.0, 2.0], [2.0, 2.0]]);
}

#[test]
fn refused_signals_do_not_count_towards_the_tiers() {
    // Every bar wants 1 lot and one position is allowed: the signals in between are refused.
    let tiers = json!([{"volume_from": 0, "per_lot": 5}, {"volume_from": 1, "per_lot": 2}]);
    let defaults = json!({"slippage": {"model": "none"}, "schema": "tiered", "tiers": tiers});
    let columns = SignalColumns {
        direction: vec![1; 8],
        stop_loss: Some(vec![1.0900; 8]),
        size: Some(vec![1.0; 8]),
        ..SignalColumns::default()
    };
    let signals = Arc::new(Signals::new(columns).unwrap());
    let result = run(&costly(&quiet(), signals, &defaults, &json!({})));
    assert_eq!((fees(&result), result.orders), (vec![[5.0, 2.0]], 8));
}

/// decisions.md 50.
#[test]
fn a_target_pays_the_maker_rate_and_everything_else_the_plain_one() {
    // 0.5 lots at 4, or at 1 where the fill adds liquidity.
    let bars = [
        (1.1000, 1.1001, 1.0999, 1.1000),
        (1.1000, 1.1051, 1.0999, 1.1050),
        (1.1050, 1.1051, 1.0899, 1.0900),
        (1.0900, 1.0901, 1.0899, 1.0900),
    ];
    let defaults = json!({"slippage": {"model": "none"}, "schema": "per_lot", "per_lot": 4, "per_lot_maker": 1});
    let of = |stop: f64, target: f64| {
        let columns = SignalColumns {
            direction: vec![1, 0, 0, 0],
            stop_loss: Some(vec![stop; 4]),
            take_profit: Some(vec![target; 4]),
            size: Some(vec![0.5; 4]),
            ..SignalColumns::default()
        };
        let result = run(&costly(&bars, Arc::new(Signals::new(columns).unwrap()), &defaults, &json!({})));
        (result.trades[0].reason, fees(&result)[0])
    };
    assert_eq!(of(1.0950, 1.1040), (ExitReason::TakeProfit, [2.0, 0.5]));
    assert_eq!(of(1.0950, 1.2000), (ExitReason::StopLoss, [2.0, 2.0]));
    assert_eq!(of(1.0500, 1.2000), (ExitReason::EndOfData, [2.0, 2.0]));
}

/// decisions.md 50.
#[test]
fn a_limit_entry_pays_the_maker_rate_and_a_stop_entry_the_plain_one() {
    // Placed at the close of bar 0, filled in bar 1 (ask from 1.1000 to 1.1002), closed at the end of the data.
    let defaults = json!({"slippage": {"model": "none"}, "schema": "per_lot", "per_lot": 4, "per_lot_maker": 1});
    let of = |order_type: u8, price: f64| {
        let mut direction = vec![0; 8];
        direction[0] = 1;
        let columns = SignalColumns {
            direction,
            order_type: Some(vec![order_type; 8]),
            price: Some(vec![price; 8]),
            stop_loss: Some(vec![1.0900; 8]),
            size: Some(vec![0.5; 8]),
            ..SignalColumns::default()
        };
        let result = run(&costly(&quiet(), Arc::new(Signals::new(columns).unwrap()), &defaults, &json!({})));
        (result.trades[0].entry_bar, result.trades[0].entry_price, fees(&result)[0])
    };
    assert_eq!(of(1, 1.1000), (1, 1.1000, [0.5, 2.0]));
    assert_eq!(of(2, 1.10015), (1, 1.10015, [2.0, 2.0]));
    assert_eq!(of(0, 1.1001), (0, 1.1001, [2.0, 2.0]));
}

#[test]
fn the_legacy_block_charges_a_run_without_a_schema() {
    // 25 per million of 0.5 * 100 000 * price: 1.1001 in (55 005 USD), 1.1 out (55 000 USD).
    let defaults = json!({"slippage": {"model": "none"}, "fees": {"per_million": 25, "lot_size": 100_000}});
    let result = run(&costly(&quiet(), in_and_out(0.5), &defaults, &json!({})));
    all_near(&fees(&result)[0], &[1.375125, 1.375]);
    let doubled = run(&costly(&quiet(), in_and_out(0.5), &defaults, &json!({"fee_multiplier": 2})));
    near(doubled.fees_total, 2.0 * result.fees_total);
}

/// Bars in ticks: the step of each close, and how far high and low reach.
fn walk() -> impl Strategy<Value = Vec<Ohlc>> {
    prop::collection::vec((-300_i64..300, 0_i64..200, 0_i64..200), 4..12).prop_map(|steps| {
        let mut close = 110_000_i64;
        let price = |ticks: i64| ticks as f64 / 1e5;
        steps
            .into_iter()
            .map(|(step, up, down)| {
                let open = close;
                close += step;
                (price(open), price(open.max(close) + up), price(open.min(close) - down), price(close))
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Invariant 8 of execution.md 14: for a single trade of explicit size in quote currency, higher slippage and fees
    /// never raise what is left after fees. Levels are stated, so the way out does not depend on the fill.
    #[test]
    fn higher_multipliers_never_help_a_trade(
        bars in walk(),
        long: bool,
        slippage in prop::sample::select(vec!["fixed_random", "fixed", "jitter", "volatility"]),
        schema in prop::sample::select(vec!["per_lot", "per_million_notional", "percent_of_notional", "tiered"]),
        (lots, min_fee) in (1_u32..300, 0.0..5.0_f64),
        (a, b) in ((0.0..3.0_f64, 0.0..3.0_f64), (0.0..3.0_f64, 0.0..3.0_f64)),
    ) {
        let defaults = json!({
            "slippage": {"model": slippage, "fixed_pips": 0.5, "random_pips": 1, "base_pips": 1, "jitter_factor": 0.5,
                "atr_factor": 0.1, "atr_period": 2},
            "schema": schema, "per_lot": 3, "rate_per_million": 30, "pct": 0.0001, "min_fee": min_fee,
            "tiers": [{"volume_from": 0, "per_lot": 4}, {"volume_from": 1, "per_lot": 2}],
        });
        let side = if long { 1 } else { -1 };
        // Two hundred pips away, where no slippage reaches.
        let (stop, target) = (bars[1].3 - 0.02 * f64::from(side), bars[1].3 + 0.02 * f64::from(side));
        let mut direction = vec![0; bars.len()];
        direction[1] = side;
        let columns = SignalColumns {
            direction,
            stop_loss: Some(vec![stop; bars.len()]),
            take_profit: Some(vec![target; bars.len()]),
            size: Some(vec![f64::from(lots) / 100.0; bars.len()]),
            ..SignalColumns::default()
        };
        let signals = Arc::new(Signals::new(columns).unwrap());
        let left = |slippage: f64, fees: f64| {
            let settings = json!({"slippage_multiplier": slippage, "fee_multiplier": fees});
            let result = run_once(&costly(&bars, Arc::clone(&signals), &defaults, &settings)).unwrap();
            let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
            (trade.exit_bar, trade.reason, trade.result - trade.entry_fee - trade.exit_fee)
        };
        let (less, more) = (left(a.0.min(b.0), a.1.min(b.1)), left(a.0.max(b.0), a.1.max(b.1)));
        prop_assert_eq!((less.0, less.1), (more.0, more.1), "the same way out");
        // Fees of the traded value depend on the slipped price, a hundred-thousandth of the slippage itself; sums round.
        prop_assert!(more.2 <= less.2 + 1e-9, "{} {}", less.2, more.2);
    }
}
