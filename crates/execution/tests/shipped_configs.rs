//! Contract: the files in `configs/` are valid and say what their comments say.

use std::{collections::BTreeMap, fs, path::PathBuf};

use omega_execution::{Event, FeeFill, FeeTally, FillSide, Fx, FxRequest, Instrument, Rules, cents::round_to_cents};
use omega_types::{
    Json,
    config::{BacktestConfig, FileContent},
};
use serde_json::json;

fn shipped(name: &str) -> FileContent {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../configs").join(name);
    let value = yaml(&fs::read_to_string(path).unwrap());
    FileContent { path: name.to_owned(), sha256: String::new(), origin: "package".to_owned(), value }
}

/// The subset of YAML that the two files use: nested maps by indentation, flow maps on one line, plain scalars.
fn yaml(text: &str) -> Json {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut root = json!({});
    for line in lines {
        let indent = line.len() - line.trim_start().len();
        let (key, value) = line.trim().split_once(':').unwrap();
        while open.last().is_some_and(|(depth, _)| *depth >= indent) {
            open.pop();
        }
        let parent = open.iter().fold(&mut root, |map, (_, key)| &mut map[key]);
        assert!(parent.get(key).is_none(), "{key} occurs twice");
        parent[key] = match value.trim() {
            "" => json!({}),
            value => match value.strip_prefix('{') {
                Some(flow) => {
                    flow.trim_end_matches('}').split(',').map(entry).collect::<serde_json::Map<_, _>>().into()
                }
                None => scalar(value),
            },
        };
        if value.trim().is_empty() {
            open.push((indent, key.to_owned()));
        }
    }
    root
}

fn entry(text: &str) -> (String, Json) {
    let (key, value) = text.split_once(':').unwrap();
    (key.trim().to_owned(), scalar(value))
}

fn scalar(text: &str) -> Json {
    let text = text.trim();
    text.parse::<f64>().map_or_else(|_| json!(text), |number| json!(number))
}

fn config(account_currency: &str) -> BacktestConfig {
    serde_json::from_value(json!({
        "schema_version": "2", "strategy_name": "none", "symbol": "EURUSD", "start_date": "2024-01-01",
        "end_date": "2024-01-31", "run_mode": "dev", "data_mode": "candle", "execution_variant": "v2", "rng_seed": 42,
        "warmup_bars": 0, "sessions": null, "metrics": {}, "strategy_parameters": {},
        "timeframes": { "primary": "M5", "additional": [], "additional_source": "separate_parquet",
            "mapping_mode": "close", "stale_limit_bars": 0 },
        "account": { "initial_balance": 10_000, "account_currency": account_currency, "risk_per_trade": 100,
            "max_positions": 1, "fx": { "mode": "static", "hub": "USD", "stale_limit_bars": 10, "static_rates": {
                "AUDUSD": 0.66, "EURUSD": 1.1, "GBPUSD": 1.25, "NZDUSD": 0.6, "USDCAD": 1.35, "USDCHF": 0.9,
                "USDJPY": 150 } } },
        "costs": { "enabled": true, "fee_multiplier": 1, "slippage_multiplier": 1, "spread_multiplier": 1,
            "pip_size": null, "pip_buffer_factor": null },
        "execution": { "limit_gap_fill": "worse", "close_open_at_end": true, "pending_expiry_bars": null,
            "max_pending_orders": null, "allowed_directions": "both", "allowed_order_types": ["market"],
            "cooldown_bars": 0, "cooldown_minutes": 0, "cooldown_minutes_after_exit": 0 },
        "news_filter": { "enabled": false, "minutes_before": 30, "minutes_after": 30, "min_impact": "medium",
            "currencies": null },
        "logging": { "enable_entry_logging": false, "logging_mode": "trades_only" },
        "observability": { "profiling_mode": false },
        "trade_management": { "enabled": false, "stop_update_policy": "apply_next_bar", "tp_update_policy": "forbid",
            "rules": {} },
    }))
    .unwrap()
}

fn symbols() -> Vec<String> {
    shipped("symbol_specs.yaml").value.as_object().unwrap().keys().cloned().collect()
}

fn instrument(symbol: &str) -> Instrument {
    let (instrument, notes) = Instrument::resolve(symbol, Some(&shipped("symbol_specs.yaml")), None).unwrap();
    assert!(notes.is_empty(), "{symbol}: {notes:?}");
    instrument
}

/// Fee of one entry of `lots` at `price`, to the cent.
fn fee(symbol: &str, account: &str, lots: f64, price: f64) -> f64 {
    let (instrument, config) = (instrument(symbol), config(account));
    let rules = Rules::new(config.execution_variant, &config.execution, &instrument);
    let file = shipped("execution_costs.yaml");
    let costs = omega_execution::CostModel::resolve(&instrument, Some(&file), &config, &rules, 42).unwrap();
    let request = FxRequest {
        instrument: &instrument,
        costs: &costs,
        account: &config.account,
        rates: None,
        own_price: rules.own_price,
        has_candles: &|_| false,
    };
    let fx = Fx::plan(&request).unwrap();
    let event = Event::close(0, price);
    let fill = FeeFill { side: FillSide::Entry, lots, event, time_ns: 0, maker: false };
    round_to_cents(costs.fee(&fill, &mut FeeTally::default(), &fx).unwrap())
}

#[test]
fn every_symbol_is_complete_and_its_costs_can_be_charged() {
    assert_eq!(symbols().len(), 36);
    for symbol in symbols() {
        for account in ["USD", "EUR"] {
            assert!(fee(&symbol, account, 1.0, 100.0) > 0.0);
        }
    }
}

#[test]
fn profits_arise_in_the_quote_currency_and_pips_are_those_of_the_market() {
    let of = |symbol: &str| {
        let i = instrument(symbol);
        (i.quote.clone(), i.pip_size, i.price_digits)
    };
    let expected = BTreeMap::from([
        ("EURGBP", ("GBP", 0.0001, 5)),
        ("USDCAD", ("CAD", 0.0001, 5)),
        ("USDJPY", ("JPY", 0.01, 3)),
        ("XAGUSD", ("USD", 0.01, 3)),
        ("DE40", ("EUR", 1.0, 1)),
        ("US500", ("USD", 1.0, 1)),
    ]);
    for (symbol, (quote, pip, digits)) in expected {
        assert_eq!(of(symbol), (quote.to_owned(), pip, digits), "{symbol}");
    }
}

#[test]
fn the_stated_fees_are_charged() {
    // By hand. Default: 2.5 * 0.5 = 1.25. Gold: 3.5 * 0.25 = 0.875, exactly half a cent, to the even one: 0.88.
    assert_eq!(fee("EURUSD", "USD", 0.5, 1.1), 1.25);
    assert_eq!(fee("XAUUSD", "USD", 0.25, 2300.0), 0.88);
    // USDJPY: 50 000 USD * 6 / 1 000 000 = 0.30, at least 1.00; 10 lots: 6.00.
    assert_eq!(fee("USDJPY", "USD", 0.5, 145.0), 1.0);
    assert_eq!(fee("USDJPY", "USD", 10.0, 145.0), 6.0);
    // GBPAUD over the hub: 96 000 AUD * 0.66 / 1.1 = 57 600 EUR * 0.00015 = 8.64 EUR.
    assert_eq!(fee("GBPAUD", "EUR", 0.5, 1.92), 8.64);
}
