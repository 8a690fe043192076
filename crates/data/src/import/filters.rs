//! Rows that a request wants dropped: flat bars, and what the loader of Omega V1 dropped.

use omega_types::{Timeframe, time::DAY_NS};

use super::{DropFlat, rows::Rows};
use crate::{
    DataError,
    market_hours::{V1Hours, is_fx_open, weekday},
    write::Candles,
};

/// Drops bars with volume 0 and O = H = L = C, as the option says. Gives their number.
pub(super) fn drop_flat(rows: &mut Rows, option: DropFlat) -> u64 {
    match option {
        DropFlat::None => 0,
        DropFlat::All => rows.retain(|row, candles| !is_flat(candles, row)),
        DropFlat::Weekend => rows.retain(|row, candles| !is_flat(candles, row) || is_in_week(candles, row)),
    }
}

/// Drops what the loader of Omega V1 dropped (data.md 6). Gives the number of rows.
///
/// Weekdays of daily bars are those of open + 12 h, so that a bar opening on Sunday 17:00 New York counts as Monday. Weekly
/// bars stay.
///
/// # Errors
///
/// A broken table of time zones.
pub(super) fn drop_v1(rows: &mut Rows, timeframe: Timeframe) -> Result<u64, DataError> {
    let hours = V1Hours::new()?;
    Ok(match timeframe {
        Timeframe::W1 => 0,
        Timeframe::D1 => rows.retain(|row, candles| {
            let day = candles.time.get(row).map(|open| open.saturating_add(DAY_NS / 2).div_euclid(DAY_NS));
            day.is_some_and(|day| (1..=5).contains(&weekday(day))) && !is_flat(candles, row)
        }),
        _ => rows.retain(|row, candles| candles.time.get(row).is_some_and(|&open| hours.is_open(open))),
    })
}

fn is_flat(candles: &Candles, row: usize) -> bool {
    candles
        .candle(row)
        .is_some_and(|bar| bar.volume == 0.0 && bar.open == bar.high && bar.open == bar.low && bar.open == bar.close)
}

fn is_in_week(candles: &Candles, row: usize) -> bool {
    candles.time.get(row).is_some_and(|&open| is_fx_open(open))
}

#[cfg(test)]
mod tests {
    use super::{super::instant::parse, *};

    fn rows(times: &[&str], bars: &[[f64; 5]]) -> Rows {
        let mut rows = Rows::default();
        for (line, (time, [open, high, low, close, volume])) in times.iter().zip(bars).enumerate() {
            rows.candles.time.push(parse(time.as_bytes()).unwrap().wall_ns);
            rows.candles.open.push(*open);
            rows.candles.high.push(*high);
            rows.candles.low.push(*low);
            rows.candles.close.push(*close);
            rows.candles.volume.push(*volume);
            rows.lines.push((0, line as u64 + 2));
        }
        rows
    }

    const FLAT: [f64; 5] = [1.1, 1.1, 1.1, 1.1, 0.0];
    const MOVING: [f64; 5] = [1.1, 1.2, 1.1, 1.1, 0.0];
    const TRADED: [f64; 5] = [1.1, 1.1, 1.1, 1.1, 3.0];

    #[test]
    fn flat_bars_go_at_the_weekend_or_everywhere() {
        // 6 January 2024 is a Saturday, 8 January a Monday.
        let times = ["2024-01-06 12:00", "2024-01-06 12:01", "2024-01-06 12:02", "2024-01-08 12:00"];
        let all = rows(&times, &[FLAT, MOVING, TRADED, FLAT]);
        let left = |option| {
            let mut rows = all.clone();
            let dropped = drop_flat(&mut rows, option);
            (dropped, rows.lines.iter().map(|(_, line)| *line).collect::<Vec<_>>())
        };
        assert_eq!(left(DropFlat::None), (0, vec![2, 3, 4, 5]));
        assert_eq!(left(DropFlat::Weekend), (1, vec![3, 4, 5]));
        assert_eq!(left(DropFlat::All), (2, vec![3, 4]));
    }

    #[test]
    fn v1_drops_daily_bars_of_weekends_and_flat_ones() {
        // Saturday 00:00, Sunday 22:00 (Monday's New York day), Monday 00:00, Tuesday flat.
        let times = ["2024-01-06", "2024-01-07 22:00", "2024-01-08", "2024-01-09"];
        let mut daily = rows(&times, &[MOVING, MOVING, MOVING, FLAT]);
        assert_eq!(drop_v1(&mut daily, Timeframe::D1).unwrap(), 2);
        assert_eq!(daily.lines, [(0, 3), (0, 4)]);
    }
}
