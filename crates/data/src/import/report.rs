//! What an import did.

use omega_types::{Timeframe, Warning, code, market::QuoteKind, time::iso};
use serde::{Serialize, Serializer};

use super::{CrossedReport, DropFlat, Label};
use crate::{
    Calendar, Origin, gaps,
    source_file::sha256_hex,
    write::{Candles, FileSide},
};

/// Everything an import read, dropped, changed and wrote. Nanoseconds are decimal strings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportReport {
    /// As written into file names.
    pub symbol: String,
    /// Bar length.
    pub timeframe: Timeframe,
    /// Both sides, or one.
    pub quotes: QuoteKind,
    /// The zone that was given.
    pub timezone: Option<String>,
    /// What the stamps of the source meant.
    pub label: Label,
    /// Which flat bars were dropped.
    pub drop_flat: DropFlat,
    /// The files read, in the order given; bid before ask.
    pub sources: Vec<SourceReport>,
    /// What became of the ticks, if the sources have ticks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticks: Option<TickReport>,
    /// What became of the bars, one entry per side.
    pub sides: Vec<SideReport>,
    /// Bars that exist on one side only; 0 for `single`.
    pub one_sided_bars: u64,
    /// Crossed bars; absent for `single`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crossed: Option<CrossedReport>,
    /// How the ask was derived, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask_source: Option<String>,
    /// Missing bars of the calendar; absent where nothing is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gaps: Option<GapReport>,
    /// The files written.
    pub files: Vec<FileReport>,
    /// What a user should know although the import went through.
    pub warnings: Vec<Warning>,
}

/// One file that was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceReport {
    /// What it was given for.
    pub side: SourceSide,
    /// As the caller wrote it.
    pub path: String,
    /// The format that was found.
    pub format: &'static str,
    /// The zone of its times; absent if every row shows its offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// SHA-256 of the file, packed or not.
    pub sha256: String,
    /// Length of the file.
    pub bytes: u64,
    /// Rows without the header.
    pub rows: u64,
}

/// What a source holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum SourceSide {
    Bid,
    Ask,
    Single,
    /// Ticks.
    Both,
}

impl From<FileSide> for SourceSide {
    fn from(side: FileSide) -> Self {
        match side {
            FileSide::Bid => Self::Bid,
            FileSide::Ask => Self::Ask,
            FileSide::Single => Self::Single,
        }
    }
}

/// What became of the ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TickReport {
    /// Rows of all sources.
    pub rows: u64,
    /// Rows left out: they repeat the row before them, or another source has the same tick.
    pub repeated: u64,
}

/// What became of the bars of a side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideReport {
    /// Bid, ask or single.
    pub side: FileSide,
    /// Bars of all sources, or made of ticks.
    pub rows_in: u64,
    /// Bars written.
    pub rows_out: u64,
    /// Rows left out, by reason.
    pub dropped: DroppedRows,
}

/// Rows left out, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct DroppedRows {
    /// Repetitions of the same bar.
    pub duplicate: u64,
    /// Flat bars (`drop_flat`).
    pub flat: u64,
    /// Bars that Omega V1 did not load (`v1_market_hours`).
    pub market_hours: u64,
    /// Crossed bars (`on_crossed = drop`).
    pub crossed: u64,
}

/// Expected bars that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GapReport {
    /// Bars that the calendar expects between the first and the last bar.
    pub expected_bars: u64,
    /// Those of them that are not there.
    pub missing_bars: u64,
    /// Missing / expected, rounded to 6 decimals.
    pub gap_loss: f64,
}

impl GapReport {
    /// Counts over the bars that a run could trade. `None` for W1 and without a calendar.
    pub(crate) fn of(timeframe: Timeframe, time: &[i64], calendar: Calendar) -> Option<Self> {
        let gaps = gaps::count(timeframe, time, calendar, None)?;
        Some(Self { expected_bars: gaps.expected, missing_bars: gaps.missing, gap_loss: gaps.rounded_loss() })
    }
}

