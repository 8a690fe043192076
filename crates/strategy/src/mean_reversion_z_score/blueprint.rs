//! From raw parameters to a bound strategy.

use omega_indicators::{Atr, Bollinger, Columns, Ema, Graph, KalmanZscore, MeanSource, NodeId, Zscore};
use omega_types::{Column, Direction, Field, Issue, Json, Market, QuoteSide, Timeframe, Warning, code};

use super::{
    NAME, levels,
    levels::{ROOT, Resolved},
    remarks::{self, listed},
    requirements::requirements,
    resolved_json::resolved_json,
    rules,
    scenarios::Scenarios,
    side::{Band, Classic, Prices, Side},
    side_parameters::{SideParameters, TrendRequest},
    strategy::MeanReversion,
    trend_filter::{TrendFilter, TrendFilters, TrendSeries},
};
use crate::{
    Blueprint, Init, Requirements, Strategy, StrategyError,
    parameters::{Issues, Reason, Values, child},
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
        match typed(resolved.side(direction)) {
            Ok(parameters) => sides.push((direction, parameters)),
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
        scenarios,
        sides,
        nodes: Vec::new(),
        init: init.clone(),
    }))
}

fn admitted(resolved: &Resolved) -> Vec<Direction> {
    let filter = resolved.global.get("direction_filter").and_then(|given| given.value.as_str());
    match filter {
        Some("long") => vec![Direction::Long],
        Some("short") => vec![Direction::Short],
        _ => vec![Direction::Long, Direction::Short],
    }
}

fn typed(values: &Values) -> Result<SideParameters, serde_json::Error> {
    let object = values.iter().map(|(name, given)| ((*name).to_owned(), given.value.clone())).collect();
    serde_json::from_value(Json::Object(object))
}

struct MeanReversionBlueprint {
    init: Init,
    scenarios: Scenarios,
    sides: Vec<(Direction, SideParameters)>,
    nodes: Vec<SideNodes>,
    resolved: Json,
    requirements: Requirements,
    warnings: Vec<Warning>,
}

/// What one direction asked for.
struct SideNodes {
    classic: Option<[NodeId; 3]>,
    band: Option<[NodeId; 5]>,
    target: Option<NodeId>,
    trend: [Option<[NodeId; 2]>; 2],
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

    fn unsupported(&self) -> Vec<Issue> {
        let missing: Vec<_> = self.scenarios.active().filter(|id| *id > 3).collect();
        if missing.is_empty() {
            return Vec::new();
        }
        let path = child(ROOT, "enabled_scenarios");
        let (noun, verb) = if missing.len() == 1 { ("scenario", "is") } else { ("scenarios", "are") };
        vec![Issue {
            message: format!("{path}: {noun} {} {verb} not built yet", listed(&missing)),
            path,
            code: code::CFG_UNSUPPORTED.name.to_owned(),
            expected: Some("a subset of [1, 2, 3]".to_owned()),
            received: None,
            hint: Some("set enabled_scenarios to [1, 2, 3] or a subset".to_owned()),
            reason: None,
        }]
    }

    fn request(&mut self, graph: &mut Graph, loaded: &[Timeframe]) -> Result<(), StrategyError> {
        let requests = Requests { init: &self.init, scenarios: &self.scenarios, loaded };
        self.nodes = self.sides.iter().map(|(direction, side)| requests.of_side(*direction, side, graph)).collect();
        Ok(())
    }

    fn wanted(&self) -> Vec<NodeId> {
        let mut wanted = Vec::new();
        for nodes in &self.nodes {
            let trend = nodes.trend.iter().flatten().flatten();
            let all =
                nodes.classic.iter().flatten().chain(nodes.band.iter().flatten()).chain(&nodes.target).chain(trend);
            for node in all {
                if !wanted.contains(node) {
                    wanted.push(*node);
                }
            }
        }
        wanted
    }

    fn bind(self: Box<Self>, market: &Market, columns: &Columns) -> Result<Box<dyn Strategy + Send>, StrategyError> {
        let column = |node: NodeId| {
            let column = columns.get(node);
            let (found, expected) = (column.len(), market.len());
            if found == expected { Ok(column) } else { Err(StrategyError::Columns { strategy: NAME, found, expected }) }
        };
        let decimals = self.init.instrument.map_or(5, |instrument| instrument.price_digits.max(5));
        let mut sides = Vec::with_capacity(self.sides.len());
        for ((direction, parameters), nodes) in self.sides.into_iter().zip(&self.nodes) {
            sides.push(bind_side(direction, parameters, nodes, Prices::of(market), decimals, column)?);
        }
        Ok(Box::new(MeanReversion::new(sides, &self.scenarios, market.len(), self.init.stepwise)))
    }
}

/// Adds what one direction needs to the graph; nothing for a scenario that is off.
struct Requests<'a> {
    init: &'a Init,
    scenarios: &'a Scenarios,
    loaded: &'a [Timeframe],
}

