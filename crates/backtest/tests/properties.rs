//! Properties that hold for any market and any signals: the way through the bars does not matter, the future does not
//! matter, up and down are mirror images, and the books balance.

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use common::{Ohlc, assert_same, file, job, quotes, run_once};
use omega_backtest::{BacktestResult, Job, RunOptions};
use omega_strategy::{SignalColumns, Signals};
use omega_types::{
    Direction, ExitReason, Json, OrderType,
    equity::{EquityListener, EquityStretch},
};
use proptest::prelude::*;
use serde_json::json;

/// One bar of a random market, in ticks of 0.00001, and what is signalled at its close.
#[derive(Debug, Clone, Copy)]
struct Step {
    gap: i64,
    body: i64,
    up: i64,
    down: i64,
    spread: i64,
    direction: i8,
    stop: i64,
    target: i64,
    exit: u8,
    size: u8,
    /// 0 market, 1 limit, 2 stop; the price lies `away` ticks from the close.
    order_type: u8,
    away: i64,
    expiry: u32,
}

fn step() -> impl Strategy<Value = Step> {
    let quiet = prop_oneof![6 => Just(0_i64), 1 => -60_i64..60];
    let prices = (quiet, -40_i64..40, 0_i64..30, 0_i64..30, 0_i64..25);
    let direction = prop_oneof![3 => Just(0_i8), 1 => Just(1), 1 => Just(-1)];
    let wants = (direction, -10_i64..120, -10_i64..160, prop_oneof![8 => Just(0_u8), 1 => 1_u8..4], 0_u8..12);
    let order = (prop_oneof![2 => Just(0_u8), 1 => Just(1), 1 => Just(2)], -20_i64..60, 0_u32..6);
    (prices, wants, order).prop_map(
        |((gap, body, up, down, spread), (direction, stop, target, exit, size), (order_type, away, expiry))| Step {
            gap,
            body,
            up,
            down,
            spread,
            direction,
            stop,
            target,
            exit,
            size,
            order_type,
            away,
            expiry,
        },
    )
}

struct Scene {
    bid: Vec<Ohlc>,
    ask: Vec<Ohlc>,
    signals: SignalColumns,
}

const LEVEL: i64 = 110_000;

fn price(ticks: i64) -> f64 {
    ticks as f64 / 100_000.0
}

impl Scene {
    /// `sign` −1 reflects the market about its start and swaps bid with ask and long with short.
    fn new(steps: &[Step], sign: i64) -> Self {
        let mut scene = Self { bid: vec![], ask: vec![], signals: SignalColumns::default() };
        let (mut stops, mut targets, mut sizes, mut exits) = (vec![], vec![], vec![], vec![]);
        let (mut order_types, mut order_prices, mut expiries) = (vec![], vec![], vec![]);
        let mut close = 0;
        for step in steps {
            let open = close + step.gap;
            close = open + step.body;
            let (high, low) = (open.max(close) + step.up, open.min(close) - step.down);
            let (lower, upper) = (|x: i64| x, |x: i64| x + step.spread);
            let candle = |side: &dyn Fn(i64) -> i64| {
                let at = |x: i64| price(LEVEL + sign * side(x));
                let (high, low) = if sign > 0 { (high, low) } else { (low, high) };
                (at(open), at(high), at(low), at(close))
            };
            let (low_side, high_side) = (candle(&lower), candle(&upper));
            let (bid, ask) = if sign > 0 { (low_side, high_side) } else { (high_side, low_side) };
            scene.bid.push(bid);
            scene.ask.push(ask);
            let direction = i64::from(step.direction);
            let closing = if direction > 0 { close } else { close + step.spread };
            // A limit waits for a better price, a stop for a worse one; levels are counted from there.
            let away = match step.order_type {
                0 => 0,
                1 => -direction * step.away,
                _ => direction * step.away,
            };
            let reference = closing + away;
            stops.push(price(LEVEL + sign * (reference - direction * step.stop)));
            targets.push(price(LEVEL + sign * (reference + direction * step.target)));
            let is_pending = step.order_type > 0 && direction != 0;
            order_prices.push(if is_pending { price(LEVEL + sign * reference) } else { f64::NAN });
            order_types.push(if is_pending { step.order_type } else { 0 });
            expiries.push(step.expiry);
            sizes.push(if step.size == 1 { 0.37 } else { f64::NAN });
            exits.push(if sign > 0 { step.exit } else { (step.exit & 1) << 1 | step.exit >> 1 });
            scene.signals.direction.push(step.direction * sign as i8);
        }
        scene.signals.stop_loss = Some(stops);
        scene.signals.take_profit = Some(targets);
        scene.signals.size = Some(sizes);
        scene.signals.exit = Some(exits);
        scene.signals.order_type = Some(order_types);
        scene.signals.price = Some(order_prices);
        scene.signals.expire_after_bars = Some(expiries);
        scene
    }

