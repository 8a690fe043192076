//! The zone of times that show no offset.

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};
use omega_types::time::SECOND_NS;

use super::{ImportError, LocalTime, instant::offset_s, request::argument};

/// How a wall clock becomes an instant.
#[derive(Debug, Clone)]
pub(super) enum Zone {
    /// A fixed number of seconds east of UTC.
    Fixed(i64),
    /// Rules of an IANA zone; the wall clock runs `ahead_s` before them.
    Rules { zone: TimeZone, ahead_s: i64 },
}

impl Zone {
    /// `UTC`, `+HH:MM`, an IANA name, or `ny+7`: New York wall clock plus 7 hours (any whole number of hours up to 14).
    ///
    /// # Errors
    ///
    /// `ARG_INVALID` for anything else.
    pub(super) fn parse(text: &str) -> Result<Self, ImportError> {
        let trimmed = text.trim();
        if let Some(seconds) = offset_s(trimmed.as_bytes()) {
            return Ok(Self::Fixed(seconds));
        }
        let unknown = || {
            argument(
                "timezone",
                text,
                "is not UTC, an offset such as +02:00, an IANA name such as Europe/Berlin, or ny+7",
            )
        };
        let lower = trimmed.to_ascii_lowercase();
        if matches!(lower.as_str(), "gmt" | "etc/utc" | "etc/gmt") {
            return Ok(Self::Fixed(0));
        }
        let (name, ahead_s) = match lower.strip_prefix("ny") {
            Some(hours) if hours.is_empty() || hours.starts_with(['+', '-']) => {
                let hours = if hours.is_empty() { 0 } else { hours.parse::<i64>().map_err(|_| unknown())? };
                if hours.abs() > 14 {
                    return Err(unknown());
                }
                ("America/New_York", hours * 3_600)
            }
            _ => (trimmed, 0),
        };
        let zone = TimeZone::get(name).map_err(|_| unknown())?;
        Ok(Self::Rules { zone, ahead_s })
    }

    /// The instant at which the clock of the zone shows `wall_ns` (nanoseconds since 1970-01-01 00:00 on that clock).
    ///
    /// # Errors
    ///
    /// `None` inside if the instant is out of range; [`LocalTime`] if the clock never or twice showed it.
    pub(super) fn instant(&self, wall_ns: i64) -> Result<Option<i64>, LocalTime> {
        match self {
            Self::Fixed(seconds) => Ok(wall_ns.checked_sub(seconds * SECOND_NS)),
            Self::Rules { zone, ahead_s } => {
                let Some(shifted) = wall_ns.checked_sub(ahead_s * SECOND_NS) else { return Ok(None) };
                let Some(wall) = civil(shifted) else { return Ok(None) };
                match zone.to_ambiguous_timestamp(wall).offset() {
                    AmbiguousOffset::Unambiguous { offset } => {
                        Ok(shifted.checked_sub(i64::from(offset.seconds()) * SECOND_NS))
                    }
                    AmbiguousOffset::Gap { .. } => Err(LocalTime::Missing),
                    AmbiguousOffset::Fold { .. } => Err(LocalTime::Ambiguous),
                }
            }
        }
    }
}

fn civil(wall_ns: i64) -> Option<DateTime> {
    let timestamp = Timestamp::from_nanosecond(i128::from(wall_ns)).ok()?;
    Some(TimeZone::UTC.to_datetime(timestamp))
}

#[cfg(test)]
mod tests {
    use super::{super::instant::parse, *};

    fn utc(zone: &str, text: &str) -> Result<Option<String>, LocalTime> {
        let wall = parse(text.as_bytes()).unwrap().wall_ns;
        Zone::parse(zone).unwrap().instant(wall).map(|ns| ns.map(omega_types::time::iso))
    }

    fn at(text: &str) -> Result<Option<String>, LocalTime> {
        Ok(Some(text.to_owned()))
    }

    #[test]
    fn fixed_offsets_and_names_give_the_instant() {
        assert_eq!(utc("UTC", "2024-01-02 03:00"), at("2024-01-02T03:00:00Z"));
        assert_eq!(utc("+02:00", "2024-01-02 03:00"), at("2024-01-02T01:00:00Z"));
        assert_eq!(utc("Etc/UTC", "2024-01-02 03:00"), at("2024-01-02T03:00:00Z"));
        assert_eq!(utc("EET", "2024-07-02 03:00"), at("2024-07-02T00:00:00Z"));
        // Berlin: UTC+1 in winter, UTC+2 in summer.
        assert_eq!(utc("Europe/Berlin", "2024-01-02 03:00"), at("2024-01-02T02:00:00Z"));
        assert_eq!(utc("Europe/Berlin", "2024-07-02 03:00"), at("2024-07-02T01:00:00Z"));
    }

    #[test]
    fn a_broker_day_begins_at_17_00_new_york_all_year() {
        // 17:00 New York is 22:00 UTC in winter and 21:00 UTC in summer (data.md 6).
        assert_eq!(utc("ny+7", "2024-01-03 00:00"), at("2024-01-02T22:00:00Z"));
        assert_eq!(utc("ny+7", "2024-07-03 00:00"), at("2024-07-02T21:00:00Z"));
        // Between the American and the European switch the broker follows America: 11 March 2024 is summer time already.
        assert_eq!(utc("ny+7", "2024-03-12 00:00"), at("2024-03-11T21:00:00Z"));
    }

    #[test]
    fn times_that_never_were_or_were_twice_are_refused() {
        // New York 2024: 02:00 → 03:00 on 10 March, 02:00 → 01:00 on 3 November.
        assert_eq!(utc("America/New_York", "2024-03-10 02:30"), Err(LocalTime::Missing));
        assert_eq!(utc("America/New_York", "2024-11-03 01:30"), Err(LocalTime::Ambiguous));
        assert_eq!(utc("ny+7", "2024-03-10 09:30"), Err(LocalTime::Missing));
        assert_eq!(utc("ny+7", "2024-11-03 08:30"), Err(LocalTime::Ambiguous));
    }

    #[test]
    fn other_names_are_refused() {
        for name in ["", "ny+99", "nyx", "Mars/Olympus", "+25:00", "EST5EDT4"] {
            assert!(Zone::parse(name).is_err(), "{name}");
        }
    }
}
