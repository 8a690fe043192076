//! The formats of exports (data.md 7.1): one table here, one file per family. Read `generic.rs` for an example.

mod columns;
mod detect;
mod dukascopy;
mod generic;
mod histdata;
mod metatrader;

use super::{DropFlat, EpochUnit};

pub(super) use self::{
    columns::Columns,
    detect::{Head, check, detect},
};

/// What the rows of a format are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Bars of one side.
    Bars,
    /// Quotes with both sides, to be aggregated.
    Ticks,
}

/// How sure a file that nobody named a format for can be told to have this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// By its header, or by the shape of its first line if it has none.
    Always,
    /// Only if the time zone is given: another kind of export looks the same.
    WithZone,
    /// Never: it looks like `generic`.
    Never,
}

/// One format. A new one is a constant in the file of its family and a line in [`ALL`].
#[derive(Debug)]
pub(super) struct Format {
    /// The name that the option `format` takes.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) told: Told,
    /// Names of the columns of a format whose files have no header.
    pub(super) bare: Option<&'static [&'static str]>,
    pub(super) separators: &'static [u8],
    /// Follows `time_column`, `time_unit` and the like, and may come as Parquet.
    pub(super) is_generic: bool,
    /// What `drop_flat` means where it is not given.
    pub(super) drop_flat: DropFlat,
    /// The column that tells the spread of a bar in points.
    pub(super) spread: Option<&'static str>,
    /// Finds the columns of the format.
    pub(super) places: fn(&Columns<'_>, &Wanted<'_>) -> Result<Places, Complaint>,
}

/// What most formats have in common.
const PLAIN: Format = Format {
    name: "",
    kind: Kind::Bars,
    told: Told::Always,
    bare: None,
    separators: b",\t;",
    is_generic: false,
    drop_flat: DropFlat::None,
    spread: None,
    places: |_, _| Err(Complaint::far("no format")),
};

/// Every format.
pub(super) static ALL: [Format; 14] = [
    generic::NATIVE,
    generic::GENERIC,
    dukascopy::WEB,
    dukascopy::LOCAL,
    dukascopy::JFOREX,
    dukascopy::ETC_UTC,
    dukascopy::NODE,
    dukascopy::TICKS,
    histdata::ASCII_M1,
    histdata::MT,
    histdata::ASCII_TICKS,
    metatrader::BARS,
    metatrader::TICKS,
    generic::TICKS,
];

/// Names of the formats of a kind, for messages.
pub(super) fn names(kind: Kind) -> Vec<String> {
    ALL.iter().filter(|format| format.kind == kind).map(|format| format.name.to_owned()).collect()
}

/// What `drop_flat` means for a format where it is not given.
pub(super) fn usual_drop_flat(name: &str) -> DropFlat {
    ALL.iter().find(|format| format.name == name).map_or(DropFlat::None, |format| format.drop_flat)
}

/// Where the time stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimePlace {
    /// Date and clock in one column.
    One(usize),
    /// A column for the date, perhaps one for the clock.
    Two(usize, Option<usize>),
}

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeForm {
    /// `2012-11-16 05:00:00`, also with `.` or `/`, `T`, fraction and offset.
    YearFirst,
    /// `16.11.2012 05:00:00.000`, also with an offset such as `GMT+0100`.
    DayFirst,
    /// Year first or day first, told by the first separator.
    YearOrDayFirst,
    /// `20121116 050000`.
    Compact,
    /// `20121116 050000123`.
    CompactMillis,
    /// A whole number since 1970-01-01 UTC.
    Epoch(EpochUnit),
    /// A whole number since midnight, or `05:00:00.123`, on a day that the request names.
    OfDay(EpochUnit),
}

impl TimeForm {
    /// The form, for messages.
    pub(super) const fn shown(self) -> &'static str {
        match self {
            Self::YearFirst => "year first, as in 2012-11-16 05:00:00, with T, fraction and offset allowed",
            Self::DayFirst => "dd.MM.yyyy HH:mm:ss, as in 16.11.2012 05:00:00.000",
            Self::YearOrDayFirst => "yyyy.MM.dd HH:mm:ss or dd.MM.yyyy HH:mm:ss",
            Self::Compact => "yyyyMMdd HHmmss, as in 20121116 050000",
            Self::CompactMillis => "yyyyMMdd HHmmssSSS, as in 20121116 050000123",
            Self::Epoch(_) => "a whole number since 1970-01-01",
            Self::OfDay(_) => "a whole number since midnight below one day, or HH:mm:ss",
        }
    }
}

/// The zone of times that show no offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ZoneRule {
    /// A fixed number of seconds east of UTC, by the definition of the format.
    Fixed(i64),
    /// The same, unless the request names a zone.
    Preset(i64),
    /// The request must name it. The text is the zone that the file seems to mean, for messages.
    Asked(Option<&'static str>),
}

/// UTC by the definition of the format.
const UTC: ZoneRule = ZoneRule::Fixed(0);

/// What the columns of a format mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) time: TimePlace,
    pub(super) form: TimeForm,
    pub(super) zone: ZoneRule,
    pub(super) values: Values,
}

/// Where the prices stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    Bar {
        /// Open, high, low, close.
        prices: [usize; 4],
        volume: Option<usize>,
    },
    Quote {
        bid: usize,
        ask: usize,
        /// A blank side means that its last price still stands; otherwise that the side has no quote.
        carries: bool,
    },
}

/// A source whose format is known.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) format: &'static Format,
    /// `None` for Parquet.
    pub(super) separator: Option<u8>,
    /// The header as written, or the names of a format without one.
    pub(super) names: Vec<String>,
    pub(super) places: Places,
}

/// What the request says about the format.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) kind: Kind,
    pub(super) format: Option<&'a str>,
    pub(super) has_zone: bool,
    pub(super) time_column: Option<&'a str>,
    pub(super) time_unit: Option<EpochUnit>,
    pub(super) bid_column: Option<&'a str>,
    pub(super) ask_column: Option<&'a str>,
    pub(super) has_date: bool,
}

impl Wanted<'_> {
    /// The options that only generic formats follow; naming one is a way of asking for such a format.
    pub(super) fn generic_option(&self) -> Option<&'static str> {
        [
            ("time_column", self.time_column.is_some()),
            ("time_unit", self.time_unit.is_some()),
            ("bid_column", self.bid_column.is_some()),
            ("ask_column", self.ask_column.is_some()),
            ("date", self.has_date),
        ]
        .into_iter()
        .find_map(|(name, given)| given.then_some(name))
    }
}

/// Why columns do not fit a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) text: String,
    /// The time column is there, so the format may well be the one that is meant.
    pub(super) is_near: bool,
}

impl Complaint {
    fn far(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_near: false }
    }

    fn near(self) -> Self {
        Self { is_near: true, ..self }
    }
}
