//! The tables of `metrics_extended.json`.

use omega_types::{Json, time::iso};
use serde_json::json;

use super::{Episode, ExtendedFacts, PeriodReturn};
use crate::Unit;

/// How many drawdowns the table holds.
const DEEPEST: usize = 5;

/// Returns by month and year, and the deepest drawdowns, unrounded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tables {
    /// One row per UTC month that has a bar; partial months count.
    pub monthly_returns: Vec<PeriodReturn>,
    /// One row per UTC year that has a bar.
    pub yearly_returns: Vec<PeriodReturn>,
    /// The five deepest, by depth, then by the earlier peak.
    pub drawdowns: Vec<DatedEpisode>,
}

/// A drawdown with its times: open times of bars, nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatedEpisode {
    /// The drawdown.
    pub episode: Episode,
    /// Last touch of the high; the first bar's time for the start of the run.
    pub peak_time_ns: i64,
    /// Lowest equity.
    pub valley_time_ns: i64,
    /// First touch of the old high; `None`: not recovered.
    pub recovery_time_ns: Option<i64>,
}

impl Tables {
    /// `time` holds the open times of the trading bars.
    pub(super) fn of(facts: &ExtendedFacts<'_>, time: &[i64]) -> Self {
        let at = |bar: usize| time.get(bar).or(time.last()).copied().unwrap_or_default();
        let mut episodes = facts.water.episodes.clone();
        // Stable, so equally deep ones stay in the order of their peaks.
        episodes.sort_by(|a, b| b.depth.total_cmp(&a.depth));
        let dated = |episode: Episode| DatedEpisode {
            episode,
            peak_time_ns: at(episode.peak.unwrap_or(0)),
            valley_time_ns: at(episode.valley),
            recovery_time_ns: episode.recovery.map(at),
        };
        Self {
            monthly_returns: facts.months.clone(),
            yearly_returns: facts.years.clone(),
            drawdowns: episodes.into_iter().take(DEEPEST).map(dated).collect(),
        }
    }

    /// The `tables` object, rounded as the metrics are. A return that does not exist is `null`.
    pub fn to_json(&self) -> Json {
        let rounded = |unit: Unit, value: Option<f64>| json!(unit.rounded(value).number());
        let period = |row: &PeriodReturn| {
            let mut object = json!({ "year": row.year, "return": rounded(Unit::Ratio, row.value) });
            if let Some(month) = row.month {
                object["month"] = json!(month);
            }
            object
        };
        let drawdown = |row: &DatedEpisode| {
            json!({
                "depth": rounded(Unit::Ratio, Some(row.episode.depth)),
                "depth_abs": rounded(Unit::AccountCurrency, Some(row.episode.depth_abs)),
                "duration_bars": row.episode.bars,
                "peak_time": iso(row.peak_time_ns),
                "peak_time_ns": row.peak_time_ns,
                "valley_time": iso(row.valley_time_ns),
                "valley_time_ns": row.valley_time_ns,
                "recovery_time": row.recovery_time_ns.map(iso),
                "recovery_time_ns": row.recovery_time_ns,
            })
        };
        json!({
            "monthly_returns": self.monthly_returns.iter().map(period).collect::<Vec<_>>(),
            "yearly_returns": self.yearly_returns.iter().map(period).collect::<Vec<_>>(),
            "drawdowns": self.drawdowns.iter().map(drawdown).collect::<Vec<_>>(),
        })
    }
}
