//! Exports of quotes (CSV) → candle files. Never part of a run; the same bytes and options give the same files.
//!
//! Read [`import`] first, then [`ImportRequest`].

mod ask;
mod crossed;
mod error;
mod filters;
mod format;
mod instant;
mod label;
mod merge;
mod report;
pub(crate) mod request;
mod rows;
mod source;
mod zone;

use std::{path::PathBuf, sync::Arc};

use omega_types::{Coded, Watch, market::QuoteKind, watch::Phase};
use rayon::prelude::*;

use self::{
    ask::AskRule,
    crossed::CrossedRule,
    format::Wanted,
    request::{Sources, checked_symbol},
    rows::{Reading, Rows, relabel},
    source::Source,
    zone::Zone,
};
pub(crate) use self::{
    crossed::CrossedCount,
    report::{as_text, perhaps_as_text},
};
pub use self::{
    crossed::CrossedReport,
    error::{ImportError, LocalTime, Place},
    report::{DroppedRows, FileReport, GapReport, ImportReport, SideReport, SourceReport},
    request::{DropFlat, EpochUnit, ImportRequest, Label, OnCrossed},
};
use crate::{
    Calendar, DataError, Origin, align, check,
    write::{FileSide, Labels, encode, publish},
};

const STEPS: u64 = 5;

/// Reads the sources, repairs what the request allows, checks the result like a loader would, and writes it.
///
/// Both files of a pair are written or none.
///
/// # Errors
///
/// `ARG_INVALID` for contradictory options; `IMPORT_…` for sources and targets; `DATA_…` if the finished candles fail a
/// check of the loader, with the line that the row came from; cancellation.
pub fn import(request: &ImportRequest, watch: &Watch) -> Result<ImportReport, DataError> {
    watch.begin(Phase::Import, STEPS)?;
    let job = Job::new(request)?;
    let (mut sides, sources) = job.read(watch)?;
    watch.advance(1)?;
    job.filter(&mut sides)?;
    let ask_source = job.derive_ask(&mut sides)?;
    let crossed = job.settle_crossed(&mut sides)?;
    watch.advance(2)?;
    job.check(&sides)?;
    watch.advance(3)?;
    let files = job.encode(&sides, &sources, ask_source.as_deref(), crossed.as_ref(), watch)?;
    watch.advance(4)?;
    publish(&files, request.overwrite)?;
    watch.advance(STEPS)?;
    Ok(job.report(&sides, sources, ask_source, crossed, &files))
}

/// A checked request.
struct Job<'a> {
    request: &'a ImportRequest,
    symbol: String,
    sources: Sources,
    zone: Option<Zone>,
    calendar: Calendar,
}

/// One side on its way to a file.
struct SideRows {
    side: FileSide,
    rows: Rows,
    rows_in: u64,
    dropped: DroppedRows,
    /// How the ask follows from these bids.
    ask_rule: Option<AskRule>,
}

impl<'a> Job<'a> {
    fn new(request: &'a ImportRequest) -> Result<Self, DataError> {
        let symbol = checked_symbol(&request.symbol)?;
        let sources = request.sources()?;
        let zone = request.timezone.as_deref().map(Zone::parse).transpose()?;
        let calendar = request.calendar.unwrap_or_else(|| Calendar::default_for(&symbol));
        let job = Self { request, symbol, sources, zone, calendar };
        if !request.overwrite {
            for side in job.target_sides() {
                if let Some(path) = job.target(*side).path.filter(|path| path.exists()) {
                    return Err(ImportError::Exists { path }.into());
                }
            }
        }
        Ok(job)
    }

