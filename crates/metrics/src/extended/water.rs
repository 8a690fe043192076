//! Every time equity was under its high: episodes of drawdown (metrics.md 3).

use omega_types::equity::{EquityListener, EquityStretch};

/// One drawdown, from the last touch of a high to its recovery or to the end. Bars are counted from the first trading bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Episode {
    /// Bar of the last touch of the high; `None`: the start of the run, before its first bar.
    pub peak: Option<usize>,
    /// Bar of the lowest equity, the first of equals.
    pub valley: usize,
    /// First bar at or above the old high; `None`: not recovered.
    pub recovery: Option<usize>,
    /// Largest fall as a share of the high, 0..1; 0 if the high is zero or less.
    pub depth: f64,
    /// Largest fall, in account currency.
    pub depth_abs: f64,
    /// Bars from peak to recovery or to the last bar.
    pub bars: usize,
}

/// All drawdowns of a run, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Water {
    /// In order of time.
    pub episodes: Vec<Episode>,
    /// Bars with equity below its high.
    pub bars_below: usize,
}

impl Water {
    /// The deepest episode, the earliest of equals.
    pub fn deepest(&self) -> Option<&Episode> {
        first_largest(&self.episodes, |episode| episode.depth)
    }

    /// The longest episode in bars, the earliest of equals.
    pub fn longest(&self) -> Option<&Episode> {
        first_largest(&self.episodes, |episode| episode.bars as f64)
    }
}

fn first_largest(episodes: &[Episode], size: fn(&Episode) -> f64) -> Option<&Episode> {
    episodes.iter().reduce(|best, episode| if size(episode) > size(best) { episode } else { best })
}

const BLOCK: usize = 256;

/// Follows equity from its start, which acts as a point before the first bar.
#[derive(Debug, Clone)]
pub struct WaterListener {
    high: f64,
    peak: Option<usize>,
    /// Bars seen so far.
    seen: usize,
    open: Option<Episode>,
    water: Water,
}

impl WaterListener {
    /// Starts before the first bar.
    pub const fn new(initial_balance: f64) -> Self {
        let water = Water { episodes: Vec::new(), bars_below: 0 };
        Self { high: initial_balance, peak: None, seen: 0, open: None, water }
    }

    /// All drawdowns; one that did not recover ends with the last bar.
    pub fn finish(mut self) -> Water {
        if let Some(episode) = self.open.take() {
            let last = self.seen - 1;
            self.water.episodes.push(Episode { bars: length(episode.peak, last), ..episode });
        }
        self.water
    }

    /// `bars` bars with the same equity.
    fn hold(&mut self, equity: f64, bars: usize) {
        if equity < self.high {
            self.fall(equity);
            self.water.bars_below += bars;
        } else {
            self.rise(equity);
            self.peak = Some(self.seen + bars - 1);
        }
        self.seen += bars;
    }

    fn fall(&mut self, equity: f64) {
        let depth_abs = self.high - equity;
        let depth = if self.high > 0.0 { (depth_abs / self.high).min(1.0) } else { 0.0 };
        let valley = self.seen;
        match &mut self.open {
            None => {
                let (peak, recovery) = (self.peak, None);
                self.open = Some(Episode { peak, valley, recovery, depth, depth_abs, bars: 0 });
            }
            Some(episode) if depth_abs > episode.depth_abs => {
                *episode = Episode { valley, depth, depth_abs, ..*episode };
            }
            Some(_) => {}
        }
    }

    /// The next bar reaches the high or exceeds it.
    fn rise(&mut self, equity: f64) {
        if let Some(episode) = self.open.take() {
            let recovery = Some(self.seen);
            self.water.episodes.push(Episode { recovery, bars: length(episode.peak, self.seen), ..episode });
        }
        if equity > self.high {
            self.high = equity;
        }
    }
}

/// Bars from `peak` to `end`; the start of the run lies one bar before the first.
fn length(peak: Option<usize>, end: usize) -> usize {
    peak.map_or(end + 1, |peak| end - peak)
}

