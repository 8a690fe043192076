//! Datasets: loaded once, shared by every thread of the process through a token.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use napi::{
    Env,
    bindgen_prelude::{BigInt64Array, External, Float64Array, Object},
};
use napi_derive::napi;
use omega_data::{LoadRequest, MemorySeries, MemorySide, WantedTimeframe, dataset_from_memory, load_dataset};
use omega_types::{Dataset, Failure, Field, QuoteSide, Timeframe, code, market::QuoteKind};
use serde::Deserialize;
use serde_json::json;

use crate::{
    answer::{Answer, Outcome, bad_request, failure, to_json},
    job::{at_once, start},
};

/// Tokens of the datasets that some thread still holds. A token dies with the last handle.
static SHARED: Mutex<BTreeMap<String, (usize, Arc<Dataset>)>> = Mutex::new(BTreeMap::new());
static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);

/// One JavaScript owner of a dataset.
pub struct DatasetHandle {
    dataset: Mutex<Option<Arc<Dataset>>>,
    token: String,
    description: String,
    bytes: usize,
}

impl DatasetHandle {
    fn new(dataset: Dataset) -> Self {
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let token = format!("dataset-{number}");
        let dataset = Arc::new(dataset);
        shared().insert(token.clone(), (1, Arc::clone(&dataset)));
        Self::holding(dataset, token)
    }

    fn attach(token: &str) -> Option<Self> {
        let dataset = {
            let mut shared = shared();
            let (holders, dataset) = shared.get_mut(token)?;
            *holders += 1;
            Arc::clone(dataset)
        };
        Some(Self::holding(dataset, token.to_owned()))
    }

    fn holding(dataset: Arc<Dataset>, token: String) -> Self {
        let sides = if dataset.quotes == QuoteKind::Single { 1 } else { 2 };
        let description = to_json(&json!({
            "token": token,
            "symbol": dataset.symbol,
            "quotes": dataset.quotes,
            "timeframes": dataset.series.iter().map(|s| s.timeframe).collect::<Vec<_>>(),
            "bars": dataset.series.iter().map(|s| s.len()).collect::<Vec<_>>(),
        }));
        let bytes = dataset.series.iter().map(|s| s.len() * 8 * (1 + 5 * sides)).sum();
        Self { dataset: Mutex::new(Some(dataset)), token, description, bytes }
    }

    /// Memory held by the columns.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The dataset, unless it was closed.
    pub fn get(&self) -> Option<Arc<Dataset>> {
        self.dataset.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives the dataset up. Runs that use it keep it alive until they end.
    fn close(&self) {
        if self.dataset.lock().unwrap_or_else(PoisonError::into_inner).take().is_none() {
            return;
        }
        let mut shared = shared();
        if let Some((holders, _)) = shared.get_mut(&self.token) {
            *holders -= 1;
            if *holders == 0 {
                shared.remove(&self.token);
            }
        }
    }

    fn outcome(self) -> Outcome {
        Outcome::Dataset(self.description.clone(), self)
    }
}

impl Drop for DatasetHandle {
    fn drop(&mut self) {
        self.close();
    }
}

fn shared() -> std::sync::MutexGuard<'static, BTreeMap<String, (usize, Arc<Dataset>)>> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Load {
    root: String,
    symbol: String,
    timeframes: Vec<Timeframe>,
    quotes: QuoteKind,
    threads: Option<u32>,
}

/// Loads files. Resolves to an answer with `dataset`.
#[napi(catch_unwind, ts_return_type = "Promise<Answer>")]
pub fn start_load(env: &Env, job: u32, request: String) -> napi::Result<Object<'_>> {
    let request: Result<Load, _> = serde_json::from_str(&request);
    let threads = request.as_ref().ok().and_then(|r| r.threads);
    start(env, job, threads, move |watch| {
        let request = request.map_err(|problem| bad_request("load request", problem))?;
        let timeframes =
            request.timeframes.into_iter().map(|timeframe| WantedTimeframe { timeframe, required_by: None }).collect();
        let request =
            LoadRequest { root: request.root.into(), symbol: request.symbol, quotes: request.quotes, timeframes };
        let dataset = load_dataset(&request, watch).map_err(|error| failure(&error))?;
        Ok(DatasetHandle::new(dataset).outcome())
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    symbol: String,
    /// In the order of `times`; columns follow one another: bid open, high, low, close, volume?, then ask alike.
    series: Vec<CreateSeries>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateSeries {
    timeframe: Timeframe,
    bid_volume: bool,
    ask: bool,
    ask_volume: bool,
}

/// Copies candles that a program holds.
#[napi(catch_unwind)]
pub fn create_dataset(request: String, times: Vec<BigInt64Array>, columns: Vec<Float64Array>) -> Answer {
    at_once(|| {
        let request: Create = serde_json::from_str(&request).map_err(|problem| bad_request("dataset", problem))?;
        let mut columns = columns.iter();
        let mut times = times.iter();
        let mut series = Vec::with_capacity(request.series.len());
        let short = || bad_request("dataset", "fewer arrays than the request names");
        for wanted in &request.series {
            let mut side = |volume: bool| -> Result<MemorySide, Failure> {
                let mut next = || columns.next().map(|c| c.to_vec()).ok_or_else(short);
                Ok(MemorySide {
                    open: next()?,
                    high: next()?,
                    low: next()?,
                    close: next()?,
                    volume: if volume { Some(next()?) } else { None },
                })
            };
            let bid = side(wanted.bid_volume)?;
            let ask = if wanted.ask { Some(side(wanted.ask_volume)?) } else { None };
            let time = times.next().ok_or_else(short)?.to_vec();
            series.push(MemorySeries { timeframe: wanted.timeframe, time, bid, ask });
        }
        let dataset = dataset_from_memory(&request.symbol, series).map_err(|error| failure(&error))?;
        Ok(DatasetHandle::new(dataset).outcome())
    })
}

/// Another owner of a dataset that a thread of this process still holds.
#[napi(catch_unwind)]
pub fn attach_dataset(token: String) -> Answer {
    at_once(|| {
        let handle = DatasetHandle::attach(&token).ok_or_else(|| Failure {
            code: code::ARG_INVALID.name,
            category: code::ARG_INVALID.category.as_str(),
            message: format!("no dataset with token '{token}' is open in this process"),
            details: json!({ "token": token }),
            hint: Some(
                "keep the dataset open in the thread that loaded it until every worker has attached it".to_owned(),
            ),
        })?;
        Ok(handle.outcome())
    })
}

/// Gives a dataset up before the garbage collector does.
#[napi(catch_unwind)]
pub fn close_dataset(dataset: &External<DatasetHandle>) {
    dataset.close();
}

/// A copy of the open times of a series.
#[napi(catch_unwind)]
pub fn dataset_time(dataset: &External<DatasetHandle>, series: u32) -> Option<BigInt64Array> {
    let dataset = dataset.get()?;
    let series = dataset.series.get(series as usize)?;
    Some(BigInt64Array::new(series.time.to_vec()))
}

/// A copy of one column of a series; `field` counts open, high, low, close, volume.
#[napi(catch_unwind)]
pub fn dataset_column(dataset: &External<DatasetHandle>, series: u32, ask: bool, field: u32) -> Option<Float64Array> {
    let dataset = dataset.get()?;
    let series = dataset.series.get(series as usize)?;
    let side = if ask { QuoteSide::Ask } else { QuoteSide::Bid };
    let field = [Field::Open, Field::High, Field::Low, Field::Close, Field::Volume].get(field as usize).copied()?;
    Some(Float64Array::new(series.quotes.side(side).field(field).to_vec()))
}
