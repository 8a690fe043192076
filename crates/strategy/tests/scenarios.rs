//! Strategy specification 9.4, row by row, and the signals of 9.3: every scenario on the shock of bar 100. Every expected
//! number is printed there.

mod common;

use common::*;
use omega_strategy::Note;
use omega_types::{Direction, Market, OrderType, Timeframe};
use proptest::prelude::*;
use serde_json::{Value, json};

const SHOCK: usize = 100;

/// Label, entry, stop and target of the signal at the shock.
fn at_shock(market: Market, changes: Value) -> Option<(String, f64, f64, f64)> {
    let mut bound = bind(market, parameters(changes), &init(Timeframe::M5));
    bound.signal_bars();
    let signal = bound.signal(SHOCK)?;
    assert_eq!((signal.order_type, signal.size), (OrderType::Market, None));
    let label = bound.note(SHOCK, &signal).label.unwrap();
    Some((label, signal.entry_price?, signal.stop_loss?, signal.take_profit?))
}

fn expected(label: &str, entry: f64, stop: f64, target: f64) -> Option<(String, f64, f64, f64)> {
    Some((label.to_owned(), entry, stop, target))
}

fn down() -> Market {
    market(&T1)
}

fn up() -> Market {
    market(&T1_S)
}

fn only(scenario: u8) -> Value {
    json!({ "enabled_scenarios": [scenario] })
}

/// `more` over `base`.
fn with(mut base: Value, more: Value) -> Value {
    base.as_object_mut().unwrap().extend(object(more));
    base
}

/// The GARCH parameters of row S4.
fn garch() -> Value {
    json!({ "garch_alpha": 0.1, "garch_beta": 0.8, "garch_min_periods": 20 })
}

fn row_s4(threshold: f64) -> Value {
    with(garch(), json!({ "enabled_scenarios": [4], "z_score_long": -threshold, "z_score_short": threshold }))
}

fn row_s5(allowed: &[&str]) -> Value {
    let clusters = json!({
        "enabled_scenarios": [5], "intraday_vol_cluster_window": 40, "intraday_vol_min_points": 30,
        "intraday_vol_garch_lookback": 80, "intraday_vol_allowed": allowed
    });
    with(garch(), clusters)
}

fn row_s6() -> Value {
    json!({ "enabled_scenarios": [6], "scenario6_timeframes": ["PRIMARY"] })
}

/// Settings under which `scenario` alone signals at the shock, down and up.
fn firing(scenario: u8) -> Value {
    match scenario {
        4 => row_s4(0.2),
        5 => row_s5(&["high"]),
        6 => row_s6(),
        _ => json!({ "enabled_scenarios": [scenario], "tp_min_distance": 0 }),
    }
}

fn note_at_shock(market: Market, changes: Value) -> Note {
    let mut bound = bind(market, parameters(changes), &init(Timeframe::M5));
    let signal = bound.signal(SHOCK).unwrap();
    bound.note(SHOCK, &signal)
}

/// Within half a printed digit.
#[track_caller]
fn near(value: &Value, printed: f64, digits: i32) {
    let value = value.as_f64().unwrap();
    assert!((value - printed).abs() <= 0.5 * 10f64.powi(-digits), "{value} is not {printed}");
}

#[test]
fn row_s1() {
    assert_eq!(at_shock(down(), only(1)), expected("long_1", 1.0995, 1.09906, 1.09995));
    assert_eq!(at_shock(up(), only(1)), expected("short_1", 1.1006, 1.10093, 1.10006));
}

#[test]
fn row_s1_ask_atr() {
    let market = market_with(160, &T1_S, d1_flat(), |ask| ask[SHOCK][1] += 28);
    assert_eq!(at_shock(market, only(1)), expected("short_1", 1.1006, 1.10097, 1.10006));
}

#[test]
fn row_s1_target_behind_entry() {
    let wide = || market_with(160, &T1, d1_flat(), |ask| ask[SHOCK][3] = 110_000);
    assert_eq!(at_shock(wide(), only(1)), expected("long_1", 1.1, 1.09906, 1.09995));
    assert_eq!(at_shock(wide(), json!({ "enabled_scenarios": [3], "tp_min_distance": 0 })), None);
}

#[test]
fn row_s2() {
    assert_eq!(at_shock(down(), only(2)), expected("long_2", 1.0995, 1.09906, 1.09998));
    assert_eq!(at_shock(up(), only(2)), expected("short_2", 1.1006, 1.10093, 1.10004));
}

