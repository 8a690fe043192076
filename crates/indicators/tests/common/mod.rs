//! Markets, series and comparisons for the tests of this crate.

#![allow(dead_code, missing_docs, unreachable_pub)]

use std::{io::Read, path::PathBuf};

use omega_indicators::{compute_direct, locals, registry};
use omega_types::{
    BarMap, Clock, Market, Quotes, Series, SideColumns, Timeframe, market::MappingMode, time::SECOND_NS,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The closes of indicators.md 6.
pub const CLOSE: [f64; 12] =
    [1.10000, 1.10120, 1.10070, 1.10210, 1.10150, 1.10300, 1.10240, 1.10090, 1.09980, 1.10050, 1.10170, 1.10260];

/// Equal bit for bit, all NaN being one.
#[track_caller]
pub fn assert_bits(got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len());
    for (t, (g, e)) in got.iter().zip(expected).enumerate() {
        assert!(g.to_bits() == e.to_bits() || (g.is_nan() && e.is_nan()), "at {t}: got {g}, expected {e}");
    }
}

/// Within `tolerance`, undefined at the same places.
#[track_caller]
pub fn assert_close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    for (t, (g, e)) in got.iter().zip(expected).enumerate() {
        assert!((g.is_nan() && e.is_nan()) || (g - e).abs() <= tolerance, "at {t}: got {g}, expected {e}");
    }
}

/// Candles whose four prices are the close; the ask lies 0.0001 higher.
pub fn series(timeframe: Timeframe, open_seconds: impl IntoIterator<Item = i64>, closes: &[f64]) -> Series {
    let time: Vec<i64> = open_seconds.into_iter().map(|s| s * SECOND_NS).collect();
    assert_eq!(time.len(), closes.len());
    let side = |closes: Vec<f64>| {
        let volume = vec![1.0; closes.len()].into();
        let column: omega_types::Column = closes.into();
        SideColumns { open: column.clone(), high: column.clone(), low: column.clone(), close: column, volume }
    };
    let ask = closes.iter().map(|close| close + 0.0001).collect();
    Series { timeframe, time: time.into(), quotes: Quotes { bid: side(closes.to_vec()), ask: side(ask) } }
}

pub fn market(primary: Series, others: Vec<Series>, mode: MappingMode) -> Market {
    let duration_ns = primary.timeframe.duration_ns();
    let map =
        |other: &Series| BarMap::new(&primary.time, duration_ns, &other.time, other.timeframe.duration_ns(), mode);
    Market {
        symbol: "EURUSD".to_owned(),
        maps: others.iter().map(map).collect(),
        quotes: primary.quotes.clone(),
        clock: Clock { time: primary.time.clone(), duration_ns },
        trading: 0..primary.len(),
        primary,
        others,
    }
}

/// The 12 bars of indicators.md 6 as M5, and the four M15 bars built from them.
pub fn spec_market(mode: MappingMode) -> Market {
    let m5 = series(Timeframe::M5, (0..12).map(|i| i * 300), &CLOSE);
    let m15 = series(Timeframe::M15, (0..4).map(|i| i * 900), &[1.10070, 1.10300, 1.09980, 1.10260]);
    market(m5, vec![m15], mode)
}

/// A number generator of its own, so that a test always sees the same series (D. Knuth, MMIX).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// Closes on a grid of `tick`: quiet and wild stretches, jumps, and now and then a flat one.
pub fn walk(bars: usize, start_ticks: i64, tick: f64, seed: u64) -> Vec<f64> {
    let mut random = Random(seed);
    let (mut ticks, mut reach) = (start_ticks, 10);
    (0..bars)
        .map(|_| {
            if random.below(500) == 0 {
                reach = [0, 1, 10, 100, 300][random.below(5) as usize];
            }
            let step = random.below(2 * reach + 1) as i64 - reach as i64;
            let jump = if random.below(5_000) == 0 { 2_000 } else { 0 };
            ticks = (ticks + step + jump).max(start_ticks / 2);
            if ticks > 2 * start_ticks {
                ticks = start_ticks;
            }
            (ticks as f64 * tick * 1e5).round() / 1e5
        })
        .collect()
}

