//! Small markets, files and configurations for the tests of this crate.

use omega_types::{
    Candle, Column, Json, Quotes, Series, SideColumns, TimeColumn, Timeframe,
    config::{BacktestConfig, FileContent, Variant},
};
use serde_json::json;

use crate::{CostModel, ExecutionError, Fx, FxRequest, Instrument, Rules};

pub(crate) fn file(value: Json) -> FileContent {
    FileContent { path: "test.yaml".to_owned(), sha256: String::new(), origin: "option".to_owned(), value }
}

pub(crate) fn candle(open: f64, high: f64, low: f64, close: f64) -> Candle {
    Candle { open, high, low, close, volume: 0.0 }
}

/// Quotes of which only the closes matter.
pub(crate) fn quotes(bid: &[f64], ask: &[f64]) -> Quotes {
    let side = |closes: &[f64]| {
        let column = Column::from(closes.to_vec());
        SideColumns {
            open: column.clone(),
            high: column.clone(),
            low: column.clone(),
            close: column.clone(),
            volume: column,
        }
    };
    Quotes { bid: side(bid), ask: side(ask) }
}

/// M5 bars from the epoch on.
pub(crate) fn series(quotes: Quotes) -> Series {
    let timeframe = Timeframe::M5;
    let open = |bar: usize| bar as i64 * timeframe.duration_ns();
    let time = TimeColumn::from((0..quotes.bid.close.len()).map(open).collect::<Vec<_>>());
    Series { timeframe, time, quotes }
}

/// The common setting of execution.md 12.
pub(crate) fn eurusd() -> Instrument {
    Setup::new("EURUSD", 1e5).instrument
}

/// Variant v2, account in USD, costs enabled.
pub(crate) fn config() -> BacktestConfig {
    config_with(json!({}))
}

/// [`config`] with some keys replaced.
pub(crate) fn config_with(patch: Json) -> BacktestConfig {
    let mut config = json!({
        "schema_version": "2", "strategy_name": "none", "symbol": "EURUSD", "start_date": "2024-01-01",
        "end_date": "2024-01-31", "run_mode": "dev", "data_mode": "candle", "execution_variant": "v2", "rng_seed": 42,
        "warmup_bars": 0, "sessions": null, "metrics": {}, "strategy_parameters": {},
        "timeframes": { "primary": "M5", "additional": [], "additional_source": "separate_parquet",
            "mapping_mode": "close", "stale_limit_bars": 0 },
        "account": { "initial_balance": 10_000, "account_currency": "USD", "risk_per_trade": 100, "max_positions": 1,
            "fx": { "mode": "auto", "hub": "USD", "stale_limit_bars": 10, "static_rates": {} } },
        "costs": { "enabled": true, "fee_multiplier": 1, "slippage_multiplier": 1, "spread_multiplier": 1,
            "pip_size": null, "pip_buffer_factor": null },
        "execution": { "limit_gap_fill": "worse", "close_open_at_end": true, "pending_expiry_bars": null,
            "max_pending_orders": null, "allowed_directions": "both",
            "allowed_order_types": ["limit", "market", "stop"], "cooldown_bars": 0, "cooldown_minutes": 0,
            "cooldown_minutes_after_exit": 0 },
        "news_filter": { "enabled": false, "minutes_before": 30, "minutes_after": 30, "min_impact": "medium",
            "currencies": null },
        "logging": { "enable_entry_logging": false, "logging_mode": "trades_only" },
        "observability": { "profiling_mode": false },
        "trade_management": { "enabled": false, "stop_update_policy": "apply_next_bar", "tp_update_policy": "forbid",
            "rules": {} },
    });
    overlay(&mut config, patch);
    serde_json::from_value(config).unwrap()
}

fn overlay(target: &mut Json, patch: Json) {
    match (target, patch) {
        (Json::Object(target), Json::Object(patch)) => {
            for (key, value) in patch {
                overlay(target.entry(key).or_insert(Json::Null), value);
            }
        }
        (target, patch) => *target = patch,
    }
}

/// Costs of EURUSD under [`config`].
pub(crate) fn costs(file: Json) -> CostModel {
    Setup::new("EURUSD", 1e5).costs(file).build().0
}

/// EURUSD in an account of `currency`, without any rates.
pub(crate) fn fx(currency: &str) -> Fx {
    bound_fx(currency, Variant::V2, &[], &[])
}

/// [`fx`] under `variant` over bars with these closes.
pub(crate) fn bound_fx(currency: &str, variant: Variant, bid: &[f64], ask: &[f64]) -> Fx {
    let patch = json!({ "execution_variant": variant, "account": { "account_currency": currency } });
    Setup::new("EURUSD", 1e5).config(patch).build().1.bind(&series(quotes(bid, ask)), &[])
}

/// A symbol with costs, rates and a configuration.
pub(crate) struct Setup {
    pub(crate) instrument: Instrument,
    costs: Json,
    rates: Option<Json>,
    config: Json,
    files: Vec<String>,
}

impl Setup {
    pub(crate) fn new(symbol: &str, contract_size: f64) -> Self {
        let spec =
            json!({ "contract_size": contract_size, "tick_size": 0.00001, "pip_size": 0.0001, "volume_max": 200 });
        let (instrument, _) = Instrument::resolve(symbol, Some(&file(json!({ symbol: spec }))), None).unwrap();
        Self { instrument, costs: json!({}), rates: None, config: json!({}), files: Vec::new() }
    }

    pub(crate) fn costs(self, costs: Json) -> Self {
        Self { costs, ..self }
    }

    pub(crate) fn rates(self, rates: Json) -> Self {
        Self { rates: Some(rates), ..self }
    }

    pub(crate) fn config(self, config: Json) -> Self {
        Self { config, ..self }
    }

    /// Pairs of which there are candle files.
    pub(crate) fn files(self, pairs: &[&str]) -> Self {
        Self { files: pairs.iter().map(|pair| (*pair).to_owned()).collect(), ..self }
    }

    pub(crate) fn build(&self) -> (CostModel, Fx) {
        self.try_build().unwrap()
    }

    pub(crate) fn try_build(&self) -> Result<(CostModel, Fx), ExecutionError> {
        let config = config_with(self.config.clone());
        let rules = Rules::new(config.execution_variant, &config.execution, &self.instrument);
        let costs = CostModel::resolve(&self.instrument, Some(&file(self.costs.clone())), &config, &rules, 42)?;
        let rates = self.rates.clone().map(file);
        let fx = Fx::plan(&FxRequest {
            instrument: &self.instrument,
            costs: &costs,
            account: &config.account,
            rates: rates.as_ref(),
            own_price: rules.own_price,
            has_candles: &|pair| self.files.iter().any(|file| file == pair),
        })?;
        Ok((costs, fx))
    }
}
