//! What the strategy needs from the loader (strategy specification 3).

use omega_types::Timeframe;

use super::{levels::Resolved, rules::place, scenarios::Scenarios, side_plan::SidePlan, trend_filter::TrendRule};
use crate::{RequiredTimeframe, Requirements, parameters::Values};

/// The union over the admitted directions and active scenarios.
pub(super) fn requirements(
    resolved: &Resolved,
    sides: &[SidePlan],
    scenarios: &Scenarios,
    primary: Timeframe,
) -> Requirements {
    let mut needs = Needs { primary, primary_bars: 0, others: Vec::new() };
    for side in sides {
        let values = resolved.side(side.direction);
        needs.primary_bars = needs.primary_bars.max(primary_bars(values, scenarios));
        if !scenarios.active().any(|id| id != 1) {
            continue;
        }
        for request in side.parameters.trend_requests() {
            let Some(timeframe) = request.reads() else { continue };
            let required_by = place(values, &[request.timeframe_parameter]);
            needs.add(timeframe, request.ema.bars(), request.rule == TrendRule::Both, required_by);
        }
        if scenarios.is_active(6) {
            for (timeframe, overlay) in &side.overlays {
                let bars = overlay.window_length.bars().max(overlay.b_b_length.bars());
                needs.add(*timeframe, bars, false, place(&resolved.global, &["scenario6_timeframes"]));
            }
        }
    }
    needs.into_requirements()
}

/// Bars of the primary timeframe after which every item used by the active scenarios can be defined.
fn primary_bars(values: &Values, scenarios: &Scenarios) -> usize {
    let bars = |name: &str| values.get(name).and_then(|given| given.value.as_u64()).unwrap_or(0) as usize;
    let mut longest = 0;
    let mut needs = |length: usize| longest = longest.max(length);
    for id in scenarios.active() {
        needs(bars("atr_length"));
        if matches!(id, 1 | 3) {
            needs(bars("ema_length"));
        }
        if id != 4 {
            needs(bars("window_length"));
        }
        if id != 1 {
            needs(bars("b_b_length"));
        }
        if id == 4 {
            needs(bars("garch_min_periods") + 2);
        }
        if id == 5 {
            let points = bars("intraday_vol_min_points").max(bars("intraday_vol_cluster_k"));
            needs(1 + bars("garch_min_periods") + points);
        }
    }
    longest
}

struct Needs {
    primary: Timeframe,
    primary_bars: usize,
    others: Vec<(RequiredTimeframe, usize)>,
}

impl Needs {
    fn add(&mut self, timeframe: Timeframe, bars: usize, optional: bool, required_by: String) {
        if timeframe == self.primary {
            self.primary_bars = self.primary_bars.max(bars);
            return;
        }
        match self.others.iter_mut().find(|(known, _)| known.timeframe == timeframe) {
            Some((known, longest)) => {
                *longest = bars.max(*longest);
                if known.optional && !optional {
                    (known.optional, known.required_by) = (false, required_by);
                }
            }
            None => self.others.push((RequiredTimeframe { timeframe, optional, required_by }, bars)),
        }
    }

    fn into_requirements(self) -> Requirements {
        let others = self.others.iter().map(|(required, bars)| (required.timeframe, *bars));
        let warmup_bars = [(self.primary, self.primary_bars)].into_iter().chain(others).collect();
        Requirements { timeframes: self.others.into_iter().map(|(required, _)| required).collect(), warmup_bars }
    }
}
