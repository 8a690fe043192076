//! How far a position went against and for its owner before it was closed.

use std::ops::Range;

use omega_execution::ExecutionError;
use omega_types::{Bar, Direction, SideColumns};

use crate::{Position, Valuation, extremes::extremes, valuation::Holding};

impl Valuation {
    /// Worst (≤ 0) and best (≥ 0) unrealised profit in account currency: the bars from the first tested one to the one
    /// before `exit_bar` by their extremes on the closing side, and the exit fill itself (decisions.md 29). Each price
    /// is converted like a close event of its bar.
    ///
    /// - `side`: execution view of the side on which the position is closed.
    ///
    /// # Errors
    ///
    /// As [`Self::unrealised`].
    pub fn excursion(
        &self,
        position: &Position,
        side: &SideColumns,
        exit_bar: Bar,
        exit_price: f64,
    ) -> Result<(f64, f64), ExecutionError> {
        let holding = position.holding();
        let exit = self.at_price(holding, exit_price, exit_bar)?;
        let before = position.first_tested..exit_bar;
        let (worst, best) = if before.start >= before.end {
            (exit, exit)
        } else if self.is_proportional() {
            self.by_price(holding, side, before)?
        } else {
            self.by_bar(holding, side, before)?
        };
        Ok((worst.min(exit).min(0.0), best.max(exit).max(0.0)))
    }

    /// The extreme prices have the extreme values.
    fn by_price(&self, holding: Holding, side: &SideColumns, bars: Range<Bar>) -> Result<(f64, f64), ExecutionError> {
        let low = extremes(&side.low[bars.clone()]).map_or(holding.entry_price, |(low, _)| low);
        let high = extremes(&side.high[bars.clone()]).map_or(holding.entry_price, |(_, high)| high);
        let (worst, best) = against_and_for(holding.direction, low, high);
        Ok((self.at_price(holding, worst, bars.start)?, self.at_price(holding, best, bars.start)?))
    }

    /// The rate moves with price or time, so every bar has values of its own.
    fn by_bar(&self, holding: Holding, side: &SideColumns, bars: Range<Bar>) -> Result<(f64, f64), ExecutionError> {
        bars.into_iter().try_fold((0.0_f64, 0.0_f64), |(least, most), bar| {
            let (worst, best) = against_and_for(holding.direction, side.low[bar], side.high[bar]);
            Ok((least.min(self.at_price(holding, worst, bar)?), most.max(self.at_price(holding, best, bar)?)))
        })
    }
}

const fn against_and_for(direction: Direction, low: f64, high: f64) -> (f64, f64) {
    match direction {
        Direction::Long => (low, high),
        Direction::Short => (high, low),
    }
}
