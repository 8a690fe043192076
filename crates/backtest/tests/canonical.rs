//! The canonical tests T1, T1-S, T2, T4 and T6 of the strategy specification 9.3: the real strategy through the whole
//! engine, in both variants. Expected numbers come from there; they were reproduced with Omega V1.

mod canonical_data;
mod common;

use std::sync::Arc;

use canonical_data::{Special, d1_points, dataset, flat_d1, m5_points};
use common::{job, run};
use omega_backtest::{BacktestResult, Job};
use omega_types::{
    Dataset, ExitReason, Json,
    time::{DAY_NS, days_from_civil},
    trade::RejectionCode,
};
use serde_json::json;

const BOTH: [&str; 2] = ["v2", "v1_parity"];

fn canonical(variant: &str, scenarios: &[u8], dataset: Arc<Dataset>, patch: &Json) -> BacktestResult {
    let mut config = json!({
        "strategy_name": "mean_reversion_z_score", "execution_variant": variant, "warmup_bars": 60,
        "start_date": "2024-01-09", "end_date": "2024-01-09",
        "timeframes": {"additional": ["D1"]},
        "strategy_parameters": {
            "ema_length": 20, "atr_length": 14, "atr_mult": 2.0, "b_b_length": 20, "std_factor": 2.0,
            "window_length": 20, "z_score_long": -2.0, "z_score_short": 2.0, "kalman_r": 0.01, "kalman_q": 1.0,
            "htf_filter": "none", "extra_htf_filter": "none", "direction_filter": "both",
            "enabled_scenarios": scenarios,
        },
    });
    common::merge(&mut config, patch);
    let job: Job = job(dataset, &config);
    run(&job)
}

fn meta(result: &BacktestResult, trade: usize) -> Json {
    serde_json::from_str(&result.metas[trade]).unwrap()
}

/// Bar, exit bar, entry price, stop, target, exit price and reason of a trade.
type Expected = (usize, usize, f64, f64, f64, f64, ExitReason);

#[track_caller]
fn assert_trade(result: &BacktestResult, index: usize, label: &str, expected: Expected) {
    let trade = &result.trades[index];
    let (entry_bar, exit_bar, entry, stop, target, exit, reason) = expected;
    assert_eq!((trade.entry_bar, trade.exit_bar, trade.reason), (entry_bar, exit_bar, reason));
    assert_eq!((trade.entry_price, trade.exit_price), (entry, exit));
    assert_eq!((trade.stop_loss, trade.take_profit), (Some(stop), Some(target)));
    assert_eq!(meta(result, index)["scenario"], json!(label));
}

#[test]
fn t1_a_long_reaches_its_target() {
    let specials = [
        (100, None, None, Some(109_936), 109_940),
        (101, Some(109_940), Some(109_959), Some(109_936), 109_955),
        (102, Some(109_955), Some(109_974), Some(109_951), 109_970),
        (103, Some(109_970), Some(110_006), Some(109_966), 110_002),
    ];
    for variant in BOTH {
        let result = canonical(variant, &[2], dataset(m5_points(160, &specials), &flat_d1()), &json!({}));
        assert_eq!(result.trades.len(), 1, "{variant}");
        assert_trade(&result, 0, "long_2", (100, 103, 1.09950, 1.09906, 1.09998, 1.09998, ExitReason::TakeProfit));
        let meta = meta(&result, 0);
        // Values at bar 100, printed with nine decimals.
        assert!((meta["z"].as_f64().unwrap() - -4.390564454).abs() < 1e-9);
        assert!((meta["atr"].as_f64().unwrap() - 0.000147868).abs() < 1e-9);
        assert_eq!(meta["tf"], json!("M5"));
        assert_eq!(meta["decision_time"], json!("2024-01-09T03:25:00Z"));
    }
}

#[test]
fn t1_s_the_mirror_image() {
    let specials = [
        (100, None, Some(110_064), None, 110_060),
        (101, Some(110_060), Some(110_064), Some(110_041), 110_045),
        (102, Some(110_045), Some(110_049), Some(110_026), 110_030),
        (103, Some(110_030), Some(110_034), Some(109_994), 109_998),
    ];
    for variant in BOTH {
        let result = canonical(variant, &[2], dataset(m5_points(160, &specials), &flat_d1()), &json!({}));
        assert_eq!(result.trades.len(), 1, "{variant}");
        assert_trade(&result, 0, "short_2", (100, 103, 1.10060, 1.10093, 1.10004, 1.10004, ExitReason::TakeProfit));
    }
}

