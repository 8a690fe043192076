//! What can go wrong between a job and its result.

use omega_data::DataError;
use omega_execution::ExecutionError;
use omega_indicators::IndicatorError;
use omega_portfolio::Inconsistency;
use omega_strategy::StrategyError;
use omega_types::{Bar, Code, Coded, Issue, Json, code, time::iso, watch::Cancelled};
use serde_json::json;

/// Why there is no result. Codes of the crates below are passed on as they are.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BacktestError {
    /// The configuration, the options or the small files ask for something impossible or not built. All problems at once.
    #[error("{}", summary(.0))]
    Config(Vec<Issue>),

    /// Candles.
    #[error(transparent)]
    Data(#[from] DataError),

    /// Costs, specifications, conversion.
    #[error(transparent)]
    Execution(#[from] ExecutionError),

    /// Indicators.
    #[error(transparent)]
    Indicator(#[from] IndicatorError),

    /// The strategy does not fit the data.
    #[error(transparent)]
    Strategy(#[from] StrategyError),

    /// The simulation could not go on.
    #[error(transparent)]
    Stopped(#[from] RunStop),
}

/// The reasons for which a simulation stops (decisions.md 47). None of them is a matter of configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunStop {
    /// The caller asked for it.
    #[error("cancelled")]
    Cancelled,

    /// The strategy failed.
    #[error(transparent)]
    Strategy(#[from] StrategyError),

    /// A conversion rate does not exist, or a fill has no possible price, fee or result.
    #[error(transparent)]
    Execution(#[from] ExecutionError),

    /// A figure left the range of numbers.
    #[error("{what} is {value} in the bar that opens at {}", iso(*.time_ns))]
    NonFinite {
        /// Which figure.
        what: &'static str,
        /// Infinite or NaN.
        value: f64,
        /// Bar of the run, warm-up included.
        bar: Bar,
        /// Its open time.
        time_ns: i64,
    },

    /// The books do not balance.
    #[error("{} is {}, the trades give {} (tolerance {})", .0.what, .0.booked, .0.expected, .0.tolerance)]
    Inconsistent(Inconsistency),
}

impl BacktestError {
    /// One problem with the configuration.
    pub(crate) fn issue(path: impl Into<String>, code: Code, message: String, hint: &str) -> Self {
        Self::Config(vec![Issue {
            path: path.into(),
            code: code.name.to_owned(),
            message,
            expected: None,
            received: None,
            hint: Some(hint.to_owned()),
            reason: None,
        }])
    }
}

impl From<Cancelled> for BacktestError {
    fn from(_: Cancelled) -> Self {
        Self::Stopped(RunStop::Cancelled)
    }
}

impl From<Cancelled> for RunStop {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl Coded for BacktestError {
    fn code(&self) -> Code {
        match self {
            Self::Config(issues) => issues
                .first()
                .and_then(|issue| code::ALL.iter().find(|code| code.name == issue.code))
                .copied()
                .unwrap_or(code::CFG_ENGINE_REJECTED),
            Self::Data(error) => error.code(),
            Self::Execution(error) => error.code(),
            Self::Indicator(error) => error.code(),
            Self::Strategy(error) => error.code(),
            Self::Stopped(stop) => stop.code(),
        }
    }

    fn details(&self) -> Json {
        match self {
            Self::Config(issues) => json!({ "issues": issues }),
            Self::Data(error) => error.details(),
            Self::Execution(error) => error.details(),
            Self::Indicator(error) => error.details(),
            Self::Strategy(error) => error.details(),
            Self::Stopped(stop) => stop.details(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Config(issues) => issues.first().and_then(|issue| issue.hint.clone()),
            Self::Data(error) => error.hint(),
            Self::Execution(error) => error.hint(),
            Self::Indicator(error) => error.hint(),
            Self::Strategy(error) => error.hint(),
            Self::Stopped(stop) => stop.hint(),
        }
    }
}

impl Coded for RunStop {
    fn code(&self) -> Code {
        match self {
            Self::Cancelled => code::ABORTED,
            Self::Strategy(error) => error.code(),
            Self::Execution(error) => error.code(),
            Self::NonFinite { .. } => code::NON_FINITE_VALUE,
            Self::Inconsistent(_) => code::ACCOUNTING_INCONSISTENT,
        }
    }

    fn details(&self) -> Json {
        match self {
            Self::Cancelled => json!({}),
            Self::Strategy(error) => error.details(),
            Self::Execution(error) => error.details(),
            Self::NonFinite { what, value, bar, time_ns } => {
                json!({ "what": what, "value": value.to_string(), "bar_index": bar, "time_ns": time_ns.to_string() })
            }
            Self::Inconsistent(difference) => json!({
                "what": difference.what,
                "booked": difference.booked,
                "expected": difference.expected,
                "tolerance": difference.tolerance,
            }),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Cancelled => None,
            Self::Strategy(error) => error.hint(),
            Self::Execution(error) => error.hint(),
            Self::NonFinite { .. } => {
                Some("look for extreme prices, sizes or cost settings around that bar".to_owned())
            }
            Self::Inconsistent(_) => Some("this is a bug in Omega, or sums too large for doubles".to_owned()),
        }
    }
}

fn summary(issues: &[Issue]) -> String {
    match issues {
        [] => "the configuration was refused".to_owned(),
        [only] => only.message.clone(),
        [first, rest @ ..] => format!("{} (and {} more)", first.message, rest.len()),
    }
}
