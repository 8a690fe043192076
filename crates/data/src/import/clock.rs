//! The time of a row → an instant.

use omega_types::time::DAY_NS;

use super::{
    ImportError,
    format::{Layout, TimeForm, TimePlace, ZoneRule},
    instant::{self, Stamp},
    request::argument,
    table::{Cell, Table},
    zone::Zone,
};

/// A zone as the request names it.
#[derive(Debug, Clone)]
pub(super) struct NamedZone {
    pub(super) name: String,
    pub(super) zone: Zone,
}

/// Reads the times of one source.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    place: TimePlace,
    form: TimeForm,
    zone: Option<NamedZone>,
    /// The zone that the file seems to mean, for messages.
    seems: Option<&'static str>,
    /// Beginning of the day that times of day belong to, as a wall clock.
    day_ns: Option<i64>,
}

impl Clock {
    /// # Errors
    ///
    /// `ARG_INVALID` if the zone contradicts the format; `IMPORT_FORMAT` if the times need a day and none is given.
    pub(super) fn new(
        layout: &Layout,
        given: Option<&NamedZone>,
        day_ns: Option<i64>,
        table: &Table,
    ) -> Result<Self, ImportError> {
        let places = &layout.places;
        let fixed = |seconds| NamedZone { name: offset_name(seconds), zone: Zone::Fixed(seconds) };
        let (zone, seems) = match (places.zone, given) {
            (ZoneRule::Fixed(seconds), Some(given)) if !matches!(given.zone, Zone::Fixed(s) if s == seconds) => {
                let (name, truth) = (layout.format.name, offset_name(seconds));
                let reason = format!("the times of this {name} file are {truth} by definition; leave timezone out");
                return Err(argument("timezone", &given.name, &reason));
            }
            (ZoneRule::Fixed(seconds), _) | (ZoneRule::Preset(seconds), None) => (Some(fixed(seconds)), None),
            (ZoneRule::Asked(seems), given) => (given.cloned(), seems),
            (ZoneRule::Preset(_), given) => (given.cloned(), None),
        };
        if matches!(places.form, TimeForm::OfDay(_)) && day_ns.is_none() {
            return Err(ImportError::Format {
                path: table.path().to_owned(),
                problem: "the times count from midnight, and the day was not given".to_owned(),
                candidates: vec![format!("{} with date", layout.format.name)],
            });
        }
        Ok(Self { place: places.time, form: places.form, zone, seems, day_ns })
    }

    /// The name of the zone in force; `None` if every row must show its offset.
    pub(super) fn zone_name(&self) -> Option<&str> {
        match self.form {
            TimeForm::Epoch(_) => Some("UTC"),
            _ => self.zone.as_ref().map(|zone| zone.name.as_str()),
        }
    }

    /// The instant of the current row, in nanoseconds since the epoch.
    ///
    /// # Errors
    ///
    /// `IMPORT_PARSE`, `IMPORT_TIMEZONE_REQUIRED`, `IMPORT_LOCAL_TIME`, `IMPORT_FORMAT` for numbers of unknown unit.
    pub(super) fn time(&self, table: &Table) -> Result<i64, ImportError> {
        match self.place {
            TimePlace::One(column) => match table.cell(column) {
                Cell::Instant(ns) => Ok(ns),
                Cell::Wall(ns) => self.instant(Stamp { wall_ns: ns, offset_s: None }, table),
                Cell::Integer(number) => self.counted(Some(number), table),
                Cell::Number(number) => {
                    let is_exact = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
                    self.counted(is_exact.then_some(number as i64), table)
                }
                Cell::Text(text) => self.written(text, None, table),
                Cell::Absent => Err(self.unreadable(table)),
            },
            TimePlace::Two(date, clock) => {
                let text = |column| match table.cell(column) {
                    Cell::Text(text) => Ok(text),
                    _ => Err(self.unreadable(table)),
                };
                self.written(text(date)?, clock.map(text).transpose()?, table)
            }
        }
    }

