//! When foreign exchange trades: the New York week, and the filter of Omega V1 (data.md 6).

use jiff::{Timestamp, civil::Weekday, tz::TimeZone};
use omega_types::time::{DAY_NS, civil_from_days, days_from_civil};

use crate::DataError;

const HOUR_NS: i64 = 3_600_000_000_000;

/// Offset of New York from UTC at an instant, in nanoseconds: −5 h, or −4 h in US daylight time.
///
/// Source: US law. Since 2007 second Sunday of March to first Sunday of November; 1987–2006 first Sunday of April to last
/// Sunday of October; before that (exact from 1976) last Sunday of April to last Sunday of October; at 02:00 local time.
pub fn new_york_offset_ns(time_ns: i64) -> i64 {
    let (year, _, _) = civil_from_days(time_ns.div_euclid(DAY_NS));
    let (spring, autumn) = match year {
        2007.. => (nth_sunday(year, 3, 2), nth_sunday(year, 11, 1)),
        1987..2007 => (nth_sunday(year, 4, 1), last_sunday_of_31_days(year, 10)),
        _ => (nth_sunday(year, 5, 1) - 7, last_sunday_of_31_days(year, 10)),
    };
    // 02:00 standard time is 07:00 UTC, 02:00 daylight time is 06:00 UTC. The first and the last year of the range of
    // nanoseconds are not whole; what lies outside of it is never reached.
    let at = |day: i64, hour_utc: i64| day.saturating_mul(DAY_NS).saturating_add(hour_utc * HOUR_NS);
    let daylight = at(spring, 7)..at(autumn, 6);
    if daylight.contains(&time_ns) { -4 * HOUR_NS } else { -5 * HOUR_NS }
}

/// Opening and (exclusive) closing of the FX week that lies in the UTC week, Sunday to Saturday, of an instant.
///
/// Sunday 17:00 to Friday 17:00 New York. The clock changes on Sunday before 17:00, so one offset holds for the week.
pub fn fx_week(time_ns: i64) -> (i64, i64) {
    let day = time_ns.div_euclid(DAY_NS);
    let sunday = day - weekday(day);
    let evening = sunday * DAY_NS + 17 * HOUR_NS;
    let open = evening - new_york_offset_ns(evening + 5 * HOUR_NS);
    (open, open + 5 * DAY_NS)
}

/// Does an instant lie inside the FX week?
pub fn is_fx_open(time_ns: i64) -> bool {
    let (open, close) = fx_week(time_ns);
    (open..close).contains(&time_ns)
}

/// The filter that Omega V1 applied on load: Monday 07:00 to Saturday 07:00 in Sydney.
#[derive(Debug, Clone)]
pub struct V1Hours {
    sydney: TimeZone,
}

impl V1Hours {
    /// Looks Sydney up in the time zone database that is compiled in.
    ///
    /// # Errors
    ///
    /// `INTERNAL` if the database does not know Sydney.
    pub fn new() -> Result<Self, DataError> {
        let sydney = TimeZone::get("Australia/Sydney")
            .map_err(|problem| DataError::Internal { what: format!("no time zone Australia/Sydney: {problem}") })?;
        Ok(Self { sydney })
    }

    /// Did V1 keep a bar that opens at `time_ns`?
    pub fn is_open(&self, time_ns: i64) -> bool {
        let Ok(instant) = Timestamp::from_nanosecond(i128::from(time_ns)) else { return false };
        let local = self.sydney.to_datetime(instant);
        let from_seven = local.hour() >= 7;
        match local.weekday() {
            Weekday::Monday => from_seven,
            Weekday::Saturday => !from_seven,
            Weekday::Sunday => false,
            _ => true,
        }
    }
}

/// 0 = Sunday. Day 0 is Thursday, 1970-01-01.
pub(crate) fn weekday(day: i64) -> i64 {
    (day + 4).rem_euclid(7)
}

/// Day of the `n`th Sunday of a month.
fn nth_sunday(year: i64, month: u32, n: i64) -> i64 {
    let first = days_from_civil(year, month, 1);
    first + (7 - weekday(first)) % 7 + 7 * (n - 1)
}

/// Day of the last Sunday of a month of 31 days.
fn last_sunday_of_31_days(year: i64, month: u32) -> i64 {
    let last = days_from_civil(year, month, 31);
    last - weekday(last)
}

#[cfg(test)]
mod tests {
    use omega_types::time::iso;

