//! Drawdown: how far and how long equity stayed below its high.

use omega_types::equity::{EquityListener, EquityStretch};

use crate::{Domain, Goal, Kind, Metric, Source, Unit};

/// The deepest fall as a share of the high.
pub(crate) const MAX_DRAWDOWN: Metric = Metric {
    key: "max_drawdown",
    unit: Unit::Ratio,
    kind: Kind::Number,
    domain: Domain::UnitInterval,
    source: Source::Equity,
    goal: Goal::Minimize,
    description: "Largest fall of equity below its running high, as a share of that high",
    compute: |facts| Some(facts.equity.drawdown.ratio),
};

/// The deepest fall in money.
pub(crate) const MAX_DRAWDOWN_ABS: Metric = Metric {
    key: "max_drawdown_abs",
    unit: Unit::AccountCurrency,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Equity,
    goal: Goal::Minimize,
    description: "Largest fall of equity below its running high; may belong to another episode than max_drawdown",
    compute: |facts| Some(facts.equity.drawdown.absolute),
};

/// The longest time below the high.
pub(crate) const MAX_DRAWDOWN_DURATION_BARS: Metric = Metric {
    key: "max_drawdown_duration_bars",
    unit: Unit::Bars,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Equity,
    goal: Goal::Minimize,
    description: "Bars from a high to its recovery or to the end, longest episode",
    compute: |facts| Some(facts.equity.drawdown.duration_bars as f64),
};

/// The deepest and the longest drawdown of a run, unrounded.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Drawdown {
    /// Largest `(high − equity) / high`, 0..1; bars with a high of zero or less count as 0.
    pub ratio: f64,
    /// Largest `high − equity`, in account currency.
    pub absolute: f64,
    /// Bars from the last touch of a high to its recovery, or to the last bar; the longest episode.
    pub duration_bars: usize,
}

const BLOCK: usize = 64;

/// Follows equity from its start, which acts as a point before the first bar (metrics.md 3).
///
/// Bars that can neither set a new high nor recover an old one are judged by their smallest equity alone. Rounding keeps
/// the order of differences and quotients, so the result is that of visiting every bar, bit for bit.
#[derive(Debug, Clone)]
pub struct DrawdownListener {
    high: f64,
    /// Points seen so far: the start is point 0, the first bar point 1.
    seen: usize,
    /// Last point at which equity was at its high.
    peak: usize,
    is_below: bool,
    worst: Drawdown,
}

impl DrawdownListener {
    /// Starts before the first bar.
    pub const fn new(initial_balance: f64) -> Self {
        let worst = Drawdown { ratio: 0.0, absolute: 0.0, duration_bars: 0 };
        Self { high: initial_balance, seen: 0, peak: 0, is_below: false, worst }
    }

    /// The drawdown after the last stretch; an episode that did not recover ends there.
    pub fn finish(mut self) -> Drawdown {
        if self.is_below {
            self.end_episode(self.seen);
        }
        self.worst
    }

    /// Takes `bars` bars between `low` and `high` at once, if no single one of them matters.
    fn take(&mut self, low: f64, high: f64, bars: usize) -> bool {
        if high < self.high {
            self.fall(low);
        } else if low == high {
            self.rise(high);
        } else {
            return false;
        }
        self.seen += bars;
        if high >= self.high {
            self.peak = self.seen;
        }
        true
    }

    fn visit(&mut self, equity: f64) {
        if equity < self.high {
            self.fall(equity);
            self.seen += 1;
        } else {
            self.rise(equity);
            self.seen += 1;
            self.peak = self.seen;
        }
    }

    fn fall(&mut self, equity: f64) {
        self.is_below = true;
        let depth = self.high - equity;
        self.worst.absolute = self.worst.absolute.max(depth);
        if self.high > 0.0 {
            self.worst.ratio = self.worst.ratio.max((depth / self.high).min(1.0));
        }
    }

    /// The next point reaches the high or exceeds it.
    fn rise(&mut self, equity: f64) {
        if self.is_below {
            self.end_episode(self.seen + 1);
            self.is_below = false;
        }
        if equity > self.high {
            self.high = equity;
        }
    }

    fn end_episode(&mut self, point: usize) {
        self.worst.duration_bars = self.worst.duration_bars.max(point - self.peak);
    }
}

