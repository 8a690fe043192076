//! Ticks → bars of both sides (data.md 7.1). Memory grows with the bars, not with the ticks.

use std::collections::BTreeMap;

use omega_types::Timeframe;

use super::{
    rows::{RowFile, Rows},
    ticks::Tick,
};
use crate::resample::Anchor;

/// Bars that grow tick by tick.
///
/// Per side: open first, high max, low min, close last quote of the bar; volume is the number of ticks with a quote. Bars up to
/// H1 begin at multiples of their duration, longer ones where aggregated bars begin (data.md 12), so that both ways to a
/// daily file give the same bars. First and last are those of a stable sort by time over all sources: ticks may come in
/// any order.
#[derive(Debug)]
pub(super) struct TickBars {
    timeframe: Timeframe,
    anchor: Anchor,
    /// By open time.
    bars: BTreeMap<i64, [Option<SideBar>; 2]>,
    /// The bar of the last tick, which is mostly that of the next one.
    current: Option<(i64, [Option<SideBar>; 2])>,
}

/// The place of a tick in the sorted whole: time, then source, then line.
type Rank = (i64, u32, u64);

#[derive(Debug, Clone, Copy)]
struct SideBar {
    first: Rank,
    last: Rank,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    ticks: u64,
}

impl SideBar {
    fn of(quote: f64, rank: Rank) -> Self {
        Self { first: rank, last: rank, open: quote, high: quote, low: quote, close: quote, ticks: 1 }
    }

    fn add(&mut self, quote: f64, rank: Rank) {
        if rank < self.first {
            (self.first, self.open) = (rank, quote);
        }
        if rank > self.last {
            (self.last, self.close) = (rank, quote);
        }
        self.high = self.high.max(quote);
        self.low = self.low.min(quote);
        self.ticks += 1;
    }
}

impl TickBars {
    pub(super) fn new(symbol: &str, timeframe: Timeframe) -> Self {
        Self { timeframe, anchor: Anchor::default_for(symbol), bars: BTreeMap::new(), current: None }
    }

    /// Adds a tick of the source with this number.
    pub(super) fn add(&mut self, tick: &Tick, source: u32) {
        let start = self.anchor.bar_start(tick.time_ns, self.timeframe);
        let mut sides = match self.current.take() {
            Some((open, sides)) if open == start => sides,
            other => {
                if let Some((open, sides)) = other {
                    self.bars.insert(open, sides);
                }
                self.bars.remove(&start).unwrap_or_default()
            }
        };
        let rank = (tick.time_ns, source, tick.number);
        for (side, quote) in sides.iter_mut().zip([tick.bid, tick.ask]) {
            match (side, quote) {
                (Some(bar), Some(quote)) => bar.add(quote, rank),
                (side, Some(quote)) => *side = Some(SideBar::of(quote, rank)),
                (_, None) => {}
            }
        }
        self.current = Some((start, sides));
    }

    /// Bid and ask in order of time. A side without a quote has no bar. Lines are those of the first quote.
    pub(super) fn finish(mut self, files: &[RowFile]) -> [Rows; 2] {
        if let Some((open, sides)) = self.current.take() {
            self.bars.insert(open, sides);
        }
        let mut rows = [(); 2].map(|()| Rows { files: files.to_vec(), ..Rows::default() });
        for (open, sides) in self.bars {
            for (rows, bar) in rows.iter_mut().zip(sides) {
                if let Some(bar) = bar {
                    rows.candles.push(open, [bar.open, bar.high, bar.low, bar.close, bar.ticks as f64]);
                    rows.lines.push((bar.first.1, bar.first.2));
                }
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn tick(second: i64, bid: f64, ask: f64, number: u64) -> Tick {
        let quote = |price: f64| (price > 0.0).then_some(price);
        Tick { time_ns: second * SECOND, bid: quote(bid), ask: quote(ask), number }
    }

    /// Open times in minutes, and values, of a side.
    fn bars(rows: &Rows) -> Vec<(i64, [f64; 5])> {
        let row = |row: usize| rows.candles.candle(row).unwrap();
        (0..rows.len())
            .map(|i| (rows.candles.time[i] / (60 * SECOND), row(i)))
            .map(|(minute, bar)| (minute, [bar.open, bar.high, bar.low, bar.close, bar.volume]))
            .collect()
    }

    #[test]
    fn a_bar_is_first_highest_lowest_last_and_the_number_of_ticks() {
        let mut made = TickBars::new("EURUSD", Timeframe::M1);
        // Minute 0: bids 2, 5, 1, 3; asks 4, 6. Second 60 belongs to minute 1, which has no bid.
        for (i, (second, bid, ask)) in
            [(0, 2.0, 4.0), (10, 5.0, 6.0), (20, 1.0, 0.0), (59, 3.0, 0.0), (60, 0.0, 7.0)].into_iter().enumerate()
        {
            made.add(&tick(second, bid, ask, i as u64 + 2), 0);
        }
        let [bid, ask] = made.finish(&[]);
        assert_eq!(bars(&bid), [(0, [2.0, 5.0, 1.0, 3.0, 4.0])]);
        assert_eq!(bars(&ask), [(0, [4.0, 6.0, 4.0, 6.0, 2.0]), (1, [7.0, 7.0, 7.0, 7.0, 1.0])]);
        assert_eq!(ask.lines, [(0, 2), (0, 6)]);
    }

    /// Property: any order gives the bars of the sorted ticks; at one instant source and line decide.
    #[test]
    fn the_order_in_which_ticks_arrive_does_not_matter() {
        let ticks = [
            (tick(5, 1.0, 2.0, 2), 0),
            (tick(5, 3.0, 4.0, 3), 0),
            (tick(5, 2.0, 9.0, 2), 1),
            (tick(61, 4.0, 5.0, 3), 1),
            (tick(62, 5.0, 6.0, 4), 0),
        ];
        let of = |order: [usize; 5]| {
            let mut made = TickBars::new("EURUSD", Timeframe::M1);
            for i in order {
                made.add(&ticks[i].0, ticks[i].1);
            }
            let [bid, ask] = made.finish(&[]);
            (bars(&bid), bars(&ask))
        };
        let sorted = of([0, 1, 2, 3, 4]);
        // Second 5: line 2 of source 0 is first, source 1 is last.
        assert_eq!(sorted.0, [(0, [1.0, 3.0, 1.0, 2.0, 3.0]), (1, [4.0, 5.0, 4.0, 5.0, 2.0])]);
        assert_eq!(sorted.1[0], (0, [2.0, 9.0, 2.0, 9.0, 3.0]));
        for order in [[4, 3, 2, 1, 0], [3, 0, 4, 2, 1], [1, 2, 4, 0, 3]] {
            assert_eq!(of(order), sorted);
        }
    }

    #[test]
    fn daily_bars_begin_where_aggregated_ones_do() {
        let hour = 3_600;
        // 1970-01-02 12:00 UTC lies in the New York day that began on 1 January, 17:00 (22:00 UTC).
        let mut pair = TickBars::new("EURUSD", Timeframe::D1);
        pair.add(&tick(36 * hour, 1.0, 1.0, 2), 0);
        assert_eq!(pair.finish(&[])[0].candles.time, [22 * hour * SECOND]);
        let mut coin = TickBars::new("BTCUSDT", Timeframe::D1);
        coin.add(&tick(36 * hour, 1.0, 1.0, 2), 0);
        assert_eq!(coin.finish(&[])[0].candles.time, [24 * hour * SECOND]);
    }
}
