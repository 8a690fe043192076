//! Where orders become positions and positions become trades, bar by bar.

use omega_execution::{Event, FeeFill, FeeTally, FillSide, Moment, PendingRule, slippage::Fill};
use omega_portfolio::{Account, Closing, Marks, Opening, Position, Tape};
use omega_strategy::{Agenda, BarView, Intents, Strategy};
use omega_trade_mgmt::{Decision, Decisions, Levels, Manager, Protection};
use omega_types::{
    Bar, Direction, ExitReason, OrderType, Signal, Trade, Watch,
    order::{CancelCause, Exit, OrderState},
    trade::RejectionCode,
};

use crate::{
    Journal, Plan, RunStop,
    book::{Book, OrderCounts, WorkingOrder},
    entries::{Entries, Entry},
    gates::{LastTouched, Refusal, Standing},
    pricing::target_is_beyond,
};

/// What the simulation leaves behind.
#[derive(Debug)]
pub struct Outcome {
    /// Closed trades in close sequence.
    pub trades: Vec<Trade>,
    /// The signal behind each position; the index is the position's id less one.
    pub opened: Vec<Opened>,
    /// Refused signals and orders.
    pub journal: Journal,
    /// Entry signals, as far as the run remembers them.
    pub entries: Vec<Entry>,
    /// What became of pending orders.
    pub order_counts: OrderCounts,
    /// Equity.
    pub tape: Tape,
    /// Cash, fees and the positions that are still open.
    pub account: Account,
    /// The last `order_id`.
    pub orders: u32,
    /// Executed fills.
    pub fills: u64,
    /// Bars that the loop stopped at.
    pub events: u64,
}

/// A signal that opened a position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opened {
    /// Bar of the signal.
    pub bar: Bar,
    /// What the strategy asked for.
    pub signal: Signal,
}

/// The state of a run between two bars.
pub(crate) struct Desk<'a> {
    plan: &'a Plan,
    agenda: Agenda,
    account: Account,
    book: Book,
    manager: Option<Manager<'a>>,
    decisions: Decisions,
    /// Stops and targets that move when the next bar opens, by ascending position.
    scheduled: Vec<Modification>,
    tally: FeeTally,
    tape: Tape,
    journal: Journal,
    entries: Entries,
    trades: Vec<Trade>,
    opened: Vec<Opened>,
    intents: Intents,
    last: LastTouched,
    orders: u32,
    fills: u64,
    events: u64,
}

impl<'a> Desk<'a> {
    pub(crate) fn open(plan: &'a Plan, agenda: Agenda) -> Self {
        let intents = Intents { exits: Vec::with_capacity(8), entries: Vec::with_capacity(8), conflicting: false };
        Self {
            plan,
            agenda,
            account: Account::new(plan.initial_balance, plan.gates.max_positions.min(64)),
            book: Book::default(),
            manager: plan.management.as_ref().map(|management| management.manager()),
            decisions: Decisions::default(),
            scheduled: Vec::with_capacity(8),
            tally: FeeTally::default(),
            tape: Tape::new(plan.valuation.clone(), plan.marks, plan.market.trading.clone(), plan.initial_balance),
            journal: Journal::new(1_024),
            entries: Entries::new(plan.entry_log),
            trades: Vec::with_capacity(1_024),
            opened: Vec::with_capacity(1_024),
            intents,
            last: LastTouched::default(),
            orders: 0,
            fills: 0,
            events: 0,
        }
    }

