//! k-means on a line (indicators.md 2.12, steps 5 to 7).

/// Values in groups.
#[derive(Debug, PartialEq)]
pub(super) struct Partition {
    /// Per value the index of its centre.
    pub(super) labels: Vec<usize>,
    /// The centres, in no particular order.
    pub(super) centers: Vec<f64>,
}

const ROUNDS: usize = 30;

/// Distances this close to the smallest count as the smallest: rounding must not choose between equal centres.
const TIE: f64 = 1e-12;

/// Groups `values`, which are finite and at least one, around at most `k` centres, fewer if there are fewer distinct values.
///
/// The centres start at the quantiles `j / (k + 1)`. A round labels each value with its nearest centre, the first one if
/// several are as near, and moves each centre to the mean of its members. The last round is the one in which no centre
/// moves by more than `1e-6 + 1e-4 * |centre|`, and the labels stay those from before that move; after 30 rounds the
/// values are labelled once more.
pub(super) fn partition(values: &[f64], k: usize) -> Partition {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let distinct = 1 + sorted.windows(2).filter(|pair| pair[0] != pair[1]).count();
    let k = k.min(distinct).max(1);
    if k == 1 {
        let mut all = Members::default();
        values.iter().for_each(|value| all.add(*value));
        return Partition { labels: vec![0; values.len()], centers: vec![all.mean().unwrap_or(f64::NAN)] };
    }
    let mut centers: Vec<f64> = (1..=k).map(|j| quantile(&sorted, j as f64 / (k + 1) as f64)).collect();
    let mut labels = vec![0; values.len()];
    for _ in 0..ROUNDS {
        label(values, &centers, &mut labels);
        if !move_centers(values, &labels, &mut centers) {
            return Partition { labels, centers };
        }
    }
    label(values, &centers, &mut labels);
    Partition { labels, centers }
}

fn label(values: &[f64], centers: &[f64], labels: &mut [usize]) {
    for (label, value) in labels.iter_mut().zip(values) {
        let distances = centers.iter().map(|center| (value - center).abs());
        let limit = distances.clone().fold(f64::INFINITY, f64::min) + TIE;
        *label = distances.clone().position(|distance| distance <= limit).unwrap_or(0);
    }
}

/// Moves every centre to the mean of its members; one without members stays. Did one move by more than the tolerance?
fn move_centers(values: &[f64], labels: &[usize], centers: &mut [f64]) -> bool {
    let mut members = vec![Members::default(); centers.len()];
    for (value, label) in values.iter().zip(labels) {
        members[*label].add(*value);
    }
    let mut has_moved = false;
    for (center, members) in centers.iter_mut().zip(&members) {
        let new = members.mean().unwrap_or(*center);
        has_moved |= (new - *center).abs() > 1e-6 + 1e-4 * center.abs();
        *center = new;
    }
    has_moved
}

/// The values of one group, in the order of time.
#[derive(Debug, Clone, Default)]
struct Members {
    first: f64,
    sum: f64,
    count: usize,
    differ: bool,
}

impl Members {
    fn add(&mut self, value: f64) {
        if self.count == 0 {
            self.first = value;
        }
        self.differ |= value.to_bits() != self.first.to_bits();
        self.sum += value;
        self.count += 1;
    }

    /// Exactly the value if all are the same, so that equal centres stay equal.
    fn mean(&self) -> Option<f64> {
        match (self.count, self.differ) {
            (0, _) => None,
            (_, false) => Some(self.first),
            (count, true) => Some(self.sum / count as f64),
        }
    }
}

