//! GARCH(1,1) volatility of returns.

use serde::{Deserialize, Serialize};

use crate::{Describe, Domain, Indicator, InputKind, Inputs, Outputs, Parameter, Preset};

/// The volatility of the next return as a GARCH(1,1) process forecasts it.
///
/// `r[t] = scale * ln(x[t] / x[t - 1])`, or `scale * (x[t] / x[t - 1] - 1)`; with `f` the index of the first return:
/// `mu = r[f]`, `eps2[f] = 0`, `h[f] = max(1e-6, sigma_floor²)`, then
/// `h[t] = max(omega + alpha * eps2[t - 1] + beta * h[t - 1], sigma_floor²)` and `eps2[t] = (r[t] - mu)²`. Without
/// `omega` it is `1e-6 * max(1e-6, 1 - alpha - beta)`. The result is `sqrt(h[t]) / scale`: `h[t]` knows returns up to
/// `t - 1` only.
///
/// - Shape: one value per input, defined from `f + min_periods`. A return that touches a missing, infinite or
///   non-positive price, or is not finite itself, is missing: the value repeats. `alpha + beta >= 1`: all NaN.
/// - Unit: a plain return (0.01 is one percent). `sigma_floor` is in scaled units.
/// - Source: T. Bollerslev, *Journal of Econometrics* 31(3), 1986; the start, by which `mu` is the first return and the
///   series depends on where the data begins, is that of Omega V1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GarchVolatility {
    /// Weight of the last shock.
    pub alpha: f64,
    /// Weight of the last variance.
    pub beta: f64,
    /// Constant of the variance, in scaled units squared; below 0 counts as 0. `None` is not 0.
    pub omega: Option<f64>,
    /// Logarithmic returns, not simple ones.
    pub use_log_returns: bool,
    /// Factor on returns: 100 makes percent.
    pub scale: f64,
    /// Returns after the first one before a value is given.
    pub min_periods: u32,
    /// Lower bound of the deviation, in scaled units.
    pub sigma_floor: f64,
}

impl Default for GarchVolatility {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            beta: 0.90,
            omega: None,
            use_log_returns: true,
            scale: 100.0,
            min_periods: 50,
            sigma_floor: 1e-6,
        }
    }
}

impl Describe for GarchVolatility {
    const TEXT: &'static str = "GARCH(1,1) forecast of the volatility of the next return.";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter {
            name: "alpha",
            domain: Domain::NOT_NEGATIVE,
            preset: Preset::Number(0.05),
            text: "Weight of the last shock. From alpha + beta = 1 on there is no value.",
        },
        Parameter {
            name: "beta",
            domain: Domain::NOT_NEGATIVE,
            preset: Preset::Number(0.90),
            text: "Weight of the last variance. From alpha + beta = 1 on there is no value.",
        },
        Parameter {
            name: "omega",
            domain: Domain::FINITE,
            preset: Preset::Absent,
            text: "Constant of the variance, in scaled units squared, below 0 counts as 0; derived if left out.",
        },
        Parameter {
            name: "use_log_returns",
            domain: Domain::Bool,
            preset: Preset::Bool(true),
            text: "Logarithmic returns, not simple ones.",
        },
        Parameter {
            name: "scale",
            domain: Domain::Above { limit: 0.0 },
            preset: Preset::Number(100.0),
            text: "Factor on returns inside the recursion: 100 makes percent.",
        },
        Parameter {
            name: "min_periods",
            domain: Domain::bars(0),
            preset: Preset::Integer(50),
            text: "Returns after the first one before a value is given.",
        },
        Parameter {
            name: "sigma_floor",
            domain: Domain::NOT_NEGATIVE,
            preset: Preset::Number(1e-6),
            text: "Lower bound of the deviation, in scaled units.",
        },
    ];
}

impl Indicator for GarchVolatility {
    const KIND: &'static str = "garch_volatility";
    const INPUT: InputKind = InputKind::Series;
    const WARMUP: &'static str = "1 + min_periods";

    fn warmup(&self) -> usize {
        1 + self.min_periods as usize
    }

    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        let mut sigmas = output.single().iter_mut();
        self.filter(input.series(), |variance| {
            if let Some(sigma) = sigmas.next() {
                *sigma = self.sigma(variance);
            }
        });
    }
}

impl GarchVolatility {
    /// The variance of the first return, and what the constant is derived from: the estimate of Omega V1 saw one value.
    const START: f64 = 1e-6;

    /// The variances grow without bound, so there are none.
    pub(crate) fn is_explosive(&self) -> bool {
        self.alpha + self.beta >= 1.0
    }

    /// The volatility that belongs to a variance of [`Self::filter`].
    #[inline]
    pub(crate) fn sigma(&self, variance: f64) -> f64 {
        variance.sqrt() / self.scale
    }

