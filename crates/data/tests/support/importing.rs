//! Imports of small texts into EURUSD files of a folder.

use std::{fs::File, io::Write};

use omega_data::{
    DataError, LoadRequest, WantedTimeframe,
    import::{ImportReport, ImportRequest, import},
    load_dataset,
};
use omega_types::{Failure, QuoteSide, Timeframe, Watch, market::QuoteKind, time::iso};
use serde_json::{Value, json};

use super::Folder;

/// Open time and open, high, low, close, volume.
pub(crate) type Bar = (String, [f64; 5]);

/// Imports with `options` on top of EURUSD M1 below `out`.
pub(crate) fn run(folder: &Folder, options: &Value) -> Result<ImportReport, DataError> {
    let mut request = json!({ "data_root": folder.path().join("out"), "symbol": "EURUSD", "timeframe": "M1" });
    for (key, value) in options.as_object().unwrap() {
        request[key] = value.clone();
    }
    let request: ImportRequest = serde_json::from_value(request).unwrap();
    import(&request, &Watch::default())
}

/// `options` with a file of this content as the only source under `key`: `bid`, `single`, `ticks`.
fn with_source(folder: &Folder, key: &str, content: &[u8], options: &Value) -> Value {
    let mut options = options.clone();
    options[key] = json!([folder.put("in", content)]);
    options
}

/// The failure of an import of one source; nothing may have been written.
pub(crate) fn failed(key: &str, content: impl AsRef<[u8]>, options: Value) -> Failure {
    let folder = Folder::new();
    let options = with_source(&folder, key, content.as_ref(), &options);
    let failure = match run(&folder, &options) {
        Ok(report) => panic!("the import went through: {report:?}"),
        Err(error) => Failure::of(&error),
    };
    assert_eq!(folder.list("out/EURUSD"), [""; 0]);
    failure
}

/// The bars that one source of a single side becomes.
pub(crate) fn single(content: impl AsRef<[u8]>, options: Value) -> (ImportReport, Vec<Bar>) {
    let folder = Folder::new();
    let options = with_source(&folder, "single", content.as_ref(), &options);
    let report = run(&folder, &options).unwrap_or_else(|error| panic!("{:?}", Failure::of(&error)));
    let bars = bars(&folder, report.timeframe, QuoteKind::Single, QuoteSide::Bid);
    (report, bars)
}

/// The bid and ask bars that one source of ticks becomes.
pub(crate) fn ticks(content: impl AsRef<[u8]>, options: Value) -> (ImportReport, [Vec<Bar>; 2]) {
    let folder = Folder::new();
    let options = with_source(&folder, "ticks", content.as_ref(), &options);
    let report = run(&folder, &options).unwrap_or_else(|error| panic!("{:?}", Failure::of(&error)));
    let sides = [QuoteSide::Bid, QuoteSide::Ask];
    let made = sides.map(|side| bars(&folder, report.timeframe, QuoteKind::BidAsk, side));
    (report, made)
}

/// What the loader reads below `out`.
pub(crate) fn bars(folder: &Folder, timeframe: Timeframe, quotes: QuoteKind, side: QuoteSide) -> Vec<Bar> {
    let timeframes = vec![WantedTimeframe { timeframe, required_by: None }];
    let root = folder.path().join("out");
    let request = LoadRequest { root, symbol: "EURUSD".to_owned(), quotes, timeframes };
    let series = load_dataset(&request, &Watch::default()).unwrap().series[0].clone();
    let quotes = match side {
        QuoteSide::Bid => &series.quotes.bid,
        QuoteSide::Ask => &series.quotes.ask,
    };
    (0..series.len())
        .map(|i| {
            let values = [&quotes.open, &quotes.high, &quotes.low, &quotes.close, &quotes.volume];
            (iso(series.time[i]), values.map(|values| values[i]))
        })
        .collect()
}

/// The open times.
pub(crate) fn times(bars: &[Bar]) -> Vec<&str> {
    bars.iter().map(|(time, _)| time.as_str()).collect()
}

/// Code, message and hint hold together: what is wrong, where, what to do.
pub(crate) fn assert_says(failure: &Failure, code: &str, message: &str, hint: &str) {
    assert_eq!((failure.code, failure.category), (code, "market_data"), "{}", failure.message);
    assert!(failure.message.contains(message), "{}", failure.message);
    let given = failure.hint.as_deref().unwrap_or_default();
    assert!(!hint.is_empty() && given.contains(hint), "{}: {given}", failure.message);
}

/// A file of `count` ticks, ten a minute, written piece by piece.
pub(crate) fn big(folder: &Folder, count: u64) -> String {
    let path = folder.path().join("big.csv");
    let mut file = std::io::BufWriter::new(File::create(&path).unwrap());
    writeln!(file, "timestamp,bid,ask").unwrap();
    for i in 0..count {
        writeln!(file, "{},1.{:05},1.{:05}", 1_704_067_200_000 + i * 6_000, i % 1_000 + 1, i % 1_000 + 2).unwrap();
    }
    file.into_inner().unwrap().sync_all().unwrap();
    path.to_str().unwrap().to_owned()
}
