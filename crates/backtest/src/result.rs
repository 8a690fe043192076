//! What a run gives.

use omega_data::Calendar;
use omega_data::resample::Anchor;
use omega_metrics::MetricValue;
use omega_portfolio::Tape;
use omega_types::{
    Bar, Column, Direction, Json, OrderType, TimeColumn, Timeframe, Trade, Warning, equity::EquityCurve, market::Input,
};
use serde::Serialize;

use crate::{Journal, OrderCounts, entries::ExplainedEntry};

/// The result of one run, unrounded except for the metrics.
#[derive(Debug, Clone)]
pub struct BacktestResult {
    /// Closed trades in close sequence.
    pub trades: Vec<Trade>,
    /// `meta` of each trade: JSON object text with sorted keys.
    pub metas: Vec<String>,
    /// Open times of all bars that the numbers of bars refer to, warm-up included.
    pub time: TimeColumn,
    /// Equity; [`Self::curve`] writes it out.
    pub tape: Tape,
    /// Refused signals and orders, and their counts.
    pub journal: Journal,
    /// Entry signals with their explanation, as far as the run remembers them.
    pub entries: Vec<ExplainedEntry>,
    /// What became of pending orders.
    pub order_counts: OrderCounts,
    /// Signals of the strategy, refused or not; the last `order_id`.
    pub orders: u32,
    /// Executed fills.
    pub fills: u64,
    /// Positions that the end of the data left open.
    pub open_positions: Vec<OpenPosition>,
    /// The core metrics, in the order of their table, rounded.
    pub metrics: Vec<(&'static str, MetricValue)>,
    /// Columns that the strategy asked for, over the trading bars, by name; none unless the job keeps them.
    pub indicators: Vec<(String, Column)>,
    /// Raw bid and ask closes of the trading bars, for the comparison with holding the symbol.
    pub closes: [Column; 2],
    /// Cash after the last bar.
    pub final_balance: f64,
    /// Every explicit fee of the run.
    pub fees_total: f64,
    /// Trading bars.
    pub bars_processed: u64,
    /// Bars that the loop stopped at. Depends on how the loop goes, not on what it finds.
    pub events_processed: u64,
    /// Remarks of specification and run: `{code, message}`, with `count` where something is counted.
    pub notes: Vec<Json>,
    /// Remarks on configuration and data, sorted by code, path, message.
    pub warnings: Vec<Warning>,
    /// Where everything came from.
    pub provenance: Provenance,
}

impl BacktestResult {
    /// Equity as columns, one row per trading bar.
    pub fn curve(&self) -> EquityCurve {
        self.tape.curve(&self.time)
    }

    /// Open times of the first and the last trading bar.
    pub fn trading_span_ns(&self) -> Option<(i64, i64)> {
        let times = self.time.get(self.tape.trading())?;
        Some((*times.first()?, *times.last()?))
    }
}

/// What a run was made of: everything that `meta.json` tells about it beyond the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// Upper-case symbol.
    pub symbol: String,
    /// Currency of all money.
    pub account_currency: String,
    /// Cash before the first bar.
    pub initial_balance: f64,
    /// The hash that came with the job.
    pub config_hash: String,
    /// Which bars the market owes; it decides how many days a year has for annualised figures.
    pub calendar: Calendar,
    /// The seed that was used.
    pub seed: u64,
    /// The strategy.
    pub strategy: StrategyInfo,
    /// Primary, additional and strategy-required timeframes, in loading order.
    pub timeframes: Vec<TimeframeInfo>,
    /// `dataset.governance` (data.md 15).
    pub governance: Json,
    /// The files that the run used.
    pub inputs: Vec<Input>,
    /// Their identity (data.md 11).
    pub manifest_sha256: String,
    /// The chosen conversion legs.
    pub fx_legs: Json,
}

/// Which strategy ran, and with what.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StrategyInfo {
    /// `registered` or `signals`.
    pub form: &'static str,
    /// Registered name, or the name of the form.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Parameters after defaults and overrides.
    pub resolved_parameters: Json,
    /// Identity of what the options brought (strategies.md 9).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// One timeframe of a run (`dataset.timeframes[]`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimeframeInfo {
    /// Which one.
    pub timeframe: Timeframe,
    /// `primary`, `additional` or `strategy`.
    pub role: &'static str,
    /// `separate_parquet`, `memory` or `aggregated`.
    pub source: &'static str,
    /// What H4, D1 and W1 bars of an aggregated series are counted from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// Bars that the run read.
    pub bars: u64,
    /// Those of them that were complete when trading started.
    pub warmup_bars: u64,
}

/// A position that the end of the data left open (`run.open_position_list[]`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct OpenPosition {
    pub position_id: u32,
    pub order_id: u32,
    pub order_type: OrderType,
    pub direction: Direction,
    #[serde(skip)]
    pub entry_bar: Bar,
    /// Nanoseconds; text when it crosses the border.
    pub entry_time_ns: i64,
    pub entry_price: f64,
    pub initial_stop_loss: Option<f64>,
    pub stop_loss: Option<f64>,
    pub take_profit: Option<f64>,
    pub size: f64,
    /// The part of the entry fee that no trade record carries.
    pub entry_fee: f64,
    pub scenario_id: u8,
    /// Close of the closing side of the last bar.
    pub mark_price: f64,
    /// Unrealised profit at the mark, account currency.
    pub unrealised: f64,
}
