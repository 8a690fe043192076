//! What a run says about itself while it works (output.md 8). Never part of a result: nothing reads it back.

use serde::Serialize;

use crate::Json;

/// How much a record matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The run failed.
    Error,
    /// Somebody should look.
    Warn,
    /// What the run does, stage by stage.
    Info,
    /// Every order, position and refusal.
    Debug,
    /// Everything there is.
    Trace,
}

/// Which part of the system speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Component {
    Config,
    DataLoad,
    Indicators,
    Execution,
    Metrics,
    Output,
}

/// Where in a run it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    /// Before the first trading bar.
    Init,
    /// Over the trading bars.
    Loop,
    /// After the last one.
    Finalize,
}

/// One thing that was said. Its time is stamped by whoever listens, so that records are as reproducible as the run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogRecord {
    /// How much it matters.
    pub level: Level,
    /// Who speaks.
    pub component: Component,
    /// When.
    pub phase: RunPhase,
    /// What happened: a few fixed words, no values.
    pub message: &'static str,
    /// The values. Of the configuration only what may be logged; nanoseconds as decimal text.
    pub fields: serde_json::Map<String, Json>,
}

impl LogRecord {
    /// A record whose values are `fields`; anything but an object counts as none.
    pub fn new(level: Level, component: Component, phase: RunPhase, message: &'static str, fields: Json) -> Self {
        let fields = match fields {
            Json::Object(fields) => fields,
            _ => serde_json::Map::new(),
        };
        Self { level, component, phase, message, fields }
    }
}
