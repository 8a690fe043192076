//! How many bars a window should have had (data.md 5). Gaps are counted and never filled.

use omega_types::{Timeframe, round::round_to, time::DAY_NS};

use crate::{
    Calendar, DayWindows,
    market_hours::{fx_week, new_york_offset_ns, weekday},
};

const HOUR_NS: i64 = 3_600_000_000_000;
const WEEK_NS: i64 = 7 * DAY_NS;

/// Bars that the calendar asks for between the first and the last bar, and how many of them are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Gaps {
    pub(crate) expected: u64,
    pub(crate) missing: u64,
}

impl Gaps {
    /// `missing / expected`, 0 if nothing is expected.
    pub(crate) fn loss(self) -> f64 {
        if self.expected == 0 { 0.0 } else { self.missing as f64 / self.expected as f64 }
    }

    /// The same, rounded to 6 decimals.
    pub(crate) fn rounded_loss(self) -> f64 {
        round_to(self.loss(), 6)
    }

    /// More than 5 %? In integers: exactly 5 % is fine.
    pub(crate) fn are_notable(self) -> bool {
        100 * u128::from(self.missing) > 5 * u128::from(self.expected)
    }
}

/// Bars that begin more than an hour before the bar before them has ended. The hour is for a day that is short because the
/// clocks change.
pub(crate) fn overlapping(timeframe: Timeframe, time: &[i64]) -> usize {
    let shortest = timeframe.duration_ns() - HOUR_NS;
    time.iter().zip(time.iter().skip(1)).filter(|(open, next)| *next - *open < shortest).count()
}

/// Counts gaps. `None` where nothing is expected: W1, or no calendar.
///
/// - `time`: strictly increasing open times.
/// - `sessions`: bars are expected only if they open inside. D1 ignores them.
pub(crate) fn count(
    timeframe: Timeframe,
    time: &[i64],
    calendar: Calendar,
    sessions: Option<&DayWindows>,
) -> Option<Gaps> {
    if calendar == Calendar::None || timeframe == Timeframe::W1 {
        return None;
    }
    let (Some(&first), Some(&last)) = (time.first(), time.last()) else { return Some(Gaps::default()) };
    if timeframe == Timeframe::D1 {
        return Some(daily(time, calendar));
    }
    let anchor = FourHours::of(time);
    let mut expected = 0;
    let mut present = 0;
    let mut rest = time;
    for window in active_windows(first, last, calendar, sessions) {
        // Windows ascend, so everything before this one is done with.
        rest = rest.get(rest.partition_point(|&t| t < window.start)..).unwrap_or_default();
        let inside = rest.get(..rest.partition_point(|&t| t < window.end)).unwrap_or_default();
        if timeframe == Timeframe::H4 {
            let opens = (window.start.div_euclid(HOUR_NS)..=window.end.div_euclid(HOUR_NS))
                .map(|hour| hour * HOUR_NS)
                .filter(|&t| window.contains(&t) && anchor.opens_at(t));
            for open in opens {
                expected += 1;
                present += u64::from(inside.binary_search(&open).is_ok());
            }
        } else {
            expected += multiples(window.start, window.end, timeframe.duration_ns());
            present += inside.len() as u64;
        }
    }
    Some(Gaps { expected, missing: expected.saturating_sub(present) })
}

/// Days are compared by the calendar date of their middle, which is the same for midnight and for 17:00 New York.
fn daily(time: &[i64], calendar: Calendar) -> Gaps {
    let date = |open: i64| (open + DAY_NS / 2).div_euclid(DAY_NS);
    let is_expected = |day: i64| calendar == Calendar::Always || (1..=5).contains(&weekday(day));
    let mut dates: Vec<i64> = time.iter().map(|&open| date(open)).collect();
    dates.dedup();
    let (Some(&first), Some(&last)) = (dates.first(), dates.last()) else { return Gaps::default() };
    let expected = (first..=last).filter(|&day| is_expected(day)).count() as u64;
    let present = dates.iter().filter(|&&day| is_expected(day)).count() as u64;
    Gaps { expected, missing: expected.saturating_sub(present) }
}

/// Where four-hour bars open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FourHours {
    /// 00:00, 04:00, … UTC.
    Utc,
    /// 17:00 New York plus multiples of four hours.
    NewYork,
}

impl FourHours {
    /// What most bars do.
    fn of(time: &[i64]) -> Self {
        let off_grid = time.iter().filter(|time| time.rem_euclid(4 * HOUR_NS) != 0).count();
        if 2 * off_grid > time.len() { Self::NewYork } else { Self::Utc }
    }

    fn opens_at(self, time: i64) -> bool {
        match self {
            Self::Utc => time.rem_euclid(4 * HOUR_NS) == 0,
            // 17:00 is one hour after a multiple of four.
            Self::NewYork => (time + new_york_offset_ns(time)).rem_euclid(4 * HOUR_NS) == HOUR_NS,
        }
    }
}

