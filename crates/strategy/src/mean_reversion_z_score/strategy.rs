//! The bound strategy: which scenario wins on a bar (strategy specification 4.3).

use omega_types::{Bar, BarSet, Direction, Market, Signal};

use super::{scenarios::Scenarios, side::Side};
use crate::{Agenda, BarView, Bars, Intents, Note, Strategy, StrategyError};

/// The fixed order of evaluation.
const ORDER: [(u8, Direction); 12] = [
    (1, Direction::Short),
    (1, Direction::Long),
    (2, Direction::Short),
    (2, Direction::Long),
    (3, Direction::Short),
    (3, Direction::Long),
    (4, Direction::Short),
    (4, Direction::Long),
    (5, Direction::Long),
    (5, Direction::Short),
    (6, Direction::Long),
    (6, Direction::Short),
];

/// Keeps no state between bars.
pub(super) struct MeanReversion {
    sides: Vec<Side>,
    /// (scenario, index into `sides`) in the order of evaluation.
    order: Vec<(u8, usize)>,
    bars: usize,
    /// Returns nothing while sessions or news block (decisions.md 13).
    is_guarded: bool,
}

impl MeanReversion {
    pub(super) fn new(sides: Vec<Side>, scenarios: &Scenarios, bars: usize, is_guarded: bool) -> Self {
        let order = ORDER.into_iter().filter(|(scenario, _)| scenarios.is_active(*scenario));
        let order = order.filter_map(|(scenario, direction)| {
            let side = sides.iter().position(|side| side.direction == direction)?;
            Some((scenario, side))
        });
        Self { order: order.collect(), sides, bars, is_guarded }
    }

    fn winner(&self, bar: Bar) -> Option<Signal> {
        self.order.iter().find_map(|&(scenario, side)| self.sides.get(side)?.signal(scenario, bar))
    }
}

impl Strategy for MeanReversion {
    fn agenda(&self) -> Agenda {
        let mut bars = BarSet::empty(self.bars);
        let mut marked = Vec::new();
        for &(scenario, side) in &self.order {
            // The bars of scenarios 3, 5 and 6 are those of scenario 2.
            let alike = if matches!(scenario, 3 | 5 | 6) { 2 } else { scenario };
            if marked.contains(&(alike, side)) {
                continue;
            }
            marked.push((alike, side));
            if let Some(side) = self.sides.get(side) {
                side.mark(alike, &mut bars);
            }
        }
        Agenda::entries(Bars::At(bars))
    }

    fn on_bar(&mut self, bar: &BarView<'_>, intents: &mut Intents) -> Result<(), StrategyError> {
        if self.is_guarded && (!bar.session_open || bar.news_blocked) {
            return Ok(());
        }
        intents.entries.extend(self.winner(bar.bar));
        Ok(())
    }

    fn note(&self, bar: Bar, _: &Market, signal: &Signal) -> Note {
        let side = self.sides.iter().find(|side| side.direction == signal.direction);
        side.map_or_else(Note::default, |side| side.note(signal.scenario_id, bar))
    }
}