/// Five-digit closes with gaps; some stretches are flat.
pub fn closes() -> impl Strategy<Value = Vec<f64>> {
    let step = prop_oneof![8 => (-30..31_i32).prop_map(Some), 2 => Just(Some(0)), 1 => Just(None)];
    (prop_oneof![Just(110_000), Just(15_000_000)], prop::collection::vec(step, 0..250)).prop_map(|(start, steps)| {
        let mut ticks = start;
        let mut price = |step: Option<i32>| {
            ticks += step?;
            Some(f64::from(ticks) / 100_000.0)
        };
        steps.into_iter().map(|step| price(step).unwrap_or(f64::NAN)).collect()
    })
}

/// High and low around closes; missing where the close is.
pub fn bars(close: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let width = |t: usize| (t * 7 % 5 + 1) as f64 / 100_000.0;
    let side = |sign: f64| close.iter().enumerate().map(|(t, c)| c + sign * width(t)).collect();
    (side(1.0), side(-1.0))
}

/// Parameters with which every indicator of the registry is tested, sorted by kind. A new indicator must be added.
pub fn cases() -> Vec<(&'static str, Value)> {
    let garch = json!({ "alpha": 0.1, "beta": 0.8, "min_periods": 3 });
    vec![
        ("atr", json!({ "period": 5 })),
        ("bollinger", json!({ "period": 5 })),
        ("choppiness", json!({ "period": 5 })),
        ("dema", json!({ "period": 5 })),
        ("dmi", json!({ "period": 5 })),
        ("ema", json!({ "period": 5 })),
        ("garch_volatility", garch.clone()),
        (
            "garch_volatility",
            json!({ "use_log_returns": false, "omega": 0.001, "sigma_floor": 0.01, "min_periods": 0 }),
        ),
        ("kalman_garch_zscore", garch),
        ("kalman_mean", json!({})),
        ("kalman_zscore", json!({ "window": 5 })),
        ("macd", json!({ "fast": 3, "slow": 6, "signal": 4 })),
        ("momentum", json!({ "period": 3 })),
        ("roc", json!({ "period": 3 })),
        ("rolling_mean", json!({ "n": 5 })),
        ("rolling_std", json!({ "n": 5 })),
        ("rsi", json!({ "period": 5 })),
        ("sma", json!({ "period": 5 })),
        ("tema", json!({ "period": 5 })),
        ("zscore", json!({ "window": 5 })),
        ("zscore", json!({ "window": 5, "mean_source": "ema", "ema_period": 3 })),
    ]
}

/// The same for local indicators.
pub fn local_cases() -> Vec<(&'static str, Value)> {
    let garch = json!({ "lookback": 12, "alpha": 0.1, "beta": 0.8, "min_periods": 3 });
    vec![
        ("garch_volatility_local", garch.clone()),
        ("kalman_garch_zscore_local", garch),
        ("vol_cluster_series", json!({ "feature": "atr_points", "atr_length": 5 })),
        ("vol_cluster_series", json!({ "garch_lookback": 12, "alpha": 0.1, "beta": 0.8, "min_periods": 3 })),
        ("vol_cluster_state", json!({ "window": 20, "min_points": 5 })),
        ("vol_cluster_state", json!({ "window": 20, "k": 2, "min_points": 5, "log_transform": false })),
    ]
}

/// The series that indicators and local indicators of this kind read, in order.
pub fn series_names(kind: &str) -> &'static [&'static str] {
    let series = registry().iter().find(|entry| entry.kind == kind).map(|entry| entry.input);
    let input = series.or_else(|| locals().iter().find(|entry| entry.kind == kind).map(|entry| entry.input));
    input.unwrap().names()
}

/// The inputs of an indicator of this kind, made from closes.
pub fn inputs_of(kind: &str, close: &[f64]) -> Vec<Vec<f64>> {
    match series_names(kind) {
        ["high", "low", "close"] => {
            let (high, low) = bars(close);
            vec![high, low, close.to_vec()]
        }
        ["series"] => vec![close.to_vec()],
        other => panic!("no inputs for {other:?}"),
    }
}

/// Every output of an indicator over inputs made from closes.
pub fn all_outputs(kind: &str, parameters: &Value, close: &[f64]) -> Vec<Vec<f64>> {
    let inputs = inputs_of(kind, close);
    let slices: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
    compute_direct(kind, parameters, &slices).unwrap()
}

/// A decompressed file of the shared test data, or `None` with a visible note.
pub fn shared_data(path: &str) -> Option<String> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    let Ok(bytes) = std::fs::read(&file) else {
        eprintln!("SKIPPED: {} is not there", file.display());
        return None;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    Some(text)
}
