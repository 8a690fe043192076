//! The indicators of volatility, momentum and trend against plain implementations, written from indicators.md alone: whole
//! vectors, one step of the text at a time, no state that is carried along.

mod common;

use common::{bars, closes};
use omega_indicators::compute_direct;
use proptest::prelude::*;
use serde_json::{Value, json};

const NAN: f64 = f64::NAN;

/// indicators.md 1.4, EWM: decayed weight after a gap.
fn ewm(x: &[f64], a: f64) -> Vec<f64> {
    let mut out = vec![NAN; x.len()];
    let Some(start) = x.iter().position(|v| !v.is_nan()) else { return out };
    out[start] = x[start];
    let mut last = start;
    for t in start + 1..x.len() {
        out[t] = out[t - 1];
        if !x[t].is_nan() {
            let gap = (t - last - 1) as i32;
            let w = (1.0 - a).powi(gap + 1);
            out[t] = (w * out[last] + a * x[t]) / (w + a);
            last = t;
        }
    }
    out
}

fn ema(x: &[f64], period: usize) -> Vec<f64> {
    ewm(x, 2.0 / (period as f64 + 1.0))
}

/// `f(x[t], x[t - k])`, NaN before there are both.
fn pairs(x: &[f64], k: usize, f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    (0..x.len()).map(|t| if t < k { NAN } else { f(x[t], x[t - k]) }).collect()
}

/// Three series point by point.
fn zip(a: &[f64], b: &[f64], f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect()
}

fn true_ranges(high: &[f64], low: &[f64], close: &[f64]) -> Vec<f64> {
    (0..high.len())
        .map(|t| {
            let before = if t == 0 { NAN } else { close[t - 1] };
            let terms = [(high[t] - low[t]).abs(), (high[t] - before).abs(), (low[t] - before).abs()];
            terms.into_iter().filter(|term| !term.is_nan()).max_by(f64::total_cmp).unwrap_or(NAN)
        })
        .collect()
}

/// The parameters of indicators.md 2.8.
#[derive(Debug, Clone, Copy)]
struct Garch {
    alpha: f64,
    beta: f64,
    omega: Option<f64>,
    log: bool,
    scale: f64,
    min_periods: usize,
    floor: f64,
}

impl Garch {
    fn json(&self) -> Value {
        json!({
            "alpha": self.alpha, "beta": self.beta, "omega": self.omega, "use_log_returns": self.log,
            "scale": self.scale, "min_periods": self.min_periods, "sigma_floor": self.floor,
        })
    }

    /// indicators.md 2.8, steps 1 to 6.
    fn sigma(&self, x: &[f64]) -> Vec<f64> {
        let n = x.len();
        let mut sigma = vec![NAN; n];
        // 1
        if self.alpha + self.beta >= 1.0 {
            return sigma;
        }
        // 2
        let present = |v: f64| !v.is_nan() && v > 0.0;
        let r = pairs(x, 1, |now, before| match present(now) && present(before) {
            true if self.log => self.scale * (now / before).ln(),
            true => self.scale * (now / before - 1.0),
            false => NAN,
        });
        // 3
        let Some(f) = r.iter().position(|r| !r.is_nan()) else { return sigma };
        // 4
        let mu = r[f];
        let omega = match self.omega {
            Some(given) if given > 0.0 => given,
            Some(_) => 0.0,
            None => 1e-6 * f64::max(1e-6, 1.0 - self.alpha - self.beta),
        };
        let (mut eps2, mut h) = (vec![NAN; n], vec![NAN; n]);
        eps2[f] = 0.0;
        h[f] = f64::max(1e-6, self.floor.powi(2));
        // 5
        for t in f + 1..n {
            if r[t].is_nan() {
                (eps2[t], h[t]) = (eps2[t - 1], h[t - 1]);
            } else {
                h[t] = f64::max(omega + self.alpha * eps2[t - 1] + self.beta * h[t - 1], self.floor.powi(2));
                eps2[t] = (r[t] - mu).powi(2);
            }
        }
        // 6
        for t in f..n {
            if t >= f + self.min_periods {
                sigma[t] = h[t].sqrt() / self.scale;
            }
        }
        sigma
    }
}

/// indicators.md 2.6.
fn kalman(x: &[f64], r: f64, q: f64) -> Vec<f64> {
    let (mut m, mut p) = (vec![NAN; x.len()], NAN);
    let Some(f) = x.iter().position(|v| !v.is_nan()) else { return m };
    m[f] = x[f];
    let mut before = r;
    for t in f + 1..x.len() {
        let predicted = before + q;
        let k = predicted / (predicted + r);
        m[t] = m[t - 1] + k * (x[t] - m[t - 1]);
        p = (1.0 - k) * predicted;
        before = p;
    }
    assert!(p.is_nan() || p >= 0.0);
    m
}