#[test]
fn row_s3() {
    let far =
        |market, distance: f64| at_shock(market, json!({ "enabled_scenarios": [3], "tp_min_distance": distance }));
    assert_eq!(far(down(), 0.00044), expected("long_3", 1.0995, 1.09906, 1.09995));
    assert_eq!(far(down(), 0.00045), None);
    assert_eq!(far(up(), 0.0005), expected("short_3", 1.1006, 1.10093, 1.10006));
    assert_eq!(at_shock(up(), only(3)), None);
}

#[test]
fn row_s4_garch() {
    assert_eq!(at_shock(down(), row_s4(0.2)), expected("long_4", 1.0995, 1.09906, 1.09998));
    assert_eq!(at_shock(up(), row_s4(0.2)), expected("short_4", 1.1006, 1.10093, 1.10004));
    let long = note_at_shock(down(), row_s4(0.2));
    near(&long.meta["z"], -0.237437271, 9);
    near(&note_at_shock(up(), row_s4(0.2)).meta["z"], 0.214450794, 9);
    assert_eq!((&long.meta["z_kind"], &long.meta["threshold"]), (&json!("kalman_garch"), &json!(-0.2)));
    near(&long.meta["boll"]["lower"], 1.099696594, 9);
    near(&long.meta["atr"], 0.000147868, 9);
    assert_eq!(long.reason.as_deref(), Some("kalman_garch_z_boll_long"));
    let trend = ["htf_D1_ema100", "biasA_na", "biasB_na"];
    assert_eq!(long.tags[..4], ["kalman", "garch", "bollinger", "scenario4"]);
    assert_eq!(long.tags[4..], trend);
    let keys = ["atr", "boll", "htf", "prices", "threshold", "z", "z_kind"];
    assert_eq!(long.meta.keys().collect::<Vec<_>>(), keys);
}

#[test]
fn row_s4_local() {
    let local = |lookback: u32| with(row_s4(0.25), json!({ "local_z_lookback": lookback }));
    assert_eq!(at_shock(down(), local(0)), None);
    assert_eq!(at_shock(up(), local(0)), None);
    assert_eq!(at_shock(down(), local(60)), expected("long_4", 1.0995, 1.09906, 1.09998));
    assert_eq!(at_shock(up(), local(60)), expected("short_4", 1.1006, 1.10093, 1.10004));
    let long = note_at_shock(down(), local(60));
    near(&long.meta["z"], -0.284769090, 9);
    near(&note_at_shock(up(), local(60)).meta["z"], 0.257200384, 9);
    assert_eq!(long.meta["z_kind"], json!("kalman_garch_local"));
}

#[test]
fn row_s5_label_block() {
    assert_eq!(at_shock(down(), row_s5(&["low", "mid"])), None);
    assert_eq!(at_shock(up(), row_s5(&["low", "mid"])), None);
}

#[test]
fn row_s5_allowed_high() {
    assert_eq!(at_shock(down(), row_s5(&["high"])), expected("long_5", 1.0995, 1.09906, 1.09998));
    assert_eq!(at_shock(up(), row_s5(&["high"])), expected("short_5", 1.1006, 1.10093, 1.10004));
    let long = note_at_shock(down(), row_s5(&["high"]));
    let clusters = &long.meta["vol_cluster"];
    // The sigma is printed to 15 digits.
    assert!((clusters["sigma"].as_f64().unwrap() / 2.30843762540611e-5 - 1.0).abs() < 1e-14);
    for (center, printed) in [1.886161211e-5, 2.108464834e-5, 2.419947789e-5].into_iter().enumerate() {
        near(&clusters["centers"][center], printed, 14);
        let logarithm = clusters["centers_log"][center].as_f64().unwrap();
        near(&clusters["centers"][center], logarithm.exp(), 18);
    }
    let mut rest = object(clusters.clone());
    for key in ["sigma", "centers", "centers_log"] {
        rest.remove(key);
    }
    assert_eq!(
        Value::Object(rest),
        json!({
            "feature": "garch_forecast", "window": 40, "k": 3, "min_points": 30, "log_transform": true,
            "hysteresis_bars": 1, "direction": "long", "sample_size": 59, "status": "ok", "label": "high",
            "allowed_labels": ["high"], "hysteresis_ok": true, "allowed_now": true
        })
    );
    assert_eq!(long.meta["z_kind"], json!("kalman"));
    assert_eq!(long.reason.as_deref(), Some("kalman_z_boll_long_vol_cluster"));
    let tags = ["kalman", "bollinger", "htf_D1_ema100", "biasA_na", "biasB_na", "vol_cluster", "scenario5"];
    assert_eq!(long.tags, tags);
}

