//! Visiting only the bars that the manager asks for gives what visiting every bar gives.
//!
//! Property: a small desk of its own (execution.md 7.1, without fees per lot and slippage) trades random columns under
//! random rules twice. Everything that happens is written down, bar by bar, and compared.

mod common;

use std::collections::BTreeSet;

use common::{FACTS, TOLERANCE, config, distance};
use omega_trade_mgmt::{Decisions, Inputs, Management, Manager, Protection, RuleSet};
use omega_types::{
    Bar, BarSet, Clock, Column, Direction, ExitReason, OrderType, Quotes, SideColumns, Trade,
    order::{CancelCause, PositionView},
    time::MINUTE_NS,
    trade::StopKind,
};
use proptest::prelude::*;

/// What happened. Money as bits, so that nothing is compared approximately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Opened { id: u32 },
    Halted,
    Closed { id: u32, reason: &'static str, balance: u64 },
    ScaledOut { id: u32, lots: u64, balance: u64 },
    Moved { id: u32, stop: u64, kind: &'static str },
    Cancelled { cause: CancelCause },
}

type Log = Vec<(Bar, Event)>;

/// SplitMix64 (S. Steele, D. Lea, C. Flood, OOPSLA 2014): the whole scenario comes from one number.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn is(&mut self, one_in: u64) -> bool {
        self.roll(one_in) == 0
    }

    fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.roll(values.len() as u64) as usize]
    }
}

/// What the strategy and the book do, whoever looks: decided before the run.
#[derive(Debug, Clone, Copy, Default)]
struct Plan {
    /// Opens at the close of the bar (step 4), if trading is not halted.
    market: Option<Entry>,
    /// Opens inside the bar (step 1), unless pending orders have been cancelled since it was placed.
    pending: Option<(Entry, Bar)>,
    /// A pending order of a later bar is placed at the close (step 4).
    places: bool,
    /// Closes the oldest position at the close (step 4).
    exits: bool,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    direction: Direction,
    /// In pips; `None` = no stop.
    stop: Option<f64>,
    target: f64,
    lots: f64,
    scenario_id: u8,
}

struct Scenario {
    inputs: Inputs,
    rules: String,
    plans: Vec<Plan>,
    max_positions: usize,
}

const BARS: usize = 700;

fn scenario(seed: u64) -> Scenario {
    let mut dice = Dice(seed);
    let inputs = market(&mut dice);
    let rules = rules(&mut dice);
    let busy = dice.pick(&[15, 40, 120]);
    let mut plans = vec![Plan::default(); BARS];
    for bar in 0..BARS {
        plans[bar].market = dice.is(busy).then(|| entry(&mut dice));
        plans[bar].exits = dice.is(busy * 2);
        if dice.is(busy * 2) {
            let placed = bar.saturating_sub(1 + dice.roll(40) as usize);
            plans[bar].pending = Some((entry(&mut dice), placed));
            plans[placed].places = true;
        }
    }
    Scenario { inputs, rules, plans, max_positions: dice.pick(&[1, 1, 3]) }
}

/// A random walk in ticks, with gaps in time, over some weeks.
fn market(dice: &mut Dice) -> Inputs {
    let (mut bid, mut ask) = ([const { Vec::new() }; 4], [const { Vec::new() }; 4]);
    let (mut time, mut now, mut tick) = (Vec::new(), dice.roll(10_000) as i64 * 5 * MINUTE_NS, 110_000_i64);
    let stride = dice.pick(&[5, 15, 60]);
    for _ in 0..BARS {
        time.push(now);
        now += stride * MINUTE_NS * if dice.is(40) { 1 + dice.roll(60) as i64 } else { 1 };
        let open = tick;
        tick += dice.roll(81) as i64 - 40;
        let (high, low) = (open.max(tick) + dice.roll(20) as i64, open.min(tick) - dice.roll(20) as i64);
        let spread = 1 + dice.roll(20) as i64;
        for (field, value) in [open, high, low, tick].into_iter().enumerate() {
            bid[field].push(value as f64 / 100_000.0);
            ask[field].push((value + spread) as f64 / 100_000.0);
        }
    }
    let atr: Vec<f64> =
        (0..BARS).map(|bar| if bar < 13 { f64::NAN } else { 0.0003 + dice.roll(50) as f64 / 100_000.0 }).collect();
    let side = |[open, high, low, close]: [Vec<f64>; 4]| {
        let close = Column::from(close);
        SideColumns { open: open.into(), high: high.into(), low: low.into(), volume: close.clone(), close }
    };
    let blocks = |dice: &mut Dice| {
        let (every, length) = (20 + dice.roll(200) as usize, 1 + dice.roll(10) as usize);
        BarSet::from_fn(BARS, |bar| bar % every < length)
    };
    Inputs {
        clock: Clock { time: time.into(), duration_ns: stride * MINUTE_NS },
        quotes: Quotes { bid: side(bid), ask: side(ask) },
        trading: 10..BARS - dice.roll(3) as usize,
        atr: vec![(14, atr.into())],
        outside_sessions: Some(blocks(dice)),
        news_blocked: Some(blocks(dice)),
    }
}

