//! When a pending order triggers, and the price at which it fills (execution.md 3.4, 3.5).

use std::ops::Range;

use omega_types::{Bar, Candle, Direction, OrderType, QuoteSide, Quotes};

use crate::{LimitGap, PendingRule, Rules, exits::first_outside};

/// The price on the opening side at which a pending order triggers, tolerance included.
///
/// Made once per order by [`Rules::entry_trigger`], so that one bar and a million bars are tested by the same comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EntryTrigger {
    side: QuoteSide,
    /// Triggers at or below; −∞ if the order waits for a rise.
    floor: f64,
    /// Triggers at or above; ∞ if the order waits for a fall.
    ceiling: f64,
}

impl EntryTrigger {
    /// The side whose candles are tested: the one on which the position would be opened.
    pub const fn side(&self) -> QuoteSide {
        self.side
    }

    /// Does `candle` of the opening side trigger the order?
    pub fn touched(&self, candle: &Candle) -> bool {
        candle.low <= self.floor || candle.high >= self.ceiling
    }

    /// The first of `bars` that triggers the order. `quotes` is the execution view; bars past its end do not exist.
    pub fn first_touch(&self, quotes: &Quotes, bars: Range<Bar>) -> Option<Bar> {
        let side = quotes.side(self.side);
        let end = bars.end.min(side.high.len()).min(side.low.len());
        let (lows, highs) = (side.low.get(bars.start..end)?, side.high.get(bars.start..end)?);
        first_outside(lows, self.floor, highs, self.ceiling).map(|offset| bars.start + offset)
    }
}

/// What a triggered order fills at before slippage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PendingBase {
    /// The base price.
    pub price: f64,
    /// The bar opened beyond the order (decisions.md 39).
    pub gap: bool,
    /// The fill is the open of the bar, so that the whole bar lies after it (execution.md 3.5).
    pub at_open: bool,
}

impl Rules {
    /// Where a pending order of `order_type` at `price` triggers: a long limit and a short stop in a fall, the others in
    /// a rise.
    ///
    /// A market order has no trigger; it is treated like a stop.
    pub fn entry_trigger(&self, direction: Direction, order_type: OrderType, price: f64) -> EntryTrigger {
        let side = direction.opening_side();
        if waits_for_fall(direction, order_type) {
            EntryTrigger { side, floor: price + self.touch_tolerance, ceiling: f64::INFINITY }
        } else {
            EntryTrigger { side, floor: f64::NEG_INFINITY, ceiling: price - self.touch_tolerance }
        }
    }

    /// The price of a triggered order before slippage. `open` is that of the opening side in the trigger bar.
    pub fn pending_base(&self, direction: Direction, order_type: OrderType, price: f64, open: f64) -> PendingBase {
        let gap = if waits_for_fall(direction, order_type) { open <= price } else { open >= price };
        if self.pending == PendingRule::AtPrice {
            return PendingBase { price, gap, at_open: gap };
        }
        let worse = match direction {
            Direction::Long => price.max(open),
            Direction::Short => price.min(open),
        };
        let (base, at_open) = match (order_type, self.limit_gap) {
            (OrderType::Limit, LimitGap::Price) => (price, gap),
            (OrderType::Limit, LimitGap::Open) => (if gap { open } else { price }, gap),
            (OrderType::Limit, LimitGap::WorseOfPriceAndOpen) => (worse, true),
            (OrderType::Market | OrderType::Stop, _) => (worse, gap),
        };
        PendingBase { price: base, gap, at_open }
    }
}

/// Limits wait for a better price, stops for a worse one.
const fn waits_for_fall(direction: Direction, order_type: OrderType) -> bool {
    matches!(
        (direction, order_type),
        (Direction::Long, OrderType::Limit) | (Direction::Short, OrderType::Stop | OrderType::Market)
    )
}

#[cfg(test)]
mod tests {
    use omega_types::config::{LimitGapFill, Variant};
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{candle, config, eurusd, quotes};

    fn rules(variant: Variant, fill: LimitGapFill) -> Rules {
        let mut execution = config().execution;
        execution.limit_gap_fill = fill;
        Rules::new(variant, &execution, &eurusd())
    }

    fn v2() -> Rules {
        rules(Variant::V2, LimitGapFill::Worse)
    }

    const LONG: Direction = Direction::Long;
    const SHORT: Direction = Direction::Short;

