//! What an order costs and where it fills: symbol specifications, costs, slippage, level checks, exits, sizing,
//! currency conversion.
//!
//! Pure functions and values. This crate knows no loop, no account and no file: whoever runs the bars asks it for one
//! price, one fee or one volume at a time. What differs between the execution variants is data in [`Rules`], so nobody
//! behind it asks for the variant. Read [`rules`] first, then [`levels`], [`exits`] and [`sizing`].
//!
//! Setting up a run, in this order: [`Instrument::resolve`], [`Rules::new`], [`CostModel::resolve`], [`Fx::plan`],
//! and, once there are candles, [`Fx::bind`], [`CostModel::with_atr`] and [`spread::execution_view`].

pub mod cents;
pub mod commission;
pub mod costs;
pub mod draw;
pub mod error;
pub mod event;
pub mod exits;
mod fields;
pub mod fx;
pub mod instrument;
pub mod levels;
pub mod pending;
pub mod rules;
pub mod sizing;
pub mod slippage;
pub mod spread;
mod stated;
#[cfg(test)]
mod testing;
pub mod trip;
pub mod volume;

pub use commission::{FeeFill, FeeTally};
pub use costs::CostModel;
pub use error::{ExecutionError, Finding, MissingRate};
pub use event::{Event, FillSide, Moment};
pub use exits::{Touch, Triggers};
pub use fx::{Fx, FxRequest};
pub use instrument::{Instrument, Note};
pub use levels::Refusal;
pub use pending::{EntryTrigger, PendingBase};
pub use rules::{
    ExitSlippage, FeeRounding, GapStop, LimitGap, MinStop, OwnPrice, PendingRule, ResultRule, Rules, TargetGap,
    VolumeRule,
};
pub use trip::RoundTrip;
pub use volume::{Volume, VolumeGrid};
