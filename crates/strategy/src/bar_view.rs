//! What a strategy sees when a bar closes.

use omega_types::{Bar, Candle, Market, QuoteSide, Timeframe, order::PositionView};

/// Bar `bar` and everything before it. Values are as of the bar's close.
///
/// The accessors cannot reach a later bar; `market` is there for handles that were taken while binding.
#[derive(Debug, Clone, Copy)]
pub struct BarView<'a> {
    /// The bar that just closed, counted over everything loaded.
    pub bar: Bar,
    /// The window of the run.
    pub market: &'a Market,
    /// Open positions by ascending id.
    pub positions: &'a [PositionView],
    /// The close lies inside a session, or there are none.
    pub session_open: bool,
    /// The close lies inside a news window.
    pub news_blocked: bool,
}

impl BarView<'_> {
    /// Open time of the bar, in nanoseconds.
    pub fn open_time_ns(&self) -> i64 {
        self.market.clock.open_ns(self.bar)
    }

    /// Close time of the bar: open time plus nominal duration, in nanoseconds.
    pub fn close_time_ns(&self) -> i64 {
        self.market.clock.decision_ns(self.bar)
    }

    /// The candle that just closed.
    pub fn candle(&self, side: QuoteSide) -> Candle {
        self.market.primary.quotes.side(side).candle(self.bar)
    }

    /// The candle `back` bars earlier; `None` before the first loaded bar.
    pub fn past(&self, side: QuoteSide, back: usize) -> Option<Candle> {
        let bar = self.bar.checked_sub(back)?;
        Some(self.market.primary.quotes.side(side).candle(bar))
    }

    /// Index of the last completed bar of `timeframe` (strategy specification 5.2).
    pub fn timeframe_index(&self, timeframe: Timeframe) -> Option<usize> {
        if timeframe == self.market.primary.timeframe {
            return Some(self.bar);
        }
        self.market.map(timeframe)?.get(self.bar)
    }

    /// The last completed candle of `timeframe`.
    pub fn timeframe_candle(&self, timeframe: Timeframe, side: QuoteSide) -> Option<Candle> {
        let index = self.timeframe_index(timeframe)?;
        Some(self.market.series(timeframe)?.quotes.side(side).candle(index))
    }
}
