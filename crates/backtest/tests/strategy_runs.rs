//! `mean_reversion_z_score` through the whole engine: what its scenarios leave in the trades, what it needs, and when its
//! positions time out (strategy specification 1.8, 2.3, 3, 9.4). Numbers are printed there.

mod canonical_data;
mod common;

use std::sync::Arc;

use canonical_data::{Special, dataset, first_bar_ns, flat_d1, m5_points, prices};
use common::{job, run, run_once, side};
use omega_backtest::{BacktestResult, Job};
use omega_data::{MemorySeries, dataset_from_memory};
use omega_types::{Coded, Dataset, ExitReason, Json, Timeframe, time::MINUTE_NS, trade::RejectionCode};
use serde_json::json;

const BOTH: [&str; 2] = ["v2", "v1_parity"];

/// T1: a shock down on bar 100, back at the target on bar 103.
const DOWN: [Special; 4] = [
    (100, None, None, Some(109_936), 109_940),
    (101, Some(109_940), Some(109_959), Some(109_936), 109_955),
    (102, Some(109_955), Some(109_974), Some(109_951), 109_970),
    (103, Some(109_970), Some(110_006), Some(109_966), 110_002),
];

/// T1-S: its mirror image.
const UP: [Special; 4] = [
    (100, None, Some(110_064), None, 110_060),
    (101, Some(110_060), Some(110_064), Some(110_041), 110_045),
    (102, Some(110_045), Some(110_049), Some(110_026), 110_030),
    (103, Some(110_030), Some(110_034), Some(109_994), 109_998),
];

fn data(specials: &[Special]) -> Arc<Dataset> {
    dataset(m5_points(160, specials), &flat_d1())
}

/// The parameters of row S4, S5 or S6 of 9.4.
fn row(scenario: u8) -> Json {
    let more = match scenario {
        4 => json!({ "z_score_long": -0.2, "z_score_short": 0.2 }),
        5 => json!({
            "intraday_vol_cluster_window": 40, "intraday_vol_min_points": 30, "intraday_vol_garch_lookback": 80,
            "intraday_vol_allowed": ["high"]
        }),
        _ => json!({ "scenario6_timeframes": ["PRIMARY"] }),
    };
    let mut row = json!({ "garch_alpha": 0.1, "garch_beta": 0.8, "garch_min_periods": 20 });
    common::merge(&mut row, &more);
    row["enabled_scenarios"] = json!([scenario]);
    row
}

/// The configuration of 9.1 with `parameters` over its strategy parameters and `patch` over everything.
fn shock_job(variant: &str, dataset: Arc<Dataset>, parameters: &Json, patch: &Json) -> Job {
    let mut config = json!({
        "strategy_name": "mean_reversion_z_score", "execution_variant": variant, "warmup_bars": 60,
        "start_date": "2024-01-09", "end_date": "2024-01-09",
        "strategy_parameters": {
            "ema_length": 20, "atr_length": 14, "atr_mult": 2.0, "b_b_length": 20, "std_factor": 2.0,
            "window_length": 20, "z_score_long": -2.0, "z_score_short": 2.0, "kalman_r": 0.01, "kalman_q": 1.0,
            "htf_filter": "none", "extra_htf_filter": "none", "direction_filter": "both",
        },
    });
    common::merge(&mut config["strategy_parameters"], parameters);
    common::merge(&mut config, patch);
    job(dataset, &config)
}

fn shock(variant: &str, specials: &[Special], parameters: &Json, patch: &Json) -> BacktestResult {
    run(&shock_job(variant, data(specials), parameters, patch))
}

fn meta(result: &BacktestResult, trade: usize) -> Json {
    serde_json::from_str(&result.metas[trade]).unwrap()
}

/// The trades that began on the shock bar, with their numbers.
fn at_shock(result: &BacktestResult) -> Vec<usize> {
    (0..result.trades.len()).filter(|&index| result.trades[index].entry_bar == 100).collect()
}

