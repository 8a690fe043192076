//! Mean, deviations and the ratios built from them. Sums run from left to right.

/// A denominator at or below this is zero.
const ZERO: f64 = 1e-12;

/// Arithmetic mean; 0 without samples.
pub(crate) fn mean(samples: &[f64]) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let mut sum = 0.0;
    for &x in samples {
        sum += x;
    }
    sum / samples.len() as f64
}

/// Sample standard deviation, divisor `n − 1`; needs two samples.
pub(crate) fn sample_deviation(samples: &[f64], mean: f64) -> Option<f64> {
    if samples.len() < 2 {
        return None;
    }
    let mut sum = 0.0;
    for &x in samples {
        sum += (x - mean) * (x - mean);
    }
    Some((sum / (samples.len() - 1) as f64).sqrt())
}

/// Downside deviation around 0, divisor `n` (all samples); needs two samples.
pub(crate) fn downside_deviation(samples: &[f64]) -> Option<f64> {
    if samples.len() < 2 {
        return None;
    }
    let mut sum = 0.0;
    for &x in samples {
        let below = x.min(0.0);
        sum += below * below;
    }
    Some((sum / samples.len() as f64).sqrt())
}

/// `numerator / denominator` under the zero-denominator rule: a flat series gives 0, an all-winning one nothing.
pub(crate) fn ratio(numerator: f64, denominator: f64) -> Option<f64> {
    if denominator > ZERO {
        Some(numerator / denominator)
    } else if numerator.abs() <= ZERO {
        Some(0.0)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_need_two_samples() {
        assert_eq!(sample_deviation(&[1.0], 1.0), None);
        assert_eq!(downside_deviation(&[-1.0]), None);
        // By hand: mean 2, squares 1 + 1, divisor 1.
        assert_eq!(sample_deviation(&[1.0, 3.0], 2.0), Some(2f64.sqrt()));
        // By hand: (9 + 0 + 0 + 0) / 4.
        assert_eq!(downside_deviation(&[-3.0, 1.0, 2.0, 0.0]), Some(1.5));
    }

    #[test]
    fn the_unrounded_values_of_the_specification() {
        // metrics.md 7, example 1: R of the results with a risk of 100.
        let r = [120.0, -100.0, 80.0, -100.0, 0.0, 150.5, -60.25, 45.0].map(|result| result / 100.0);
        assert_eq!(mean(&r), 0.16906249999999998);
        assert_eq!(sample_deviation(&r, mean(&r)), Some(0.9770125177403965));
        assert_eq!(downside_deviation(&r), Some(0.5434848491448497));
        // metrics.md 7, example 3: daily returns.
        let equity = [
            10_000.0, 10_080.0, 10_040.0, 10_120.0, 10_090.0, 10_210.0, 10_150.0, 10_150.0, 10_260.0, 10_200.0,
            10_330.0,
        ];
        let returns: Vec<f64> = equity.windows(2).map(|pair| (pair[1] - pair[0]) / pair[0]).collect();
        assert_eq!(mean(&returns), 0.0032786401643946582);
        assert_eq!(sample_deviation(&returns, mean(&returns)), Some(0.007707097497022687));
        assert_eq!(downside_deviation(&returns), Some(0.003053976942461332));
    }

    #[test]
    fn a_zero_denominator_gives_zero_only_for_a_zero_numerator() {
        assert_eq!(ratio(0.0, 0.0), Some(0.0));
        assert_eq!(ratio(0.5, 0.0), None);
        assert_eq!(ratio(0.5, 1e-12), None);
        assert_eq!(ratio(1.0, 4.0), Some(0.25));
    }
}
