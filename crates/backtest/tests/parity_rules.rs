//! The rows of execution.md 9 (`v2` against `v1_parity`) one by one, by hand arithmetic: what trades that Omega V1 made on
//! real candles do not show. Every test runs the same orders in both variants.

mod common;
mod scripted;

use common::{Ohlc, m5, merge, near, start_ns};
use omega_backtest::BacktestResult;
use omega_types::{
    ExitReason, Json,
    time::MINUTE_NS,
    trade::RejectionCode::{
        self, AccountDepleted, EndOfData, MaxPositionsReached, StopDistanceBelowMinimum, StopLossWrongSide,
        TakeProfitWrongSide, VolumeBelowMinimum,
    },
};
use scripted::{at_minutes, holding, market, only, order, refused, run_scripted, scripted_job, states};
use serde_json::json;

/// Ask closes of bars 0 to 3: 1.10030, 1.10090, 1.10110, 1.10110.
const RISING: [Ohlc; 4] = [
    (1.10000, 1.10050, 1.09980, 1.10020),
    (1.10020, 1.10100, 1.09980, 1.10080),
    (1.10080, 1.10120, 1.10060, 1.10100),
    (1.10100, 1.10110, 1.10090, 1.10100),
];

/// Ask lows of bars 2 and 3: 1.09940 and 1.09890. The last bar opens 45 minutes after bar 3.
const FALLING: [Ohlc; 5] = [
    (1.10000, 1.10050, 1.09980, 1.10020),
    (1.10020, 1.10050, 1.09980, 1.10000),
    (1.10000, 1.10010, 1.09930, 1.09960),
    (1.09960, 1.09970, 1.09880, 1.09910),
    (1.09910, 1.09930, 1.09890, 1.09920),
];
const FALLING_MINUTES: [i64; 5] = [0, 5, 10, 15, 60];

/// The last bar of [`FALLING`] falls through 1.09700 and opens above it.
fn falling_on() -> [Ohlc; 5] {
    let mut bars = FALLING;
    bars[4] = (1.09910, 1.09920, 1.09600, 1.09650);
    bars
}

/// Half a pip of slippage, and 2.5 per lot and side.
fn costs() -> Json {
    json!({"slippage": {"model": "fixed", "fixed_pips": 0.5}, "schema": "per_lot", "per_lot": 2.5})
}

/// The results in `v2` and in `v1_parity`.
fn both(bars: &[Ohlc], minutes: &[i64], orders: &[Json], patch: &Json, costs: Option<&Json>) -> [BacktestResult; 2] {
    ["v2", "v1_parity"].map(|variant| {
        let mut config = json!({ "execution_variant": variant });
        merge(&mut config, patch);
        let dataset = if minutes.is_empty() { m5(bars, 0.0001) } else { at_minutes(minutes, bars) };
        run_scripted(&scripted_job(dataset, orders, &config, costs))
    })
}

/// [`FALLING`] or what begins like it.
fn falling(bars: &[Ohlc; 5], orders: &[Json], patch: &Json, costs: Option<&Json>) -> [BacktestResult; 2] {
    both(bars, &FALLING_MINUTES, orders, patch, costs)
}

fn rising(orders: &[Json], patch: &Json, costs: Option<&Json>) -> [BacktestResult; 2] {
    both(&RISING, &[], orders, patch, costs)
}

fn limit(minute: i64, price: f64, stop: f64) -> Json {
    order(minute, "long limit", &json!({"entry_price": price, "stop_loss": stop}))
}

/// Numbers of the orders behind the trades, in close order.
fn closed_orders(result: &BacktestResult) -> Vec<u32> {
    result.trades.iter().map(|trade| trade.order_id).collect()
}

