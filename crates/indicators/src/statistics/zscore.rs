//! Z-score around a moving average.

use serde::{Deserialize, Serialize};

use super::residual::residual_zscores;
use crate::{
    Describe, Domain, Ema, Fault, Indicator, InputKind, Inputs, Outputs, Parameter, Part, Period, Preset, Sma, Window,
};

/// How far the value is from its moving average, in standard deviations of that distance.
///
/// `e = x - mean`, `z = e / s` where `s` is the sample standard deviation of the last `window` values of `e`. This is not
/// the textbook score: each past residual is taken from the mean of its own time.
///
/// - Shape: one value per input, defined from `2 * window - 2` (rolling mean) or `window - 1` (exponential mean). Without
///   variance: NaN if the residual is 0, else infinite.
/// - Unit: standard deviations.
/// - Source: Omega V1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zscore {
    /// Window of the deviation and of the rolling mean, in bars.
    pub window: Window,
    /// Which mean.
    pub mean_source: MeanSource,
    /// Look-back length of the exponential mean, in bars. Without effect for the rolling one.
    #[serde(default)]
    pub ema_period: Option<Period>,
}

/// The mean that a Z-score is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeanSource {
    /// The mean of the last `window` values.
    Rolling,
    /// The exponential mean with `ema_period`.
    Ema,
}

impl Describe for Zscore {
    const TEXT: &'static str = "Distance from a moving average in standard deviations of that distance.";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter {
            name: "window",
            domain: Domain::bars(2),
            preset: Preset::Integer(100),
            text: "Window of the deviation and of the rolling mean, in bars.",
        },
        Parameter {
            name: "mean_source",
            domain: Domain::Choice(&["rolling", "ema"]),
            preset: Preset::Text("rolling"),
            text: "Which mean the distance is taken from.",
        },
        Parameter {
            name: "ema_period",
            domain: Domain::bars(1),
            preset: Preset::Absent,
            text: "Look-back length of the exponential mean, in bars; required if mean_source is ema.",
        },
    ];
}

impl Indicator for Zscore {
    const KIND: &'static str = "zscore";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "2 * window - 2 if mean_source is rolling, window - 1 if it is ema";

    fn warmup(&self) -> usize {
        match self.mean_source {
            MeanSource::Rolling => 2 * self.window.bars() - 2,
            MeanSource::Ema => self.window.bars() - 1,
        }
    }

    fn parts(&self) -> Vec<Part> {
        match (self.mean_source, self.ema_period) {
            (MeanSource::Ema, Some(period)) => vec![Part::new(Ema { period })],
            _ => vec![Part::new(Sma { period: self.window.into() })],
        }
    }

    fn check(&self) -> Result<(), Fault> {
        if self.mean_source == MeanSource::Ema && self.ema_period.is_none() {
            let problem = "is required if mean_source is ema and must be an integer of at least 1";
            return Err(Fault::new("ema_period", problem));
        }
        Ok(())
    }

    fn canonical(&self) -> Self {
        let ema_period = self.ema_period.filter(|_| self.mean_source == MeanSource::Ema);
        Self { ema_period, ..self.clone() }
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        residual_zscores(input.series(), input.part(0), self.window, output.single());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, assert_close, outputs};

    const NAN: f64 = f64::NAN;

    fn rolling(window: u32) -> Zscore {
        Zscore { window: window.try_into().unwrap(), mean_source: MeanSource::Rolling, ema_period: None }
    }

    fn around_ema(window: u32, period: u32) -> Zscore {
        let ema_period = Some(period.try_into().unwrap());
        Zscore { mean_source: MeanSource::Ema, ema_period, ..rolling(window) }
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.2, printed to 15 digits; the residuals are of order 1e-3 of prices that are known to 2e-16.
        let expected = [
            NAN,
            NAN,
            NAN,
            NAN,
            NAN,
            NAN,
            0.259402620700435,
            -1.15455510094079,
            -1.34214831093131,
            -0.493242528549107,
            0.846626615353341,
            1.01138862618308,
        ];
        assert_close(&outputs(&rolling(4), &[&CLOSE])[0], &expected, 1e-11);
        let expected = [
            NAN,
            NAN,
            NAN,
            NAN,
            0.180657343382711,
            2.17136963859768,
            0.240875086844108,
            -1.16545171800162,
            -1.32942714593787,
            -0.15082985950271,
            0.927712868307962,
            0.997719651254542,
        ];
        assert_close(&outputs(&around_ema(5, 3), &[&CLOSE])[0], &expected, 1e-11);
    }

    #[test]
    fn without_variance_there_is_no_score() {
        // indicators.md 6.9: 0/0.
        assert_close(&outputs(&rolling(5), &[&[1.1; 20]])[0], &[NAN; 20], 0.0);
        assert_close(&outputs(&around_ema(5, 3), &[&[1.1; 20]])[0], &[NAN; 20], 0.0);
    }

    #[test]
    fn warm_up_counts_the_mean_and_the_deviation() {
        assert_eq!((rolling(100).warmup(), around_ema(100, 20).warmup()), (198, 99));
    }
}
