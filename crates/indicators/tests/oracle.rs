//! Comparison with values that another library computed (Stock.Indicators, 502 daily bars, default parameters).

mod common;

use common::shared_data;
use omega_indicators::compute_direct;
use serde_json::{Value, json};

struct Daily {
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
}

fn daily() -> Option<Daily> {
    let text = shared_data("indicator_oracle/default.csv.gz")?;
    let column = |index: usize| -> Vec<f64> {
        text.lines().skip(1).map(|line| line.split(',').nth(index).unwrap().parse().unwrap()).collect()
    };
    Some(Daily { high: column(2), low: column(3), close: column(4) })
}

/// One key of the rows, `null` as NaN.
fn oracle(name: &str, key: &str) -> Option<Vec<f64>> {
    let text = shared_data(&format!("indicator_oracle/{name}.standard.json.gz"))?;
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    Some(rows.iter().map(|row| row[key].as_f64().unwrap_or(f64::NAN)).collect())
}

/// Their values come from sums over the same doubles in another order, so a few units in the last place remain.
#[track_caller]
fn assert_agrees(got: &[f64], expected: &[f64], from: usize) {
    assert_eq!(got.len(), expected.len());
    for t in from..got.len() {
        let close = (got[t] - expected[t]).abs() <= 1e-10 || (got[t].is_nan() && expected[t].is_nan());
        assert!(close, "at {t}: got {}, expected {}", got[t], expected[t]);
    }
}

#[test]
fn sma_agrees_everywhere() {
    let (Some(bars), Some(expected)) = (daily(), oracle("sma", "sma")) else { return };
    assert_agrees(&compute_direct("sma", &json!({ "period": 20 }), &[&bars.close]).unwrap()[0], &expected, 0);
}

#[test]
fn ema_agrees_once_the_start_has_faded() {
    let (Some(bars), Some(expected)) = (daily(), oracle("ema", "ema")) else { return };
    let got = compute_direct("ema", &json!({ "period": 20 }), &[&bars.close]).unwrap();
    // They start at index 19 from a mean. The starts differ by about 1, which fades as (19/21)^t: 1e-10 after 250 bars.
    assert_agrees(&got[0], &expected, 19 + 250);
}

#[test]
fn atr_agrees_once_the_start_has_faded() {
    let (Some(bars), Some(expected)) = (daily(), oracle("atr", "atr")) else { return };
    let got = compute_direct("atr", &json!({}), &[&bars.high, &bars.low, &bars.close]).unwrap();
    // Their first range needs a previous close, ours does not. The starts differ by about 0.1: (13/14)^300 is 2e-10.
    assert_agrees(&got[0], &expected, 13 + 300);
}

#[test]
fn bollinger_agrees_up_to_the_denominator_of_the_deviation() {
    let (Some(bars), Some(middle), Some(upper)) = (daily(), oracle("bb", "sma"), oracle("bb", "upperBand")) else {
        return;
    };
    let got = compute_direct("bollinger", &json!({}), &[&bars.close]).unwrap();
    assert_agrees(&got[1], &middle, 0);
    // They divide by n, we by n - 1.
    let factor = (20.0_f64 / 19.0).sqrt();
    let expected: Vec<f64> = upper.iter().zip(&middle).map(|(u, m)| m + (u - m) * factor).collect();
    assert_agrees(&got[0], &expected, 0);
}

#[test]
fn the_true_range_agrees_from_the_second_bar_on() {
    let (Some(bars), Some(expected)) = (daily(), oracle("tr", "tr")) else { return };
    // The average of one true range is the true range. Theirs needs a previous close.
    let got = compute_direct("atr", &json!({ "period": 1 }), &[&bars.high, &bars.low, &bars.close]).unwrap();
    assert_agrees(&got[0], &expected, 1);
}

#[test]
fn roc_and_momentum_agree_everywhere() {
    let (Some(bars), Some(roc), Some(momentum)) = (daily(), oracle("roc", "roc"), oracle("roc", "momentum")) else {
        return;
    };
    // Their first value is at 14: a distance of 14 bars.
    assert_agrees(&compute_direct("roc", &json!({ "period": 14 }), &[&bars.close]).unwrap()[0], &roc, 0);
    assert_agrees(&compute_direct("momentum", &json!({ "period": 14 }), &[&bars.close]).unwrap()[0], &momentum, 0);
}

