//! The contract of an indicator: parameters as fields, one function from input series to output series.

use std::{any::TypeId, sync::Arc};

use omega_types::Json;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    IndicatorError,
    describe::{Describe, Fault},
};

/// A pure function of one timeframe's bars. The fields of the type are its parameters.
///
/// The value at `t` may depend on inputs up to and including `t` only, so a series that is cut short gives the same
/// prefix, bit for bit. An input of any length is legal; where a value does not exist yet, or has no result, it is NaN.
pub trait Indicator: DeserializeOwned + Serialize + Describe + Clone + Send + Sync + 'static {
    /// The name in trees, configurations and the catalogue, snake_case.
    const KIND: &'static str;
    /// Which series it reads.
    const INPUT: InputKind;
    /// The names of its outputs, in order.
    const OUTPUTS: &'static [&'static str] = &["value"];
    /// [`Indicator::warmup`] in terms of the parameters, for the documentation.
    const WARMUP: &'static str;

    /// The first index at which every output is defined, on an input without gaps.
    fn warmup(&self) -> usize;

    /// Other indicators over the same inputs whose first output this one reads through [`Inputs::part`].
    fn parts(&self) -> Vec<Part> {
        Vec::new()
    }

    /// What the description of single parameters cannot say.
    ///
    /// # Errors
    ///
    /// The parameter to change.
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// The same indicator without parameters that have no effect, so that equal requests are recognised.
    fn canonical(&self) -> Self {
        self.clone()
    }

    /// Computes every value of every output. The memory may hold anything before: undefined values must be written too.
    fn compute(&self, input: Inputs<'_>, output: &mut Outputs<'_>);
}

/// Which series an indicator reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InputKind {
    /// Any one series.
    Series,
    /// High, low and close of the same bars.
    Bars,
    /// Two series over the same bars.
    TwoSeries,
}

impl InputKind {
    /// The names of the series, in order.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Series => &["series"],
            Self::Bars => &["high", "low", "close"],
            Self::TwoSeries => &["first", "second"],
        }
    }

    /// The name in the catalogue.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Series => "series",
            Self::Bars => "bars",
            Self::TwoSeries => "two_series",
        }
    }
}

/// The series that an indicator reads, all equally long.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    pub(crate) own: &'a [&'a [f64]],
    pub(crate) parts: &'a [&'a [f64]],
}

impl<'a> Inputs<'a> {
    /// The one series of [`InputKind::Series`].
    pub fn series(self) -> &'a [f64] {
        self.get(0)
    }

    /// The two series of [`InputKind::TwoSeries`].
    pub fn two_series(self) -> (&'a [f64], &'a [f64]) {
        (self.get(0), self.get(1))
    }

    /// High, low and close of [`InputKind::Bars`].
    pub fn high_low_close(self) -> (&'a [f64], &'a [f64], &'a [f64]) {
        (self.get(0), self.get(1), self.get(2))
    }

    /// The output of the `index`-th of [`Indicator::parts`].
    pub fn part(self, index: usize) -> &'a [f64] {
        self.parts.get(index).copied().unwrap_or(&[])
    }

    fn get(self, index: usize) -> &'a [f64] {
        self.own.get(index).copied().unwrap_or(&[])
    }
}

/// The memory that an indicator fills, one slice per output, as long as the inputs.
#[derive(Debug)]
pub struct Outputs<'a>(pub(crate) Vec<&'a mut [f64]>);

impl Outputs<'_> {
    /// The first output: all there is for most indicators.
    pub fn single(&mut self) -> &mut [f64] {
        self.0.first_mut().map_or(&mut [], |first| &mut **first)
    }

    /// The first `N` outputs.
    pub fn all<const N: usize>(&mut self) -> [&mut [f64]; N] {
        let mut outputs = self.0.iter_mut();
        std::array::from_fn(|_| outputs.next().map_or(&mut [] as &mut [f64], |output| &mut **output))
    }
}

/// An indicator that another one is made of.
#[derive(Clone)]
pub struct Part(pub(crate) Arc<dyn AnyIndicator>);

