//! What each scenario asks for, and nothing else (strategy specification 3).

mod common;

use common::*;
use omega_indicators::{
    Atr, Bollinger, Ema, GarchVolatility, Graph, KalmanGarchZscore, KalmanZscore, MeanSource, NodeId, Zscore,
};
use omega_strategy::{Init, Requirements};
use omega_types::{Field, QuoteSide, Timeframe};
use serde_json::{Value, json};

fn with(changes: Value) -> Value {
    Value::Object(parameters(changes))
}

/// The nodes that the strategy wants, and those that `expected` asks of the same graph. Equal requests are equal nodes.
fn nodes(
    changes: Value,
    loaded: &[Timeframe],
    expected: impl FnOnce(&mut Graph) -> Vec<NodeId>,
) -> (Vec<NodeId>, Vec<NodeId>) {
    nodes_of(changes, &init(Timeframe::M5), loaded, expected)
}

fn nodes_of(
    changes: Value,
    init: &Init,
    loaded: &[Timeframe],
    expected: impl FnOnce(&mut Graph) -> Vec<NodeId>,
) -> (Vec<NodeId>, Vec<NodeId>) {
    let mut blueprint = create(with(changes), init).unwrap();
    let mut graph = Graph::new();
    blueprint.request(&mut graph, loaded).unwrap();
    let mut wanted = blueprint.wanted();
    let mut expected = expected(&mut graph);
    wanted.sort();
    expected.sort();
    expected.dedup();
    (wanted, expected)
}

fn close(graph: &mut Graph, timeframe: Timeframe) -> NodeId {
    graph.price(timeframe, QuoteSide::Bid, Field::Close)
}

fn atr(graph: &mut Graph, side: QuoteSide) -> Vec<NodeId> {
    let bars = graph.bars(Timeframe::M5, side).high_low_close();
    graph.add(Atr { period: 14.try_into().unwrap() }, &bars)
}

fn ema(graph: &mut Graph, period: u32) -> Vec<NodeId> {
    let close = close(graph, Timeframe::M5);
    graph.add(Ema { period: period.try_into().unwrap() }, &[close])
}

fn zscore(graph: &mut Graph) -> Vec<NodeId> {
    let close = close(graph, Timeframe::M5);
    let (window, ema_period) = (20.try_into().unwrap(), Some(20.try_into().unwrap()));
    graph.add(Zscore { window, mean_source: MeanSource::Ema, ema_period }, &[close])
}

fn kalman(graph: &mut Graph) -> Vec<NodeId> {
    let close = close(graph, Timeframe::M5);
    graph.add(KalmanZscore { window: 20.try_into().unwrap(), r: 0.01, q: 1.0 }, &[close])
}

/// Bollinger band and ATR: what scenarios 2 to 6 have in common.
fn edges(graph: &mut Graph) -> Vec<NodeId> {
    let close = close(graph, Timeframe::M5);
    let mut nodes = graph.add(Bollinger { period: 20.try_into().unwrap(), std_factor: 2.0 }, &[close]);
    nodes.extend(atr(graph, QuoteSide::Bid));
    nodes
}

fn band(graph: &mut Graph) -> Vec<NodeId> {
    [kalman(graph), edges(graph)].concat()
}

const M5_ONLY: [Timeframe; 1] = [Timeframe::M5];

#[test]
fn scenario_1_reads_the_side_that_closes() {
    for (filter, sides) in [
        ("long", vec![QuoteSide::Bid]),
        ("short", vec![QuoteSide::Ask]),
        ("both", vec![QuoteSide::Bid, QuoteSide::Ask]),
    ] {
        let changes = json!({ "enabled_scenarios": [1], "direction_filter": filter, "htf_filter": "above" });
        let (wanted, expected) = nodes(changes, &M5_ONLY, |graph| {
            let mut nodes = [zscore(graph), ema(graph, 20)].concat();
            nodes.extend(sides.iter().flat_map(|side| atr(graph, *side)));
            nodes
        });
        assert_eq!(wanted, expected, "{filter}");
    }
}

#[test]
fn scenario_2_needs_no_ema_and_scenario_3_does() {
    let (wanted, expected) = nodes(json!({ "enabled_scenarios": [2] }), &M5_ONLY, band);
    assert_eq!(wanted, expected);
    let (wanted, expected) =
        nodes(json!({ "enabled_scenarios": [3] }), &M5_ONLY, |graph| [band(graph), ema(graph, 20)].concat());
    assert_eq!(wanted, expected);
}