#[test]
fn row_s5_hysteresis() {
    let settings = with(row_s5(&["mid", "low", "high"]), json!({ "cluster_hysteresis_bars": 2 }));
    assert_eq!(at_shock(down(), settings.clone()), expected("long_5", 1.0995, 1.09906, 1.09998));
    assert_eq!(at_shock(up(), settings.clone()), expected("short_5", 1.1006, 1.10093, 1.10004));
    let clusters = note_at_shock(down(), settings).meta["vol_cluster"].clone();
    assert_eq!(clusters["allowed_labels"], json!(["high", "low", "mid"]));
}

#[test]
fn row_s6_primary() {
    for mode in ["all", "any"] {
        let settings = with(row_s6(), json!({ "scenario6_mode": mode }));
        assert_eq!(at_shock(down(), settings.clone()), expected("long_6", 1.0995, 1.09906, 1.09998));
        assert_eq!(at_shock(up(), settings.clone()), expected("short_6", 1.1006, 1.10093, 1.10004));
        let long = note_at_shock(down(), settings);
        let chain = long.meta["scenario6"]["chain"].as_array().unwrap();
        assert_eq!((&long.meta["scenario6"]["mode"], chain.len()), (&json!(mode), 1));
        assert_eq!((&chain[0]["status"], &chain[0]["ok"], &chain[0]["tf"]), (&json!("ok"), &json!(true), &json!("M5")));
        near(&chain[0]["z"], -4.390564454, 9);
        near(&chain[0]["lower"], 1.099696594, 9);
        near(&chain[0]["upper"], 1.100254406, 9);
        assert_eq!((&chain[0]["price"], &chain[0]["threshold"]), (&json!(1.0994), &json!(-2.0)));
        assert_eq!(
            chain[0]["params"],
            json!({
                "window_length": 20, "b_b_length": 20, "std_factor": 2.0, "kalman_r": 0.01, "kalman_q": 1.0,
                "z_score_long": -2.0, "z_score_short": 2.0
            })
        );
        assert_eq!(long.reason.as_deref(), Some("kalman_z_boll_long_multi_tf"));
        let tags =
            ["kalman", "bollinger", "htf_D1_ema100", "biasA_na", "biasB_na", "scenario6", "multi_tf", "tf_m5_ok"];
        assert_eq!(long.tags, tags);
    }
}

#[test]
fn row_s6_fail() {
    let strict = with(row_s6(), json!({ "scenario6_params": { "PRIMARY": { "long": { "z_score_long": -5 } } } }));
    assert_eq!(at_shock(down(), strict.clone()), None);
    assert_eq!(at_shock(up(), strict), expected("short_6", 1.1006, 1.10093, 1.10004));
}

fn all_six(scenarios: Value) -> Value {
    json!({ "enabled_scenarios": scenarios, "tp_min_distance": 0.0003, "scenario6_timeframes": ["PRIMARY"] })
}

#[test]
fn row_order() {
    for scenarios in [json!(null), json!([6, 5, 4, 3, 2, 1])] {
        assert_eq!(at_shock(down(), all_six(scenarios)), expected("long_1", 1.0995, 1.09906, 1.09995));
    }
}

#[test]
fn row_shadow() {
    let shadowed = all_six(json!([2, 3, 5, 6]));
    assert_eq!(at_shock(down(), shadowed.clone()), expected("long_2", 1.0995, 1.09906, 1.09998));
    let blueprint = create(Value::Object(parameters(shadowed)), &init(Timeframe::M5)).unwrap();
    let remarks: Vec<_> = blueprint.warnings().iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(remarks, ["W-SHADOW: scenarios 3, 5 and 6 cannot fire while scenario 2 is enabled"]);
}

