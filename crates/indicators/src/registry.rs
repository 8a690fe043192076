//! The tables of indicators, and what is asked of them by name.

use std::sync::Arc;

use omega_types::Json;
use serde_json::json;

use crate::{
    AnswerKind, Atr, Bollinger, Choppiness, Dema, Dmi, Ema, GarchVolatility, GarchVolatilityLocal, Indicator,
    IndicatorError, InputKind, KalmanGarchZscore, KalmanGarchZscoreLocal, KalmanMean, KalmanZscore, Local, LocalAnswer,
    Macd, Momentum, Parameter, Roc, RollingMean, RollingStd, Rsi, Sma, Tema, VolClusterSeries, VolClusterState, Zscore,
    compute::{check_count, common_length},
    describe::{self, Fault},
    indicator::{AnyIndicator, Inputs, fresh_outputs},
    local::{self, LocalRequest},
};

/// Every indicator, sorted by kind. A new one is one line.
const TABLE: &[Entry] = &[
    entry::<Atr>(),
    entry::<Bollinger>(),
    entry::<Choppiness>(),
    entry::<Dema>(),
    entry::<Dmi>(),
    entry::<Ema>(),
    entry::<GarchVolatility>(),
    entry::<KalmanGarchZscore>(),
    entry::<KalmanMean>(),
    entry::<KalmanZscore>(),
    entry::<Macd>(),
    entry::<Momentum>(),
    entry::<Roc>(),
    entry::<RollingMean>(),
    entry::<RollingStd>(),
    entry::<Rsi>(),
    entry::<Sma>(),
    entry::<Tema>(),
    entry::<Zscore>(),
];

/// Every local indicator, sorted by kind. A new one is one line.
const LOCALS: &[LocalEntry] = &[
    local_entry::<GarchVolatilityLocal>(),
    local_entry::<KalmanGarchZscoreLocal>(),
    local_entry::<VolClusterSeries>(),
    local_entry::<VolClusterState>(),
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
            "result": "series",
        })
    }

    /// The first index at which every output is defined, for these parameters, on an input without gaps.
    ///
    /// # Errors
    ///
    /// `IND_PARAM`.
    pub fn warmup(&self, parameters: &Json) -> Result<usize, IndicatorError> {
        Ok((self.parse)(parameters)?.first_defined())
    }
}

/// What is known about a local indicator without parameters.
#[derive(Clone, Copy)]
pub struct LocalEntry {
    /// The name in trees, configurations and the catalogue.
    pub kind: &'static str,
    /// What it is, in one sentence.
    pub text: &'static str,
    /// Which series it reads.
    pub input: InputKind,
    /// What it answers.
    pub answer: AnswerKind,
    /// Its parameters; the first one, `idx`, is the bar.
    pub parameters: &'static [Parameter],
    /// From which bar on there is an answer, in terms of the parameters.
    pub warmup: &'static str,
    parse: fn(serde_json::Map<String, Json>) -> Result<LocalRequest, Fault>,
}

impl LocalEntry {
    /// The entry as JSON, for the catalogue.
    pub fn json(&self) -> Json {
        json!({
            "kind": self.kind,
            "text": self.text,
            "input": { "kind": self.input.as_str(), "series": self.input.names() },
            "outputs": ["value"],
            "parameters": self.parameters.iter().map(Parameter::json).collect::<Vec<_>>(),
            "warmup": self.warmup,
            "result": self.answer.as_str(),
        })
    }
}

/// Every indicator, sorted by kind.
pub fn registry() -> &'static [Entry] {
    TABLE
}

/// Every local indicator, sorted by kind.
pub fn locals() -> &'static [LocalEntry] {
    LOCALS
}

/// Both tables as one JSON array, sorted by kind: kind, text, input, outputs, parameters, warm-up, and whether the result
/// is a `series` or, for one bar, a `window`, a `point` or `clusters`.
pub fn catalogue() -> Json {
    let mut entries: Vec<(&str, Json)> = TABLE.iter().map(|entry| (entry.kind, entry.json())).collect();
    entries.extend(LOCALS.iter().map(|entry| (entry.kind, entry.json())));
    entries.sort_by_key(|(kind, _)| *kind);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

/// What an indicator gives, whichever table it stands in.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// One series per output, as long as the inputs.
    Series(Vec<Vec<f64>>),
    /// Something about one bar.
    Local(LocalAnswer),
}