#[test]
fn scenario_4_needs_its_own_score_and_no_kalman_one() {
    let garch =
        GarchVolatility { alpha: 0.1, beta: 0.8, omega: Some(0.0), min_periods: 20, ..GarchVolatility::default() };
    let changes = json!({
        "enabled_scenarios": [4], "garch_alpha": 0.1, "garch_beta": 0.8, "garch_omega": 0, "garch_min_periods": 20
    });
    let (wanted, expected) = nodes(changes.clone(), &M5_ONLY, |graph| {
        let close = close(graph, Timeframe::M5);
        let score = graph.add(KalmanGarchZscore { r: 0.01, q: 1.0, garch: garch.clone() }, &[close]);
        [edges(graph), score].concat()
    });
    assert_eq!(wanted, expected);
    // The local score is asked at single bars.
    let mut local = object(changes);
    local.insert("local_z_lookback".into(), json!(60));
    let (wanted, expected) = nodes(Value::Object(local), &M5_ONLY, edges);
    assert_eq!(wanted, expected);
}

#[test]
fn an_omega_of_null_is_not_an_omega_of_0() {
    let node = |omega: Value| {
        let mut blueprint =
            create(with(json!({ "enabled_scenarios": [4], "garch_omega": omega })), &init(Timeframe::M5)).unwrap();
        let mut graph = Graph::new();
        blueprint.request(&mut graph, &M5_ONLY).unwrap();
        let close = close(&mut graph, Timeframe::M5);
        let derived = KalmanGarchZscore { r: 0.01, q: 1.0, garch: GarchVolatility::default() };
        blueprint.wanted().contains(&graph.add(derived, &[close])[0])
    };
    assert!(node(json!(null)) && !node(json!(0)));
}

#[test]
fn scenario_5_clusters_a_window_that_is_no_column() {
    let (wanted, expected) = nodes(json!({ "enabled_scenarios": [5] }), &M5_ONLY, band);
    assert_eq!(wanted, expected);
}

/// H1 with its own window and band; the primary timeframe shares the columns of scenario 2.
#[test]
fn scenario_6_adds_close_score_and_band_of_its_timeframes() {
    let changes = json!({
        "enabled_scenarios": [6], "scenario6_timeframes": ["H1", "PRIMARY"], "direction_filter": "long",
        "scenario6_params": { "H1": { "window_length": 7, "b_b_length": 9, "kalman_q": 0.5 } }
    });
    let overlay = |graph: &mut Graph, is_stepwise: bool, tf: Timeframe, (window, period, q): (u32, u32, f64)| {
        let close = close(graph, tf);
        let zscore = KalmanZscore { window: window.try_into().unwrap(), r: 0.01, q };
        let band = Bollinger { period: period.try_into().unwrap(), std_factor: 2.0 };
        let (z, edges) = if is_stepwise {
            (graph.stepwise(zscore, &[close], tf), graph.stepwise(band, &[close], tf))
        } else {
            (graph.mapped(zscore, &[close], tf), graph.mapped(band, &[close], tf))
        };
        vec![graph.map_fresh(close, tf, 0), z[0], edges[0], edges[2]]
    };
    for stepwise in [false, true] {
        let init = Init { stepwise, ..init(Timeframe::M5) };
        let loaded = [Timeframe::M5, Timeframe::H1];
        let (wanted, expected) = nodes_of(changes.clone(), &init, &loaded, |graph| {
            let hourly = overlay(graph, stepwise, Timeframe::H1, (7, 9, 0.5));
            let own = overlay(graph, stepwise, Timeframe::M5, (20, 20, 1.0));
            [band(graph), hourly, own].concat()
        });
        assert_eq!(wanted, expected);
    }
}

#[test]
fn directions_with_other_parameters_ask_for_their_own() {
    let changes = json!({ "enabled_scenarios": [3], "short": { "ema_length": 7 } });
    let (wanted, expected) = nodes(changes, &M5_ONLY, |graph| [band(graph), ema(graph, 20), ema(graph, 7)].concat());
    assert_eq!(wanted, expected);
}

#[test]
fn a_trend_filter_adds_close_and_average_of_its_timeframe_if_it_is_loaded() {
    let changes = json!({ "enabled_scenarios": [2], "htf_filter": "both", "htf_tf": "H4", "htf_ema": 50 });
    let (wanted, expected) = nodes(changes.clone(), &M5_ONLY, band);
    assert_eq!(wanted, expected, "not loaded");
    let (wanted, expected) = nodes(changes, &[Timeframe::M5, Timeframe::H4], |graph| {
        let close = close(graph, Timeframe::H4);
        let average = graph.add(Ema { period: 50.try_into().unwrap() }, &[close])[0];
        let trend = vec![graph.map_fresh(close, Timeframe::H4, 0), graph.map(average, Timeframe::H4)];
        [band(graph), trend].concat()
    });
    assert_eq!(wanted, expected);
}

fn requirements(changes: Value, primary: Timeframe) -> Requirements {
    create(with(changes), &init(primary)).unwrap().requirements().clone()
}

/// (timeframe, optional, required by).
type Timeframes<'a> = Vec<(&'a str, bool, &'a str)>;
/// (timeframe, bars).
type Warmups<'a> = Vec<(&'a str, usize)>;

