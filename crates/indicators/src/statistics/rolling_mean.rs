//! Mean of a sliding window.

use serde::{Deserialize, Serialize};

use crate::{
    Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Period, Preset,
    rolling::{WindowMean, roll},
};

/// The arithmetic mean of the last `n` values: [`crate::Sma`] under its name in statistics.
///
/// - Shape: one value per input, defined from `n - 1`. A missing value makes exactly the `n` windows that contain it NaN.
/// - Unit: the input's own.
/// - If all values of a window are the same, the mean is that value exactly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollingMean {
    /// Window length, in bars.
    pub n: Period,
}

impl Describe for RollingMean {
    const TEXT: &'static str = "Mean of the last `n` values.";
    const PARAMETERS: &'static [Parameter] =
        &[Parameter { name: "n", domain: Domain::bars(1), preset: Preset::Required, text: "Window length, in bars." }];
}

impl Indicator for RollingMean {
    const KIND: &'static str = "rolling_mean";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "n - 1";

    fn warmup(&self) -> usize {
        self.n.bars() - 1
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let (values, means) = (input.series(), output.single());
        let follower = WindowMean::new(self.n);
        roll(values.len(), self.n.bars(), |t| values[t], follower, |t, _, mean| means[t] = mean.unwrap_or(f64::NAN));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_series;

    const NAN: f64 = f64::NAN;

    #[test]
    fn is_the_mean_of_the_window() {
        // By hand: (1 + 2) / 2, (2 + 6) / 2, then two windows with the gap, (8 + 1) / 2.
        let mean = RollingMean { n: 2.try_into().unwrap() };
        assert_series(&mean, &[1.0, 2.0, 6.0, NAN, 8.0, 1.0], &[NAN, 1.5, 4.0, NAN, NAN, 4.5]);
    }
}
