//! One order of the list.

use omega_strategy::{
    Note,
    parameters::{Issues, Reason, child},
};
use omega_types::{Direction, Json, OrderType, Signal};
use serde::Deserialize;

use crate::instant::instant_ns;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    bar_open_time: String,
    direction: Direction,
    order_type: OrderType,
    entry_price: Option<f64>,
    stop_loss: Option<f64>,
    take_profit: Option<f64>,
    size: Option<f64>,
    expire_after_bars: Option<u32>,
    good_till: Option<String>,
    #[serde(default)]
    scenario_id: u8,
    label: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    meta: serde_json::Map<String, Json>,
}

/// What is sent at the close of the bar that opens at `open_time_ns`, and what is said about it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    pub(crate) open_time_ns: i64,
    pub(crate) signal: Signal,
    pub(crate) note: Note,
}

impl Order {
    /// Reads the object `raw`, found at `path`, and notes what is wrong with it.
    pub(crate) fn read(raw: &Json, path: &str, issues: &mut Issues) -> Option<Self> {
        let written: Written = match serde_json::from_value(raw.clone()) {
            Ok(written) => written,
            Err(error) => {
                issues.add(path, Reason::InvalidParam, &error.to_string());
                return None;
            }
        };
        let mut instant = |name: &str, text: &str| {
            let ns = instant_ns(text);
            if ns.is_none() {
                issues.invalid(&child(path, name), "an instant such as 2024-01-09T03:20:00Z", &Json::from(text));
            }
            ns
        };
        let open_time_ns = instant("bar_open_time", &written.bar_open_time);
        let good_till_ns = match &written.good_till {
            Some(text) => Some(instant("good_till", text)?),
            None => None,
        };
        Some(Self {
            open_time_ns: open_time_ns?,
            signal: Signal {
                direction: written.direction,
                order_type: written.order_type,
                entry_price: written.entry_price,
                stop_loss: written.stop_loss,
                take_profit: written.take_profit,
                size: written.size,
                expire_after_bars: written.expire_after_bars,
                good_till_ns,
                scenario_id: written.scenario_id,
            },
            note: Note { label: written.label, reason: written.reason, tags: written.tags, meta: written.meta },
        })
    }
}
