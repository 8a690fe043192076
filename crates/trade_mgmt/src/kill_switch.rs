//! Stops trading after losses (execution.md 8.11, decisions.md 37 and 43). It concerns the account, not single positions.

use omega_types::{Bar, Clock, ExitReason, Trade, code, time::DAY_NS};
use serde::Deserialize;

use crate::{
    glance::Ground,
    reader::{Reader, Settings},
};

pub(crate) const ID: &str = "kill_switch";

/// Limits; one that is absent never fires.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KillSwitch {
    /// Fraction of the high water.
    max_drawdown_pct: Option<f64>,
    /// Loss since the start of the day, in account currency.
    max_daily_loss: Option<f64>,
    /// The same as a fraction of the equity at the start of the day.
    max_daily_loss_pct: Option<f64>,
    max_consecutive_losses: Option<u64>,
    reset: Reset,
}

/// When trading resumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reset {
    Never,
    /// On the first bar of a later UTC date.
    NextDay,
}

impl KillSwitch {
    pub(crate) fn read(settings: Settings, reader: &mut Reader<'_>) -> Option<Self> {
        let switch: Self = reader.settings(settings)?;
        for (field, limit) in
            [("max_drawdown_pct", switch.max_drawdown_pct), ("max_daily_loss_pct", switch.max_daily_loss_pct)]
        {
            if let Some(share) = limit {
                reader.check(field, share, (0.0..=1.0).contains(&share), "a fraction between 0 and 1");
            }
        }
        if let Some(loss) = switch.max_daily_loss {
            reader.check("max_daily_loss", loss, loss.is_finite() && loss >= 0.0, "a number of at least 0");
        }
        if let Some(losses) = switch.max_consecutive_losses {
            reader.check("max_consecutive_losses", losses, losses > 0, "at least 1");
        }
        if !switch.needs_equity() && switch.max_consecutive_losses.is_none() {
            reader.refuse("", code::CFG_ENGINE_REJECTED, "no limit", "at least one limit");
        }
        Some(switch)
    }

    /// Does a limit compare equity?
    pub(crate) const fn needs_equity(&self) -> bool {
        self.max_drawdown_pct.is_some() || self.has_daily_limit()
    }

    const fn has_daily_limit(&self) -> bool {
        self.max_daily_loss.is_some() || self.max_daily_loss_pct.is_some()
    }
}

/// The kill switch of one run.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    switch: KillSwitch,
    /// UTC date (days since the epoch) on which it fired, while trading is halted.
    halted_on: Option<i64>,
    /// It has been reset: from then on the drawdown condition waits for an open position, because it keeps its high
    /// water and would otherwise halt for ever.
    was_reset: bool,
    consecutive_losses: u64,
    /// Of the equity rows so far.
    high_water: f64,
    /// Date and equity of the last row.
    last_row: Option<(i64, f64)>,
    /// Equity of the last row of a date before that of the last row.
    day_start: f64,
    /// Something happened to the account that has not been tested.
    changed: bool,
    /// The first bar of the date after the one tested last. Only kept for daily limits.
    next_date: Bar,
}

impl Guard {
    pub(crate) const fn new(switch: KillSwitch, initial_balance: f64) -> Self {
        Self {
            switch,
            halted_on: None,
            was_reset: false,
            consecutive_losses: 0,
            high_water: initial_balance,
            last_row: None,
            day_start: initial_balance,
            changed: true,
            next_date: 0,
        }
    }

    pub(crate) const fn needs_equity(&self) -> bool {
        self.switch.needs_equity()
    }

    /// The first bar at or after `from` on which it might fire.
    ///
    /// With an open position equity changes on every bar. Without one it changes only by what is told in
    /// [`Guard::closed`], but the start of the day changes with the date.
    pub(crate) fn next_due(&mut self, ground: &Ground, from: Bar, is_open: bool) -> Option<Bar> {
        self.resume(ground.clock.open_ns(from));
        if self.halted_on.is_some() && self.switch.reset == Reset::Never {
            return None;
        }
        if self.changed || is_open && self.needs_equity() {
            return Some(from);
        }
        let next_date = self.next_date.max(from);
        (self.switch.has_daily_limit() && next_date < ground.trading.end).then_some(next_date)
    }

