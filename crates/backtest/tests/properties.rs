//! Properties that hold for any market and any signals: the way through the bars does not matter, the future does not
//! matter, up and down are mirror images, and the books balance.

mod common;

use std::sync::Arc;

use common::{Ohlc, assert_same, file, job, quotes, run_once};
use omega_backtest::{BacktestResult, Job, RunOptions};
use omega_strategy::{SignalColumns, Signals};
use omega_types::{
    Direction, ExitReason, Json,
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
}

fn step() -> impl Strategy<Value = Step> {
    let quiet = prop_oneof![6 => Just(0_i64), 1 => -60_i64..60];
    let prices = (quiet, -40_i64..40, 0_i64..30, 0_i64..30, 0_i64..25);
    let direction = prop_oneof![3 => Just(0_i8), 1 => Just(1), 1 => Just(-1)];
    let wants = (direction, -10_i64..120, -10_i64..160, prop_oneof![8 => Just(0_u8), 1 => 1_u8..4], 0_u8..12);
    (prices, wants).prop_map(|((gap, body, up, down, spread), (direction, stop, target, exit, size))| Step {
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
    })
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
            stops.push(price(LEVEL + sign * (closing - direction * step.stop)));
            targets.push(price(LEVEL + sign * (closing + direction * step.target)));
            sizes.push(if step.size == 1 { 0.37 } else { f64::NAN });
            exits.push(if sign > 0 { step.exit } else { (step.exit & 1) << 1 | step.exit >> 1 });
            scene.signals.direction.push(step.direction * sign as i8);
        }
        scene.signals.stop_loss = Some(stops);
        scene.signals.take_profit = Some(targets);
        scene.signals.size = Some(sizes);
        scene.signals.exit = Some(exits);
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

fn settings() -> impl Strategy<Value = Json> {
    let variant = prop_oneof![3 => Just("v2"), 1 => Just("v1_parity")];
    let currency = prop_oneof![Just("USD"), Just("EUR"), Just("CHF")];
    (variant, currency, 1_u32..4, 0_u64..4, 0_u64..20, 0_u64..20, any::<bool>(), any::<bool>()).prop_map(
        |(variant, currency, positions, bars, minutes, after_exit, close_at_end, sessions)| {
            json!({
                "execution_variant": variant,
                "account": {"account_currency": currency, "max_positions": positions,
                    "fx": {"static_rates": {"USDCHF": 0.9, "EURUSD": 1.1}}},
                "execution": {"cooldown_bars": bars, "cooldown_minutes": minutes,
                    "cooldown_minutes_after_exit": after_exit, "close_open_at_end": close_at_end},
                "sessions": if sessions { json!([{"start": "14:35", "end": "21:00"}]) } else { Json::Null },
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
    for pair in result.trades.windows(2) {
        assert!(pair[0].exit_time_ns <= pair[1].exit_time_ns);
    }
    for trade in &result.trades {
        assert!(trade.exit_bar > trade.entry_bar || trade.reason == ExitReason::EndOfData);
        assert!(trade.mae <= 0.0 && trade.mfe >= 0.0);
        assert!((trade.size * 100.0 - (trade.size * 100.0).round()).abs() < 1e-6);
        if trade.reason == ExitReason::StopLoss && trade.exit_fee > 0.0 && trade.risk == Some(100.0) {
            let stop = trade.stop_loss.unwrap();
            let sign = trade.direction.sign();
            // The stop never moves and the fill is not better than it, but for the favourable slippage of v1_parity.
            assert!((trade.exit_price - stop) * sign <= 0.000051, "{trade:?}");
        }
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

    #[test]
    fn equity_can_be_computed_again_from_trades_and_candles(
        steps in prop::collection::vec(step(), 1..120),
        settings in settings(),
    ) {
        let scene = Scene::new(&steps, 1);
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
        let parity = settings["execution_variant"] == "v1_parity";
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
