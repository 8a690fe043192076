//! Closes positions at the end of the session and before the weekend (execution.md 8.8).

use omega_types::{Bar, BarSet, Clock, ExitReason, order::PositionView, time::DAY_NS, time::MINUTE_NS};
use serde::Deserialize;

use crate::{
    glance::{Glance, Ground},
    memory::Memory,
    reader::{Reader, Settings},
    resolve::Action,
    rules::Rule,
};

pub(crate) const ID: &str = "session_end";

/// What the rule is set to. The run makes the set of bars whose decision time + `minutes_before` lies outside all
/// sessions; the weekend is added here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionEnd {
    /// How long before the end of a session positions are closed. Moves the session test only (decisions.md 43).
    pub minutes_before: u64,
    /// Pending orders are cancelled on the same bars.
    pub cancel_pending: bool,
    /// Minute of the day (UTC) from which everything is closed on Fridays, and on Saturdays and Sundays all day long.
    pub weekend_close: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    minutes_before: u64,
    cancel_pending: bool,
    weekend_close_utc: Option<String>,
}

impl SessionEnd {
    pub(crate) fn read(settings: Settings, reader: &mut Reader<'_>) -> Option<Self> {
        let Written { minutes_before, cancel_pending, weekend_close_utc } = reader.settings(settings)?;
        let weekend_close = weekend_close_utc.and_then(|text| {
            let minute = minute_of_day(&text);
            if minute.is_none() {
                reader.check("weekend_close_utc", text, false, "HH:MM from 00:00 to 23:59");
            }
            minute
        });
        Some(Self { minutes_before, cancel_pending, weekend_close })
    }

    /// The bars on which the rule acts.
    pub(crate) fn bars(&self, clock: &Clock, outside_sessions: Option<BarSet>) -> BarSet {
        let mut bars = outside_sessions.unwrap_or_else(|| BarSet::empty(clock.time.len()));
        if let Some(minute) = self.weekend_close {
            let close = i64::from(minute) * MINUTE_NS;
            bars.unite(&BarSet::from_fn(clock.time.len(), |bar| is_weekend(clock.decision_ns(bar), close)));
        }
        bars
    }
}

/// Friday at or after `close` (nanoseconds of the day), Saturday or Sunday.
fn is_weekend(time_ns: i64, close: i64) -> bool {
    const FRIDAY: i64 = 5;
    // 1970-01-01 was a Thursday; 0 is Sunday.
    match (time_ns.div_euclid(DAY_NS) + 4).rem_euclid(7) {
        FRIDAY => time_ns.rem_euclid(DAY_NS) >= close,
        day => day == 0 || day > FRIDAY,
    }
}

fn minute_of_day(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let is_number = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let number = |part: &str| is_number(part).then(|| part.parse::<u32>().ok()).flatten();
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// Whatever it is set to has become [`Ground::session_ends`].
#[derive(Debug)]
struct ClosesOnItsBars;

pub(crate) fn read(settings: Settings, reader: &mut Reader<'_>) -> Option<Box<dyn Rule>> {
    reader.session_end = SessionEnd::read(settings, reader);
    reader.session_end.is_some().then(|| -> Box<dyn Rule> { Box::new(ClosesOnItsBars) })
}

impl Rule for ClosesOnItsBars {
    fn decide(&self, glance: &Glance<'_>, _memory: &mut Memory) -> Option<Action> {
        glance.ground.session_ends.contains(glance.bar).then_some(Action::Close(ExitReason::SessionEnd))
    }

    fn next_due(&self, ground: &Ground, _view: &PositionView, from: Bar, _memory: &mut Memory) -> Option<Bar> {
        ground.next_in(&ground.session_ends, from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ground, long, rule};

    #[test]
    fn the_weekend_begins_on_friday_at_its_time_and_lasts_until_sunday_midnight() {
        // execution.md 8.8: decision times. 1970-01-02 was a Friday, so the days of the epoch are: 1 Fri, 2 Sat, 3 Sun, 4 Mon.
        let minutes = |day: i64, hour: i64, minute: i64| (day * 1_440 + hour * 60 + minute) * MINUTE_NS;
        let close = 21 * 60 * MINUTE_NS;
        let weekend = |day, hour, minute| is_weekend(minutes(day, hour, minute), close);
        assert!(!weekend(0, 22, 0));
        assert!(!weekend(1, 20, 59));
        assert!(weekend(1, 21, 0));
        assert!(weekend(2, 0, 0));
        assert!(weekend(3, 23, 59));
        assert!(!weekend(4, 0, 0));
        // The same a week before the epoch: −6 Fri, −5 Sat, −4 Sun, −3 Mon.
        assert!(!weekend(-6, 20, 59) && weekend(-6, 21, 0) && weekend(-4, 12, 0) && !weekend(-3, 0, 0));
    }

    #[test]
    fn the_weekend_is_judged_at_the_decision_time() {
        // Friday 1970-01-02, M5 bars opening at 20:50, 20:55, 21:00; the second one closes at 21:00.
        let times: Vec<i64> = [50, 55, 60].map(|minute| 1_440 + 20 * 60 + minute).into();
        let clock = ground(&[1.1; 3]).at_minutes(&times).0.clock;
        let rule = SessionEnd { minutes_before: 600, cancel_pending: false, weekend_close: Some(21 * 60) };
        let bars = rule.bars(&clock, None);
        // decisions.md 43: `minutes_before` does not move the weekend.
        assert_eq!([0, 1, 2].map(|bar| bars.contains(bar)), [false, true, true]);
        let outside = BarSet::from_fn(3, |bar| bar == 0);
        assert_eq!(rule.bars(&clock, Some(outside)), BarSet::full(3));
        let rule = SessionEnd { weekend_close: None, ..rule };
        assert_eq!(rule.bars(&clock, None), BarSet::empty(3));
    }

    #[test]
    fn positions_close_on_the_bars_of_the_rule() {
        let ground = ground(&[1.1; 5]).with_session_ends(&[2, 4]).trading(0..4);
        let view = long(1.1, None);
        let rule = rule(ID, r#"{"minutes_before": 0, "cancel_pending": false, "weekend_close_utc": null}"#);
        let decided = |bar| rule.decide(&Glance { ground: &ground.0, view: &view, bar }, &mut Memory::default());
        assert_eq!([1, 2, 3].map(decided), [None, Some(Action::Close(ExitReason::SessionEnd)), None]);
        let due = |from| rule.next_due(&ground.0, &view, from, &mut Memory::default());
        assert_eq!([0, 2, 3].map(due), [Some(2), Some(2), None]);
    }

    #[test]
    fn times_are_read_strictly() {
        assert_eq!(["00:00", "21:05", "23:59"].map(minute_of_day), [Some(0), Some(1_265), Some(1_439)]);
        for text in ["24:00", "21:60", "9:00", "+9:00", "21", "21:0", "", "21:00:00"] {
            assert_eq!(minute_of_day(text), None, "{text}");
        }
    }
}
