//! Parts of the day on the wall clocks of their places.

use std::ops::Range;

use omega_types::time::{DAY_NS, SECOND_NS};

use crate::WallClock;

/// A union of windows that recur every day. The clocks of their places decide, also on days on which these change: an hour
/// that comes twice is inside twice, one that is left out never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayWindows {
    places: Vec<(WallClock, Vec<(i64, i64)>)>,
}

impl DayWindows {
    /// Windows as start and end in seconds since local midnight; `end <= start` crosses midnight, equal ends are the whole day.
    pub fn new(windows: impl IntoIterator<Item = (WallClock, (u32, u32))>) -> Self {
        let ns = |seconds: u32| (i64::from(seconds) * SECOND_NS).min(DAY_NS);
        let mut places: Vec<(WallClock, Vec<(i64, i64)>)> = Vec::new();
        for (clock, (start, end)) in windows {
            let window = (ns(start), ns(end));
            match places.iter_mut().find(|(known, _)| *known == clock) {
                Some((_, windows)) => windows.push(window),
                None => places.push((clock, vec![window])),
            }
        }
        Self { places }
    }

    /// Windows on the clock of UTC.
    pub fn utc(windows: &[(u32, u32)]) -> Self {
        Self::new(windows.iter().map(|&window| (WallClock::utc(), window)))
    }

    /// A test for many instants. `includes_end`: the end of a window is inside.
    pub fn test(&self, includes_end: bool) -> WindowTest<'_> {
        let place = |(clock, windows)| Place { clock, windows, offset_ns: 0, valid: 0..0 };
        WindowTest {
            places: self.places.iter().map(|(c, w)| place((c, w.as_slice()))).collect(),
            end: i64::from(includes_end),
        }
    }

    /// The stretches of `range` that lie inside a window, ends exclusive: ascending and apart.
    pub(crate) fn within(&self, range: &Range<i64>) -> Vec<Range<i64>> {
        let mut found = Vec::new();
        for (clock, windows) in &self.places {
            let mut from = range.start;
            while from < range.end {
                let (offset, until) = clock.offset_ns(from);
                let until = until.min(range.end);
                for day in (from + offset).div_euclid(DAY_NS)..=(until - 1 + offset).div_euclid(DAY_NS) {
                    let midnight = day * DAY_NS - offset;
                    let parts = windows.iter().flat_map(|&(start, end)| {
                        if start < end { [(start, end), (0, 0)] } else { [(start, DAY_NS), (0, end)] }
                    });
                    let parts = parts.map(|(start, end)| (midnight + start).max(from)..(midnight + end).min(until));
                    found.extend(parts.filter(|part| !part.is_empty()));
                }
                from = until;
            }
        }
        found.sort_unstable_by_key(|part| part.start);
        let mut apart: Vec<Range<i64>> = Vec::with_capacity(found.len());
        for part in found {
            match apart.last_mut() {
                Some(previous) if part.start <= previous.end => previous.end = previous.end.max(part.end),
                _ => apart.push(part),
            }
        }
        apart
    }
}

/// Tells for instants, best in ascending order, whether they lie inside a window.
#[derive(Debug, Clone)]
pub struct WindowTest<'a> {
    places: Vec<Place<'a>>,
    /// 1 if the last nanosecond of a window is its end.
    end: i64,
}

#[derive(Debug, Clone)]
struct Place<'a> {
    clock: &'a WallClock,
    windows: &'a [(i64, i64)],
    /// What the clock is ahead of UTC within `valid`.
    offset_ns: i64,
    valid: Range<i64>,
}

