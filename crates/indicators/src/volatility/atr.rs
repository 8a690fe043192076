//! Average true range.

use serde::{Deserialize, Serialize};

use crate::{
    Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Period, Preset, true_range::true_ranges,
};

/// The mean distance that a bar covers, gaps between bars included, smoothed as Wilder does.
///
/// `tr = max(|high - low|, |high - previous close|, |low - previous close|)` over the terms that are present; the first
/// average is the mean of the first `period` true ranges, then `atr[t] = (atr[t - 1] * (period - 1) + tr[t]) / period`.
///
/// - Shape: one value per bar, defined from `period - 1`. A missing bar repeats the last value. All NaN if one of the first
///   `period` true ranges is not finite.
/// - Unit: price.
/// - Source: J. W. Wilder, *New Concepts in Technical Trading Systems*, 1978; the true range of the first bar, which has no
///   previous close, is part of the first average.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Atr {
    /// Smoothing length, in bars.
    pub period: Period,
}

impl Describe for Atr {
    const TEXT: &'static str = "Average true range with Wilder's smoothing, in price.";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "period",
        domain: Domain::bars(1),
        preset: Preset::Integer(14),
        text: "Smoothing length, in bars.",
    }];
}

impl Indicator for Atr {
    const KIND: &'static str = "atr";
    const INPUT: InputKind = InputKind::Bars;
    const WARMUP: &'static str = "period - 1";

    fn warmup(&self) -> usize {
        self.period.bars() - 1
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let (high, low, close) = input.high_low_close();
        let averages = output.single();
        let period = self.period.bars();
        let mut ranges = true_ranges(high, low, close);
        let undefined = ranges.clone().take_while(|range| range.is_nan()).count();
        let seed = seed(ranges.clone().skip(undefined), period);
        let Some(seed) = seed else { return averages.fill(f64::NAN) };

        let (warmup, defined) = averages.split_at_mut(undefined + period - 1);
        warmup.fill(f64::NAN);
        let Some((first, rest)) = defined.split_first_mut() else { return };
        *first = seed;
        ranges.nth(undefined + period - 1);
        let (mut atr, length, kept) = (seed, period as f64, (period - 1) as f64);
        for (average, range) in rest.iter_mut().zip(ranges) {
            if !range.is_nan() {
                atr = (atr * kept + range) / length;
            }
            *average = atr;
        }
    }
}

/// The mean of the first `period` ranges, if there are as many and all are finite.
fn seed(ranges: impl Iterator<Item = f64>, period: usize) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0);
    for range in ranges.take(period) {
        if !range.is_finite() {
            return None;
        }
        sum += range;
        count += 1;
    }
    (count == period).then(|| sum / period as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, HIGH, LOW, assert_close, outputs};

    const NAN: f64 = f64::NAN;

    fn atr(period: u32, high: &[f64], low: &[f64], close: &[f64]) -> Vec<f64> {
        outputs(&Atr { period: period.try_into().unwrap() }, &[high, low, close]).remove(0)
    }

    #[test]
    fn seeds_with_the_mean_of_the_first_ranges_and_then_smooths() {
        // By hand: ranges 2, max(1, |6-3|, |5-3|) = 3, max(2, |4-5|, |2-5|) = 3; seed (2 + 3) / 2, then (2.5 + 3) / 2.
        assert_close(&atr(2, &[4.0, 6.0, 4.0], &[2.0, 5.0, 2.0], &[3.0, 5.0, 3.0]), &[NAN, 2.5, 2.75], 0.0);
    }

    #[test]
    fn a_missing_bar_repeats_the_value_and_the_next_one_has_no_previous_close() {
        // By hand: seed 1; missing: 1; then |high - low| = 3 alone, although the distance to 10 is larger.
        let got = atr(1, &[10.5, NAN, 3.0], &[9.5, NAN, 0.0], &[10.0, NAN, 1.0]);
        assert_close(&got, &[1.0, 1.0, 3.0], 0.0);
    }

    #[test]
    fn a_hole_in_the_first_window_undefines_everything() {
        let high = [NAN, 2.0, NAN, 2.0, 2.0, 2.0, 2.0];
        assert_close(&atr(2, &high, &[1.0; 7], &[NAN; 7]), &[NAN; 7], 0.0);
    }

    #[test]
    fn four_bars_are_too_few_for_a_period_of_five() {
        // indicators.md 6.9.
        assert_close(&atr(5, &HIGH[..4], &LOW[..4], &CLOSE[..4]), &[NAN; 4], 0.0);
        assert_close(&atr(5, &[], &[], &[]), &[], 0.0);
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.2, printed to 15 digits.
        let ranges = [
            0.000900000000000123,
            0.00169999999999981,
            0.00129999999999986,
            0.00180000000000002,
            0.00140000000000007,
            0.00190000000000001,
            0.00129999999999986,
            0.00190000000000001,
            0.00170000000000003,
            0.00120000000000009,
            0.00170000000000003,
            0.00150000000000006,
        ];
        assert_close(&atr(1, &HIGH, &LOW, &CLOSE), &ranges, 1e-17);
        let expected = [
            NAN,
            NAN,
            NAN,
            NAN,
            0.00141999999999998,
            0.00151599999999998,
            0.00147279999999996,
            0.00155823999999997,
            0.00158659199999998,
            0.0015092736,
            0.00154741888000001,
            0.00153793510400002,
        ];
        assert_close(&atr(5, &HIGH, &LOW, &CLOSE), &expected, 1e-17);
    }
}
