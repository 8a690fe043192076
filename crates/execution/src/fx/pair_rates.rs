//! The rates of one pair at every bar of the traded symbol, taken from candles (execution.md 1.3, as-of rule).

use omega_types::{Bar, Column, Quotes, Series, TimeColumn, Timeframe};

use crate::{ExecutionError, Moment, OwnPrice, error::MissingRate};

/// A pair whose rate depends on the bar, and its rates once candles are known.
#[derive(Debug, Clone)]
pub(super) struct PairRates {
    pub(super) pair: String,
    pub(super) source: Source,
    /// From the open of a bar until just before its close; NaN where there is no usable rate, empty while unbound.
    intrabar: Column,
    /// At the close of a bar, likewise.
    close: Column,
    /// To say why a rate is missing; `None` while unbound and for the traded symbol itself.
    origin: Option<Origin>,
    stale_limit_bars: usize,
}

/// Where rates come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The closes of the traded symbol itself.
    Primary,
    /// The candles of another pair.
    Candles,
}

#[derive(Debug, Clone)]
struct Origin {
    timeframe: Timeframe,
    /// Open times of the bars of the traded symbol.
    bars: TimeColumn,
    /// Open times of the pair's candles.
    candles: TimeColumn,
    /// How long after its open a candle is known inside a bar.
    lag_ns: i64,
}

impl PairRates {
    pub(super) fn new(pair: &str, source: Source, stale_limit_bars: usize) -> Self {
        let (intrabar, close) = (Column::from(Vec::new()), Column::from(Vec::new()));
        Self { pair: pair.to_owned(), source, intrabar, close, origin: None, stale_limit_bars }
    }

    /// The mid closes of the traded symbol's own bars, for every event of a bar.
    pub(super) fn bind_primary(&mut self, primary: &Quotes) {
        let (bid, ask) = (&primary.bid.close, &primary.ask.close);
        self.close = bid.iter().zip(ask.iter()).map(|(bid, ask)| mid(*bid, *ask)).collect::<Vec<_>>().into();
        self.intrabar = self.close.clone();
    }

    /// The candles of the pair, as of every bar of the traded symbol.
    ///
    /// - At the close: the mid close of the latest candle that opens with the bar or before.
    /// - Inside the bar: the mid open of the candle that opens with the bar; without one the mid close of the latest
    ///   candle that is complete when the bar opens. [`OwnPrice::BarClose`] takes the rate of the close instead.
    ///
    /// A candle counts as long as at most `stale_limit_bars` bars of the traded symbol opened after it.
    pub(super) fn bind_candles(&mut self, bars: &TimeColumn, candles: &Series, own_price: OwnPrice) {
        let quotes = &candles.quotes;
        let mid_open = |candle: usize| mid(quotes.bid.open[candle], quotes.ask.open[candle]);
        let mid_close = |candle: usize| mid(quotes.bid.close[candle], quotes.ask.close[candle]);
        let lag_ns = candles.timeframe.duration_ns();
        let limit = self.stale_limit_bars;
        let (mut opened, mut completed) = (Latest::new(&candles.time, 0), Latest::new(&candles.time, lag_ns));
        let (mut intrabar, mut close) = (Vec::with_capacity(bars.len()), Vec::with_capacity(bars.len()));
        for bar in 0..bars.len() {
            let usable =
                |latest: Option<(usize, usize)>| latest.filter(|(_, age)| *age <= limit).map(|(candle, _)| candle);
            let (latest, complete) = (usable(opened.at(bar, bars)), usable(completed.at(bar, bars)));
            let opens_with_bar = latest.filter(|&candle| candles.time[candle] == bars[bar]);
            close.push(latest.map_or(f64::NAN, mid_close));
            intrabar.push(opens_with_bar.map_or_else(|| complete.map_or(f64::NAN, mid_close), mid_open));
        }
        self.close = Column::from(close);
        let (intrabar, lag_ns) = match own_price {
            OwnPrice::Event => (Column::from(intrabar), lag_ns),
            OwnPrice::BarClose => (self.close.clone(), 0),
        };
        self.intrabar = intrabar;
        let (timeframe, bars, candles) = (candles.timeframe, bars.clone(), candles.time.clone());
        self.origin = Some(Origin { timeframe, bars, candles, lag_ns });
    }

