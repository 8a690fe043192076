//! Indicators that are asked for one bar: what holds for all of them, and against plain implementations.

mod common;

use common::{bars, closes, inputs_of, local_cases, market, series, walk};
use omega_indicators::{
    Answer, AnswerKind, ClusterStatus, ColumnStore, GarchVolatilityLocal, Graph, KalmanGarchZscoreLocal, LocalAnswer,
    VolClusterState, answer, compute, compute_direct, compute_local, locals,
};
use omega_types::{Coded, Field, QuoteSide, Timeframe, Watch, market::MappingMode};
use proptest::prelude::*;
use serde_json::{Value, json};

fn ask(kind: &str, parameters: &Value, idx: Option<i64>, close: &[f64]) -> LocalAnswer {
    let mut parameters = parameters.clone();
    parameters["idx"] = json!(idx);
    let inputs = inputs_of(kind, close);
    let slices: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
    compute_local(kind, &parameters, &slices).unwrap()
}

/// Text in which every bit shows and NaN equals NaN.
fn bits(answer: &LocalAnswer) -> String {
    match answer {
        LocalAnswer::Window(window) => {
            let bits: Vec<_> = window.values.iter().map(|v| if v.is_nan() { 1 } else { v.to_bits() }).collect();
            format!("{} {bits:?}", window.start)
        }
        LocalAnswer::Point(point) => format!("{:?}", point.map(f64::to_bits)),
        LocalAnswer::Clusters(state) => format!("{state:?}"),
    }
}

#[test]
fn every_local_indicator_has_a_case_and_is_described() {
    let mut tested: Vec<_> = local_cases().iter().map(|(kind, _)| *kind).collect();
    tested.dedup();
    assert_eq!(tested, locals().iter().map(|entry| entry.kind).collect::<Vec<_>>());
    for entry in locals() {
        assert!(entry.text.len() > 20 && entry.text.ends_with('.') && !entry.warmup.is_empty(), "{}", entry.kind);
        assert_eq!(entry.parameters[0].name, "idx");
        entry.parameters.iter().for_each(|p| assert!(p.text.ends_with('.'), "{} {}", entry.kind, p.name));
    }
}

#[test]
fn the_answer_has_the_form_that_the_table_says() {
    let close = walk(100, 110_000, 1e-5, 4);
    for (kind, parameters) in local_cases() {
        let expected = locals().iter().find(|entry| entry.kind == kind).unwrap().answer;
        let got = match ask(kind, &parameters, None, &close) {
            LocalAnswer::Window(_) => AnswerKind::Window,
            LocalAnswer::Point(_) => AnswerKind::Point,
            LocalAnswer::Clusters(_) => AnswerKind::Clusters,
        };
        assert_eq!(got, expected, "{kind}");
    }
}

