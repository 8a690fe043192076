//! The volatility-cluster guard of scenario 5 (strategy specification 7.1).

use omega_indicators::{ClusterState, ClusterStatus, GarchVolatilityLocal, VolClusterState};
use omega_types::{Bar, Column, Direction, Json};
use serde::Deserialize;
use serde_json::json;

/// How the forecast volatility of the last bars is grouped, and which groups permit an entry.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct ClusterParameters {
    #[serde(rename = "intraday_vol_feature")]
    feature: String,
    #[serde(rename = "intraday_vol_cluster_window")]
    window: u32,
    #[serde(rename = "intraday_vol_cluster_k")]
    k: u32,
    #[serde(rename = "intraday_vol_min_points")]
    min_points: u32,
    #[serde(rename = "intraday_vol_log_transform")]
    log_transform: bool,
    #[serde(rename = "intraday_vol_allowed")]
    allowed: Vec<String>,
    #[serde(rename = "cluster_hysteresis_bars")]
    hysteresis_bars: u32,
}

impl ClusterParameters {
    fn clusters(&self) -> VolClusterState {
        VolClusterState {
            window: i64::from(self.window),
            k: i64::from(self.k),
            min_points: i64::from(self.min_points),
            log_transform: self.log_transform,
        }
    }
}

/// Permits entries while the current volatility belongs to an allowed group. Looks at one clustering of the bars up to
/// now and remembers nothing.
#[derive(Debug, Clone)]
pub(super) struct ClusterGuard {
    pub(super) parameters: ClusterParameters,
    pub(super) volatility: GarchVolatilityLocal,
}

impl ClusterGuard {
    /// May an entry be made on `bar` of the bid closes `close`?
    pub(super) fn passes(&self, close: &Column, bar: Bar) -> bool {
        self.verdict(&self.state(close, bar)) == ClusterStatus::Ok
    }

    /// `meta.vol_cluster` (7.1.5).
    pub(super) fn meta(&self, close: &Column, bar: Bar, direction: Direction) -> Json {
        let (state, parameters) = (self.state(close, bar), &self.parameters);
        let mut meta = json!({
            "feature": parameters.feature,
            "window": parameters.window,
            "k": parameters.k,
            "min_points": parameters.min_points,
            "log_transform": parameters.log_transform,
            "hysteresis_bars": parameters.hysteresis_bars,
            "direction": direction.as_str(),
            "sample_size": state.sample_size,
            "status": self.verdict(&state).as_str(),
        });
        let Some(clusters) = &state.clusters else { return meta };
        let label = clusters.current();
        let mut allowed_labels = parameters.allowed.clone();
        allowed_labels.sort();
        let is_steady = state.guard(i64::from(parameters.hysteresis_bars), &[&label]) == ClusterStatus::Ok;
        meta["sigma"] = json!(clusters.sigma);
        meta["centers"] = json!(clusters.centers);
        if let Some(logarithms) = &clusters.centers_log {
            meta["centers_log"] = json!(logarithms);
        }
        meta["hysteresis_ok"] = json!(is_steady);
        meta["allowed_now"] = json!(allowed_labels.contains(&label));
        meta["allowed_labels"] = json!(allowed_labels);
        meta["label"] = json!(label);
        meta
    }

    fn state(&self, close: &Column, bar: Bar) -> ClusterState {
        // A bar index is below 2^63; a negative one would be empty.
        let window = self.volatility.window(close, i64::try_from(bar).unwrap_or(-1));
        self.parameters.clusters().of(&window.values)
    }

