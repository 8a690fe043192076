//! Closes a position after some time (execution.md 8.5).

use omega_types::{Bar, ExitReason, order::PositionView, time::MINUTE_NS};
use serde::Deserialize;

use crate::{
    glance::{Glance, Ground},
    memory::Memory,
    reader::{Reader, Settings},
    resolve::Action,
    rules::Rule,
};

pub(crate) const ID: &str = "max_holding_time";

/// Compares times, not counts of bars, so that missing bars do not prolong it and minutes need not be whole bars.
#[derive(Debug)]
struct MaxHoldingTime {
    ns: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    max_holding_minutes: Option<u64>,
}

/// The minutes are those of the rule, else those of the strategy (decisions.md 21). Without minutes the rule is off.
pub(crate) fn read(settings: Settings, reader: &mut Reader<'_>) -> Option<Box<dyn Rule>> {
    let written: Written = reader.settings(settings)?;
    if let Some(minutes) = written.max_holding_minutes {
        reader.check("max_holding_minutes", minutes, minutes > 0, "at least 1; leave it out to switch it off");
    }
    let minutes = written.max_holding_minutes.or(reader.facts.holding_minutes).filter(|&minutes| minutes > 0)?;
    let ns = i64::try_from(minutes).unwrap_or(i64::MAX).saturating_mul(MINUTE_NS);
    Some(Box::new(MaxHoldingTime { ns }))
}

impl Rule for MaxHoldingTime {
    fn decide(&self, glance: &Glance<'_>, _memory: &mut Memory) -> Option<Action> {
        let held = glance.ground.clock.open_ns(glance.bar).saturating_sub(glance.view.entry_time_ns);
        (held >= self.ns).then_some(Action::Close(ExitReason::Timeout))
    }

    fn next_due(&self, ground: &Ground, view: &PositionView, from: Bar, memory: &mut Memory) -> Option<Bar> {
        let end = ground.trading.end;
        memory.scan.first(from, end, || {
            let times = ground.clock.time.get(from..end).unwrap_or_default();
            from + times.partition_point(|time| time.saturating_sub(view.entry_time_ns) < self.ns)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ground, long, rule};

    fn timeout(minutes: u64) -> Box<dyn Rule> {
        rule(ID, &format!("{{\"max_holding_minutes\": {minutes}}}"))
    }

    #[test]
    fn a_missing_bar_does_not_prolong_the_holding_time() {
        // execution.md 12, example 10: entry at minute 0, bars at 5, 10, 20 and 25; 20 minutes are over on bar 3.
        let ground = ground(&[145.0; 5]).at_minutes(&[0, 5, 10, 20, 25]);
        let (rule, view) = (timeout(20), long(145.06, Some(144.56)));
        let decided: Vec<_> = (1..5)
            .map(|bar| rule.decide(&Glance { ground: &ground.0, view: &view, bar }, &mut Memory::default()).is_some())
            .collect();
        assert_eq!(decided, [false, false, true, true]);
        assert_eq!(rule.next_due(&ground.0, &view, 1, &mut Memory::default()), Some(3));
        assert_eq!(rule.next_due(&ground.0, &view, 4, &mut Memory::default()), Some(4));
        assert_eq!(timeout(26).next_due(&ground.0, &view, 1, &mut Memory::default()), None);
    }

    #[test]
    fn minutes_that_are_no_whole_bars_are_not_rounded_down() {
        // execution.md 8.5: 12 minutes on M5 bars end on the bar at minute 15, not at 10.
        let ground = ground(&[1.1; 5]).at_minutes(&[0, 5, 10, 15, 20]);
        let view = long(1.1, None);
        let mut memory = Memory::default();
        assert_eq!(timeout(12).next_due(&ground.0, &view, 1, &mut memory), Some(3));
        assert_eq!(timeout(12).next_due(&ground.0, &view, 2, &mut memory), Some(3));
        // Exactly on the minute counts.
        assert_eq!(timeout(10).next_due(&ground.0, &view, 1, &mut Memory::default()), Some(2));
    }

    #[test]
    fn the_clock_starts_at_the_recorded_entry_time() {
        // A pending order starts it at its trigger bar (minute 5 here).
        let ground = ground(&[1.1; 5]).at_minutes(&[0, 5, 10, 15, 20]);
        let view = PositionView { entry_bar: 1, entry_time_ns: ground.0.clock.open_ns(1), ..long(1.1, None) };
        assert_eq!(timeout(10).next_due(&ground.0, &view, 2, &mut Memory::default()), Some(3));
    }

    #[test]
    fn an_endless_time_never_comes() {
        let ground = ground(&[1.1; 5]);
        let view = long(1.1, None);
        let rule = timeout(u64::MAX);
        assert_eq!(rule.next_due(&ground.0, &view, 1, &mut Memory::default()), None);
        assert_eq!(rule.decide(&Glance { ground: &ground.0, view: &view, bar: 4 }, &mut Memory::default()), None);
    }
}
