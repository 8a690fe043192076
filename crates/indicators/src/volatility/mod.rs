//! Indicators that measure how far prices move.

mod atr;
mod bollinger;
mod choppiness;
mod cluster_state;
mod garch_volatility;
mod garch_volatility_local;
mod k_means;
mod vol_cluster_series;
mod vol_cluster_state;

pub use atr::Atr;
pub use bollinger::Bollinger;
pub use choppiness::Choppiness;
pub use cluster_state::{ClusterState, ClusterStatus, Clusters};
pub use garch_volatility::GarchVolatility;
pub use garch_volatility_local::GarchVolatilityLocal;
pub(crate) use garch_volatility_local::LOOKBACK;
pub use vol_cluster_series::{VolClusterSeries, VolFeature};
pub use vol_cluster_state::VolClusterState;
