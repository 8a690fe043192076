//! Rolling windows and recursions against plain implementations that were written independently of the product.

mod common;

use std::ops::Range;

use common::{Random, assert_bits, bars, closes, shared_data, walk};
use omega_indicators::compute_direct;
use proptest::prelude::*;
use serde_json::{Value, json};

fn first(kind: &str, parameters: Value, inputs: &[&[f64]]) -> Vec<f64> {
    compute_direct(kind, &parameters, inputs).unwrap().remove(0)
}

/// Two-pass mean and sample deviation of one window, none if a value is missing (indicators.md 1.4).
fn two_pass(window: &[f64]) -> Option<(f64, f64)> {
    if window.iter().any(|x| !x.is_finite()) {
        return None;
    }
    if window.iter().all(|x| x.to_bits() == window[0].to_bits()) {
        return Some((window[0], 0.0));
    }
    let n = window.len() as f64;
    let mean = window.iter().sum::<f64>() / n;
    // The second sum takes out what rounding put into the mean: it matters if the deviation is a few bits of the price.
    let error = window.iter().map(|x| x - mean).sum::<f64>() / n;
    let squares = window.iter().map(|x| (x - mean - error).powi(2)).sum::<f64>();
    Some((mean, (squares / (n - 1.0)).sqrt()))
}

fn windows(len: usize, n: usize) -> impl Iterator<Item = (usize, Option<Range<usize>>)> {
    (0..len).map(move |t| (t, (t + 1 >= n).then(|| t + 1 - n..t + 1)))
}

/// Mean and deviation of every window are within `tolerance` of themselves, and defined where two passes are. The
/// deviation is read from a band so wide that the rounding of its middle does not count.
fn check_window(x: &[f64], n: usize, tolerance: f64) {
    let means = first("sma", json!({ "period": n }), &[x]);
    let factor = 2.0_f64.powi(40);
    let bands = compute_direct("bollinger", &json!({ "period": n, "std_factor": factor }), &[x]).unwrap();
    for (t, window) in windows(x.len(), n) {
        let expected = window.and_then(|range| two_pass(&x[range]));
        let Some((mean, std)) = expected else {
            assert!(means[t].is_nan() && bands[0][t].is_nan() && bands[1][t].is_nan() && bands[2][t].is_nan());
            continue;
        };
        assert!((means[t] - mean).abs() <= tolerance * mean.abs(), "mean at {t}: {} instead of {mean}", means[t]);
        assert_eq!(means[t].to_bits(), bands[1][t].to_bits());
        let got = (bands[0][t] - bands[2][t]) / 2.0 / factor;
        assert!((got - std).abs() <= tolerance * std, "std at {t}, n {n}: {got:e} instead of {std:e}");
        assert_eq!(got == 0.0, std == 0.0, "at {t}");
    }
}

#[test]
fn rolling_windows_stay_within_1e_12_of_two_passes_on_long_series() {
    for (start, tick) in [(110_000, 1e-5), (150_000, 1e-3)] {
        for n in [2, 3, 5, 20, 100, 257] {
            check_window(&walk(40_000, start, tick, 42 + n as u64), n, 1e-12);
        }
        check_window(&walk(200_000, start, tick, 1), 20, 1e-12);
    }
}

#[test]
fn rolling_windows_stay_within_1e_12_of_two_passes_across_gaps() {
    let mut random = Random(5);
    for n in [2, 20, 100] {
        let mut x = walk(20_000, 150_000, 1e-3, 9);
        for _ in 0..60 {
            let (at, gap) = (random.below(19_900) as usize, random.below(90) as usize);
            x[at..at + gap].fill(f64::NAN);
        }
        check_window(&x, n, 1e-12);
    }
}

#[test]
fn rolling_windows_survive_changes_of_scale() {
    // Stretches of 50 to 150 bars whose prices differ by up to 20 orders of magnitude.
    let mut random = Random(11);
    let mut x = Vec::new();
    while x.len() < 20_000 {
        let scale = 10.0_f64.powi(random.below(21) as i32 - 10);
        for _ in 0..50 + random.below(100) {
            x.push(scale * (1.0 + random.below(1_000) as f64 / 1_000.0));
        }
    }
    for n in [2, 7, 20, 100] {
        check_window(&x, n, 1e-12);
    }
}

#[test]
fn rolling_windows_stay_within_1e_12_on_real_closes() {
    let Some(text) = shared_data("real/EURUSD_H1_BID.csv.gz") else { return };
    let close: Vec<f64> = text.lines().skip(1).filter_map(|line| line.split(',').nth(4)?.parse().ok()).collect();
    assert!(close.len() > 10_000, "{} closes", close.len());
    for n in [2, 20, 100] {
        check_window(&close, n, 1e-12);
    }
}

/// The rolling mean of V1's data-frame library, written down from its description: the leaving value is subtracted, then
/// the entering one added, each with its own compensation; equal values in a row give that value. This function was
/// compared with `Series.rolling(n).mean()` of pandas 2.3.3 on 74 439 EURUSD H1 closes and a random walk of 100 000: no bit
/// differs.
fn v1_mean(x: &[f64], n: usize) -> Vec<f64> {
    let (mut sum, mut add_c, mut remove_c, mut same, mut last) = (0.0, 0.0, 0.0, 0, f64::NAN);
    let mut means = Vec::new();
    for t in 0..x.len() {
        if t >= n {
            let y = -x[t - n] - remove_c;
            let total = sum + y;
            remove_c = total - sum - y;
            sum = total;
        }
        let y = x[t] - add_c;
        let total = sum + y;
        add_c = total - sum - y;
        sum = total;
        same = if x[t] == last { same + 1 } else { 1 };
        last = x[t];
        means.push(match t + 1 >= n {
            false => f64::NAN,
            true if same >= n => last,
            true => sum / n as f64,
        });
    }
    means
}

