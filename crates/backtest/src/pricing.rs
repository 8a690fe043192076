//! The prices that a plan quotes: bases of entries and exits, volumes.

use omega_execution::{Event, Moment, PendingBase, PendingRule, Touch, Triggers, Volume, sizing, spread};
use omega_portfolio::Position;
use omega_types::{Bar, Direction, ExitReason, OrderType, Signal, order::ExpiryCause, trade::RejectionCode};

use crate::{
    Plan, RunStop,
    book::{Expiry, WorkingOrder},
    desk::WayOut,
    gates::Refusal,
};

impl Plan {
    /// Where stop and target of `position` act.
    pub(crate) fn triggers(&self, position: &Position) -> Triggers {
        let (stop, target) = (position.stop_loss, position.take_profit);
        self.rules.triggers(position.direction, stop, target, self.costs.pip_buffer)
    }

    /// How `position` leaves in `bar` if the bar touches its stop or target; the stop wins.
    ///
    /// In the bar that filled a limit order the target counts only if the bar closes beyond it (execution.md 5.2).
    pub(crate) fn touched(&self, position: &Position, bar: Bar) -> Option<WayOut> {
        if bar < position.first_tested {
            return None;
        }
        let candle = self.market.quotes.side(position.direction.closing_side()).candle(bar);
        let (direction, live_from_open) = (position.direction, position.is_live_from_open(bar));
        let (level, base, reason) = match self.triggers(position).touch(&candle)? {
            Touch::Stop => {
                let level = position.stop_loss?;
                let base = self.rules.stop_base_price(direction, level, candle.open, live_from_open);
                (level, base, ExitReason::StopLoss)
            }
            Touch::Target => {
                let level = position.take_profit?;
                let filled_here = position.order_type == OrderType::Limit && bar == position.entry_bar;
                if filled_here && !self.rules.closes_beyond_target(direction, level, candle.close) {
                    return None;
                }
                let base = self.rules.target_base_price(direction, level, candle.open, live_from_open);
                (level, base, ExitReason::TakeProfit)
            }
        };
        let event = Event { bar, moment: Moment::Intrabar, own_price: base };
        Some(WayOut { base, event, reason, gap: base != level })
    }

    /// `position` leaves at the close of `bar`.
    pub(crate) fn at_close(&self, position: &Position, bar: Bar, reason: ExitReason) -> WayOut {
        let base = self.market.quotes.side(position.direction.closing_side()).close[bar];
        WayOut { base, event: Event::close(bar, base), reason, gap: false }
    }

    /// The price of a market order at the close of `bar` before slippage, if price and levels are possible.
    pub(crate) fn base_price(&self, signal: &Signal, bar: Bar) -> Result<f64, Refusal> {
        let raw = &self.market.primary.quotes;
        let opening = raw.side(signal.direction.opening_side()).candle(bar);
        let reference = self.market.quotes.side(signal.direction.closing_side()).close[bar];
        let base = self.rules.market_base_price(signal, &opening);
        base.and_then(|base| {
            self.rules.check_levels(signal.direction, signal.stop_loss, signal.take_profit, reference)?;
            let (bid, ask) = (raw.bid.close[bar], raw.ask.close[bar]);
            Ok(base + spread::entry_shift(bid, ask, signal.direction, self.costs.spread_multiplier))
        })
        .map_err(|refusal| (refusal.reason, refusal.figure))
    }

    /// What is asked of a limit or stop order at `price` when it is placed at the close of `bar` (gate 11): levels,
    /// expiry, distance. Gives its expiry.
    pub(crate) fn placement(&self, signal: &Signal, price: f64, bar: Bar) -> Result<Expiry, Refusal> {
        if self.rules.pending == PendingRule::AtPrice {
            return Ok(Expiry::NEVER);
        }
        let refused = |refusal: omega_execution::Refusal| (refusal.reason, refusal.figure);
        self.rules.check_levels(signal.direction, signal.stop_loss, signal.take_profit, price).map_err(refused)?;
        let expiry = self.expiry(signal, bar)?;
        let distance = signal.stop_loss.map_or(Ok(()), |stop| self.rules.check_stop_distance(price, stop));
        distance.map_err(refused)?;
        Ok(expiry)
    }

