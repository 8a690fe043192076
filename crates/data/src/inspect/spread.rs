//! Ask − bid at the close of every common bar.

use serde::Serialize;

use crate::{Candles, align::Merge};

/// The spread at the closes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SpreadReport {
    /// As a price.
    pub price: Statistics,
    /// In pips; absent without `pip_size`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pips: Option<Statistics>,
    /// Bars whose spread is 0 at the close.
    pub zero_bars: u64,
}

/// Four numbers about a column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Statistics {
    pub min: f64,
    /// The middle value; between two, their mean.
    pub median: f64,
    pub mean: f64,
    pub max: f64,
}

impl SpreadReport {
    /// `None` without a common bar of finite prices.
    pub(super) fn of(bid: &Candles, ask: &Candles, merge: &Merge, pip_size: Option<f64>) -> Option<Self> {
        let pairs = merge.bid.iter().zip(&merge.ask);
        let mut spreads: Vec<f64> = pairs
            .filter_map(|(&b, &a)| Some(ask.close.get(a)? - bid.close.get(b)?))
            .filter(|spread| spread.is_finite())
            .collect();
        let price = Statistics::of(&mut spreads)?;
        let pips = pip_size.filter(|size| size.is_finite() && *size > 0.0).map(|size| Statistics {
            min: price.min / size,
            median: price.median / size,
            mean: price.mean / size,
            max: price.max / size,
        });
        let zero_bars = spreads.iter().filter(|spread| **spread == 0.0).count() as u64;
        Some(Self { price, pips, zero_bars })
    }
}

impl Statistics {
    /// Sorts `values`. `None` if there are none.
    fn of(values: &mut [f64]) -> Option<Self> {
        // In the order of the bars, before sorting: the sum is the one a reader would compute.
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.sort_unstable_by(f64::total_cmp);
        let (&min, &max) = (values.first()?, values.last()?);
        let upper = *values.get(values.len() / 2)?;
        let median = match values.len() % 2 {
            1 => upper,
            _ => (values.get(values.len() / 2 - 1)? + upper) / 2.0,
        };
        Some(Self { min, median, mean, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_between_two_middle_values() {
        // 1, 2, 4, 9: median (2 + 4) / 2, mean 16 / 4.
        let expected = Statistics { min: 1.0, median: 3.0, mean: 4.0, max: 9.0 };
        assert_eq!(Statistics::of(&mut [4.0, 1.0, 9.0, 2.0]), Some(expected));
        assert_eq!(Statistics::of(&mut [5.0, 1.0, 3.0]).unwrap().median, 3.0);
        assert_eq!(Statistics::of(&mut []), None);
    }
}
