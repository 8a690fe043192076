//! When entries are allowed: sessions as a set of bars.

use omega_types::{
    BarSet, Clock, Issue,
    config::{Session, Variant},
    time::{DAY_NS, SECOND_NS},
};

/// Windows of the day in seconds since UTC midnight. `end <= start` crosses midnight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sessions {
    windows: Vec<(u32, u32)>,
}

impl Sessions {
    /// Reads the windows of the configuration; `None` if there is no session gate.
    ///
    /// # Errors
    ///
    /// One issue per time that is not `HH:MM`. TypeScript has checked them, so this is a second line.
    pub fn parse(sessions: Option<&[Session]>) -> Result<Option<Self>, Vec<Issue>> {
        let Some(sessions) = sessions.filter(|list| !list.is_empty()) else { return Ok(None) };
        let mut issues = Vec::new();
        let mut windows = Vec::with_capacity(sessions.len());
        for (index, session) in sessions.iter().enumerate() {
            let mut time = |field: &str, text: &str| {
                seconds(text).unwrap_or_else(|| {
                    issues.push(malformed(format!("sessions[{index}].{field}"), text));
                    0
                })
            };
            windows.push((time("start", &session.start), time("end", &session.end)));
        }
        if issues.is_empty() { Ok(Some(Self { windows })) } else { Err(issues) }
    }

    /// Start and end of each window, in seconds since UTC midnight.
    pub fn windows(&self) -> &[(u32, u32)] {
        &self.windows
    }

    /// The bars whose decision time lies inside a window. The end of a window is outside in `v2`, inside in
    /// `v1_parity`.
    pub fn mask(&self, clock: &Clock, variant: Variant) -> BarSet {
        let inclusive = i64::from(variant == Variant::V1Parity);
        let windows: Vec<(i64, i64)> =
            self.windows.iter().map(|&(start, end)| (ns(start), ns(end) + inclusive)).collect();
        BarSet::from_fn(clock.time.len(), |bar| {
            let time = clock.decision_ns(bar).rem_euclid(DAY_NS);
            windows.iter().any(|&(start, end)| {
                let crosses = end - inclusive <= start;
                if crosses { time >= start || time < end } else { time >= start && time < end }
            })
        })
    }
}

const fn ns(seconds: u32) -> i64 {
    seconds as i64 * SECOND_NS
}

fn seconds(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |part: &str| (part.len() == 2).then(|| part.parse::<u32>().ok()).flatten();
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * 3_600 + minutes * 60)
}

fn malformed(path: String, text: &str) -> Issue {
    Issue {
        message: format!("{path} must be a time of the day, HH:MM"),
        path,
        code: "CFG_ENGINE_REJECTED".to_owned(),
        expected: Some("00:00 to 23:59".to_owned()),
        received: Some(text.chars().take(80).collect()),
        hint: None,
        reason: None,
    }
}

#[cfg(test)]
mod tests {
    use omega_types::time::MINUTE_NS;

    use super::*;

    fn open_at(start: &str, end: &str, variant: Variant, closes: &[&str]) -> Vec<bool> {
        let session = Session { start: start.into(), end: end.into(), timezone: None };
        let sessions = Sessions::parse(Some(&[session])).unwrap().unwrap();
        let minute = |text: &str| i64::from(seconds(text).unwrap()) / 60;
        let time: Vec<i64> = closes.iter().map(|close| (19_000 * 1_440 + minute(close) - 5) * MINUTE_NS).collect();
        let mask = sessions.mask(&Clock { time: time.into(), duration_ns: 5 * MINUTE_NS }, variant);
        (0..closes.len()).map(|bar| mask.contains(bar)).collect()
    }

    #[test]
    fn the_session_table_of_the_strategy_specification_holds_in_both_variants() {
        // Section 6.2; in v2 a bar that closes exactly at the end is outside.
        let day = ["08:00", "08:05", "17:00", "17:05"];
        assert_eq!(open_at("08:00", "17:00", Variant::V1Parity, &day), [true, true, true, false]);
        assert_eq!(open_at("08:00", "17:00", Variant::V2, &day), [true, true, false, false]);
        let night = ["21:55", "22:00", "02:00", "02:05"];
        assert_eq!(open_at("22:00", "02:00", Variant::V1Parity, &night), [false, true, true, false]);
        assert_eq!(open_at("22:00", "02:00", Variant::V2, &night), [false, true, false, false]);
    }

    #[test]
    fn a_session_that_ends_where_it_starts_is_the_whole_day() {
        for variant in [Variant::V2, Variant::V1Parity] {
            assert_eq!(open_at("08:00", "08:00", variant, &["00:00", "07:55", "08:00"]), [true; 3]);
        }
    }

    #[test]
    fn malformed_times_are_named() {
        let session = Session { start: "8:00".into(), end: "24:00".into(), timezone: None };
        let issues = Sessions::parse(Some(&[session])).unwrap_err();
        assert_eq!(
            issues.iter().map(|issue| issue.path.as_str()).collect::<Vec<_>>(),
            ["sessions[0].start", "sessions[0].end"]
        );
        assert_eq!(Sessions::parse(Some(&[])), Ok(None));
    }
}
