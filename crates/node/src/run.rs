//! One backtest: a request in, a handle and a small head out.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use napi::{
    Env,
    bindgen_prelude::{External, Object},
};
use napi_derive::napi;
use omega_backtest::{
    BacktestError, BacktestResult, DataSource, Job, RunOptions, check, load, prepare, report, simulate, story,
};
use omega_data::{Calendar, news::NewsFile};
use omega_indicators::ColumnStore;
use omega_strategy::{Registry, Signals};
use omega_types::{
    Dataset, Failure, Json, Watch,
    config::{BacktestConfig, FileContent},
    log::{Level, RunPhase},
    watch::{Observer, Part},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    answer::{Answer, Outcome, bad_request, failure, to_json},
    dataset::DatasetHandle,
    job::{at_once, start},
    result::RunHandle,
    signals::SignalsHandle,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    config: BacktestConfig,
    config_hash: String,
    seed: u64,
    data_root: Option<PathBuf>,
    costs: Option<FileContent>,
    symbol_specs: Option<FileContent>,
    fx_rates: Option<FileContent>,
    /// Given only if the configuration filters by news.
    news: Option<NewsFile>,
    options: Options,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    calendar: Option<Calendar>,
    max_gap_loss: Option<f64>,
    threads: Option<u32>,
    /// The least important records of the log; absent: none is kept.
    log_level: Option<Level>,
    /// The result keeps the columns that the strategy asked for.
    keep_indicators: bool,
    /// Measures what profiling tells beyond the stages.
    profiling: bool,
    /// Options that were given and need a feature that is not built yet.
    not_built: Vec<String>,
}

/// Runs a backtest. Resolves to an answer with `run`. `dataset` and `signals` take precedence over the request.
#[napi(catch_unwind, ts_return_type = "Promise<Answer>")]
pub fn start_run<'env>(
    env: &'env Env,
    job: u32,
    request: String,
    dataset: Option<&External<DatasetHandle>>,
    signals: Option<&External<SignalsHandle>>,
) -> napi::Result<Object<'env>> {
    let dataset = dataset.map(|handle| handle.get());
    let signals = signals.map(|handle| Arc::clone(&handle.0));
    let request = parse(&request);
    let threads = request.as_ref().ok().and_then(|request| request.options.threads);
    start(env, job, threads, move |watch| {
        let dataset = match dataset {
            Some(None) => return Err(bad_request("data", "the dataset is closed")),
            Some(given) => given,
            None => None,
        };
        let request = request?;
        if request.options.log_level.is_some() || request.options.profiling {
            watch.observe(Observer::new(now_ns, request.options.log_level));
        }
        let (result, timings) = run(&job_of(request, dataset, signals), watch)?;
        let handle = RunHandle::new(result);
        Ok(Outcome::Run(to_json(&handle.head(timings)), Box::new(handle)))
    })
}

/// Refuses what a run would refuse before it reads any candle; otherwise answers `{"warnings": […]}`.
#[napi(catch_unwind)]
pub fn check_run(request: String) -> Answer {
    at_once(|| {
        let job = job_of(parse(&request)?, None, None);
        let warnings = check(&job, &Registry::builtin()).map_err(|error| failure(&error))?;
        Ok(Outcome::Json(to_json(&json!({ "warnings": warnings }))))
    })
}

/// The four stages of a run, each with its milliseconds. What they do is told to `watch` between them.
fn run(job: &Job, watch: &Watch) -> Result<(BacktestResult, Json), Failure> {
    let store = ColumnStore::new();
    let clock = Instant::now();
    let ms = || clock.elapsed().as_secs_f64() * 1_000.0;
    let told = |phase: RunPhase| {
        move |error: BacktestError| {
            let failure = failure(&error);
            story::failed(&failure, phase, watch);
            failure
        }
    };
    story::begun(job, watch);
    let loaded = load(job, &Registry::builtin(), watch).map_err(told(RunPhase::Init))?;
    story::loaded(&loaded, watch);
    let load = ms();
    let (plan, mut strategy) = prepare(job, loaded, &store, watch).map_err(told(RunPhase::Init))?;
    story::prepared(&plan, watch);
    let prepared = ms();
    let outcome = simulate(&plan, &mut *strategy, watch).map_err(BacktestError::from).map_err(told(RunPhase::Loop))?;
    story::simulated(&plan, &outcome, watch);
    let simulated = ms();
    let result = report(plan, &*strategy, outcome).map_err(told(RunPhase::Finalize))?;
    story::reported(&result, watch);
    let timings = json!({
        "load": load,
        "prepare": prepared - load,
        "indicators": watch.spent_ns(Part::Indicators) as f64 / 1e6,
        "simulate": simulated - prepared,
        "report": ms() - simulated,
    });
    Ok((result, timings))
}

/// Nanoseconds since the epoch that never go back: the wall clock is read once.
fn now_ns() -> u64 {
    static START: OnceLock<(Instant, u64)> = OnceLock::new();
    let (start, epoch_ns) = START.get_or_init(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (Instant::now(), since.as_nanos() as u64)
    });
    epoch_ns + start.elapsed().as_nanos() as u64
}

fn parse(request: &str) -> Result<Request, Failure> {
    serde_json::from_str(request).map_err(|problem| Failure {
        code: omega_types::code::CFG_ENGINE_REJECTED.name,
        category: omega_types::code::CFG_ENGINE_REJECTED.category.as_str(),
        message: format!("the core refused the configuration: {problem}"),
        details: json!({}),
        hint: Some("this is a bug in Omega; please report it with the configuration".to_owned()),
    })
}

fn job_of(request: Request, dataset: Option<Arc<Dataset>>, signals: Option<Arc<Signals>>) -> Job {
    let Options { calendar, max_gap_loss, keep_indicators, not_built, .. } = request.options;
    Job {
        config: request.config,
        config_hash: request.config_hash,
        data: dataset.map_or_else(|| DataSource::Root(request.data_root.unwrap_or_default()), DataSource::Dataset),
        signals,
        costs: request.costs,
        symbol_specs: request.symbol_specs,
        fx_rates: request.fx_rates,
        seed: request.seed,
        options: RunOptions {
            calendar,
            max_gap_loss,
            news: request.news,
            keep_indicators,
            visit_every_bar: false,
            not_built,
        },
    }
}
