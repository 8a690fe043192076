//! Configurations and inputs of the integration tests.
#![allow(dead_code, reason = "each test file uses its own part")]

use omega_trade_mgmt::{Facts, Inputs, Management, RuleSet};
use omega_types::{
    Clock, Column, Direction, LotGrid, OrderType, Quotes, SideColumns,
    config::{TradeManagement, Variant},
    order::PositionView,
    time::MINUTE_NS,
};

/// 1e-4 of a tick of 0.00001 (execution.md 0.3).
pub(crate) const TOLERANCE: f64 = 1e-9;

/// EURUSD of execution.md 12.
pub(crate) const FACTS: Facts = Facts {
    pip_size: 0.0001,
    touch_tolerance: TOLERANCE,
    lots: LotGrid::new(0.01, 0.01),
    initial_balance: 10_000.0,
    holding_minutes: None,
    variant: Variant::V2,
};

/// `trade_management` with these rules, switched on.
pub(crate) fn config(rules: &str) -> TradeManagement {
    let frame = r#""enabled": true, "stop_update_policy": "apply_next_bar", "tp_update_policy": "forbid""#;
    serde_json::from_str(&format!("{{{frame}, \"rules\": {{{rules}}}}}")).unwrap()
}

/// Rules bound to a market without sessions and news.
pub(crate) fn bound(rules: &str, inputs: Inputs) -> Management {
    RuleSet::read(&config(rules), &FACTS).unwrap().unwrap().bind(inputs)
}

/// A distance in its normal form.
pub(crate) fn distance(mode: &str, value: f64) -> String {
    format!(r#"{{"mode": "{mode}", "value": {value}, "atr_period": 14}}"#)
}

/// Bid bars (open, high, low, close), ask 0.0001 above in every field, M5 from the epoch on.
pub(crate) fn inputs(bars: &[[f64; 4]]) -> Inputs {
    let side = |shift: f64| {
        let column = |field: usize| Column::from(bars.iter().map(|bar| bar[field] + shift).collect::<Vec<_>>());
        SideColumns { open: column(0), high: column(1), low: column(2), close: column(3), volume: column(0) }
    };
    let time: Vec<i64> = (0..bars.len() as i64).map(|bar| bar * 5 * MINUTE_NS).collect();
    Inputs {
        clock: Clock { time: time.into(), duration_ns: 5 * MINUTE_NS },
        quotes: Quotes { bid: side(0.0), ask: side(0.0001) },
        trading: 0..bars.len(),
        atr: Vec::new(),
        outside_sessions: None,
        news_blocked: None,
    }
}

/// A market long of 0.50 lots from the close of bar 0.
pub(crate) fn long(position_id: u32, entry_price: f64, stop_loss: Option<f64>) -> PositionView {
    PositionView {
        position_id,
        direction: Direction::Long,
        order_type: OrderType::Market,
        entry_bar: 0,
        entry_time_ns: 0,
        entry_price,
        lots: 0.50,
        initial_lots: 0.50,
        initial_stop_loss: stop_loss,
        stop_loss,
        take_profit: None,
        scenario_id: 0,
    }
}
