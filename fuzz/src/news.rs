//! Exports of news calendars as users bring them.

use std::{collections::BTreeMap, fs, path::PathBuf, sync::LazyLock};

use omega_data::news::{ImportNewsRequest, NewsFile, import_news, load_news};
use omega_types::Watch;

use super::{failure, folder, import::packed, supply::Supply};

const MAPS: [&[(&str, &str)]; 4] =
    [&[], &[("NONE", "skip")], &[("NONE", "skip"), ("HOLIDAY", "low"), ("", "medium")], &[("NONE", "nonsense")]];

/// One byte of options, then the file.
pub fn news(data: &[u8]) {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| folder::scratch("news"));
    let mut supply = Supply::new(data);
    let options = supply.byte();
    let (path, out) = (FOLDER.join("news.csv"), FOLDER.join("news.parquet"));
    let bytes = if options & 1 == 0 { supply.rest().to_vec() } else { packed(supply.rest()) };
    fs::write(&path, bytes).expect("there is room for temporary files");
    let map = MAPS[usize::from(options >> 1 & 3)];
    let request = ImportNewsRequest {
        files: vec![path; if options & 16 == 0 { 1 } else { 2 }],
        out: out.clone(),
        impact_map: map.iter().map(|&(from, to)| (from.to_owned(), to.to_owned())).collect::<BTreeMap<_, _>>(),
        day_first: options & 8 == 8,
        overwrite: true,
    };
    match import_news(&request, &Watch::default()) {
        Err(error) => failure::sound(&error),
        Ok(report) => {
            serde_json::to_string(&report).expect("a report is JSON");
            let file = NewsFile { path: out, origin: "option".to_owned() };
            let calendar = load_news(&file, &Watch::default()).expect("an imported calendar can be loaded");
            assert_eq!(calendar.events.len() as u64, report.rows_out, "an event was lost");
        }
    }
}
