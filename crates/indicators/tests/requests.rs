//! What a caller sees: names, parameters, errors, sharing, cancellation.

mod common;

use common::{CLOSE, assert_bits, cases, market, series, series_names, spec_market, walk};
use omega_indicators::{
    Bollinger, ColumnStore, Ema, Graph, IndicatorError, KalmanZscore, MeanSource, NodeId, Zscore, catalogue, compute,
    compute_direct, registry,
};
use omega_types::{Coded, Column, Field, QuoteSide, Timeframe, Watch, market::MappingMode};
use serde_json::{Value, json};

const M5: Timeframe = Timeframe::M5;
const M15: Timeframe = Timeframe::M15;

fn error(kind: &str, parameters: Value) -> (String, String) {
    let error = compute_direct(kind, &parameters, &[&CLOSE]).unwrap_err();
    assert!(error.hint().is_some(), "{error}");
    (error.code().name.to_owned(), error.to_string())
}

#[test]
fn a_wrong_parameter_names_the_indicator_the_parameter_and_the_range() {
    let cases = [
        ("ema", json!({}), "ema: period is required and must be an integer of at least 1"),
        ("ema", json!({ "period": 0 }), "ema: period must be an integer of at least 1, got 0"),
        ("sma", json!({ "period": 2.5 }), "sma: period must be an integer of at least 1, got 2.5"),
        ("atr", json!({ "period": -14 }), "atr: period must be an integer of at least 1, got -14"),
        ("bollinger", json!({ "period": 1 }), "bollinger: period must be an integer of at least 2, got 1"),
        (
            "bollinger",
            json!({ "std_factor": -1 }),
            "bollinger: std_factor must be a finite number of at least 0, got -1",
        ),
        ("zscore", json!({ "window": 1 }), "zscore: window must be an integer of at least 2, got 1"),
        ("zscore", json!({ "mean_source": "mean" }), "zscore: mean_source must be one of rolling, ema, got \"mean\""),
        (
            "zscore",
            json!({ "mean_source": "ema" }),
            "zscore: ema_period is required if mean_source is ema and must be an integer of at least 1",
        ),
        ("kalman_mean", json!({ "r": -0.1 }), "kalman_mean: r must be a finite number of at least 0, got -0.1"),
        ("kalman_mean", json!({ "r": 0, "q": 0 }), "kalman_mean: q must be above 0 if r is 0"),
        ("kalman_zscore", json!({ "r": 0, "q": 0 }), "kalman_zscore: q must be above 0 if r is 0"),
        (
            "garch_volatility",
            json!({ "alpha": -0.1 }),
            "garch_volatility: alpha must be a finite number of at least 0, got -0.1",
        ),
        (
            "garch_volatility",
            json!({ "omega": "none" }),
            "garch_volatility: omega must be a finite number, got \"none\"",
        ),
        ("garch_volatility", json!({ "scale": 0 }), "garch_volatility: scale must be a finite number above 0, got 0"),
        (
            "garch_volatility",
            json!({ "min_periods": -1 }),
            "garch_volatility: min_periods must be an integer of at least 0, got -1",
        ),
        (
            "garch_volatility",
            json!({ "use_log_returns": "true" }),
            "garch_volatility: use_log_returns must be true or false, got \"true\"",
        ),
        (
            "kalman_garch_zscore",
            json!({ "sigma_floor": -1e-9 }),
            "kalman_garch_zscore: sigma_floor must be a finite number of at least 0, got -1e-9",
        ),
        ("kalman_garch_zscore", json!({ "r": 0, "q": 0 }), "kalman_garch_zscore: q must be above 0 if r is 0"),
        (
            "kalman_garch_zscore",
            json!({ "gamma": 1 }),
            "kalman_garch_zscore: gamma is not a parameter, known are r, q, \
            alpha, beta, omega, use_log_returns, scale, min_periods, sigma_floor",
        ),
        ("choppiness", json!({ "period": 1 }), "choppiness: period must be an integer of at least 2, got 1"),
        ("rsi", json!({ "period": 0 }), "rsi: period must be an integer of at least 1, got 0"),
        ("macd", json!({ "signal": 0 }), "macd: signal must be an integer of at least 1, got 0"),
        ("dmi", json!({ "period": 1.5 }), "dmi: period must be an integer of at least 1, got 1.5"),
        ("roc", json!({ "period": 0 }), "roc: period must be an integer of at least 1, got 0"),
        ("momentum", json!({}), "momentum: period is required and must be an integer of at least 1"),
        ("dema", json!({}), "dema: period is required and must be an integer of at least 1"),
        ("tema", json!({ "period": 0 }), "tema: period must be an integer of at least 1, got 0"),
        ("rolling_mean", json!({ "n": 0 }), "rolling_mean: n must be an integer of at least 1, got 0"),
        ("rolling_std", json!({ "n": 1 }), "rolling_std: n must be an integer of at least 2, got 1"),
        ("ema", json!({ "length": 5 }), "ema: length is not a parameter, known are period"),
        ("ema", json!(5), "ema: its parameters must be an object, got 5"),
    ];
    for (kind, parameters, message) in cases {
        assert_eq!(error(kind, parameters), ("IND_PARAM".to_owned(), message.to_owned()));
    }
    assert_eq!(error("emma", json!({})), ("IND_UNKNOWN".to_owned(), "'emma' is not an indicator".to_owned()));
}

