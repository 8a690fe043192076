//! Choppiness index.

use serde::{Deserialize, Serialize};

use crate::{
    Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Preset, Window,
    rolling::{WindowMax, WindowSum, roll},
    true_range::true_ranges,
};

/// How much of the way that the bars went was in vain: near 100 sideways, low in a trend.
///
/// `100 * log10(sum of the true ranges / (highest high - lowest low)) / log10(period)` over the last `period` bars.
///
/// - Shape: one value per bar, defined from `period - 1`. A missing value in the window, or a window without any range:
///   NaN. Not limited to 0 to 100.
/// - Unit: percent.
/// - Source: E. W. Dreiss's choppiness index; the true range of the first bar, which has no previous close, counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choppiness {
    /// Window length, in bars.
    pub period: Window,
}

impl Describe for Choppiness {
    const TEXT: &'static str = "Choppiness index: way covered against ground gained; high sideways, low in a trend.";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "period",
        domain: Domain::bars(2),
        preset: Preset::Integer(14),
        text: "Window length, in bars.",
    }];
}

impl Indicator for Choppiness {
    const KIND: &'static str = "choppiness";
    const INPUT: InputKind = InputKind::Bars;
    const WARMUP: &'static str = "period - 1";

    fn warmup(&self) -> usize {
        self.period.bars() - 1
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let (high, low, close) = input.high_low_close();
        let values = output.single();
        let n = self.period.bars();
        // A bar without its high or its low is missing even if another term gives it a range.
        let ranges: Vec<f64> = true_ranges(high, low, close)
            .zip(high.iter().zip(low))
            .map(|(range, (high, low))| if high.is_finite() && low.is_finite() { range } else { f64::NAN })
            .collect();
        let (mut highest, mut highest_negative) = (WindowMax::default(), WindowMax::default());
        let unit = libm::log10(n as f64);
        roll(
            ranges.len(),
            n,
            |t| ranges[t],
            WindowSum::new(self.period.into()),
            |t, range, sum| {
                values[t] = f64::NAN;
                if !range.is_finite() {
                    return;
                }
                let oldest = (t + 1).saturating_sub(n);
                let span = highest.push(t, high[t], oldest) + highest_negative.push(t, -low[t], oldest);
                if let Some(sum) = sum
                    && span != 0.0
                {
                    values[t] = 100.0 * libm::log10(sum / span) / unit;
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, HIGH, LOW, assert_close, outputs};

    const NAN: f64 = f64::NAN;

    fn choppiness(period: u32, high: &[f64], low: &[f64], close: &[f64]) -> Vec<f64> {
        outputs(&Choppiness { period: period.try_into().unwrap() }, &[high, low, close]).remove(0)
    }

    #[test]
    fn is_the_logarithm_of_way_over_ground() {
        // By hand: ranges 2, 3 (|6 - 3|), 3 (|2 - 5|); two bars cover 5 over 6 - 2 = 4, then 6 over 6 - 2 = 4.
        let got = choppiness(2, &[4.0, 6.0, 4.0], &[2.0, 5.0, 2.0], &[3.0, 5.0, 3.0]);
        let percent = |ratio: f64| 100.0 * ratio.ln() / 2.0_f64.ln();
        assert_close(&got, &[NAN, percent(5.0 / 4.0), percent(6.0 / 4.0)], 1e-13);
    }

    #[test]
    fn a_window_without_a_range_or_with_a_gap_has_no_value() {
        assert_close(&choppiness(2, &[1.1; 4], &[1.1; 4], &[1.1; 4]), &[NAN; 4], 0.0);
        // A close outside its bar leaves a way without a span: no value, not an infinite one.
        assert_close(&choppiness(2, &[1.1; 4], &[1.1; 4], &[1.0; 4]), &[NAN; 4], 0.0);
        // A bar whose high is missing is missing, although |low - previous close| is there.
        let got = choppiness(2, &[2.0, 2.0, NAN, 2.0, 2.0], &[1.0; 5], &[1.5; 5]);
        // By hand: two ranges of 1 over a span of 1: 100 * log10(2) / log10(2).
        assert_close(&got, &[NAN, 100.0, NAN, NAN, 100.0], 1e-13);
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.6, printed to 15 digits; ranges of 1e-3 of prices that are known to 2e-16.
        let expected = [
            NAN,
            NAN,
            NAN,
            NAN,
            51.4895707472687,
            52.1362822821785,
            56.5301842549832,
            65.3361505707174,
            44.6018940901336,
            43.0676558073393,
            41.4945719506283,
            53.1655246497596,
        ];
        assert_close(&choppiness(5, &HIGH, &LOW, &CLOSE), &expected, 1e-10);
    }
}