    /// The rate at a moment of `bar`.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable`; `non_finite_value` for candles beyond measure.
    #[inline]
    pub(super) fn at(&self, bar: Bar, moment: Moment) -> Result<f64, ExecutionError> {
        let column = match moment {
            Moment::Open | Moment::Intrabar => &self.intrabar,
            Moment::Close => &self.close,
        };
        match column.get(bar) {
            Some(&rate) if rate.is_finite() => Ok(rate),
            Some(&value) if !value.is_nan() => Err(ExecutionError::NonFinite { what: "conversion rate", value, bar }),
            _ => Err(self.missing(bar, moment)),
        }
    }

    /// Is there a rate at the close of `bar`?
    pub(super) fn has_close(&self, bar: Bar) -> bool {
        self.close.get(bar).is_some_and(|rate| rate.is_finite())
    }

    /// Without the memory that only events inside bars and messages need.
    pub(super) fn closes_only(&self) -> Self {
        Self { intrabar: Column::from(Vec::new()), origin: None, ..self.clone() }
    }

    /// The columns held.
    pub(super) fn columns(&self) -> [&Column; 2] {
        [&self.intrabar, &self.close]
    }

    #[cold]
    fn missing(&self, bar: Bar, moment: Moment) -> ExecutionError {
        let time_ns = self.origin.as_ref().and_then(|origin| origin.bars.get(bar).copied());
        let latest = self.origin.as_ref().zip(time_ns).and_then(|(origin, time_ns)| {
            let lag_ns = if moment == Moment::Close { 0 } else { origin.lag_ns };
            let known = origin.candles.partition_point(|open| open.saturating_add(lag_ns) <= time_ns);
            let latest_ns = origin.candles[known.checked_sub(1)?];
            Some((latest_ns, (bar + 1).saturating_sub(origin.bars.partition_point(|open| *open <= latest_ns))))
        });
        ExecutionError::FxRateUnavailable(Box::new(MissingRate {
            pair: self.pair.clone(),
            timeframe: self.origin.as_ref().map(|origin| origin.timeframe),
            bar,
            time_ns,
            latest,
            stale_limit_bars: self.stale_limit_bars,
        }))
    }
}

fn mid(bid: f64, ask: f64) -> f64 {
    (bid + ask) / 2.0
}

/// Walks candles beside bars, both in time order.
struct Latest<'a> {
    candles: &'a [i64],
    lag_ns: i64,
    /// Candles that are known by now.
    known: usize,
    /// Bars that open at the latest known candle or before.
    not_after: usize,
}

impl<'a> Latest<'a> {
    /// A candle is known `lag_ns` after its open.
    fn new(candles: &'a [i64], lag_ns: i64) -> Self {
        Self { candles, lag_ns, known: 0, not_after: 0 }
    }

    /// The latest candle that is known when `bar` opens, and how many bars up to `bar` opened after it. Bars come in
    /// order.
    fn at(&mut self, bar: Bar, bars: &[i64]) -> Option<(usize, usize)> {
        while self.candles.get(self.known).is_some_and(|open| open.saturating_add(self.lag_ns) <= bars[bar]) {
            self.known += 1;
        }
        let candle = self.known.checked_sub(1)?;
        while bars.get(self.not_after).is_some_and(|open| *open <= self.candles[candle]) {
            self.not_after += 1;
        }
        Some((candle, bar + 1 - self.not_after))
    }
}

#[cfg(test)]
mod tests {
    use omega_types::{Coded, SideColumns};
    use proptest::prelude::*;

    use super::*;

    const M5: i64 = 300_000_000_000;

    /// Open times at `minutes`.
    fn times(minutes: &[i64]) -> TimeColumn {
        TimeColumn::from(minutes.iter().map(|minute| minute * M5 / 5).collect::<Vec<_>>())
    }

