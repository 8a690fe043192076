//! Rules between parameters (strategy specification 2.3, 5.1, 5.4).

use omega_types::Direction;

use super::{
    levels::{ROOT, Resolved},
    scenarios::Scenarios,
};
use crate::parameters::{Issues, Reason, Values, child};

/// Notes every rule that the resolved values break. Rules whose parameters are wrong themselves are not tested.
pub(super) fn check(resolved: &Resolved, scenarios: &Scenarios, issues: &mut Issues) {
    for direction in [Direction::Long, Direction::Short] {
        let values = resolved.side(direction);
        let mut rules = Rules { values, issues };
        rules.trend_filters();
        if scenarios.is_enabled(4) || scenarios.is_enabled(5) {
            rules.garch_is_stationary();
        }
        if scenarios.is_enabled(4) {
            rules.local_window_suffices();
        }
        if scenarios.is_enabled(5) {
            rules.clusters_have_values();
        }
    }
    if scenarios.is_explicit && scenarios.is_enabled(6) && scenarios.overlays.is_empty() {
        let name = "scenario6_timeframes";
        let path = place(&resolved.global, &[name]);
        if !issues.is_broken(name) {
            let issue = issues.add(&path, Reason::InvalidParam, "must not be empty while scenario 6 is enabled");
            issue.hint = Some("list timeframes, or leave 6 out of enabled_scenarios".to_owned());
        }
    }
}

struct Rules<'a> {
    values: &'a Values,
    issues: &'a mut Issues,
}

impl Rules<'_> {
    /// The number `name`, unless what was given is wrong.
    fn number(&self, name: &str) -> Option<f64> {
        if self.issues.is_broken(name) { None } else { self.values.get(name)?.value.as_f64() }
    }

    fn text(&self, name: &str) -> Option<&str> {
        if self.issues.is_broken(name) { None } else { self.values.get(name)?.value.as_str() }
    }

    fn conflict(&mut self, concerned: &[&str], text: &str) {
        self.issues.add(&place(self.values, concerned), Reason::ConflictingParams, text);
    }

    fn trend_filters(&mut self) {
        let mut active = 0;
        for (rule, timeframe) in [("htf_filter", "htf_tf"), ("extra_htf_filter", "extra_htf_tf")] {
            let (Some(how), Some(tf)) = (self.text(rule), self.text(timeframe)) else { return };
            if !matches!(how, "above" | "below") {
                continue;
            }
            active += 1;
            if tf == "NONE" {
                let text = format!("'{how}' needs a timeframe, but {timeframe} is NONE");
                self.conflict(&[rule, timeframe], &text);
            }
        }
        if let Some(required) = self.number("htf_min_filters_required")
            && active > 0
            && required > f64::from(active)
        {
            let text = format!("must be at most the number of active filters ({active}), got {required}");
            self.conflict(&["htf_min_filters_required"], &text);
        }
    }

    fn garch_is_stationary(&mut self) {
        let (Some(alpha), Some(beta)) = (self.number("garch_alpha"), self.number("garch_beta")) else { return };
        if alpha + beta >= 1.0 {
            let text = format!("garch_alpha + garch_beta must be < 1, got {}", alpha + beta);
            self.conflict(&["garch_beta", "garch_alpha"], &text);
        }
    }

    fn local_window_suffices(&mut self) {
        let (Some(lookback), Some(periods)) = (self.number("local_z_lookback"), self.number("garch_min_periods"))
        else {
            return;
        };
        if lookback != 0.0 && lookback < periods + 2.0 {
            let text =
                format!("local_z_lookback must be 0 or >= garch_min_periods + 2 = {}, got {lookback}", periods + 2.0);
            self.conflict(&["local_z_lookback", "garch_min_periods"], &text);
        }
    }

    fn clusters_have_values(&mut self) {
        let (window, k) = ("intraday_vol_cluster_window", "intraday_vol_cluster_k");
        if let (Some(size), Some(clusters)) = (self.number(window), self.number(k))
            && size < clusters
        {
            self.conflict(&[window, k], &format!("{window} must be >= {k} = {clusters}, got {size}"));
        }
        let hysteresis = "cluster_hysteresis_bars";
        if let (Some(bars), Some(size)) = (self.number(hysteresis), self.number(window))
            && bars > size
        {
            self.conflict(&[hysteresis, window], &format!("{hysteresis} must be <= {window} = {size}, got {bars}"));
        }
        let (lookback, periods, points) =
            ("intraday_vol_garch_lookback", "garch_min_periods", "intraday_vol_min_points");
        if let (Some(bars), Some(returns), Some(least), Some(clusters)) =
            (self.number(lookback), self.number(periods), self.number(points), self.number(k))
        {
            let needed = 1.0 + returns + least.max(clusters);
            if bars < needed {
                let text = format!("{lookback} must be >= 1 + {periods} + max({points}, {k}) = {needed}, got {bars}");
                self.conflict(&[lookback, periods, points, k], &text);
            }
        }
    }
}

/// Where the first of `concerned` that was given stands; if none was, where the first would stand.
pub(super) fn place(values: &Values, concerned: &[&str]) -> String {
    let given = concerned.iter().find_map(|name| values.get(name)?.path.clone());
    given.unwrap_or_else(|| child(ROOT, concerned.first().copied().unwrap_or_default()))
}