impl Requests<'_> {
    fn of_side(&self, direction: Direction, side: &SideParameters, graph: &mut Graph) -> SideNodes {
        let primary = self.init.primary;
        let [first, second, third] = [1, 2, 3].map(|id| self.scenarios.is_active(id));
        let is_banded = second || third;
        let [trend_a, trend_b] = side.trend_requests();
        SideNodes {
            classic: first.then(|| {
                let close = graph.price(primary, QuoteSide::Bid, Field::Close);
                let zscore = Zscore {
                    window: side.window_length,
                    mean_source: MeanSource::Ema,
                    ema_period: Some(side.ema_length),
                };
                // The stop of a scenario 1 short is the one place that reads the ask side.
                let atr_side = direction.closing_side();
                [
                    single(graph.add(zscore, &[close]), close),
                    single(graph.add(Ema { period: side.ema_length }, &[close]), close),
                    atr(graph, primary, atr_side, side),
                ]
            }),
            band: is_banded.then(|| {
                let close = graph.price(primary, QuoteSide::Bid, Field::Close);
                let zscore = KalmanZscore { window: side.window_length, r: side.kalman_r, q: side.kalman_q };
                let zscore = single(graph.add(zscore, &[close]), close);
                let band = Bollinger { period: side.b_b_length, std_factor: side.std_factor };
                let band = graph.add(band, &[close]);
                let output = |index: usize| band.get(index).copied().unwrap_or(close);
                [zscore, output(0), output(1), output(2), atr(graph, primary, QuoteSide::Bid, side)]
            }),
            target: third.then(|| {
                let close = graph.price(primary, QuoteSide::Bid, Field::Close);
                single(graph.add(Ema { period: side.ema_length }, &[close]), close)
            }),
            trend: if is_banded { [self.trend(&trend_a, graph), self.trend(&trend_b, graph)] } else { [None, None] },
        }
    }

    /// Close and average of the filter's timeframe on the primary bars.
    fn trend(&self, request: &TrendRequest, graph: &mut Graph) -> Option<[NodeId; 2]> {
        let timeframe = request.reads().filter(|timeframe| self.loaded.contains(timeframe))?;
        let close = graph.price(timeframe, QuoteSide::Bid, Field::Close);
        let ema = Ema { period: request.ema };
        if timeframe == self.init.primary {
            return Some([close, single(graph.add(ema, &[close]), close)]);
        }
        let average = if self.init.stepwise {
            let visible = graph.visible_only(close, timeframe);
            let average = single(graph.add(ema, &[visible]), visible);
            graph.fill_forward(average, timeframe)
        } else {
            let average = single(graph.add(ema, &[close]), close);
            graph.map(average, timeframe)
        };
        Some([graph.map_fresh(close, timeframe, self.init.stale_limit_bars), average])
    }
}

fn atr(graph: &mut Graph, primary: Timeframe, quotes: QuoteSide, side: &SideParameters) -> NodeId {
    let bars = graph.bars(primary, quotes);
    single(graph.add(Atr { period: side.atr_length }, &bars.high_low_close()), bars.close)
}

/// The one output of an indicator; an indicator has at least one, so `input` is never taken.
fn single(outputs: Vec<NodeId>, input: NodeId) -> NodeId {
    outputs.first().copied().unwrap_or(input)
}

fn bind_side(
    direction: Direction,
    parameters: SideParameters,
    nodes: &SideNodes,
    prices: Prices,
    decimals: u32,
    column: impl Fn(NodeId) -> Result<Column, StrategyError>,
) -> Result<Side, StrategyError> {
    let classic = match nodes.classic {
        Some([z, ema, atr]) => Some(Classic { z: column(z)?, ema: column(ema)?, atr: column(atr)? }),
        None => None,
    };
    let band = match nodes.band {
        Some([z, upper, mid, lower, atr]) => Some(Band {
            z: column(z)?,
            upper: column(upper)?,
            mid: column(mid)?,
            lower: column(lower)?,
            atr: column(atr)?,
        }),
        None => None,
    };
    let target = nodes.target.map(&column).transpose()?;
    let trend_filter = |request: TrendRequest, nodes: Option<[NodeId; 2]>| {
        let series = match nodes {
            Some([close, ema]) => Some(TrendSeries { close: column(close)?, ema: column(ema)? }),
            None => None,
        };
        Ok::<_, StrategyError>(TrendFilter {
            rule: request.rule,
            timeframe: request.timeframe,
            ema_length: request.ema.bars(),
            series,
        })
    };
    let ([a, b], [nodes_a, nodes_b]) = (parameters.trend_requests(), nodes.trend);
    let trend = TrendFilters {
        filters: [trend_filter(a, nodes_a)?, trend_filter(b, nodes_b)?],
        required: parameters.htf_min_filters_required,
    };
    Ok(Side { direction, parameters, prices, classic, band, target, trend, decimals })
}