    /// Tells `write` the variance of each bar, in scaled units; NaN where it is undefined.
    pub(crate) fn filter(&self, prices: &[f64], mut write: impl FnMut(f64)) {
        let returns = |t: usize| self.scaled_return(prices[t - 1], prices[t]);
        let first = (1..prices.len()).find(|&t| returns(t).is_some());
        let Some(first) = first.filter(|_| !self.is_explosive()) else {
            prices.iter().for_each(|_| write(f64::NAN));
            return;
        };
        let floor = self.sigma_floor * self.sigma_floor;
        let omega = match self.omega {
            Some(omega) => omega.max(0.0),
            None => Self::START * (1.0 - self.alpha - self.beta).max(1e-6),
        };
        let mean = returns(first).unwrap_or_default();
        let (mut shock, mut variance) = (0.0, Self::START.max(floor));
        let defined = first.saturating_add(self.min_periods as usize);
        (0..first).for_each(|_| write(f64::NAN));
        write(if first < defined { f64::NAN } else { variance });
        for t in first + 1..prices.len() {
            if let Some(scaled) = returns(t) {
                variance = (omega + self.alpha * shock + self.beta * variance).max(floor);
                shock = (scaled - mean) * (scaled - mean);
            }
            write(if t < defined { f64::NAN } else { variance });
        }
    }

