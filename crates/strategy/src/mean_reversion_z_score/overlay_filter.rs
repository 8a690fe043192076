//! The multi-timeframe overlay of scenario 6 (strategy specification 7.2).

use omega_indicators::Window;
use omega_types::{Bar, Column, Direction, Json, Timeframe};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::side::at;

/// How the results of the timeframes combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum OverlayMode {
    /// Every timeframe agrees.
    All,
    /// At least one timeframe agrees.
    Any,
}

impl OverlayMode {
    /// The name in configurations.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Any => "any",
        }
    }
}

/// The seven values that a timeframe may have of its own, resolved (strategy specification 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct OverlayParameters {
    pub(super) window_length: Window,
    pub(super) b_b_length: Window,
    pub(super) std_factor: f64,
    pub(super) kalman_r: f64,
    pub(super) kalman_q: f64,
    z_score_long: f64,
    z_score_short: f64,
}

impl OverlayParameters {
    /// The z-score that entries of `direction` need.
    const fn threshold(&self, direction: Direction) -> f64 {
        match direction {
            Direction::Long => self.z_score_long,
            Direction::Short => self.z_score_short,
        }
    }
}

/// One overlay timeframe: bid, as of the last completed bar, one value per primary bar.
#[derive(Debug, Clone)]
pub(super) struct OverlaySeries {
    pub(super) timeframe: Timeframe,
    pub(super) parameters: OverlayParameters,
    pub(super) price: Column,
    pub(super) z: Column,
    pub(super) upper: Column,
    pub(super) lower: Column,
}

/// Why a timeframe agrees or not: the rows of 7.2.1, of which the first that fails decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    NoPrice,
    NoZscore,
    ZAboveThreshold,
    ZBelowThreshold,
    NoLowerBand,
    NoUpperBand,
    PriceAboveLower,
    PriceBelowUpper,
    Ok,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::NoPrice => "no_price",
            Self::NoZscore => "no_zscore",
            Self::ZAboveThreshold => "z_above_threshold",
            Self::ZBelowThreshold => "z_below_threshold",
            Self::NoLowerBand => "no_lower_band",
            Self::NoUpperBand => "no_upper_band",
            Self::PriceAboveLower => "price_above_lower",
            Self::PriceBelowUpper => "price_below_upper",
            Self::Ok => "ok",
        }
    }
}

impl OverlaySeries {
    fn status(&self, bar: Bar, direction: Direction) -> Status {
        let Some(price) = at(&self.price, bar) else { return Status::NoPrice };
        let Some(z) = at(&self.z, bar) else { return Status::NoZscore };
        let threshold = self.parameters.threshold(direction);
        match direction {
            Direction::Long if z > threshold => Status::ZAboveThreshold,
            Direction::Long => match at(&self.lower, bar) {
                None => Status::NoLowerBand,
                Some(lower) if price > lower => Status::PriceAboveLower,
                Some(_) => Status::Ok,
            },
            Direction::Short if z < threshold => Status::ZBelowThreshold,
            Direction::Short => match at(&self.upper, bar) {
                None => Status::NoUpperBand,
                Some(upper) if price < upper => Status::PriceBelowUpper,
                Some(_) => Status::Ok,
            },
        }
    }

    fn is_ok(&self, bar: Bar, direction: Direction) -> bool {
        self.status(bar, direction) == Status::Ok
    }

    fn link(&self, bar: Bar, direction: Direction) -> Json {
        let status = self.status(bar, direction);
        json!({
            "tf": self.timeframe.as_str(),
            "direction": direction.as_str(),
            "ok": status == Status::Ok,
            "status": status.as_str(),
            "z": at(&self.z, bar),
            "threshold": self.parameters.threshold(direction),
            "price": at(&self.price, bar),
            "upper": at(&self.upper, bar),
            "lower": at(&self.lower, bar),
            "params": self.parameters,
        })
    }
}

/// All overlay timeframes of one direction, in the order of the configuration.
#[derive(Debug, Clone)]
pub(super) struct OverlayFilter {
    pub(super) mode: OverlayMode,
    pub(super) timeframes: Vec<OverlaySeries>,
}

impl OverlayFilter {
    /// May an entry of `direction` be made on `bar`? Without timeframes: no, in either mode.
    pub(super) fn passes(&self, bar: Bar, direction: Direction) -> bool {
        let mut agreements = self.timeframes.iter().map(|series| series.is_ok(bar, direction));
        match self.mode {
            OverlayMode::All => !self.timeframes.is_empty() && agreements.all(|agrees| agrees),
            OverlayMode::Any => agreements.any(|agrees| agrees),
        }
    }

    /// `tf_h1_ok` or `tf_h1_fail`, per timeframe.
    pub(super) fn tags(&self, bar: Bar, direction: Direction) -> impl Iterator<Item = String> {
        self.timeframes.iter().map(move |series| {
            let verdict = if series.is_ok(bar, direction) { "ok" } else { "fail" };
            format!("tf_{}_{verdict}", series.timeframe.as_str().to_lowercase())
        })
    }

