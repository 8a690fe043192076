//! What the tests of this crate share.

use omega_execution::{Instrument, Rules};
use omega_types::config::{FileContent, Variant};
use serde_json::json;

/// The rules of `v2` on EURUSD.
pub(crate) fn rules() -> Rules {
    let spec = json!({"EURUSD": {"contract_size": 100_000, "tick_size": 0.00001, "pip_size": 0.0001}});
    let file =
        FileContent { path: "test.yaml".to_owned(), sha256: String::new(), origin: "option".to_owned(), value: spec };
    let (instrument, _) = Instrument::resolve("EURUSD", Some(&file), None).unwrap();
    let execution = serde_json::from_value(json!({
        "limit_gap_fill": "worse", "close_open_at_end": true, "pending_expiry_bars": null,
        "max_pending_orders": null, "allowed_directions": "both", "allowed_order_types": ["market"],
        "cooldown_bars": 0, "cooldown_minutes": 0, "cooldown_minutes_after_exit": 0,
    }));
    Rules::new(Variant::V2, &execution.unwrap(), &instrument)
}
