//! Equity as a tape of stretches: what it takes to know equity at every bar without having written it anywhere.

use std::ops::Range;

use omega_types::{
    Bar,
    equity::{EquityListener, EquityStretch},
};

use crate::{Account, Marks, Valuation, extremes::extremes, valuation::Holding};

/// Bars over which balance and open positions do not change, one after the other. Whoever needs equity replays it.
#[derive(Debug, Clone)]
pub struct Tape {
    valuation: Valuation,
    marks: Marks,
    trading: Range<Bar>,
    initial_balance: f64,
    stretches: Vec<Stretch>,
    holdings: Vec<Holding>,
}

#[derive(Debug, Clone)]
struct Stretch {
    from: Bar,
    balance: f64,
    /// Holdings from this index up to the first of the next stretch.
    first_holding: usize,
}

impl Tape {
    /// A tape over the `trading` bars, flat so far.
    pub fn new(valuation: Valuation, marks: Marks, trading: Range<Bar>, initial_balance: f64) -> Self {
        let mut stretches = Vec::with_capacity(1_024);
        stretches.push(Stretch { from: trading.start, balance: initial_balance, first_holding: 0 });
        Self { valuation, marks, trading, initial_balance, stretches, holdings: Vec::with_capacity(1_024) }
    }

    /// From the close of `bar` on the account is as it is now. Bars must come in order; a bar that comes again
    /// replaces what was recorded for it.
    pub fn record(&mut self, bar: Bar, account: &Account) {
        if let Some(last) = self.stretches.pop_if(|last| last.from >= bar) {
            self.holdings.truncate(last.first_holding);
        }
        let first_holding = self.holdings.len();
        if self.marks == Marks::Closing {
            self.holdings.extend(account.positions().iter().map(|position| position.holding()));
        }
        self.stretches.push(Stretch { from: bar, balance: account.balance(), first_holding });
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
        for index in 0..self.stretches.len() {
            let view = self.view(index);
            if view.bars.is_empty() {
                continue;
            }
            for listener in &mut *listeners {
                listener.stretch(&view);
            }
        }
    }

    /// Equity at the close of the last trading bar; the initial balance if there is none.
    pub fn last_equity(&self) -> f64 {
        match (self.trading.end.checked_sub(1), self.stretches.len().checked_sub(1)) {
            (Some(bar), Some(last)) if bar >= self.trading.start => self.view(last).at(bar),
            _ => self.initial_balance,
        }
    }

    /// The first trading bar whose equity is infinite or undefined, and that equity.
    pub fn first_non_finite(&self) -> Option<(Bar, f64)> {
        let is_sound = |(low, high): (f64, f64)| low.is_finite() && high.is_finite();
        (0..self.stretches.len()).map(|index| self.view(index)).find_map(|view| {
            if view.bars.is_empty() || is_sound(view.extremes(view.bars())) {
                return None;
            }
            view.bars().map(|bar| (bar, view.at(bar))).find(|(_, equity)| !equity.is_finite())
        })
    }

    fn view(&self, index: usize) -> View<'_> {
        let stretch = &self.stretches[index];
        let next = self.stretches.get(index + 1);
        View {
            valuation: &self.valuation,
            bars: stretch.from..next.map_or(self.trading.end, |next| next.from),
            balance: stretch.balance,
            holdings: &self.holdings
                [stretch.first_holding..next.map_or(self.holdings.len(), |next| next.first_holding)],
        }
    }
}

struct View<'a> {
    valuation: &'a Valuation,
    bars: Range<Bar>,
    balance: f64,
    holdings: &'a [Holding],
}

impl View<'_> {
    /// Simulation stops at the first bar that has no usable rate, so that a mark which is needed exists.
    fn unrealised(&self, holding: Holding, bar: Bar) -> f64 {
        self.valuation.mark(holding, bar).unwrap_or(f64::NAN)
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
        if self.holdings.is_empty() {
            return self.balance;
        }
        self.balance + self.holdings.iter().fold(0.0, |sum, &holding| sum + self.unrealised(holding, bar))
    }

    fn extremes(&self, bars: Range<Bar>) -> (f64, f64) {
        match self.holdings {
            [] => (self.balance, self.balance),
            [only] if self.valuation.is_proportional() => {
                let closes = &self.valuation.closes(only.direction)[bars.clone()];
                let Some((low, high)) = extremes(closes) else { return (self.balance, self.balance) };
                let equity = |price| {
                    let profit = self.valuation.at_price(*only, price, bars.start).unwrap_or(f64::NAN);
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
                        least = if low < least { low } else { least };
                        most = if high > most { high } else { most };
                    }
                    start = end;
                }
                (least, most)
            }
        }
    }

    fn write(&self, bars: Range<Bar>, out: &mut [f64]) {
        if self.holdings.is_empty() {
            out.fill(self.balance);
            return;
        }
        out.fill(0.0);
        for &holding in self.holdings {
            for (value, bar) in out.iter_mut().zip(bars.clone()) {
                *value += self.unrealised(holding, bar);
            }
        }
        for value in out {
            *value += self.balance;
        }
    }
}
