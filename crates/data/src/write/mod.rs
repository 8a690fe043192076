//! The one writer of candle files: the same candles and labels give the same bytes.

mod publish;

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, TimestampNanosecondArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use omega_types::{Json, QuoteSide, Timeframe, Watch};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, Encoding, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties, WriterVersion},
    },
    schema::types::ColumnPath,
};
use serde::Serialize;

pub use self::publish::publish;
use crate::{DataError, import::ImportError};

/// Name of the time column.
pub const TIME_COLUMN: &str = "UTC time";
/// Names of the value columns, in file order.
pub const VALUE_COLUMNS: [&str; 5] = ["Open", "High", "Low", "Close", "Volume"];
/// `omega.source` of invented candles.
pub const SYNTHETIC: &str = "synthetic";
/// Fixed, so that a new release gives the same bytes for the same candles.
const CREATED_BY: &str = "omega version 1.0.0 (build candles-1)";
pub(crate) const ROW_GROUP_ROWS: usize = 65_536;

/// Candles of one side as plain columns, all equally long: what an import or a generator hands to the writer.
///
/// - Unit: `time` in nanoseconds since the Unix epoch, UTC, open time; prices in quote currency.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Candles {
    pub time: Vec<i64>,
    pub open: Vec<f64>,
    pub high: Vec<f64>,
    pub low: Vec<f64>,
    pub close: Vec<f64>,
    pub volume: Vec<f64>,
}

impl Candles {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// No row.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Adds a row: open, high, low, close, volume.
    pub fn push(&mut self, time: i64, [open, high, low, close, volume]: [f64; 5]) {
        self.time.push(time);
        self.open.push(open);
        self.high.push(high);
        self.low.push(low);
        self.close.push(close);
        self.volume.push(volume);
    }

    /// Makes room for `rows` more.
    pub fn reserve(&mut self, rows: usize) {
        self.time.reserve(rows);
        for column in self.value_columns_mut() {
            column.reserve(rows);
        }
    }
}

/// Which quotes a candle file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileSide {
    /// `{SYMBOL}_{TF}_BID.parquet`.
    Bid,
    /// `{SYMBOL}_{TF}_ASK.parquet`.
    Ask,
    /// `{SYMBOL}_{TF}.parquet`; each run derives the ask.
    Single,
}

impl FileSide {
    /// The value of `omega.side`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bid => "bid",
            Self::Ask => "ask",
            Self::Single => "single",
        }
    }
}

impl From<QuoteSide> for FileSide {
    fn from(side: QuoteSide) -> Self {
        match side {
            QuoteSide::Bid => Self::Bid,
            QuoteSide::Ask => Self::Ask,
        }
    }
}

/// The metadata of a candle file (data.md 2).
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// `omega.symbol`.
    pub symbol: &'a str,
    /// `omega.timeframe`.
    pub timeframe: Timeframe,
    /// `omega.side`.
    pub side: FileSide,
    /// `omega.source`: the import format, or [`SYNTHETIC`].
    pub source: &'a str,
    /// `omega.ask_source`: how the ask was derived. `None` if it is data.
    pub ask_source: Option<&'a str>,
    /// `omega.crossed`: what an import changed because quotes were crossed. `None` if nothing.
    pub crossed: Option<&'a Json>,
}

/// Path below the data root, `/` between folder and file: `EURUSD/EURUSD_M1_BID.parquet`.
pub fn relative_path(symbol: &str, timeframe: Timeframe, side: FileSide) -> String {
    match side {
        FileSide::Bid => format!("{symbol}/{symbol}_{timeframe}_BID.parquet"),
        FileSide::Ask => format!("{symbol}/{symbol}_{timeframe}_ASK.parquet"),
        FileSide::Single => format!("{symbol}/{symbol}_{timeframe}.parquet"),
    }
}

/// The bytes of a candle file: Parquet 2, zstd level 3, 65 536 rows per row group, statistics, no clock, no machine.
///
/// # Errors
///
/// [`ImportError::Encode`] if the columns differ in length or are too large for the format; cancellation.
pub fn encode(candles: &Candles, labels: &Labels<'_>, watch: &Watch) -> Result<Vec<u8>, DataError> {
    encode_with(candles, labels, &[], watch)
}

/// The same with further `omega.*` pairs in the metadata.
pub(crate) fn encode_with(
    candles: &Candles,
    labels: &Labels<'_>,
    further: &[(&str, String)],
    watch: &Watch,
) -> Result<Vec<u8>, DataError> {
    let failed = |reason: String| ImportError::Encode {
        path: relative_path(labels.symbol, labels.timeframe, labels.side).into(),
        reason,
    };
    let schema = schema();
    let batch = batch(candles, &schema).map_err(|error| failed(error.to_string()))?;
    let parquet_failed = |error: ParquetError| failed(error.to_string());
    let properties = properties(labels, further).map_err(parquet_failed)?;
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).map_err(parquet_failed)?;
    let mut row = 0;
    while row < batch.num_rows() {
        watch.check()?;
        let rows = ROW_GROUP_ROWS.min(batch.num_rows() - row);
        writer.write(&batch.slice(row, rows)).map_err(parquet_failed)?;
        writer.flush().map_err(parquet_failed)?;
        row += rows;
    }
    Ok(writer.into_inner().map_err(parquet_failed)?)
}

