//! Parameters of `mean_reversion_z_score`: blocks, overrides, overlays, aliases, errors (strategy specification 2).

mod common;

use common::*;
use omega_strategy::Init;
use omega_types::Timeframe;
use serde_json::{Value, json};

/// (path below `strategy_parameters`, reason) of every issue, in order.
fn issues(parameters: Value) -> Vec<(String, String)> {
    full_issues(parameters).into_iter().map(|(path, reason, _)| (path, reason)).collect()
}

fn full_issues(parameters: Value) -> Vec<(String, String, String)> {
    let Err(issues) = create(parameters, &init(Timeframe::M5)) else { return Vec::new() };
    let rows = issues.into_iter().map(|issue| {
        assert_eq!(issue.code, "CFG_STRATEGY_PARAM");
        assert!(issue.message.starts_with(&issue.path));
        let path = issue.path.strip_prefix("strategy_parameters").unwrap();
        (path.trim_start_matches('.').to_owned(), issue.reason.unwrap(), issue.message)
    });
    rows.collect()
}

fn unknown(path: &str) -> (String, String) {
    (path.to_owned(), "UNKNOWN_PARAM".to_owned())
}

fn invalid(path: &str) -> (String, String) {
    (path.to_owned(), "INVALID_PARAM".to_owned())
}

fn conflicting(path: &str) -> (String, String) {
    (path.to_owned(), "CONFLICTING_PARAMS".to_owned())
}

/// The message of the only issue.
fn message(parameters: Value) -> String {
    let issues = full_issues(parameters);
    assert_eq!(issues.len(), 1, "{issues:?}");
    issues[0].2.clone()
}

fn resolved(parameters: Value) -> Value {
    resolved_on(parameters, &init(Timeframe::M5))
}

fn resolved_on(parameters: Value, init: &Init) -> Value {
    match create(parameters, init) {
        Ok(blueprint) => blueprint.resolved_parameters(),
        Err(issues) => panic!("{issues:?}"),
    }
}

fn warnings(parameters: Value) -> Vec<(String, String)> {
    let blueprint = create(parameters, &init(Timeframe::M5)).unwrap_or_else(|issues| panic!("{issues:?}"));
    let rows = blueprint.warnings().iter().map(|warning| {
        assert_eq!(warning.code, "CFG_W_STRATEGY");
        let name = warning.message.split(':').next().unwrap().to_owned();
        (name, warning.path.clone().unwrap().strip_prefix("strategy_parameters.").unwrap().to_owned())
    });
    rows.collect()
}

fn warning(name: &str, path: &str) -> (String, String) {
    (name.to_owned(), path.to_owned())
}

/// 2.3: the defaults, as printed in the table.
#[test]
fn an_empty_object_gives_the_defaults() {
    let all = resolved(json!({}));
    let side = json!({
        "ema_length": 30, "atr_length": 14, "atr_mult": 2.0, "b_b_length": 20, "std_factor": 2.0, "window_length": 100,
        "z_score_long": -2.5, "kalman_r": 0.01, "kalman_q": 1.0, "tp_min_distance": 1.0,
        "htf_tf": "D1", "htf_ema": 100, "htf_filter": "both",
        "extra_htf_tf": "H1", "extra_htf_ema": 50, "extra_htf_filter": "both", "htf_min_filters_required": null,
        "garch_alpha": 0.05, "garch_beta": 0.9, "garch_omega": null, "garch_use_log_returns": true, "garch_scale": 100.0,
        "garch_min_periods": 50, "garch_sigma_floor": 1e-6, "local_z_lookback": 0,
        "intraday_vol_feature": "garch_forecast", "intraday_vol_cluster_window": 300, "intraday_vol_cluster_k": 3,
        "intraday_vol_min_points": 60, "intraday_vol_log_transform": true, "intraday_vol_allowed": ["low", "mid"],
        "cluster_hysteresis_bars": 1, "intraday_vol_garch_lookback": 500
    });
    assert_eq!(all["long"], side);
    let mut short = object(side);
    short.remove("z_score_long");
    short.insert("z_score_short".into(), json!(2.5));
    assert_eq!(all["short"], Value::Object(short));
    // Scenario 6 is on by default but has no timeframes; the holding time counts only beside its switch.
    let mut global = object(all);
    global.retain(|name, _| name != "long" && name != "short");
    assert_eq!(
        Value::Object(global),
        json!({
            "scenario6_mode": "all", "scenario6_timeframes": [], "scenario6_params": {}, "enabled_scenarios": [1, 2, 3, 4, 5],
            "direction_filter": "both", "use_position_manager": null
        })
    );
}

