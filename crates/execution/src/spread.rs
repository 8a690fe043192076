//! The spread, multiplied for execution only (execution.md 2.6).

use omega_types::{Column, Direction, Quotes, SideColumns};

/// Candles whose distance between bid and ask is `multiplier` times that of `raw`, about the same middle, field by field.
/// Strategies, indicators and conversion never see them.
///
/// `mid = (bid + ask) / 2` and `half = (ask − bid) / 2` become `mid ∓ multiplier × half`; where `half` is not positive
/// the two prices stay as they are. High and low of a bar are then the extremes of its four new prices, so that the bar
/// stays consistent although the spread differs from field to field. Volumes do not change.
///
/// With a multiplier of exactly 1 these are the columns of `raw`, shared and untouched.
pub fn execution_view(raw: &Quotes, multiplier: f64) -> Quotes {
    if multiplier == 1.0 {
        return raw.clone();
    }
    let bars = raw.bid.close.len();
    let mut bid = Prices::with_capacity(bars);
    let mut ask = Prices::with_capacity(bars);
    for bar in 0..bars {
        let scale = |field: fn(&SideColumns) -> &Column| scaled(field(&raw.bid)[bar], field(&raw.ask)[bar], multiplier);
        let (open, high) = (scale(|side| &side.open), scale(|side| &side.high));
        let (low, close) = (scale(|side| &side.low), scale(|side| &side.close));
        bid.push([open.0, high.0, low.0, close.0]);
        ask.push([open.1, high.1, low.1, close.1]);
    }
    Quotes { bid: bid.with_volume(&raw.bid.volume), ask: ask.with_volume(&raw.ask.volume) }
}

/// How far the base price of a market order moves: `d × (multiplier − 1) × max(0, (ask − bid) / 2)` with the raw closes
/// of the signal bar, so that an order at the raw close is filled at that of the [`execution_view`].
pub fn entry_shift(raw_bid_close: f64, raw_ask_close: f64, direction: Direction, multiplier: f64) -> f64 {
    direction.sign() * (multiplier - 1.0) * ((raw_ask_close - raw_bid_close) / 2.0).max(0.0)
}

fn scaled(bid: f64, ask: f64, multiplier: f64) -> (f64, f64) {
    let mid = (bid + ask) / 2.0;
    let half = (ask - bid) / 2.0;
    if half <= 0.0 { (bid, ask) } else { (mid - multiplier * half, mid + multiplier * half) }
}

/// The columns of one side while they grow.
struct Prices {
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
}

impl Prices {
    fn with_capacity(bars: usize) -> Self {
        let column = || Vec::with_capacity(bars);
        Self { open: column(), high: column(), low: column(), close: column() }
    }

    /// One bar: open, high, low, close.
    fn push(&mut self, [open, high, low, close]: [f64; 4]) {
        self.open.push(open);
        self.high.push(open.max(high).max(low).max(close));
        self.low.push(open.min(high).min(low).min(close));
        self.close.push(close);
    }

