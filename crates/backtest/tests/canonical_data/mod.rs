//! The candles of the canonical tests (strategy specification 9.1), in points of 0.00001.
#![allow(dead_code, reason = "every test file uses a part of it")]

use std::sync::Arc;

use omega_data::{MemorySeries, dataset_from_memory};
use omega_types::{
    Dataset, Timeframe,
    time::{DAY_NS, MINUTE_NS, days_from_civil},
};

use crate::common::{Ohlc, side};

/// Prices in points of 0.00001.
pub(crate) type Points = (i64, i64, i64, i64);
/// A bar that replaces the base rule: index, then open, high, low where they differ from the rule, then close.
pub(crate) type Special = (usize, Option<i64>, Option<i64>, Option<i64>, i64);

/// 2024-01-08T19:00:00Z.
pub(crate) fn first_bar_ns() -> i64 {
    days_from_civil(2024, 1, 8) * DAY_NS + 19 * 60 * MINUTE_NS
}

/// Common data of 9.1: a wave of eight bars, in which single bars are replaced.
pub(crate) fn m5_points(bars: usize, specials: &[Special]) -> Vec<Points> {
    const WAVE: [i64; 8] = [0, 3, 5, 3, 0, -3, -5, -3];
    let mut points: Vec<Points> = Vec::with_capacity(bars);
    for bar in 0..bars {
        let base_close = 110_000 + WAVE[bar % 8];
        let previous = points.last().map_or(base_close, |last| last.3);
        let special = specials.iter().find(|special| special.0 == bar);
        let close = special.map_or(base_close, |special| special.4);
        let open = special.and_then(|special| special.1).unwrap_or(previous);
        let high = special.and_then(|special| special.2).unwrap_or(open.max(close) + 4);
        let low = special.and_then(|special| special.3).unwrap_or(open.min(close) - 4);
        points.push((open, high, low, close));
    }
    points
}

/// One bar per weekday from 2023-07-03 to 2024-01-11, closes by `close_after`.
pub(crate) fn d1_points(close_after: impl Fn(i64, i64) -> i64, start: i64) -> Vec<(i64, Points)> {
    let mut previous = start;
    let mut bars = Vec::new();
    for day in days_from_civil(2023, 7, 3)..=days_from_civil(2024, 1, 11) {
        // 1970-01-01 was a Thursday: days 2 and 3 are Saturday and Sunday.
        if matches!(day % 7, 2 | 3) {
            continue;
        }
        let close = close_after(day, previous);
        bars.push((day * DAY_NS, (previous, previous.max(close) + 100, previous.min(close) - 100, close)));
        previous = close;
    }
    bars
}

pub(crate) fn prices(points: impl IntoIterator<Item = Points>, spread: i64) -> Vec<Ohlc> {
    let price = |point: i64| (point + spread) as f64 / 100_000.0;
    points.into_iter().map(|p| (price(p.0), price(p.1), price(p.2), price(p.3))).collect()
}

pub(crate) fn series(timeframe: Timeframe, bars: &[(i64, Points)]) -> MemorySeries {
    let points = || bars.iter().map(|bar| bar.1);
    MemorySeries {
        timeframe,
        time: bars.iter().map(|bar| bar.0).collect(),
        bid: side(&prices(points(), 0)),
        ask: Some(side(&prices(points(), 10))),
    }
}

pub(crate) fn dataset(m5: Vec<Points>, d1: &[(i64, Points)]) -> Arc<Dataset> {
    let m5: Vec<_> =
        m5.into_iter().enumerate().map(|(bar, p)| (first_bar_ns() + bar as i64 * 5 * MINUTE_NS, p)).collect();
    let series = vec![series(Timeframe::M5, &m5), series(Timeframe::D1, d1)];
    Arc::new(dataset_from_memory("EURUSD", series).expect("candles are valid"))
}

pub(crate) fn flat_d1() -> Vec<(i64, Points)> {
    d1_points(|_, _| 110_000, 110_000)
}
