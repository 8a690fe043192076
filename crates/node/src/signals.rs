//! Signal columns: copied, cleaned and hashed once.

use std::sync::Arc;

use napi::bindgen_prelude::{BigInt64Array, Float64Array, Int8Array, Uint8Array, Uint32Array};
use napi_derive::napi;
use omega_strategy::{SignalColumns, Signals};
use serde_json::json;

use crate::{
    answer::{Answer, Outcome, failure, to_json},
    job::at_once,
};

/// One JavaScript owner of signal columns.
pub struct SignalsHandle(pub Arc<Signals>);

impl SignalsHandle {
    /// Memory held by the columns, at most.
    pub fn bytes(&self) -> usize {
        self.0.len() * 47
    }
}

/// Copies the columns. The answer tells their SHA-256.
#[allow(clippy::too_many_arguments, reason = "one per column; arrays inside an object would be copied twice")]
#[napi(catch_unwind)]
pub fn create_signals(
    direction: Int8Array,
    stop_loss: Option<Float64Array>,
    take_profit: Option<Float64Array>,
    price: Option<Float64Array>,
    size: Option<Float64Array>,
    order_type: Option<Uint8Array>,
    expire_after_bars: Option<Uint32Array>,
    exit: Option<Uint8Array>,
    time: Option<BigInt64Array>,
) -> Answer {
    at_once(|| {
        let numbers = |column: Option<Float64Array>| column.map(|c| c.to_vec());
        let columns = SignalColumns {
            direction: direction.to_vec(),
            stop_loss: numbers(stop_loss),
            take_profit: numbers(take_profit),
            price: numbers(price),
            size: numbers(size),
            order_type: order_type.map(|c| c.to_vec()),
            expire_after_bars: expire_after_bars.map(|c| c.to_vec()),
            exit: exit.map(|c| c.to_vec()),
            time: time.map(|c| c.to_vec()),
        };
        let signals = Signals::new(columns).map_err(|error| failure(&error))?;
        let facts = to_json(&json!({ "sha256": signals.sha256(), "length": signals.len() }));
        Ok(Outcome::Signals(facts, SignalsHandle(Arc::new(signals))))
    })
}
