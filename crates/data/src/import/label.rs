//! Close stamps → open stamps.

use omega_types::Timeframe;

use crate::resample::Anchor;

/// Moves a stamp from the end of its bar to the beginning.
///
/// Bars up to H1 move by their duration. H4, D1 and W1 bars of currency pairs that end on the 17:00 New York grid begin on
/// it, so that the bar of a week with a clock change is right as well (data.md 12); all others move by their duration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Relabel {
    timeframe: Timeframe,
    anchor: Anchor,
}

impl Relabel {
    pub(super) fn new(symbol: &str, timeframe: Timeframe) -> Self {
        Self { timeframe, anchor: Anchor::default_for(symbol) }
    }

    /// The open time of the bar that closes at `close_ns`. `None` out of range.
    pub(super) fn open_of(&self, close_ns: i64) -> Option<i64> {
        let nominal = close_ns.checked_sub(self.timeframe.duration_ns())?;
        if self.anchor == Anchor::Utc || self.timeframe.has_grid() {
            return Some(nominal);
        }
        // Weekly bars close at the week's last trade (Friday 17:00) or when the next week begins (Sunday 17:00).
        let grid = if self.timeframe == Timeframe::W1 { Timeframe::D1 } else { self.timeframe };
        if self.anchor.bar_start(close_ns, grid) != close_ns {
            return Some(nominal);
        }
        Some(self.anchor.bar_start(close_ns - 1, self.timeframe))
    }
}

#[cfg(test)]
mod tests {
    use omega_types::time::iso;

    use super::{super::instant::parse, *};

    fn open(symbol: &str, timeframe: Timeframe, close: &str) -> String {
        let close = parse(close.as_bytes()).unwrap().wall_ns;
        iso(Relabel::new(symbol, timeframe).open_of(close).unwrap())
    }

    #[test]
    fn short_bars_move_by_their_duration() {
        assert_eq!(open("EURUSD", Timeframe::H1, "2024-01-02 01:00"), "2024-01-02T00:00:00Z");
        assert_eq!(open("EURUSD", Timeframe::M5, "2024-01-02 00:00"), "2024-01-01T23:55:00Z");
    }

    #[test]
    fn a_new_york_day_across_a_clock_change_has_another_length() {
        // Summer time began on 10 March 2024: the day that closes Sunday 17:00 (21:00 UTC) began Saturday 17:00 (22:00 UTC).
        assert_eq!(open("EURUSD", Timeframe::D1, "2024-03-10 21:00"), "2024-03-09T22:00:00Z");
        assert_eq!(open("EURUSD", Timeframe::D1, "2024-01-04 22:00"), "2024-01-03T22:00:00Z");
        // The week that closes on Friday 8 November 2024, 17:00 (22:00 UTC) began on Sunday 3 November, 17:00 (22:00 UTC).
        assert_eq!(open("EURUSD", Timeframe::W1, "2024-11-08 22:00"), "2024-11-03T22:00:00Z");
        assert_eq!(open("EURUSD", Timeframe::W1, "2024-11-10 22:00"), "2024-11-03T22:00:00Z");
    }

    #[test]
    fn other_anchors_move_by_the_duration() {
        assert_eq!(open("EURUSD", Timeframe::D1, "2024-03-11 00:00"), "2024-03-10T00:00:00Z");
        assert_eq!(open("BTCUSDT", Timeframe::D1, "2024-03-10 21:00"), "2024-03-09T21:00:00Z");
        assert_eq!(open("EURUSD", Timeframe::H4, "2024-01-03 04:00"), "2024-01-03T00:00:00Z");
        assert_eq!(open("EURUSD", Timeframe::H4, "2024-01-03 02:00"), "2024-01-02T22:00:00Z");
    }
}
