//! The request graph: what is wanted, each distinct request once.

use std::{collections::HashMap, sync::Arc};

use omega_types::{Field, Json, QuoteSide, Timeframe};

use crate::{
    Indicator, IndicatorError,
    indicator::{AnyIndicator, Identity},
    registry,
};

/// A requested column. Valid for the graph that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The five price columns of one side of one timeframe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Bars {
    pub open: NodeId,
    pub high: NodeId,
    pub low: NodeId,
    pub close: NodeId,
    pub volume: NodeId,
}

impl Bars {
    /// The inputs of an indicator that reads bars.
    pub const fn high_low_close(&self) -> [NodeId; 3] {
        [self.high, self.low, self.close]
    }
}

/// Requests and what they are made of. Equal requests, down to the bits of every parameter, give the same node.
///
/// Nothing is computed here. Inputs come before what reads them, so the order of the nodes is an order of evaluation.
#[derive(Default)]
pub struct Graph {
    nodes: Vec<Node>,
    known: HashMap<Request, NodeId>,
}

pub(crate) struct Node {
    pub(crate) request: Request,
    /// For [`Request::Call`].
    pub(crate) indicator: Option<Arc<dyn AnyIndicator>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Request {
    Price(Timeframe, QuoteSide, Field),
    /// All outputs of one indicator.
    Call {
        identity: Identity,
        own: Vec<NodeId>,
        parts: Vec<NodeId>,
    },
    /// One output of a call.
    Output {
        call: NodeId,
        index: usize,
    },
    Align {
        step: Align,
        input: NodeId,
        from: Timeframe,
    },
}

/// A step between the bars of another timeframe and the primary bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Align {
    Map,
    MapFresh { stale_limit_bars: u32 },
    VisibleOnly,
    FillForward,
}

impl Graph {
    /// No request yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A price column over the native bars of `timeframe`.
    pub fn price(&mut self, timeframe: Timeframe, side: QuoteSide, field: Field) -> NodeId {
        self.node(Request::Price(timeframe, side, field), None)
    }

    /// The price columns of one side over the native bars of `timeframe`.
    pub fn bars(&mut self, timeframe: Timeframe, side: QuoteSide) -> Bars {
        let mut price = |field| self.price(timeframe, side, field);
        Bars {
            open: price(Field::Open),
            high: price(Field::High),
            low: price(Field::Low),
            close: price(Field::Close),
            volume: price(Field::Volume),
        }
    }

    /// `indicator` over `inputs`: one node per output, in the order of [`Indicator::OUTPUTS`].
    ///
    /// Inputs: one series, or [`Bars::high_low_close`] for an indicator that reads bars. Wrong parameters, counts and
    /// lengths are reported by [`crate::compute()`].
    pub fn add<I: Indicator>(&mut self, indicator: I, inputs: &[NodeId]) -> Vec<NodeId> {
        self.call(Arc::new(indicator.canonical()), inputs)
    }

    /// [`Graph::add`] by name, with parameters as JSON: what trees and callbacks ask for.
    ///
    /// # Errors
    ///
    /// `IND_UNKNOWN`, `IND_PARAM`.
    pub fn add_named(
        &mut self,
        kind: &str,
        parameters: &Json,
        inputs: &[NodeId],
    ) -> Result<Vec<NodeId>, IndicatorError> {
        let indicator = registry::parse(kind, parameters)?;
        Ok(self.call(indicator, inputs))
    }

    /// Native bars → primary bars: the value of the last bar of `from` that is complete, NaN before there is one.
    ///
    /// The identity if `from` is the primary timeframe.
    pub fn map(&mut self, node: NodeId, from: Timeframe) -> NodeId {
        self.align(Align::Map, node, from)
    }

    /// Like [`Graph::map`], but NaN once the same bar has been visible for more than `stale_limit_bars` primary bars;
    /// 0 = twice the number of primary bars that a bar of `from` lasts.
    pub fn map_fresh(&mut self, node: NodeId, from: Timeframe, stale_limit_bars: u32) -> NodeId {
        self.align(Align::MapFresh { stale_limit_bars }, node, from)
    }

    /// Native bars → the reduced series: one value per bar of `from` that was ever the last complete one.
    pub fn visible_only(&mut self, node: NodeId, from: Timeframe) -> NodeId {
        self.align(Align::VisibleOnly, node, from)
    }

    /// The reduced series → primary bars: each value from the bar on at which it became visible. A NaN, also one of the
    /// reduced series itself, is filled with the last value before it.
    pub fn fill_forward(&mut self, node: NodeId, from: Timeframe) -> NodeId {
        self.align(Align::FillForward, node, from)
    }

    /// `indicator` over the native bars of `from`, then [`Graph::map`]: one node per output.
    pub fn mapped<I: Indicator>(&mut self, indicator: I, inputs: &[NodeId], from: Timeframe) -> Vec<NodeId> {
        self.mapped_call(Arc::new(indicator.canonical()), inputs, from)
    }

    /// [`Graph::mapped`] by name.
    ///
    /// # Errors
    ///
    /// `IND_UNKNOWN`, `IND_PARAM`.
    pub fn mapped_named(
        &mut self,
        kind: &str,
        parameters: &Json,
        inputs: &[NodeId],
        from: Timeframe,
    ) -> Result<Vec<NodeId>, IndicatorError> {
        let indicator = registry::parse(kind, parameters)?;
        Ok(self.mapped_call(indicator, inputs, from))
    }

