//! ISO text of many instants: the date is worked out once per day.

use omega_types::time::{DAY_NS, SECOND_NS, civil_from_days};

use crate::decimal::{pair, push_u64};

/// Writes instants as `2024-03-05T14:30:00Z`, with nine fractional digits where the second is not whole.
#[derive(Debug, Default)]
pub(crate) struct InstantWriter {
    day: Option<i64>,
    date: Vec<u8>,
}

impl InstantWriter {
    /// Appends `ns`.
    pub(crate) fn push(&mut self, out: &mut Vec<u8>, ns: i64) {
        let (day, rest) = (ns.div_euclid(DAY_NS), ns.rem_euclid(DAY_NS) as u64);
        if self.day != Some(day) {
            self.turn_to(day);
        }
        let (seconds, fraction) = (rest / SECOND_NS as u64, rest % SECOND_NS as u64);
        out.extend_from_slice(&self.date);
        out.extend_from_slice(pair(seconds / 3_600));
        out.push(b':');
        out.extend_from_slice(pair(seconds / 60 % 60));
        out.push(b':');
        out.extend_from_slice(pair(seconds % 60));
        if fraction != 0 {
            out.push(b'.');
            out.push(b'0' + (fraction / 100_000_000) as u8);
            for scale in [1_000_000, 10_000, 100, 1] {
                out.extend_from_slice(pair(fraction / scale));
            }
        }
        out.push(b'Z');
    }

    /// Years of an `i64` of nanoseconds have four digits: 1677 to 2262.
    fn turn_to(&mut self, day: i64) {
        let (year, month, date) = civil_from_days(day);
        self.day = Some(day);
        self.date.clear();
        push_u64(&mut self.date, year.unsigned_abs());
        self.date.push(b'-');
        self.date.extend_from_slice(pair(u64::from(month)));
        self.date.push(b'-');
        self.date.extend_from_slice(pair(u64::from(date)));
        self.date.push(b'T');
    }
}

#[cfg(test)]
mod tests {
    use omega_types::time::iso;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Property: equal to the plain formatter, whatever was written before.
        #[test]
        fn texts_are_those_of_the_plain_formatter(stamps in prop::collection::vec(any::<i64>(), 1..9), step in 0i64..9) {
            let mut writer = InstantWriter::default();
            let neighbours = stamps.iter().flat_map(|&ns| [ns, ns.saturating_add(step), ns / SECOND_NS * SECOND_NS]);
            for ns in neighbours.chain([i64::MIN, i64::MAX, 0]) {
                let mut out = Vec::new();
                writer.push(&mut out, ns);
                prop_assert_eq!(String::from_utf8(out).unwrap(), iso(ns));
            }
        }
    }
}
