//! The news calendar: exports of events (CSV) → a calendar file; a calendar file → the times at which a run opens nothing.
//!
//! Read [`blocked`] first, then [`load_news`] and [`import_news`].

mod calendar;
mod error;
mod event;
mod import;
mod rule;
mod source;
mod time;
mod write;

pub use self::{
    calendar::{NewsCalendar, NewsFile, Repeated, load_news},
    error::NewsError,
    event::{Currency, NewsEvent, UnknownCurrency},
    import::{ImportNewsReport, ImportNewsRequest, NewsSourceReport, import_news},
    rule::{NewsRule, blocked},
};
