//! Sum, mean and sample standard deviation of a sliding window, in constant time per step (indicators.md 1.4).
//!
//! All run over one stretch of finite values at a time: a missing (or infinite) value makes exactly the windows that
//! contain it undefined. All watch how much of their accuracy is left and start again from the window itself when
//! values that have left it were much larger than those still in it. Whether they do depends on earlier values only.

use std::collections::VecDeque;

use crate::{Period, Window};

/// Something that follows a window.
pub(crate) trait Follow {
    type Value;

    /// A stretch begins with `first`, which is added next.
    fn restart(&mut self, first: f64);
    fn add(&mut self, entering: f64);
    fn remove(&mut self, leaving: f64);
    /// The value of the full window, whose `n` values are `window(0)` to `window(n - 1)`.
    fn read(&mut self, window: impl Fn(usize) -> f64 + Copy) -> Self::Value;
}

/// Slides a window of `n` over `value(0)` to `value(len - 1)` and tells `write` every index, its value, and what
/// `follower` says if the window is full. The leaving value is removed before the entering one is added.
#[inline]
pub(crate) fn roll<F: Follow>(
    len: usize,
    n: usize,
    value: impl Fn(usize) -> f64 + Copy,
    mut follower: F,
    mut write: impl FnMut(usize, f64, Option<F::Value>),
) {
    let mut present = 0;
    for t in 0..len {
        let entering = value(t);
        if !entering.is_finite() {
            present = 0;
            write(t, entering, None);
            continue;
        }
        if present == 0 {
            follower.restart(entering);
        }
        if present == n {
            follower.remove(value(t - n));
        } else {
            present += 1;
        }
        follower.add(entering);
        let full = (present == n).then(|| follower.read(|k| value(t + 1 - n + k)));
        write(t, entering, full);
    }
}

/// The sum.
///
/// A running sum that first loses the leaving value and then gains the entering one, each with its own Kahan
/// compensation: the method behind Omega V1's numbers, so that means that lie on half a tick round as they did there.
#[derive(Debug)]
pub(crate) struct WindowSum {
    n: usize,
    sum: f64,
    added: f64,
    removed: f64,
    /// Sum of the absolute values in the window, roughly, and the largest it has been.
    size: f64,
    peak: f64,
}

impl WindowSum {
    pub(crate) fn new(period: Period) -> Self {
        Self { n: period.bars(), sum: 0.0, added: 0.0, removed: 0.0, size: 0.0, peak: 0.0 }
    }

    /// A step rounds by at most 2⁻⁵² of `peak`, so the sum keeps about 2⁻⁴⁴ of `size`.
    const LEFT_OVER: f64 = 1.0 / 128.0;

    fn reset(&mut self) {
        (self.sum, self.added, self.removed, self.size, self.peak) = (0.0, 0.0, 0.0, 0.0, 0.0);
    }

    #[cold]
    fn rebuild(&mut self, window: impl Fn(usize) -> f64) {
        self.reset();
        (0..self.n).for_each(|k| self.add(window(k)));
    }
}

impl Follow for WindowSum {
    type Value = f64;

    fn restart(&mut self, _first: f64) {
        self.reset();
    }

    #[inline]
    fn add(&mut self, entering: f64) {
        let term = entering - self.added;
        let sum = self.sum + term;
        self.added = sum - self.sum - term;
        self.sum = sum;
        self.size += entering.abs();
        self.peak = self.peak.max(self.size);
    }

    #[inline]
    fn remove(&mut self, leaving: f64) {
        let term = -leaving - self.removed;
        let sum = self.sum + term;
        self.removed = sum - self.sum - term;
        self.sum = sum;
        self.size -= leaving.abs();
    }

    #[inline]
    fn read(&mut self, window: impl Fn(usize) -> f64 + Copy) -> f64 {
        if self.size < self.peak * Self::LEFT_OVER || !self.sum.is_finite() || !self.size.is_finite() {
            self.rebuild(window);
        }
        self.sum
    }
}

/// The arithmetic mean; exactly the value where all values of the window are the same.
#[derive(Debug)]
pub(crate) struct WindowMean {
    sum: WindowSum,
    run: EqualRun,
}

impl WindowMean {
    pub(crate) fn new(period: Period) -> Self {
        Self { sum: WindowSum::new(period), run: EqualRun::default() }
    }
}

impl Follow for WindowMean {
    type Value = f64;

    fn restart(&mut self, first: f64) {
        self.sum.restart(first);
        self.run = EqualRun::default();
    }

    #[inline]
    fn add(&mut self, entering: f64) {
        self.sum.add(entering);
        self.run.add(entering);
    }

    #[inline]
    fn remove(&mut self, leaving: f64) {
        self.sum.remove(leaving);
    }

    #[inline]
    fn read(&mut self, window: impl Fn(usize) -> f64 + Copy) -> f64 {
        if self.run.length >= self.sum.n {
            return self.run.value;
        }
        self.sum.read(window) / self.sum.n as f64
    }
}

/// The sample standard deviation (`n - 1` in the denominator).
///
/// Exact sums of deviations, and of their squares, from a pivot near the window: `m2 = s2 - s1² / n`.
#[derive(Debug)]
pub(crate) struct WindowStd {
    n: usize,
    pivot: f64,
    deviations: ExactSum,
    squares: ExactSum,
    /// The largest sum of squares since the pivot was chosen.
    peak: f64,
    run: EqualRun,
}

