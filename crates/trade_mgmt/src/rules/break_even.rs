//! Moves the stop to the entry price once a position has won enough (execution.md 8.6).

use omega_types::{Bar, order::PositionView, trade::StopKind};
use serde::Deserialize;

use crate::{
    Levels,
    distance::{Distance, WrittenDistance},
    glance::{Glance, Ground},
    memory::Memory,
    reader::{Reader, Settings},
    resolve::Action,
    rules::Rule,
};

pub(crate) const ID: &str = "break_even";

#[derive(Debug)]
struct BreakEven {
    /// Profit at the close from which it acts.
    trigger: Distance,
    /// How far beyond the entry price the stop lies, in price.
    buffer: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    trigger: WrittenDistance,
    buffer_pips: f64,
}

pub(crate) fn read(settings: Settings, reader: &mut Reader<'_>) -> Option<Box<dyn Rule>> {
    let written: Written = reader.settings(settings)?;
    let trigger = reader.distance("trigger", written.trigger, false);
    let buffer = reader.pips("buffer_pips", written.buffer_pips);
    Some(Box::new(BreakEven { trigger, buffer }))
}

impl BreakEven {
    fn stop(&self, view: &PositionView) -> f64 {
        view.entry_price + view.direction.sign() * self.buffer
    }

    fn is_triggered(&self, glance: &Glance<'_>) -> bool {
        self.trigger.at(glance).is_some_and(|trigger| glance.ground.protection.at_least(glance.profit(), trigger))
    }
}

impl Rule for BreakEven {
    fn decide(&self, glance: &Glance<'_>, _memory: &mut Memory) -> Option<Action> {
        let stop = Some((self.stop(glance.view), StopKind::BreakEven));
        self.is_triggered(glance).then_some(Action::Modify(Levels { stop, target: None }))
    }

    /// A stop is never widened, so once it is as tight as this rule would make it the rule is done.
    fn next_due(&self, ground: &Ground, view: &PositionView, from: Bar, memory: &mut Memory) -> Option<Bar> {
        let stop = self.stop(view);
        if !ground.protection.tightens(view.direction, stop, view.stop_loss) {
            return None;
        }
        memory.scan.next(from, ground.trading.end, |&bar| {
            let glance = Glance { ground, view, bar };
            self.is_triggered(&glance) && glance.may_move_stop(stop)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ground, long, rule, short};

    fn stop(rule: &dyn Rule, view: &PositionView, close: f64) -> Option<f64> {
        let ground = ground(&[close]);
        match rule.decide(&Glance { ground: &ground.0, view, bar: 0 }, &mut Memory::default()) {
            Some(Action::Modify(Levels { stop: Some((stop, StopKind::BreakEven)), target: None })) => Some(stop),
            None => None,
            other => panic!("{other:?}"),
        }
    }

    const ONE_R: &str = r#"{"trigger": {"mode": "r", "value": 1, "atr_period": 14}, "buffer_pips": 1}"#;

    #[test]
    fn the_stop_goes_beyond_the_entry_by_the_buffer() {
        // execution.md 12, example 11: fill 1.10030, risk 0.0020; bid close 1.10240 wins 0.0021 → SL 1.10040.
        let rule = rule(ID, ONE_R);
        let view = long(1.10030, Some(1.09830));
        assert!((stop(&*rule, &view, 1.10240).unwrap() - 1.10040).abs() < 1e-12);
        // Exactly 1 R counts (1.10230), a tick less does not.
        assert!(stop(&*rule, &view, 1.10230).is_some());
        assert_eq!(stop(&*rule, &view, 1.10229), None);
    }

    #[test]
    fn the_trigger_has_the_touch_tolerance() {
        // decisions.md 40: ε = 1e-9.
        let (rule, view) = (rule(ID, ONE_R), long(1.10030, Some(1.09830)));
        assert!(stop(&*rule, &view, 1.10230 - 0.9e-9).is_some());
        assert_eq!(stop(&*rule, &view, 1.10230 - 1.1e-9), None);
    }

    #[test]
    fn a_short_wins_at_the_ask() {
        // Entry 1.10020, stop 1.10220, risk 0.0020. Ask = bid + 0.0001: a bid of 1.09810 is an ask of 1.09820, 0.0020 won.
        let (rule, view) = (rule(ID, ONE_R), short(1.10020, Some(1.10220)));
        assert!((stop(&*rule, &view, 1.09810).unwrap() - 1.10010).abs() < 1e-12);
        assert_eq!(stop(&*rule, &view, 1.09811), None);
    }

    #[test]
    fn without_a_stop_a_trigger_in_r_does_nothing_and_one_in_pips_sets_the_first_stop() {
        // decisions.md 23.
        let pips = rule(ID, r#"{"trigger": {"mode": "pips", "value": 20, "atr_period": 14}, "buffer_pips": 0}"#);
        let view = long(1.10030, None);
        assert_eq!(stop(&*rule(ID, ONE_R), &view, 1.2), None);
        assert_eq!(stop(&*pips, &view, 1.10230), Some(1.10030));
        let ground = ground(&[1.1, 1.1, 1.1024]);
        assert_eq!(pips.next_due(&ground.0, &view, 1, &mut Memory::default()), Some(2));
    }

    #[test]
    fn it_is_due_where_it_can_act_and_never_again() {
        let rule = rule(ID, ONE_R);
        let ground = ground(&[1.1, 1.1, 1.1022, 1.1024, 1.1, 1.1024]);
        let view = long(1.10030, Some(1.09830));
        let mut memory = Memory::default();
        let mut due = |view: &PositionView, from| rule.next_due(&ground.0, view, from, &mut memory);
        assert_eq!(due(&view, 1), Some(3));
        assert_eq!(due(&view, 4), Some(5));
        let moved = PositionView { stop_loss: Some(rule_stop(&view)), ..view };
        assert_eq!(due(&moved, 5), None);
        // Nor while a buffer beyond the close makes the stop impossible: 1.10030 + 0.0030 = 1.10330.
        let wide =
            crate::testing::rule(ID, r#"{"trigger": {"mode": "r", "value": 1, "atr_period": 14}, "buffer_pips": 30}"#);
        assert_eq!(wide.next_due(&ground.0, &view, 1, &mut Memory::default()), None);
    }

    fn rule_stop(view: &PositionView) -> f64 {
        view.entry_price + 0.0001
    }

    #[test]
    fn an_undefined_atr_does_nothing() {
        // execution.md 8.4. Trigger 2 × 0.0010 = 0.0020 from bar 2 on; the profit is 0.0021 all along.
        let atr = rule(ID, r#"{"trigger": {"mode": "atr", "value": 2, "atr_period": 14}, "buffer_pips": 1}"#);
        let ground = ground(&[1.1024; 4]).with_atr(&[f64::NAN, f64::NAN, 0.0010, 0.0020]);
        let view = long(1.10030, Some(1.09830));
        let acts = |bar| atr.decide(&Glance { ground: &ground.0, view: &view, bar }, &mut Memory::default()).is_some();
        assert_eq!([0, 1, 2, 3].map(acts), [false, false, true, false]);
        assert_eq!(atr.next_due(&ground.0, &view, 1, &mut Memory::default()), Some(2));
    }
}
