//! Lines of a source → candles with open times, each knowing the line that it came from.

use std::path::PathBuf;

use csv::ByteRecord;
use omega_types::{Timeframe, Watch};

use super::{
    EpochUnit, ImportError, Label, Place,
    ask::AskRule,
    format::{Format, Layout, TimePlace, Wanted, detect},
    instant::{self, Stamp},
    label::Relabel,
    source::Source,
    zone::Zone,
};
use crate::{DataError, check, write::Candles};

/// Candles of one side, in the order of the lines until they are merged.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) candles: Candles,
    /// The distance from bid to ask, if it comes from a column; otherwise empty.
    pub(super) ask_distance: Vec<f64>,
    /// File (index of `paths`) and line of each row.
    pub(super) lines: Vec<(u32, u64)>,
    pub(super) paths: Vec<PathBuf>,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.candles.len()
    }

    /// Where `row` came from.
    pub(super) fn place(&self, row: usize) -> Option<Place> {
        let &(file, line) = self.lines.get(row)?;
        Some(Place { path: self.paths.get(file as usize)?.clone(), line })
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
        let files = self.paths.len() as u32;
        self.candles.time.append(&mut other.candles.time);
        for (mine, theirs) in self.candles.value_columns_mut().into_iter().zip(other.candles.value_columns_mut()) {
            mine.append(theirs);
        }
        self.ask_distance.append(&mut other.ask_distance);
        self.lines.extend(other.lines.iter().map(|&(file, line)| (file + files, line)));
        self.paths.append(&mut other.paths);
    }
}

/// How the lines of every source of a side are read.
#[derive(Debug, Clone)]
pub(super) struct Reading<'a> {
    pub(super) wanted: Wanted<'a>,
    pub(super) timeframe: Timeframe,
    pub(super) zone: Option<Zone>,
    pub(super) zone_name: &'a str,
    pub(super) time_unit: Option<EpochUnit>,
    pub(super) price_divisor: Option<f64>,
    pub(super) relabel: Option<Relabel>,
    pub(super) ask: Option<&'a AskRule>,
    /// MetaTrader's spread column gives the ask.
    pub(super) mt5_point: Option<f64>,
}

impl Reading<'_> {
    /// Reads every line. Also gives the format that was found and how the ask was derived.
    pub(super) fn read(&self, source: &Source, watch: &Watch) -> Result<(Rows, Format, Option<AskRule>), DataError> {
        let header_end = source.text.iter().position(|&byte| byte == b'\n').unwrap_or(source.text.len());
        let header = source.text.get(..header_end).unwrap_or_default().trim_ascii_end();
        let mut layout = detect(&source.path, header, &self.wanted)?;
        let mut ask = self.ask.cloned();
        if let (Format::Mt5Bars, None, Some(point)) = (layout.format, &ask, self.mt5_point) {
            let wanted = Wanted { ask_column: Some("<spread>"), ..self.wanted };
            layout = detect(&source.path, header, &wanted)?;
            ask = Some(AskRule::Column { column: "SPREAD".to_owned(), point: Some(point) });
        }
        if layout.format == Format::Native && !matches!(self.zone, None | Some(Zone::Fixed(0))) {
            let reason = "native files are UTC; use format generic with time_column 'UTC time' for other zones";
            return Err(super::request::argument("timezone", self.zone_name, reason).into());
        }
        let lines = Lines { reading: self, layout: &layout, path: &source.path, ask: ask.as_ref() };
        let rows = lines.read(&source.text, watch)?;
        Ok((rows, layout.format, ask))
    }
}

/// One source being read.
struct Lines<'a> {
    reading: &'a Reading<'a>,
    layout: &'a Layout,
    path: &'a PathBuf,
    ask: Option<&'a AskRule>,
}

