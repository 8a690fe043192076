//! Where bars of a timeframe begin (data.md 12).

use std::fmt;

use omega_types::{
    Timeframe,
    time::{DAY_NS, SECOND_NS},
};
use serde::{Deserialize, Serialize};

use crate::market_hours::new_york_offset_ns;

const HOUR_NS: i64 = 3_600 * SECOND_NS;
/// 1970-01-01 was a Thursday.
const FIRST_SUNDAY_NS: i64 = 3 * DAY_NS;
const FIRST_MONDAY_NS: i64 = 4 * DAY_NS;

/// What H4, D1 and W1 bars are counted from. Shorter bars are multiples of their duration under both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Anchor {
    /// 17:00 on the clock of New York; weeks from Sunday.
    #[serde(rename = "ny17")]
    NewYork17,
    /// Midnight UTC; weeks from Monday.
    #[serde(rename = "utc")]
    Utc,
}

impl Anchor {
    /// The name in options and results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewYork17 => "ny17",
            Self::Utc => "utc",
        }
    }

    /// New York for six letters, UTC otherwise.
    pub fn default_for(symbol: &str) -> Self {
        let is_pair = symbol.len() == 6 && symbol.bytes().all(|byte| byte.is_ascii_uppercase());
        if is_pair { Self::NewYork17 } else { Self::Utc }
    }

    /// Beginning of the bar that contains `time_ns`.
    pub(crate) fn bar_start(self, time_ns: i64, timeframe: Timeframe) -> i64 {
        let duration = timeframe.duration_ns();
        match (self, timeframe) {
            (_, Timeframe::M1 | Timeframe::M5 | Timeframe::M15 | Timeframe::M30 | Timeframe::H1) => {
                floor(time_ns, duration, 0)
            }
            (Self::Utc, Timeframe::H4 | Timeframe::D1) => floor(time_ns, duration, 0),
            (Self::Utc, Timeframe::W1) => floor(time_ns, duration, FIRST_MONDAY_NS),
            (Self::NewYork17, Timeframe::H4 | Timeframe::D1) => floor_in_new_york(time_ns, duration, 17 * HOUR_NS),
            (Self::NewYork17, Timeframe::W1) => floor_in_new_york(time_ns, duration, FIRST_SUNDAY_NS + 17 * HOUR_NS),
        }
    }

    /// Beginning of the first bar that does not begin before `time_ns`.
    pub(crate) fn next_start(self, time_ns: i64, timeframe: Timeframe) -> i64 {
        let start = self.bar_start(time_ns, timeframe);
        if start == time_ns {
            return start;
        }
        // Clock changes make a bar an hour shorter or longer: step into the next one, then back to its beginning.
        self.bar_start(start + timeframe.duration_ns() + 2 * HOUR_NS.min(timeframe.duration_ns() / 4), timeframe)
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn floor(value: i64, step: i64, origin: i64) -> i64 {
    value - (value - origin).rem_euclid(step)
}

fn floor_in_new_york(time_ns: i64, step: i64, origin: i64) -> i64 {
    let offset = new_york_offset_ns(time_ns);
    let wall = floor(time_ns + offset, step, origin);
    // The offset at the beginning may be another one than now.
    let start = wall - new_york_offset_ns(wall - offset);
    if start <= time_ns { start } else { wall - offset }
}

#[cfg(test)]
mod tests {
    use omega_types::time::iso;

    use super::*;
    use crate::{Bound, parse_instant};

    fn start(anchor: Anchor, timeframe: Timeframe, text: &str) -> String {
        iso(anchor.bar_start(parse_instant(text, Bound::Start).unwrap(), timeframe))
    }

    #[test]
    fn new_york_days_begin_at_17_00() {
        use Anchor::NewYork17;
        assert_eq!(start(NewYork17, Timeframe::D1, "2024-01-03T12:00"), "2024-01-02T22:00:00Z");
        assert_eq!(start(NewYork17, Timeframe::D1, "2024-07-03T12:00"), "2024-07-02T21:00:00Z");
        // The Saturday before the change of 10 March 2024 begins in winter time, although Sunday noon is summer time.
        assert_eq!(start(NewYork17, Timeframe::D1, "2024-03-10T18:00"), "2024-03-09T22:00:00Z");
        assert_eq!(start(NewYork17, Timeframe::H4, "2024-01-03T04:30"), "2024-01-03T02:00:00Z");
        assert_eq!(start(NewYork17, Timeframe::W1, "2024-11-08T12:00"), "2024-11-03T22:00:00Z");
        assert_eq!(start(NewYork17, Timeframe::H1, "2024-11-08T12:59"), "2024-11-08T12:00:00Z");
    }

    #[test]
    fn utc_weeks_begin_on_monday() {
        // 8 November 2024 is a Friday.
        assert_eq!(start(Anchor::Utc, Timeframe::W1, "2024-11-08T12:00"), "2024-11-04T00:00:00Z");
        assert_eq!(start(Anchor::Utc, Timeframe::D1, "2024-11-08T12:00"), "2024-11-08T00:00:00Z");
        assert_eq!(start(Anchor::Utc, Timeframe::H4, "2024-11-08T13:00"), "2024-11-08T12:00:00Z");
    }

    #[test]
    fn the_next_start_is_never_skipped_by_a_clock_change() {
        let mut day = parse_instant("2024-01-01T22:00", Bound::Start).unwrap();
        for _ in 0..366 {
            let next = Anchor::NewYork17.next_start(day + 1, Timeframe::D1);
            let hours = (next - day) / HOUR_NS;
            assert!((23..=25).contains(&hours) && (next - day) % HOUR_NS == 0, "{}", iso(next));
            assert_eq!(Anchor::NewYork17.next_start(next, Timeframe::D1), next);
            day = next;
        }
        assert_eq!(iso(day), "2025-01-01T22:00:00Z");
    }
}