fn entry(dice: &mut Dice) -> Entry {
    Entry {
        direction: dice.pick(&[Direction::Long, Direction::Short]),
        stop: dice.pick(&[None, Some(20.0), Some(30.0), Some(30.0), Some(60.0), Some(200.0)]),
        target: dice.pick(&[20.0, 60.0, 300.0]),
        lots: dice.pick(&[0.01, 0.03, 0.5, 1.13]),
        scenario_id: dice.pick(&[0, 1, 2]),
    }
}

fn any_distance(dice: &mut Dice, smallest: f64) -> String {
    let mode = dice.pick(&["pips", "r", "atr"]);
    let value = match mode {
        "pips" => dice.pick(&[smallest, 5.0, 15.0, 40.0]),
        "r" => dice.pick(&[smallest, 0.3, 1.0, 2.0]),
        _ => dice.pick(&[smallest, 0.5, 2.0, 5.0]),
    };
    distance(mode, value)
}

fn rules(dice: &mut Dice) -> String {
    let mut rules = Vec::new();
    let scenarios = |dice: &mut Dice| dice.pick(&["[]", "[]", "[1]", "[0, 2]"]);
    if dice.is(2) {
        let minutes = dice.pick(&[1, 12, 60, 300, 2_000, 100_000]);
        rules.push(format!(
            r#""max_holding_time": {{"only_scenarios": {}, "max_holding_minutes": {minutes}}}"#,
            scenarios(dice)
        ));
    }
    if dice.is(2) {
        let (scope, trigger, buffer) = (scenarios(dice), any_distance(dice, 0.0), dice.pick(&[0.0, 1.0, 10.0]));
        rules.push(format!(
            r#""break_even": {{"only_scenarios": {scope}, "trigger": {trigger}, "buffer_pips": {buffer}}}"#
        ));
    }
    if dice.is(2) {
        let (scope, distance, activation) = (scenarios(dice), any_distance(dice, 0.1), any_distance(dice, 0.0));
        let (reference, step) = (dice.pick(&["close", "extreme"]), dice.pick(&[0.0, 0.0, 5.0]));
        rules.push(format!(
            r#""trailing_stop": {{"only_scenarios": {scope}, "distance": {distance}, "activation": {activation},
                "reference": "{reference}", "step_pips": {step}}}"#
        ));
    }
    if dice.is(3) {
        let (scope, cancels) = (scenarios(dice), dice.is(2));
        let weekend = dice.pick(&["null", "\"21:00\""]);
        rules.push(format!(
            r#""session_end": {{"only_scenarios": {scope}, "minutes_before": 0, "cancel_pending": {cancels},
                "weekend_close_utc": {weekend}}}"#
        ));
    }
    if dice.is(3) {
        let (scope, mode) = (scenarios(dice), dice.pick(&["close", "freeze_stops"]));
        rules.push(format!(r#""news_exit": {{"only_scenarios": {scope}, "mode": "{mode}"}}"#));
    }
    if dice.is(2) {
        let scope = scenarios(dice);
        let fractions = dice.pick(&[&[0.5][..], &[0.3, 0.3], &[0.7, 0.2, 0.1], &[0.01, 0.9]]);
        let level = |fraction: &f64| format!(r#"{{"trigger": {}, "fraction": {fraction}}}"#, any_distance(dice, 0.0));
        let levels: Vec<String> = fractions.iter().map(level).collect();
        rules.push(format!(r#""partial_close": {{"only_scenarios": {scope}, "levels": [{}]}}"#, levels.join(", ")));
    }
    if dice.is(2) || rules.is_empty() {
        let scope = scenarios(dice);
        let mut limits = vec![format!(r#""reset": "{}""#, dice.pick(&["never", "next_day", "next_day"]))];
        let mut limit = |dice: &mut Dice, name: &str, values: &[f64]| {
            if dice.is(2) {
                limits.push(format!(r#""{name}": {}"#, dice.pick(values)));
            }
        };
        limit(dice, "max_drawdown_pct", &[0.0, 0.01, 0.05]);
        limit(dice, "max_daily_loss", &[0.0, 50.0, 200.0]);
        limit(dice, "max_daily_loss_pct", &[0.0, 0.005, 0.03]);
        limits.push(format!(r#""max_consecutive_losses": {}"#, dice.pick(&[1, 2, 4, 1_000])));
        rules.push(format!(r#""kill_switch": {{"only_scenarios": {scope}, {}}}"#, limits.join(", ")));
    }
    rules.join(", ")
}

/// Account, positions and book of one run.
struct Desk<'a> {
    scenario: &'a Scenario,
    manager: Manager<'a>,
    decisions: Decisions,
    positions: Vec<PositionView>,
    /// What the decisions of the last visited bar moved, effective on the bar after it.
    scheduled: Vec<(u32, f64, StopKind)>,
    balance: f64,
    last_id: u32,
    /// The bar on which pending orders were cancelled last.
    cancelled: Option<Bar>,
    log: Log,
    visited: usize,
}

/// Money that an entry and an exit cost each.
const FEE: f64 = 1.25;

impl<'a> Desk<'a> {
    fn open(scenario: &'a Scenario, management: &'a Management) -> Self {
        Self {
            scenario,
            manager: management.manager(),
            decisions: Decisions::default(),
            positions: Vec::new(),
            scheduled: Vec::new(),
            balance: FACTS.initial_balance,
            last_id: 0,
            cancelled: None,
            log: Log::new(),
            visited: 0,
        }
    }

    fn run(mut self, every_bar: bool) -> (Log, usize) {
        let trading = self.scenario.inputs.trading.clone();
        let mut bar = trading.start;
        while bar < trading.end {
            if !every_bar {
                bar = self.next_event(bar, trading.end);
                if bar == trading.end {
                    break;
                }
            }
            self.visit(bar);
            bar += 1;
        }
        (self.log, self.visited)
    }

    /// The first bar on which the manager, the strategy, the book, a scheduled stop or a touched level wants a visit.
    fn next_event(&mut self, from: Bar, end: Bar) -> Bar {
        let due = self.manager.next_due(from, &self.positions, self.has_orders(from, from)).unwrap_or(end);
        assert!(due >= from);
        if !self.scheduled.is_empty() {
            return from;
        }
        (from..due.min(end)).find(|&bar| self.is_busy(bar)).unwrap_or(due.min(end))
    }

    fn is_busy(&self, bar: Bar) -> bool {
        let plan = &self.scenario.plans[bar];
        let touched = self.positions.iter().any(|view| self.touched(view, bar).is_some());
        plan.market.is_some() || plan.pending.is_some() || plan.places || plan.exits || touched
    }

    /// Is an order working that was placed before the one bar and triggers at the other or later?
    fn has_orders(&self, triggers_from: Bar, placed_before: Bar) -> bool {
        let rest = &self.scenario.plans[triggers_from..];
        rest.iter().filter_map(|plan| plan.pending).any(|(_, placed)| placed < placed_before && self.is_working(placed))
    }

    /// An order is placed in step 4 of its bar, after the cancellations of step 3.
    fn is_working(&self, placed: Bar) -> bool {
        self.cancelled.is_none_or(|at| at <= placed)
    }

    fn visit(&mut self, bar: Bar) {
        self.visited += 1;
        let plan = self.scenario.plans[bar];
        self.move_stops();
        if let Some((entry, placed)) = plan.pending
            && placed < bar
            && self.is_working(placed)
        {
            self.enter(entry, bar, OrderType::Stop);
        }
        self.close_touched(bar);
        self.manage(bar);
        if plan.exits && !self.positions.is_empty() {
            let price = self.close_price(&self.positions[0], bar);
            self.leave(0, bar, self.positions[0].lots, price, ExitReason::Signal);
        }
        if let Some(entry) = plan.market {
            if self.manager.is_halted(bar) {
                self.log.push((bar, Event::Halted));
            } else {
                self.enter(entry, bar, OrderType::Market);
            }
        }
        if self.manager.needs_equity() {
            self.manager.row(bar, self.equity(bar));
        }
    }

    fn move_stops(&mut self) {
        for (id, stop, _) in std::mem::take(&mut self.scheduled) {
            if let Some(view) = self.positions.iter_mut().find(|view| view.position_id == id) {
                assert!(Protection::still_tightens(view.direction, stop, view.stop_loss), "a stop was widened");
                view.stop_loss = Some(stop);
            }
        }
    }

    fn manage(&mut self, bar: Bar) {
        let equity = if self.manager.needs_equity() { self.equity(bar) } else { f64::NAN };
        let mut decisions = std::mem::take(&mut self.decisions);
        self.manager.decide(bar, equity, &self.positions, &mut decisions);
        if let Some(cause) = decisions.cancel_pending {
            if self.has_orders(bar + 1, bar) || cause == CancelCause::KillSwitch {
                self.log.push((bar, Event::Cancelled { cause }));
            }
            self.cancelled = Some(bar);
        }
        for decision in &decisions.positions {
            let index = self.positions.iter().position(|view| view.position_id == decision.position_id).unwrap();
            let view = self.positions[index];
            let price = self.close_price(&view, bar);
            if let Some(reason) = decision.close {
                self.leave(index, bar, view.lots, price, reason);
            } else if let Some(lots) = decision.scale_out {
                self.leave(index, bar, lots, price, ExitReason::ScaleOut);
            }
            if let Some((stop, kind)) = decision.levels.stop {
                let (id, sign) = (view.position_id, view.direction.sign());
                assert!((price - stop) * sign > TOLERANCE, "a stop beyond the close");
                self.log.push((bar, Event::Moved { id, stop: stop.to_bits(), kind: kind.as_str() }));
                self.scheduled.push((id, stop, kind));
            }
        }
        self.decisions = decisions;
    }

    fn enter(&mut self, entry: Entry, bar: Bar, order_type: OrderType) {
        if self.positions.len() >= self.scenario.max_positions {
            return;
        }
        let quotes = self.scenario.inputs.quotes.side(entry.direction.opening_side());
        let price = if order_type == OrderType::Market { quotes.close[bar] } else { quotes.open[bar] };
        let sign = entry.direction.sign();
        let stop = entry.stop.map(|pips| price - sign * pips * 0.0001);
        self.last_id += 1;
        self.balance -= FEE;
        self.positions.push(PositionView {
            position_id: self.last_id,
            direction: entry.direction,
            order_type,
            entry_bar: bar,
            entry_time_ns: self.scenario.inputs.clock.open_ns(bar),
            entry_price: price,
            lots: entry.lots,
            initial_lots: entry.lots,
            initial_stop_loss: stop,
            stop_loss: stop,
            take_profit: Some(price + sign * entry.target * 0.0001),
            scenario_id: entry.scenario_id,
        });
        self.log.push((bar, Event::Opened { id: self.last_id }));
    }

    fn close_touched(&mut self, bar: Bar) {
        let mut index = 0;
        while let Some(view) = self.positions.get(index) {
            match self.touched(view, bar) {
                Some((price, reason)) => self.leave(index, bar, view.lots, price, reason),
                None => index += 1,
            }
        }
    }

    fn touched(&self, view: &PositionView, bar: Bar) -> Option<(f64, ExitReason)> {
        if view.entry_bar == bar && view.order_type == OrderType::Market {
            return None;
        }
        let candle = self.scenario.inputs.quotes.side(view.direction.closing_side()).candle(bar);
        let (worst, best) = match view.direction {
            Direction::Long => (candle.low, candle.high),
            Direction::Short => (candle.high, candle.low),
        };
        let sign = view.direction.sign();
        let stopped = view.stop_loss.filter(|stop| (worst - stop) * sign <= 0.0);
        let reached = view.take_profit.filter(|target| (best - target) * sign >= 0.0);
        stopped
            .map(|price| (price, ExitReason::StopLoss))
            .or_else(|| reached.map(|price| (price, ExitReason::TakeProfit)))
    }

    fn leave(&mut self, index: usize, bar: Bar, lots: f64, price: f64, reason: ExitReason) {
        let view = self.positions[index];
        let result = (price - view.entry_price) * view.direction.sign() * 100_000.0 * lots;
        self.balance += result;
        self.balance -= FEE;
        let (id, balance) = (view.position_id, self.balance.to_bits());
        let rest = ((view.lots - lots) * 100.0).round() / 100.0;
        assert!(lots > 0.0 && rest >= 0.0 && (rest == 0.0 || rest >= 0.01));
        if reason == ExitReason::ScaleOut {
            self.log.push((bar, Event::ScaledOut { id, lots: lots.to_bits(), balance }));
        } else {
            self.log.push((bar, Event::Closed { id, reason: reason.as_str(), balance }));
        }
        if rest == 0.0 {
            self.positions.remove(index);
        } else {
            self.positions[index].lots = rest;
        }
        let partial = rest > 0.0 || reason == ExitReason::ScaleOut;
        let exit_time_ns = self.scenario.inputs.clock.open_ns(bar);
        self.manager.closed(&trade(&view, bar, exit_time_ns, price, lots, result, reason, partial));
    }

    fn close_price(&self, view: &PositionView, bar: Bar) -> f64 {
        self.scenario.inputs.quotes.side(view.direction.closing_side()).close[bar]
    }

    fn equity(&self, bar: Bar) -> f64 {
        self.positions.iter().fold(self.balance, |sum, view| {
            let price = self.close_price(view, bar);
            sum + (price - view.entry_price) * view.direction.sign() * 100_000.0 * view.lots
        })
    }
}

#[expect(clippy::too_many_arguments, reason = "a record of the desk above, made in one place")]
fn trade(
    view: &PositionView,
    bar: Bar,
    exit_time_ns: i64,
    price: f64,
    lots: f64,
    result: f64,
    reason: ExitReason,
    partial: bool,
) -> Trade {
    Trade {
        position_id: view.position_id,
        order_id: view.position_id,
        order_type: view.order_type,
        direction: view.direction,
        entry_bar: view.entry_bar,
        exit_bar: bar,
        signal_bar: view.entry_bar,
        entry_time_ns: view.entry_time_ns,
        exit_time_ns,
        entry_price: view.entry_price,
        exit_price: price,
        initial_stop_loss: view.initial_stop_loss,
        stop_loss: view.stop_loss,
        take_profit: view.take_profit,
        size: lots,
        result,
        risk: None,
        entry_fee: 0.0,
        exit_fee: 0.0,
        r_multiple: None,
        reason,
        scenario_id: view.scenario_id,
        mae: 0.0,
        mfe: 0.0,
        stop_kind: StopKind::Initial,
        gap_entry: false,
        gap_exit: false,
        volume_capped: false,
        partial,
        tp_beyond_entry: true,
    }
}

/// The logs of both ways, and how many bars each of them visited.
fn both_ways(seed: u64) -> ((Log, usize), (Log, usize)) {
    let scenario = scenario(seed);
    let set = RuleSet::read(&config(&scenario.rules), &FACTS).unwrap().unwrap();
    let management = set.bind(scenario.inputs.clone());
    (Desk::open(&scenario, &management).run(true), Desk::open(&scenario, &management).run(false))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn skipping_changes_nothing(seed: u64) {
        let ((every, visits), (due, fewer)) = both_ways(seed);
        let first = every.iter().zip(&due).find(|(a, b)| a != b);
        prop_assert_eq!(first, None, "rules: {}", scenario(seed).rules);
        prop_assert_eq!(every.len(), due.len());
        prop_assert!(fewer <= visits);
    }
}

#[test]
fn the_scenarios_above_let_everything_happen_and_skip_most_bars() {
    let (mut seen, mut every, mut due) = (BTreeSet::new(), 0, 0);
    for seed in 0..400 {
        let ((log, visits), (_, fewer)) = both_ways(seed);
        (every, due) = (every + visits, due + fewer);
        for (_, event) in log {
            seen.insert(match event {
                Event::Opened { .. } => "opened".to_owned(),
                Event::Halted => "halted".to_owned(),
                Event::Closed { reason, .. } => format!("closed: {reason}"),
                Event::ScaledOut { .. } => "scaled out".to_owned(),
                Event::Moved { kind, .. } => format!("moved: {kind}"),
                Event::Cancelled { cause } => format!("cancelled: {cause:?}"),
            });
        }
    }
    let expected = [
        "cancelled: KillSwitch",
        "cancelled: SessionEnd",
        "closed: kill_switch",
        "closed: news",
        "closed: session_end",
        "closed: signal",
        "closed: stop_loss",
        "closed: take_profit",
        "closed: timeout",
        "halted",
        "moved: break_even",
        "moved: trailing",
        "opened",
        "scaled out",
    ];
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    assert!(due * 2 < every, "{due} of {every} bars visited");
}
