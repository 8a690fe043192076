//! What reads bytes, text, files and arrays of users, each as a function of bytes.
//!
//! A target panics where the engine is wrong and does nothing otherwise. The functions know no fuzzer: `fuzz_targets/`
//! hands them to libFuzzer, and `crates/backtest/tests/fuzz.rs` includes this file and replays the corpus with stable
//! Rust. docs/fuzzing.md says how to run them.

pub mod document;
pub mod folder;
pub mod job;
pub mod supply;
pub mod words;

mod config;
mod costs;
mod failure;
mod import;
mod indicators;
mod news;
mod parquet;
mod signals;

pub use self::{
    config::config, costs::costs, import::import, indicators::indicators, news::news, parquet::parquet,
    signals::signals,
};

/// A target.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also that of its corpus.
pub const TARGETS: [(&str, Target); 7] = [
    ("config", config),
    ("costs", costs),
    ("import", import),
    ("indicators", indicators),
    ("news", news),
    ("parquet", parquet),
    ("signals", signals),
];
