//! Exports of quotes (CSV, Parquet) → candle files. Never part of a run; the same bytes and options give the same files.
//!
//! Read [`import`] first, then [`ImportRequest`]. A source is a `table` of cells; its `format` says which cell is what; a `clock`
//! makes instants of its times; `bars` or `ticks` make candles.

mod ask;
mod bars;
mod clock;
mod crossed;
mod error;
mod fields;
mod filters;
mod format;
mod instant;
mod label;
mod merge;
mod parquet_rows;
mod report;
pub(crate) mod request;
mod rows;
mod source;
mod table;
mod tick_bars;
mod tick_merge;
mod ticks;
mod zone;

use std::{fs, path::PathBuf, sync::Arc};

use omega_types::{Coded, Watch, market::QuoteKind, watch::Phase};
use rayon::prelude::*;

use self::{
    ask::AskRule,
    bars::{BarReading, ReadBars},
    clock::NamedZone,
    crossed::CrossedRule,
    format::{Kind, Wanted},
    label::Relabel,
    request::{Sources, checked_symbol},
    rows::Rows,
    source::Meter,
    tick_bars::TickBars,
    ticks::TickReading,
    zone::Zone,
};
pub(crate) use self::{
    crossed::CrossedCount,
    report::{as_text, perhaps_as_text},
};
pub use self::{
    crossed::CrossedReport,
    error::{ImportError, LocalTime, Place, Position},
    report::{DroppedRows, FileReport, GapReport, ImportReport, SideReport, SourceReport, SourceSide, TickReport},
    request::{DropFlat, EpochUnit, ImportRequest, Label, OnCrossed},
};
use crate::{
    Calendar, DataError, Origin, align, check,
    write::{FileSide, Labels, encode, publish},
};

/// Steps after the sources were read: judged, checked, encoded, written.
const STEPS: u64 = 4;

/// Reads the sources, repairs what the request allows, checks the result like a loader would, and writes it.
///
/// Both files of a pair are written or none.
///
/// # Errors
///
/// `ARG_INVALID` for contradictory options; `IMPORT_…` for sources and targets; `DATA_…` if the finished candles fail a
/// check of the loader, with the line that the row came from; cancellation.
pub fn import(request: &ImportRequest, watch: &Watch) -> Result<ImportReport, DataError> {
    let job = Job::new(request)?;
    let (bytes, step) = job.work();
    watch.begin(Phase::Import, bytes + STEPS * step)?;
    let ReadSources { mut sides, sources, ticks } = job.read(watch)?;
    watch.advance(bytes)?;
    let drop_flat = job.filter(&mut sides, &sources)?;
    let ask_source = job.derive_ask(&mut sides)?;
    let crossed = job.settle_crossed(&mut sides)?;
    watch.advance(bytes + step)?;
    job.check(&sides)?;
    watch.advance(bytes + 2 * step)?;
    let files = job.encode(&sides, &sources, ask_source.as_deref(), crossed.as_ref(), watch)?;
    watch.advance(bytes + 3 * step)?;
    publish(&files, request.overwrite)?;
    watch.advance(bytes + STEPS * step)?;
    Ok(job.report(&sides, Facts { sources, ticks, drop_flat, ask_source, crossed }, &files))
}

/// A checked request.
struct Job<'a> {
    request: &'a ImportRequest,
    symbol: String,
    sources: Sources,
    zone: Option<NamedZone>,
    /// Beginning of the day of the ticks, as a wall clock.
    day_ns: Option<i64>,
    calendar: Calendar,
}

/// What reading gave.
struct ReadSources {
    sides: Vec<SideRows>,
    sources: Vec<SourceReport>,
    ticks: Option<TickReport>,
}

