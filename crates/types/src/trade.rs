//! One closed trade, in numbers. Texts (label, tags, meta) are made when they are read.

use serde::{Deserialize, Serialize};

use crate::{Bar, Direction, OrderType};

/// Why a position was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ExitReason {
    TakeProfit,
    StopLoss,
    Timeout,
    SessionEnd,
    News,
    KillSwitch,
    ScaleOut,
    EndOfData,
    Signal,
    Manual,
    /// `v1_parity` only.
    BreakEvenStopLoss,
}

impl ExitReason {
    /// All of them; the index is the category index of the `reason` column.
    pub const ALL: [Self; 11] = [
        Self::TakeProfit,
        Self::StopLoss,
        Self::Timeout,
        Self::SessionEnd,
        Self::News,
        Self::KillSwitch,
        Self::ScaleOut,
        Self::EndOfData,
        Self::Signal,
        Self::Manual,
        Self::BreakEvenStopLoss,
    ];

    /// The name in artifacts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TakeProfit => "take_profit",
            Self::StopLoss => "stop_loss",
            Self::Timeout => "timeout",
            Self::SessionEnd => "session_end",
            Self::News => "news",
            Self::KillSwitch => "kill_switch",
            Self::ScaleOut => "scale_out",
            Self::EndOfData => "end_of_data",
            Self::Signal => "signal",
            Self::Manual => "manual",
            Self::BreakEvenStopLoss => "break_even_stop_loss",
        }
    }

    /// `take_profit`, `stop_loss` and `timeout` form the base contract; the others are also listed in `meta.labels`.
    pub const fn is_base(self) -> bool {
        matches!(self, Self::TakeProfit | Self::StopLoss | Self::Timeout)
    }
}

/// What kind of stop was in force at the exit (`meta.stop_loss_kind`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum StopKind {
    Initial,
    BreakEven,
    Trailing,
    Manual,
}

impl StopKind {
    /// The name in artifacts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::BreakEven => "break_even",
            Self::Trailing => "trailing",
            Self::Manual => "manual",
        }
    }
}

/// One record of `trades.json` (output.md 5), unrounded.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct Trade {
    pub position_id: u32,
    pub order_id: u32,
    pub order_type: OrderType,
    pub direction: Direction,
    /// Bar whose close (or intrabar trigger) opened the position, and bar that closed it.
    pub entry_bar: Bar,
    pub exit_bar: Bar,
    /// Bar in which the signal was given.
    pub signal_bar: Bar,
    /// Open times of those bars as they are recorded (`v1_parity` records the placement bar of pending orders).
    pub entry_time_ns: i64,
    pub exit_time_ns: i64,
    pub entry_price: f64,
    pub exit_price: f64,
    pub initial_stop_loss: Option<f64>,
    pub stop_loss: Option<f64>,
    pub take_profit: Option<f64>,
    /// Lots closed by this record.
    pub size: f64,
    /// Realised profit in account currency, before explicit fees.
    pub result: f64,
    /// Intended risk of the whole position in account currency (decisions.md 28); `None` without a stop.
    pub risk: Option<f64>,
    pub entry_fee: f64,
    pub exit_fee: f64,
    /// `(exit − entry) × sign / |entry − initial stop|`; `None` without a stop.
    pub r_multiple: Option<f64>,
    pub reason: ExitReason,
    pub scenario_id: u8,
    /// Worst (≤ 0) and best (≥ 0) unrealised profit in account currency (decisions.md 29).
    pub mae: f64,
    pub mfe: f64,
    pub stop_kind: StopKind,
    pub gap_entry: bool,
    pub gap_exit: bool,
    pub volume_capped: bool,
    pub partial: bool,
    /// The target lay beyond the entry, before slippage (strategy specification 1.8); true without a target.
    pub tp_beyond_entry: bool,
}

impl Trade {
    /// Exit bar index minus entry bar index.
    pub const fn bars_held(&self) -> usize {
        self.exit_bar - self.entry_bar
    }

    /// Closed in the bar that opened it.
    pub const fn in_entry_candle(&self) -> bool {
        self.exit_bar == self.entry_bar
    }
}

/// A signal or order that was refused. Text is made when it is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rejection {
    /// `None` for conflicting signals, which have no number.
    pub order_id: Option<u32>,
    /// Bar of the decision.
    pub bar: Bar,
    /// Stable code (execution.md 10).
    pub reason: RejectionCode,
    /// The one figure that explains it (offending price, distance, lots), or NaN.
    pub figure: f64,
}

macro_rules! rejection_codes {
    ($($variant:ident $name:literal $text:literal,)*) => {
        /// Why an order was refused (execution.md 10).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs)]
        pub enum RejectionCode { $($variant,)* }

        impl RejectionCode {
            /// All of them, in declaration order; the index is the category index of the `reason` column.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means, for people.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

rejection_codes! {
    InvalidSignal "invalid_signal" "malformed or non-finite fields, non-positive price or size",
    MissingStopLoss "missing_stop_loss" "no stop-loss",
    EndOfData "end_of_data" "last bar of the data",
    TradingHalted "trading_halted" "kill switch active",
    AccountDepleted "account_depleted" "balance is not positive",
    DirectionNotAllowed "direction_not_allowed" "direction not allowed by execution.allowed_directions",
    OrderTypeNotAllowed "order_type_not_allowed" "order type not allowed by execution.allowed_order_types",
    SessionClosed "session_closed" "outside all sessions",
    NewsBlocked "news_blocked" "inside a news window",
    Cooldown "cooldown" "a cooldown is running",
    MaxPositionsReached "max_positions_reached" "account.max_positions positions are open",
    MaxPendingReached "max_pending_reached" "execution.max_pending_orders orders are pending",
    InvalidExpiry "invalid_expiry" "expiry not after placement",
    EntryPriceOutsideBar "entry_price_outside_bar" "entry price outside the bar",
    StopLossWrongSide "stop_loss_wrong_side" "stop-loss not on the losing side of the closing price",
    TakeProfitWrongSide "take_profit_wrong_side" "take-profit not on the winning side of the closing price",
    StopDistanceBelowMinimum "stop_distance_below_minimum" "stop closer than min_sl_distance_pips",
    VolumeBelowMinimum "volume_below_minimum" "volume below the symbol's minimum",
    OppositeClose "opposite_close" "closed an opposite position and opened nothing",
    ConflictingSignals "conflicting_signals" "long and short at once; neither was sent",
}
