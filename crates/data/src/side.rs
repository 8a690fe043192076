//! One side of a timeframe, checked on its own (data.md 4, steps 3 and 4).

use std::sync::Arc;

use omega_types::market::Input;

use crate::{DataError, Origin, check, labels::FileLabels, order, write::Candles};

/// Candles of one side that passed every check that needs this side alone.
pub(crate) struct CheckedSide {
    pub(crate) candles: Candles,
    /// Harmless duplicates that were dropped.
    pub(crate) duplicates: u64,
    pub(crate) labels: FileLabels,
    /// The manifest entry; `None` where one entry covers both sides.
    pub(crate) input: Option<Input>,
}

/// Checks order, duplicates and every candle; drops harmless duplicates. Returns how many.
///
/// # Errors
///
/// The first violation in the order of data.md 4, lowest row first. Rows are those of the file.
pub(crate) fn check_candles(candles: &mut Candles, origin: &Arc<Origin>) -> Result<u64, DataError> {
    let duplicates = order::duplicates(candles, origin)?;
    // Before anything is dropped, so that rows are rows of the file: a dropped row equals the one before it.
    check::candles(candles, origin)?;
    order::drop_rows(candles, &duplicates);
    Ok(duplicates.len() as u64)
}
