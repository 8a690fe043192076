//! Lots of a partial close, counted in whole steps (execution.md 8.10, decisions.md 39).

use omega_types::{LotGrid, order::PositionView};

/// `fraction` of the initial lots, rounded down to the grid, at most what is open. `None` if that is nothing, or if it, or
/// what stays open, would be below the minimum.
pub(crate) fn part(grid: &LotGrid, view: &PositionView, fraction: f64) -> Option<f64> {
    let open = grid.steps(view.lots);
    let part = grid.floor(fraction * view.initial_lots).min(open);
    let rest = open - part;
    if part < grid.min_steps.max(1.0) {
        None
    } else if rest == 0.0 {
        Some(view.lots)
    } else {
        (rest >= grid.min_steps).then(|| grid.lots(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::long;

    fn part(grid: (f64, f64), initial: f64, open: f64, fraction: f64) -> Option<f64> {
        let view = PositionView { initial_lots: initial, lots: open, ..long(1.1, None) };
        super::part(&LotGrid::new(grid.0, grid.1), &view, fraction)
    }

    #[test]
    fn the_part_is_floored_in_whole_steps() {
        const FX: (f64, f64) = (0.01, 0.01);
        // execution.md 12, example 11: half of 0.50.
        assert_eq!(part(FX, 0.50, 0.50, 0.5), Some(0.25));
        // By hand: 0.33 × 0.50 = 0.165 → 16 steps; 0.29 × 1 → 29 steps, although 0.29 / 0.01 is 28.999999999999996.
        assert_eq!(part(FX, 0.50, 0.50, 0.33), Some(0.16));
        assert_eq!(part(FX, 1.0, 1.0, 0.29), Some(0.29));
        // 1.0 lots in steps of 0.3 are 3 steps (0.9); half of 0.9 is 1.5 steps → 1 step; 0.3 does not divide a lot.
        assert_eq!(part((0.3, 0.3), 0.9, 0.9, 0.5), Some(0.3));
    }

    #[test]
    fn the_fraction_is_of_the_initial_size() {
        assert_eq!(part((0.01, 0.01), 0.50, 0.30, 0.5), Some(0.25));
    }

    #[test]
    fn what_is_left_can_be_closed_and_not_more() {
        // 0.7 + 0.2 + 0.1 of 0.50: 0.35, 0.10 and the last 0.05, exactly what is open.
        assert_eq!(part((0.01, 0.01), 0.50, 0.05, 0.1), Some(0.05));
        // More than is left: what is left.
        assert_eq!(part((0.01, 0.01), 0.50, 0.05, 0.5), Some(0.05));
    }

    #[test]
    fn nothing_or_less_than_the_minimum_is_not_closed_and_does_not_stay() {
        // Half of 0.01 is no whole step.
        assert_eq!(part((0.01, 0.01), 0.01, 0.01, 0.5), None);
        // Minimum 0.10: half of 0.18 is 0.09; 0.6 of it is 0.10, but 0.08 would stay.
        assert_eq!(part((0.10, 0.01), 0.18, 0.18, 0.5), None);
        assert_eq!(part((0.10, 0.01), 0.18, 0.18, 0.6), None);
        // Exactly the minimum on both sides.
        assert_eq!(part((0.10, 0.01), 0.20, 0.20, 0.5), Some(0.10));
    }
}
