//! Import, inspection, generation and resampling of candle files; import of news calendars.

use napi::{Env, bindgen_prelude::Object};
use napi_derive::napi;
use omega_data::{generate, import, inspect, news, resample};

use crate::{
    answer::{Outcome, bad_request, failure, to_json},
    job::start,
};

/// CSV to the Parquet layout. Resolves to the report.
#[napi(catch_unwind, ts_return_type = "Promise<Answer>")]
pub fn start_import(env: &Env, job: u32, request: String) -> napi::Result<Object<'_>> {
    start(env, job, None, move |watch| {
        let request = serde_json::from_str(&request).map_err(|problem| bad_request("import request", problem))?;
        let report = import::import(&request, watch).map_err(|error| failure(&error))?;
        Ok(Outcome::Json(to_json(&report)))
    })
}

/// What a candle file holds. Resolves to the report.
#[napi(catch_unwind, ts_return_type = "Promise<Answer>")]
pub fn start_inspect(env: &Env, job: u32, request: String) -> napi::Result<Object<'_>> {
    start(env, job, None, move |watch| {
        let request = serde_json::from_str(&request).map_err(|problem| bad_request("inspect request", problem))?;
        let report = inspect::inspect(&request, watch).map_err(|error| failure(&error))?;
        Ok(Outcome::Json(to_json(&report)))
    })
}

/// Reproducible synthetic candles. Resolves to the report.
#[napi(catch_unwind, ts_return_type = "Promise<Answer>")]
pub fn start_generate(env: &Env, job: u32, request: String) -> napi::Result<Object<'_>> {
    start(env, job, None, move |watch| {
        let request = serde_json::from_str(&request).map_err(|problem| bad_request("generate request", problem))?;
        let report = generate::generate(&request, watch).map_err(|error| failure(&error))?;
        Ok(Outcome::Json(to_json(&report)))
    })
}

/// Longer candle files from shorter ones. Resolves to the report.
#[napi(catch_unwind, ts_return_type = "Promise<Answer>")]
pub fn start_resample(env: &Env, job: u32, request: String) -> napi::Result<Object<'_>> {
    start(env, job, None, move |watch| {
        let request = serde_json::from_str(&request).map_err(|problem| bad_request("resample request", problem))?;
        let report = resample::resample(&request, watch).map_err(|error| failure(&error))?;
        Ok(Outcome::Json(to_json(&report)))
    })
}

/// A calendar of events to Parquet. Resolves to the report.
#[napi(catch_unwind, ts_return_type = "Promise<Answer>")]
pub fn start_import_news(env: &Env, job: u32, request: String) -> napi::Result<Object<'_>> {
    start(env, job, None, move |watch| {
        let request = serde_json::from_str(&request).map_err(|problem| bad_request("news import request", problem))?;
        let report = news::import_news(&request, watch).map_err(|error| failure(&error))?;
        Ok(Outcome::Json(to_json(&report)))
    })
}
