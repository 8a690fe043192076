//! How a raw value is read (strategy specification 2.2).

use omega_types::{Json, Timeframe};

use super::{Issues, Kind, Parameter};

/// Largest integer that a parameter takes: a look-back beyond it is longer than any series.
pub const MAX_INT: i64 = u32::MAX as i64;

/// What reading one raw value gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// `null` where it means "not given at this place".
    NotGiven,
    /// Not acceptable; an issue was noted.
    Wrong,
    /// The value in canonical form: integers as integers, words trimmed and in their case, lists without duplicates.
    Value(Json),
}

impl Parameter {
    /// Reads `raw`, found at `path`, and notes what is wrong with it.
    pub fn read(&self, raw: &Json, path: &str, issues: &mut Issues) -> Reading {
        if raw.is_null() {
            return if self.nullable { Reading::Value(Json::Null) } else { Reading::NotGiven };
        }
        let value = match self.kind {
            Kind::List { item, accepts_single, accepts_empty } => {
                self.read_list(item, accepts_single, accepts_empty, raw, path, issues)
            }
            _ => self.read_one(&self.kind, raw, path, issues),
        };
        value.map_or_else(
            || {
                issues.set_broken(self.name);
                Reading::Wrong
            },
            Reading::Value,
        )
    }

    fn read_list(
        &self,
        item: &Kind,
        accepts_single: bool,
        accepts_empty: bool,
        raw: &Json,
        path: &str,
        issues: &mut Issues,
    ) -> Option<Json> {
        let raw_items = match raw {
            Json::Array(items) => items.as_slice(),
            Json::String(_) if accepts_single => std::slice::from_ref(raw),
            _ => {
                issues.invalid(path, &format!("a list of {}", self.expected(item)), raw);
                return None;
            }
        };
        if raw_items.is_empty() && !accepts_empty {
            issues.invalid(path, "a list that is not empty", raw);
            return None;
        }
        let mut values = Vec::with_capacity(raw_items.len());
        let mut is_sound = true;
        for (index, raw_item) in raw_items.iter().enumerate() {
            let place = if raw.is_array() { format!("{path}[{index}]") } else { path.to_owned() };
            match self.read_one(item, raw_item, &place, issues) {
                // Equal objects are two of a kind, not one said twice.
                Some(value) if matches!(item, Kind::Object) || !values.contains(&value) => values.push(value),
                Some(_) => {}
                None => is_sound = false,
            }
        }
        is_sound.then_some(Json::Array(values))
    }

    fn read_one(&self, kind: &Kind, raw: &Json, path: &str, issues: &mut Issues) -> Option<Json> {
        let value = match kind {
            Kind::Int => integer(raw).map(Json::from),
            // Adding zero folds −0.0, so that equal parameters are equal bits.
            Kind::Number => raw.as_f64().filter(|x| x.is_finite()).map(|x| Json::from(x + 0.0)),
            Kind::Bool => raw.as_bool().map(Json::from),
            Kind::Choice { values, aliases } => raw.as_str().and_then(|text| {
                let word = text.trim().to_lowercase();
                let word = aliases.iter().find(|(other, _)| *other == word).map_or(word.as_str(), |(_, word)| *word);
                values.iter().find(|value| **value == word).map(|value| Json::from(*value))
            }),
            Kind::Timeframe { others } => raw.as_str().and_then(|text| {
                let word = text.trim().to_uppercase();
                let is_known = others.contains(&word.as_str()) || word.parse::<Timeframe>().is_ok();
                is_known.then(|| Json::from(word))
            }),
            Kind::Word { accepts, .. } => raw.as_str().and_then(|text| {
                let word = text.trim().to_lowercase();
                accepts(&word).then(|| Json::from(word))
            }),
            Kind::Object => raw.is_object().then(|| raw.clone()),
            Kind::List { .. } => None,
        };
        let Some(value) = value else {
            issues.invalid(path, &self.expected(kind), raw);
            return None;
        };
        if matches!(kind, Kind::Int | Kind::Number) && !self.contains(value.as_f64()?) {
            issues.invalid(path, &self.range().unwrap_or_default(), raw);
            return None;
        }
        if matches!(kind, Kind::Int) && value.as_i64()?.abs() > MAX_INT {
            issues.invalid(path, &format!("<= {MAX_INT}"), raw);
            return None;
        }
        Some(value)
    }

    fn contains(&self, value: f64) -> bool {
        self.min.is_none_or(|b| if b.open { value > b.value } else { value >= b.value })
            && self.max.is_none_or(|b| if b.open { value < b.value } else { value <= b.value })
    }

    fn expected(&self, kind: &Kind) -> String {
        let what = match kind {
            Kind::Int => "an integer",
            Kind::Number => "a finite number",
            Kind::Bool => "true or false",
            Kind::Choice { values, .. } => return format!("one of {}", values.join(", ")),
            Kind::Timeframe { others } => {
                let names: Vec<_> = Timeframe::ALL.iter().map(|tf| tf.as_str()).chain(others.iter().copied()).collect();
                return format!("one of {}", names.join(", "));
            }
            Kind::Word { expected, .. } => expected,
            Kind::List { .. } => "a list",
            Kind::Object => "an object",
        };
        match self.range() {
            Some(range) if matches!(kind, Kind::Int | Kind::Number) => format!("{what} {range}"),
            _ => what.to_owned(),
        }
    }
}

