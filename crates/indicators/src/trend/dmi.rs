//! Directional movement and its average.

use serde::{Deserialize, Serialize};

use crate::{
    Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Period, Preset, ewm::Ewm,
    true_range::true_ranges,
};

/// How much of the recent ranges was movement upwards, downwards, and how one-sided it was.
///
/// `u = high[t] - high[t - 1]`, `w = low[t - 1] - low[t]`; movement upwards is `u` if it is positive and larger than `w`,
/// else 0, downwards `w` alike. `plus_di` and `minus_di` are `100 * movement / true range`, `adx` is
/// `100 * |plus_di - minus_di| / (plus_di + minus_di)`, all of them smoothed exponentially with `alpha = 1 / period` from
/// their first value.
///
/// - Shape: `plus_di`, `minus_di`, `adx`; one value per bar. The first two are defined from 0 (NaN as long as no bar had a
///   range), `adx` from the first bar with a movement, where it is 100. A missing bar counts as no movement; the true range
///   repeats.
/// - Unit: 0 to 100.
/// - Source: J. W. Wilder, *New Concepts in Technical Trading Systems*, 1978, whose sums start after `period` bars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dmi {
    /// Smoothing length, in bars.
    pub period: Period,
}

impl Describe for Dmi {
    const TEXT: &'static str = "Directional movement index: share of upward and downward movement, and ADX, 0 to 100.";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "period",
        domain: Domain::bars(1),
        preset: Preset::Integer(14),
        text: "Smoothing length, in bars: alpha = 1 / period.",
    }];
}

impl Indicator for Dmi {
    const KIND: &'static str = "dmi";
    const INPUT: InputKind = InputKind::Bars;
    const OUTPUTS: &'static [&'static str] = &["plus_di", "minus_di", "adx"];
    const WARMUP: &'static str = "0, adx from the first movement on: 1 at the earliest";

    fn warmup(&self) -> usize {
        1
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let (high, low, close) = input.high_low_close();
        let [plus_di, minus_di, adx] = output.all();
        let alpha = 1.0 / self.period.bars() as f64;
        let [mut up, mut down, mut range, mut strength] =
            [Ewm::new(alpha), Ewm::new(alpha), Ewm::new(alpha), Ewm::new(alpha)];
        for (t, true_range) in true_ranges(high, low, close).enumerate() {
            let (upward, downward) = match t.checked_sub(1) {
                Some(before) => movement(high[t] - high[before], low[before] - low[t]),
                None => (0.0, 0.0),
            };
            let range = range.push(true_range);
            let plus = 100.0 * up.push(upward) / range;
            let minus = 100.0 * down.push(downward) / range;
            let difference = 100.0 * (plus - minus).abs() / (plus + minus);
            (plus_di[t], minus_di[t], adx[t]) = (plus, minus, strength.push(difference));
        }
    }
}

/// Movement upwards and downwards, one of which is 0; both are if a term is missing.
fn movement(up: f64, down: f64) -> (f64, f64) {
    if !up.is_finite() || !down.is_finite() {
        (0.0, 0.0)
    } else if up > down && up > 0.0 {
        (up, 0.0)
    } else if down > up && down > 0.0 {
        (0.0, down)
    } else {
        (0.0, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, HIGH, LOW, assert_close, outputs};

    const NAN: f64 = f64::NAN;

    fn dmi(period: u32, high: &[f64], low: &[f64], close: &[f64]) -> Vec<Vec<f64>> {
        outputs(&Dmi { period: period.try_into().unwrap() }, &[high, low, close])
    }

    #[test]
    fn is_the_share_of_movement_in_the_ranges() {
        // By hand, alpha 1/2. Ranges 2, 3 (|5 - 2|), 4; smoothed 2, 2.5, 3.25. Up 0, 2, 0: 0, 1, 0.5; down 0, 0, 3: 0, 0, 1.5.
        // So +DI 0, 40, 50/3.25; -DI 0, 0, 150/3.25; DX 0/0, 100, 100 * 100/200 = 50; ADX 100, then 75.
        let got = dmi(2, &[3.0, 5.0, 4.0], &[1.0, 3.0, 0.0], &[2.0, 4.0, 1.0]);
        assert_close(&got[0], &[0.0, 40.0, 50.0 / 3.25], 1e-13);
        assert_close(&got[1], &[0.0, 0.0, 150.0 / 3.25], 1e-13);
        assert_close(&got[2], &[NAN, 100.0, 75.0], 1e-12);
    }

    #[test]
    fn a_missing_bar_is_no_movement_and_repeats_the_range() {
        // By hand, alpha 1/2: ranges 2, then 3 gives 2.5, which repeats; up 0, 1 (of 2), then 0.5, 0.25.
        let got = dmi(2, &[3.0, 5.0, NAN, 5.0], &[1.0, 3.0, NAN, 3.0], &[2.0, 4.0, NAN, 4.0]);
        // The bar after the gap: |high - low| = 2 with the decayed weight 1/4: (2.5 / 4 + 2 / 2) / (3 / 4).
        let range = (2.5 / 4.0 + 1.0) / 0.75;
        assert_close(&got[0], &[0.0, 40.0, 20.0, 25.0 / range], 1e-13);
    }

    #[test]
    fn an_infinite_bar_is_a_missing_one() {
        const INF: f64 = f64::INFINITY;
        let given = |high: f64, low: f64| {
            dmi(2, &[3.0, 5.0, high, 5.0, 6.0], &[1.0, 3.0, low, 3.0, 4.0], &[2.0, 4.0, NAN, 4.0, 5.0])
        };
        // Had the infinite high been a movement, the average would repeat instead of falling.
        given(INF, 3.0).iter().zip(&given(NAN, NAN)).for_each(|(got, gap)| assert_close(got, gap, 0.0));
    }

    #[test]
    fn without_any_range_there_is_nothing() {
        // indicators.md 6.9: constant highs and lows leave no ADX; constant prices no range either.
        let flat = dmi(4, &[2.0; 9], &[1.0; 9], &[1.5; 9]);
        assert_close(&flat[0], &[0.0; 9], 0.0);
        assert_close(&flat[2], &[NAN; 9], 0.0);
        dmi(4, &[1.1; 9], &[1.1; 9], &[1.1; 9]).iter().for_each(|output| assert_close(output, &[NAN; 9], 0.0));
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.6, printed to 15 digits; differences of 1e-3 of prices that are known to 2e-16.
        let plus = [
            0.0,
            24.9999999999962,
            20.1086956521717,
            26.5476190476203,
            25.2049180327868,
            28.950502911592,
            24.1252898649564,
            16.7266952492034,
            12.2463051723735,
            9.78059503400929,
            24.9140299211743,
            33.503027859217,
        ];
        let minus = [
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            24.2110904448169,
            36.6336100447016,
            29.2576821692578,
            21.1963819982311,
            16.0075364036016,
        ];
        let adx = [
            NAN,
            100.0,
            100.0,
            100.0,
            100.0,
            100.0,
            100.0,
            79.5705911230481,
            72.1510137046345,
            66.5863306408243,
            51.955370791276,
            47.800749494542,
        ];
        let got = dmi(4, &HIGH, &LOW, &CLOSE);
        assert_close(&got[0], &plus, 1e-11);
        assert_close(&got[1], &minus, 1e-11);
        assert_close(&got[2], &adx, 1e-11);
    }
}
