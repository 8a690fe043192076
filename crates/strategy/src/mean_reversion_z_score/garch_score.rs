//! The z-score of scenario 4 (strategy specification 3, 4.2).

use omega_indicators::KalmanGarchZscoreLocal;
use omega_types::{Bar, Column};

use super::side::at;

/// Distance from the Kalman mean in GARCH deviations.
#[derive(Debug, Clone)]
pub(super) enum GarchScore {
    /// Of the whole history, one value per primary bar.
    Global(Column),
    /// Of the last bars only, computed where it is asked.
    Local(KalmanGarchZscoreLocal),
}

impl GarchScore {
    /// The z-score at `bar` of the bid closes `close`; `None` if it is undefined.
    pub(super) fn at(&self, close: &Column, bar: Bar) -> Option<f64> {
        match self {
            Self::Global(column) => at(column, bar),
            Self::Local(score) => score.point(close, i64::try_from(bar).ok()?).filter(|z| z.is_finite()),
        }
    }

    /// The values of every bar, where they exist before the loop.
    pub(super) fn column(&self) -> Option<&Column> {
        match self {
            Self::Global(column) => Some(column),
            Self::Local(_) => None,
        }
    }

    /// The name in `meta.z_kind`.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Global(_) => "kalman_garch",
            Self::Local(_) => "kalman_garch_local",
        }
    }
}
