//! What everyone in Omega speaks: columns, timeframes, candles, orders, trades, configuration, errors.
//!
//! This crate knows no file, no JavaScript and no rule of trading. Read [`market`] first.

pub mod bar_map;
pub mod bar_set;
pub mod code;
pub mod column;
pub mod config;
pub mod equity;
pub mod failure;
pub mod log;
pub mod lot_grid;
pub mod market;
pub mod order;
pub mod round;
pub mod time;
pub mod timeframe;
pub mod trade;
pub mod watch;

pub use bar_map::BarMap;
pub use bar_set::BarSet;
pub use code::{Category, Code};
pub use column::{Column, TimeColumn};
pub use failure::{Coded, Failure, Issue, Json, Warning};
pub use lot_grid::LotGrid;
pub use market::{Candle, Clock, Dataset, Field, Input, Market, QuoteSide, Quotes, Series, SideColumns};
pub use order::{Direction, OrderType, Signal};
pub use timeframe::Timeframe;
pub use trade::{ExitReason, Trade};
pub use watch::Watch;

/// Index of a bar of the primary timeframe, counted over everything loaded, warm-up included.
pub type Bar = usize;
