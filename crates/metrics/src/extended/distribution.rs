//! The shape of daily returns: tails, asymmetry, peakedness.

use super::ExtendedMetric;
use crate::{
    Domain, ExtendedFacts, Goal, Kind, Metric, Source, Unit,
    statistics::{ZERO, central_moment, mean, quantile},
};

/// `|Q95| / |Q05|`.
pub(super) const TAIL_RATIO: ExtendedMetric = Metric {
    key: "tail_ratio",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::NonNegative,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Absolute 95 % quantile of daily equity returns over the absolute 5 % quantile",
    compute: |facts| {
        let low = lower_tail(facts)?;
        (low != 0.0).then_some(quantile(&facts.daily_ascending, 0.95)?.abs() / low.abs())
    },
};

/// `Q05`: a return, usually negative.
pub(super) const VAR_95: ExtendedMetric = Metric {
    key: "var_95",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Value at risk: the 5 % quantile of daily equity returns",
    compute: lower_tail,
};

/// Mean of the returns at or below `var_95`.
pub(super) const CVAR_95: ExtendedMetric = Metric {
    key: "cvar_95",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Expected shortfall: mean of the daily equity returns at or below var_95",
    compute: |facts| {
        let limit = lower_tail(facts)?;
        // In the order of the days: sums run from left to right.
        let tail: Vec<f64> = facts.daily.iter().copied().filter(|&r| r <= limit).collect();
        (!tail.is_empty()).then(|| mean(&tail))
    },
};

/// Gains over losses around a threshold of 0. Source: C. Keating, W. Shadwick, "A Universal Performance Measure", 2002.
pub(super) const OMEGA_RATIO: ExtendedMetric = Metric {
    key: "omega_ratio",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::NonNegative,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Sum of positive daily equity returns over the absolute sum of negative ones",
    compute: |facts| {
        let (mut gains, mut losses, mut has_loss) = (0.0, 0.0, false);
        for &r in &facts.daily {
            if r > 0.0 {
                gains += r;
            } else if r < 0.0 {
                losses += r;
                has_loss = true;
            }
        }
        has_loss.then(|| gains / losses.abs())
    },
};

/// `g1 × sqrt(N (N − 1)) / (N − 2)`, `g1 = m3 / m2^1.5`: the adjusted Fisher–Pearson coefficient.
pub(super) const SKEW: ExtendedMetric = Metric {
    key: "skew",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Skewness of daily equity returns, corrected for bias",
    compute: |facts| {
        let ([second, third, _], n) = (moments(facts, 3)?, facts.daily.len() as f64);
        let biased = third / (second * second.sqrt());
        Some(biased * (n * (n - 1.0)).sqrt() / (n - 2.0))
    },
};

/// `(N − 1) / ((N − 2)(N − 3)) × ((N + 1) g2 + 6)`, `g2 = m4 / m2² − 3`.
pub(super) const KURTOSIS_EXCESS: ExtendedMetric = Metric {
    key: "kurtosis_excess",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Minimize,
    description: "Excess kurtosis of daily equity returns, corrected for bias",
    compute: |facts| {
        let ([second, _, fourth], n) = (moments(facts, 4)?, facts.daily.len() as f64);
        let biased = fourth / (second * second) - 3.0;
        Some((n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * biased + 6.0))
    },
};

/// Needs two returns.
fn lower_tail(facts: &ExtendedFacts<'_>) -> Option<f64> {
    if facts.daily_ascending.len() < 2 { None } else { quantile(&facts.daily_ascending, 0.05) }
}

/// The second, third and fourth central moment; needs `least` returns that are not all the same.
fn moments(facts: &ExtendedFacts<'_>, least: usize) -> Option<[f64; 3]> {
    let mean = mean(&facts.daily);
    let [second, third, fourth] = [2, 3, 4].map(|power| central_moment(&facts.daily, mean, power));
    (facts.daily.len() >= least && second.sqrt() > ZERO).then_some([second, third, fourth])
}
