//! The typed parameters of one direction.

use omega_indicators::{
    GarchVolatility, GarchVolatilityLocal, KalmanGarchZscore, KalmanGarchZscoreLocal, KalmanZscore, Period, Window,
};
use omega_types::{Direction, Timeframe};
use serde::Deserialize;

use super::{cluster_guard::ClusterParameters, trend_filter::TrendRule};

/// What the scenarios read, after every default, alias and override.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct SideParameters {
    pub(super) ema_length: Period,
    pub(super) atr_length: Period,
    pub(super) atr_mult: f64,
    pub(super) b_b_length: Window,
    pub(super) std_factor: f64,
    pub(super) window_length: Window,
    z_score_long: f64,
    z_score_short: f64,
    pub(super) kalman_r: f64,
    pub(super) kalman_q: f64,
    pub(super) tp_min_distance: f64,
    htf_tf: String,
    htf_ema: Period,
    htf_filter: TrendRule,
    extra_htf_tf: String,
    extra_htf_ema: Period,
    extra_htf_filter: TrendRule,
    pub(super) htf_min_filters_required: Option<usize>,
    garch_alpha: f64,
    garch_beta: f64,
    garch_omega: Option<f64>,
    garch_use_log_returns: bool,
    garch_scale: f64,
    garch_min_periods: u32,
    garch_sigma_floor: f64,
    local_z_lookback: u32,
    intraday_vol_garch_lookback: u32,
    #[serde(flatten)]
    pub(super) clusters: ClusterParameters,
}

/// One trend filter as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TrendRequest {
    /// `None` is `NONE`.
    pub(super) timeframe: Option<Timeframe>,
    pub(super) ema: Period,
    pub(super) rule: TrendRule,
    /// The parameter that names the timeframe.
    pub(super) timeframe_parameter: &'static str,
}

impl TrendRequest {
    /// The timeframe that the filter reads, if it reads any.
    pub(super) fn reads(&self) -> Option<Timeframe> {
        if self.rule == TrendRule::None { None } else { self.timeframe }
    }
}

/// The z-score of scenario 4.
#[derive(Debug, Clone)]
pub(super) enum GarchScoreRequest {
    /// Over the whole history.
    Global(KalmanGarchZscore),
    /// Over the last bars only, asked at single bars.
    Local(KalmanGarchZscoreLocal),
}

impl SideParameters {
    /// The z-score that entries of `direction` need.
    pub(super) const fn threshold(&self, direction: Direction) -> f64 {
        match direction {
            Direction::Long => self.z_score_long,
            Direction::Short => self.z_score_short,
        }
    }

    /// Filters A and B.
    pub(super) fn trend_requests(&self) -> [TrendRequest; 2] {
        [
            TrendRequest {
                timeframe: self.htf_tf.parse().ok(),
                ema: self.htf_ema,
                rule: self.htf_filter,
                timeframe_parameter: "htf_tf",
            },
            TrendRequest {
                timeframe: self.extra_htf_tf.parse().ok(),
                ema: self.extra_htf_ema,
                rule: self.extra_htf_filter,
                timeframe_parameter: "extra_htf_tf",
            },
        ]
    }

    /// The z-score of scenarios 2, 3, 5 and 6.
    pub(super) const fn kalman_zscore(&self) -> KalmanZscore {
        KalmanZscore { window: self.window_length, r: self.kalman_r, q: self.kalman_q }
    }

    /// The z-score of scenario 4: of the whole history, or of the last `local_z_lookback` bars where that is not 0.
    pub(super) fn garch_zscore(&self) -> GarchScoreRequest {
        let (r, q, garch) = (self.kalman_r, self.kalman_q, self.garch());
        match self.local_z_lookback {
            0 => GarchScoreRequest::Global(KalmanGarchZscore { r, q, garch }),
            bars => GarchScoreRequest::Local(KalmanGarchZscoreLocal { lookback: i64::from(bars), r, q, garch }),
        }
    }

    /// The feature that scenario 5 clusters.
    pub(super) fn local_volatility(&self) -> GarchVolatilityLocal {
        GarchVolatilityLocal { lookback: i64::from(self.intraday_vol_garch_lookback), garch: self.garch() }
    }

    const fn garch(&self) -> GarchVolatility {
        GarchVolatility {
            alpha: self.garch_alpha,
            beta: self.garch_beta,
            omega: self.garch_omega,
            use_log_returns: self.garch_use_log_returns,
            scale: self.garch_scale,
            min_periods: self.garch_min_periods,
            sigma_floor: self.garch_sigma_floor,
        }
    }
}
