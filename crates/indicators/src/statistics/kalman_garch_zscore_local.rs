//! Kalman-GARCH Z-score over the last bars alone.

use serde::Deserialize;

use super::kalman_mean::{KalmanMean, Q, R};
use crate::{
    Describe, Fault, GarchVolatility, Indicator, InputKind, Inputs, Parameter,
    describe::joined,
    local::{AnswerKind, IDX, Local, LocalAnswer},
    volatility::LOOKBACK,
};

/// [`super::KalmanGarchZscore`] of bar `idx` as if the bars `idx - lookback + 1` to `idx` were all there is.
///
/// - Shape: one value or none. None if `idx` is not a bar, if the segment has fewer than two bars or fewer returns than
///   `min_periods` needs, if a value is missing, infinite or divided by 0, or if `alpha + beta >= 1`.
/// - Unit: forecast standard deviations.
/// - Source: Omega V1. Not the value of the whole series: both filters start at the first bar of the segment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct KalmanGarchZscoreLocal {
    /// Number of bars, the last one included.
    pub lookback: i64,
    /// Variance of the measurement.
    pub r: f64,
    /// Variance of the process.
    pub q: f64,
    /// The parameters of the volatility.
    #[serde(flatten)]
    pub garch: GarchVolatility,
}

impl Default for KalmanGarchZscoreLocal {
    fn default() -> Self {
        Self { lookback: 400, r: 0.01, q: 1.0, garch: GarchVolatility::default() }
    }
}

impl Describe for KalmanGarchZscoreLocal {
    const TEXT: &'static str = "Kalman-GARCH Z-score that knows the last bars up to one bar alone.";
    const PARAMETERS: &'static [Parameter] = &joined::<11>(&[IDX, LOOKBACK, R, Q], GarchVolatility::PARAMETERS);
}

impl Local for KalmanGarchZscoreLocal {
    const KIND: &'static str = "kalman_garch_zscore_local";
    const INPUT: InputKind = InputKind::Series;
    const ANSWER: AnswerKind = AnswerKind::Point;
    const WARMUP: &'static str = "1 + min_periods, counted inside the segment";

    fn check(&self) -> Result<(), Fault> {
        self.mean().check()
    }

    fn answer(&self, input: Inputs<'_>, idx: i64) -> LocalAnswer {
        LocalAnswer::Point(self.point(input.series(), idx))
    }
}

impl KalmanGarchZscoreLocal {
    /// The score of bar `idx`, if it has one.
    pub fn point(&self, closes: &[f64], idx: i64) -> Option<f64> {
        if self.garch.is_explosive() {
            return None;
        }
        let idx = usize::try_from(idx).ok().filter(|idx| *idx < closes.len())?;
        let lookback = usize::try_from(self.lookback).ok()?;
        let segment = &closes[(idx + 1).saturating_sub(lookback)..=idx];
        let close = segment.last().copied().filter(|_| segment.len() > 1)?;

        let (mut mean, mut variance) = (f64::NAN, f64::NAN);
        self.mean().filter(segment, |value| mean = value);
        self.garch.filter(segment, |value| variance = value);
        let sigma = self.garch.sigma(variance);
        let divisor = close.abs() * sigma;
        let score = (close - mean) / divisor;
        let is_positive = |value: f64| value > 0.0 && value.is_finite();
        (is_positive(sigma) && is_positive(divisor) && score.is_finite()).then_some(score)
    }

    fn mean(&self) -> KalmanMean {
        KalmanMean { r: self.r, q: self.q }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        KalmanGarchZscore,
        testing::{CLOSE, outputs},
    };

    fn local(lookback: i64) -> KalmanGarchZscoreLocal {
        let garch = GarchVolatility { alpha: 0.1, beta: 0.8, min_periods: 2, ..GarchVolatility::default() };
        KalmanGarchZscoreLocal { lookback, r: 0.5, q: 0.1, garch }
    }

    #[test]
    fn agrees_with_the_example_of_the_specification() {
        // indicators.md 6.5.
        let score = local(6).point(&CLOSE, 11).unwrap();
        assert!((score - 0.919092226602131).abs() < 1e-11, "{score}");
    }

    #[test]
    fn is_the_last_value_of_the_indicator_of_the_segment() {
        for idx in 0..12_usize {
            for lookback in 2..14_usize {
                let segment = &CLOSE[(idx + 1).saturating_sub(lookback)..=idx];
                let whole = KalmanGarchZscore { r: 0.5, q: 0.1, garch: local(6).garch };
                let expected = outputs(&whole, &[segment])[0].last().copied().filter(|score| score.is_finite());
                assert_eq!(local(lookback as i64).point(&CLOSE, idx as i64), expected, "{idx} {lookback}");
            }
        }
    }

    #[test]
    fn bars_and_lengths_beyond_the_ends_have_no_value() {
        // indicators.md 2.10: no clamping, at least two bars.
        for idx in [-1, 12, i64::MIN, i64::MAX] {
            assert_eq!(local(6).point(&CLOSE, idx), None);
        }
        for lookback in [1, 0, -6, i64::MIN] {
            assert_eq!(local(lookback).point(&CLOSE, 11), None);
        }
        assert_eq!(local(6).point(&[], 0), None);
        assert!(local(i64::MAX).point(&CLOSE, 11).is_some());
        let explosive = GarchVolatility { alpha: 0.5, beta: 0.5, ..local(6).garch };
        assert_eq!(KalmanGarchZscoreLocal { garch: explosive, ..local(6) }.point(&CLOSE, 11), None);
    }

    #[test]
    fn a_segment_that_is_too_short_for_the_volatility_has_no_value() {
        // The first return is bar 1 of the segment, so with min_periods 2 the fourth bar is the first one with a value.
        assert_eq!(local(3).point(&CLOSE, 11), None);
        assert!(local(4).point(&CLOSE, 11).is_some());
    }

    #[test]
    fn what_is_missing_or_divided_by_zero_has_no_value() {
        let mut closes = CLOSE;
        closes[9] = f64::NAN;
        // The gap ends the mean of every segment that contains it; later segments do not know it.
        assert_eq!(local(6).point(&closes, 11), None);
        closes[9] = CLOSE[9];
        closes[2] = f64::NAN;
        assert_eq!(local(6).point(&closes, 11), local(6).point(&CLOSE, 11));
        // No floor and no constant: the variance of a constant price is 0.
        let garch = GarchVolatility { beta: 0.0, omega: Some(0.0), sigma_floor: 0.0, ..local(6).garch };
        assert_eq!(KalmanGarchZscoreLocal { garch, ..local(6) }.point(&[1.1; 12], 11), None);
        // Shocks of 1e200 squared are infinite: the quotient would be 0.
        let garch = GarchVolatility { scale: 1e204, ..local(6).garch };
        assert_eq!(KalmanGarchZscoreLocal { garch, ..local(6) }.point(&CLOSE, 11), None);
        // With a floor: residual 0 over something.
        assert_eq!(local(6).point(&[1.1; 12], 11), Some(0.0));
    }
}
