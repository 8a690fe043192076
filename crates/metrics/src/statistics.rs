//! Mean, deviations and the ratios built from them. Sums run from left to right.

/// A denominator or deviation at or below this is zero.
pub(crate) const ZERO: f64 = 1e-12;

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

/// Sample covariance, divisor `n − 1`; needs two pairs. Samples beyond the shorter side are left out.
pub(crate) fn sample_covariance(left: &[f64], right: &[f64]) -> Option<f64> {
    let pairs = left.len().min(right.len());
    if pairs < 2 {
        return None;
    }
    let (mean_left, mean_right) = (mean(&left[..pairs]), mean(&right[..pairs]));
    let mut sum = 0.0;
    for (&x, &y) in left.iter().zip(right) {
        sum += (x - mean_left) * (y - mean_right);
    }
    Some(sum / (pairs - 1) as f64)
}

/// Central moment of order `power`, divisor `n`; 0 without samples.
pub(crate) fn central_moment(samples: &[f64], mean_of_samples: f64, power: u32) -> f64 {
    let mut sum = 0.0;
    for &x in samples {
        // Left to right, so that no bit depends on how a power is taken.
        sum += (0..power).fold(1.0, |product, _| product * (x - mean_of_samples));
    }
    if samples.is_empty() { 0.0 } else { sum / samples.len() as f64 }
}

/// The `share` quantile of ascending samples: linear between the neighbours of `(n − 1) × share`; `None` without samples.
pub(crate) fn quantile(ascending: &[f64], share: f64) -> Option<f64> {
    let place = (ascending.len().checked_sub(1)?) as f64 * share;
    let below = place.floor() as usize;
    let low = *ascending.get(below)?;
    let high = ascending.get(below + 1).copied().unwrap_or(low);
    Some(low + (place - below as f64) * (high - low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        // metrics.md 5: h = (N - 1) p. By hand: h = 0.15, 2.85, 1.5 over four samples.
        let samples = [10.0, 20.0, 40.0, 80.0];
        assert_eq!(quantile(&samples, 0.05), Some(10.0 + 0.15 * 10.0));
        assert_eq!(quantile(&samples, 0.5), Some(30.0));
        assert!((quantile(&samples, 0.95).unwrap() - 74.0).abs() < 1e-12); // 40 + 0.85 x 40
        assert_eq!((quantile(&samples, 0.0), quantile(&samples, 1.0)), (Some(10.0), Some(80.0)));
        assert_eq!((quantile(&[7.0], 0.05), quantile(&[], 0.5)), (Some(7.0), None));
    }

    #[test]
    fn covariance_and_moments_by_hand() {
        // Means 2 and 4; products of the deviations (-1)(-2) + 0 + (1)(2) = 4, divisor 2.
        assert_eq!(sample_covariance(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]), Some(2.0));
        assert_eq!(sample_covariance(&[1.0], &[2.0]), None);
        // Deviations -1, 0, 1 and 2 around 1: squares 6, cubes 8, fourth powers 18, divisor 4.
        let samples = [0.0, 1.0, 2.0, 3.0];
        assert_eq!(central_moment(&samples, 1.0, 2), 1.5);
        assert_eq!(central_moment(&samples, 1.0, 3), 2.0);
        assert_eq!(central_moment(&samples, 1.0, 4), 4.5);
    }

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
