//! The account: cash, fees and open positions.

use std::ops::Range;

use omega_types::{Bar, Direction, ExitReason, OrderType, Trade, order::PositionView, trade::StopKind};

use crate::Position;

/// Cash and open positions of one run. Money is in account currency.
#[derive(Debug, Clone)]
pub struct Account {
    initial_balance: f64,
    balance: f64,
    fees_total: f64,
    bookings: u64,
    largest_balance: f64,
    /// Σ |result| of everything closed.
    turnover: f64,
    positions: Vec<Position>,
    views: Vec<PositionView>,
    last_position_id: u32,
    changed: bool,
}

/// A filled entry, ready to be booked.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct Opening {
    pub order_id: u32,
    pub order_type: OrderType,
    pub direction: Direction,
    pub signal_bar: Bar,
    pub entry_bar: Bar,
    /// First bar in which stop and target are tested.
    pub first_tested: Bar,
    /// Open time that the trade record carries.
    pub entry_time_ns: i64,
    pub entry_price: f64,
    pub stop_loss: Option<f64>,
    pub take_profit: Option<f64>,
    pub lots: f64,
    /// Intended risk (decisions.md 28).
    pub risk: Option<f64>,
    pub fee: f64,
    pub scenario_id: u8,
    pub gap_entry: bool,
    /// The fill was the open of the entry bar.
    pub filled_at_open: bool,
    pub volume_capped: bool,
    pub tp_beyond_entry: bool,
}

/// A filled exit, ready to be booked.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct Closing {
    pub bar: Bar,
    /// Open time that the trade record carries.
    pub time_ns: i64,
    pub price: f64,
    /// Lots that leave.
    pub lots: f64,
    /// Lots that stay open; 0 ends the position.
    pub remaining: f64,
    /// Realised profit before fees.
    pub result: f64,
    pub fee: f64,
    pub reason: ExitReason,
    /// The base price of the exit differs from the level.
    pub gap: bool,
    /// Worst and best unrealised profit (decisions.md 29).
    pub excursion: (f64, f64),
}

/// The books do not balance: a bug, or sums beyond what doubles can hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inconsistency {
    /// Which figure.
    pub what: &'static str,
    /// The figure of the books.
    pub booked: f64,
    /// The figure from the trades and what is open.
    pub expected: f64,
    /// What rounding may explain.
    pub tolerance: f64,
}

impl Account {
    /// An account with nothing but cash. `capacity` positions fit without new memory.
    pub fn new(initial_balance: f64, capacity: usize) -> Self {
        Self {
            initial_balance,
            balance: initial_balance,
            fees_total: 0.0,
            bookings: 0,
            largest_balance: initial_balance.abs(),
            turnover: 0.0,
            positions: Vec::with_capacity(capacity),
            views: Vec::with_capacity(capacity),
            last_position_id: 0,
            changed: false,
        }
    }

    /// Cash: initial balance, all results, less all fees.
    pub const fn balance(&self) -> f64 {
        self.balance
    }

    /// Every fee booked so far, those of open positions included.
    pub const fn fees_total(&self) -> f64 {
        self.fees_total
    }

    /// The open positions, in the order of their ids.
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// The open positions as strategies see them, same order.
    pub fn views(&self) -> &[PositionView] {
        &self.views
    }

    /// Is any position open?
    pub fn is_open(&self) -> bool {
        !self.positions.is_empty()
    }

