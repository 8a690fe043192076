//! Strategy specification 9.3 and 9.4: scenarios 1 to 3 on the shock of bar 100. Every expected number is printed there.

mod common;

use common::*;
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

#[test]
fn scenario_1_targets_the_ema_and_stops_in_atr_of_the_closing_side() {
    assert_eq!(at_shock(down(), only(1)), expected("long_1", 1.0995, 1.09906, 1.09995));
    assert_eq!(at_shock(up(), only(1)), expected("short_1", 1.1006, 1.10093, 1.10006));
}

#[test]
fn a_short_of_scenario_1_reads_the_ask_range() {
    let market = market_with(160, &T1_S, d1_flat(), |ask| ask[SHOCK][1] += 28);
    assert_eq!(at_shock(market, only(1)), expected("short_1", 1.1006, 1.10097, 1.10006));
}

#[test]
fn a_target_behind_the_entry_is_emitted_unchanged() {
    let wide = || market_with(160, &T1, d1_flat(), |ask| ask[SHOCK][3] = 110_000);
    assert_eq!(at_shock(wide(), only(1)), expected("long_1", 1.1, 1.09906, 1.09995));
    assert_eq!(at_shock(wide(), json!({ "enabled_scenarios": [3], "tp_min_distance": 0 })), None);
}

#[test]
fn scenario_2_targets_the_middle_of_the_band() {
    assert_eq!(at_shock(down(), only(2)), expected("long_2", 1.0995, 1.09906, 1.09998));
    assert_eq!(at_shock(up(), only(2)), expected("short_2", 1.1006, 1.10093, 1.10004));
}

#[test]
fn scenario_3_needs_a_distant_ema() {
    let far =
        |market, distance: f64| at_shock(market, json!({ "enabled_scenarios": [3], "tp_min_distance": distance }));
    assert_eq!(far(down(), 0.00044), expected("long_3", 1.0995, 1.09906, 1.09995));
    assert_eq!(far(down(), 0.00045), None);
    assert_eq!(far(up(), 0.0005), expected("short_3", 1.1006, 1.10093, 1.10006));
    assert_eq!(at_shock(up(), only(3)), None);
}

#[test]
fn the_lowest_scenario_wins() {
    let all = json!({ "enabled_scenarios": [3, 2, 1], "tp_min_distance": 0.0003 });
    assert_eq!(at_shock(down(), all), expected("long_1", 1.0995, 1.09906, 1.09995));
    let shadowed = json!({ "enabled_scenarios": [2, 3], "tp_min_distance": 0.0003 });
    assert_eq!(at_shock(down(), shadowed), expected("long_2", 1.0995, 1.09906, 1.09998));
}

#[test]
fn a_filtered_direction_gives_nothing() {
    for scenario in [1, 2, 3] {
        let changes = json!({ "enabled_scenarios": [scenario], "tp_min_distance": 0, "direction_filter": "short" });
        assert_eq!(at_shock(down(), changes), None);
    }
}

/// Kalman z-score, bands and ATR of T1; z-score and EMA of T2 (strategy specification 9.3), within half a printed digit.
#[test]
fn the_note_carries_the_numbers_behind_the_signal() {
    let note = |market, scenario: u8| {
        let mut bound = bind(market, parameters(only(scenario)), &init(Timeframe::M5));
        let signal = bound.signal(SHOCK).unwrap();
        bound.note(SHOCK, &signal)
    };
    let near = |value: &Value, printed: f64, digits: i32| {
        let value = value.as_f64().unwrap();
        assert!((value - printed).abs() <= 0.5 * 10f64.powi(-digits), "{value} is not {printed}");
    };
    let second = note(down(), 2);
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

    let first = note(market(&T2), 1);
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
fn closed_sessions_and_news_silence_v1_parity_only() {
    for scenario in [1, 2, 3] {
        let changes = json!({ "enabled_scenarios": [scenario], "tp_min_distance": 0 });
        for (stepwise, signals) in [(true, 0), (false, 1)] {
            let init = omega_strategy::Init { stepwise, ..init(Timeframe::M5) };
            let mut bound = bind(down(), parameters(changes.clone()), &init);
            assert_eq!(bound.intents_while(SHOCK, true, false).entries.len(), 1);
            assert_eq!(bound.intents_while(SHOCK, false, false).entries.len(), signals);
            assert_eq!(bound.intents_while(SHOCK, true, true).entries.len(), signals);
        }
    }
}

/// A window that is longer than the data leaves its indicator NaN on every bar.
#[test]
fn an_undefined_indicator_gives_nothing_and_no_error() {
    for (scenario, name) in [
        (1, "window_length"),
        (1, "atr_length"),
        (2, "window_length"),
        (2, "b_b_length"),
        (2, "atr_length"),
        (3, "b_b_length"),
        (3, "atr_length"),
    ] {
        let changes = json!({ "enabled_scenarios": [scenario], "tp_min_distance": 0, name: 1000 });
        let mut bound = bind(down(), parameters(changes), &init(Timeframe::M5));
        assert!(bound.signal_bars().is_empty(), "{scenario} {name}");
    }
}

/// Without any movement deviations are 0 and the z-scores undefined.
#[test]
fn a_flat_market_gives_nothing() {
    let flat: Vec<Special> = (0..160).map(|bar| (bar, [Some(110_000), None, None, Some(110_000)])).collect();
    let mut bound = bind(market(&flat), parameters(json!({ "enabled_scenarios": [1, 2, 3] })), &init(Timeframe::M5));
    assert!(bound.signal_bars().is_empty());
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Property: on any data every bar with a signal is on the agenda, and there is at most one signal per bar.
    #[test]
    fn the_agenda_contains_every_signal(closes in prop::collection::vec(109_800i64..110_200, 300), low_first in any::<bool>()) {
        let specials: Vec<Special> = closes.iter().enumerate().map(|(bar, close)| (bar, [None, None, None, Some(*close)])).collect();
        let scenarios = if low_first { json!([1, 2, 3]) } else { json!([3]) };
        let changes = json!({
            "enabled_scenarios": scenarios, "z_score_long": -0.3, "z_score_short": 0.3, "std_factor": 0.5,
            "tp_min_distance": 0.0
        });
        let mut bound = bind(market_with(300, &specials, d1_flat(), |_| {}), parameters(changes), &init(Timeframe::M5));
        let bars = bound.signal_bars();
        prop_assert!(!bars.is_empty());
        for bar in bars {
            let signal = bound.signal(bar).unwrap();
            let (stop, low) = (signal.stop_loss.unwrap(), bound.market.primary.quotes.bid.low[bar]);
            prop_assert!(signal.direction == Direction::Short || stop < low);
        }
    }
}
