//! When a stop or a target is touched, and the price at which it fills (execution.md 5).

use std::ops::Range;

use omega_types::{Bar, Candle, Direction, Quotes};

use crate::{GapStop, Rules, TargetGap};

/// Prices on the closing side at which a position's stop and target act, buffer and tolerance included.
///
/// Made once per position by [`Rules::triggers`], so that one bar and a million bars are tested by the same comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Triggers {
    direction: Direction,
    /// A stop or target that does not exist is infinitely far away.
    stop: f64,
    target: f64,
}

/// What a bar touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Touch {
    Stop,
    Target,
}

impl Triggers {
    /// Does `candle` of the closing side touch the stop?
    pub fn stop_touched(&self, candle: &Candle) -> bool {
        match self.direction {
            Direction::Long => candle.low <= self.stop,
            Direction::Short => candle.high >= self.stop,
        }
    }

    /// Does `candle` of the closing side touch the target?
    pub fn target_touched(&self, candle: &Candle) -> bool {
        match self.direction {
            Direction::Long => candle.high >= self.target,
            Direction::Short => candle.low <= self.target,
        }
    }

    /// What `candle` touches. If both, the stop, wherever the bar opened.
    pub fn touch(&self, candle: &Candle) -> Option<Touch> {
        if self.stop_touched(candle) {
            Some(Touch::Stop)
        } else if self.target_touched(candle) {
            Some(Touch::Target)
        } else {
            None
        }
    }

    /// The first of `bars` whose candle touches stop or target. `quotes` is the execution view; bars past its end do not
    /// exist.
    pub fn first_touch(&self, quotes: &Quotes, bars: Range<Bar>) -> Option<Bar> {
        let side = quotes.side(self.direction.closing_side());
        let end = bars.end.min(side.high.len()).min(side.low.len());
        let (lows, highs) = (side.low.get(bars.start..end)?, side.high.get(bars.start..end)?);
        let offset = match self.direction {
            Direction::Long => first_outside(lows, self.stop, highs, self.target),
            Direction::Short => first_outside(lows, self.target, highs, self.stop),
        };
        offset.map(|offset| bars.start + offset)
    }
}

impl Rules {
    /// The triggers of a position. `pip_buffer` is that of the costs; it makes both levels act slightly early.
    pub fn triggers(
        &self,
        direction: Direction,
        stop_loss: Option<f64>,
        take_profit: Option<f64>,
        pip_buffer: f64,
    ) -> Triggers {
        let tolerance = self.touch_tolerance;
        let above = |level: f64| level + pip_buffer + tolerance;
        let below = |level: f64| level - pip_buffer - tolerance;
        let (stop, target) = match direction {
            Direction::Long => (stop_loss.map_or(f64::NEG_INFINITY, above), take_profit.map_or(f64::INFINITY, below)),
            Direction::Short => (stop_loss.map_or(f64::INFINITY, below), take_profit.map_or(f64::NEG_INFINITY, above)),
        };
        Triggers { direction, stop, target }
    }

    /// Does the bar close strictly beyond the target? The condition under which the target of a limit order counts in
    /// the bar that fills the order (execution.md 5.2). `close` is that of the closing side.
    pub fn closes_beyond_target(&self, direction: Direction, take_profit: f64, close: f64) -> bool {
        match direction {
            Direction::Long => self.above(close, take_profit),
            Direction::Short => self.below(close, take_profit),
        }
    }

    /// The price of a stop exit before slippage.
    ///
    /// `open` is that of the closing side; `live_from_open` says that the position existed when the bar opened.
    pub fn stop_base_price(&self, direction: Direction, stop_loss: f64, open: f64, live_from_open: bool) -> f64 {
        match (self.gap_stop, direction) {
            (GapStop::Open, Direction::Long) if live_from_open => stop_loss.min(open),
            (GapStop::Open, Direction::Short) if live_from_open => stop_loss.max(open),
            _ => stop_loss,
        }
    }

    /// The price of a target exit before slippage. Parameters as in [`Rules::stop_base_price`].
    pub fn target_base_price(&self, direction: Direction, take_profit: f64, open: f64, live_from_open: bool) -> f64 {
        match (self.target_gap, direction) {
            (TargetGap::Open, Direction::Long) if live_from_open => take_profit.max(open),
            (TargetGap::Open, Direction::Short) if live_from_open => take_profit.min(open),
            _ => take_profit,
        }
    }
}

