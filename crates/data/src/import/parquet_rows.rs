//! The rows of a Parquet file with any columns, a batch at a time.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use arrow_array::{
    Array, ArrayRef,
    cast::AsArray,
    types::{
        ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
        Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
        UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_schema::{DataType, TimeUnit};
use omega_types::time::DAY_NS;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
    },
    errors::ParquetError,
};

use super::{
    ImportError,
    source::{Facts, Meter, facts_of},
    table::Cell,
};
use crate::{
    DataError,
    parquet_file::caught,
    parquet_pages::{check_footer, check_pages},
};

/// Rows decoded at a time.
const BATCH_ROWS: usize = 8_192;

pub(super) struct ParquetRows {
    path: PathBuf,
    meter: Meter,
    /// Length and time of the file when it was opened.
    stamp: Stamp,
    names: Vec<String>,
    builder: Option<ParquetRecordBatchReaderBuilder<File>>,
    reader: Option<ParquetRecordBatchReader>,
    /// Where each selected column of the file stands in a batch.
    selected: Vec<usize>,
    batch: Vec<Vec<Stored>>,
    /// Rows of the batches before this one.
    before: u64,
    batch_rows: usize,
    /// Of the batch; behind the last one at first.
    next: usize,
}

type Stamp = (u64, Option<SystemTime>);

impl std::fmt::Debug for ParquetRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetRows").field("path", &self.path).finish_non_exhaustive()
    }
}

/// One cell of a decoded batch.
#[derive(Debug, Clone, PartialEq)]
enum Stored {
    Text(String),
    Number(f64),
    Integer(i64),
    Instant(i64),
    Wall(i64),
    Absent,
}

impl ParquetRows {
    pub(super) fn open(path: &Path, meter: &Meter) -> Result<Self, DataError> {
        let failed = |source| ImportError::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let stamp = stamp(&file).map_err(failed)?;
        // The types that the writer had in mind would bring dictionaries and other dresses of the same values.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder = caught(|| {
            check_footer(&file)?;
            ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        })
        .map_err(|reason| ImportError::Parquet { path: path.to_owned(), reason })?;
        let names = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        Ok(Self {
            path: path.to_owned(),
            meter: meter.clone(),
            stamp,
            names,
            builder: Some(builder),
            reader: None,
            selected: Vec::new(),
            batch: Vec::new(),
            before: 0,
            batch_rows: 0,
            next: 0,
        })
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn select(&mut self, columns: &[usize]) -> Result<(), DataError> {
        let Some(builder) = self.builder.take() else { return Ok(()) };
        let mut selected = columns.to_vec();
        selected.sort_unstable();
        selected.dedup();
        for field in selected.iter().filter_map(|&column| builder.schema().fields().get(column)) {
            if !is_readable(field.data_type()) {
                return Err(ImportError::Format {
                    path: self.path.clone(),
                    problem: format!(
                        "the column '{}' has the type {}; times are timestamps, dates, numbers or text, prices are \
                         numbers or text",
                        field.name(),
                        field.data_type()
                    ),
                    candidates: Vec::new(),
                }
                .into());
            }
        }
        let mask = ProjectionMask::roots(builder.parquet_schema(), selected.iter().copied());
        let file = File::open(&self.path).map_err(|source| ImportError::Read { path: self.path.clone(), source })?;
        let checked = caught(|| check_pages(&file, builder.metadata(), |leaf| mask.leaf_included(leaf)));
        checked.map_err(|reason| self.damaged(reason))?;
        let reader = caught(|| builder.with_projection(mask).with_batch_size(BATCH_ROWS).build());
        self.reader = Some(reader.map_err(|reason| self.damaged(reason))?);
        self.selected = selected;
        Ok(())
    }

    pub(super) fn advance(&mut self) -> Result<bool, DataError> {
        self.next += 1;
        while self.next >= self.batch_rows {
            self.meter.check()?;
            let Some(reader) = &mut self.reader else { return Ok(false) };
            let decoded = caught(|| reader.next().transpose().map_err(ParquetError::from));
            let Some(batch) = decoded.map_err(|reason| self.damaged(reason))? else { return Ok(false) };
            self.before += self.batch_rows as u64;
            self.batch_rows = batch.num_rows();
            self.batch = batch.columns().iter().map(stored).collect();
            self.next = 0;
        }
        Ok(true)
    }

    pub(super) fn cell(&self, column: usize) -> Cell<'_> {
        let place = self.selected.binary_search(&column).ok();
        let stored = place.and_then(|place| self.batch.get(place)).and_then(|values| values.get(self.next));
        match stored {
            Some(Stored::Text(text)) => Cell::Text(text.trim().as_bytes()),
            Some(&Stored::Number(number)) => Cell::Number(number),
            Some(&Stored::Integer(number)) => Cell::Integer(number),
            Some(&Stored::Instant(ns)) => Cell::Instant(ns),
            Some(&Stored::Wall(ns)) => Cell::Wall(ns),
            Some(Stored::Absent) | None => Cell::Absent,
        }
    }

    /// The current row, counted from 0.
    pub(super) fn row(&self) -> u64 {
        self.before + self.next as u64
    }

    pub(super) fn facts(self) -> Result<Facts, DataError> {
        let facts = facts_of(&self.path, &self.meter)?;
        let now = File::open(&self.path).and_then(|file| stamp(&file));
        if now.is_ok_and(|now| now == self.stamp) {
            return Ok(facts);
        }
        let source = io::Error::other("it changed while it was being read");
        Err(ImportError::Read { path: self.path, source }.into())
    }

    fn damaged(&self, reason: String) -> ImportError {
        ImportError::Parquet { path: self.path.clone(), reason }
    }
}