/// What the report says beside the rows.
struct Facts {
    sources: Vec<SourceReport>,
    ticks: Option<TickReport>,
    drop_flat: DropFlat,
    ask_source: Option<String>,
    crossed: Option<CrossedReport>,
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
        let zone = match &request.timezone {
            Some(name) => Some(NamedZone { name: name.clone(), zone: Zone::parse(name)? }),
            None => None,
        };
        let day_ns = request.date.as_deref().map(clock::day_of).transpose()?;
        let calendar = request.calendar.unwrap_or_else(|| Calendar::default_for(&symbol));
        let job = Self { request, symbol, sources, zone, day_ns, calendar };
        format::check(&job.wanted())?;
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
            Sources::Both { .. } | Sources::Derived { .. } | Sources::Ticks(_) => &[FileSide::Bid, FileSide::Ask],
        }
    }

    /// Bytes of all sources, and what one step after reading them counts as much as. A source that cannot be measured
    /// counts nothing: opening it will say why.
    fn work(&self) -> (u64, u64) {
        let paths: Vec<&PathBuf> = match &self.sources {
            Sources::Both { bid, ask } => bid.iter().chain(ask).collect(),
            Sources::Derived { bid: paths, .. } | Sources::Single(paths) | Sources::Ticks(paths) => {
                paths.iter().collect()
            }
        };
        let bytes = paths.into_iter().map(|path| fs::metadata(path).map_or(0, |metadata| metadata.len())).sum::<u64>();
        (bytes, bytes / 16 + 1)
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            kind: if matches!(self.sources, Sources::Ticks(_)) { Kind::Ticks } else { Kind::Bars },
            format: self.request.format.as_deref(),
            has_zone: self.zone.is_some(),
            time_column: self.request.time_column.as_deref(),
            time_unit: self.request.time_unit,
            bid_column: self.request.bid_column.as_deref(),
            ask_column: self.request.ask_column.as_deref(),
            has_date: self.day_ns.is_some(),
        }
    }

    fn target(&self, side: FileSide) -> Origin {
        Origin::file(&self.request.data_root, &self.symbol, self.request.timeframe, side)
    }

    fn read(&self, watch: &Watch) -> Result<ReadSources, DataError> {
        let meter = Meter::new(watch);
        match &self.sources {
            Sources::Both { bid, ask } => {
                self.read_bars(&[(FileSide::Bid, bid), (FileSide::Ask, ask)], None, None, &meter)
            }
            Sources::Derived { bid, rule } => {
                self.read_bars(&[(FileSide::Bid, bid)], rule.as_ref(), self.request.point, &meter)
            }
            Sources::Single(single) => self.read_bars(&[(FileSide::Single, single)], None, None, &meter),
            Sources::Ticks(paths) => self.read_ticks(paths, &meter),
        }
    }

    /// Reads every source in parallel, then merges the sources of each side.
    fn read_bars(
        &self,
        given: &[(FileSide, &Vec<PathBuf>)],
        rule: Option<&AskRule>,
        spread_point: Option<f64>,
        meter: &Meter,
    ) -> Result<ReadSources, DataError> {
        let timeframe = self.request.timeframe;
        let reading = BarReading {
            wanted: self.wanted(),
            timeframe,
            zone: self.zone.as_ref(),
            price_divisor: self.request.price_divisor,
            relabel: (self.request.label == Label::Close).then(|| Relabel::new(&self.symbol, timeframe)),
            ask: rule,
            spread_point,
        };
        let jobs: Vec<_> = given.iter().flat_map(|(side, paths)| paths.iter().map(|path| (*side, path))).collect();
        let read: Vec<Result<_, DataError>> = jobs.par_iter().map(|(_, path)| reading.read(path, meter)).collect();
        let mut sources = Vec::new();
        let mut of_side: Vec<(FileSide, Vec<Rows>, Option<AskRule>)> =
            given.iter().map(|(side, _)| (*side, Vec::new(), None)).collect();
        for ((side, path), read) in jobs.into_iter().zip(read) {
            let ReadBars { rows, format, zone, ask, facts } = read?;
            sources.push(SourceReport {
                side: side.into(),
                path: path.to_string_lossy().into_owned(),
                format: format.name,
                timezone: zone,
                sha256: facts.sha256,
                bytes: facts.bytes,
                rows: rows.len() as u64,
            });
            if let Some((_, all, rule)) = of_side.iter_mut().find(|(of, ..)| *of == side) {
                *rule = rule.take().or(ask);
                all.push(rows);
            }
        }
        let mut sides = Vec::new();
        for (side, all, ask_rule) in of_side {
            let rows_in = all.iter().map(|rows| rows.len() as u64).sum();
            let (rows, duplicate) = merge::merge(all)?;
            let dropped = DroppedRows { duplicate, ..DroppedRows::default() };
            sides.push(SideRows { side, rows, rows_in, dropped, ask_rule });
        }
        Ok(ReadSources { sides, sources, ticks: None })
    }

    /// Makes bars of the ticks of all sources.
    fn read_ticks(&self, paths: &[PathBuf], meter: &Meter) -> Result<ReadSources, DataError> {
        let reading = TickReading {
            wanted: self.wanted(),
            zone: self.zone.as_ref(),
            day_ns: self.day_ns,
            price_divisor: self.request.price_divisor,
        };
        let mut bars = TickBars::new(&self.symbol, self.request.timeframe);
        let merged = tick_merge::merge(paths, &reading, meter, &mut bars)?;
        let report = TickReport {
            rows: merged.sources.iter().map(|read| read.rows).sum(),
            repeated: merged.shared + merged.sources.iter().map(|read| read.repeated).sum::<u64>(),
        };
        let [bid, ask] = bars.finish(&merged.files);
        if ask.len() == 0 && bid.len() > 0 {
            return Err(self.ask_missing().into());
        }
        let sides = [(FileSide::Bid, bid), (FileSide::Ask, ask)];
        let sides = sides.map(|(side, rows)| SideRows {
            side,
            rows_in: rows.len() as u64,
            rows,
            dropped: DroppedRows::default(),
            ask_rule: None,
        });
        let sources = paths.iter().zip(merged.sources).map(|(path, read)| SourceReport {
            side: SourceSide::Both,
            path: path.to_string_lossy().into_owned(),
            format: read.format.name,
            timezone: read.zone,
            sha256: read.facts.sha256,
            bytes: read.facts.bytes,
            rows: read.rows,
        });
        Ok(ReadSources { sides: sides.into(), sources: sources.collect(), ticks: Some(report) })
    }

    fn ask_missing(&self) -> ImportError {
        ImportError::AskMissing { symbol: self.symbol.clone(), timeframe: self.request.timeframe }
    }

    /// Drops what the request wants dropped. Gives the rule about flat bars that was in force.
    fn filter(&self, sides: &mut [SideRows], sources: &[SourceReport]) -> Result<DropFlat, DataError> {
        let drop_flat = self.request.drop_flat.unwrap_or_else(|| {
            let usual = sources.iter().map(|source| format::usual_drop_flat(source.format));
            usual.fold(DropFlat::None, |all, usual| if all == DropFlat::None { usual } else { all })
        });
        for side in sides {
            side.dropped.flat = filters::drop_flat(&mut side.rows, drop_flat);
            if self.request.v1_market_hours {
                side.dropped.market_hours = filters::drop_v1(&mut side.rows, self.request.timeframe)?;
            }
        }
        Ok(drop_flat)
    }

    /// Adds the ask side of a bid-only source. Gives the text of `omega.ask_source`.
    fn derive_ask(&self, sides: &mut Vec<SideRows>) -> Result<Option<String>, DataError> {
        if !matches!(self.sources, Sources::Derived { .. }) {
            return Ok(None);
        }
        let missing = || self.ask_missing();
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

    fn report(&self, sides: &[SideRows], facts: Facts, files: &[(PathBuf, Vec<u8>)]) -> ImportReport {
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
            drop_flat: facts.drop_flat,
            sources: facts.sources,
            ticks: facts.ticks,
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
            crossed: facts.crossed,
            ask_source: facts.ask_source,
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