    /// Tests the limits at the close of `bar`, before all rules. True if it fires now. `equity` is that after stops and
    /// targets of the bar; `is_open` says whether a position is.
    pub(crate) fn fires(&mut self, ground: &Ground, bar: Bar, equity: f64, is_open: bool) -> bool {
        let time_ns = ground.clock.open_ns(bar);
        self.resume(time_ns);
        self.changed = false;
        if self.switch.has_daily_limit() && bar >= self.next_date {
            self.next_date = first_bar_after_date(&ground.clock, bar);
        }
        if self.halted_on.is_some() || !self.is_beyond_a_limit(date(time_ns), equity, is_open) {
            return false;
        }
        self.halted_on = Some(date(time_ns));
        true
    }

    /// Is trading halted at a bar that opens at `time_ns`?
    pub(crate) fn is_halted(&mut self, time_ns: i64) -> bool {
        self.resume(time_ns);
        self.halted_on.is_some()
    }

    /// Counts losses in a row; records of parts do not count (decisions.md 18, 43).
    pub(crate) fn closed(&mut self, trade: &Trade) {
        self.resume(trade.exit_time_ns);
        self.changed = true;
        if trade.partial || trade.reason == ExitReason::ScaleOut {
            return;
        }
        self.consecutive_losses = if trade.result < 0.0 { self.consecutive_losses + 1 } else { 0 };
    }

    /// The equity row of a bar that opens at `time_ns`.
    pub(crate) fn row(&mut self, time_ns: i64, equity: f64) {
        let date = date(time_ns);
        self.day_start = self.day_start_of(date);
        self.last_row = Some((date, equity));
        self.high_water = self.high_water.max(equity);
    }

    fn is_beyond_a_limit(&self, date: i64, equity: f64, is_open: bool) -> bool {
        let KillSwitch { max_drawdown_pct, max_daily_loss, max_daily_loss_pct, max_consecutive_losses, .. } =
            self.switch;
        let (high_water, day_start) = (self.high_water.max(equity), self.day_start_of(date));
        let daily_loss = day_start - equity;
        let draws_down = |limit: f64| high_water > 0.0 && (high_water - equity) / high_water >= limit;
        max_drawdown_pct.is_some_and(draws_down) && (is_open || !self.was_reset)
            || max_daily_loss.is_some_and(|limit| daily_loss >= limit)
            || max_daily_loss_pct.is_some_and(|limit| day_start > 0.0 && daily_loss / day_start >= limit)
            || max_consecutive_losses.is_some_and(|limit| self.consecutive_losses >= limit)
    }

    /// Equity of the last row before `date`, which is not before that of the last row.
    fn day_start_of(&self, date: i64) -> f64 {
        match self.last_row {
            Some((last, equity)) if last < date => equity,
            _ => self.day_start,
        }
    }

    /// Ends the halt if `time_ns` lies on a later date.
    fn resume(&mut self, time_ns: i64) {
        if self.switch.reset == Reset::NextDay && self.halted_on.is_some_and(|halted| date(time_ns) > halted) {
            self.halted_on = None;
            self.was_reset = true;
            self.consecutive_losses = 0;
        }
    }
}

const fn date(time_ns: i64) -> i64 {
    time_ns.div_euclid(DAY_NS)
}

fn first_bar_after_date(clock: &Clock, bar: Bar) -> Bar {
    let today = date(clock.open_ns(bar));
    bar + clock.time[bar..].partition_point(|&time| date(time) <= today)
}

#[cfg(test)]
mod tests {
    use omega_types::{Direction, OrderType, trade::StopKind};

    use super::*;
    use crate::testing::{FACTS, TestGround, ground};

