//! The addon: JavaScript on one side, the Omega crates on the other, and nothing else.
//!
//! Every export catches panics, every expected failure is a value ([`answer::Answer`]), long work runs as a [`job`] on
//! our own thread pool, and JavaScript never sees engine memory: what goes out is a fresh array, what comes in is
//! copied. Read [`job`] first.
#![expect(unreachable_pub, reason = "the exports are internal; index.d.ts documents the public API")]
#![cfg_attr(test, allow(dead_code, reason = "napi registers the exports outside of tests only"))]

mod answer;
mod catalogue;
mod dataset;
mod indicators;
mod job;
mod pool;
mod result;
mod run;
mod signals;
mod tables;
mod tools;
