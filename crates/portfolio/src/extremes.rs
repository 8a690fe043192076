//! Smallest and largest value of a column.

/// Smallest and largest of `values`, `None` if there are none. One NaN among them makes both NaN, wherever it lies, so
/// that the two are finite exactly if every value is. Eight lanes, so that the loop is one wide minimum and one wide
/// maximum per step; the result does not depend on the order.
pub(crate) fn extremes(values: &[f64]) -> Option<(f64, f64)> {
    let first = *values.first()?;
    let (mut low, mut high) = ([first; 8], [first; 8]);
    let chunks = values.chunks_exact(8);
    let rest = chunks.remainder();
    for chunk in chunks {
        for ((low, high), &value) in low.iter_mut().zip(&mut high).zip(chunk) {
            *low = smaller(*low, value);
            *high = larger(*high, value);
        }
    }
    let fold = |(least, most): (f64, f64), value: f64| (smaller(least, value), larger(most, value));
    Some(low.into_iter().chain(high).chain(rest.iter().copied()).fold((first, first), fold))
}

/// The smaller one, `least` if neither is; NaN if either is.
#[inline]
pub(crate) fn smaller(least: f64, value: f64) -> f64 {
    if value < least || value.is_nan() { value } else { least }
}

/// The larger one, `most` if neither is; NaN if either is.
#[inline]
pub(crate) fn larger(most: f64, value: f64) -> f64 {
    if value > most || value.is_nan() { value } else { most }
}

#[cfg(test)]
mod tests {
    use super::extremes;

    #[test]
    fn the_extremes_are_found_wherever_they_lie() {
        // Property: one dip and one peak at every pair of places of a column that is otherwise flat.
        for (dip, peak) in
            (0..20).flat_map(|dip| (0..20).map(move |peak| (dip, peak))).filter(|(dip, peak)| dip != peak)
        {
            let mut values = [2.0; 20];
            values[dip] = 1.0;
            values[peak] = 3.0;
            assert_eq!(extremes(&values), Some((1.0, 3.0)));
        }
        assert_eq!(extremes(&[]), None);
        assert_eq!(extremes(&[7.0]), Some((7.0, 7.0)));
    }

    #[test]
    fn no_value_that_is_not_finite_goes_unnoticed() {
        // Property: one such value at every place of columns of every length, with infinities of either sign behind it.
        for (length, place) in (1..20).flat_map(|length| (0..length).map(move |place| (length, place))) {
            let mut values = vec![2.0; length];
            values[place] = f64::INFINITY;
            assert_eq!(extremes(&values).unwrap().1, f64::INFINITY);
            values[place] = f64::NEG_INFINITY;
            assert_eq!(extremes(&values).unwrap().0, f64::NEG_INFINITY);
            for other in [2.0, f64::INFINITY, f64::NEG_INFINITY] {
                let mut values = vec![other; length];
                values[place] = f64::NAN;
                let (low, high) = extremes(&values).unwrap();
                assert!(low.is_nan() && high.is_nan(), "{values:?}");
            }
        }
    }
}
