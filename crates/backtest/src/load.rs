//! From a settled job to its candles.

use std::sync::Arc;

use omega_data::{LoadRequest, WantedTimeframe, load_dataset};
use omega_strategy::Registry;
use omega_types::{Dataset, Watch, code};

use crate::{
    BacktestError, DataSource, Job, News, Sources, aggregation,
    conversion::{self, PairCandles},
    news,
    settle::{Form, Role, Settled, settle},
};

/// Candles, checked and aligned, and what the job says without them.
pub struct Loaded {
    /// Whole files.
    pub dataset: Arc<Dataset>,
    /// Where the series come from.
    pub sources: Sources,
    /// What currency conversion reads besides them.
    pub rates: PairCandles,
    /// When news block; `None` = there is no news filter.
    pub news: Option<News>,
    /// Everything else of the job.
    pub settled: Settled,
}

/// Refuses what cannot run and reads the candles. Nothing is read before the job is known to be complete.
///
/// # Errors
///
/// Those of [`settle`], before any file is read; then problems of the candles, and `CFG_CONFLICT` for a dataset that is
/// not the one of the configuration; then those of the candles of other pairs, then of the news calendar.
pub fn load(job: &Job, registry: &Registry, watch: &Watch) -> Result<Loaded, BacktestError> {
    let config = &job.config;
    let settled = settle(job, registry)?;
    // Timeframes that are made of the primary one need no files.
    let is_aggregated = aggregation::is_wanted(config);
    let timeframes = settled.timeframes.get(..1).filter(|_| is_aggregated).unwrap_or(&settled.timeframes);
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
    let (dataset, sources) = if is_aggregated {
        aggregation::aggregate(config, &settled.timeframes, &dataset, source, watch)?
    } else {
        (dataset, Sources::given(source))
    };
    if let Form::Signals(signals) = &settled.form
        && let Some(index) = dataset.position(config.timeframes.primary)
        && let Some(primary) = dataset.series.get(index)
    {
        signals.check_against(&primary.time)?;
    }
    let mut rates = conversion::load(job, &settled.fx, watch)?;
    // A pair may have the files of the traded symbol, whose specification then names other currencies.
    rates.inputs.retain(|input| !dataset.inputs.contains(input));
    let bounds = (settled.start_ns, settled.end_ns);
    let file = job.options.news.as_ref();
    let news = settled.news.as_ref().map(|rule| news::load(rule, file, bounds, watch)).transpose()?;
    Ok(Loaded { dataset, sources, rates, news, settled })
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
