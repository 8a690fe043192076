//! A candle file in Parquet: its schema is checked, then each column is decoded into the one buffer that the run reads.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use arrow_schema::{DataType, Schema, TimeUnit};
use bytes::Bytes;
use omega_types::Watch;
use parquet::{
    arrow::parquet_to_arrow_schema,
    basic::Type as Physical,
    column::reader::get_typed_column_reader,
    data_type::{DataType as ParquetType, DoubleType, Int64Type},
    errors::ParquetError,
    file::reader::{FileReader, SerializedFileReader},
    schema::types::SchemaDescriptor,
};
use rayon::prelude::*;

use crate::{
    DataError, Origin,
    labels::FileLabels,
    parquet_pages::{check_footer, check_pages},
    write::{Candles, TIME_COLUMN, VALUE_COLUMNS},
};

/// Rows decoded between two looks at the cancellation flag.
const CHUNK_ROWS: usize = 65_536;

/// A file whose schema is the one of data.md 2.
pub(crate) struct CandleFile {
    reader: SerializedFileReader<Bytes>,
    /// Leaf index and kind of `UTC time`, `Open`, `High`, `Low`, `Close`, `Volume`.
    columns: [(usize, Kind); 6],
    labels: FileLabels,
    origin: Arc<Origin>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Float64,
    Int64,
}

impl CandleFile {
    /// Opens the bytes of a file.
    ///
    /// # Errors
    ///
    /// `DATA_PARSE`, `DATA_MISSING_COLUMN`, `DATA_COLUMN_TYPE`, `DATA_TIMEZONE`.
    pub(crate) fn open(bytes: Bytes, origin: &Arc<Origin>) -> Result<Self, DataError> {
        let parsed = caught(|| {
            check_footer(&bytes)?;
            let reader = SerializedFileReader::new(bytes.clone())?;
            let metadata = reader.metadata().file_metadata();
            let arrow = parquet_to_arrow_schema(metadata.schema_descr(), metadata.key_value_metadata())?;
            Ok((reader, arrow))
        });
        let unreadable = |reason| DataError::Parse { origin: Arc::clone(origin), reason };
        let (reader, arrow) = parsed.map_err(unreadable)?;
        let metadata = reader.metadata().file_metadata();
        let columns = columns(metadata.schema_descr(), &arrow, origin)?;
        let is_read = |leaf: usize| columns.iter().any(|(read, _)| *read == leaf);
        caught(|| check_pages(&bytes, reader.metadata(), is_read)).map_err(unreadable)?;
        let pairs = metadata.key_value_metadata().into_iter().flatten();
        let labels = FileLabels::new(pairs.filter_map(|p| Some((p.key.as_str(), p.value.as_deref()?))));
        Ok(Self { reader, columns, labels, origin: Arc::clone(origin) })
    }

    /// What the file says about itself.
    pub(crate) fn labels(&self) -> &FileLabels {
        &self.labels
    }

    /// Decodes the six columns in parallel.
    ///
    /// # Errors
    ///
    /// `DATA_PARSE`, `DATA_NULL`, `DATA_EMPTY`; cancellation.
    pub(crate) fn candles(&self, watch: &Watch) -> Result<Candles, DataError> {
        let decoded: Vec<Result<Decoded, DataError>> = self
            .columns
            .par_iter()
            .map(|&(leaf, kind)| {
                let decoded = caught(|| match kind {
                    Kind::Float64 => self.decode::<DoubleType>(leaf, watch).map(|(v, null)| (Values::Float64(v), null)),
                    Kind::Int64 => self.decode::<Int64Type>(leaf, watch).map(|(v, null)| (Values::Int64(v), null)),
                });
                watch.check()?;
                let (values, null_row) = decoded.map_err(|reason| self.unreadable(reason))?;
                Ok(Decoded { values, null_row })
            })
            .collect();
        let decoded = decoded.into_iter().collect::<Result<Vec<_>, _>>()?;
        let null = decoded.iter().enumerate().filter_map(|(i, column)| Some((column.null_row?, i))).min();
        if let Some((row, column)) = null {
            return Err(DataError::Null { origin: Arc::clone(&self.origin), column: column_name(column), row });
        }
        let mut columns = decoded.into_iter().map(|column| column.values);
        let time = columns.next().map(Values::into_i64).unwrap_or_default();
        let mut next = || columns.next().map(Values::into_f64).unwrap_or_default();
        let candles = Candles { time, open: next(), high: next(), low: next(), close: next(), volume: next() };
        if candles.is_empty() {
            return Err(DataError::Empty { origin: Arc::clone(&self.origin) });
        }
        Ok(candles)
    }