/// One file that was written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileReport {
    /// Bid, ask or single.
    pub side: FileSide,
    /// Bar length.
    pub timeframe: Timeframe,
    /// Where it lies: `data_root` and `relative_path` joined.
    pub path: String,
    /// Below the data root, `/` separators.
    pub relative_path: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Length of the file.
    pub bytes: u64,
    /// Number of bars.
    pub rows: u64,
    /// Open time of the first row; `null` without rows.
    pub first_time: Option<String>,
    /// The same in nanoseconds.
    #[serde(serialize_with = "perhaps_as_text")]
    pub first_time_ns: Option<i64>,
    /// Open time of the last row.
    pub last_time: Option<String>,
    /// The same in nanoseconds.
    #[serde(serialize_with = "perhaps_as_text")]
    pub last_time_ns: Option<i64>,
}

impl FileReport {
    /// Describes a file.
    pub(crate) fn new(origin: &Origin, bytes: &[u8], candles: &Candles) -> Self {
        let mut report = Self {
            side: origin.side,
            timeframe: origin.timeframe,
            path: origin.path.as_ref().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default(),
            relative_path: origin.shown.clone(),
            sha256: sha256_hex(bytes),
            bytes: bytes.len() as u64,
            rows: 0,
            first_time: None,
            first_time_ns: None,
            last_time: None,
            last_time_ns: None,
        };
        report.describe(candles);
        report
    }

    /// Fills rows and span.
    pub(crate) fn describe(&mut self, candles: &Candles) {
        self.rows = candles.len() as u64;
        self.first_time_ns = candles.time.first().copied();
        self.last_time_ns = candles.time.last().copied();
        self.first_time = self.first_time_ns.map(iso);
        self.last_time = self.last_time_ns.map(iso);
    }
}

impl ImportReport {
    /// Fills `warnings` from the counts.
    pub(super) fn warn(&mut self) {
        let subject = format!("{} {}", self.symbol, self.timeframe);
        let duplicates: u64 = self.sides.iter().map(|side| side.dropped.duplicate).sum();
        if duplicates > 0 {
            self.warnings
                .push(Warning::new(code::DATA_W_DEDUP, format!("{subject}: {duplicates} repeated rows were dropped")));
        }
        if let Some(ticks) = self.ticks.filter(|ticks| ticks.repeated > 0) {
            let text = format!("{subject}: {} repeated ticks of {} were dropped", ticks.repeated, ticks.rows);
            self.warnings.push(Warning::new(code::DATA_W_DEDUP, text));
        }
        if self.one_sided_bars > 0 {
            let text = format!("{subject}: {} bars exist on one side only and will not be traded", self.one_sided_bars);
            self.warnings.push(Warning::new(code::DATA_W_ALIGNMENT, text));
        }
        if let Some(crossed) = &self.crossed {
            if crossed.dropped_bars > 0 {
                let text = format!(
                    "{subject}: {} crossed bars of {} were dropped",
                    crossed.dropped_bars, crossed.aligned_bars
                );
                self.warnings.push(Warning::new(code::DATA_W_DROPPED, text));
            }
            if crossed.changed_bars > 0 {
                let text = format!(
                    "{subject}: the ask was raised to the bid in {} fields of {} bars ({} of {} bars were crossed)",
                    crossed.changed_fields, crossed.changed_bars, crossed.bars, crossed.aligned_bars
                );
                self.warnings.push(Warning::new(code::DATA_W_CLAMPED, text));
            }
        }
        if let Some(ask_source) = &self.ask_source {
            let text = format!("{subject}: the ask side is not data: bid plus {ask_source}");
            self.warnings.push(Warning::new(code::DATA_W_SYNTHETIC_ASK, text));
        }
        if let Some(gaps) = self.gaps.filter(|gaps| 100 * gaps.missing_bars > 5 * gaps.expected_bars) {
            let text = format!("{subject}: {} of {} expected bars are missing", gaps.missing_bars, gaps.expected_bars);
            self.warnings.push(Warning::new(code::DATA_W_GAPS, text));
        }
        self.warnings.sort();
    }
}

/// Nanoseconds as text: a JSON number would be rounded on its way through JavaScript.
pub(crate) fn as_text<S: Serializer>(ns: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(ns)
}

/// The same for a time that may be absent.
pub(crate) fn perhaps_as_text<S: Serializer>(ns: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    match ns {
        Some(ns) => serializer.collect_str(ns),
        None => serializer.serialize_none(),
    }
}
