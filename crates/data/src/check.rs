//! What every single candle must satisfy (data.md 3 and 4.1).

use std::sync::Arc;

use omega_types::{
    Timeframe,
    time::{DAY_NS, days_from_civil},
};

use crate::{DataError, Origin, write::Candles};

/// First open time that is accepted, 1678-01-01.
const FIRST_NS: i64 = days_from_civil(1678, 1, 1) * DAY_NS;
/// No bar may close after 2262-01-01: the range of dates of config.md 5, and room for sums of times.
const LAST_CLOSE_NS: i64 = days_from_civil(2262, 1, 1) * DAY_NS;

const BLOCK_ROWS: usize = 1_024;

/// Checks rows whose times are in order.
///
/// # Errors
///
/// The first violation of the lowest row: `DATA_NON_FINITE`, `DATA_NON_POSITIVE_PRICE`, `DATA_NEGATIVE_VOLUME`,
/// `DATA_OHLC`, `DATA_OFF_GRID`, `DATA_TIME_OVERFLOW`.
pub(crate) fn candles(candles: &Candles, origin: &Arc<Origin>) -> Result<(), DataError> {
    let value = first_bad_value(candles);
    let time = first_bad_time(&candles.time, origin.timeframe);
    // In the same row the values are judged first.
    match (value, time) {
        (Some(value), Some(time)) if time < value => Err(time_error(candles, time, origin)),
        (Some(row), _) => Err(value_error(candles, row, origin)),
        (None, Some(row)) => Err(time_error(candles, row, origin)),
        (None, None) => Ok(()),
    }
}

/// NaN fails every comparison; infinities fail `high < INFINITY`, because all prices lie at or below the high.
fn is_sound(open: f64, high: f64, low: f64, close: f64, volume: f64) -> bool {
    (low > 0.0)
        & (low <= open)
        & (low <= close)
        & (high >= open)
        & (high >= close)
        & (low <= high)
        & (volume >= 0.0)
        & (high < f64::INFINITY)
        & (volume < f64::INFINITY)
}

/// Whole blocks are judged without a branch per row, so that the common case runs in wide registers.
fn first_bad_value(candles: &Candles) -> Option<usize> {
    let rows = candles.len();
    let mut start = 0;
    while start < rows {
        let block = start..rows.min(start + BLOCK_ROWS);
        let open = candles.open.get(block.clone())?;
        let high = candles.high.get(block.clone())?;
        let low = candles.low.get(block.clone())?;
        let close = candles.close.get(block.clone())?;
        let volume = candles.volume.get(block.clone())?;
        let sound = |i: usize| is_sound(open[i], high[i], low[i], close[i], volume[i]);
        if !(0..open.len()).fold(true, |all, i| all & sound(i)) {
            return (0..open.len()).find(|&i| !sound(i)).map(|i| start + i);
        }
        start = block.end;
    }
    None
}

