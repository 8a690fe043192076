//! Simple moving average.

use serde::{Deserialize, Serialize};

use crate::{
    Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Period, Preset,
    rolling::{WindowMean, roll},
};

/// The arithmetic mean of the last `period` values.
///
/// - Shape: one value per input, defined from `period - 1`. A missing value makes exactly the `period` windows that contain
///   it NaN.
/// - Unit: the input's own.
/// - If all values of a window are the same, the mean is that value exactly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sma {
    /// Window length, in bars.
    pub period: Period,
}

impl Describe for Sma {
    const TEXT: &'static str = "Simple moving average: the mean of the last `period` values.";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "period",
        domain: Domain::bars(1),
        preset: Preset::Required,
        text: "Window length, in bars.",
    }];
}

impl Indicator for Sma {
    const KIND: &'static str = "sma";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "period - 1";

    fn warmup(&self) -> usize {
        self.period.bars() - 1
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let (prices, averages) = (input.series(), output.single());
        roll(
            prices.len(),
            self.period.bars(),
            |t| prices[t],
            WindowMean::new(self.period),
            |t, _, mean| {
                averages[t] = mean.unwrap_or(f64::NAN);
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, assert_close, assert_series, outputs};

    const NAN: f64 = f64::NAN;

    fn sma(period: u32) -> Sma {
        Sma { period: period.try_into().unwrap() }
    }

    #[test]
    fn a_missing_value_undefines_the_windows_that_contain_it_and_no_other() {
        // By hand: (1 + 3) / 2 = 2, then two windows with the gap, then (5 + 7) / 2 = 6.
        assert_series(&sma(2), &[1.0, 3.0, NAN, 5.0, 7.0], &[NAN, 2.0, NAN, NAN, 6.0]);
    }

    #[test]
    fn too_short_is_undefined_and_empty_is_empty() {
        assert_series(&sma(3), &[1.0, 2.0], &[NAN, NAN]);
        assert_series(&sma(3), &[], &[]);
        assert_series(&sma(1), &[5.0, 0.1], &[5.0, 0.1]);
    }

    #[test]
    fn a_huge_value_leaves_no_trace_once_it_has_left() {
        // By hand: after 1e300 has left, the windows hold 1, 2 and 2, 3.
        let got = outputs(&sma(2), &[&[1.0, 1e300, 1.0, 2.0, 3.0]]);
        assert_close(&got[0][3..], &[1.5, 2.5], 0.0);
        let got = outputs(&sma(2), &[&[f64::MAX, 1e308, 1.0, 2.0]]);
        assert_close(&got[0], &[NAN, f64::INFINITY, 5e307, 1.5], 0.0);
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.1, printed to 15 digits.
        let expected = [NAN, NAN, NAN, NAN, 1.1011, 1.1017, 1.10194, 1.10198, 1.10152, 1.10132, 1.10106, 1.1011];
        assert_close(&outputs(&sma(5), &[&CLOSE])[0], &expected, 1e-14);
    }
}