    #[test]
    fn the_trigger_table_holds_for_both_types_and_directions() {
        // execution.md 3.4, order price 1.10000: the bar 1.09990 … 1.10010 touches from both sides, others from one.
        let triggers = |direction, order_type, low, high| {
            v2().entry_trigger(direction, order_type, 1.1).touched(&candle(1.1, high, low, 1.1))
        };
        for (direction, order_type, in_a_fall) in [
            (LONG, OrderType::Limit, true),
            (SHORT, OrderType::Stop, true),
            (SHORT, OrderType::Limit, false),
            (LONG, OrderType::Stop, false),
        ] {
            assert!(triggers(direction, order_type, 1.09990, 1.10010));
            assert_eq!(triggers(direction, order_type, 1.09980, 1.09999), in_a_fall, "{direction:?} {order_type:?}");
            assert_eq!(triggers(direction, order_type, 1.10001, 1.10020), !in_a_fall, "{direction:?} {order_type:?}");
            assert!(triggers(direction, order_type, 1.1, 1.1), "exactly at the price");
            assert_eq!(v2().entry_trigger(direction, order_type, 1.1).side(), direction.opening_side());
        }
        // A touch may miss by a ten-thousandth of a tick (0.3), in v1_parity it may not.
        let near = candle(1.2, 1.2, 1.1 + 0.9e-9, 1.2);
        assert!(v2().entry_trigger(LONG, OrderType::Limit, 1.1).touched(&near));
        let parity = rules(Variant::V1Parity, LimitGapFill::Worse);
        assert!(!parity.entry_trigger(LONG, OrderType::Limit, 1.1).touched(&near));
    }

    /// decisions.md 39: a limit that fills at its price under `worse` gapped all the same.
    #[test]
    fn limits_fill_at_their_price_or_better_by_the_switch() {
        // execution.md 12, example 5: limit long at 1.10000, ask open 1.09910 (a) and 1.10090 (b).
        let base = |fill, open| rules(Variant::V2, fill).pending_base(LONG, OrderType::Limit, 1.1, open);
        let expected = |price, gap, at_open| PendingBase { price, gap, at_open };
        assert_eq!(base(LimitGapFill::Worse, 1.09910), expected(1.1, true, true));
        assert_eq!(base(LimitGapFill::Worse, 1.10090), expected(1.1, false, false));
        assert_eq!(base(LimitGapFill::Better, 1.09910), expected(1.09910, true, true));
        assert_eq!(base(LimitGapFill::Better, 1.10090), expected(1.1, false, false));
        assert_eq!(base(LimitGapFill::PlanLiteral, 1.09910), expected(1.1, true, true));
        assert_eq!(base(LimitGapFill::PlanLiteral, 1.10090), expected(1.10090, false, true));
        // An open exactly at the price is a gap, and the price.
        assert_eq!(base(LimitGapFill::Better, 1.1), expected(1.1, true, true));
        let short = |fill, open| rules(Variant::V2, fill).pending_base(SHORT, OrderType::Limit, 1.1, open);
        assert_eq!(short(LimitGapFill::Better, 1.10090), expected(1.10090, true, true));
        assert_eq!(short(LimitGapFill::PlanLiteral, 1.09910), expected(1.09910, false, true));
    }

    #[test]
    fn stops_fill_at_the_open_after_a_gap() {
        // execution.md 12, example 6: stop long at 1.10200, ask open 1.10310; in v1_parity the order price.
        for fill in [LimitGapFill::Worse, LimitGapFill::Better, LimitGapFill::PlanLiteral] {
            let gapped = rules(Variant::V2, fill).pending_base(LONG, OrderType::Stop, 1.10200, 1.10310);
            assert_eq!(gapped, PendingBase { price: 1.10310, gap: true, at_open: true });
            let reached = rules(Variant::V2, fill).pending_base(LONG, OrderType::Stop, 1.10200, 1.10060);
            assert_eq!(reached, PendingBase { price: 1.10200, gap: false, at_open: false });
            let parity = rules(Variant::V1Parity, fill).pending_base(LONG, OrderType::Stop, 1.10200, 1.10310);
            assert_eq!(parity.price, 1.10200);
        }
        let short = v2().pending_base(SHORT, OrderType::Stop, 1.10200, 1.10100);
        assert_eq!(short, PendingBase { price: 1.10100, gap: true, at_open: true });
    }

    proptest! {
        /// Invariant 3 of execution.md 14: under `worse` a limit's base is its price and a stop's is never better.
        #[test]
        fn no_base_is_better_than_the_order_under_worse(price in 0.5..2.0_f64, open in 0.5..2.0_f64, long: bool) {
            let direction = if long { LONG } else { SHORT };
            let base = |order_type| v2().pending_base(direction, order_type, price, open).price;
            prop_assert_eq!(base(OrderType::Limit), price);
            prop_assert!((base(OrderType::Stop) - price) * direction.sign() >= 0.0);
        }

        #[test]
        fn many_bars_are_tested_like_one(
            closes in prop::collection::vec(1.0..1.2_f64, 1..200), price in 1.0..1.2_f64, long: bool, limit: bool,
        ) {
            let market = quotes(&closes, &closes);
            let direction = if long { LONG } else { SHORT };
            let order_type = if limit { OrderType::Limit } else { OrderType::Stop };
            let trigger = v2().entry_trigger(direction, order_type, price);
            let side = market.side(trigger.side());
            let one_by_one = (0..closes.len()).find(|&bar| trigger.touched(&side.candle(bar)));
            prop_assert_eq!(trigger.first_touch(&market, 0..closes.len() + 7), one_by_one);
        }
    }
}
