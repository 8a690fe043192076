//! Several sources of a side → one series in order of time, every time stamp once.

use super::{ImportError, rows::Rows};

/// Appends, sorts (stable) and drops identical duplicates. Gives the number of dropped rows.
///
/// # Errors
///
/// [`ImportError::DuplicateDivergent`] with both lines, if one time stamp has different values.
pub(super) fn merge(sources: Vec<Rows>) -> Result<(Rows, u64), ImportError> {
    let mut rows = sources.into_iter().reduce(|mut all, next| {
        all.append(next);
        all
    });
    let mut rows = rows.take().unwrap_or_default();
    if !rows.candles.time.is_sorted() {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|&row| rows.candles.time.get(row).copied());
        rows.reorder(&order);
    }
    let dropped = drop_duplicates(&mut rows)?;
    Ok((rows, dropped))
}

fn drop_duplicates(rows: &mut Rows) -> Result<u64, ImportError> {
    if rows.candles.time.windows(2).all(|pair| pair.first() != pair.last()) {
        return Ok(0);
    }
    let mut kept: Vec<usize> = Vec::with_capacity(rows.len());
    for (row, &time) in rows.candles.time.iter().enumerate() {
        match kept.last() {
            Some(&first) if rows.candles.time.get(first) == Some(&time) => {
                if !is_identical(rows, first, row) {
                    let place = |row| rows.place(row).map(Box::new);
                    if let (Some(first), Some(second)) = (place(first), place(row)) {
                        return Err(ImportError::DuplicateDivergent { time, first, second });
                    }
                }
            }
            _ => kept.push(row),
        }
    }
    let dropped = rows.len() - kept.len();
    rows.reorder(&kept);
    Ok(dropped as u64)
}

fn is_identical(rows: &Rows, a: usize, b: usize) -> bool {
    let c = &rows.candles;
    [&c.open, &c.high, &c.low, &c.close, &c.volume, &rows.ask_distance]
        .iter()
        .all(|column| column.get(a).map(|v| v.to_bits()) == column.get(b).map(|v| v.to_bits()))
}