/// 4.3: both sides hold on one bar where they have other parameters. Twenty bars stand 200 points above the wave, the
/// shock is a dip of 20: the long compares it with the last bars (below), the short with the whole past (above).
#[test]
fn of_two_sides_the_short_comes_first_and_from_scenario_5_on_the_long() {
    let raised: Vec<Special> =
        (80..=SHOCK).map(|bar| (bar, [None, None, None, Some(if bar == SHOCK { 110_180 } else { 110_200 })])).collect();
    let sides = json!({
        "z_score_long": -1e-6, "z_score_short": 1e-6, "std_factor": 0.01, "intraday_vol_allowed": ["low", "mid", "high"],
        "long": { "ema_length": 5, "b_b_length": 3 }, "short": { "ema_length": 100, "b_b_length": 60, "kalman_q": 0 }
    });
    for (scenario, first) in (1..=6).zip(["short", "short", "short", "short", "long", "long"]) {
        let label = |filter: &str| {
            let changes = with(with(firing(scenario), sides.clone()), json!({ "direction_filter": filter }));
            at_shock(market(&raised), changes).map(|signal| signal.0)
        };
        assert_eq!(label("long"), Some(format!("long_{scenario}")));
        assert_eq!(label("short"), Some(format!("short_{scenario}")));
        assert_eq!(label("both"), Some(format!("{first}_{scenario}")));
    }
}

#[test]
fn row_direction() {
    for scenario in 1..=6 {
        let changes = with(firing(scenario), json!({ "direction_filter": "short" }));
        assert_eq!(at_shock(down(), changes), None);
        let changes = with(firing(scenario), json!({ "direction_filter": "long" }));
        assert_eq!(at_shock(up(), changes), None);
    }
}

/// Kalman z-score, bands and ATR of T1; z-score and EMA of T2 (strategy specification 9.3), within half a printed digit.
#[test]
fn the_note_carries_the_numbers_behind_the_signal() {
    let second = note_at_shock(down(), only(2));
    near(&second.meta["z"], -4.390564454, 9);
    near(&second.meta["boll"]["upper"], 1.100254406, 9);
    near(&second.meta["boll"]["mid"], 1.099975500, 9);
    near(&second.meta["boll"]["lower"], 1.099696594, 9);
    near(&second.meta["atr"], 0.000147868, 9);
    near(&second.meta["prices"]["spread"], 0.0001, 15);
    assert_eq!(second.meta["z_kind"], json!("kalman"));
    assert_eq!(second.meta["threshold"], json!(-2.0));
    assert_eq!(
        second.meta["htf"]["A"],
        json!({
            "tf": "D1", "ema_len": 100, "filter": "none", "close_price": null, "ema": null, "bias_label": "na"
        })
    );
    assert_eq!(second.reason.as_deref(), Some("kalman_z_boll_long"));
    assert_eq!(second.tags, ["kalman", "bollinger", "scenario2", "htf_D1_ema100", "biasA_na", "biasB_na"]);

    let first = note_at_shock(market(&T2), only(1));
    near(&first.meta["z"], -4.293647933, 9);
    near(&first.meta["ema"], 1.099948006, 9);
    assert_eq!(first.meta["z_kind"], json!("zscore_ema"));
    assert_eq!(first.meta.keys().collect::<Vec<_>>(), ["atr", "ema", "prices", "threshold", "z", "z_kind"]);
    assert_eq!(first.reason.as_deref(), Some("zscore_ema_long"));
    assert_eq!(first.tags, ["zscore", "ema", "scenario1"]);
}

#[test]
fn scenario_3_has_a_reason_of_its_own() {
    let mut bound =
        bind(up(), parameters(json!({ "enabled_scenarios": [3], "tp_min_distance": 0 })), &init(Timeframe::M5));
    let signal = bound.signal(SHOCK).unwrap();
    let note = bound.note(SHOCK, &signal);
    assert_eq!(note.reason.as_deref(), Some("kalman_z_boll_ema_tp_short"));
    assert_eq!(note.tags[..3], ["kalman", "bollinger", "scenario3"]);
    assert!(note.meta.contains_key("ema") && note.meta.contains_key("boll"));
}

/// Row "guards" of 9.4 as decisions.md 13 reads it: `v1_parity` returns nothing, `v2` leaves the refusal to the engine.
#[test]
fn row_guards() {
    for scenario in 1..=6 {
        for (stepwise, signals) in [(true, 0), (false, 1)] {
            let init = omega_strategy::Init { stepwise, ..init(Timeframe::M5) };
            let mut bound = bind(down(), parameters(firing(scenario)), &init);
            assert_eq!(bound.intents_while(SHOCK, true, false).entries.len(), 1, "scenario {scenario}");
            assert_eq!(bound.intents_while(SHOCK, false, false).entries.len(), signals);
            assert_eq!(bound.intents_while(SHOCK, true, true).entries.len(), signals);
        }
    }
}

