//! Which short bars make up a long one, and what it looks like (data.md 12).

use std::ops::Range;

use omega_types::Timeframe;

use super::Anchor;
use crate::write::Candles;

const HOUR_NS: i64 = 3_600_000_000_000;

/// Long bars as ranges of short ones, found once for every column of both sides.
///
/// A long bar that began before the first short one is left out, one that no short bar falls into does not exist, and the
/// last one may be incomplete: it is read no earlier than any other, one duration after its beginning.
///
/// Everything in a long bar has ended by then. Where the clocks of New York go back, a day lasts 25 hours and is read after
/// 24: what trades in the hour that is left becomes a bar of its own. Short bars that lie across a border, because they are
/// counted from somewhere else, do so as well; [`Buckets::fit`] tells whether these are more than a few.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Buckets {
    /// Open times of the long bars, strictly increasing.
    starts: Vec<i64>,
    /// The short bars of each.
    rows: Vec<Range<usize>>,
    /// Short bars before the first long one.
    pub(crate) left_out: usize,
    /// Short bars that lie across the border of two long ones.
    across: usize,
}

impl Buckets {
    /// Groups bars of `short` that open at `time` (strictly increasing).
    pub(crate) fn new(time: &[i64], short: Timeframe, long: Timeframe, anchor: Anchor) -> Self {
        let (step, duration) = (short.duration_ns(), long.duration_ns());
        let shortest = shortest(long, anchor);
        let mut buckets = Self { starts: Vec::new(), rows: Vec::new(), left_out: 0, across: 0 };
        let first = time.first().copied().unwrap_or_default();
        let mut begun: Option<i64> = None;
        let mut key: Option<i64> = None;
        for (row, &open) in time.iter().enumerate() {
            let start = match begun {
                Some(start) if open < start + shortest => start,
                _ => anchor.bar_start(open, long),
            };
            begun = Some(start);
            let end = start + duration;
            let own = match () {
                () if open + step <= end => start,
                () if open >= end => end,
                () => {
                    buckets.across += 1;
                    open
                }
            };
            if own < first {
                buckets.left_out += 1;
                continue;
            }
            match buckets.rows.last_mut() {
                Some(rows) if key == Some(own) => rows.end = row + 1,
                _ => {
                    buckets.starts.push(own);
                    buckets.rows.push(row..row + 1);
                }
            }
            key = Some(own);
        }
        buckets
    }

    /// Number of long bars.
    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// At most 5 % of the short bars lie across a border: those of a market that is open while clocks change are far
    /// fewer, one per day or week are more.
    pub(crate) fn fit(&self) -> bool {
        let bars = self.rows.last().map_or(self.left_out, |rows| rows.end);
        100 * self.across as u128 <= 5 * bars as u128
    }

    /// Open first, high max, low min, close last, volume sum (open, high, low, close, volume of the short bars).
    pub(crate) fn aggregate(&self, [open, high, low, close, volume]: [&[f64]; 5]) -> Candles {
        let mut long = Candles::default();
        long.reserve(self.len());
        for (&start, rows) in self.starts.iter().zip(&self.rows) {
            let part = |column| <[f64]>::get(column, rows.clone()).unwrap_or_default();
            let values = [
                part(open).first().copied().unwrap_or(f64::NAN),
                part(high).iter().copied().fold(f64::NEG_INFINITY, f64::max),
                part(low).iter().copied().fold(f64::INFINITY, f64::min),
                part(close).last().copied().unwrap_or(f64::NAN),
                part(volume).iter().sum(),
            ];
            long.push(start, values);
        }
        long
    }
}

/// No long bar is shorter, so that one look at the clock serves the short bars of that time. The clocks of New York change
/// at 02:00: where they go back, 01:00 comes twice and begins a bar of four hours each time.
const fn shortest(long: Timeframe, anchor: Anchor) -> i64 {
    match (anchor, long) {
        (Anchor::NewYork17, Timeframe::H4) => HOUR_NS,
        (Anchor::NewYork17, Timeframe::D1 | Timeframe::W1) => long.duration_ns() - HOUR_NS,
        _ => long.duration_ns(),
    }
}

#[cfg(test)]
mod tests {
    use omega_types::time::{MINUTE_NS, iso};
    use proptest::prelude::*;

    use super::*;
    use crate::{Bound, parse_instant, testing::flat};

    fn at(text: &str) -> i64 {
        parse_instant(text, Bound::Start).unwrap()
    }

