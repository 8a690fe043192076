//! Relative strength index.

use serde::{Deserialize, Serialize};

use crate::{Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Period, Preset, ewm::Ewm};

/// The share of gains in the recent moves: 100 if prices only rose, 0 if they only fell.
///
/// `d = x[t] - x[t - 1]`, gain `max(d, 0)`, loss `max(-d, 0)`, each smoothed exponentially with `alpha = 1 / period` from
/// its first value; `rsi = 100 - 100 / (1 + gains / losses)`.
///
/// - Shape: one value per input, defined from 1. A missing value repeats the last result and lets the past decay. Without
///   any move so far: NaN.
/// - Unit: 0 to 100.
/// - Source: J. W. Wilder, *New Concepts in Technical Trading Systems*, 1978, who starts from the mean of the first
///   `period` moves; here from the first move.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rsi {
    /// Smoothing length, in bars.
    pub period: Period,
}

impl Describe for Rsi {
    const TEXT: &'static str = "Relative strength index: the share of gains in the recent moves, 0 to 100.";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "period",
        domain: Domain::bars(1),
        preset: Preset::Integer(14),
        text: "Smoothing length, in bars: alpha = 1 / period.",
    }];
}

impl Indicator for Rsi {
    const KIND: &'static str = "rsi";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "1";

    fn warmup(&self) -> usize {
        1
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let alpha = 1.0 / self.period.bars() as f64;
        let (mut gains, mut losses) = (Ewm::new(alpha), Ewm::new(alpha));
        let mut before = f64::NAN;
        for (strength, &price) in output.single().iter_mut().zip(input.series()) {
            let change = price - before;
            before = price;
            // An infinite change is as missing as NaN, in both.
            let (gain, loss) = match change {
                _ if !change.is_finite() => (f64::NAN, f64::NAN),
                _ if change > 0.0 => (change, 0.0),
                _ => (0.0, 0.0 - change),
            };
            *strength = 100.0 - 100.0 / (1.0 + gains.push(gain) / losses.push(loss));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, assert_close, assert_series, outputs};

    const NAN: f64 = f64::NAN;

    fn rsi(period: u32) -> Rsi {
        Rsi { period: period.try_into().unwrap() }
    }

    #[test]
    fn starts_from_the_first_move() {
        // By hand, alpha 1/2: gains 2, then 2/2 = 1; losses 0, then 0 + 1/2 * (1 - 0); 100 - 100 / (1 + 2) at the end.
        assert_close(&outputs(&rsi(2), &[&[1.0, 3.0, 2.0]])[0], &[NAN, 100.0, 100.0 - 100.0 / 3.0], 1e-13);
        assert_series(&rsi(2), &[3.0, 2.0, 1.0], &[NAN, 0.0, 0.0]);
        assert_series(&rsi(1), &[3.0], &[NAN]);
    }

    #[test]
    fn without_any_move_there_is_no_value() {
        // indicators.md 6.9: NaN, not 50.
        assert_series(&rsi(5), &[1.1; 9], &[NAN; 9]);
        assert_series(&rsi(5), &[1.1, 1.1, 1.2], &[NAN, NAN, 100.0]);
    }

    #[test]
    fn a_gap_repeats_the_value_and_lets_the_past_decay() {
        // By hand, alpha 1/2, gains 1 then two missing (the moves into and out of the gap), w = 1/8: the loss of 1 enters
        // with (0 + 1/2) / (1/8 + 1/2) = 0.8, the gains keep (1/8) / (5/8) = 0.2; 100 - 100 / (1 + 0.25) = 20.
        assert_close(&outputs(&rsi(2), &[&[1.0, 2.0, NAN, 5.0, 4.0]])[0], &[NAN, 100.0, 100.0, 100.0, 20.0], 1e-13);
        let around = |value: f64| outputs(&rsi(2), &[&[1.0, 2.0, 1.5, value, 1.7, 1.6]]).remove(0);
        assert_close(&around(f64::INFINITY), &around(NAN), 0.0);
        assert_close(&around(f64::NEG_INFINITY), &around(NAN), 0.0);
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.6, printed to 15 digits; moves of 1e-3 between prices that are known to 2e-16.
        let expected = [
            NAN,
            100.0,
            90.5660377358491,
            92.90780141844,
            82.0031298904509,
            86.8326892800897,
            76.5600353334587,
            55.8954781276796,
            44.8088554174458,
            52.3299876627403,
            63.1041701302341,
            69.5551314966746,
        ];
        assert_close(&outputs(&rsi(5), &[&CLOSE])[0], &expected, 1e-10);
    }
}