/// execution.md 9: a timeout pays neither slippage nor an exit fee in `v1_parity`.
#[test]
fn a_timeout_costs_nothing() {
    // Bought at 1.10030 + 0.00005; 205 a lot at risk: 0.48 lots. Ten minutes later the bid closes at 1.10100.
    let [v2, parity] = rising(&[market(0, "long", 1.09830)], &holding(10, &[]), Some(&costs()));
    for (result, exit, fee, profit) in
        [(&v2, 1.10095, 1.2, 0.0006 * 48_000.0), (&parity, 1.10100, 0.0, 100.0 * 0.00065 / 0.00205)]
    {
        let trade = only(result);
        assert_eq!((trade.reason, trade.exit_bar), (ExitReason::Timeout, 2));
        near(trade.entry_price, 1.10035);
        near(trade.exit_price, exit);
        near(trade.size, 0.48);
        assert_eq!((trade.entry_fee, trade.exit_fee), (1.2, fee));
        near(trade.result, profit);
        near(result.final_balance, 10_000.0 - 1.2 + profit - fee);
    }
}

/// execution.md 9: the clock of a timeout starts with the signal in `v1_parity`, also for a pending order, whose trade
/// carries the time of its placement.
#[test]
fn a_timeout_counts_from_the_placement() {
    let mut bars = vec![RISING[0]; 3];
    bars.extend(vec![FALLING[3]; 6]);
    // Placed on bar 0, triggered on bar 3, 20 minutes: bar 4 from the placement, bar 7 from the trigger.
    let [v2, parity] = both(&bars, &[], &[limit(0, 1.09900, 1.09700)], &holding(20, &[]), None);
    for (result, entered, exit_bar) in [(&v2, 3, 7), (&parity, 0, 4)] {
        let trade = only(result);
        assert_eq!((trade.reason, trade.entry_bar, trade.exit_bar), (ExitReason::Timeout, 3, exit_bar));
        assert_eq!(trade.entry_time_ns, start_ns() + entered * 5 * MINUTE_NS);
        assert_eq!(trade.exit_time_ns, start_ns() + exit_bar as i64 * 5 * MINUTE_NS);
    }
}

/// execution.md 9: stops and targets of one bar close in the order in which the orders were given, timeouts in the order
/// in which the positions opened. `v2` closes by position in both cases.
#[test]
fn exits_of_one_bar_have_an_order() {
    // Order 1 at 1.09900 triggers on bar 3, order 2 at 1.09950 on bar 2: positions 2 and 1.
    let orders = [limit(0, 1.09900, 1.09700), limit(5, 1.09950, 1.09700)];
    let two = json!({"account": {"max_positions": 2}});
    let [v2, parity] = falling(&falling_on(), &orders, &two, None);
    assert_eq!((closed_orders(&v2), closed_orders(&parity)), (vec![2, 1], vec![1, 2]));
    assert!(parity.trades.iter().all(|trade| trade.reason == ExitReason::StopLoss && trade.exit_bar == 4));
    assert_eq!(parity.trades.iter().map(|trade| trade.position_id).collect::<Vec<_>>(), [2, 1]);
    // On the bar that opens at minute 60 both are older than half an hour.
    let mut managed = holding(30, &[]);
    merge(&mut managed, &two);
    let [v2, parity] = falling(&FALLING, &orders, &managed, None);
    assert_eq!((closed_orders(&v2), closed_orders(&parity)), (vec![2, 1], vec![2, 1]));
    assert!(parity.trades.iter().all(|trade| trade.reason == ExitReason::Timeout && trade.exit_bar == 4));
}

