//! Z-score around a Kalman mean.

use serde::{Deserialize, Serialize};

use super::{
    kalman_mean::{KalmanMean, Q, R},
    residual::residual_zscores,
};
use crate::{Describe, Domain, Fault, Indicator, InputKind, Inputs, Outputs, Parameter, Part, Preset, Window};

/// How far the value is from its Kalman mean, in standard deviations of that distance.
///
/// `e = x - kalman_mean`, `z = e / s` where `s` is the sample standard deviation of the last `window` values of `e`.
///
/// - Shape: one value per input, defined from `window - 1`; the residual 0 of the first value is part of the first window.
///   Without variance: NaN if the residual is 0, else infinite.
/// - Unit: standard deviations.
/// - Source: Omega V1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KalmanZscore {
    /// Window of the deviation, in bars.
    pub window: Window,
    /// Variance of the measurement.
    pub r: f64,
    /// Variance of the process.
    pub q: f64,
}

impl Describe for KalmanZscore {
    const TEXT: &'static str = "Distance from the Kalman mean in standard deviations of that distance.";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter {
            name: "window",
            domain: Domain::bars(2),
            preset: Preset::Integer(100),
            text: "Window of the deviation, in bars.",
        },
        R,
        Q,
    ];
}

impl Indicator for KalmanZscore {
    const KIND: &'static str = "kalman_zscore";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "window - 1";

    fn warmup(&self) -> usize {
        self.window.bars() - 1
    }

    fn parts(&self) -> Vec<Part> {
        vec![Part::new(self.mean())]
    }

    fn check(&self) -> Result<(), Fault> {
        self.mean().check()
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        residual_zscores(input.series(), input.part(0), self.window, output.single());
    }
}

impl KalmanZscore {
    fn mean(&self) -> KalmanMean {
        KalmanMean { r: self.r, q: self.q }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, assert_close, outputs};

    const NAN: f64 = f64::NAN;

    fn score(window: u32, r: f64, q: f64) -> KalmanZscore {
        KalmanZscore { window: window.try_into().unwrap(), r, q }
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.3, printed to 15 digits; the residuals are of order 1e-3 of prices that are known to 2e-16.
        let expected = [
            NAN,
            NAN,
            NAN,
            NAN,
            0.461754174039398,
            2.40280192042935,
            0.654558452927143,
            -1.06852976905902,
            -1.33008599430845,
            -0.358763226102145,
            0.772550193870335,
            1.04864182864955,
        ];
        assert_close(&outputs(&score(5, 0.5, 0.1), &[&CLOSE])[0], &expected, 1e-11);
    }

    #[test]
    fn a_mean_that_follows_exactly_leaves_no_score() {
        // r = 0: every residual is 0, so 0/0; a constant price as well (indicators.md 6.9).
        assert_close(&outputs(&score(3, 0.0, 1.0), &[&CLOSE])[0], &[NAN; 12], 0.0);
        assert_close(&outputs(&score(3, 0.01, 1.0), &[&[1.1; 12]])[0], &[NAN; 12], 0.0);
    }
}
