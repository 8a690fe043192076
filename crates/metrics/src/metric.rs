//! What a metric is: a key, its description and a function of the facts of a run.

use omega_types::round::round_to;
use serde::{Serialize, Serializer};

use crate::Facts;

/// A function of the facts that every run has.
pub type Core = fn(&Facts<'_>) -> Option<f64>;

/// One row of a table of metrics.
#[derive(Debug, Clone, Copy)]
pub struct Metric<C = Core> {
    /// The name in `metrics.json` or `metrics_extended.json`.
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
    pub compute: C,
}

impl Metric {
    /// The value for a run, rounded by the rule of the unit.
    pub fn value(&self, facts: &Facts<'_>) -> MetricValue {
        self.unit.rounded((self.compute)(facts))
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
    /// Bars with decimals: a mean.
    MeanBars,
    RMultiple,
    Days,
    /// Days with decimals: a time span.
    DaysAndParts,
    Trades,
    Minutes,
    Percent,
}

impl Unit {
    /// The name in the definitions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Ratio => "ratio",
            Self::AccountCurrency => "account_currency",
            Self::Bars | Self::MeanBars => "bars",
            Self::RMultiple => "r_multiple",
            Self::Days | Self::DaysAndParts => "days",
            Self::Trades => "trades",
            Self::Minutes => "minutes",
            Self::Percent => "percent",
        }
    }

    /// Decimals that are kept (metrics.md 1).
    pub const fn digits(self) -> u32 {
        match self {
            Self::Count | Self::Bars | Self::Days => 0,
            Self::AccountCurrency | Self::Minutes => 2,
            Self::Ratio | Self::RMultiple | Self::Trades | Self::Percent | Self::MeanBars | Self::DaysAndParts => 6,
        }
    }

    /// A figure of this unit as files carry it: rounded once; what is undefined or infinite is not available.
    pub fn rounded(self, value: Option<f64>) -> MetricValue {
        match value {
            Some(value) if value.is_finite() => MetricValue::Number(round_to(value, self.digits())),
            _ => MetricValue::NotAvailable,
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
