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