impl WindowStd {
    pub(crate) fn new(window: Window) -> Self {
        Self {
            n: window.bars(),
            pivot: 0.0,
            deviations: ExactSum::default(),
            squares: ExactSum::default(),
            peak: 0.0,
            run: EqualRun::default(),
        }
    }

    /// The roundings of squares and sums stay below 10 × 2⁻⁵³ of `peak`, so the result keeps 3e-13 of itself.
    const LEFT_OVER: f64 = 1.0 / 256.0;

    fn pivot_on(&mut self, pivot: f64) {
        (self.pivot, self.peak) = (pivot, 0.0);
        (self.deviations, self.squares) = (ExactSum::default(), ExactSum::default());
    }

    #[inline]
    fn sum_up(&mut self, entering: f64) {
        let deviation = entering - self.pivot;
        self.deviations.add(deviation);
        self.squares.add(deviation * deviation);
    }

    /// The sum of squared deviations from the mean.
    #[inline]
    fn moment(&mut self) -> f64 {
        let (deviations, squares) = (self.deviations.total(), self.squares.total());
        self.peak = self.peak.max(squares);
        squares - deviations * deviations / self.n as f64
    }

    #[cold]
    fn rebuild(&mut self, window: impl Fn(usize) -> f64 + Copy) -> f64 {
        let sum: f64 = (0..self.n).map(window).sum();
        self.pivot_on(sum / self.n as f64);
        (0..self.n).for_each(|k| self.sum_up(window(k)));
        self.moment()
    }
}

impl Follow for WindowStd {
    type Value = f64;

    fn restart(&mut self, first: f64) {
        self.pivot_on(first);
        self.run = EqualRun::default();
    }

    #[inline]
    fn add(&mut self, entering: f64) {
        self.sum_up(entering);
        self.run.add(entering);
    }

    #[inline]
    fn remove(&mut self, leaving: f64) {
        let deviation = leaving - self.pivot;
        self.deviations.add(-deviation);
        self.squares.add(-(deviation * deviation));
    }

    #[inline]
    fn read(&mut self, window: impl Fn(usize) -> f64 + Copy) -> f64 {
        if self.run.length >= self.n {
            return 0.0;
        }
        let mut moment = self.moment();
        // Written so that an overflow, which makes the moment NaN, starts again as well.
        let is_sharp = moment >= self.peak * Self::LEFT_OVER;
        if !is_sharp {
            moment = self.rebuild(window);
        }
        if moment < 0.0 { 0.0 } else { (moment / (self.n - 1) as f64).sqrt() }
    }
}

/// Mean and standard deviation of the same window.
impl Follow for (WindowMean, WindowStd) {
    type Value = (f64, f64);

    fn restart(&mut self, first: f64) {
        self.0.restart(first);
        self.1.restart(first);
    }

    #[inline]
    fn add(&mut self, entering: f64) {
        self.0.add(entering);
        self.1.add(entering);
    }

    #[inline]
    fn remove(&mut self, leaving: f64) {
        self.0.remove(leaving);
        self.1.remove(leaving);
    }

    #[inline]
    fn read(&mut self, window: impl Fn(usize) -> f64 + Copy) -> (f64, f64) {
        (self.0.read(window), self.1.read(window))
    }
}

/// How many values in a row were the same, bit for bit.
#[derive(Debug, Default)]
struct EqualRun {
    value: f64,
    length: usize,
}

impl EqualRun {
    #[inline]
    fn add(&mut self, value: f64) {
        self.length = if value.to_bits() == self.value.to_bits() { self.length + 1 } else { 1 };
        self.value = value;
    }
}

/// A sum that remembers what rounding took away (D. E. Knuth, *TAOCP* 2, 4.2.2).
#[derive(Debug, Default)]
struct ExactSum {
    sum: f64,
    lost: f64,
}

impl ExactSum {
    #[inline]
    fn add(&mut self, term: f64) {
        let sum = self.sum + term;
        let kept = sum - self.sum;
        self.lost += (self.sum - (sum - kept)) + (term - kept);
        self.sum = sum;
    }

    #[inline]
    fn total(&self) -> f64 {
        self.sum + self.lost
    }
}

/// The largest value of a sliding window: what can no longer be the largest is forgotten, so a step costs constant time
/// on average and memory as much as the window holds.
#[derive(Debug, Default)]
pub(crate) struct WindowMax {
    /// Index and value, both candidates for the largest from now on: indices rise, values fall.
    candidates: VecDeque<(usize, f64)>,
}

impl WindowMax {
    /// The largest of the values at `oldest` to `t`, where `value` is the one at `t`.
    #[inline]
    pub(crate) fn push(&mut self, t: usize, value: f64, oldest: usize) -> f64 {
        while self.candidates.back().is_some_and(|(_, last)| *last <= value) {
            self.candidates.pop_back();
        }
        self.candidates.push_back((t, value));
        while self.candidates.front().is_some_and(|(index, _)| *index < oldest) {
            self.candidates.pop_front();
        }
        self.candidates.front().map_or(value, |(_, largest)| *largest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_of_a_window_leaves_with_its_index() {
        // By hand, windows of 3: 5 5 5 | 2 2 3 | 4 4.
        let values = [5.0, 1.0, 2.0, 1.0, 2.0, 3.0, 4.0, 4.0];
        let mut max = WindowMax::default();
        let got: Vec<f64> =
            values.iter().enumerate().map(|(t, value)| max.push(t, *value, (t + 1).saturating_sub(3))).collect();
        assert_eq!(got, [5.0, 5.0, 5.0, 2.0, 2.0, 3.0, 4.0, 4.0]);
    }
}
