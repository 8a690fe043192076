//! Trades and equity for the tests of this crate.
#![allow(dead_code, reason = "every test file uses a part of it")]

use std::ops::Range;

use omega_types::{Bar, Direction, ExitReason, OrderType, Trade, equity::EquityStretch, time::DAY_NS, trade::StopKind};

/// A trade with an intended risk of 100, entered on `day`.
pub(crate) fn trade(result: f64, day: i64) -> Trade {
    Trade {
        position_id: 1,
        order_id: 1,
        order_type: OrderType::Market,
        direction: Direction::Long,
        entry_bar: 0,
        exit_bar: 1,
        signal_bar: 0,
        entry_time_ns: day * DAY_NS,
        exit_time_ns: day * DAY_NS,
        entry_price: 1.0,
        exit_price: 1.0,
        initial_stop_loss: None,
        stop_loss: None,
        take_profit: None,
        size: 1.0,
        result,
        risk: Some(100.0),
        entry_fee: 2.5,
        exit_fee: 2.5,
        r_multiple: None,
        reason: ExitReason::TakeProfit,
        scenario_id: 0,
        mae: 0.0,
        mfe: 0.0,
        stop_kind: StopKind::Initial,
        gap_entry: false,
        gap_exit: false,
        volume_capped: false,
        partial: false,
        tp_beyond_entry: false,
    }
}

/// Equity as one stretch from bar 0.
pub(crate) struct Curve<'a>(pub(crate) &'a [f64]);

impl EquityStretch for Curve<'_> {
    fn bars(&self) -> Range<Bar> {
        0..self.0.len()
    }
    fn balance(&self) -> f64 {
        0.0
    }
    fn at(&self, bar: Bar) -> f64 {
        self.0[bar]
    }
    fn extremes(&self, bars: Range<Bar>) -> (f64, f64) {
        self.0[bars].iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)))
    }
    fn write(&self, bars: Range<Bar>, out: &mut [f64]) {
        out.copy_from_slice(&self.0[bars]);
    }
}