    fn switch(json: &str) -> KillSwitch {
        let mut reader = Reader::new(&FACTS);
        let switch = KillSwitch::read(serde_json::from_str(json).unwrap(), &mut reader);
        assert_eq!(reader.issues, []);
        switch.unwrap()
    }

    /// Three bars a day: at 08:00, 12:00 and 16:00 of days 0, 1, 2 …
    fn days(count: usize) -> TestGround {
        let minutes: Vec<i64> = (0..count as i64 * 3).map(|bar| bar / 3 * 1_440 + 480 + bar % 3 * 240).collect();
        ground(&vec![1.1; count * 3]).at_minutes(&minutes)
    }

    fn guard(json: &str) -> Guard {
        Guard::new(switch(json), 10_000.0)
    }

    /// Visits bars one after the other: equity at step 3, which is also that of the row. Gives the bars on which it fires.
    fn firing(guard: &mut Guard, ground: &TestGround, equity: &[f64], is_open: impl Fn(Bar) -> bool) -> Vec<Bar> {
        let mut fired = Vec::new();
        for (bar, &equity) in equity.iter().enumerate() {
            if guard.fires(&ground.0, bar, equity, is_open(bar)) {
                fired.push(bar);
            }
            guard.row(ground.0.clock.open_ns(bar), equity);
        }
        fired
    }

