//! What a metric is: a key, its description and a function of the facts of a run.

use omega_types::round::round_to;
use serde::{Serialize, Serializer};

use crate::Facts;

/// One row of the table of metrics.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// The name in `metrics.json`.
    pub key: &'static str,
    /// What the number counts; decides how it is rounded.
    pub unit: Unit,
    /// Whether the value may be missing.
    pub kind: Kind,
    /// Which numbers are possible.
    pub domain: Domain,
    /// What it is computed from.
    pub source: Source,
    /// Which of two runs is the better one, by this metric.
    pub goal: Goal,
    /// One English sentence without a full stop.
    pub description: &'static str,
    /// The unrounded value; `None` where it is not defined.
    pub compute: fn(&Facts<'_>) -> Option<f64>,
}

impl Metric {
    /// The value for a run, rounded by the rule of the unit.
    pub fn value(&self, facts: &Facts<'_>) -> MetricValue {
        match (self.compute)(facts) {
            Some(value) if value.is_finite() => MetricValue::Number(round_to(value, self.unit.digits())),
            _ => MetricValue::NotAvailable,
        }
    }
}

/// A rounded figure, or the statement that there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MetricValue {
    /// Finite, rounded, never `-0`.
    Number(f64),
    /// Written as the text `"n/a"` in files.
    NotAvailable,
}

impl MetricValue {
    /// The number, if there is one.
    pub const fn number(self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(value),
            Self::NotAvailable => None,
        }
    }
}

impl Serialize for MetricValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::NotAvailable => serializer.serialize_str("n/a"),
        }
    }
}

/// What a metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unit {
    Count,
    Ratio,
    AccountCurrency,
    Bars,
    RMultiple,
    Days,
    Trades,
}

impl Unit {
    /// The name in the definitions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Ratio => "ratio",
            Self::AccountCurrency => "account_currency",
            Self::Bars => "bars",
            Self::RMultiple => "r_multiple",
            Self::Days => "days",
            Self::Trades => "trades",
        }
    }

    /// Decimals that are kept (metrics.md 1).
    pub const fn digits(self) -> u32 {
        match self {
            Self::Count | Self::Bars | Self::Days => 0,
            Self::AccountCurrency => 2,
            Self::Ratio | Self::RMultiple | Self::Trades => 6,
        }
    }
}

/// Whether a metric always has a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Always a number.
    Number,
    /// A number, or `"n/a"` where it is not defined.
    NumberOrMissing,
}

impl Kind {
    /// The name in the definitions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::NumberOrMissing => "number|string",
        }
    }
}

/// Which numbers a metric can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// Every finite number.
    Any,
    /// Zero or more.
    NonNegative,
    /// From 0 to 1.
    UnitInterval,
}

impl Domain {
    /// The name in the definitions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::NonNegative => ">=0",
            Self::UnitInterval => "0..1",
        }
    }

    /// Does `value` lie in the domain?
    pub fn contains(self, value: f64) -> bool {
        match self {
            Self::Any => value.is_finite(),
            Self::NonNegative => value.is_finite() && value >= 0.0,
            Self::UnitInterval => (0.0..=1.0).contains(&value),
        }
    }
}

/// What a metric is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Source {
    Trades,
    Equity,
}

impl Source {
    /// The name in the definitions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trades => "trades",
            Self::Equity => "equity",
        }
    }
}

/// Which way is better when runs are ranked by a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Goal {
    Maximize,
    Minimize,
}

impl Goal {
    /// The name in the catalogue, as in the objectives of an optimisation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Maximize => "maximize",
            Self::Minimize => "minimize",
        }
    }
}
