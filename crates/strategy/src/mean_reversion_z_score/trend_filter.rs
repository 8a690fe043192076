//! The trend of a higher timeframe as a filter (strategy specification 5).

use std::cmp::Ordering;

use omega_types::{Bar, Column, Timeframe};
use serde::Deserialize;

/// What a filter demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TrendRule {
    /// The close lies above its average.
    Above,
    /// The close lies below its average.
    Below,
    /// Nothing; the trend is only reported.
    Both,
    /// Nothing; the trend is not looked at.
    None,
}

impl TrendRule {
    /// The name in configurations.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::Below => "below",
            Self::Both => "both",
            Self::None => "none",
        }
    }

    /// Can it refuse an entry?
    pub(super) const fn is_active(self) -> bool {
        matches!(self, Self::Above | Self::Below)
    }
}

/// One filter over the primary bars.
#[derive(Debug, Clone)]
pub(super) struct TrendFilter {
    pub(super) rule: TrendRule,
    /// `None` is `NONE`.
    pub(super) timeframe: Option<Timeframe>,
    pub(super) ema_length: usize,
    /// Close and average of the last completed bar; absent if nothing is loaded or looked at.
    pub(super) series: Option<TrendSeries>,
}

/// Bid close and its average on a higher timeframe, one value per primary bar.
#[derive(Debug, Clone)]
pub(super) struct TrendSeries {
    pub(super) close: Column,
    pub(super) ema: Column,
}

impl TrendFilter {
    /// Close and average at `bar`; undefined values are `None`.
    pub(super) fn values(&self, bar: Bar) -> (Option<f64>, Option<f64>) {
        let at = |column: &Column| column.get(bar).copied().filter(|x| x.is_finite());
        self.series.as_ref().map_or((None, None), |series| (at(&series.close), at(&series.ema)))
    }

    /// Where the close lies relative to its average; `None` if that is not known.
    pub(super) fn bias(&self, bar: Bar) -> Option<Ordering> {
        let (close, ema) = self.values(bar);
        close?.partial_cmp(&ema?)
    }

    /// `above`, `below`, `neutral` or `na`.
    pub(super) fn label(&self, bar: Bar) -> &'static str {
        match self.bias(bar) {
            Some(Ordering::Greater) => "above",
            Some(Ordering::Less) => "below",
            Some(Ordering::Equal) => "neutral",
            None => "na",
        }
    }

    /// The timeframe as it is written in configurations.
    pub(super) fn timeframe_name(&self) -> &'static str {
        self.timeframe.map_or("NONE", Timeframe::as_str)
    }

    fn passes(&self, bar: Bar) -> bool {
        match self.rule {
            TrendRule::Above => self.bias(bar) == Some(Ordering::Greater),
            TrendRule::Below => self.bias(bar) == Some(Ordering::Less),
            TrendRule::Both | TrendRule::None => true,
        }
    }
}

/// Filters A and B together: the minimum-filters policy (5.4).
#[derive(Debug, Clone)]
pub(super) struct TrendFilters {
    pub(super) filters: [TrendFilter; 2],
    /// How many active filters must pass; `None` is all of them.
    pub(super) required: Option<usize>,
}

impl TrendFilters {
    /// May an entry be made on `bar`?
    pub(super) fn pass(&self, bar: Bar) -> bool {
        let active = || self.filters.iter().filter(|filter| filter.rule.is_active());
        let count = active().count();
        if count == 0 {
            return true;
        }
        active().filter(|filter| filter.passes(bar)).count() >= self.required.unwrap_or(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(rule: TrendRule, close: f64, ema: f64) -> TrendFilter {
        let series = TrendSeries { close: vec![close].into(), ema: vec![ema].into() };
        TrendFilter { rule, timeframe: Some(Timeframe::H1), ema_length: 10, series: Some(series) }
    }

    /// Strategy specification 5.3, both tables.
    #[test]
    fn a_bias_is_above_below_neutral_or_not_known() {
        use TrendRule::{Above, Below, Both, None};
        for (close, ema, label, above, below) in [
            (1.2, 1.1, "above", true, false),
            (1.0, 1.1, "below", false, true),
            (1.1, 1.1, "neutral", false, false),
            (f64::NAN, 1.1, "na", false, false),
            (1.1, f64::NAN, "na", false, false),
            (f64::INFINITY, 1.1, "na", false, false),
        ] {
            assert_eq!(filter(Both, close, ema).label(0), label);
            let passes = [Above, Below, Both, None].map(|rule| filter(rule, close, ema).passes(0));
            assert_eq!(passes, [above, below, true, true], "{close} against {ema}");
        }
        let unloaded = TrendFilter { series: Option::None, ..filter(Both, 1.0, 1.0) };
        assert_eq!((unloaded.label(0), unloaded.passes(0)), ("na", true));
        assert!(!TrendFilter { rule: Above, ..unloaded }.passes(0));
    }

    /// Strategy specification 5.4: none, one and two active filters, of which one passes.
    #[test]
    fn as_many_active_filters_pass_as_required() {
        use TrendRule::{Above, Below, Both};
        let pass = |a: TrendRule, b: TrendRule, required| {
            TrendFilters { filters: [filter(a, 1.2, 1.1), filter(b, 1.2, 1.1)], required }.pass(0)
        };
        assert!(pass(Both, TrendRule::None, Option::None));
        assert!(pass(Both, Both, Some(2)));
        assert!(pass(Above, Both, Option::None));
        assert!(!pass(Below, Both, Option::None));
        assert!(!pass(Above, Below, Option::None));
        assert!(!pass(Above, Below, Some(2)));
        assert!(pass(Above, Below, Some(1)));
        assert!(!pass(Below, Below, Some(1)));
        assert!(pass(Above, Above, Some(2)));
    }
}
