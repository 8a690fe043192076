//! Indicators that measure how unusual a value is.

mod kalman_mean;
mod kalman_zscore;
mod residual;
mod zscore;

pub use kalman_mean::KalmanMean;
pub use kalman_zscore::KalmanZscore;
pub use zscore::{MeanSource, Zscore};
