//! Resolved parameters for the tests of single parts.

use omega_types::{Direction, Json, Timeframe};

use super::{levels, scenarios::Scenarios, side_plan::SidePlan};
use crate::{Init, parameters::Issues};

/// The parameters of `direction` on EURUSD M5: `changes` over the defaults.
pub(super) fn plan(direction: Direction, changes: Json) -> SidePlan {
    let init = Init {
        symbol: "EURUSD".to_owned(),
        primary: Timeframe::M5,
        configured: Vec::new(),
        instrument: None,
        stepwise: false,
        stale_limit_bars: 0,
    };
    let mut issues = Issues::default();
    let raw = changes.as_object().expect("an object of parameters");
    let resolved = levels::resolve(raw, &init, &mut issues);
    assert!(issues.is_empty(), "{:?}", issues.into_sorted());
    let scenarios = Scenarios::of(&resolved, &issues);
    SidePlan::of(&resolved, &scenarios, direction).expect("checked parameters have their types")
}