/// The whole number behind a JSON number: 20 and 20.0 are the same. Saturates far beyond [`MAX_INT`].
fn integer(raw: &Json) -> Option<i64> {
    raw.as_i64().or_else(|| {
        let value = raw.as_f64()?;
        (value.fract() == 0.0).then_some(value.clamp(-1e15, 1e15) as i64)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::parameters::Initial;

    fn read(parameter: Parameter, raw: Json) -> Result<Reading, String> {
        let mut issues = Issues::default();
        let reading = parameter.read(&raw, "p", &mut issues);
        issues.into_sorted().first().map_or(Ok(reading), |issue| Err(issue.message.clone()))
    }

    fn value(raw: Json) -> Result<Reading, String> {
        Ok(Reading::Value(raw))
    }

    fn error(message: &str) -> Result<Reading, String> {
        Err(message.to_owned())
    }

    const PERIOD: Parameter = Parameter::int("p", 20).at_least(1.0);
    const WIDTH: Parameter = Parameter::number("p", 2.0).above(0.0);

    /// Strategy specification 2.2, first row.
    #[test]
    fn an_int_has_no_fractional_part() {
        assert_eq!(read(PERIOD, json!(20)), value(json!(20)));
        assert_eq!(read(PERIOD, json!(20.0)), value(json!(20)));
        assert_eq!(read(PERIOD, json!(20.5)), error("p must be an integer >= 1, got 20.5"));
        assert_eq!(read(PERIOD, json!("20")), error("p must be an integer >= 1, got \"20\""));
        assert_eq!(read(PERIOD, json!(true)), error("p must be an integer >= 1, got true"));
        assert_eq!(read(PERIOD, json!(0)), error("p must be >= 1, got 0"));
        assert_eq!(read(PERIOD, json!(1e300)), error("p must be <= 4294967295, got 1e+300"));
        assert_eq!(read(PERIOD, json!(u64::MAX)), error("p must be <= 4294967295, got 18446744073709551615"));
    }

    #[test]
    fn a_number_is_finite_and_inside_its_range() {
        assert_eq!(read(WIDTH, json!(2)), value(json!(2.0)));
        assert_eq!(read(WIDTH, json!(0)), error("p must be > 0, got 0"));
        assert_eq!(read(WIDTH, json!("2")), error("p must be a finite number > 0, got \"2\""));
        let Ok(Reading::Value(zero)) = read(Parameter::number("p", 1.0), json!(-0.0)) else { panic!() };
        assert_eq!(zero.as_f64().unwrap().to_bits(), 0);
    }

    #[test]
    fn a_bool_is_not_a_string() {
        let flag = Parameter::flag("p", true);
        assert_eq!(read(flag, json!(false)), value(json!(false)));
        assert_eq!(read(flag, json!("false")), error("p must be true or false, got \"false\""));
        assert_eq!(read(flag, json!(0)), error("p must be true or false, got 0"));
    }

    #[test]
    fn words_are_trimmed_and_ignore_case() {
        let filter = Parameter::choice("p", "both", &["above", "below", "both"]);
        assert_eq!(read(filter, json!(" Above ")), value(json!("above")));
        assert_eq!(read(filter, json!("up")), error("p must be one of above, below, both, got \"up\""));
        let timeframe = Parameter::timeframe("p", "D1", &["NONE"]);
        assert_eq!(read(timeframe, json!(" h1")), value(json!("H1")));
        assert_eq!(read(timeframe, json!("none")), value(json!("NONE")));
        assert_eq!(
            read(timeframe, json!("H2")),
            error("p must be one of M1, M5, M15, M30, H1, H4, D1, W1, NONE, got \"H2\"")
        );
    }

    #[test]
    fn null_is_a_value_only_where_the_table_says_so() {
        assert_eq!(read(PERIOD, json!(null)), Ok(Reading::NotGiven));
        assert_eq!(read(PERIOD.null_by_default(), json!(null)), value(json!(null)));
    }

    #[test]
    fn lists_name_the_item_and_drop_duplicates() {
        const KIND: Kind = Kind::List { item: &Kind::Int, accepts_single: false, accepts_empty: true };
        let list = Parameter::list("p", KIND, Initial::Null).at_least(1.0).at_most(6.0);
        assert_eq!(read(list, json!([3, 1.0, 3])), value(json!([3, 1])));
        assert_eq!(read(list, json!([])), value(json!([])));
        assert_eq!(read(list, json!([1, 7])), error("p[1] must be >= 1 and <= 6, got 7"));
        assert_eq!(read(list, json!("2")), error("p must be a list of an integer >= 1 and <= 6, got \"2\""));
    }
}
