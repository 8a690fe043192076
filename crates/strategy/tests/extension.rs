//! A strategy from outside: the scripted test strategy of the strategy specification 9.2, through the public path only.

mod common;

use common::*;
use omega_indicators::{Columns, Graph, NodeId};
use omega_strategy::{
    API_VERSION, Agenda, BarView, Blueprint, Descriptor, Init, Intents, Registry, Requirements, Strategy,
    StrategyError,
    parameters::{Issues, Parameter, Place, Reason},
};
use omega_types::{Direction, Issue, Json, Market, OrderType, Signal, Timeframe};
use serde::Deserialize;
use serde_json::json;

static PARAMETERS: [Parameter; 1] =
    [Parameter::object("orders").text("Orders by open time of their bar, in nanoseconds.")];

const SCRIPTED: Descriptor = Descriptor {
    name: "scripted_signals",
    version: "0",
    api_version: API_VERSION,
    origin: "tests",
    text: "Returns the order of the bar.",
    parameters: &PARAMETERS,
    create,
};

#[derive(Debug, Clone, Deserialize)]
struct Order {
    direction: Direction,
    order_type: OrderType,
    entry_price: Option<f64>,
    stop_loss: f64,
    take_profit: f64,
}

fn create(raw: &serde_json::Map<String, Json>, _: &Init) -> Result<Box<dyn Blueprint>, Vec<Issue>> {
    let mut issues = Issues::default();
    let path = "strategy_parameters";
    let place = Place { path, names: PARAMETERS.iter().map(|p| (p.name, p)).collect() };
    let values = place.read(raw, &mut issues, |_, _, _| false);
    let orders = values.get("orders").map_or(json!({}), |given| given.value.clone());
    match serde_json::from_value::<std::collections::BTreeMap<String, Order>>(orders) {
        Ok(orders) if issues.is_empty() => {
            let orders = orders.into_iter().filter_map(|(time, order)| Some((time.parse().ok()?, order))).collect();
            Ok(Box::new(Script { orders, requirements: Requirements::default() }))
        }
        Ok(_) => Err(issues.into_sorted()),
        Err(error) => {
            issues.add(path, Reason::InvalidParam, &error.to_string());
            Err(issues.into_sorted())
        }
    }
}

struct Script {
    orders: std::collections::BTreeMap<i64, Order>,
    requirements: Requirements,
}

impl Blueprint for Script {
    fn name(&self) -> &str {
        SCRIPTED.name
    }

    fn version(&self) -> &str {
        SCRIPTED.version
    }

    fn resolved_parameters(&self) -> Json {
        json!({})
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

    fn bind(self: Box<Self>, _: &Market, _: &Columns) -> Result<Box<dyn Strategy + Send>, StrategyError> {
        Ok(self)
    }
}

impl Strategy for Script {
    fn on_bar(&mut self, bar: &BarView<'_>, intents: &mut Intents) -> Result<(), StrategyError> {
        if let Some(order) = self.orders.get(&bar.open_time_ns()) {
            intents.entries.push(Signal {
                order_type: order.order_type,
                entry_price: order.entry_price,
                stop_loss: Some(order.stop_loss),
                take_profit: Some(order.take_profit),
                ..Signal::market(order.direction)
            });
        }
        Ok(())
    }
}

fn registry() -> Registry {
    let mut registry = Registry::builtin();
    registry.register(SCRIPTED).unwrap();
    registry
}

/// The stop order of T3a on bar 100.
#[test]
fn a_registered_strategy_runs_by_name() {
    let time = m5_times(101)[100].to_string();
    let orders = json!({ "orders": { time: {
        "direction": "long", "order_type": "stop", "entry_price": 1.1003, "stop_loss": 1.0998, "take_profit": 1.1007
    } } });
    let blueprint = registry().create("Scripted_Signals", &object(orders), &init(Timeframe::M5)).unwrap();
    let mut bound = bind_blueprint(market(&[]), blueprint);
    assert_eq!(bound.signal_bars(), [100]);
    assert_eq!(bound.signal(100).unwrap().order_type, OrderType::Stop);
    assert_eq!(bound.strategy.agenda(), Agenda::every_bar(), "whoever says nothing is asked on every bar");
}

#[test]
fn its_parameters_are_checked_and_listed_like_those_of_built_ins() {
    let issues =
        registry().create("scripted_signals", &object(json!({ "order": {} })), &init(Timeframe::M5)).err().unwrap();
    assert_eq!(issues[0].path, "strategy_parameters.order");
    assert_eq!(issues[0].hint.as_deref(), Some("did you mean 'orders'?"));
    let catalogue = registry().catalogue();
    assert_eq!(catalogue[1]["name"], json!("scripted_signals"));
    assert_eq!(catalogue[1]["parameters"][0]["name"], json!("orders"));
    assert_eq!(catalogue[0]["parameters"].as_array().unwrap().len(), 44);
}

/// A view reaches back to the first bar and to the last completed bar of another timeframe.
#[test]
fn a_bar_view_ends_with_its_bar() {
    use omega_types::QuoteSide::{Ask, Bid};
    let market = market(&[]);
    let view = BarView { bar: 60, market: &market, positions: &[], session_open: true, news_blocked: false };
    assert_eq!((view.open_time_ns(), view.close_time_ns()), (start_ns(), start_ns() + 300_000_000_000));
    // Bar 60 is 60 mod 8 = 4 steps into the wave: 110000; bar 0 as well.
    assert_eq!((view.candle(Bid).close, view.candle(Ask).close), (1.1, 1.1001));
    assert_eq!(view.past(Bid, 60).map(|candle| candle.close), Some(1.1));
    assert_eq!(view.past(Bid, 61), None);
    // 60 daily bars before the start: the last of them is complete.
    assert_eq!(view.timeframe_index(Timeframe::D1), Some(59));
    assert_eq!(view.timeframe_candle(Timeframe::D1, Bid).map(|candle| candle.high), Some(1.101));
    assert_eq!((view.timeframe_index(Timeframe::M5), view.timeframe_index(Timeframe::H4)), (Some(60), None));
}