#[test]
fn scenarios_4_to_6_trade_the_shock_like_scenario_2() {
    for variant in BOTH {
        for scenario in 4..=6 {
            let sides = [("long", DOWN, 1.0995, 1.09906, 1.09998), ("short", UP, 1.1006, 1.10093, 1.10004)];
            for (side, specials, entry, stop, target) in sides {
                let result = shock(variant, &specials, &row(scenario), &json!({}));
                let [index] = at_shock(&result)[..] else { panic!("{variant} {scenario} {side}") };
                let trade = &result.trades[index];
                assert_eq!((trade.entry_price, trade.stop_loss, trade.take_profit), (entry, Some(stop), Some(target)));
                assert_eq!((trade.exit_bar, trade.exit_price, trade.reason), (103, target, ExitReason::TakeProfit));
                let meta = meta(&result, index);
                assert_eq!(meta["scenario"], json!(format!("{side}_{scenario}")));
                assert_eq!(trade.scenario_id, scenario);
                let own = ["z_kind", "vol_cluster", "scenario6"].map(|key| meta.get(key).is_some());
                assert_eq!(own, [true, scenario == 5, scenario == 6]);
            }
        }
    }
}

/// Row "S1 target behind entry": the ask closes 60 points above the bid, at 110000, which is beyond the target of 109995.
#[test]
fn a_target_behind_the_entry_is_marked_and_counted() {
    let bid = m5_points(160, &DOWN);
    let mut ask = prices(bid.iter().copied(), 10);
    ask[100].3 = 1.1;
    let time = (0..160).map(|bar| first_bar_ns() + bar * 5 * MINUTE_NS).collect();
    let series = MemorySeries { timeframe: Timeframe::M5, time, bid: side(&prices(bid, 0)), ask: Some(side(&ask)) };
    let dataset = Arc::new(dataset_from_memory("EURUSD", vec![series]).expect("candles are valid"));
    for variant in BOTH {
        let parameters = json!({ "enabled_scenarios": [1] });
        let result = run(&shock_job(variant, Arc::clone(&dataset), &parameters, &json!({})));
        let index = at_shock(&result)[0];
        let trade = &result.trades[index];
        assert_eq!((trade.entry_price, trade.stop_loss, trade.take_profit), (1.1, Some(1.09906), Some(1.09995)));
        assert_eq!(meta(&result, index)["tp_beyond_entry"], json!(false));
        // 4.4: opened, and closed at its target with a loss.
        assert_eq!((trade.reason, trade.exit_price), (ExitReason::TakeProfit, 1.09995));
        assert!(trade.result < 0.0);
        let notes: Vec<_> = result.notes.iter().map(|note| (&note["code"], &note["count"])).collect();
        assert!(notes.contains(&(&json!("tp_not_beyond_entry"), &json!(1))), "{notes:?}");
    }
}

/// decisions.md 13: while the session is closed every signal is numbered in `v2`; `v1_parity` gives none.
#[test]
fn a_closed_session_counts_the_signals_of_every_scenario_in_v2() {
    let closed = json!({ "sessions": [{ "start": "12:00", "end": "13:00" }] });
    for scenario in 1..=6 {
        let parameters = match scenario {
            1..=3 => json!({ "enabled_scenarios": [scenario], "tp_min_distance": 0 }),
            _ => row(scenario),
        };
        let found = |variant: &str| {
            let result = shock(variant, &DOWN, &parameters, &closed);
            let refused = |r: &omega_types::trade::Rejection| (r.bar, r.reason);
            result.journal.rejections().iter().map(refused).filter(|(bar, _)| *bar == 100).collect::<Vec<_>>()
        };
        assert_eq!(found("v2"), [(100, RejectionCode::SessionClosed)], "scenario {scenario}");
        assert_eq!(found("v1_parity"), [], "scenario {scenario}");
    }
}

