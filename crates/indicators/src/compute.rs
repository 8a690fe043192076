//! Evaluating a request graph over a market: each node once, independent nodes in parallel.

use std::collections::HashMap;

use omega_types::{Column, Market, Timeframe, Watch};
use rayon::prelude::*;

use crate::{
    ColumnStore, Graph, IndicatorError, InputKind, NodeId, align,
    graph::{Align, Node, Request},
    indicator::{AnyIndicator, Inputs, fresh_outputs},
    store::Recipe,
};

/// The columns that were wanted.
#[derive(Debug, Clone, Default)]
pub struct Columns(HashMap<NodeId, Column>);

impl Columns {
    /// The column of `node`. Empty if the node was not among the wanted ones.
    pub fn get(&self, node: NodeId) -> Column {
        self.find(node).cloned().unwrap_or_else(|| Column::from(Vec::new()))
    }

    /// The column of `node`, if it was among the wanted ones.
    pub fn find(&self, node: NodeId) -> Option<&Column> {
        self.0.get(&node)
    }
}

/// Computes `wanted` and what they need over the whole window, warm-up included. Nothing else is computed.
///
/// Parallel work runs in rayon's current pool; the numbers do not depend on the number of threads.
///
/// # Errors
///
/// `IND_PARAM` and `IND_INPUT` before anything is computed, except for lengths that show only on the way; `ABORTED`.
pub fn compute(
    graph: &Graph,
    wanted: &[NodeId],
    market: &Market,
    store: &ColumnStore,
    watch: &Watch,
) -> Result<Columns, IndicatorError> {
    let needed = needed(graph, wanted)?;
    let run = Run { graph, market, store, values: vec![Vec::new(); graph.nodes().len()] };
    run.check(&needed)?;
    let run = run.evaluate(&needed, watch)?;
    Ok(Columns(wanted.iter().map(|&node| (node, run.value(node))).collect()))
}

struct Run<'a> {
    graph: &'a Graph,
    market: &'a Market,
    store: &'a ColumnStore,
    /// Per node: its columns; none for outputs, which are read from their call.
    values: Vec<Vec<Column>>,
}

