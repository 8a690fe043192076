//! Volatility clusters: is it quiet or wild, compared with the recent past?

use serde::Deserialize;

use super::{
    cluster_state::{ClusterState, ClusterStatus, Clusters},
    k_means::{Partition, partition},
};
use crate::{
    Describe, Domain, InputKind, Inputs, Parameter, Preset,
    local::{AnswerKind, IDX, Local, LocalAnswer},
};

/// Groups the latest values of a volatility series by k-means on a line, on their logarithms if wanted, and names the
/// group of the last one.
///
/// Start centres: the quantiles `j / (k + 1)`. At most 30 rounds; the end is when no centre moves by more than
/// `1e-6 + 1e-4 * |centre|`, and the labels are those from before that last move.
///
/// - Shape: a [`ClusterState`]. Missing values are passed over. There is none with fewer than `min_points` values, with
///   fewer than `k` in the window, or with an infinite one. `k` is at most the number of distinct values. The time grows
///   with window times `k`.
/// - Unit: centres in that of the series.
/// - Source: S. P. Lloyd, *IEEE Transactions on Information Theory* 28(2), 1982; start and end as in Omega V1.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct VolClusterState {
    /// Number of latest values that are grouped; below 1 counts as 1.
    pub window: i64,
    /// Number of groups asked for; below 1 counts as 1.
    pub k: i64,
    /// Number of values that there must be; below 1 counts as 1.
    pub min_points: i64,
    /// Group the logarithms.
    pub log_transform: bool,
}

impl Default for VolClusterState {
    fn default() -> Self {
        Self { window: 200, k: 3, min_points: 60, log_transform: true }
    }
}

impl Describe for VolClusterState {
    const TEXT: &'static str = "The group (low, mid, high …) that the last value of a volatility series belongs to.";
    const PARAMETERS: &'static [Parameter] = &[
        IDX,
        Parameter {
            name: "window",
            domain: Domain::ANY_INTEGER,
            preset: Preset::Integer(200),
            text: "Number of latest values that are grouped; below 1 counts as 1.",
        },
        Parameter {
            name: "k",
            domain: Domain::ANY_INTEGER,
            preset: Preset::Integer(3),
            text: "Number of groups asked for; below 1 counts as 1.",
        },
        Parameter {
            name: "min_points",
            domain: Domain::ANY_INTEGER,
            preset: Preset::Integer(60),
            text: "Number of values that there must be; below 1 counts as 1.",
        },
        Parameter {
            name: "log_transform",
            domain: Domain::Bool,
            preset: Preset::Bool(true),
            text: "Group the logarithms of the values.",
        },
    ];
}

impl Local for VolClusterState {
    const KIND: &'static str = "vol_cluster_state";
    const INPUT: InputKind = InputKind::Series;
    const ANSWER: AnswerKind = AnswerKind::Clusters;
    const WARMUP: &'static str = "max(min_points, k) values that are not missing";

    fn answer(&self, input: Inputs<'_>, idx: i64) -> LocalAnswer {
        LocalAnswer::Clusters(self.at(input.series(), idx))
    }
}

impl VolClusterState {
    /// The clusters at bar `idx` of `series`; behind its end counts as its last bar.
    pub fn at(&self, series: &[f64], idx: i64) -> ClusterState {
        match usize::try_from(idx) {
            Ok(idx) => self.of(&series[..series.len().min(idx.saturating_add(1))]),
            Err(_) => ClusterState::without_clusters(ClusterStatus::InvalidIndex, 0),
        }
    }

    /// The clusters of `values`, all of which count: a window that ends at the bar.
    pub fn of(&self, values: &[f64]) -> ClusterState {
        let present = values.iter().copied().filter(|value| !value.is_nan());
        let sample_size = present.clone().count();
        let without = |status| ClusterState::without_clusters(status, sample_size);
        if sample_size < at_least_one(self.min_points) {
            return without(ClusterStatus::InsufficientPoints);
        }
        let window: Vec<f64> = present.skip(sample_size.saturating_sub(at_least_one(self.window))).collect();
        if window.len() < at_least_one(self.k) {
            return without(ClusterStatus::InsufficientUnique);
        }
        match self.clusters(&window) {
            Some(clusters) => ClusterState { status: ClusterStatus::Ok, sample_size, clusters: Some(clusters) },
            None => without(ClusterStatus::ClusteringFailed),
        }
    }