    /// One column over all row groups, and the row of its first null.
    fn decode<T: ParquetType>(&self, leaf: usize, watch: &Watch) -> Result<(Vec<T::T>, Option<usize>), ParquetError> {
        let groups = self.reader.metadata().row_groups();
        let mut values = Vec::new();
        values.try_reserve_exact(row_count(groups.iter().map(|g| g.num_rows()))?).map_err(general)?;
        let mut levels: Vec<i16> = Vec::new();
        let mut first_row = 0;
        for (index, group) in groups.iter().enumerate() {
            let rows = row_count(std::iter::once(group.num_rows()))?;
            let chunk = group.columns().get(leaf).ok_or_else(|| general("a row group lacks a column"))?;
            let start = chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset());
            // The decoder asserts this; said here, it stays an ordinary error.
            if start < 0 || chunk.compressed_size() < 0 {
                return Err(general("a column lies at a negative offset"));
            }
            let max_level = chunk.column_descr().max_def_level();
            let mut column = get_typed_column_reader::<T>(self.reader.get_row_group(index)?.get_column_reader(leaf)?);
            let mut done = 0;
            while done < rows {
                watch.check().map_err(general)?;
                levels.clear();
                let optional = (max_level > 0).then_some(&mut levels);
                let (records, present, _) =
                    column.read_records(CHUNK_ROWS.min(rows - done), optional, None, &mut values)?;
                if records == 0 {
                    let name = self.reader.metadata().file_metadata().schema_descr().column(leaf).name().to_owned();
                    return Err(general(format!("column '{name}' ends before row {}", first_row + rows)));
                }
                if present < records {
                    let offset = levels.iter().position(|&level| level < max_level).unwrap_or(0);
                    return Ok((values, Some(first_row + done + offset)));
                }
                done += records;
            }
            first_row += rows;
        }
        Ok((values, None))
    }

    fn unreadable(&self, reason: String) -> DataError {
        DataError::Parse { origin: Arc::clone(&self.origin), reason }
    }
}

struct Decoded {
    values: Values,
    null_row: Option<usize>,
}

enum Values {
    Float64(Vec<f64>),
    Int64(Vec<i64>),
}

impl Values {
    fn into_f64(self) -> Vec<f64> {
        match self {
            Self::Float64(values) => values,
            Self::Int64(values) => values.into_iter().map(|value| value as f64).collect(),
        }
    }

    fn into_i64(self) -> Vec<i64> {
        match self {
            Self::Int64(values) => values,
            Self::Float64(_) => Vec::new(),
        }
    }
}

