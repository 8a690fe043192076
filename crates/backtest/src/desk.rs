//! Where orders become positions and positions become trades, bar by bar.

use omega_execution::{Event, FillSide, sizing, slippage::Fill};
use omega_portfolio::{Account, Closing, Marks, Opening, Position, Tape};
use omega_strategy::{Agenda, BarView, Intents, Strategy};
use omega_types::{Bar, ExitReason, Signal, Trade, Watch, order::Exit, trade::RejectionCode};

use crate::{
    Journal, Plan, RunStop,
    gates::{LastTouched, Refusal},
};

/// What the simulation leaves behind.
#[derive(Debug)]
pub struct Outcome {
    /// Closed trades in close sequence.
    pub trades: Vec<Trade>,
    /// The signal behind each position; the index is the position's id less one.
    pub opened: Vec<Opened>,
    /// Refused signals.
    pub journal: Journal,
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
    tape: Tape,
    journal: Journal,
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
            tape: Tape::new(plan.valuation.clone(), plan.marks, plan.market.trading.clone(), plan.initial_balance),
            journal: Journal::new(1_024),
            trades: Vec::with_capacity(1_024),
            opened: Vec::with_capacity(1_024),
            intents,
            last: LastTouched::default(),
            orders: 0,
            fills: 0,
            events: 0,
        }
    }

    /// The next bar at or after `from` on which something can happen: the strategy wants to be asked, a stop or target
    /// is touched, or the data ends. Too early costs time; too late would be a wrong number.
    pub(crate) fn next_event(&mut self, from: Bar) -> Bar {
        self.events += 1;
        let plan = self.plan;
        if plan.visit_every_bar {
            return from;
        }
        let last = plan.market.trading.end - 1;
        let next = self.agenda.next(from, self.account.is_open(), false).map_or(last, |bar| bar.min(last));
        let touch = |position: &Position, bars| plan.triggers(position).first_touch(&plan.market.quotes, bars);
        self.account.first_touch(from..next, touch).unwrap_or(next)
    }

    /// Stops and targets that `bar` touches, in position order.
    pub(crate) fn close_touched(&mut self, bar: Bar) -> Result<(), RunStop> {
        let plan = self.plan;
        let mut index = 0;
        while let Some(position) = self.account.positions().get(index) {
            match plan.touched(position, bar) {
                Some(exit) => self.close_position(index, &exit)?,
                None => index += 1,
            }
        }
        Ok(())
    }

    /// Asks the strategy at the close of `bar` and does what it wants: exits first, then entries.
    pub(crate) fn decide<S: Strategy + ?Sized>(&mut self, strategy: &mut S, bar: Bar) -> Result<(), RunStop> {
        let plan = self.plan;
        let asked = plan.visit_every_bar || self.agenda.asks(bar, self.account.is_open(), false);
        if !asked || !plan.gates.asks(bar, self.account.positions().len(), self.last, &plan.market.clock) {
            return Ok(());
        }
        let mut intents = std::mem::take(&mut self.intents);
        intents.clear();
        let view = BarView {
            bar,
            market: &plan.market,
            positions: self.account.views(),
            session_open: plan.gates.is_session_open(bar),
            news_blocked: false,
        };
        strategy.on_bar(&view, &mut intents)?;
        if intents.conflicting {
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

    /// Closes what is open when the data ends. Acts on the last bar only.
    pub(crate) fn end_of_data(&mut self, bar: Bar) -> Result<(), RunStop> {
        if !self.plan.closes_at_end || bar + 1 < self.plan.market.trading.end {
            return Ok(());
        }
        while let Some(position) = self.account.positions().first() {
            let exit = self.plan.at_close(position, bar, ExitReason::EndOfData);
            self.close_position(0, &exit)?;
        }
        Ok(())
    }

    /// Writes the account onto the tape if `bar` changed it.
    pub(crate) fn end_bar(&mut self, bar: Bar) -> Result<(), RunStop> {
        if self.account.take_changed() {
            let balance = self.account.balance();
            if !balance.is_finite() {
                return Err(self.plan.non_finite("balance", balance, bar));
            }
            self.tape.record(bar, &self.account);
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

    /// Numbers a signal, whatever becomes of it, and fills or refuses it.
    fn take(&mut self, signal: &Signal, bar: Bar) -> Result<(), RunStop> {
        self.orders = self.orders.saturating_add(1);
        let refusal = self.enter(signal, bar)?;
        if refusal.is_none() || self.plan.gates.cooldown.by_any_signal {
            self.last.entry = Some(bar);
        }
        if let Some((reason, figure)) = refusal {
            self.journal.refuse(Some(self.orders), bar, reason, figure);
        }
        Ok(())
    }

    /// Takes a market signal through all gates and fills it at the close of `bar`. Gives the reason if it is refused.
    fn enter(&mut self, signal: &Signal, bar: Bar) -> Result<Option<Refusal>, RunStop> {
        let plan = self.plan;
        let gates = &plan.gates;
        let open = self.account.positions().len();
        let passed = gates
            .submit(signal, bar, self.account.balance(), self.last, &plan.market.clock)
            .and_then(|()| gates.admit(open))
            .and_then(|()| plan.base_price(signal, bar));
        let base = match passed {
            Ok(base) => base,
            Err(refusal) => return Ok(Some(refusal)),
        };
        let fill = Fill { direction: signal.direction, side: FillSide::Entry, base, index: self.fills, bar };
        let price = plan.rules.fill_price(&plan.costs, &fill)?;
        let event = Event::close(bar, price);
        let volume = match plan.volume(signal, &event)? {
            Ok(volume) => volume,
            Err(refusal) => return Ok(Some(refusal)),
        };
        let risk = match (signal.size, signal.stop_loss) {
            (Some(_), Some(stop)) => Some(sizing::stop_risk(&plan.instrument, &plan.fx, &event, stop, volume.lots)?),
            (None, Some(_)) => Some(plan.risk_per_trade),
            (_, None) => None,
        };
        let fee = plan.costs.fee(FillSide::Entry, volume.lots, &event, &plan.fx)?;
        self.fills += 1;
        self.opened.push(Opened { bar, signal: *signal });
        self.account.open(&Opening {
            order_id: self.orders,
            order_type: signal.order_type,
            direction: signal.direction,
            signal_bar: bar,
            entry_bar: bar,
            first_tested: bar + 1,
            entry_time_ns: plan.market.clock.open_ns(bar),
            entry_price: price,
            stop_loss: signal.stop_loss,
            take_profit: signal.take_profit,
            lots: volume.lots,
            risk,
            fee,
            scenario_id: signal.scenario_id,
            gap_entry: false,
            volume_capped: volume.capped,
            tp_beyond_entry: signal.take_profit.is_none_or(|target| (target - base) * signal.direction.sign() > 0.0),
        });
        Ok(None)
    }

    fn close_position(&mut self, index: usize, exit: &WayOut) -> Result<(), RunStop> {
        let plan = self.plan;
        let Some(position) = self.account.positions().get(index) else { return Ok(()) };
        let WayOut { base, reason, gap, .. } = *exit;
        let bar = exit.event.bar;
        let fill = Fill { direction: position.direction, side: FillSide::Exit, base, index: self.fills, bar };
        let price = plan.rules.fill_price(&plan.costs, &fill)?;
        let event = Event { own_price: price, ..exit.event };
        let trip = position.trip(price);
        let result = plan.rules.result(&trip, &plan.instrument, &plan.fx, &event, plan.risk_per_trade)?;
        let fee = plan.costs.fee(FillSide::Exit, position.lots, &event, &plan.fx)?;
        let side = plan.market.quotes.side(position.direction.closing_side());
        let excursion = plan.valuation.excursion(position, side, bar, price)?;
        if let Some(value) = [excursion.0, excursion.1].into_iter().find(|value| !value.is_finite()) {
            return Err(plan.non_finite("unrealised profit", value, bar));
        }
        self.fills += 1;
        let time_ns = plan.market.clock.open_ns(bar);
        let closing = Closing { bar, time_ns, price, result, fee, reason, gap, excursion };
        self.trades.push(self.account.close(index, &closing));
        self.last.exit = Some(bar);
        Ok(())
    }
}

/// How a position leaves: base price, when, and why.
pub(crate) struct WayOut {
    pub(crate) base: f64,
    /// Its own price is the base; the fill replaces it.
    pub(crate) event: Event,
    pub(crate) reason: ExitReason,
    /// The base differs from the level.
    pub(crate) gap: bool,
}
