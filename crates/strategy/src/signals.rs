//! Signals as arrays: one entry per bar of the dataset's aligned primary series (strategies.md 3).

use std::sync::Arc;

use omega_indicators::{Columns, Graph, NodeId};
use omega_types::{
    BarSet, Direction, Json, Market, OrderType, Signal, Timeframe,
    order::{Exit, ExitSide},
};
use sha2::{Digest, Sha256};

use crate::{Agenda, BarView, Bars, Blueprint, Intents, Requirements, Strategy, StrategyError};

/// The arrays as a user gives them. NaN and 0 mean absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SignalColumns {
    /// −1 short, 0 nothing, 1 long.
    pub direction: Vec<i8>,
    /// Absolute prices.
    pub stop_loss: Option<Vec<f64>>,
    /// Absolute prices.
    pub take_profit: Option<Vec<f64>>,
    /// Absolute prices: of the order where it is pending, else the reference price.
    pub price: Option<Vec<f64>>,
    /// Lots; absent: sized by the account.
    pub size: Option<Vec<f64>>,
    /// 0 market, 1 limit, 2 stop.
    pub order_type: Option<Vec<u8>>,
    /// Bars that a pending order stays eligible; 0: as the configuration says.
    pub expire_after_bars: Option<Vec<u32>>,
    /// Bit 1 closes longs, bit 2 closes shorts.
    pub exit: Option<Vec<u8>>,
    /// Open times in nanoseconds, compared with the primary series.
    pub time: Option<Vec<i64>>,
}

/// Checked signals, in a copy of their own (decisions.md 44): whoever gave the arrays may change them afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Signals(SignalColumns);

impl Signals {
    /// Takes the columns: NaN becomes the one bit pattern `7ff8000000000000`, −0 becomes 0.
    ///
    /// # Errors
    ///
    /// `SIGNALS_VALUE` for the first impossible value, columns in the order of [`SignalColumns`].
    pub fn new(mut columns: SignalColumns) -> Result<Self, StrategyError> {
        check("direction", &columns.direction, "-1, 0 or 1", |d| (-1..=1).contains(d))?;
        for (name, column) in [
            ("stop_loss", &mut columns.stop_loss),
            ("take_profit", &mut columns.take_profit),
            ("price", &mut columns.price),
            ("size", &mut columns.size),
        ] {
            let Some(values) = column else { continue };
            let expected = "a finite number that is not negative, or NaN";
            check(name, values, expected, |x| x.is_nan() || *x >= 0.0 && x.is_finite())?;
            values.iter_mut().for_each(clean);
        }
        if let Some(order_type) = &columns.order_type {
            check("order_type", order_type, "0 (market), 1 (limit) or 2 (stop)", |kind| *kind <= 2)?;
        }
        if let Some(exit) = &columns.exit {
            check("exit", exit, "0, 1 (longs), 2 (shorts) or 3 (both)", |bits| *bits <= 3)?;
        }
        Ok(Self(columns))
    }

    /// Compares with the open times of the dataset's aligned primary series.
    ///
    /// # Errors
    ///
    /// `SIGNALS_LENGTH` for the first column of another length, `SIGNALS_TIME` for the first other time.
    pub fn check_against(&self, primary_time: &[i64]) -> Result<(), StrategyError> {
        let expected = primary_time.len();
        for (column, length) in self.lengths() {
            if let Some(found) = length
                && found != expected
            {
                return Err(StrategyError::SignalsLength { column, found, expected });
            }
        }
        let times = self.0.time.iter().flatten().zip(primary_time);
        match times.enumerate().find(|(_, (found, expected))| found != expected) {
            Some((row, (&found, &expected))) => Err(StrategyError::SignalsTime { row, found, expected }),
            None => Ok(()),
        }
    }

    /// Number of bars covered.
    pub fn len(&self) -> usize {
        self.0.direction.len()
    }

    /// Covers no bar.
    pub fn is_empty(&self) -> bool {
        self.0.direction.is_empty()
    }

