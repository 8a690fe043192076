//! What a run is asked to do.

use std::{path::PathBuf, sync::Arc};

use omega_data::{Calendar, news::NewsFile};
use omega_strategy::Signals;
use omega_types::{
    Dataset,
    config::{BacktestConfig, FileContent},
};

/// Everything that one run depends on. The same job gives the same result, bit for bit.
#[derive(Debug, Clone)]
pub struct Job {
    /// The normalised configuration.
    pub config: BacktestConfig,
    /// Its hash, as TypeScript computed it. Opaque here; copied into the result.
    pub config_hash: String,
    /// Where the candles come from.
    pub data: DataSource,
    /// Signals given as arrays; `None` runs the registered strategy that the configuration names.
    pub signals: Option<Arc<Signals>>,
    /// The execution costs file. May be absent only with `costs.enabled = false`.
    pub costs: Option<FileContent>,
    /// The symbol specifications file; absent is `symbol_spec_missing`.
    pub symbol_specs: Option<FileContent>,
    /// The file of constant conversion rates, if there is one.
    pub fx_rates: Option<FileContent>,
    /// The seed of this run. In `prod` without a seed TypeScript draws it.
    pub seed: u64,
    /// What is not part of the configuration.
    pub options: RunOptions,
}

/// Where the candles of a run come from.
#[derive(Debug, Clone)]
pub enum DataSource {
    /// A folder of Parquet files (data.md 1).
    Root(PathBuf),
    /// A dataset that is loaded already.
    Dataset(Arc<Dataset>),
}

/// Options of a run that are not configuration.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Which bars are expected, for gap accounting. `None`: by the symbol.
    pub calendar: Option<Calendar>,
    /// Largest share of missing bars that is accepted. `None`: no limit.
    pub max_gap_loss: Option<f64>,
    /// The news calendar; read only if `news_filter.enabled`.
    pub news: Option<NewsFile>,
    /// The result keeps the columns that the strategy asked for.
    pub keep_indicators: bool,
    /// Visits every bar instead of jumping from event to event. The result is the same; tests prove it.
    pub visit_every_bar: bool,
    /// Names of options that were given and need a feature that is not built yet: the run is refused.
    pub not_built: Vec<String>,
}
