//! The times of calendar exports.

use crate::{Bound, parse_instant};

/// Why a text is no time, and what may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoTime {
    pub(super) problem: &'static str,
    pub(super) remedy: Option<&'static str>,
}

/// `MM/dd/yyyy HH:mm[:ss]` (`dd/MM/yyyy` with `day_first`), or year first as in a configuration: `2024-03-05 13:30`,
/// `2024-03-05T13:30:00.5+01:00`. Without an offset UTC is meant.
pub(super) fn instant(text: &str, day_first: bool) -> Result<i64, NoTime> {
    let text = text.trim();
    let plain = NoTime { problem: "is not MM/dd/yyyy HH:mm:ss or yyyy-MM-dd HH:mm:ss, 1970 to 2261", remedy: None };
    if !text.contains('/') {
        return parse_instant(text, Bound::Start).map_err(|_| plain);
    }
    let (date, clock) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
    let mut parts = date.split('/');
    let (Some(a), Some(b), Some(year), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(plain);
    };
    let iso = |month: &str, day: &str| parse_instant(&format!("{year}-{month:0>2}-{day:0>2}T{clock}"), Bound::Start);
    let (given, swapped) = if day_first { (iso(b, a), iso(a, b)) } else { (iso(a, b), iso(b, a)) };
    given.map_err(|_| match (swapped.is_ok(), day_first) {
        (false, _) => plain,
        (true, false) => NoTime {
            problem: "has no such month: dates with '/' are read month first",
            remedy: Some("if the day comes first: --day-first (dayFirst)"),
        },
        (true, true) => NoTime {
            problem: "has no such month: dates with '/' are read day first",
            remedy: Some("if the month comes first, leave out --day-first (dayFirst)"),
        },
    })
}

#[cfg(test)]
mod tests {
    use omega_types::time::iso;

    use super::*;

    fn read(text: &str, day_first: bool) -> Option<String> {
        instant(text, day_first).ok().map(iso)
    }

    #[test]
    fn a_date_with_slashes_is_month_first_unless_told_otherwise() {
        // data.md 7.2: 03/04/2024.
        assert_eq!(read("03/04/2024 13:30:00", false).as_deref(), Some("2024-03-04T13:30:00Z"));
        assert_eq!(read("03/04/2024 13:30:00", true).as_deref(), Some("2024-04-03T13:30:00Z"));
        assert_eq!(read(" 3/4/2024 13:30", false).as_deref(), Some("2024-03-04T13:30:00Z"));
        assert_eq!(read("12/31/2024", false).as_deref(), Some("2024-12-31T00:00:00Z"));
    }

    #[test]
    fn year_first_is_never_ambiguous() {
        for day_first in [false, true] {
            assert_eq!(read("2024-03-04 13:30:00", day_first).as_deref(), Some("2024-03-04T13:30:00Z"));
            assert_eq!(read("2024-03-04T13:30:00Z", day_first).as_deref(), Some("2024-03-04T13:30:00Z"));
            assert_eq!(read("2024-03-04 13:30:00+02:00", day_first).as_deref(), Some("2024-03-04T11:30:00Z"));
            assert_eq!(read("2024-03-04", day_first).as_deref(), Some("2024-03-04T00:00:00Z"));
        }
    }

    #[test]
    fn the_other_order_is_suggested_where_it_would_fit() {
        assert!(instant("13/04/2024 10:00:00", false).unwrap_err().remedy.unwrap().contains("dayFirst"));
        assert!(instant("04/13/2024 10:00:00", true).unwrap_err().remedy.unwrap().contains("leave out"));
        for text in [
            "",
            "x",
            "13/13/2024 10:00",
            "1/2/3/4",
            "//",
            "1/2/2024 25:00",
            "02/30/2024",
            "1/2/24",
            "1/2/2024 1:30:00 PM",
        ] {
            assert_eq!(instant(text, false).unwrap_err().remedy, None, "{text}");
        }
        assert_eq!(read("01/01/1969 00:00:00", false), None);
        assert_eq!(read("-1/01/2024", false), None);
    }
}
