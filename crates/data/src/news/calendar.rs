//! A calendar file: read, checked, its events in time order (data.md 10).

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray};
use arrow_schema::{DataType, Schema, TimeUnit};
use bytes::Bytes;
use omega_types::{Warning, Watch, code, market::Input, time::iso};
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
        parquet_to_arrow_schema,
    },
    basic::Type as Physical,
    errors::ParquetError,
    schema::types::SchemaDescriptor,
};

use super::{Currency, NewsError, NewsEvent, error::shown, event::impact_of};
use crate::{
    DataError,
    parquet_file::caught,
    parquet_pages::{check_footer, check_pages},
    source_file::{self, Unread},
    write::TIME_COLUMN,
};

/// The columns of a calendar, in file order.
pub(super) const COLUMNS: [&str; 5] = [TIME_COLUMN, "Id", "Name", "Impact", "Currency"];
/// Rows decoded between two looks at the cancellation flag.
const CHUNK_ROWS: usize = 8_192;

/// Where the calendar of a run lies.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewsFile {
    /// The Parquet file.
    pub path: PathBuf,
    /// Who named it: `option`, `env` or `default`.
    pub origin: String,
}

/// A whole calendar, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct NewsCalendar {
    /// Non-decreasing in time, at least one; each `id` once.
    pub events: Vec<NewsEvent>,
    /// The manifest entry, kind `news_parquet`.
    pub input: Input,
    /// Rows that were left out because an earlier one has the same `Id`; and those of them that are another event.
    pub repeated: Repeated,
}

/// Rows with an `Id` that occurred before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Repeated {
    /// Rows left out.
    pub rows: u64,
    /// Those of them that differ from the event that was kept.
    pub different: u64,
}

impl Repeated {
    /// A remark, if any row was left out.
    pub(super) fn warning(self) -> Option<Warning> {
        let Self { rows, different } = self;
        let mut text = format!("news calendar: {rows} rows repeat the Id of an earlier one and were left out");
        if different > 0 {
            text.push_str(&format!("; {different} of them are another event: are the Ids those of kinds of events?"));
        }
        (rows > 0).then(|| Warning::new(code::DATA_W_DEDUP, text))
    }
}

impl NewsCalendar {
    /// Times of the first and the last event.
    pub fn span_ns(&self) -> Option<(i64, i64)> {
        Some((self.events.first()?.time_ns, self.events.last()?.time_ns))
    }

    /// What a user should know about this calendar in a run from `start_ns` to `end_ns`, both inclusive: rows left out,
    /// `DATA_W_NEWS_COVERAGE` if the run begins before the first event or ends after the last one.
    pub fn warnings(&self, start_ns: i64, end_ns: i64) -> Vec<Warning> {
        let uncovered = self.span_ns().filter(|&(first, last)| start_ns < first || last < end_ns).map(|(first, last)| {
            let [first, last, start, end] = [first, last, start_ns, end_ns].map(iso);
            let text = format!(
                "news calendar: its events reach from {first} to {last}, the run from {start} to {end}; outside of them \
                 nothing is blocked"
            );
            Warning::new(code::DATA_W_NEWS_COVERAGE, text)
        });
        self.repeated.warning().into_iter().chain(uncovered).collect()
    }
}

/// Reads a calendar.
///
/// # Errors
///
/// The first violation in the order of the checks, then of the rows: `NEWS_FILE_NOT_FOUND`, `DATA_READ`,
/// `DATA_BUSY_CHANGED`, `NEWS_PARSE`, `NEWS_MISSING_COLUMN`, `NEWS_COLUMN_TYPE`, `NEWS_TIMEZONE`, `NEWS_NULL`,
/// `NEWS_EMPTY`, `NEWS_OUT_OF_ORDER`, `NEWS_IMPACT`, `NEWS_CURRENCY`; cancellation.
pub fn load_news(file: &NewsFile, watch: &Watch) -> Result<NewsCalendar, DataError> {
    let path = || file.path.clone();
    let bytes = source_file::read_path(&file.path).map_err(|unread| match unread {
        Unread::Missing => NewsError::FileNotFound { path: path(), origin: file.origin.clone() },
        Unread::Failed(source) => NewsError::Read { path: path(), source },
        Unread::Changed { before, after } => NewsError::BusyChanged { path: path(), stamps: Box::new((before, after)) },
    })?;
    let sha256 = source_file::sha256_hex(&bytes);
    let rows = decoded(Bytes::from(bytes), &file.path, watch)?;
    let count = rows.time.len() as u64;
    let (events, repeated) = rows.events(&file.path)?;
    let input = Input {
        kind: "news_parquet".to_owned(),
        path: file.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        sha256,
        rows: Some(count),
        start_time_ns: events.first().map(|event| event.time_ns),
        end_time_ns: events.last().map(|event| event.time_ns),
    };
    Ok(NewsCalendar { events, input, repeated })
}

