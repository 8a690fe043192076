//! The open times of synthetic bars.

use omega_types::{
    Timeframe,
    time::{DAY_NS, days_from_civil},
};

use crate::{
    market_hours::{fx_week, is_fx_open},
    resample::Anchor,
};

/// No bar may begin in the last year of the supported range.
const LAST_NS: i64 = days_from_civil(2261, 1, 1) * DAY_NS;

/// `count` open times from `start_ns` on, those of the FX week only or all. `None` if they reach out of range.
pub(super) fn opens(
    start_ns: i64,
    timeframe: Timeframe,
    count: usize,
    follows_fx: bool,
    anchor: Anchor,
) -> Option<Vec<i64>> {
    let mut opens = Vec::with_capacity(count);
    let mut time = start_ns;
    while opens.len() < count {
        if time > LAST_NS {
            return None;
        }
        time = anchor.next_start(time, timeframe);
        let close = if follows_fx {
            if !is_fx_open(time) {
                let (open, _) = fx_week(time);
                let next = if open > time { open } else { fx_week(time + 7 * DAY_NS).0 };
                // Bars that straddle the opening (weekly bars of other anchors) do not exist; step at least one bar.
                time = next.max(time + 1);
                continue;
            }
            fx_week(time).1
        } else {
            time.checked_add(timeframe.duration_ns().max(7 * DAY_NS))?
        };
        if timeframe.has_grid() {
            // Between two closings the bars of a grid follow each other.
            while time < close && opens.len() < count {
                opens.push(time);
                time += timeframe.duration_ns();
            }
        } else {
            opens.push(time);
            time += 1;
        }
    }
    Some(opens)
}

#[cfg(test)]
mod tests {
    use omega_types::time::iso;

    use super::*;
    use crate::{Bound, parse_instant};

    fn list(start: &str, timeframe: Timeframe, count: usize, follows_fx: bool) -> Vec<String> {
        let start = parse_instant(start, Bound::Start).unwrap();
        let anchor = if follows_fx { Anchor::NewYork17 } else { Anchor::Utc };
        opens(start, timeframe, count, follows_fx, anchor).unwrap().into_iter().map(iso).collect()
    }

    #[test]
    fn the_weekend_is_left_out() {
        // 10 January 2020 is a Friday; New York closes at 22:00 UTC and opens on Sunday at 22:00 UTC.
        assert_eq!(
            list("2020-01-10T20:30", Timeframe::H1, 3, true),
            ["2020-01-10T21:00:00Z", "2020-01-12T22:00:00Z", "2020-01-12T23:00:00Z"]
        );
        assert_eq!(
            list("2020-01-09", Timeframe::D1, 3, true),
            ["2020-01-09T22:00:00Z", "2020-01-12T22:00:00Z", "2020-01-13T22:00:00Z"]
        );
        assert_eq!(list("2020-01-06", Timeframe::W1, 2, true), ["2020-01-12T22:00:00Z", "2020-01-19T22:00:00Z"]);
    }

    #[test]
    fn around_the_clock_nothing_is_left_out() {
        assert_eq!(
            list("2020-01-10T20:30", Timeframe::H4, 3, false),
            ["2020-01-11T00:00:00Z", "2020-01-11T04:00:00Z", "2020-01-11T08:00:00Z"]
        );
        assert_eq!(list("2020-01-10T20:30", Timeframe::M1, 20_000, false).len(), 20_000);
    }
}
