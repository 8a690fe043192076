//! Small markets and files for the tests of this crate.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use omega_types::Timeframe;

use crate::{Candles, FileSide, Origin};

/// A folder that disappears with the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("omega-data-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Candles of 1.0 with a range of ±0.25 and a volume of 10.
pub(crate) fn flat(time: &[i64]) -> Candles {
    let column = |value: f64| vec![value; time.len()];
    Candles {
        time: time.to_vec(),
        open: column(1.0),
        high: column(1.25),
        low: column(0.75),
        close: column(1.0),
        volume: column(10.0),
    }
}

/// An origin without a file.
pub(crate) fn memory() -> Arc<Origin> {
    memory_of(Timeframe::M1)
}

pub(crate) fn memory_of(timeframe: Timeframe) -> Arc<Origin> {
    Arc::new(Origin::memory("EURUSD", timeframe, FileSide::Bid))
}
