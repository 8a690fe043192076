//! One run, from job to result.

use omega_indicators::ColumnStore;
use omega_strategy::Registry;
use omega_types::Watch;

use crate::{BacktestError, BacktestResult, Job, load, prepare, report, simulate};

/// Runs one backtest with the strategies of the package. The same job gives the same result, bit for bit.
///
/// `store` shares indicator columns with other runs over the same dataset; a single run brings a new one.
///
/// # Errors
///
/// Those of [`run_with_registry`].
pub fn run_backtest(job: &Job, store: &ColumnStore, watch: &Watch) -> Result<BacktestResult, BacktestError> {
    run_with_registry(job, &Registry::builtin(), store, watch)
}

/// Like [`run_backtest`], with strategies of the caller's own in `registry`.
///
/// # Errors
///
/// Whatever is wrong with configuration or files shows while loading or preparing. The simulation stops only when it is
/// cancelled, or when a rate, price or figure that it needs does not exist.
pub fn run_with_registry(
    job: &Job,
    registry: &Registry,
    store: &ColumnStore,
    watch: &Watch,
) -> Result<BacktestResult, BacktestError> {
    let loaded = load(job, registry, watch)?;
    let (plan, mut strategy) = prepare(job, loaded, store, watch)?;
    let outcome = simulate(&plan, &mut *strategy, watch)?;
    report(plan, &*strategy, outcome)
}