    /// The next bar at or after `from` on which something can happen: the strategy wants to be asked, an order triggers
    /// or expires, a stop or target is touched or moves, a rule is due, a rate is missing, or the data ends. Too early
    /// costs time; too late would be a wrong number.
    pub(crate) fn next_event(&mut self, from: Bar) -> Bar {
        self.events += 1;
        let plan = self.plan;
        if plan.visit_every_bar || !self.scheduled.is_empty() {
            return from;
        }
        let last = plan.market.trading.end - 1;
        let (is_open, quotes) = (self.account.is_open(), &plan.market.quotes);
        let mut next = self.agenda.next(from, is_open, self.book.has_orders()).map_or(last, |bar| bar.min(last));
        if let Some(manager) = &mut self.manager {
            next =
                manager.next_due(from, self.account.views(), self.book.has_orders()).map_or(next, |bar| bar.min(next));
        }
        if self.book.has_orders() {
            next = self.book.next_due(from..next, quotes).unwrap_or(next);
        }
        if is_open {
            next = plan.fx.first_unavailable(from..next).unwrap_or(next);
        }
        let touch = |position: &Position, bars| plan.triggers(position).first_touch(quotes, bars);
        self.account.first_touch(from..next, touch).unwrap_or(next)
    }

    /// Moves the stops and targets that were decided at the last close. A stop is never widened.
    pub(crate) fn apply_modifications(&mut self, bar: Bar) {
        for change in std::mem::take(&mut self.scheduled) {
            let positions = self.account.positions();
            let Ok(index) = positions.binary_search_by_key(&change.position_id, |position| position.position_id) else {
                continue;
            };
            let position = &positions[index];
            let Levels { stop, target } = change.levels;
            let stop =
                stop.filter(|&(level, _)| Protection::still_tightens(position.direction, level, position.stop_loss));
            self.account.modify(index, bar, stop, target);
        }
    }

    /// Expires, triggers and fills pending orders, first in, first out.
    pub(crate) fn trigger_orders(&mut self, bar: Bar) -> Result<(), RunStop> {
        let plan = self.plan;
        let mut index = 0;
        while let Some(order) = self.book.orders().get(index) {
            if order.expiry.last < bar {
                let cause = order.expiry.cause;
                self.book.end(index, OrderState::Expired(cause));
            } else if order.triggers(&plan.market.quotes, bar) {
                self.fill_order(index, bar)?;
            } else {
                index += 1;
            }
        }
        Ok(())
    }

    /// Stops and targets that `bar` touches, in position order.
    pub(crate) fn close_touched(&mut self, bar: Bar) -> Result<(), RunStop> {
        let mut index = 0;
        while index < self.account.positions().len() {
            if !self.close_if_touched(index, bar)? {
                index += 1;
            }
        }
        Ok(())
    }

    /// Orders and positions in the order in which their signals were given; each is triggered if it is pending, then
    /// tested for stop and target (`v1_parity`, execution.md 9).
    pub(crate) fn trigger_and_close_in_order(&mut self, bar: Bar) -> Result<(), RunStop> {
        let plan = self.plan;
        let mut done = 0;
        loop {
            let waiting = self.book.orders().iter().map(|order| order.order_id);
            let held = self.account.positions().iter().map(|position| position.order_id);
            let Some(next) = waiting.chain(held).filter(|&id| id > done).min() else { return Ok(()) };
            done = next;
            if let Some(index) = self.book.orders().iter().position(|order| order.order_id == next) {
                if !self.book.orders()[index].triggers(&plan.market.quotes, bar) {
                    continue;
                }
                self.fill_order(index, bar)?;
            }
            if let Some(index) = self.account.positions().iter().position(|position| position.order_id == next) {
                self.close_if_touched(index, bar)?;
            }
        }
    }

    /// Lets trade management act at the close of `bar` (execution.md 8).
    pub(crate) fn manage(&mut self, bar: Bar) -> Result<(), RunStop> {
        let plan = self.plan;
        let Some(manager) = &mut self.manager else { return Ok(()) };
        let equity = if manager.needs_equity() {
            self.account.balance() + plan.valuation.unrealised(self.account.positions(), bar)?
        } else {
            f64::NAN
        };
        let mut decisions = std::mem::take(&mut self.decisions);
        manager.decide(bar, equity, self.account.views(), &mut decisions);
        if let Some(cause) = decisions.cancel_pending {
            self.book.end_all(OrderState::Cancelled(cause));
        }
        for decision in &decisions.positions {
            self.carry_out(decision, bar)?;
        }
        self.decisions = decisions;
        Ok(())
    }

