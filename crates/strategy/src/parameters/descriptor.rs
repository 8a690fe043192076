//! The description of one parameter.

use omega_types::{Direction, Json, Timeframe};
use serde_json::json;

/// One parameter of a strategy. Tables of them are statics, written with the builder methods below.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Name in `strategy_parameters`.
    pub name: &'static str,
    /// What values look like.
    pub kind: Kind,
    /// Value if none is given.
    pub initial: Initial,
    /// Lower end, for integers and numbers (in a list: of each item).
    pub min: Option<Bound>,
    /// Upper end.
    pub max: Option<Bound>,
    /// `null` is a value.
    pub nullable: bool,
    /// Where it may be given.
    pub scope: Scope,
    /// Belongs to one direction only: `z_score_long` cannot stand in a `short` block.
    pub only: Option<Direction>,
    /// Other accepted names.
    pub aliases: &'static [&'static str],
    /// Further accepted name inside a direction block.
    pub block_alias: Option<&'static str>,
    /// Scenarios that read it.
    pub used_by: &'static [u8],
    /// One sentence for documentation.
    pub text: &'static str,
}

/// What values of a parameter look like (strategy specification 2.2).
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A number without fractional part.
    Int,
    /// A finite number.
    Number,
    /// `true` or `false`.
    Bool,
    /// One of a few words, in any case; `aliases` map further words to them.
    Choice {
        /// The words.
        values: &'static [&'static str],
        /// (other word, word).
        aliases: &'static [(&'static str, &'static str)],
    },
    /// A timeframe or one of the other words, in any case; stored in upper case.
    Timeframe {
        /// `NONE`, `AUTO`, `PRIMARY`.
        others: &'static [&'static str],
    },
    /// A word that a function accepts, stored in lower case.
    Word {
        /// Is the trimmed, lower-case word allowed?
        accepts: fn(&str) -> bool,
        /// What is allowed, for messages.
        expected: &'static str,
    },
    /// A list in the order given, without duplicates (objects all stay).
    List {
        /// Its items.
        item: &'static Kind,
        /// A single item may be given instead.
        accepts_single: bool,
        /// May it be empty?
        accepts_empty: bool,
    },
    /// An object whose content the strategy checks.
    Object,
}

/// The value of a parameter that is not given.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub enum Initial {
    Int(i64),
    Number(f64),
    Bool(bool),
    Text(&'static str),
    Texts(&'static [&'static str]),
    Null,
    Empty,
    /// Depends on the primary timeframe.
    ByPrimary(fn(Timeframe) -> i64),
}

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The end.
    pub value: f64,
    /// The end itself is not allowed.
    pub open: bool,
}

/// Where a parameter may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One value for the strategy.
    Global,
    /// May differ between long and short.
    Direction,
    /// Holds other parameters: direction blocks and overrides.
    Structure,
}

impl Parameter {
    const fn new(name: &'static str, kind: Kind, initial: Initial) -> Self {
        Self {
            name,
            kind,
            initial,
            min: None,
            max: None,
            nullable: false,
            scope: Scope::Global,
            only: None,
            aliases: &[],
            block_alias: None,
            used_by: &[],
            text: "",
        }
    }

    /// A whole number.
    pub const fn int(name: &'static str, initial: i64) -> Self {
        Self::new(name, Kind::Int, Initial::Int(initial))
    }

    /// A whole number whose default depends on the primary timeframe.
    pub const fn int_by_primary(name: &'static str, initial: fn(Timeframe) -> i64) -> Self {
        Self::new(name, Kind::Int, Initial::ByPrimary(initial))
    }

    /// A finite number.
    pub const fn number(name: &'static str, initial: f64) -> Self {
        Self::new(name, Kind::Number, Initial::Number(initial))
    }

    /// `true` or `false`.
    pub const fn flag(name: &'static str, initial: bool) -> Self {
        Self::new(name, Kind::Bool, Initial::Bool(initial))
    }

