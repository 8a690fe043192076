//! What holds for every indicator of the registry, whatever it computes.

mod common;

use common::{all_outputs, assert_bits, bars, cases, closes, inputs_of, market, series, walk};
use omega_indicators::{ColumnStore, Domain, Graph, Parameter, Preset, compute, compute_direct, registry};
use omega_types::{Coded, Field, QuoteSide, Timeframe, Watch, market::MappingMode};
use proptest::prelude::*;
use serde_json::{Value, json};

const NAN: f64 = f64::NAN;
const INFINITY: f64 = f64::INFINITY;

#[test]
fn every_indicator_has_a_case() {
    let mut tested: Vec<_> = cases().iter().map(|(kind, _)| *kind).collect();
    tested.dedup();
    assert_eq!(tested, registry().iter().map(|entry| entry.kind).collect::<Vec<_>>());
}

#[test]
fn every_indicator_and_parameter_is_described() {
    for entry in registry() {
        assert!(entry.text.len() > 20 && entry.text.ends_with('.'), "{}", entry.kind);
        assert!(!entry.outputs.is_empty() && !entry.warmup.is_empty(), "{}", entry.kind);
        for parameter in entry.parameters {
            assert!(parameter.text.ends_with('.'), "{} {}", entry.kind, parameter.name);
            let preset = parameter.preset.json();
            let is_valid = match parameter.preset {
                Preset::Required | Preset::Absent => preset.is_null(),
                _ => parameter.domain.accept(&preset) == Some(preset.clone()),
            };
            assert!(is_valid, "{} {}: {preset}", entry.kind, parameter.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn a_series_cut_short_gives_the_same_prefix(close in closes(), cut in 0.0..1.0_f64) {
        let cut = (close.len() as f64 * cut) as usize;
        for (kind, parameters) in cases() {
            let whole = all_outputs(kind, &parameters, &close);
            let short = all_outputs(kind, &parameters, &close[..cut]);
            whole.iter().zip(&short).for_each(|(whole, short)| assert_bits(short, &whole[..cut]));
        }
    }

    #[test]
    fn every_output_is_defined_from_the_warm_up_on(len in 0..40_usize) {
        // Prices that never repeat, so no deviation is 0 and every bar moves.
        let close: Vec<f64> = (0..len).map(|t| 1.1 + (t * t % 17) as f64 * 0.001 + t as f64 * 0.01).collect();
        for (kind, parameters) in cases() {
            let warmup = registry().iter().find(|e| e.kind == kind).unwrap().warmup(&parameters).unwrap();
            let outputs = all_outputs(kind, &parameters, &close);
            let first = |output: &Vec<f64>| output.iter().position(|v| !v.is_nan()).unwrap_or(usize::MAX);
            let last_first = outputs.iter().map(first).max();
            prop_assert_eq!(last_first, Some(if warmup < len { warmup } else { usize::MAX }), "{}", kind);
            outputs.iter().for_each(|output| assert!(output.iter().skip(warmup).all(|v| !v.is_nan()), "{kind}"));
        }
    }
}

#[test]
fn long_series_cut_short_give_the_same_prefix() {
    // Long enough that the rolling windows start again several times.
    let close = walk(30_000, 110_000, 1e-5, 3);
    for (kind, parameters) in cases() {
        let whole = all_outputs(kind, &parameters, &close);
        for cut in [1, 999, 12_345, 29_999] {
            let short = all_outputs(kind, &parameters, &close[..cut]);
            whole.iter().zip(&short).for_each(|(whole, short)| assert_bits(short, &whole[..cut]));
        }
    }
}

/// indicators.md 1.2 and 6.9: what every kind says about nothing, about missing values, and about a price that stands still.
#[test]
fn nothing_gives_nothing_and_missing_values_give_none() {
    for (kind, parameters) in cases() {
        all_outputs(kind, &parameters, &[]).iter().for_each(|output| assert_bits(output, &[]));
        all_outputs(kind, &parameters, &[NAN; 50]).iter().for_each(|output| assert_bits(output, &[NAN; 50]));
        for one in [1.1, NAN, INFINITY, 0.0, -1.0, 1e300] {
            all_outputs(kind, &parameters, &[one]).iter().for_each(|output| assert_eq!(output.len(), 1));
        }
    }
}

#[test]
fn a_price_that_stands_still() {
    let x = 1.1;
    let expected = |kind: &str| match kind {
        // Ranges, moves and deviations of nothing.
        "atr" | "macd" | "momentum" | "roc" | "rolling_std" | "kalman_garch_zscore" => Some(0.0),
        // Means of one value are that value.
        "bollinger" | "dema" | "ema" | "kalman_mean" | "rolling_mean" | "sma" | "tema" => Some(x),
        // 0/0.
        "choppiness" | "dmi" | "kalman_zscore" | "rsi" | "zscore" => Some(NAN),
        // Decays; its own tests follow it.
        "garch_volatility" => None,
        other => panic!("say what {other} gives"),
    };
    for (kind, parameters) in cases() {
        let warmup = registry().iter().find(|e| e.kind == kind).unwrap().warmup(&parameters).unwrap();
        let flat = [x; 40];
        let inputs: Vec<&[f64]> = common::series_names(kind).iter().map(|_| flat.as_slice()).collect();
        for output in compute_direct(kind, &parameters, &inputs).unwrap() {
            match expected(kind) {
                Some(value) => assert_bits(&output[warmup..], &vec![value; 40 - warmup]),
                None => assert!(output[warmup..].iter().all(|v| v.is_finite() && *v > 0.0)),
            }
        }
    }
}

/// Series that no price feed should hold.
fn wild() -> Vec<Vec<f64>> {
    let mixed = [1.0, INFINITY, 2.0, 3.0, f64::NEG_INFINITY, NAN, f64::MAX, -f64::MAX, f64::MIN_POSITIVE, 0.0];
    let cycle = |values: &[f64]| values.iter().cycle().take(60).copied().collect::<Vec<f64>>();
    vec![
        Vec::new(),
        vec![1.1],
        vec![NAN; 60],
        vec![INFINITY; 60],
        vec![0.0; 60],
        vec![-0.0; 60],
        vec![1e300; 60],
        vec![f64::MAX; 60],
        cycle(&mixed),
        cycle(&[1e300, -1e300]),
        cycle(&[1e300, 1e-300]),
        cycle(&[f64::MAX, 5e-324, 1.0]),
        cycle(&[1.0, NAN]),
        cycle(&[NAN, NAN, NAN, 1.0, 2.0, 3.0, 4.0]),
        cycle(&[-1.0, -2.0, -3.0, 0.0]),
    ]
}

#[test]
fn values_that_are_not_prices_never_panic_and_give_the_same_twice() {
    for (kind, parameters) in cases() {
        for series in wild() {
            let first = all_outputs(kind, &parameters, &series);
            let second = all_outputs(kind, &parameters, &series);
            for (first, second) in first.iter().zip(&second) {
                assert_eq!(first.len(), series.len());
                assert_bits(first, second);
            }
            // A prefix of nonsense is the nonsense of the prefix.
            let cut = series.len() / 2;
            let short = all_outputs(kind, &parameters, &series[..cut]);
            first.iter().zip(&short).for_each(|(whole, short)| assert_bits(short, &whole[..cut]));
        }
    }
}

#[test]
fn infinity_counts_as_missing_in_a_window() {
    for (kind, parameters) in [("sma", json!({ "period": 2 })), ("rolling_mean", json!({ "n": 2 }))] {
        let got = compute_direct(kind, &parameters, &[&[1.0, INFINITY, 2.0, 4.0]]).unwrap();
        assert_bits(&got[0], &[NAN, NAN, NAN, 3.0]);
    }
}

/// Values at and around both ends of what is allowed.
fn any_value(parameter: &'static Parameter) -> BoxedStrategy<Value> {
    let mut values: Vec<Value> = match parameter.domain {
        Domain::Integer { min, max } => {
            let near = [min, min + 1, 1, 2, 3, 7, 50, max - 1, max];
            near.into_iter().filter(|v| (min..=max).contains(v)).map(|v| json!(v)).collect()
        }
        Domain::Number { .. } | Domain::Above { .. } => {
            let near =
                [f64::MIN, -1.0, -1e-300, 0.0, 5e-324, 1e-300, 1e-6, 0.05, 0.5, 0.9, 1.0, 2.0, 100.0, 1e300, f64::MAX];
            near.into_iter().map(|v| json!(v)).filter(|v| parameter.domain.accept(v).is_some()).collect()
        }
        Domain::Choice(choices) => choices.iter().map(|v| json!(v)).collect(),
        Domain::Bool => vec![json!(true), json!(false)],
    };
    if parameter.preset == Preset::Absent {
        values.push(Value::Null);
    }
    prop::sample::select(values).boxed()
}

/// A kind and any allowed value for each of its parameters.
fn any_request() -> impl Strategy<Value = (&'static str, Value)> {
    (0..registry().len()).prop_flat_map(|index| {
        let entry = &registry()[index];
        let parameters: Vec<_> = entry.parameters.iter().map(any_value).collect();
        parameters.prop_map(move |values| {
            let named =
                entry.parameters.iter().zip(values).map(|(parameter, value)| (parameter.name.to_owned(), value));
            (entry.kind, Value::Object(named.collect()))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn no_allowed_parameter_panics(
        (kind, parameters) in any_request(),
        series in prop_oneof![closes(), prop::sample::select(wild())],
    ) {
        let inputs = inputs_of(kind, &series);
        let slices: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
        match compute_direct(kind, &parameters, &slices) {
            Ok(outputs) => outputs.iter().for_each(|output| assert_eq!(output.len(), series.len())),
            // Rules between parameters, such as r + q > 0.
            Err(error) => prop_assert_eq!(error.code().name, "IND_PARAM"),
        }
    }
}

/// indicators.md 1.2: no dependence on which other indicators were requested, or in what order.
#[test]
fn a_graph_of_all_indicators_gives_what_each_gives_alone() {
    const M5: Timeframe = Timeframe::M5;
    let close = walk(3_000, 110_000, 1e-5, 12);
    let m5 = series(M5, (0..3_000).map(|i| i * 300), &close);
    let (high, low) = bars(&close);
    let mut m5 = m5;
    (m5.quotes.bid.high, m5.quotes.bid.low) = (high.into(), low.into());
    let market = market(m5, Vec::new(), MappingMode::Close);
    for reversed in [false, true] {
        let mut cases = cases();
        if reversed {
            cases.reverse();
        }
        let mut graph = Graph::new();
        let mut wanted = Vec::new();
        for (kind, parameters) in &cases {
            let inputs: Vec<_> = common::series_names(kind)
                .iter()
                .map(|name| match *name {
                    "high" => Field::High,
                    "low" => Field::Low,
                    _ => Field::Close,
                })
                .map(|field| graph.price(M5, QuoteSide::Bid, field))
                .collect();
            wanted.push(graph.add_named(kind, parameters, &inputs).unwrap());
        }
        let nodes: Vec<_> = wanted.iter().flatten().copied().collect();
        let columns = compute(&graph, &nodes, &market, &ColumnStore::new(), &Watch::default()).unwrap();
        for ((kind, parameters), nodes) in cases.iter().zip(&wanted) {
            let alone = all_outputs(kind, parameters, &close);
            assert_eq!(alone.len(), nodes.len(), "{kind}");
            nodes.iter().zip(&alone).for_each(|(node, alone)| assert_bits(&columns.get(*node), alone));
        }
    }
}
