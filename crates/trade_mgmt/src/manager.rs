//! The trade manager: asks the rules on the bars where they may act, and gives one answer per position.

use std::ops::Range;

use omega_types::{
    Bar, BarSet, Clock, Column, ExitReason, Quotes, Trade,
    order::{CancelCause, PositionView},
};

use crate::{
    Decision, Decisions, RuleSet,
    glance::{Glance, Ground},
    kill_switch::Guard,
    memory::Memory,
    resolve::{Action, resolve},
};

/// What a run gives its rules. Columns and sets cover all loaded bars, warm-up included.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// Times of the primary bars.
    pub clock: Clock,
    /// Execution view (execution.md 2.6).
    pub quotes: Quotes,
    /// The bars that are traded.
    pub trading: Range<Bar>,
    /// Period and Wilder ATR of the raw bid candles, for each of [`RuleSet::atr_periods`].
    pub atr: Vec<(usize, Column)>,
    /// Bars whose decision time + `minutes_before` lies outside all sessions.
    pub outside_sessions: Option<BarSet>,
    /// Bars whose decision time lies inside a news window.
    pub news_blocked: Option<BarSet>,
}

/// The rules of a run, bound to its market. Immutable: any number of runs may use it at the same time.
#[derive(Debug)]
pub struct Management {
    set: RuleSet,
    ground: Ground,
}

impl Management {
    pub(crate) const fn new(set: RuleSet, ground: Ground) -> Self {
        Self { set, ground }
    }

    /// A manager for one run, before its first bar.
    pub fn manager(&self) -> Manager<'_> {
        let guard = self.set.kill_switch.as_ref().map(|(_, switch)| Guard::new(*switch, self.set.initial_balance()));
        Manager { management: self, guard, desks: Vec::new(), spare: Vec::new(), actions: Vec::new() }
    }
}

/// The state of one run. Bars come in ascending order, positions ascending by id; an id never comes back.
#[derive(Debug)]
pub struct Manager<'a> {
    management: &'a Management,
    guard: Option<Guard>,
    /// What is remembered of the positions that are open, in their order.
    desks: Vec<Desk>,
    /// Memory of closed positions, for new ones.
    spare: Vec<Desk>,
    actions: Vec<Action>,
}

/// One memory per rule.
#[derive(Debug)]
struct Desk {
    position_id: u32,
    memories: Vec<Memory>,
}

impl Manager<'_> {
    /// A bar at or after `from` before which no rule acts, as long as nothing else happens to the account. `None`: not
    /// before something else happens. Too early costs a visit.
    ///
    /// `positions` may still carry the stops from before step 0 of `from`: stops only tighten, and a looser one makes
    /// rules due earlier.
    pub fn next_due(&mut self, from: Bar, positions: &[PositionView], has_orders: bool) -> Option<Bar> {
        let Management { set, ground } = self.management;
        if from >= ground.trading.end {
            return None;
        }
        self.remember(positions);
        let mut next = self.guard.as_mut().and_then(|guard| guard.next_due(ground, from, !positions.is_empty()));
        if has_orders && set.cancels_pending() {
            next = earlier(next, ground.next_in(&ground.session_ends, from));
        }
        for (view, desk) in positions.iter().zip(&mut self.desks) {
            for (scoped, memory) in set.rules.iter().zip(&mut desk.memories) {
                if next == Some(from) {
                    return next;
                }
                if scoped.scope.covers(view.scenario_id) {
                    next = earlier(next, scoped.rule.next_due(ground, view, from, memory));
                }
            }
        }
        next
    }

    /// What is to be done at the close of `bar` (step 3 of execution.md 7.1), conflicts resolved. Clears and fills
    /// `decisions`.
    ///
    /// Must be called on every visited bar, whether or not a position is open. `positions` are those that are open after
    /// stops and targets of the bar; `equity` is that of the same moment, and is not read unless
    /// [`Manager::needs_equity`].
    pub fn decide(&mut self, bar: Bar, equity: f64, positions: &[PositionView], decisions: &mut Decisions) {
        decisions.clear();
        let Management { set, ground } = self.management;
        self.remember(positions);
        let is_open = !positions.is_empty();
        let fired = self.guard.as_mut().is_some_and(|guard| guard.fires(ground, bar, equity, is_open));
        decisions.cancel_pending = if fired {
            Some(CancelCause::KillSwitch)
        } else if set.cancels_pending() && ground.session_ends.contains(bar) {
            Some(CancelCause::SessionEnd)
        } else {
            None
        };
        let killed = set.kill_switch.as_ref().filter(|_| fired).map(|(scope, _)| scope);
        for (view, desk) in positions.iter().zip(&mut self.desks) {
            if killed.is_some_and(|scope| scope.covers(view.scenario_id)) {
                decisions.positions.push(Decision::closing(view.position_id, ExitReason::KillSwitch));
                continue;
            }
            let glance = Glance { ground, view, bar };
            self.actions.clear();
            for (scoped, memory) in set.rules.iter().zip(&mut desk.memories) {
                if scoped.scope.covers(view.scenario_id) {
                    self.actions.extend(scoped.rule.decide(&glance, memory));
                }
            }
            let decision = resolve(&glance, set.target_policy, &self.actions);
            if !decision.is_nothing() {
                decisions.positions.push(decision);
            }
        }
    }

    /// Does a rule compare equity? Then [`Manager::decide`] needs it, and [`Manager::row`] must be called on every
    /// visited bar. While flat, skipped bars have the equity of the row before them.
    pub fn needs_equity(&self) -> bool {
        self.guard.as_ref().is_some_and(Guard::needs_equity)
    }

    /// Has the kill switch halted trading at the close of `bar` (gate 3 of execution.md 7.2)?
    pub fn is_halted(&mut self, bar: Bar) -> bool {
        let time_ns = self.management.ground.clock.open_ns(bar);
        self.guard.as_mut().is_some_and(|guard| guard.is_halted(time_ns))
    }

    /// Every trade record, in the order of closing, those of parts included.
    pub fn closed(&mut self, trade: &Trade) {
        if let Some(guard) = &mut self.guard {
            guard.closed(trade);
        }
    }

    /// The equity row of a visited bar, after everything else.
    pub fn row(&mut self, bar: Bar, equity: f64) {
        let time_ns = self.management.ground.clock.open_ns(bar);
        if let Some(guard) = &mut self.guard {
            guard.row(time_ns, equity);
        }
    }

    /// Makes `desks` those of `positions`: forgets closed positions, starts on new ones.
    fn remember(&mut self, positions: &[PositionView]) {
        let is_current = self.desks.len() == positions.len()
            && self.desks.iter().zip(positions).all(|(desk, view)| desk.position_id == view.position_id);
        if is_current {
            return;
        }
        let is_open = |desk: &Desk| positions.iter().any(|view| view.position_id == desk.position_id);
        self.spare.extend(self.desks.extract_if(.., |desk| !is_open(desk)));
        let rules = self.management.set.rules.len();
        for (index, view) in positions.iter().enumerate() {
            if self.desks.get(index).is_none_or(|desk| desk.position_id != view.position_id) {
                let mut desk = self.spare.pop().unwrap_or_else(|| Desk { position_id: 0, memories: Vec::new() });
                desk.position_id = view.position_id;
                desk.memories.resize_with(rules, Memory::default);
                desk.memories.iter_mut().for_each(Memory::reset);
                self.desks.insert(index, desk);
            }
        }
        self.desks.truncate(positions.len());
    }
}

fn earlier(a: Option<Bar>, b: Option<Bar>) -> Option<Bar> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
