//! From a settled job to its candles.

use std::sync::Arc;

use omega_data::{LoadRequest, WantedTimeframe, load_dataset};
use omega_strategy::Registry;
use omega_types::{Dataset, Watch, code};

use crate::{
    BacktestError, DataSource, Job,
    settle::{Form, Role, Settled, settle},
};

/// Candles, checked and aligned, and what the job says without them.
pub struct Loaded {
    /// Whole files.
    pub dataset: Arc<Dataset>,
    /// Where the series come from: `separate_parquet` or `memory`.
    pub source: &'static str,
    /// Everything else of the job.
    pub settled: Settled,
}

/// Refuses what cannot run and reads the candles. Nothing is read before the job is known to be complete.
///
/// # Errors
///
/// Those of [`settle`], before any file is read; then problems of the files, and `CFG_CONFLICT` for a dataset that is
/// not the one of the configuration.
pub fn load(job: &Job, registry: &Registry, watch: &Watch) -> Result<Loaded, BacktestError> {
    let config = &job.config;
    let settled = settle(job, registry)?;
    let timeframes = &settled.timeframes;
    let (dataset, source) = match &job.data {
        DataSource::Dataset(dataset) => (matching(job, dataset, timeframes)?, source_of(dataset)),
        DataSource::Root(root) => {
            let request = LoadRequest {
                root: root.clone(),
                symbol: config.symbol.clone(),
                quotes: config.data.quotes,
                timeframes: timeframes
                    .iter()
                    .map(|role| WantedTimeframe { timeframe: role.timeframe, required_by: role.required_by.clone() })
                    .collect(),
            };
            (Arc::new(load_dataset(&request, watch)?), "separate_parquet")
        }
    };
    if let Form::Signals(signals) = &settled.form
        && let Some(index) = dataset.position(config.timeframes.primary)
        && let Some(primary) = dataset.series.get(index)
    {
        signals.check_against(&primary.time)?;
    }
    Ok(Loaded { dataset, source, settled })
}

/// The given dataset, if it is the one of the configuration.
fn matching(job: &Job, dataset: &Arc<Dataset>, timeframes: &[Role]) -> Result<Arc<Dataset>, BacktestError> {
    let config = &job.config;
    let conflict =
        |path: String, message: String, hint: &str| Err(BacktestError::issue(path, code::CFG_CONFLICT, message, hint));
    if dataset.symbol != config.symbol {
        let message = format!("the configuration trades {}, the dataset holds {}", config.symbol, dataset.symbol);
        return conflict("symbol".to_owned(), message, "give the dataset of the symbol");
    }
    if dataset.quotes != config.data.quotes {
        let message = format!("data.quotes is {}, the dataset is {}", name(config.data.quotes), name(dataset.quotes));
        return conflict("data.quotes".to_owned(), message, "set data.quotes to the kind of the dataset");
    }
    for role in timeframes {
        if dataset.position(role.timeframe).is_none() {
            let held: Vec<&str> = dataset.series.iter().map(|series| series.timeframe.as_str()).collect();
            let path = match role.role {
                "primary" => "timeframes.primary".to_owned(),
                "additional" => "timeframes.additional".to_owned(),
                _ => role.required_by.clone().unwrap_or_default(),
            };
            let message = format!("{path} needs {}, the dataset holds {}", role.timeframe, held.join(", "));
            return conflict(path, message, "load the dataset with that timeframe as well");
        }
    }
    Ok(Arc::clone(dataset))
}

const fn name(quotes: omega_types::market::QuoteKind) -> &'static str {
    match quotes {
        omega_types::market::QuoteKind::BidAsk => "bid_ask",
        omega_types::market::QuoteKind::Single => "single",
    }
}

fn source_of(dataset: &Dataset) -> &'static str {
    let in_memory = dataset.inputs.iter().any(|input| input.kind == "market_memory");
    if in_memory { "memory" } else { "separate_parquet" }
}
