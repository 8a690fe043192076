//! What clocks on the wall show.

use jiff::{Timestamp, tz::TimeZone};
use omega_types::time::SECOND_NS;

/// The clock of a place, clock changes included. The rules come from the time zone database that is compiled in, so that
/// they are the same on every machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WallClock(TimeZone);

impl WallClock {
    /// The clock that never changes.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The clock of an IANA zone (`Europe/London`), in any case. `None` if there is no such zone.
    pub fn of_zone(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// How far the clock is ahead of UTC at an instant, in nanoseconds, and the first later instant at which that may change.
    pub fn offset_ns(&self, time_ns: i64) -> (i64, i64) {
        let Ok(instant) = Timestamp::from_nanosecond(i128::from(time_ns)) else { return (0, i64::MAX) };
        let change = self.0.following(instant).next();
        let until = change.and_then(|change| i64::try_from(change.timestamp().as_nanosecond()).ok());
        (i64::from(self.0.to_offset(instant).seconds()) * SECOND_NS, until.unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use omega_types::time::iso;

    use super::*;
    use crate::{Bound, parse_instant};

    fn shown(zone: &str, at: &str) -> (String, String) {
        let instant = parse_instant(at, Bound::Start).unwrap();
        let (offset, until) = WallClock::of_zone(zone).unwrap().offset_ns(instant);
        (iso(instant + offset)[11..16].to_owned(), if until == i64::MAX { "never".into() } else { iso(until) })
    }

    fn expected(clock: &str, until: &str) -> (String, String) {
        (clock.to_owned(), until.to_owned())
    }

    #[test]
    fn an_offset_holds_until_the_clocks_change() {
        // EU rule: last Sundays of March and October, 01:00 UTC; 2024: 31 March and 27 October.
        assert_eq!(shown("Europe/London", "2024-01-15T08:00"), expected("08:00", "2024-03-31T01:00:00Z"));
        assert_eq!(shown("Europe/London", "2024-03-31T01:00"), expected("02:00", "2024-10-27T01:00:00Z"));
        // US rule: second Sunday of March and first Sunday of November, 02:00 local; 2024: 10 March and 3 November.
        assert_eq!(shown("America/New_York", "2024-03-10T06:59"), expected("01:59", "2024-03-10T07:00:00Z"));
        assert_eq!(shown("america/new_york", "2024-03-10T07:00"), expected("03:00", "2024-11-03T06:00:00Z"));
        // Lord Howe Island: UTC+10:30, in summer UTC+11; first Sundays of April and October, 2024: 7 April and 6 October.
        assert_eq!(shown("Australia/Lord_Howe", "2024-01-15T00:00"), expected("11:00", "2024-04-06T15:00:00Z"));
        assert_eq!(shown("Australia/Lord_Howe", "2024-07-15T00:00"), expected("10:30", "2024-10-05T15:30:00Z"));
        // Tokyo has had no summer time since 1951, Kathmandu is UTC+5:45.
        assert_eq!(shown("Asia/Tokyo", "2024-07-15T00:00"), expected("09:00", "never"));
        assert_eq!(shown("Asia/Kathmandu", "2024-07-15T00:00"), expected("05:45", "never"));
        assert_eq!(shown("UTC", "2024-07-15T00:00"), expected("00:00", "never"));
    }

    #[test]
    fn rules_reach_beyond_the_table_of_the_database() {
        // Second Sunday of March 2200: 1 March 2200 is a Saturday, so the 9th.
        assert_eq!(shown("America/New_York", "2200-03-09T06:59").0, "01:59");
        assert_eq!(shown("America/New_York", "2200-03-09T07:00").0, "03:00");
    }

    #[test]
    fn other_names_are_unknown() {
        for name in ["", "Mars/Olympus", "London", "+01:00", "EST5EDT4", "Europe/London\0", "../zone"] {
            assert_eq!(WallClock::of_zone(name), None, "{name}");
        }
        for end in [i64::MIN, i64::MAX] {
            WallClock::of_zone("Europe/London").unwrap().offset_ns(end);
        }
    }
}
