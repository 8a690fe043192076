//! Longer bars from shorter ones (data.md 12).

use omega_types::Timeframe;

use super::Anchor;
use crate::write::Candles;

/// Open first, high max, low min, close last, volume sum; a bar without content does not exist. A leading bar that begins
/// before the first short bar is left out; a trailing one that is not complete is kept.
pub(crate) fn aggregate(short: &Candles, timeframe: Timeframe, anchor: Anchor) -> Candles {
    let mut long = Candles::default();
    let first = short.time.first().copied().unwrap_or_default();
    let mut current: Option<(i64, [f64; 5])> = None;
    for (row, &time) in short.time.iter().enumerate() {
        let Some(bar) = short.candle(row) else { break };
        let start = anchor.bar_start(time, timeframe);
        match &mut current {
            Some((begun, [_, high, low, close, volume])) if *begun == start => {
                *high = high.max(bar.high);
                *low = low.min(bar.low);
                *close = bar.close;
                *volume += bar.volume;
            }
            _ => {
                if let Some((begun, values)) = current.filter(|(begun, _)| *begun >= first) {
                    long.push(begun, values);
                }
                current = Some((start, [bar.open, bar.high, bar.low, bar.close, bar.volume]));
            }
        }
    }
    if let Some((begun, values)) = current.filter(|(begun, _)| *begun >= first) {
        long.push(begun, values);
    }
    long
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000_000;

    #[test]
    fn a_bar_has_the_first_open_the_extremes_the_last_close_and_the_sum() {
        let mut m1 = Candles::default();
        // Minutes 3 and 4 belong to a bar that began before the data; 5 to 9 are complete; 12 is a bar of one.
        for (minute, values) in [
            (3, [1.0, 9.0, 0.5, 1.0, 1.0]),
            (4, [1.0, 9.0, 0.5, 1.0, 1.0]),
            (5, [2.0, 3.0, 1.5, 2.5, 10.0]),
            (7, [2.5, 4.0, 2.0, 3.0, 20.0]),
            (9, [3.0, 3.5, 1.0, 1.5, 30.0]),
            (12, [5.0, 6.0, 4.0, 5.5, 1.0]),
        ] {
            m1.push(minute * MINUTE, values);
        }
        let m5 = aggregate(&m1, Timeframe::M5, Anchor::Utc);
        assert_eq!(m5.time, [5 * MINUTE, 10 * MINUTE]);
        assert_eq!((m5.open, m5.high, m5.low), (vec![2.0, 5.0], vec![4.0, 6.0], vec![1.0, 4.0]));
        assert_eq!((m5.close, m5.volume), (vec![1.5, 5.5], vec![60.0, 1.0]));
    }
}
