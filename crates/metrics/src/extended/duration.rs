//! How long trades lasted, and for how much of the run a position was open.

use omega_types::{Bar, Trade, time::MINUTE_NS};

use super::{ExtendedInputs, ExtendedMetric};
use crate::{Domain, Goal, Kind, Metric, Source, Unit};

/// Trading bars in which a position was open at any moment, entry and exit bar included.
pub(super) const EXPOSURE_TIME: ExtendedMetric = Metric {
    key: "exposure_time",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::UnitInterval,
    source: Source::Trades,
    goal: Goal::Minimize,
    description: "Share of trading bars in which a position was open at any moment, entry and exit bars included",
    compute: |facts| match facts.core.equity.bars {
        0 => None,
        bars => Some(facts.exposed_bars as f64 / bars as f64),
    },
};

/// Mean of exit time less entry time; both are open times of bars.
pub(super) const AVG_TRADE_DURATION_MINUTES: ExtendedMetric = Metric {
    key: "avg_trade_duration_minutes",
    unit: Unit::Minutes,
    kind: Kind::NumberOrMissing,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Minimize,
    description: "Mean time from the bar of entry to the bar of exit",
    compute: |facts| facts.pace.per_trade(facts.pace.minutes),
};

/// The longest one.
pub(super) const MAX_TRADE_DURATION_MINUTES: ExtendedMetric = Metric {
    key: "max_trade_duration_minutes",
    unit: Unit::Minutes,
    kind: Kind::NumberOrMissing,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Minimize,
    description: "Longest time from the bar of entry to the bar of exit",
    compute: |facts| (facts.pace.trades > 0).then_some(facts.pace.longest_minutes),
};

/// Mean of `bars_held`.
pub(super) const AVG_TRADE_DURATION_BARS: ExtendedMetric = Metric {
    key: "avg_trade_duration_bars",
    unit: Unit::MeanBars,
    kind: Kind::NumberOrMissing,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Minimize,
    description: "Mean number of bars from entry to exit",
    compute: |facts| facts.pace.per_trade(facts.pace.bars),
};

/// Sums over the durations of the closed trades.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pace {
    /// Records.
    pub trades: usize,
    /// Sum of the durations, in minutes.
    pub minutes: f64,
    /// The longest duration, in minutes.
    pub longest_minutes: f64,
    /// Sum of the durations, in bars.
    pub bars: f64,
}

impl Pace {
    /// Goes through `trades` once.
    pub fn of(trades: &[Trade]) -> Self {
        trades.iter().fold(Self::default(), |sum, trade| {
            // The difference of two stamps may not fit their type.
            let elapsed_ns = i128::from(trade.exit_time_ns) - i128::from(trade.entry_time_ns);
            let minutes = elapsed_ns as f64 / MINUTE_NS as f64;
            Self {
                trades: sum.trades + 1,
                minutes: sum.minutes + minutes,
                longest_minutes: sum.longest_minutes.max(minutes),
                bars: sum.bars + trade.bars_held() as f64,
            }
        })
    }

    fn per_trade(&self, sum: f64) -> Option<f64> {
        (self.trades > 0).then(|| sum / self.trades as f64)
    }
}

/// The trading bars that some position covers, each counted once. An open position lasts to the end.
pub(super) fn exposed_bars(inputs: &ExtendedInputs<'_>) -> usize {
    let bars = inputs.bars();
    let closed = inputs.trades.iter().map(|trade| (trade.entry_bar, trade.exit_bar + 1));
    let open = inputs.open_since.iter().map(|&entry| (entry, bars.end));
    let mut spans: Vec<(Bar, Bar)> = closed.chain(open).collect();
    spans.sort_unstable();
    let mut covered_until = bars.start;
    let mut count = 0;
    for (from, until) in spans {
        let (from, until) = (from.max(covered_until), until.min(bars.end));
        count += until.saturating_sub(from);
        covered_until = covered_until.max(until);
    }
    count
}

#[cfg(test)]
mod tests {
    use omega_types::Trade;

    use super::*;
    use crate::{AccountFacts, Benchmark, PeriodsPerYear, testing::trade};

    fn covered(spans: &[(Bar, Bar)], open_since: &[Bar]) -> usize {
        let trades: Vec<Trade> =
            spans.iter().map(|&(entry_bar, exit_bar)| Trade { entry_bar, exit_bar, ..trade(1.0, 0) }).collect();
        exposed_bars(&ExtendedInputs {
            trades: &trades,
            open_since,
            time: &[0; 20],
            trading: (5, 20),
            benchmark: &Benchmark::default(),
            account: AccountFacts { initial_balance: 1.0, fees_total: 0.0 },
            periods_per_year: PeriodsPerYear::TradingDays,
        })
    }

    #[test]
    fn every_bar_counts_once_from_entry_to_exit() {
        assert_eq!(covered(&[], &[]), 0);
        assert_eq!(covered(&[(6, 6)], &[]), 1); // opened and closed in one bar
        assert_eq!(covered(&[(6, 9), (9, 10)], &[]), 5); // 6 7 8 9 10
        assert_eq!(covered(&[(12, 13), (5, 8), (6, 7)], &[]), 6); // 5 6 7 8, 12 13
        assert_eq!(covered(&[(5, 6)], &[18, 16]), 6); // 5 6, 16 17 18 19
        assert_eq!(covered(&[(5, 19), (7, 19)], &[10]), 15);
    }

    #[test]
    fn durations_are_those_of_the_stamps() {
        // 10, 0 and 35 minutes over 2, 0 and 7 bars of five minutes.
        let trades = [(2, 10), (0, 0), (7, 35)].map(|(bars, minutes)| Trade {
            exit_bar: bars,
            exit_time_ns: minutes * MINUTE_NS,
            ..trade(1.0, 0)
        });
        let pace = Pace::of(&trades);
        assert_eq!((pace.per_trade(pace.minutes), pace.longest_minutes), (Some(15.0), 35.0));
        assert_eq!(pace.per_trade(pace.bars), Some(3.0));
        assert_eq!(Pace::of(&[]).per_trade(0.0), None);
    }
}