    fn job(&self, patch: &Json) -> Job {
        let costs = json!({"defaults": {
            "slippage": {"model": "fixed_random", "fixed_pips": 0.2, "random_pips": 0.3},
            "schema": "per_lot", "per_lot": 2.5,
        }});
        let mut config = json!({"costs": {"enabled": true}});
        common::merge(&mut config, patch);
        Job {
            signals: Some(Arc::new(Signals::new(self.signals.clone()).expect("signals are valid"))),
            costs: Some(file("execution_costs.yaml", costs)),
            ..job(quotes(&self.bid, &self.ask), &config)
        }
    }
}

/// Rules of trade management that are on: one bit each.
fn rules(bits: u8, unit: &str) -> Json {
    let distance = |value: f64| json!({"mode": unit, "value": value, "atr_period": 5});
    let small = if unit == "pips" { 2.0 } else { 0.5 };
    let all = [
        ("max_holding_time", json!({"max_holding_minutes": 35})),
        ("break_even", json!({"trigger": distance(small), "buffer_pips": 0.5})),
        (
            "trailing_stop",
            json!({"distance": distance(2.0 * small), "activation": distance(small), "reference": "extreme",
            "step_pips": 0.2}),
        ),
        ("session_end", json!({"minutes_before": 5, "cancel_pending": true, "weekend_close_utc": null})),
        (
            "partial_close",
            json!({"levels": [{"trigger": distance(small), "fraction": 0.4},
            {"trigger": distance(2.0 * small), "fraction": 0.6}]}),
        ),
        (
            "kill_switch",
            json!({"max_drawdown_pct": 0.03, "max_daily_loss": null, "max_daily_loss_pct": null,
            "max_consecutive_losses": 4, "reset": "next_day"}),
        ),
    ];
    let on = all.into_iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
    let rule = |(_, (id, mut rule)): (usize, (&str, Json))| {
        common::merge(&mut rule, &json!({"enabled": true, "only_scenarios": []}));
        (id.to_owned(), rule)
    };
    Json::Object(on.map(rule).collect())
}

fn settings() -> impl Strategy<Value = Json> {
    let variant = prop_oneof![3 => Just("v2"), 1 => Just("v1_parity")];
    let currency = prop_oneof![Just("USD"), Just("EUR"), Just("CHF")];
    let account = (variant, currency, 1_u32..4, any::<bool>(), any::<bool>());
    let cooldowns = (0_u64..4, 0_u64..20, 0_u64..20);
    let gap = prop_oneof![Just("worse"), Just("better"), Just("plan_literal")];
    let pending = (gap, proptest::option::of(1_u32..8), proptest::option::of(1_u32..3));
    let unit = prop_oneof![Just("pips"), Just("r"), Just("atr")];
    let managed = (0_u8..64, unit, prop_oneof![3 => Just(1.0), 1 => Just(2.5)]);
    (account, cooldowns, pending, managed).prop_map(
        |(
            (variant, currency, positions, close_at_end, sessions),
            (bars, minutes, after_exit),
            (gap, expiry, limit),
            (bits, unit, spread),
        )| {
            let parity = variant == "v1_parity";
            let bits = if parity {
                bits & 1
            } else if sessions {
                bits
            } else {
                bits & !8
            };
            json!({
                "execution_variant": variant,
                "account": {"account_currency": currency, "max_positions": positions,
                    "fx": {"static_rates": {"USDCHF": 0.9, "EURUSD": 1.1}}},
                "costs": {"spread_multiplier": if parity { 1.0 } else { spread }},
                "execution": {"cooldown_bars": bars, "cooldown_minutes": minutes,
                    "cooldown_minutes_after_exit": after_exit, "close_open_at_end": close_at_end,
                    "limit_gap_fill": gap, "pending_expiry_bars": expiry, "max_pending_orders": limit},
                "sessions": if sessions { json!([{"start": "14:35", "end": "21:00"}]) } else { Json::Null },
                "trade_management": {"enabled": bits != 0, "rules": rules(bits, unit), "tp_update_policy": "forbid"},
            })
        },
    )
}

