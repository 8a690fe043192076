//! The `meta` text of a trade: what the strategy says about it and what the engine knows.

use std::collections::BTreeMap;

use omega_strategy::Note;
use omega_types::{Clock, Json, Timeframe, Trade, time::iso};
use serde_json::json;

/// What the strategy says about a signal, as JSON object text with sorted keys.
pub(crate) fn note_text(note: Note) -> String {
    Json::Object(told(note).into_iter().collect()).to_string()
}

/// JSON object text with sorted keys (output.md 5, strategy specification 1.7). Keys of the engine win over those of
/// the strategy; flags appear where they say something.
pub(crate) fn meta_text(trade: &Trade, note: Note, timeframe: Timeframe, clock: &Clock) -> String {
    let mut meta = told(note);
    let mut set = |key: &str, value: Json| {
        meta.insert(key.to_owned(), value);
    };
    let decision_ns = clock.decision_ns(trade.signal_bar);
    set("tf", json!(timeframe.as_str()));
    set("decision_time", json!(iso(decision_ns)));
    set("decision_time_ns", json!(decision_ns));
    set("in_entry_candle", json!(trade.in_entry_candle()));
    if trade.initial_stop_loss.is_some() || trade.stop_loss.is_some() {
        set("stop_loss_kind", json!(trade.stop_kind.as_str()));
    }
    if !trade.reason.is_base() {
        set("labels", json!([trade.reason.as_str()]));
    }
    if !trade.tp_beyond_entry {
        set("tp_beyond_entry", json!(false));
    }
    let flags = [
        ("gap_entry", trade.gap_entry),
        ("gap_exit", trade.gap_exit),
        ("volume_capped", trade.volume_capped),
        ("partial", trade.partial),
    ];
    for (key, _) in flags.into_iter().filter(|(_, set)| *set) {
        set(key, json!(true));
    }
    Json::Object(meta.into_iter().collect()).to_string()
}

/// The note under the keys of the output contract.
fn told(note: Note) -> BTreeMap<String, Json> {
    let mut meta: BTreeMap<String, Json> = note.meta.into_iter().collect();
    if let Some(label) = note.label {
        meta.insert("scenario".to_owned(), json!(label));
    }
    if let Some(reason) = note.reason {
        meta.insert("signal_reason".to_owned(), json!(reason));
    }
    if !note.tags.is_empty() {
        meta.insert("tags".to_owned(), json!(note.tags));
    }
    meta
}
