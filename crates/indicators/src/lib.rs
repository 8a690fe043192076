//! Indicators: pure functions from series to series, asked for through one request graph.
//!
//! A strategy adds what it needs to a [`Graph`]; equal requests become one node. [`compute()`] then evaluates every wanted
//! node once, independent nodes in parallel, and a [`ColumnStore`] shares the columns between runs over the same window.
//! Adding an indicator means one file beside its siblings and one line in [`mod@registry`]. A [`Local`] indicator is not
//! computed for every bar but asked for one.
//!
//! This crate knows no file, no strategy and no order. Read [`indicator`] first, then [`graph`].

mod align;
pub mod compute;
pub mod describe;
pub mod error;
mod ewm;
pub mod graph;
pub mod indicator;
mod label;
pub mod length;
pub mod local;
pub mod momentum;
pub mod registry;
mod rolling;
pub mod statistics;
pub mod store;
#[cfg(test)]
mod testing;
pub mod trend;
mod true_range;
pub mod volatility;

pub use compute::{Columns, compute};
pub use describe::{Describe, Domain, Fault, Parameter, Preset};
pub use error::IndicatorError;
pub use graph::{Bars, Graph, NodeId};
pub use indicator::{Indicator, InputKind, Inputs, Outputs, Part};
pub use length::{Length, Period, Window};
pub use local::{AnswerKind, Local, LocalAnswer, LocalWindow};
pub use momentum::{Macd, Momentum, Roc, Rsi};
pub use registry::{Answer, Entry, LocalEntry, answer, catalogue, compute_direct, compute_local, locals, registry};
pub use statistics::{
    KalmanGarchZscore, KalmanGarchZscoreLocal, KalmanMean, KalmanZscore, MeanSource, RollingMean, RollingStd, Zscore,
};
pub use store::ColumnStore;
pub use trend::{Dema, Dmi, Ema, Sma, Tema};
pub use volatility::{
    Atr, Bollinger, Choppiness, ClusterState, ClusterStatus, Clusters, GarchVolatility, GarchVolatilityLocal,
    VolClusterSeries, VolClusterState, VolFeature,
};
