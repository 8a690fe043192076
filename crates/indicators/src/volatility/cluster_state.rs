//! What a clustering of volatility says, and what follows from it.

use omega_types::Json;
use serde_json::json;

/// The clusters that the latest values of a volatility series fall into.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterState {
    /// `Ok` if there are clusters, otherwise why not.
    pub status: ClusterStatus,
    /// Number of values that were there, before the window was cut out of them.
    pub sample_size: usize,
    /// Present if the status is `Ok`.
    pub clusters: Option<Clusters>,
}

/// Labels and centres of the values in the window.
#[derive(Debug, Clone, PartialEq)]
pub struct Clusters {
    /// One label per value, in the order of time: an index of `ranks`.
    pub labels: Vec<usize>,
    /// Rank of each label: 0 has the smallest centre.
    pub ranks: Vec<usize>,
    /// The centres by rank, in the unit of the values.
    pub centers: Vec<f64>,
    /// The centres by rank as logarithms, if logarithms were clustered.
    pub centers_log: Option<Vec<f64>>,
    /// The last value.
    pub sigma: f64,
}

/// How a clustering, or the decision that is built on it, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClusterStatus {
    /// There are clusters; of a guard: it passes.
    Ok,
    /// The bar is before the first one.
    InvalidIndex,
    /// There is no series to cluster.
    SeriesUnavailable,
    /// Fewer values than required.
    InsufficientPoints,
    /// Fewer values in the window than clusters asked for.
    InsufficientUnique,
    /// A value or a centre is not a finite number.
    ClusteringFailed,
    /// The label has not been the same for long enough.
    HysteresisBlock,
    /// The label is not among the allowed ones.
    LabelBlock,
}

impl ClusterStatus {
    /// The name in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::InvalidIndex => "invalid_index",
            Self::SeriesUnavailable => "series_unavailable",
            Self::InsufficientPoints => "insufficient_points",
            Self::InsufficientUnique => "insufficient_unique",
            Self::ClusteringFailed => "clustering_failed",
            Self::HysteresisBlock => "hysteresis_block",
            Self::LabelBlock => "label_block",
        }
    }
}

impl Clusters {
    /// The name of a label by the rank of its centre: low, mid, high, very_high, extreme, then cluster_5, cluster_6 ….
    pub fn name(&self, label: usize) -> String {
        const NAMES: [&str; 5] = ["low", "mid", "high", "very_high", "extreme"];
        let rank = self.ranks.get(label).copied().unwrap_or(label);
        NAMES.get(rank).map_or_else(|| format!("cluster_{rank}"), |name| (*name).to_owned())
    }

    /// The name of the last value's label.
    pub fn current(&self) -> String {
        self.name(self.labels.last().copied().unwrap_or(0))
    }

    /// Have the last `count` values of this clustering the same label? Not if there are fewer.
    fn is_constant_for(&self, count: usize) -> bool {
        let last = self.labels.last();
        self.labels.len() >= count && self.labels.iter().rev().take(count).all(|label| Some(label) == last)
    }
}

impl ClusterState {
    pub(super) const fn without_clusters(status: ClusterStatus, sample_size: usize) -> Self {
        Self { status, sample_size, clusters: None }
    }

    /// The decision on the current label (indicators.md 2.12): `Ok`, or what blocks.
    ///
    /// Above 1, `hysteresis` asks for the same label over that many values. `allowed` holds the names that pass, in any
    /// case and with spaces around them; none allowed blocks everything. A state without clusters blocks as it is.
    pub fn guard(&self, hysteresis: i64, allowed: &[impl AsRef<str>]) -> ClusterStatus {
        let (ClusterStatus::Ok, Some(clusters)) = (self.status, &self.clusters) else { return self.status };
        if hysteresis > 1 && !clusters.is_constant_for(usize::try_from(hysteresis).unwrap_or(usize::MAX)) {
            return ClusterStatus::HysteresisBlock;
        }
        let current = clusters.current();
        if allowed.iter().any(|name| name.as_ref().trim().eq_ignore_ascii_case(&current)) {
            ClusterStatus::Ok
        } else {
            ClusterStatus::LabelBlock
        }
    }

    /// The state as JSON. `names` is indexed by label, `centers` by rank.
    pub fn json(&self) -> Json {
        let mut state = json!({ "status": self.status.as_str(), "sample_size": self.sample_size });
        if let Some(clusters) = &self.clusters {
            state["label"] = json!(clusters.current());
            state["sigma"] = json!(clusters.sigma);
            state["labels"] = json!(clusters.labels);
            state["names"] = (0..clusters.ranks.len()).map(|label| clusters.name(label)).collect();
            state["centers"] = json!(clusters.centers);
            if let Some(centers_log) = &clusters.centers_log {
                state["centers_log"] = json!(centers_log);
            }
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two clusters whose second label has the smaller centre; the last three values carry label 1.
    fn state() -> ClusterState {
        let clusters = Clusters {
            labels: vec![1, 0, 1, 1, 1],
            ranks: vec![1, 0],
            centers: vec![1.0, 2.0],
            centers_log: None,
            sigma: 1.1,
        };
        ClusterState { status: ClusterStatus::Ok, sample_size: 9, clusters: Some(clusters) }
    }

    #[test]
    fn names_follow_the_rank_of_the_centre() {
        let ranks: Vec<usize> = (0..7).rev().collect();
        let clusters = Clusters { labels: vec![0], ranks, centers: vec![0.0; 7], centers_log: None, sigma: 0.0 };
        let names: Vec<String> = (0..7).map(|label| clusters.name(label)).collect();
        assert_eq!(names, ["cluster_6", "cluster_5", "extreme", "very_high", "high", "mid", "low"]);
        assert_eq!(clusters.current(), "cluster_6");
    }

    #[test]
    fn the_label_must_have_been_the_same_for_that_many_values() {
        // Strategy specification 7.1.4: 0 and 1 are off; the fourth value from the end has another label.
        for (hysteresis, expected) in [
            (i64::MIN, ClusterStatus::Ok),
            (0, ClusterStatus::Ok),
            (1, ClusterStatus::Ok),
            (3, ClusterStatus::Ok),
            (4, ClusterStatus::HysteresisBlock),
            (6, ClusterStatus::HysteresisBlock),
            (i64::MAX, ClusterStatus::HysteresisBlock),
        ] {
            assert_eq!(state().guard(hysteresis, &["low"]), expected, "{hysteresis}");
        }
        let mut all_the_same = state();
        all_the_same.clusters.as_mut().unwrap().labels = vec![1, 1];
        // Fewer labels than asked for: fail, even though all are the same.
        assert_eq!(all_the_same.guard(2, &["low"]), ClusterStatus::Ok);
        assert_eq!(all_the_same.guard(3, &["low"]), ClusterStatus::HysteresisBlock);
    }

    #[test]
    fn only_an_allowed_label_passes_and_an_empty_list_allows_nothing() {
        assert_eq!(state().guard(0, &["mid", " LOW "]), ClusterStatus::Ok);
        assert_eq!(state().guard(0, &["mid"]), ClusterStatus::LabelBlock);
        assert_eq!(state().guard(0, &[""; 0]), ClusterStatus::LabelBlock);
        // Hysteresis is tested first.
        assert_eq!(state().guard(4, &["mid"]), ClusterStatus::HysteresisBlock);
        let none = ClusterState::without_clusters(ClusterStatus::InsufficientPoints, 3);
        assert_eq!(none.guard(0, &["low"]), ClusterStatus::InsufficientPoints);
    }
}
