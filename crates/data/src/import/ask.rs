//! Deriving an ask side from a source that has none.

use super::rows::Rows;

/// Where the ask of a bid-only source comes from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum AskRule {
    /// Bid + `pips × pip_size`.
    Spread { pips: f64, pip_size: f64 },
    /// Bid + the value of a column × `point`; without `point` the column has the unit of the prices.
    Column { column: String, point: Option<f64> },
}

impl AskRule {
    /// The text of `omega.ask_source`.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Spread { pips, pip_size } => format!("spread of {pips} pips of {pip_size}"),
            Self::Column { column, point: Some(point) } => format!("column {column} times {point}"),
            Self::Column { column, point: None } => format!("column {column}"),
        }
    }

    /// The ask rows to these bid rows: the same times, volumes and lines, every price raised by the distance of its bar.
    /// `None` if the distance of a row is unknown.
    pub(super) fn ask_of(&self, bid: &Rows) -> Option<Rows> {
        let mut ask = bid.clone();
        let c = &mut ask.candles;
        let prices = [&mut c.open, &mut c.high, &mut c.low, &mut c.close];
        match self {
            Self::Spread { pips, pip_size } => {
                let distance = pips * pip_size;
                for column in prices {
                    column.iter_mut().for_each(|price| *price += distance);
                }
            }
            Self::Column { .. } => {
                if bid.ask_distance.len() != bid.len() {
                    return None;
                }
                for column in prices {
                    column.iter_mut().zip(&bid.ask_distance).for_each(|(price, distance)| *price += distance);
                }
            }
        }
        Some(ask)
    }
}