/// execution.md 9: in `v1_parity` an open position stops signals, but neither placed orders nor their triggers, whatever
/// `max_positions` says.
#[test]
fn triggers_are_not_limited_by_open_positions() {
    let orders = [limit(0, 1.09900, 1.09700), limit(5, 1.09950, 1.09700)];
    let [v2, parity] = falling(&FALLING, &orders, &json!({}), None);
    assert_eq!(refused(&v2), [(Some(1), 3, MaxPositionsReached)]);
    assert_eq!((v2.trades.len(), v2.open_positions.len()), (1, 0));
    assert!(refused(&parity).is_empty() && parity.trades.is_empty());
    assert_eq!(parity.open_positions.iter().map(|open| open.order_id).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(states(&parity), [("filled", 2)]);
}

/// execution.md 9: pending orders fill exactly at their price in `v1_parity`; exits slip in favour of the position.
#[test]
fn a_pending_fill_pays_no_slippage_and_an_exit_gains_it() {
    let slippage = json!({"slippage": {"model": "fixed", "fixed_pips": 0.5}});
    let [v2, parity] = falling(&falling_on(), &[limit(0, 1.09900, 1.09690)], &json!({}), Some(&slippage));
    // v2: 1.09905, 215 a lot at risk, 0.46 lots, out at 1.09690 - 0.00005: -0.0022 * 46 000. Parity: 1.09900, 210 a lot,
    // 0.47 lots, out at 1.09690 + 0.00005: R -0.00205 / 0.0021.
    for (result, entry, exit, lots, profit) in
        [(&v2, 1.09905, 1.09685, 0.46, -101.2), (&parity, 1.09900, 1.09695, 0.47, -100.0 * 0.00205 / 0.0021)]
    {
        let trade = only(result);
        assert_eq!((trade.reason, trade.entry_bar, trade.exit_bar), (ExitReason::StopLoss, 3, 4));
        near(trade.entry_price, entry);
        near(trade.exit_price, exit);
        near(trade.size, lots);
        near(trade.result, profit);
    }
    assert_eq!(only(&parity).entry_price, 1.09900, "not a bit more");
}

/// execution.md 9: `limit_gap_fill` is ignored. Example 5 (a) of execution.md 12: the ask opens at 1.09910.
#[test]
fn a_limit_order_is_not_improved_by_a_gap() {
    let bars = [(1.10100, 1.10150, 1.10050, 1.10100), (1.09900, 1.09960, 1.09850, 1.09940), FALLING[4], FALLING[4]];
    let better = json!({"execution": {"limit_gap_fill": "better"}});
    let [v2, parity] = both(&bars, &[], &[limit(0, 1.10000, 1.09700)], &better, None);
    assert_eq!((only(&v2).entry_price, only(&v2).gap_entry), (1.09910, true));
    assert_eq!(parity.open_positions[0].entry_price, 1.10000);
}

/// decisions.md 14, execution.md 9: any signal that is returned starts the cooldown of `v1_parity`, during which the
/// strategy is not asked; in `v2` only an accepted one does.
#[test]
fn a_refused_signal_starts_the_cooldown() {
    // The stop of the first order is half a tick away from its fill at 1.10030.
    let orders = [market(0, "long", 1.100295), market(5, "long", 1.09000), market(10, "long", 1.09000)];
    let cooling = json!({"execution": {"cooldown_minutes": 10}});
    let [v2, parity] = rising(&orders, &cooling, None);
    assert_eq!(refused(&v2)[0], (Some(1), 0, StopLossWrongSide));
    assert_eq!((only(&v2).order_id, only(&v2).entry_bar, v2.orders), (2, 1, 3));
    assert_eq!(refused(&parity), [(Some(1), 0, StopDistanceBelowMinimum)]);
    let open = &parity.open_positions[0];
    assert_eq!((open.order_id, open.entry_bar, parity.orders), (2, 2, 2));
}

/// execution.md 9: the strategy decides before the exits of the bar, so a slot that a stop frees in bar 1 is usable in bar 1
/// by `v2` and in bar 2 by `v1_parity`.
#[test]
fn a_slot_is_free_one_bar_later() {
    let bars = [RISING[0], (1.10020, 1.10030, 1.09800, 1.09900), FALLING[4], FALLING[4]];
    let orders = [market(0, "long", 1.09830), market(5, "long", 1.09000), market(10, "long", 1.09000)];
    let [v2, parity] = both(&bars, &[], &orders, &json!({}), None);
    assert_eq!((v2.trades[0].exit_bar, v2.trades[1].entry_bar), (1, 1));
    assert_eq!(refused(&v2), [(Some(3), 2, MaxPositionsReached)]);
    assert_eq!((only(&parity).exit_bar, parity.open_positions[0].entry_bar), (1, 2));
    assert!(refused(&parity).is_empty());
}

/// execution.md 9: Omega V1 trades on with a negative balance.
#[test]
fn an_empty_account_goes_on() {
    // Risks twice what there is: 10 lots lose 0.0020 each; parity books R -1 of 2 000.
    let bars = [RISING[0], (1.10020, 1.10030, 1.09800, 1.09900), FALLING[4], FALLING[4]];
    let ruin = json!({"account": {"initial_balance": 1_000, "risk_per_trade": 2_000}});
    let [v2, parity] = both(&bars, &[], &[market(0, "long", 1.09830), market(10, "long", 1.09000)], &ruin, None);
    for result in [&v2, &parity] {
        near(only(result).result, -2_000.0);
        near(result.final_balance, -1_000.0);
        assert_eq!(result.bars_processed, 4);
    }
    assert_eq!(refused(&v2), [(Some(2), 2, AccountDepleted)]);
    assert_eq!((parity.open_positions.len(), refused(&parity).len()), (1, 0));
}

/// execution.md 9: signals on the last bar are accepted; what is open or pending at the end stays so and is no trade.
#[test]
fn the_end_of_the_data_closes_nothing() {
    let orders = [limit(0, 1.09000, 1.08000), market(15, "long", 1.09000)];
    let [v2, parity] = rising(&orders, &json!({}), Some(&costs()));
    assert_eq!((refused(&v2), states(&v2)), (vec![(Some(2), 3, EndOfData)], vec![("cancelled:end_of_data", 1)]));
    assert_eq!((states(&parity), parity.trades.len(), parity.open_positions.len()), (vec![("pending", 1)], 0, 1));
    // 1.10115 - 1.09000 = 0.01115: 1 115 a lot, 0.08 lots, 0.20 of fees. Equity is what is realised.
    near(parity.final_balance, 9_999.8);
    assert_eq!(parity.curve().equity.last(), Some(&parity.final_balance));
    let [v2, _] = rising(&[market(10, "long", 1.09000)], &json!({}), None);
    assert_eq!(only(&v2).reason, ExitReason::EndOfData);
}

/// execution.md 9: no level is checked. A target below the entry of a long is a target, and a loss.
#[test]
fn levels_are_not_checked() {
    let order = order(0, "long market", &json!({"stop_loss": 1.09830, "take_profit": 1.10000}));
    let [v2, parity] = rising(&[order], &json!({}), None);
    assert_eq!(refused(&v2), [(Some(1), 0, TakeProfitWrongSide)]);
    let trade = only(&parity);
    // Bought at 1.10030, 20 pips at risk, out at 1.10000: R -0.15.
    assert_eq!((trade.reason, trade.exit_bar, trade.exit_price), (ExitReason::TakeProfit, 1, 1.10000));
    near(trade.result, -15.0);
}

/// execution.md 9: the smallest stop distance concerns market orders only, and a risk of nothing gives a result of 0.
#[test]
fn a_pending_order_may_have_its_stop_anywhere() {
    let placed = |stop: f64| falling(&FALLING, &[limit(0, 1.09900, stop)], &json!({}), None);
    let [v2, parity] = placed(1.098995);
    assert_eq!(refused(&v2), [(Some(1), 0, RejectionCode::StopDistanceBelowMinimum)]);
    // Stopped in the bar that triggers it, R -1.
    assert_eq!((only(&parity).reason, only(&parity).exit_bar), (ExitReason::StopLoss, 3));
    near(only(&parity).result, -100.0);
    let [v2, parity] = placed(1.09900);
    assert_eq!(refused(&v2), [(Some(1), 0, StopLossWrongSide)]);
    assert_eq!((only(&parity).result, only(&parity).r_multiple), (0.0, Some(0.0)));
}

/// execution.md 9: a volume below the minimum is raised to it. 1 of risk over 20 pips are 0.005 lots.
#[test]
fn a_small_volume_is_raised() {
    let small = json!({"account": {"risk_per_trade": 1}});
    let [v2, parity] = rising(&[market(0, "long", 1.09830)], &small, None);
    assert_eq!(refused(&v2), [(Some(1), 0, VolumeBelowMinimum)]);
    assert_eq!(parity.open_positions[0].size, 0.01);
}