/// Row "undefined": a window that is longer than the data leaves its indicator NaN on every bar.
#[test]
fn row_undefined() {
    let long = |name: &str| json!({ name: 1000 });
    for (scenario, changes) in [
        (1, long("window_length")),
        (1, long("atr_length")),
        (2, long("window_length")),
        (2, long("b_b_length")),
        (2, long("atr_length")),
        (3, long("window_length")),
        (3, long("b_b_length")),
        (3, long("atr_length")),
        (4, long("garch_min_periods")),
        (4, json!({ "garch_min_periods": 1000, "local_z_lookback": 1002 })),
        (4, long("b_b_length")),
        (4, long("atr_length")),
        (5, json!({ "garch_min_periods": 1000, "intraday_vol_garch_lookback": 1031 })),
        (5, long("window_length")),
        (5, long("b_b_length")),
        (5, long("atr_length")),
        (6, json!({ "scenario6_params": { "PRIMARY": { "window_length": 1000 } } })),
        (6, json!({ "scenario6_params": { "*": { "b_b_length": 1000 } } })),
        (6, long("window_length")),
        (6, long("b_b_length")),
        (6, long("atr_length")),
    ] {
        let message = format!("{scenario} {changes}");
        for stepwise in [false, true] {
            let init = omega_strategy::Init { stepwise, ..init(Timeframe::M5) };
            let mut bound = bind(down(), parameters(with(firing(scenario), changes.clone())), &init);
            assert!(bound.signal_bars().is_empty(), "{message}");
        }
    }
}

/// Without any movement deviations are 0 and the z-scores undefined.
#[test]
fn a_flat_market_gives_nothing() {
    let flat: Vec<Special> = (0..160).map(|bar| (bar, [Some(110_000), None, None, Some(110_000)])).collect();
    for scenario in 1..=6 {
        let mut bound = bind(market(&flat), parameters(firing(scenario)), &init(Timeframe::M5));
        let bars = bound.signal_bars();
        // The residual of scenario 4 is 0, which no threshold admits.
        assert!(bars.is_empty(), "scenario {scenario}: {bars:?}");
    }
}

#[test]
fn t6_without_gates_signals_at_the_seven_shocks_and_nowhere_else() {
    let mut bound = bind(market_t6(), parameters(only(2)), &init(Timeframe::M5));
    assert_eq!(bound.signal_bars(), T6_SHOCKS);
}

/// T6: Monday's close lies below its EMA, Tuesday's and Wednesday's above; Tuesday is visible from its end on.
#[test]
fn t6_admits_the_shocks_after_the_turn_of_the_daily_trend() {
    let above = json!({ "enabled_scenarios": [2], "htf_tf": "D1", "htf_ema": 10, "htf_filter": "above" });
    for stepwise in [false, true] {
        let init = omega_strategy::Init { stepwise, ..init(Timeframe::M5) };
        let mut bound = bind(market_t6(), parameters(above.clone()), &init);
        // Stepwise, the EMA starts with Friday's close of a falling market: Monday closes below, Tuesday above.
        assert_eq!(bound.signal_bars(), [347, 371, 660, 719]);
        let levels = [347, 371, 719].map(|bar| {
            let signal = bound.signal(bar).unwrap();
            (signal.entry_price, signal.stop_loss, signal.take_profit)
        });
        let level = |stop| (Some(1.0995), Some(stop), Some(1.09997));
        assert_eq!(levels, [level(1.09906), level(1.09903), level(1.09907)]);
        let signal = bound.signal(347).unwrap();
        let tags = bound.note(347, &signal).tags;
        assert_eq!(tags[3..], ["htf_D1_ema10", "biasA_above", "biasB_na"]);
    }
}

#[test]
fn directions_may_differ() {
    let blocks = json!({ "enabled_scenarios": [2], "short": { "z_score": 50 }, "long": { "atr_mult": 0 } });
    // Stop at the low of the shock: 109936.
    assert_eq!(at_shock(down(), blocks.clone()), expected("long_2", 1.0995, 1.09936, 1.09998));
    assert_eq!(at_shock(up(), blocks), None);
}

