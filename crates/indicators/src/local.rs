//! Local indicators: asked for one bar, they look back a limited number of bars and start afresh for each of them.

use omega_types::Json;
use serde::de::DeserializeOwned;

use crate::{ClusterState, Describe, Domain, InputKind, Inputs, Parameter, Preset, describe::Fault};

/// A pure function of the bars up to one of them. The fields of the type are its parameters, `idx` left out.
///
/// Values after the bar do not matter: a series that is cut behind it gives the same answer, bit for bit. Nothing here is
/// a request of a graph; a strategy asks at the bars where it needs an answer.
pub trait Local: DeserializeOwned + Describe + Send + Sync + 'static {
    /// The name in trees, configurations and the catalogue, snake_case.
    const KIND: &'static str;
    /// Which series it reads.
    const INPUT: InputKind;
    /// What it answers.
    const ANSWER: AnswerKind;
    /// From which bar on there is an answer, in terms of the parameters, for the documentation.
    const WARMUP: &'static str;

    /// What the description of single parameters cannot say.
    ///
    /// # Errors
    ///
    /// The parameter to change.
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// The answer at bar `idx`, which may be any number.
    fn answer(&self, input: Inputs<'_>, idx: i64) -> LocalAnswer;
}

/// The parameter that says for which bar a local indicator is asked.
pub(crate) const IDX: Parameter = Parameter {
    name: "idx",
    domain: Domain::ANY_INTEGER,
    preset: Preset::Absent,
    text: "Index of the bar; the last one if left out.",
};

/// The form of a [`LocalAnswer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum AnswerKind {
    Window,
    Point,
    Clusters,
}

impl AnswerKind {
    /// The name in the catalogue.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::Point => "point",
            Self::Clusters => "clusters",
        }
    }
}

/// What a local indicator says about one bar.
#[derive(Debug, Clone, PartialEq)]
pub enum LocalAnswer {
    /// Values of consecutive bars.
    Window(LocalWindow),
    /// One value, if there is one.
    Point(Option<f64>),
    /// A clustering.
    Clusters(ClusterState),
}

/// Values of consecutive bars: `values[k]` belongs to bar `start + k`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LocalWindow {
    /// The first bar; 0 if there is no value.
    pub start: usize,
    /// One value per bar, NaN where it is undefined.
    pub values: Vec<f64>,
}

/// [`Local`] without its type, for the table.
pub(crate) trait AnyLocal {
    fn answer_at(&self, input: Inputs<'_>, idx: i64) -> LocalAnswer;
}

impl<L: Local> AnyLocal for L {
    fn answer_at(&self, input: Inputs<'_>, idx: i64) -> LocalAnswer {
        self.answer(input, idx)
    }
}

/// A local indicator and the bar it is asked for; none is the last bar.
pub(crate) type LocalRequest = (Box<dyn AnyLocal>, Option<i64>);

/// Splits resolved parameters into those of `L` and the bar.
pub(crate) fn read<L: Local>(mut resolved: serde_json::Map<String, Json>) -> Result<LocalRequest, Fault> {
    let idx = resolved.remove(IDX.name).and_then(|idx| idx.as_i64());
    let local: L = serde_json::from_value(Json::Object(resolved))
        .map_err(|error| Fault::new("", format!("parameters cannot be read: {error}")))?;
    local.check()?;
    Ok((Box::new(local), idx))
}
