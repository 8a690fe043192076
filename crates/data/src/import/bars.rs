//! Sources of bars → candles with open times.

use std::path::Path;

use omega_types::Timeframe;

use super::{
    ImportError, Position,
    ask::AskRule,
    clock::{Clock, NamedZone},
    format::{Format, TimePlace, Values, Wanted},
    label::Relabel,
    rows::{RowFile, Rows},
    source::{Facts, Meter},
    table::Table,
};
use crate::{DataError, check};

/// How every source of a side is read.
#[derive(Debug, Clone)]
pub(super) struct BarReading<'a> {
    pub(super) wanted: Wanted<'a>,
    pub(super) timeframe: Timeframe,
    pub(super) zone: Option<&'a NamedZone>,
    pub(super) price_divisor: Option<f64>,
    pub(super) relabel: Option<Relabel>,
    pub(super) ask: Option<&'a AskRule>,
    /// A spread column that the format has gives the ask.
    pub(super) spread_point: Option<f64>,
}

/// One source that was read.
pub(super) struct ReadBars {
    pub(super) rows: Rows,
    pub(super) format: &'static Format,
    pub(super) zone: Option<String>,
    /// How the ask follows from these bids.
    pub(super) ask: Option<AskRule>,
    pub(super) facts: Facts,
}

/// Where the values of a bar stand.
struct Places {
    prices: [usize; 4],
    volume: Option<usize>,
    /// The distance from bid to ask, and what one of it is worth; without that it has the unit of the prices.
    ask: Option<(usize, Option<f64>)>,
}

impl BarReading<'_> {
    /// Reads every row of a source.
    ///
    /// # Errors
    ///
    /// `IMPORT_…`, `ARG_INVALID`, `DATA_READ`; cancellation.
    pub(super) fn read(&self, path: &Path, meter: &Meter) -> Result<ReadBars, DataError> {
        let mut table = Table::open(path, &self.wanted, meter)?;
        let format = table.layout().format;
        let clock = Clock::new(table.layout(), self.zone, None, &table)?;
        let ask = match (self.ask, format.spread, self.spread_point) {
            (None, Some(column), Some(point)) => {
                let column = column.trim_matches(['<', '>']).to_uppercase();
                Some(AskRule::Column { column, point: Some(point) })
            }
            (rule, ..) => rule.cloned(),
        };
        let places = self.places(&table, ask.as_ref())?;
        let mut columns = places.prices.to_vec();
        columns.extend(places.volume);
        columns.extend(places.ask.map(|(column, _)| column));
        match table.layout().places.time {
            TimePlace::One(column) => columns.push(column),
            TimePlace::Two(date, clock) => columns.extend([Some(date), clock].into_iter().flatten()),
        }
        table.select(&columns)?;
        let is_parquet = matches!(table.position(), Position::Row(_));
        let mut rows = Rows { files: vec![RowFile { path: path.to_owned(), is_parquet }], ..Rows::default() };
        while table.advance()? {
            self.row(&table, &clock, &places, &mut rows)?;
        }
        let zone = clock.zone_name().map(str::to_owned);
        Ok(ReadBars { rows, format, zone, ask, facts: table.facts()? })
    }

    fn places(&self, table: &Table, ask: Option<&AskRule>) -> Result<Places, ImportError> {
        let Values::Bar { prices, volume } = table.layout().places.values else {
            return Err(table.bad("line", "", "is no bar", None));
        };
        let ask = match ask {
            Some(AskRule::Column { column, point }) => Some((table.column("ask_from_column", column)?, *point)),
            Some(AskRule::Spread { .. }) | None => None,
        };
        Ok(Places { prices, volume, ask })
    }

    fn row(&self, table: &Table, clock: &Clock, places: &Places, rows: &mut Rows) -> Result<(), ImportError> {
        let time = self.open_time(table, clock)?;
        let price = |column: usize| {
            let value = table.number(column)?;
            Ok(self.price_divisor.map_or(value, |divisor| value / divisor))
        };
        let [open, high, low, close] = places.prices;
        let volume = match places.volume {
            Some(column) if !table.cell(column).is_blank() => table.number(column)?,
            _ => 0.0,
        };
        rows.candles.push(time, [price(open)?, price(high)?, price(low)?, price(close)?, volume]);
        match places.ask {
            Some((column, Some(point))) => rows.ask_distance.push(table.number(column)? * point),
            Some((column, None)) => rows.ask_distance.push(price(column)?),
            None => {}
        }
        let (Position::Line(number) | Position::Row(number)) = table.position();
        rows.lines.push((0, number));
        Ok(())
    }

    fn open_time(&self, table: &Table, clock: &Clock) -> Result<i64, ImportError> {
        let stated = clock.time(table)?;
        let out_of_range = || clock.out_of_range(table);
        // Every rule about weeks and zones may count on the range that the loader will demand anyway.
        if !check::in_range(stated, self.timeframe) {
            return Err(out_of_range());
        }
        match &self.relabel {
            None => Ok(stated),
            Some(relabel) => relabel.open_of(stated).ok_or_else(out_of_range),
        }
    }
}
