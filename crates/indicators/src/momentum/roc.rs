//! Rate of change.

use serde::{Deserialize, Serialize};

use super::change::compare;
use crate::{Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Period, Preset};

/// The relative change over `period` bars: `100 * (x[t] - x[t - period]) / x[t - period]`.
///
/// - Shape: one value per input, defined from `period`; NaN where an operand is missing. From 0: infinite, from 0 to 0 NaN.
/// - Unit: percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roc {
    /// Distance, in bars.
    pub period: Period,
}

impl Describe for Roc {
    const TEXT: &'static str = "Rate of change: the relative change over `period` bars, in percent.";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "period",
        domain: Domain::bars(1),
        preset: Preset::Integer(14),
        text: "Distance of the two values, in bars.",
    }];
}

impl Indicator for Roc {
    const KIND: &'static str = "roc";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "period";

    fn warmup(&self) -> usize {
        self.period.bars()
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        compare(input.series(), self.period, output.single(), |now, before| 100.0 * (now - before) / before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, assert_close, assert_series, outputs};

    const NAN: f64 = f64::NAN;

    fn roc(period: u32) -> Roc {
        Roc { period: period.try_into().unwrap() }
    }

    #[test]
    fn is_the_change_in_percent() {
        // By hand: 100 * (3 - 2) / 2, then a gap on either side, from 0, and 0/0.
        let got = [NAN, 50.0, NAN, NAN, -100.0, f64::INFINITY, -100.0, NAN];
        assert_series(&roc(1), &[2.0, 3.0, NAN, 5.0, 0.0, 1.0, 0.0, 0.0], &got);
        // indicators.md 6.9.
        assert_series(&roc(2), &[1.1, 1.1, 1.1], &[NAN, NAN, 0.0]);
        assert_series(&roc(3), &[1.1, 1.1], &[NAN, NAN]);
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.6, printed to 15 digits; the difference of two prices keeps 12 of them.
        let expected = [
            NAN,
            NAN,
            NAN,
            0.19090909090909,
            0.0272430076280391,
            0.208957935858996,
            0.0272207603665699,
            -0.0544711756695355,
            -0.290117860380768,
            -0.17235123367199,
            0.0726678172404316,
            0.254591743953438,
        ];
        assert_close(&outputs(&roc(3), &[&CLOSE])[0], &expected, 1e-14);
    }
}
