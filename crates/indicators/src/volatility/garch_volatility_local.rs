//! GARCH(1,1) volatility over the last bars alone.

use serde::Deserialize;

use super::GarchVolatility;
use crate::{
    Describe, Domain, InputKind, Inputs, Parameter, Preset,
    describe::joined,
    local::{AnswerKind, IDX, Local, LocalAnswer, LocalWindow},
};

/// [`GarchVolatility`] of the bars `idx - lookback + 1` to `idx` as if no other bar existed: the first return of the
/// window is its mean and its start.
///
/// - Shape: one value per bar of the window. `idx` behind the last bar counts as the last one, `lookback` below 1 as 1.
///   No value at all for a negative `idx`, no bars, or `alpha + beta >= 1`. On data without gaps the last
///   `lookback - 1 - min_periods` values are defined.
/// - Unit: a plain return.
/// - Source: Omega V1.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct GarchVolatilityLocal {
    /// Number of bars, the last one included.
    pub lookback: i64,
    /// The parameters of the recursion.
    #[serde(flatten)]
    pub garch: GarchVolatility,
}

impl Default for GarchVolatilityLocal {
    fn default() -> Self {
        Self { lookback: 400, garch: GarchVolatility::default() }
    }
}

/// Look-back of the local indicators.
pub(crate) const LOOKBACK: Parameter = Parameter {
    name: "lookback",
    domain: Domain::ANY_INTEGER,
    preset: Preset::Integer(400),
    text: "Number of bars that are looked at, the last one included.",
};

impl Describe for GarchVolatilityLocal {
    const TEXT: &'static str = "GARCH(1,1) volatility that knows the last bars up to one bar alone.";
    const PARAMETERS: &'static [Parameter] = &joined::<9>(&[IDX, LOOKBACK], GarchVolatility::PARAMETERS);
}

impl Local for GarchVolatilityLocal {
    const KIND: &'static str = "garch_volatility_local";
    const INPUT: InputKind = InputKind::Series;
    const ANSWER: AnswerKind = AnswerKind::Window;
    const WARMUP: &'static str = "1 + min_periods, counted inside the window";

    fn answer(&self, input: Inputs<'_>, idx: i64) -> LocalAnswer {
        LocalAnswer::Window(self.window(input.series(), idx))
    }
}

impl GarchVolatilityLocal {
    /// The window that ends at `idx`.
    pub fn window(&self, closes: &[f64], idx: i64) -> LocalWindow {
        let mut window = LocalWindow::default();
        window.start = self.fill(closes, idx, &mut window.values);
        window
    }

    /// [`Self::window`] into memory that it is given: replaces `values` and returns the first bar.
    pub fn fill(&self, closes: &[f64], idx: i64, values: &mut Vec<f64>) -> usize {
        values.clear();
        let (Ok(idx), false) = (usize::try_from(idx), closes.is_empty() || self.garch.is_explosive()) else { return 0 };
        let end = idx.min(closes.len() - 1) + 1;
        let start = end.saturating_sub(usize::try_from(self.lookback).unwrap_or(0).max(1));
        self.garch.filter(&closes[start..end], |variance| values.push(self.garch.sigma(variance)));
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, assert_close, assert_same, outputs};

    const NAN: f64 = f64::NAN;

    fn local(lookback: i64) -> GarchVolatilityLocal {
        let garch = GarchVolatility { alpha: 0.1, beta: 0.8, min_periods: 2, ..GarchVolatility::default() };
        GarchVolatilityLocal { lookback, garch }
    }

    #[test]
    fn agrees_with_the_example_of_the_specification() {
        // indicators.md 6.5.
        let window = local(6).window(&CLOSE, 11);
        assert_eq!(window.start, 6);
        let expected = [NAN, NAN, NAN, 0.000114804366779899, 0.000640080399381746, 0.000963698697518264];
        assert_close(&window.values, &expected, 1e-15);
    }

    #[test]
    fn is_the_indicator_of_the_window_alone() {
        for (idx, lookback) in [(11, 6), (11, 12), (11, 400), (5, 4), (0, 3), (3, 4)] {
            let window = local(lookback).window(&CLOSE, idx);
            let end = idx as usize + 1;
            let start = end.saturating_sub(lookback as usize);
            assert_eq!((window.start, window.values.len()), (start, end - start));
            assert_same(&window.values, &outputs(&local(lookback).garch, &[&CLOSE[start..end]])[0]);
        }
    }

    #[test]
    fn bars_and_lengths_beyond_the_ends() {
        // indicators.md 2.9: clamped at the end, empty before the start.
        assert_eq!(format!("{:?}", local(6).window(&CLOSE, 99)), format!("{:?}", local(6).window(&CLOSE, 11)));
        assert_eq!(local(6).window(&CLOSE, i64::MAX).start, 6);
        for empty in [local(6).window(&CLOSE, -1), local(6).window(&CLOSE, i64::MIN), local(6).window(&[], 0)] {
            assert_eq!(empty, LocalWindow::default());
        }
        let explosive = GarchVolatility { alpha: 0.5, beta: 0.5, ..GarchVolatility::default() };
        let explosive = GarchVolatilityLocal { lookback: 6, garch: explosive };
        assert_eq!(explosive.window(&CLOSE, 11), LocalWindow::default());
        // A look-back below 1 is one bar, which has no return.
        for lookback in [1, 0, -7, i64::MIN] {
            let window = local(lookback).window(&CLOSE, 4);
            assert_eq!(window.start, 4);
            assert_same(&window.values, &[NAN]);
        }
        assert_eq!(local(i64::MAX).window(&CLOSE, 11).start, 0);
    }

    #[test]
    fn on_clean_data_the_last_lookback_minus_one_minus_min_periods_are_defined() {
        // indicators.md 2.9: 10 - 1 - 2.
        let window = local(10).window(&CLOSE, 11);
        assert_eq!(window.values.iter().filter(|value| !value.is_nan()).count(), 7);
    }
}
