//! What a parameter is: name, range, default, text. One description serves checks, the catalogue and TypeScript's types.

use serde_json::{Map, json};

use omega_types::Json;

/// One parameter of an indicator or strategy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// The name in configurations and trees, snake_case.
    pub name: &'static str,
    /// Which values are allowed.
    pub domain: Domain,
    /// What holds when no value is given.
    pub preset: Preset,
    /// One sentence for the documentation, unit included.
    pub text: &'static str,
}

/// Which values a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub enum Domain {
    /// A whole number; both ends included.
    Integer { min: i64, max: i64 },
    /// A finite number; both ends included.
    Number { min: Option<f64>, max: Option<f64> },
    /// A finite number strictly above `limit`.
    Above { limit: f64 },
    /// One of these texts, in any case and with spaces around it.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Bool,
}

impl Domain {
    /// A look-back length of at least `min` bars.
    pub const fn bars(min: i64) -> Self {
        Self::Integer { min, max: u32::MAX as i64 }
    }

    /// Any whole number.
    pub const ANY_INTEGER: Self = Self::Integer { min: i64::MIN, max: i64::MAX };

    /// Any finite number.
    pub const FINITE: Self = Self::Number { min: None, max: None };

    /// A finite number that is not negative.
    pub const NOT_NEGATIVE: Self = Self::Number { min: Some(0.0), max: None };

    /// The name of the type: `integer`, `number`, `choice`, `bool`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Integer { .. } => "integer",
            Self::Number { .. } | Self::Above { .. } => "number",
            Self::Choice(_) => "choice",
            Self::Bool => "bool",
        }
    }

    /// What is allowed, as a phrase after "must be".
    pub fn expected(&self) -> String {
        match self {
            Self::Integer { min: i64::MIN, .. } => "an integer".to_owned(),
            Self::Integer { min, max } if *max >= i64::from(u32::MAX) => format!("an integer of at least {min}"),
            Self::Integer { min, max } => format!("an integer from {min} to {max}"),
            Self::Number { min: None, max: None } => "a finite number".to_owned(),
            Self::Number { min: Some(min), max: None } => format!("a finite number of at least {min}"),
            Self::Number { min: None, max: Some(max) } => format!("a finite number of at most {max}"),
            Self::Number { min: Some(min), max: Some(max) } => format!("a number from {min} to {max}"),
            Self::Above { limit } => format!("a finite number above {limit}"),
            Self::Choice(choices) => format!("one of {}", choices.join(", ")),
            Self::Bool => "true or false".to_owned(),
        }
    }

    /// The value in its normal form (20.0 becomes 20), or `None` if it is not allowed.
    pub fn accept(&self, value: &Json) -> Option<Json> {
        match self {
            Self::Integer { min, max } => {
                whole(value).filter(|v| (i128::from(*min)..=i128::from(*max)).contains(v)).map(|v| json!(v as i64))
            }
            Self::Number { min, max } => value
                .as_f64()
                .filter(|v| v.is_finite() && min.is_none_or(|m| *v >= m) && max.is_none_or(|m| *v <= m))
                .map(|v| json!(v)),
            Self::Above { limit } => value.as_f64().filter(|v| v.is_finite() && v > limit).map(|v| json!(v)),
            Self::Choice(choices) => {
                let given = value.as_str()?.trim();
                choices.iter().find(|choice| choice.eq_ignore_ascii_case(given)).map(|choice| json!(choice))
            }
            Self::Bool => value.as_bool().map(|v| json!(v)),
        }
    }
}

/// What holds when no value is given.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub enum Preset {
    /// There is no default: a value must be given.
    Required,
    /// Absent is a value of its own.
    Absent,
    Integer(i64),
    Number(f64),
    Text(&'static str),
    Bool(bool),
}

impl Preset {
    /// The default as JSON; `null` where there is none.
    pub fn json(&self) -> Json {
        match self {
            Self::Required | Self::Absent => Json::Null,
            Self::Integer(value) => json!(value),
            Self::Number(value) => json!(value),
            Self::Text(value) => json!(value),
            Self::Bool(value) => json!(value),
        }
    }
}

/// One wrong parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its name; empty if the parameters as a whole are wrong.
    pub parameter: String,
    /// What is wrong, as a phrase after the name: `must be an integer of at least 1, got 0`.
    pub problem: String,
}

impl Fault {
    /// Something wrong with `parameter`.
    pub fn new(parameter: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { parameter: parameter.into(), problem: problem.into() }
    }
}

