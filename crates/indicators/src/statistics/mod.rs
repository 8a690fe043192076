//! Indicators that measure how unusual a value is.

mod kalman_garch_zscore;
mod kalman_garch_zscore_local;
mod kalman_mean;
mod kalman_zscore;
mod residual;
mod rolling_mean;
mod rolling_std;
mod zscore;

pub use kalman_garch_zscore::KalmanGarchZscore;
pub use kalman_garch_zscore_local::KalmanGarchZscoreLocal;
pub use kalman_mean::KalmanMean;
pub use kalman_zscore::KalmanZscore;
pub use rolling_mean::RollingMean;
pub use rolling_std::RollingStd;
pub use zscore::{MeanSource, Zscore};