    /// Asks the strategy at the close of `bar` and does what it wants: exits first, then entries.
    pub(crate) fn decide<S: Strategy + ?Sized>(&mut self, strategy: &mut S, bar: Bar) -> Result<(), RunStop> {
        let plan = self.plan;
        let on_agenda = self.agenda.asks(bar, self.account.is_open(), self.book.has_orders());
        if !(on_agenda || plan.visit_every_bar)
            || !plan.gates.asks(bar, self.account.positions().len(), self.last, &plan.market.clock)
        {
            return Ok(());
        }
        let mut intents = std::mem::take(&mut self.intents);
        intents.clear();
        let view = BarView {
            bar,
            market: &plan.market,
            positions: self.account.views(),
            session_open: plan.gates.is_session_open(bar),
            news_blocked: plan.gates.is_news_blocked(bar),
        };
        strategy.on_bar(&view, &mut intents)?;
        if intents.conflicting {
            self.entries.conflict(bar);
            self.journal.refuse(None, bar, RejectionCode::ConflictingSignals, f64::NAN);
        }
        for exit in &intents.exits {
            self.close_asked(exit, bar)?;
        }
        for signal in &intents.entries {
            self.take(signal, bar)?;
        }
        self.intents = intents;
        Ok(())
    }

    /// Closes what is open and cancels what is pending when the data ends. Acts on the last bar only.
    pub(crate) fn end_of_data(&mut self, bar: Bar) -> Result<(), RunStop> {
        if !self.plan.closes_at_end || bar + 1 < self.plan.market.trading.end {
            return Ok(());
        }
        while let Some(position) = self.account.positions().first() {
            let exit = self.plan.at_close(position, bar, ExitReason::EndOfData);
            self.close_position(0, &exit)?;
        }
        self.book.end_all(OrderState::Cancelled(CancelCause::EndOfData));
        Ok(())
    }

    /// Writes the account onto the tape if `bar` changed it.
    pub(crate) fn end_bar(&mut self, bar: Bar) -> Result<(), RunStop> {
        let plan = self.plan;
        if self.account.take_changed() {
            let balance = self.account.balance();
            if !balance.is_finite() {
                return Err(plan.non_finite("balance", balance, bar));
            }
            self.tape.record(bar, &self.account);
        }
        if self.account.is_open() && plan.marks == Marks::Closing {
            plan.fx.check_close(bar)?;
        }
        if let Some(manager) = &mut self.manager
            && manager.needs_equity()
        {
            let equity = self.account.balance() + plan.valuation.unrealised(self.account.positions(), bar)?;
            manager.row(bar, equity);
        }
        Ok(())
    }

    /// Checks the books (execution.md 7.8) and hands over. A check can pass over the whole run, so `watch` is polled
    /// between them.
    pub(crate) fn close(self, watch: &Watch) -> Result<Outcome, RunStop> {
        let (plan, last) = (self.plan, self.plan.market.trading.end.saturating_sub(1));
        self.account.audit(&self.trades).map_err(RunStop::Inconsistent)?;
        watch.check()?;
        if let Some((bar, equity)) = self.tape.first_non_finite() {
            return Err(plan.non_finite("equity", equity, bar));
        }
        watch.check()?;
        let unrealised = match plan.marks {
            Marks::Closing => plan.valuation.unrealised(self.account.positions(), last)?,
            Marks::Realised => 0.0,
        };
        self.account.audit_equity(self.tape.last_equity(), unrealised).map_err(RunStop::Inconsistent)?;
        watch.check()?;
        Ok(Outcome {
            trades: self.trades,
            opened: self.opened,
            journal: self.journal,
            entries: self.entries.into_rows(),
            order_counts: self.book.into_counts(),
            tape: self.tape,
            account: self.account,
            orders: self.orders,
            fills: self.fills,
            events: self.events,
        })
    }