impl WindowTest<'_> {
    /// Does `time_ns` lie inside?
    pub fn contains(&mut self, time_ns: i64) -> bool {
        let end = self.end;
        self.places.iter_mut().any(|place| {
            if !place.valid.contains(&time_ns) {
                let (offset_ns, until) = place.clock.offset_ns(time_ns);
                (place.offset_ns, place.valid) = (offset_ns, time_ns..until);
            }
            // Added apart, because the sum may lie beyond the range of instants.
            let time = (time_ns.rem_euclid(DAY_NS) + place.offset_ns).rem_euclid(DAY_NS);
            place.windows.iter().any(|&(start, last)| {
                if start < last { start <= time && time < last + end } else { time >= start || time < last + end }
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use omega_types::time::MINUTE_NS;
    use proptest::prelude::*;

    use super::*;
    use crate::{Bound, parse_instant};

    fn at(text: &str) -> i64 {
        parse_instant(text, Bound::Start).unwrap()
    }

    fn clock(zone: &str) -> WallClock {
        WallClock::of_zone(zone).unwrap()
    }

    /// `08:00-17:00` on the clock of a zone.
    fn windows(zone: &str, text: &str) -> DayWindows {
        let seconds = |text: &str| {
            let (hours, minutes) = text.split_once(':').unwrap();
            hours.parse::<u32>().unwrap() * 3_600 + minutes.parse::<u32>().unwrap() * 60
        };
        let (start, end) = text.split_once('-').unwrap();
        DayWindows::new([(clock(zone), (seconds(start), seconds(end)))])
    }

    /// The instants (UTC) at which a minute-by-minute walk enters and leaves the windows.
    fn borders(windows: &DayWindows, from: &str, to: &str) -> Vec<String> {
        let mut test = windows.test(false);
        let mut was = test.contains(at(from));
        let mut borders = Vec::new();
        let mut time = at(from);
        while time <= at(to) {
            let is = test.contains(time);
            if is != was {
                borders.push(omega_types::time::iso(time)[5..16].replace('T', " "));
            }
            was = is;
            time += MINUTE_NS;
        }
        borders
    }

    #[test]
    fn london_hours_move_with_both_clock_changes_of_2024() {
        // Summer time from Sunday 31 March, 01:00 UTC, to Sunday 27 October, 01:00 UTC. 08:00 is 08:00 UTC before and after,
        // 07:00 UTC in between.
        let hours = windows("Europe/London", "08:00-16:30");
        assert_eq!(
            borders(&hours, "2024-03-30", "2024-03-31T23:59"),
            ["03-30 08:00", "03-30 16:30", "03-31 07:00", "03-31 15:30"]
        );
        assert_eq!(
            borders(&hours, "2024-10-26", "2024-10-27T23:59"),
            ["10-26 07:00", "10-26 15:30", "10-27 08:00", "10-27 16:30"]
        );
    }

    #[test]
    fn new_york_hours_move_on_other_days_than_london_hours() {
        // 10 March and 3 November 2024: 09:30 is 14:30 UTC in winter, 13:30 UTC in summer.
        let hours = windows("America/New_York", "09:30-16:00");
        assert_eq!(
            borders(&hours, "2024-03-09", "2024-03-10T23:59"),
            ["03-09 14:30", "03-09 21:00", "03-10 13:30", "03-10 20:00"]
        );
        assert_eq!(
            borders(&hours, "2024-11-02", "2024-11-03T23:59"),
            ["11-02 13:30", "11-02 20:00", "11-03 14:30", "11-03 21:00"]
        );
    }

    #[test]
    fn an_hour_that_is_left_out_is_never_inside_and_one_that_comes_twice_is_twice() {
        // London, 31 March 2024: 00:59:59 GMT is followed by 02:00 BST at 01:00 UTC. 01:30–02:30 is 01:00–01:30 UTC.
        assert_eq!(
            borders(&windows("Europe/London", "01:30-02:30"), "2024-03-31", "2024-03-31T12:00"),
            ["03-31 01:00", "03-31 01:30"]
        );
        assert!(borders(&windows("Europe/London", "01:00-02:00"), "2024-03-31", "2024-03-31T12:00").is_empty());
        // 27 October 2024: 01:59 BST (00:59 UTC) is followed by 01:00 GMT. 01:15–01:45 is 00:15–00:45 and 01:15–01:45 UTC.
        assert_eq!(
            borders(&windows("Europe/London", "01:15-01:45"), "2024-10-27", "2024-10-27T12:00"),
            ["10-27 00:15", "10-27 00:45", "10-27 01:15", "10-27 01:45"]
        );
    }

    #[test]
    fn sydney_lies_in_the_southern_hemisphere() {
        // Summer time UTC+11 until Sunday 7 April 2024, 03:00 (16:00 UTC on the 6th), from Sunday 6 October, 02:00 (16:00 UTC
        // on the 5th); UTC+10 in between. 07:00 is 20:00 UTC of the day before in summer, 21:00 UTC in winter.
        let hours = windows("Australia/Sydney", "07:00-09:00");
        assert_eq!(
            borders(&hours, "2024-04-05T12:00", "2024-04-07T12:00"),
            ["04-05 20:00", "04-05 22:00", "04-06 21:00", "04-06 23:00"]
        );
        assert_eq!(
            borders(&hours, "2024-10-04T12:00", "2024-10-06T12:00"),
            ["10-04 21:00", "10-04 23:00", "10-05 20:00", "10-05 22:00"]
        );
    }

    #[test]
    fn lord_howe_changes_by_half_an_hour() {
        // UTC+11 until 7 April 2024, 02:00 (15:00 UTC on the 6th), UTC+10:30 until 6 October, 02:00 (15:30 UTC on the 5th).
        // 09:00 is 22:00 UTC of the day before in summer, 22:30 UTC in winter.
        let hours = windows("Australia/Lord_Howe", "09:00-10:00");
        assert_eq!(
            borders(&hours, "2024-04-05T12:00", "2024-04-07T12:00"),
            ["04-05 22:00", "04-05 23:00", "04-06 22:30", "04-06 23:30"]
        );
        assert_eq!(
            borders(&hours, "2024-10-04T12:00", "2024-10-06T12:00"),
            ["10-04 22:30", "10-04 23:30", "10-05 22:00", "10-05 23:00"]
        );
        // 01:40 comes twice in the night to 7 April: at 14:40 UTC and, half an hour later on the new clock, at 15:10 UTC.
        assert_eq!(
            borders(&windows("Australia/Lord_Howe", "01:40-01:50"), "2024-04-06T12:00", "2024-04-06T18:00"),
            ["04-06 14:40", "04-06 14:50", "04-06 15:10", "04-06 15:20"]
        );
    }

    #[test]
    fn windows_cross_midnight_on_their_own_clock() {
        // 22:00–02:00 in New York across 10 March 2024: 03:00 UTC on the 9th to 07:00 UTC (02:00 EST, the moment of the
        // change on the 10th); from then on 02:00 UTC to 06:00 UTC.
        let night = windows("America/New_York", "22:00-02:00");
        assert_eq!(
            borders(&night, "2024-03-09T12:00", "2024-03-11T12:00"),
            ["03-10 03:00", "03-10 07:00", "03-11 02:00", "03-11 06:00"]
        );
        // 3 November: 02:00 UTC to 06:00 UTC is 22:00–02:00 EDT, where the clock goes back to 01:00 EST: one more hour.
        assert_eq!(
            borders(&night, "2024-11-02T12:00", "2024-11-04T12:00"),
            ["11-03 02:00", "11-03 07:00", "11-04 03:00", "11-04 07:00"]
        );
        assert!(
            borders(&windows("Asia/Kolkata", "05:30-05:30"), "2024-01-01", "2024-01-03").is_empty(),
            "always inside"
        );
    }

    #[test]
    fn the_end_is_inside_only_where_it_is_asked_for() {
        let hours = windows("Asia/Kolkata", "09:15-15:30");
        // UTC+5:30 all year: 03:45 to 10:00 UTC.
        let (start, end) = (at("2024-06-03T03:45"), at("2024-06-03T10:00"));
        let mut half_open = hours.test(false);
        assert_eq!([start - 1, start, end - 1, end].map(|t| half_open.contains(t)), [false, true, true, false]);
        let mut closed = hours.test(true);
        assert_eq!([start - 1, start, end, end + 1].map(|t| closed.contains(t)), [false, true, true, false]);
    }

    proptest! {
        /// Property: the stretches are the instants that the test finds inside, whatever the order of asking.
        #[test]
        fn stretches_are_what_the_test_finds(
            start in 0_i64..400 * 288,
            windows in prop::collection::vec(
                (prop::sample::select(vec!["UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
                 0_u32..288, 0_u32..288), 1..4),
        ) {
            let windows = DayWindows::new(windows.iter().map(|&(zone, a, b)| (clock(zone), (a * 300, b * 300))));
            let step = 5 * MINUTE_NS;
            let range = at("2023-12-01") + start * step..at("2023-12-01") + (start + 3 * 288) * step;
            let stretches = windows.within(&range);
            prop_assert!(stretches.windows(2).all(|pair| pair[0].end < pair[1].start));
            let (mut forward, mut backward) = (windows.test(false), windows.test(false));
            let times: Vec<i64> = (0..3 * 288).map(|i| range.start + i * step).collect();
            let there: Vec<bool> = times.iter().map(|&time| forward.contains(time)).collect();
            let back: Vec<bool> = times.iter().rev().map(|&time| backward.contains(time)).collect();
            prop_assert!(there.iter().eq(back.iter().rev()));
            for (&time, &inside) in times.iter().zip(&there) {
                prop_assert_eq!(stretches.iter().any(|stretch| stretch.contains(&time)), inside);
            }
        }
    }
}