    /// Opens from `start` to `end` inclusive, one bar of `short` apart.
    fn opens(short: Timeframe, start: &str, end: &str) -> Vec<i64> {
        (0..).map(|i| at(start) + i * short.duration_ns()).take_while(|&t| t <= at(end)).collect()
    }

    fn starts(buckets: &Buckets) -> Vec<String> {
        buckets.starts.iter().map(|&start| iso(start)).collect()
    }

    #[test]
    fn a_bar_has_the_first_open_the_extremes_the_last_close_and_the_sum() {
        let mut m1 = Candles::default();
        // Minutes 3 and 4 belong to a bar that began before the data; 5 to 9 are complete; 12 is a bar of one.
        for (minute, values) in [
            (3, [1.0, 9.0, 0.5, 1.0, 1.0]),
            (4, [1.0, 9.0, 0.5, 1.0, 1.0]),
            (5, [2.0, 3.0, 1.5, 2.5, 10.0]),
            (7, [2.5, 4.0, 2.0, 3.0, 20.0]),
            (9, [3.0, 3.5, 1.0, 1.5, 30.0]),
            (12, [5.0, 6.0, 4.0, 5.5, 1.0]),
        ] {
            m1.push(minute * MINUTE_NS, values);
        }
        let buckets = Buckets::new(&m1.time, Timeframe::M1, Timeframe::M5, Anchor::Utc);
        assert_eq!(buckets.left_out, 2);
        let m5 = buckets.aggregate(m1.value_columns());
        assert_eq!(m5.time, [5 * MINUTE_NS, 10 * MINUTE_NS]);
        assert_eq!((m5.open, m5.high, m5.low), (vec![2.0, 5.0], vec![4.0, 6.0], vec![1.0, 4.0]));
        assert_eq!((m5.close, m5.volume), (vec![1.5, 5.5], vec![60.0, 1.0]));
    }

    #[test]
    fn a_first_bar_that_begins_with_its_data_is_kept() {
        let time = opens(Timeframe::M1, "2024-01-03T10:00", "2024-01-03T10:59");
        let buckets = Buckets::new(&time, Timeframe::M1, Timeframe::H1, Anchor::NewYork17);
        assert_eq!((starts(&buckets), buckets.left_out), (vec!["2024-01-03T10:00:00Z".to_owned()], 0));
        // A minute later it began before the data.
        let buckets = Buckets::new(&time[1..], Timeframe::M1, Timeframe::H1, Anchor::NewYork17);
        assert_eq!((buckets.len(), buckets.left_out), (0, 59));
    }

    #[test]
    fn days_of_new_york_across_both_clock_changes_of_a_year() {
        // A week of hours around 10 March 2024 (winter: 22:00 UTC, summer: 21:00 UTC), the market closed at the weekend.
        let week = |start: &str, end: &str| opens(Timeframe::H1, start, end);
        let mut time = week("2024-03-07T22:00", "2024-03-08T21:00");
        time.extend(week("2024-03-10T21:00", "2024-03-11T20:00"));
        let buckets = Buckets::new(&time, Timeframe::H1, Timeframe::D1, Anchor::NewYork17);
        assert_eq!(starts(&buckets), ["2024-03-07T22:00:00Z", "2024-03-10T21:00:00Z"]);
        assert_eq!(buckets.rows, [0..24, 24..48]);
        let weeks = Buckets::new(&time, Timeframe::H1, Timeframe::W1, Anchor::NewYork17);
        // The week of Thursday the 7th began on Sunday the 3rd, before the data.
        assert_eq!((starts(&weeks), weeks.left_out), (vec!["2024-03-10T21:00:00Z".to_owned()], 24));

        // 3 November 2024: back to winter time.
        let mut time = week("2024-10-31T21:00", "2024-11-01T20:00");
        time.extend(week("2024-11-03T22:00", "2024-11-04T21:00"));
        let buckets = Buckets::new(&time, Timeframe::H1, Timeframe::D1, Anchor::NewYork17);
        assert_eq!(starts(&buckets), ["2024-10-31T21:00:00Z", "2024-11-03T22:00:00Z"]);
        assert_eq!(buckets.rows, [0..24, 24..48]);
        assert!(buckets.fit());
    }