#[test]
fn rolling_statistics_agree_up_to_the_denominator_of_the_deviation() {
    let (Some(bars), Some(std), Some(mean)) = (daily(), oracle("stdev", "stdDev"), oracle("stdev", "mean")) else {
        return;
    };
    // Their first value is at 13: windows of 14. They divide by n, we by n - 1.
    assert_agrees(&compute_direct("rolling_mean", &json!({ "n": 14 }), &[&bars.close]).unwrap()[0], &mean, 0);
    let expected: Vec<f64> = std.iter().map(|std| std * (14.0_f64 / 13.0).sqrt()).collect();
    assert_agrees(&compute_direct("rolling_std", &json!({ "n": 14 }), &[&bars.close]).unwrap()[0], &expected, 0);
}

#[test]
fn dema_and_tema_agree_once_the_start_has_faded() {
    let (Some(bars), Some(dema), Some(tema)) = (daily(), oracle("dema", "dema"), oracle("tema", "tema")) else {
        return;
    };
    // Their first values are at 13 and 19: lengths of 14 and 20, started from a mean. The starts differ by about 1, which
    // fades as t * (13/15)^t and t² * (19/21)^t: 1e-15 after 280 bars, 2e-12 after 400.
    assert_agrees(&compute_direct("dema", &json!({ "period": 14 }), &[&bars.close]).unwrap()[0], &dema, 13 + 280);
    assert_agrees(&compute_direct("tema", &json!({ "period": 20 }), &[&bars.close]).unwrap()[0], &tema, 19 + 400);
}

#[test]
fn macd_agrees_once_the_start_has_faded() {
    let (Some(bars), Some(macd), Some(signal)) = (daily(), oracle("macd", "macd"), oracle("macd", "signal")) else {
        return;
    };
    let got = compute_direct("macd", &json!({}), &[&bars.close]).unwrap();
    // Their averages start from means. The starts differ by about 2, which fades as (25/27)^t: 4e-13 after 380 bars.
    assert_agrees(&got[0], &macd, 25 + 380);
    assert_agrees(&got[1], &signal, 33 + 380);
}

#[test]
fn rsi_agrees_once_the_start_has_faded() {
    let (Some(bars), Some(expected)) = (daily(), oracle("rsi", "rsi")) else { return };
    let got = compute_direct("rsi", &json!({}), &[&bars.close]).unwrap();
    // They start from the mean of 14 moves. What remains of the start fades as (13/14)^t, times 100 percent: 1e-11 after
    // 400 bars.
    assert_agrees(&got[0], &expected, 14 + 400);
}

#[test]
fn directional_movement_agrees_once_the_start_has_faded() {
    let (Some(bars), Some(plus), Some(minus), Some(adx)) =
        (daily(), oracle("adx", "pdi"), oracle("adx", "mdi"), oracle("adx", "adx"))
    else {
        return;
    };
    let got = compute_direct("dmi", &json!({}), &[&bars.high, &bars.low, &bars.close]).unwrap();
    // They start from sums of 14 bars, and the average of their DX from a mean of 14 more. What remains fades as
    // (13/14)^t, and once more in the average as t * (13/14)^t.
    assert_agrees(&got[0], &plus, 14 + 400);
    assert_agrees(&got[1], &minus, 14 + 400);
    assert_agrees(&got[2], &adx, 27 + 450);
}

#[test]
fn choppiness_agrees_on_bars_that_reach_to_the_previous_close() {
    let (Some(bars), Some(expected)) = (daily(), oracle("chop", "chop")) else { return };
    // They compare the sum of the true ranges with the extremes of the true highs and lows, which include the previous
    // close; we with those of the bars. On bars that are widened to the previous close both are the same. Their window of
    // 14 needs a previous close for each of its bars.
    let reach = |extreme: &[f64], pick: fn(f64, f64) -> f64| -> Vec<f64> {
        let widened = extreme.iter().skip(1).zip(&bars.close).map(|(value, before)| pick(*value, *before));
        extreme.iter().take(1).copied().chain(widened).collect()
    };
    let (high, low) = (reach(&bars.high, f64::max), reach(&bars.low, f64::min));
    let got = compute_direct("choppiness", &json!({}), &[&high, &low, &bars.close]).unwrap();
    assert_agrees(&got[0], &expected, 14);
    // Without a gap between the bars of a window nothing is widened: the same number from the bars as they are.
    let plain = compute_direct("choppiness", &json!({}), &[&bars.high, &bars.low, &bars.close]).unwrap();
    let is_inside =
        |t: usize| high[t + 1 - 14..=t] == bars.high[t + 1 - 14..=t] && low[t + 1 - 14..=t] == bars.low[t + 1 - 14..=t];
    let inside: Vec<usize> = (14..502).filter(|t| is_inside(*t)).collect();
    assert!(!inside.is_empty());
    assert!(inside.iter().all(|t| (plain[0][*t] - expected[*t]).abs() <= 1e-10));
}
