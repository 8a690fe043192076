//! One open position.

use omega_execution::RoundTrip;
use omega_types::{Bar, Direction, OrderType, order::PositionView, trade::StopKind};

use crate::valuation::Holding;

/// A position from its fill to its last close. Prices are fill prices; the levels are those in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// 1, 2, … in the order of opening.
    pub position_id: u32,
    /// Number of the signal that opened it.
    pub order_id: u32,
    /// How it was entered.
    pub order_type: OrderType,
    /// Long or short.
    pub direction: Direction,
    /// Bar in which the signal was given.
    pub signal_bar: Bar,
    /// Bar in which it was filled.
    pub entry_bar: Bar,
    /// First bar in which stop and target are tested.
    pub first_tested: Bar,
    /// Open time that the trade record carries.
    pub entry_time_ns: i64,
    /// Fill price.
    pub entry_price: f64,
    /// Stop at the entry.
    pub initial_stop_loss: Option<f64>,
    /// Stop in force.
    pub stop_loss: Option<f64>,
    /// Target in force.
    pub take_profit: Option<f64>,
    /// Kind of the stop in force.
    pub stop_kind: StopKind,
    /// Open lots.
    pub lots: f64,
    /// Lots at the entry.
    pub initial_lots: f64,
    /// Intended risk in account currency (decisions.md 28).
    pub risk: Option<f64>,
    /// Entry fee in account currency.
    pub entry_fee: f64,
    /// The part of it that no trade record carries yet.
    pub entry_fee_left: f64,
    /// 0 = not used.
    pub scenario_id: u8,
    /// The entry bar gapped over the order.
    pub gap_entry: bool,
    /// The fill was the open of the entry bar, so that the whole bar lies after it (execution.md 3.5).
    pub filled_at_open: bool,
    /// The volume was cut to the symbol's maximum.
    pub volume_capped: bool,
    /// The target lies beyond the price at which the position was asked for (true without a target).
    pub tp_beyond_entry: bool,
    /// Bars before this one are known not to touch stop or target.
    pub(crate) clear_until: Bar,
}

impl Position {
    /// What strategies see of it.
    pub const fn view(&self) -> PositionView {
        PositionView {
            position_id: self.position_id,
            direction: self.direction,
            order_type: self.order_type,
            entry_bar: self.entry_bar,
            entry_time_ns: self.entry_time_ns,
            entry_price: self.entry_price,
            lots: self.lots,
            initial_lots: self.initial_lots,
            initial_stop_loss: self.initial_stop_loss,
            stop_loss: self.stop_loss,
            take_profit: self.take_profit,
            scenario_id: self.scenario_id,
        }
    }

    /// Did it exist when `bar` opened? Only then can the open of the bar be its exit price (execution.md 5.3).
    pub const fn is_live_from_open(&self, bar: Bar) -> bool {
        bar > self.entry_bar || self.filled_at_open
    }

    /// What its value depends on.
    pub(crate) const fn holding(&self) -> Holding {
        Holding { direction: self.direction, entry_price: self.entry_price, lots: self.lots }
    }

    /// The way in and out if `lots` of it were closed at `exit_price`.
    pub const fn trip(&self, exit_price: f64, lots: f64) -> RoundTrip {
        RoundTrip {
            direction: self.direction,
            entry_price: self.entry_price,
            exit_price,
            initial_stop_loss: self.initial_stop_loss,
            lots,
        }
    }
}