    fn trade(bar: Bar, ground: &TestGround, result: f64, reason: ExitReason, partial: bool) -> Trade {
        Trade {
            position_id: 1,
            order_id: 1,
            order_type: OrderType::Market,
            direction: Direction::Long,
            entry_bar: 0,
            exit_bar: bar,
            signal_bar: 0,
            entry_time_ns: 0,
            exit_time_ns: ground.0.clock.open_ns(bar),
            entry_price: 1.1,
            exit_price: 1.1,
            initial_stop_loss: None,
            stop_loss: None,
            take_profit: None,
            size: 0.1,
            result,
            risk: None,
            entry_fee: 0.0,
            exit_fee: 0.0,
            r_multiple: None,
            reason,
            scenario_id: 0,
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

    #[test]
    fn drawdown_is_measured_from_the_high_water_of_rows_and_of_this_bar() {
        // Limit 10 %: high water 11 000 (row of bar 1), 9 901 is 9.99 % below, 9 900 exactly 10 %.
        let mut guard = guard(r#"{"max_drawdown_pct": 0.1, "reset": "never"}"#);
        let equity = [10_000.0, 11_000.0, 9_901.0, 9_900.0, 9_000.0];
        assert_eq!(firing(&mut guard, &days(2), &equity, |_| true), [3]);
        assert!(guard.is_halted(i64::MAX));
    }

    #[test]
    fn the_high_water_starts_with_the_initial_balance() {
        // 10 000 − 9 000 is 10 % before there is any row.
        let mut guard = guard(r#"{"max_drawdown_pct": 0.1, "reset": "never"}"#);
        assert_eq!(firing(&mut guard, &days(1), &[9_000.0], |_| true), [0]);
    }

    #[test]
    fn the_equity_before_the_exits_of_a_bar_enters_no_later_high_water() {
        // 8.1: high water is the maximum of the previous row's value and this equity. Equity 11 000 at step 3 of bar 0
        // ends as a row of 10 500; 9 900 is 5.7 % below that, 10 % below 11 000.
        let (ground, mut guard) = (days(1), guard(r#"{"max_drawdown_pct": 0.1, "reset": "never"}"#));
        assert!(!guard.fires(&ground.0, 0, 11_000.0, true));
        guard.row(ground.0.clock.open_ns(0), 10_500.0);
        assert!(!guard.fires(&ground.0, 1, 9_900.0, true));
        assert!(guard.fires(&ground.0, 2, 9_450.0, true));
    }

    #[test]
    fn the_day_starts_with_the_last_row_of_an_earlier_date() {
        // Limit 200. Day 0 starts with the initial balance: 9 801 is 199 less. Day 1 starts with 9 900 (bar 2), although
        // day 1 was higher in between: 9 701 is 199 less, 9 700 is 200 less.
        let equity = [9_801.0, 9_850.0, 9_900.0, 9_950.0, 9_701.0, 9_700.0];
        let mut by_amount = guard(r#"{"max_daily_loss": 200, "reset": "never"}"#);
        assert_eq!(firing(&mut by_amount, &days(2), &equity, |_| true), [5]);
        // The same as a fraction: 200 / 9 900 is 2.02 %.
        let mut by_share = guard(r#"{"max_daily_loss_pct": 0.0202, "reset": "never"}"#);
        assert_eq!(firing(&mut by_share, &days(2), &equity, |_| true), [5]);
    }

    #[test]
    fn the_day_start_survives_days_without_rows() {
        // Flat bars are skipped: the last row is that of bar 1 on day 0, the next look is on day 2.
        let (ground, mut guard) = (days(3), guard(r#"{"max_daily_loss": 100, "reset": "never"}"#));
        guard.row(ground.0.clock.open_ns(1), 9_950.0);
        assert!(!guard.fires(&ground.0, 6, 9_851.0, true));
        assert!(guard.fires(&ground.0, 7, 9_850.0, true));
    }

    #[test]
    fn losses_in_a_row_count_whole_positions() {
        let (ground, mut guard) = (days(1), guard(r#"{"max_consecutive_losses": 2, "reset": "never"}"#));
        let closed = |guard: &mut Guard, result, reason, partial| {
            guard.closed(&trade(0, &ground, result, reason, partial));
            guard.clone().fires(&ground.0, 0, f64::NAN, false)
        };
        assert!(!closed(&mut guard, -10.0, ExitReason::StopLoss, false));
        // A scale-out and a partial exit by signal do not count, whatever they win or lose (decisions.md 18, 43).
        assert!(!closed(&mut guard, -10.0, ExitReason::ScaleOut, true));
        assert!(!closed(&mut guard, 10.0, ExitReason::ScaleOut, true));
        assert!(!closed(&mut guard, 10.0, ExitReason::Signal, true));
        // A result of 0 is no loss.
        assert!(!closed(&mut guard, 0.0, ExitReason::Timeout, false));
        assert!(!closed(&mut guard, -10.0, ExitReason::Timeout, false));
        assert!(closed(&mut guard, -0.01, ExitReason::EndOfData, false));
    }

    #[test]
    fn a_halt_until_the_next_day_ends_with_the_first_bar_of_a_later_date() {
        // Fires on bar 1 (day 0); bars 1 and 2 are halted, bar 3 opens on day 1.
        let (ground, mut guard) = (days(2), guard(r#"{"max_consecutive_losses": 1, "reset": "next_day"}"#));
        guard.closed(&trade(1, &ground, -1.0, ExitReason::StopLoss, false));
        assert!(guard.fires(&ground.0, 1, f64::NAN, false));
        // While halted it does not fire again.
        guard.closed(&trade(2, &ground, -1.0, ExitReason::KillSwitch, false));
        assert!(!guard.fires(&ground.0, 2, f64::NAN, false));
        let halted: Vec<_> = (0..4).map(|bar| guard.clone().is_halted(ground.0.clock.open_ns(bar))).collect();
        assert_eq!(halted, [true, true, true, false]);
        // The count restarted at 0: no loss, no halt; one loss more, and it fires.
        assert!(!guard.fires(&ground.0, 3, f64::NAN, false));
        guard.closed(&trade(4, &ground, -1.0, ExitReason::StopLoss, false));
        assert!(guard.fires(&ground.0, 4, f64::NAN, false));
    }

    #[test]
    fn a_trade_of_the_reset_bar_counts_after_the_reset() {
        // A position of a scenario that the switch does not cover may be closed on the bar that ends the halt.
        let (ground, mut guard) = (days(2), guard(r#"{"max_consecutive_losses": 1, "reset": "next_day"}"#));
        guard.closed(&trade(1, &ground, -1.0, ExitReason::StopLoss, false));
        assert!(guard.fires(&ground.0, 1, f64::NAN, true));
        guard.closed(&trade(3, &ground, -1.0, ExitReason::StopLoss, false));
        assert!(guard.fires(&ground.0, 3, f64::NAN, false));
    }

    #[test]
    fn after_a_reset_the_drawdown_alone_waits_for_a_position() {
        // decisions.md 37. Fires flat on bar 1; day 1 (bars 3–5) is 20 % below the high water all along, a position is
        // open from bar 4 on.
        let mut guard = guard(r#"{"max_drawdown_pct": 0.1, "reset": "next_day"}"#);
        let equity = [10_000.0, 8_000.0, 8_000.0, 8_000.0, 8_000.0, 8_000.0];
        assert_eq!(firing(&mut guard, &days(2), &equity, |bar| bar == 4), [1, 4]);
    }

    #[test]
    fn limits_are_tested_whether_or_not_a_position_is_open() {
        let mut guard = guard(r#"{"max_daily_loss": 100, "reset": "never"}"#);
        assert_eq!(firing(&mut guard, &days(1), &[9_900.0], |_| false), [0]);
    }

    #[test]
    fn the_kill_switch_compares_plainly() {
        // decisions.md 40: no tolerance; an ulp less than the limit does not fire.
        let mut guard = guard(r#"{"max_daily_loss": 100, "reset": "never"}"#);
        assert_eq!(firing(&mut guard, &days(1), &[9_900.0_f64.next_up(), 9_900.0], |_| true), [1]);
    }

    #[test]
    fn it_is_due_on_every_bar_with_a_position_and_after_changes_without_one() {
        let (ground, mut guard) = (days(3), guard(r#"{"max_daily_loss": 100, "reset": "never"}"#));
        // Not tested yet.
        assert_eq!(guard.next_due(&ground.0, 0, false), Some(0));
        assert!(!guard.fires(&ground.0, 0, 10_000.0, false));
        assert_eq!(guard.next_due(&ground.0, 1, true), Some(1));
        // Flat: on the first bar of the next date.
        assert_eq!(guard.next_due(&ground.0, 1, false), Some(3));
        guard.closed(&trade(0, &ground, 1.0, ExitReason::Signal, false));
        assert_eq!(guard.next_due(&ground.0, 1, false), Some(1));
        assert!(guard.fires(&ground.0, 1, 9_900.0, false));
        // Halted for ever.
        assert_eq!(guard.next_due(&ground.0, 2, true), None);
    }

    #[test]
    fn losses_in_a_row_need_neither_equity_nor_visits() {
        let (ground, mut guard) = (days(2), guard(r#"{"max_consecutive_losses": 2, "reset": "never"}"#));
        assert!(!guard.needs_equity());
        assert!(!guard.fires(&ground.0, 0, f64::NAN, false));
        assert_eq!(guard.next_due(&ground.0, 1, true), None);
        guard.closed(&trade(1, &ground, -1.0, ExitReason::StopLoss, false));
        assert_eq!(guard.next_due(&ground.0, 2, true), Some(2));
    }

    #[test]
    fn a_daily_limit_of_zero_fires_on_every_new_day() {
        // 0 ≥ 0 on the first bar; reset on the first bar of day 1, where it fires again, and so on.
        let (ground, mut guard) = (days(3), guard(r#"{"max_daily_loss": 0, "reset": "next_day"}"#));
        let (mut from, mut fired) = (0, Vec::new());
        while let Some(bar) = guard.next_due(&ground.0, from, false) {
            if guard.fires(&ground.0, bar, 10_000.0, false) {
                fired.push(bar);
            }
            guard.row(ground.0.clock.open_ns(bar), 10_000.0);
            from = bar + 1;
            if from == 9 {
                break;
            }
        }
        assert_eq!(fired, [0, 3, 6]);
    }
}
