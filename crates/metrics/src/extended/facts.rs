//! What extended metrics look at: the core facts, results after fees, days, months and drawdowns.

use std::ops::Range;

use omega_types::{
    Bar, Trade,
    equity::{EquityListener, EquityStretch},
    time::{DAY_NS, civil_from_days},
};

use super::{
    benchmark::{Benchmark, BenchmarkReturns},
    duration::{Pace, exposed_bars},
    net::NetFacts,
    periods::{PeriodReturn, PeriodsPerYear, period_returns},
    water::{Water, WaterListener},
};
use crate::{AccountFacts, EquityCollector, EquityFacts, Facts, TradeFacts};

/// What a run left behind, apart from its equity.
#[derive(Debug, Clone, Copy)]
pub struct ExtendedInputs<'a> {
    /// In the order of `trades.json`.
    pub trades: &'a [Trade],
    /// Entry bars of the positions that the end of the data left open.
    pub open_since: &'a [Bar],
    /// Open times of all bars, ascending, warm-up included.
    pub time: &'a [i64],
    /// First trading bar and the one after the last.
    pub trading: (Bar, Bar),
    /// What holding the symbol would have given.
    pub benchmark: &'a Benchmark,
    /// What only the account knows.
    pub account: AccountFacts,
    /// What annualised figures count with.
    pub periods_per_year: PeriodsPerYear,
}

impl ExtendedInputs<'_> {
    /// The trading bars, as far as there are times.
    pub(super) fn bars(&self) -> Range<Bar> {
        let end = self.trading.1.min(self.time.len());
        self.trading.0.min(end)..end
    }

    /// Open times of the trading bars.
    pub fn trading_time(&self) -> &[i64] {
        &self.time[self.bars()]
    }
}

/// Listens to the equity of a run for core and extended metrics.
#[derive(Debug, Clone)]
pub struct ExtendedCollector<'a> {
    core: EquityCollector<'a>,
    water: WaterListener,
}

/// What equity did, with every drawdown.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtendedEquity {
    /// For the core metrics.
    pub core: EquityFacts,
    /// Times under water.
    pub water: Water,
}

impl<'a> ExtendedCollector<'a> {
    /// Starts before the first trading bar, at equity `initial_balance`. `time` as in [`ExtendedInputs`].
    pub fn new(initial_balance: f64, time: &'a [i64]) -> Self {
        Self { core: EquityCollector::new(initial_balance, time), water: WaterListener::new(initial_balance) }
    }

    /// The facts after the last stretch.
    pub fn finish(self) -> ExtendedEquity {
        ExtendedEquity { core: self.core.finish(), water: self.water.finish() }
    }
}

impl EquityListener for ExtendedCollector<'_> {
    fn stretch(&mut self, stretch: &dyn EquityStretch) {
        self.core.stretch(stretch);
        self.water.stretch(stretch);
    }
}

/// Everything an extended metric may look at. All values are unrounded.
#[derive(Debug, Clone)]
pub struct ExtendedFacts<'a> {
    /// What the core metrics look at.
    pub core: Facts<'a>,
    /// Results after fees.
    pub net: NetFacts,
    /// How long trades lasted.
    pub pace: Pace,
    /// Trading bars in which a position was open at any moment.
    pub exposed_bars: usize,
    /// Times under water.
    pub water: &'a Water,
    /// Open times of the trading bars.
    pub trading_time: &'a [i64],
    /// Returns from day to day; pairs that start at zero or less are left out.
    pub daily: Vec<f64>,
    /// The same, ascending.
    pub daily_ascending: Vec<f64>,
    /// Returns by UTC month that has a bar.
    pub months: Vec<PeriodReturn>,
    /// Returns by UTC year that has a bar.
    pub years: Vec<PeriodReturn>,
    /// What holding the symbol would have given, on the days of `daily`.
    pub benchmark: BenchmarkReturns,
    /// What annualised figures count with.
    pub periods_per_year: f64,
    /// Years between the open times of the first and the last trading bar.
    pub elapsed_years: f64,
}

impl<'a> ExtendedFacts<'a> {
    /// Goes through everything once. `trades` are the sums over `inputs.trades`.
    pub fn new(inputs: &ExtendedInputs<'a>, equity: &'a ExtendedEquity, trades: &'a TradeFacts) -> Self {
        let (core, start) = (&equity.core, inputs.account.initial_balance);
        let closes = || days(inputs.trading_time()).into_iter().zip(&core.daily_closes);
        let dated = closes().map(|((day, _), &close)| (civil_from_days(day), close));
        let dated: Vec<_> = dated.map(|((year, month, _), close)| (year, month, close)).collect();
        let daily = core.daily_returns();
        let mut daily_ascending = daily.clone();
        daily_ascending.sort_by(f64::total_cmp);
        Self {
            core: Facts { trades, equity: core, account: inputs.account },
            net: NetFacts::of(inputs.trades),
            pace: Pace::of(inputs.trades),
            exposed_bars: exposed_bars(inputs),
            water: &equity.water,
            trading_time: &inputs.time[inputs.bars()],
            months: period_returns(dated.iter().map(|&(year, month, close)| ((year, Some(month)), close)), start),
            years: period_returns(dated.iter().map(|&(year, _, close)| ((year, None), close)), start),
            benchmark: inputs.benchmark.returns(&core.daily_closes),
            daily,
            daily_ascending,
            periods_per_year: f64::from(inputs.periods_per_year.number()),
            elapsed_years: core.elapsed_years(),
        }
    }
}

/// Each UTC day that has a bar, and the index of its last bar; days are those of open times.
pub(super) fn days(time: &[i64]) -> Vec<(i64, usize)> {
    let mut days: Vec<(i64, usize)> = Vec::new();
    for (index, time) in time.iter().enumerate() {
        let day = time.div_euclid(DAY_NS);
        match days.last_mut().filter(|last| last.0 == day) {
            Some(last) => last.1 = index,
            None => days.push((day, index)),
        }
    }
    days
}