    fn target_sides(&self) -> &'static [FileSide] {
        match self.sources {
            Sources::Single(_) => &[FileSide::Single],
            Sources::Both { .. } | Sources::Derived { .. } => &[FileSide::Bid, FileSide::Ask],
        }
    }

    fn target(&self, side: FileSide) -> Origin {
        Origin::file(&self.request.data_root, &self.symbol, self.request.timeframe, side)
    }

    /// Reads every source in parallel, then merges the sources of each side.
    fn read(&self, watch: &Watch) -> Result<(Vec<SideRows>, Vec<SourceReport>), DataError> {
        let (given, rule) = match &self.sources {
            Sources::Both { bid, ask } => (vec![(FileSide::Bid, bid), (FileSide::Ask, ask)], None),
            Sources::Derived { bid, rule } => (vec![(FileSide::Bid, bid)], rule.as_ref()),
            Sources::Single(single) => (vec![(FileSide::Single, single)], None),
        };
        let reading = Reading {
            wanted: Wanted {
                format: self.request.format.as_deref(),
                time_column: self.request.time_column.as_deref(),
                ask_column: rule.and_then(AskRule::column),
            },
            timeframe: self.request.timeframe,
            zone: self.zone.clone(),
            zone_name: self.request.timezone.as_deref().unwrap_or("UTC"),
            time_unit: self.request.time_unit,
            price_divisor: self.request.price_divisor,
            relabel: relabel(self.request.label, &self.symbol, self.request.timeframe),
            ask: rule,
            mt5_point: match self.sources {
                Sources::Derived { .. } => self.request.point,
                _ => None,
            },
        };
        let jobs: Vec<_> = given.iter().flat_map(|(side, paths)| paths.iter().map(|path| (*side, path))).collect();
        let read: Vec<Result<_, DataError>> = jobs
            .par_iter()
            .map(|(side, path)| {
                let source = Source::read(path)?;
                watch.check()?;
                let (rows, format, ask_rule) = reading.read(&source, watch)?;
                let report = SourceReport {
                    side: *side,
                    path: path.to_string_lossy().into_owned(),
                    format: format.name(),
                    sha256: source.sha256,
                    bytes: source.bytes,
                    rows: rows.len() as u64,
                };
                Ok((rows, report, ask_rule))
            })
            .collect();
        let mut reports = Vec::new();
        let mut of_side: Vec<(FileSide, Vec<Rows>, Option<AskRule>)> =
            given.iter().map(|(side, _)| (*side, Vec::new(), None)).collect();
        for result in read {
            let (rows, report, ask_rule) = result?;
            if let Some((_, all, rule)) = of_side.iter_mut().find(|(side, ..)| *side == report.side) {
                *rule = rule.take().or(ask_rule);
                all.push(rows);
            }
            reports.push(report);
        }
        let mut sides = Vec::new();
        for (side, all, ask_rule) in of_side {
            let rows_in = all.iter().map(|rows| rows.len() as u64).sum();
            let (rows, duplicate) = merge::merge(all)?;
            sides.push(SideRows {
                side,
                rows,
                rows_in,
                dropped: DroppedRows { duplicate, ..DroppedRows::default() },
                ask_rule,
            });
        }
        Ok((sides, reports))
    }

    fn filter(&self, sides: &mut [SideRows]) -> Result<(), DataError> {
        for side in sides {
            side.dropped.flat = filters::drop_flat(&mut side.rows, self.request.drop_flat);
            if self.request.v1_market_hours {
                side.dropped.market_hours = filters::drop_v1(&mut side.rows, self.request.timeframe)?;
            }
        }
        Ok(())
    }

    /// Adds the ask side of a bid-only source. Gives the text of `omega.ask_source`.
    fn derive_ask(&self, sides: &mut Vec<SideRows>) -> Result<Option<String>, DataError> {
        if !matches!(self.sources, Sources::Derived { .. }) {
            return Ok(None);
        }
        let missing = || ImportError::AskMissing { symbol: self.symbol.clone(), timeframe: self.request.timeframe };
        let bid = sides.first().ok_or_else(missing)?;
        let rule = bid.ask_rule.clone().ok_or_else(missing)?;
        let rows = rule.ask_of(&bid.rows).ok_or_else(missing)?;
        let source = rule.describe();
        let ask = SideRows { side: FileSide::Ask, rows, rows_in: bid.rows_in, dropped: bid.dropped, ask_rule: None };
        sides.push(ask);
        Ok(Some(source))
    }

    fn settle_crossed(&self, sides: &mut [SideRows]) -> Result<Option<CrossedReport>, DataError> {
        let [bid, ask] = sides else { return Ok(None) };
        let rule = CrossedRule {
            symbol: &self.symbol,
            timeframe: self.request.timeframe,
            policy: self.request.on_crossed,
            max_drop: self.request.max_drop,
        };
        let report = rule.apply(&mut bid.rows, &mut ask.rows)?;
        bid.dropped.crossed = report.dropped_bars;
        ask.dropped.crossed = report.dropped_bars;
        Ok(Some(report))
    }

    /// The checks that the loader will make, here with the line of the source.
    fn check(&self, sides: &[SideRows]) -> Result<(), DataError> {
        for side in sides {
            let origin = Arc::new(self.target(side.side));
            if side.rows.candles.is_empty() {
                return Err(DataError::Empty { origin });
            }
            check::candles(&side.rows.candles, &origin).map_err(|error| with_line(error, &side.rows))?;
        }
        if let [bid, ask] = sides {
            let (bid, ask) = (&bid.rows.candles.time, &ask.rows.candles.time);
            align::judge(&self.symbol, self.request.timeframe, bid, ask, &align::merge(bid, ask))?;
        }
        Ok(())
    }

    fn encode(
        &self,
        sides: &[SideRows],
        sources: &[SourceReport],
        ask_source: Option<&str>,
        crossed: Option<&CrossedReport>,
        watch: &Watch,
    ) -> Result<Vec<(PathBuf, Vec<u8>)>, DataError> {
        let crossed = crossed.and_then(CrossedReport::label);
        let mut formats: Vec<_> = sources.iter().map(|source| source.format).collect();
        formats.dedup();
        let source = &formats.join("+");
        let files: Vec<Result<_, DataError>> = sides
            .par_iter()
            .map(|side| {
                let labels = Labels {
                    symbol: &self.symbol,
                    timeframe: self.request.timeframe,
                    side: side.side,
                    source,
                    ask_source,
                    crossed: crossed.as_ref(),
                };
                Ok((self.target(side.side).path.unwrap_or_default(), encode(&side.rows.candles, &labels, watch)?))
            })
            .collect();
        files.into_iter().collect()
    }

    fn report(
        &self,
        sides: &[SideRows],
        sources: Vec<SourceReport>,
        ask_source: Option<String>,
        crossed: Option<CrossedReport>,
        files: &[(PathBuf, Vec<u8>)],
    ) -> ImportReport {
        let timeframe = self.request.timeframe;
        let merge = match sides {
            [bid, ask] => align::merge(&bid.rows.candles.time, &ask.rows.candles.time),
            _ => align::Merge::default(),
        };
        let traded: Vec<i64> = match sides {
            [single] => single.rows.candles.time.clone(),
            [bid, ..] => merge.bid.iter().filter_map(|&row| bid.rows.candles.time.get(row).copied()).collect(),
            [] => Vec::new(),
        };
        let mut report = ImportReport {
            symbol: self.symbol.clone(),
            timeframe,
            quotes: if sides.len() == 2 { QuoteKind::BidAsk } else { QuoteKind::Single },
            timezone: self.request.timezone.clone(),
            label: self.request.label,
            sources,
            sides: sides
                .iter()
                .map(|side| SideReport {
                    side: side.side,
                    rows_in: side.rows_in,
                    rows_out: side.rows.len() as u64,
                    dropped: side.dropped,
                })
                .collect(),
            one_sided_bars: (merge.bid_only.len() + merge.ask_only.len()) as u64,
            crossed,
            ask_source,
            gaps: GapReport::of(timeframe, &traded, self.calendar),
            files: sides
                .iter()
                .zip(files)
                .map(|(side, (_, bytes))| FileReport::new(&self.target(side.side), bytes, &side.rows.candles))
                .collect(),
            warnings: Vec::new(),
        };
        report.warn();
        report
    }
}

/// Names the line of the source in an error about a row of the result.
fn with_line(error: DataError, rows: &Rows) -> DataError {
    let row = error.details().get("row").and_then(serde_json::Value::as_u64);
    match row.and_then(|row| rows.place(row as usize)) {
        Some(place) => DataError::ImportedRow { place, error: Box::new(error) },
        None => error,
    }
}
