//! Reading a time stamp as the wall clock and offset that it shows.

use omega_types::time::{DAY_NS, SECOND_NS, days_from_civil};

/// What a text says about time: a wall clock, and an offset from UTC if it shows one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Nanoseconds from 1970-01-01 00:00 to the wall clock shown.
    pub(super) wall_ns: i64,
    /// Seconds east of UTC.
    pub(super) offset_s: Option<i64>,
}

/// Reads `2012-11-16`, `2012-11-16 05:00`, `2012.11.16T05:00:00.25+02:00`: year first, separator `-`, `.` or `/`, up to nine
/// digits of a second, offset `Z`, `UTC`, `+02:00`, `+0200` or `+02`. `None` if the text is anything else or no such day.
pub(super) fn parse(text: &[u8]) -> Option<Stamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let days = date_days(date)?;
    let (clock, offset_s) = match rest {
        [] => (0, None),
        [b'T' | b't' | b' ', rest @ ..] => clock_ns(rest)?,
        _ => return None,
    };
    Some(Stamp { wall_ns: days.checked_mul(DAY_NS)?.checked_add(clock)?, offset_s })
}

/// Reads the date and the clock from two columns, as MetaTrader writes them.
pub(super) fn parse_split(date: &[u8], clock: Option<&[u8]>) -> Option<Stamp> {
    let days = (date.len() == 10).then(|| date_days(date)).flatten()?;
    let (clock, offset_s) = match clock {
        None => (0, None),
        Some(clock) => clock_ns(clock)?,
    };
    if offset_s.is_some() {
        return None;
    }
    Some(Stamp { wall_ns: days.checked_mul(DAY_NS)?.checked_add(clock)?, offset_s })
}

/// Reads `16.11.2012`, `16.11.2012 05:00:00.250`, `16.11.2012 05:00:00.250 GMT+0100`: day first, as Dukascopy writes.
pub(super) fn parse_day_first(text: &[u8]) -> Option<Stamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let &[d, e, b'.', m, n, b'.', a, b, c, f] = date else { return None };
    let days = civil_days(digits(&[a, b, c, f])?, digits(&[m, n])?, digits(&[d, e])?)?;
    let (clock, offset_s) = match rest {
        [] => (0, None),
        [b' ', rest @ ..] => clock_ns(rest)?,
        _ => return None,
    };
    Some(Stamp { wall_ns: days.checked_mul(DAY_NS)?.checked_add(clock)?, offset_s })
}

/// Reads `20121116 050000`, or `20121116 050000123` if the fraction is to be there, as HistData writes.
pub(super) fn parse_compact(text: &[u8], has_millis: bool) -> Option<Stamp> {
    let (date, rest) = text.split_at_checked(8)?;
    let (clock, millis) = rest.strip_prefix(b" ")?.split_at_checked(6)?;
    let (date, clock) = (digits(date)?, digits(clock)?);
    let days = civil_days(date / 10_000, date / 100 % 100, date % 100)?;
    let clock = in_day(clock / 10_000, clock / 100 % 100, clock % 100)?;
    if millis.len() != if has_millis { 3 } else { 0 } {
        return None;
    }
    let wall_ns = days.checked_mul(DAY_NS)?.checked_add(clock)?.checked_add(digits(millis)? * SECOND_NS / 1_000)?;
    Some(Stamp { wall_ns, offset_s: None })
}

/// Reads `05:00:00.250` → nanoseconds since midnight.
pub(super) fn parse_clock(text: &[u8]) -> Option<i64> {
    match clock_ns(text)? {
        (clock, None) => Some(clock),
        (_, Some(_)) => None,
    }
}

/// `yyyy-MM-dd` → days since 1970-01-01, within the years that nanoseconds reach.
pub(super) fn date_days(text: &[u8]) -> Option<i64> {
    let &[a, b, c, d, first, e, f, second, g, h] = text else { return None };
    if first != second || !matches!(first, b'-' | b'.' | b'/') {
        return None;
    }
    civil_days(digits(&[a, b, c, d])?, digits(&[e, f])?, digits(&[g, h])?)
}

fn civil_days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) || !(1678..=2261).contains(&year) {
        return None;
    }
    Some(days_from_civil(year, month as u32, day as u32))
}

/// `HH:mm[:ss[.fraction]][offset]` → nanoseconds since midnight, offset in seconds.
fn clock_ns(text: &[u8]) -> Option<(i64, Option<i64>)> {
    let (hour, rest) = two(text)?;
    let (minute, mut rest) = two(rest.strip_prefix(b":")?)?;
    let (mut second, mut fraction) = (0, 0);
    if let Some(after) = rest.strip_prefix(b":") {
        (second, rest) = two(after)?;
        if let Some(after) = rest.strip_prefix(b".") {
            (fraction, rest) = fraction_ns(after)?;
        }
    }
    let clock = in_day(hour, minute, second)? + fraction;
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let offset = match rest.strip_prefix(b"GMT") {
        _ if rest.is_empty() => None,
        Some([]) => Some(0),
        Some(rest) => Some(offset_s(rest)?),
        None => Some(offset_s(rest)?),
    };
    Some((clock, offset))
}

fn in_day(hour: i64, minute: i64, second: i64) -> Option<i64> {
    (hour <= 23 && minute <= 59 && second <= 59).then_some((hour * 3_600 + minute * 60 + second) * SECOND_NS)
}

