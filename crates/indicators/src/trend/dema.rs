//! Double exponential moving average.

use serde::{Deserialize, Serialize};

use crate::{Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Period, Preset, ewm::Ewm};

/// An exponential average that makes up for its own lag: `2 * e1 - e2` with `e1 = ema(x)` and `e2 = ema(e1)`.
///
/// - Shape: one value per input, defined from the first present one. A missing value repeats `e1`, which `e2` goes on to
///   follow.
/// - Unit: the input's own.
/// - Source: P. G. Mulloy, *Technical Analysis of Stocks & Commodities* 12(1), 1994; both averages start from their first
///   value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dema {
    /// Look-back length of the averages, in bars.
    pub period: Period,
}

impl Describe for Dema {
    const TEXT: &'static str = "Double exponential moving average: twice the average minus the average of the average.";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "period",
        domain: Domain::bars(1),
        preset: Preset::Required,
        text: "Look-back length of the averages, in bars: alpha = 2 / (period + 1).",
    }];
}

impl Indicator for Dema {
    const KIND: &'static str = "dema";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "0";

    fn warmup(&self) -> usize {
        0
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let alpha = 2.0 / (self.period.bars() as f64 + 1.0);
        let (mut first, mut second) = (Ewm::new(alpha), Ewm::new(alpha));
        for (average, &price) in output.single().iter_mut().zip(input.series()) {
            let e1 = first.push(price);
            let e2 = second.push(e1);
            *average = 2.0 * e1 - e2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_close, assert_series, outputs};

    const NAN: f64 = f64::NAN;

    #[test]
    fn makes_up_for_the_lag() {
        // By hand, alpha 1/2: e1 = 1, 3, 3 (gap), then (3 / 4 + 7 / 2) / (3 / 4) = 17/3; e2 = 1, 2, 2.5, 49/12.
        let dema = Dema { period: 3.try_into().unwrap() };
        let expected = [NAN, 1.0, 4.0, 3.5, 34.0 / 3.0 - 49.0 / 12.0];
        assert_close(&outputs(&dema, &[&[NAN, 1.0, 5.0, NAN, 7.0]])[0], &expected, 1e-14);
        assert_series(&dema, &[], &[]);
    }
}