fn check_books(result: &BacktestResult) {
    let results: f64 = result.trades.iter().map(|trade| trade.result).sum();
    let fees: f64 = result.trades.iter().map(|trade| trade.entry_fee + trade.exit_fee).sum();
    let open_fees: f64 = result.open_positions.iter().map(|position| position.entry_fee).sum();
    let balance = result.provenance.initial_balance + results - fees - open_fees;
    assert!((result.final_balance - balance).abs() < 1e-6);
    assert!((result.fees_total - fees - open_fees).abs() < 1e-6);
    // Invariant 12: a fill for every entry and every record, and for nothing else.
    let closed: BTreeSet<u32> = result.trades.iter().map(|trade| trade.position_id).collect();
    let open: BTreeSet<u32> = result.open_positions.iter().map(|position| position.position_id).collect();
    assert_eq!(result.fills as usize, closed.union(&open).count() + result.trades.len());
    for pair in result.trades.windows(2) {
        assert!(pair[0].exit_time_ns <= pair[1].exit_time_ns);
    }
    for trade in &result.trades {
        // Invariant 1 of execution.md 14.
        let same_bar = trade.order_type != OrderType::Market || trade.reason == ExitReason::EndOfData;
        assert!(trade.exit_bar > trade.entry_bar || same_bar);
        assert!(trade.mae <= 0.0 && trade.mfe >= 0.0);
        assert!((trade.size * 100.0 - (trade.size * 100.0).round()).abs() < 1e-6);
        if trade.reason == ExitReason::StopLoss && trade.exit_fee > 0.0 {
            let stop = trade.stop_loss.unwrap();
            let sign = trade.direction.sign();
            // Invariants 4 and 7: the fill is not better than the stop, but for the favourable slippage of v1_parity, and
            // the stop never moves against the position.
            assert!((trade.exit_price - stop) * sign <= 0.000051, "{trade:?}");
            assert!((stop - trade.initial_stop_loss.unwrap()) * sign >= 0.0, "{trade:?}");
        }
    }
}

/// Invariant 6 of execution.md 14: at no close more than `max_positions` are open. Triggers of `v1_parity` are not limited.
fn check_slots(result: &BacktestResult, settings: &Json) {
    if settings["execution_variant"] == "v1_parity" {
        return;
    }
    let mut held: BTreeMap<u32, (usize, usize)> =
        result.open_positions.iter().map(|open| (open.position_id, (open.entry_bar, usize::MAX))).collect();
    for trade in &result.trades {
        let (_, last) = held.entry(trade.position_id).or_insert((trade.entry_bar, 0));
        *last = (*last).max(trade.exit_bar);
    }
    let limit = settings["account"]["max_positions"].as_u64().unwrap() as usize;
    for bar in 0..result.bars_processed as usize {
        let open = held.values().filter(|(entry, exit)| (*entry..*exit).contains(&bar)).count();
        assert!(open <= limit, "{open} positions at the close of bar {bar}");
    }
}

/// Compares every way of asking a stretch with the rows of the curve.
struct Alike<'a> {
    curve: &'a [f64],
    next: usize,
}