    /// `meta.scenario6`: every timeframe is there, whatever the others say.
    pub(super) fn meta(&self, bar: Bar, direction: Direction) -> Json {
        let chain: Vec<Json> = self.timeframes.iter().map(|series| series.link(bar, direction)).collect();
        json!({ "mode": self.mode.as_str(), "chain": chain })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    /// Thresholds ∓2; price, z-score, upper and lower band of one bar.
    fn series(timeframe: Timeframe, [price, z, upper, lower]: [f64; 4]) -> OverlaySeries {
        let column = |value: f64| Column::from(vec![value]);
        OverlaySeries {
            timeframe,
            parameters: OverlayParameters {
                window_length: 20.try_into().unwrap(),
                b_b_length: 20.try_into().unwrap(),
                std_factor: 2.0,
                kalman_r: 0.01,
                kalman_q: 1.0,
                z_score_long: -2.0,
                z_score_short: 2.0,
            },
            price: column(price),
            z: column(z),
            upper: column(upper),
            lower: column(lower),
        }
    }

    /// Strategy specification 7.2.1, row by row. Each long row fails in one thing only, and in everything after it too.
    #[test]
    fn the_first_failing_row_decides() {
        let long = |values| series(Timeframe::H1, values).status(0, Direction::Long).as_str();
        assert_eq!(long([NAN, NAN, NAN, NAN]), "no_price");
        assert_eq!(long([f64::INFINITY, NAN, NAN, NAN]), "no_price");
        assert_eq!(long([1.1, NAN, NAN, NAN]), "no_zscore");
        assert_eq!(long([1.1, f64::NEG_INFINITY, NAN, NAN]), "no_zscore");
        assert_eq!(long([1.1, -1.9, NAN, NAN]), "z_above_threshold");
        assert_eq!(long([1.1, -2.0, 1.2, NAN]), "no_lower_band");
        assert_eq!(long([1.1, -2.0, NAN, 1.0]), "price_above_lower");
        assert_eq!(long([1.1, -2.0, NAN, 1.1]), "ok");
        let short = |values| series(Timeframe::H1, values).status(0, Direction::Short).as_str();
        assert_eq!(short([NAN, 3.0, 1.0, NAN]), "no_price");
        assert_eq!(short([1.1, NAN, 1.0, NAN]), "no_zscore");
        assert_eq!(short([1.1, 1.9, NAN, NAN]), "z_below_threshold");
        assert_eq!(short([1.1, 2.0, NAN, 1.2]), "no_upper_band");
        assert_eq!(short([1.1, 2.0, 1.2, NAN]), "price_below_upper");
        assert_eq!(short([1.1, 2.0, 1.1, NAN]), "ok");
    }

    /// Strategy specification 7.2.2: one of two timeframes agrees.
    #[test]
    fn all_or_any_of_the_timeframes_agree() {
        let agrees = || series(Timeframe::M5, [1.1, -3.0, 1.2, 1.1]);
        let differs = || series(Timeframe::H1, [1.1, -1.0, 1.2, 1.1]);
        let passes =
            |mode, timeframes: Vec<OverlaySeries>| OverlayFilter { mode, timeframes }.passes(0, Direction::Long);
        use OverlayMode::{All, Any};
        assert!(passes(All, vec![agrees(), agrees()]) && passes(Any, vec![agrees(), agrees()]));
        assert!(!passes(All, vec![agrees(), differs()]) && passes(Any, vec![differs(), agrees()]));
        assert!(!passes(All, vec![differs()]) && !passes(Any, vec![differs()]));
        assert!(!passes(All, vec![]) && !passes(Any, vec![]));
    }

    /// Strategy specification 7.2.3 and 4.5.
    #[test]
    fn the_chain_is_complete_and_numbers_that_are_missing_are_null() {
        let timeframes =
            vec![series(Timeframe::H1, [NAN, -3.0, NAN, 1.0]), series(Timeframe::M5, [1.1, -3.0, 1.2, 1.1])];
        let filter = OverlayFilter { mode: OverlayMode::Any, timeframes };
        let params = json!({
            "window_length": 20, "b_b_length": 20, "std_factor": 2.0, "kalman_r": 0.01, "kalman_q": 1.0,
            "z_score_long": -2.0, "z_score_short": 2.0
        });
        assert_eq!(
            filter.meta(0, Direction::Long),
            json!({ "mode": "any", "chain": [
                { "tf": "H1", "direction": "long", "ok": false, "status": "no_price", "z": -3.0, "threshold": -2.0,
                    "price": null, "upper": null, "lower": 1.0, "params": params },
                { "tf": "M5", "direction": "long", "ok": true, "status": "ok", "z": -3.0, "threshold": -2.0,
                    "price": 1.1, "upper": 1.2, "lower": 1.1, "params": params },
            ] })
        );
        assert_eq!(filter.tags(0, Direction::Long).collect::<Vec<_>>(), ["tf_h1_fail", "tf_m5_ok"]);
        assert_eq!(filter.tags(0, Direction::Short).collect::<Vec<_>>(), ["tf_h1_fail", "tf_m5_fail"]);
    }
}