    /// Candles at `minutes` whose mids are `open` and `close`, one unit of spread around them.
    fn candles(timeframe: Timeframe, minutes: &[i64], mids: &[(f64, f64)]) -> Series {
        let side = |shift: f64| {
            let of = |pick: fn(&(f64, f64)) -> f64| {
                Column::from(mids.iter().map(|mid| pick(mid) + shift).collect::<Vec<_>>())
            };
            let (open, close) = (of(|mid| mid.0), of(|mid| mid.1));
            SideColumns { open: open.clone(), high: open.clone(), low: open.clone(), close, volume: open }
        };
        Series { timeframe, time: times(minutes), quotes: Quotes { bid: side(-0.5), ask: side(0.5) } }
    }

    fn bound(limit: usize, own_price: OwnPrice, bars: &[i64], candles: &Series) -> PairRates {
        let mut rates = PairRates::new("EURJPY", Source::Candles, limit);
        rates.bind_candles(&times(bars), candles, own_price);
        rates
    }

    /// Rates inside and at the close of each bar; 0 where there is none.
    fn of(rates: &PairRates, bars: usize) -> Vec<(f64, f64)> {
        let at = |bar, moment| rates.at(bar, moment).unwrap_or(0.0);
        (0..bars).map(|bar| (at(bar, Moment::Intrabar), at(bar, Moment::Close))).collect()
    }

    #[test]
    fn illustration_of_execution_md_1_3() {
        // EURJPY of bar i: open mid 160.00, close mid 160.40.
        let rates =
            bound(10, OwnPrice::Event, &[0, 5], &candles(Timeframe::M5, &[0, 5], &[(159.0, 159.9), (160.0, 160.4)]));
        assert_eq!(rates.at(1, Moment::Intrabar).unwrap(), 160.0);
        assert_eq!(rates.at(1, Moment::Open).unwrap(), 160.0);
        assert_eq!(rates.at(1, Moment::Close).unwrap(), 160.4);
    }

    #[test]
    fn a_missing_candle_falls_back_to_the_close_of_the_one_before() {
        // Candles at 0 and 15, none at 5, 10 and 20.
        let candles = candles(Timeframe::M5, &[0, 15], &[(10.0, 11.0), (12.0, 13.0)]);
        let rates = bound(10, OwnPrice::Event, &[0, 5, 10, 15, 20], &candles);
        assert_eq!(of(&rates, 5), [(10.0, 11.0), (11.0, 11.0), (11.0, 11.0), (12.0, 13.0), (13.0, 13.0)]);
    }

    #[test]
    fn there_is_no_rate_before_the_first_candle() {
        let candles = candles(Timeframe::M5, &[5], &[(10.0, 11.0)]);
        let rates = bound(10, OwnPrice::Event, &[0, 5], &candles);
        assert_eq!(of(&rates, 2), [(0.0, 0.0), (10.0, 11.0)]);
        let error = rates.at(0, Moment::Close).unwrap_err();
        assert_eq!(
            (error.code().name, error.details()["latest_time_ns"].clone()),
            ("fx_rate_unavailable", omega_types::Json::Null)
        );
        assert!(!rates.has_close(0) && rates.has_close(1) && !rates.has_close(2));
    }

    /// decisions.md 41: age is counted in loaded bars.
    #[test]
    fn a_candle_is_usable_exactly_up_to_the_limit_counted_in_bars() {
        // One candle at 0, then bars at 5, 10, 2 000, 2 005: ages 1, 2, 3, 4, whatever the hours.
        let candles = candles(Timeframe::M5, &[0], &[(10.0, 11.0)]);
        let bars = [0, 5, 10, 2_000, 2_005];
        let rates = bound(3, OwnPrice::Event, &bars, &candles);
        assert_eq!(of(&rates, 5), [(10.0, 11.0), (11.0, 11.0), (11.0, 11.0), (11.0, 11.0), (0.0, 0.0)]);
        let error = rates.at(4, Moment::Intrabar).unwrap_err();
        let details = error.details();
        assert_eq!((details["age_bars"].clone(), details["bar"].clone()), (4.into(), 4.into()));
        assert_eq!((details["latest_time_ns"].as_str(), details["stale_limit_bars"].clone()), (Some("0"), 3.into()));
        // A limit of 0 takes the candle of the bar only.
        assert_eq!(of(&bound(0, OwnPrice::Event, &bars, &candles), 2), [(10.0, 11.0), (0.0, 0.0)]);
        // A candle from before the first bar has the age of the bars since: 1, 2, 3.
        let before = bound(2, OwnPrice::Event, &[5, 10, 15], &candles);
        assert_eq!(of(&before, 3), [(11.0, 11.0), (11.0, 11.0), (0.0, 0.0)]);
    }

