//! Sources of ticks → quotes, one at a time, in the order of the rows.

use std::path::Path;

use omega_types::Timeframe;

use super::{
    ImportError, Position,
    clock::{Clock, NamedZone},
    format::{Format, TimePlace, Values, Wanted},
    source::{Facts, Meter},
    table::Table,
};
use crate::{DataError, check};

/// A change of the quotes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tick {
    pub(super) time_ns: i64,
    /// `None`: the side has no quote.
    pub(super) bid: Option<f64>,
    pub(super) ask: Option<f64>,
    /// Line or row of the source.
    pub(super) number: u64,
}

impl Tick {
    fn repeats(&self, other: &Self) -> bool {
        let bits = |tick: &Self| (tick.time_ns, tick.bid.map(f64::to_bits), tick.ask.map(f64::to_bits));
        bits(self) == bits(other)
    }
}

/// How every source is read.
#[derive(Debug, Clone)]
pub(super) struct TickReading<'a> {
    pub(super) wanted: Wanted<'a>,
    pub(super) zone: Option<&'a NamedZone>,
    pub(super) day_ns: Option<i64>,
    pub(super) price_divisor: Option<f64>,
}

/// A source being read.
#[derive(Debug)]
pub(super) struct TickFile {
    table: Table,
    clock: Clock,
    bid: usize,
    ask: usize,
    /// Last prices and newest time, if a blank side means that its price still stands.
    carried: Option<Carried>,
    price_divisor: Option<f64>,
    previous: Option<Tick>,
    rows: u64,
    repeated: u64,
}

#[derive(Debug, Default)]
struct Carried {
    bid: Option<f64>,
    ask: Option<f64>,
    newest_ns: Option<i64>,
}

/// One source that was read.
pub(super) struct ReadTicks {
    pub(super) format: &'static Format,
    pub(super) zone: Option<String>,
    pub(super) is_parquet: bool,
    pub(super) rows: u64,
    /// Rows that say exactly what the row before them says.
    pub(super) repeated: u64,
    pub(super) facts: Facts,
}

impl TickReading<'_> {
    /// Opens a source.
    ///
    /// # Errors
    ///
    /// `IMPORT_…`, `ARG_INVALID`, `DATA_READ`; cancellation.
    pub(super) fn open(&self, path: &Path, meter: &Meter) -> Result<TickFile, DataError> {
        let mut table = Table::open(path, &self.wanted, meter)?;
        let clock = Clock::new(table.layout(), self.zone, self.day_ns, &table)?;
        let Values::Quote { bid, ask, carries } = table.layout().places.values else {
            return Err(table.bad("line", "", "is no quote", None).into());
        };
        let mut columns = vec![bid, ask];
        match table.layout().places.time {
            TimePlace::One(column) => columns.push(column),
            TimePlace::Two(date, clock) => columns.extend([Some(date), clock].into_iter().flatten()),
        }
        table.select(&columns)?;
        Ok(TickFile {
            table,
            clock,
            bid,
            ask,
            carried: carries.then(Carried::default),
            price_divisor: self.price_divisor,
            previous: None,
            rows: 0,
            repeated: 0,
        })
    }
}

impl TickFile {
    /// The next tick that does not repeat the one before it.
    ///
    /// # Errors
    ///
    /// `IMPORT_PARSE`, `IMPORT_TIMEZONE_REQUIRED`, `IMPORT_LOCAL_TIME`, `DATA_READ`; cancellation.
    pub(super) fn next(&mut self) -> Result<Option<Tick>, DataError> {
        while self.table.advance()? {
            let tick = self.tick()?;
            self.rows += 1;
            if self.previous.is_some_and(|previous| previous.repeats(&tick)) {
                self.repeated += 1;
                continue;
            }
            self.previous = Some(tick);
            return Ok(Some(tick));
        }
        Ok(None)
    }

    fn tick(&mut self) -> Result<Tick, ImportError> {
        let time_ns = self.clock.time(&self.table)?;
        // So that every rule about weeks and zones can be applied; the finished bars are judged like all others.
        if !check::in_range(time_ns, Timeframe::M1) {
            return Err(self.clock.out_of_range(&self.table));
        }
        let (mut bid, mut ask) = (self.price(self.bid)?, self.price(self.ask)?);
        match &mut self.carried {
            None if bid.is_none() && ask.is_none() => {
                let remedy = "remove the line, or write at least one of the two prices".to_owned();
                return Err(self.table.bad(
                    "line",
                    &self.clock.shown(&self.table),
                    "has neither bid nor ask",
                    Some(remedy),
                ));
            }
            None => {}
            Some(carried) => {
                let goes_back = carried.newest_ns.is_some_and(|newest_ns| time_ns < newest_ns);
                if goes_back && (bid.is_none() || ask.is_none()) {
                    let remedy =
                        "a blank side means the last price of the line before: sort the file by time".to_owned();
                    let text = self.clock.shown(&self.table);
                    return Err(self.table.bad("time", &text, "goes back, and a side is blank", Some(remedy)));
                }
                bid = bid.or(carried.bid);
                ask = ask.or(carried.ask);
                *carried = Carried { bid, ask, newest_ns: carried.newest_ns.max(Some(time_ns)) };
            }
        }
        let (Position::Line(number) | Position::Row(number)) = self.table.position();
        Ok(Tick { time_ns, bid, ask, number })
    }

    fn price(&self, column: usize) -> Result<Option<f64>, ImportError> {
        if self.table.cell(column).is_blank() {
            return Ok(None);
        }
        let value = self.table.number(column)?;
        let price = self.price_divisor.map_or(value, |divisor| value / divisor);
        if price > 0.0 && price.is_finite() {
            return Ok(Some(price));
        }
        let text = self.table.cell(column).shown();
        let remedy = "leave a side without a quote blank, or remove the line".to_owned();
        Err(self.table.bad(self.table.name(column), &text, "is not a price above 0", Some(remedy)))
    }

    /// What is known of the source once its last tick was read.
    pub(super) fn finish(self) -> Result<ReadTicks, DataError> {
        Ok(ReadTicks {
            format: self.table.layout().format,
            zone: self.clock.zone_name().map(str::to_owned),
            is_parquet: matches!(self.table.position(), Position::Row(_)),
            rows: self.rows,
            repeated: self.repeated,
            facts: self.table.facts()?,
        })
    }
}
