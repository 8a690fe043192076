//! Returns by month and year, and how many periods a year has.

use super::ExtendedMetric;
use crate::{Domain, ExtendedFacts, Goal, Kind, Metric, Source, Unit};

/// The best month.
pub(super) const BEST_MONTH: ExtendedMetric = Metric {
    key: "best_month",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Largest monthly return of equity",
    compute: |facts| monthly(facts).reduce(f64::max),
};

/// The worst month.
pub(super) const WORST_MONTH: ExtendedMetric = Metric {
    key: "worst_month",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Smallest monthly return of equity",
    compute: |facts| monthly(facts).reduce(f64::min),
};

/// Months with a return above zero over all months.
pub(super) const POSITIVE_MONTHS: ExtendedMetric = Metric {
    key: "positive_months",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::UnitInterval,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Share of months with a positive return of equity",
    compute: |facts| match monthly(facts).count() {
        0 => None,
        months => Some(monthly(facts).filter(|&value| value > 0.0).count() as f64 / months as f64),
    },
};

fn monthly(facts: &ExtendedFacts<'_>) -> impl Iterator<Item = f64> {
    facts.months.iter().filter_map(|month| month.value)
}

/// How many daily returns make a year (decisions.md 55).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodsPerYear {
    /// 252: a market with weekends.
    TradingDays,
    /// 365: calendar `always`.
    EveryDay,
}

impl PeriodsPerYear {
    /// 252 or 365.
    pub const fn number(self) -> u16 {
        match self {
            Self::TradingDays => 252,
            Self::EveryDay => 365,
        }
    }
}

/// The return of one month or year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeriodReturn {
    /// Calendar year, UTC.
    pub year: i64,
    /// 1 to 12; `None` for a whole year.
    pub month: Option<u32>,
    /// Last equity of the period over the last one before it, less one. `None` if the period starts at zero or less.
    pub value: Option<f64>,
}

/// One return per period that has a day. `closes` are the days in order, each with its period and its last equity; the
/// first period starts at `start`.
pub(super) fn period_returns(closes: impl Iterator<Item = ((i64, Option<u32>), f64)>, start: f64) -> Vec<PeriodReturn> {
    let mut ends: Vec<((i64, Option<u32>), f64)> = Vec::new();
    for (period, close) in closes {
        match ends.last_mut().filter(|last| last.0 == period) {
            Some(last) => last.1 = close,
            None => ends.push((period, close)),
        }
    }
    let mut before = start;
    ends.into_iter()
        .map(|((year, month), close)| {
            let value = (before > 0.0).then(|| close / before - 1.0);
            before = close;
            PeriodReturn { year, month, value }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_runs_from_the_last_equity_before_it_to_its_own_last_one() {
        let closes = [((2023, 12), 110.0), ((2023, 12), 121.0), ((2024, 1), 60.5), ((2024, 3), 0.0), ((2024, 4), 5.0)];
        let months = period_returns(closes.iter().map(|&((y, m), close)| ((y, Some(m)), close)), 100.0);
        // By hand: 121/100 - 1, 60.5/121 - 1, 0/60.5 - 1; April starts at nothing. February has no bar and no row.
        let expected = [(2023, 12, Some(0.21)), (2024, 1, Some(-0.5)), (2024, 3, Some(-1.0)), (2024, 4, None)];
        assert_eq!(months.len(), expected.len());
        for (row, (year, month, value)) in months.iter().zip(expected) {
            assert_eq!((row.year, row.month), (year, Some(month)));
            assert!(row.value.zip(value).map_or(row.value == value, |(a, b)| (a - b).abs() < 1e-15), "{row:?}");
        }
        let years = period_returns(closes.iter().map(|&((y, _), close)| ((y, None), close)), 100.0);
        // 5 / 121 - 1.
        assert!((years[1].value.unwrap() - (5.0 / 121.0 - 1.0)).abs() < 1e-15 && years.len() == 2);
    }
}
