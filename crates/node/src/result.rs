//! A finished run: its small half as JSON, its columns on demand.

use std::sync::{Arc, OnceLock};

use omega_artifacts::{EntryRow, RejectionRow};
use omega_backtest::BacktestResult;
use omega_metrics::{Benchmark, Extended};
use omega_types::{Column, Json, TimeColumn, equity::EquityCurve};
use serde_json::json;

use crate::catalogue::categories;

/// Bytes of one row of the equity curve: a time and four numbers.
const CURVE_ROW: usize = 40;

/// What JavaScript holds of a finished run. Files are encoded from it, so nothing that JavaScript writes can change them.
pub struct RunHandle {
    pub result: BacktestResult,
    /// All that extended metrics need of the candles, so that the candles can go.
    benchmark: Benchmark,
    curve: OnceLock<Arc<EquityCurve>>,
    rejections: OnceLock<Vec<RejectionRow>>,
}

impl RunHandle {
    /// Keeps `result` and nothing around it: a slice of a much larger file is copied, so that the file can go.
    pub fn new(mut result: BacktestResult) -> Self {
        let benchmark = result.benchmark();
        result.closes = [(); 2].map(|()| Column::from(Vec::new()));
        result.tape.compact();
        result.trades.shrink_to_fit();
        if time_bytes(&result.time) > 2 * size_of_val::<[i64]>(&result.time) {
            result.time = TimeColumn::from(result.time.to_vec());
        }
        result.entries.shrink_to_fit();
        Self { result, benchmark, curve: OnceLock::new(), rejections: OnceLock::new() }
    }

    /// Memory held. JavaScript is told once, so curve and rejection rows count although they are made on demand.
    pub fn bytes(&self) -> usize {
        let result = &self.result;
        let rejections = result.journal.rejections();
        let metas: usize = result.metas.iter().map(String::capacity).sum();
        result.trades.capacity() * size_of::<omega_types::Trade>()
            + result.metas.capacity() * size_of::<String>()
            + metas
            + result.indicators.iter().map(|(_, column)| size_of_val::<[f64]>(column)).sum::<usize>()
            + result.entries.iter().map(|row| size_of_val(row) + row.meta.capacity()).sum::<usize>()
            + size_of_val(rejections)
            + rejections.len() * size_of::<RejectionRow>()
            + result.tape.bytes()
            + time_bytes(&result.time)
            + result.bars_processed as usize * CURVE_ROW
    }

    /// Equity as columns, written out once.
    pub fn curve(&self) -> Arc<EquityCurve> {
        Arc::clone(self.curve.get_or_init(|| Arc::new(self.result.curve())))
    }

    /// The refused signals as rows, made once.
    pub fn rejections(&self) -> &[RejectionRow] {
        self.rejections.get_or_init(|| {
            let first = self.result.tape.trading().start;
            let rows = self.result.journal.rejections().iter();
            rows.filter_map(|rejection| RejectionRow::new(rejection, &self.result.time, first)).collect()
        })
    }

    /// Metrics and tables beyond the core. Computed anew with each call: nobody needs them twice.
    pub fn extended(&self) -> Extended {
        self.result.extended(&self.benchmark)
    }

    /// A kept column, over the trading bars.
    pub fn indicator(&self, name: &str) -> Option<&Column> {
        self.result.indicators.iter().find(|(known, _)| known == name).map(|(_, column)| column)
    }

    /// The entry signals that the run remembers, as rows.
    pub fn entries(&self) -> impl Iterator<Item = EntryRow<'_>> {
        let place = (&*self.result.time, self.result.tape.trading().start);
        self.result.entries.iter().filter_map(move |row| {
            let entry = &row.entry;
            EntryRow::new((entry.bar, entry.order_id), entry.signal, entry.refused, &row.meta, place)
        })
    }

    /// The small half. Nanoseconds are decimal text.
    pub fn head(&self, timings: Json) -> Json {
        let result = &self.result;
        let origin = &result.provenance;
        let (start, end) = result.trading_span_ns().unwrap_or_default();
        let counts: serde_json::Map<String, Json> =
            result.journal.counts().into_iter().map(|(code, count)| (code.as_str().to_owned(), json!(count))).collect();
        let order_counts: serde_json::Map<String, Json> = result
            .order_counts
            .list()
            .into_iter()
            .map(|(state, count)| (state.as_str().to_owned(), json!(count)))
            .collect();
        let metrics: serde_json::Map<String, Json> =
            result.metrics.iter().map(|(key, value)| ((*key).to_owned(), json!(value.number()))).collect();
        json!({
            "manifest": omega_data::manifest_json(&origin.inputs),
            "manifest_sha256": origin.manifest_sha256,
            "strategy": origin.strategy,
            "dataset": {
                "symbol": origin.symbol,
                "timeframe": origin.timeframes.first().map(|t| t.timeframe),
                "start_time_ns": start.to_string(),
                "end_time_ns": end.to_string(),
                "timeframes": origin.timeframes,
                "governance": origin.governance,
            },
            "run": {
                "bars_processed": result.bars_processed,
                "trades": result.trades.len(),
                "open_positions": result.open_positions.len(),
                "open_position_list": result.open_positions.iter().map(open_position).collect::<Vec<_>>(),
                "rejection_counts": counts,
                "order_counts": order_counts,
                "notes": result.notes,
                "fx_legs": origin.fx_legs,
                "rng_seed_effective": origin.seed.to_string(),
                "final_balance": result.final_balance,
            },
            "metrics": metrics,
            "definitions": omega_metrics::definitions(),
            "warnings": result.warnings,
            "timings": timings,
            "counters": { "events_processed": result.events_processed, "orders_filled": result.fills },
            "tables": {
                "trades": result.trades.len(),
                "equity": result.bars_processed,
                "rejections": result.journal.rejections().len(),
            },
            "categories": categories(),
            "indicators": result.indicators.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        })
    }
}

/// The whole buffer behind `time`. Memory of foreign origin does not tell its size; then it is what the column shows.
fn time_bytes(time: &TimeColumn) -> usize {
    time.buffer().inner().capacity().max(size_of_val::<[i64]>(time))
}

fn open_position(position: &omega_backtest::OpenPosition) -> Json {
    let mut entry = json!(position);
    entry["entry_time_ns"] = json!(position.entry_time_ns.to_string());
    entry
}