    /// `None` if a value or a centre is not finite.
    fn clusters(&self, window: &[f64]) -> Option<Clusters> {
        let grouped: Vec<f64> = if self.log_transform {
            window.iter().map(|value| libm::log(value.max(1e-12))).collect()
        } else {
            window.to_vec()
        };
        if !grouped.iter().all(|value| value.is_finite()) {
            return None;
        }
        let Partition { labels, centers } = partition(&grouped, at_least_one(self.k));
        let mut by_rank: Vec<usize> = (0..centers.len()).collect();
        by_rank.sort_by(|a, b| centers[*a].total_cmp(&centers[*b]));
        let mut ranks = vec![0; centers.len()];
        by_rank.iter().enumerate().for_each(|(rank, label)| ranks[*label] = rank);
        let sorted: Vec<f64> = by_rank.iter().map(|label| centers[*label]).collect();
        let (centers, centers_log) = if self.log_transform {
            (sorted.iter().map(|center| libm::exp(*center)).collect::<Vec<_>>(), Some(sorted))
        } else {
            (sorted, None)
        };
        let is_finite = centers.iter().chain(centers_log.iter().flatten()).all(|center| center.is_finite());
        let sigma = window.last().copied()?;
        is_finite.then_some(Clusters { labels, ranks, centers, centers_log, sigma })
    }
}

