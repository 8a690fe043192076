//! The list, bound to the bars of a run.

use omega_indicators::{Columns, Graph, NodeId};
use omega_strategy::{Agenda, BarView, Bars, Blueprint, Intents, Note, Requirements, Strategy, StrategyError};
use omega_types::{Bar, BarSet, Json, Market, Signal, Timeframe};
use serde_json::json;

use crate::{NAME, order::Order};

pub(crate) struct ScriptBlueprint {
    orders: Vec<Order>,
    written: Vec<Json>,
    requirements: Requirements,
}

impl ScriptBlueprint {
    pub(crate) fn new(orders: Vec<Order>, written: Vec<Json>) -> Self {
        Self { orders, written, requirements: Requirements::default() }
    }
}

impl Blueprint for ScriptBlueprint {
    fn name(&self) -> &str {
        NAME
    }

    fn version(&self) -> &str {
        crate::DESCRIPTOR.version
    }

    fn resolved_parameters(&self) -> Json {
        json!({ "orders": self.written })
    }

    fn requirements(&self) -> &Requirements {
        &self.requirements
    }

    fn request(&mut self, _: &mut Graph, _: &[Timeframe]) -> Result<(), StrategyError> {
        Ok(())
    }

    fn wanted(&self) -> Vec<NodeId> {
        Vec::new()
    }

    fn bind(self: Box<Self>, market: &Market, _: &Columns) -> Result<Box<dyn Strategy + Send>, StrategyError> {
        let time = &market.clock.time;
        let mut bars = BarSet::empty(market.len());
        for order in &self.orders {
            if let Ok(bar) = time.binary_search(&order.open_time_ns) {
                bars.insert(bar);
            }
        }
        Ok(Box::new(Script { orders: self.orders, bars }))
    }
}

/// Keeps no state between bars. An order whose time is not that of a bar is never sent.
struct Script {
    orders: Vec<Order>,
    bars: BarSet,
}

impl Script {
    fn orders_at(&self, open_time_ns: i64) -> impl Iterator<Item = &Order> {
        self.orders.iter().filter(move |order| order.open_time_ns == open_time_ns)
    }
}

impl Strategy for Script {
    fn agenda(&self) -> Agenda {
        Agenda::entries(Bars::At(self.bars.clone()))
    }

    fn on_bar(&mut self, bar: &BarView<'_>, intents: &mut Intents) -> Result<(), StrategyError> {
        intents.entries.extend(self.orders_at(bar.open_time_ns()).map(|order| order.signal));
        Ok(())
    }

    fn note(&self, bar: Bar, market: &Market, signal: &Signal) -> Note {
        let order = self.orders_at(market.clock.open_ns(bar)).find(|order| order.signal == *signal);
        order.map_or_else(Note::default, |order| order.note.clone())
    }
}
