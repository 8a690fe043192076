//! Moving average convergence/divergence.

use serde::{Deserialize, Serialize};

use crate::{Describe, Domain, Ema, Indicator, InputKind, Inputs, Outputs, Parameter, Part, Period, Preset, ewm::Ewm};

/// The distance of a fast exponential average from a slow one, and its own exponential average.
///
/// `macd = ema(fast) - ema(slow)`, `signal` = `macd` smoothed with `alpha = 2 / (signal + 1)` from its first value.
///
/// - Shape: `macd`, `signal`; one value per input, defined from the first present one, where both are 0. `fast` may be the
///   longer one. A missing value repeats the averages, so the signal moves on towards the `macd` of before the gap.
/// - Unit: the input's own.
/// - Source: G. Appel, *The Moving Average Convergence-Divergence Trading Method*, 1985.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Macd {
    /// Look-back length of the fast average, in bars.
    pub fast: Period,
    /// Look-back length of the slow average, in bars.
    pub slow: Period,
    /// Look-back length of the signal, in bars.
    pub signal: Period,
}

const fn length(name: &'static str, bars: i64, text: &'static str) -> Parameter {
    Parameter { name, domain: Domain::bars(1), preset: Preset::Integer(bars), text }
}

impl Describe for Macd {
    const TEXT: &'static str = "Distance of a fast exponential average from a slow one, and its signal line.";
    const PARAMETERS: &'static [Parameter] = &[
        length("fast", 12, "Look-back length of the fast average, in bars."),
        length("slow", 26, "Look-back length of the slow average, in bars."),
        length("signal", 9, "Look-back length of the signal line, in bars."),
    ];
}

impl Indicator for Macd {
    const KIND: &'static str = "macd";
    const INPUT: InputKind = InputKind::Series;
    const OUTPUTS: &'static [&'static str] = &["macd", "signal"];
    const WARMUP: &'static str = "0";

    fn warmup(&self) -> usize {
        0
    }

    fn parts(&self) -> Vec<Part> {
        vec![Part::new(Ema { period: self.fast }), Part::new(Ema { period: self.slow })]
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let [distances, signals] = output.all();
        let mut smoothed = Ewm::new(2.0 / (self.signal.bars() as f64 + 1.0));
        let averages = input.part(0).iter().zip(input.part(1));
        for ((distance, signal), (fast, slow)) in distances.iter_mut().zip(signals).zip(averages) {
            *distance = fast - slow;
            *signal = smoothed.push(*distance);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, assert_close, outputs};

    const NAN: f64 = f64::NAN;

    fn macd(fast: u32, slow: u32, signal: u32) -> Macd {
        let bars = |bars: u32| bars.try_into().unwrap();
        Macd { fast: bars(fast), slow: bars(slow), signal: bars(signal) }
    }

    #[test]
    fn is_the_distance_of_two_averages() {
        // By hand, alphas 1 and 1/2, signal 1/2: averages 1, 5 and 1, 3; distances 0, 2; signals 0, 1. The gap repeats
        // both averages, so the signal goes on to 1.5.
        let got = outputs(&macd(1, 3, 3), &[&[1.0, 5.0, NAN]]);
        assert_close(&got[0], &[0.0, 2.0, 2.0], 0.0);
        assert_close(&got[1], &[0.0, 1.0, 1.5], 0.0);
    }

    #[test]
    fn a_constant_price_has_none() {
        // indicators.md 6.9: exactly 0; fast may be the slower one (2.14).
        for lengths in [macd(3, 6, 4), macd(6, 3, 4), macd(3, 3, 1)] {
            for output in outputs(&lengths, &[&[1.1; 40]]) {
                assert_close(&output, &[0.0; 40], 0.0);
            }
        }
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.6, printed to 15 digits; differences of averages that are known to 2e-16.
        let expected = [
            0.0,
            0.000257142857142734,
            0.00020510204081603,
            0.000457215743440154,
            0.000353368388171349,
            0.000587227420122627,
            0.000458287442944627,
            2.53392449605094e-05,
            -0.000368619289313976,
            -0.000306658867367027,
            1.64211215234467e-05,
            0.000322318100195229,
        ];
        let signal = [
            0.0,
            0.000102857142857093,
            0.000143755102040668,
            0.000269139358600462,
            0.000302830970428817,
            0.000416589550306341,
            0.000433268707361655,
            0.000270096922401197,
            1.46104377151278e-05,
            -0.000113897284317734,
            -6.17699219812618e-05,
            9.18652868893346e-05,
        ];
        let got = outputs(&macd(3, 6, 4), &[&CLOSE]);
        assert_close(&got[0], &expected, 2e-15);
        assert_close(&got[1], &signal, 2e-15);
    }
}