fn summary(requirements: &Requirements) -> (Timeframes<'_>, Warmups<'_>) {
    (
        requirements.timeframes.iter().map(|r| (r.timeframe.as_str(), r.optional, r.required_by.as_str())).collect(),
        requirements.warmup_bars.iter().map(|(tf, bars)| (tf.as_str(), *bars)).collect(),
    )
}

#[test]
fn warm_up_is_the_longest_item_in_use() {
    let lengths = json!({
        "ema_length": 31, "atr_length": 15, "b_b_length": 21, "window_length": 25, "garch_min_periods": 70,
        "intraday_vol_min_points": 60, "scenario6_timeframes": ["PRIMARY"], "direction_filter": "long"
    });
    let primary = |scenario: u8| {
        let mut changes = object(lengths.clone());
        changes.insert("enabled_scenarios".into(), json!([scenario]));
        requirements(Value::Object(changes), Timeframe::M5).warmup_bars
    };
    // By hand: S1 max(31, 25, 15); S2 max(25, 21, 15); S3 with the EMA; S4 70 + 2; S5 1 + 70 + max(60, 3).
    let expected = [31, 25, 31, 72, 131, 25];
    for (scenario, bars) in (1..=6).zip(expected) {
        assert_eq!(primary(scenario), [(Timeframe::M5, bars)], "scenario {scenario}");
    }
}

#[test]
fn filters_name_their_timeframes_and_the_parameter_behind_them() {
    let both =
        json!({ "enabled_scenarios": [2], "htf_filter": "both", "extra_htf_filter": "above", "extra_htf_ema": 30 });
    // Defaults: D1 with EMA 100, AUTO on M5 is H1; windows of 20.
    assert_eq!(
        summary(&requirements(both.clone(), Timeframe::M5)),
        (
            vec![("D1", true, "strategy_parameters.htf_tf"), ("H1", false, "strategy_parameters.extra_htf_tf")],
            vec![("M5", 20), ("D1", 100), ("H1", 30)],
        )
    );
    let labels = json!({ "enabled_scenarios": [2], "htf_filter": "both", "extra_htf_filter": "both" });
    assert_eq!(
        summary(&requirements(labels.clone(), Timeframe::M15)).0[1],
        ("H4", true, "strategy_parameters.extra_htf_tf")
    );
    assert_eq!(summary(&requirements(labels.clone(), Timeframe::M30)).0[1].0, "H4");
    assert_eq!(summary(&requirements(labels, Timeframe::H1)).0.len(), 1, "AUTO is NONE elsewhere");
}

#[test]
fn one_timeframe_in_two_roles_is_asked_for_once_and_the_stricter_role_counts() {
    let changes = json!({
        "enabled_scenarios": [2], "htf_tf": "H1", "htf_filter": "both", "htf_ema": 40,
        "short": { "extra_htf_tf": "H1", "extra_htf_filter": "below", "extra_htf_ema": 9 }
    });
    assert_eq!(
        summary(&requirements(changes, Timeframe::M5)),
        (vec![("H1", false, "strategy_parameters.short.extra_htf_tf")], vec![("M5", 20), ("H1", 40)],)
    );
}

#[test]
fn no_filter_no_timeframe() {
    for changes in [
        json!({ "enabled_scenarios": [1], "htf_filter": "above", "extra_htf_filter": "below" }),
        json!({ "enabled_scenarios": [2], "htf_filter": "none", "extra_htf_filter": "none" }),
        json!({ "enabled_scenarios": [2], "htf_filter": "both", "htf_tf": "NONE", "extra_htf_filter": "none" }),
        json!({ "enabled_scenarios": [2], "htf_filter": "both", "htf_tf": "M5", "extra_htf_filter": "none" }),
    ] {
        assert_eq!(requirements(changes, Timeframe::M5).timeframes, []);
    }
    // A filter on the primary timeframe counts for its warm-up: EMA 100.
    let own = json!({ "enabled_scenarios": [2], "htf_filter": "both", "htf_tf": "M5" });
    assert_eq!(requirements(own, Timeframe::M5).warmup_bars, [(Timeframe::M5, 100)]);
}

#[test]
fn overlays_need_the_longer_of_window_and_band() {
    let changes = json!({
        "enabled_scenarios": [6], "scenario6_timeframes": ["H1", "D1", "PRIMARY"],
        "scenario6_params": { "*": { "window_length": 50 }, "D1": { "short": { "b_b_length": 80 } } }
    });
    assert_eq!(
        summary(&requirements(changes, Timeframe::M5)),
        (
            vec![
                ("H1", false, "strategy_parameters.scenario6_timeframes"),
                ("D1", false, "strategy_parameters.scenario6_timeframes"),
            ],
            vec![("M5", 50), ("H1", 50), ("D1", 80)],
        )
    );
}

#[test]
fn only_the_admitted_direction_counts() {
    let changes = json!({
        "enabled_scenarios": [2], "direction_filter": "long", "short": { "htf_tf": "W1", "htf_filter": "above" }
    });
    assert_eq!(requirements(changes, Timeframe::M5).timeframes, []);
}
