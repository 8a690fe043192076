//! Exponential moving average.

use serde::{Deserialize, Serialize};

use crate::{Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Period, Preset, ewm::Ewm};

/// Weights recent values more: each step back in time counts `1 - alpha` as much.
///
/// `ema[t] = ema[t - 1] + alpha * (x[t] - ema[t - 1])` with `alpha = 2 / (period + 1)`, started from the first value.
///
/// - Shape: one value per input, defined from the first present value. A missing value repeats the last result, and what
///   lies before the gap has decayed accordingly: after `g` missing values the next one has the weight
///   `alpha / ((1 - alpha)^(g + 1) + alpha)`.
/// - Unit: the input's own.
/// - Source: S. W. Roberts, *Technometrics* 1(3), 1959; the start value is our choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ema {
    /// Look-back length, in bars.
    pub period: Period,
}

impl Describe for Ema {
    const TEXT: &'static str = "Exponential moving average, started from the first value.";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "period",
        domain: Domain::bars(1),
        preset: Preset::Required,
        text: "Look-back length, in bars: alpha = 2 / (period + 1).",
    }];
}

impl Indicator for Ema {
    const KIND: &'static str = "ema";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "0";

    fn warmup(&self) -> usize {
        0
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let mut ewm = Ewm::new(2.0 / (self.period.bars() as f64 + 1.0));
        for (average, &price) in output.single().iter_mut().zip(input.series()) {
            *average = ewm.push(price);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, assert_close, assert_series, outputs};

    const NAN: f64 = f64::NAN;

    fn ema(period: u32) -> Ema {
        Ema { period: period.try_into().unwrap() }
    }

    #[test]
    fn starts_from_the_first_value_and_then_decays() {
        // By hand, alpha = 2/3: 1, then 1 + 2/3 * (4 - 1) = 3, then 3 + 2/3 * (0 - 3) = 1.
        assert_series(&ema(2), &[1.0, 4.0, 0.0], &[1.0, 3.0, 1.0]);
    }

    #[test]
    fn a_gap_repeats_the_value_and_lets_the_past_decay() {
        // indicators.md 6.9. By hand for the fifth: alpha 1/2, two missing, w = 1/8, so (1.5 / 8 + 3 / 2) / (5 / 8).
        let expected = [1.0, 1.5, 1.5, 1.5, 2.7, 3.35];
        assert_close(&outputs(&ema(3), &[&[1.0, 2.0, NAN, NAN, 3.0, 4.0]])[0], &expected, 1e-15);
        assert_series(&ema(3), &[NAN, NAN, 2.0], &[NAN, NAN, 2.0]);
    }

    #[test]
    fn period_one_reproduces_the_input() {
        assert_series(&ema(1), &[1e16, 0.1, NAN, 1.1], &[1e16, 0.1, 0.1, 1.1]);
    }

    #[test]
    fn a_value_that_equals_the_mean_keeps_it() {
        let flat = [1.1; 50];
        assert_series(&ema(7), &flat, &flat);
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.1, printed to 15 digits.
        let expected = [
            1.1,
            1.1004,
            1.1005,
            1.10103333333333,
            1.10118888888889,
            1.10179259259259,
            1.1019950617284,
            1.10163004115226,
            1.10102002743484,
            1.10084668495656,
            1.10113112330437,
            1.10162074886958,
        ];
        assert_close(&outputs(&ema(5), &[&CLOSE])[0], &expected, 1e-14);
    }
}
