//! Indicators called directly from TypeScript.

use napi::bindgen_prelude::Float64Array;
use napi_derive::napi;
use omega_types::Json;

use crate::answer::{bad_request, failure, to_json};

#[napi(object, object_from_js = false)]
pub struct IndicatorAnswer {
    pub failure: Option<String>,
    /// One array per output, each as long as the input.
    pub outputs: Option<Vec<Float64Array>>,
}

/// Computes one indicator over its inputs, in the order of the catalogue.
#[napi(catch_unwind)]
pub fn compute_indicator(kind: String, params: String, inputs: Vec<Float64Array>) -> IndicatorAnswer {
    let computed = serde_json::from_str::<Json>(&params)
        .map_err(|problem| bad_request("indicator parameters", problem))
        .and_then(|params| {
            let inputs: Vec<&[f64]> = inputs.iter().map(|input| &**input).collect();
            omega_indicators::compute_direct(&kind, &params, &inputs).map_err(|error| failure(&error))
        });
    match computed {
        Ok(outputs) => {
            let outputs = Some(outputs.into_iter().map(Float64Array::new).collect());
            IndicatorAnswer { failure: None, outputs }
        }
        Err(failure) => IndicatorAnswer { failure: Some(to_json(&failure)), outputs: None },
    }
}
