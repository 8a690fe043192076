//! What a strategy says about a signal, for people and for `meta` of the trade.

use omega_types::Json;

/// Explains one signal. Made after the run, for signals that traded or are logged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Note {
    /// `long_2`: becomes `meta.scenario`.
    pub label: Option<String>,
    /// Short cause: becomes `meta.signal_reason`.
    pub reason: Option<String>,
    /// Ordered, without duplicates: become `meta.tags`.
    pub tags: Vec<String>,
    /// Finite numbers, texts, booleans, null, arrays and objects.
    pub meta: serde_json::Map<String, Json>,
}
