//! Z-score around a Kalman mean in units of the GARCH volatility.

use serde::{Deserialize, Serialize};

use super::kalman_mean::{KalmanMean, Q, R};
use crate::{
    Describe, Fault, GarchVolatility, Indicator, InputKind, Inputs, Outputs, Parameter, Part, describe::joined,
};

/// How far the price is from its Kalman mean, in units of the volatility that a GARCH process forecasts for the bar.
///
/// `z = (x - kalman_mean) / (|x| * garch_volatility)`.
///
/// - Shape: one value per input, defined from `1 + min_periods`. NaN if either part is NaN or the divisor is exactly 0.
/// - Unit: forecast standard deviations.
/// - Source: Omega V1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KalmanGarchZscore {
    /// Variance of the measurement.
    pub r: f64,
    /// Variance of the process.
    pub q: f64,
    /// The parameters of the volatility.
    #[serde(flatten)]
    pub garch: GarchVolatility,
}

impl Default for KalmanGarchZscore {
    fn default() -> Self {
        Self { r: 0.01, q: 1.0, garch: GarchVolatility::default() }
    }
}

impl Describe for KalmanGarchZscore {
    const TEXT: &'static str = "Distance from the Kalman mean in units of the GARCH volatility.";
    const PARAMETERS: &'static [Parameter] = &joined::<9>(&[R, Q], GarchVolatility::PARAMETERS);
}

impl Indicator for KalmanGarchZscore {
    const KIND: &'static str = "kalman_garch_zscore";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "1 + min_periods";

    fn warmup(&self) -> usize {
        self.garch.warmup()
    }

    fn parts(&self) -> Vec<Part> {
        vec![Part::new(self.mean()), Part::new(self.garch.clone())]
    }

    fn check(&self) -> Result<(), Fault> {
        self.mean().check()
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let parts = input.part(0).iter().zip(input.part(1));
        for ((score, price), (mean, sigma)) in output.single().iter_mut().zip(input.series()).zip(parts) {
            let divisor = price.abs() * sigma;
            *score = if divisor == 0.0 { f64::NAN } else { (price - mean) / divisor };
        }
    }
}

impl KalmanGarchZscore {
    fn mean(&self) -> KalmanMean {
        KalmanMean { r: self.r, q: self.q }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, assert_close, assert_same, outputs};

    const NAN: f64 = f64::NAN;

    fn score() -> KalmanGarchZscore {
        let garch = GarchVolatility { alpha: 0.1, beta: 0.8, min_periods: 3, ..GarchVolatility::default() };
        KalmanGarchZscore { r: 0.5, q: 0.1, garch }
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.4, printed to 15 digits; the residuals are of order 1e-3 of prices that are known to 2e-16.
        let expected = [
            NAN,
            NAN,
            NAN,
            NAN,
            0.359236935179449,
            1.48799874906734,
            0.461204291368166,
            -0.948653452033351,
            -1.07147882057844,
            -0.258826851141253,
            0.504024556440989,
            0.937490176361535,
        ];
        assert_close(&outputs(&score(), &[&CLOSE])[0], &expected, 1e-11);
    }

    #[test]
    fn is_the_quotient_of_its_parts() {
        let mean = outputs(&KalmanMean { r: 0.5, q: 0.1 }, &[&CLOSE]).remove(0);
        let sigma = outputs(&score().garch, &[&CLOSE]).remove(0);
        let expected: Vec<f64> = (0..12).map(|t| (CLOSE[t] - mean[t]) / (CLOSE[t].abs() * sigma[t])).collect();
        assert_same(&outputs(&score(), &[&CLOSE])[0], &expected);
    }

    #[test]
    fn a_constant_price_scores_zero() {
        // indicators.md 6.9: 0 after the warm-up, where the plain Kalman score has none.
        let got = outputs(&score(), &[&[1.1; 9]]);
        assert_same(&got[0], &[NAN, NAN, NAN, NAN, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_divisor_of_zero_leaves_nothing() {
        // No floor and no constant: with beta 0 the variance of a constant price is 0 from its second return on.
        let garch = GarchVolatility {
            alpha: 0.1,
            beta: 0.0,
            omega: Some(0.0),
            sigma_floor: 0.0,
            min_periods: 0,
            ..score().garch
        };
        let got = outputs(&KalmanGarchZscore { garch, ..score() }, &[&[1.1, 1.1, 1.1, 1.1]]);
        assert_same(&got[0], &[NAN, 0.0, NAN, NAN]);
    }

    #[test]
    fn a_negative_price_has_the_volatility_of_its_size() {
        // A return to a negative price is missing, so the volatility repeats; the score lies on the side of the residual.
        let garch = GarchVolatility { min_periods: 0, ..score().garch };
        let (closes, whole) = ([1.0, 1.1, 1.05, -1.0], KalmanGarchZscore { garch: garch.clone(), ..score() });
        let mean = outputs(&KalmanMean { r: 0.5, q: 0.1 }, &[&closes])[0][3];
        let sigma = outputs(&garch, &[&closes]).remove(0);
        assert_eq!(sigma[3], sigma[2]);
        assert_eq!(outputs(&whole, &[&closes])[0][3], (-1.0 - mean) / sigma[3]);
    }

    #[test]
    fn a_gap_ends_it_because_the_mean_ends() {
        let mut closes = CLOSE;
        closes[6] = NAN;
        let got = outputs(&score(), &[&closes]).remove(0);
        assert!(got[5].is_finite());
        assert_same(&got[6..], &[NAN; 6]);
    }
}