impl EquityListener for Alike<'_> {
    fn stretch(&mut self, stretch: &dyn EquityStretch) {
        let bars = stretch.bars();
        assert_eq!(bars.start, self.next, "stretches follow one another");
        self.next = bars.end;
        for start in bars.clone().step_by(3) {
            let part = start..bars.end.min(start + 5);
            let mut written = vec![0.0; part.len()];
            stretch.write(part.clone(), &mut written);
            let single: Vec<f64> = part.clone().map(|bar| stretch.at(bar)).collect();
            assert_eq!((&written[..], &single[..]), (&self.curve[part.clone()], &self.curve[part.clone()]));
            let (low, high) = stretch.extremes(part);
            assert_eq!(low, single.iter().copied().fold(f64::INFINITY, f64::min));
            assert_eq!(high, single.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Invariant 9 of execution.md 14: the same input gives the same trades and rows, whichever way the loop goes.
    #[test]
    fn event_by_event_and_bar_by_bar_give_the_same_bits(
        steps in prop::collection::vec(step(), 1..160),
        settings in settings(),
    ) {
        let job = Scene::new(&steps, 1).job(&settings);
        let every = Job { options: RunOptions { visit_every_bar: true, ..RunOptions::default() }, ..job.clone() };
        let (events, bars) = (run_once(&job).unwrap(), run_once(&every).unwrap());
        assert_same(&events, &bars);
        prop_assert!(events.events_processed <= bars.events_processed);
        prop_assert_eq!(bars.events_processed, steps.len() as u64);
        check_books(&events);
        check_slots(&events, &settings);
        // The same job again gives the same bits.
        assert_same(&events, &run_once(&job).unwrap());
    }

    #[test]
    fn what_comes_later_changes_nothing_before(
        steps in prop::collection::vec(step(), 2..160),
        settings in settings(),
        cut in 0.0..1.0_f64,
    ) {
        let mut settings = settings;
        common::merge(&mut settings, &json!({"execution": {"close_open_at_end": false}}));
        let bars = 1 + ((steps.len() - 1) as f64 * cut) as usize;
        let whole = run_once(&Scene::new(&steps, 1).job(&settings)).unwrap();
        let part = run_once(&Scene::new(&steps[..bars], 1).job(&settings)).unwrap();
        let trades: Vec<_> = whole.trades.iter().filter(|trade| trade.exit_bar < bars).collect();
        prop_assert_eq!(format!("{:?}", part.trades.iter().collect::<Vec<_>>()), format!("{trades:?}"));
        let refused: Vec<_> = whole.journal.rejections().iter().filter(|refused| refused.bar < bars).collect();
        let refused_part: Vec<_> = part.journal.rejections().iter().collect();
        prop_assert_eq!(format!("{refused_part:?}"), format!("{refused:?}"));
        let (whole, part) = (whole.curve(), part.curve());
        prop_assert_eq!(&part.equity[..], &whole.equity[..bars]);
        prop_assert_eq!(&part.drawdown[..], &whole.drawdown[..bars]);
    }

    /// Invariant 11 of execution.md 14: the balance identity holds after every bar.
    #[test]
    fn equity_can_be_computed_again_from_trades_and_candles(
        steps in prop::collection::vec(step(), 1..120),
        settings in settings(),
    ) {
        let (mut scene, mut settings) = (Scene::new(&steps, 1), settings);
        let parity = settings["execution_variant"] == "v1_parity";
        if parity {
            // Its pending orders carry the time of their placement, from which the bar of the fill cannot be told.
            (scene.signals.order_type, scene.signals.price) = (None, None);
        }
        common::merge(&mut settings, &json!({"costs": {"spread_multiplier": 1}}));
        let result = run_once(&scene.job(&settings)).unwrap();
        let closing = |direction, bar: usize| match direction {
            Direction::Long => scene.bid[bar].3,
            Direction::Short => scene.ask[bar].3,
        };
        // v1_parity converts by the bar's mid close, but marks nothing; CHF and USD are constant, EUR divides by the mark.
        let convert = |amount: f64, mark: f64| match result.provenance.account_currency.as_str() {
            "EUR" => amount / mark,
            "CHF" => amount * 0.9,
            _ => amount,
        };
        let held = result.trades.iter().map(|t| (t.direction, t.entry_bar, Some(t), t.entry_price, t.size, t.entry_fee));
        let open = result.open_positions.iter().map(|p| {
            let bar = (p.entry_time_ns - common::start_ns()) / 300_000_000_000;
            (p.direction, bar as usize, None, p.entry_price, p.size, p.entry_fee)
        });
        let positions: Vec<_> = held.chain(open).collect();
        let curve = result.curve();
        for (bar, (&equity, &balance)) in curve.equity.iter().zip(&curve.balance).enumerate() {
            let (mut cash, mut marked) = (result.provenance.initial_balance, 0.0);
            for &(direction, entry_bar, trade, entry_price, size, fee) in &positions {
                if entry_bar > bar {
                    continue;
                }
                cash -= fee;
                match trade {
                    Some(trade) if trade.exit_bar <= bar => cash += trade.result - trade.exit_fee,
                    _ => {
                        let mark = closing(direction, bar);
                        marked += convert((mark - entry_price) * direction.sign() * 100_000.0 * size, mark);
                    }
                }
            }
            let expected = if parity { cash } else { cash + marked };
            prop_assert!((balance - cash).abs() < 1e-6, "bar {bar}: balance {balance}, {cash}");
            prop_assert!((equity - expected).abs() < 1e-6, "bar {bar}: equity {equity}, {expected}");
        }
        // However a stretch is asked, it gives the same bits.
        let mut listener = Alike { curve: &curve.equity, next: 0 };
        result.tape.replay(&mut [&mut listener]);
        prop_assert_eq!(listener.next, curve.equity.len());
    }

    /// Invariant 10 of execution.md 14.
    #[test]
    fn a_mirrored_market_gives_mirrored_trades(steps in prop::collection::vec(step(), 1..120)) {
        let (up, down) = (Scene::new(&steps, 1), Scene::new(&steps, -1));
        let (up, down) = (run_once(&up.job(&json!({}))).unwrap(), run_once(&down.job(&json!({}))).unwrap());
        prop_assert_eq!(up.trades.len(), down.trades.len());
        for (a, b) in up.trades.iter().zip(&down.trades) {
            prop_assert_eq!((a.entry_bar, a.exit_bar, a.reason), (b.entry_bar, b.exit_bar, b.reason));
            prop_assert_ne!(a.direction, b.direction);
            prop_assert_eq!(a.size, b.size);
            prop_assert!((a.result - b.result).abs() < 1e-6, "{} {}", a.result, b.result);
            prop_assert!((a.mae - b.mae).abs() < 1e-6 && (a.mfe - b.mfe).abs() < 1e-6);
            let (rise, fall) = (a.exit_price - a.entry_price, b.exit_price - b.entry_price);
            prop_assert!((rise + fall).abs() < 1e-12);
        }
        prop_assert_eq!(up.journal.counts(), down.journal.counts());
    }
}
