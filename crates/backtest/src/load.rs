//! From a job to a dataset and a strategy whose parameters are settled.

use std::sync::Arc;

use omega_data::{LoadRequest, WantedTimeframe, load_dataset};
use omega_execution::{Instrument, Note};
use omega_strategy::{Blueprint, Init, Instrumentals, Registry, Signals};
use omega_types::{Dataset, Timeframe, Watch, code, config::Variant};

use crate::{BacktestError, DataSource, Job, unsupported::refuse_unbuilt};

/// Candles, checked and aligned, and what the job says about symbol and strategy.
pub struct Loaded {
    /// Whole files.
    pub dataset: Arc<Dataset>,
    /// Where the series come from: `separate_parquet` or `memory`.
    pub source: &'static str,
    /// Primary, additional, strategy-required: the timeframes of the run, in loading order.
    pub timeframes: Vec<Role>,
    /// Lots, ticks and pips of the symbol.
    pub instrument: Instrument,
    /// Remarks of the specification.
    pub notes: Vec<Note>,
    pub(crate) form: Form,
}

/// A timeframe and why the run has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Which one.
    pub timeframe: Timeframe,
    /// `primary`, `additional` or `strategy`.
    pub role: &'static str,
    /// The parameter behind a `strategy` timeframe.
    pub required_by: Option<String>,
}

/// Who gives the signals.
pub(crate) enum Form {
    Registered(Box<dyn Blueprint>),
    Signals(Arc<Signals>),
}

/// Refuses what cannot run and reads the candles. Nothing is read before the job is known to be complete.
///
/// # Errors
///
/// `CFG_UNSUPPORTED` with every field that needs an unbuilt feature; problems of parameters, specification or files;
/// `CFG_CONFLICT` for a dataset that is not the one of the configuration.
pub fn load(job: &Job, registry: &Registry, watch: &Watch) -> Result<Loaded, BacktestError> {
    let config = &job.config;
    let resolved = Instrument::resolve(&config.symbol, job.symbol_specs.as_ref(), config.costs.pip_size);
    let form = form(job, registry, resolved.as_ref().ok().map(|(instrument, _)| instrument))?;
    refuse_unbuilt(job, &form, resolved.as_ref().ok().map(|(instrument, _)| instrument))?;
    let (instrument, notes) = resolved?;
    let timeframes = timeframes(job, &form);
    let (dataset, source) = match &job.data {
        DataSource::Dataset(dataset) => (matching(job, dataset, &timeframes)?, source_of(dataset)),
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
    if let Form::Signals(signals) = &form
        && let Some(index) = dataset.position(config.timeframes.primary)
        && let Some(primary) = dataset.series.get(index)
    {
        signals.check_against(&primary.time)?;
    }
    Ok(Loaded { dataset, source, timeframes, instrument, notes, form })
}

/// The strategy with its parameters settled. `instrument` may be missing while a job is only checked.
pub(crate) fn form(job: &Job, registry: &Registry, instrument: Option<&Instrument>) -> Result<Form, BacktestError> {
    if let Some(signals) = &job.signals {
        return Ok(Form::Signals(Arc::clone(signals)));
    }
    let config = &job.config;
    let init = Init {
        symbol: config.symbol.clone(),
        primary: config.timeframes.primary,
        configured: config.timeframes.additional.clone(),
        instrument: instrument.map(|instrument| Instrumentals {
            pip_size: instrument.pip_size,
            tick_size: instrument.tick_size,
            price_digits: instrument.price_digits,
        }),
        stepwise: config.execution_variant == Variant::V1Parity,
        stale_limit_bars: config.timeframes.stale_limit_bars,
    };
    let blueprint = registry.create(&config.strategy_name, &config.strategy_parameters, &init);
    blueprint.map(Form::Registered).map_err(BacktestError::Config)
}

/// Primary, then additional, then what the strategy cannot do without; each once.
fn timeframes(job: &Job, form: &Form) -> Vec<Role> {
    let config = &job.config.timeframes;
    let mut roles: Vec<Role> = Vec::new();
    let mut add = |timeframe, role, required_by| {
        if roles.iter().all(|known| known.timeframe != timeframe) {
            roles.push(Role { timeframe, role, required_by });
        }
    };
    add(config.primary, "primary", None);
    for &timeframe in &config.additional {
        add(timeframe, "additional", None);
    }
    if let Form::Registered(blueprint) = form {
        for required in blueprint.requirements().timeframes.iter().filter(|required| !required.optional) {
            add(required.timeframe, "strategy", Some(required.required_by.clone()));
        }
    }
    roles
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
