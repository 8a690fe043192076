//! From computed columns to the conditions of one direction.

use omega_indicators::{Columns, NodeId};
use omega_types::{Column, Market};

use super::{
    NAME,
    cluster_guard::ClusterGuard,
    garch_score::GarchScore,
    overlay_filter::{OverlayFilter, OverlayMode, OverlaySeries},
    requests::SideNodes,
    scenarios::Scenarios,
    side::{Band, Classic, Prices, Side},
    side_parameters::{GarchScoreRequest, TrendRequest},
    side_plan::SidePlan,
    trend_filter::{TrendFilter, TrendFilters, TrendSeries},
};
use crate::StrategyError;

/// What every direction is bound to.
pub(super) struct Binding<'a> {
    pub(super) market: &'a Market,
    pub(super) columns: &'a Columns,
    pub(super) scenarios: &'a Scenarios,
    pub(super) overlay_mode: OverlayMode,
    /// Places of stop and target.
    pub(super) decimals: u32,
}

impl Binding<'_> {
    /// # Errors
    ///
    /// A column that does not cover the market.
    pub(super) fn side(&self, plan: SidePlan, nodes: &SideNodes) -> Result<Side, StrategyError> {
        let SidePlan { direction, parameters, overlays } = plan;
        let is_on = |scenario| self.scenarios.is_active(scenario);
        let classic = match nodes.classic {
            Some(nodes) => {
                let [z, ema, atr] = self.all(nodes)?;
                Some(Classic { z, ema, atr })
            }
            None => None,
        };
        let band = match nodes.band {
            Some(nodes) => {
                let [upper, mid, lower, atr] = self.all(nodes)?;
                Some(Band { upper, mid, lower, atr })
            }
            None => None,
        };
        let garch = match (parameters.garch_zscore(), nodes.garch) {
            (GarchScoreRequest::Global(_), Some(node)) => Some(GarchScore::Global(self.column(node)?)),
            (GarchScoreRequest::Local(score), _) if is_on(4) => Some(GarchScore::Local(score)),
            _ => None,
        };
        let clusters = is_on(5).then(|| ClusterGuard {
            parameters: parameters.clusters.clone(),
            volatility: parameters.local_volatility(),
        });
        let mut timeframes = Vec::with_capacity(nodes.overlays.len());
        for ((timeframe, parameters), nodes) in overlays.into_iter().zip(&nodes.overlays) {
            let [price, z, upper, lower] = self.all(*nodes)?;
            timeframes.push(OverlaySeries { timeframe, parameters, price, z, upper, lower });
        }
        let overlay = is_on(6).then_some(OverlayFilter { mode: self.overlay_mode, timeframes });
        let ([a, b], [nodes_a, nodes_b]) = (parameters.trend_requests(), nodes.trend);
        let trend = TrendFilters {
            filters: [self.trend(a, nodes_a)?, self.trend(b, nodes_b)?],
            required: parameters.htf_min_filters_required,
        };
        Ok(Side {
            direction,
            parameters,
            prices: Prices::of(self.market),
            classic,
            band,
            kalman: nodes.kalman.map(|node| self.column(node)).transpose()?,
            target: nodes.target.map(|node| self.column(node)).transpose()?,
            garch,
            clusters,
            overlay,
            trend,
            decimals: self.decimals,
        })
    }

    fn trend(&self, request: TrendRequest, nodes: Option<[NodeId; 2]>) -> Result<TrendFilter, StrategyError> {
        let series = match nodes {
            Some(nodes) => {
                let [close, ema] = self.all(nodes)?;
                Some(TrendSeries { close, ema })
            }
            None => None,
        };
        let TrendRequest { timeframe, ema, rule, .. } = request;
        Ok(TrendFilter { rule, timeframe, ema_length: ema.bars(), series })
    }

    fn all<const N: usize>(&self, nodes: [NodeId; N]) -> Result<[Column; N], StrategyError> {
        // Every column is checked before any is taken, so the array cannot be left half filled.
        for node in nodes {
            self.column(node)?;
        }
        Ok(nodes.map(|node| self.columns.get(node)))
    }

    fn column(&self, node: NodeId) -> Result<Column, StrategyError> {
        let column = self.columns.get(node);
        let (found, expected) = (column.len(), self.market.len());
        if found == expected { Ok(column) } else { Err(StrategyError::Columns { strategy: NAME, found, expected }) }
    }
}
