//! Immutable columns over Arrow buffers: cheap to clone, cheap to slice.

use std::ops::{Deref, Range};

use arrow_buffer::ScalarBuffer;

/// A column of `f64`. Cloning and slicing share the memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Column(ScalarBuffer<f64>);

impl Column {
    /// A view of `range`, sharing the memory.
    ///
    /// # Panics
    ///
    /// If `range` reaches past the end.
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self(self.0.slice(range.start, range.len()))
    }

    /// The Arrow buffer behind the column.
    pub fn buffer(&self) -> &ScalarBuffer<f64> {
        &self.0
    }

    /// Two columns share the very same memory and range.
    pub fn is_same_memory(&self, other: &Self) -> bool {
        self.0.as_ptr() == other.0.as_ptr() && self.0.len() == other.0.len()
    }
}

impl From<Vec<f64>> for Column {
    fn from(values: Vec<f64>) -> Self {
        Self(ScalarBuffer::from(values))
    }
}

impl From<ScalarBuffer<f64>> for Column {
    fn from(buffer: ScalarBuffer<f64>) -> Self {
        Self(buffer)
    }
}

impl Deref for Column {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        &self.0
    }
}

/// Nanoseconds since the Unix epoch, UTC, one per bar: the bar's **open** time. Strictly increasing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeColumn(ScalarBuffer<i64>);

impl TimeColumn {
    /// A view of `range`, sharing the memory.
    ///
    /// # Panics
    ///
    /// If `range` reaches past the end.
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self(self.0.slice(range.start, range.len()))
    }

    /// The Arrow buffer behind the column.
    pub fn buffer(&self) -> &ScalarBuffer<i64> {
        &self.0
    }
}

impl From<Vec<i64>> for TimeColumn {
    fn from(values: Vec<i64>) -> Self {
        Self(ScalarBuffer::from(values))
    }
}

impl From<ScalarBuffer<i64>> for TimeColumn {
    fn from(buffer: ScalarBuffer<i64>) -> Self {
        Self(buffer)
    }
}

impl Deref for TimeColumn {
    type Target = [i64];

    fn deref(&self) -> &[i64] {
        &self.0
    }
}
