//! What the tests of indicators share.

use serde_json::Value;

use crate::{Indicator, compute_direct};

/// Equal values, or both not a number.
#[track_caller]
pub(crate) fn assert_same(got: &[f64], expected: &[f64]) {
    assert_close(got, expected, 0.0);
}

/// Within `tolerance` of each other, and not a number at the same places.
#[track_caller]
pub(crate) fn assert_close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "lengths differ: {got:?}");
    for (t, (g, e)) in got.iter().zip(expected).enumerate() {
        let same = g == e || (g.is_nan() && e.is_nan()) || (g - e).abs() <= tolerance;
        assert!(same, "at {t}: got {g}, expected {e}");
    }
}

/// The outputs of `indicator` over `inputs`, through the registry.
pub(crate) fn outputs<I: Indicator>(indicator: &I, inputs: &[&[f64]]) -> Vec<Vec<f64>> {
    let parameters: Value = serde_json::to_value(indicator).unwrap();
    compute_direct(I::KIND, &parameters, inputs).unwrap()
}

/// The first output over one series is exactly this.
#[track_caller]
pub(crate) fn assert_series<I: Indicator>(indicator: &I, input: &[f64], expected: &[f64]) {
    assert_same(&outputs(indicator, &[input])[0], expected);
}

/// The closes of indicators.md 6.
pub(crate) const CLOSE: [f64; 12] =
    [1.10000, 1.10120, 1.10070, 1.10210, 1.10150, 1.10300, 1.10240, 1.10090, 1.09980, 1.10050, 1.10170, 1.10260];
/// The highs of indicators.md 6.
pub(crate) const HIGH: [f64; 12] =
    [1.10040, 1.10150, 1.10160, 1.10230, 1.10260, 1.10330, 1.10340, 1.10250, 1.10110, 1.10080, 1.10190, 1.10280];
/// The lows of indicators.md 6.
pub(crate) const LOW: [f64; 12] =
    [1.09950, 1.09980, 1.10030, 1.10050, 1.10120, 1.10140, 1.10210, 1.10060, 1.09940, 1.09960, 1.10020, 1.10130];
