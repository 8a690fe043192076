//! Which currency conversions a run needs, and what they are made of.

use omega_data::{FileSide, write::relative_path};
use omega_execution::{CostModel, ExecutionError, Fx, FxRequest, Instrument, Rules, unsupported_conversions};
use omega_types::{Issue, Json};

use crate::{DataSource, Job};

/// Conversions that would need candles of another pair.
pub(crate) fn unsupported(job: &Job, instrument: &Instrument) -> Vec<Issue> {
    let (costs, rates) = (job.costs.as_ref(), job.fx_rates.as_ref());
    unsupported_conversions(instrument, costs, rates, &job.config, &|pair| has_candles(job, pair))
}

/// The conversions of a run, not yet bound to candles, and whether they read the rates file.
pub(crate) fn plan(
    job: &Job,
    instrument: &Instrument,
    costs: &CostModel,
    rules: &Rules,
) -> Result<(Fx, bool), ExecutionError> {
    let fx = Fx::plan(&FxRequest {
        instrument,
        costs,
        account: &job.config.account,
        rates: job.fx_rates.as_ref(),
        own_price: rules.own_price,
        has_candles: &|pair| has_candles(job, pair),
    })?;
    let reads_rates = reads_rates(job, fx.legs());
    Ok((fx, reads_rates))
}

/// A leg with a constant rate that is not written in the configuration comes from the file.
fn reads_rates(job: &Job, conversions: &Json) -> bool {
    let legs = |conversion: &Json| conversion["legs"].as_array().cloned().unwrap_or_default();
    let inline = &job.config.account.fx.static_rates;
    let conversions = conversions.as_array().into_iter().flatten();
    conversions
        .flat_map(legs)
        .any(|leg| leg["source"] == "static" && leg["pair"].as_str().is_some_and(|pair| !inline.contains_key(pair)))
}

/// Are both candle files of `pair` in the data root? A dataset in memory has no root, so `auto` settles on constant rates
/// there. A root that is missing is an empty path, which would mean the working directory: it holds no candles either.
fn has_candles(job: &Job, pair: &str) -> bool {
    let DataSource::Root(root) = &job.data else { return false };
    let is_there = |side| root.join(relative_path(pair, job.config.timeframes.primary, side)).is_file();
    !root.as_os_str().is_empty() && is_there(FileSide::Bid) && is_there(FileSide::Ask)
}
