//! Equity as a tape of stretches: what it takes to know equity at every bar without having written it anywhere.

use std::ops::{ControlFlow, Range};

use omega_types::{
    Bar,
    equity::{EquityListener, EquityStretch},
};

use crate::{
    Account, Marks, Valuation,
    extremes::{extremes, larger, smaller},
    valuation::Holding,
};

/// Bars over which balance and open positions do not change, one after the other. Whoever needs equity replays it.
///
/// Each position is kept once, however many stretches it lasts. What is open in a stretch is found by walking forward.
#[derive(Debug, Clone)]
pub struct Tape {
    valuation: Valuation,
    marks: Marks,
    trading: Range<Bar>,
    initial_balance: f64,
    stretches: Vec<Stretch>,
    /// In the order of `from`.
    held: Vec<Held>,
    /// Indices of what is held in the last stretch and in the one before it, in the order of the positions' ids.
    open: Vec<usize>,
    open_before: Vec<usize>,
}

#[derive(Debug, Clone)]
struct Stretch {
    from: Bar,
    balance: f64,
}

/// A position and the bars at whose close it is open.
#[derive(Debug, Clone, Copy)]
struct Held {
    position_id: u32,
    holding: Holding,
    from: Bar,
    /// Exclusive; [`OPEN`] as long as there is no end.
    until: Bar,
}

const OPEN: Bar = Bar::MAX;

impl Tape {
    /// A tape over the `trading` bars, flat so far.
    pub fn new(valuation: Valuation, marks: Marks, trading: Range<Bar>, initial_balance: f64) -> Self {
        let mut stretches = Vec::with_capacity(1_024);
        stretches.push(Stretch { from: trading.start, balance: initial_balance });
        let (held, open, open_before) = (Vec::with_capacity(1_024), Vec::with_capacity(64), Vec::with_capacity(64));
        Self { valuation, marks, trading, initial_balance, stretches, held, open, open_before }
    }

    /// From the close of `bar` on the account is as it is now. Bars must come in order; a bar that comes again
    /// replaces what was recorded for it.
    pub fn record(&mut self, bar: Bar, account: &Account) {
        // What was held before this bar is what every change is told from.
        match self.stretches.pop_if(|last| last.from >= bar) {
            Some(last) => while self.held.pop_if(|held| held.from == last.from).is_some() {},
            None => std::mem::swap(&mut self.open, &mut self.open_before),
        }
        self.stretches.push(Stretch { from: bar, balance: account.balance() });
        self.open.clear();
        for &index in &self.open_before {
            self.held[index].until = bar;
        }
        if self.marks == Marks::Realised {
            return;
        }
        for position in account.positions() {
            let (position_id, holding) = (position.position_id, position.holding());
            let known = self.open_before.binary_search_by_key(&position_id, |&index| self.held[index].position_id);
            let known = known.ok().map(|at| self.open_before[at]);
            match known.filter(|&index| self.held[index].holding == holding) {
                Some(index) => {
                    self.held[index].until = OPEN;
                    self.open.push(index);
                }
                None => {
                    self.open.push(self.held.len());
                    self.held.push(Held { position_id, holding, from: bar, until: OPEN });
                }
            }
        }
    }

    /// Gives back memory that reading does not need: room for further records, candles outside of the bars, and candles
    /// that no mark is taken from. Call it once, when the run is over; what the tape tells stays the same, bit for bit.
    ///
    /// Candles are copied if what holds them is more than twice as large as they are.
    pub fn compact(&mut self) {
        self.stretches.shrink_to_fit();
        self.held.shrink_to_fit();
        self.valuation.compact(self.marks);
    }

    /// Memory held, the candles behind the marks included.
    pub fn bytes(&self) -> usize {
        self.stretches.capacity() * size_of::<Stretch>()
            + self.held.capacity() * size_of::<Held>()
            + (self.open.capacity() + self.open_before.capacity()) * size_of::<usize>()
            + self.valuation.bytes()
    }

    /// The bars that it covers.
    pub fn trading(&self) -> Range<Bar> {
        self.trading.clone()
    }

    /// Start of equity, before the first bar.
    pub const fn initial_balance(&self) -> f64 {
        self.initial_balance
    }

    /// How equity treats open positions.
    pub const fn marks(&self) -> Marks {
        self.marks
    }

