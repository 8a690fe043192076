//! Which currency conversions a run needs, what they are made of, and the candles of their pairs.

use std::path::Path;

use omega_data::{FileSide, LoadRequest, WantedTimeframe, file_warnings, load_dataset, write::relative_path};
use omega_execution::{CostModel, ExecutionError, Fx, FxRequest, Instrument, Rules};
use omega_types::{
    Json, Series, Warning, Watch,
    market::{Input, QuoteKind},
};

use crate::{BacktestError, DataSource, Job};

/// Candles of pairs whose rates a conversion reads, and what the run has to say about their files.
#[derive(Debug, Default)]
pub struct PairCandles {
    /// Pair and whole aligned candles of the primary timeframe.
    pub series: Vec<(String, Series)>,
    /// The files, for the manifest.
    pub inputs: Vec<Input>,
    /// `DATA_W_…`.
    pub warnings: Vec<Warning>,
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

/// Loads the candles that `fx` takes rates from, with every check that candles of the traded symbol pass.
///
/// # Errors
///
/// Those of [`load_dataset`], of the first pair in the order of the legs.
pub(crate) fn load(job: &Job, fx: &Fx, watch: &Watch) -> Result<PairCandles, BacktestError> {
    let timeframe = job.config.timeframes.primary;
    let mut candles = PairCandles::default();
    for pair in fx.rate_pairs() {
        let Some(root) = root(job) else { continue };
        let request = LoadRequest {
            root: root.to_owned(),
            symbol: pair.clone(),
            quotes: QuoteKind::BidAsk,
            timeframes: vec![WantedTimeframe { timeframe, required_by: Some("account.fx".to_owned()) }],
        };
        // A step of the run, not a run of its own.
        let dataset = load_dataset(&request, &watch.without_progress())?;
        candles.warnings.extend(file_warnings(&dataset));
        candles.series.extend(dataset.series.iter().map(|series| (pair.clone(), Series::clone(series))));
        candles.inputs.extend(dataset.inputs);
    }
    Ok(candles)
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

/// Are both candle files of `pair` in the data root?
fn has_candles(job: &Job, pair: &str) -> bool {
    let Some(root) = root(job) else { return false };
    let is_there = |side| root.join(relative_path(pair, job.config.timeframes.primary, side)).is_file();
    is_there(FileSide::Bid) && is_there(FileSide::Ask)
}

/// The folder that candles of other pairs may lie in: the data root of the run, or the one that its dataset was loaded
/// from. Candles in memory have none. A root that is missing is an empty path, which would mean the working directory.
fn root(job: &Job) -> Option<&Path> {
    let root = match &job.data {
        DataSource::Root(root) => root,
        DataSource::Dataset(dataset) => dataset.root.as_ref()?,
    };
    Some(root.as_path()).filter(|root| !root.as_os_str().is_empty())
}
