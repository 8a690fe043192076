//! Trades after their fees, and the prices behind R.

use omega_types::Trade;

use super::ExtendedMetric;
use crate::{
    Domain, ExtendedFacts, Goal, Kind, Metric, Source, Unit,
    statistics::{mean, ratio, sample_deviation},
};

/// `sqrt(n) × mean q / sd q`. Source: V. K. Tharp, *Trade Your Way to Financial Freedom*; `n` is not capped.
pub(super) const SQN: ExtendedMetric = Metric {
    key: "sqn",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "System quality number: root of the number of trades times mean over sample standard deviation of net results",
    compute: |facts| {
        let results = &facts.net.results;
        let mean = mean(results);
        ratio((results.len() as f64).sqrt() * mean, sample_deviation(results, mean)?)
    },
};

/// `W − (1 − W) / payoff`. Source: J. L. Kelly, *Bell System Technical Journal* 35(4), 1956.
pub(super) const KELLY_FRACTION: ExtendedMetric = Metric {
    key: "kelly_fraction",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Kelly fraction from the net win rate and the payoff ratio",
    compute: |facts| {
        let wins = win_rate(facts)?;
        Some(wins - (1.0 - wins) / payoff(facts)?)
    },
};

/// `mean(q > 0) / |mean(q < 0)|`.
pub(super) const PAYOFF_RATIO: ExtendedMetric = Metric {
    key: "payoff_ratio",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Mean positive net result over absolute mean negative net result",
    compute: payoff,
};

/// `count(q > 0) / n`.
pub(super) const WIN_RATE_NET: ExtendedMetric = Metric {
    key: "win_rate_net",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::UnitInterval,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Share of trades with a positive result after fees",
    compute: win_rate,
};

/// `sum(q > 0) / |sum(q < 0)|`.
pub(super) const PROFIT_FACTOR_NET: ExtendedMetric = Metric {
    key: "profit_factor_net",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Sum of positive net results over absolute sum of negative net results",
    compute: |facts| (facts.net.losses > 0).then(|| facts.net.won / facts.net.lost.abs()),
};

/// `mean q`.
pub(super) const EXPECTANCY_PNL: ExtendedMetric = Metric {
    key: "expectancy_pnl",
    unit: Unit::AccountCurrency,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Mean result of a trade after its fees",
    compute: |facts| (!facts.net.results.is_empty()).then(|| mean(&facts.net.results)),
};

/// Mean of the recorded `r_multiple`; trades without a stop have none.
pub(super) const AVG_R_PRICE: ExtendedMetric = Metric {
    key: "avg_r_price",
    unit: Unit::RMultiple,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Mean of the price-based r_multiple of the trades that have one",
    compute: |facts| (!facts.net.price_r.is_empty()).then(|| mean(&facts.net.price_r)),
};

/// Longest run of `q > 0`.
pub(super) const MAX_CONSECUTIVE_WINS: ExtendedMetric = Metric {
    key: "max_consecutive_wins",
    unit: Unit::Count,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Maximize,
    description: "Longest run of trades with a positive result after fees",
    compute: |facts| Some(facts.net.most_wins as f64),
};

/// Longest run of `q < 0`.
pub(super) const MAX_CONSECUTIVE_LOSSES: ExtendedMetric = Metric {
    key: "max_consecutive_losses",
    unit: Unit::Count,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Minimize,
    description: "Longest run of trades with a negative result after fees",
    compute: |facts| Some(facts.net.most_losses as f64),
};

/// Trades that the metrics in R leave out (decisions.md 28).
pub(super) const TRADES_WITHOUT_R: ExtendedMetric = Metric {
    key: "trades_without_r",
    unit: Unit::Count,
    kind: Kind::Number,
    domain: Domain::NonNegative,
    source: Source::Trades,
    goal: Goal::Minimize,
    description: "Number of trades without an intended risk, which the metrics in R leave out",
    compute: |facts| Some((facts.core.trades.count - facts.core.trades.r.len()) as f64),
};

fn win_rate(facts: &ExtendedFacts<'_>) -> Option<f64> {
    match facts.net.results.len() {
        0 => None,
        n => Some(facts.net.wins as f64 / n as f64),
    }
}

fn payoff(facts: &ExtendedFacts<'_>) -> Option<f64> {
    let net = &facts.net;
    let has_both = net.wins > 0 && net.losses > 0;
    has_both.then(|| (net.won / net.wins as f64) / (net.lost / net.losses as f64).abs())
}

/// Results after fees, in the order of `trades.json`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetFacts {
    /// `q = result − (entry fee + exit fee)`.
    pub results: Vec<f64>,
    /// Records above zero.
    pub wins: usize,
    /// Records below zero.
    pub losses: usize,
    /// Sum of the results above zero.
    pub won: f64,
    /// Sum of the results below zero (zero or less).
    pub lost: f64,
    /// Longest run above zero; a zero ends it.
    pub most_wins: usize,
    /// Longest run below zero; a zero ends it.
    pub most_losses: usize,
    /// `r_multiple` of the records that have one.
    pub price_r: Vec<f64>,
}

impl NetFacts {
    /// Goes through `trades` once.
    pub fn of(trades: &[Trade]) -> Self {
        let mut facts = Self { results: Vec::with_capacity(trades.len()), ..Self::default() };
        let (mut wins, mut losses) = (0, 0);
        for trade in trades {
            let net = trade.result - (trade.entry_fee + trade.exit_fee);
            facts.results.push(net);
            facts.price_r.extend(trade.r_multiple.filter(|r| r.is_finite()));
            if net > 0.0 {
                facts.wins += 1;
                facts.won += net;
            } else if net < 0.0 {
                facts.losses += 1;
                facts.lost += net;
            }
            wins = if net > 0.0 { wins + 1 } else { 0 };
            losses = if net < 0.0 { losses + 1 } else { 0 };
            facts.most_wins = facts.most_wins.max(wins);
            facts.most_losses = facts.most_losses.max(losses);
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::trade;

    #[test]
    fn a_zero_ends_a_run_of_wins_and_a_run_of_losses() {
        // Fees are 5 per trade, so 5 before fees is nothing after them.
        let results = [10.0, 10.0, 5.0, 10.0, -1.0, 4.0, 5.0, 0.0, 10.0];
        let facts = NetFacts::of(&results.map(|result| trade(result, 0)));
        // After fees: 5 5 0 5 -6 -1 0 -5 5.
        assert_eq!(facts.results, [5.0, 5.0, 0.0, 5.0, -6.0, -1.0, 0.0, -5.0, 5.0]);
        assert_eq!((facts.wins, facts.losses, facts.most_wins, facts.most_losses), (4, 3, 2, 2));
        assert_eq!((facts.won, facts.lost), (20.0, -12.0));
    }
}
