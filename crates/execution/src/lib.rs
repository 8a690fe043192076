//! What an order costs and where it fills: symbol specifications, costs, slippage, level checks, exits, sizing,
//! currency conversion.
//!
//! Pure functions and values. This crate knows no loop, no account and no file: whoever runs the bars asks it for one
//! price, one fee or one volume at a time. What differs between the execution variants is data in [`Rules`], so nobody
//! behind it asks for the variant. Read [`rules`] first, then [`levels`], [`exits`] and [`sizing`].
//!
//! Setting up a run, in this order: [`Instrument::resolve`], [`Rules::new`], [`CostModel::resolve`], [`Fx::plan`],
//! [`Fx::bind`]. Before any of it, [`unsupported`] and [`unsupported_conversions`] name the settings that need a feature
//! which does not exist yet.

pub mod cents;
pub mod costs;
pub mod draw;
pub mod error;
pub mod event;
pub mod exits;
mod fields;
pub mod fx;
pub mod instrument;
pub mod levels;
pub mod rules;
pub mod sizing;
pub mod slippage;
mod stated;
#[cfg(test)]
mod testing;
pub mod trip;
mod unsupported;
pub mod volume;

pub use costs::CostModel;
pub use error::{ExecutionError, Finding};
pub use event::{Event, FillSide, Moment};
pub use exits::{Touch, Triggers};
pub use fx::{Fx, FxRequest, unsupported_conversions};
pub use instrument::{Instrument, Note};
pub use levels::Refusal;
pub use rules::{ExitSlippage, FeeRounding, GapStop, MinStop, OwnPrice, ResultRule, Rules, TargetGap, VolumeRule};
pub use trip::RoundTrip;
pub use unsupported::unsupported;
pub use volume::{Volume, VolumeGrid};
