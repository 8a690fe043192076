//! Instants as text: UTC, suffix `Z`, whole seconds or exactly nine fractional digits (output.md 3).

/// Nanoseconds of a day.
pub const DAY_NS: i64 = 86_400_000_000_000;
/// Nanoseconds of a minute.
pub const MINUTE_NS: i64 = 60_000_000_000;
/// Nanoseconds of a second.
pub const SECOND_NS: i64 = 1_000_000_000;

/// Year, month (1–12) and day (1–31) of the proleptic Gregorian calendar; `days` since 1970-01-01.
///
/// Source: H. Hinnant, "chrono-compatible low-level date algorithms".
pub const fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    let year = yoe + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar. The inverse of [`civil_from_days`].
pub const fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let mp = (month as i64 + 9) % 12;
    let doy = (153 * mp + 2) / 5 + day as i64 - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

/// `2024-03-05T14:30:00Z`, or with nine fractional digits if the instant is not a whole second.
pub fn iso(ns: i64) -> String {
    let (days, rest) = (ns.div_euclid(DAY_NS), ns.rem_euclid(DAY_NS));
    let (year, month, day) = civil_from_days(days);
    let (seconds, fraction) = (rest / SECOND_NS, rest % SECOND_NS);
    let (h, m, s) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if fraction == 0 {
        format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{fraction:09}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_in_the_output_contract() {
        // output.md 3: the two examples.
        assert_eq!(iso(1_709_649_000_000_000_000), "2024-03-05T14:30:00Z");
        assert_eq!(iso(1_709_649_000_041_018_112), "2024-03-05T14:30:00.041018112Z");
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn dates_round_trip_over_four_centuries() {
        for days in -73_000..146_097 {
            let (y, m, d) = civil_from_days(days);
            assert_eq!(days_from_civil(y, m, d), days);
        }
        assert_eq!(civil_from_days(19_787), (2024, 3, 5)); // 1709649000 s / 86400 = 19787.6
    }
}
