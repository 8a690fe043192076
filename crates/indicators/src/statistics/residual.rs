//! The Z-score of a residual series: what the Z-scores around different means share.

use crate::{
    Window,
    rolling::{WindowStd, roll},
};

/// `e = x - mean`, `z = e / rolling std(e, window)`: the divisor is the deviation of the residuals, each of which has its
/// own mean, not that of the prices. Without variance the IEEE quotient: 0/0 NaN, c/0 infinite.
pub(super) fn residual_zscores(prices: &[f64], means: &[f64], window: Window, scores: &mut [f64]) {
    let len = prices.len().min(means.len()).min(scores.len());
    let residual = |t: usize| prices[t] - means[t];
    roll(len, window.bars(), residual, WindowStd::new(window), |t, residual, std| {
        scores[t] = std.map_or(f64::NAN, |std| residual / std);
    });
}
