//! Exports of quotes as users bring them: every format, packed or not, one source or two.

use std::{fs, io::Write, path::PathBuf, sync::LazyLock};

use flate2::{Compression, write::GzEncoder};
use omega_data::{
    Calendar, LoadRequest, WantedTimeframe,
    import::{self, DropFlat, EpochUnit, ImportRequest, Label, OnCrossed},
    load_dataset,
};
use omega_types::{Timeframe, Watch, market::QuoteKind};

use super::{failure, folder, supply::Supply};

const FORMATS: [Option<&str>; 16] = [
    None,
    Some("native"),
    Some("generic"),
    Some("dukascopy-web"),
    Some("dukascopy-local"),
    Some("dukascopy-jforex"),
    Some("dukascopy-etc-utc"),
    Some("dukascopy-node"),
    Some("dukascopy-ticks"),
    Some("histdata-ascii-m1"),
    Some("histdata-mt"),
    Some("histdata-ascii-ticks"),
    Some("mt5-bars"),
    Some("mt5-ticks"),
    Some("generic-ticks"),
    Some("nonsense"),
];
const ZONES: [Option<&str>; 8] = [
    None,
    Some("UTC"),
    Some("+02:00"),
    Some("ny+7"),
    Some("Europe/Berlin"),
    Some("America/New_York"),
    Some("Australia/Lord_Howe"),
    Some("Nowhere/At_All"),
];
/// Bytes that say how to import, before those of the files.
pub const OPTIONS: usize = 6;

/// Six bytes of options (format; which sides and how packed; zone; timeframe; two of rules), then the files.
pub fn import(data: &[u8]) {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| folder::scratch("import"));
    let mut supply = Supply::new(data);
    let [format, sides, zone, timeframe, first, second] = supply.bytes::<OPTIONS>();
    let (one, other) = halves(supply.rest(), sides & 0x20 != 0);
    let files = [FOLDER.join("a"), FOLDER.join("b")];
    for (path, bytes) in files.iter().zip([one, other]) {
        let packed = if sides & 0x40 == 0 { bytes.to_vec() } else { packed(bytes) };
        fs::write(path, packed).expect("there is room for temporary files");
    }
    let [a, b] = files;
    let request = request(FOLDER.clone(), (a, b), [format, sides, zone, timeframe, first, second]);
    match import::import(&request, &Watch::default()) {
        Err(error) => failure::sound(&error),
        Ok(report) => {
            serde_json::to_string(&report).expect("a report is JSON");
            loads(&request, report.quotes);
        }
    }
}

/// What was imported passes the checks of a run: the importer has made all of them.
fn loads(request: &ImportRequest, quotes: QuoteKind) {
    let wanted = WantedTimeframe { timeframe: request.timeframe, required_by: None };
    let symbol = request.symbol.to_uppercase();
    let load = LoadRequest { root: request.data_root.clone(), symbol, quotes, timeframes: vec![wanted] };
    if let Err(error) = load_dataset(&load, &Watch::default()) {
        panic!("an imported file cannot be loaded: {error}");
    }
}

fn request(data_root: PathBuf, (a, b): (PathBuf, PathBuf), options: [u8; OPTIONS]) -> ImportRequest {
    let [format, sides, zone, timeframe, first, second] = options;
    let at = |choices: &[Option<&str>], index: u8| choices[usize::from(index) % choices.len()].map(str::to_owned);
    let when = |byte: u8, bit: u8| byte >> bit & 1 == 1;
    let named = |is_wanted: bool, name: &str| is_wanted.then(|| name.to_owned());
    let two = if when(sides, 5) { vec![a.clone(), b.clone()] } else { vec![a.clone()] };
    let kind = sides & 7;
    ImportRequest {
        data_root,
        symbol: if when(second, 7) { "us500" } else { "EURUSD" }.to_owned(),
        timeframe: Timeframe::ALL[usize::from(timeframe) % Timeframe::ALL.len()],
        bid: if kind < 4 { two.clone() } else { Vec::new() },
        ask: if kind == 0 { vec![b] } else { Vec::new() },
        single: if kind == 4 || kind == 5 { two.clone() } else { Vec::new() },
        ticks: if kind > 5 { two } else { Vec::new() },
        ask_from_spread: (kind == 1).then_some(if when(timeframe, 7) { 1e300 } else { 1.5 }),
        ask_from_column: named(kind == 2, "spread"),
        pip_size: (kind == 1).then_some(0.0001),
        point: (kind == 3 || when(timeframe, 6)).then_some(0.00001),
        format: at(&FORMATS, format),
        time_column: named(when(zone, 4), "date"),
        time_unit: when(zone, 5)
            .then(|| [EpochUnit::S, EpochUnit::Ms, EpochUnit::Us, EpochUnit::Ns][usize::from(zone >> 6)]),
        bid_column: named(when(first, 0), "b"),
        ask_column: named(when(first, 1), "a"),
        date: named(when(first, 2), "2024-03-05"),
        timezone: at(&ZONES, zone & 7),
        price_divisor: when(first, 3).then_some(if when(first, 4) { 1e5 } else { 3.0 }),
        on_crossed: [OnCrossed::Fail, OnCrossed::Drop, OnCrossed::Clamp][usize::from(second & 3) % 3],
        max_drop: if when(first, 5) { 1.0 } else { 0.01 },
        calendar: when(first, 6).then_some(Calendar::Always),
        label: if when(first, 7) { Label::Close } else { Label::Open },
        drop_flat: when(second, 2).then_some(if when(second, 3) { DropFlat::All } else { DropFlat::Weekend }),
        v1_market_hours: when(second, 4),
        overwrite: true,
    }
}

/// The bytes before and behind the middle, cut at a line end if there is one; or all of them twice.
fn halves(bytes: &[u8], is_cut: bool) -> (&[u8], &[u8]) {
    if !is_cut {
        return (bytes, bytes);
    }
    let middle = bytes.len() / 2;
    let line = bytes.iter().skip(middle).position(|&byte| byte == b'\n').map_or(0, |offset| offset + 1);
    bytes.split_at(middle + line)
}

/// As gzip; not pressed together, so that the format costs little time.
pub fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() + 32), Compression::none());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes every byte")
}