    fn verdict(&self, state: &ClusterState) -> ClusterStatus {
        state.guard(i64::from(self.parameters.hysteresis_bars), &self.parameters.allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mean_reversion_z_score::testing::plan;

    fn parameters(changes: Json) -> ClusterParameters {
        let mut all = json!({
            "enabled_scenarios": [5], "intraday_vol_min_points": 1, "intraday_vol_log_transform": false,
            "intraday_vol_allowed": ["low", "mid", "high"]
        });
        for (name, value) in changes.as_object().unwrap() {
            all[name] = value.clone();
        }
        plan(Direction::Long, all).parameters.clusters
    }

    fn status(values: &[f64], changes: Json) -> &'static str {
        let guard = ClusterGuard {
            parameters: parameters(changes),
            volatility: plan(Direction::Long, json!({})).parameters.local_volatility(),
        };
        guard.verdict(&guard.parameters.clusters().of(values)).as_str()
    }

    /// Strategy specification 7.1.6, every row: centres and labels by index; the rank of an index gives its name.
    #[test]
    fn clusters_agree_with_the_vectors_of_the_specification() {
        let with = |middle: &[f64]| (1..=9).map(f64::from).chain(middle.iter().copied()).collect::<Vec<f64>>();
        let rows: [(&[f64], &[f64], &[usize]); 6] = [
            (&[1.0, 1.1, 0.9, 5.0, 5.2, 4.8, 10.0, 10.5, 9.5], &[1.0, 5.0, 10.0], &[0, 0, 0, 1, 1, 1, 2, 2, 2]),
            (&with(&[10.0]), &[2.5, 6.0, 9.0], &[0, 0, 0, 0, 1, 1, 1, 2, 2, 2]),
            (&with(&[100.0]), &[2.5, 7.0, 100.0], &[0, 0, 0, 0, 1, 1, 1, 1, 1, 2]),
            (&[1.0, 1.0, 1.0, 2.0], &[1.0, 2.0], &[1, 1, 1, 0]),
            (&[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0], &[1.0, 1.0, 2.5], &[0, 0, 0, 0, 0, 0, 2, 2]),
            (&[3.0, 3.0, 3.0], &[3.0], &[0, 0, 0]),
        ];
        for (values, ascending, labels) in rows {
            let state = parameters(json!({})).clusters().of(values);
            let clusters = state.clusters.unwrap();
            assert_eq!(clusters.labels, labels, "{values:?}");
            assert_eq!(clusters.centers.len(), ascending.len());
            for (center, expected) in clusters.centers.iter().zip(ascending) {
                assert!((center - expected).abs() < 1e-12, "{values:?}: {center} is not {expected}");
            }
            assert_eq!(clusters.centers_log, None);
        }
        // K = 2: index 1 ranks first, so the last value, 2, is mid and not low.
        let state = parameters(json!({})).clusters().of(&[1.0, 1.0, 1.0, 2.0]);
        let clusters = state.clusters.unwrap();
        assert_eq!(
            (clusters.name(1), clusters.name(0), clusters.current()),
            ("low".into(), "mid".into(), "mid".into())
        );
    }

    const RISING: [f64; 9] = [1.0, 1.1, 0.9, 5.0, 5.2, 4.8, 10.0, 10.5, 9.5];

    /// Strategy specification 7.1.2 and 7.1.4, in the order of the checks: each row passes the rows above.
    #[test]
    fn the_first_check_that_fails_gives_the_status() {
        assert_eq!(status(&[], json!({})), "insufficient_points");
        assert_eq!(status(&RISING, json!({ "intraday_vol_min_points": 10 })), "insufficient_points");
        let undefined: Vec<f64> = [f64::NAN].into_iter().chain(RISING).collect();
        assert_eq!(status(&undefined, json!({ "intraday_vol_min_points": 10 })), "insufficient_points");
        assert_eq!(status(&RISING[..2], json!({})), "insufficient_unique");
        let block = json!({ "cluster_hysteresis_bars": 4, "intraday_vol_allowed": ["mid"] });
        assert_eq!(status(&RISING, block), "hysteresis_block");
        let steady = json!({ "cluster_hysteresis_bars": 3, "intraday_vol_allowed": ["mid"] });
        assert_eq!(status(&RISING, steady), "label_block");
        assert_eq!(status(&RISING, json!({ "cluster_hysteresis_bars": 3, "intraday_vol_allowed": ["high"] })), "ok");
    }

    /// 0 and 1 are the same; more values than there are labels fail.
    #[test]
    fn hysteresis_counts_labels_of_one_clustering() {
        let low_again: Vec<f64> = RISING.iter().copied().chain([1.0]).collect();
        for (bars, expected) in [(0, "ok"), (1, "ok"), (2, "hysteresis_block")] {
            assert_eq!(status(&low_again, json!({ "cluster_hysteresis_bars": bars })), expected);
        }
        let flat =
            json!({ "cluster_hysteresis_bars": 4, "intraday_vol_cluster_window": 4, "intraday_vol_cluster_k": 1 });
        assert_eq!(status(&[3.0; 3], flat.clone()), "hysteresis_block");
        assert_eq!(status(&[3.0; 4], flat), "ok");
    }

    /// Only the last `intraday_vol_cluster_window` values are clustered: of 1, 2, 9, 10, 11, 12 the last three.
    #[test]
    fn the_window_ends_with_the_last_value() {
        let values = [1.0, 2.0, 9.0, 10.0, 11.0, 12.0];
        let clusters = parameters(json!({ "intraday_vol_cluster_window": 3 })).clusters();
        let state = clusters.of(&values);
        assert_eq!(state.sample_size, 6);
        let clusters = state.clusters.unwrap();
        assert_eq!((clusters.labels.len(), clusters.sigma, clusters.centers), (3, 12.0, vec![10.0, 11.0, 12.0]));
    }
}
