//! On which bars a strategy wants to be asked.

use omega_types::{Bar, BarSet};

/// Some bars of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bars {
    /// None.
    Never,
    /// Those in the set.
    At(BarSet),
    /// All.
    Every,
}

impl Bars {
    /// Is `bar` among them?
    pub fn contains(&self, bar: Bar) -> bool {
        match self {
            Self::Never => false,
            Self::At(set) => set.contains(bar),
            Self::Every => true,
        }
    }

    /// The first of them at or after `from`.
    pub fn next(&self, from: Bar) -> Option<Bar> {
        match self {
            Self::Never => None,
            Self::At(set) => set.next(from),
            Self::Every => Some(from),
        }
    }
}

/// A superset of the bars on which a strategy returns something, by what the account holds.
///
/// The loop skips every bar that is not on the agenda, so a bar that is missing is a wrong result; one too many costs
/// a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agenda {
    /// Whatever the account holds: entries.
    pub anytime: Bars,
    /// While a position is open: exits and updates.
    pub while_open: Bars,
    /// While an order is pending: cancels.
    pub while_pending: Bars,
}

impl Agenda {
    /// Ask on every bar: the agenda of whoever keeps state or cannot say.
    pub const fn every_bar() -> Self {
        Self { anytime: Bars::Every, while_open: Bars::Every, while_pending: Bars::Every }
    }

    /// Entries on `bars`, nothing else.
    pub const fn entries(bars: Bars) -> Self {
        Self { anytime: bars, while_open: Bars::Never, while_pending: Bars::Never }
    }

    /// Must the strategy be asked on `bar`, given what the account holds?
    pub fn asks(&self, bar: Bar, is_open: bool, has_pending: bool) -> bool {
        self.anytime.contains(bar)
            || is_open && self.while_open.contains(bar)
            || has_pending && self.while_pending.contains(bar)
    }

    /// The first bar at or after `from` on which the strategy must be asked. May lie past the last bar of the run.
    pub fn next(&self, from: Bar, is_open: bool, has_pending: bool) -> Option<Bar> {
        let mut next = self.anytime.next(from);
        for (holds, bars) in [(is_open, &self.while_open), (has_pending, &self.while_pending)] {
            if holds && let Some(bar) = bars.next(from) {
                next = Some(next.map_or(bar, |known| known.min(bar)));
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_bar_depends_on_what_the_account_holds() {
        let at = |bars: &[Bar]| Bars::At(BarSet::from_fn(100, |bar| bars.contains(&bar)));
        let agenda = Agenda { anytime: at(&[50]), while_open: at(&[20, 60]), while_pending: at(&[10]) };
        assert_eq!(agenda.next(0, false, false), Some(50));
        assert_eq!(agenda.next(0, true, false), Some(20));
        assert_eq!(agenda.next(0, true, true), Some(10));
        assert_eq!(agenda.next(51, true, true), Some(60));
        assert_eq!(agenda.next(51, false, true), None);
        assert!(agenda.asks(20, true, false) && !agenda.asks(20, false, true));
    }

    #[test]
    fn without_an_agenda_every_bar_is_asked() {
        assert_eq!(Agenda::every_bar().next(7, false, false), Some(7));
        assert_eq!(Agenda::entries(Bars::Never).next(7, true, true), None);
    }
}