/// 2.2, row by row, through the whole object.
#[test]
fn values_follow_the_rules_of_their_type() {
    assert_eq!(resolved(json!({ "ema_length": 20.0 }))["long"]["ema_length"], json!(20));
    assert_eq!(issues(json!({ "ema_length": 20.5 })), [invalid("ema_length")]);
    assert_eq!(issues(json!({ "ema_length": "20" })), [invalid("ema_length")]);
    assert_eq!(issues(json!({ "ema_length": true })), [invalid("ema_length")]);
    assert_eq!(issues(json!({ "garch_use_log_returns": "false" })), [invalid("garch_use_log_returns")]);
    let words = resolved(json!({ "htf_filter": " Above ", "htf_tf": " h4 ", "direction_filter": "LONG" }));
    assert_eq!((&words["long"]["htf_filter"], &words["long"]["htf_tf"]), (&json!("above"), &json!("H4")));
    assert_eq!(words["direction_filter"], json!("long"));
    assert_eq!(issues(json!({ "htf_tf": "H2" })), [invalid("htf_tf")]);
    let nulls =
        json!({ "garch_omega": null, "atr_mult": null, "long": null, "overrides": null, "scenario6_params": null });
    assert_eq!(resolved(nulls), resolved(json!({})));
    assert_eq!(resolved(json!({ "garch_omega": 0 }))["long"]["garch_omega"], json!(0.0));
    assert_eq!(issues(json!({ "long": [], "overrides": 1 })), [invalid("long"), invalid("overrides")]);
}

/// 2.3, column "Valid": the first value outside, for every bounded parameter.
#[test]
fn every_range_is_checked() {
    for (name, outside) in [
        ("ema_length", json!(0)),
        ("atr_length", json!(0)),
        ("atr_mult", json!(-0.1)),
        ("b_b_length", json!(1)),
        ("std_factor", json!(0)),
        ("window_length", json!(1)),
        ("z_score_long", json!(0)),
        ("z_score_short", json!(0)),
        ("kalman_r", json!(0)),
        ("kalman_q", json!(-1)),
        ("tp_min_distance", json!(-1)),
        ("htf_ema", json!(0)),
        ("htf_filter", json!("up")),
        ("extra_htf_tf", json!("PRIMARY")),
        ("extra_htf_ema", json!(0)),
        ("htf_min_filters_required", json!(3)),
        ("garch_alpha", json!(-1)),
        ("garch_beta", json!(-1)),
        ("garch_omega", json!(-1)),
        ("garch_scale", json!(0)),
        ("garch_min_periods", json!(0)),
        ("garch_sigma_floor", json!(-1)),
        ("local_z_lookback", json!(-1)),
        ("intraday_vol_feature", json!("atr_points")),
        ("intraday_vol_cluster_window", json!(0)),
        ("intraday_vol_cluster_k", json!(0)),
        ("intraday_vol_min_points", json!(0)),
        ("intraday_vol_allowed", json!([])),
        ("cluster_hysteresis_bars", json!(-1)),
        ("scenario6_mode", json!("most")),
        ("direction_filter", json!("up")),
        ("max_holding_minutes", json!(0)),
        ("use_position_manager", json!(1)),
        ("enabled_scenarios", json!("2")),
    ] {
        assert_eq!(issues(json!({ name: outside })), [invalid(name)], "{name}");
    }
    assert_eq!(
        issues(json!({ "enabled_scenarios": [0, 2, 7] })),
        [invalid("enabled_scenarios[0]"), invalid("enabled_scenarios[2]")]
    );
    assert_eq!(issues(json!({ "intraday_vol_allowed": ["low", "cluster_4"] })), [invalid("intraday_vol_allowed[1]")]);
}

