//! The equity curve as columns, written from the tape when somebody wants it.

use omega_types::{
    TimeColumn,
    equity::{EquityCurve, EquityListener, EquityStretch},
};

use crate::Tape;

impl Tape {
    /// One row per trading bar, unrounded. `time` holds the open times of the primary bars.
    pub fn curve(&self, time: &TimeColumn) -> EquityCurve {
        let trading = self.trading();
        let mut writer = Writer {
            curve: EquityCurve {
                time_ns: time[trading.clone()].to_vec(),
                equity: vec![0.0; trading.len()],
                balance: vec![0.0; trading.len()],
                drawdown: vec![0.0; trading.len()],
                high_water: vec![0.0; trading.len()],
            },
            first: trading.start,
            high_water: self.initial_balance(),
        };
        self.replay(&mut [&mut writer]);
        writer.curve
    }
}

struct Writer {
    curve: EquityCurve,
    first: usize,
    high_water: f64,
}

impl EquityListener for Writer {
    fn stretch(&mut self, stretch: &dyn EquityStretch) {
        let bars = stretch.bars();
        let rows = bars.start - self.first..bars.end - self.first;
        stretch.write(bars, &mut self.curve.equity[rows.clone()]);
        self.curve.balance[rows.clone()].fill(stretch.balance());
        let equity = &self.curve.equity[rows.clone()];
        let drawdown = &mut self.curve.drawdown[rows.clone()];
        let high_water = &mut self.curve.high_water[rows];
        for ((&equity, drawdown), high_water) in equity.iter().zip(drawdown).zip(high_water) {
            if equity > self.high_water {
                self.high_water = equity;
            }
            *high_water = self.high_water;
            if self.high_water > 0.0 {
                *drawdown = ((self.high_water - equity) / self.high_water).clamp(0.0, 1.0);
            }
        }
    }
}
