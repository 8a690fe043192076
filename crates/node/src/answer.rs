//! How a call answers: a value, or an expected failure as a value. Only bugs throw.

use napi::bindgen_prelude::External;
use napi_derive::napi;
use omega_types::{Coded, Failure};

use crate::{dataset::DatasetHandle, result::RunHandle, signals::SignalsHandle};

/// Exactly one of `failure` and the others is present.
#[napi(object, object_from_js = false)]
#[derive(Default)]
pub struct Answer {
    /// `{code, category, message, details, hint?}` as JSON.
    pub failure: Option<String>,
    /// The value as JSON.
    pub json: Option<String>,
    pub dataset: Option<External<DatasetHandle>>,
    pub signals: Option<External<SignalsHandle>>,
    pub run: Option<External<RunHandle>>,
}

/// What a piece of work gives before it becomes JavaScript. It may be made on any thread.
pub enum Outcome {
    Json(String),
    Dataset(String, DatasetHandle),
    Signals(String, SignalsHandle),
    Run(String, Box<RunHandle>),
}

impl Answer {
    pub fn of(outcome: Result<Outcome, Failure>) -> Self {
        match outcome {
            Ok(Outcome::Json(json)) => Self { json: Some(json), ..Self::default() },
            Ok(Outcome::Dataset(json, handle)) => {
                let size = handle.bytes();
                let dataset = Some(External::new_with_size_hint(handle, size));
                Self { json: Some(json), dataset, ..Self::default() }
            }
            Ok(Outcome::Signals(json, handle)) => {
                let size = handle.bytes();
                let signals = Some(External::new_with_size_hint(handle, size));
                Self { json: Some(json), signals, ..Self::default() }
            }
            Ok(Outcome::Run(json, handle)) => {
                let size = handle.bytes();
                let run = Some(External::new_with_size_hint(*handle, size));
                Self { json: Some(json), run, ..Self::default() }
            }
            Err(failure) => Self { failure: Some(to_json(&failure)), ..Self::default() },
        }
    }
}

/// Describes an error of the crates below.
pub fn failure(error: &dyn Coded) -> Failure {
    Failure::of(error)
}

/// A request that TypeScript should not have sent.
pub fn bad_request(what: &str, problem: impl std::fmt::Display) -> Failure {
    Failure {
        code: omega_types::code::ARG_INVALID.name,
        category: omega_types::code::ARG_INVALID.category.as_str(),
        message: format!("invalid {what}: {problem}"),
        details: serde_json::json!({}),
        hint: None,
    }
}

/// JSON text of a value of ours, which is always representable.
pub fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|problem| format!("{{\"unprintable\":\"{problem}\"}}"))
}