    /// The identity of the signals (strategies.md 9), 64 lower-case hex digits.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        let mut add = |name: &str, bytes: &[u8]| {
            hash.update(name.as_bytes());
            hash.update([0]);
            hash.update(bytes);
        };
        let columns = &self.0;
        add("direction", &columns.direction.iter().map(|d| d.to_le_bytes()[0]).collect::<Vec<_>>());
        for (name, column) in [
            ("stop_loss", &columns.stop_loss),
            ("take_profit", &columns.take_profit),
            ("price", &columns.price),
            ("size", &columns.size),
        ] {
            if let Some(values) = column {
                add(name, &values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>());
            }
        }
        if let Some(kinds) = &columns.order_type {
            add("order_type", kinds);
        }
        if let Some(bars) = &columns.expire_after_bars {
            add("expire_after_bars", &bars.iter().flat_map(|bars| bars.to_le_bytes()).collect::<Vec<_>>());
        }
        if let Some(bits) = &columns.exit {
            add("exit", bits);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The strategy over a market whose bar 0 is bar `window_offset` of the dataset's primary series.
    pub fn blueprint(self: Arc<Self>, window_offset: usize) -> Box<dyn Blueprint> {
        Box::new(SignalsBlueprint { signals: self, window_offset, requirements: Requirements::default() })
    }

    fn lengths(&self) -> [(&'static str, Option<usize>); 9] {
        let columns = &self.0;
        [
            ("direction", Some(columns.direction.len())),
            ("stop_loss", columns.stop_loss.as_ref().map(Vec::len)),
            ("take_profit", columns.take_profit.as_ref().map(Vec::len)),
            ("price", columns.price.as_ref().map(Vec::len)),
            ("size", columns.size.as_ref().map(Vec::len)),
            ("order_type", columns.order_type.as_ref().map(Vec::len)),
            ("expire_after_bars", columns.expire_after_bars.as_ref().map(Vec::len)),
            ("exit", columns.exit.as_ref().map(Vec::len)),
            ("time", columns.time.as_ref().map(Vec::len)),
        ]
    }
}

fn check<T: ToString>(
    column: &'static str,
    values: &[T],
    expected: &'static str,
    is_possible: impl Fn(&T) -> bool,
) -> Result<(), StrategyError> {
    match values.iter().position(|value| !is_possible(value)) {
        Some(row) => Err(StrategyError::SignalsValue { column, row, value: values[row].to_string(), expected }),
        None => Ok(()),
    }
}

fn clean(value: &mut f64) {
    if value.is_nan() {
        *value = f64::from_bits(0x7ff8_0000_0000_0000);
    } else if *value == 0.0 {
        *value = 0.0;
    }
}

struct SignalsBlueprint {
    signals: Arc<Signals>,
    window_offset: usize,
    requirements: Requirements,
}

impl Blueprint for SignalsBlueprint {
    fn name(&self) -> &str {
        "signals"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn resolved_parameters(&self) -> Json {
        Json::Object(serde_json::Map::new())
    }

    fn requirements(&self) -> &Requirements {
        &self.requirements
    }

    fn request(&mut self, _: &mut Graph, _: &[Timeframe]) -> Result<(), StrategyError> {
        Ok(())
    }

    fn wanted(&self) -> Vec<NodeId> {
        Vec::new()
    }

    fn bind(self: Box<Self>, market: &Market, _: &Columns) -> Result<Box<dyn Strategy + Send>, StrategyError> {
        let (bars, offset) = (market.len(), self.window_offset);
        for (column, length) in self.signals.lengths() {
            if let Some(found) = length
                && offset.checked_add(bars).is_none_or(|end| end > found)
            {
                return Err(StrategyError::SignalsLength { column, found, expected: offset.saturating_add(bars) });
            }
        }
        Ok(Box::new(SignalsStrategy { signals: self.signals, offset, bars }))
    }
}

/// Reads the arrays. Bar `b` of the market is row `offset + b`.
struct SignalsStrategy {
    signals: Arc<Signals>,
    offset: usize,
    bars: usize,
}

impl SignalsStrategy {
    fn level(&self, column: &Option<Vec<f64>>, row: usize) -> Option<f64> {
        column.as_ref()?.get(row).copied().filter(|x| !x.is_nan() && *x != 0.0)
    }

    fn entry(&self, row: usize) -> Option<Signal> {
        let columns = &self.signals.0;
        let direction = match columns.direction.get(row)? {
            1 => Direction::Long,
            -1 => Direction::Short,
            _ => return None,
        };
        let kind = columns.order_type.as_ref().and_then(|kinds| kinds.get(row));
        let bars = columns.expire_after_bars.as_ref().and_then(|bars| bars.get(row));
        Some(Signal {
            order_type: match kind {
                Some(1) => OrderType::Limit,
                Some(2) => OrderType::Stop,
                _ => OrderType::Market,
            },
            entry_price: self.level(&columns.price, row),
            stop_loss: self.level(&columns.stop_loss, row),
            take_profit: self.level(&columns.take_profit, row),
            size: self.level(&columns.size, row),
            expire_after_bars: bars.copied().filter(|bars| *bars != 0),
            ..Signal::market(direction)
        })
    }

    fn exit(&self, row: usize) -> Option<Exit> {
        let side = match self.signals.0.exit.as_ref()?.get(row)? {
            1 => ExitSide::Long,
            2 => ExitSide::Short,
            3 => ExitSide::All,
            _ => return None,
        };
        Some(Exit { side, position_id: None })
    }

    fn bars_where<T>(&self, column: &[T], wanted: impl Fn(&T) -> bool) -> Bars {
        let window = column.get(self.offset..).unwrap_or_default();
        Bars::At(BarSet::from_fn(self.bars, |bar| window.get(bar).is_some_and(&wanted)))
    }
}

impl Strategy for SignalsStrategy {
    fn agenda(&self) -> Agenda {
        let columns = &self.signals.0;
        let exits = columns.exit.as_ref().map_or(Bars::Never, |exit| self.bars_where(exit, |bits| *bits != 0));
        Agenda { while_open: exits, ..Agenda::entries(self.bars_where(&columns.direction, |d| *d != 0)) }
    }

    fn on_bar(&mut self, bar: &BarView<'_>, intents: &mut Intents) -> Result<(), StrategyError> {
        let row = self.offset.saturating_add(bar.bar);
        intents.exits.extend(self.exit(row));
        intents.entries.extend(self.entry(row));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use omega_types::Coded;

    use super::*;

    fn columns() -> SignalColumns {
        SignalColumns {
            direction: vec![0, 1, -1],
            stop_loss: Some(vec![f64::NAN, 1.5, -0.0]),
            exit: Some(vec![0, 3, 2]),
            time: Some(vec![10, 20, 30]),
            ..SignalColumns::default()
        }
    }

    fn value_error(change: impl FnOnce(&mut SignalColumns)) -> String {
        let mut columns = columns();
        change(&mut columns);
        let error = Signals::new(columns).unwrap_err();
        assert_eq!(error.code().name, "SIGNALS_VALUE");
        error.to_string()
    }

    /// decisions.md 51: `SIGNALS_VALUE`.
    #[test]
    fn impossible_values_name_row_column_and_value() {
        assert_eq!(
            value_error(|c| c.direction[2] = 2),
            "signal column 'direction' has 2 at row 2, expected -1, 0 or 1"
        );
        let level = "expected a finite number that is not negative, or NaN";
        assert_eq!(
            value_error(|c| c.stop_loss = Some(vec![0.0, f64::INFINITY, 0.0])),
            format!("signal column 'stop_loss' has inf at row 1, {level}")
        );
        assert_eq!(
            value_error(|c| c.take_profit = Some(vec![-1.0])),
            format!("signal column 'take_profit' has -1 at row 0, {level}")
        );
        assert_eq!(
            value_error(|c| c.size = Some(vec![0.1, 0.1, -0.1])),
            format!("signal column 'size' has -0.1 at row 2, {level}")
        );
        assert_eq!(
            value_error(|c| c.price = Some(vec![f64::NEG_INFINITY])),
            format!("signal column 'price' has -inf at row 0, {level}")
        );
        assert_eq!(
            value_error(|c| c.order_type = Some(vec![0, 2, 3])),
            "signal column 'order_type' has 3 at row 2, expected 0 (market), 1 (limit) or 2 (stop)"
        );
        assert_eq!(
            value_error(|c| c.exit = Some(vec![4])),
            "signal column 'exit' has 4 at row 0, expected 0, 1 (longs), 2 (shorts) or 3 (both)"
        );
    }

    /// decisions.md 51: `SIGNALS_LENGTH`.
    #[test]
    fn every_column_is_as_long_as_the_primary_series() {
        let signals = Signals::new(columns()).unwrap();
        assert_eq!(signals.check_against(&[10, 20, 30]), Ok(()));
        assert_eq!(
            signals.check_against(&[10, 20, 30, 40]).unwrap_err().to_string(),
            "signal column 'direction' has 3 values, the primary series has 4 bars"
        );
        let short = Signals::new(SignalColumns { size: Some(vec![1.0]), ..columns() }).unwrap();
        let error = short.check_against(&[10, 20, 30]).unwrap_err();
        assert_eq!(error, StrategyError::SignalsLength { column: "size", found: 1, expected: 3 });
        assert_eq!(error.code().name, "SIGNALS_LENGTH");
    }

    /// decisions.md 51: `SIGNALS_TIME`.
    #[test]
    fn the_first_other_time_is_named() {
        let signals = Signals::new(columns()).unwrap();
        let error = signals.check_against(&[10, 21, 31]).unwrap_err();
        assert_eq!(error, StrategyError::SignalsTime { row: 1, found: 20, expected: 21 });
        assert_eq!(error.code().name, "SIGNALS_TIME");
    }

    /// decisions.md 44: NaN has one form, and there is no negative zero.
    #[test]
    fn copies_are_clean() {
        let nan = f64::from_bits(0xfff8_0000_0000_0001);
        let signals = Signals::new(SignalColumns { stop_loss: Some(vec![nan, 1.5, -0.0]), ..columns() }).unwrap();
        let bits: Vec<_> = signals.0.stop_loss.unwrap().iter().map(|x| x.to_bits()).collect();
        assert_eq!(bits, [0x7ff8_0000_0000_0000, 1.5f64.to_bits(), 0]);
    }

    /// Computed with Python's hashlib and struct:
    /// `sha256(b'direction\0' + pack('<3b', 0, 1, -1) + b'stop_loss\0' + bytes.fromhex('000000000000f87f')
    /// + pack('<2d', 1.5, 0.0) + b'exit\0' + bytes([0, 3, 2]))`.
    ///
    /// The second has `b'price\0' + pack('<3d', 0, 1.25, 1.5) + b'order_type\0' + bytes([0, 1, 2])` and
    /// `b'expire_after_bars\0' + pack('<3I', 0, 7, 70000)` before the exit, the third neither stop nor exit.
    #[test]
    fn the_hash_covers_names_and_little_endian_bytes_of_the_given_columns() {
        assert_eq!(
            Signals::new(columns()).unwrap().sha256(),
            "d172ee1a883c5cf2467f5b28551be1ff38f9dd8f1d9f56f4e9a715f7c0ecfe09"
        );
        let pending = SignalColumns {
            price: Some(vec![0.0, 1.25, 1.5]),
            order_type: Some(vec![0, 1, 2]),
            expire_after_bars: Some(vec![0, 7, 70_000]),
            ..columns()
        };
        assert_eq!(
            Signals::new(pending).unwrap().sha256(),
            "cd8bb7b00b3c834da63c249d21d29ce82ca7204a3bb83d3a16a969eaed2e9e6d"
        );
        let bare = SignalColumns { direction: vec![0, 1, -1], time: Some(vec![1, 2, 3]), ..SignalColumns::default() };
        assert_eq!(
            Signals::new(bare).unwrap().sha256(),
            "22810c706f6aeebb04e590f0f51d54336a659e203d18de9314070af85c33c518"
        );
    }
}