impl Run<'_> {
    /// Everything that can be told before computing.
    fn check(&self, needed: &[usize]) -> Result<(), IndicatorError> {
        // From the top, so that a composite is named rather than its part.
        for node in needed.iter().rev().map(|&index| &self.graph.nodes()[index]) {
            match (&node.request, &node.indicator) {
                (Request::Call { own, .. }, Some(indicator)) => {
                    indicator.validate()?;
                    check_count(indicator.name(), indicator.input_kind(), own.len())?;
                }
                (Request::Price(timeframe, ..) | Request::Align { from: timeframe, .. }, _) => {
                    self.bars_of(*timeframe)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn evaluate(mut self, needed: &[usize], watch: &Watch) -> Result<Self, IndicatorError> {
        for level in levels(self.graph, needed) {
            watch.check()?;
            let columns: Vec<Result<Vec<Column>, IndicatorError>> = match level.as_slice() {
                [one] => vec![self.columns(*one)],
                many => many
                    .par_iter()
                    .map(|&node| {
                        watch.check()?;
                        self.columns(node)
                    })
                    .collect(),
            };
            for (node, columns) in level.into_iter().zip(columns) {
                self.values[node] = columns?;
            }
        }
        Ok(self)
    }

    fn columns(&self, node: usize) -> Result<Vec<Column>, IndicatorError> {
        let Node { request, indicator } = &self.graph.nodes()[node];
        match request {
            Request::Price(timeframe, side, field) => {
                let missing = IndicatorError::TimeframeMissing { timeframe: *timeframe };
                let series = self.market.series(*timeframe).ok_or(missing)?;
                Ok(vec![series.quotes.side(*side).field(*field).clone()])
            }
            Request::Call { identity, own, parts } => match indicator {
                Some(indicator) => self.call(&**indicator, Recipe::Indicator(identity.clone()), own, parts),
                None => Ok(Vec::new()),
            },
            Request::Output { .. } => Ok(Vec::new()),
            Request::Align { step, input, from } => self.aligned(*step, self.value(*input), *from).map(|c| vec![c]),
        }
    }

    fn call(
        &self,
        indicator: &dyn AnyIndicator,
        recipe: Recipe,
        own: &[NodeId],
        parts: &[NodeId],
    ) -> Result<Vec<Column>, IndicatorError> {
        let inputs: Vec<Column> = own.iter().chain(parts).map(|&node| self.value(node)).collect();
        let slices: Vec<&[f64]> = inputs.iter().map(|column| &**column).collect();
        let len = common_length(indicator.name(), &slices)?;
        let (own, parts) = slices.split_at(own.len());
        Ok(self.store.get_or_compute(recipe, &inputs, || {
            fresh_outputs(indicator, Inputs { own, parts }, len).into_iter().map(Column::from).collect()
        }))
    }

    fn aligned(&self, step: Align, input: Column, from: Timeframe) -> Result<Column, IndicatorError> {
        let native = self.bars_of(from)?;
        let map = self.market.map(from);
        let expected = match (step, map) {
            (Align::FillForward, Some(map)) => align::visible_count(map),
            _ => native,
        };
        if input.len() != expected {
            let place = format!("bars of {from}");
            return Err(IndicatorError::InputLength { place, expected, given: input.len() });
        }
        let limit = match step {
            Align::MapFresh { stale_limit_bars: 0 } => {
                align::automatic_limit(from.duration_ns(), self.market.clock.duration_ns)
            }
            Align::MapFresh { stale_limit_bars } => stale_limit_bars as usize,
            _ => 0,
        };
        if map.is_none() && step != Align::FillForward {
            return Ok(input);
        }
        let recipe = Recipe::Align { step, map: map.map(|map| self.store.map_id(map)), limit };
        let columns = self.store.get_or_compute(recipe, std::slice::from_ref(&input), || {
            let values = match (step, map) {
                (_, None) => align::filled(&input),
                (Align::Map, Some(map)) => align::mapped(&input, map),
                (Align::MapFresh { .. }, Some(map)) => align::mapped_fresh(&input, map, limit),
                (Align::VisibleOnly, Some(map)) => align::visible_only(&input, map),
                (Align::FillForward, Some(map)) => align::filled_forward(&input, map),
            };
            vec![Column::from(values)]
        });
        Ok(columns.into_iter().next().unwrap_or(input))
    }

    /// Number of bars of `timeframe`, if it is loaded.
    fn bars_of(&self, timeframe: Timeframe) -> Result<usize, IndicatorError> {
        let bars = self.market.series(timeframe).map(|series| series.len());
        bars.ok_or(IndicatorError::TimeframeMissing { timeframe })
    }

    fn value(&self, node: NodeId) -> Column {
        let (slot, index) = match self.graph.nodes()[node.index()].request {
            Request::Output { call, index } => (call.index(), index),
            _ => (node.index(), 0),
        };
        self.values[slot].get(index).cloned().unwrap_or_else(|| Column::from(Vec::new()))
    }
}

/// The wanted nodes and everything below them, ascending, which is an order of evaluation.
fn needed(graph: &Graph, wanted: &[NodeId]) -> Result<Vec<usize>, IndicatorError> {
    let nodes = graph.nodes();
    let mut is_needed = vec![false; nodes.len()];
    for node in wanted {
        *is_needed.get_mut(node.index()).ok_or(IndicatorError::ForeignNode { node: node.0 })? = true;
    }
    for index in (0..nodes.len()).rev() {
        if !is_needed[index] {
            continue;
        }
        for input in nodes[index].request.reads() {
            if input.index() >= index {
                return Err(IndicatorError::ForeignNode { node: input.0 });
            }
            is_needed[input.index()] = true;
        }
    }
    Ok((0..nodes.len()).filter(|&index| is_needed[index]).collect())
}

/// Groups of nodes that depend on earlier groups only.
fn levels(graph: &Graph, needed: &[usize]) -> Vec<Vec<usize>> {
    let mut depth = vec![0_usize; graph.nodes().len()];
    let mut levels: Vec<Vec<usize>> = Vec::new();
    for &index in needed {
        let request = &graph.nodes()[index].request;
        let below = request.reads().map(|input| depth[input.index()] + 1).max().unwrap_or(0);
        // An output is part of its call, so it adds no level.
        depth[index] = if matches!(request, Request::Output { .. }) { below - 1 } else { below };
        if !matches!(request, Request::Output { .. }) {
            levels.resize_with(levels.len().max(depth[index] + 1), Vec::new);
            levels[depth[index]].push(index);
        }
    }
    levels
}

pub(crate) fn check_count(kind: &str, input: InputKind, given: usize) -> Result<(), IndicatorError> {
    let names = input.names();
    if names.len() == given {
        return Ok(());
    }
    Err(IndicatorError::InputCount { kind: kind.to_owned(), expected: names.join(", "), given })
}

/// The length that all of `inputs` have.
pub(crate) fn common_length(kind: &str, inputs: &[&[f64]]) -> Result<usize, IndicatorError> {
    let expected = inputs.first().map_or(0, |first| first.len());
    match inputs.iter().find(|input| input.len() != expected) {
        None => Ok(expected),
        Some(other) => {
            Err(IndicatorError::InputLength { place: format!("inputs of {kind}"), expected, given: other.len() })
        }
    }
}
