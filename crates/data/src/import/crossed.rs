//! Crossed bars: bid open above ask open, or bid close above ask close (decisions.md 1).

use std::collections::BTreeSet;

use omega_types::{Json, Timeframe};
use serde::Serialize;
use serde_json::json;

use super::{ImportError, OnCrossed, rows::Rows};
use crate::{align, write::Candles};

/// What was crossed, and what the policy did about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrossedReport {
    /// What happens to crossed bars.
    pub policy: OnCrossed,
    /// Bars that exist on both sides.
    pub aligned_bars: u64,
    /// Crossed bars among them.
    pub bars: u64,
    /// Bars whose ask was raised (`clamp`).
    pub changed_bars: u64,
    /// Ask fields that were raised (`clamp`).
    pub changed_fields: u64,
    /// Bars left out on both sides (`drop`).
    pub dropped_bars: u64,
}

impl CrossedReport {
    /// The object of `omega.crossed`; `None` if the quotes are as they were.
    pub(super) fn label(&self) -> Option<Json> {
        (self.changed_bars + self.dropped_bars > 0).then(|| {
            json!({
                "policy": self.policy.as_str(), "bars": self.bars, "changed_bars": self.changed_bars,
                "changed_fields": self.changed_fields, "dropped_bars": self.dropped_bars,
            })
        })
    }
}

/// What the policy is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct CrossedRule<'a> {
    pub(super) symbol: &'a str,
    pub(super) timeframe: Timeframe,
    pub(super) policy: OnCrossed,
    /// Largest share of the bars that may be dropped.
    pub(super) max_drop: f64,
}

impl CrossedRule<'_> {
    /// Finds crossed bars and applies the policy. Bars of one side only are left alone.
    ///
    /// # Errors
    ///
    /// [`ImportError::Crossed`] under `fail`; [`ImportError::DropLimit`] under `drop`.
    pub(super) fn apply(&self, bid: &mut Rows, ask: &mut Rows) -> Result<CrossedReport, ImportError> {
        let count = CrossedCount::of(&bid.candles, &ask.candles);
        let mut report = CrossedReport {
            policy: self.policy,
            aligned_bars: count.aligned_bars,
            bars: count.crossed.len() as u64,
            changed_bars: 0,
            changed_fields: 0,
            dropped_bars: 0,
        };
        match (self.policy, count.crossed.first()) {
            (OnCrossed::Fail, Some(&first)) => return Err(self.refusal(&count, first)),
            (OnCrossed::Fail, None) => {}
            (OnCrossed::Drop, _) => {
                report.dropped_bars = report.bars;
                // The quotient of two integers and a decimal literal round alike, so the limit itself passes.
                if report.dropped_bars as f64 / report.aligned_bars as f64 > self.max_drop {
                    return Err(ImportError::DropLimit {
                        symbol: self.symbol.to_owned(),
                        timeframe: self.timeframe,
                        bars: report.aligned_bars,
                        dropped: report.dropped_bars,
                        limit: self.max_drop,
                    });
                }
                let crossed: BTreeSet<i64> = count.crossed.iter().copied().collect();
                for side in [bid, ask] {
                    side.retain(|row, candles| candles.time.get(row).is_some_and(|time| !crossed.contains(time)));
                }
            }
            (OnCrossed::Clamp, _) => {
                clamp(&bid.candles, &mut ask.candles);
                report.changed_bars = count.any_bars;
                report.changed_fields = count.any_fields;
            }
        }
        Ok(report)
    }

    fn refusal(&self, count: &CrossedCount, first: i64) -> ImportError {
        ImportError::Crossed {
            symbol: self.symbol.to_owned(),
            timeframe: self.timeframe,
            bars: count.aligned_bars,
            crossed: count.crossed.len() as u64,
            opens: count.opens,
            closes: count.closes,
            first,
            clamped_bars: count.any_bars,
            clamped_fields: count.any_fields,
        }
    }
}

/// How crossed two sides are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CrossedCount {
    /// Bars that exist on both sides.
    pub(crate) aligned_bars: u64,
    /// Open times of crossed bars.
    pub(crate) crossed: Vec<i64>,
    pub(crate) opens: u64,
    pub(crate) closes: u64,
    /// Bars, and fields, where the bid lies above the ask in any of the four.
    pub(crate) any_bars: u64,
    pub(crate) any_fields: u64,
}

impl CrossedCount {
    /// Counts over the bars that both sides have. Both must be in order of time.
    pub(crate) fn of(bid: &Candles, ask: &Candles) -> Self {
        let mut count = Self::default();
        let merge = align::merge(&bid.time, &ask.time);
        for (&b, &a) in merge.bid.iter().zip(&merge.ask) {
            let (Some(bid_bar), Some(ask_bar), Some(&time)) = (bid.candle(b), ask.candle(a), bid.time.get(b)) else {
                continue;
            };
            let open = bid_bar.open > ask_bar.open;
            let close = bid_bar.close > ask_bar.close;
            let fields = [open, bid_bar.high > ask_bar.high, bid_bar.low > ask_bar.low, close];
            let fields = fields.into_iter().filter(|field| *field).count() as u64;
            count.aligned_bars += 1;
            count.opens += u64::from(open);
            count.closes += u64::from(close);
            count.any_bars += u64::from(fields > 0);
            count.any_fields += fields;
            if open || close {
                count.crossed.push(time);
            }
        }
        count
    }
}