#[test]
fn without_a_bar_the_last_one_is_meant() {
    let close = walk(100, 110_000, 1e-5, 4);
    for (kind, parameters) in local_cases() {
        assert_eq!(
            bits(&ask(kind, &parameters, None, &close)),
            bits(&ask(kind, &parameters, Some(99), &close)),
            "{kind}"
        );
        let empty = ask(kind, &parameters, None, &[]);
        match empty {
            LocalAnswer::Window(window) => assert_eq!((window.start, window.values.len()), (0, 0)),
            LocalAnswer::Point(point) => assert_eq!(point, None),
            LocalAnswer::Clusters(state) => assert_eq!(state.status, ClusterStatus::InsufficientPoints),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn bars_behind_the_bar_do_not_matter(close in closes(), at in 0.0..1.0_f64) {
        let idx = (close.len() as f64 * at) as usize;
        prop_assume!(idx < close.len());
        for (kind, parameters) in local_cases() {
            let whole = ask(kind, &parameters, Some(idx as i64), &close);
            let short = ask(kind, &parameters, Some(idx as i64), &close[..=idx]);
            match (whole, short) {
                // indicators.md 2.11: the full series. Up to the bar it is the same.
                (LocalAnswer::Window(whole), LocalAnswer::Window(short)) if parameters["feature"] == "atr_points" => {
                    common::assert_bits(&short.values, &whole.values[..=idx]);
                }
                (whole, short) => prop_assert_eq!(bits(&whole), bits(&short), "{}", kind),
            }
        }
    }

    #[test]
    fn a_local_value_is_the_last_one_of_the_indicator_of_its_segment(
        close in closes(),
        idx in -2..260_i64,
        lookback in -2..80_i64,
        min_periods in 0..20_u32,
    ) {
        let garch = json!({ "alpha": 0.1, "beta": 0.8, "min_periods": min_periods });
        let local: GarchVolatilityLocal = {
            let mut given = json!({ "lookback": lookback, "scale": 100.0, "use_log_returns": true, "sigma_floor": 1e-6 });
            garch.as_object().unwrap().iter().for_each(|(name, value)| given[name] = value.clone());
            serde_json::from_value(given).unwrap()
        };
        // indicators.md 2.9: clamped, at least one bar.
        let window = local.window(&close, idx);
        if idx < 0 || close.is_empty() {
            prop_assert_eq!((window.start, window.values.len()), (0, 0));
        } else {
            let last = (idx as usize).min(close.len() - 1);
            let start = (last as i64 + 1 - lookback.max(1)).max(0) as usize;
            prop_assert_eq!(window.start, start);
            let expected = compute_direct("garch_volatility", &garch, &[&close[start..=last]]).unwrap();
            common::assert_bits(&window.values, &expected[0]);
        }
        // indicators.md 2.10: not clamped, at least two bars.
        let point = KalmanGarchZscoreLocal { lookback, r: 0.5, q: 0.1, garch: local.garch }.point(&close, idx);
        let segment = usize::try_from(idx).ok().filter(|idx| *idx < close.len()).map(|idx| {
            let start = (idx as i64 - lookback + 1).max(0);
            close.get(usize::try_from(start).unwrap_or(usize::MAX)..=idx).unwrap_or_default()
        });
        let expected = segment.filter(|segment| segment.len() >= 2).and_then(|segment| {
            let mut parameters = garch.clone();
            (parameters["r"], parameters["q"]) = (json!(0.5), json!(0.1));
            compute_direct("kalman_garch_zscore", &parameters, &[segment]).unwrap()[0].last().copied()
        });
        prop_assert_eq!(point, expected.filter(|value| value.is_finite()));
    }

    #[test]
    fn clusters_agree_with_a_plain_implementation(
        steps in prop::collection::vec(prop_oneof![6 => 1..60_u32, 1 => Just(0)], 0..120),
        window in 1..80_i64,
        k in 1..7_i64,
        min_points in 1..20_i64,
        log_transform in any::<bool>(),
    ) {
        // Multiples of 1e-5, many of them equal; 0 is a missing value.
        let values: Vec<f64> =
            steps.iter().map(|step| if *step == 0 { f64::NAN } else { f64::from(*step) * 1e-5 }).collect();
        let state = VolClusterState { window, k, min_points, log_transform }.of(&values);
        let expected = plain::state(&values, window as usize, k as usize, min_points as usize, log_transform);
        prop_assert_eq!(state.sample_size, expected.sample_size);
        prop_assert_eq!(state.status.as_str(), expected.status);
        if let Some(clusters) = state.clusters {
            let names: Vec<String> = clusters.labels.iter().map(|label| clusters.name(*label)).collect();
            prop_assert_eq!(names, expected.names);
            prop_assert_eq!(clusters.sigma, expected.sigma);
            prop_assert_eq!(clusters.centers.len(), expected.centers.len());
            for (got, expected) in clusters.centers.iter().zip(&expected.centers) {
                prop_assert!((got / expected - 1.0).abs() < 1e-10, "{} {}", got, expected);
            }
            prop_assert_eq!(clusters.centers_log.is_some(), log_transform);
        }
    }
}

/// indicators.md 2.12 step by step.
mod plain {
    pub(super) struct State {
        pub(super) status: &'static str,
        pub(super) sample_size: usize,
        pub(super) names: Vec<String>,
        pub(super) centers: Vec<f64>,
        pub(super) sigma: f64,
    }

    pub(super) fn state(values: &[f64], window: usize, k: usize, min_points: usize, log: bool) -> State {
        let present: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        let none = |status| State {
            status,
            sample_size: present.len(),
            names: Vec::new(),
            centers: Vec::new(),
            sigma: f64::NAN,
        };
        if present.len() < min_points {
            return none("insufficient_points");
        }
        let tail = &present[present.len() - window.min(present.len())..];
        if tail.len() < k {
            return none("insufficient_unique");
        }
        let v: Vec<f64> = tail.iter().map(|x| if log { x.max(1e-12).ln() } else { *x }).collect();
        let mut sorted = v.clone();
        sorted.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let mut distinct = sorted.clone();
        distinct.dedup();
        let k = k.min(distinct.len());
        let (labels, centers) = if k == 1 { (vec![0; v.len()], vec![mean(&v)]) } else { means(&v, &sorted, k) };
        let rank = |label: usize| {
            let before = |other: &usize| {
                centers[*other] < centers[label] || (centers[*other] == centers[label] && *other < label)
            };
            (0..k).filter(before).count()
        };
        let name = |label: &usize| match rank(*label) {
            0 => "low".to_owned(),
            1 => "mid".to_owned(),
            2 => "high".to_owned(),
            3 => "very_high".to_owned(),
            4 => "extreme".to_owned(),
            rank => format!("cluster_{rank}"),
        };
        let mut by_rank: Vec<usize> = (0..k).collect();
        by_rank.sort_by_key(|label| rank(*label));
        State {
            status: "ok",
            sample_size: present.len(),
            names: labels.iter().map(name).collect(),
            centers: by_rank.iter().map(|label| if log { centers[*label].exp() } else { centers[*label] }).collect(),
            sigma: tail[tail.len() - 1],
        }
    }

    fn means(v: &[f64], sorted: &[f64], k: usize) -> (Vec<usize>, Vec<f64>) {
        let mut centers: Vec<f64> = (1..=k)
            .map(|j| {
                let position = j as f64 / (k as f64 + 1.0) * (sorted.len() as f64 - 1.0);
                let (below, above) = (sorted[position.floor() as usize], sorted[position.ceil() as usize]);
                below + (above - below) * (position - position.floor())
            })
            .collect();
        for _ in 0..30 {
            let labels: Vec<usize> = v.iter().map(|x| nearest(*x, &centers)).collect();
            let new: Vec<f64> = (0..k)
                .map(|j| {
                    let members: Vec<f64> = v.iter().zip(&labels).filter(|(_, l)| **l == j).map(|(x, _)| *x).collect();
                    if members.is_empty() { centers[j] } else { mean(&members) }
                })
                .collect();
            let converged = (0..k).all(|j| (new[j] - centers[j]).abs() <= 1e-6 + 1e-4 * centers[j].abs());
            centers = new;
            if converged {
                return (labels, centers);
            }
        }
        (v.iter().map(|x| nearest(*x, &centers)).collect(), centers)
    }

    fn nearest(x: f64, centers: &[f64]) -> usize {
        let distance: Vec<f64> = centers.iter().map(|c| (x - c).abs()).collect();
        let smallest = distance.iter().copied().fold(f64::MAX, f64::min);
        distance.iter().position(|d| *d <= smallest + 1e-12).unwrap()
    }

    fn mean(members: &[f64]) -> f64 {
        if members.iter().all(|m| *m == members[0]) {
            return members[0];
        }
        members.iter().sum::<f64>() / members.len() as f64
    }
}

#[test]
fn a_wrong_parameter_of_a_local_indicator_is_named() {
    let close = [1.1; 5];
    let cases = [
        ("garch_volatility_local", json!({ "lookback": 2.5 }), "lookback must be an integer, got 2.5"),
        ("garch_volatility_local", json!({ "idx": "last" }), "idx must be an integer, got \"last\""),
        ("garch_volatility_local", json!({ "scale": 0 }), "scale must be a finite number above 0, got 0"),
        ("kalman_garch_zscore_local", json!({ "r": 0, "q": 0 }), "q must be above 0 if r is 0"),
        ("vol_cluster_state", json!({ "log_transform": 1 }), "log_transform must be true or false, got 1"),
        (
            "vol_cluster_state",
            json!({ "clusters": 3 }),
            "clusters is not a parameter, known are idx, window, k, min_points, log_transform",
        ),
    ];
    for (kind, parameters, message) in cases {
        let error = answer(kind, &parameters, &[&close]).unwrap_err();
        assert_eq!((error.code().name, error.to_string()), ("IND_PARAM", format!("{kind}: {message}")));
        assert!(error.hint().unwrap().starts_with(&format!("the parameters of {kind} are idx (an integer), ")));
    }
    // indicators.md 2.11: V1 took every other text for garch_forecast.
    let bars: [&[f64]; 3] = [&close, &close, &close];
    let error = answer("vol_cluster_series", &json!({ "feature": "atr" }), &bars).unwrap_err();
    assert_eq!(error.to_string(), "vol_cluster_series: feature must be one of atr_points, garch_forecast, got \"atr\"");
    for feature in [" ATR_POINTS ", "Garch_Forecast"] {
        assert!(answer("vol_cluster_series", &json!({ "feature": feature }), &bars).is_ok());
    }
    let error = answer("vol_cluster_series", &json!({}), &[&close]).unwrap_err();
    assert_eq!(error.to_string(), "vol_cluster_series: takes high, low, close, got 1 series");
    let error = answer("vol_cluster_series", &json!({}), &[&close, &close[1..], &close]).unwrap_err();
    assert_eq!(error.code().name, "IND_INPUT");
}

#[test]
fn a_local_indicator_is_not_a_series() {
    for entry in locals() {
        let error = compute_direct(entry.kind, &json!({}), &[&[1.1]]).unwrap_err();
        assert_eq!(error.code().name, "IND_UNKNOWN");
        assert_eq!(error.to_string(), format!("'{}' gives values of one bar, not a series", entry.kind));
        let mut graph = Graph::new();
        let close = graph.price(Timeframe::M5, QuoteSide::Bid, Field::Close);
        assert!(graph.add_named(entry.kind, &json!({}), &[close]).is_err());
    }
    assert_eq!(compute_local("ema", &json!({}), &[]).unwrap_err().code().name, "IND_UNKNOWN");
    assert!(matches!(answer("ema", &json!({ "period": 2 }), &[&[1.0]]), Ok(Answer::Series(_))));
}

/// indicators.md 3.3: on another timeframe the bar is the last complete one, and the look-back counts its bars.
#[test]
fn on_another_timeframe_the_bar_is_mapped() {
    const M15: Timeframe = Timeframe::M15;
    let m15_closes = walk(200, 110_000, 1e-5, 21);
    let m5 = series(Timeframe::M5, (0..600).map(|i| i * 300), &walk(600, 110_000, 1e-5, 22));
    let market = market(m5, vec![series(M15, (0..200).map(|i| i * 900), &m15_closes)], MappingMode::Close);
    let mut graph = Graph::new();
    let node = graph.price(M15, QuoteSide::Bid, Field::Close);
    let columns = compute(&graph, &[node], &market, &ColumnStore::new(), &Watch::default()).unwrap();
    let native = columns.get(node);
    let local = GarchVolatilityLocal { lookback: 60, ..GarchVolatilityLocal::default() };
    // M5 bar 302 closes at 303 * 5 minutes = 101 * 15 minutes: M15 bar 100 is complete. One bar earlier it is not.
    let map = market.map(M15).unwrap();
    assert_eq!((map.get(302), map.get(301)), (Some(100), Some(99)));
    let window = local.window(&native, map.get(302).unwrap() as i64);
    assert_eq!((window.start, window.values.len()), (41, 60));
    let expected = compute_direct("garch_volatility", &json!({}), &[&m15_closes[41..=100]]).unwrap();
    common::assert_bits(&window.values, &expected[0]);
}

#[test]
fn values_that_are_not_prices_and_any_allowed_parameter_never_panic() {
    let mixed = [
        1.0,
        f64::INFINITY,
        2.0,
        f64::NAN,
        f64::NEG_INFINITY,
        f64::MAX,
        -f64::MAX,
        f64::MIN_POSITIVE,
        0.0,
        -0.0,
        1e300,
    ];
    let long: Vec<f64> = mixed.iter().cycle().take(90).copied().collect();
    let ends = [i64::MIN, -1, 0, 1, 2, 5, 89, 90, i64::MAX];
    for close in [&[][..], &[1.1], &[f64::NAN; 40], &[1.1; 40], &[f64::MAX; 40], &long] {
        let (high, low) = bars(close);
        for idx in ends {
            for length in ends {
                let garch = json!({ "idx": idx, "lookback": length, "min_periods": 0, "sigma_floor": 0, "omega": 0 });
                answer("garch_volatility_local", &garch, &[close]).unwrap();
                answer("kalman_garch_zscore_local", &garch, &[close]).unwrap();
                let series = json!({ "idx": idx, "garch_lookback": length, "scale": 1e300, "min_periods": u32::MAX });
                answer("vol_cluster_series", &series, &[&high, &low, close]).unwrap();
                for log_transform in [true, false] {
                    let state = json!({
                        "idx": idx, "window": length, "k": length, "min_points": length, "log_transform": log_transform,
                    });
                    answer("vol_cluster_state", &state, &[close]).unwrap();
                    let state = json!({ "idx": idx, "min_points": 1, "k": 2, "log_transform": log_transform });
                    answer("vol_cluster_state", &state, &[close]).unwrap();
                }
            }
        }
    }
}
