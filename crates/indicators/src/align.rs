//! From the bars of another timeframe to the primary bars (indicators.md 3.3 and 3.4).

use omega_types::BarMap;

/// The value of the visible bar; NaN where none is visible.
pub(crate) fn mapped(native: &[f64], map: &BarMap) -> Vec<f64> {
    (0..map.len()).map(|bar| visible(native, map, bar)).collect()
}

/// [`mapped`], but NaN where the bar has been visible for more than `limit` primary bars.
pub(crate) fn mapped_fresh(native: &[f64], map: &BarMap, limit: usize) -> Vec<f64> {
    let (mut shown, mut since) = (None, 0);
    (0..map.len())
        .map(|bar| {
            let now = map.get(bar);
            if now != shown {
                (shown, since) = (now, bar);
            }
            if bar - since > limit { f64::NAN } else { visible(native, map, bar) }
        })
        .collect()
}

/// One value per bar that was ever visible, in the order of appearance.
pub(crate) fn visible_only(native: &[f64], map: &BarMap) -> Vec<f64> {
    let mut shown = None;
    let mut reduced = Vec::new();
    for bar in 0..map.len() {
        let now = map.get(bar);
        if now.is_some() && now != shown {
            shown = now;
            reduced.push(visible(native, map, bar));
        }
    }
    reduced
}

/// Number of values of the reduced series.
pub(crate) fn visible_count(map: &BarMap) -> usize {
    let mut shown = None;
    (0..map.len())
        .filter(|&bar| {
            let now = map.get(bar);
            let is_new = now.is_some() && now != shown;
            if is_new {
                shown = now;
            }
            is_new
        })
        .count()
}

/// The reduced series back on the primary bars. A NaN takes the last value before it.
pub(crate) fn filled_forward(reduced: &[f64], map: &BarMap) -> Vec<f64> {
    let (mut shown, mut last) = (None, f64::NAN);
    let mut values = reduced.iter();
    (0..map.len())
        .map(|bar| {
            let now = map.get(bar);
            if now.is_some() && now != shown {
                shown = now;
                last = later(last, values.next());
            }
            last
        })
        .collect()
}

/// [`filled_forward`] where every bar shows a new value: the primary timeframe itself.
pub(crate) fn filled(values: &[f64]) -> Vec<f64> {
    let mut last = f64::NAN;
    values
        .iter()
        .map(|value| {
            last = later(last, Some(value));
            last
        })
        .collect()
}

/// The staleness limit that 0 stands for: twice the primary bars that one bar of the other timeframe lasts.
pub(crate) fn automatic_limit(other_duration_ns: i64, primary_duration_ns: i64) -> usize {
    let bars = other_duration_ns.checked_div(primary_duration_ns).unwrap_or(1).max(1);
    usize::try_from(bars * 2).unwrap_or(usize::MAX)
}

fn visible(native: &[f64], map: &BarMap, bar: usize) -> f64 {
    map.get(bar).and_then(|k| native.get(k)).copied().unwrap_or(f64::NAN)
}

fn later(last: f64, value: Option<&f64>) -> f64 {
    match value {
        Some(value) if !value.is_nan() => *value,
        _ => last,
    }
}

#[cfg(test)]
mod tests {
    use omega_types::market::MappingMode;

    use super::*;
    use crate::testing::assert_same;

    const NAN: f64 = f64::NAN;

    /// Minutes as open times: a primary of one minute, another timeframe of three.
    fn map(primary: &[i64], other: &[i64]) -> BarMap {
        BarMap::new(primary, 1, other, 3, MappingMode::Close)
    }

    #[test]
    fn a_mapped_value_appears_with_the_bar_that_completes_it() {
        // Bars 0..3 and 3..6 complete at the ends of primary bars 2 and 5.
        let map = map(&[0, 1, 2, 3, 4, 5, 6], &[0, 3]);
        assert_same(&mapped(&[7.0, 8.0], &map), &[NAN, NAN, 7.0, 7.0, 7.0, 8.0, 8.0]);
    }

    #[test]
    fn a_value_is_stale_after_more_than_the_limit() {
        let map = map(&[0, 1, 2, 3, 4, 5, 6], &[0]);
        // Visible from bar 2; with limit 3 bar 5 is the last fresh one (5 - 2 = 3).
        assert_same(&mapped_fresh(&[7.0], &map, 3), &[NAN, NAN, 7.0, 7.0, 7.0, 7.0, NAN]);
    }

    #[test]
    fn the_automatic_limit_is_two_bars_of_the_other_timeframe() {
        assert_eq!(automatic_limit(3_600, 300), 24); // indicators.md 3.4: H1 on M5
        assert_eq!(automatic_limit(300, 300), 2);
        assert_eq!(automatic_limit(60, 300), 2); // a shorter timeframe: max(1, 2 * max(1, 0))
    }

    #[test]
    fn bars_that_were_complete_before_the_first_primary_bar_collapse_into_one() {
        // Three bars are complete at the end of primary bar 0 (minute 9): only the last was ever visible.
        let map = map(&[9, 10, 11, 12], &[0, 3, 6, 9]);
        assert_same(&visible_only(&[1.0, 2.0, 3.0, 4.0], &map), &[3.0, 4.0]);
        assert_eq!(visible_count(&map), 2);
    }

    #[test]
    fn a_gap_of_the_primary_hides_a_bar() {
        // Bar 3..6 completes at minute 6, bar 6..9 at 9; the primary has no bar between 4 and 9.
        let map = map(&[2, 3, 4, 9], &[0, 3, 6]);
        assert_same(&visible_only(&[1.0, 2.0, 3.0], &map), &[1.0, 3.0]);
    }

    #[test]
    fn nan_is_filled_also_at_an_update_point_and_infinity_is_carried() {
        let map = map(&[1, 2, 3, 5, 6, 8], &[0, 3, 6]);
        assert_same(&filled_forward(&[1.0, NAN, f64::INFINITY], &map), &[NAN, 1.0, 1.0, 1.0, 1.0, f64::INFINITY]);
        assert_same(&filled(&[NAN, 1.0, NAN, 2.0]), &[NAN, 1.0, 1.0, 2.0]);
    }
}
