//! Which scenarios of the strategy are switched on.

use omega_types::{Json, Timeframe};

use super::levels::Resolved;
use crate::parameters::Issues;

/// The six switches (strategy specification 2.3, 2.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scenarios {
    enabled: [bool; 7],
    /// `enabled_scenarios` names scenarios.
    pub(super) is_explicit: bool,
    /// Overlay timeframes of scenario 6.
    pub(super) overlays: Vec<Timeframe>,
}

impl Scenarios {
    /// Reads the switches. Nothing counts as enabled if what was given is wrong.
    pub(super) fn of(resolved: &Resolved, issues: &Issues) -> Self {
        let list = |name: &str| match resolved.global.get(name).map(|given| &given.value) {
            Some(Json::Array(items)) => items.as_slice(),
            _ => &[],
        };
        let ids: Vec<usize> =
            list("enabled_scenarios").iter().filter_map(|id| usize::try_from(id.as_u64()?).ok()).collect();
        let is_known = !issues.is_broken("enabled_scenarios");
        let mut enabled = [false; 7];
        for (id, enabled) in enabled.iter_mut().enumerate().skip(1) {
            *enabled = is_known && (ids.is_empty() || ids.contains(&id));
        }
        let overlays = list("scenario6_timeframes").iter().filter_map(|name| name.as_str()?.parse().ok()).collect();
        Self { enabled, is_explicit: !ids.is_empty(), overlays }
    }

    /// Is scenario `id` switched on, by name or by default?
    pub(super) fn is_enabled(&self, id: u8) -> bool {
        self.enabled.get(usize::from(id)).copied().unwrap_or(false)
    }

    /// Can scenario `id` fire? Scenario 6 needs overlay timeframes.
    pub(super) fn is_active(&self, id: u8) -> bool {
        self.is_enabled(id) && (id != 6 || !self.overlays.is_empty())
    }

    /// The scenarios that can fire.
    pub(super) fn active(&self) -> impl Iterator<Item = u8> + '_ {
        (1..=6).filter(|id| self.is_active(*id))
    }
}
