//! What columns cost: a slice keeps the whole buffer alive that it was cut from.

use omega_types::Column;

/// Copies each of `columns` whose buffer is more than twice as large as what it shows of it, so that the buffer can go.
/// Columns that share their memory share the copy.
pub(crate) fn compact<const N: usize>(columns: [&mut Column; N]) {
    let mut copies: Vec<(Column, Column)> = Vec::with_capacity(N);
    for column in columns {
        if buffer_bytes(column) <= 2 * size_of_val::<[f64]>(column) {
            continue;
        }
        let known = copies.iter().find(|(original, _)| original.is_same_memory(column));
        let copy = known.map_or_else(|| Column::from(column.to_vec()), |(_, copy)| copy.clone());
        copies.push((std::mem::replace(column, copy.clone()), copy));
    }
}

/// Bytes that `columns` keep alive; a buffer that several of them share counts once.
pub(crate) fn bytes(columns: &[&Column]) -> usize {
    let buffer = |column: &Column| column.buffer().inner().data_ptr();
    let is_first = |index: usize| columns[..index].iter().all(|earlier| buffer(earlier) != buffer(columns[index]));
    (0..columns.len()).filter(|&index| is_first(index)).map(|index| buffer_bytes(columns[index])).sum()
}

/// The whole buffer behind `column`. Memory of foreign origin does not tell its size; then it is what the column shows.
fn buffer_bytes(column: &Column) -> usize {
    column.buffer().inner().capacity().max(size_of_val::<[f64]>(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slices_that_pin_more_than_twice_their_size_are_copied_and_sharers_share_the_copy() {
        let whole = Column::from((0..1_000).map(f64::from).collect::<Vec<_>>());
        let mut large = whole.slice(0..500);
        let (mut small, mut same) = (whole.slice(10..110), whole.slice(10..110));
        assert_eq!(bytes(&[&large, &small, &same]), 8_000);
        compact([&mut large, &mut small, &mut same]);
        assert!(large.is_same_memory(&whole.slice(0..500)));
        assert!(small.is_same_memory(&same) && !small.is_same_memory(&whole.slice(10..110)));
        assert_eq!((&small[..], bytes(&[&small, &same])), (&whole[10..110], 800));
        assert_eq!(bytes(&[&large, &small, &same]), 8_800);
    }
}
