//! Bollinger bands.

use serde::{Deserialize, Serialize};

use crate::{
    Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Preset, Window,
    rolling::{WindowMean, WindowStd, roll},
};

/// A band of `std_factor` standard deviations around the moving average.
///
/// `middle` = mean of the last `period` values, `s` = their sample standard deviation, `upper = middle + std_factor * s`,
/// `lower = middle - std_factor * s`.
///
/// - Shape: `upper`, `middle`, `lower`; one value per input, defined from `period - 1`. A missing value makes exactly the
///   windows that contain it NaN. Without variance all three equal the price.
/// - Unit: the input's own.
/// - Source: J. Bollinger, *Bollinger on Bollinger Bands*, 2001, which divides by `period`; here by `period - 1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bollinger {
    /// Window length, in bars.
    pub period: Window,
    /// Half width of the band, in standard deviations.
    pub std_factor: f64,
}

impl Describe for Bollinger {
    const TEXT: &'static str = "Bollinger bands: moving average plus and minus a multiple of the sample deviation.";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter {
            name: "period",
            domain: Domain::bars(2),
            preset: Preset::Integer(20),
            text: "Window length, in bars.",
        },
        Parameter {
            name: "std_factor",
            domain: Domain::NOT_NEGATIVE,
            preset: Preset::Number(2.0),
            text: "Half width of the band, in standard deviations.",
        },
    ];
}

impl Indicator for Bollinger {
    const KIND: &'static str = "bollinger";
    const INPUT: InputKind = InputKind::Series;
    const OUTPUTS: &'static [&'static str] = &["upper", "middle", "lower"];
    const WARMUP: &'static str = "period - 1";

    fn warmup(&self) -> usize {
        self.period.bars() - 1
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let prices = input.series();
        let [upper, middle, lower] = output.all();
        let window = (WindowMean::new(self.period.into()), WindowStd::new(self.period));
        roll(
            prices.len(),
            self.period.bars(),
            |t| prices[t],
            window,
            |t, _, moments| {
                let (mean, std) = moments.unwrap_or((f64::NAN, f64::NAN));
                let width = self.std_factor * std;
                (upper[t], middle[t], lower[t]) = (mean + width, mean, mean - width);
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, assert_close, outputs};

    const NAN: f64 = f64::NAN;

    fn bands(period: u32, std_factor: f64, closes: &[f64]) -> Vec<Vec<f64>> {
        outputs(&Bollinger { period: period.try_into().unwrap(), std_factor }, &[closes])
    }

    #[test]
    fn divides_by_one_less_than_the_period() {
        // By hand: mean 2, deviations -1 and 1, so s² = 2 / 1.
        let got = bands(2, 1.0, &[1.0, 3.0, NAN]);
        let root = 2.0_f64.sqrt();
        assert_close(&got[0], &[NAN, 2.0 + root, NAN], 0.0);
        assert_close(&got[1], &[NAN, 2.0, NAN], 0.0);
        assert_close(&got[2], &[NAN, 2.0 - root, NAN], 0.0);
    }

    #[test]
    fn without_variance_all_three_are_the_price() {
        // indicators.md 6.9: exactly 1.1, also after other prices have left the window.
        let mut closes = vec![1.3, 1.2, 1.25];
        closes.extend([1.1; 40]);
        for band in bands(20, 2.0, &closes) {
            assert_close(&band[22..], &[1.1; 21], 0.0);
        }
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.1, printed to 15 digits.
        let upper = [
            NAN,
            NAN,
            NAN,
            NAN,
            1.10269373774505,
            1.10347200451467,
            1.10369840837123,
            1.10360111073033,
            1.10403157321215,
            1.10399357438647,
            1.10309273215156,
            1.10326794833887,
        ];
        let lower = [
            NAN,
            NAN,
            NAN,
            NAN,
            1.09950626225495,
            1.09992799548533,
            1.10018159162877,
            1.10035888926967,
            1.09900842678785,
            1.09864642561353,
            1.09902726784844,
            1.09893205166113,
        ];
        let got = bands(5, 2.0, &CLOSE);
        assert_close(&got[0], &upper, 1e-14);
        assert_close(&got[2], &lower, 1e-14);
    }
}
