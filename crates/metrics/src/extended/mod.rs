//! Metrics beyond the core: figures and tables of `metrics_extended.json` (metrics.md 5). A new metric is one entry in
//! the file of its family and one line in the table here.

mod benchmark;
mod daily;
mod distribution;
mod drawdowns;
mod duration;
pub mod facts;
mod growth;
mod net;
mod periods;
pub mod tables;
pub mod water;

use omega_types::Json;
use serde_json::json;

pub use benchmark::Benchmark;
pub use facts::{ExtendedEquity, ExtendedFacts, ExtendedInputs};
pub use periods::{PeriodReturn, PeriodsPerYear};
pub use tables::Tables;
pub use water::{Episode, Water, WaterListener};

use crate::{Metric, MetricValue, table};

/// A metric that looks at more than the core facts.
pub type ExtendedMetric = Metric<fn(&ExtendedFacts<'_>) -> Option<f64>>;

/// Every metric of `metrics_extended.json`, in the order of metrics.md 5; the last one is that of decisions.md 28.
pub const EXTENDED_METRICS: &[ExtendedMetric] = &[
    growth::TOTAL_RETURN,
    growth::CAGR,
    daily::VOLATILITY_ANNUAL,
    daily::BEST_DAY,
    daily::WORST_DAY,
    periods::BEST_MONTH,
    periods::WORST_MONTH,
    periods::POSITIVE_MONTHS,
    net::SQN,
    net::KELLY_FRACTION,
    net::PAYOFF_RATIO,
    net::WIN_RATE_NET,
    net::PROFIT_FACTOR_NET,
    net::EXPECTANCY_PNL,
    net::AVG_R_PRICE,
    duration::EXPOSURE_TIME,
    duration::AVG_TRADE_DURATION_MINUTES,
    duration::MAX_TRADE_DURATION_MINUTES,
    duration::AVG_TRADE_DURATION_BARS,
    net::MAX_CONSECUTIVE_WINS,
    net::MAX_CONSECUTIVE_LOSSES,
    daily::ULCER_INDEX_DAILY,
    drawdowns::RECOVERY_FACTOR,
    distribution::TAIL_RATIO,
    distribution::VAR_95,
    distribution::CVAR_95,
    distribution::OMEGA_RATIO,
    distribution::SKEW,
    distribution::KURTOSIS_EXCESS,
    drawdowns::TIME_IN_DRAWDOWN,
    drawdowns::AVG_DRAWDOWN,
    drawdowns::AVG_DRAWDOWN_DURATION_BARS,
    drawdowns::DEEPEST_DRAWDOWN_DURATION_BARS,
    drawdowns::MAX_DRAWDOWN_DURATION_DAYS,
    benchmark::BUY_HOLD_RETURN,
    benchmark::BETA,
    benchmark::ALPHA_ANNUAL,
    benchmark::BENCHMARK_CORRELATION,
    net::TRADES_WITHOUT_R,
];

/// Stands in a description for the number of periods per year, which differs between runs (decisions.md 55).
const PERIODS: &str = "{periods_per_year}";

/// Metrics and tables beyond the core, rounded once at the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Extended {
    /// In the order of [`EXTENDED_METRICS`].
    pub metrics: Vec<(&'static str, MetricValue)>,
    /// Returns by month and year, and the deepest drawdowns.
    pub tables: Tables,
    /// What annualised figures count with.
    pub periods_per_year: PeriodsPerYear,
}

impl Extended {
    /// Computes everything from what a run left behind.
    pub fn of(inputs: &ExtendedInputs<'_>, equity: &ExtendedEquity) -> Self {
        let trades = crate::TradeFacts::of(inputs.trades);
        let facts = ExtendedFacts::new(inputs, equity, &trades);
        Self {
            metrics: EXTENDED_METRICS.iter().map(|m| (m.key, m.unit.rounded((m.compute)(&facts)))).collect(),
            tables: Tables::of(&facts, inputs.trading_time()),
            periods_per_year: inputs.periods_per_year,
        }
    }

    /// The values as the `metrics` object of `metrics_extended.json`: numbers, or the text `"n/a"`.
    pub fn values(&self) -> Json {
        table::values(&self.metrics)
    }

    /// The `definitions` object of `metrics_extended.json`; it states the number of periods per year.
    pub fn definitions(&self) -> Json {
        let periods = self.periods_per_year.number().to_string();
        let entry =
            |metric: &ExtendedMetric| (metric.key.to_owned(), stating(table::definition(metric).into(), &periods));
        Json::Object(EXTENDED_METRICS.iter().map(entry).collect())
    }
}

/// The extended metrics for people and tools, in table order.
pub fn catalogue() -> Json {
    let periods = "the periods per year: 252, or 365 for a calendar without weekends";
    let entries = EXTENDED_METRICS.iter().map(|metric| stating(table::catalogue_entry(metric), periods));
    Json::Array(entries.collect())
}

fn stating(mut definition: Json, periods: &str) -> Json {
    if let Some(text) = definition["description"].as_str() {
        definition["description"] = json!(text.replace(PERIODS, periods));
    }
    definition
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::METRICS;

    #[test]
    fn keys_and_descriptions_are_unique_also_among_the_core_metrics() {
        let keys: BTreeSet<_> = METRICS.iter().map(|m| m.key).chain(EXTENDED_METRICS.iter().map(|m| m.key)).collect();
        let texts: BTreeSet<_> =
            METRICS.iter().map(|m| m.description).chain(EXTENDED_METRICS.iter().map(|m| m.description)).collect();
        let all = METRICS.len() + EXTENDED_METRICS.len();
        assert_eq!((keys.len(), texts.len()), (all, all));
    }

    #[test]
    fn units_are_those_of_the_specification() {
        // metrics.md 5, the column "Unit"; decisions.md 28 for the count.
        let of = |unit: &str| -> Vec<_> {
            EXTENDED_METRICS.iter().filter(|m| m.unit.as_str() == unit).map(|m| m.key).collect()
        };
        assert_eq!(of("account_currency"), ["expectancy_pnl"]);
        assert_eq!(of("r_multiple"), ["avg_r_price"]);
        assert_eq!(of("minutes"), ["avg_trade_duration_minutes", "max_trade_duration_minutes"]);
        assert_eq!(of("percent"), ["ulcer_index_daily"]);
        assert_eq!(of("days"), ["max_drawdown_duration_days"]);
        assert_eq!(of("count"), ["max_consecutive_wins", "max_consecutive_losses", "trades_without_r"]);
        assert_eq!(
            of("bars"),
            ["avg_trade_duration_bars", "avg_drawdown_duration_bars", "deepest_drawdown_duration_bars"]
        );
        let trades: Vec<_> = EXTENDED_METRICS.iter().filter(|m| m.source.as_str() == "trades").map(|m| m.key).collect();
        assert_eq!(trades.len(), 14);
    }

    #[test]
    fn annualised_metrics_state_their_periods() {
        let of = |calendar| Extended { metrics: Vec::new(), tables: Tables::default(), periods_per_year: calendar };
        for (periods, number) in [(PeriodsPerYear::TradingDays, "252"), (PeriodsPerYear::EveryDay, "365")] {
            let definitions = of(periods).definitions();
            for key in ["volatility_annual", "alpha_annual"] {
                let text = definitions[key]["description"].as_str().unwrap();
                assert!(text.contains(number) && !text.contains('{'), "{text}");
            }
        }
        assert!(!catalogue().to_string().contains(PERIODS));
    }

    /// Contract: the published schema requires exactly these keys.
    #[test]
    fn the_schema_of_extended_metrics_names_every_key() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/metrics_extended.schema.json");
        let schema: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let keys: Vec<_> = EXTENDED_METRICS.iter().map(|metric| metric.key).collect();
        assert_eq!(schema["properties"]["metrics"]["required"], json!(keys));
        assert_eq!(schema["properties"]["definitions"]["required"], json!(keys));
    }
}
