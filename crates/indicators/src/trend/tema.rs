//! Triple exponential moving average.

use serde::{Deserialize, Serialize};

use crate::{Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Period, Preset, ewm::Ewm};

/// An exponential average that makes up for its own lag twice: `3 * e1 - 3 * e2 + e3` with `e1 = ema(x)`, `e2 = ema(e1)`
/// and `e3 = ema(e2)`.
///
/// - Shape: one value per input, defined from the first present one. A missing value repeats `e1`, which the others go on
///   to follow.
/// - Unit: the input's own.
/// - Source: P. G. Mulloy, *Technical Analysis of Stocks & Commodities* 12(2), 1994; the averages start from their first
///   value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tema {
    /// Look-back length of the averages, in bars.
    pub period: Period,
}

impl Describe for Tema {
    const TEXT: &'static str = "Triple exponential moving average: three nested averages with less lag than one.";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "period",
        domain: Domain::bars(1),
        preset: Preset::Required,
        text: "Look-back length of the averages, in bars: alpha = 2 / (period + 1).",
    }];
}

impl Indicator for Tema {
    const KIND: &'static str = "tema";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "0";

    fn warmup(&self) -> usize {
        0
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let alpha = 2.0 / (self.period.bars() as f64 + 1.0);
        let [mut first, mut second, mut third] = [Ewm::new(alpha), Ewm::new(alpha), Ewm::new(alpha)];
        for (average, &price) in output.single().iter_mut().zip(input.series()) {
            let e1 = first.push(price);
            let e2 = second.push(e1);
            let e3 = third.push(e2);
            *average = 3.0 * e1 - 3.0 * e2 + e3;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_close, assert_series, outputs};

    const NAN: f64 = f64::NAN;

    #[test]
    fn makes_up_for_the_lag_twice() {
        // By hand, alpha 1/2: e1 = 1, 3, 3 (gap), then (3 / 4 + 7 / 2) / (3 / 4) = 17/3; e2 = 1, 2, 2.5, 49/12;
        // e3 = 1, 1.5, 2, 73/24.
        let tema = Tema { period: 3.try_into().unwrap() };
        let expected = [NAN, 1.0, 4.5, 3.5, 17.0 - 49.0 / 4.0 + 73.0 / 24.0];
        assert_close(&outputs(&tema, &[&[NAN, 1.0, 5.0, NAN, 7.0]])[0], &expected, 1e-14);
        assert_series(&tema, &[], &[]);
    }
}