    fn written(&self, text: &[u8], clock: Option<&[u8]>, table: &Table) -> Result<i64, ImportError> {
        match self.form {
            TimeForm::OfDay(_) if text.contains(&b':') => self.of_day(instant::parse_clock(text), table),
            TimeForm::Epoch(_) | TimeForm::OfDay(_) => {
                self.counted(std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()), table)
            }
            form => match stamp(form, text, clock) {
                Some(stamp) => self.instant(stamp, table),
                None if form == TimeForm::YearFirst && !text.is_empty() && text.iter().all(u8::is_ascii_digit) => {
                    self.counted(None, table)
                }
                None => Err(self.unreadable(table)),
            },
        }
    }

    /// A time that is a number.
    fn counted(&self, number: Option<i64>, table: &Table) -> Result<i64, ImportError> {
        match (self.form, number) {
            (TimeForm::Epoch(unit), Some(number)) => {
                number.checked_mul(unit.ns()).ok_or_else(|| self.out_of_range(table))
            }
            (TimeForm::OfDay(unit), Some(number)) => self.of_day(number.checked_mul(unit.ns()), table),
            (TimeForm::Epoch(_) | TimeForm::OfDay(_), None) => Err(self.unreadable(table)),
            _ => {
                let is_ticks = matches!(table.layout().places.values, super::format::Values::Quote { .. });
                let generic = if is_ticks { "generic-ticks" } else { "generic" };
                let mut candidates =
                    ["s", "ms", "us", "ns"].map(|unit| format!("{generic} with time_unit {unit}")).to_vec();
                candidates.push(if is_ticks { format!("{generic} with date") } else { "dukascopy-node".to_owned() });
                Err(ImportError::Format {
                    path: table.path().to_owned(),
                    problem: format!(
                        "the time '{}' in {} is a number of unknown unit",
                        self.shown(table),
                        table.position()
                    ),
                    candidates,
                })
            }
        }
    }

    fn of_day(&self, since_midnight: Option<i64>, table: &Table) -> Result<i64, ImportError> {
        let (Some(ns), Some(day_ns)) = (since_midnight.filter(|ns| (0..DAY_NS).contains(ns)), self.day_ns) else {
            return Err(self.unreadable(table));
        };
        self.instant(Stamp { wall_ns: day_ns + ns, offset_s: None }, table)
    }

    fn instant(&self, stamp: Stamp, table: &Table) -> Result<i64, ImportError> {
        let instant = match (stamp.offset_s, &self.zone) {
            (Some(offset), _) => Zone::Fixed(offset).instant(stamp.wall_ns),
            (None, Some(named)) => named.zone.instant(stamp.wall_ns),
            (None, None) => {
                let text = self.shown(table);
                return Err(ImportError::TimezoneRequired { place: table.place(), text, seems: self.seems });
            }
        };
        match instant {
            Ok(Some(ns)) => Ok(ns),
            Ok(None) => Err(self.out_of_range(table)),
            Err(problem) => Err(ImportError::LocalTime {
                place: table.place(),
                text: self.shown(table),
                zone: self.zone.as_ref().map(|named| named.name.clone()).unwrap_or_default(),
                problem,
            }),
        }
    }

    fn unreadable(&self, table: &Table) -> ImportError {
        let column = match self.place {
            TimePlace::One(column) => table.name(column),
            TimePlace::Two(..) => "time",
        };
        let problem = match self.form {
            TimeForm::Epoch(_) => "is not a whole number within range",
            TimeForm::OfDay(_) => "is not a time of day",
            _ => "is not a time",
        };
        let mut remedy = format!("{} times are {}", table.layout().format.name, self.form.shown());
        if table.layout().format.is_generic {
            remedy.push_str(match self.form {
                TimeForm::Epoch(_) => "; leave out time_unit for times written as dates",
                TimeForm::OfDay(_) => "; leave out date for times that show their day",
                _ => "; numbers need time_unit",
            });
        }
        table.bad(column, &self.shown(table), problem, Some(remedy))
    }

    /// The error about a time that no candle can have.
    pub(super) fn out_of_range(&self, table: &Table) -> ImportError {
        let remedy = "correct the year; times that are numbers need the right time_unit (s, ms, us, ns)".to_owned();
        let problem = "is out of range: 1678-01-01 to 2261-12-31";
        table.bad("time", &self.shown(table), problem, Some(remedy))
    }

    /// The time of the current row as it stands there.
    pub(super) fn shown(&self, table: &Table) -> String {
        match self.place {
            TimePlace::One(column) | TimePlace::Two(column, None) => table.cell(column).shown(),
            TimePlace::Two(date, Some(clock)) => {
                format!("{} {}", table.cell(date).shown(), table.cell(clock).shown())
            }
        }
    }
}

/// Whether a text has a form that needs no zone, unit or day to be recognised.
pub(super) fn reads_as_time(form: TimeForm, text: &[u8], clock: Option<&[u8]>) -> bool {
    stamp(form, text, clock).is_some()
}

fn stamp(form: TimeForm, text: &[u8], clock: Option<&[u8]>) -> Option<Stamp> {
    match (form, clock) {
        (_, Some(clock)) => instant::parse_split(text, Some(clock)),
        (TimeForm::YearFirst, None) => instant::parse(text),
        (TimeForm::DayFirst, None) => instant::parse_day_first(text),
        (TimeForm::YearOrDayFirst, None) => instant::parse(text).or_else(|| instant::parse_day_first(text)),
        (TimeForm::Compact, None) => instant::parse_compact(text, false),
        (TimeForm::CompactMillis, None) => instant::parse_compact(text, true),
        (TimeForm::Epoch(_) | TimeForm::OfDay(_), None) => None,
    }
}

fn offset_name(seconds: i64) -> String {
    if seconds == 0 {
        return "UTC".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", seconds.abs() / 3_600, seconds.abs() / 60 % 60)
}

/// The option `date`: `yyyy-MM-dd` → nanoseconds from 1970-01-01 to its midnight.
///
/// # Errors
///
/// `ARG_INVALID`.
pub(super) fn day_of(text: &str) -> Result<i64, ImportError> {
    let days = instant::date_days(text.trim().as_bytes());
    days.and_then(|days| days.checked_mul(DAY_NS))
        .ok_or_else(|| argument("date", text, "is not a day such as 2014-05-08"))
}
