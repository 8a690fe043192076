//! Small accounts and markets for the tests of this crate.

use omega_execution::{CostModel, Fx, FxRequest, Instrument, Rules};
use omega_types::{
    Bar, Column, Direction, ExitReason, Json, Market, OrderType, Quotes, Series, SideColumns, TimeColumn, Timeframe,
    config::{BacktestConfig, FileContent},
    market::Clock,
};
use serde_json::json;

use crate::{Closing, Opening, Valuation};

/// A market entry at the close of `bar`, without fee, stop or target.
pub(crate) fn opening(bar: Bar, direction: Direction, entry_price: f64, lots: f64) -> Opening {
    Opening {
        order_id: 1,
        order_type: OrderType::Market,
        direction,
        signal_bar: bar,
        entry_bar: bar,
        first_tested: bar + 1,
        entry_time_ns: bar as i64,
        entry_price,
        stop_loss: None,
        take_profit: None,
        lots,
        risk: None,
        fee: 0.0,
        scenario_id: 0,
        gap_entry: false,
        filled_at_open: false,
        volume_capped: false,
        tp_beyond_entry: true,
    }
}

/// An exit at the close of `bar`, without fee.
pub(crate) fn closing(bar: Bar, price: f64, result: f64) -> Closing {
    let (reason, excursion) = (ExitReason::Signal, (0.0, 0.0));
    let (lots, remaining) = (1.0, 0.0);
    Closing { bar, time_ns: bar as i64, price, lots, remaining, result, fee: 0.0, reason, gap: false, excursion }
}

/// Quotes whose bars are their closes. All columns of a side share their memory, and so do sides that are the same.
pub(crate) fn quotes(bid: &[f64], ask: &[f64]) -> Quotes {
    let side = |closes: Column| SideColumns {
        open: closes.clone(),
        high: closes.clone(),
        low: closes.clone(),
        close: closes.clone(),
        volume: closes,
    };
    let is_same = bid.as_ptr() == ask.as_ptr() && bid.len() == ask.len();
    let bid = Column::from(bid.to_vec());
    let ask = if is_same { bid.clone() } else { Column::from(ask.to_vec()) };
    Quotes { bid: side(bid), ask: side(ask) }
}

/// EURUSD, 100 000 units a lot, for an account in `currency`: USD is a constant rate, EUR moves with the price, CHF with
/// the bar, by candles of USDCHF.
pub(crate) fn valuation(currency: &str, quotes: &Quotes) -> Valuation {
    let usdchf: Vec<f64> = (0..quotes.bid.close.len()).map(|bar| 0.85 + (bar * 5 % 17) as f64 * 0.01).collect();
    valuation_at(currency, quotes, &usdchf)
}

/// [`valuation`] with these closes of USDCHF; bars without one have no rate.
pub(crate) fn valuation_at(currency: &str, quotes: &Quotes, usdchf: &[f64]) -> Valuation {
    let bars = quotes.bid.close.len();
    let time = TimeColumn::from((0..bars as i64).collect::<Vec<_>>());
    let market = Market {
        symbol: "EURUSD".to_owned(),
        primary: Series { timeframe: Timeframe::M5, time: time.clone(), quotes: quotes.clone() },
        others: Vec::new(),
        maps: Vec::new(),
        quotes: quotes.clone(),
        clock: Clock { time, duration_ns: 300_000_000_000 },
        trading: 0..bars,
    };
    let spec = json!({ "contract_size": 100_000, "tick_size": 0.00001, "pip_size": 0.0001, "volume_max": 200 });
    let (instrument, _) = Instrument::resolve("EURUSD", Some(&file(json!({ "EURUSD": spec }))), None).unwrap();
    let config = config(currency);
    let rules = Rules::new(config.execution_variant, &config.execution, &instrument);
    let costs = CostModel::resolve(&instrument, Some(&file(json!({}))), &config, &rules, 42).unwrap();
    let fx = Fx::plan(&FxRequest {
        instrument: &instrument,
        costs: &costs,
        account: &config.account,
        rates: None,
        own_price: rules.own_price,
        has_candles: &|pair| pair == "USDCHF",
    });
    let rates = Series {
        timeframe: Timeframe::M5,
        time: market.clock.time.slice(0..usdchf.len()),
        quotes: self::quotes(usdchf, usdchf),
    };
    let fx = fx.unwrap().bind(&market.primary, &[("USDCHF".to_owned(), rates)]);
    Valuation::new(&market, instrument, fx)
}

fn file(value: Json) -> FileContent {
    FileContent { path: "test.yaml".to_owned(), sha256: String::new(), origin: "option".to_owned(), value }
}

fn config(currency: &str) -> BacktestConfig {
    serde_json::from_value(json!({
        "schema_version": "2", "strategy_name": "none", "symbol": "EURUSD", "start_date": "2024-01-01",
        "end_date": "2024-01-31", "run_mode": "dev", "data_mode": "candle", "execution_variant": "v2", "rng_seed": 42,
        "warmup_bars": 0, "sessions": null, "metrics": {}, "strategy_parameters": {},
        "timeframes": { "primary": "M5", "additional": [], "additional_source": "separate_parquet",
            "mapping_mode": "close", "stale_limit_bars": 0 },
        "account": { "initial_balance": 10_000, "account_currency": currency, "risk_per_trade": 100, "max_positions": 1,
            "fx": { "mode": "auto", "hub": "USD", "stale_limit_bars": 0, "static_rates": {} } },
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
    }))
    .unwrap()
}
