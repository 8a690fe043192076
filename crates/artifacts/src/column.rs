//! Tables as typed columns: one description per column serves typed arrays and Arrow alike.

use std::sync::Arc;

use arrow_array::{ArrayRef, UInt8Array, UInt32Array};

use crate::arrow::{categories, instants, numbers};

/// One column of a table over rows of type `T`.
#[derive(Debug, Clone, Copy)]
pub struct TableColumn<T> {
    /// The contract key.
    pub key: &'static str,
    pub(crate) read: Read<T>,
}

/// How a cell is read from a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Read<T> {
    Instant(fn(&T) -> i64),
    Small(fn(&T) -> u8),
    Whole(fn(&T) -> u32),
    MaybeWhole(fn(&T) -> Option<u32>),
    Number(fn(&T) -> f64),
    MaybeNumber(fn(&T) -> Option<f64>),
    /// +1 long, −1 short.
    Direction(fn(&T) -> i8),
    /// Index into the names.
    Category(fn(&T) -> u8, &'static [&'static str]),
}

/// A column as a typed array.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnData {
    /// Nanoseconds since the epoch, UTC.
    Instant(Vec<i64>),
    /// Numbers; what is absent is NaN.
    Number(Vec<f64>),
    /// +1 for long, −1 for short.
    Direction(Vec<i8>),
    /// Indices into the names.
    Category(Vec<u8>, &'static [&'static str]),
}

impl<T> TableColumn<T> {
    /// The column of `rows` as a typed array.
    pub fn data(&self, rows: &[T]) -> ColumnData {
        let numbers = |read: &dyn Fn(&T) -> f64| ColumnData::Number(rows.iter().map(read).collect());
        match self.read {
            Read::Instant(read) => ColumnData::Instant(rows.iter().map(read).collect()),
            Read::Small(read) => numbers(&|row| f64::from(read(row))),
            Read::Whole(read) => numbers(&|row| f64::from(read(row))),
            Read::MaybeWhole(read) => numbers(&|row| read(row).map_or(f64::NAN, f64::from)),
            Read::Number(read) => numbers(&read),
            Read::MaybeNumber(read) => numbers(&|row| read(row).unwrap_or(f64::NAN)),
            Read::Direction(read) => ColumnData::Direction(rows.iter().map(read).collect()),
            Read::Category(read, names) => ColumnData::Category(rows.iter().map(read).collect(), names),
        }
    }

    /// The column of `rows` in Arrow form, and whether it may hold nulls.
    pub(crate) fn array(&self, rows: &[T]) -> (bool, ArrayRef) {
        let cells = rows.iter();
        match self.read {
            Read::Instant(read) => (false, instants(cells.map(read))),
            Read::Small(read) => (false, Arc::new(cells.map(|row| Some(read(row))).collect::<UInt8Array>())),
            Read::Whole(read) => (false, Arc::new(cells.map(|row| Some(read(row))).collect::<UInt32Array>())),
            Read::MaybeWhole(read) => (true, Arc::new(cells.map(read).collect::<UInt32Array>())),
            Read::Number(read) => (false, numbers(cells.map(|row| Some(read(row))))),
            Read::MaybeNumber(read) => (true, numbers(cells.map(read))),
            Read::Direction(read) => (false, categories(cells.map(|row| i8::from(read(row) < 0)), &["long", "short"])),
            Read::Category(read, names) => (false, categories(cells.map(|row| read(row) as i8), names)),
        }
    }
}
