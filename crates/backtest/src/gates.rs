//! Which signals may become orders: the gates of execution.md 7.2, as data and early returns.

use omega_types::{
    Bar, BarSet, Clock, OrderType, Signal,
    config::{AllowedDirections, BacktestConfig, Variant},
    time::MINUTE_NS,
    trade::RejectionCode,
};

/// The gates of one run, everything looked up.
#[derive(Debug, Clone)]
pub struct Gates {
    /// Bars whose decision time lies inside a session; `None` = always.
    pub session_open: Option<BarSet>,
    /// Bars whose decision time lies inside a news window; `None` = there is no news filter.
    pub news_blocked: Option<BarSet>,
    /// The bar on which entries are refused because no later bar follows.
    pub closed_from: Bar,
    /// An account without money opens nothing.
    pub needs_balance: bool,
    /// `execution.allowed_directions`.
    pub directions: AllowedDirections,
    /// `execution.allowed_order_types`.
    pub order_types: Vec<OrderType>,
    /// `execution.cooldown_*`.
    pub cooldown: Cooldown,
    /// Open positions at which nothing more is opened.
    pub max_positions: usize,
    /// Pending orders at which no other is placed; `None` = no limit, as in `v1_parity`.
    pub max_pending: Option<usize>,
    /// Asks the strategy although a gate is closed, so that each of its signals is numbered and counted. `v1_parity`
    /// does not ask while session, cooldown, news or an open position blocks.
    pub ask_when_blocked: bool,
}

/// How long nothing is opened after an entry or an exit; 0 = off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cooldown {
    /// Bars after an entry.
    pub bars: u64,
    /// Nanoseconds after an entry, between decision times.
    pub ns: i64,
    /// Nanoseconds after an exit, between decision times.
    pub after_exit_ns: i64,
    /// `v1_parity`: a refused signal starts it too.
    pub by_any_signal: bool,
}

/// What cooldowns count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastTouched {
    /// Bar of the last signal that counts.
    pub entry: Option<Bar>,
    /// Bar in which the last position was closed.
    pub exit: Option<Bar>,
}

/// What gates ask of the account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// The kill switch has halted trading.
    pub halted: bool,
    /// Cash, account currency.
    pub balance: f64,
    /// What cooldowns count from.
    pub last: LastTouched,
}

/// Why a signal is refused, and the figure that explains it.
pub type Refusal = (RejectionCode, f64);

impl Gates {
    /// Reads the gates from the configuration. `last` is the last bar of the run.
    pub fn new(config: &BacktestConfig, session_open: Option<BarSet>, news_blocked: Option<BarSet>, last: Bar) -> Self {
        let parity = config.execution_variant == Variant::V1Parity;
        let execution = &config.execution;
        let minutes = |count: u64| i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(MINUTE_NS);
        Self {
            session_open,
            news_blocked,
            closed_from: if execution.close_open_at_end && !parity { last } else { Bar::MAX },
            needs_balance: !parity,
            directions: execution.allowed_directions,
            order_types: execution.allowed_order_types.clone(),
            cooldown: Cooldown {
                bars: execution.cooldown_bars,
                ns: minutes(execution.cooldown_minutes),
                after_exit_ns: minutes(execution.cooldown_minutes_after_exit),
                by_any_signal: parity,
            },
            max_positions: if parity { 1 } else { config.account.max_positions as usize },
            max_pending: execution.max_pending_orders.filter(|_| !parity).map(|orders| orders as usize),
            ask_when_blocked: !parity,
        }
    }

    /// Gates 1 to 8: everything that does not depend on what is open.
    ///
    /// # Errors
    ///
    /// The first gate that is closed.
    pub fn submit(&self, signal: &Signal, bar: Bar, standing: &Standing, clock: &Clock) -> Result<(), Refusal> {
        let refused = |code| Err((code, f64::NAN));
        well_formed(signal)?;
        if bar >= self.closed_from {
            return refused(RejectionCode::EndOfData);
        }
        if standing.halted {
            return refused(RejectionCode::TradingHalted);
        }
        if self.needs_balance && standing.balance <= 0.0 {
            return Err((RejectionCode::AccountDepleted, standing.balance));
        }
        if !self.directions.allows(signal.direction) {
            return refused(RejectionCode::DirectionNotAllowed);
        }
        if !self.order_types.contains(&signal.order_type) {
            return refused(RejectionCode::OrderTypeNotAllowed);
        }
        if !self.is_session_open(bar) {
            return refused(RejectionCode::SessionClosed);
        }
        if self.is_news_blocked(bar) {
            return refused(RejectionCode::NewsBlocked);
        }
        if self.cooldown.blocks(bar, standing.last, clock) {
            return refused(RejectionCode::Cooldown);
        }
        Ok(())
    }

