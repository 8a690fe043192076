//! The prices that a plan quotes: bases of entries and exits, volumes.

use omega_execution::{Event, Moment, Touch, Triggers, Volume, sizing};
use omega_portfolio::Position;
use omega_types::{Bar, ExitReason, Signal};

use crate::{Plan, RunStop, desk::WayOut, gates::Refusal};

impl Plan {
    /// Where stop and target of `position` act.
    pub(crate) fn triggers(&self, position: &Position) -> Triggers {
        let (stop, target) = (position.stop_loss, position.take_profit);
        self.rules.triggers(position.direction, stop, target, self.costs.pip_buffer)
    }

    /// How `position` leaves in `bar` if the bar touches its stop or target; the stop wins.
    pub(crate) fn touched(&self, position: &Position, bar: Bar) -> Option<WayOut> {
        if bar < position.first_tested {
            return None;
        }
        let candle = self.market.quotes.side(position.direction.closing_side()).candle(bar);
        let live_from_open = bar > position.entry_bar;
        let direction = position.direction;
        let (level, base, reason) = match self.triggers(position).touch(&candle)? {
            Touch::Stop => {
                let level = position.stop_loss?;
                let base = self.rules.stop_base_price(direction, level, candle.open, live_from_open);
                (level, base, ExitReason::StopLoss)
            }
            Touch::Target => {
                let level = position.take_profit?;
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
        let opening = self.market.primary.quotes.side(signal.direction.opening_side()).candle(bar);
        let reference = self.market.quotes.side(signal.direction.closing_side()).close[bar];
        let base = self.rules.market_base_price(signal, &opening);
        base.and_then(|base| {
            self.rules.check_levels(signal.direction, signal.stop_loss, signal.take_profit, reference)?;
            Ok(base)
        })
        .map_err(|refusal| (refusal.reason, refusal.figure))
    }

    /// The volume of a signal that fills at `entry`: the stated one, or the one that risks `risk_per_trade`.
    pub(crate) fn volume(&self, signal: &Signal, entry: &Event) -> Result<Result<Volume, Refusal>, RunStop> {
        let distance = signal.stop_loss.map_or(Ok(()), |stop| self.rules.check_stop_distance(entry.own_price, stop));
        let raw = match (signal.size, signal.stop_loss) {
            (Some(size), _) => size,
            (None, Some(stop)) => sizing::risk_lots(&self.instrument, &self.fx, entry, stop, self.risk_per_trade)?,
            (None, None) => 0.0,
        };
        let volume = distance.and_then(|()| self.rules.quantise(&self.instrument, raw));
        Ok(volume.map_err(|refusal| (refusal.reason, refusal.figure)))
    }

    pub(crate) fn non_finite(&self, what: &'static str, value: f64, bar: Bar) -> RunStop {
        RunStop::NonFinite { what, value, bar, time_ns: self.market.clock.open_ns(bar) }
    }
}