#[test]
fn the_mean_is_bit_for_bit_that_of_v1() {
    for (start, tick) in [(110_000, 1e-5), (150_000, 1e-3)] {
        for n in [1, 2, 20, 50, 100] {
            let x = walk(100_000, start, tick, n as u64);
            assert_bits(&first("sma", json!({ "period": n }), &[&x]), &v1_mean(&x, n));
        }
    }
}

/// EMA, ATR, Kalman and the Z-scores in their plainest form.
mod plain {
    pub(super) fn ema(x: &[f64], period: f64) -> Vec<f64> {
        let a = 2.0 / (period + 1.0);
        let (mut y, mut gap) = (f64::NAN, 0);
        let mut out = Vec::new();
        for &v in x {
            if v.is_nan() {
                gap += 1;
            } else if y.is_nan() {
                (y, gap) = (v, 0);
            } else {
                let w = (1.0 - a).powi(gap + 1);
                (y, gap) = ((w * y + a * v) / (w + a), 0);
            }
            out.push(y);
        }
        out
    }

    pub(super) fn atr(high: &[f64], low: &[f64], close: &[f64], period: usize) -> Vec<f64> {
        let range = |t: usize| {
            let mut terms = vec![(high[t] - low[t]).abs()];
            if t > 0 {
                terms.extend([(high[t] - close[t - 1]).abs(), (low[t] - close[t - 1]).abs()]);
            }
            terms.into_iter().filter(|r| !r.is_nan()).fold(f64::NAN, f64::max)
        };
        let ranges: Vec<f64> = (0..high.len()).map(range).collect();
        let mut out = vec![f64::NAN; ranges.len()];
        let Some(f) = ranges.iter().position(|r| !r.is_nan()) else { return out };
        let Some(seed) = ranges.get(f..f + period) else { return out };
        if seed.iter().any(|r| !r.is_finite()) {
            return out;
        }
        let mut atr = seed.iter().sum::<f64>() / period as f64;
        for t in f + period - 1..ranges.len() {
            if t > f + period - 1 && !ranges[t].is_nan() {
                atr = (atr * (period as f64 - 1.0) + ranges[t]) / period as f64;
            }
            out[t] = atr;
        }
        out
    }

    pub(super) fn kalman(x: &[f64], r: f64, q: f64) -> Vec<f64> {
        let mut state: Option<(f64, f64)> = None;
        x.iter()
            .map(|&v| {
                state = match state {
                    None if v.is_nan() => None,
                    None => Some((v, r)),
                    Some((m, p)) => {
                        let k = (p + q) / (p + q + r);
                        Some((m + k * (v - m), (1.0 - k) * (p + q)))
                    }
                };
                state.map_or(f64::NAN, |(m, _)| m)
            })
            .collect()
    }

    pub(super) fn zscore(x: &[f64], mean: &[f64], n: usize) -> Vec<f64> {
        let e: Vec<f64> = x.iter().zip(mean).map(|(x, m)| x - m).collect();
        super::windows(x.len(), n)
            .map(|(t, window)| window.and_then(|w| super::two_pass(&e[w])).map_or(f64::NAN, |(_, std)| e[t] / std))
            .collect()
    }
}

/// Undefined at the same places, else within `tolerance`, absolute and relative.
fn same(got: &[f64], expected: &[f64], tolerance: f64) -> Result<(), TestCaseError> {
    prop_assert_eq!(got.len(), expected.len());
    for (t, (g, e)) in got.iter().zip(expected).enumerate() {
        let near = !g.is_finite() && !e.is_finite() || (g - e).abs() <= tolerance * (1.0 + e.abs());
        prop_assert!(near, "at {}: got {}, expected {}", t, g, e);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn indicators_agree_with_plain_implementations(close in closes(), n in 2..40_usize) {
        let (high, low) = bars(&close);
        same(&first("ema", json!({ "period": n }), &[&close]), &plain::ema(&close, n as f64), 1e-13)?;
        same(&first("atr", json!({ "period": n }), &[&high, &low, &close]), &plain::atr(&high, &low, &close, n), 1e-13)?;
        for (r, q) in [(0.01, 1.0), (0.5, 0.1)] {
            let mean = plain::kalman(&close, r, q);
            same(&first("kalman_mean", json!({ "r": r, "q": q }), &[&close]), &mean, 1e-13)?;
            let score = first("kalman_zscore", json!({ "window": n, "r": r, "q": q }), &[&close]);
            // The residual is known to a few 1e-14 of a deviation of at least 1e-6 (one tick in a window).
            same(&score, &plain::zscore(&close, &mean, n), 1e-6)?;
        }
    }

    #[test]
    fn rolling_windows_agree_with_two_passes(close in closes(), n in 2..40_usize) {
        check_window(&close, n, 1e-12);
    }
}