    /// Gate 9.
    ///
    /// # Errors
    ///
    /// `max_positions_reached`.
    pub fn admit(&self, open: usize) -> Result<(), Refusal> {
        if open >= self.max_positions {
            return Err((RejectionCode::MaxPositionsReached, open as f64));
        }
        Ok(())
    }

    /// Gate 10.
    ///
    /// # Errors
    ///
    /// `max_pending_reached`.
    pub fn admit_pending(&self, pending: usize) -> Result<(), Refusal> {
        match self.max_pending {
            Some(limit) if pending >= limit => Err((RejectionCode::MaxPendingReached, pending as f64)),
            _ => Ok(()),
        }
    }

    /// Is the strategy asked on `bar` at all?
    pub fn asks(&self, bar: Bar, open: usize, last: LastTouched, clock: &Clock) -> bool {
        self.ask_when_blocked
            || self.is_session_open(bar)
                && !self.is_news_blocked(bar)
                && !self.cooldown.blocks(bar, last, clock)
                && open == 0
    }

    /// Does the decision time of `bar` lie inside a session?
    pub fn is_session_open(&self, bar: Bar) -> bool {
        self.session_open.as_ref().is_none_or(|open| open.contains(bar))
    }

    /// Does the decision time of `bar` lie inside a news window?
    pub fn is_news_blocked(&self, bar: Bar) -> bool {
        self.news_blocked.as_ref().is_some_and(|blocked| blocked.contains(bar))
    }
}

impl Cooldown {
    fn blocks(&self, bar: Bar, last: LastTouched, clock: &Clock) -> bool {
        let since = |from: Bar| clock.decision_ns(bar) - clock.decision_ns(from);
        let too_early = |from: Bar, wait: i64| wait > 0 && since(from) < wait;
        let after_entry = |entry: Bar| (bar.saturating_sub(entry) as u64) < self.bars || too_early(entry, self.ns);
        last.entry.is_some_and(after_entry) || last.exit.is_some_and(|exit| too_early(exit, self.after_exit_ns))
    }
}