impl EquityListener for DrawdownListener {
    fn stretch(&mut self, stretch: &dyn EquityStretch) {
        let bars = stretch.bars();
        if bars.is_empty() {
            return;
        }
        let (low, high) = stretch.extremes(bars.clone());
        if self.take(low, high, bars.len()) {
            return;
        }
        let mut values = [0.0; BLOCK];
        let mut start = bars.start;
        while start < bars.end {
            let block = start..bars.end.min(start + BLOCK);
            start = block.end;
            if bars.len() > BLOCK {
                let (low, high) = stretch.extremes(block.clone());
                if self.take(low, high, block.len()) {
                    continue;
                }
            }
            let values = &mut values[..block.len()];
            stretch.write(block, values);
            values.iter().for_each(|&equity| self.visit(equity));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{PlainStretch, SECTION_3};

    fn drawdown(start: f64, equity: &[f64], cuts: &[usize]) -> Drawdown {
        let mut listener = DrawdownListener::new(start);
        for stretch in PlainStretch::cut(equity, cuts) {
            listener.stretch(&stretch);
        }
        listener.finish()
    }

    /// The definition, point by point, without a running state: high and peak are looked up anew for every bar.
    fn by_definition(start: f64, equity: &[f64]) -> Drawdown {
        let points: Vec<f64> = [start].iter().chain(equity).copied().collect();
        let mut worst = Drawdown::default();
        for k in 1..points.len() {
            let high = points[..=k].iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let depth = high - points[k];
            worst.absolute = worst.absolute.max(depth);
            worst.ratio = worst.ratio.max(if high > 0.0 { (depth / high).clamp(0.0, 1.0) } else { 0.0 });
            if depth > 0.0 {
                let peak = (0..k).rev().find(|&p| points[p] == high).unwrap();
                let recovery = (k..points.len()).find(|&r| points[r] >= high).unwrap_or(points.len() - 1);
                worst.duration_bars = worst.duration_bars.max(recovery - peak);
            }
        }
        worst
    }

    #[test]
    fn the_table_of_the_specification() {
        // metrics.md 3: depth 300 below 10250; the episode that ends at bar 5 began at bar 1.
        let expected = Drawdown { ratio: 300.0 / 10_250.0, absolute: 300.0, duration_bars: 4 };
        assert_eq!(drawdown(10_000.0, &SECTION_3, &[]), expected);
        assert_eq!(drawdown(10_000.0, &SECTION_3, &[2, 4, 5, 9]), expected);
    }

    #[test]
    fn the_start_is_a_high_of_its_own() {
        // Peak at -1, never recovered: 2 - (-1) = 3 bars.
        let never = drawdown(100.0, &[90.0, 80.0, 95.0], &[]);
        assert_eq!(never, Drawdown { ratio: 0.2, absolute: 20.0, duration_bars: 3 });
        // Peak at -1, recovered at bar 1 by reaching it exactly: 1 - (-1) = 2 bars.
        assert_eq!(drawdown(100.0, &[90.0, 100.0, 100.0], &[]).duration_bars, 2);
        assert_eq!(drawdown(100.0, &[99.0], &[]).duration_bars, 1);
        assert_eq!(drawdown(100.0, &[], &[]), Drawdown::default());
    }

    #[test]
    fn the_share_ends_at_one_and_needs_a_positive_high() {
        let ruined = drawdown(100.0, &[-50.0], &[]);
        assert_eq!((ruined.ratio, ruined.absolute), (1.0, 150.0));
        let never_positive = drawdown(-10.0, &[-20.0], &[]);
        assert_eq!((never_positive.ratio, never_positive.absolute), (0.0, 10.0));
    }

    #[test]
    fn a_flat_stretch_at_the_high_moves_the_peak_to_its_end() {
        // Peak at bar 3 (the last of the flat ones), end at bar 5.
        let equity = [100.0, 100.0, 100.0, 100.0, 90.0, 90.0];
        for cuts in [&[][..], &[4], &[2, 4]] {
            assert_eq!(drawdown(100.0, &equity, cuts).duration_bars, 2);
        }
    }

    proptest! {
        /// Property: stretches and blocks give what every single bar gives.
        #[test]
        fn skipping_changes_no_bit(
            steps in prop::collection::vec((-3i32..=3, 1usize..40), 0..40),
            cuts in prop::collection::vec(0usize..900, 0..8),
            scale in prop::sample::select(vec![1.0, 0.1, 1.0 / 3.0]),
            start in -2i32..20,
        ) {
            // Every level is held for some bars, so that flat stretches and exact recoveries occur.
            let mut level = start;
            let mut equity = Vec::new();
            for (step, bars) in steps {
                level += step;
                for bar in 0..bars {
                    equity.push(f64::from(level + if step == 1 { bar as i32 % 3 } else { 0 }) * scale);
                }
            }
            let start = f64::from(start) * scale;
            prop_assert_eq!(drawdown(start, &equity, &cuts), by_definition(start, &equity));
        }
    }
}