/// `first` and then `second`, for an indicator that is made of others. `N` is the number of both.
pub(crate) const fn joined<const N: usize>(first: &[Parameter], second: &[Parameter]) -> [Parameter; N] {
    assert!(first.len() + second.len() == N, "N is the number of all parameters");
    let mut all = [first[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < first.len() { first[at] } else { second[at - first.len()] };
        at += 1;
    }
    all
}

/// A thing whose parameters are described.
pub trait Describe {
    /// What it is, in one sentence.
    const TEXT: &'static str;
    /// Its parameters, in the order of the documentation.
    const PARAMETERS: &'static [Parameter];
}

impl Parameter {
    /// Checks one value.
    ///
    /// # Errors
    ///
    /// A [`Fault`] that names the parameter, what is allowed and what was given.
    pub fn check(&self, value: &Json) -> Result<Json, Fault> {
        if value.is_null() && self.preset == Preset::Absent {
            return Ok(Json::Null);
        }
        self.domain.accept(value).ok_or_else(|| {
            Fault::new(self.name, format!("must be {}, got {}", self.domain.expected(), shortened(value)))
        })
    }

    /// The description as JSON, for the catalogue.
    pub fn json(&self) -> Json {
        let mut entry = Map::new();
        entry.insert("name".to_owned(), json!(self.name));
        entry.insert("type".to_owned(), json!(self.domain.kind()));
        entry.insert("required".to_owned(), json!(self.preset == Preset::Required));
        entry.insert("default".to_owned(), self.preset.json());
        match self.domain {
            Domain::Integer { min, max } => {
                entry.insert("min".to_owned(), json!((min != i64::MIN).then_some(min)));
                entry.insert("max".to_owned(), json!((max != i64::MAX).then_some(max)));
            }
            Domain::Number { min, max } => {
                entry.insert("min".to_owned(), json!(min));
                entry.insert("max".to_owned(), json!(max));
            }
            Domain::Above { limit } => {
                entry.insert("above".to_owned(), json!(limit));
            }
            Domain::Choice(choices) => {
                entry.insert("choices".to_owned(), json!(choices));
            }
            Domain::Bool => {}
        }
        entry.insert("text".to_owned(), json!(self.text));
        Json::Object(entry)
    }
}

/// Checks what a user gave against the descriptions and fills in the defaults. `null` means "not given".
///
/// # Errors
///
/// The first [`Fault`]: unknown names first, then the parameters in their order.
pub fn resolve(parameters: &[Parameter], given: &Json) -> Result<Map<String, Json>, Fault> {
    let empty = Map::new();
    let given = match given {
        Json::Object(given) => given,
        Json::Null => &empty,
        other => return Err(Fault::new("", format!("parameters must be an object, got {}", shortened(other)))),
    };
    if let Some(name) = given.keys().find(|name| parameters.iter().all(|p| p.name != name.as_str())) {
        let known: Vec<_> = parameters.iter().map(|p| p.name).collect();
        return Err(Fault::new(name, format!("is not a parameter, known are {}", known.join(", "))));
    }
    let mut resolved = Map::new();
    for parameter in parameters {
        let value = match (given.get(parameter.name), parameter.preset) {
            (None | Some(Json::Null), Preset::Required) => {
                let problem = format!("is required and must be {}", parameter.domain.expected());
                return Err(Fault::new(parameter.name, problem));
            }
            (None | Some(Json::Null), preset) => preset.json(),
            (Some(value), _) => parameter.check(value)?,
        };
        resolved.insert(parameter.name.to_owned(), value);
    }
    Ok(resolved)
}

/// The value as a whole number, if it is one: 20 and 20.0 are the same.
fn whole(value: &Json) -> Option<i128> {
    if let Some(integer) = value.as_i64() {
        return Some(i128::from(integer));
    }
    if let Some(integer) = value.as_u64() {
        return Some(i128::from(integer));
    }
    let number = value.as_f64()?;
    // 2^53: beyond it a double cannot tell neighbouring whole numbers apart.
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i128)
}

fn shortened(value: &Json) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Parameter =
        Parameter { name: "period", domain: Domain::bars(2), preset: Preset::Required, text: "Look-back, in bars." };
    const FACTOR: Parameter =
        Parameter { name: "factor", domain: Domain::NOT_NEGATIVE, preset: Preset::Number(2.0), text: "Width." };

    #[test]
    fn a_choice_is_trimmed_and_read_in_any_case() {
        let domain = Domain::Choice(&["atr_points", "garch_forecast"]);
        assert_eq!(domain.accept(&json!("  ATR_Points\t")), Some(json!("atr_points")));
        assert_eq!(domain.accept(&json!("atr points")), None);
        assert_eq!(domain.accept(&json!(1)), None);
    }

    #[test]
    fn any_whole_number_is_an_integer_without_ends() {
        let parameter =
            Parameter { name: "idx", domain: Domain::ANY_INTEGER, preset: Preset::Absent, text: "Index of the bar." };
        assert_eq!(parameter.check(&json!(-3.0)), Ok(json!(-3)));
        assert_eq!(parameter.check(&json!(i64::MIN)), Ok(json!(i64::MIN)));
        assert_eq!(parameter.check(&json!(2.5)).unwrap_err().problem, "must be an integer, got 2.5");
        assert_eq!((&parameter.json()["min"], &parameter.json()["max"]), (&Json::Null, &Json::Null));
    }

    fn fault(given: Json) -> String {
        let fault = resolve(&[LENGTH, FACTOR], &given).unwrap_err();
        format!("{} {}", fault.parameter, fault.problem)
    }

    #[test]
    fn defaults_are_filled_in_and_whole_numbers_normalised() {
        let resolved = resolve(&[LENGTH, FACTOR], &json!({ "period": 20.0, "factor": null })).unwrap();
        assert_eq!(Json::Object(resolved), json!({ "period": 20, "factor": 2.0 }));
    }

    #[test]
    fn a_fault_names_the_parameter_the_range_and_the_value() {
        assert_eq!(fault(json!({})), "period is required and must be an integer of at least 2");
        assert_eq!(fault(json!({ "period": 1 })), "period must be an integer of at least 2, got 1");
        assert_eq!(fault(json!({ "period": 2.5 })), "period must be an integer of at least 2, got 2.5");
        assert_eq!(fault(json!({ "period": "20" })), "period must be an integer of at least 2, got \"20\"");
        assert_eq!(fault(json!({ "period": 2, "factor": -1 })), "factor must be a finite number of at least 0, got -1");
        assert_eq!(fault(json!({ "perod": 2 })), "perod is not a parameter, known are period, factor");
        assert_eq!(fault(json!([1])), " parameters must be an object, got [1]");
    }
}