#[test]
fn lists_are_normalised() {
    let lists = resolved(json!({
        "enabled_scenarios": [3, 1, 3.0], "intraday_vol_allowed": [" High", "high", "cluster_5"],
        "scenario6_timeframes": ["h1", "PRIMARY", "M5", " H1"]
    }));
    assert_eq!(lists["enabled_scenarios"], json!([1, 3]));
    assert_eq!(lists["long"]["intraday_vol_allowed"], json!(["high", "cluster_5"]));
    assert_eq!(lists["scenario6_timeframes"], json!(["H1", "M5"]));
    assert_eq!(resolved(json!({ "scenario6_timeframes": "d1" }))["scenario6_timeframes"], json!(["D1"]));
    assert_eq!(resolved(json!({ "enabled_scenarios": [] })), resolved(json!({ "enabled_scenarios": null })));
}

/// 2.4.
#[test]
fn a_block_speaks_for_its_direction() {
    let sides =
        resolved(json!({ "atr_mult": 3, "long": { "atr_mult": 1, "z_score": -1 }, "short": { "z_score_short": 4 } }));
    assert_eq!((&sides["long"]["atr_mult"], &sides["short"]["atr_mult"]), (&json!(1.0), &json!(3.0)));
    assert_eq!((&sides["long"]["z_score_long"], &sides["short"]["z_score_short"]), (&json!(-1.0), &json!(4.0)));
    assert_eq!(issues(json!({ "long": { "z_score_short": 2 } })), [unknown("long.z_score_short")]);
    assert_eq!(issues(json!({ "short": { "z_score_long": -2 } })), [unknown("short.z_score_long")]);
    assert_eq!(issues(json!({ "long": { "direction_filter": "long" } })), [unknown("long.direction_filter")]);
    assert_eq!(issues(json!({ "long": { "long": {} } })), [unknown("long.long")]);
    assert_eq!(issues(json!({ "short": { "z_score": -2 } })), [invalid("short.z_score")]);
    assert_eq!(issues(json!({ "z_score": -2 })), [unknown("z_score")]);
}

/// 2.5: six levels, each giving the value its number; the strongest present one wins.
#[test]
fn the_most_specific_override_wins() {
    let keys = ["*/*", "EURUSD/*", "*/M5", " eurusd / m5 "];
    for present in 0..16u32 {
        let chosen = || (0..4usize).filter(move |level| present >> level & 1 == 1);
        let blocks: serde_json::Map<String, Value> =
            chosen().map(|level| (keys[level].to_owned(), json!({ "ema_length": level + 3 }))).collect();
        let merged = resolved(json!({ "ema_length": 2, "overrides": blocks }));
        let expected = chosen().next_back().map_or(2, |level| level + 3);
        assert_eq!(merged["long"]["ema_length"], json!(expected), "levels {present:04b}");
    }
    let elsewhere = json!({ "overrides": { "GBPUSD/*": { "ema_length": 5 }, "*/H1": { "ema_length": 6 }, "GBPUSD/M5": { "ema_length": 7 } } });
    assert_eq!(resolved(elsewhere), resolved(json!({})));
}

#[test]
fn a_flat_value_of_a_stronger_level_beats_a_block_of_a_weaker_one() {
    let merged = resolved(json!({
        "long": { "atr_mult": 1 },
        "overrides": { "*/*": { "atr_mult": 5, "short": { "atr_mult": 6 } }, "*/M5": { "long": { "atr_mult": 7 } } }
    }));
    assert_eq!((&merged["long"]["atr_mult"], &merged["short"]["atr_mult"]), (&json!(7.0), &json!(6.0)));
}