/// Between the two nearest values of `sorted`, in proportion.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let position = q * (sorted.len() - 1) as f64;
    let below = (position as usize).min(sorted.len() - 1);
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(values: &[f64], k: usize) -> (Vec<usize>, Vec<f64>) {
        let Partition { labels, centers } = partition(values, k);
        (labels, centers)
    }

    #[test]
    fn the_vectors_of_the_strategy_specification() {
        // Strategy specification 7.1.6.
        let values = [1.0, 1.1, 0.9, 5.0, 5.2, 4.8, 10.0, 10.5, 9.5];
        let (labels, centers) = grouped(&values, 3);
        assert_eq!(labels, [0, 0, 0, 1, 1, 1, 2, 2, 2]);
        // The sums of 0.9, 1, 1.1 and of 4.8, 5, 5.2 may round in the last place.
        assert!(centers.iter().zip([1.0, 5.0, 10.0]).all(|(got, expected)| (got - expected).abs() < 1e-14));
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(grouped(&ten, 3), (vec![0, 0, 0, 0, 1, 1, 1, 2, 2, 2], vec![2.5, 6.0, 9.0]));
        let outlier: Vec<f64> = (1..=9).map(f64::from).chain([100.0]).collect();
        assert_eq!(grouped(&outlier, 3), (vec![0, 0, 0, 0, 1, 1, 1, 1, 1, 2], vec![2.5, 7.0, 100.0]));
        assert_eq!(grouped(&[1.0, 1.0, 1.0, 2.0], 3), (vec![1, 1, 1, 0], vec![2.0, 1.0]));
        let six = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0];
        assert_eq!(grouped(&six, 3), (vec![0, 0, 0, 0, 0, 0, 2, 2], vec![1.0, 1.0, 2.5]));
        assert_eq!(grouped(&[3.0, 3.0, 3.0], 3), (vec![0, 0, 0], vec![3.0]));
    }

    #[test]
    fn the_mean_of_equal_members_is_the_member_and_the_first_of_equal_centres_wins() {
        // By hand: the quantiles 1/3 and 2/3 (positions 1 and 2) are both 0.1. Round 1: every value is as near to one centre
        // as to the other, so centre 0 takes all and moves to (3 * 0.1 + 0.9) / 4. Round 2: the three choose centre 1, which
        // must be 0.1 exactly although their sum divided by 3 is not; 0.9 moves centre 0. Then it rests.
        assert_ne!((0.1 + 0.1 + 0.1) / 3.0, 0.1);
        let (labels, centers) = grouped(&[0.1, 0.1, 0.1, 0.9], 2);
        assert_eq!(labels, [1, 1, 1, 0]);
        assert_eq!(centers, [0.9, 0.1]);
    }

    #[test]
    fn an_end_without_movement_needs_no_new_labels_but_thirty_rounds_do() {
        // By hand for two values and two centres: quantiles 1/3 and 2/3 of 0 and 3 are 1 and 2; labels 0, 1; the centres
        // move to 0 and 3; the second round moves nothing.
        assert_eq!(grouped(&[0.0, 3.0], 2), (vec![0, 1], vec![0.0, 3.0]));
        // A slow one, against a plain loop: twenty centres that are squeezed at first and push each other apart. Values in
        // disorder (multiples of the golden ratio, modulo 1), none of which lies halfway between two centres.
        let values: Vec<f64> = (0..4_000).map(|t| (f64::from(t) * 0.618_033_988_749_894_9).fract()).collect();
        let (labels, centers) = grouped(&values, 20);
        let (expected_labels, expected_centers, rounds) = plain(&values, 20);
        assert_eq!(rounds, 30);
        assert_eq!(centers, expected_centers);
        assert!(labels == expected_labels);
        // Labels from before the last move differ from labels after it; the first are given after an early end.
        let wide: Vec<f64> = values[..400].iter().map(|value| 1.0 + value * 1e-2).collect();
        let (labels, centers) = grouped(&wide, 5);
        let (expected_labels, expected_centers, rounds) = plain(&wide, 5);
        assert!(rounds < 30, "{rounds}");
        assert_eq!(centers, expected_centers);
        assert!(labels == expected_labels);
        let mut again = labels.clone();
        label(&wide, &centers, &mut again);
        assert!(again != labels);
    }

    /// The text of indicators.md 2.12 step by step, for values that are all different.
    fn plain(values: &[f64], k: usize) -> (Vec<usize>, Vec<f64>, usize) {
        let mut sorted = values.to_vec();
        sorted.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let at = |q: f64| {
            let position = q * (sorted.len() - 1) as f64;
            let below = position.floor();
            sorted[below as usize] + (sorted[position.ceil() as usize] - sorted[below as usize]) * (position - below)
        };
        let mut centers: Vec<f64> = (1..=k).map(|j| at(j as f64 / (k + 1) as f64)).collect();
        let nearest = |centers: &[f64]| -> Vec<usize> {
            let distance = |v: &f64, c: &f64| (v - c).abs();
            let best = |v: &f64| {
                (0..centers.len())
                    .min_by(|a, b| distance(v, &centers[*a]).partial_cmp(&distance(v, &centers[*b])).unwrap())
            };
            values.iter().map(|v| best(v).unwrap()).collect()
        };
        for round in 1..=30 {
            let labels = nearest(&centers);
            let new: Vec<f64> = (0..k)
                .map(|j| {
                    let members: Vec<f64> = (0..values.len()).filter(|t| labels[*t] == j).map(|t| values[t]).collect();
                    if members.is_empty() { centers[j] } else { members.iter().sum::<f64>() / members.len() as f64 }
                })
                .collect();
            let converged = new.iter().zip(&centers).all(|(new, old)| (new - old).abs() <= 1e-6 + 1e-4 * old.abs());
            centers = new;
            if converged {
                return (labels, centers, round);
            }
        }
        (nearest(&centers), centers, 30)
    }
}
