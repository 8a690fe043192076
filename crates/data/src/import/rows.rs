//! Candles of one side on their way to a file, each knowing the line that it came from.

use std::path::PathBuf;

use super::{Place, Position};
use crate::write::Candles;

/// Candles of one side, in the order of the lines until they are merged.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) candles: Candles,
    /// The distance from bid to ask, if it comes from a column; otherwise empty.
    pub(super) ask_distance: Vec<f64>,
    /// File (index of `files`) and line or row of each row.
    pub(super) lines: Vec<(u32, u64)>,
    pub(super) files: Vec<RowFile>,
}

/// A file that rows came from.
#[derive(Debug, Clone)]
pub(super) struct RowFile {
    pub(super) path: PathBuf,
    /// Rows of Parquet are counted from 0, lines of text from 1.
    pub(super) is_parquet: bool,
}

impl RowFile {
    pub(super) fn place(&self, number: u64) -> Place {
        let position = if self.is_parquet { Position::Row(number) } else { Position::Line(number) };
        Place { path: self.path.clone(), position }
    }
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.candles.len()
    }

    /// Where `row` came from.
    pub(super) fn place(&self, row: usize) -> Option<Place> {
        let &(file, line) = self.lines.get(row)?;
        Some(self.files.get(file as usize)?.place(line))
    }

    /// Only the rows for which `keeps` holds. Gives the number of the others.
    pub(super) fn retain(&mut self, mut keeps: impl FnMut(usize, &Candles) -> bool) -> u64 {
        let order: Vec<usize> = (0..self.len()).filter(|&row| keeps(row, &self.candles)).collect();
        let dropped = self.len() - order.len();
        if dropped > 0 {
            self.reorder(&order);
        }
        dropped as u64
    }

    /// The rows of `order`, in that order.
    pub(super) fn reorder(&mut self, order: &[usize]) {
        fn pick<T: Copy>(column: &mut Vec<T>, order: &[usize]) {
            *column = order.iter().filter_map(|&row| column.get(row).copied()).collect();
        }
        pick(&mut self.candles.time, order);
        for column in self.candles.value_columns_mut() {
            pick(column, order);
        }
        pick(&mut self.ask_distance, order);
        pick(&mut self.lines, order);
    }

    /// Appends the rows of another source.
    pub(super) fn append(&mut self, mut other: Self) {
        let files = self.files.len() as u32;
        self.candles.time.append(&mut other.candles.time);
        for (mine, theirs) in self.candles.value_columns_mut().into_iter().zip(other.candles.value_columns_mut()) {
            mine.append(theirs);
        }
        self.ask_distance.append(&mut other.ask_distance);
        self.lines.extend(other.lines.iter().map(|&(file, line)| (file + files, line)));
        self.files.append(&mut other.files);
    }
}
