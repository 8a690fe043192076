//! Against holding the symbol: mid closes, without costs.

use super::{ExtendedMetric, facts::days};
use crate::{
    Domain, ExtendedFacts, Goal, Kind, Metric, Source, Unit,
    statistics::{ZERO, mean, sample_covariance, sample_deviation},
};

/// `(C_last − C_first) / C_first`.
pub(super) const BUY_HOLD_RETURN: ExtendedMetric = Metric {
    key: "buy_hold_return",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Change of the mid close from the first to the last trading bar, as a share of the first, without costs",
    compute: |facts| facts.benchmark.total,
};

/// `cov(r, b) / var(b)`.
pub(super) const BETA: ExtendedMetric = Metric {
    key: "beta",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Covariance of daily equity returns and daily returns of the mid close over the variance of the latter",
    compute: beta,
};

/// `(mean r − beta × mean b) × periods per year`.
pub(super) const ALPHA_ANNUAL: ExtendedMetric = Metric {
    key: "alpha_annual",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Mean daily equity return less beta times the mean daily return of the mid close, times {periods_per_year}",
    compute: |facts| {
        let (own, held) = (mean(&facts.daily), mean(&facts.benchmark.daily));
        Some((own - beta(facts)? * held) * facts.periods_per_year)
    },
};

/// `cov(r, b) / (sd r × sd b)`.
pub(super) const BENCHMARK_CORRELATION: ExtendedMetric = Metric {
    key: "benchmark_correlation",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Minimize,
    description: "Correlation of daily equity returns and daily returns of the mid close",
    compute: |facts| {
        let (own, held) = (&facts.daily, &facts.benchmark.daily);
        let covariance = sample_covariance(own, held)?;
        let (own, held) = (sample_deviation(own, mean(own))?, sample_deviation(held, mean(held))?);
        (own > ZERO && held > ZERO).then(|| covariance / (own * held))
    },
};

fn beta(facts: &ExtendedFacts<'_>) -> Option<f64> {
    let held = &facts.benchmark.daily;
    let covariance = sample_covariance(&facts.daily, held)?;
    let deviation = sample_deviation(held, mean(held))?;
    (deviation > ZERO).then(|| covariance / sample_covariance(held, held).unwrap_or(f64::NAN))
}

/// Mid closes of a run: all that holding the symbol is measured by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Benchmark {
    /// First and last trading bar; `None` with fewer than two bars.
    ends: Option<(f64, f64)>,
    /// Last one of each UTC day that has a bar.
    daily: Vec<f64>,
}

impl Benchmark {
    /// Reads the mid close of the trading bars that matter. All three are over the trading bars alone; bars beyond the
    /// shortest are left out.
    pub fn of(time: &[i64], bid_close: &[f64], ask_close: &[f64]) -> Self {
        let bars = time.len().min(bid_close.len()).min(ask_close.len());
        let mid = |bar: usize| (bid_close[bar] + ask_close[bar]) / 2.0;
        Self {
            ends: (bars >= 2).then(|| (mid(0), mid(bars - 1))),
            daily: days(&time[..bars]).into_iter().map(|(_, last)| mid(last)).collect(),
        }
    }

    /// Returns on the pairs of days that `equity_closes` has a return on.
    pub(super) fn returns(&self, equity_closes: &[f64]) -> BenchmarkReturns {
        let pairs = self.daily.iter().zip(self.daily.iter().skip(1));
        let is_counted = |&(_, &equity): &(_, &f64)| equity > 0.0;
        BenchmarkReturns {
            total: self.ends.map(|(first, last)| (last - first) / first),
            daily: pairs.zip(equity_closes).filter(is_counted).map(|((from, to), _)| (to - from) / from).collect(),
        }
    }
}

/// What holding the symbol would have given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BenchmarkReturns {
    /// Over the whole run.
    pub total: Option<f64>,
    /// From day to day.
    pub daily: Vec<f64>,
}

#[cfg(test)]
mod tests {
    use omega_types::time::DAY_NS;

    use super::*;

    #[test]
    fn days_are_paired_with_those_of_equity() {
        let time = [0, 1, DAY_NS, 2 * DAY_NS, 2 * DAY_NS + 5, 4 * DAY_NS];
        let bid = [1.0, 2.0, 4.0, 5.0, 6.0, 9.0];
        let ask = [3.0, 2.0, 4.0, 7.0, 10.0, 11.0];
        let benchmark = Benchmark::of(&time, &bid, &ask);
        // Mids of the days' last bars: 2, 4, 8, 10; of first and last bar: 2, 10.
        let all = benchmark.returns(&[100.0, 90.0, 80.0, 70.0]);
        assert_eq!((all.total, all.daily), (Some(4.0), vec![1.0, 1.0, 0.25]));
        // The pair that starts on the day of ruin is left out on both sides.
        assert_eq!(benchmark.returns(&[100.0, 0.0, 80.0, 70.0]).daily, [1.0, 0.25]);
        assert_eq!(Benchmark::of(&time[..1], &bid, &ask).returns(&[100.0]), BenchmarkReturns::default());
    }
}