impl Lines<'_> {
    fn read(&self, text: &[u8], watch: &Watch) -> Result<Rows, DataError> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(true)
            .delimiter(self.layout.separator)
            .flexible(true)
            .from_reader(text);
        // Most lines have 40 to 60 characters; one look at the length spares most of the growing.
        let expected = text.len() / 45 + 1;
        let mut rows = Rows { paths: vec![self.path.clone()], ..Rows::default() };
        rows.candles.reserve(expected);
        let mut record = ByteRecord::new();
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Ok(rows),
                Err(error) => return Err(self.unreadable(&error).into()),
            }
            if rows.len().is_multiple_of(65_536) {
                watch.check()?;
            }
            let line = record.position().map_or(0, csv::Position::line);
            if record.iter().all(|field| field.trim_ascii().is_empty()) {
                continue;
            }
            self.row(&record, line, &mut rows)?;
        }
    }

    fn row(&self, record: &ByteRecord, line: u64, rows: &mut Rows) -> Result<(), ImportError> {
        if record.len() != self.layout.names.len() {
            return Err(self.wrong_width(record, line));
        }
        let time = self.time(record, line)?;
        let divisor = self.reading.price_divisor;
        let price = |column: usize| {
            let value = self.number(record, column, line)?;
            Ok(divisor.map_or(value, |divisor| value / divisor))
        };
        let [open, high, low, close] = self.layout.prices;
        let candles = &mut rows.candles;
        candles.open.push(price(open)?);
        candles.high.push(price(high)?);
        candles.low.push(price(low)?);
        candles.close.push(price(close)?);
        candles.volume.push(match self.layout.volume {
            Some(column) if !field(record, column).is_empty() => self.number(record, column, line)?,
            _ => 0.0,
        });
        candles.time.push(time);
        if let (Some(AskRule::Column { point, .. }), Some(column)) = (self.ask, self.layout.ask) {
            rows.ask_distance.push(match point {
                Some(point) => self.number(record, column, line)? * point,
                None => price(column)?,
            });
        }
        rows.lines.push((0, line));
        Ok(())
    }

    /// The open time of a line.
    fn time(&self, record: &ByteRecord, line: u64) -> Result<i64, ImportError> {
        let stated = match self.layout.time {
            TimePlace::One(column) => match self.reading.time_unit {
                Some(unit) => self.epoch(record, column, unit, line)?,
                None => self.stamp(record, column, line)?,
            },
            TimePlace::Two(date, clock) => {
                let clock_text = clock.map(|column| field(record, column));
                let text = || match clock_text {
                    Some(clock) => format!("{} {}", lossy(field(record, date)), lossy(clock)),
                    None => lossy(field(record, date)),
                };
                let stamp = instant::parse_split(field(record, date), clock_text)
                    .ok_or_else(|| self.bad(line, "time", &text(), "is not yyyy.MM.dd with HH:mm:ss", None))?;
                self.instant(stamp, line, &text)?
            }
        };
        let out_of_range = || self.bad(line, "time", &stated.to_string(), "is out of range", None);
        // Every rule about weeks and zones may count on the range that the loader will demand anyway.
        if !check::in_range(stated, self.reading.timeframe) {
            return Err(out_of_range());
        }
        match &self.reading.relabel {
            None => Ok(stated),
            Some(relabel) => relabel.open_of(stated).ok_or_else(out_of_range),
        }
    }

    fn stamp(&self, record: &ByteRecord, column: usize, line: u64) -> Result<i64, ImportError> {
        let text = field(record, column);
        if let Some(stamp) = instant::parse(text) {
            return self.instant(stamp, line, &|| lossy(text));
        }
        if !text.is_empty() && text.iter().all(u8::is_ascii_digit) {
            return Err(ImportError::Format {
                path: self.path.clone(),
                problem: format!("the time '{}' in line {line} is a number of unknown unit", lossy(text)),
                candidates: ["s", "ms", "us", "ns"].map(|unit| format!("generic with time_unit {unit}")).to_vec(),
            });
        }
        let remedy = "times are read year first: 2012-11-16 05:00:00, with T, fraction and offset allowed".to_owned();
        Err(self.bad(line, self.name(column), &lossy(text), "is not a time", Some(remedy)))
    }

    fn epoch(&self, record: &ByteRecord, column: usize, unit: EpochUnit, line: u64) -> Result<i64, ImportError> {
        let text = field(record, column);
        let count = std::str::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok());
        let ns = count.and_then(|count| count.checked_mul(unit.ns()));
        ns.ok_or_else(|| {
            let remedy = "leave out time_unit for times written as dates".to_owned();
            self.bad(line, self.name(column), &lossy(text), "is not a whole number within range", Some(remedy))
        })
    }

    fn instant(&self, stamp: Stamp, line: u64, text: &dyn Fn() -> String) -> Result<i64, ImportError> {
        let instant = match (stamp.offset_s, &self.reading.zone) {
            (Some(offset), _) => Zone::Fixed(offset).instant(stamp.wall_ns),
            (None, Some(zone)) => zone.instant(stamp.wall_ns),
            (None, None) if self.layout.format == Format::Native => Ok(Some(stamp.wall_ns)),
            (None, None) => return Err(ImportError::TimezoneRequired { place: self.place(line), text: text() }),
        };
        match instant {
            Ok(Some(ns)) => Ok(ns),
            Ok(None) => Err(self.bad(line, "time", &text(), "is out of range", None)),
            Err(problem) => {
                let zone = self.reading.zone_name.to_owned();
                Err(ImportError::LocalTime { place: self.place(line), text: text(), zone, problem })
            }
        }
    }

    fn number(&self, record: &ByteRecord, column: usize, line: u64) -> Result<f64, ImportError> {
        let text = field(record, column);
        let value = std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok());
        if let Some(value) = value.filter(|value| value.is_finite()) {
            return Ok(value);
        }
        let remedy = text
            .contains(&b',')
            .then(|| "write decimals with a point, as in 1.2345, and no separator of thousands".to_owned());
        Err(self.bad(line, self.name(column), &lossy(text), "is not a finite number", remedy))
    }

    fn name(&self, column: usize) -> &str {
        self.layout.names.get(column).map_or("column", String::as_str)
    }

    fn place(&self, line: u64) -> Place {
        Place { path: self.path.clone(), line }
    }

    fn bad(&self, line: u64, column: &str, text: &str, problem: &str, remedy: Option<String>) -> ImportError {
        ImportError::Parse {
            place: Box::new(self.place(line)),
            column: column.to_owned(),
            text: text.chars().take(80).collect(),
            problem: problem.to_owned(),
            remedy,
        }
    }

    fn wrong_width(&self, record: &ByteRecord, line: u64) -> ImportError {
        let separator = char::from(self.layout.separator).to_string();
        let text = record.iter().map(lossy).collect::<Vec<_>>().join(&separator);
        let problem = format!("has {} fields, the header has {}", record.len(), self.layout.names.len());
        let decimal_commas = self.layout.separator == b',' && record.len() > self.layout.names.len();
        let remedy = decimal_commas.then(|| "decimal commas? Write decimals with a point".to_owned());
        self.bad(line, "line", &text, &problem, remedy)
    }

    fn unreadable(&self, error: &csv::Error) -> ImportError {
        let line = error.position().map_or(0, csv::Position::line);
        self.bad(line, "line", "", &format!("cannot be read: {error}"), None)
    }
}

fn field(record: &ByteRecord, column: usize) -> &[u8] {
    record.get(column).unwrap_or_default().trim_ascii()
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// The label option as a rule, if stamps must move.
pub(super) fn relabel(label: Label, symbol: &str, timeframe: Timeframe) -> Option<Relabel> {
    (label == Label::Close).then(|| Relabel::new(symbol, timeframe))
}
