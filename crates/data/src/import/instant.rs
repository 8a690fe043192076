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

/// `yyyy-MM-dd` → days since 1970-01-01, within the years that nanoseconds reach.
fn date_days(text: &[u8]) -> Option<i64> {
    let &[a, b, c, d, first, e, f, second, g, h] = text else { return None };
    if first != second || !matches!(first, b'-' | b'.' | b'/') {
        return None;
    }
    let year = digits(&[a, b, c, d])?;
    let (month, day) = (digits(&[e, f])?, digits(&[g, h])?);
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
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let clock = (hour * 3_600 + minute * 60 + second) * SECOND_NS + fraction;
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let offset = if rest.is_empty() { None } else { Some(offset_s(rest)?) };
    Some((clock, offset))
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
    fn date_and_clock_may_stand_in_two_columns() {
        let both = parse_split(b"2012.11.16", Some(b"05:00:00"));
        assert_eq!(both, parse(b"2012-11-16 05:00:00"));
        assert_eq!(parse_split(b"2012.11.16", None), parse(b"2012-11-16"));
        assert_eq!(parse_split(b"2012.11.16", Some(b"05:00:00Z")), None);
    }
}
