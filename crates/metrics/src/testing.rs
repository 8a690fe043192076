//! Trades and equity for the tests of this crate.

use std::ops::Range;

use omega_types::{
    Bar, Direction, ExitReason, OrderType, Trade,
    equity::{EquityListener, EquityStretch},
    trade::StopKind,
};

use crate::{AccountFacts, EquityCollector, EquityFacts, Facts, Metric, MetricValue, TradeFacts};

/// Equity of the twelve bars of metrics.md 3; the start is 10 000.
pub(crate) const SECTION_3: [f64; 12] = [
    10_000.0, 10_100.0, 10_050.0, 9_900.0, 10_000.0, 10_100.0, 10_200.0, 10_150.0, 10_250.0, 10_000.0, 9_950.0,
    10_050.0,
];

/// A trade with an intended risk of 100.
pub(crate) fn trade(result: f64, entry_time_ns: i64) -> Trade {
    Trade {
        position_id: 1,
        order_id: 1,
        order_type: OrderType::Market,
        direction: Direction::Long,
        entry_bar: 0,
        exit_bar: 1,
        signal_bar: 0,
        entry_time_ns,
        exit_time_ns: entry_time_ns,
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

/// A stretch that knows each of its values.
pub(crate) struct PlainStretch<'a> {
    start: Bar,
    values: &'a [f64],
}

impl<'a> PlainStretch<'a> {
    /// Cuts `equity` before the bars named in `cuts`; bars are numbered from 0.
    pub(crate) fn cut(equity: &'a [f64], cuts: &[usize]) -> Vec<Self> {
        let mut edges: Vec<usize> = cuts.iter().copied().filter(|&cut| cut <= equity.len()).collect();
        edges.extend([0, equity.len()]);
        edges.sort_unstable();
        edges.windows(2).map(|edge| Self { start: edge[0], values: &equity[edge[0]..edge[1]] }).collect()
    }
}

impl EquityStretch for PlainStretch<'_> {
    fn bars(&self) -> Range<Bar> {
        self.start..self.start + self.values.len()
    }

    fn balance(&self) -> f64 {
        0.0
    }

    fn at(&self, bar: Bar) -> f64 {
        self.values[bar - self.start]
    }

    fn extremes(&self, bars: Range<Bar>) -> (f64, f64) {
        let values = &self.values[bars.start - self.start..bars.end - self.start];
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        (low, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
    }

    fn write(&self, bars: Range<Bar>, out: &mut [f64]) {
        out.copy_from_slice(&self.values[bars.start - self.start..bars.end - self.start]);
    }
}

/// Listens to `equity` as one stretch.
pub(crate) fn equity_facts(initial_balance: f64, time: &[i64], equity: &[f64]) -> EquityFacts {
    let mut collector = EquityCollector::new(initial_balance, time);
    for stretch in PlainStretch::cut(equity, &[]) {
        collector.stretch(&stretch);
    }
    collector.finish()
}

/// One metric of a run without trades.
pub(crate) fn value_of(metric: &Metric, equity: &EquityFacts, initial_balance: f64) -> MetricValue {
    let account = AccountFacts { initial_balance, fees_total: 0.0 };
    metric.value(&Facts { trades: &TradeFacts::default(), equity, account })
}