    #[test]
    fn a_candle_between_two_bars_counts_for_the_second() {
        // Bars at 0 and 15 (two are missing), candles at 0, 5, 10: at 15 the close of the candle at 10, age 1.
        let candles = candles(Timeframe::M5, &[0, 5, 10], &[(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)]);
        assert_eq!(of(&bound(1, OwnPrice::Event, &[0, 15], &candles), 2), [(1.0, 2.0), (6.0, 6.0)]);
    }

    #[test]
    fn inside_a_bar_no_candle_is_read_that_is_not_complete() {
        // Days that begin at 22:00 (bars) and at 00:00 (candles): at 22:00 the candle of that midnight still runs, at
        // the close of the bar, a day later, it is complete.
        let candles = candles(Timeframe::D1, &[0, 1_440], &[(1.0, 2.0), (3.0, 4.0)]);
        let rates = bound(10, OwnPrice::Event, &[1_320, 2_760], &candles);
        assert_eq!(of(&rates, 2), [(0.0, 2.0), (2.0, 4.0)]);
    }

    #[test]
    fn parity_reads_the_close_of_the_candle_for_every_event() {
        // execution.md 9: close mid of the latest candle at or before the bar, for all events.
        let candles = candles(Timeframe::M5, &[0, 5], &[(10.0, 11.0), (12.0, 13.0)]);
        let rates = bound(1, OwnPrice::BarClose, &[0, 5, 10, 15], &candles);
        assert_eq!(of(&rates, 4), [(11.0, 11.0), (13.0, 13.0), (13.0, 13.0), (0.0, 0.0)]);
    }

    #[test]
    fn candles_beyond_measure_are_not_a_rate() {
        let candles = candles(Timeframe::M5, &[0], &[(1e308, 1e308)]);
        let mut huge = candles.clone();
        huge.quotes.ask.close = Column::from(vec![f64::MAX]);
        huge.quotes.bid.close = huge.quotes.ask.close.clone();
        let error = bound(1, OwnPrice::Event, &[0], &huge).at(0, Moment::Close).unwrap_err();
        assert_eq!(error.code().name, "non_finite_value");
    }

    proptest! {
        /// An independent implementation: the definitions of 1.3, looked up for every bar.
        #[test]
        fn the_walk_agrees_with_the_definition(
            bars in prop::collection::btree_set(0_i64..60, 1..30),
            opens in prop::collection::btree_set(0_i64..60, 0..30),
            limit in 0_usize..6,
        ) {
            let (bars, opens): (Vec<i64>, Vec<i64>) =
                (bars.into_iter().map(|n| n * 5).collect(), opens.into_iter().map(|n| n * 5).collect());
            let mids: Vec<(f64, f64)> = opens.iter().map(|&n| (n as f64 + 1_000.0, n as f64 + 2_000.0)).collect();
            let rates = bound(limit, OwnPrice::Event, &bars, &candles(Timeframe::M5, &opens, &mids));
            for (bar, time) in bars.iter().enumerate() {
                let latest = opens.iter().rposition(|open| open <= time);
                let age = |open: i64| bars.iter().filter(|t| open < **t && *t <= time).count();
                let usable = latest.filter(|&candle| age(opens[candle]) <= limit);
                let close = usable.map(|candle| mids[candle].1);
                let inside = match usable {
                    Some(candle) if opens[candle] == *time => Some(mids[candle].0),
                    Some(candle) => Some(mids[candle].1),
                    None => None,
                };
                prop_assert_eq!(rates.at(bar, Moment::Close).ok(), close);
                prop_assert_eq!(rates.at(bar, Moment::Intrabar).ok(), inside);
                prop_assert_eq!(rates.has_close(bar), close.is_some());
            }
        }
    }
}
