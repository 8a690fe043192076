//! A stop is never widened: which new stops may replace the one in force, and which of several wins (execution.md 8.3).

use omega_types::{Direction, order::PositionView};

use crate::Levels;

/// Compares stops with the touch tolerance of execution.md 0.3 (decisions.md 40).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Protection {
    /// Prices closer than this count as equal.
    pub touch_tolerance: f64,
}

impl Protection {
    /// Adds what a source of lower priority wants to what is scheduled already: of the stops that may replace the one in
    /// force the most protective wins, a tie and the target go to what is scheduled.
    ///
    /// Because of that order, merging sources one after the other gives what merging all of them at once would.
    ///
    /// `view` carries the stop in force, `close` is the close of the closing side on the bar of the decision.
    pub fn merge(&self, view: &PositionView, close: f64, scheduled: Levels, update: Levels) -> Levels {
        let direction = view.direction;
        let wanted = update.stop.filter(|(stop, _)| self.may_move(direction, *stop, view.stop_loss, close));
        let stop = match (scheduled.stop, wanted) {
            (Some(first), Some(second)) if is_more_protective(direction, second.0, first.0) => Some(second),
            (Some(first), _) => Some(first),
            (None, second) => second,
        };
        Levels { stop, target: scheduled.target.or(update.target) }
    }

    /// Does a scheduled stop still protect more than the one in force when it takes effect (step 0 of execution.md 7.1)?
    /// A plain comparison. Any stop protects more than none.
    pub fn still_tightens(direction: Direction, stop: f64, in_force: Option<f64>) -> bool {
        in_force.is_none_or(|current| is_more_protective(direction, stop, current))
    }

    /// Strictly more protective than the stop in force, and strictly on the losing side of `close`.
    pub(crate) fn may_move(&self, direction: Direction, stop: f64, in_force: Option<f64>, close: f64) -> bool {
        self.tightens(direction, stop, in_force) && self.is_losing(direction, stop, close)
    }

    /// Strictly more protective than the stop in force; any stop is more protective than none (decisions.md 23).
    pub(crate) fn tightens(&self, direction: Direction, stop: f64, in_force: Option<f64>) -> bool {
        in_force.is_none_or(|current| match direction {
            Direction::Long => stop > current + self.touch_tolerance,
            Direction::Short => stop < current - self.touch_tolerance,
        })
    }

    /// `x ≥ y` of execution.md 0.3.
    pub(crate) fn at_least(&self, x: f64, y: f64) -> bool {
        x >= y - self.touch_tolerance
    }

    fn is_losing(&self, direction: Direction, stop: f64, close: f64) -> bool {
        match direction {
            Direction::Long => stop < close - self.touch_tolerance,
            Direction::Short => stop > close + self.touch_tolerance,
        }
    }
}

/// Long: higher; short: lower.
fn is_more_protective(direction: Direction, stop: f64, other: f64) -> bool {
    match direction {
        Direction::Long => stop > other,
        Direction::Short => stop < other,
    }
}

#[cfg(test)]
mod tests {
    use omega_types::trade::StopKind::{BreakEven, Manual, Trailing};
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{TOLERANCE, long, short};

    const PROTECTION: Protection = Protection { touch_tolerance: TOLERANCE };

    fn stop(price: f64, kind: omega_types::trade::StopKind) -> Levels {
        Levels { stop: Some((price, kind)), target: None }
    }

    #[test]
    fn the_two_strict_tests_have_the_touch_tolerance() {
        // decisions.md 40: ε = 1e-9; "x > y" is x > y + ε. Half of ε above the stop in force is not above it, a tick is.
        let view = long(1.10030, Some(1.09830));
        let merged = |price: f64, close: f64| {
            PROTECTION.merge(&view, close, Levels::NONE, stop(price, BreakEven)).stop.map(|(price, _)| price)
        };
        assert_eq!(merged(1.09830 + 0.5e-9, 1.10240), None);
        assert_eq!(merged(1.09831, 1.10240), Some(1.09831));
        // On the losing side of the close 1.10240: a tick below is, half of ε below is not.
        assert_eq!(merged(1.10239, 1.10240), Some(1.10239));
        assert_eq!(merged(1.10240 - 0.5e-9, 1.10240), None);
        assert_eq!(merged(1.10241, 1.10240), None);
    }

