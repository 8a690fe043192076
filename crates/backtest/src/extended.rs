//! Metrics and tables beyond the core, computed when somebody wants them.

use omega_data::Calendar;
use omega_metrics::{AccountFacts, Benchmark, Extended, ExtendedCollector, ExtendedInputs, PeriodsPerYear};
use omega_types::Bar;

use crate::BacktestResult;

impl BacktestResult {
    /// What holding the symbol would have given: all that [`Self::extended`] needs of the candles.
    pub fn benchmark(&self) -> Benchmark {
        let [bid, ask] = &self.closes;
        Benchmark::of(self.time.get(self.tape.trading()).unwrap_or_default(), bid, ask)
    }

    /// Metrics and tables of `metrics_extended.json`, from the same trades and the same equity as the core metrics.
    pub fn extended(&self, benchmark: &Benchmark) -> Extended {
        let initial_balance = self.provenance.initial_balance;
        let mut collector = ExtendedCollector::new(initial_balance, &self.time);
        self.tape.replay(&mut [&mut collector]);
        let open_since: Vec<Bar> = self.open_positions.iter().map(|position| position.entry_bar).collect();
        let trading = self.tape.trading();
        let inputs = ExtendedInputs {
            trades: &self.trades,
            open_since: &open_since,
            time: &self.time,
            trading: (trading.start, trading.end),
            benchmark,
            account: AccountFacts { initial_balance, fees_total: self.fees_total },
            periods_per_year: match self.provenance.calendar {
                Calendar::Always => PeriodsPerYear::EveryDay,
                Calendar::Fx | Calendar::None => PeriodsPerYear::TradingDays,
            },
        };
        Extended::of(&inputs, &collector.finish())
    }
}
