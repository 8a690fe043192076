//! Momentum: the change over a number of bars.

use serde::{Deserialize, Serialize};

use crate::{Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Period, Preset};

/// The change over `period` bars: `x[t] - x[t - period]`.
///
/// - Shape: one value per input, defined from `period`; NaN where an operand is missing.
/// - Unit: the input's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Momentum {
    /// Distance, in bars.
    pub period: Period,
}

impl Describe for Momentum {
    const TEXT: &'static str = "Momentum: the change over `period` bars, in the unit of the input.";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "period",
        domain: Domain::bars(1),
        preset: Preset::Required,
        text: "Distance of the two values, in bars.",
    }];
}

impl Indicator for Momentum {
    const KIND: &'static str = "momentum";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "period";

    fn warmup(&self) -> usize {
        self.period.bars()
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        compare(input.series(), self.period, output.single(), |now, before| now - before);
    }
}

/// `change(x[t], x[t - period])` for every bar that has both.
pub(super) fn compare(values: &[f64], period: Period, changes: &mut [f64], change: impl Fn(f64, f64) -> f64) {
    let (undefined, defined) = changes.split_at_mut(period.bars().min(values.len()));
    undefined.fill(f64::NAN);
    let later = values.get(period.bars()..).unwrap_or_default();
    for ((next, now), before) in defined.iter_mut().zip(later).zip(values) {
        *next = change(*now, *before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_series;

    const NAN: f64 = f64::NAN;

    #[test]
    fn is_the_difference_to_the_value_so_many_bars_ago() {
        let momentum = Momentum { period: 2.try_into().unwrap() };
        // By hand: 4 - 1, 8 - 2; a missing operand leaves nothing.
        assert_series(&momentum, &[1.0, 2.0, 4.0, 8.0, NAN, 9.0, 9.5], &[NAN, NAN, 3.0, 6.0, NAN, 1.0, NAN]);
        assert_series(&momentum, &[1.0, 2.0], &[NAN, NAN]);
        assert_series(&momentum, &[1.0], &[NAN]);
        assert_series(&momentum, &[], &[]);
    }
}