impl Part {
    /// `indicator`, over the same inputs as the whole.
    pub fn new<I: Indicator>(indicator: I) -> Self {
        Self(Arc::new(indicator.canonical()))
    }
}

/// An indicator and its parameters, exactly: what makes two requests the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    family: TypeId,
    parameters: Vec<Atom>,
}

/// One parameter value. Floats by their bits, with −0 folded to 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Atom {
    Absent,
    Bool(bool),
    Integer(i64),
    Float(u64),
    Text(String),
}

/// [`Indicator`] without its type, for graphs and tables.
pub(crate) trait AnyIndicator: Send + Sync {
    fn name(&self) -> &'static str;
    fn input_kind(&self) -> InputKind;
    fn output_names(&self) -> &'static [&'static str];
    /// Parameters in the order of their description.
    fn parameter_values(&self) -> Vec<(&'static str, Json)>;
    fn identity(&self) -> Identity;
    fn validate(&self) -> Result<(), IndicatorError>;
    fn part_requests(&self) -> Vec<Part>;
    fn first_defined(&self) -> usize;
    fn fill(&self, input: Inputs<'_>, output: &mut Outputs<'_>);
}

impl<I: Indicator> AnyIndicator for I {
    fn name(&self) -> &'static str {
        I::KIND
    }

    fn input_kind(&self) -> InputKind {
        I::INPUT
    }

    fn output_names(&self) -> &'static [&'static str] {
        I::OUTPUTS
    }

    fn parameter_values(&self) -> Vec<(&'static str, Json)> {
        let mut values = serde_json::to_value(self).unwrap_or_default();
        I::PARAMETERS.iter().map(|p| (p.name, values.get_mut(p.name).map(Json::take).unwrap_or_default())).collect()
    }

    fn identity(&self) -> Identity {
        let values = serde_json::to_value(self).unwrap_or_default();
        let parameters = I::PARAMETERS.iter().map(|p| Atom::of(values.get(p.name))).collect();
        Identity { family: TypeId::of::<I>(), parameters }
    }

    fn validate(&self) -> Result<(), IndicatorError> {
        let values = serde_json::to_value(self).unwrap_or_default();
        for parameter in I::PARAMETERS {
            parameter
                .check(values.get(parameter.name).unwrap_or(&Json::Null))
                .map_err(|fault| IndicatorError::parameter(I::KIND, fault))?;
        }
        self.check().map_err(|fault| IndicatorError::parameter(I::KIND, fault))
    }

    fn part_requests(&self) -> Vec<Part> {
        self.parts()
    }

    fn first_defined(&self) -> usize {
        self.warmup()
    }

    fn fill(&self, input: Inputs<'_>, output: &mut Outputs<'_>) {
        self.compute(input, output);
    }
}

impl Atom {
    fn of(value: Option<&Json>) -> Self {
        match value {
            None | Some(Json::Null) => Self::Absent,
            Some(Json::Bool(value)) => Self::Bool(*value),
            Some(Json::String(value)) => Self::Text(value.clone()),
            Some(Json::Number(value)) => match (value.as_i64(), value.as_f64()) {
                (Some(integer), _) => Self::Integer(integer),
                (None, Some(float)) => Self::Float((float + 0.0).to_bits()),
                (None, None) => Self::Text(value.to_string()),
            },
            Some(other) => Self::Text(other.to_string()),
        }
    }
}

/// Fresh outputs of `indicator` over checked inputs. `len` is the length of every input.
pub(crate) fn fresh_outputs(indicator: &dyn AnyIndicator, input: Inputs<'_>, len: usize) -> Vec<Vec<f64>> {
    // Zeroed memory costs no pass of its own; the indicator writes every value.
    let mut columns: Vec<Vec<f64>> = (0..indicator.output_names().len()).map(|_| vec![0.0; len]).collect();
    indicator.fill(input, &mut Outputs(columns.iter_mut().map(Vec::as_mut_slice).collect()));
    columns
}
