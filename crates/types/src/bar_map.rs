//! The one rule that says which bar of another timeframe is visible (data.md 9, indicators.md 3.1).

use crate::market::MappingMode;

/// For each primary bar: the last completed bar of another timeframe, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarMap(Vec<u32>);

const NONE: u32 = u32::MAX;

impl BarMap {
    /// Maps `primary` (open times, duration) to `other` in one forward pass.
    ///
    /// `Close`: the largest `k` with `other[k] + other_duration <= primary[i] + primary_duration`.
    /// `Open`: the same without `primary_duration`.
    pub fn new(
        primary: &[i64],
        primary_duration_ns: i64,
        other: &[i64],
        other_duration_ns: i64,
        mode: MappingMode,
    ) -> Self {
        let lead = match mode {
            MappingMode::Close => primary_duration_ns,
            MappingMode::Open => 0,
        };
        let mut completed = 0;
        let map = primary
            .iter()
            .map(|&open| {
                while completed < other.len() && other[completed] + other_duration_ns <= open + lead {
                    completed += 1;
                }
                if completed == 0 { NONE } else { (completed - 1) as u32 }
            })
            .collect();
        Self(map)
    }

    /// The visible bar at primary bar `index`.
    pub fn get(&self, index: usize) -> Option<usize> {
        match self.0[index] {
            NONE => None,
            bar => Some(bar as usize),
        }
    }

    /// Number of primary bars.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// No primary bar.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// M5 from 00:00, H1 from 00:00: the table of indicators.md 3.2.
    #[test]
    fn an_hour_becomes_visible_when_it_is_complete_and_not_earlier() {
        const MINUTE: i64 = 60_000_000_000;
        let m5: Vec<i64> = (0..25).map(|i| i * 5 * MINUTE).collect();
        let h1: Vec<i64> = (0..3).map(|i| i * 60 * MINUTE).collect();
        let close = BarMap::new(&m5, 5 * MINUTE, &h1, 60 * MINUTE, MappingMode::Close);
        let open = BarMap::new(&m5, 5 * MINUTE, &h1, 60 * MINUTE, MappingMode::Open);
        let at = |map: &BarMap| [0, 5, 10, 11, 12, 13, 22, 23, 24].map(|i| map.get(i));
        let (o, z) = (Some(0), Some(1));
        assert_eq!(at(&close), [None, None, None, o, o, o, o, z, z]);
        assert_eq!(at(&open), [None, None, None, None, o, o, o, o, z]);
    }
}