    /// The last bar on which an order that is placed at the close of `bar` is eligible (execution.md 3.4).
    fn expiry(&self, signal: &Signal, bar: Bar) -> Result<Expiry, Refusal> {
        let stated = signal.expire_after_bars.is_some() || signal.good_till_ns.is_some();
        let bars = signal.expire_after_bars.or_else(|| self.pending_expiry_bars.filter(|_| !stated));
        let by_count = match bars {
            Some(0) => return Err((RejectionCode::InvalidExpiry, 0.0)),
            Some(bars) => bar.saturating_add(bars as usize),
            None => Bar::MAX,
        };
        let by_time = match signal.good_till_ns {
            Some(instant) if instant <= self.market.clock.open_ns(bar) => {
                return Err((RejectionCode::InvalidExpiry, instant as f64));
            }
            // The last bar that opens at or before the instant; the orders of a run that ends before never expire.
            Some(instant) => self.market.clock.time.partition_point(|&open| open <= instant) - 1,
            None => Bar::MAX,
        };
        Ok(if by_count <= by_time {
            Expiry { last: by_count, cause: ExpiryCause::ExpireAfterBars }
        } else {
            Expiry { last: by_time, cause: ExpiryCause::GoodTill }
        })
    }

    /// The price of a triggered order before slippage.
    pub(crate) fn pending_base(&self, order: &WorkingOrder, price: f64, bar: Bar) -> PendingBase {
        let Signal { direction, order_type, .. } = order.signal;
        let open = self.market.quotes.side(direction.opening_side()).open[bar];
        self.rules.pending_base(direction, order_type, price, open)
    }

    /// What is asked of a triggered order before it is sized: the stop against the fill, the target against the base.
    pub(crate) fn check_triggered(&self, signal: &Signal, base: f64, fill: f64) -> Result<(), Refusal> {
        let Signal { direction, stop_loss, take_profit, .. } = *signal;
        let sides = self.rules.check_stop_side(direction, stop_loss, fill);
        sides
            .and_then(|()| self.rules.check_target_side(direction, take_profit, base))
            .map_err(|refusal| (refusal.reason, refusal.figure))
    }

    /// The volume of a signal that fills at `entry`: the stated one, or the one that risks `risk_per_trade`.
    pub(crate) fn volume(&self, signal: &Signal, entry: &Event) -> Result<Result<Volume, Refusal>, RunStop> {
        let refused = |refusal: omega_execution::Refusal| Ok(Err((refusal.reason, refusal.figure)));
        let is_checked = signal.order_type == OrderType::Market || self.rules.pending == PendingRule::Checked;
        if let Some(stop) = signal.stop_loss.filter(|_| is_checked)
            && let Err(refusal) = self.rules.check_stop_distance(entry.own_price, stop)
        {
            // An order that is refused needs no rate.
            return refused(refusal);
        }
        let raw = match (signal.size, signal.stop_loss) {
            (Some(size), _) => size,
            (None, Some(stop)) => sizing::risk_lots(&self.instrument, &self.fx, entry, stop, self.risk_per_trade)?,
            (None, None) => 0.0,
        };
        self.rules.quantise(&self.instrument, raw).map_or_else(refused, |volume| Ok(Ok(volume)))
    }

    /// The intended risk of a filled entry (decisions.md 28).
    pub(crate) fn risk(&self, signal: &Signal, entry: &Event, lots: f64) -> Result<Option<f64>, RunStop> {
        Ok(match (signal.size, signal.stop_loss) {
            (Some(_), Some(stop)) => Some(sizing::stop_risk(&self.instrument, &self.fx, entry, stop, lots)?),
            (None, Some(_)) => Some(self.risk_per_trade),
            (_, None) => None,
        })
    }

    pub(crate) fn non_finite(&self, what: &'static str, value: f64, bar: Bar) -> RunStop {
        RunStop::NonFinite { what, value, bar, time_ns: self.market.clock.open_ns(bar) }
    }
}

/// Does the target lie beyond the price before slippage? True without a target.
pub(crate) fn target_is_beyond(direction: Direction, take_profit: Option<f64>, base: f64) -> bool {
    take_profit.is_none_or(|target| (target - base) * direction.sign() > 0.0)
}
