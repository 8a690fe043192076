//! The part of a dataset that one run reads (data.md 8 and 9).

use std::ops::Range;

use omega_types::{
    BarMap, Clock, Column, Dataset, Json, Market, Quotes, Series, SideColumns, Timeframe, Warning, code,
    config::Variant,
    market::{Input, MappingMode, QuoteKind},
    time::iso,
};
use rayon::prelude::*;

use crate::{
    Calendar, DataError, DayWindows,
    governance::{self, Part},
};

/// What one run asks of a dataset.
#[derive(Debug, Clone)]
pub struct WindowRequest<'a> {
    /// First open time that may be traded, inclusive.
    pub start_ns: i64,
    /// Last open time, inclusive.
    pub end_ns: i64,
    /// Bars of history before the first traded one, for every timeframe.
    pub warmup_bars: usize,
    /// When bars of other timeframes become visible.
    pub mapping: MappingMode,
    /// `v1_parity` cuts by time instead of by bars.
    pub variant: Variant,
    /// The timeframe that is traded.
    pub primary: Timeframe,
    /// The other ones, in loading order.
    pub others: &'a [Timeframe],
    /// Entry windows: for gap accounting only.
    pub sessions: Option<&'a DayWindows>,
    /// When bars are expected; `None`: by the symbol.
    pub calendar: Option<Calendar>,
    /// Largest share of missing bars that is accepted; `None`: no limit.
    pub max_gap_loss: Option<f64>,
    /// For [`QuoteKind::Single`]: ask minus bid as a price distance. `None`: 0. Otherwise unused.
    pub spread: Option<f64>,
}

/// A window with everything worth reporting about its data.
#[derive(Debug, Clone)]
pub struct Window {
    /// The candles.
    pub market: Market,
    /// Index of the market's bar 0 in the dataset's primary series.
    pub offset: usize,
    /// The inputs behind the timeframes of this window, in loading order.
    pub inputs: Vec<Input>,
    /// `dataset.governance` (data.md 15), with what an import clamped, dropped or invented.
    pub governance: Json,
    /// `DATA_W_…`, sorted.
    pub warnings: Vec<Warning>,
}

/// Cuts the window of a run out of a dataset. Bid and ask are slices, except for the ask of a `single` dataset with a
/// spread, which is built here.
///
/// # Errors
///
/// Primary first, then the others in order: `DATA_RANGE_EMPTY`, `DATA_INSUFFICIENT`, `DATA_INSUFFICIENT_HTF`,
/// `DATA_HTF_MAPPING`, `DATA_ALIGNMENT_LOSS` (scope window), `DATA_GAP_LOSS`. `CFG_CONFLICT` for a timeframe that the
/// dataset does not have, `CFG_ENGINE_REJECTED` for an impossible spread.
pub fn window(dataset: &Dataset, request: &WindowRequest<'_>) -> Result<Window, DataError> {
    let spread = request.spread.unwrap_or(0.0);
    if dataset.quotes == QuoteKind::Single && !(spread.is_finite() && spread >= 0.0) {
        return Err(DataError::Rejected { what: format!("a spread of {spread} is impossible") });
    }
    let cut = Cut { dataset, request };
    let mut warnings = Vec::new();

    let (primary, trading) = cut.primary(&mut warnings)?;
    let offset = primary.range.start;
    let mut parts = vec![primary];
    let mut maps = Vec::new();
    for timeframe in cut.others() {
        let (part, map) = cut.other(timeframe, &parts[0], trading.start, &mut warnings)?;
        parts.push(part);
        maps.push(map);
    }
    let report = governance::report(dataset, request, &parts, spread)?;
    warnings.extend(report.warnings);
    warnings.sort();

    let mut series = parts.par_iter().map(|part| cut.series(part, spread)).collect::<Vec<Series>>().into_iter();
    let Some(primary) = series.next() else {
        return Err(DataError::NotLoaded { symbol: dataset.symbol.clone(), timeframe: request.primary });
    };
    let market = Market {
        symbol: dataset.symbol.clone(),
        quotes: primary.quotes.clone(),
        clock: Clock { time: primary.time.clone(), duration_ns: request.primary.duration_ns() },
        primary,
        others: series.collect(),
        maps,
        trading,
    };
    let inputs = governance::inputs(dataset, &parts);
    Ok(Window { market, offset, inputs, governance: report.json, warnings })
}

struct Cut<'a> {
    dataset: &'a Dataset,
    request: &'a WindowRequest<'a>,
}

impl<'a> Cut<'a> {
    /// The loaded slice of the primary timeframe, and the traded bars inside it.
    fn primary(&self, warnings: &mut Vec<Warning>) -> Result<(Part, Range<usize>), DataError> {
        let WindowRequest { start_ns, end_ns, warmup_bars: warmup, primary: timeframe, .. } = *self.request;
        let symbol = &self.dataset.symbol;
        let (index, time) = self.find(timeframe)?;
        let start = time.partition_point(|&open| open < start_ns);
        let end = time.partition_point(|&open| open <= end_ns);
        if start >= end {
            return Err(DataError::RangeEmpty {
                symbol: symbol.clone(),
                timeframe,
                start_ns,
                end_ns,
                first_ns: time.first().copied().unwrap_or_default(),
                last_ns: time.last().copied().unwrap_or_default(),
            });
        }
        if self.request.variant == Variant::V1Parity {
            let from_ns = self.parity_start_ns();
            let first = time.partition_point(|&open| open < from_ns);
            let part = Part { index, timeframe, range: first..end, interval: (from_ns, end_ns) };
            return Ok((part, start - first..end - first));
        }
        let first = start.saturating_sub(warmup);
        let available = end - first;
        if available <= warmup {
            let required = warmup.saturating_add(1);
            return Err(DataError::Insufficient { symbol: symbol.clone(), timeframe, required, warmup, available });
        }
        if start < warmup {
            let trading_ns = time.get(first + warmup).copied().unwrap_or(end_ns);
            let (from, trading) = (iso(start_ns), iso(trading_ns));
            warnings.push(Warning::new(
                code::DATA_W_WARMUP_DEFICIT,
                format!("{symbol} {timeframe}: {start} bars before {from} for a warm-up of {warmup}; trading starts at {trading}"),
            ));
        }
        let interval = (time.get(first).map_or(start_ns, |&open| open.min(start_ns)), end_ns);
        Ok((Part { index, timeframe, range: first..end, interval }, warmup..available))
    }

