//! The table of indicators, and what is asked of it by name.

use std::sync::Arc;

use omega_types::Json;
use serde_json::json;

use crate::{
    Atr, Bollinger, Ema, Indicator, IndicatorError, InputKind, KalmanMean, KalmanZscore, Parameter, Sma, Zscore,
    compute::{check_count, common_length},
    describe,
    indicator::{AnyIndicator, Inputs, fresh_outputs},
};

/// Every indicator, sorted by kind. A new one is one line.
const TABLE: &[Entry] = &[
    entry::<Atr>(),
    entry::<Bollinger>(),
    entry::<Ema>(),
    entry::<KalmanMean>(),
    entry::<KalmanZscore>(),
    entry::<Sma>(),
    entry::<Zscore>(),
];

/// What is known about an indicator without parameters.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The name in trees, configurations and the catalogue.
    pub kind: &'static str,
    /// What it is, in one sentence.
    pub text: &'static str,
    /// Which series it reads.
    pub input: InputKind,
    /// The names of its outputs, in order.
    pub outputs: &'static [&'static str],
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// The first defined index in terms of the parameters.
    pub warmup: &'static str,
    parse: fn(&Json) -> Result<Arc<dyn AnyIndicator>, IndicatorError>,
}

impl Entry {
    /// The entry as JSON, for the catalogue.
    pub fn json(&self) -> Json {
        json!({
            "kind": self.kind,
            "text": self.text,
            "input": { "kind": self.input.as_str(), "series": self.input.names() },
            "outputs": self.outputs,
            "parameters": self.parameters.iter().map(Parameter::json).collect::<Vec<_>>(),
            "warmup": self.warmup,
        })
    }

    /// The first defined index for these parameters, on an input without gaps.
    ///
    /// # Errors
    ///
    /// `IND_PARAM`.
    pub fn warmup(&self, parameters: &Json) -> Result<usize, IndicatorError> {
        Ok((self.parse)(parameters)?.first_defined())
    }
}

/// Every indicator, sorted by kind.
pub fn registry() -> &'static [Entry] {
    TABLE
}

/// The registry as JSON: an array of kind, text, input, outputs, parameters, warm-up.
pub fn catalogue() -> Json {
    TABLE.iter().map(Entry::json).collect()
}

/// Computes one indicator over series that a program holds: what TypeScript's `indicators.*` call.
///
/// `inputs`: one series, or high, low and close. Returns one series per output, as long as the inputs.
///
/// # Errors
///
/// `IND_UNKNOWN`, `IND_PARAM`, `IND_INPUT`.
pub fn compute_direct(kind: &str, parameters: &Json, inputs: &[&[f64]]) -> Result<Vec<Vec<f64>>, IndicatorError> {
    let indicator = parse(kind, parameters)?;
    check_count(&*indicator, inputs.len())?;
    let len = common_length(kind, inputs)?;
    Ok(evaluate(&*indicator, inputs, len))
}

/// The indicator of this name with these parameters.
pub(crate) fn parse(kind: &str, parameters: &Json) -> Result<Arc<dyn AnyIndicator>, IndicatorError> {
    let entry = TABLE.iter().find(|entry| entry.kind == kind);
    let entry = entry.ok_or_else(|| IndicatorError::Unknown { kind: kind.to_owned() })?;
    (entry.parse)(parameters)
}

fn evaluate(indicator: &dyn AnyIndicator, inputs: &[&[f64]], len: usize) -> Vec<Vec<f64>> {
    let parts: Vec<Vec<Vec<f64>>> =
        indicator.part_requests().iter().map(|part| evaluate(&*part.0, inputs, len)).collect();
    let firsts: Vec<&[f64]> = parts.iter().filter_map(|outputs| outputs.first()).map(Vec::as_slice).collect();
    fresh_outputs(indicator, Inputs { own: inputs, parts: &firsts }, len)
}

const fn entry<I: Indicator>() -> Entry {
    Entry {
        kind: I::KIND,
        text: I::TEXT,
        input: I::INPUT,
        outputs: I::OUTPUTS,
        parameters: I::PARAMETERS,
        warmup: I::WARMUP,
        parse: parse_as::<I>,
    }
}

fn parse_as<I: Indicator>(parameters: &Json) -> Result<Arc<dyn AnyIndicator>, IndicatorError> {
    let fault = |fault| IndicatorError::parameter(I::KIND, fault);
    let resolved = describe::resolve(I::PARAMETERS, parameters).map_err(fault)?;
    let indicator: I = serde_json::from_value(Json::Object(resolved))
        .map_err(|error| fault(describe::Fault::new("", format!("parameters cannot be read: {error}"))))?;
    indicator.check().map_err(fault)?;
    Ok(Arc::new(indicator.canonical()))
}
