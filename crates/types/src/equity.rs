//! How equity is read back from the tape of a run.

use std::ops::Range;

use crate::Bar;

/// A run of bars over which balance and open positions do not change, so that equity depends on the marks alone.
pub trait EquityStretch {
    /// The bars of the stretch.
    fn bars(&self) -> Range<Bar>;
    /// Cash after every bar of the stretch.
    fn balance(&self) -> f64;
    /// Equity as of the close of `bar`.
    fn at(&self, bar: Bar) -> f64;
    /// Smallest and largest equity over `bars`, bit-equal to those of the single values.
    fn extremes(&self, bars: Range<Bar>) -> (f64, f64);
    /// Writes the equity of `bars` to `out` (same length).
    fn write(&self, bars: Range<Bar>, out: &mut [f64]);
}

/// Whoever computes something from equity: drawdown, daily closes, the curve itself.
pub trait EquityListener {
    /// The next stretch; stretches come in order and cover every trading bar exactly once.
    fn stretch(&mut self, stretch: &dyn EquityStretch);
}

/// Equity as columns, one row per trading bar (output.md 6), unrounded.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs)]
pub struct EquityCurve {
    pub time_ns: Vec<i64>,
    pub equity: Vec<f64>,
    pub balance: Vec<f64>,
    /// `(high_water − equity) / high_water`, clamped to 0..1; 0 where `high_water <= 0`.
    pub drawdown: Vec<f64>,
    /// `max(initial_balance, all equity so far)`.
    pub high_water: Vec<f64>,
}
