//! Exports of a calendar → a calendar file. Never part of a run; the same bytes and options give the same file.

use std::{collections::BTreeMap, path::PathBuf};

use omega_types::{Warning, Watch, config::Impact, time::iso, watch::Phase};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Currency, NewsError, NewsEvent,
    calendar::without_repeats,
    error::shown,
    event::impact_of,
    source::{Line, Source},
    write::encode,
};
use crate::{
    DataError,
    import::{ImportError, perhaps_as_text, request::argument},
    source_file::sha256_hex,
    write::publish,
};

const STEPS: u64 = 3;
/// The value of the impact map that leaves events out.
const SKIP: &str = "SKIP";

/// One import: CSV exports (plain or gzip) of events → one calendar file.
///
/// Columns `Start` or `UTC time`, `Name`, `Impact`, `Currency` and perhaps `Id`, in any order and case.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportNewsRequest {
    /// Sources; several are merged.
    pub files: Vec<PathBuf>,
    /// The Parquet file; folders are created if missing.
    pub out: PathBuf,
    /// What becomes of other impacts than LOW, MEDIUM and HIGH: `NONE` → `skip`, `low`, `medium` or `high`. Without an entry
    /// they are errors.
    #[serde(default)]
    pub impact_map: BTreeMap<String, String>,
    /// Dates with slashes are `dd/MM/yyyy`; otherwise `MM/dd/yyyy`.
    #[serde(default)]
    pub day_first: bool,
    /// Replaces an existing file.
    #[serde(default)]
    pub overwrite: bool,
}

/// Everything an import read, left out and wrote. Nanoseconds are decimal strings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportNewsReport {
    /// The files read, in the order given.
    pub sources: Vec<NewsSourceReport>,
    /// Rows of all sources.
    pub rows_in: u64,
    /// Rows left out because of the impact map, by impact.
    pub skipped: BTreeMap<String, u64>,
    /// Rows left out because an earlier one has the same `Id`.
    pub repeated: u64,
    /// Events written.
    pub rows_out: u64,
    /// Events that had no `Id` and got one from what they are.
    pub derived_ids: u64,
    /// Events written, by impact.
    pub impacts: BTreeMap<&'static str, u64>,
    /// Events written, by currency.
    pub currencies: BTreeMap<String, u64>,
    /// The file.
    pub path: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Length of the file.
    pub bytes: u64,
    /// Time of the first event.
    pub first_time: Option<String>,
    /// The same in nanoseconds.
    #[serde(serialize_with = "perhaps_as_text")]
    pub first_time_ns: Option<i64>,
    /// Time of the last event.
    pub last_time: Option<String>,
    /// The same in nanoseconds.
    #[serde(serialize_with = "perhaps_as_text")]
    pub last_time_ns: Option<i64>,
    /// What a user should know although the import went through.
    pub warnings: Vec<Warning>,
}

/// One file that was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewsSourceReport {
    /// As the caller wrote it.
    pub path: String,
    /// SHA-256 of the file, packed or not.
    pub sha256: String,
    /// Length of the file.
    pub bytes: u64,
    /// Rows without the header.
    pub rows: u64,
}

