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
    /// - `lots`: the lots of the record, which may be a part of the position.
    /// - `side`: execution view of the side on which the position is closed.
    ///
    /// NaN if the profit is undefined anywhere on the way.
    ///
    /// # Errors
    ///
    /// As [`Self::unrealised`].
    pub fn excursion(
        &self,
        position: &Position,
        lots: f64,
        side: &SideColumns,
        exit_bar: Bar,
        exit_price: f64,
    ) -> Result<(f64, f64), ExecutionError> {
        let holding = Holding { lots, ..position.holding() };
        let exit = self.at_price(holding, exit_price, exit_bar)?;
        let before = position.first_tested..exit_bar;
        let (worst, best) = if before.start >= before.end {
            (exit, exit)
        } else if self.is_proportional() {
            self.by_price(holding, side, before)?
        } else {
            self.by_bar(holding, side, before)?
        };
        Ok((min(min(worst, exit), 0.0), max(max(best, exit), 0.0)))
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
            Ok((min(least, self.at_price(holding, worst, bar)?), max(most, self.at_price(holding, best, bar)?)))
        })
    }
}

/// Like [`f64::min`], which skips NaN, but NaN if either is.
fn min(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}

/// Like [`f64::max`], which skips NaN, but NaN if either is.
fn max(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

const fn against_and_for(direction: Direction, low: f64, high: f64) -> (f64, f64) {
    match direction {
        Direction::Long => (low, high),
        Direction::Short => (high, low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Account, testing};

    /// decisions.md 29.
    #[test]
    fn extremes_are_converted_bar_by_bar_where_the_rate_moves() {
        // A long of 100 000 units from 1.0 in bar 0, closed at 1.0 in bar 4. In francs, at USDCHF 1, 1, 4, 2, 1: bar 1 is
        // worth 0.5 * 100 000 * 1 = 50 000, bar 2 0.25 * 100 000 * 4 = 100 000, bar 3 -0.25 * 100 000 * 2 = -50 000. In
        // dollars bar 1 is the best one.
        let mut account = Account::new(0.0, 1);
        account.open(&testing::opening(0, Direction::Long, 1.0, 1.0));
        let position = &account.positions()[0];
        let closes = [1.0, 1.5, 1.25, 0.75, 1.0];
        let quotes = testing::quotes(&closes, &closes);
        let excursion = |currency, lots| {
            let valuation = testing::valuation_at(currency, &quotes, &[1.0, 1.0, 4.0, 2.0, 1.0]);
            valuation.excursion(position, lots, &quotes.bid, 4, 1.0).unwrap()
        };
        assert_eq!(excursion("CHF", 1.0), (-50_000.0, 100_000.0));
        assert_eq!(excursion("USD", 1.0), (-25_000.0, 50_000.0));
        // A record of a quarter of the lots went a quarter as far.
        assert_eq!(excursion("CHF", 0.25), (-12_500.0, 25_000.0));
        assert_eq!(excursion("USD", 0.25), (-6_250.0, 12_500.0));
    }

    #[test]
    fn an_undefined_price_on_the_way_makes_the_excursion_undefined() {
        for currency in ["USD", "EUR", "CHF"] {
            let mut account = Account::new(0.0, 1);
            account.open(&testing::opening(0, Direction::Long, 1.0, 1.0));
            let position = &account.positions()[0];
            for undefined in 0..6 {
                let mut closes = [1.0, 1.25, 1.0, 0.75, 1.0, 1.0];
                closes[undefined] = f64::NAN;
                let quotes = testing::quotes(&closes, &closes);
                let valuation = testing::valuation(currency, &quotes);
                let (worst, best) = valuation.excursion(position, position.lots, &quotes.bid, 5, 1.0).unwrap();
                // Bars 1 to 4 are looked at: the entry bar is not tested, and at the exit the fill counts.
                let looked_at = (1..5).contains(&undefined);
                assert_eq!((worst.is_nan(), best.is_nan()), (looked_at, looked_at), "{currency}, bar {undefined}");
            }
        }
    }
}