/// decisions.md 5: an overlay timeframe that is not there is named together with the parameter that needs it. A filter
/// that only labels does without.
#[test]
fn an_overlay_timeframe_must_be_there() {
    let mut parameters = row(6);
    parameters["scenario6_timeframes"] = json!(["H1"]);
    let error = run_once(&shock_job("v2", data(&DOWN), &parameters, &json!({}))).err().unwrap();
    assert_eq!(error.code().name, "CFG_CONFLICT");
    let issues = error.details()["issues"].clone();
    assert_eq!(issues[0]["path"], json!("strategy_parameters.scenario6_timeframes"));
    assert!(issues[0]["message"].as_str().unwrap().contains("needs H1, the dataset holds M5, D1"), "{issues}");
    parameters["scenario6_timeframes"] = json!(["PRIMARY"]);
    parameters["htf_filter"] = json!("both");
    parameters["htf_tf"] = json!("H4");
    let result = run(&shock_job("v2", data(&DOWN), &parameters, &json!({})));
    assert_eq!(meta(&result, at_shock(&result)[0])["htf"]["A"]["bias_label"], json!("na"));
}

/// A timeframe that the strategy needs is loaded although `timeframes.additional` does not list it.
#[test]
fn overlay_timeframes_are_loaded_without_being_listed() {
    let mut parameters = row(6);
    parameters["scenario6_timeframes"] = json!(["D1", "PRIMARY"]);
    parameters["scenario6_mode"] = json!("any");
    for variant in BOTH {
        let result = shock(variant, &DOWN, &parameters, &json!({}));
        let meta = meta(&result, at_shock(&result)[0]);
        // Flat days have no z-score.
        let statuses: Vec<_> =
            meta["scenario6"]["chain"].as_array().unwrap().iter().map(|link| link["status"].clone()).collect();
        assert_eq!(statuses, [json!("no_zscore"), json!("ok")]);
        let roles: Vec<_> = result.provenance.timeframes.iter().map(|info| (info.timeframe, info.role)).collect();
        assert_eq!(roles, [(Timeframe::M5, "primary"), (Timeframe::D1, "strategy")]);
    }
}

/// decisions.md 21, strategy specification 2.5: the minutes of the block that concerns the run. By hand: the position of
/// bar 100 is 10 minutes old in bar 102 and leaves at its bid close, 109970; otherwise its target is reached in bar 103.
#[test]
fn the_holding_time_of_an_override_closes_positions() {
    let manager = json!({ "trade_management": {
        "enabled": true,
        "rules": { "max_holding_time": { "enabled": true, "max_holding_minutes": null, "only_scenarios": [] } }
    } });
    let exit = |variant: &str, minutes: Json, overrides: Json| {
        let parameters = json!({ "enabled_scenarios": [2], "max_holding_minutes": minutes, "overrides": overrides });
        let result = shock(variant, &DOWN, &parameters, &manager);
        let trade = &result.trades[at_shock(&result)[0]];
        (trade.exit_bar, trade.exit_price, trade.reason)
    };
    let target = (103, 1.09998, ExitReason::TakeProfit);
    for variant in BOTH {
        let blocks = json!({ "EURUSD/M5": { "max_holding_minutes": 10 }, "*/*": { "max_holding_minutes": 500 } });
        assert_eq!(exit(variant, json!(60), blocks), (102, 1.0997, ExitReason::Timeout));
        let elsewhere = json!({ "GBPUSD/*": { "max_holding_minutes": 10 }, "*/H1": { "max_holding_minutes": 10 } });
        assert_eq!(exit(variant, json!(60), elsewhere.clone()), target);
        assert_eq!(exit(variant, json!(10), elsewhere.clone()).0, 102);
        // Without minutes the rule does nothing.
        assert_eq!(exit(variant, json!(null), elsewhere), target);
    }
}
