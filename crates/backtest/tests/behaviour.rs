//! What the loop does with exits, sessions, cooldowns, several positions and stated sizes: small examples by hand.

mod common;

use std::sync::Arc;

use common::{Ohlc, all_near, job, m5, near, run};
use omega_backtest::{BacktestResult, Job};
use omega_strategy::{SignalColumns, Signals};
use omega_types::{Direction, ExitReason, Failure, Json, trade::RejectionCode};
use serde_json::json;

/// Six bars that close at 1.1002, 1.1006, 1.1010, 1.1004, 1.1000, 1.1002; each opens where the one before closed.
fn bars() -> Vec<Ohlc> {
    let closes = [1.1002, 1.1006, 1.1010, 1.1004, 1.1000, 1.1002];
    let mut open: f64 = 1.1000;
    closes
        .into_iter()
        .map(|close| {
            let bar = (open, open.max(close) + 0.0001, open.min(close) - 0.0001, close);
            open = close;
            bar
        })
        .map(|(o, h, l, c)| (grid(o), grid(h), grid(l), grid(c)))
        .collect()
}

fn grid(price: f64) -> f64 {
    (price * 1e5).round() / 1e5
}

/// Signals with stops 50 pips away and no targets.
fn columns(direction: [i8; 6], exit: [u8; 6]) -> SignalColumns {
    let stop = direction.map(|d| if d > 0 { 1.0950 } else { 1.1050 });
    SignalColumns {
        direction: direction.to_vec(),
        stop_loss: Some(stop.to_vec()),
        exit: Some(exit.to_vec()),
        ..SignalColumns::default()
    }
}

fn run_with(columns: SignalColumns, patch: &Json) -> BacktestResult {
    let signals = Arc::new(Signals::new(columns).expect("signals are valid"));
    run(&Job { signals: Some(signals), ..job(m5(&bars(), 0.0001), patch) })
}

fn refused(result: &BacktestResult) -> Vec<(Option<u32>, usize, RejectionCode)> {
    result.journal.rejections().iter().map(|r| (r.order_id, r.bar, r.reason)).collect()
}

#[test]
fn an_exit_signal_closes_at_the_closing_side_and_a_reversal_fits_in_one_bar() {
    let result = run_with(columns([1, 0, -1, 0, 0, 0], [0, 0, 1, 2, 2, 1]), &json!({}));
    let [long, short] = result.trades[..] else { panic!("two trades, not {:?}", result.trades) };
    // Long: ask 1.1003 to bid 1.1010, and short at the same close from bid 1.1010 to ask 1.1005.
    assert_eq!((long.reason, long.exit_bar, long.exit_price), (ExitReason::Signal, 2, 1.1010));
    assert_eq!((short.entry_bar, short.exit_bar, short.exit_price), (2, 3, 1.1005));
    assert_eq!((short.direction, short.order_id), (Direction::Short, 2));
    // Risk 100 over 53 and 40 pips: 0.18 lots (0.188…) and 0.25 lots.
    all_near(&[long.size, short.size], &[0.18, 0.25]);
    all_near(&[long.result, short.result], &[12.6, 12.5]);
    let meta: Json = serde_json::from_str(&result.metas[0]).unwrap();
    assert_eq!(meta["labels"], json!(["signal"]));
    // Without a position the exits of bars 4 and 5 do nothing.
    assert!(refused(&result).is_empty());
}

#[test]
fn sessions_block_entries_and_not_exits() {
    // Bar 0 closes at 14:35, bar 1 at 14:40: the session holds bar 0 only.
    let session = json!({"sessions": [{"start": "14:35", "end": "14:40"}]});
    let result = run_with(columns([1, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0]), &session);
    assert_eq!(result.trades[0].exit_bar, 3);
    assert_eq!(refused(&result), [(Some(2), 2, RejectionCode::SessionClosed)]);
}