    use super::*;
    use crate::dates::{Bound, parse_instant};

    fn at(text: &str) -> i64 {
        parse_instant(text, Bound::Start).unwrap()
    }

    /// Opening and closing as weekday and hour in UTC.
    fn week(date: &str) -> (String, String) {
        let (open, close) = fx_week(at(date));
        (iso(open), iso(close))
    }

    #[test]
    fn every_instant_has_an_offset() {
        // Nanoseconds reach from 21 September 1677 to 11 April 2262, both in daylight time by these rules.
        assert_eq!([i64::MIN + DAY_NS, i64::MAX - DAY_NS].map(new_york_offset_ns), [-4 * HOUR_NS; 2]);
        assert_eq!(new_york_offset_ns(at("2261-12-31")), -5 * HOUR_NS);
    }

    #[test]
    fn the_week_follows_the_clock_of_new_york() {
        let expected = |open: &str, close: &str| (open.to_owned(), close.to_owned());
        // 2024: daylight time from 10 March to 3 November.
        assert_eq!(week("2024-03-06"), expected("2024-03-03T22:00:00Z", "2024-03-08T22:00:00Z"));
        assert_eq!(week("2024-03-13"), expected("2024-03-10T21:00:00Z", "2024-03-15T21:00:00Z"));
        assert_eq!(week("2024-10-30"), expected("2024-10-27T21:00:00Z", "2024-11-01T21:00:00Z"));
        assert_eq!(week("2024-11-06"), expected("2024-11-03T22:00:00Z", "2024-11-08T22:00:00Z"));
        // 2006: 2 April to 29 October. 1986: 27 April to 26 October.
        assert_eq!(week("2006-04-05"), expected("2006-04-02T21:00:00Z", "2006-04-07T21:00:00Z"));
        assert_eq!(week("2006-03-29"), expected("2006-03-26T22:00:00Z", "2006-03-31T22:00:00Z"));
        assert_eq!(week("2006-11-01"), expected("2006-10-29T22:00:00Z", "2006-11-03T22:00:00Z"));
        assert_eq!(week("1986-04-30"), expected("1986-04-27T21:00:00Z", "1986-05-02T21:00:00Z"));
        assert_eq!(week("1986-04-23"), expected("1986-04-20T22:00:00Z", "1986-04-25T22:00:00Z"));
    }

    #[test]
    fn the_week_is_half_open() {
        assert!(!is_fx_open(at("2024-03-03T21:59")));
        assert!(is_fx_open(at("2024-03-03T22:00")));
        assert!(is_fx_open(at("2024-03-08T21:59")));
        assert!(!is_fx_open(at("2024-03-08T22:00")));
        assert!(!is_fx_open(at("2024-03-09T12:00")));
    }

    /// The rules above against the time zone database, day by day, twice a day around the change.
    #[test]
    fn offsets_agree_with_the_time_zone_database_from_1976_on() {
        let new_york = TimeZone::get("America/New_York").unwrap();
        let (first, last) = (days_from_civil(1976, 1, 1), days_from_civil(2037, 12, 31));
        for hour in (first * 24)..(last * 24) {
            let ns = hour * HOUR_NS;
            let instant = Timestamp::from_nanosecond(i128::from(ns)).unwrap();
            let expected = i64::from(new_york.to_offset(instant).seconds()) * 1_000_000_000;
            assert_eq!(new_york_offset_ns(ns), expected, "{}", iso(ns));
        }
    }

    #[test]
    fn the_filter_of_v1_follows_the_clock_of_sydney() {
        // data.md 6, one week per row of the table: V1 open and close in UTC.
        let hours = V1Hours::new().unwrap();
        for (open, close) in [
            ("2023-10-08T20:00", "2023-10-13T20:00"), // both clocks in daylight time
            ("2023-11-12T20:00", "2023-11-17T20:00"), // Sydney only
            ("2024-03-17T20:00", "2024-03-22T20:00"), // both again
            ("2024-06-02T21:00", "2024-06-07T21:00"), // New York only
        ] {
            let (open, close) = (at(open), at(close));
            assert!(!hours.is_open(open - 1) && hours.is_open(open));
            assert!(hours.is_open(close - 1) && !hours.is_open(close));
            assert!(hours.is_open(open + 2 * DAY_NS));
            assert!(!hours.is_open(close + DAY_NS));
        }
    }
}
