//! The pending orders of a run.

use std::ops::Range;

use omega_execution::EntryTrigger;
use omega_types::{
    Bar, Quotes, Signal,
    order::{ExpiryCause, OrderState},
};

/// A limit or stop order that waits for its price.
#[derive(Debug, Clone, Copy)]
pub struct WorkingOrder {
    /// Its number.
    pub order_id: u32,
    /// What the strategy asked for.
    pub signal: Signal,
    /// Bar at whose close it was placed; it is eligible from the next one on.
    pub placed: Bar,
    /// When it ends.
    pub expiry: Expiry,
    trigger: EntryTrigger,
    /// Bars before this one are known not to trigger it.
    clear_until: Bar,
}

/// The last bar on which an order is eligible, and why it ends there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// [`Bar::MAX`]: good till cancelled.
    pub last: Bar,
    /// What ends it.
    pub cause: ExpiryCause,
}

impl Expiry {
    /// Good till cancelled.
    pub const NEVER: Self = Self { last: Bar::MAX, cause: ExpiryCause::ExpireAfterBars };
}

impl WorkingOrder {
    /// An order that is placed at the close of `placed`.
    pub const fn new(order_id: u32, signal: Signal, placed: Bar, expiry: Expiry, trigger: EntryTrigger) -> Self {
        Self { order_id, signal, placed, expiry, trigger, clear_until: placed + 1 }
    }

    /// Does `bar` trigger it?
    pub fn triggers(&self, quotes: &Quotes, bar: Bar) -> bool {
        bar > self.placed && self.trigger.touched(&quotes.side(self.trigger.side()).candle(bar))
    }
}

/// Pending orders by ascending `order_id`, and what became of those that are gone.
#[derive(Debug, Clone, Default)]
pub struct Book {
    orders: Vec<WorkingOrder>,
    counts: OrderCounts,
}

/// How many pending orders ended in which state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderCounts([u64; OrderState::ALL.len()]);

impl OrderCounts {
    /// State and count of everything that occurred, in the order of the states' names.
    pub fn list(&self) -> Vec<(OrderState, u64)> {
        let counts = OrderState::ALL.into_iter().zip(self.0);
        let mut counts: Vec<_> = counts.filter(|&(_, count)| count > 0).collect();
        counts.sort_by_key(|(state, _)| state.as_str());
        counts
    }

    /// Counts an order that ended in `state`.
    pub fn add(&mut self, state: OrderState) {
        if let Some(index) = OrderState::ALL.iter().position(|&known| known == state) {
            self.0[index] += 1;
        }
    }
}

impl Book {
    /// The working orders.
    pub fn orders(&self) -> &[WorkingOrder] {
        &self.orders
    }

    /// Is any order working?
    pub fn has_orders(&self) -> bool {
        !self.orders.is_empty()
    }

    /// Adds an order, whose number is the highest so far.
    pub fn place(&mut self, order: WorkingOrder) {
        self.orders.push(order);
    }

    /// Takes the order at `index` out, because it ended in `state`.
    ///
    /// # Panics
    ///
    /// If there is no order at `index`.
    pub fn end(&mut self, index: usize, state: OrderState) -> WorkingOrder {
        self.counts.add(state);
        self.orders.remove(index)
    }

    /// Takes every order out.
    pub fn end_all(&mut self, state: OrderState) {
        while self.has_orders() {
            self.end(self.orders.len() - 1, state);
        }
    }

    /// What became of the orders. Those still working are counted as pending.
    pub fn into_counts(mut self) -> OrderCounts {
        self.end_all(OrderState::Pending);
        self.counts
    }

    /// The first of `bars` on which an order triggers or expires. Remembers how far each is known to be clear.
    pub fn next_due(&mut self, bars: Range<Bar>, quotes: &Quotes) -> Option<Bar> {
        let mut end = bars.end;
        let mut first = None;
        for order in &mut self.orders {
            let until = end.min(order.expiry.last.saturating_add(1));
            let start = order.clear_until.max(bars.start);
            let touched = if start < until { order.trigger.first_touch(quotes, start..until) } else { None };
            order.clear_until = order.clear_until.max(touched.unwrap_or(until));
            let expires = (until < end).then(|| until.max(bars.start));
            if let Some(bar) = touched.or(expires) {
                first = Some(bar);
                end = bar;
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use omega_types::{
        Column, Direction, OrderType, SideColumns,
        order::{CancelCause, OrderState},
    };

    use super::*;
    use crate::testing::rules;

    fn quotes(lows: &[f64]) -> Quotes {
        let column = |shift: f64| Column::from(lows.iter().map(|low| low + shift).collect::<Vec<_>>());
        let side = SideColumns {
            open: column(0.5),
            high: column(1.0),
            low: column(0.0),
            close: column(0.5),
            volume: column(0.0),
        };
        Quotes { bid: side.clone(), ask: side }
    }

    fn limit(order_id: u32, price: f64, placed: Bar, last: Bar) -> WorkingOrder {
        let signal =
            Signal { order_type: OrderType::Limit, entry_price: Some(price), ..Signal::market(Direction::Long) };
        let expiry = Expiry { last, cause: ExpiryCause::GoodTill };
        let trigger = rules().entry_trigger(Direction::Long, OrderType::Limit, price);
        WorkingOrder::new(order_id, signal, placed, expiry, trigger)
    }

    #[test]
    fn the_next_bar_is_the_first_trigger_or_expiry_of_any_order() {
        let quotes = quotes(&[9.0, 9.0, 5.0, 9.0, 9.0, 3.0, 9.0, 1.0]);
        let mut book = Book::default();
        assert_eq!(book.next_due(0..8, &quotes), None);
        // Bar 2 reaches 5, but an order placed at its close is eligible later only; bar 5 reaches 3.
        book.place(limit(1, 5.0, 2, Bar::MAX));
        assert_eq!(book.next_due(3..8, &quotes), Some(5));
        assert_eq!((book.next_due(3..5, &quotes), book.next_due(3..8, &quotes)), (None, Some(5)));
        // Eligible up to bar 3, so it expires on bar 4, before anything triggers.
        book.place(limit(2, 1.0, 2, 3));
        assert_eq!(book.next_due(3..8, &quotes), Some(4));
        assert_eq!(book.end(1, OrderState::Expired(ExpiryCause::GoodTill)).order_id, 2);
        assert!(book.orders()[0].triggers(&quotes, 5) && !book.orders()[0].triggers(&quotes, 2));
        book.place(limit(3, 1.0, 5, Bar::MAX));
        assert_eq!(book.next_due(6..8, &quotes), Some(7));
        book.end(0, OrderState::Filled);
        book.place(limit(4, 0.5, 5, Bar::MAX));
        book.end_all(OrderState::Cancelled(CancelCause::EndOfData));
        book.place(limit(5, 0.5, 5, Bar::MAX));
        let counts: Vec<_> = book.into_counts().list().iter().map(|(state, count)| (state.as_str(), *count)).collect();
        assert_eq!(counts, [("cancelled:end_of_data", 2), ("expired:good_till", 1), ("filled", 1), ("pending", 1)]);
    }
}
