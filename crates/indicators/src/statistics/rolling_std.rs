//! Standard deviation of a sliding window.

use serde::{Deserialize, Serialize};

use crate::{
    Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Preset, Window,
    rolling::{WindowStd, roll},
};

/// The sample standard deviation of the last `n` values: the sum of squared deviations from their mean is divided by
/// `n - 1`.
///
/// - Shape: one value per input, defined from `n - 1`. A missing value makes exactly the `n` windows that contain it NaN.
/// - Unit: the input's own.
/// - If all values of a window are the same, the deviation is exactly 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollingStd {
    /// Window length, in bars.
    pub n: Window,
}

impl Describe for RollingStd {
    const TEXT: &'static str = "Sample standard deviation of the last `n` values.";
    const PARAMETERS: &'static [Parameter] =
        &[Parameter { name: "n", domain: Domain::bars(2), preset: Preset::Required, text: "Window length, in bars." }];
}

impl Indicator for RollingStd {
    const KIND: &'static str = "rolling_std";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "n - 1";

    fn warmup(&self) -> usize {
        self.n.bars() - 1
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let (values, deviations) = (input.series(), output.single());
        let follower = WindowStd::new(self.n);
        roll(
            values.len(),
            self.n.bars(),
            |t| values[t],
            follower,
            |t, _, std| {
                deviations[t] = std.unwrap_or(f64::NAN);
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_close, assert_series, outputs};

    const NAN: f64 = f64::NAN;

    fn std(n: u32) -> RollingStd {
        RollingStd { n: n.try_into().unwrap() }
    }

    #[test]
    fn divides_by_one_less_than_the_window() {
        // By hand: mean 3, deviations -2, 0 and 2: sqrt(8 / 2) = 2; then mean 5, deviations -2, 0, 2.
        assert_close(&outputs(&std(3), &[&[1.0, 3.0, 5.0, 7.0, NAN]])[0], &[NAN, NAN, 2.0, 2.0, NAN], 1e-15);
    }

    #[test]
    fn equal_values_do_not_deviate() {
        assert_series(&std(2), &[1.1, 1.1, 1.1], &[NAN, 0.0, 0.0]);
        assert_series(&std(5), &[1.1, 1.2], &[NAN, NAN]);
    }
}
