//! Smallest and largest value of a column.

/// Smallest and largest of `values`, which are finite; `None` if there are none. Eight lanes, so that the loop is one
/// wide minimum and one wide maximum per step; the result does not depend on the order.
pub(crate) fn extremes(values: &[f64]) -> Option<(f64, f64)> {
    let first = *values.first()?;
    let (mut low, mut high) = ([first; 8], [first; 8]);
    let chunks = values.chunks_exact(8);
    let rest = chunks.remainder();
    for chunk in chunks {
        for ((low, high), &value) in low.iter_mut().zip(&mut high).zip(chunk) {
            *low = if value < *low { value } else { *low };
            *high = if value > *high { value } else { *high };
        }
    }
    let fold = |(least, most): (f64, f64), value: f64| {
        (if value < least { value } else { least }, if value > most { value } else { most })
    };
    Some(low.into_iter().chain(high).chain(rest.iter().copied()).fold((first, first), fold))
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
}