    /// `indicator` over the bars of `from` that were ever the last complete one, as if they were a whole series, and its
    /// values from then on: Omega V1's stepwise calls (indicators.md 3.3). One node per output.
    pub fn stepwise<I: Indicator>(&mut self, indicator: I, inputs: &[NodeId], from: Timeframe) -> Vec<NodeId> {
        self.stepwise_call(Arc::new(indicator.canonical()), inputs, from)
    }

    /// [`Graph::stepwise`] by name.
    ///
    /// # Errors
    ///
    /// `IND_UNKNOWN`, `IND_PARAM`.
    pub fn stepwise_named(
        &mut self,
        kind: &str,
        parameters: &Json,
        inputs: &[NodeId],
        from: Timeframe,
    ) -> Result<Vec<NodeId>, IndicatorError> {
        let indicator = registry::parse(kind, parameters)?;
        Ok(self.stepwise_call(indicator, inputs, from))
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    fn align(&mut self, step: Align, input: NodeId, from: Timeframe) -> NodeId {
        self.node(Request::Align { step, input, from }, None)
    }

    fn mapped_call(&mut self, indicator: Arc<dyn AnyIndicator>, inputs: &[NodeId], from: Timeframe) -> Vec<NodeId> {
        let native = self.call(indicator, inputs);
        native.into_iter().map(|output| self.map(output, from)).collect()
    }

    fn stepwise_call(&mut self, indicator: Arc<dyn AnyIndicator>, inputs: &[NodeId], from: Timeframe) -> Vec<NodeId> {
        let reduced: Vec<NodeId> = inputs.iter().map(|&input| self.visible_only(input, from)).collect();
        let outputs = self.call(indicator, &reduced);
        outputs.into_iter().map(|output| self.fill_forward(output, from)).collect()
    }

    fn call(&mut self, indicator: Arc<dyn AnyIndicator>, inputs: &[NodeId]) -> Vec<NodeId> {
        let mut parts = Vec::new();
        for part in indicator.part_requests() {
            parts.extend(self.call(part.0, inputs).first());
        }
        let outputs = indicator.output_names().len();
        let request = Request::Call { identity: indicator.identity(), own: inputs.to_vec(), parts };
        let call = self.node(request, Some(indicator));
        (0..outputs).map(|index| self.node(Request::Output { call, index }, None)).collect()
    }

    fn node(&mut self, request: Request, indicator: Option<Arc<dyn AnyIndicator>>) -> NodeId {
        if let Some(&known) = self.known.get(&request) {
            return known;
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node { request: request.clone(), indicator });
        self.known.insert(request, id);
        id
    }
}

impl Request {
    /// What the request reads.
    pub(crate) fn reads(&self) -> impl Iterator<Item = NodeId> + '_ {
        let (own, parts): (&[NodeId], &[NodeId]) = match self {
            Self::Price(..) => (&[], &[]),
            Self::Call { own, parts, .. } => (own, parts),
            Self::Output { call, .. } => (std::slice::from_ref(call), &[]),
            Self::Align { input, .. } => (std::slice::from_ref(input), &[]),
        };
        own.iter().chain(parts).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bollinger, Ema, KalmanMean, KalmanZscore, MeanSource, Zscore};

    fn graph() -> (Graph, NodeId) {
        let mut graph = Graph::new();
        let close = graph.price(Timeframe::M5, QuoteSide::Bid, Field::Close);
        (graph, close)
    }

    #[test]
    fn equal_requests_are_one_node_and_every_bit_of_a_float_counts() {
        let (mut graph, close) = graph();
        let mut kalman = |r| graph.add(KalmanMean { r, q: 1.0 }, &[close]);
        assert_eq!(kalman(0.01), kalman(0.01));
        assert_ne!(kalman(0.01), kalman(0.01_f64.next_up()));
        assert_eq!(kalman(0.0), kalman(-0.0));
    }

    #[test]
    fn price_side_and_indicator_kind_tell_requests_apart() {
        let (mut graph, bid) = graph();
        let ask = graph.price(Timeframe::M5, QuoteSide::Ask, Field::Close);
        let period = 5.try_into().unwrap();
        let nodes = [
            graph.add(Ema { period }, &[bid]),
            graph.add(Ema { period }, &[ask]),
            graph.add(crate::Sma { period }, &[bid]),
        ];
        assert!(nodes[0] != nodes[1] && nodes[0] != nodes[2] && nodes[1] != nodes[2]);
    }

    #[test]
    fn a_parameter_without_effect_does_not_make_another_request() {
        let (mut graph, close) = graph();
        let window = 100.try_into().unwrap();
        let mut zscore = |mean_source, ema_period| graph.add(Zscore { window, mean_source, ema_period }, &[close]);
        let ema = Some(20.try_into().unwrap());
        assert_eq!(zscore(MeanSource::Rolling, ema), zscore(MeanSource::Rolling, None));
        assert_ne!(zscore(MeanSource::Ema, ema), zscore(MeanSource::Rolling, None));
    }

    #[test]
    fn a_composite_asks_for_its_part_through_the_graph() {
        let (mut graph, close) = graph();
        graph.add(KalmanZscore { window: 100.try_into().unwrap(), r: 0.01, q: 1.0 }, &[close]);
        let before = graph.nodes().len();
        graph.add(KalmanMean { r: 0.01, q: 1.0 }, &[close]);
        assert_eq!(graph.nodes().len(), before);
    }

    #[test]
    fn several_outputs_are_one_call() {
        let (mut graph, close) = graph();
        let bands = graph.add(Bollinger { period: 20.try_into().unwrap(), std_factor: 2.0 }, &[close]);
        // One price, one call, three outputs.
        assert_eq!((bands.len(), graph.nodes().len()), (3, 5));
    }
}
