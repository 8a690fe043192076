//! Kalman filter of a random walk.

use serde::{Deserialize, Serialize};

use crate::{Describe, Domain, Fault, Indicator, InputKind, Inputs, Outputs, Parameter, Preset};

/// The level of a random walk that is observed with noise.
///
/// `p' = p + q`, `k = p' / (p' + r)`, `m += k * (x - m)`, `p = (1 - k) * p'`, started from the first present value with
/// `p = r`.
///
/// - Shape: one value per input, defined from the first present one. A missing value after that undefines the rest.
/// - Unit: the input's own; `r` and `q` in its square, only their ratio matters.
/// - Source: R. E. Kalman, *Journal of Basic Engineering* 82(1), 1960; start and gaps as in Omega V1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KalmanMean {
    /// Variance of the measurement.
    pub r: f64,
    /// Variance of the process.
    pub q: f64,
}

pub(super) const R: Parameter = Parameter {
    name: "r",
    domain: Domain::NOT_NEGATIVE,
    preset: Preset::Number(0.01),
    text: "Variance of the measurement; r + q must be above 0.",
};

pub(super) const Q: Parameter = Parameter {
    name: "q",
    domain: Domain::NOT_NEGATIVE,
    preset: Preset::Number(1.0),
    text: "Variance of the process; r + q must be above 0.",
};

impl Describe for KalmanMean {
    const TEXT: &'static str = "Kalman filter of a random walk: a mean whose weights settle at a ratio set by r and q.";
    const PARAMETERS: &'static [Parameter] = &[R, Q];
}

impl Indicator for KalmanMean {
    const KIND: &'static str = "kalman_mean";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "0";

    fn warmup(&self) -> usize {
        0
    }

    fn check(&self) -> Result<(), Fault> {
        if self.r + self.q > 0.0 { Ok(()) } else { Err(Fault::new("q", "must be above 0 if r is 0")) }
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let mut means = output.single().iter_mut();
        self.filter(input.series(), |mean| {
            if let Some(next) = means.next() {
                *next = mean;
            }
        });
    }
}

impl KalmanMean {
    /// Tells `write` the mean after each price.
    pub(super) fn filter(&self, prices: &[f64], mut write: impl FnMut(f64)) {
        let missing = prices.iter().take_while(|price| price.is_nan()).count();
        (0..missing).for_each(|_| write(f64::NAN));
        let Some((&start, mut rest)) = prices[missing..].split_first() else { return };
        write(start);

        let (mut mean, mut variance, mut gain) = (start, self.r, 0.0);
        while let Some((price, later)) = rest.split_first() {
            rest = later;
            let predicted = variance + self.q;
            gain = predicted / (predicted + self.r);
            mean += gain * (price - mean);
            write(mean);
            let updated = (1.0 - gain) * predicted;
            if updated.to_bits() == variance.to_bits() {
                // Gain and variance depend on each other alone: from here on both repeat, bit for bit.
                break;
            }
            variance = updated;
        }
        for price in rest {
            mean += gain * (price - mean);
            write(mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, assert_close, assert_series, outputs};

    const NAN: f64 = f64::NAN;

    #[test]
    fn the_second_gain_comes_from_the_first_variance() {
        // By hand, r = q = 1: p' = 2, k = 2/3, m = 3 * 2/3 = 2.
        assert_close(&outputs(&KalmanMean { r: 1.0, q: 1.0 }, &[&[0.0, 3.0]])[0], &[0.0, 2.0], 1e-15);
    }

    #[test]
    fn a_gap_undefines_the_rest() {
        assert_series(&KalmanMean { r: 0.0, q: 1.0 }, &[NAN, 1.0, 2.0, NAN, 3.0], &[NAN, 1.0, 2.0, NAN, NAN]);
        assert_series(&KalmanMean { r: 0.0, q: 1.0 }, &[NAN, NAN], &[NAN, NAN]);
    }

    #[test]
    fn settling_changes_no_bit() {
        // An independent loop that divides at every step.
        for (r, q) in [(0.01, 1.0), (0.5, 0.1), (1.0, 1e-4), (1.0, 0.0), (0.0, 1.0), (3.7, 0.3)] {
            let prices: Vec<f64> = (0..5_000).map(|t| 1.1 + 0.001 * f64::from(t * 7_919 % 101)).collect();
            let (mut mean, mut variance) = (prices[0], r);
            let mut expected = vec![mean];
            for price in &prices[1..] {
                let predicted = variance + q;
                let gain = predicted / (predicted + r);
                mean += gain * (price - mean);
                variance = (1.0 - gain) * predicted;
                expected.push(mean);
            }
            assert_series(&KalmanMean { r, q }, &prices, &expected);
        }
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.3, printed to 15 digits.
        let expected = [
            1.1,
            1.10118823529412,
            1.10070478708065,
            1.10208632012697,
            1.10150574878915,
            1.10298534906999,
            1.10240573926807,
            1.10091476356885,
            1.09981093010527,
            1.10049324376335,
            1.10168816791913,
            1.10259105961039,
        ];
        assert_close(&outputs(&KalmanMean { r: 0.01, q: 1.0 }, &[&CLOSE])[0], &expected, 1e-14);
        let expected = [
            1.1,
            1.10065454545455,
            1.10067395833333,
            1.10122355953905,
            1.10132563398482,
            1.10193301218709,
            1.10210117583208,
            1.10166993374361,
            1.10099943156372,
            1.10082044217283,
            1.10113559702006,
            1.10166026242226,
        ];
        assert_close(&outputs(&KalmanMean { r: 0.5, q: 0.1 }, &[&CLOSE])[0], &expected, 1e-14);
    }
}
