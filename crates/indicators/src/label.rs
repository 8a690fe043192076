//! What a requested column is called: a text that says everything that makes it what it is.

use omega_types::{Field, Json, QuoteSide};

use crate::{
    Graph, NodeId,
    graph::{Align, Node, Request},
    indicator::{AnyIndicator, InputKind},
};

impl Graph {
    /// The name of `node`: `ema(M5 bid close, period 30)`, `bollinger(M5 bid close, period 20, std_factor 2).upper`,
    /// `mapped(ema(H1 bid close, period 100))`. Different nodes have different names.
    pub fn label(&self, node: NodeId) -> String {
        let Some(Node { request, indicator }) = self.nodes().get(node.index()) else { return String::new() };
        match request {
            Request::Price(timeframe, side, field) => {
                format!("{timeframe} {} {}", side_name(*side), field_name(*field))
            }
            Request::Call { own, .. } => {
                indicator.as_ref().map_or_else(String::new, |indicator| self.call_label(&**indicator, own))
            }
            Request::Output { call, index } => {
                let names = self.nodes().get(call.index()).and_then(|node| node.indicator.as_ref());
                let names = names.map_or(&[][..], |indicator| indicator.output_names());
                let call = self.label(*call);
                match names {
                    [] | [_] => call,
                    many => format!("{call}.{}", many.get(*index).copied().unwrap_or_default()),
                }
            }
            Request::Align { step, input, .. } => {
                let input = self.label(*input);
                match step {
                    Align::Map => format!("mapped({input})"),
                    Align::MapFresh { stale_limit_bars: 0 } => format!("fresh({input})"),
                    Align::MapFresh { stale_limit_bars } => format!("fresh({input}, {stale_limit_bars} bars)"),
                    Align::VisibleOnly => format!("visible({input})"),
                    Align::FillForward => format!("filled({input})"),
                }
            }
        }
    }

    fn call_label(&self, indicator: &dyn AnyIndicator, own: &[NodeId]) -> String {
        let mut inside: Vec<String> = match (indicator.input_kind(), own) {
            // High, low and close of the same bars: their side says it all.
            (InputKind::Bars, [high, low, close]) => self.bars_label([*high, *low, *close]),
            _ => own.iter().map(|&input| self.label(input)).collect(),
        };
        for (name, value) in indicator.parameter_values() {
            if !value.is_null() {
                inside.push(format!("{name} {}", shown(&value)));
            }
        }
        format!("{}({})", indicator.name(), inside.join(", "))
    }

    fn bars_label(&self, inputs: [NodeId; 3]) -> Vec<String> {
        let prices = inputs.map(|input| self.nodes().get(input.index()).map(|node| &node.request));
        match prices {
            [
                Some(Request::Price(timeframe, side, Field::High)),
                Some(Request::Price(low_of, low_side, Field::Low)),
                Some(Request::Price(close_of, close_side, Field::Close)),
            ] if [low_of, close_of] == [timeframe; 2] && [low_side, close_side] == [side; 2] => {
                vec![format!("{timeframe} {}", side_name(*side))]
            }
            _ => inputs.iter().map(|&input| self.label(input)).collect(),
        }
    }
}

fn shown(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

const fn side_name(side: QuoteSide) -> &'static str {
    match side {
        QuoteSide::Bid => "bid",
        QuoteSide::Ask => "ask",
    }
}

const fn field_name(field: Field) -> &'static str {
    match field {
        Field::Open => "open",
        Field::High => "high",
        Field::Low => "low",
        Field::Close => "close",
        Field::Volume => "volume",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use omega_types::Timeframe;

    use super::*;
    use crate::{Atr, Bollinger, Ema, KalmanMean, KalmanZscore};

    #[test]
    fn a_label_says_what_the_column_is() {
        let mut graph = Graph::new();
        let close = graph.price(Timeframe::M5, QuoteSide::Bid, Field::Close);
        let hourly = graph.price(Timeframe::H1, QuoteSide::Ask, Field::Close);
        let bars = graph.bars(Timeframe::M5, QuoteSide::Ask).high_low_close();
        let period = 20.try_into().unwrap();
        let ema = graph.add(Ema { period }, &[hourly])[0];
        let band = graph.add(Bollinger { period: 20.try_into().unwrap(), std_factor: 2.5 }, &[close]);
        let nodes = [
            close,
            graph.add(Ema { period }, &[close])[0],
            band[0],
            graph.add(Atr { period: 14.try_into().unwrap() }, &bars)[0],
            graph.add(KalmanZscore { window: 50.try_into().unwrap(), r: 0.01, q: 1.0 }, &[close])[0],
            graph.map(ema, Timeframe::H1),
            graph.map_fresh(hourly, Timeframe::H1, 0),
            graph.map_fresh(hourly, Timeframe::H1, 3),
        ];
        let labels = nodes.map(|node| graph.label(node));
        let expected = [
            "M5 bid close",
            "ema(M5 bid close, period 20)",
            "bollinger(M5 bid close, period 20, std_factor 2.5).upper",
            "atr(M5 ask, period 14)",
            "kalman_zscore(M5 bid close, window 50, r 0.01, q 1.0)",
            "mapped(ema(H1 ask close, period 20))",
            "fresh(H1 ask close)",
            "fresh(H1 ask close, 3 bars)",
        ];
        assert_eq!(labels, expected);
    }

    /// Property: nodes that differ have names that differ, down to the last bit of a parameter.
    #[test]
    fn different_nodes_have_different_labels() {
        let mut graph = Graph::new();
        let mut nodes = Vec::new();
        for timeframe in [Timeframe::M5, Timeframe::H1] {
            for side in [QuoteSide::Bid, QuoteSide::Ask] {
                let bars = graph.bars(timeframe, side);
                nodes.extend([bars.open, bars.high, bars.low, bars.close, bars.volume]);
                for period in [2, 3] {
                    let ema = graph.add(Ema { period: period.try_into().unwrap() }, &[bars.close])[0];
                    nodes.extend([ema, graph.map(ema, timeframe), graph.visible_only(ema, timeframe)]);
                    nodes.extend(graph.add(Atr { period: period.try_into().unwrap() }, &bars.high_low_close()));
                    nodes.extend(
                        graph.add(Atr { period: period.try_into().unwrap() }, &[bars.high, bars.low, bars.open]),
                    );
                }
                for r in [0.01, 0.01_f64.next_up()] {
                    nodes.extend(graph.add(KalmanMean { r, q: 1.0 }, &[bars.close]));
                }
                nodes.extend(graph.add(Bollinger { period: 2.try_into().unwrap(), std_factor: 2.0 }, &[bars.close]));
            }
        }
        let distinct: BTreeSet<NodeId> = nodes.iter().copied().collect();
        let labels: BTreeSet<String> = distinct.iter().map(|&node| graph.label(node)).collect();
        assert_eq!(labels.len(), distinct.len());
    }
}