    /// `None` if it is missing.
    #[inline]
    fn scaled_return(&self, before: f64, now: f64) -> Option<f64> {
        let is_price = |value: f64| value > 0.0 && value < f64::INFINITY;
        if !is_price(before) || !is_price(now) {
            return None;
        }
        let ratio = now / before;
        let scaled = if self.use_log_returns { self.scale * libm::log(ratio) } else { self.scale * (ratio - 1.0) };
        scaled.is_finite().then_some(scaled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLOSE, assert_close, assert_same, outputs};

    const NAN: f64 = f64::NAN;

    /// The parameters of indicators.md 6.4.
    fn example() -> GarchVolatility {
        GarchVolatility { alpha: 0.1, beta: 0.8, min_periods: 3, ..GarchVolatility::default() }
    }

    fn sigmas(garch: &GarchVolatility, closes: &[f64]) -> Vec<f64> {
        outputs(garch, &[closes]).remove(0)
    }

    /// The printed values have 15 digits; a shock is the square of a difference of returns that are known to 1e-15.
    #[track_caller]
    fn assert_table(got: &[f64], expected: &[f64]) {
        assert_same(&got[..4], &[NAN; 4]);
        assert_close(&got[4..], expected, 1e-9 * expected[0]);
    }

    #[test]
    fn agrees_with_the_table_of_the_specification() {
        // indicators.md 6.4.
        let log = [
            0.000440652621976263,
            0.000650101817811367,
            0.000587737193302294,
            0.00073722132734468,
            0.00101783684279796,
            0.00112499422284004,
            0.00101642245861569,
            0.000909121397842628,
        ];
        let constant = [
            0.000661929250943449,
            0.000847232467225876,
            0.000825567315481214,
            0.0009551891920933,
            0.00119628371397295,
            0.00129679771361283,
            0.00121076936749521,
            0.00112817108344632,
        ];
        let simple = [
            0.000440799202200083,
            0.000650293553227933,
            0.000587922134540792,
            0.000737438293240663,
            0.00101788262241065,
            0.00112504502435789,
            0.00101648496472399,
            0.000909177304695897,
        ];
        assert_table(&sigmas(&example(), &CLOSE), &log);
        assert_table(&sigmas(&GarchVolatility { omega: Some(0.001), ..example() }, &CLOSE), &constant);
        assert_table(&sigmas(&GarchVolatility { use_log_returns: false, ..example() }, &CLOSE), &simple);
        // The column h of the same table, defined from the first return on.
        let variances = [
            1e-06,
            9e-07,
            0.00238620054150868,
            0.00194174733254556,
            0.00422632373521644,
            0.00345435008390859,
            0.00543495285491851,
            0.0103599183855692,
            0.0126561200142347,
            0.0103311461437836,
            0.00826501716015334,
        ];
        let mut got = Vec::new();
        GarchVolatility { min_periods: 0, ..example() }.filter(&CLOSE, |variance| got.push(variance));
        assert!(got[0].is_nan());
        for (got, expected) in got[1..].iter().zip(variances) {
            assert!((got / expected - 1.0).abs() < 1e-11, "{got} instead of {expected}");
        }
    }

    #[test]
    fn weights_of_one_and_more_leave_nothing() {
        // indicators.md 6.9 and 1.3: no error, so that a search can step over it.
        for (alpha, beta) in [(0.5, 0.5), (0.0, 1.0), (1.0, 0.0), (3.0, 4.0)] {
            assert_same(&sigmas(&GarchVolatility { alpha, beta, ..example() }, &CLOSE), &[NAN; 12]);
        }
        // The sum is that of doubles: 0.5 + (0.5 - 2^-54) rounds to 1, 0.5 + (0.5 - 2^-53) is below it.
        let below = |gap: i32| GarchVolatility { alpha: 0.5, beta: 0.5 - 2.0_f64.powi(-gap), ..example() };
        assert_same(&sigmas(&below(54), &CLOSE), &[NAN; 12]);
        assert!(sigmas(&below(53), &CLOSE)[4] > 0.0);
    }

    #[test]
    fn a_constant_price_decays_to_the_constant() {
        // indicators.md 6.9, defaults: h[1] = 1e-6, then h = 5e-8 + 0.9 * h, which settles at 5e-8 / 0.1 = 5e-7.
        let garch = GarchVolatility { min_periods: 0, ..GarchVolatility::default() };
        let mut variances = Vec::new();
        garch.filter(&[1.1; 400], |variance| variances.push(variance));
        assert_eq!(variances[1], 1e-6);
        assert!((variances[2] - 9.5e-7).abs() < 1e-18);
        assert!((variances[399] - 5e-7).abs() < 1e-18);
    }

    #[test]
    fn an_omega_of_zero_is_not_the_derived_one_and_a_negative_one_counts_as_zero() {
        // By hand on a constant price with beta 0.8: h = 1e-6, then 0.8e-6, 0.64e-6 with omega 0; with the derived omega of
        // 1e-6 * (1 - 0.1 - 0.8) each step adds 1e-7.
        let at = |omega| {
            let mut variances = Vec::new();
            GarchVolatility { omega, min_periods: 0, ..example() }
                .filter(&[2.0; 4], |variance| variances.push(variance));
            variances.split_off(1)
        };
        assert_close(&at(Some(0.0)), &[1e-6, 0.8e-6, 0.64e-6], 1e-20);
        assert_same(&at(Some(-3.0)), &at(Some(0.0)));
        assert_close(&at(None), &[1e-6, 0.9e-6, 0.82e-6], 1e-20);
        // Weights close to 1: the factor is at least 1e-6.
        let garch = GarchVolatility { alpha: 0.0, beta: 1.0 - 1e-9, min_periods: 0, ..example() };
        let mut variances = Vec::new();
        garch.filter(&[2.0; 3], |variance| variances.push(variance));
        assert!((variances[2] - (1e-12 + (1.0 - 1e-9) * 1e-6)).abs() < 1e-21);
    }

    #[test]
    fn the_floor_is_in_scaled_units() {
        // indicators.md 2.8: the effective floor of the output is sigma_floor / scale.
        let garch = GarchVolatility { sigma_floor: 0.5, min_periods: 0, ..example() };
        assert_close(&sigmas(&garch, &[1.1; 5]), &[NAN, 0.005, 0.005, 0.005, 0.005], 0.0);
    }

    #[test]
    fn a_missing_return_repeats_the_value_and_changes_nothing() {
        let garch = GarchVolatility { min_periods: 0, ..example() };
        let gap = sigmas(&garch, &[1.0, 1.01, 1.03, NAN, 1.02, 1.05, 1.04]);
        // The same returns without the two that touch the gap: 1 % up, 2 % up, then 3 % up and 1 % down.
        let whole = sigmas(&garch, &[1.0, 1.01, 1.03, 1.03 * 1.05 / 1.02, 1.03 * 1.04 / 1.02]);
        assert_same(&gap[..3], &whole[..3]);
        assert_same(&gap[3..5], &[gap[2], gap[2]]);
        assert_close(&gap[5..], &whole[3..], 1e-15);
        for bad in [0.0, -1.0, f64::INFINITY, f64::NEG_INFINITY] {
            assert_same(&sigmas(&garch, &[1.0, 1.01, 1.03, bad, 1.02, 1.05, 1.04]), &gap);
        }
        // The first return may come late; min_periods is counted from it.
        let late = sigmas(&GarchVolatility { min_periods: 1, ..example() }, &[NAN, 0.0, 1.0, 1.01, 1.03, 1.02]);
        assert_same(&late[..4], &[NAN; 4]);
        assert_same(&late[4..], &gap_free(&[1.0, 1.01, 1.03, 1.02])[2..]);
    }

    fn gap_free(closes: &[f64]) -> Vec<f64> {
        sigmas(&GarchVolatility { min_periods: 1, ..example() }, closes)
    }

    #[test]
    fn a_value_knows_returns_of_earlier_bars_only() {
        let garch = GarchVolatility { min_periods: 0, ..example() };
        let calm = sigmas(&garch, &[1.0, 1.01, 1.0, 1.01, 1.02]);
        let jump = sigmas(&garch, &[1.0, 1.01, 1.0, 1.50, 1.51]);
        assert_same(&calm[..4], &jump[..4]);
        assert!(jump[4] > 10.0 * calm[4]);
    }

    #[test]
    fn too_few_bars_have_no_return() {
        for closes in [&[][..], &[1.1], &[1.1, NAN, 1.2], &[NAN; 5], &[0.0; 5]] {
            assert_same(&sigmas(&example(), closes), &vec![NAN; closes.len()]);
        }
        assert_same(&sigmas(&GarchVolatility { min_periods: u32::MAX, ..example() }, &CLOSE), &[NAN; 12]);
    }
}
