//! An export of a calendar: text, separated columns, one event per line (data.md 7.2).

use std::{io::Read, path::Path};

use csv::{ReaderBuilder, StringRecord};
use flate2::read::MultiGzDecoder;
use omega_types::Watch;

use super::{NewsError, NewsSourceReport, error::shown, time::instant};
use crate::{
    DataError,
    import::{ImportError, Place},
    source_file::{self, Unread},
};

const GZIP: [u8; 2] = [0x1f, 0x8b];
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// Rows between two looks at the cancellation flag.
const CHUNK_ROWS: usize = 8_192;

/// A line as it was written, its time read.
pub(super) struct Line {
    pub(super) time_ns: i64,
    /// Trimmed; empty without a column or a value.
    pub(super) id: String,
    /// As it is.
    pub(super) name: String,
    /// Trimmed, upper case.
    pub(super) impact: String,
    /// Trimmed, upper case.
    pub(super) currency: String,
    /// 0-based row of its source, and the line that it begins on.
    pub(super) row: usize,
    pub(super) place: Place,
}

/// A source, read to its end.
pub(super) struct Source {
    pub(super) lines: Vec<Line>,
    pub(super) report: NewsSourceReport,
}

impl Source {
    /// # Errors
    ///
    /// `IMPORT_FILE_NOT_FOUND`, `DATA_READ`, `DATA_BUSY_CHANGED`, `IMPORT_FORMAT`, `NEWS_MISSING_COLUMN`, `IMPORT_PARSE`;
    /// cancellation.
    pub(super) fn read(path: &Path, day_first: bool, watch: &Watch) -> Result<Self, DataError> {
        let file = source_file::read_path(path).map_err(|unread| match unread {
            Unread::Missing => DataError::from(ImportError::FileNotFound { path: path.to_owned() }),
            Unread::Failed(source) => ImportError::Read { path: path.to_owned(), source }.into(),
            Unread::Changed { before, after } => {
                NewsError::BusyChanged { path: path.to_owned(), stamps: Box::new((before, after)) }.into()
            }
        })?;
        let (sha256, bytes) = (source_file::sha256_hex(&file), file.len() as u64);
        let text = text(path, file)?;
        let (separator, header) = header(path, &text)?;
        let mut reader =
            ReaderBuilder::new().delimiter(separator).has_headers(true).flexible(true).from_reader(text.as_bytes());
        let mut lines = Vec::new();
        let mut record = StringRecord::new();
        loop {
            if lines.len() % CHUNK_ROWS == 0 {
                watch.check()?;
            }
            let more = reader.read_record(&mut record).map_err(|error| format(path, &error.to_string(), RESAVE))?;
            if !more {
                break;
            }
            let line = record.position().map_or(0, csv::Position::line);
            let place = Place::line(path, line);
            lines.push(header.line(&record, lines.len(), place, day_first)?);
        }
        let rows = lines.len() as u64;
        let path = path.to_string_lossy().into_owned();
        Ok(Self { lines, report: NewsSourceReport { path, sha256, bytes, rows } })
    }
}

const RESAVE: &str = "save the calendar as CSV text in UTF-8";

/// Unpacked, in UTF-8, without a byte order mark.
fn text(path: &Path, file: Vec<u8>) -> Result<String, DataError> {
    let bytes = if file.starts_with(&GZIP) {
        let mut unpacked = Vec::new();
        MultiGzDecoder::new(file.as_slice())
            .read_to_end(&mut unpacked)
            .map_err(|source| ImportError::Read { path: path.to_owned(), source })?;
        unpacked
    } else {
        file
    };
    let problem = match bytes.as_slice() {
        [] => Some("the file is empty".to_owned()),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("the text is UTF-16".to_owned()),
        [b'P', b'A', b'R', b'1', ..] => Some("the file is Parquet".to_owned()),
        [b'P', b'K', 3, 4, ..] => Some("the file is a ZIP archive".to_owned()),
        _ => None,
    };
    if let Some(problem) = problem {
        return Err(format(path, &problem, RESAVE).into());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes().iter().take(valid).filter(|&&byte| byte == b'\n').count();
        format(path, &format!("line {line} is not UTF-8"), RESAVE)
    })?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

