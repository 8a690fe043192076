//! What a caller sees: names, parameters, errors, sharing, cancellation.

mod common;

use common::{CLOSE, assert_bits, market, series, spec_market, walk};
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
    // indicators.md 2: the ranges and defaults of V1.
    let default = |kind: &str, name: &str| {
        let entry = registry().iter().find(|entry| entry.kind == kind).unwrap();
        entry.parameters.iter().find(|parameter| parameter.name == name).unwrap().preset.json()
    };
    assert_eq!(default("ema", "period"), Value::Null);
    assert_eq!(default("atr", "period"), json!(14));
    assert_eq!(default("bollinger", "std_factor"), json!(2.0));
    assert_eq!(default("zscore", "window"), json!(100));
    assert_eq!((default("kalman_mean", "r"), default("kalman_mean", "q")), (json!(0.01), json!(1.0)));
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
            let reduced = graph.visible_only(bars.close, timeframe);
            let ema = graph.add(Ema { period: 9.try_into().unwrap() }, &[reduced])[0];
            wanted.push(graph.fill_forward(ema, timeframe));
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