/// Computes one indicator of either table over series that a program holds: what TypeScript's `indicators.*` call.
///
/// # Errors
///
/// `IND_UNKNOWN`, `IND_PARAM`, `IND_INPUT`.
pub fn answer(kind: &str, parameters: &Json, inputs: &[&[f64]]) -> Result<Answer, IndicatorError> {
    if LOCALS.iter().any(|entry| entry.kind == kind) {
        compute_local(kind, parameters, inputs).map(Answer::Local)
    } else {
        compute_direct(kind, parameters, inputs).map(Answer::Series)
    }
}

/// Computes one indicator over series that a program holds.
///
/// `inputs`: one series, or high, low and close. Returns one series per output, as long as the inputs.
///
/// # Errors
///
/// `IND_UNKNOWN`, `IND_PARAM`, `IND_INPUT`.
pub fn compute_direct(kind: &str, parameters: &Json, inputs: &[&[f64]]) -> Result<Vec<Vec<f64>>, IndicatorError> {
    let indicator = parse(kind, parameters)?;
    check_count(kind, indicator.input_kind(), inputs.len())?;
    let len = common_length(kind, inputs)?;
    Ok(evaluate(&*indicator, inputs, len))
}

/// Asks one local indicator over series that a program holds, at the bar `idx` of `parameters`, or at the last one.
///
/// # Errors
///
/// `IND_UNKNOWN`, `IND_PARAM`, `IND_INPUT`.
pub fn compute_local(kind: &str, parameters: &Json, inputs: &[&[f64]]) -> Result<LocalAnswer, IndicatorError> {
    let entry = LOCALS.iter().find(|entry| entry.kind == kind);
    let entry = entry.ok_or_else(|| IndicatorError::Unknown { kind: kind.to_owned() })?;
    let request = describe::resolve(entry.parameters, parameters).and_then(|resolved| (entry.parse)(resolved));
    let (indicator, idx) = request.map_err(|fault| IndicatorError::parameter(kind, fault))?;
    check_count(kind, entry.input, inputs.len())?;
    let len = common_length(kind, inputs)?;
    let last = i64::try_from(len.saturating_sub(1)).unwrap_or(i64::MAX);
    Ok(indicator.answer_at(Inputs { own: inputs, parts: &[] }, idx.unwrap_or(last)))
}

/// The parameters of an indicator of either table.
pub(crate) fn parameters_of(kind: &str) -> Option<&'static [Parameter]> {
    let series = TABLE.iter().find(|entry| entry.kind == kind).map(|entry| entry.parameters);
    series.or_else(|| LOCALS.iter().find(|entry| entry.kind == kind).map(|entry| entry.parameters))
}

/// The indicator of this name with these parameters.
pub(crate) fn parse(kind: &str, parameters: &Json) -> Result<Arc<dyn AnyIndicator>, IndicatorError> {
    match TABLE.iter().find(|entry| entry.kind == kind) {
        Some(entry) => (entry.parse)(parameters),
        None if LOCALS.iter().any(|entry| entry.kind == kind) => {
            Err(IndicatorError::NotASeries { kind: kind.to_owned() })
        }
        None => Err(IndicatorError::Unknown { kind: kind.to_owned() }),
    }
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

const fn local_entry<L: Local>() -> LocalEntry {
    LocalEntry {
        kind: L::KIND,
        text: L::TEXT,
        input: L::INPUT,
        answer: L::ANSWER,
        parameters: L::PARAMETERS,
        warmup: L::WARMUP,
        parse: local::read::<L>,
    }
}

fn parse_as<I: Indicator>(parameters: &Json) -> Result<Arc<dyn AnyIndicator>, IndicatorError> {
    let fault = |fault| IndicatorError::parameter(I::KIND, fault);
    let resolved = describe::resolve(I::PARAMETERS, parameters).map_err(fault)?;
    let indicator: I = serde_json::from_value(Json::Object(resolved))
        .map_err(|error| fault(Fault::new("", format!("parameters cannot be read: {error}"))))?;
    indicator.check().map_err(fault)?;
    Ok(Arc::new(indicator.canonical()))
}