fn first_bad_time(time: &[i64], timeframe: Timeframe) -> Option<usize> {
    let out_of_range = time.iter().position(|&time| !in_range(time, timeframe));
    let off_grid = if timeframe.has_grid() { first_off_grid(time, timeframe.duration_ns()) } else { None };
    match (out_of_range, off_grid) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The division is needed only where a step differs from the last one.
fn first_off_grid(time: &[i64], duration_ns: i64) -> Option<usize> {
    let mut previous = None;
    time.iter().position(|&time| {
        let follows = previous == time.checked_sub(duration_ns);
        previous = Some(time);
        !follows && time.rem_euclid(duration_ns) != 0
    })
}

pub(crate) fn in_range(time: i64, timeframe: Timeframe) -> bool {
    (FIRST_NS..=LAST_CLOSE_NS - timeframe.duration_ns()).contains(&time)
}

fn time_error(candles: &Candles, row: usize, origin: &Arc<Origin>) -> DataError {
    let origin = Arc::clone(origin);
    let time_ns = candles.time.get(row).copied().unwrap_or_default();
    let grid = origin.timeframe.has_grid() && time_ns.rem_euclid(origin.timeframe.duration_ns()) != 0;
    if grid { DataError::OffGrid { origin, row, time_ns } } else { DataError::TimeOverflow { origin, row, time_ns } }
}

fn value_error(candles: &Candles, row: usize, origin: &Arc<Origin>) -> DataError {
    let origin = Arc::clone(origin);
    let time_ns = candles.time.get(row).copied().unwrap_or_default();
    let Some(candle) = candles.candle(row) else { return DataError::Empty { origin } };
    let prices = [("Open", candle.open), ("High", candle.high), ("Low", candle.low), ("Close", candle.close)];
    let volume = candle.volume;
    if let Some((column, value)) = prices.into_iter().chain([("Volume", volume)]).find(|(_, v)| !v.is_finite()) {
        return DataError::NonFinite { origin, column, row, time_ns, value };
    }
    if let Some((column, value)) = prices.into_iter().find(|&(_, value)| value <= 0.0) {
        return DataError::NonPositivePrice { origin, column, value, row, time_ns };
    }
    if volume < 0.0 {
        return DataError::NegativeVolume { origin, value: volume, row, time_ns };
    }
    DataError::Ohlc { origin, row, time_ns, candle: Box::new(candle) }
}

#[cfg(test)]
mod tests {
    use omega_types::Coded;

    use super::*;
    use crate::testing::{flat, memory_of};

    const MINUTE: i64 = 60_000_000_000;

    fn m1(rows: i64) -> Candles {
        flat(&(0..rows).map(|i| i * MINUTE).collect::<Vec<_>>())
    }

    /// Code and row of the error; the origin is M1.
    fn problem(candles: &Candles) -> Option<(&'static str, u64)> {
        let error = super::candles(candles, &memory_of(Timeframe::M1)).err()?;
        Some((error.code().name, error.details()["row"].as_u64().unwrap()))
    }

    #[test]
    fn sound_candles_pass() {
        assert_eq!(problem(&m1(3_000)), None);
        let mut doji = m1(1);
        (doji.open[0], doji.high[0], doji.low[0], doji.close[0]) = (1.0, 1.0, 1.0, 1.0);
        assert_eq!(problem(&doji), None);
    }

    #[test]
    fn each_rule_has_its_code() {
        let with = |change: fn(&mut Candles)| {
            let mut candles = m1(2_500);
            change(&mut candles);
            problem(&candles)
        };
        assert_eq!(with(|c| c.close[2_000] = f64::NAN), Some(("DATA_NON_FINITE", 2_000)));
        assert_eq!(with(|c| c.high[1] = f64::INFINITY), Some(("DATA_NON_FINITE", 1)));
        assert_eq!(with(|c| c.volume[0] = f64::NAN), Some(("DATA_NON_FINITE", 0)));
        assert_eq!(with(|c| c.low[7] = 0.0), Some(("DATA_NON_POSITIVE_PRICE", 7)));
        assert_eq!(with(|c| c.volume[7] = -1.0), Some(("DATA_NEGATIVE_VOLUME", 7)));
        assert_eq!(with(|c| c.high[7] = 0.5), Some(("DATA_OHLC", 7)));
        assert_eq!(with(|c| c.low[7] = 1.5), Some(("DATA_OHLC", 7)));
        assert_eq!(with(|c| c.time[2_400] += 1), Some(("DATA_OFF_GRID", 2_400)));
        assert_eq!(with(|c| c.time[2_499] = i64::MAX), Some(("DATA_OFF_GRID", 2_499)));
    }

    #[test]
    fn the_lowest_row_wins_and_values_come_before_times() {
        let mut candles = m1(10);
        candles.time[5] += 1;
        candles.volume[6] = -1.0;
        assert_eq!(problem(&candles), Some(("DATA_OFF_GRID", 5)));
        candles.volume[5] = -1.0;
        assert_eq!(problem(&candles), Some(("DATA_NEGATIVE_VOLUME", 5)));
    }

    #[test]
    fn a_grid_is_asked_only_of_short_timeframes() {
        // 17:00 New York in winter: 22:00 UTC.
        let daily = flat(&[22 * 60 * MINUTE, 46 * 60 * MINUTE]);
        for (timeframe, expected) in [(Timeframe::D1, true), (Timeframe::H4, true), (Timeframe::H1, true)] {
            assert_eq!(super::candles(&daily, &memory_of(timeframe)).is_ok(), expected);
        }
        let odd = flat(&[MINUTE]);
        assert!(super::candles(&odd, &memory_of(Timeframe::H4)).is_ok());
        assert!(super::candles(&odd, &memory_of(Timeframe::H1)).is_err());
    }

    #[test]
    fn a_bar_that_would_close_after_the_supported_range_is_refused() {
        let last = LAST_CLOSE_NS - MINUTE;
        assert_eq!(problem(&flat(&[last])), None);
        assert_eq!(problem(&flat(&[last, LAST_CLOSE_NS])), Some(("DATA_TIME_OVERFLOW", 1)));
        assert_eq!(problem(&flat(&[FIRST_NS - MINUTE])), Some(("DATA_TIME_OVERFLOW", 0)));
    }
}
