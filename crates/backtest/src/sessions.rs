//! When entries are allowed: sessions as a set of bars.

use omega_data::{DayWindows, WallClock};
use omega_types::{
    BarSet, Clock, Issue,
    config::{Session, Variant},
};

/// Windows of the day, each on the wall clock of its zone. `end <= start` crosses midnight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sessions {
    windows: DayWindows,
}

impl Sessions {
    /// Reads the windows of the configuration; `None` if there is no session gate.
    ///
    /// # Errors
    ///
    /// One issue per time that is not `HH:MM`, one per zone that is unknown. TypeScript has checked them, so this is a
    /// second line.
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
            let window = (time("start", &session.start), time("end", &session.end));
            let clock = match session.timezone.as_deref() {
                None => WallClock::utc(),
                Some(zone) => WallClock::of_zone(zone).unwrap_or_else(|| {
                    issues.push(unknown(format!("sessions[{index}].timezone"), zone));
                    WallClock::utc()
                }),
            };
            windows.push((clock, window));
        }
        if issues.is_empty() { Ok(Some(Self { windows: DayWindows::new(windows) })) } else { Err(issues) }
    }

    /// The windows.
    pub fn windows(&self) -> &DayWindows {
        &self.windows
    }

    /// The bars whose decision time lies inside a window, on the clock of its zone at that instant. The end of a window is
    /// outside in `v2`, inside in `v1_parity`.
    pub fn mask(&self, clock: &Clock, variant: Variant) -> BarSet {
        let mut test = self.windows.test(variant == Variant::V1Parity);
        BarSet::from_fn(clock.time.len(), |bar| test.contains(clock.decision_ns(bar)))
    }
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

fn unknown(path: String, zone: &str) -> Issue {
    Issue {
        message: format!("{path} must be an IANA time zone, such as Europe/London"),
        path,
        code: "CFG_FORMAT".to_owned(),
        expected: Some("an IANA time zone".to_owned()),
        received: Some(zone.chars().take(80).collect()),
        hint: Some("zones are named by continent and city: America/New_York, Asia/Tokyo".to_owned()),
        reason: None,
    }
}

#[cfg(test)]
mod tests {
    use omega_types::time::{DAY_NS, MINUTE_NS};

    use super::*;

    fn open_at(start: &str, end: &str, variant: Variant, closes: &[&str]) -> Vec<bool> {
        let session = Session { start: start.into(), end: end.into(), timezone: None };
        let sessions = Sessions::parse(Some(&[session])).unwrap().unwrap();
        let minute = |text: &str| i64::from(seconds(text).unwrap()) / 60;
        let time: Vec<i64> = closes.iter().map(|close| (19_000 * 1_440 + minute(close) - 5) * MINUTE_NS).collect();
        let mask = sessions.mask(&Clock { time: time.into(), duration_ns: 5 * MINUTE_NS }, variant);
        (0..closes.len()).map(|bar| mask.contains(bar)).collect()
    }

    /// Strategy specification 6.2, the table.
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

    /// M30 bars of `days` from a day on (days since 1970-01-01): the decision times, as day and `HH:MM` UTC, that are open.
    fn open_times(zone: &str, start: &str, end: &str, variant: Variant, first_day: i64, days: i64) -> Vec<String> {
        let session = Session { start: start.into(), end: end.into(), timezone: Some(zone.into()) };
        let sessions = Sessions::parse(Some(&[session])).unwrap().unwrap();
        let half = 30 * MINUTE_NS;
        let time: Vec<i64> = (0..days * 48).map(|bar| first_day * DAY_NS + (bar - 1) * half).collect();
        let clock = Clock { time: time.into(), duration_ns: half };
        let mask = sessions.mask(&clock, variant);
        let open = (0..mask.len()).filter(|&bar| mask.contains(bar));
        open.map(|bar| omega_types::time::iso(clock.decision_ns(bar))[8..16].replace('T', " ")).collect()
    }

    /// decisions.md 48.
    #[test]
    fn a_window_follows_the_clock_of_its_zone() {
        // New York 2024: summer time from 10 March, 07:00 UTC. 09:30–11:00 is 14:30–16:00 UTC on the 9th and 13:30–15:00 UTC
        // on the 10th; day 19 791 is 9 March 2024 (19 787 is the 5th, output.md 3).
        let at = |variant| open_times("America/New_York", "09:30", "11:00", variant, 19_791, 2);
        assert_eq!(at(Variant::V2), ["09 14:30", "09 15:00", "09 15:30", "10 13:30", "10 14:00", "10 14:30"]);
        let parity = at(Variant::V1Parity);
        assert_eq!(parity.iter().filter(|time| ["09 16:00", "10 15:00"].contains(&time.as_str())).count(), 2);
        assert_eq!(parity.len(), 8);
        // Lord Howe Island, night to 7 April 2024 (day 19 820): UTC+11 before 15:00 UTC of the 6th, UTC+10:30 after. 01:30 is
        // 14:30 UTC and, on the new clock, 15:00 UTC; the window 01:30–02:00 is open at both.
        assert_eq!(
            open_times("Australia/Lord_Howe", "01:30", "02:00", Variant::V2, 19_819, 1),
            ["06 14:30", "06 15:00"]
        );
    }

    #[test]
    fn unknown_zones_are_named() {
        let session = |zone: &str| Session { start: "08:00".into(), end: "17:00".into(), timezone: Some(zone.into()) };
        let issues = Sessions::parse(Some(&[session("Europe/London"), session("Mars/Olympus")])).unwrap_err();
        assert_eq!(issues.len(), 1);
        assert_eq!((issues[0].path.as_str(), issues[0].code.as_str()), ("sessions[1].timezone", "CFG_FORMAT"));
        assert_eq!(issues[0].received.as_deref(), Some("Mars/Olympus"));
        // A zone that is UTC by another name, and UTC itself, are the same clock.
        let utc = Sessions::parse(Some(&[Session { start: "08:00".into(), end: "17:00".into(), timezone: None }]));
        assert_eq!(Sessions::parse(Some(&[session("UTC")])), utc);
    }
}