#[test]
fn inputs_are_counted_and_measured() {
    let code = |kind: &str, inputs: &[&[f64]]| {
        let error = compute_direct(kind, &json!({ "period": 3 }), inputs).unwrap_err();
        (error.code().name, error.to_string())
    };
    assert_eq!(code("ema", &[]), ("IND_INPUT", "ema: takes series, got 0 series".to_owned()));
    assert_eq!(code("atr", &[&CLOSE]), ("IND_INPUT", "atr: takes high, low, close, got 1 series".to_owned()));
    assert_eq!(
        code("atr", &[&CLOSE, &CLOSE[1..], &CLOSE]),
        ("IND_INPUT", "inputs of atr: 11 values where 12 are needed".to_owned())
    );
}

#[test]
fn an_indicator_of_several_outputs_gives_them_in_the_order_of_the_catalogue() {
    let got = compute_direct("bollinger", &json!({ "period": 5 }), &[&CLOSE]).unwrap();
    assert!(got[0][4] > got[1][4] && got[1][4] > got[2][4]);
    let entry = registry().iter().find(|entry| entry.kind == "bollinger").unwrap();
    assert_eq!(entry.outputs, ["upper", "middle", "lower"]);
}

#[test]
fn the_catalogue_tells_everything_that_another_language_needs() {
    let catalogue = catalogue();
    let zscore = catalogue.as_array().unwrap().iter().find(|entry| entry["kind"] == "zscore").unwrap();
    assert_eq!(zscore["input"], json!({ "kind": "series", "series": ["series"] }));
    assert_eq!(zscore["outputs"], json!(["value"]));
    let source = &zscore["parameters"][1];
    assert_eq!(
        (&source["name"], &source["type"], &source["default"], &source["choices"]),
        (&json!("mean_source"), &json!("choice"), &json!("rolling"), &json!(["rolling", "ema"]))
    );
    let kinds: Vec<_> = catalogue.as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert!(kinds.is_sorted(), "{kinds:?}");
    let result =
        |kind: &str| &catalogue.as_array().unwrap().iter().find(|entry| entry["kind"] == kind).unwrap()["result"];
    assert_eq!((result("ema"), result("garch_volatility_local")), (&json!("series"), &json!("window")));
    assert_eq!(
        (result("kalman_garch_zscore_local"), result("vol_cluster_state")),
        (&json!("point"), &json!("clusters"))
    );
}

