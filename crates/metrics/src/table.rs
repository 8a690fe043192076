//! The table of metrics. A new metric is one entry in the file of its family and one line here.

use omega_types::{Json, Trade};
use serde_json::{Map, json};

use crate::{
    AccountFacts, EquityFacts, Facts, Metric, MetricValue, TradeFacts, activity, calmar, counts, daily, drawdown,
    profit, r_multiple, win_loss,
};

/// Every metric of `metrics.json`, in the order of metrics.md 2. All of them are written in every run.
pub const METRICS: &[Metric] = &[
    counts::TOTAL_TRADES,
    counts::WINS,
    counts::LOSSES,
    counts::WIN_RATE,
    profit::PROFIT_GROSS,
    profit::FEES_TOTAL,
    profit::PROFIT_NET,
    drawdown::MAX_DRAWDOWN,
    drawdown::MAX_DRAWDOWN_ABS,
    drawdown::MAX_DRAWDOWN_DURATION_BARS,
    r_multiple::AVG_R_MULTIPLE,
    win_loss::PROFIT_FACTOR,
    profit::AVG_TRADE_PNL,
    r_multiple::EXPECTANCY,
    activity::ACTIVE_DAYS,
    activity::TRADES_PER_DAY,
    win_loss::AVG_WIN,
    win_loss::AVG_LOSS,
    win_loss::LARGEST_WIN,
    win_loss::LARGEST_LOSS,
    calmar::CALMAR_RATIO,
    r_multiple::SHARPE_TRADE_R,
    r_multiple::SORTINO_TRADE_R,
    daily::SHARPE_EQUITY_DAILY,
    daily::SORTINO_EQUITY_DAILY,
];

/// The metrics of one run in the order of [`METRICS`], rounded once at the end.
///
/// `trades` are in the order of `trades.json`; `equity` comes from an [`EquityCollector`](crate::EquityCollector) that
/// started at the same initial balance.
pub fn core_metrics(trades: &[Trade], equity: &EquityFacts, account: AccountFacts) -> Vec<(&'static str, MetricValue)> {
    let trades = TradeFacts::of(trades);
    let facts = Facts { trades: &trades, equity, account };
    METRICS.iter().map(|metric| (metric.key, metric.value(&facts))).collect()
}

/// The values as the `metrics` object of `metrics.json`: numbers, or the text `"n/a"`.
pub fn values(metrics: &[(&'static str, MetricValue)]) -> Json {
    let entry = |&(key, value): &(&'static str, MetricValue)| {
        (key.to_owned(), value.number().map_or_else(|| json!("n/a"), |number| json!(number)))
    };
    Json::Object(metrics.iter().map(entry).collect())
}

/// The `definitions` object of `metrics.json`: key → description, domain, source, type, unit.
pub fn definitions() -> Json {
    Json::Object(METRICS.iter().map(|metric| (metric.key.to_owned(), Json::Object(definition(metric)))).collect())
}

/// The metrics for people and tools, in table order: each definition with its key and the better direction.
pub fn catalogue() -> Json {
    Json::Array(METRICS.iter().map(catalogue_entry).collect())
}

/// One line of a catalogue: the definition of a metric with its key and the better direction.
pub(crate) fn catalogue_entry<C>(metric: &Metric<C>) -> Json {
    let mut entry = definition(metric);
    entry.insert("key".to_owned(), json!(metric.key));
    entry.insert("direction".to_owned(), json!(metric.goal.as_str()));
    Json::Object(entry)
}

/// Description, domain, source, type and unit of one metric (metrics.md 4).
pub(crate) fn definition<C>(metric: &Metric<C>) -> Map<String, Json> {
    let fields = [
        ("description", metric.description),
        ("domain", metric.domain.as_str()),
        ("source", metric.source.as_str()),
        ("type", metric.kind.as_str()),
        ("unit", metric.unit.as_str()),
    ];
    fields.into_iter().map(|(name, text)| (name.to_owned(), json!(text))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Kind;

    #[test]
    fn keys_are_unique_and_descriptions_are_sentences_of_their_own() {
        let keys: BTreeSet<_> = METRICS.iter().map(|metric| metric.key).collect();
        let texts: BTreeSet<_> = METRICS.iter().map(|metric| metric.description).collect();
        assert_eq!((keys.len(), texts.len()), (METRICS.len(), METRICS.len()));
    }

    #[test]
    fn definitions_are_those_of_the_specification() {
        // metrics.md 4, verbatim.
        let expected = json!({
            "description": "Mean over sample standard deviation of daily equity returns, times sqrt(252)",
            "domain": "any", "source": "equity", "type": "number|string", "unit": "ratio",
        });
        assert_eq!(definitions()["sharpe_equity_daily"], expected);
        let expected = json!({
            "description": "Share of trades with a positive result",
            "domain": "0..1", "source": "trades", "type": "number", "unit": "ratio",
        });
        assert_eq!(definitions()["win_rate"], expected);
    }

    /// Contract: the published schema requires exactly these keys.
    #[test]
    fn the_schema_of_metrics_names_every_key() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/metrics.schema.json");
        let schema: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let keys: Vec<_> = METRICS.iter().map(|metric| metric.key).collect();
        assert_eq!(schema["properties"]["metrics"]["required"], json!(keys));
        assert_eq!(schema["properties"]["definitions"]["required"], json!(keys));
    }

    #[test]
    fn the_catalogue_says_which_way_is_better() {
        let catalogue = catalogue();
        assert_eq!(catalogue[0]["key"], "total_trades");
        assert_eq!(catalogue[7]["direction"], "minimize"); // max_drawdown
        assert_eq!(catalogue.as_array().map(Vec::len), Some(METRICS.len()));
    }

    #[test]
    fn only_metrics_that_may_be_missing_say_so() {
        // decisions.md 28 adds avg_r_multiple and expectancy to the four ratios of metrics.md 2.
        let missing: Vec<_> = METRICS.iter().filter(|m| m.kind == Kind::NumberOrMissing).map(|m| m.key).collect();
        let expected = [
            "avg_r_multiple",
            "expectancy",
            "sharpe_trade_r",
            "sortino_trade_r",
            "sharpe_equity_daily",
            "sortino_equity_daily",
        ];
        assert_eq!(missing, expected);
    }
}