    /// Closes the positions that `exit` names, at the close of `bar`. Entry gates do not matter.
    fn close_asked(&mut self, exit: &Exit, bar: Bar) -> Result<(), RunStop> {
        let mut index = 0;
        while let Some(position) = self.account.positions().get(index) {
            let named = exit.position_id.is_none_or(|id| id == position.position_id);
            if named && exit.side.covers(position.direction) {
                let way_out = self.plan.at_close(position, bar, ExitReason::Signal);
                self.close_position(index, &way_out)?;
            } else {
                index += 1;
            }
        }
        Ok(())
    }

    /// Numbers a signal, whatever becomes of it, and fills, places or refuses it.
    fn take(&mut self, signal: &Signal, bar: Bar) -> Result<(), RunStop> {
        self.orders = self.orders.saturating_add(1);
        let refusal = self.enter(signal, bar)?;
        if refusal.is_none() || self.plan.gates.cooldown.by_any_signal {
            self.last.entry = Some(bar);
        }
        self.entries.record(self.orders, bar, signal, refusal.as_ref());
        if let Some((reason, figure)) = refusal {
            self.journal.refuse(Some(self.orders), bar, reason, figure);
        }
        Ok(())
    }

    /// Takes a signal through all gates; fills it at the close of `bar` or puts it into the book. Gives the reason if it
    /// is refused.
    fn enter(&mut self, signal: &Signal, bar: Bar) -> Result<Option<Refusal>, RunStop> {
        let plan = self.plan;
        let halted = match &mut self.manager {
            Some(manager) => manager.is_halted(bar),
            None => false,
        };
        let standing = Standing { halted, balance: self.account.balance(), last: self.last };
        let gates = &plan.gates;
        let admitted = gates
            .submit(signal, bar, &standing, &plan.market.clock)
            .and_then(|()| gates.admit(self.account.positions().len()));
        if let Err(refusal) = admitted {
            return Ok(Some(refusal));
        }
        match (signal.order_type, signal.entry_price) {
            (OrderType::Limit | OrderType::Stop, Some(price)) => Ok(self.place(signal, price, bar).err()),
            _ => self.fill_market(signal, bar),
        }
    }

    /// Puts a limit or stop order into the book, if gates 10 and 11 let it pass.
    fn place(&mut self, signal: &Signal, price: f64, bar: Bar) -> Result<(), Refusal> {
        let plan = self.plan;
        plan.gates.admit_pending(self.book.orders().len())?;
        let expiry = plan.placement(signal, price, bar)?;
        let trigger = plan.rules.entry_trigger(signal.direction, signal.order_type, price);
        self.book.place(WorkingOrder::new(self.orders, *signal, bar, expiry, trigger));
        Ok(())
    }

    fn fill_market(&mut self, signal: &Signal, bar: Bar) -> Result<Option<Refusal>, RunStop> {
        let base = match self.plan.base_price(signal, bar) {
            Ok(base) => base,
            Err(refusal) => return Ok(Some(refusal)),
        };
        let entry = WayIn {
            order_id: self.orders,
            signal_bar: bar,
            bar,
            moment: Moment::Close,
            base,
            gap: false,
            at_open: false,
        };
        let price = self.fill_price(signal.direction, FillSide::Entry, entry.moment, base, bar)?;
        self.open_position(signal, &entry, price)
    }

    /// Takes the triggered order at `index` out of the book and fills or refuses it.
    fn fill_order(&mut self, index: usize, bar: Bar) -> Result<(), RunStop> {
        let order = self.book.orders()[index];
        let refusal = self.trigger(&order, bar)?;
        self.book.end(index, if refusal.is_none() { OrderState::Filled } else { OrderState::Rejected });
        if let Some((reason, figure)) = refusal {
            self.journal.refuse(Some(order.order_id), bar, reason, figure);
        }
        Ok(())
    }