    /// Tells every listener every stretch, in order. Stretches cover each trading bar exactly once.
    pub fn replay(&self, listeners: &mut [&mut dyn EquityListener]) {
        self.walk(|view| {
            for listener in &mut *listeners {
                listener.stretch(view);
            }
            ControlFlow::<()>::Continue(())
        });
    }

    /// Equity at the close of the last trading bar; the initial balance if there is none.
    pub fn last_equity(&self) -> f64 {
        match (self.trading.end.checked_sub(1), self.stretches.last()) {
            (Some(bar), Some(last)) if bar >= self.trading.start => {
                let open: Vec<Held> = self.open.iter().map(|&index| self.held[index]).collect();
                let bars = last.from..self.trading.end;
                View { valuation: &self.valuation, bars, balance: last.balance, open: &open }.at(bar)
            }
            _ => self.initial_balance,
        }
    }

    /// The first trading bar whose equity is infinite or undefined, and that equity.
    pub fn first_non_finite(&self) -> Option<(Bar, f64)> {
        self.walk(|view| {
            let (low, high) = view.extremes(view.bars());
            if low.is_finite() && high.is_finite() {
                return ControlFlow::Continue(());
            }
            match view.bars().map(|bar| (bar, view.at(bar))).find(|(_, equity)| !equity.is_finite()) {
                Some(found) => ControlFlow::Break(found),
                None => ControlFlow::Continue(()),
            }
        })
    }

    /// Visits the stretches that have bars, in order, with what is open in each. Gives what `visit` breaks with.
    fn walk<T>(&self, mut visit: impl FnMut(&View<'_>) -> ControlFlow<T>) -> Option<T> {
        let mut open: Vec<Held> = Vec::new();
        let mut coming = self.held.iter().peekable();
        for (index, stretch) in self.stretches.iter().enumerate() {
            open.retain(|held| held.until > stretch.from);
            while let Some(held) = coming.next_if(|held| held.from <= stretch.from) {
                // Ids rise, so this is the end unless a position changed while it was open. Sums need this order.
                let place = open.partition_point(|other| other.position_id < held.position_id);
                open.insert(place, *held);
            }
            let bars = stretch.from..self.stretches.get(index + 1).map_or(self.trading.end, |next| next.from);
            if bars.is_empty() {
                continue;
            }
            let view = View { valuation: &self.valuation, bars, balance: stretch.balance, open: &open };
            if let ControlFlow::Break(found) = visit(&view) {
                return Some(found);
            }
        }
        None
    }
}

struct View<'a> {
    valuation: &'a Valuation,
    bars: Range<Bar>,
    balance: f64,
    /// In the order of the positions' ids, in which profits are added.
    open: &'a [Held],
}

impl View<'_> {
    /// Simulation stops at the first bar that has no usable rate, so that a mark which is needed exists.
    fn unrealised(&self, held: &Held, bar: Bar) -> f64 {
        self.valuation.mark(held.holding, bar).unwrap_or(f64::NAN)
    }
}

impl EquityStretch for View<'_> {
    fn bars(&self) -> Range<Bar> {
        self.bars.clone()
    }

    fn balance(&self) -> f64 {
        self.balance
    }

    fn at(&self, bar: Bar) -> f64 {
        if self.open.is_empty() {
            return self.balance;
        }
        self.balance + self.open.iter().fold(0.0, |sum, held| sum + self.unrealised(held, bar))
    }

    /// Both NaN if one of the values is.
    fn extremes(&self, bars: Range<Bar>) -> (f64, f64) {
        match self.open {
            [] => (self.balance, self.balance),
            [only] if self.valuation.is_proportional() => {
                let closes = &self.valuation.closes(only.holding.direction)[bars.clone()];
                let Some((low, high)) = extremes(closes) else { return (self.balance, self.balance) };
                let equity = |price| {
                    let profit = self.valuation.at_price(only.holding, price, bars.start).unwrap_or(f64::NAN);
                    self.balance + (0.0 + profit)
                };
                let (a, b) = (equity(low), equity(high));
                if a <= b { (a, b) } else { (b, a) }
            }
            _ => {
                let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
                let mut block = [0.0; 256];
                let mut start = bars.start;
                while start < bars.end {
                    let end = bars.end.min(start + block.len());
                    let values = &mut block[..end - start];
                    self.write(start..end, values);
                    if let Some((low, high)) = extremes(values) {
                        least = smaller(least, low);
                        most = larger(most, high);
                    }
                    start = end;
                }
                (least, most)
            }
        }
    }

    fn write(&self, bars: Range<Bar>, out: &mut [f64]) {
        if self.open.is_empty() {
            out.fill(self.balance);
            return;
        }
        out.fill(0.0);
        for held in self.open {
            for (value, bar) in out.iter_mut().zip(bars.clone()) {
                *value += self.unrealised(held, bar);
            }
        }
        for value in out {
            *value += self.balance;
        }
    }
}