fn at_least_one(number: i64) -> usize {
    usize::try_from(number.max(1)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    /// The feature tail of indicators.md 6.7.
    const TAIL: [f64; 12] =
        [5.2e-4, 4.9e-4, 5.5e-4, 9.1e-4, 8.7e-4, 1.3e-3, 1.25e-3, 6.0e-4, 5.1e-4, 8.9e-4, 1.4e-3, 9.0e-4];

    fn clustering(k: i64, log_transform: bool) -> VolClusterState {
        VolClusterState { window: 12, k, min_points: 5, log_transform }
    }

    #[track_caller]
    fn close(got: &[f64], expected: &[f64]) {
        assert_eq!(got.len(), expected.len(), "{got:?}");
        // Printed to 15 digits.
        let near = got.iter().zip(expected).all(|(got, expected)| (got / expected - 1.0).abs() < 1e-13);
        assert!(near, "got {got:?}, expected {expected:?}");
    }

    #[test]
    fn agrees_with_the_example_of_the_specification() {
        // indicators.md 6.7.
        let three = clustering(3, true).of(&TAIL);
        let clusters = three.clusters.as_ref().unwrap();
        assert_eq!((three.status, three.sample_size), (ClusterStatus::Ok, 12));
        assert_eq!(clusters.labels, [0, 0, 0, 1, 1, 2, 2, 0, 0, 1, 2, 1]);
        close(&clusters.centers, &[0.000532668123357585, 0.000892376839615005, 0.00131520605714281]);
        close(clusters.centers_log.as_ref().unwrap(), &[-7.53761198559604, -7.02162204866177, -6.63376192818117]);
        assert_eq!((clusters.current().as_str(), clusters.sigma), ("mid", 0.0009));

        let plain = clustering(3, false).of(&TAIL).clusters.unwrap();
        assert_eq!(plain.labels, clusters.labels);
        close(&plain.centers, &[0.000534, 0.0008925, 0.00131666666666667]);
        assert_eq!(plain.centers_log, None);

        let two = clustering(2, true).of(&TAIL).clusters.unwrap();
        assert_eq!(two.labels, [0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1]);
        close(&two.centers, &[0.000532668123357585, 0.00105375396833166]);
        assert_eq!(two.current(), "mid");

        let one = clustering(1, true).of(&TAIL).clusters.unwrap();
        close(&one.centers, &[0.0007930273674826]);
        assert_eq!(one.current(), "low");
    }

    #[test]
    fn ranks_are_not_labels() {
        // Strategy specification 7.1.6: centres (2, 1), so the three ones carry label 1, which is low.
        let clusters = clustering(3, false).of(&[2.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0]).clusters.unwrap();
        // By hand: sorted 1 (six times), 2, 2; quantiles 1/3 and 2/3 at positions 7/3 and 14/3 are both 1; round 1: all to
        // centre 0, which moves to 10/8; round 2: the ones to centre 1, the twos to centre 0, which moves to 2.
        assert_eq!(clusters.labels, [0, 1, 1, 1, 0, 1, 1, 1]);
        assert_eq!((clusters.ranks.as_slice(), clusters.centers.as_slice()), (&[1, 0][..], &[1.0, 2.0][..]));
        assert_eq!((clusters.name(0), clusters.current()), ("mid".to_owned(), "low".to_owned()));
    }

    #[test]
    fn too_few_values_have_no_clusters() {
        // indicators.md 2.12, steps 2 and 3.
        let state = clustering(3, true).of(&[1e-3, NAN, 1e-3, 2e-3, NAN, 1e-3]);
        assert_eq!((state.status, state.sample_size, state.clusters), (ClusterStatus::InsufficientPoints, 4, None));
        assert_eq!(clustering(3, true).of(&[]).status, ClusterStatus::InsufficientPoints);
        let narrow = VolClusterState { window: 2, ..clustering(3, true) };
        let state = narrow.of(&TAIL);
        assert_eq!((state.status, state.sample_size), (ClusterStatus::InsufficientUnique, 12));
        // Everything below 1 counts as 1: one value is enough, and its group is the low one.
        let lowest = VolClusterState { window: i64::MIN, k: -5, min_points: 0, log_transform: true };
        assert_eq!(lowest.of(&[1e-3]).clusters.unwrap().current(), "low");
        assert_eq!(lowest.of(&[]).status, ClusterStatus::InsufficientPoints);
        let highest = VolClusterState { window: i64::MAX, k: i64::MAX, min_points: 1, log_transform: true };
        assert_eq!(highest.of(&TAIL).status, ClusterStatus::InsufficientUnique);
    }

    #[test]
    fn the_window_holds_the_last_values_that_are_present() {
        // 3 and 4 are the last two; with one group the centre is their mean.
        let state = VolClusterState { window: 2, k: 1, min_points: 3, log_transform: false };
        let got = state.of(&[9.0, 3.0, NAN, 4.0, NAN]);
        let clusters = got.clusters.unwrap();
        assert_eq!((got.sample_size, clusters.centers, clusters.sigma), (3, vec![3.5], 4.0));
    }

    #[test]
    fn the_bar_cuts_the_series() {
        let state = VolClusterState { window: 2, k: 1, min_points: 1, log_transform: false };
        let centers = |idx| state.at(&[1.0, 3.0, 5.0], idx).clusters.map(|clusters| clusters.centers);
        assert_eq!((centers(0), centers(1), centers(2)), (Some(vec![1.0]), Some(vec![2.0]), Some(vec![4.0])));
        assert_eq!((centers(3), centers(i64::MAX)), (Some(vec![4.0]), Some(vec![4.0])));
        assert_eq!(state.at(&[1.0], -1).status, ClusterStatus::InvalidIndex);
        assert_eq!(state.at(&[], 0).status, ClusterStatus::InsufficientPoints);
    }

    #[test]
    fn values_without_a_logarithm_count_as_the_smallest_one_and_infinity_fails() {
        let clusters = clustering(2, true).of(&[0.0, -1.0, 0.0, 1.0, 1.0]).clusters.unwrap();
        // By hand: ln(1e-12) three times and ln(1) twice.
        assert_eq!(clusters.centers_log.unwrap(), [libm::log(1e-12), 0.0]);
        for series in [[1.0, 1.0, 1.0, 1.0, f64::INFINITY], [1e308, 1e308, -1e308, -1e308, 1.7e308]] {
            let state = clustering(2, false).of(&series);
            assert_eq!((state.status, state.clusters), (ClusterStatus::ClusteringFailed, None));
        }
    }
}