    fn trigger(&mut self, order: &WorkingOrder, bar: Bar) -> Result<Option<Refusal>, RunStop> {
        let (plan, signal) = (self.plan, &order.signal);
        let is_checked = plan.rules.pending == PendingRule::Checked;
        if is_checked && let Err(refusal) = plan.gates.admit(self.account.positions().len()) {
            return Ok(Some(refusal));
        }
        let Some(price) = signal.entry_price else { return Ok(None) };
        let base = plan.pending_base(order, price, bar);
        let fill = if is_checked {
            self.fill_price(signal.direction, FillSide::Entry, Moment::Intrabar, base.price, bar)?
        } else {
            base.price
        };
        if let Err(refusal) = plan.check_triggered(signal, base.price, fill) {
            return Ok(Some(refusal));
        }
        let entry = WayIn {
            order_id: order.order_id,
            signal_bar: order.placed,
            bar,
            moment: Moment::Intrabar,
            base: base.price,
            gap: base.gap,
            at_open: base.at_open,
        };
        self.open_position(signal, &entry, fill)
    }

    /// Sizes an entry that fills at `price` and books it. Nothing is booked if it is refused.
    fn open_position(&mut self, signal: &Signal, entry: &WayIn, price: f64) -> Result<Option<Refusal>, RunStop> {
        let plan = self.plan;
        let bar = entry.bar;
        let event = Event { bar, moment: entry.moment, own_price: price };
        let volume = match plan.volume(signal, &event)? {
            Ok(volume) => volume,
            Err(refusal) => return Ok(Some(refusal)),
        };
        let risk = plan.risk(signal, &event, volume.lots)?;
        let maker = signal.order_type == OrderType::Limit;
        let fee = self.fee(FillSide::Entry, volume.lots, event, maker)?;
        self.fills += 1;
        self.opened.push(Opened { bar: entry.signal_bar, signal: *signal });
        let recorded_bar = match plan.rules.pending {
            PendingRule::Checked => bar,
            PendingRule::AtPrice => entry.signal_bar,
        };
        self.account.open(&Opening {
            order_id: entry.order_id,
            order_type: signal.order_type,
            direction: signal.direction,
            signal_bar: entry.signal_bar,
            entry_bar: bar,
            // What happens in a bar after its close happens in the next one.
            first_tested: if entry.moment == Moment::Close { bar + 1 } else { bar },
            entry_time_ns: plan.market.clock.open_ns(recorded_bar),
            entry_price: price,
            stop_loss: signal.stop_loss,
            take_profit: signal.take_profit,
            lots: volume.lots,
            risk,
            fee,
            scenario_id: signal.scenario_id,
            gap_entry: entry.gap,
            filled_at_open: entry.at_open,
            volume_capped: volume.capped,
            tp_beyond_entry: target_is_beyond(signal.direction, signal.take_profit, entry.base),
        });
        Ok(None)
    }

    fn close_if_touched(&mut self, index: usize, bar: Bar) -> Result<bool, RunStop> {
        let touched = self.account.positions().get(index).and_then(|position| self.plan.touched(position, bar));
        match touched {
            Some(exit) => self.close_position(index, &exit).map(|()| true),
            None => Ok(false),
        }
    }

    /// Closes or reduces a position and schedules its new levels.
    fn carry_out(&mut self, decision: &Decision, bar: Bar) -> Result<(), RunStop> {
        let plan = self.plan;
        let positions = self.account.positions();
        let Ok(index) = positions.binary_search_by_key(&decision.position_id, |position| position.position_id) else {
            return Ok(());
        };
        let position = &positions[index];
        if let Some(reason) = decision.close {
            let exit = plan.at_close(position, bar, reason);
            return self.close_position(index, &exit);
        }
        if let Some(lots) = decision.scale_out {
            let exit = plan.at_close(position, bar, ExitReason::ScaleOut);
            let rest = plan.instrument.volume.grid.rest(position.lots, lots);
            self.close_lots(index, &exit, lots, rest)?;
        }
        if !decision.levels.is_empty() {
            self.scheduled.push(Modification { position_id: decision.position_id, levels: decision.levels });
        }
        Ok(())
    }