/// Finds and checks the six columns: all names first, then all types, then the time zone.
fn columns(schema: &SchemaDescriptor, arrow: &Schema, origin: &Arc<Origin>) -> Result<[(usize, Kind); 6], DataError> {
    let mut leaves = [0; 6];
    for (column, leaf) in leaves.iter_mut().enumerate() {
        let name = column_name(column);
        match (0..schema.num_columns()).find(|&leaf| schema.get_column_root(leaf).name() == name) {
            Some(found) => *leaf = found,
            None => {
                let found = arrow.fields().iter().map(|field| field.name().clone()).collect();
                return Err(DataError::MissingColumn { origin: Arc::clone(origin), column: name, found });
            }
        }
    }
    let mut columns = leaves.map(|leaf| (leaf, Kind::Float64));
    for (column, (leaf, kind)) in columns.iter_mut().enumerate() {
        let descriptor = schema.column(*leaf);
        let field = arrow.fields().get(schema.get_column_root_idx(*leaf)).map(|field| field.data_type());
        let is_flat = descriptor.path().parts().len() == 1 && descriptor.max_rep_level() == 0;
        let physical = descriptor.physical_type();
        let (accepted, expected) = match column {
            0 => {
                let is_stamp = matches!(field, Some(DataType::Timestamp(TimeUnit::Nanosecond, _)));
                (is_stamp && physical == Physical::INT64, "Timestamp(Nanosecond, UTC)")
            }
            5 => {
                let is_integer = physical == Physical::INT64 && field == Some(&DataType::Int64);
                (is_integer || physical == Physical::DOUBLE, "Float64 or Int64")
            }
            _ => (physical == Physical::DOUBLE, "Float64"),
        };
        if !(accepted && is_flat) {
            let found = match (physical, field) {
                (Physical::INT96, _) => "INT96".to_owned(),
                (_, Some(field)) => field.to_string(),
                (_, None) => physical.to_string(),
            };
            return Err(DataError::ColumnType {
                origin: Arc::clone(origin),
                column: column_name(column),
                found,
                expected,
            });
        }
        *kind = if physical == Physical::INT64 { Kind::Int64 } else { Kind::Float64 };
    }
    let time = arrow.fields().get(schema.get_column_root_idx(leaves[0])).map(|field| field.data_type());
    if let Some(DataType::Timestamp(_, zone)) = time {
        let zone = zone.as_deref();
        if !matches!(zone, Some("UTC" | "+00:00")) {
            let found = zone.unwrap_or("no time zone").to_owned();
            return Err(DataError::TimeZone { origin: Arc::clone(origin), found });
        }
    }
    Ok(columns)
}

fn column_name(column: usize) -> &'static str {
    column.checked_sub(1).and_then(|value| VALUE_COLUMNS.get(value)).copied().unwrap_or(TIME_COLUMN)
}

fn row_count(rows: impl Iterator<Item = i64>) -> Result<usize, ParquetError> {
    let mut sum = 0_usize;
    for rows in rows {
        let rows = usize::try_from(rows).map_err(|_| general(format!("a row group has {rows} rows")))?;
        sum = sum.checked_add(rows).ok_or_else(|| general("too many rows"))?;
    }
    Ok(sum)
}

fn general(reason: impl ToString) -> ParquetError {
    ParquetError::General(reason.to_string())
}

/// The decoder asserts on some kinds of damage instead of returning an error; for a user both are an unreadable file.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(ParquetError::General(reason))) => Err(reason),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the content is damaged".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        testing::{flat, memory},
        write::{FileSide, Labels, encode},
    };

    fn read(bytes: Vec<u8>) -> Result<Candles, DataError> {
        CandleFile::open(Bytes::from(bytes), &memory())?.candles(&Watch::default())
    }

    /// Property, by enumeration: a damaged or short file is an error, or the damage hits something that does not matter.
    #[test]
    fn damage_never_panics() {
        let candles = flat(&(0..50).map(|i| i * 60_000_000_000).collect::<Vec<_>>());
        let origin = memory();
        let labels = Labels {
            symbol: &origin.symbol,
            timeframe: origin.timeframe,
            side: FileSide::Bid,
            source: "test",
            ask_source: None,
            crossed: None,
        };
        let whole = encode(&candles, &labels, &Watch::default()).unwrap();
        assert_eq!(read(whole.clone()).unwrap(), candles);
        for position in 0..whole.len() {
            for mask in [0xff, 0x01] {
                let mut bytes = whole.clone();
                bytes[position] ^= mask;
                if let Ok(candles) = read(bytes) {
                    assert!(candles.value_columns().iter().all(|values| values.len() == candles.len()));
                }
            }
            assert!(read(whole[..position].to_vec()).is_err());
        }
    }
}