/// `Z`, `UTC`, `+02:00`, `-0530`, `+02` → seconds east of UTC.
pub(super) fn offset_s(text: &[u8]) -> Option<i64> {
    if text.eq_ignore_ascii_case(b"z") || text.eq_ignore_ascii_case(b"utc") {
        return Some(0);
    }
    let (sign, rest) = match text {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hour, rest) = two(rest)?;
    let minute = match rest.strip_prefix(b":").unwrap_or(rest) {
        [] if rest.is_empty() => 0,
        rest => match two(rest)? {
            (minute, []) => minute,
            _ => return None,
        },
    };
    if hour > 18 || minute > 59 {
        return None;
    }
    Some(sign * (hour * 3_600 + minute * 60))
}

fn fraction_ns(text: &[u8]) -> Option<(i64, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (shown, rest) = text.split_at_checked(length)?;
    if !(1..=9).contains(&length) {
        return None;
    }
    let mut value = digits(shown)?;
    for _ in length..9 {
        value *= 10;
    }
    Some((value, rest))
}

fn two(text: &[u8]) -> Option<(i64, &[u8])> {
    let (shown, rest) = text.split_at_checked(2)?;
    Some((digits(shown)?, rest))
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |value, &byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> Option<(i64, Option<i64>)> {
        parse(text.as_bytes()).map(|stamp| (stamp.wall_ns, stamp.offset_s))
    }

    #[test]
    fn every_listed_form_is_read() {
        // 2012-11-16 is day 15660: 42 years of 365 days, 11 leap days, then 305 + 15 days of a leap year.
        // 42 * 365 + 10 + 320 = 15660 (leap days 1972 … 2008: 10).
        let midnight = 15_660 * DAY_NS;
        let five = midnight + 5 * 3_600 * SECOND_NS;
        assert_eq!(wall("2012-11-16"), Some((midnight, None)));
        assert_eq!(wall("2012.11.16 05:00"), Some((five, None)));
        assert_eq!(wall("2012/11/16T05:00:00Z"), Some((five, Some(0))));
        assert_eq!(wall("2012-11-16 05:00:00+00:00"), Some((five, Some(0))));
        assert_eq!(wall("2012-11-16 05:00:00.25 -0530"), Some((five + 250_000_000, Some(-19_800))));
        assert_eq!(wall("2012-11-16T05:00:00.000000001+02"), Some((five + 1, Some(7_200))));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "2012",
            "16.11.2012 05:00",
            "2012-11-31",
            "2011-02-29",
            "2012-13-01",
            "2012-11.16",
            "2012-11-16 24:00",
            "2012-11-16 05:60",
            "2012-11-16 5:00",
            "2012-11-16 05:00:00,5",
            "2012-11-16 05:00:00.",
            "1353042000",
            "2012-11-16 05:00 Europe/Berlin",
            "2012-11-16 05:00+2",
            "1600-01-01",
            "2012-11-16x05:00",
        ] {
            assert_eq!(wall(text), None, "{text}");
        }
    }

    #[test]
    fn dukascopy_writes_the_day_first() {
        // 15 660 days to 2012-11-16, as above.
        let five = 15_660 * DAY_NS + 5 * 3_600 * SECOND_NS;
        let read = |text: &str| parse_day_first(text.as_bytes()).map(|stamp| (stamp.wall_ns, stamp.offset_s));
        assert_eq!(read("16.11.2012 05:00:00.000"), Some((five, None)));
        assert_eq!(read("16.11.2012 05:00:00"), Some((five, None)));
        assert_eq!(read("16.11.2012"), Some((15_660 * DAY_NS, None)));
        assert_eq!(read("16.11.2012 05:00:00.007 GMT+0100"), Some((five + 7_000_000, Some(3_600))));
        assert_eq!(read("16.11.2012 05:00:00.000 GMT-0330"), Some((five, Some(-12_600))));
        assert_eq!(read("16.11.2012 05:00:00.000 GMT"), Some((five, Some(0))));
        for text in ["2012.11.16 05:00", "16/11/2012 05:00", "11.16.2012 05:00", "16.11.12 05:00", "16.11.2012T05:00"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn histdata_writes_digits_only() {
        let read = |text: &str, millis| parse_compact(text.as_bytes(), millis).map(|stamp| stamp.wall_ns);
        // 2012-02-01 is day 15 340 + 31 = 15 371 (42 years of 365 days and 10 leap days before 2012 are 15 340).
        assert_eq!(read("20120201 000100", false), Some(15_371 * DAY_NS + 60 * SECOND_NS));
        assert_eq!(read("20120201 000003660", true), Some(15_371 * DAY_NS + 3_660_000_000));
        for (text, millis) in [
            ("20120201 000003660", false),
            ("20120201 000100", true),
            ("20120201 246000", false),
            ("20121301 000100", false),
            ("20120230 000100", false),
            ("20120201000100", false),
            ("2012020x 000100", false),
        ] {
            assert_eq!(read(text, millis), None, "{text}");
        }
    }

    #[test]
    fn a_clock_alone_is_a_time_of_day() {
        assert_eq!(parse_clock(b"00:00:08.715"), Some(8_715_000_000));
        assert_eq!(parse_clock(b"24:00"), None);
        assert_eq!(parse_clock(b"05:00Z"), None);
    }

    #[test]
    fn date_and_clock_may_stand_in_two_columns() {
        let both = parse_split(b"2012.11.16", Some(b"05:00:00"));
        assert_eq!(both, parse(b"2012-11-16 05:00:00"));
        assert_eq!(parse_split(b"2012.11.16", None), parse(b"2012-11-16"));
        assert_eq!(parse_split(b"2012.11.16", Some(b"05:00:00Z")), None);
    }
}