/// The table of indicators.md 2 and the defaults of 2.11 and 2.12: kind, then parameter and default in order, the lowest
/// allowed value behind a colon. V1 spells R and Q in capitals.
const TABLE: [&str; 23] = [
    "atr period=14:1",
    "bollinger period=20:2 std_factor=2.0:0.0",
    "choppiness period=14:2",
    "dema period=null:1",
    "dmi period=14:1",
    "ema period=null:1",
    "garch_volatility GARCH",
    "garch_volatility_local idx=null lookback=400 GARCH",
    "kalman_garch_zscore r=0.01:0.0 q=1.0:0.0 GARCH",
    "kalman_garch_zscore_local idx=null lookback=400 r=0.01:0.0 q=1.0:0.0 GARCH",
    "kalman_mean r=0.01:0.0 q=1.0:0.0",
    "kalman_zscore window=100:2 r=0.01:0.0 q=1.0:0.0",
    "macd fast=12:1 slow=26:1 signal=9:1",
    "momentum period=null:1",
    "roc period=14:1",
    "rolling_mean n=null:1",
    "rolling_std n=null:2",
    "rsi period=14:1",
    "sma period=null:1",
    "tema period=null:1",
    "vol_cluster_series idx=null feature=\"garch_forecast\" atr_length=14:1 garch_lookback=500 GARCH",
    "vol_cluster_state idx=null window=200 k=3 min_points=60 log_transform=true",
    "zscore window=100:2 mean_source=\"rolling\" ema_period=null:1",
];
const GARCH: &str = "alpha=0.05:0.0 beta=0.9:0.0 omega=null use_log_returns=true scale=100.0:>0.0 min_periods=50:0 sigma_floor=1e-6:0.0";

#[test]
fn parameters_defaults_and_ranges_are_those_of_the_specification() {
    let catalogue = catalogue();
    let lines = catalogue.as_array().unwrap().iter().map(|entry| {
        let parameters = entry["parameters"].as_array().unwrap().iter().map(|p| {
            let name = p["name"].as_str().unwrap();
            let lowest = match (&p["min"], &p["above"]) {
                (Value::Null, Value::Null) => String::new(),
                (Value::Null, above) => format!(":>{above}"),
                (min, _) => format!(":{min}"),
            };
            format!(" {name}={}{lowest}", p["default"])
        });
        entry["kind"].as_str().unwrap().to_owned() + &parameters.collect::<String>()
    });
    let expected: Vec<_> = TABLE.iter().map(|line| line.replace("GARCH", GARCH)).collect();
    assert_eq!(lines.collect::<Vec<_>>(), expected);
}

/// Every kind of request of this crate, over M5 and M15.
fn everything(graph: &mut Graph) -> Vec<NodeId> {
    let mut wanted = Vec::new();
    for timeframe in [M5, M15] {
        for side in [QuoteSide::Bid, QuoteSide::Ask] {
            let bars = graph.bars(timeframe, side);
            let bands = Bollinger { period: 20.try_into().unwrap(), std_factor: 2.0 };
            let mut native = graph.add(bands, &[bars.close]);
            native.extend(graph.add_named("atr", &json!({}), &bars.high_low_close()).unwrap());
            let window = 50.try_into().unwrap();
            native.extend(graph.add(KalmanZscore { window, r: 0.01, q: 1.0 }, &[bars.close]));
            let ema_period = Some(10.try_into().unwrap());
            native.extend(graph.add(Zscore { window, mean_source: MeanSource::Ema, ema_period }, &[bars.close]));
            wanted.extend(native.into_iter().map(|node| graph.map(node, timeframe)));
            wanted.extend(graph.stepwise(Ema { period: 9.try_into().unwrap() }, &[bars.close], timeframe));
            for (kind, parameters) in cases() {
                let inputs = match series_names(kind).len() {
                    1 => vec![bars.close],
                    _ => bars.high_low_close().to_vec(),
                };
                wanted.extend(graph.mapped_named(kind, &parameters, &inputs, timeframe).unwrap());
                wanted.extend(graph.stepwise_named(kind, &parameters, &inputs, timeframe).unwrap());
            }
        }
    }
    wanted
}

fn long_market(mode: MappingMode) -> omega_types::Market {
    let m5 = series(M5, (0..6_000).map(|i| i * 300), &walk(6_000, 110_000, 1e-5, 1));
    let m15 = series(M15, (0..2_000).map(|i| i * 900), &walk(2_000, 110_000, 1e-5, 2));
    market(m5, vec![m15], mode)
}

