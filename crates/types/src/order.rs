//! What a strategy asks for.

use serde::{Deserialize, Serialize};

use crate::QuoteSide;

/// Long profits from rising prices, short from falling ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Direction {
    Long,
    Short,
}

impl Direction {
    /// +1 for long, −1 for short.
    pub const fn sign(self) -> f64 {
        match self {
            Self::Long => 1.0,
            Self::Short => -1.0,
        }
    }

    /// The side on which a position is opened: long buys at the ask, short sells at the bid.
    pub const fn opening_side(self) -> QuoteSide {
        match self {
            Self::Long => QuoteSide::Ask,
            Self::Short => QuoteSide::Bid,
        }
    }

    /// The side on which a position is closed.
    pub const fn closing_side(self) -> QuoteSide {
        match self {
            Self::Long => QuoteSide::Bid,
            Self::Short => QuoteSide::Ask,
        }
    }

    /// The name in configurations and artifacts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Short => "short",
        }
    }
}

/// How an entry reaches the market.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum OrderType {
    Limit,
    Market,
    Stop,
}

impl OrderType {
    /// The name in configurations and artifacts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Market => "market",
            Self::Stop => "stop",
        }
    }
}

/// One entry that a strategy asks for at the close of a bar (execution.md 3.1). All prices are absolute.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct Signal {
    pub direction: Direction,
    pub order_type: OrderType,
    /// Required for limit and stop; for market the reference price (absent: close of the opening side).
    pub entry_price: Option<f64>,
    pub stop_loss: Option<f64>,
    pub take_profit: Option<f64>,
    /// Lots; absent: sized by risk.
    pub size: Option<f64>,
    /// Bars that a pending order stays eligible, counted from its placement.
    pub expire_after_bars: Option<u32>,
    /// Last open time at which a pending order is eligible.
    pub good_till_ns: Option<i64>,
    /// 0 = not used.
    pub scenario_id: u8,
}

impl Signal {
    /// A market order without levels.
    pub const fn market(direction: Direction) -> Self {
        Self {
            direction,
            order_type: OrderType::Market,
            entry_price: None,
            stop_loss: None,
            take_profit: None,
            size: None,
            expire_after_bars: None,
            good_till_ns: None,
            scenario_id: 0,
        }
    }
}

/// Which positions an exit signal closes (strategies.md 1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ExitSide {
    All,
    Long,
    Short,
}

impl ExitSide {
    /// Does it close positions of `direction`?
    pub const fn covers(self, direction: Direction) -> bool {
        matches!((self, direction), (Self::All, _) | (Self::Long, Direction::Long) | (Self::Short, Direction::Short))
    }
}

/// An exit that a strategy asks for. Exits ignore the entry gates and are processed before the entries of the same bar.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct Exit {
    pub side: ExitSide,
    /// Only this position.
    pub position_id: Option<u32>,
}

/// What strategies and trade management see of an open position.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct PositionView {
    pub position_id: u32,
    pub direction: Direction,
    pub order_type: OrderType,
    pub entry_bar: usize,
    /// Open time that the trade record carries.
    pub entry_time_ns: i64,
    pub entry_price: f64,
    /// Open lots.
    pub lots: f64,
    /// Lots at the entry.
    pub initial_lots: f64,
    /// Stop at the entry.
    pub initial_stop_loss: Option<f64>,
    pub stop_loss: Option<f64>,
    pub take_profit: Option<f64>,
    pub scenario_id: u8,
}

/// Why a pending order was cancelled (execution.md 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum CancelCause {
    KillSwitch,
    SessionEnd,
    EndOfData,
    Strategy,
}

/// Why a pending order is no longer eligible (execution.md 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum ExpiryCause {
    ExpireAfterBars,
    GoodTill,
}

/// What became of a pending order. Terminal, but for [`Self::Pending`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OrderState {
    /// Still working when the data ended (`execution.close_open_at_end = false`).
    Pending,
    /// Opened a position.
    Filled,
    /// Refused when it triggered; the journal says why.
    Rejected,
    /// No longer eligible.
    Expired(ExpiryCause),
    /// Taken out of the book.
    Cancelled(CancelCause),
}

impl OrderState {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Filled,
        Self::Rejected,
        Self::Expired(ExpiryCause::ExpireAfterBars),
        Self::Expired(ExpiryCause::GoodTill),
        Self::Cancelled(CancelCause::KillSwitch),
        Self::Cancelled(CancelCause::SessionEnd),
        Self::Cancelled(CancelCause::EndOfData),
        Self::Cancelled(CancelCause::Strategy),
    ];

    /// State and cause as `run.order_counts` names them.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Filled => "filled",
            Self::Rejected => "rejected",
            Self::Expired(ExpiryCause::ExpireAfterBars) => "expired:expire_after_bars",
            Self::Expired(ExpiryCause::GoodTill) => "expired:good_till",
            Self::Cancelled(CancelCause::KillSwitch) => "cancelled:kill_switch",
            Self::Cancelled(CancelCause::SessionEnd) => "cancelled:session_end",
            Self::Cancelled(CancelCause::EndOfData) => "cancelled:end_of_data",
            Self::Cancelled(CancelCause::Strategy) => "cancelled:strategy",
        }
    }
}
