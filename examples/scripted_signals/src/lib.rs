//! `scripted_signals`: a strategy that returns the orders of a list, each at the close of its bar.
//!
//! It lives outside of Omega and shows what a strategy of one's own needs: a table of parameters, a blueprint, a strategy,
//! and [`register`], which whoever builds an engine calls with its registry. It knows the three crates that make up the
//! extension interface and nothing else. Read [`register`], then `script.rs`.

mod instant;
mod order;
mod script;

use omega_strategy::{
    API_VERSION, Blueprint, Descriptor, Init, Registry, StrategyError,
    parameters::{Initial, Issues, Kind, Parameter, Place, child},
};
use omega_types::{Issue, Json};

pub use instant::instant_ns;

use order::Order;
use script::ScriptBlueprint;

/// Its registered name.
pub const NAME: &str = "scripted_signals";

const ORDERS: Kind = Kind::List { item: &Kind::Object, accepts_single: false, accepts_empty: true };

static PARAMETERS: [Parameter; 1] = [Parameter::list("orders", ORDERS, Initial::Empty)
    .text("Orders in the order in which a bar returns them, each with the open time of its bar.")];

const DESCRIPTOR: Descriptor = Descriptor {
    name: NAME,
    version: "1.0.0",
    api_version: API_VERSION,
    origin: env!("CARGO_PKG_NAME"),
    text: "Returns the orders of a list, each at the close of its bar.",
    parameters: &PARAMETERS,
    create,
};

/// Adds the strategy to `registry`.
///
/// # Errors
///
/// The name is taken, or the engine has another contract version.
pub fn register(registry: &mut Registry) -> Result<(), StrategyError> {
    registry.register(DESCRIPTOR)
}

fn create(raw: &serde_json::Map<String, Json>, _: &Init) -> Result<Box<dyn Blueprint>, Vec<Issue>> {
    let mut issues = Issues::default();
    let path = "strategy_parameters";
    let place = Place { path, names: PARAMETERS.iter().map(|parameter| (parameter.name, parameter)).collect() };
    let values = place.read(raw, &mut issues, |_, _, _| false);
    let listed = values.get("orders").and_then(|given| given.value.as_array()).cloned().unwrap_or_default();
    let mut orders = Vec::with_capacity(listed.len());
    for (index, raw) in listed.iter().enumerate() {
        let place = format!("{}[{index}]", child(path, "orders"));
        orders.extend(Order::read(raw, &place, &mut issues));
    }
    if issues.is_empty() { Ok(Box::new(ScriptBlueprint::new(orders, listed))) } else { Err(issues.into_sorted()) }
}
