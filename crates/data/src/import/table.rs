//! A source as rows of cells, whatever it is stored in.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use super::{
    ImportError, Place, Position,
    fields::split,
    format::{Columns, Head, Layout, Wanted, detect},
    parquet_rows::ParquetRows,
    source::{Facts, IsTooLong, Meter, Source, Text},
};
use crate::DataError;

/// What stands in one field of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    /// Text, blanks around it cut off; perhaps empty.
    Text(&'a [u8]),
    Number(f64),
    Integer(i64),
    /// Nanoseconds since the epoch, UTC.
    Instant(i64),
    /// Nanoseconds from 1970-01-01 00:00 to what a clock showed.
    Wall(i64),
    /// Nothing.
    Absent,
}

impl Cell<'_> {
    /// Nothing, or a text without a character.
    pub(super) fn is_blank(self) -> bool {
        matches!(self, Self::Absent | Self::Text(b""))
    }

    /// The value, for messages.
    pub(super) fn shown(self) -> String {
        match self {
            Self::Text(text) => String::from_utf8_lossy(text).into_owned(),
            Self::Number(number) => number.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Instant(ns) => omega_types::time::iso(ns),
            Self::Wall(ns) => omega_types::time::iso(ns).trim_end_matches('Z').to_owned(),
            Self::Absent => String::new(),
        }
    }
}

/// The rows of a source, one at a time.
#[derive(Debug)]
pub(super) struct Table {
    path: PathBuf,
    layout: Layout,
    rows: Rows,
}

#[derive(Debug)]
enum Rows {
    Text(TextRows),
    Parquet(Box<ParquetRows>),
}

impl Table {
    /// Opens a source and finds its format.
    ///
    /// # Errors
    ///
    /// `IMPORT_FILE_NOT_FOUND`, `IMPORT_FORMAT`, `DATA_READ`, `DATA_PARSE`; cancellation.
    pub(super) fn open(path: &Path, wanted: &Wanted<'_>, meter: &Meter) -> Result<Self, DataError> {
        let (layout, rows) = match Source::open(path, meter)? {
            Source::Text(mut text) => {
                let mut line = Vec::new();
                let is_too_long = text.read_first_line(&mut line)?;
                let layout = detect(path, &Head::Line(&line), wanted)?;
                let is_data = layout.format.bare.is_some();
                let separator = layout.separator.unwrap_or(b',');
                let rows = TextRows { text, line, is_too_long, is_data, number: 1, separator, fields: Vec::new() };
                (layout, Rows::Text(rows))
            }
            Source::Parquet(path) => {
                let rows = ParquetRows::open(&path, meter)?;
                let layout = detect(&path, &Head::Columns(rows.names()), wanted)?;
                (layout, Rows::Parquet(Box::new(rows)))
            }
        };
        Ok(Self { path: path.to_owned(), layout, rows })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The column that an option names, also in the angle brackets of MetaTrader.
    pub(super) fn column(&self, option: &'static str, name: &str) -> Result<usize, ImportError> {
        let columns = Columns(&self.layout.names);
        let lower = name.trim().to_lowercase();
        let found = columns.one(&lower).or_else(|_| columns.one(&format!("<{lower}>")));
        found.map_err(|_| ImportError::NoColumn {
            path: self.path.clone(),
            option,
            column: name.to_owned(),
            found: self.layout.names.clone(),
        })
    }

    /// Says which columns will be looked at, before the first row.
    ///
    /// # Errors
    ///
    /// `IMPORT_FORMAT` if one of them has a type that cannot be a time, a price or a text.
    pub(super) fn select(&mut self, columns: &[usize]) -> Result<(), DataError> {
        match &mut self.rows {
            Rows::Text(_) => Ok(()),
            Rows::Parquet(rows) => rows.select(columns),
        }
    }

    /// Goes to the next row that is not blank; `false` behind the last one.
    ///
    /// # Errors
    ///
    /// `IMPORT_PARSE` for a line that has the wrong number of fields, `DATA_READ`; cancellation.
    pub(super) fn advance(&mut self) -> Result<bool, DataError> {
        match &mut self.rows {
            Rows::Parquet(rows) => rows.advance(),
            Rows::Text(rows) => loop {
                match rows.advance()? {
                    Step::End => return Ok(false),
                    Step::Row if rows.fields.iter().all(|field| field.is_empty()) => {}
                    Step::Row if rows.fields.len() == self.layout.names.len() => return Ok(true),
                    Step::Row => return Err(self.wrong_width().into()),
                    Step::Broken(problem) => {
                        let remedy = "is the file whole, and is it this format? Look at that line".to_owned();
                        return Err(self.bad("line", &self.line_shown(), problem, Some(remedy)).into());
                    }
                }
            },
        }
    }

    /// A field of the current row.
    pub(super) fn cell(&self, column: usize) -> Cell<'_> {
        match &self.rows {
            Rows::Text(rows) => {
                rows.fields.get(column).and_then(|range| rows.line.get(range.clone())).map_or(Cell::Absent, Cell::Text)
            }
            Rows::Parquet(rows) => rows.cell(column),
        }
    }