/// Keeps the first event of each identity. `events` in time order.
pub(super) fn without_repeats(events: Vec<NewsEvent>) -> (Vec<NewsEvent>, Repeated) {
    let mut seen = HashSet::with_capacity(events.len());
    let mut kept: Vec<NewsEvent> = Vec::with_capacity(events.len());
    let mut again = Vec::new();
    for event in events {
        if seen.insert(event.id.clone()) {
            kept.push(event);
        } else {
            again.push(event);
        }
    }
    let originals: HashSet<&NewsEvent> = kept.iter().collect();
    let different = again.iter().filter(|event| !originals.contains(event)).count() as u64;
    let repeated = Repeated { rows: again.len() as u64, different };
    (kept, repeated)
}

/// The columns of a file, in its row order.
#[derive(Default)]
struct Rows {
    time: Vec<i64>,
    id: Vec<String>,
    name: Vec<String>,
    impact: Vec<String>,
    currency: Vec<String>,
}

impl Rows {
    fn events(self, path: &Path) -> Result<(Vec<NewsEvent>, Repeated), NewsError> {
        let path = || path.to_owned();
        if self.time.is_empty() {
            return Err(NewsError::Empty { path: path(), skipped: 0 });
        }
        if let Some(row) = self.time.windows(2).position(|pair| pair[1] < pair[0]) {
            let (previous_ns, time_ns) = (self.time[row], self.time[row + 1]);
            return Err(NewsError::OutOfOrder { path: path(), row: row + 1, time_ns, previous_ns });
        }
        let mut events = Vec::with_capacity(self.time.len());
        let texts = self.id.into_iter().zip(self.name).zip(self.impact.into_iter().zip(self.currency));
        for (row, (time_ns, ((id, name), (impact, currency)))) in self.time.into_iter().zip(texts).enumerate() {
            let wrong = |value: &str| (shown(value), row, Some(path()));
            let impact = impact_of(&impact.to_uppercase()).ok_or_else(|| {
                let (value, row, path) = wrong(&impact);
                NewsError::Impact { value, row, path }
            })?;
            let currency: Currency = currency.to_uppercase().parse().map_err(|_| {
                let (value, row, path) = wrong(&currency);
                NewsError::Currency { value, row, path }
            })?;
            events.push(NewsEvent { time_ns, id, name, impact, currency });
        }
        Ok(without_repeats(events))
    }
}

fn decoded(bytes: Bytes, path: &Path, watch: &Watch) -> Result<Rows, DataError> {
    let unreadable = |reason| NewsError::Parse { path: path.to_owned(), reason };
    let (builder, declared) = caught(|| {
        // Read as what the columns are; what they claim to be beyond that is judged by `check`.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        check_footer(&bytes)?;
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(bytes.clone(), options)?;
        let metadata = builder.metadata().file_metadata();
        let declared = parquet_to_arrow_schema(metadata.schema_descr(), metadata.key_value_metadata())?;
        Ok((builder, declared))
    })
    .map_err(unreadable)?;
    check(builder.parquet_schema(), &declared, path)?;
    let roots = COLUMNS.iter().filter_map(|name| declared.fields().iter().position(|field| field.name() == name));
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    caught(|| check_pages(&bytes, builder.metadata(), |leaf| mask.leaf_included(leaf))).map_err(unreadable)?;
    let mut reader =
        caught(|| builder.with_projection(mask).with_batch_size(CHUNK_ROWS).build()).map_err(unreadable)?;
    let mut rows = Rows::default();
    let next = |reader: &mut parquet::arrow::arrow_reader::ParquetRecordBatchReader| {
        caught(|| reader.next().transpose().map_err(|error| ParquetError::General(error.to_string())))
    };
    let mut null: Option<(usize, usize)> = None;
    while let Some(batch) = next(&mut reader).map_err(unreadable)? {
        watch.check()?;
        let first = rows.time.len();
        let columns = COLUMNS.map(|name| batch.column_by_name(name));
        let nulls = columns
            .iter()
            .enumerate()
            .filter_map(|(column, array)| Some((first + first_null(array.as_ref()?)?, column)));
        null = null.or_else(|| nulls.min());
        append(&mut rows, &batch, path)?;
    }
    match null {
        Some((row, column)) => Err(NewsError::Null { path: path.to_owned(), column: COLUMNS[column], row }.into()),
        None => Ok(rows),
    }
}