#[test]
fn every_block_is_checked_and_the_path_names_the_place() {
    assert_eq!(
        issues(json!({ "overrides": { "*/M5": { "long": { "z_score_long": 1 } }, "GBPUSD/H1": { "atr_multt": 1 } } })),
        [invalid(r#"overrides["*/M5"].long.z_score_long"#), unknown(r#"overrides["GBPUSD/H1"].atr_multt"#)]
    );
    for key in ["EURUSD", "EURUSD/M7", "/M5", "EUR*/M5", "EURUSD/M5/x"] {
        assert_eq!(issues(json!({ "overrides": { key: {} } })).len(), 1, "{key}");
    }
    let twice = issues(json!({ "overrides": { "EURUSD/M5": {}, "eurusd/m5": {} } }));
    assert_eq!(twice, [invalid(r#"overrides["eurusd/m5"]"#)]);
    assert_eq!(
        issues(json!({ "overrides": { "*/*": { "overrides": {} } } })),
        [unknown(r#"overrides["*/*"].overrides"#)]
    );
    assert_eq!(issues(json!({ "overrides": { "*/*": 3 } })), [invalid(r#"overrides["*/*"]"#)]);
}

/// 2.6: later wins per key: own → * → *.long → X → X.long → flattened.
#[test]
fn overlay_parameters_resolve_key_by_key() {
    let merged = resolved(json!({
        "enabled_scenarios": [6], "scenario6_timeframes": ["H1", "PRIMARY"], "window_length": 10, "kalman_q": 0.5,
        "scenario6_params": {
            "*": { "window_length": 11, "b_b_length": 12, "long": { "b_b_length": 13, "z_score": -3 } },
            "h1": { "kalman_r": 0.2, "z_score_short": 5, "long": { "std_factor": 1.5 } }
        },
        "scenario6_H1_LONG_kalman_r": 0.3, "scenario6_primary_short_z_score": 9
    }));
    assert_eq!(
        merged["scenario6_params"],
        json!({
            "H1": {
                "long": { "window_length": 11, "b_b_length": 13, "std_factor": 1.5, "kalman_r": 0.3, "kalman_q": 0.5, "z_score_long": -3.0 },
                "short": { "window_length": 11, "b_b_length": 12, "std_factor": 2.0, "kalman_r": 0.2, "kalman_q": 0.5, "z_score_short": 5.0 }
            },
            "M5": {
                "long": { "window_length": 11, "b_b_length": 13, "std_factor": 2.0, "kalman_r": 0.01, "kalman_q": 0.5, "z_score_long": -3.0 },
                "short": { "window_length": 11, "b_b_length": 12, "std_factor": 2.0, "kalman_r": 0.01, "kalman_q": 0.5, "z_score_short": 9.0 }
            }
        })
    );
}

#[test]
fn overlay_parameters_merge_across_levels() {
    let merged = resolved(json!({
        "enabled_scenarios": [6], "scenario6_timeframes": ["H1"],
        "scenario6_params": { "H1": { "window_length": 11, "b_b_length": 12 } },
        "overrides": { "*/M5": { "scenario6_params": { "H1": { "b_b_length": 13 } } } }
    }));
    let long = &merged["scenario6_params"]["H1"]["long"];
    assert_eq!((&long["window_length"], &long["b_b_length"]), (&json!(11), &json!(13)));
}

#[test]
fn overlay_parameters_are_checked() {
    let node = |node: Value| issues(json!({ "scenario6_timeframes": ["H1"], "scenario6_params": { "H1": node } }));
    assert_eq!(node(json!({ "ema_length": 5 })), [unknown("scenario6_params.H1.ema_length")]);
    assert_eq!(node(json!({ "z_score": -2 })), [unknown("scenario6_params.H1.z_score")]);
    assert_eq!(node(json!({ "b_b_length": 1 })), [invalid("scenario6_params.H1.b_b_length")]);
    assert_eq!(node(json!({ "long": { "z_score_short": 2 } })), [unknown("scenario6_params.H1.long.z_score_short")]);
    assert_eq!(node(json!({ "long": { "z_score": 2 } })), [invalid("scenario6_params.H1.long.z_score")]);
    assert_eq!(
        node(json!({ "long": { "z_score": -2, "z_score_long": -2 } })),
        [conflicting("scenario6_params.H1.long.z_score_long")]
    );
    assert_eq!(node(json!(1)), [invalid("scenario6_params.H1")]);
    let dotted = json!({ "scenario6_params": { "H1.long": { "window_length": 5 } } });
    assert_eq!(issues(dotted.clone()), [invalid(r#"scenario6_params["H1.long"]"#)]);
    let hint = create(dotted, &init(Timeframe::M5)).err().unwrap()[0].hint.clone();
    assert_eq!(hint.as_deref(), Some(r#"write {"H1": {"long": {…}}}"#));
    let twice = json!({ "scenario6_params": { "M5": {}, "PRIMARY": {} } });
    assert_eq!(issues(twice), [invalid("scenario6_params.PRIMARY")]);
    assert_eq!(issues(json!({ "scenario6_h2_long_kalman_r": 1 })), [invalid("scenario6_h2_long_kalman_r")]);
    assert_eq!(issues(json!({ "scenario6_h1_long_kalman_x": 1 })), [unknown("scenario6_h1_long_kalman_x")]);
    assert_eq!(issues(json!({ "scenario6_h1_long_z_score_short": 1 })), [unknown("scenario6_h1_long_z_score_short")]);
    assert_eq!(issues(json!({ "scenario6_h1_long_kalman_r": 0 })), [invalid("scenario6_h1_long_kalman_r")]);
    assert_eq!(
        issues(json!({ "scenario6_H1_long_kalman_r": 1, "scenario6_h1_long_kalman_r": 1 })),
        [conflicting("scenario6_h1_long_kalman_r")]
    );
}

#[test]
fn scenario_6_by_name_needs_timeframes() {
    assert_eq!(issues(json!({ "enabled_scenarios": [6] })), [invalid("scenario6_timeframes")]);
    assert_eq!(issues(json!({ "enabled_scenarios": [6], "scenario6_timeframes": ["H1"] })), []);
}

/// 2.7, row by row.
#[test]
fn aliases_are_the_parameter() {
    for (alias, name, value) in [
        ("ema_period", "ema_length", json!(7)),
        ("bb_length", "b_b_length", json!(7)),
        ("bb_std", "std_factor", json!(1.5)),
        ("kalman_window", "window_length", json!(7)),
        ("trend_min_filters_required", "htf_min_filters_required", json!(1)),
    ] {
        assert_eq!(resolved(json!({ alias: value })), resolved(json!({ name: value })), "{alias}");
        assert_eq!(
            resolved(json!({ "long": { alias: value } })),
            resolved(json!({ "long": { name: value } })),
            "{alias}"
        );
        assert_eq!(issues(json!({ alias: value, name: value })), [conflicting(name)], "{alias}");
        // Another place is no conflict: the block wins.
        assert_eq!(issues(json!({ alias: value, "long": { name: value } })), []);
    }
    assert_eq!(resolved(json!({ "htf_filter": "any" })), resolved(json!({ "htf_filter": "none" })));
    assert_eq!(issues(json!({ "long": { "z_score": -2, "z_score_long": -2 } })), [conflicting("long.z_score_long")]);
}

/// 2.8: the three examples, and the names that are refused with a counterpart.
#[test]
fn messages_name_the_place_and_what_to_do() {
    assert_eq!(
        message(json!({ "atr_multt": 1 })),
        "strategy_parameters.atr_multt: unknown parameter; did you mean \"atr_mult\"?"
    );
    assert_eq!(message(json!({ "z_score_long": 1.5 })), "strategy_parameters.z_score_long must be < 0, got 1.5");
    assert_eq!(
        message(json!({ "garch_beta": 0.98 })),
        "strategy_parameters.garch_beta: garch_alpha + garch_beta must be < 1, got 1.03"
    );
    assert_eq!(
        message(json!({ "zscore_length": 20 })),
        "strategy_parameters.zscore_length: unknown parameter; use 'window_length'"
    );
    assert!(message(json!({ "daily_trend_relation": "above" })).ends_with("use 'htf_filter'"));
    assert!(message(json!({ "symbol": "EURUSD" })).contains("run configuration"));
    assert_eq!(
        issues(json!({ "timeframe": "M5", "something_else": 1 })),
        [unknown("something_else"), unknown("timeframe")]
    );
}

#[test]
fn all_problems_come_at_once_sorted_by_path() {
    let found = issues(json!({
        "zz": 1, "atr_mult": -1, "b_b_length": 1.5, "long": { "kalman_r": 0 }, "overrides": { "x": {} }, "ema_period": 2, "ema_length": 2
    }));
    assert_eq!(
        found,
        [
            invalid("atr_mult"),
            invalid("b_b_length"),
            conflicting("ema_length"),
            invalid("long.kalman_r"),
            invalid("overrides.x"),
            unknown("zz"),
        ]
    );
}

/// 2.3: rules between parameters, only where a scenario that reads them is on.
#[test]
fn garch_and_clusters_are_checked_when_they_are_used() {
    for (scenario, changes, path) in [
        (4, json!({ "garch_alpha": 0.2 }), "garch_alpha"),
        (5, json!({ "garch_alpha": 0.5, "garch_beta": 0.5 }), "garch_beta"),
        (4, json!({ "local_z_lookback": 51 }), "local_z_lookback"),
        (4, json!({ "local_z_lookback": 60, "garch_min_periods": 59 }), "local_z_lookback"),
        (5, json!({ "intraday_vol_cluster_window": 2 }), "intraday_vol_cluster_window"),
        (5, json!({ "intraday_vol_cluster_k": 301 }), "intraday_vol_cluster_k"),
        (5, json!({ "cluster_hysteresis_bars": 301 }), "cluster_hysteresis_bars"),
        // 1 + 50 + max(60, 3) = 111.
        (5, json!({ "intraday_vol_garch_lookback": 110 }), "intraday_vol_garch_lookback"),
    ] {
        let mut on = object(changes.clone());
        on.insert("enabled_scenarios".into(), json!([scenario]));
        assert_eq!(issues(Value::Object(on)), [conflicting(path)], "{changes}");
        let mut off = object(changes);
        off.insert("enabled_scenarios".into(), json!([1, 2, 3]));
        assert_eq!(issues(Value::Object(off)), []);
    }
    assert_eq!(issues(json!({ "local_z_lookback": 52, "intraday_vol_garch_lookback": 111 })), []);
    assert_eq!(issues(json!({ "long": { "garch_beta": 0.99 } })), [conflicting("long.garch_beta")]);
}

/// 5.1 and 5.4.
#[test]
fn trend_filters_must_be_able_to_pass() {
    assert_eq!(issues(json!({ "htf_filter": "above", "htf_tf": "NONE" })), [conflicting("htf_filter")]);
    assert_eq!(
        issues(json!({ "short": { "extra_htf_filter": "below", "extra_htf_tf": "none" } })),
        [conflicting("short.extra_htf_filter")]
    );
    assert_eq!(issues(json!({ "htf_filter": "both", "htf_tf": "NONE" })), []);
    // AUTO is H1 on M5 and NONE on H1.
    let auto = json!({ "extra_htf_filter": "above" });
    assert_eq!(issues(auto.clone()), []);
    let found = create(auto, &init(Timeframe::H1)).err().unwrap();
    assert_eq!(found[0].path, "strategy_parameters.extra_htf_filter");
    assert_eq!(
        issues(json!({ "htf_min_filters_required": 2, "htf_filter": "above" })),
        [conflicting("htf_min_filters_required")]
    );
    assert_eq!(
        issues(json!({ "htf_min_filters_required": 2, "htf_filter": "above", "extra_htf_filter": "below" })),
        []
    );
    assert_eq!(issues(json!({ "htf_min_filters_required": 2 })), [], "ignored while no filter is active");
}

#[test]
fn remarks_do_not_stop_a_run() {
    let built = |more: Value| {
        let mut parameters = object(json!({ "enabled_scenarios": [1, 2] }));
        parameters.extend(object(more));
        warnings(Value::Object(parameters))
    };
    assert_eq!(built(json!({})), []);
    assert_eq!(built(json!({ "enabled_scenarios": [3] })), [warning("W-TPDIST", "tp_min_distance")]);
    assert_eq!(built(json!({ "enabled_scenarios": [3], "tp_min_distance": 0.001 })), []);
    let one_side = json!({ "enabled_scenarios": [3], "long": { "tp_min_distance": 0.001 } });
    assert_eq!(built(one_side.clone()), [warning("W-TPDIST", "tp_min_distance")]);
    let mut long_only = object(one_side);
    long_only.insert("direction_filter".into(), json!("long"));
    assert_eq!(built(Value::Object(long_only)), []);
    let shadow = json!({ "enabled_scenarios": [2, 3], "tp_min_distance": 0.001 });
    assert_eq!(built(shadow), [warning("W-SHADOW", "enabled_scenarios")]);
    assert_eq!(
        built(json!({ "enabled_scenarios": null, "tp_min_distance": 1 })),
        [warning("W-SHADOW", "enabled_scenarios"), warning("W-S6EMPTY", "scenario6_timeframes"),]
    );
    let node = json!({ "scenario6_params": { "H1": {} }, "scenario6_d1_long_kalman_r": 1 });
    assert_eq!(
        built(node),
        [warning("W-S6NODE", "scenario6_d1_long_kalman_r"), warning("W-S6NODE", "scenario6_params.H1"),]
    );
    assert_eq!(built(json!({ "scenario6_params": { "*": {} } })), []);
}

#[test]
fn the_holding_time_has_a_default_only_beside_its_switch() {
    let minutes = |parameters: Value| resolved(parameters).get("max_holding_minutes").cloned();
    assert_eq!(minutes(json!({})), None);
    assert_eq!(minutes(json!({ "use_position_manager": false })), None);
    assert_eq!(minutes(json!({ "use_position_manager": true })), Some(json!(30)));
    assert_eq!(minutes(json!({ "max_holding_minutes": 45 })), Some(json!(45)));
}

/// 2.3 and decisions.md 21: minutes for the position manager, after the overrides of 2.5. Every one of the six levels
/// speaks, other symbols and timeframes do not.
#[test]
fn the_holding_time_follows_the_overrides() {
    let minutes = |parameters: Value| {
        let blueprint = create(parameters, &init(Timeframe::M5)).unwrap_or_else(|issues| panic!("{issues:?}"));
        let resolved = blueprint.resolved_parameters().get("max_holding_minutes").and_then(Value::as_u64);
        assert_eq!(blueprint.holding_minutes(), resolved);
        resolved
    };
    assert_eq!(minutes(json!({})), None);
    assert_eq!(minutes(json!({ "max_holding_minutes": 45 })), Some(45));
    assert_eq!(minutes(json!({ "use_position_manager": true })), Some(30));
    assert_eq!(minutes(json!({ "use_position_manager": false, "max_holding_minutes": 45 })), Some(45));
    let levels = ["*/*", "EURUSD/*", "*/M5", "EURUSD/M5"];
    for strongest in 0..4 {
        let blocks: serde_json::Map<String, Value> = levels[..=strongest]
            .iter()
            .enumerate()
            .map(|(level, key)| ((*key).to_owned(), json!({ "max_holding_minutes": 50 + level })))
            .collect();
        let given = json!({ "max_holding_minutes": 45, "overrides": blocks });
        assert_eq!(minutes(given), Some(50 + strongest as u64));
    }
    let elsewhere = json!({ "GBPUSD/*": { "max_holding_minutes": 60 }, "*/H1": { "max_holding_minutes": 61 } });
    assert_eq!(minutes(json!({ "overrides": elsewhere })), None);
    let switch = |own: Value, block: bool| {
        minutes(json!({ "use_position_manager": own, "overrides": { "*/M5": { "use_position_manager": block } } }))
    };
    assert_eq!(switch(json!(null), true), Some(30));
    assert_eq!(switch(json!(true), false), None);
    assert_eq!(
        issues(json!({ "overrides": { "*/M5": { "max_holding_minutes": 0, "long": { "max_holding_minutes": 5 } } } })),
        [unknown(r#"overrides["*/M5"].long.max_holding_minutes"#), invalid(r#"overrides["*/M5"].max_holding_minutes"#),]
    );
}

/// Property, on a few objects: what was resolved resolves to itself.
#[test]
fn resolved_parameters_are_a_fixed_point() {
    for parameters in [
        json!({}),
        json!({ "enabled_scenarios": [6, 2], "scenario6_timeframes": ["H1", "PRIMARY"], "scenario6_params": { "*": { "kalman_r": 3 } } }),
        json!({ "long": { "z_score": -1, "htf_filter": "any" }, "overrides": { "*/M5": { "short": { "bb_std": 1 } } } }),
        json!({ "use_position_manager": true, "extra_htf_filter": "above", "htf_min_filters_required": 1 }),
    ] {
        let once = resolved(parameters);
        assert_eq!(resolved(once.clone()), once);
    }
}
