//! The ask is not below the bid at the open and at the close of a bar (data.md 4.2).

use omega_types::Series;

use crate::{DataError, error::InvalidSpread};

/// Checks an aligned series. High and low are not compared: their moments differ between the sides.
///
/// # Errors
///
/// `DATA_INVALID_SPREAD` with the first crossed bar and the number of all.
pub(crate) fn check(symbol: &str, series: &Series) -> Result<(), DataError> {
    let (bid, ask) = (&series.quotes.bid, &series.quotes.ask);
    let crossed = |bar: usize| (bid.open[bar] > ask.open[bar]) | (bid.close[bar] > ask.close[bar]);
    let count: usize = (0..series.len()).map(|bar| usize::from(crossed(bar))).sum();
    if count == 0 {
        return Ok(());
    }
    let Some(index) = (0..series.len()).find(|&bar| crossed(bar)) else { return Ok(()) };
    let (field, bid, ask) = if bid.open[index] > ask.open[index] {
        ("open", bid.open[index], ask.open[index])
    } else {
        ("close", bid.close[index], ask.close[index])
    };
    Err(DataError::InvalidSpread(Box::new(InvalidSpread {
        symbol: symbol.to_owned(),
        timeframe: series.timeframe,
        field,
        bid,
        ask,
        time_ns: series.time[index],
        index,
        further: count - 1,
        bars: series.len(),
    })))
}
