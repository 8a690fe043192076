//! What a position is worth: price differences in account currency.

use omega_execution::{Event, ExecutionError, Fx, Instrument, RoundTrip};
use omega_types::{Bar, Column, Direction, Market, Quotes, SideColumns};

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
    /// The columns that `fx` is bound to, so that they can be replaced by copies.
    raw_closes: [Column; 2],
}

/// The facts of a position that its value depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Holding {
    pub(crate) direction: Direction,
    pub(crate) entry_price: f64,
    pub(crate) lots: f64,
}

impl Valuation {
    /// Marks come from the execution view of `market`; `fx` is bound to its raw primary candles.
    pub fn new(market: &Market, instrument: Instrument, fx: Fx) -> Self {
        let (bid_close, ask_close) = (market.quotes.bid.close.clone(), market.quotes.ask.close.clone());
        let raw = &market.primary.quotes;
        Self { instrument, fx, bid_close, ask_close, raw_closes: [raw.bid.close.clone(), raw.ask.close.clone()] }
    }

    /// Lets go of memory that marks do not need; see [`crate::Tape::compact`].
    pub(crate) fn compact(&mut self, marks: Marks) {
        let nothing = Column::from(Vec::new());
        if marks == Marks::Realised {
            self.bid_close = nothing.clone();
            self.ask_close = nothing.clone();
        }
        if marks == Marks::Realised || self.fx.is_constant() {
            self.raw_closes = [nothing.clone(), nothing];
        }
        let [raw_bid, raw_ask] = &mut self.raw_closes;
        memory::compact([&mut self.bid_close, &mut self.ask_close, &mut *raw_bid, &mut *raw_ask]);
        self.fx = self.fx.clone().bind(&closes_only(raw_bid, raw_ask));
    }

    /// Bytes that the columns keep alive.
    pub(crate) fn bytes(&self) -> usize {
        let [raw_bid, raw_ask] = &self.raw_closes;
        memory::bytes([&self.bid_close, &self.ask_close, raw_bid, raw_ask])
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

/// Quotes of which only the closes are read.
fn closes_only(bid: &Column, ask: &Column) -> Quotes {
    let side = |close: &Column| SideColumns {
        open: close.clone(),
        high: close.clone(),
        low: close.clone(),
        close: close.clone(),
        volume: close.clone(),
    };
    Quotes { bid: side(bid), ask: side(ask) }
}
