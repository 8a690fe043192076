//! Exponentially weighted mean, the building block of EMA and its relatives (indicators.md 1.4).

/// Starts from the first present value; a gap lets the old weight decay. Infinite values count as missing.
#[derive(Debug, Clone)]
pub(crate) struct Ewm {
    alpha: f64,
    mean: f64,
    /// `(1 - alpha)` to the power of the missing values since the last present one.
    weight: f64,
}

impl Ewm {
    /// The first value is still to come.
    pub(crate) fn new(alpha: f64) -> Self {
        Self { alpha, mean: f64::NAN, weight: 1.0 }
    }

    /// The mean after `value`: NaN before the first present one.
    #[inline]
    pub(crate) fn push(&mut self, value: f64) -> f64 {
        if !value.is_finite() {
            self.weight *= 1.0 - self.alpha;
        } else if self.mean.is_nan() || self.alpha == 1.0 {
            self.mean = value;
            self.weight = 1.0;
        } else if self.weight == 1.0 {
            // This form keeps a mean that equals the value, bit for bit.
            self.mean += self.alpha * (value - self.mean);
        } else {
            let old = self.weight * (1.0 - self.alpha);
            self.mean += self.alpha / (old + self.alpha) * (value - self.mean);
            self.weight = 1.0;
        }
        self.mean
    }
}