type Span = std::ops::Range<i64>;

/// Multiples of `step` in `[start, end)`.
fn multiples(start: i64, end: i64, step: i64) -> u64 {
    let before = |t: i64| (t + step - 1).div_euclid(step);
    u64::try_from(before(end) - before(start)).unwrap_or(0)
}

/// Disjoint ascending windows in which bars between `first` and `last` (both inclusive) are expected.
fn active_windows(first: i64, last: i64, calendar: Calendar, sessions: Option<&DayWindows>) -> Vec<Span> {
    let whole = first..last + 1;
    let open = match calendar {
        Calendar::None => Vec::new(),
        Calendar::Always => vec![whole],
        Calendar::Fx => {
            let mut weeks = Vec::new();
            let mut at = first;
            // UTC weeks begin on Sunday, so stepping by a week visits each once; the last one may start before `last`.
            while fx_week(at).0 <= last {
                let (open, close) = fx_week(at);
                weeks.push(open.max(whole.start)..close.min(whole.end));
                at += WEEK_NS;
            }
            weeks
        }
    };
    let open = open.into_iter().filter(|window| !window.is_empty());
    match sessions {
        None => open.collect(),
        Some(sessions) => open.flat_map(|window| sessions.within(&window)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        WallClock,
        dates::{Bound, parse_instant},
        market_hours::is_fx_open,
    };

    const SECOND_NS: i64 = 1_000_000_000;
    const MINUTE: i64 = 60 * SECOND_NS;

    fn at(text: &str) -> i64 {
        parse_instant(text, Bound::Start).unwrap()
    }

    fn gaps(expected: u64, missing: u64) -> Option<Gaps> {
        Some(Gaps { expected, missing })
    }

    /// Opens from `start` to `end` inclusive, `step` apart, for which `keep` holds.
    fn opens(start: &str, end: &str, step: i64, keep: impl Fn(i64) -> bool) -> Vec<i64> {
        (0..).map(|i| at(start) + i * step).take_while(|&t| t <= at(end)).filter(|&t| keep(t)).collect()
    }

    #[test]
    fn a_weekend_is_no_gap() {
        // Friday 20:00 to Monday 02:00 in winter: the market closes at 22:00 on Friday and opens at 22:00 on Sunday.
        // Hours 20, 21 on Friday, 22, 23 on Sunday, 0, 1, 2 on Monday: seven.
        let time = opens("2024-01-05T20:00", "2024-01-08T02:00", HOUR_NS, is_fx_open);
        assert_eq!(time.len(), 7);
        assert_eq!(count(Timeframe::H1, &time, Calendar::Fx, None), gaps(7, 0));
        // Around the clock 55 hours are expected: 4 on Friday, 48 on the weekend, 3 on Monday.
        assert_eq!(count(Timeframe::H1, &time, Calendar::Always, None), gaps(55, 48));
        assert_eq!(count(Timeframe::H1, &time, Calendar::None, None), None);
    }

    #[test]
    fn a_bar_outside_the_week_is_neither_expected_nor_missing() {
        let time = [at("2024-01-05T21:00"), at("2024-01-06T10:00"), at("2024-01-07T23:00")];
        // Expected: Friday 21, Sunday 22 and 23; Sunday 22 is missing.
        assert_eq!(count(Timeframe::H1, &time, Calendar::Fx, None), gaps(3, 1));
    }

    #[test]
    fn sessions_narrow_the_expectation() {
        let time = opens("2024-01-08T00:00", "2024-01-09T23:00", HOUR_NS, |t| t.rem_euclid(DAY_NS) != 9 * HOUR_NS);
        // 08:00 to 12:00 on two days: eight bars, 09:00 missing twice.
        let hours = |windows: &[(u32, u32)]| {
            let seconds: Vec<_> = windows.iter().map(|(start, end)| (start * 3_600, end * 3_600)).collect();
            count(Timeframe::H1, &time, Calendar::Fx, Some(&DayWindows::utc(&seconds)))
        };
        assert_eq!(hours(&[(8, 12)]), gaps(8, 2));
        // The union of overlapping sessions, in any order.
        assert_eq!(hours(&[(10, 12), (8, 11)]), gaps(8, 2));
        // 22:00 to 02:00 crosses midnight: per day 0, 1, 22, 23.
        assert_eq!(hours(&[(22, 2)]), gaps(8, 0));
        // Equal ends mean the whole day.
        assert_eq!(hours(&[(5, 5)]), gaps(48, 2));
        // Tokyo is nine hours ahead: 17:00 to 20:00 there is 08:00 to 11:00 UTC, 09:00 missing on both days.
        let tokyo = DayWindows::new([(WallClock::of_zone("Asia/Tokyo").unwrap(), (17 * 3_600, 20 * 3_600))]);
        assert_eq!(count(Timeframe::H1, &time, Calendar::Fx, Some(&tokyo)), gaps(6, 2));
    }

    #[test]
    fn five_percent_exactly_is_not_notable() {
        assert!(!Gaps { expected: 100, missing: 5 }.are_notable());
        assert!(Gaps { expected: 100, missing: 6 }.are_notable());
        assert!(!Gaps { expected: 2_000, missing: 100 }.are_notable());
        assert!(Gaps { expected: 2_000, missing: 101 }.are_notable());
        assert!(!Gaps::default().are_notable());
        assert_eq!(Gaps { expected: 3, missing: 1 }.rounded_loss(), 0.333333);
        assert_eq!(Gaps::default().loss(), 0.0);
    }

    #[test]
    fn days_are_weekdays_wherever_they_are_anchored() {
        // Monday 1 to Friday 12 January 2024 without Wednesday the 10th.
        let midnight = opens("2024-01-01", "2024-01-12", DAY_NS, |t| {
            (1..=5).contains(&weekday(t.div_euclid(DAY_NS))) && t != at("2024-01-10")
        });
        assert_eq!(count(Timeframe::D1, &midnight, Calendar::Fx, Some(&DayWindows::utc(&[(0, 60)]))), gaps(10, 1));
        // The same days, opened at 17:00 New York of the day before.
        let evening: Vec<i64> = midnight.iter().map(|t| t - 2 * HOUR_NS).collect();
        assert_eq!(count(Timeframe::D1, &evening, Calendar::Fx, None), gaps(10, 1));
        // Sunday bars are neither expected nor missing; around the clock they are expected.
        let mut sunday = midnight.clone();
        sunday.push(at("2024-01-07"));
        sunday.sort_unstable();
        assert_eq!(count(Timeframe::D1, &sunday, Calendar::Fx, None), gaps(10, 1));
        assert_eq!(count(Timeframe::D1, &sunday, Calendar::Always, None), gaps(12, 2)); // 6th and 10th
    }

    #[test]
    fn four_hour_bars_are_expected_where_the_series_is_anchored() {
        // Week of Sunday 3 March 2024, standard time: opens at 22, 2, 6, 10, 14, 18; five days of six bars.
        let new_york = opens("2024-03-03T22:00", "2024-03-08T18:00", 4 * HOUR_NS, |t| t != at("2024-03-05T10:00"));
        assert_eq!(count(Timeframe::H4, &new_york, Calendar::Fx, None), gaps(30, 1));
        // A week later the clock has changed: 21, 1, 5, …
        let summer = opens("2024-03-10T21:00", "2024-03-15T17:00", 4 * HOUR_NS, |_| true);
        assert_eq!(count(Timeframe::H4, &summer, Calendar::Fx, None), gaps(30, 0));
        let both: Vec<i64> = new_york.iter().chain(&summer).copied().collect();
        assert_eq!(count(Timeframe::H4, &both, Calendar::Fx, None), gaps(60, 1));
        // UTC grid inside the week: Monday 00:00 to Friday 20:00.
        let utc = opens("2024-03-04T00:00", "2024-03-08T20:00", 4 * HOUR_NS, |_| true);
        assert_eq!(count(Timeframe::H4, &utc, Calendar::Fx, None), gaps(30, 0));
    }

    #[test]
    fn weeks_are_not_analysed() {
        assert_eq!(count(Timeframe::W1, &[0, WEEK_NS], Calendar::Fx, None), None);
    }

    proptest! {
        /// Property: counting window by window gives what asking every minute gives.
        #[test]
        fn counting_by_windows_equals_asking_every_step(
            start in 0_i64..40_000,
            keep in prop::collection::vec(any::<bool>(), 1..4_000),
            sessions in prop::option::of(prop::collection::vec((0_u32..86_400, 0_u32..86_400), 1..3)),
            fx in any::<bool>(),
        ) {
            let first = at("2023-12-29") + start * MINUTE;
            let step = 5 * MINUTE;
            let first = first - first.rem_euclid(step);
            let time: Vec<i64> = keep.iter().enumerate().filter(|(_, k)| **k).map(|(i, _)| first + i as i64 * step).collect();
            let calendar = if fx { Calendar::Fx } else { Calendar::Always };
            let in_session = |t: i64| sessions.as_ref().is_none_or(|sessions| sessions.iter().any(|&(a, b)| {
                let second = (t.rem_euclid(DAY_NS) / SECOND_NS) as u32;
                if a < b { (a..b).contains(&second) } else { second >= a || second < b }
            }));
            let mut expected = Gaps::default();
            if let (Some(&from), Some(&to)) = (time.first(), time.last()) {
                let mut t = from;
                while t <= to {
                    if (!fx || is_fx_open(t)) && in_session(t) {
                        expected.expected += 1;
                        expected.missing += u64::from(time.binary_search(&t).is_err());
                    }
                    t += step;
                }
            }
            let windows = sessions.as_deref().map(DayWindows::utc);
            prop_assert_eq!(count(Timeframe::M5, &time, calendar, windows.as_ref()), Some(expected));
        }
    }
}
