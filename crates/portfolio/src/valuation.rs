//! What a position is worth: price differences in account currency.

use omega_execution::{Event, ExecutionError, Fx, Instrument, RoundTrip};
use omega_types::{Bar, Column, Direction, Market};

use crate::{Position, memory};

/// Whether equity follows the market between entry and exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    /// Open positions are marked at the close of the side on which they would be closed.
    Closing,
    /// Equity is the balance; open positions do not show (`v1_parity`).
    Realised,
}

/// Values price differences of the traded symbol in account currency.
#[derive(Debug, Clone)]
pub struct Valuation {
    instrument: Instrument,
    fx: Fx,
    bid_close: Column,
    ask_close: Column,
}

/// The facts of a position that its value depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Holding {
    pub(crate) direction: Direction,
    pub(crate) entry_price: f64,
    pub(crate) lots: f64,
}

impl Valuation {
    /// Marks come from the execution view of `market`; `fx` is bound to its candles.
    pub fn new(market: &Market, instrument: Instrument, fx: Fx) -> Self {
        let (bid_close, ask_close) = (market.quotes.bid.close.clone(), market.quotes.ask.close.clone());
        Self { instrument, fx, bid_close, ask_close }
    }

    /// Lets go of memory that marks do not need; see [`crate::Tape::compact`]. Afterwards only marks can be asked for.
    pub(crate) fn compact(&mut self, marks: Marks) {
        match marks {
            Marks::Closing => self.fx = self.fx.for_marks(),
            Marks::Realised => {
                let nothing = Column::from(Vec::new());
                (self.bid_close, self.ask_close) = (nothing.clone(), nothing);
                self.fx = self.fx.unbound();
            }
        }
        memory::compact([&mut self.bid_close, &mut self.ask_close]);
    }

    /// Bytes that the columns keep alive.
    pub(crate) fn bytes(&self) -> usize {
        let columns: Vec<&Column> = [&self.bid_close, &self.ask_close].into_iter().chain(self.fx.columns()).collect();
        memory::bytes(&columns)
    }

    /// Sum of the unrealised profits of `positions` at the close of `bar`, in position order.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable` if a rate that the conversion needs is stale or missing.
    pub fn unrealised(&self, positions: &[Position], bar: Bar) -> Result<f64, ExecutionError> {
        positions.iter().try_fold(0.0, |sum, position| Ok(sum + self.mark(position.holding(), bar)?))
    }

    /// Closes of the side on which positions of `direction` are closed.
    pub(crate) fn closes(&self, direction: Direction) -> &Column {
        match direction {
            Direction::Long => &self.bid_close,
            Direction::Short => &self.ask_close,
        }
    }

    /// Unrealised profit of `holding` at the close of `bar`.
    pub(crate) fn mark(&self, holding: Holding, bar: Bar) -> Result<f64, ExecutionError> {
        self.at_price(holding, self.closes(holding.direction)[bar], bar)
    }

    /// Profit of `holding` if `price` were its mark at the close of `bar`.
    pub(crate) fn at_price(&self, holding: Holding, price: f64, bar: Bar) -> Result<f64, ExecutionError> {
        let trip = RoundTrip {
            direction: holding.direction,
            entry_price: holding.entry_price,
            exit_price: price,
            initial_stop_loss: None,
            lots: holding.lots,
        };
        trip.profit(&self.instrument, &self.fx, &Event::close(bar, price))
    }

    /// Is the value a product of the price difference and a constant, and therefore monotone in the price to the last bit?
    pub(crate) fn is_proportional(&self) -> bool {
        self.fx.is_constant()
    }
}