    /// Did balance or positions change since the last call?
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Books a filled entry and its fee. Returns the id of the position.
    pub fn open(&mut self, opening: &Opening) -> u32 {
        self.last_position_id += 1;
        let position = Position {
            position_id: self.last_position_id,
            order_id: opening.order_id,
            order_type: opening.order_type,
            direction: opening.direction,
            signal_bar: opening.signal_bar,
            entry_bar: opening.entry_bar,
            first_tested: opening.first_tested,
            entry_time_ns: opening.entry_time_ns,
            entry_price: opening.entry_price,
            initial_stop_loss: opening.stop_loss,
            stop_loss: opening.stop_loss,
            take_profit: opening.take_profit,
            stop_kind: StopKind::Initial,
            lots: opening.lots,
            initial_lots: opening.lots,
            risk: opening.risk,
            entry_fee: opening.fee,
            entry_fee_left: opening.fee,
            scenario_id: opening.scenario_id,
            gap_entry: opening.gap_entry,
            filled_at_open: opening.filled_at_open,
            volume_capped: opening.volume_capped,
            tp_beyond_entry: opening.tp_beyond_entry,
            clear_until: opening.first_tested,
        };
        self.views.push(position.view());
        self.positions.push(position);
        self.charge(opening.fee);
        self.last_position_id
    }

    /// Books the exit of the position at `index`, or of a part of it: first the result, then the fee. Gives its record.
    ///
    /// A part carries its share of the entry fee, the last record what is left of it (execution.md 8.10).
    ///
    /// # Panics
    ///
    /// If there is no position at `index`.
    pub fn close(&mut self, index: usize, closing: &Closing) -> Trade {
        self.turnover += closing.result.abs();
        self.book(closing.result);
        self.charge(closing.fee);
        let position = &mut self.positions[index];
        let entry_fee = if closing.remaining > 0.0 {
            position.entry_fee * closing.lots / position.initial_lots
        } else {
            position.entry_fee_left
        };
        position.entry_fee_left -= entry_fee;
        position.lots = closing.remaining;
        let record = record(position, closing, entry_fee);
        if closing.remaining > 0.0 {
            self.views[index] = position.view();
        } else {
            self.positions.remove(index);
            self.views.remove(index);
        }
        record
    }

    /// Moves stop and target of the position at `index` from `bar` on, which is not yet tested. `None` keeps a level.
    ///
    /// # Panics
    ///
    /// If there is no position at `index`.
    pub fn modify(&mut self, index: usize, bar: Bar, stop: Option<(f64, StopKind)>, target: Option<f64>) {
        let position = &mut self.positions[index];
        if let Some((level, kind)) = stop {
            position.stop_loss = Some(level);
            position.stop_kind = kind;
        }
        if target.is_some() {
            position.take_profit = target;
        }
        position.clear_until = position.first_tested.max(bar);
        self.views[index] = position.view();
    }

    /// The first bar of `bars` in which `touch` says that an open position is stopped or done. Remembers how far each
    /// position is known to be clear, so that no bar is scanned twice.
    pub fn first_touch(
        &mut self,
        bars: Range<Bar>,
        mut touch: impl FnMut(&Position, Range<Bar>) -> Option<Bar>,
    ) -> Option<Bar> {
        let mut end = bars.end;
        let mut first = None;
        for position in &mut self.positions {
            let start = position.clear_until.max(bars.start);
            if start >= end {
                continue;
            }
            let found = touch(position, start..end);
            position.clear_until = found.unwrap_or(end);
            if let Some(bar) = found {
                first = Some(bar);
                end = bar;
            }
        }
        first
    }

    /// Checks balance and fees against the trades and the open positions (execution.md 7.8).
    ///
    /// # Errors
    ///
    /// [`Inconsistency`] if one differs by more than rounding explains (decisions.md 25), or is not finite. The
    /// tolerance is `1e-6 + bookings × 2⁻⁵² × scale`; the scale is the largest of max |balance|, Σ |result| and fees.
    pub fn audit(&self, trades: &[Trade]) -> Result<(), Inconsistency> {
        let results = trades.iter().fold(0.0, |sum, trade| sum + trade.result);
        let paid = trades.iter().fold(0.0, |sum, trade| sum + trade.entry_fee + trade.exit_fee);
        let fees = self.positions.iter().fold(paid, |sum, position| sum + position.entry_fee_left);
        self.compare("fees_total", self.fees_total, fees)?;
        self.compare("balance", self.balance, self.initial_balance + results - self.fees_total)
    }