fn format(path: &Path, problem: &str, hint: &str) -> NewsError {
    NewsError::Format { path: path.to_owned(), problem: problem.to_owned(), hint: hint.to_owned() }
}

/// Where the columns are.
#[derive(Debug)]
struct Header {
    /// Number of columns.
    width: usize,
    /// Name of the time column as the file writes it.
    time_name: String,
    time: usize,
    id: Option<usize>,
    name: usize,
    impact: usize,
    currency: usize,
}

/// The separator with which the first line names the columns, and where they are.
fn header(path: &Path, text: &str) -> Result<(u8, Header), NewsError> {
    let mut best: Option<(usize, NewsError)> = None;
    for separator in SEPARATORS {
        let mut reader = ReaderBuilder::new().delimiter(separator).from_reader(text.as_bytes());
        let names = reader.headers().map_err(|error| format(path, &error.to_string(), RESAVE))?;
        match Header::of(path, names) {
            Ok(header) => return Ok((separator, header)),
            Err(error) if best.as_ref().is_none_or(|(width, _)| names.len() > *width) => {
                best = Some((names.len(), error));
            }
            Err(_) => {}
        }
    }
    Err(best.map_or_else(|| format(path, "there is no header", RESAVE), |(_, error)| error))
}

impl Header {
    fn of(path: &Path, names: &StringRecord) -> Result<Self, NewsError> {
        let find = |accepted: &[&str]| -> Result<Option<usize>, NewsError> {
            let is = |name: &str| accepted.iter().any(|accepted| accepted.eq_ignore_ascii_case(name.trim()));
            let mut found = names.iter().enumerate().filter(|(_, name)| is(name));
            match (found.next(), found.next()) {
                (Some((_, first)), Some((_, second))) => {
                    let problem = format!("the columns '{}' and '{}' say the same", first.trim(), second.trim());
                    Err(format(path, &problem, "remove or rename one of them"))
                }
                (first, _) => Ok(first.map(|(index, _)| index)),
            }
        };
        let needed = |column: &'static str, found: Option<usize>| {
            found.ok_or_else(|| NewsError::MissingColumn {
                path: path.to_owned(),
                column,
                found: names.iter().map(|name| shown(name.trim())).collect(),
            })
        };
        let time = needed("Start", find(&["Start", "UTC time"])?)?;
        Ok(Self {
            width: names.len(),
            time_name: names.get(time).unwrap_or_default().trim().to_owned(),
            time,
            id: find(&["Id"])?,
            name: needed("Name", find(&["Name"])?)?,
            impact: needed("Impact", find(&["Impact"])?)?,
            currency: needed("Currency", find(&["Currency"])?)?,
        })
    }

    fn line(&self, record: &StringRecord, row: usize, place: Place, day_first: bool) -> Result<Line, DataError> {
        if record.len() != self.width {
            let text = shown(&record.iter().collect::<Vec<_>>().join(" "));
            let problem = format!("has {} fields, the header has {}", record.len(), self.width);
            let remedy = Some("put texts that contain the separator in double quotes".to_owned());
            return Err(parse(place, "the line", text, problem, remedy));
        }
        let field = |index: usize| record.get(index).unwrap_or_default();
        let written = field(self.time);
        let time_ns = instant(written, day_first).map_err(|no_time| {
            let remedy = no_time.remedy.map(str::to_owned);
            parse(place.clone(), &self.time_name, shown(written), no_time.problem.to_owned(), remedy)
        })?;
        Ok(Line {
            time_ns,
            id: self.id.map_or("", field).trim().to_owned(),
            name: field(self.name).to_owned(),
            impact: field(self.impact).trim().to_uppercase(),
            currency: field(self.currency).trim().to_uppercase(),
            row,
            place,
        })
    }
}

fn parse(place: Place, column: &str, text: String, problem: String, remedy: Option<String>) -> DataError {
    ImportError::Parse { place: Box::new(place), column: column.to_owned(), text, problem, remedy }.into()
}
