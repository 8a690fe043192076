//! The instant at which money changes hands or is marked.

use omega_types::Bar;

/// When something happens inside a bar. It decides which rate a conversion may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// At the open of the bar.
    Open,
    /// Between open and close: stops, targets, triggers.
    Intrabar,
    /// At the close: market fills, rule closes, end of data, equity marks.
    Close,
}

/// One conversion event (execution.md 1.3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// The bar it happens in.
    pub bar: Bar,
    /// When in the bar.
    pub moment: Moment,
    /// Price of the traded symbol at the event: the fill price, or the mark price of an equity mark.
    pub own_price: f64,
}

impl Event {
    /// An event at the close of `bar`.
    pub const fn close(bar: Bar, own_price: f64) -> Self {
        Self { bar, moment: Moment::Close, own_price }
    }

    /// An event inside `bar`.
    pub const fn intrabar(bar: Bar, own_price: f64) -> Self {
        Self { bar, moment: Moment::Intrabar, own_price }
    }
}

/// Does a fill open a position or close (a part of) one?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FillSide {
    Entry,
    Exit,
}