    #[test]
    fn a_day_of_25_hours_ends_after_24_because_it_is_read_then() {
        // Around the clock: Saturday 2 November 2024 17:00 (21:00 UTC) to Sunday 17:00 (22:00 UTC).
        let time = opens(Timeframe::H1, "2024-11-01T21:00", "2024-11-04T21:00");
        let buckets = Buckets::new(&time, Timeframe::H1, Timeframe::D1, Anchor::NewYork17);
        assert_eq!(
            starts(&buckets),
            ["2024-11-01T21:00:00Z", "2024-11-02T21:00:00Z", "2024-11-03T21:00:00Z", "2024-11-03T22:00:00Z"]
        );
        assert_eq!(buckets.rows, [0..24, 24..48, 48..49, 49..73]);
        // The day of 23 hours is short, and read an hour after it ended.
        let time = opens(Timeframe::H1, "2024-03-09T22:00", "2024-03-11T20:00");
        let buckets = Buckets::new(&time, Timeframe::H1, Timeframe::D1, Anchor::NewYork17);
        assert_eq!(buckets.rows, [0..23, 23..47]);
    }

    #[test]
    fn bars_of_another_grid_do_not_fit() {
        // Four-hour bars from midnight UTC: that of 20:00 lies across 17:00 New York, one of six.
        let time = opens(Timeframe::H4, "2024-01-02T00:00", "2024-01-12T20:00");
        assert!(!Buckets::new(&time, Timeframe::H4, Timeframe::D1, Anchor::NewYork17).fit());
        assert!(Buckets::new(&time, Timeframe::H4, Timeframe::D1, Anchor::Utc).fit());
        // Days from midnight UTC, Sundays included: that of Sunday lies across the beginning of the week.
        let days = opens(Timeframe::D1, "2024-01-02", "2024-03-31");
        assert!(!Buckets::new(&days, Timeframe::D1, Timeframe::W1, Anchor::NewYork17).fit());
        assert!(Buckets::new(&days, Timeframe::D1, Timeframe::W1, Anchor::Utc).fit());
    }

    proptest! {
        /// Property: every short bar after the first border is in exactly one long bar, whose start lies at or before it and
        /// whose reading lies at or after its end; starts increase; and the clock is asked as if for every bar alone.
        #[test]
        fn every_bar_has_one_place_and_is_read_after_its_end(
            start in 0_i64..60_000,
            keep in prop::collection::vec(any::<bool>(), 1..800),
            short in prop::sample::select(vec![Timeframe::M15, Timeframe::M30, Timeframe::H1, Timeframe::H4]),
            long in prop::sample::select(vec![Timeframe::H1, Timeframe::H4, Timeframe::D1, Timeframe::W1]),
            anchor in prop::sample::select(vec![Anchor::NewYork17, Anchor::Utc]),
        ) {
            prop_assume!(long > short);
            let (step, duration) = (short.duration_ns(), long.duration_ns());
            let first = at("2024-01-01") + start * step;
            let time: Vec<i64> =
                keep.iter().enumerate().filter(|(_, keep)| **keep).map(|(i, _)| first + i as i64 * step).collect();
            let buckets = Buckets::new(&time, short, long, anchor);
            prop_assert!(buckets.starts.windows(2).all(|pair| pair[0] < pair[1]));
            let mut next = buckets.left_out;
            for (&start, rows) in buckets.starts.iter().zip(&buckets.rows) {
                prop_assert_eq!(rows.start, next);
                prop_assert!(!rows.is_empty());
                next = rows.end;
                for &open in &time[rows.clone()] {
                    prop_assert!(start <= open && open + step <= start + duration);
                    let begun = anchor.bar_start(open, long);
                    prop_assert!(start == begun || start == begun + duration || start == open);
                }
            }
            prop_assert_eq!(next, time.len());
            prop_assert!(time[..buckets.left_out].iter().all(|&open| anchor.bar_start(open, long) < time[0]));
        }

        /// Property: cutting the input short changes the last long bar at most.
        #[test]
        fn earlier_bars_do_not_depend_on_later_ones(bars in 2_usize..400, cut in 1_usize..400) {
            let time = opens(Timeframe::H1, "2024-10-25T03:00", "2024-11-12");
            let time = &time[..bars.min(time.len())];
            let (whole, short) = (time, &time[..cut.min(time.len())]);
            let buckets = |time: &[i64]| Buckets::new(time, Timeframe::H1, Timeframe::D1, Anchor::NewYork17);
            let (whole, short) = (buckets(whole), buckets(short));
            let complete = short.len().saturating_sub(1);
            prop_assert_eq!(&whole.starts[..complete], &short.starts[..complete]);
            prop_assert_eq!(&whole.rows[..complete], &short.rows[..complete]);
            let candles = flat(time);
            prop_assert_eq!(whole.aggregate(candles.value_columns()).len(), whole.len());
        }
    }
}
