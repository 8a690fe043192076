//! Files (or arrays) to checked, aligned, shared columns; and the window of them that one run reads.
//!
//! The only crate that reads files. It knows nothing about strategies, orders or JavaScript. Read `load.rs` first, then
//! `window.rs`.

mod align;
mod calendar;
mod candles;
mod check;
mod dates;
mod day_windows;
mod error;
mod gaps;
mod governance;
mod labels;
mod load;
mod manifest;
pub mod market_hours;
mod memory;
mod order;
mod origin;
mod parquet_file;
mod parquet_pages;
mod series;
mod side;
mod source_file;
mod spread;
mod wall_clock;
mod window;

pub mod generate;
pub mod import;
pub mod inspect;
pub mod news;
pub mod resample;
pub mod write;

#[cfg(test)]
mod testing;

pub use calendar::{Calendar, UnknownCalendar};
pub use dates::{Bound, date_bounds, parse_instant};
pub use day_windows::{DayWindows, WindowTest};
pub use error::{AlignmentLoss, DataError, FileStamp, InvalidSpread, Span};
pub use governance::file_warnings;
pub use load::{LoadRequest, WantedTimeframe, load_dataset};
pub use manifest::{manifest_json, manifest_sha256};
pub use memory::{MemorySeries, MemorySide, dataset_from_memory};
pub use origin::Origin;
pub use wall_clock::WallClock;
pub use window::{Window, WindowRequest, window};
pub use write::{Candles, FileSide};