/// indicators.md 2.10, global.
fn kalman_garch(x: &[f64], r: f64, q: f64, garch: Garch) -> Vec<f64> {
    let (mean, sigma) = (kalman(x, r, q), garch.sigma(x));
    (0..x.len())
        .map(|t| {
            let sp = x[t].abs() * sigma[t];
            if mean[t].is_nan() || sigma[t].is_nan() || sp == 0.0 { NAN } else { (x[t] - mean[t]) / sp }
        })
        .collect()
}

fn first(kind: &str, parameters: Value, inputs: &[&[f64]]) -> Vec<f64> {
    compute_direct(kind, &parameters, inputs).unwrap().remove(0)
}

/// Undefined at the same places, else within `tolerance`, absolute and relative.
fn same(got: &[f64], expected: &[f64], tolerance: f64) -> Result<(), TestCaseError> {
    prop_assert_eq!(got.len(), expected.len());
    for (t, (g, e)) in got.iter().zip(expected).enumerate() {
        let near = (g.is_nan() && e.is_nan()) || g == e || (g - e).abs() <= tolerance * (1.0 + e.abs());
        prop_assert!(near, "at {}: got {}, expected {}", t, g, e);
    }
    Ok(())
}

/// Undefined at the same places, else within `tolerance` of itself: for volatilities, which are of order 1e-4.
fn same_size(got: &[f64], expected: &[f64], tolerance: f64) -> Result<(), TestCaseError> {
    prop_assert_eq!(got.len(), expected.len());
    for (t, (g, e)) in got.iter().zip(expected).enumerate() {
        let near = (g.is_nan() && e.is_nan()) || (g - e).abs() <= tolerance * e.abs();
        prop_assert!(near, "at {}: got {:e}, expected {:e}", t, g, e);
    }
    Ok(())
}