    fn with_volume(self, volume: &Column) -> SideColumns {
        SideColumns {
            open: Column::from(self.open),
            high: Column::from(self.high),
            low: Column::from(self.low),
            close: Column::from(self.close),
            volume: volume.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Open, high, low, close of one bar.
    type Bar = [f64; 4];

    fn quotes(bid: &[Bar], ask: &[Bar]) -> Quotes {
        let side = |bars: &[Bar]| {
            let column = |field: usize| Column::from(bars.iter().map(|bar| bar[field]).collect::<Vec<_>>());
            let volume = Column::from(vec![7.0; bars.len()]);
            SideColumns { open: column(0), high: column(1), low: column(2), close: column(3), volume }
        };
        Quotes { bid: side(bid), ask: side(ask) }
    }

    fn bar(side: &SideColumns, index: usize) -> Bar {
        let candle = side.candle(index);
        [candle.open, candle.high, candle.low, candle.close]
    }

    #[test]
    fn a_multiplier_of_one_shares_the_raw_columns() {
        let raw = quotes(&[[1.0, 1.2, 0.9, 1.1]], &[[1.1, 1.3, 1.0, 1.2]]);
        let view = execution_view(&raw, 1.0);
        for (side, view) in [(&raw.bid, &view.bid), (&raw.ask, &view.ask)] {
            assert!(side.high.is_same_memory(&view.high) && side.close.is_same_memory(&view.close));
        }
    }

    #[test]
    fn the_distance_is_scaled_about_the_middle() {
        // Powers of two, so that every step is exact. Half spreads: open 1, high 2, low 1, close 0.5.
        let raw = quotes(&[[10.0, 16.0, 8.0, 12.0]], &[[12.0, 20.0, 10.0, 13.0]]);
        let at = |multiplier| {
            let view = execution_view(&raw, multiplier);
            (bar(&view.bid, 0), bar(&view.ask, 0))
        };
        assert_eq!(at(0.0), ([11.0, 18.0, 9.0, 12.5], [11.0, 18.0, 9.0, 12.5]));
        assert_eq!(at(2.0), ([9.0, 14.0, 7.0, 11.5], [13.0, 22.0, 11.0, 13.5]));
        assert_eq!(at(3.0), ([8.0, 12.0, 6.0, 11.0], [14.0, 24.0, 12.0, 14.0]));
        assert_eq!(execution_view(&raw, 2.0).ask.volume[..], [7.0]);
    }

    #[test]
    fn high_and_low_follow_the_new_prices_where_the_spread_differs_inside_a_bar() {
        // Bid 10/10/8/9, ask 18/18/9/10: half spreads 4, 4, 0.5, 0.5. With 3: mids 14, 14, 8.5, 9.5, so bid open and
        // high 2, low 7, close 8; ask 26, 26, 10, 11. The bid's high is then its close, its low its open.
        let raw = quotes(&[[10.0, 10.0, 8.0, 9.0]], &[[18.0, 18.0, 9.0, 10.0]]);
        let view = execution_view(&raw, 3.0);
        assert_eq!((bar(&view.bid, 0), bar(&view.ask, 0)), ([2.0, 8.0, 2.0, 8.0], [26.0, 26.0, 10.0, 11.0]));
    }

    #[test]
    fn prices_without_a_spread_stay_as_they_are() {
        // Crossed high and low, open without spread, half spread 0.5 at the close: mid 9.5, with 4: 7.5 and 11.5.
        let raw = quotes(&[[10.0, 12.0, 8.0, 9.0]], &[[10.0, 11.0, 7.0, 10.0]]);
        let view = execution_view(&raw, 4.0);
        assert_eq!((bar(&view.bid, 0), bar(&view.ask, 0)), ([10.0, 12.0, 7.5, 7.5], [10.0, 11.5, 7.0, 11.5]));
    }

    #[test]
    fn example_13_spread_multiplier() {
        // execution.md 12: ask = bid + 0.00010; fills 1.10030, 1.10035, 1.10040; bid lows 1.09836, 1.09831, 1.09826.
        let raw = quotes(&[[1.10020, 1.10100, 1.09836, 1.10020]], &[[1.10030, 1.10110, 1.09846, 1.10030]]);
        for (multiplier, fill, low) in [(1.0, 1.10030, 1.09836), (2.0, 1.10035, 1.09831), (3.0, 1.10040, 1.09826)] {
            let view = execution_view(&raw, multiplier);
            let filled = 1.10030 + entry_shift(1.10020, 1.10030, Direction::Long, multiplier);
            assert!((filled - fill).abs() < 1e-12 && (view.bid.low[0] - low).abs() < 1e-12, "{filled}");
            assert!((view.ask.close[0] - fill).abs() < 1e-12);
            // A short sells as much lower.
            let sold = 1.10020 + entry_shift(1.10020, 1.10030, Direction::Short, multiplier);
            assert!((sold - view.bid.close[0]).abs() < 1e-12);
        }
    }

    #[test]
    fn a_market_order_is_not_moved_where_there_is_no_spread_to_multiply() {
        for direction in [Direction::Long, Direction::Short] {
            assert_eq!(entry_shift(1.1, 1.1, direction, 5.0), 0.0);
            assert_eq!(entry_shift(1.2, 1.1, direction, 5.0), 0.0);
            assert_eq!(entry_shift(1.1, 1.2, direction, 1.0), 0.0);
        }
        // Without any spread both directions meet in the middle: 10 and 14 with 0.
        assert_eq!(14.0 + entry_shift(10.0, 14.0, Direction::Long, 0.0), 12.0);
        assert_eq!(10.0 + entry_shift(10.0, 14.0, Direction::Short, 0.0), 12.0);
    }

    fn prices() -> impl Strategy<Value = (Bar, Bar)> {
        let four = || prop::array::uniform4(0.5..2.0_f64);
        (four(), prop::array::uniform4(-0.05..0.2_f64)).prop_map(|(bid, spread)| {
            let ordered = |bar: Bar| {
                let high = bar.into_iter().fold(f64::MIN, f64::max);
                let low = bar.into_iter().fold(f64::MAX, f64::min);
                [bar[0], high, low, bar[3]]
            };
            let ask = [0, 1, 2, 3].map(|field| bid[field] + spread[field]);
            (ordered(bid), ordered(ask))
        })
    }

    proptest! {
        /// Property: bars stay consistent, and a larger multiplier moves no price in favour of whoever trades.
        #[test]
        fn bars_stay_consistent_and_more_spread_never_helps(
            bars in prop::collection::vec(prices(), 1..8),
            (low, high) in (0.0..4.0_f64, 0.0..4.0_f64),
        ) {
            let (bid, ask): (Vec<Bar>, Vec<Bar>) = bars.into_iter().unzip();
            let raw = quotes(&bid, &ask);
            let (less, more) = (execution_view(&raw, low.min(high)), execution_view(&raw, low.max(high)));
            for index in 0..bid.len() {
                for view in [&less, &more] {
                    for side in [&view.bid, &view.ask] {
                        let [open, high, low, close] = bar(side, index);
                        prop_assert!(low <= open.min(close) && high >= open.max(close));
                    }
                }
                for field in [0, 3] {
                    prop_assert!(bar(&more.bid, index)[field] <= bar(&less.bid, index)[field] + 1e-12);
                    prop_assert!(bar(&more.ask, index)[field] >= bar(&less.ask, index)[field] - 1e-12);
                }
            }
        }
    }
}
