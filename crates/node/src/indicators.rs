//! Indicators called directly from TypeScript.

use napi::bindgen_prelude::Float64Array;
use napi_derive::napi;
use omega_indicators::{Answer, LocalAnswer};
use omega_types::Json;

use crate::answer::{bad_request, failure, to_json};

/// What stands in it depends on the `result` of the indicator in the catalogue.
#[napi(object, object_from_js = false)]
#[derive(Default)]
pub struct IndicatorAnswer {
    pub failure: Option<String>,
    /// `series`: one array per output, each as long as the input. `window`: one array.
    pub outputs: Option<Vec<Float64Array>>,
    /// `window`: the bar of its first value.
    pub start: Option<f64>,
    /// `point`: the value, if there is one.
    pub point: Option<f64>,
    /// `clusters`: the state as JSON.
    pub clusters: Option<String>,
}

impl IndicatorAnswer {
    fn of(answer: Answer) -> Self {
        let arrays = |series: Vec<Vec<f64>>| Some(series.into_iter().map(Float64Array::new).collect());
        match answer {
            Answer::Series(series) => Self { outputs: arrays(series), ..Self::default() },
            Answer::Local(LocalAnswer::Window(window)) => {
                Self { outputs: arrays(vec![window.values]), start: Some(window.start as f64), ..Self::default() }
            }
            Answer::Local(LocalAnswer::Point(point)) => Self { point, ..Self::default() },
            Answer::Local(LocalAnswer::Clusters(state)) => {
                Self { clusters: Some(to_json(&state.json())), ..Self::default() }
            }
        }
    }
}

/// Computes one indicator over its inputs, in the order of the catalogue. Nobody may write to the inputs meanwhile:
/// TypeScript passes copies.
#[napi(catch_unwind)]
pub fn compute_indicator(kind: String, params: String, inputs: Vec<Float64Array>) -> IndicatorAnswer {
    let computed = serde_json::from_str::<Json>(&params)
        .map_err(|problem| bad_request("indicator parameters", problem))
        .and_then(|params| {
            let inputs: Vec<&[f64]> = inputs.iter().map(|input| &**input).collect();
            omega_indicators::answer(&kind, &params, &inputs).map_err(|error| failure(&error))
        });
    match computed {
        Ok(answer) => IndicatorAnswer::of(answer),
        Err(failure) => IndicatorAnswer { failure: Some(to_json(&failure)), ..IndicatorAnswer::default() },
    }
}