    /// Compares an equity with balance plus `unrealised`, within the same tolerance.
    ///
    /// # Errors
    ///
    /// [`Inconsistency`].
    pub fn audit_equity(&self, equity: f64, unrealised: f64) -> Result<(), Inconsistency> {
        self.compare("equity of the last bar", equity, self.balance + unrealised)
    }

    fn compare(&self, what: &'static str, booked: f64, expected: f64) -> Result<(), Inconsistency> {
        // A sum of n terms is off by up to n × 2⁻⁵³ × its largest partial sum. Here two are compared: the booked balance,
        // whose partial sums are the balances, and the sums over trades, which add up all results and all fees apart from
        // one another. Where large results and large fees offset each other, those are larger than any balance was.
        let scale = self.largest_balance.max(self.turnover).max(self.fees_total.abs()).min(f64::MAX);
        let tolerance = 1e-6 + self.bookings as f64 * f64::EPSILON * scale;
        if booked.is_finite() && expected.is_finite() && (booked - expected).abs() <= tolerance {
            Ok(())
        } else {
            Err(Inconsistency { what, booked, expected, tolerance })
        }
    }

    fn charge(&mut self, fee: f64) {
        self.fees_total += fee;
        self.book(-fee);
    }

    fn book(&mut self, amount: f64) {
        self.balance += amount;
        self.bookings += 1;
        self.largest_balance = self.largest_balance.max(self.balance.abs());
        self.changed = true;
    }
}