#[cfg(test)]
mod tests {
    use omega_types::{Column, Direction, TimeColumn};
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{self, closing, opening, quotes, valuation};

    fn zigzag(bars: usize) -> Vec<f64> {
        (0..bars).map(|bar| 1.1 + (bar * 7 % 31) as f64 * 0.001).collect()
    }

    fn equity(tape: &Tape) -> Vec<f64> {
        tape.curve(&TimeColumn::from((0..tape.trading.end as i64).collect::<Vec<_>>())).equity
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    fn direction(number: usize) -> Direction {
        if number.is_multiple_of(2) { Direction::Long } else { Direction::Short }
    }

    #[test]
    fn memory_grows_with_positions_and_changes_and_not_with_their_product() {
        const BARS: usize = 20_000;
        let closes = zigzag(BARS);
        let valuation = valuation("USD", &quotes(&closes, &closes));
        let mut tape = Tape::new(valuation.clone(), Marks::Closing, 0..BARS, 10_000.0);
        let mut account = Account::new(10_000.0, 201);
        for number in 0..200 {
            account.open(&opening(0, direction(number), 1.1, 0.01));
        }
        for bar in 0..BARS {
            // One more comes and goes every two bars, so that every bar changes something.
            if bar % 2 == 0 {
                account.open(&opening(bar, Direction::Long, 1.1, 0.01));
            } else {
                account.close(200, &closing(bar, 1.1, 0.25));
            }
            tape.record(bar, &account);
        }
        assert_eq!((tape.stretches.len(), tape.held.len()), (BARS, 200 + BARS / 2));
        // Copying what is open at every bar would take 20 000 × 200 × 24 bytes, 96 MB.
        let without_candles = tape.bytes() - valuation.bytes();
        assert!(without_candles < 3_000_000, "{without_candles}");
        let last = 10_000.0 + 2_500.0 + valuation.unrealised(account.positions(), BARS - 1).unwrap();
        assert_eq!((tape.last_equity(), *equity(&tape).last().unwrap()), (last, last));
    }

    #[test]
    fn infinite_profit_and_infinite_loss_together_do_not_go_unnoticed() {
        // 10³⁰⁵ lots of 10⁵ units: no move is worth 0, every other one more than a double holds, and ∞ − ∞ is NaN.
        for (currency, moved) in ["USD", "EUR"].into_iter().flat_map(|c| (2..700).step_by(37).map(move |bar| (c, bar)))
        {
            let mut closes = vec![1.0; 700];
            closes[moved] = 1.5;
            let mut account = Account::new(0.0, 2);
            account.open(&opening(0, Direction::Long, 1.0, 1e305));
            account.open(&opening(0, Direction::Short, 1.0, 1e305));
            let mut tape = Tape::new(valuation(currency, &quotes(&closes, &closes)), Marks::Closing, 0..700, 0.0);
            tape.record(1, &account);
            let (bar, equity) = tape.first_non_finite().unwrap();
            assert!(bar == moved && equity.is_nan(), "{currency}: {equity} at {bar}, not {moved}");
        }
    }

    #[test]
    fn an_undefined_mark_does_not_go_unnoticed() {
        for currency in ["USD", "EUR"] {
            for undefined in 1..40 {
                let mut closes = zigzag(40);
                closes[undefined] = f64::NAN;
                let mut account = Account::new(0.0, 1);
                account.open(&opening(0, Direction::Long, 1.0, 1.0));
                let mut tape = Tape::new(valuation(currency, &quotes(&closes, &closes)), Marks::Closing, 0..40, 0.0);
                tape.record(1, &account);
                assert_eq!(tape.first_non_finite().unwrap().0, undefined);
            }
        }
    }

    #[test]
    fn a_mark_without_a_rate_does_not_go_unnoticed() {
        // No candle of USDCHF from bar 7 on, and none older than its bar is accepted.
        let closes = zigzag(20);
        let valuation = testing::valuation_at("CHF", &quotes(&closes, &closes), &[0.9; 7]);
        let mut account = Account::new(0.0, 1);
        account.open(&opening(2, Direction::Long, 1.0, 1.0));
        let mut tape = Tape::new(valuation.clone(), Marks::Closing, 0..20, 0.0);
        tape.record(2, &account);
        let (bar, equity) = tape.first_non_finite().unwrap();
        assert!(bar == 7 && equity.is_nan(), "{equity} at {bar}");
        let error = valuation.unrealised(account.positions(), 7).unwrap_err();
        assert_eq!(omega_types::Coded::code(&error).name, "fx_rate_unavailable");
    }

    #[test]
    fn compacting_lets_the_rest_of_the_file_go_and_changes_no_bit() {
        let file = Column::from(zigzag(10_000));
        let part = |column: &Column| column.slice(5_000..5_100);
        for (currency, marks, rates) in [
            ("USD", Marks::Closing, 0),
            ("EUR", Marks::Closing, 0),
            ("EUR", Marks::Realised, 0),
            // One column of 100 rates, for marks only.
            ("CHF", Marks::Closing, 800),
            ("CHF", Marks::Realised, 0),
        ] {
            let mut market = quotes(&file, &file);
            (market.bid.close, market.ask.close) = (part(&file), part(&file));
            let mut account = Account::new(10_000.0, 1);
            let mut tape = Tape::new(valuation(currency, &market), marks, 0..100, 10_000.0);
            account.open(&opening(3, Direction::Short, 1.1, 1.0));
            tape.record(3, &account);
            account.close(0, &closing(60, 1.1, 12.5));
            tape.record(60, &account);
            let before = (bits(&equity(&tape)), tape.last_equity());
            assert!(tape.bytes() >= 80_000);
            tape.compact();
            assert_eq!((bits(&equity(&tape)), tape.last_equity()), before);
            // 100 closes that both sides share, at most; 3 stretches, 1 position and two short lists.
            assert!(tape.bytes() - rates < 2_500, "{}", tape.bytes());
        }
    }

    proptest! {
        /// Property: equity is balance plus the marks of what is open, added up in the order of the positions.
        #[test]
        fn equity_is_what_the_account_was_worth_at_every_bar(
            steps in prop::collection::vec((0..4_usize, 0..3_usize, 0..100_usize, any::<bool>()), 1..120),
            currency in prop::sample::select(vec!["USD", "EUR", "CHF"]),
            is_marked in any::<bool>(),
        ) {
            let bars = steps.len();
            let (bid, ask) = (zigzag(bars), zigzag(bars).iter().map(|close| close + 0.0003).collect::<Vec<_>>());
            let valuation = valuation(currency, &quotes(&bid, &ask));
            let marks = if is_marked { Marks::Closing } else { Marks::Realised };
            let mut account = Account::new(10_000.0, 8);
            let mut tape = Tape::new(valuation.clone(), marks, 0..bars, 10_000.0);
            let (mut expected, mut held) = (Vec::new(), 0);
            for (bar, &(opened, closed, pick, is_told_twice)) in steps.iter().enumerate() {
                for number in 0..opened {
                    account.open(&opening(bar, direction(pick + number), 1.1 + pick as f64 * 1e-5, 0.01 * (1 + pick) as f64));
                }
                if is_told_twice {
                    // What is recorded now is replaced below, positions that come and go in this bar included.
                    tape.record(bar, &account);
                }
                for number in 0..closed.min(account.positions().len()) {
                    let index = (pick + number) % account.positions().len();
                    account.close(index, &closing(bar, 1.1, pick as f64 * 0.7 - 30.0));
                }
                if account.take_changed() || is_told_twice {
                    tape.record(bar, &account);
                }
                held = held.max(account.positions().len());
                let unrealised = valuation.unrealised(account.positions(), bar).unwrap();
                let is_flat = account.positions().is_empty() || !is_marked;
                expected.push(if is_flat { account.balance() } else { account.balance() + unrealised });
            }
            prop_assert_eq!(bits(&equity(&tape)), bits(&expected));
            prop_assert_eq!(tape.last_equity().to_bits(), expected.last().unwrap().to_bits());
            prop_assert_eq!(tape.first_non_finite(), None);
            prop_assert!(tape.held.iter().all(|held| held.from < held.until));
            prop_assert!(tape.held.len() <= steps.iter().map(|(opened, ..)| opened).sum::<usize>());
        }
    }
}