#[test]
fn cooldowns_after_entry_and_after_exit() {
    let two = json!({"account": {"max_positions": 5}, "execution": {"cooldown_bars": 2}});
    let result = run_with(columns([1, 1, 1, 0, 0, 0], [0; 6]), &two);
    assert_eq!(refused(&result), [(Some(2), 1, RejectionCode::Cooldown)]);
    assert_eq!(result.trades.len(), 2);
    // Exit at the close of bar 1; ten minutes later, at the close of bar 3, entries are free again.
    let after = json!({"execution": {"cooldown_minutes_after_exit": 10}});
    let result = run_with(columns([1, 1, 1, 1, 0, 0], [0, 1, 0, 0, 0, 0]), &after);
    assert_eq!(refused(&result), [(Some(2), 1, RejectionCode::Cooldown), (Some(3), 2, RejectionCode::Cooldown)]);
    assert_eq!(result.trades[1].entry_bar, 3);
}

/// decisions.md 14: not asked while a position is open; a refused signal starts the cooldown.
#[test]
fn parity_asks_only_while_nothing_is_open_and_says_that_exits_are_deaf() {
    let parity = json!({"execution_variant": "v1_parity", "account": {"max_positions": 3}});
    let result = run_with(columns([1, 1, -1, 1, 0, 0], [0, 0, 1, 0, 0, 0]), &parity);
    assert!(result.trades.is_empty() && refused(&result).is_empty());
    assert_eq!((result.orders, result.open_positions.len()), (1, 1));
    assert_eq!(result.warnings.iter().filter(|w| w.code == "CFG_W_NO_EFFECT").count(), 1);
    // A refused signal starts the cooldown: the stop of bar 0 is less than 0.1 pip away, bar 1 is not asked.
    let mut near_stop = columns([1, 1, 1, 0, 0, 0], [0; 6]);
    near_stop.stop_loss = Some(vec![1.1003, 1.0950, 1.0950, 0.0, 0.0, 0.0]);
    let cooling = json!({"execution_variant": "v1_parity", "execution": {"cooldown_bars": 2}});
    let result = run_with(near_stop, &cooling);
    assert_eq!(refused(&result), [(Some(1), 0, RejectionCode::StopDistanceBelowMinimum)]);
    assert_eq!((result.orders, result.open_positions[0].order_id), (2, 2));
}

#[test]
fn several_positions_close_in_the_order_of_their_ids() {
    let three = json!({"account": {"max_positions": 2}});
    let result = run_with(columns([1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0]), &three);
    let ids: Vec<_> = result.trades.iter().map(|trade| (trade.position_id, trade.order_id, trade.exit_bar)).collect();
    assert_eq!(ids, [(1, 1, 3), (2, 2, 3)]);
    assert_eq!(refused(&result), [(Some(3), 2, RejectionCode::MaxPositionsReached)]);
    // Row 2: bid close 1.1010 against asks 1.1003 and 1.1007, lots 100 / 530 and 100 / 570 → 0.18 and 0.17.
    near(result.curve().equity[2], 10_000.0 + 0.0007 * 18_000.0 + 0.0003 * 17_000.0);
}