impl EquityListener for WaterListener {
    fn stretch(&mut self, stretch: &dyn EquityStretch) {
        let bars = stretch.bars();
        if bars.is_empty() {
            return;
        }
        let (low, high) = stretch.extremes(bars.clone());
        if low == high {
            self.hold(high, bars.len());
            return;
        }
        let mut values = [0.0; BLOCK];
        let mut start = bars.start;
        while start < bars.end {
            let end = bars.end.min(start + BLOCK);
            let values = &mut values[..end - start];
            stretch.write(start..end, values);
            values.iter().for_each(|&equity| self.hold(equity, 1));
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        DrawdownListener,
        testing::{PlainStretch, SECTION_3},
    };

    fn water(start: f64, equity: &[f64], cuts: &[usize]) -> Water {
        let mut listener = WaterListener::new(start);
        for stretch in PlainStretch::cut(equity, cuts) {
            listener.stretch(&stretch);
        }
        listener.finish()
    }

    #[test]
    fn the_table_of_the_specification() {
        // metrics.md 3: three episodes, peaks at 1, 6 and 8, lengths 4, 2 and 3; below on 2 3 4, 7, 9 10 11.
        let episode = |peak, valley, recovery, from: f64, to: f64, bars| {
            let depth_abs = from - to;
            Episode { peak: Some(peak), valley, recovery, depth: depth_abs / from, depth_abs, bars }
        };
        let expected = Water {
            episodes: vec![
                episode(1, 3, Some(5), 10_100.0, 9_900.0, 4),
                episode(6, 7, Some(8), 10_200.0, 10_150.0, 2),
                episode(8, 10, None, 10_250.0, 9_950.0, 3),
            ],
            bars_below: 7,
        };
        for cuts in [&[][..], &[2, 4, 5, 9], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]] {
            assert_eq!(water(10_000.0, &SECTION_3, cuts), expected);
        }
        assert_eq!((expected.deepest(), expected.longest()), (expected.episodes.last(), expected.episodes.first()));
    }

    #[test]
    fn the_start_is_a_high_before_the_first_bar() {
        let never = water(100.0, &[90.0, 80.0, 95.0], &[]);
        let expected = Episode { peak: None, valley: 1, recovery: None, depth: 0.2, depth_abs: 20.0, bars: 3 };
        assert_eq!((never.episodes, never.bars_below), (vec![expected], 3));
        let recovered = water(100.0, &[90.0, 100.0, 90.0, 90.0], &[]);
        // From -1 to 1, then from 1 to the end at 3; equally deep, so the first one is the deepest.
        let spans: Vec<_> = recovered.episodes.iter().map(|e| (e.peak, e.recovery, e.bars)).collect();
        assert_eq!(spans, [(None, Some(1), 2), (Some(1), None, 2)]);
        assert_eq!(recovered.deepest(), recovered.episodes.first());
        assert_eq!(water(100.0, &[], &[]), Water::default());
    }

    #[test]
    fn ruin_is_a_whole_drawdown_and_no_more() {
        let ruined = water(100.0, &[-50.0, -80.0], &[]);
        let expected = Episode { peak: None, valley: 1, recovery: None, depth: 1.0, depth_abs: 180.0, bars: 2 };
        assert_eq!(ruined.episodes, [expected]);
    }

    proptest! {
        /// Property: the extremes over the episodes are those of the core metrics, and no cut changes anything.
        #[test]
        fn episodes_agree_with_the_core_drawdown(
            levels in prop::collection::vec(-3i32..30, 0..200),
            cuts in prop::collection::vec(0usize..200, 0..8),
            start in 1i32..20,
        ) {
            let equity: Vec<f64> = levels.into_iter().map(f64::from).collect();
            let start = f64::from(start);
            let water = water(start, &equity, &cuts);
            let mut core = DrawdownListener::new(start);
            PlainStretch::cut(&equity, &[]).iter().for_each(|stretch| core.stretch(stretch));
            let core = core.finish();
            prop_assert_eq!(water.deepest().map_or(0.0, |episode| episode.depth), core.ratio);
            prop_assert_eq!(water.longest().map_or(0, |episode| episode.bars), core.duration_bars);
            let deepest = water.episodes.iter().map(|episode| episode.depth_abs).fold(0.0, f64::max);
            prop_assert_eq!(deepest, core.absolute);
            let mut high = start;
            let below = equity.iter().filter(|&&x| { high = high.max(x); x < high }).count();
            prop_assert_eq!(water.bars_below, below);
            for pair in water.episodes.windows(2) {
                prop_assert!(pair[0].recovery.is_some_and(|recovery| pair[1].peak >= Some(recovery)));
            }
        }
    }
}