/// Ask := max(ask, bid) in all four fields of every common bar: open and close alone would break the order within bars.
fn clamp(bid: &Candles, ask: &mut Candles) {
    fn raise(ask: &mut [f64], a: usize, bid: &[f64], b: usize) {
        if let (Some(ask), Some(&bid)) = (ask.get_mut(a), bid.get(b))
            && bid > *ask
        {
            *ask = bid;
        }
    }
    let merge = align::merge(&bid.time, &ask.time);
    for (&b, &a) in merge.bid.iter().zip(&merge.ask) {
        raise(&mut ask.open, a, &bid.open, b);
        raise(&mut ask.high, a, &bid.high, b);
        raise(&mut ask.low, a, &bid.low, b);
        raise(&mut ask.close, a, &bid.close, b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000_000;

    /// Bars at minutes `0..`, open, high, low, close.
    fn side(bars: &[[f64; 4]]) -> Rows {
        let mut rows = Rows::default();
        for (i, [open, high, low, close]) in bars.iter().enumerate() {
            rows.candles.time.push(i as i64 * MINUTE);
            rows.candles.open.push(*open);
            rows.candles.high.push(*high);
            rows.candles.low.push(*low);
            rows.candles.close.push(*close);
            rows.candles.volume.push(0.0);
            rows.lines.push((0, i as u64 + 2));
        }
        rows
    }

    fn rule(policy: OnCrossed, max_drop: f64) -> CrossedRule<'static> {
        CrossedRule { symbol: "EURUSD", timeframe: Timeframe::M1, policy, max_drop }
    }

    /// Bar 0 is fine, bar 1 is crossed at the open and in the low, bar 2 only in the high (not crossed), bar 3 touches.
    fn quotes() -> (Rows, Rows) {
        let bid = side(&[[1.0, 1.2, 0.9, 1.1], [1.05, 1.2, 1.0, 1.1], [1.0, 1.5, 0.9, 1.1], [1.0, 1.0, 1.0, 1.0]]);
        let ask = side(&[[1.1, 1.3, 1.0, 1.2], [1.0, 1.3, 0.95, 1.2], [1.1, 1.4, 1.0, 1.2], [1.0, 1.0, 1.0, 1.0]]);
        (bid, ask)
    }

    /// decisions.md 1: bid open above ask open, or bid close above ask close.
    #[test]
    fn fail_counts_and_names_the_options() {
        let (mut bid, mut ask) = quotes();
        let error = rule(OnCrossed::Fail, 0.01).apply(&mut bid, &mut ask).unwrap_err();
        assert_eq!(
            error.to_string(),
            "EURUSD M1: 1 of 4 bars are crossed (1 with bid open above ask open, 0 with bid close above ask close), first at \
             1970-01-01T00:01:00Z; on_crossed can be fail, drop or clamp"
        );
    }

    /// decisions.md 1: in all four fields of every bar, crossed or not, and counted.
    #[test]
    fn clamp_raises_every_field_of_every_bar() {
        let (mut bid, mut ask) = quotes();
        let before = bid.candles.clone();
        let report = rule(OnCrossed::Clamp, 0.01).apply(&mut bid, &mut ask).unwrap();
        assert_eq!((report.bars, report.changed_bars, report.changed_fields), (1, 2, 3));
        assert_eq!(bid.candles, before);
        assert_eq!(ask.candles.open, [1.1, 1.05, 1.1, 1.0]);
        assert_eq!(ask.candles.high, [1.3, 1.3, 1.5, 1.0]);
        assert_eq!(ask.candles.low, [1.0, 1.0, 1.0, 1.0]);
        assert_eq!(ask.candles.close, [1.2, 1.2, 1.2, 1.0]);
    }

    #[test]
    fn drop_removes_both_sides_up_to_the_limit() {
        let (mut bid, mut ask) = quotes();
        let error = rule(OnCrossed::Drop, 0.24).apply(&mut bid, &mut ask).unwrap_err();
        assert_eq!(
            error.to_string(),
            "EURUSD M1: dropping 1 crossed bars of 4 would drop 25.00 %, more than the limit of 24 %"
        );
        let report = rule(OnCrossed::Drop, 0.25).apply(&mut bid, &mut ask).unwrap();
        assert_eq!((report.bars, report.dropped_bars, report.changed_fields), (1, 1, 0));
        assert_eq!(bid.candles.time, [0, 2 * MINUTE, 3 * MINUTE]);
        assert_eq!(bid.candles.time, ask.candles.time);
        // The bar that is crossed in its high alone stays: it is no crossed bar by definition.
        assert_eq!(ask.candles.high, [1.3, 1.4, 1.0]);
    }
}
