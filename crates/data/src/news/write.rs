//! The bytes of a calendar file.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampNanosecondArray};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use omega_types::Watch;
use parquet::{arrow::ArrowWriter, errors::ParquetError, file::metadata::KeyValue};

use super::{NewsEvent, calendar::COLUMNS};
use crate::{
    DataError,
    write::{ROW_GROUP_ROWS, fixed_properties},
};

/// Fixed, so that a new release gives the same bytes for the same events.
const CREATED_BY: &str = "omega version 1.0.0 (build news-1)";

/// Columns in the order of data.md 10, settings as for candles: the same events and labels give the same bytes.
///
/// # Errors
///
/// `IMPORT_WRITE` if the events are too large for the format; cancellation. `failed` names the target.
pub(super) fn encode(
    events: &[NewsEvent],
    labels: &[(&str, String)],
    failed: impl Fn(String) -> DataError,
    watch: &Watch,
) -> Result<Vec<u8>, DataError> {
    let parquet_failed = |error: ParquetError| failed(error.to_string());
    let schema = schema();
    let metadata = labels.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())).collect();
    let properties = fixed_properties(CREATED_BY, metadata).map_err(parquet_failed)?;
    let mut writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties)).map_err(parquet_failed)?;
    for rows in events.chunks(ROW_GROUP_ROWS) {
        watch.check()?;
        let batch =
            RecordBatch::try_new(Arc::clone(&schema), columns(rows)).map_err(|error| failed(error.to_string()))?;
        writer.write(&batch).map_err(parquet_failed)?;
        writer.flush().map_err(parquet_failed)?;
    }
    writer.into_inner().map_err(parquet_failed)
}

fn schema() -> Arc<Schema> {
    let [time, texts @ ..] = COLUMNS;
    let time = Field::new(time, DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())), false);
    let texts = texts.iter().map(|&name| Field::new(name, DataType::Utf8, false));
    Arc::new(Schema::new(std::iter::once(time).chain(texts).collect::<Vec<_>>()))
}

fn columns(rows: &[NewsEvent]) -> Vec<ArrayRef> {
    let time: Vec<i64> = rows.iter().map(|event| event.time_ns).collect();
    let texts =
        |text: fn(&NewsEvent) -> String| -> ArrayRef { Arc::new(StringArray::from_iter_values(rows.iter().map(text))) };
    vec![
        Arc::new(TimestampNanosecondArray::from(time).with_timezone("UTC")),
        texts(|event| event.id.clone()),
        texts(|event| event.name.clone()),
        texts(|event| event.impact.as_str().to_owned()),
        texts(|event| event.currency.to_string()),
    ]
}
