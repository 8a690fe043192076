//! Distances in price, stated in pips, initial risk or average true range (execution.md 8.4).

use serde::Deserialize;

use crate::glance::Glance;

/// As it is written.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenDistance {
    pub(crate) mode: DistanceMode,
    pub(crate) value: f64,
    pub(crate) atr_period: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DistanceMode {
    Pips,
    R,
    Atr,
}

/// Looked up: what is left is arithmetic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Distance {
    /// In price.
    Price(f64),
    /// Multiple of the initial risk.
    Risk(f64),
    /// Multiple of the ATR column of that index.
    Atr(f64, usize),
}

impl Distance {
    /// In price, for one position at one bar. `None` where it is undefined: without a stop at the entry (decisions.md
    /// 23), or before the ATR is defined. The rule then does nothing.
    pub(crate) fn at(&self, glance: &Glance<'_>) -> Option<f64> {
        match *self {
            Self::Price(distance) => Some(distance),
            Self::Risk(multiple) => glance.risk().map(|risk| multiple * risk),
            Self::Atr(multiple, column) => {
                let range = glance.ground.atr[column][glance.bar];
                (!range.is_nan()).then_some(multiple * range)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use omega_types::order::PositionView;

    use super::*;
    use crate::testing::{ground, long, short};

    #[test]
    fn each_mode_has_its_unit() {
        // execution.md 8.4, by hand: 1.5 × |1.10030 − 1.09830| = 0.003; 2 × ATR 0.0007 = 0.0014, undefined at bar 0.
        let ground = ground(&[1.1, 1.1]).with_atr(&[f64::NAN, 0.0007]);
        let (with, without) = (long(1.10030, Some(1.09830)), long(1.10030, None));
        let at = |distance: Distance, view: &PositionView, bar| distance.at(&Glance { ground: &ground.0, view, bar });
        assert_eq!(at(Distance::Price(0.001), &without, 0), Some(0.001));
        assert!((at(Distance::Risk(1.5), &with, 0).unwrap() - 0.003).abs() < 1e-12);
        assert!((at(Distance::Risk(1.0), &short(1.1, Some(1.102)), 0).unwrap() - 0.002).abs() < 1e-12);
        assert_eq!(at(Distance::Risk(1.5), &without, 0), None);
        assert_eq!(at(Distance::Atr(2.0, 0), &with, 0), None);
        assert_eq!(at(Distance::Atr(2.0, 0), &with, 1), Some(0.0014));
    }

    #[test]
    fn risk_is_that_of_the_stop_at_the_entry_and_not_of_a_moved_one() {
        // execution.md 8.1: risk = |entry_price − initial_stop_loss|.
        let ground = ground(&[1.1]);
        let moved = PositionView { stop_loss: Some(1.10040), ..long(1.10030, Some(1.09830)) };
        let risk = Distance::Risk(1.0).at(&Glance { ground: &ground.0, view: &moved, bar: 0 }).unwrap();
        assert!((risk - 0.002).abs() < 1e-12);
    }
}