fn record(position: &Position, closing: &Closing, entry_fee: f64) -> Trade {
    Trade {
        position_id: position.position_id,
        order_id: position.order_id,
        order_type: position.order_type,
        direction: position.direction,
        entry_bar: position.entry_bar,
        exit_bar: closing.bar,
        signal_bar: position.signal_bar,
        entry_time_ns: position.entry_time_ns,
        exit_time_ns: closing.time_ns,
        entry_price: position.entry_price,
        exit_price: closing.price,
        initial_stop_loss: position.initial_stop_loss,
        stop_loss: position.stop_loss,
        take_profit: position.take_profit,
        size: closing.lots,
        result: closing.result,
        risk: position.risk,
        entry_fee,
        exit_fee: closing.fee,
        r_multiple: position.trip(closing.price, closing.lots).r_multiple(),
        reason: closing.reason,
        scenario_id: position.scenario_id,
        mae: closing.excursion.0,
        mfe: closing.excursion.1,
        stop_kind: position.stop_kind,
        gap_entry: position.gap_entry,
        gap_exit: closing.gap,
        volume_capped: position.volume_capped,
        partial: closing.remaining > 0.0 || closing.reason == ExitReason::ScaleOut,
        tp_beyond_entry: position.tp_beyond_entry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(order_id: u32, fee: f64) -> Opening {
        Opening {
            order_id,
            order_type: OrderType::Market,
            direction: Direction::Long,
            signal_bar: 3,
            entry_bar: 3,
            first_tested: 4,
            entry_time_ns: 300,
            entry_price: 1.1003,
            stop_loss: Some(1.0983),
            take_profit: Some(1.1043),
            lots: 0.5,
            risk: Some(100.0),
            fee,
            scenario_id: 2,
            gap_entry: false,
            filled_at_open: false,
            volume_capped: false,
            tp_beyond_entry: true,
        }
    }

    fn closing(bar: Bar, price: f64, result: f64, fee: f64) -> Closing {
        let time_ns = bar as i64 * 100;
        let (lots, remaining, reason) = (0.5, 0.0, ExitReason::Signal);
        Closing { bar, time_ns, price, lots, remaining, result, fee, reason, gap: false, excursion: (0.0, 0.0) }
    }

    #[test]
    fn a_part_carries_its_share_of_the_entry_fee_and_the_last_record_the_rest() {
        // execution.md 12, example 11: fee 1.25 on 0.50 lots; 0.25 lots at 1.10240 win 52.50 and pay 0.625, the rest at
        // 1.10040 wins 2.50 and pays 0.625: 10 000 − 1.25 + 52.50 − 0.625 + 2.50 − 0.625 = 10 052.50.
        let mut account = Account::new(10_000.0, 1);
        account.open(&opening(1, 1.25));
        let (reason, part) = (ExitReason::ScaleOut, closing(4, 1.1024, 52.5, 0.625));
        let part = account.close(0, &Closing { lots: 0.25, remaining: 0.25, reason, ..part });
        assert_eq!((part.size, part.entry_fee, part.partial, part.risk), (0.25, 0.625, true, Some(100.0)));
        assert!((part.r_multiple.unwrap() - 1.05).abs() < 1e-9);
        assert_eq!((account.balance(), account.positions()[0].lots, account.views()[0].lots), (10_050.625, 0.25, 0.25));
        assert_eq!(account.audit(&[part]), Ok(()));
        account.modify(0, 5, Some((1.1004, StopKind::BreakEven)), None);
        assert_eq!((account.views()[0].stop_loss, account.views()[0].take_profit), (Some(1.1004), Some(1.1043)));
        let rest = account.close(0, &Closing { lots: 0.25, ..closing(5, 1.1004, 2.5, 0.625) });
        assert_eq!(
            (rest.size, rest.entry_fee, rest.partial, rest.stop_kind),
            (0.25, 0.625, false, StopKind::BreakEven)
        );
        assert_eq!((account.balance(), account.is_open()), (10_052.5, false));
        assert_eq!(account.audit(&[part, rest]), Ok(()));
    }

    #[test]
    fn a_moved_level_is_looked_for_again_from_its_first_bar() {
        let mut account = Account::new(0.0, 1);
        account.open(&opening(1, 0.0));
        assert_eq!(account.first_touch(0..100, |_, _| None), None);
        account.modify(0, 50, Some((1.1, StopKind::Trailing)), Some(1.2));
        let mut scanned = None;
        account.first_touch(50..200, |_, bars| {
            scanned = Some(bars);
            None
        });
        assert_eq!(scanned, Some(50..200));
    }

    #[test]
    fn fees_are_booked_at_the_fill_and_results_at_the_exit() {
        // execution.md 12, example 1: 10 000 − 1.25 + 200 − 1.25.
        let mut account = Account::new(10_000.0, 1);
        assert_eq!(account.open(&opening(1, 1.25)), 1);
        assert_eq!((account.balance(), account.fees_total()), (9_998.75, 1.25));
        let trade = account.close(0, &closing(5, 1.1043, 200.0, 1.25));
        assert_eq!((account.balance(), account.fees_total()), (10_197.5, 2.5));
        assert!((trade.r_multiple.unwrap() - 2.0).abs() < 1e-9);
        assert_eq!((trade.position_id, trade.entry_time_ns, trade.exit_time_ns), (1, 300, 500));
        assert!(!account.is_open() && account.take_changed() && !account.take_changed());
        assert_eq!(account.audit(&[trade]), Ok(()));
        let wrong = Trade { result: 199.0, ..trade };
        let difference = account.audit(&[wrong]).unwrap_err();
        assert_eq!((difference.what, difference.booked, difference.expected), ("balance", 10_197.5, 10_196.5));
        let unpaid = Trade { exit_fee: 0.0, ..trade };
        assert_eq!(account.audit(&[unpaid]).unwrap_err().what, "fees_total");
    }

    /// decisions.md 25.
    #[test]
    fn the_audit_allows_what_rounding_explains() {
        // 3 × 2⁻⁵² × 10¹⁷ is about 67; a loss of 10 in a sum of that size is lost to rounding, one of 1 000 is not.
        let mut account = Account::new(1e17, 1);
        account.open(&opening(1, 0.0));
        let trade = account.close(0, &closing(5, 1.0, -10.0, 0.0));
        assert_eq!(account.audit(&[Trade { result: 10.0, ..trade }]), Ok(()));
        assert!(account.audit(&[Trade { result: 1_000.0, ..trade }]).is_err());
        let mut account = Account::new(1.0, 1);
        account.open(&opening(1, f64::NAN));
        assert!(account.audit(&[]).is_err());
    }

    /// decisions.md 25: the rounding that a correct sum may have.
    #[test]
    fn a_correct_sum_passes_although_results_and_fees_are_larger_than_any_balance() {
        // Each trade wins about a billion and pays as much, in two fees that do not add up to it in binary. The balance
        // stays near a billion, while results and fees grow to 10¹³ and are rounded there.
        let mut account = Account::new(10_000.0, 1);
        let trades: Vec<Trade> = (0..10_000)
            .map(|bar| {
                account.open(&opening(bar, 300_000_000.1));
                account.close(0, &closing(bar as Bar, 1.1, 1_000_000_000.3, 700_000_000.2))
            })
            .collect();
        let results: f64 = trades.iter().map(|trade| trade.result).sum();
        let difference = (account.balance() - (10_000.0 + results - account.fees_total())).abs();
        assert!(difference > 1e-6 + 30_000.0 * f64::EPSILON * account.largest_balance, "{difference}");
        assert_eq!(account.audit(&trades), Ok(()));
        // 30 000 × 2⁻⁵² × 10¹³ is about 67.
        let wrong = Trade { result: trades[0].result + 1_000.0, ..trades[0] };
        assert_eq!(account.audit(&[&[wrong], &trades[1..]].concat()).unwrap_err().what, "balance");
    }

    #[test]
    fn no_tolerance_covers_what_is_not_finite() {
        let mut account = Account::new(0.0, 1);
        account.open(&opening(1, 0.0));
        let trade = account.close(0, &closing(5, 1.0, f64::INFINITY, 0.0));
        assert!(account.audit(&[trade]).is_err());
        assert!(account.audit(&[Trade { result: 0.0, ..trade }]).is_err());
        let account = Account::new(f64::MAX, 1);
        assert!(account.audit_equity(f64::INFINITY, 0.0).is_err());
        assert!(account.audit_equity(f64::MAX, 0.0).is_ok());
    }

    #[test]
    fn views_follow_the_positions() {
        let mut account = Account::new(0.0, 2);
        for order in 1..=3 {
            account.open(&opening(order, 0.0));
        }
        account.close(1, &closing(4, 1.0, 0.0, 0.0));
        let ids = |account: &Account| account.views().iter().map(|view| view.position_id).collect::<Vec<_>>();
        assert_eq!(ids(&account), [1, 3]);
        assert_eq!(account.open(&opening(9, 0.0)), 4);
        assert_eq!(ids(&account), [1, 3, 4]);
    }

    #[test]
    fn no_bar_is_scanned_twice_and_the_earliest_touch_wins() {
        let mut account = Account::new(0.0, 2);
        account.open(&opening(1, 0.0));
        account.open(&opening(2, 0.0));
        let mut scanned = Vec::new();
        // The first position is touched in bar 50, the second in bar 20.
        let mut touch = |account: &mut Account, bars: Range<Bar>| {
            account.first_touch(bars, |position, bars| {
                scanned.push((position.position_id, bars.clone()));
                let at = if position.position_id == 1 { 50 } else { 20 };
                bars.contains(&at).then_some(at)
            })
        };
        assert_eq!(touch(&mut account, 0..100), Some(20));
        assert_eq!(touch(&mut account, 21..40), None);
        assert_eq!(touch(&mut account, 40..100), Some(50));
        // Bars before the first tested one (4) are not scanned; 21..40 is known to be clear of position 1.
        assert_eq!(scanned, [(1, 4..100), (2, 4..50), (2, 21..40), (1, 50..100), (2, 40..50)]);
    }
}