fn stamp(file: &File) -> io::Result<Stamp> {
    let metadata = file.metadata()?;
    Ok((metadata.len(), metadata.modified().ok()))
}

fn is_readable(data_type: &DataType) -> bool {
    data_type.is_integer()
        || matches!(
            data_type,
            DataType::Float64
                | DataType::Float32
                | DataType::Timestamp(..)
                | DataType::Date32
                | DataType::Utf8
                | DataType::LargeUtf8
                | DataType::Decimal128(..)
        )
}

fn stored(array: &ArrayRef) -> Vec<Stored> {
    match array.data_type() {
        DataType::Float64 => numbers::<Float64Type>(array, Stored::Number),
        // The decimal number that was meant: what the same column shows as text. 1.1 stays 1.1.
        DataType::Float32 => {
            numbers::<Float32Type>(array, |value| Stored::Number(value.to_string().parse().unwrap_or(f64::from(value))))
        }
        DataType::Int8 => numbers::<Int8Type>(array, |value| Stored::Integer(value.into())),
        DataType::Int16 => numbers::<Int16Type>(array, |value| Stored::Integer(value.into())),
        DataType::Int32 => numbers::<Int32Type>(array, |value| Stored::Integer(value.into())),
        DataType::Int64 => numbers::<Int64Type>(array, Stored::Integer),
        DataType::UInt8 => numbers::<UInt8Type>(array, |value| Stored::Integer(value.into())),
        DataType::UInt16 => numbers::<UInt16Type>(array, |value| Stored::Integer(value.into())),
        DataType::UInt32 => numbers::<UInt32Type>(array, |value| Stored::Integer(value.into())),
        DataType::UInt64 => numbers::<UInt64Type>(array, |value| {
            i64::try_from(value).map_or(Stored::Number(value as f64), Stored::Integer)
        }),
        DataType::Timestamp(unit, zone) => {
            let at = |value: i64, ns: i64| match (value.checked_mul(ns), zone) {
                (Some(ns), Some(_)) => Stored::Instant(ns),
                (Some(ns), None) => Stored::Wall(ns),
                // No instant, and a text that says so.
                (None, _) => Stored::Text(format!("{value} times {ns} ns since 1970-01-01")),
            };
            match unit {
                TimeUnit::Second => numbers::<TimestampSecondType>(array, |value| at(value, 1_000_000_000)),
                TimeUnit::Millisecond => numbers::<TimestampMillisecondType>(array, |value| at(value, 1_000_000)),
                TimeUnit::Microsecond => numbers::<TimestampMicrosecondType>(array, |value| at(value, 1_000)),
                TimeUnit::Nanosecond => numbers::<TimestampNanosecondType>(array, |value| at(value, 1)),
            }
        }
        DataType::Date32 => numbers::<Date32Type>(array, |days| {
            i64::from(days).checked_mul(DAY_NS).map_or_else(|| Stored::Text(format!("day {days}")), Stored::Wall)
        }),
        DataType::Decimal128(..) => {
            let array = array.as_primitive::<Decimal128Type>();
            (0..array.len())
                .map(|row| if array.is_null(row) { Stored::Absent } else { Stored::Text(array.value_as_string(row)) })
                .collect()
        }
        DataType::Utf8 => texts(array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => texts(array.as_string::<i64>().iter()),
        _ => vec![Stored::Absent; array.len()],
    }
}

fn numbers<T: ArrowPrimitiveType>(array: &ArrayRef, stored: impl Fn(T::Native) -> Stored) -> Vec<Stored> {
    array.as_primitive::<T>().iter().map(|value| value.map_or(Stored::Absent, &stored)).collect()
}

fn texts<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Vec<Stored> {
    texts.map(|text| text.map_or(Stored::Absent, |text| Stored::Text(text.to_owned()))).collect()
}