    /// A field of the current row as a finite number.
    ///
    /// # Errors
    ///
    /// `IMPORT_PARSE` with line, column and text.
    pub(super) fn number(&self, column: usize) -> Result<f64, ImportError> {
        let cell = self.cell(column);
        let value = match cell {
            Cell::Text(text) => std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok()),
            Cell::Number(number) => Some(number),
            Cell::Integer(number) => Some(number as f64),
            Cell::Instant(_) | Cell::Wall(_) | Cell::Absent => None,
        };
        if let Some(value) = value.filter(|value| value.is_finite()) {
            return Ok(value);
        }
        let text = cell.shown();
        let remedy = if text.contains(',') {
            "write decimals with a point, as in 1.2345, and no separator of thousands"
        } else {
            "prices and volumes are plain decimal numbers, as in 1.2345; remove or correct the line"
        };
        Err(self.bad(self.name(column), &text, "is not a finite number", Some(remedy.to_owned())))
    }

    /// The name of a column.
    pub(super) fn name(&self, column: usize) -> &str {
        self.layout.names.get(column).map_or("column", String::as_str)
    }

    /// The number of the current row: lines from 1, header included; rows of Parquet from 0.
    pub(super) fn position(&self) -> Position {
        match &self.rows {
            Rows::Text(rows) => Position::Line(rows.number),
            Rows::Parquet(rows) => Position::Row(rows.row()),
        }
    }

    pub(super) fn place(&self) -> Place {
        Place { path: self.path.clone(), position: self.position() }
    }

    /// The error about something in the current row.
    pub(super) fn bad(&self, column: &str, text: &str, problem: &str, remedy: Option<String>) -> ImportError {
        ImportError::Parse {
            place: Box::new(self.place()),
            column: column.to_owned(),
            text: text.chars().take(80).collect(),
            problem: problem.to_owned(),
            remedy,
        }
    }

    /// Hash and length of the file, once every row was read.
    pub(super) fn facts(self) -> Result<Facts, DataError> {
        match self.rows {
            Rows::Text(rows) => rows.text.facts(),
            Rows::Parquet(rows) => rows.facts(),
        }
    }

    fn line_shown(&self) -> String {
        match &self.rows {
            Rows::Text(rows) => String::from_utf8_lossy(&rows.line).into_owned(),
            Rows::Parquet(_) => String::new(),
        }
    }

    fn wrong_width(&self) -> ImportError {
        let found = match &self.rows {
            Rows::Text(rows) => rows.fields.len(),
            Rows::Parquet(_) => 0,
        };
        let (expected, origin) = match self.layout.format.bare {
            None => (self.layout.names.len(), "the header has"),
            Some(names) => (names.len(), "the format has"),
        };
        let remedy = if self.layout.separator == Some(b',') && found > expected {
            "decimal commas? Write decimals with a point; otherwise correct the line"
        } else {
            "the file may be cut short; complete or remove the line"
        };
        self.bad(
            "line",
            &self.line_shown(),
            &format!("has {found} fields, {origin} {expected}"),
            Some(remedy.to_owned()),
        )
    }
}

/// The lines of a text.
#[derive(Debug)]
struct TextRows {
    text: Box<Text>,
    line: Vec<u8>,
    is_too_long: IsTooLong,
    /// The line that was read is a row, not yet looked at.
    is_data: bool,
    /// Counted from 1.
    number: u64,
    separator: u8,
    fields: Vec<Range<usize>>,
}

enum Step {
    Row,
    Broken(&'static str),
    End,
}

impl TextRows {
    fn advance(&mut self) -> Result<Step, DataError> {
        if !std::mem::take(&mut self.is_data) {
            match self.text.read_line(&mut self.line)? {
                Some(is_too_long) => self.is_too_long = is_too_long,
                None => return Ok(Step::End),
            }
            self.number += 1;
        }
        Ok(if self.is_too_long {
            Step::Broken("is longer than a line of an export can be")
        } else if std::str::from_utf8(&self.line).is_err() {
            Step::Broken("is not UTF-8")
        } else if split(&self.line, self.separator, &mut self.fields) {
            Step::Row
        } else {
            Step::Broken("has a quoted field without an end")
        })
    }
}