/// Reads the sources, sorts the events by time, keeps the first of each `Id` and writes them.
///
/// # Errors
///
/// `ARG_INVALID` for impossible options, `IMPORT_EXISTS`; for a source `IMPORT_FILE_NOT_FOUND`, `DATA_READ`,
/// `DATA_BUSY_CHANGED`, `IMPORT_FORMAT`, `NEWS_MISSING_COLUMN`, `IMPORT_PARSE`, `NEWS_IMPACT`, `NEWS_CURRENCY` (these with the
/// line), `NEWS_EMPTY`; `IMPORT_WRITE`; cancellation.
pub fn import_news(request: &ImportNewsRequest, watch: &Watch) -> Result<ImportNewsReport, DataError> {
    watch.begin(Phase::Import, STEPS)?;
    let map = ImpactMap::new(&request.impact_map)?;
    let Some(first) = request.files.first() else {
        return Err(argument("file", "[]", "no source: give at least one").into());
    };
    if !request.overwrite && request.out.exists() {
        return Err(ImportError::Exists { path: request.out.clone() }.into());
    }
    let mut found = Found::default();
    for path in &request.files {
        let source = Source::read(path, request.day_first, watch)?;
        found.sources.push(source.report);
        for line in source.lines {
            found.add(line, &map)?;
        }
    }
    watch.advance(1)?;
    let skipped = found.skipped.values().sum();
    found.events.sort_by_key(|event| event.time_ns);
    let (events, repeated) = without_repeats(found.events);
    if events.is_empty() {
        return Err(NewsError::Empty { path: first.clone(), skipped }.into());
    }
    let failed = |reason| ImportError::Encode { path: request.out.clone(), reason }.into();
    let bytes = encode(&events, &map.labels(), failed, watch)?;
    watch.advance(2)?;
    let (sha256, length) = (sha256_hex(&bytes), bytes.len() as u64);
    publish(&[(request.out.clone(), bytes)], request.overwrite)?;
    watch.advance(STEPS)?;

    let (first, last) = (events.first().map(|event| event.time_ns), events.last().map(|event| event.time_ns));
    let mut impacts = BTreeMap::new();
    let mut currencies = BTreeMap::new();
    for event in &events {
        *impacts.entry(event.impact.as_str()).or_default() += 1;
        *currencies.entry(event.currency.to_string()).or_default() += 1;
    }
    Ok(ImportNewsReport {
        rows_in: found.sources.iter().map(|source| source.rows).sum(),
        sources: found.sources,
        skipped: found.skipped,
        repeated: repeated.rows,
        rows_out: events.len() as u64,
        derived_ids: found.derived_ids,
        impacts,
        currencies,
        path: request.out.to_string_lossy().into_owned(),
        sha256,
        bytes: length,
        first_time: first.map(iso),
        first_time_ns: first,
        last_time: last.map(iso),
        last_time_ns: last,
        warnings: repeated.warning().into_iter().collect(),
    })
}

/// What the sources hold so far.
#[derive(Default)]
struct Found {
    sources: Vec<NewsSourceReport>,
    events: Vec<NewsEvent>,
    skipped: BTreeMap<String, u64>,
    derived_ids: u64,
}

impl Found {
    fn add(&mut self, line: Line, map: &ImpactMap) -> Result<(), DataError> {
        let Line { time_ns, id, name, impact, currency, row, place } = line;
        let at = |error: NewsError, place| DataError::ImportedRow { place, error: Box::new(error.into()) };
        let impact = match map.of(&impact) {
            Some(Some(impact)) => impact,
            Some(None) => {
                *self.skipped.entry(impact).or_default() += 1;
                return Ok(());
            }
            None => return Err(at(NewsError::Impact { value: shown(&impact), row, path: None }, place)),
        };
        let currency: Currency = match currency.parse() {
            Ok(currency) => currency,
            Err(_) => return Err(at(NewsError::Currency { value: shown(&currency), row, path: None }, place)),
        };
        let id = if id.is_empty() {
            self.derived_ids += 1;
            NewsEvent::derived_id(time_ns, currency, impact, &name)
        } else {
            id
        };
        self.events.push(NewsEvent { time_ns, id, name, impact, currency });
        Ok(())
    }
}

/// What becomes of each impact; `None` = its events are left out.
struct ImpactMap(BTreeMap<String, Option<Impact>>);

impl ImpactMap {
    fn new(given: &BTreeMap<String, String>) -> Result<Self, ImportError> {
        let mut map = BTreeMap::new();
        for (from, to) in given {
            let written = format!("{from}={to}");
            let target = match to.trim().to_uppercase().as_str() {
                SKIP => None,
                to => match impact_of(to) {
                    Some(impact) => Some(impact),
                    None => return Err(argument("impact_map", &written, "does not end in skip, low, medium or high")),
                },
            };
            if map.insert(from.trim().to_uppercase(), target).is_some() {
                return Err(argument("impact_map", &written, "this impact is mapped twice"));
            }
        }
        Ok(Self(map))
    }

    /// `None` for an impact that nobody knows.
    fn of(&self, impact: &str) -> Option<Option<Impact>> {
        self.0.get(impact).copied().or_else(|| impact_of(impact).map(Some))
    }

    /// The metadata of the file: what was left out or changed stays visible.
    fn labels(&self) -> Vec<(&'static str, String)> {
        let mut labels = vec![("omega.schema", "news/1".to_owned())];
        if !self.0.is_empty() {
            let map: serde_json::Map<_, _> = self
                .0
                .iter()
                .map(|(from, to)| (from.clone(), json!(to.map_or("skip", |impact| impact.as_str()))))
                .collect();
            labels.push(("omega.impact_map", json!(map).to_string()));
        }
        labels
    }
}
