//! How candles leave the hands of a reader.

use omega_types::{Candle, Column, SideColumns};

use crate::write::Candles;

impl Candles {
    /// The candle of `row`, if there is one.
    pub(crate) fn candle(&self, row: usize) -> Option<Candle> {
        Some(Candle {
            open: *self.open.get(row)?,
            high: *self.high.get(row)?,
            low: *self.low.get(row)?,
            close: *self.close.get(row)?,
            volume: *self.volume.get(row)?,
        })
    }

    /// The five value columns, in the order of the file format.
    pub(crate) fn value_columns(&self) -> [&[f64]; 5] {
        [&self.open, &self.high, &self.low, &self.close, &self.volume]
    }

    /// The same, to be changed.
    pub(crate) fn value_columns_mut(&mut self) -> [&mut Vec<f64>; 5] {
        [&mut self.open, &mut self.high, &mut self.low, &mut self.close, &mut self.volume]
    }

    /// Hands the columns over without a copy.
    pub(crate) fn into_columns(self) -> (Vec<i64>, SideColumns) {
        let side = SideColumns {
            open: Column::from(self.open),
            high: Column::from(self.high),
            low: Column::from(self.low),
            close: Column::from(self.close),
            volume: Column::from(self.volume),
        };
        (self.time, side)
    }
}
