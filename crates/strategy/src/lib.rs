//! From a closed bar to what a strategy wants: the contract, the registry, the built-in strategies, the signals form.
//!
//! This crate knows no file, no order, no account and no JavaScript. Read [`strategy`] first, then
//! [`mean_reversion_z_score`].

pub mod agenda;
pub mod bar_view;
pub mod blueprint;
pub mod error;
pub mod intents;
pub mod mean_reversion_z_score;
pub mod note;
pub mod parameters;
pub mod registry;
pub mod round_price;
pub mod signals;
pub mod strategy;

pub use agenda::{Agenda, Bars};
pub use bar_view::BarView;
pub use blueprint::{Blueprint, Init, Instrumentals, RequiredTimeframe, Requirements};
pub use error::StrategyError;
pub use intents::Intents;
pub use note::Note;
pub use registry::{API_VERSION, Descriptor, Registry};
pub use round_price::round_price;
pub use signals::{SignalColumns, Signals};
pub use strategy::Strategy;
