//! Looking for the first bar on which a rule would act, a stretch at a time.

use omega_types::Bar;

/// How far one position is known to be of no interest to one rule.
///
/// A position rarely lives as long as the data, so bars are looked at in stretches that grow. The bar after a stretch is
/// announced unseen: too early costs a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scan {
    /// No bar before this one is of interest.
    clear_until: Bar,
    stretch: usize,
}

const SHORTEST: usize = 64;
const LONGEST: usize = 8_192;

impl Default for Scan {
    fn default() -> Self {
        Self { clear_until: 0, stretch: SHORTEST }
    }
}

impl Scan {
    /// A bar at or after `from` and before `end`, before which `acts` is false. `acts` is asked bar by bar, in order,
    /// from `from` on, or not at all.
    ///
    /// What is known stays known: `acts` may only turn false from one call to the next, never true.
    pub(crate) fn next(&mut self, from: Bar, end: Bar, acts: impl FnMut(&Bar) -> bool) -> Option<Bar> {
        if from > self.clear_until {
            let until = from.saturating_add(self.stretch).min(end);
            self.clear_until = (from..until).find(acts).unwrap_or(until);
            if self.clear_until == until {
                self.stretch = (self.stretch * 2).min(LONGEST);
            }
        }
        (self.clear_until < end).then_some(self.clear_until)
    }

    /// As [`Scan::next`], where the first bar is found at once and every later one is of interest too.
    pub(crate) fn first(&mut self, from: Bar, end: Bar, first: impl FnOnce() -> Bar) -> Option<Bar> {
        if self.clear_until == 0 {
            self.clear_until = first();
        }
        Some(self.clear_until.max(from)).filter(|&bar| bar < end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stretches_grow_and_are_looked_at_once() {
        let mut scan = Scan::default();
        let mut asked = Vec::new();
        let mut next = |scan: &mut Scan, from| {
            scan.next(from, 1_000, |&bar| {
                asked.push(bar);
                bar == 300
            })
        };
        // 64 bars, then 128, then up to the hit at 300.
        assert_eq!(next(&mut scan, 10), Some(74));
        assert_eq!(next(&mut scan, 50), Some(74));
        assert_eq!(next(&mut scan, 74), Some(74));
        assert_eq!(next(&mut scan, 75), Some(203));
        assert_eq!(next(&mut scan, 204), Some(300));
        assert_eq!(asked, (10..74).chain(75..203).chain(204..301).collect::<Vec<_>>());
    }

    #[test]
    fn past_the_end_there_is_nothing() {
        let mut scan = Scan::default();
        assert_eq!(scan.next(5, 20, |_| false), None);
        assert_eq!(scan.next(6, 20, |_| true), None);
        assert_eq!(Scan::default().next(20, 20, |_| true), None);
        assert_eq!(Scan::default().next(Bar::MAX, 20, |_| true), None);
        assert_eq!(Scan::default().first(3, 20, || 20), None);
        assert_eq!(Scan::default().first(3, 20, || 7), Some(7));
        assert_eq!(Scan::default().first(9, 20, || 7), Some(9));
    }

    proptest! {
        /// No bar of interest is passed over, however the calls come.
        #[test]
        fn nothing_is_passed_over(hits in prop::collection::vec(prop::bool::weighted(0.01), 1..2_000), steps in
            prop::collection::vec(1_usize..300, 1..50)) {
            let (mut scan, mut from) = (Scan::default(), 0);
            for step in steps {
                let due = scan.next(from, hits.len(), |&bar| hits[bar]);
                let first = (from..hits.len()).find(|&bar| hits[bar]);
                prop_assert!(first.is_none_or(|first| due.is_some_and(|due| due <= first)));
                prop_assert!(due.is_none_or(|due| due >= from));
                from = due.map_or(from + step, |due| (due + 1).min(from + step));
            }
        }
    }
}