    /// The loaded slice of another timeframe and its map. `trading` is the first traded bar of `primary`.
    fn other(
        &self,
        timeframe: Timeframe,
        primary: &Part,
        trading: usize,
        warnings: &mut Vec<Warning>,
    ) -> Result<(Part, BarMap), DataError> {
        let WindowRequest { start_ns, end_ns, warmup_bars: warmup, mapping, .. } = *self.request;
        let symbol = &self.dataset.symbol;
        let (index, time) = self.find(timeframe)?;
        let duration_ns = timeframe.duration_ns();
        let is_parity = self.request.variant == Variant::V1Parity;
        let end = time.partition_point(|&open| open <= end_ns);
        let (first, from_ns) = if is_parity {
            let from_ns = self.parity_start_ns();
            (time.partition_point(|&open| open < from_ns).min(end), from_ns)
        } else {
            // The first bar that is not complete at the start, and `warmup_bars` before it (decisions.md 36).
            let forming = time.partition_point(|&open| open + duration_ns <= start_ns).min(end);
            let first = forming.saturating_sub(warmup);
            (first, time.get(first).map_or(start_ns, |&open| open.min(start_ns)))
        };
        let part = Part { index, timeframe, range: first..end, interval: (from_ns, end_ns) };

        let (_, primary_time) = self.find(primary.timeframe)?;
        let primary_time = primary_time.get(primary.range.clone()).unwrap_or_default();
        let slice = time.get(part.range.clone()).unwrap_or_default();
        let map = BarMap::new(primary_time, primary.timeframe.duration_ns(), slice, duration_ns, mapping);
        let completed = if trading < map.len() { map.get(trading).map_or(0, |bar| bar + 1) } else { 0 };
        let trading_ns = primary_time.get(trading).copied().unwrap_or(start_ns);
        if !is_parity && completed < warmup {
            if completed == 0 {
                let symbol = symbol.clone();
                return Err(DataError::InsufficientHtf { symbol, timeframe, required: warmup, available: 0 });
            }
            let trading = iso(trading_ns);
            warnings.push(Warning::new(
                code::DATA_W_WARMUP_DEFICIT,
                format!("{symbol} {timeframe}: {completed} completed bars at the first trading bar {trading} for a warm-up of {warmup}"),
            ));
        }
        // Bars before the slice count as well: the question is whether the history begins in time.
        if time.first().is_none_or(|&open| open > trading_ns) {
            let first_ns = time.first().copied();
            return Err(DataError::HtfMapping { symbol: symbol.clone(), timeframe, trading_ns, first_ns });
        }
        Ok((part, map))
    }

    /// The other timeframes, once each and without the primary.
    fn others(&self) -> Vec<Timeframe> {
        let mut others: Vec<Timeframe> = Vec::new();
        for &timeframe in self.request.others {
            if timeframe != self.request.primary && !others.contains(&timeframe) {
                others.push(timeframe);
            }
        }
        others
    }

    /// `start_ns` minus the longest warm-up over all timeframes, which is how V1 loaded (data.md 8).
    fn parity_start_ns(&self) -> i64 {
        let timeframes = self.others().into_iter().chain([self.request.primary]);
        let longest = timeframes.map(Timeframe::duration_ns).max().unwrap_or(0);
        let warmup = i64::try_from(self.request.warmup_bars).unwrap_or(i64::MAX);
        self.request.start_ns.saturating_sub(longest.saturating_mul(warmup))
    }

    fn find(&self, timeframe: Timeframe) -> Result<(usize, &'a [i64]), DataError> {
        let missing = || DataError::NotLoaded { symbol: self.dataset.symbol.clone(), timeframe };
        let index = self.dataset.position(timeframe).ok_or_else(missing)?;
        let series = self.dataset.series.get(index).ok_or_else(missing)?;
        Ok((index, &series.time))
    }

    fn series(&self, part: &Part, spread: f64) -> Series {
        let sliced = self.dataset.series[part.index].slice(part.range.clone());
        if self.dataset.quotes == QuoteKind::BidAsk || spread == 0.0 {
            return sliced;
        }
        let Series { timeframe, time, quotes: Quotes { bid, .. } } = sliced;
        let above = |column: &Column| Column::from(column.iter().map(|price| price + spread).collect::<Vec<f64>>());
        let ask = SideColumns {
            open: above(&bid.open),
            high: above(&bid.high),
            low: above(&bid.low),
            close: above(&bid.close),
            volume: bid.volume.clone(),
        };
        Series { timeframe, time, quotes: Quotes { bid, ask } }
    }
}
