//! From raw parameters to a bound strategy.

use omega_indicators::{Columns, Graph, NodeId};
use omega_types::{Direction, Issue, Json, Market, Timeframe, Warning};

use super::{
    NAME,
    binding::Binding,
    levels::{self, ROOT, Resolved},
    overlay_filter::OverlayMode,
    remarks,
    requests::{Requests, SideNodes},
    requirements::requirements,
    resolved_json::{holding_minutes, resolved_json},
    rules,
    scenarios::Scenarios,
    side_plan::SidePlan,
    strategy::MeanReversion,
};
use crate::{
    Blueprint, Init, Requirements, Strategy, StrategyError,
    parameters::{Issues, Reason},
};

/// Checks `raw` and settles everything that does not need data.
///
/// # Errors
///
/// Every problem of the parameters at once.
pub(super) fn create(raw: &serde_json::Map<String, Json>, init: &Init) -> Result<Box<dyn Blueprint>, Vec<Issue>> {
    let mut issues = Issues::default();
    let resolved = levels::resolve(raw, init, &mut issues);
    let scenarios = Scenarios::of(&resolved, &issues);
    rules::check(&resolved, &scenarios, &mut issues);
    if !issues.is_empty() {
        return Err(issues.into_sorted());
    }
    let directions = admitted(&resolved);
    let mut sides = Vec::with_capacity(directions.len());
    for &direction in &directions {
        match SidePlan::of(&resolved, &scenarios, direction) {
            Ok(side) => sides.push(side),
            Err(error) => {
                issues.add(ROOT, Reason::InvalidParam, &error.to_string());
                return Err(issues.into_sorted());
            }
        }
    }
    Ok(Box::new(MeanReversionBlueprint {
        requirements: requirements(&resolved, &sides, &scenarios, init.primary),
        warnings: remarks::remarks(&resolved, &directions, &scenarios),
        resolved: resolved_json(&resolved, &scenarios),
        holding_minutes: holding_minutes(&resolved),
        overlay_mode: overlay_mode(&resolved),
        scenarios,
        sides,
        nodes: Vec::new(),
        init: init.clone(),
    }))
}

fn admitted(resolved: &Resolved) -> Vec<Direction> {
    match resolved.word("direction_filter") {
        Some("long") => vec![Direction::Long],
        Some("short") => vec![Direction::Short],
        _ => vec![Direction::Long, Direction::Short],
    }
}

fn overlay_mode(resolved: &Resolved) -> OverlayMode {
    match resolved.word("scenario6_mode") {
        Some("any") => OverlayMode::Any,
        _ => OverlayMode::All,
    }
}

struct MeanReversionBlueprint {
    init: Init,
    scenarios: Scenarios,
    overlay_mode: OverlayMode,
    sides: Vec<SidePlan>,
    nodes: Vec<SideNodes>,
    resolved: Json,
    holding_minutes: Option<u64>,
    requirements: Requirements,
    warnings: Vec<Warning>,
}

impl Blueprint for MeanReversionBlueprint {
    fn name(&self) -> &str {
        NAME
    }

    fn version(&self) -> &str {
        super::DESCRIPTOR.version
    }

    fn resolved_parameters(&self) -> Json {
        self.resolved.clone()
    }

    fn requirements(&self) -> &Requirements {
        &self.requirements
    }

    fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn holding_minutes(&self) -> Option<u64> {
        self.holding_minutes
    }

    fn request(&mut self, graph: &mut Graph, loaded: &[Timeframe]) -> Result<(), StrategyError> {
        let mut requests = Requests { init: &self.init, scenarios: &self.scenarios, loaded, graph };
        self.nodes = self.sides.iter().map(|side| requests.of_side(side)).collect();
        Ok(())
    }

    fn wanted(&self) -> Vec<NodeId> {
        let mut wanted = Vec::new();
        for node in self.nodes.iter().flat_map(SideNodes::all) {
            if !wanted.contains(&node) {
                wanted.push(node);
            }
        }
        wanted
    }

    fn bind(self: Box<Self>, market: &Market, columns: &Columns) -> Result<Box<dyn Strategy + Send>, StrategyError> {
        let Self { init, scenarios, overlay_mode, sides, nodes, .. } = *self;
        let decimals = init.instrument.map_or(5, |instrument| instrument.price_digits.max(5));
        let binding = Binding { market, columns, scenarios: &scenarios, overlay_mode, decimals };
        let sides = sides.into_iter().zip(&nodes).map(|(plan, nodes)| binding.side(plan, nodes));
        let sides = sides.collect::<Result<Vec<_>, _>>()?;
        Ok(Box::new(MeanReversion::new(sides, &scenarios, market.len(), init.stepwise)))
    }
}