#[test]
fn levels_have_as_many_decimals_as_the_symbol_but_at_least_five() {
    let digits = |price_digits| {
        let instrument = omega_strategy::Instrumentals { pip_size: 0.01, tick_size: 0.001, price_digits };
        let init = omega_strategy::Init { instrument: Some(instrument), ..init(Timeframe::M5) };
        let mut bound = bind(down(), parameters(only(2)), &init);
        bound.signal(SHOCK).unwrap().take_profit.unwrap()
    };
    // The middle of the band is 1.0999755, stored as 1.09997549999999995… (Python's decimal.Decimal).
    assert_eq!(digits(3), 1.09998);
    assert_eq!(digits(6), 1.099975);
    assert_eq!(digits(7), 1.0999755);
}

/// Closes at random, every bar by the base rule otherwise.
fn random_market(closes: &[i64]) -> Market {
    let special = |(bar, close): (usize, &i64)| (bar, [None, None, None, Some(*close)]);
    let specials: Vec<Special> = closes.iter().enumerate().map(special).collect();
    market_with(closes.len(), &specials, d1_flat(), |_| {})
}

/// Thresholds that random closes reach often, and filters, clusters and overlays that pass and refuse.
fn lively(scenarios: Value) -> Value {
    json!({
        "enabled_scenarios": scenarios, "z_score_long": -0.3, "z_score_short": 0.3, "std_factor": 0.5, "kalman_r": 1.0,
        "tp_min_distance": 0.0, "garch_alpha": 0.1, "garch_beta": 0.8, "garch_min_periods": 20,
        "intraday_vol_min_points": 30, "intraday_vol_garch_lookback": 80, "intraday_vol_cluster_window": 40,
        "cluster_hysteresis_bars": 2, "scenario6_timeframes": ["PRIMARY", "D1"], "scenario6_mode": "any",
        "scenario6_params": { "D1": { "window_length": 5, "b_b_length": 5 }, "*": { "z_score_short": 0.5 } },
        "short": { "local_z_lookback": 40 }
    })
}

/// Every signal with its explanation, bit by bit.
fn transcript(market: Market, changes: &Value, init: &omega_strategy::Init) -> Vec<(usize, String)> {
    let mut bound = bind(market, parameters(changes.clone()), init);
    let bars = bound.signal_bars();
    let line = |bar| {
        let signal = bound.signal(bar).unwrap();
        (bar, format!("{signal:?} {:?}", bound.note(bar, &signal)))
    };
    bars.into_iter().map(line).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Property: on any data every bar with a signal is on the agenda, and there is at most one signal per bar.
    #[test]
    fn the_agenda_contains_every_signal(closes in prop::collection::vec(109_800i64..110_200, 300), scenario in 0u8..=6) {
        let scenarios = if scenario == 0 { json!(null) } else { json!([scenario]) };
        let mut bound = bind(random_market(&closes), parameters(lively(scenarios)), &init(Timeframe::M5));
        let bars = bound.signal_bars();
        prop_assert!(!bars.is_empty());
        for bar in bars {
            let signal = bound.signal(bar).unwrap();
            let (stop, low) = (signal.stop_loss.unwrap(), bound.market.primary.quotes.bid.low[bar]);
            prop_assert!(signal.direction == Direction::Short || stop < low);
        }
    }

    /// Property: data that is cut short gives the same signals, levels and explanations up to the cut.
    #[test]
    fn no_signal_knows_the_future(
        closes in prop::collection::vec(109_800i64..110_200, 260), cut in 120usize..260, scenario in 0u8..=6,
        stepwise in any::<bool>()
    ) {
        let changes = lively(if scenario == 0 { json!(null) } else { json!([scenario]) });
        let init = omega_strategy::Init { stepwise, ..init(Timeframe::M5) };
        let mut whole = transcript(random_market(&closes), &changes, &init);
        whole.retain(|(bar, _)| *bar < cut);
        prop_assert_eq!(transcript(random_market(&closes[..cut]), &changes, &init), whole);
    }
}

/// Strategy specification 1.9: the same on one thread and on several, and twice in a row.
#[test]
fn threads_and_repetition_change_no_bit() {
    let closes: Vec<i64> = (0..600).map(|bar| 110_000 + (bar * bar * 7919 + bar * 104_729) % 401 - 200).collect();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| transcript(random_market(&closes), &lively(json!(null)), &init(Timeframe::M5)))
    };
    let once = run(1);
    assert!(once.len() > 50);
    assert_eq!(run(1), once);
    assert_eq!(run(4), once);
}
