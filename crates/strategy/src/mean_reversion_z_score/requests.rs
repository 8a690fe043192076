//! What one direction asks of the request graph: nothing for a scenario that is off (strategy specification 3).

use omega_indicators::{Atr, Bollinger, Ema, Graph, Indicator, KalmanZscore, MeanSource, NodeId, Zscore};
use omega_types::{Field, QuoteSide, Timeframe};

use super::{
    overlay_filter::OverlayParameters,
    scenarios::Scenarios,
    side_parameters::{GarchScoreRequest, TrendRequest},
    side_plan::SidePlan,
};
use crate::Init;

/// The nodes of one direction.
pub(super) struct SideNodes {
    /// Z-score, EMA and ATR of scenario 1.
    pub(super) classic: Option<[NodeId; 3]>,
    /// Upper, middle and lower band and the ATR of scenarios 2 to 6.
    pub(super) band: Option<[NodeId; 4]>,
    /// Z-score of scenarios 2, 3, 5 and 6.
    pub(super) kalman: Option<NodeId>,
    /// EMA of scenario 3.
    pub(super) target: Option<NodeId>,
    /// Z-score of scenario 4 over the whole history.
    pub(super) garch: Option<NodeId>,
    /// Close, z-score, upper and lower band of each overlay timeframe of scenario 6.
    pub(super) overlays: Vec<[NodeId; 4]>,
    /// Close and EMA of the trend filters.
    pub(super) trend: [Option<[NodeId; 2]>; 2],
}

impl SideNodes {
    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = NodeId> {
        let single = [self.kalman, self.target, self.garch].into_iter().flatten();
        let groups = self.classic.iter().flatten().chain(self.band.iter().flatten());
        let timeframes = self.overlays.iter().flatten().chain(self.trend.iter().flatten().flatten());
        groups.copied().chain(single).chain(timeframes.copied())
    }
}

/// Adds what directions need to a graph.
pub(super) struct Requests<'a> {
    pub(super) init: &'a Init,
    pub(super) scenarios: &'a Scenarios,
    /// The timeframes that were read.
    pub(super) loaded: &'a [Timeframe],
    pub(super) graph: &'a mut Graph,
}

impl Requests<'_> {
    pub(super) fn of_side(&mut self, side: &SidePlan) -> SideNodes {
        let is_on = |ids: &[u8]| ids.iter().any(|id| self.scenarios.is_active(*id));
        let (first, third, fourth, sixth) = (is_on(&[1]), is_on(&[3]), is_on(&[4]), is_on(&[6]));
        let (is_banded, reads_kalman) = (is_on(&[2, 3, 4, 5, 6]), is_on(&[2, 3, 5, 6]));
        let [trend_a, trend_b] = side.parameters.trend_requests();
        SideNodes {
            classic: first.then(|| self.classic(side)),
            band: is_banded.then(|| self.band(side)),
            kalman: reads_kalman.then(|| self.primary(side.parameters.kalman_zscore())),
            target: third.then(|| self.primary(Ema { period: side.parameters.ema_length })),
            garch: if fourth { self.garch(side) } else { None },
            overlays: if sixth {
                side.overlays.iter().map(|(timeframe, parameters)| self.overlay(*timeframe, parameters)).collect()
            } else {
                Vec::new()
            },
            trend: if is_banded { [self.trend(&trend_a), self.trend(&trend_b)] } else { [None, None] },
        }
    }

    fn classic(&mut self, side: &SidePlan) -> [NodeId; 3] {
        let parameters = &side.parameters;
        let zscore = Zscore {
            window: parameters.window_length,
            mean_source: MeanSource::Ema,
            ema_period: Some(parameters.ema_length),
        };
        // The stop of a scenario 1 short is the one place that reads the ask side.
        let quotes = side.direction.closing_side();
        [self.primary(zscore), self.primary(Ema { period: parameters.ema_length }), self.atr(side, quotes)]
    }

    fn band(&mut self, side: &SidePlan) -> [NodeId; 4] {
        let close = self.close(self.init.primary);
        let band = Bollinger { period: side.parameters.b_b_length, std_factor: side.parameters.std_factor };
        let [upper, mid, lower] = outputs(&self.graph.add(band, &[close]), close);
        [upper, mid, lower, self.atr(side, QuoteSide::Bid)]
    }

    /// The local z-score has no column: it is asked at single bars.
    fn garch(&mut self, side: &SidePlan) -> Option<NodeId> {
        match side.parameters.garch_zscore() {
            GarchScoreRequest::Global(score) => Some(self.primary(score)),
            GarchScoreRequest::Local(_) => None,
        }
    }

    /// Close, z-score, upper and lower band of an overlay timeframe.
    fn overlay(&mut self, timeframe: Timeframe, parameters: &OverlayParameters) -> [NodeId; 4] {
        let zscore = KalmanZscore { window: parameters.window_length, r: parameters.kalman_r, q: parameters.kalman_q };
        let band = Bollinger { period: parameters.b_b_length, std_factor: parameters.std_factor };
        let [z] = self.aligned(zscore, timeframe);
        let [upper, _, lower] = self.aligned(band, timeframe);
        [self.fresh_close(timeframe), z, upper, lower]
    }

    /// Close and average of the filter's timeframe on the primary bars.
    fn trend(&mut self, request: &TrendRequest) -> Option<[NodeId; 2]> {
        let timeframe = request.reads().filter(|timeframe| self.loaded.contains(timeframe))?;
        let [average] = self.aligned(Ema { period: request.ema }, timeframe);
        Some([self.fresh_close(timeframe), average])
    }

    fn close(&mut self, timeframe: Timeframe) -> NodeId {
        self.graph.price(timeframe, QuoteSide::Bid, Field::Close)
    }

    /// The close of the last completed bar of `timeframe`, undefined once it is too old (indicators.md 3.4).
    fn fresh_close(&mut self, timeframe: Timeframe) -> NodeId {
        let close = self.close(timeframe);
        self.graph.map_fresh(close, timeframe, self.init.stale_limit_bars)
    }

    /// `indicator` over the bid closes of `timeframe`, on the primary bars: native, or stepwise in `v1_parity`
    /// (decisions.md 14).
    fn aligned<I: Indicator, const N: usize>(&mut self, indicator: I, timeframe: Timeframe) -> [NodeId; N] {
        let close = self.close(timeframe);
        let nodes = if self.init.stepwise {
            self.graph.stepwise(indicator, &[close], timeframe)
        } else {
            self.graph.mapped(indicator, &[close], timeframe)
        };
        outputs(&nodes, close)
    }

    /// The one output of `indicator` over the primary bid closes.
    fn primary<I: Indicator>(&mut self, indicator: I) -> NodeId {
        let close = self.close(self.init.primary);
        let [value] = outputs(&self.graph.add(indicator, &[close]), close);
        value
    }

    fn atr(&mut self, side: &SidePlan, quotes: QuoteSide) -> NodeId {
        let bars = self.graph.bars(self.init.primary, quotes);
        let atr = self.graph.add(Atr { period: side.parameters.atr_length }, &bars.high_low_close());
        let [value] = outputs(&atr, bars.close);
        value
    }
}

/// The first `N` outputs of an indicator, which has as many; `input` is never taken.
fn outputs<const N: usize>(nodes: &[NodeId], input: NodeId) -> [NodeId; N] {
    std::array::from_fn(|index| nodes.get(index).copied().unwrap_or(input))
}
