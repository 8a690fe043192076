//! Longer timeframes made of the primary one (`timeframes.additional_source = aggregate_from_primary`, data.md 12).

use std::sync::Arc;

use omega_data::resample::{Anchor, aggregate_from};
use omega_types::{
    Dataset, Issue, Timeframe, Watch,
    config::{AdditionalSource, BacktestConfig},
};

use crate::{BacktestError, settle::Role};

/// Where the series of a run come from (`dataset.timeframes[].source`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sources {
    /// `separate_parquet` or `memory`.
    given: &'static str,
    /// What H4, D1 and W1 bars are counted from, and the timeframe that all others were made of.
    aggregated: Option<(Timeframe, Anchor)>,
}

impl Sources {
    /// Every series is there as it was given.
    pub(crate) fn given(given: &'static str) -> Self {
        Self { given, aggregated: None }
    }

    /// `separate_parquet`, `memory` or `aggregated`.
    pub fn name(&self, timeframe: Timeframe) -> &'static str {
        if self.anchor(timeframe).is_some() { "aggregated" } else { self.given }
    }

    /// What the bars of an aggregated series are counted from; `None` for other series.
    pub fn anchor(&self, timeframe: Timeframe) -> Option<Anchor> {
        self.aggregated.filter(|(primary, _)| *primary != timeframe).map(|(_, anchor)| anchor)
    }
}

/// Does the run make its other timeframes itself?
pub(crate) fn is_wanted(config: &BacktestConfig) -> bool {
    config.timeframes.additional_source == AdditionalSource::AggregateFromPrimary
}

/// Refuses timeframes that cannot be made of the primary one. All of them are multiples of every shorter one.
///
/// # Errors
///
/// `CFG_CONFLICT` for each timeframe that is shorter, at the setting that needs it.
pub(crate) fn check(config: &BacktestConfig, roles: &[Role]) -> Result<(), BacktestError> {
    let primary = config.timeframes.primary;
    let shorter = roles.iter().filter(|role| is_wanted(config) && role.timeframe < primary);
    let issues: Vec<Issue> = shorter
        .map(|role| {
            let path = match &role.required_by {
                Some(required_by) => required_by.clone(),
                None => "timeframes.additional".to_owned(),
            };
            Issue {
                message: format!(
                    "{path} asks for {}, which cannot be made of the primary timeframe {primary}",
                    role.timeframe
                ),
                path,
                code: "CFG_CONFLICT".to_owned(),
                expected: Some(format!("longer than {primary}")),
                received: Some(role.timeframe.to_string()),
                hint: Some(
                    "use timeframes.additional_source \"separate_parquet\", or a shorter primary timeframe".to_owned(),
                ),
                reason: None,
            }
        })
        .collect();
    if issues.is_empty() { Ok(()) } else { Err(BacktestError::Config(issues)) }
}

/// Makes the other timeframes of the run from the primary series of `dataset`, whose own other series are left aside.
///
/// # Errors
///
/// Those of [`aggregate_from`].
pub(crate) fn aggregate(
    config: &BacktestConfig,
    roles: &[Role],
    dataset: &Dataset,
    given: &'static str,
    watch: &Watch,
) -> Result<(Arc<Dataset>, Sources), BacktestError> {
    let primary = config.timeframes.primary;
    let longer: Vec<Timeframe> = roles.iter().map(|role| role.timeframe).filter(|&other| other != primary).collect();
    let made = aggregate_from(dataset, primary, &longer, watch)?;
    Ok((Arc::new(made.dataset), Sources { given, aggregated: Some((primary, made.anchor)) }))
}