#[test]
fn t2_a_stop_frees_its_slot_in_the_same_bar_only_in_v2() {
    let specials = [
        (100, None, None, Some(109_936), 109_940),
        (101, Some(109_940), Some(109_945), Some(109_925), 109_930),
        (102, Some(109_930), Some(109_934), Some(109_880), 109_890),
        (103, Some(109_890), Some(110_006), Some(109_886), 110_002),
    ];
    let data = dataset(m5_points(160, &specials), &flat_d1());
    let first = (100, 102, 1.09950, 1.09906, 1.09995, 1.09906, ExitReason::StopLoss);
    let parity = canonical("v1_parity", &[1], Arc::clone(&data), &json!({}));
    assert_eq!(parity.trades.len(), 1);
    assert_trade(&parity, 0, "long_1", first);
    assert!(parity.journal.rejections().is_empty(), "parity does not ask while a position is open");
    let v2 = canonical("v2", &[1], data, &json!({}));
    assert_trade(&v2, 0, "long_1", first);
    assert!(v2.trades.len() >= 2);
    assert_eq!((v2.trades[1].entry_bar, v2.trades[1].entry_price), (102, 1.09900));
    assert_eq!(meta(&v2, 1)["scenario"], json!("long_1"));
    // Bar 101 signals too and meets the open position.
    let refused = v2.journal.rejections()[0];
    assert_eq!((refused.bar, refused.reason), (101, RejectionCode::MaxPositionsReached));
}

#[test]
fn t4_stop_and_target_in_one_bar_is_a_stop() {
    let specials =
        [(100, None, None, Some(109_936), 109_940), (101, Some(109_940), Some(110_010), Some(109_880), 110_000)];
    let data = dataset(m5_points(160, &specials), &flat_d1());
    for variant in BOTH {
        let result = canonical(variant, &[1], Arc::clone(&data), &json!({}));
        assert_trade(&result, 0, "long_1", (100, 101, 1.09950, 1.09906, 1.09995, 1.09906, ExitReason::StopLoss));
        if variant == "v1_parity" {
            assert_eq!(result.trades.len(), 1);
        }
    }
}

#[test]
fn t6_sessions_warm_up_and_higher_timeframe_together() {
    let shocks = [39, 167, 239, 347, 371, 660, 719];
    let specials: Vec<Special> = shocks
        .iter()
        .flat_map(|&bar| {
            [
                (bar, None, None, Some(109_936), 109_940),
                (bar + 1, Some(109_940), Some(109_972), Some(109_936), 109_968),
                (bar + 2, Some(109_968), Some(110_006), Some(109_964), 110_002),
            ]
        })
        .collect();
    let jump = days_from_civil(2024, 1, 9);
    let d1 = d1_points(
        |day, previous| {
            previous
                + if day < jump {
                    -15
                } else if day == jump {
                    400
                } else {
                    20
                }
        },
        112_000,
    );
    // The table of T6: 2024-01-08 closes at 109960, 2024-01-09 at 110360.
    let close_of = |day| d1.iter().find(|bar| bar.0 == day * DAY_NS).map(|bar| bar.1.3);
    assert_eq!((close_of(jump - 1), close_of(jump)), (Some(109_960), Some(110_360)));
    let data = dataset(m5_points(780, &specials), &d1);
    let patch = json!({
        "end_date": "2024-01-11",
        "sessions": [{"start": "07:00", "end": "11:00"}, {"start": "22:00", "end": "02:00"}],
        "strategy_parameters": {"htf_tf": "D1", "htf_ema": 10, "htf_filter": "above"},
    });
    let (d, e, g) = ((347, 1.09906), (371, 1.09903), (719, 1.09907));
    for (variant, expected) in [("v1_parity", vec![d, e, g]), ("v2", vec![d, g])] {
        let result = canonical(variant, &[2], Arc::clone(&data), &patch);
        assert_eq!(result.trades.len(), expected.len(), "{variant}");
        for (index, &(bar, stop)) in expected.iter().enumerate() {
            let trade = (bar, bar + 2, 1.09950, stop, 1.09997, 1.09997, ExitReason::TakeProfit);
            assert_trade(&result, index, "long_2", trade);
            let tags = meta(&result, index)["tags"].clone();
            for tag in ["htf_D1_ema10", "biasA_above", "biasB_na"] {
                assert!(tags.as_array().unwrap().contains(&json!(tag)), "{variant}: {tag} in {tags}");
            }
        }
        // v2 numbers and counts the signals of shocks c (239), e (371) and f (660) although the session is closed.
        let closed: Vec<_> = result.journal.rejections().iter().map(|r| (r.bar, r.reason)).collect();
        if variant == "v2" {
            let blocked = RejectionCode::SessionClosed;
            assert_eq!(closed, [(371, blocked), (660, blocked)], "c is filtered by the higher timeframe");
        } else {
            assert_eq!(closed, []);
        }
    }
}
