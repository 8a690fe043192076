//! What the metrics of a run are computed from: trades gone through once, equity listened to once.

use omega_types::{
    Trade,
    equity::{EquityListener, EquityStretch},
    time::DAY_NS,
};

use crate::{DailyCloses, Drawdown, DrawdownListener};

/// Everything a metric may look at. All values are unrounded.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Sums over the closed trades.
    pub trades: &'a TradeFacts,
    /// What equity did.
    pub equity: &'a EquityFacts,
    /// What only the account knows.
    pub account: AccountFacts,
}

impl Facts<'_> {
    /// Result of all trades after all fees, in account currency.
    pub fn profit_net(&self) -> f64 {
        self.trades.profit_gross - self.account.fees_total
    }
}

/// What only the account knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AccountFacts {
    /// Start equity, in account currency.
    pub initial_balance: f64,
    /// Every explicit fee charged in the run, added up fee by fee, those of positions still open included.
    pub fees_total: f64,
}

/// Sums over the closed trades, added up in the order of `trades.json`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TradeFacts {
    /// Records; partial closes count.
    pub count: usize,
    /// Records with a positive result.
    pub wins: usize,
    /// Records with a negative result.
    pub losses: usize,
    /// Sum of all results.
    pub profit_gross: f64,
    /// Sum of the positive results.
    pub won: f64,
    /// Sum of the negative results (zero or less).
    pub lost: f64,
    /// Largest positive result, or 0.
    pub largest_win: f64,
    /// Smallest negative result, or 0.
    pub largest_loss: f64,
    /// `result / risk` of the records that have an intended risk (decisions.md 28); those without are left out.
    pub r: Vec<f64>,
    /// Distinct UTC dates of `entry_time_ns`.
    pub active_days: usize,
}

impl TradeFacts {
    /// Goes through `trades` once.
    pub fn of(trades: &[Trade]) -> Self {
        let mut facts = Self { count: trades.len(), r: Vec::with_capacity(trades.len()), ..Self::default() };
        let mut days: Vec<i64> = Vec::new();
        for trade in trades {
            facts.add_result(trade.result);
            if let Some(r) = r_of(trade) {
                facts.r.push(r);
            }
            let day = trade.entry_time_ns.div_euclid(DAY_NS);
            if days.last() != Some(&day) {
                days.push(day);
            }
        }
        days.sort_unstable();
        days.dedup();
        facts.active_days = days.len();
        facts
    }

    fn add_result(&mut self, result: f64) {
        self.profit_gross += result;
        if result > 0.0 {
            self.wins += 1;
            self.won += result;
            self.largest_win = self.largest_win.max(result);
        } else if result < 0.0 {
            self.losses += 1;
            self.lost += result;
            self.largest_loss = self.largest_loss.min(result);
        }
    }
}

/// A risk of zero measures nothing, so it is treated like a missing one.
fn r_of(trade: &Trade) -> Option<f64> {
    let risk = trade.risk.filter(|&risk| risk > 0.0)?;
    Some(trade.result / risk).filter(|r| r.is_finite())
}

/// What equity did over the trading bars.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EquityFacts {
    /// Number of trading bars.
    pub bars: usize,
    /// Open time of the first trading bar; 0 without bars.
    pub first_time_ns: i64,
    /// Open time of the last trading bar; 0 without bars.
    pub last_time_ns: i64,
    /// Equity at the close of the last trading bar; 0 without bars.
    pub last: f64,
    /// The deepest and the longest drawdown.
    pub drawdown: Drawdown,
    /// Last equity of each UTC day that has a bar, in order.
    pub daily_closes: Vec<f64>,
}

/// Listens to the equity of a run and remembers what the metrics need.
///
/// `time` are the open times of all bars that the stretches are numbered by, warm-up included.
#[derive(Debug, Clone)]
pub struct EquityCollector<'a> {
    time: &'a [i64],
    drawdown: DrawdownListener,
    days: DailyCloses<'a>,
    facts: EquityFacts,
}

impl<'a> EquityCollector<'a> {
    /// Starts before the first trading bar, at equity `initial_balance`.
    pub fn new(initial_balance: f64, time: &'a [i64]) -> Self {
        Self {
            time,
            drawdown: DrawdownListener::new(initial_balance),
            days: DailyCloses::new(time),
            facts: EquityFacts::default(),
        }
    }

    /// The facts after the last stretch.
    pub fn finish(self) -> EquityFacts {
        EquityFacts { drawdown: self.drawdown.finish(), daily_closes: self.days.finish(), ..self.facts }
    }
}

impl EquityListener for EquityCollector<'_> {
    fn stretch(&mut self, stretch: &dyn EquityStretch) {
        let bars = stretch.bars();
        let Some(&[first, ..]) = self.time.get(bars.clone()) else { return };
        let last = bars.end - 1;
        if self.facts.bars == 0 {
            self.facts.first_time_ns = first;
        }
        self.facts.bars += bars.len();
        self.facts.last_time_ns = self.time.get(last).copied().unwrap_or(first);
        self.facts.last = stretch.at(last);
        self.drawdown.stretch(stretch);
        self.days.stretch(stretch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::trade;

    #[test]
    fn records_without_risk_have_no_r_but_count_as_trades() {
        let mut trades = [trade(50.0, 0), trade(-30.0, 0), trade(10.0, 0)];
        trades[1].risk = None;
        trades[2].risk = Some(0.0);
        let facts = TradeFacts::of(&trades);
        assert_eq!((facts.count, facts.wins, facts.losses), (3, 2, 1));
        assert_eq!(facts.r, [0.5]); // 50 / 100
    }

    #[test]
    fn days_are_counted_once_even_out_of_order() {
        let days = [3, 1, 1, 3, 2, 1].map(|day| trade(1.0, day * DAY_NS + 5));
        assert_eq!(TradeFacts::of(&days).active_days, 3);
        // The last nanosecond before the epoch belongs to the day before.
        assert_eq!(TradeFacts::of(&[trade(1.0, -1), trade(1.0, 0)]).active_days, 2);
    }
}
