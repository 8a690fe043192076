//! What rules see: the market of the run, and one position at the close of one bar (execution.md 8.1).

use std::ops::Range;

use omega_types::{Bar, BarSet, Clock, Column, LotGrid, Quotes, order::PositionView};

use crate::Protection;

/// What stays the same over a run.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    pub(crate) clock: Clock,
    /// Execution view.
    pub(crate) quotes: Quotes,
    pub(crate) trading: Range<Bar>,
    /// Wilder ATRs of raw bid candles; distances carry an index into them.
    pub(crate) atr: Vec<Column>,
    /// Bars on which `session_end` acts.
    pub(crate) session_ends: BarSet,
    /// Bars whose decision time lies inside a news window.
    pub(crate) news_blocked: BarSet,
    pub(crate) protection: Protection,
    pub(crate) lots: LotGrid,
}

impl Ground {
    /// The first bar of `set` at or after `from` that is traded.
    pub(crate) fn next_in(&self, set: &BarSet, from: Bar) -> Option<Bar> {
        set.next(from).filter(|&bar| bar < self.trading.end)
    }
}

/// One position at the close of `bar`, after the stops and targets of that bar.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glance<'a> {
    pub(crate) ground: &'a Ground,
    pub(crate) view: &'a PositionView,
    pub(crate) bar: Bar,
}

impl Glance<'_> {
    /// +1 for long, −1 for short.
    pub(crate) const fn sign(&self) -> f64 {
        self.view.direction.sign()
    }

    /// Close of the closing side.
    pub(crate) fn close(&self) -> f64 {
        self.ground.quotes.side(self.view.direction.closing_side()).close[self.bar]
    }

    /// Profit of one unit at the close, in price.
    pub(crate) fn profit(&self) -> f64 {
        (self.close() - self.view.entry_price) * self.sign()
    }

    /// Distance of the stop at the entry, in price; `None` without one.
    pub(crate) fn risk(&self) -> Option<f64> {
        self.view.initial_stop_loss.map(|stop| (self.view.entry_price - stop).abs())
    }

    /// Could `stop` replace the one in force?
    pub(crate) fn may_move_stop(&self, stop: f64) -> bool {
        self.ground.protection.may_move(self.view.direction, stop, self.view.stop_loss, self.close())
    }
}
