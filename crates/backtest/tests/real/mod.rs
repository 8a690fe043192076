//! Real candles and calendars, where the machine has them (`../shared/data` beside the repository).
#![allow(dead_code, reason = "every test file uses a part of it")]

use std::{
    io::Read,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use flate2::read::GzDecoder;
use omega_data::{MemorySeries, MemorySide, dataset_from_memory, news::NewsFile};
use omega_types::{
    Dataset, Timeframe, Watch,
    time::{DAY_NS, MINUTE_NS, SECOND_NS, days_from_civil},
};
use serde_json::json;

/// The folder of the data; tests are skipped, with a word, without it.
pub(crate) fn shared() -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if shared.join("v1_parity").is_dir() {
        return Some(shared);
    }
    eprintln!("skipped: {} is absent", shared.display());
    None
}

/// The text of a packed file.
pub(crate) fn text(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    GzDecoder::new(file).read_to_string(&mut text).expect("gzip text");
    text
}

/// `2007-01-01 21:00:00+00:00`
fn instant(text: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().expect("digits");
    let days = days_from_civil(number(0..4), number(5..7) as u32, number(8..10) as u32);
    days * DAY_NS + number(11..13) * 60 * MINUTE_NS + number(14..16) * MINUTE_NS + number(17..19) * SECOND_NS
}

fn candles(path: &Path) -> (Vec<i64>, MemorySide) {
    let empty = || Vec::with_capacity(80_000);
    let mut side = MemorySide { open: empty(), high: empty(), low: empty(), close: empty(), volume: None };
    let mut time = Vec::new();
    for line in text(path).lines().skip(1) {
        let mut fields = line.split(',');
        time.push(instant(fields.next().expect("a time")));
        for column in [&mut side.open, &mut side.high, &mut side.low, &mut side.close] {
            column.push(fields.next().expect("a price").parse().expect("a number"));
        }
    }
    (time, side)
}

/// EURUSD H1 and D1, read once. The rows are used as they are.
pub(crate) fn euros(shared: &Path) -> Arc<Dataset> {
    static DATASET: OnceLock<Arc<Dataset>> = OnceLock::new();
    let read = || {
        let series = [Timeframe::H1, Timeframe::D1].map(|timeframe| {
            let side = |side: &str| candles(&shared.join(format!("real/EURUSD_{timeframe}_{side}.csv.gz")));
            let ((time, bid), (ask_time, ask)) = (side("BID"), side("ASK"));
            assert_eq!(time, ask_time, "both sides have the same bars");
            MemorySeries { timeframe, time, bid, ask: Some(ask) }
        });
        Arc::new(dataset_from_memory("EURUSD", series.into()).expect("candles are valid"))
    };
    Arc::clone(DATASET.get_or_init(read))
}

/// A folder that disappears with the test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("omega-real-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// The calendar of 2008 and 2009, without its rows of impact `NONE`, imported into `folder`.
pub(crate) fn calendar(shared: &Path, folder: &Folder) -> NewsFile {
    let out = folder.0.join("calendar.parquet");
    let request = json!({"files": [shared.join("real/news-2008-2009.csv.gz")], "out": out, "overwrite": true,
        "impact_map": {"NONE": "skip"}});
    let request = serde_json::from_value(request).expect("a request");
    omega_data::news::import_news(&request, &Watch::default()).expect("the import succeeds");
    NewsFile { path: out, origin: "option".into() }
}