    fn close_position(&mut self, index: usize, exit: &WayOut) -> Result<(), RunStop> {
        let lots = self.account.positions().get(index).map_or(0.0, |position| position.lots);
        self.close_lots(index, exit, lots, 0.0)
    }

    /// Closes `lots` of the position at `index` so that `remaining` stay.
    fn close_lots(&mut self, index: usize, exit: &WayOut, lots: f64, remaining: f64) -> Result<(), RunStop> {
        let plan = self.plan;
        let Some(position) = self.account.positions().get(index) else { return Ok(()) };
        let WayOut { base, reason, gap, event } = *exit;
        let bar = event.bar;
        let is_free = reason == ExitReason::Timeout && !plan.rules.timeout_costs;
        let direction = position.direction;
        let price = if is_free { base } else { self.fill_price(direction, FillSide::Exit, event.moment, base, bar)? };
        let event = Event { own_price: price, ..event };
        let trip = position.trip(price, lots);
        let result = plan.rules.result(&trip, &plan.instrument, &plan.fx, &event, plan.risk_per_trade)?;
        let side = plan.market.quotes.side(direction.closing_side());
        let excursion = plan.valuation.excursion(position, lots, side, bar, price)?;
        if let Some(value) = [excursion.0, excursion.1].into_iter().find(|value| !value.is_finite()) {
            return Err(plan.non_finite("unrealised profit", value, bar));
        }
        let maker = reason == ExitReason::TakeProfit;
        let fee = if is_free { 0.0 } else { self.fee(FillSide::Exit, lots, event, maker)? };
        self.fills += 1;
        let time_ns = plan.market.clock.open_ns(bar);
        let closing = Closing { bar, time_ns, price, lots, remaining, result, fee, reason, gap, excursion };
        let trade = self.account.close(index, &closing);
        if let Some(manager) = &mut self.manager {
            manager.closed(&trade);
        }
        self.trades.push(trade);
        if remaining == 0.0 {
            self.last.exit = Some(bar);
        }
        Ok(())
    }

    /// The price of the next fill after slippage.
    fn fill_price(
        &self,
        direction: Direction,
        side: FillSide,
        moment: Moment,
        base: f64,
        bar: Bar,
    ) -> Result<f64, RunStop> {
        let fill = Fill { direction, side, base, index: self.fills, bar, moment };
        Ok(self.plan.rules.fill_price(&self.plan.costs, &fill)?)
    }

    fn fee(&mut self, side: FillSide, lots: f64, event: Event, maker: bool) -> Result<f64, RunStop> {
        let time_ns = self.plan.market.clock.open_ns(event.bar);
        let fill = FeeFill { side, lots, event, time_ns, maker };
        Ok(self.plan.costs.fee(&fill, &mut self.tally, &self.plan.fx)?)
    }
}

/// A position's levels from the next bar on.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Modification {
    position_id: u32,
    levels: Levels,
}

/// How an order enters: when, and at which price before slippage.
struct WayIn {
    order_id: u32,
    signal_bar: Bar,
    bar: Bar,
    moment: Moment,
    base: f64,
    /// The bar opened beyond the order.
    gap: bool,
    /// The fill is the open of the bar.
    at_open: bool,
}

/// How a position leaves: base price, when, and why.
#[derive(Clone, Copy)]
pub(crate) struct WayOut {
    pub(crate) base: f64,
    /// Its own price is the base; the fill replaces it.
    pub(crate) event: Event,
    pub(crate) reason: ExitReason,
    /// The base differs from the level.
    pub(crate) gap: bool,
}