/// Gate 1: numbers are finite, prices and sizes positive, and a stop is there (sizing by risk needs it).
fn well_formed(signal: &Signal) -> Result<(), Refusal> {
    let numbers = [signal.entry_price, signal.stop_loss, signal.take_profit, signal.size];
    if let Some(bad) = numbers.into_iter().flatten().find(|number| !(number.is_finite() && *number > 0.0)) {
        return Err((RejectionCode::InvalidSignal, bad));
    }
    if signal.order_type != OrderType::Market && signal.entry_price.is_none() {
        return Err((RejectionCode::InvalidSignal, f64::NAN));
    }
    if signal.stop_loss.is_none() {
        return Err((RejectionCode::MissingStopLoss, f64::NAN));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use omega_types::Direction;

    use super::*;

    fn clock() -> Clock {
        Clock { time: (0..20).map(|bar| bar * 5 * MINUTE_NS).collect::<Vec<i64>>().into(), duration_ns: 5 * MINUTE_NS }
    }

    fn gates() -> Gates {
        Gates {
            session_open: Some(BarSet::from_fn(20, |bar| bar != 3)),
            news_blocked: Some(BarSet::from_fn(20, |bar| bar == 18)),
            closed_from: 19,
            needs_balance: true,
            directions: AllowedDirections::Long,
            order_types: vec![OrderType::Limit, OrderType::Market, OrderType::Stop],
            cooldown: Cooldown { bars: 2, ns: 0, after_exit_ns: 0, by_any_signal: false },
            max_positions: 1,
            max_pending: Some(2),
            ask_when_blocked: true,
        }
    }

    fn long() -> Signal {
        Signal { stop_loss: Some(1.0), ..Signal::market(Direction::Long) }
    }

    fn refusal(gates: &Gates, signal: &Signal, bar: Bar, balance: f64, last: LastTouched) -> Option<RejectionCode> {
        let standing = Standing { halted: false, balance, last };
        gates.submit(signal, bar, &standing, &clock()).err().map(|(code, _)| code)
    }

    /// decisions.md 35: `invalid_signal` comes before `missing_stop_loss`.
    #[test]
    fn the_first_closed_gate_is_reported() {
        // execution.md 7.2: each row takes away the reason of the row before.
        let none = LastTouched::default();
        let cooling = LastTouched { entry: Some(18), exit: None };
        let mut signal = Signal { stop_loss: None, size: Some(f64::NAN), ..Signal::market(Direction::Short) };
        let mut gates = gates();
        gates.session_open = Some(BarSet::empty(20));
        let code = |gates: &Gates, signal: &Signal, bar, balance| refusal(gates, signal, bar, balance, cooling);
        assert_eq!(code(&gates, &signal, 19, 0.0), Some(RejectionCode::InvalidSignal));
        signal.size = None;
        assert_eq!(code(&gates, &signal, 19, 0.0), Some(RejectionCode::MissingStopLoss));
        signal.stop_loss = Some(1.0);
        assert_eq!(code(&gates, &signal, 19, 0.0), Some(RejectionCode::EndOfData));
        let halted = Standing { halted: true, balance: 0.0, last: none };
        let code_when_halted = gates.submit(&signal, 18, &halted, &clock()).map_err(|(code, _)| code);
        assert_eq!(code_when_halted, Err(RejectionCode::TradingHalted));
        assert_eq!(code(&gates, &signal, 18, 0.0), Some(RejectionCode::AccountDepleted));
        assert_eq!(code(&gates, &signal, 18, 1.0), Some(RejectionCode::DirectionNotAllowed));
        signal.direction = Direction::Long;
        gates.order_types = vec![OrderType::Limit, OrderType::Stop];
        assert_eq!(code(&gates, &signal, 18, 1.0), Some(RejectionCode::OrderTypeNotAllowed));
        gates.order_types = vec![OrderType::Market];
        assert_eq!(code(&gates, &signal, 18, 1.0), Some(RejectionCode::SessionClosed));
        gates.session_open = None;
        assert_eq!(code(&gates, &signal, 18, 1.0), Some(RejectionCode::NewsBlocked));
        gates.news_blocked = None;
        assert_eq!(refusal(&gates, &signal, 18, 1.0, cooling), Some(RejectionCode::Cooldown));
        assert_eq!(refusal(&gates, &signal, 18, 1.0, none), None);
        assert_eq!(gates.admit(1).map_err(|(code, _)| code), Err(RejectionCode::MaxPositionsReached));
        assert_eq!(gates.admit(0), Ok(()));
        assert_eq!(gates.admit_pending(2), Err((RejectionCode::MaxPendingReached, 2.0)));
        assert_eq!(gates.admit_pending(1), Ok(()));
    }

    #[test]
    fn each_cooldown_counts_from_its_own_event() {
        // Strategy specification 6.4: two bars after a signal on bar 10, bar 11 is blocked and bar 12 is free.
        let after = |entry, exit| LastTouched { entry, exit };
        let mut gates = gates();
        let blocked = |gates: &Gates, last| -> Vec<Bar> {
            (10..19).filter(|&bar| refusal(gates, &long(), bar, 1.0, last) == Some(RejectionCode::Cooldown)).collect()
        };
        assert_eq!(blocked(&gates, after(Some(10), None)), [10, 11]);
        // Ten minutes are two bars of five minutes; the second one is free again.
        gates.cooldown = Cooldown { bars: 0, ns: 10 * MINUTE_NS, after_exit_ns: 0, by_any_signal: false };
        assert_eq!(blocked(&gates, after(Some(10), Some(15))), [10, 11]);
        gates.cooldown = Cooldown { bars: 0, ns: 0, after_exit_ns: 11 * MINUTE_NS, by_any_signal: false };
        assert_eq!(blocked(&gates, after(Some(10), Some(10))), [10, 11, 12]);
    }

    #[test]
    fn malformed_signals_are_refused_before_anything_else() {
        for bad in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
            for field in 0..4 {
                let mut signal = long();
                *[&mut signal.entry_price, &mut signal.stop_loss, &mut signal.take_profit, &mut signal.size][field] =
                    Some(bad);
                let code = refusal(&gates(), &signal, 3, 1.0, LastTouched::default());
                assert_eq!(code, Some(RejectionCode::InvalidSignal), "{bad} in field {field}");
            }
        }
    }
}
