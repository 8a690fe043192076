//! Dates of a configuration as instants (config.md 5).

use omega_types::time::{DAY_NS, SECOND_NS, days_from_civil};

use crate::DataError;

/// Which end of a day a date without a time means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// 00:00:00.000000000
    Start,
    /// 23:59:59.999999999
    End,
}

/// Last supported instant, 2261-12-31T23:59:59.999999999Z.
const LAST_NS: i64 = days_from_civil(2262, 1, 1) * DAY_NS - 1;

/// `start_date` and `end_date` as inclusive bounds on open times, nanoseconds UTC.
///
/// # Errors
///
/// `CFG_ENGINE_REJECTED` for a text that is no date of config.md 5, or bounds in the wrong order.
pub fn date_bounds(start: &str, end: &str) -> Result<(i64, i64), DataError> {
    let start_ns = parse_instant(start, Bound::Start)?;
    let end_ns = parse_instant(end, Bound::End)?;
    if start_ns > end_ns {
        return Err(DataError::Rejected { what: format!("start_date {start} lies after end_date {end}") });
    }
    Ok((start_ns, end_ns))
}

/// `YYYY-MM-DD`, or `YYYY-MM-DDTHH:MM[:SS[.f{1,9}]]` with `Z`, `±HH:MM` or nothing (UTC), as nanoseconds UTC.
///
/// # Errors
///
/// `CFG_ENGINE_REJECTED`: another form, a day that does not exist, or an instant outside 1970 to 2261.
pub fn parse_instant(text: &str, bound: Bound) -> Result<i64, DataError> {
    let parsed = Reader(text.as_bytes()).instant(bound);
    parsed.filter(|ns| (0..=LAST_NS).contains(ns)).ok_or_else(|| DataError::Rejected {
        what: format!("'{text}' is not a date or an instant between 1970-01-01 and 2261-12-31"),
    })
}

/// What is left of the text.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn instant(&mut self, bound: Bound) -> Option<i64> {
        let (year, month, day) = self.date()?;
        let midnight = days_from_civil(year, month, day).checked_mul(DAY_NS)?;
        if self.0.is_empty() {
            return match bound {
                Bound::Start => Some(midnight),
                Bound::End => midnight.checked_add(DAY_NS - 1),
            };
        }
        if !(self.take(b'T') || self.take(b' ')) {
            return None;
        }
        let time = self.time()?;
        let offset = self.offset()?;
        if !self.0.is_empty() {
            return None;
        }
        midnight.checked_add(time)?.checked_sub(offset)
    }

    fn date(&mut self) -> Option<(i64, u32, u32)> {
        let year = self.digits(4)?;
        let month = self.after(b'-')?.digits(2)? as u32;
        let day = self.after(b'-')?.digits(2)? as u32;
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days).contains(&day).then_some((year, month, day))
    }

    fn time(&mut self) -> Option<i64> {
        let (hour, minute) = self.hour_and_minute()?;
        let mut ns = (hour * 3_600 + minute * 60) * SECOND_NS;
        if self.take(b':') {
            ns += self.digits(2).filter(|&second| second < 60)? * SECOND_NS;
            if self.take(b'.') {
                let length = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
                if !(1..=9).contains(&length) {
                    return None;
                }
                ns += self.digits(length)? * 10_i64.pow(9 - length as u32);
            }
        }
        Some(ns)
    }

    fn offset(&mut self) -> Option<i64> {
        if self.0.is_empty() || self.take(b'Z') {
            return Some(0);
        }
        let sign = if self.take(b'+') { 1 } else { -1 };
        if sign < 0 && !self.take(b'-') {
            return None;
        }
        let (hour, minute) = self.hour_and_minute()?;
        Some(sign * (hour * 3_600 + minute * 60) * SECOND_NS)
    }

    fn hour_and_minute(&mut self) -> Option<(i64, i64)> {
        let hour = self.digits(2).filter(|&hour| hour < 24)?;
        let minute = self.after(b':')?.digits(2).filter(|&minute| minute < 60)?;
        Some((hour, minute))
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
    }

    fn take(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn after(&mut self, byte: u8) -> Option<&mut Self> {
        self.take(byte).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use omega_types::time::iso;

    use super::*;

    #[test]
    fn a_date_means_its_first_or_its_last_nanosecond() {
        // config.md 5, and 2024-03-05 = day 19 787.
        let (start, end) = date_bounds("2024-03-05", "2024-03-05").unwrap();
        assert_eq!(start, 19_787 * DAY_NS);
        assert_eq!(end, 19_788 * DAY_NS - 1);
    }

    #[test]
    fn instants_are_read_in_every_accepted_form() {
        let read = |text| iso(parse_instant(text, Bound::End).unwrap());
        assert_eq!(read("2022-06-30T10:00:00Z"), "2022-06-30T10:00:00Z");
        assert_eq!(read("2022-06-30 10:00"), "2022-06-30T10:00:00Z");
        assert_eq!(read("2022-06-30T10:00:00.5"), "2022-06-30T10:00:00.500000000Z");
        assert_eq!(read("2022-06-30T10:00:00.000000001+02:30"), "2022-06-30T07:30:00.000000001Z");
        assert_eq!(read("2022-06-30T23:00-02:00"), "2022-07-01T01:00:00Z");
        assert_eq!(read("2261-12-31"), "2261-12-31T23:59:59.999999999Z");
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "2022",
            "2022-6-1",
            "2022-02-30",
            "2023-02-29",
            "1900-02-29",
            "2022-13-01",
            "2022-00-10",
            "2022-01-00",
            "2022-01-01T",
            "2022-01-01T10",
            "2022-01-01T24:00",
            "2022-01-01T10:60",
            "2022-01-01T10:00:60Z",
            "2022-01-01T10:00:00.",
            "2022-01-01T10:00:00.1234567890Z",
            "2022-01-01T10:00Zx",
            "2022-01-01T10:00+2:00",
            "2022-01-01t10:00",
            "1969-12-31",
            "2262-01-01",
            "９022-01-01",
            "1970-01-01T00:00+01:00",
        ] {
            assert!(parse_instant(text, Bound::Start).is_err(), "{text}");
        }
        assert!(date_bounds("2022-01-02", "2022-01-01").is_err());
        assert!(parse_instant("2024-02-29", Bound::Start).is_ok());
        assert!(parse_instant("2000-02-29", Bound::Start).is_ok());
    }
}