#[test]
fn a_stated_size_sets_the_risk_by_its_stop() {
    let mut stated = columns([1, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0]);
    stated.size = Some(vec![0.305, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let result = run_with(stated, &json!({}));
    let trade = result.trades[0];
    // 0.305 lots are floored to 0.30; |1.1003 − 1.0950| × 30 000 = 159 (decisions.md 28).
    assert_eq!(trade.size, 0.3);
    near(trade.risk.unwrap(), 159.0);
    let mut tiny = columns([1, 0, 0, 0, 0, 0], [0; 6]);
    tiny.size = Some(vec![0.0099, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(refused(&run_with(tiny, &json!({}))), [(Some(1), 0, RejectionCode::VolumeBelowMinimum)]);
}

#[test]
fn a_volume_above_the_maximum_is_capped_and_said() {
    let mut large = columns([1, 0, 0, 0, 0, 0], [0; 6]);
    large.size = Some(vec![250.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let result = run_with(large, &json!({}));
    assert_eq!((result.trades[0].size, result.trades[0].volume_capped), (200.0, true));
    assert_eq!(result.notes[0]["code"], "volume_capped");
}

#[test]
fn an_account_without_money_opens_nothing_more_in_v2() {
    // The second signal meets a negative balance.
    let mut ruin = columns([1, 0, 0, 0, 1, 0], [0, 0, 0, 1, 0, 0]);
    ruin.direction = vec![-1, 0, 0, 0, 1, 0];
    ruin.exit = Some(vec![0, 0, 0, 2, 0, 0]);
    ruin.stop_loss = Some(vec![1.1050, 0.0, 0.0, 0.0, 1.0950, 0.0]);
    ruin.size = Some(vec![200.0, 0.0, 0.0, 0.0, 0.1, 0.0]);
    let result = run_with(ruin, &json!({"account": {"initial_balance": 1000}}));
    // Exit at ask 1.1005 on bar 3: −0.0003 × 20 000 000 = −6 000.
    near(result.trades[0].result, -6_000.0);
    assert_eq!(refused(&result), [(Some(2), 4, RejectionCode::AccountDepleted)]);
    assert_eq!(result.curve().drawdown[3], 1.0);
}

/// decisions.md 47: one of the errors that a simulation may raise.
#[test]
fn figures_beyond_doubles_stop_the_run() {
    // 200 lots of 10³⁰⁸ on a balance of 1.79e308, 0.008e308 below the largest double: bar 1 marks +0.0003, that is
    // 0.06e308; bar 2 books +0.0007, that is 0.14e308.
    let stop_of = |exit: [u8; 6]| {
        let mut large = columns([1, 0, 0, 0, 0, 0], exit);
        large.size = Some(vec![200.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let mut specs = common::specs();
        specs["EURUSD"]["contract_size"] = json!(1e308);
        let job = Job {
            signals: Some(Arc::new(Signals::new(large).expect("signals are valid"))),
            symbol_specs: Some(common::file("specs.yaml", specs)),
            ..job(m5(&bars(), 0.0001), &json!({"account": {"initial_balance": 1.79e308}}))
        };
        Failure::of(&common::run_once(&job).unwrap_err())
    };
    for (exit, what, bar) in [([0, 0, 1, 0, 0, 0], "balance", 2), ([0; 6], "equity", 1)] {
        let failure = stop_of(exit);
        assert_eq!(failure.code, "non_finite_value");
        assert_eq!((&failure.details["what"], &failure.details["bar_index"]), (&json!(what), &json!(bar)));
    }
}

/// decisions.md 8: the run derives the ask from its own spread.
#[test]
fn one_side_with_a_stated_spread_trades_like_two() {
    let both = run_with(columns([1, 0, -1, 0, 0, 0], [0, 0, 1, 0, 0, 0]), &json!({}));
    let series = omega_data::MemorySeries {
        timeframe: omega_types::Timeframe::M5,
        time: (0..6).map(|bar| common::start_ns() + bar * 300_000_000_000).collect(),
        bid: common::side(&bars()),
        ask: None,
    };
    let dataset = Arc::new(omega_data::dataset_from_memory("EURUSD", vec![series]).expect("candles are valid"));
    let single = json!({"data": {"quotes": "single", "spread_pips": 1}});
    let signals = Arc::new(Signals::new(columns([1, 0, -1, 0, 0, 0], [0, 0, 1, 0, 0, 0])).expect("signals are valid"));
    let one = run(&Job { signals: Some(signals), ..job(dataset, &single) });
    assert_eq!(one.trades.len(), both.trades.len());
    for (one, both) in one.trades.iter().zip(&both.trades) {
        assert_eq!((one.entry_bar, one.exit_bar, one.size), (both.entry_bar, both.exit_bar, both.size));
        all_near(&[one.entry_price, one.exit_price, one.result], &[both.entry_price, both.exit_price, both.result]);
    }
}