fn any_garch() -> impl Strategy<Value = Garch> {
    let weights =
        prop_oneof![Just((0.05, 0.9)), Just((0.1, 0.8)), Just((0.0, 0.0)), Just((0.5, 0.5)), Just((0.9, 0.05))];
    let omega = prop_oneof![Just(None), Just(Some(0.0)), Just(Some(0.001)), Just(Some(-1.0)), Just(Some(-0.0))];
    let floor = prop_oneof![Just(1e-6), Just(0.0), Just(0.02)];
    (weights, omega, any::<bool>(), prop_oneof![Just(100.0), Just(1.0)], 0..60_usize, floor).prop_map(
        |((alpha, beta), omega, log, scale, min_periods, floor)| Garch {
            alpha,
            beta,
            omega,
            log,
            scale,
            min_periods,
            floor,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn garch_agrees_step_by_step(close in closes(), garch in any_garch()) {
        // Acceptance rule: 1e-9 of itself. A shock is the square of a difference of returns, and `ln` may differ in its
        // last place; a variance without a constant and a floor can shrink to such a shock alone.
        let got = first("garch_volatility", garch.json(), &[&close]);
        let expected = garch.sigma(&close);
        let is_coarse = garch.floor == 0.0 && garch.omega.is_some_and(|omega| omega <= 0.0);
        same_size(&got, &expected, if is_coarse { 1e-6 } else { 1e-9 })?;
    }

    #[test]
    fn garch_with_zeros_and_negative_prices_agrees(mut close in closes(), holes in prop::collection::vec(0..250_usize, 0..6)) {
        for (k, hole) in holes.into_iter().enumerate() {
            if let Some(price) = close.get_mut(hole) {
                *price = [0.0, -1.1, -0.0][k % 3];
            }
        }
        let garch =
            Garch { alpha: 0.1, beta: 0.8, omega: None, log: true, scale: 100.0, min_periods: 3, floor: 1e-6 };
        same_size(&first("garch_volatility", garch.json(), &[&close]), &garch.sigma(&close), 1e-9)?;
    }

    #[test]
    fn kalman_garch_agrees(close in closes(), garch in any_garch(), rq in prop_oneof![Just((0.01, 1.0)), Just((0.5, 0.1))]) {
        // Without a floor a variance of nothing but rounding can remain.
        let garch = Garch { floor: garch.floor.max(1e-6), ..garch };
        let mut parameters = garch.json();
        (parameters["r"], parameters["q"]) = (json!(rq.0), json!(rq.1));
        let got = first("kalman_garch_zscore", parameters, &[&close]);
        // The residual is known to a few 1e-16 of the price, the divisor is at least 1e-8 of it.
        same(&got, &kalman_garch(&close, rq.0, rq.1, garch), 1e-7)?;
    }

    #[test]
    fn averages_of_averages_agree(close in closes(), n in 1..40_usize, m in 1..40_usize, s in 1..20_usize) {
        let (e1, scale) = (ema(&close, n), 4e-13);
        let e2 = ema(&e1, n);
        let e3 = ema(&e2, n);
        same(&first("dema", json!({ "period": n }), &[&close]), &zip(&e1, &e2, |a, b| 2.0 * a - b), scale)?;
        let tema: Vec<f64> = (0..close.len()).map(|t| 3.0 * e1[t] - 3.0 * e2[t] + e3[t]).collect();
        same(&first("tema", json!({ "period": n }), &[&close]), &tema, scale)?;
        let got = compute_direct("macd", &json!({ "fast": n, "slow": m, "signal": s }), &[&close]).unwrap();
        let macd = zip(&ema(&close, n), &ema(&close, m), |fast, slow| fast - slow);
        same(&got[0], &macd, 1e-13 * 150.0)?;
        same(&got[1], &ema(&macd, s), 1e-13 * 150.0)?;
    }

    #[test]
    fn rsi_agrees(close in closes(), n in 1..40_usize) {
        let change = pairs(&close, 1, |now, before| now - before);
        let part = |sign: f64| -> Vec<f64> {
            change.iter().map(|d| if d.is_nan() { NAN } else { f64::max(sign * d, 0.0) }).collect()
        };
        let (gains, losses) = (ewm(&part(1.0), 1.0 / n as f64), ewm(&part(-1.0), 1.0 / n as f64));
        let expected = zip(&gains, &losses, |gain, loss| match (gain, loss) {
            (gain, loss) if gain == 0.0 && loss == 0.0 => NAN,
            (_, 0.0) => 100.0,
            _ => 100.0 - 100.0 / (1.0 + gain / loss),
        });
        same(&first("rsi", json!({ "period": n }), &[&close]), &expected, 1e-10)?;
    }

    #[test]
    fn changes_agree(close in closes(), n in 1..40_usize) {
        let roc = pairs(&close, n, |now, before| 100.0 * (now - before) / before);
        same(&first("roc", json!({ "period": n }), &[&close]), &roc, 0.0)?;
        same(&first("momentum", json!({ "period": n }), &[&close]), &pairs(&close, n, |now, before| now - before), 0.0)?;
    }

    #[test]
    fn dmi_agrees(close in closes(), n in 1..40_usize) {
        let (high, low) = bars(&close);
        let up = pairs(&high, 1, |now, before| now - before);
        let down = pairs(&low, 1, |now, before| before - now);
        let plus = zip(&up, &down, |u, w| if u > w && u > 0.0 { u } else { 0.0 });
        let minus = zip(&up, &down, |u, w| if w > u && w > 0.0 { w } else { 0.0 });
        let a = 1.0 / n as f64;
        let range = ewm(&true_ranges(&high, &low, &close), a);
        let di = |moves: &[f64]| zip(&ewm(moves, a), &range, |m, r| 100.0 * m / r);
        let (plus, minus) = (di(&plus), di(&minus));
        let dx = zip(&plus, &minus, |p, m| 100.0 * (p - m).abs() / (p + m));
        let got = compute_direct("dmi", &json!({ "period": n }), &[&high, &low, &close]).unwrap();
        same(&got[0], &plus, 1e-11)?;
        same(&got[1], &minus, 1e-11)?;
        same(&got[2], &ewm(&dx, a), 1e-9)?;
    }

    #[test]
    fn choppiness_agrees(close in closes(), n in 2..40_usize) {
        let (high, low) = bars(&close);
        let ranges = true_ranges(&high, &low, &close);
        let expected: Vec<f64> = (0..close.len())
            .map(|t| {
                let Some(start) = (t + 1).checked_sub(n) else { return NAN };
                let missing = |x: &[f64]| x[start..=t].iter().any(|v| v.is_nan());
                if missing(&ranges) || missing(&high) || missing(&low) {
                    return NAN;
                }
                let highest = high[start..=t].iter().copied().fold(f64::MIN, f64::max);
                let lowest = low[start..=t].iter().copied().fold(f64::MAX, f64::min);
                100.0 * (ranges[start..=t].iter().sum::<f64>() / (highest - lowest)).log10() / (n as f64).log10()
            })
            .collect();
        // Ranges of some ticks of prices that are known to 2e-16.
        same(&first("choppiness", json!({ "period": n }), &[&high, &low, &close]), &expected, 1e-10)?;
    }

    #[test]
    fn rolling_statistics_agree_with_two_passes(close in closes(), n in 2..40_usize) {
        let window = |t: usize| (t + 1).checked_sub(n).map(|start| &close[start..=t]);
        let present = |t: usize| window(t).filter(|w| w.iter().all(|v| !v.is_nan()));
        let mean = |w: &[f64]| w.iter().sum::<f64>() / n as f64;
        let means: Vec<f64> = (0..close.len()).map(|t| present(t).map_or(NAN, mean)).collect();
        same(&first("rolling_mean", json!({ "n": n }), &[&close]), &means, 1e-14)?;
        let deviation = |w: &[f64]| {
            let m = mean(w);
            (w.iter().map(|v| (v - m).powi(2)).sum::<f64>() / (n as f64 - 1.0)).sqrt()
        };
        let deviations: Vec<f64> = (0..close.len()).map(|t| present(t).map_or(NAN, deviation)).collect();
        // The mean of 150.0 is known to 3e-14 here, which is what remains of a deviation of 0.
        same(&first("rolling_std", json!({ "n": n }), &[&close]), &deviations, 1e-12)?;
    }
}
