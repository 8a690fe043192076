//! Typed reading of the keys of a small file, with the place of a wrong value.

use omega_types::{Json, config::FileContent};

use crate::Finding;

type Map = serde_json::Map<String, Json>;

/// An object of a file and where it stands in it. A key whose value is null counts as absent; unknown keys are ignored.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    map: Option<&'a Map>,
    path: String,
    file: &'a str,
}

/// What a number must satisfy besides being finite.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Range {
    Positive,
    NotNegative,
}

impl<'a> Fields<'a> {
    /// The top level of `file`; an empty file has no keys.
    pub(crate) fn of_file(file: &'a FileContent) -> Result<Self, Box<Finding>> {
        Self::of(&file.value, String::new(), &file.path)
    }

    fn of(value: &'a Json, path: String, file: &'a str) -> Result<Self, Box<Finding>> {
        match value {
            Json::Null => Ok(Self { map: None, path, file }),
            Json::Object(map) => Ok(Self { map: Some(map), path, file }),
            other => Err(Box::new(Finding {
                key: if path.is_empty() { "top level".to_owned() } else { path },
                value: short(other),
                problem: "must be a map".to_owned(),
                file: file.to_owned(),
            })),
        }
    }

    /// The value of `key`, unless absent or null.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Json> {
        self.map?.get(key).filter(|value| !value.is_null())
    }

    /// The map under `key`; without keys if absent.
    pub(crate) fn child(&self, key: &str) -> Result<Self, Box<Finding>> {
        Self::of(self.get(key).unwrap_or(&Json::Null), self.path_of(key), self.file)
    }

    /// The maps of the list under `key`; `None` if absent.
    pub(crate) fn list(&self, key: &str) -> Result<Option<Vec<Self>>, Box<Finding>> {
        let of_item = |(index, item)| Self::of(item, format!("{}[{index}]", self.path_of(key)), self.file);
        match self.get(key) {
            None => Ok(None),
            Some(Json::Array(items)) => items.iter().enumerate().map(of_item).collect::<Result<_, _>>().map(Some),
            Some(_) => Err(self.finding(key, "must be a list")),
        }
    }

    /// The keys and values, in the order of the map.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Json)> {
        self.map.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
    }

    /// A finite number in `range`.
    pub(crate) fn number(&self, key: &str, range: Range) -> Result<Option<f64>, Box<Finding>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let number = value.as_f64().filter(|n| n.is_finite());
        let holds = |n: f64| match range {
            Range::Positive => n > 0.0,
            Range::NotNegative => n >= 0.0,
        };
        match (number, range) {
            (Some(n), _) if holds(n) => Ok(Some(n)),
            (Some(_), Range::Positive) => Err(self.finding(key, "must be greater than 0")),
            (Some(_), Range::NotNegative) => Err(self.finding(key, "must not be negative")),
            (None, _) => Err(self.finding(key, "must be a finite number")),
        }
    }

    /// A text.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&'a str>, Box<Finding>> {
        match self.get(key) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.finding(key, "must be a text")),
        }
    }

    /// One of a few names.
    pub(crate) fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<Option<T>, Box<Finding>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let found = value.as_str().and_then(|text| choices.iter().find(|(name, _)| *name == text));
        match found {
            Some((_, choice)) => Ok(Some(*choice)),
            None => {
                let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
                Err(self.finding(key, &format!("must be one of {}", names.join(", "))))
            }
        }
    }

    /// Says what is wrong with `key`.
    pub(crate) fn finding(&self, key: &str, problem: &str) -> Box<Finding> {
        Box::new(Finding {
            key: self.path_of(key),
            value: self.get(key).map_or_else(|| "missing".to_owned(), short),
            problem: problem.to_owned(),
            file: self.file.to_owned(),
        })
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// A value as JSON, cut after 80 characters.
pub(crate) fn short(value: &Json) -> String {
    value.to_string().chars().take(80).collect()
}
