//! What a rule remembers of one position from bar to bar.

use omega_types::{Bar, Direction};

use crate::{glance::Glance, scan::Scan};

/// One per position and rule; a rule uses the part that it needs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    /// Where the rule may act next.
    pub(crate) scan: Scan,
    /// Best price since the entry.
    pub(crate) extreme: Extreme,
    /// Which levels of a list are done; empty before the first look.
    pub(crate) done: Vec<bool>,
}

impl Memory {
    /// As new, for another position.
    pub(crate) fn reset(&mut self) {
        self.scan = Scan::default();
        self.extreme = Extreme::default();
        self.done.clear();
    }
}

/// The best price of a position: highest `bid.high` of a long, lowest `ask.low` of a short, over the bars **after** the
/// entry bar (execution.md 8.7). It catches up from the last bar that it has seen.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Extreme {
    /// The bar up to which it is known, and the price there.
    known: Option<(Bar, f64)>,
}

impl Extreme {
    /// The best price up to the bar of `glance`; `None` as long as there is no bar after the entry bar.
    pub(crate) fn advance(&mut self, glance: &Glance<'_>) -> Option<f64> {
        let (view, quotes) = (glance.view, &glance.ground.quotes);
        let (column, better): (_, fn(f64, f64) -> f64) = match view.direction {
            Direction::Long => (&quotes.bid.high, f64::max),
            Direction::Short => (&quotes.ask.low, f64::min),
        };
        let unseen = self.known.map_or(view.entry_bar, |(bar, _)| bar) + 1;
        if unseen <= glance.bar {
            let new = column[unseen..=glance.bar].iter().copied().reduce(better)?;
            self.known = Some((glance.bar, self.known.map_or(new, |(_, known)| better(known, new))));
        }
        self.known.map(|(_, price)| price)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{entered, ground, long, short};

    #[test]
    fn the_extreme_leaves_out_the_entry_bar_and_catches_up() {
        // execution.md 8.7. Highs of the bid are the closes + 0.0005, lows of the ask the closes − 0.0005 + 0.0001.
        let ground = ground(&[1.2, 1.1, 1.15, 1.12, 1.05]);
        let (long, short) = (entered(long(1.1, None), 0), entered(short(1.1, None), 0));
        let mut extreme = Extreme::default();
        let mut at = |view, bar| extreme.advance(&Glance { ground: &ground.0, view, bar });
        assert_eq!(at(&long, 0), None);
        assert_eq!(at(&long, 1), Some(1.1 + 0.0005));
        assert_eq!(at(&long, 4), Some(1.15 + 0.0005));
        assert_eq!(at(&long, 4), Some(1.15 + 0.0005));
        let mut extreme = Extreme::default();
        let mut at = |view, bar| extreme.advance(&Glance { ground: &ground.0, view, bar });
        assert_eq!(at(&short, 3), Some(1.1 - 0.0005 + 0.0001));
        assert_eq!(at(&short, 4), Some(1.05 - 0.0005 + 0.0001));
    }
}