fn columns(market: &omega_types::Market, store: &ColumnStore) -> Vec<Column> {
    let mut graph = Graph::new();
    let wanted = everything(&mut graph);
    let columns = compute(&graph, &wanted, market, store, &Watch::default()).unwrap();
    wanted.iter().map(|&node| columns.get(node)).collect()
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let market = long_market(MappingMode::Close);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| columns(&market, &ColumnStore::new()))
    };
    for (one, four) in on(1).iter().zip(&on(4)) {
        assert_bits(one, four);
    }
}

#[test]
fn a_second_run_over_the_same_window_computes_nothing() {
    let (market, store) = (long_market(MappingMode::Close), ColumnStore::new());
    let first = columns(&market, &store);
    let (results, bytes) = (store.len(), store.bytes());
    // Another run builds its own maps; what they say is the same.
    let again = omega_types::Market { maps: market.maps.clone(), ..market.clone() };
    for (first, second) in first.iter().zip(&columns(&again, &store)) {
        assert!(first.is_same_memory(second));
    }
    assert_eq!((store.len(), store.bytes()), (results, bytes));
    store.clear();
    assert!(store.is_empty());
}

#[test]
fn another_window_or_another_mapping_shares_nothing_that_depends_on_it() {
    let market = long_market(MappingMode::Close);
    let store = ColumnStore::new();
    columns(&market, &store);
    for other in [
        long_market(MappingMode::Open),
        omega_types::Market { maps: long_market(MappingMode::Open).maps, ..market.clone() },
        {
            let m15 = market.others[0].slice(500..2_000);
            common::market(market.primary.slice(1_500..6_000), vec![m15], MappingMode::Close)
        },
    ] {
        for (shared, alone) in columns(&other, &store).iter().zip(&columns(&other, &ColumnStore::new())) {
            assert_bits(shared, alone);
        }
    }
}

#[test]
fn nothing_unwanted_is_computed() {
    let mut graph = Graph::new();
    everything(&mut graph);
    let close = graph.price(M5, QuoteSide::Bid, Field::Close);
    let ema = graph.add(Ema { period: 3.try_into().unwrap() }, &[close])[0];
    let store = ColumnStore::new();
    compute(&graph, &[ema], &spec_market(MappingMode::Close), &store, &Watch::default()).unwrap();
    assert_eq!(store.len(), 1);
}

#[test]
fn requests_that_cannot_be_computed_are_errors() {
    let market = spec_market(MappingMode::Close);
    let fails = |graph: &Graph, node: NodeId| {
        compute(graph, &[node], &market, &ColumnStore::new(), &Watch::default()).unwrap_err()
    };
    let mut graph = Graph::new();
    let close = graph.price(M5, QuoteSide::Bid, Field::Close);
    let native = graph.price(M15, QuoteSide::Bid, Field::Close);

    let nan = graph.add(KalmanZscore { window: 5.try_into().unwrap(), r: f64::NAN, q: 1.0 }, &[close])[0];
    assert_eq!(fails(&graph, nan).to_string(), "kalman_zscore: r must be a finite number of at least 0, got null");
    let atr = graph.add_named("atr", &json!({}), &[close]).unwrap()[0];
    assert!(matches!(fails(&graph, atr), IndicatorError::InputCount { given: 1, .. }));
    let mixed = graph.add_named("atr", &json!({}), &[close, native, close]).unwrap()[0];
    assert!(matches!(fails(&graph, mixed), IndicatorError::InputLength { expected: 12, given: 4, .. }));
    let foreign = fails(&Graph::new(), atr);
    assert_eq!(foreign.code().name, "IND_INPUT");
}

#[test]
fn cancelled_work_stops() {
    let watch = Watch::default();
    watch.cancel();
    let mut graph = Graph::new();
    let wanted = everything(&mut graph);
    let result = compute(&graph, &wanted, &long_market(MappingMode::Close), &ColumnStore::new(), &watch);
    assert_eq!(result.unwrap_err().code().name, "ABORTED");
}
