//! The typed parameters of one direction.

use omega_indicators::{Period, Window};
use omega_types::{Direction, Timeframe};
use serde::Deserialize;

use super::trend_filter::TrendRule;

/// What scenarios 1 to 3 read, after every default, alias and override.
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
}