    /// One of a few words.
    pub const fn choice(name: &'static str, initial: &'static str, values: &'static [&'static str]) -> Self {
        Self::new(name, Kind::Choice { values, aliases: &[] }, Initial::Text(initial))
    }

    /// A timeframe or one of `others`.
    pub const fn timeframe(name: &'static str, initial: &'static str, others: &'static [&'static str]) -> Self {
        Self::new(name, Kind::Timeframe { others }, Initial::Text(initial))
    }

    /// A list.
    pub const fn list(name: &'static str, kind: Kind, initial: Initial) -> Self {
        Self::new(name, kind, initial)
    }

    /// An object whose content the strategy checks.
    pub const fn object(name: &'static str) -> Self {
        Self::new(name, Kind::Object, Initial::Empty)
    }

    /// `value >= min`.
    pub const fn at_least(self, min: f64) -> Self {
        Self { min: Some(Bound { value: min, open: false }), ..self }
    }

    /// `value > min`.
    pub const fn above(self, min: f64) -> Self {
        Self { min: Some(Bound { value: min, open: true }), ..self }
    }

    /// `value <= max`.
    pub const fn at_most(self, max: f64) -> Self {
        Self { max: Some(Bound { value: max, open: false }), ..self }
    }

    /// `value < max`.
    pub const fn below(self, max: f64) -> Self {
        Self { max: Some(Bound { value: max, open: true }), ..self }
    }

    /// `null` is a value, and the default.
    pub const fn null_by_default(self) -> Self {
        Self { nullable: true, initial: Initial::Null, ..self }
    }

    /// May differ between long and short.
    pub const fn per_direction(self) -> Self {
        Self { scope: Scope::Direction, ..self }
    }

    /// Belongs to `direction` only; `alias` names it inside the block of that direction.
    pub const fn only(self, direction: Direction, alias: &'static str) -> Self {
        Self { scope: Scope::Direction, only: Some(direction), block_alias: Some(alias), ..self }
    }

    /// Holds other parameters.
    pub const fn structure(self) -> Self {
        Self { scope: Scope::Structure, ..self }
    }

    /// Other accepted names.
    pub const fn aliases(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// Scenarios that read it.
    pub const fn used_by(self, scenarios: &'static [u8]) -> Self {
        Self { used_by: scenarios, ..self }
    }

    /// One sentence for documentation.
    pub const fn text(self, text: &'static str) -> Self {
        Self { text, ..self }
    }

    /// The default for a run on `primary`.
    pub fn default_value(&self, primary: Timeframe) -> Json {
        match self.initial {
            Initial::Int(value) => json!(value),
            Initial::Number(value) => json!(value),
            Initial::Bool(value) => json!(value),
            Initial::Text(value) => json!(value),
            Initial::Texts(values) => json!(values),
            Initial::Null => Json::Null,
            Initial::Empty => match self.kind {
                Kind::List { .. } => json!([]),
                _ => json!({}),
            },
            Initial::ByPrimary(value) => json!(value(primary)),
        }
    }

    /// `> 0`, `1 … 2`: the range for messages, if there is one.
    pub fn range(&self) -> Option<String> {
        let min = self.min.map(|b| format!("{} {}", if b.open { ">" } else { ">=" }, b.value));
        let max = self.max.map(|b| format!("{} {}", if b.open { "<" } else { "<=" }, b.value));
        match (min, max) {
            (Some(min), Some(max)) => Some(format!("{min} and {max}")),
            (min, max) => min.or(max),
        }
    }

    /// The entry of the catalogue.
    pub fn describe(&self) -> Json {
        let mut entry = serde_json::Map::new();
        entry.insert("name".into(), json!(self.name));
        entry.insert("type".into(), json!(self.kind.type_name()));
        if let Initial::ByPrimary(value) = self.initial {
            let by: serde_json::Map<_, _> =
                Timeframe::ALL.iter().map(|tf| (tf.as_str().to_owned(), json!(value(*tf)))).collect();
            entry.insert("default_by_primary".into(), Json::Object(by));
        } else {
            entry.insert("default".into(), self.default_value(Timeframe::M1));
        }
        for (bound, name, open) in [(self.min, "min", "min_open"), (self.max, "max", "max_open")] {
            if let Some(bound) = bound {
                // Ends are small whole numbers; integers read better than 1.0.
                let whole = bound.value as i64;
                entry.insert(name.into(), if whole as f64 == bound.value { json!(whole) } else { json!(bound.value) });
                if bound.open {
                    entry.insert(open.into(), json!(true));
                }
            }
        }
        if let Some(choices) = self.kind.choices() {
            entry.insert("choices".into(), json!(choices));
        }
        entry.insert("nullable".into(), json!(self.nullable));
        let scope = match self.scope {
            Scope::Global => "global",
            Scope::Direction => "direction",
            Scope::Structure => "structure",
        };
        entry.insert("scope".into(), json!(scope));
        if let Some(direction) = self.only {
            entry.insert("only".into(), json!(direction.as_str()));
        }
        entry.insert("aliases".into(), json!(self.aliases));
        if let Some(alias) = self.block_alias {
            entry.insert("block_alias".into(), json!(alias));
        }
        entry.insert("used_by".into(), json!(self.used_by));
        entry.insert("text".into(), json!(self.text));
        Json::Object(entry)
    }
}

impl Kind {
    /// `int`, `number`, `bool`, `enum`, `string`, `list<…>`, `map`.
    pub fn type_name(&self) -> String {
        match self {
            Self::Int => "int".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Choice { .. } => "enum".to_owned(),
            Self::Timeframe { .. } | Self::Word { .. } => "string".to_owned(),
            Self::List { item, .. } => format!("list<{}>", item.type_name()),
            Self::Object => "map".to_owned(),
        }
    }

    /// The closed set of values, if there is one.
    fn choices(&self) -> Option<Vec<&'static str>> {
        match self {
            Self::Choice { values, .. } => Some(values.to_vec()),
            Self::Timeframe { others } => {
                Some(Timeframe::ALL.iter().map(|tf| tf.as_str()).chain(others.iter().copied()).collect())
            }
            Self::List { item, .. } => item.choices(),
            _ => None,
        }
    }
}
