//! The series that volatility clusters are made of.

use serde::{Deserialize, Serialize};

use super::{Atr, GarchVolatility, GarchVolatilityLocal};
use crate::{
    Describe, Domain, InputKind, Inputs, Parameter, Period, Preset,
    describe::joined,
    indicator::fresh_outputs,
    local::{AnswerKind, IDX, Local, LocalAnswer, LocalWindow},
};

/// A measure of volatility up to one bar: the average true range of all bars, or the local GARCH volatility.
///
/// - Shape: `atr_points` is as long as the bars, starts at bar 0 and does not depend on `idx`; `garch_forecast` is the
///   window of [`GarchVolatilityLocal`] that ends at `idx`.
/// - Unit: `atr_points` is in price, despite its name; `garch_forecast` a plain return.
/// - Source: Omega V1.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct VolClusterSeries {
    /// Which measure.
    pub feature: VolFeature,
    /// Smoothing length of the average true range, in bars.
    pub atr_length: Period,
    /// Bars of the GARCH window; 0 and less mean 500.
    pub garch_lookback: i64,
    /// The parameters of the GARCH recursion.
    #[serde(flatten)]
    pub garch: GarchVolatility,
}

/// A measure of volatility.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VolFeature {
    /// Average true range, in price.
    AtrPoints,
    /// Local GARCH volatility.
    GarchForecast,
}

/// What `garch_lookback` means if it is not positive.
const GARCH_LOOKBACK: i64 = 500;

impl Describe for VolClusterSeries {
    const TEXT: &'static str = "Average true range or local GARCH volatility up to one bar, to make clusters of.";
    const PARAMETERS: &'static [Parameter] = &joined::<11>(
        &[
            IDX,
            Parameter {
                name: "feature",
                domain: Domain::Choice(&["atr_points", "garch_forecast"]),
                preset: Preset::Text("garch_forecast"),
                text: "Average true range in price (despite its name), or local GARCH volatility.",
            },
            Parameter {
                name: "atr_length",
                domain: Domain::bars(1),
                preset: Preset::Integer(14),
                text: "Smoothing length of the average true range, in bars.",
            },
            Parameter {
                name: "garch_lookback",
                domain: Domain::ANY_INTEGER,
                preset: Preset::Integer(GARCH_LOOKBACK),
                text: "Bars of the GARCH window; 0 and less mean 500.",
            },
        ],
        GarchVolatility::PARAMETERS,
    );
}

impl Local for VolClusterSeries {
    const KIND: &'static str = "vol_cluster_series";
    const INPUT: InputKind = InputKind::Bars;
    const ANSWER: AnswerKind = AnswerKind::Window;
    const WARMUP: &'static str = "atr_length - 1 for atr_points, 1 + min_periods inside the window for garch_forecast";

    fn answer(&self, input: Inputs<'_>, idx: i64) -> LocalAnswer {
        let (high, low, close) = input.high_low_close();
        LocalAnswer::Window(self.series(high, low, close, idx))
    }
}

impl VolClusterSeries {
    /// The measure up to bar `idx`. The three series are equally long.
    pub fn series(&self, high: &[f64], low: &[f64], close: &[f64], idx: i64) -> LocalWindow {
        match self.feature {
            VolFeature::AtrPoints => {
                let input = Inputs { own: &[high, low, close], parts: &[] };
                let mut ranges = fresh_outputs(&Atr { period: self.atr_length }, input, close.len());
                LocalWindow { start: 0, values: ranges.swap_remove(0) }
            }
            VolFeature::GarchForecast => {
                let lookback = if self.garch_lookback > 0 { self.garch_lookback } else { GARCH_LOOKBACK };
                GarchVolatilityLocal { lookback, garch: self.garch.clone() }.window(close, idx)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, HIGH, LOW, assert_same, outputs};

    fn series(feature: VolFeature, garch_lookback: i64) -> VolClusterSeries {
        let garch = GarchVolatility { alpha: 0.1, beta: 0.8, min_periods: 2, ..GarchVolatility::default() };
        VolClusterSeries { feature, atr_length: 5.try_into().unwrap(), garch_lookback, garch }
    }

    #[test]
    fn atr_points_is_the_whole_average_true_range_in_price() {
        // indicators.md 2.11: price units, despite the name.
        let expected = outputs(&Atr { period: 5.try_into().unwrap() }, &[&HIGH, &LOW, &CLOSE]).remove(0);
        for idx in [-1, 3, 11, 50] {
            let window = series(VolFeature::AtrPoints, 6).series(&HIGH, &LOW, &CLOSE, idx);
            assert_eq!(window.start, 0);
            assert_same(&window.values, &expected);
        }
    }

    #[test]
    fn garch_forecast_is_the_local_window() {
        let given = series(VolFeature::GarchForecast, 6);
        let window = given.series(&HIGH, &LOW, &CLOSE, 11);
        let expected = GarchVolatilityLocal { lookback: 6, garch: given.garch.clone() }.window(&CLOSE, 11);
        assert_eq!(window.start, 6);
        assert_same(&window.values, &expected.values);
    }

    #[test]
    fn a_garch_look_back_of_zero_and_less_means_five_hundred() {
        // indicators.md 2.12. 600 bars, so that 500 differ from all of them.
        let close: Vec<f64> = (0..600).map(|t| 1.1 + f64::from(t * 7_919 % 101) * 1e-4).collect();
        let expected = series(VolFeature::GarchForecast, 500).series(&close, &close, &close, 599);
        assert_eq!((expected.start, expected.values.len()), (100, 500));
        for lookback in [0, -1, i64::MIN] {
            let window = series(VolFeature::GarchForecast, lookback).series(&close, &close, &close, 599);
            assert_eq!(window.start, 100);
            assert_same(&window.values, &expected.values);
        }
    }
}
