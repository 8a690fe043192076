//! How fast does one indicator pass go, per bar, and how long does one local answer take?

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use omega_indicators::{InputKind, answer, compute_direct, registry};
use serde_json::json;

const BARS: usize = 100_000;

/// Five-digit closes of a random walk (D. Knuth's MMIX generator).
fn random_walk(bars: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut ticks = 110_000_i64;
    (0..bars)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ticks += (state >> 33) as i64 % 41 - 20;
            ticks as f64 / 100_000.0
        })
        .collect()
}

fn passes(c: &mut Criterion) {
    let close = random_walk(BARS, 42);
    let high: Vec<f64> = close.iter().map(|price| price + 0.0002).collect();
    let low: Vec<f64> = close.iter().map(|price| price - 0.0002).collect();
    let cases = [
        ("atr", json!({ "period": 14 })),
        ("bollinger", json!({ "period": 20 })),
        ("choppiness", json!({})),
        ("dema", json!({ "period": 20 })),
        ("dmi", json!({})),
        ("ema", json!({ "period": 20 })),
        ("garch_volatility", json!({})),
        ("kalman_garch_zscore", json!({})),
        ("kalman_mean", json!({})),
        ("kalman_zscore", json!({ "window": 100 })),
        ("macd", json!({})),
        ("roc", json!({})),
        ("rolling_std", json!({ "n": 20 })),
        ("rsi", json!({})),
        ("sma", json!({ "period": 20 })),
        ("tema", json!({ "period": 20 })),
        ("zscore", json!({ "window": 100 })),
    ];
    let mut group = c.benchmark_group("pass");
    group.throughput(Throughput::Elements(BARS as u64));
    for (kind, parameters) in cases {
        let reads_bars = registry().iter().any(|entry| entry.kind == kind && entry.input == InputKind::Bars);
        let inputs: Vec<&[f64]> = if reads_bars { vec![&high, &low, &close] } else { vec![&close] };
        group.bench_function(kind, |b| b.iter(|| compute_direct(kind, &parameters, black_box(&inputs)).unwrap()));
    }
    group.finish();
}

/// One answer per iteration, over the last 500 bars.
fn answers(c: &mut Criterion) {
    let close = random_walk(BARS, 42);
    let cases = [
        ("garch_volatility_local", json!({ "lookback": 500 })),
        ("kalman_garch_zscore_local", json!({ "lookback": 500 })),
        ("vol_cluster_state", json!({})),
    ];
    let mut group = c.benchmark_group("answer");
    for (kind, parameters) in cases {
        group.bench_function(kind, |b| b.iter(|| answer(kind, &parameters, black_box(&[&close])).unwrap()));
    }
    group.finish();
}

criterion_group!(benches, passes, answers);
criterion_main!(benches);
