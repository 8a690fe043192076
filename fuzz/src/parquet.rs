//! Parquet files as users bring them: candles of a run, a news calendar, sources of an import.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use omega_data::{
    FileSide, LoadRequest, WantedTimeframe,
    import::{self, ImportRequest},
    inspect::{InspectRequest, inspect},
    load_dataset,
    news::{NewsFile, load_news},
    resample::resample,
    write::relative_path,
};
use omega_types::{Coded, Timeframe, Watch, market::QuoteKind};
use serde_json::json;

use super::{failure, folder, supply::Supply};

const SYMBOL: &str = "EURUSD";

/// One byte that says who reads the file, then the file.
pub fn parquet(data: &[u8]) {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = folder::scratch("parquet");
        fs::create_dir_all(folder.join(SYMBOL)).expect("there is room for temporary files");
        folder
    });
    let mut supply = Supply::new(data);
    let reader = supply.byte();
    let bytes = supply.rest();
    let file = |side| FOLDER.join(relative_path(SYMBOL, Timeframe::M1, side));
    let write = |path: &Path| fs::write(path, bytes).expect("there is room for temporary files");
    match reader % 8 {
        0 | 1 => {
            write(&file(FileSide::Single));
            loaded(&FOLDER, QuoteKind::Single);
        }
        2 => {
            write(&file(FileSide::Bid));
            write(&file(FileSide::Ask));
            loaded(&FOLDER, QuoteKind::BidAsk);
        }
        3 => {
            write(&file(FileSide::Single));
            inspected(&FOLDER);
            resampled(&FOLDER);
        }
        4 | 5 => {
            let path = FOLDER.join("news.parquet");
            write(&path);
            calendar(path);
        }
        kind => {
            let path = FOLDER.join("source.parquet");
            write(&path);
            imported(&FOLDER, path, kind == 7, reader >> 3);
        }
    }
}

fn judged<T>(result: Result<T, impl Coded>) -> Option<T> {
    result.inspect_err(|error| failure::sound(error)).ok()
}

fn loaded(root: &Path, quotes: QuoteKind) {
    let wanted = WantedTimeframe { timeframe: Timeframe::M1, required_by: None };
    let request = LoadRequest { root: root.to_owned(), symbol: SYMBOL.to_owned(), quotes, timeframes: vec![wanted] };
    if let Some(dataset) = judged(load_dataset(&request, &Watch::default())) {
        let series = dataset.series.first().expect("one timeframe was asked for");
        assert!(!series.is_empty() && series.time.is_sorted(), "a loaded series is neither empty nor out of order");
    }
}

fn inspected(root: &Path) {
    let request = InspectRequest {
        data_root: root.to_owned(),
        symbol: SYMBOL.to_owned(),
        timeframe: Timeframe::M1,
        quotes: Some(QuoteKind::Single),
        pip_size: Some(0.0001),
        calendar: None,
    };
    if let Some(report) = judged(inspect(&request, &Watch::default())) {
        serde_json::to_string(&report).expect("a report is JSON");
    }
}

fn resampled(root: &Path) {
    let request = json!({"data_root": root, "symbol": SYMBOL, "from": "M1", "to": ["M5", "D1", "W1"],
        "quotes": "single", "overwrite": true});
    let request = serde_json::from_value(request).expect("the request is sound");
    if let Some(report) = judged(resample(&request, &Watch::default())) {
        serde_json::to_string(&report).expect("a report is JSON");
    }
}

fn calendar(path: PathBuf) {
    let file = NewsFile { path, origin: "option".to_owned() };
    if let Some(calendar) = judged(load_news(&file, &Watch::default())) {
        assert!(!calendar.events.is_empty(), "a calendar without events was accepted");
        let _ = calendar.warnings(i64::MIN, i64::MAX);
    }
}

/// As bars or ticks; `options` says which columns and zone.
fn imported(root: &Path, path: PathBuf, is_ticks: bool, options: u8) {
    let source = vec![path];
    let timezone = if options & 1 == 1 { Some("UTC") } else { None };
    let unit = [None, Some("s"), Some("ms"), Some("ns")][usize::from(options >> 1 & 3)];
    let columns = if options & 8 == 0 { (None, None) } else { (Some("Low"), Some("High")) };
    let time_column = (options & 16 == 16).then_some("UTC time");
    let request = json!({"data_root": root.join("imported"), "symbol": SYMBOL, "timeframe": "M1",
        "single": if is_ticks { Vec::new() } else { source.clone() },
        "ticks": if is_ticks { source } else { Vec::new() },
        "timezone": timezone, "time_unit": unit, "time_column": time_column,
        "bid_column": columns.0, "ask_column": columns.1, "overwrite": true});
    let request: ImportRequest = serde_json::from_value(request).expect("the request is sound");
    if let Some(report) = judged(import::import(&request, &Watch::default())) {
        serde_json::to_string(&report).expect("a report is JSON");
    }
}