fn schema() -> Arc<Schema> {
    let time = Field::new(TIME_COLUMN, DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())), false);
    let values = VALUE_COLUMNS.iter().map(|&name| Field::new(name, DataType::Float64, false));
    Arc::new(Schema::new(std::iter::once(time).chain(values).collect::<Vec<_>>()))
}

fn batch(candles: &Candles, schema: &Arc<Schema>) -> Result<RecordBatch, ArrowError> {
    let time = TimestampNanosecondArray::from(candles.time.clone()).with_timezone("UTC");
    let mut columns: Vec<ArrayRef> = vec![Arc::new(time)];
    for values in [&candles.open, &candles.high, &candles.low, &candles.close, &candles.volume] {
        columns.push(Arc::new(Float64Array::from(values.clone())));
    }
    RecordBatch::try_new(Arc::clone(schema), columns)
}

fn properties(labels: &Labels<'_>, further: &[(&str, String)]) -> Result<WriterProperties, ParquetError> {
    let mut metadata = metadata(labels);
    metadata.extend(further.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())));
    fixed_properties(CREATED_BY, metadata)
}

/// The settings of every file that is written here (data.md 7).
pub(crate) fn fixed_properties(created_by: &str, metadata: Vec<KeyValue>) -> Result<WriterProperties, ParquetError> {
    let time = || ColumnPath::new(vec![TIME_COLUMN.to_owned()]);
    Ok(WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_created_by(created_by.to_owned())
        // Almost every time is different: a dictionary would only double the column.
        .set_column_dictionary_enabled(time(), false)
        .set_column_encoding(time(), Encoding::DELTA_BINARY_PACKED)
        .set_key_value_metadata(Some(metadata))
        .build())
}

fn metadata(labels: &Labels<'_>) -> Vec<KeyValue> {
    let mut pairs = vec![
        KeyValue::new("omega.schema".to_owned(), "candles/1".to_owned()),
        KeyValue::new("omega.symbol".to_owned(), labels.symbol.to_owned()),
        KeyValue::new("omega.timeframe".to_owned(), labels.timeframe.as_str().to_owned()),
        KeyValue::new("omega.side".to_owned(), labels.side.as_str().to_owned()),
        KeyValue::new("omega.source".to_owned(), labels.source.to_owned()),
    ];
    if let Some(ask_source) = labels.ask_source {
        pairs.push(KeyValue::new("omega.ask_source".to_owned(), ask_source.to_owned()));
    }
    if let Some(crossed) = labels.crossed {
        pairs.push(KeyValue::new("omega.crossed".to_owned(), crossed.to_string()));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use omega_types::Coded;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use serde_json::json;

    use super::*;
    use crate::testing::flat;

    const MINUTE: i64 = 60_000_000_000;

    fn labels(crossed: Option<&Json>) -> Labels<'_> {
        Labels {
            symbol: "EURUSD",
            timeframe: Timeframe::M1,
            side: FileSide::Ask,
            source: "native",
            ask_source: Some("spread of 1 pips of 0.0001"),
            crossed,
        }
    }

    fn bytes(rows: i64) -> Vec<u8> {
        let candles = flat(&(0..rows).map(|i| i * MINUTE).collect::<Vec<_>>());
        let crossed = json!({ "policy": "clamp", "bars": 3 });
        encode(&candles, &labels(Some(&crossed)), &Watch::default()).unwrap()
    }

    #[test]
    fn a_file_has_the_settings_and_labels_of_the_contract() {
        let reader = SerializedFileReader::new(Bytes::from(bytes(70_000))).unwrap();
        let file = reader.metadata().file_metadata();
        // data.md 7: pages of version 2, zstd, 65 536 rows per row group, statistics, a fixed author.
        assert_eq!((file.version(), file.created_by()), (2, Some(CREATED_BY)));
        let groups = reader.metadata().row_groups();
        assert_eq!(groups.iter().map(|g| g.num_rows()).collect::<Vec<_>>(), [65_536, 70_000 - 65_536]);
        for column in groups.iter().flat_map(|group| group.columns()) {
            assert!(matches!(column.compression(), Compression::ZSTD(_)));
            assert!(column.statistics().is_some());
        }
        let pairs = file.key_value_metadata().unwrap();
        let label = |key: &str| pairs.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.clone()).unwrap();
        assert_eq!(
            ["schema", "symbol", "timeframe", "side", "source", "ask_source"].map(|key| label(&format!("omega.{key}"))),
            ["candles/1", "EURUSD", "M1", "ask", "native", "spread of 1 pips of 0.0001"]
        );
        assert_eq!(serde_json::from_str::<Json>(&label("omega.crossed")).unwrap()["bars"], 3);
    }

    #[test]
    fn the_same_candles_give_the_same_bytes() {
        assert_eq!(bytes(1_000), bytes(1_000));
    }

    #[test]
    fn columns_of_different_length_are_refused() {
        let mut candles = flat(&[0, MINUTE]);
        candles.high.pop();
        let error = encode(&candles, &labels(None), &Watch::default()).unwrap_err();
        assert_eq!(error.code().name, "IMPORT_WRITE");
    }
}
