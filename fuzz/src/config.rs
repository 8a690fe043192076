//! Configurations, as TypeScript passes them: judged by `check`, and run if they are accepted.

use std::sync::Arc;

use omega_backtest::{check, run_backtest};
use omega_indicators::ColumnStore;
use omega_strategy::Registry;
use omega_types::{Json, Watch};

use super::{document::document, failure, job, words};

/// A document of differences to a sound job, as JSON text or grown from the bytes (see [`document`]).
pub fn config(data: &[u8]) {
    let Some(document) = document(data, &words::JOB) else { return };
    judged(&document);
}

fn judged(document: &Json) {
    let Some(job) = job::job(document, job::candles()) else { return };
    match check(&job, &Registry::builtin()) {
        Err(error) => failure::sound(&error),
        Ok(_) => match run_backtest(&job, &ColumnStore::new(), &Watch::default()) {
            Err(error) => failure::sound(&error),
            Ok(result) => drop(Arc::new(result)),
        },
    }
}
