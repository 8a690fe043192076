//! Rows come in time order; a row that repeats its predecessor is dropped (data.md 4.3).

use std::sync::Arc;

use crate::{DataError, Origin, write::Candles};

/// The rows that repeat the row before them, bit for bit.
///
/// # Errors
///
/// `DATA_OUT_OF_ORDER`, `DATA_DUPLICATE_DIVERGENT`: the lowest row.
pub(crate) fn duplicates(candles: &Candles, origin: &Arc<Origin>) -> Result<Vec<usize>, DataError> {
    let time = &candles.time;
    let mut rows = Vec::new();
    let mut start = 0;
    // Almost every file is strictly increasing: one scan finds nothing and this loop ends at once.
    while let Some(offset) = time.get(start..).and_then(|rest| rest.windows(2).position(|pair| pair[0] >= pair[1])) {
        let row = start + offset + 1;
        let (previous_ns, time_ns) = (time[row - 1], time[row]);
        if time_ns < previous_ns {
            return Err(DataError::OutOfOrder { origin: Arc::clone(origin), row, time_ns, previous_ns });
        }
        if !is_repeated(candles, row) {
            return Err(DataError::DuplicateDivergent { origin: Arc::clone(origin), row, first_row: row - 1, time_ns });
        }
        rows.push(row);
        start = row;
    }
    Ok(rows)
}

/// Removes `rows` (ascending) from every column.
pub(crate) fn drop_rows(candles: &mut Candles, rows: &[usize]) {
    if rows.is_empty() {
        return;
    }
    drop_from(&mut candles.time, rows);
    for column in candles.value_columns_mut() {
        drop_from(column, rows);
    }
}

fn drop_from<T>(column: &mut Vec<T>, rows: &[usize]) {
    let mut dropped = rows.iter().peekable();
    let mut row = 0;
    column.retain(|_| {
        let keep = dropped.next_if_eq(&&row).is_none();
        row += 1;
        keep
    });
}

fn is_repeated(candles: &Candles, row: usize) -> bool {
    let bits = |values: &[f64], row: usize| values.get(row).map(|value| value.to_bits());
    candles.value_columns().into_iter().all(|values| bits(values, row) == bits(values, row - 1))
}

#[cfg(test)]
mod tests {
    use omega_types::Coded;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{flat, memory};

    /// Rows that are dropped, or the code and the row of the error.
    fn outcome(candles: &Candles) -> Result<Vec<usize>, (&'static str, u64)> {
        duplicates(candles, &memory()).map_err(|e| (e.code().name, e.details()["row"].as_u64().unwrap()))
    }

    #[test]
    fn a_repeated_row_is_harmless_and_a_changed_one_is_not() {
        let mut candles = flat(&[1, 2, 2, 2, 3]);
        assert_eq!(outcome(&candles), Ok(vec![2, 3]));
        candles.volume[3] = 7.0;
        assert_eq!(outcome(&candles), Err(("DATA_DUPLICATE_DIVERGENT", 3)));
    }

    #[test]
    fn equal_means_equal_bits() {
        let mut candles = flat(&[1, 1]);
        (candles.volume[0], candles.volume[1]) = (0.0, -0.0);
        assert_eq!(outcome(&candles), Err(("DATA_DUPLICATE_DIVERGENT", 1)));
        (candles.volume[0], candles.volume[1]) = (f64::NAN, f64::NAN);
        assert_eq!(outcome(&candles), Ok(vec![1]));
    }

    #[test]
    fn the_lowest_row_wins() {
        assert_eq!(outcome(&flat(&[3, 1, 2, 0])), Err(("DATA_OUT_OF_ORDER", 1)));
        let mut candles = flat(&[1, 1, 0]);
        candles.open[1] = 2.0;
        assert_eq!(outcome(&candles), Err(("DATA_DUPLICATE_DIVERGENT", 1)));
    }

    proptest! {
        /// Property: the error row is the first descent of the stamps, found by the obvious loop.
        #[test]
        fn a_descent_is_found_wherever_it_lies(time in prop::collection::vec(-5_i64..20, 0..60)) {
            let expected = (1..time.len()).find(|&i| time[i] < time[i - 1]);
            match outcome(&flat(&time)) {
                Ok(_) => prop_assert_eq!(expected, None),
                Err((code, row)) => {
                    prop_assert_eq!(code, "DATA_OUT_OF_ORDER");
                    prop_assert_eq!(expected, Some(row as usize));
                }
            }
        }

        /// Property: what is left after dropping is the set of stamps, once each, with the values of the first row.
        #[test]
        fn dropping_leaves_every_stamp_once(mut time in prop::collection::vec(0_i64..30, 0..60)) {
            time.sort_unstable();
            let mut candles = flat(&time);
            let rows = duplicates(&candles, &memory()).unwrap();
            drop_rows(&mut candles, &rows);
            let before = time.len();
            time.dedup();
            prop_assert_eq!(rows.len(), before - time.len());
            prop_assert_eq!(candles, flat(&time));
        }
    }
}