/// All names first, then all types, then the time zone.
fn check(schema: &SchemaDescriptor, declared: &Schema, path: &Path) -> Result<(), NewsError> {
    let path = || path.to_owned();
    let mut types = Vec::with_capacity(COLUMNS.len());
    for column in COLUMNS {
        let Some((root, field)) = declared.fields().find(column) else {
            let found = declared.fields().iter().map(|field| field.name().clone()).collect();
            return Err(NewsError::MissingColumn { path: path(), column, found });
        };
        let leaf = (0..schema.num_columns()).find(|&leaf| schema.get_column_root_idx(leaf) == root);
        let is_int96 = leaf.is_some_and(|leaf| schema.column(leaf).physical_type() == Physical::INT96);
        types.push((column, field.data_type(), is_int96));
    }
    for &(column, found, is_int96) in &types {
        let (accepted, expected) = match column {
            TIME_COLUMN => {
                let is_stamp = matches!(found, DataType::Timestamp(TimeUnit::Nanosecond, _));
                (is_stamp && !is_int96, "Timestamp(Nanosecond, UTC)")
            }
            "Id" => (is_text(found) || *found == DataType::Int64, "Utf8 or Int64"),
            _ => (is_text(found), "Utf8"),
        };
        if !accepted {
            let found = if is_int96 { "INT96".to_owned() } else { found.to_string() };
            return Err(NewsError::ColumnType { path: path(), column, found, expected });
        }
    }
    match types.first() {
        Some((_, DataType::Timestamp(_, zone), _)) if !matches!(zone.as_deref(), Some("UTC" | "+00:00")) => {
            let found = zone.as_deref().unwrap_or("no time zone").to_owned();
            Err(NewsError::TimeZone { path: path(), found })
        }
        _ => Ok(()),
    }
}

fn is_text(found: &DataType) -> bool {
    match found {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

fn first_null(array: &ArrayRef) -> Option<usize> {
    (array.null_count() > 0).then(|| (0..array.len()).find(|&row| array.is_null(row))).flatten()
}

/// Nulls become empty values; they are an error of their own.
fn append(rows: &mut Rows, batch: &RecordBatch, path: &Path) -> Result<(), NewsError> {
    let wrong = |column, array: Option<&ArrayRef>, expected| {
        let found = array.map_or_else(|| "nothing".to_owned(), |array| array.data_type().to_string());
        NewsError::ColumnType { path: path.to_owned(), column, found, expected }
    };
    let [time, id, ..] = COLUMNS.map(|name| batch.column_by_name(name));
    let stamps = time.and_then(|array| array.as_any().downcast_ref::<TimestampNanosecondArray>());
    let stamps = stamps.ok_or_else(|| wrong(TIME_COLUMN, time, "Timestamp(Nanosecond, UTC)"))?;
    rows.time.extend_from_slice(stamps.values());
    match id.and_then(|array| array.as_any().downcast_ref::<Int64Array>()) {
        Some(numbers) => rows.id.extend(numbers.values().iter().map(i64::to_string)),
        None => rows.id.extend(texts(id).ok_or_else(|| wrong("Id", id, "Utf8 or Int64"))?),
    }
    let [_, _, name, impact, currency] = COLUMNS.map(|name| batch.column_by_name(name));
    for (column, array, target) in [
        ("Name", name, &mut rows.name),
        ("Impact", impact, &mut rows.impact),
        ("Currency", currency, &mut rows.currency),
    ] {
        target.extend(texts(array).ok_or_else(|| wrong(column, array, "Utf8"))?);
    }
    Ok(())
}

fn texts(array: Option<&ArrayRef>) -> Option<impl Iterator<Item = String>> {
    let texts = array?.as_any().downcast_ref::<StringArray>()?;
    Some(texts.iter().map(|text| text.unwrap_or_default().to_owned()))
}