/// Index of the first bar with `low <= floor` or `high >= ceiling`; the two slices are equally long.
///
/// Whole chunks are tested without a branch, so that the compiler can compare several bars per instruction.
pub(crate) fn first_outside(lows: &[f64], floor: f64, highs: &[f64], ceiling: f64) -> Option<usize> {
    const WIDTH: usize = 64;
    let outside = |low: f64, high: f64| (low <= floor) | (high >= ceiling);
    let (low_chunks, high_chunks) = (lows.chunks(WIDTH), highs.chunks(WIDTH));
    for (chunk, (lows, highs)) in low_chunks.zip(high_chunks).enumerate() {
        let mut any = 0_u64;
        for (&low, &high) in lows.iter().zip(highs) {
            any |= u64::from(low <= floor) | u64::from(high >= ceiling);
        }
        if any != 0 {
            let within = lows.iter().zip(highs).position(|(&low, &high)| outside(low, high));
            return within.map(|within| chunk * WIDTH + within);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use omega_types::{Column, SideColumns, config::Variant};
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{candle, config, eurusd};

    /// Half a pip on EURUSD.
    const BUFFER: f64 = 0.0001 * 0.5;

    fn rules(variant: Variant) -> Rules {
        Rules::new(variant, &config().execution, &eurusd())
    }

    #[test]
    fn a_touch_of_level_plus_buffer_counts_although_the_sum_is_not_representable() {
        // execution.md 12, example 1: SL 1.09830, TP 1.10430, buffer 0.00005.
        let long = rules(Variant::V2).triggers(Direction::Long, Some(1.09830), Some(1.10430), BUFFER);
        assert_eq!(long.touch(&candle(1.10020, 1.10200, 1.09900, 1.10150)), None);
        assert_eq!(long.touch(&candle(1.10150, 1.10430, 1.10100, 1.10400)), Some(Touch::Target));
        assert_eq!(long.touch(&candle(1.10150, 1.10425, 1.10100, 1.10400)), Some(Touch::Target));
        assert_eq!(long.touch(&candle(1.10150, 1.10424, 1.10100, 1.10400)), None);
        assert_eq!(long.touch(&candle(1.10150, 1.10200, 1.09835, 1.10400)), Some(Touch::Stop));
        assert_eq!(long.touch(&candle(1.10150, 1.10200, 1.09836, 1.10400)), None);
    }

    #[test]
    fn the_stop_wins_when_both_are_touched() {
        // execution.md 12, example 3.
        let long = rules(Variant::V2).triggers(Direction::Long, Some(1.10000), Some(1.10400), BUFFER);
        let bar = candle(1.10050, 1.10450, 1.09980, 1.10300);
        assert!(long.stop_touched(&bar) && long.target_touched(&bar));
        assert_eq!(long.touch(&bar), Some(Touch::Stop));
        assert_eq!(long.touch(&candle(1.10050, 1.10450, 1.10040, 1.10300)), Some(Touch::Target));
    }

    #[test]
    fn a_gap_through_the_stop_fills_at_the_open() {
        // execution.md 12, example 7: market short, SL 1.10220; ask = bid + 0.0001.
        let short = rules(Variant::V2).triggers(Direction::Short, Some(1.10220), Some(1.09600), BUFFER);
        assert_eq!(short.touch(&candle(1.10030, 1.10110, 1.09990, 1.10090)), None);
        assert_eq!(short.touch(&candle(1.10410, 1.10460, 1.10310, 1.10360)), Some(Touch::Stop));
        let base = |variant, open, live| rules(variant).stop_base_price(Direction::Short, 1.10220, open, live);
        assert_eq!(base(Variant::V2, 1.10410, true), 1.10410);
        assert_eq!(base(Variant::V2, 1.10030, true), 1.10220);
        // Not live from the open: the open precedes the position.
        assert_eq!(base(Variant::V2, 1.10410, false), 1.10220);
        assert_eq!(base(Variant::V1Parity, 1.10410, true), 1.10220);
        assert_eq!(rules(Variant::V2).stop_base_price(Direction::Long, 1.09830, 1.09700, true), 1.09700);
    }

    #[test]
    fn a_target_fills_at_its_level_unless_limits_may_improve() {
        let worse = rules(Variant::V2);
        let better = Rules { target_gap: TargetGap::Open, ..worse };
        let base = |rules: &Rules, direction, open, live| rules.target_base_price(direction, 1.1, open, live);
        assert_eq!(base(&worse, Direction::Long, 1.2, true), 1.1);
        assert_eq!(base(&better, Direction::Long, 1.2, true), 1.2);
        assert_eq!(base(&better, Direction::Long, 1.0, true), 1.1);
        assert_eq!(base(&better, Direction::Short, 1.0, true), 1.0);
        assert_eq!(base(&better, Direction::Short, 1.0, false), 1.1);
    }

    #[test]
    fn a_limit_order_needs_a_close_beyond_its_target_in_its_first_bar() {
        // execution.md 12, example 4: TP 1.10300, close 1.10200; in the variant 1.10320.
        let rules = rules(Variant::V2);
        assert!(!rules.closes_beyond_target(Direction::Long, 1.10300, 1.10200));
        assert!(!rules.closes_beyond_target(Direction::Long, 1.10300, 1.10300));
        assert!(rules.closes_beyond_target(Direction::Long, 1.10300, 1.10320));
        assert!(rules.closes_beyond_target(Direction::Short, 1.10300, 1.10200));
    }

    #[test]
    fn without_levels_nothing_is_ever_touched() {
        for direction in [Direction::Long, Direction::Short] {
            let none = rules(Variant::V2).triggers(direction, None, None, BUFFER);
            assert_eq!(none.touch(&candle(1.0, f64::MAX, f64::MIN_POSITIVE, 1.0)), None);
        }
    }

    #[test]
    fn a_scan_past_the_end_finds_nothing() {
        let quotes = quotes(&[(1.2, 1.0)]);
        let all = rules(Variant::V2).triggers(Direction::Long, Some(1.1), None, BUFFER);
        assert_eq!(all.first_touch(&quotes, 0..1), Some(0));
        assert_eq!(all.first_touch(&quotes, 0..9), Some(0));
        assert_eq!(all.first_touch(&quotes, 1..9), None);
        assert_eq!(all.first_touch(&quotes, 5..9), None);
        assert_eq!(all.first_touch(&quotes, 1..1), None);
    }

    /// The same highs and lows on both sides.
    fn quotes(bars: &[(f64, f64)]) -> Quotes {
        let column = |pick: fn(&(f64, f64)) -> f64| Column::from(bars.iter().map(pick).collect::<Vec<_>>());
        let (high, low) = (column(|bar| bar.0), column(|bar| bar.1));
        let side = SideColumns { open: low.clone(), high, low: low.clone(), close: low.clone(), volume: low };
        Quotes { bid: side.clone(), ask: side }
    }

    proptest! {
        /// The wide scan gives the bar that testing bar by bar gives.
        #[test]
        fn scanning_equals_testing_bar_by_bar(
            ticks in prop::collection::vec((0_i32..60, 0_i32..60), 0..300),
            levels in (prop::option::of(-5_i32..20), prop::option::of(40_i32..70)),
            (from, to) in (0_usize..310, 0_usize..310),
            long: bool,
        ) {
            let price = |tick: i32| 1.1 + f64::from(tick) * 0.00001;
            let bars: Vec<_> = ticks.iter().map(|&(a, b)| (price(a.max(b)), price(a.min(b)))).collect();
            let quotes = quotes(&bars);
            let (low_level, high_level) = (levels.0.map(price), levels.1.map(price));
            let rules = rules(Variant::V2);
            let triggers = if long {
                rules.triggers(Direction::Long, low_level, high_level, BUFFER)
            } else {
                rules.triggers(Direction::Short, high_level, low_level, BUFFER)
            };
            let single = (from..to.min(bars.len())).find(|&bar| triggers.touch(&quotes.bid.candle(bar)).is_some());
            prop_assert_eq!(triggers.first_touch(&quotes, from..to), single);
        }

        /// Invariant 4 of execution.md 14.
        #[test]
        fn a_stop_exit_is_never_better_than_the_stop_and_a_target_never_differs_under_worse(
            level in 0.5..2.0_f64, open in 0.5..2.0_f64, live: bool, long: bool,
        ) {
            let direction = if long { Direction::Long } else { Direction::Short };
            let rules = rules(Variant::V2);
            let base = rules.stop_base_price(direction, level, open, live);
            prop_assert!((base - level) * direction.sign() <= 0.0);
            prop_assert_eq!(rules.target_base_price(direction, level, open, live), level);
        }
    }
}