    #[test]
    fn a_short_is_the_mirror() {
        let view = short(1.10020, Some(1.10220));
        let merged =
            |price: f64, close: f64| PROTECTION.merge(&view, close, Levels::NONE, stop(price, Trailing)).stop.is_some();
        assert!(!merged(1.10220, 1.09800));
        assert!(!merged(1.10221, 1.09800));
        assert!(merged(1.10219, 1.09800));
        assert!(merged(1.09801, 1.09800));
        assert!(!merged(1.09800, 1.09800));
        assert!(!merged(1.09799, 1.09800));
    }

    #[test]
    fn of_several_stops_the_most_protective_wins_and_a_tie_goes_to_the_first() {
        // execution.md 8.3 (3).
        let view = long(1.10030, Some(1.09830));
        let merge = |first: Levels, second: Levels| {
            PROTECTION.merge(&view, 1.10240, PROTECTION.merge(&view, 1.10240, Levels::NONE, first), second).stop
        };
        assert_eq!(merge(stop(1.10040, BreakEven), stop(1.10100, Trailing)), Some((1.10100, Trailing)));
        assert_eq!(merge(stop(1.10100, BreakEven), stop(1.10040, Trailing)), Some((1.10100, BreakEven)));
        assert_eq!(merge(stop(1.10040, BreakEven), stop(1.10040, Manual)), Some((1.10040, BreakEven)));
        // One that may not move the stop does not win by being more protective.
        assert_eq!(merge(stop(1.10040, BreakEven), stop(1.10300, Trailing)), Some((1.10040, BreakEven)));
        assert_eq!(merge(stop(1.10300, BreakEven), stop(1.10040, Trailing)), Some((1.10040, Trailing)));
    }

    #[test]
    fn the_target_goes_to_the_first() {
        // execution.md 8.3 (4): the smallest priority wins.
        let view = long(1.10030, Some(1.09830));
        let target = |price: f64| Levels { stop: None, target: Some(price) };
        let merge = |first, second| PROTECTION.merge(&view, 1.10240, first, second).target;
        assert_eq!(merge(target(1.10630), target(1.10830)), Some(1.10630));
        assert_eq!(merge(Levels::NONE, target(1.10830)), Some(1.10830));
        assert_eq!(merge(target(1.10630), Levels::NONE), Some(1.10630));
    }

    #[test]
    fn the_first_stop_protects_more_than_none() {
        // decisions.md 23.
        let view = long(1.10030, None);
        let merged = PROTECTION.merge(&view, 1.10240, Levels::NONE, stop(1.05, BreakEven));
        assert_eq!(merged.stop, Some((1.05, BreakEven)));
    }

    #[test]
    fn step_0_compares_plainly() {
        // decisions.md 40: half of the tolerance is enough there.
        let (long, short) = (Direction::Long, Direction::Short);
        assert!(Protection::still_tightens(long, 1.09830 + 0.5e-9, Some(1.09830)));
        assert!(!Protection::still_tightens(long, 1.09830, Some(1.09830)));
        assert!(Protection::still_tightens(short, 1.10220 - 0.5e-9, Some(1.10220)));
        assert!(!Protection::still_tightens(short, 1.10221, Some(1.10220)));
        assert!(Protection::still_tightens(short, 2.0, None));
    }
    proptest! {
        /// execution.md 8.3 (3): merging equals applying all candidates in priority order under the never-widen rule.
        #[test]
        fn merging_equals_applying_one_after_the_other(
            ticks in prop::collection::vec(-40_i32..40, 0..6), current in prop::option::of(-40_i32..20), is_long: bool,
        ) {
            let price = |tick: i32| 1.1 + f64::from(tick) * 0.00001;
            let (direction, sign) = if is_long { (Direction::Long, 1.0) } else { (Direction::Short, -1.0) };
            let view = PositionView { direction, ..long(1.1, current.map(price)) };
            let close = price(10);
            let kinds = [BreakEven, Trailing, Manual];
            let (mut merged, mut applied) = (Levels::NONE, view.stop_loss.map(|stop| (stop, None)));
            for (index, &tick) in ticks.iter().enumerate() {
                let (wanted, kind) = (price(tick), kinds[index % 3]);
                merged = PROTECTION.merge(&view, close, merged, stop(wanted, kind));
                let tighter = applied.is_none_or(|(stop, _)| (wanted - stop) * sign > 1e-9);
                if tighter && (close - wanted) * sign > 1e-9 {
                    applied = Some((wanted, Some(kind)));
                }
            }
            prop_assert_eq!(merged.stop, applied.and_then(|(stop, kind)| kind.map(|kind| (stop, kind))));
        }
    }
}
