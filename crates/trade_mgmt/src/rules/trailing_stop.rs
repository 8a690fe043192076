//! Lets the stop follow the price (execution.md 8.7).

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

pub(crate) const ID: &str = "trailing_stop";

#[derive(Debug)]
struct TrailingStop {
    /// From the reference to the stop.
    distance: Distance,
    /// Profit of the reference from which it acts.
    activation: Distance,
    reference: Reference,
    /// Smallest improvement, in price.
    step: f64,
}

/// The price that the stop follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reference {
    /// Close of the closing side.
    Close,
    /// Best price since the entry.
    Extreme,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    distance: WrittenDistance,
    activation: WrittenDistance,
    reference: Reference,
    step_pips: f64,
}

pub(crate) fn read(settings: Settings, reader: &mut Reader<'_>) -> Option<Box<dyn Rule>> {
    let written: Written = reader.settings(settings)?;
    let distance = reader.distance("distance", written.distance, true);
    let activation = reader.distance("activation", written.activation, false);
    let step = reader.pips("step_pips", written.step_pips);
    Some(Box::new(TrailingStop { distance, activation, reference: written.reference, step }))
}

impl TrailingStop {
    /// The stop that follows `reference`, if it is active and improves the one in force by a step.
    fn stop(&self, glance: &Glance<'_>, reference: f64) -> Option<f64> {
        let (view, protection) = (glance.view, &glance.ground.protection);
        let won = (reference - view.entry_price) * glance.sign();
        if !protection.at_least(won, self.activation.at(glance)?) {
            return None;
        }
        let stop = reference - glance.sign() * self.distance.at(glance)?;
        let improves = view.stop_loss.is_none_or(|current| {
            let step = self.step.max(protection.touch_tolerance);
            protection.at_least((stop - current) * glance.sign(), step)
        });
        improves.then_some(stop)
    }

    fn moves(&self, glance: &Glance<'_>, reference: f64) -> bool {
        self.stop(glance, reference).is_some_and(|stop| glance.may_move_stop(stop))
    }
}

impl Rule for TrailingStop {
    fn decide(&self, glance: &Glance<'_>, memory: &mut Memory) -> Option<Action> {
        let reference = match self.reference {
            Reference::Close => glance.close(),
            Reference::Extreme => memory.extreme.advance(glance)?,
        };
        let stop = self.stop(glance, reference)?;
        Some(Action::Modify(Levels { stop: Some((stop, StopKind::Trailing)), target: None }))
    }

    fn next_due(&self, ground: &Ground, view: &PositionView, from: Bar, memory: &mut Memory) -> Option<Bar> {
        let end = ground.trading.end;
        match self.reference {
            Reference::Close => memory.scan.next(from, end, |&bar| {
                let glance = Glance { ground, view, bar };
                self.moves(&glance, glance.close())
            }),
            Reference::Extreme => {
                // Only what has passed is remembered.
                if let Some(bar) = from.checked_sub(1) {
                    memory.extreme.advance(&Glance { ground, view, bar });
                }
                let mut extreme = memory.extreme;
                memory.scan.next(from, end, |&bar| {
                    let glance = Glance { ground, view, bar };
                    extreme.advance(&glance).is_some_and(|reference| self.moves(&glance, reference))
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ground, long, rule, short};

    fn trailing(reference: &str, distance_pips: f64, activation_pips: f64, step_pips: f64) -> Box<dyn Rule> {
        let pips = |value: f64| format!(r#"{{"mode": "pips", "value": {value}, "atr_period": 14}}"#);
        rule(
            ID,
            &format!(
                r#"{{"distance": {}, "activation": {}, "reference": "{reference}", "step_pips": {step_pips}}}"#,
                pips(distance_pips),
                pips(activation_pips)
            ),
        )
    }

    fn wanted(rule: &dyn Rule, ground: &Ground, view: &PositionView, bar: Bar) -> Option<f64> {
        match rule.decide(&Glance { ground, view, bar }, &mut Memory::default()) {
            Some(Action::Modify(Levels { stop: Some((stop, StopKind::Trailing)), target: None })) => Some(stop),
            None => None,
            other => panic!("{other:?}"),
        }
    }

    fn is_near(price: Option<f64>, expected: f64) -> bool {
        price.is_some_and(|price| (price - expected).abs() < 1e-12)
    }

    #[test]
    fn the_stop_follows_the_close_at_its_distance() {
        // execution.md 8.7: long 1.10030, stop 1.09830, distance 20 pips: close 1.10100 → 1.09900.
        let (rule, view) = (trailing("close", 20.0, 0.0, 0.0), long(1.10030, Some(1.09830)));
        assert!(is_near(wanted(&*rule, &ground(&[1.10100]).0, &view, 0), 1.09900));
        // A loss is below the activation of 0.
        assert_eq!(wanted(&*rule, &ground(&[1.10029]).0, &view, 0), None);
        // Short 1.10020, stop 1.10220: ask close 1.09900 + 0.0001 → 1.09910 + 0.0020 = 1.10110.
        let view = short(1.10020, Some(1.10220));
        assert!(is_near(wanted(&*rule, &ground(&[1.09900]).0, &view, 0), 1.10110));
    }

    #[test]
    fn it_waits_for_its_activation() {
        // Activation 10 pips: 1.10130 is enough, within ε (decisions.md 40); a tick less is not.
        let (rule, view) = (trailing("close", 20.0, 10.0, 0.0), long(1.10030, Some(1.09830)));
        assert!(wanted(&*rule, &ground(&[1.10130]).0, &view, 0).is_some());
        assert!(wanted(&*rule, &ground(&[1.10130 - 0.9e-9]).0, &view, 0).is_some());
        assert_eq!(wanted(&*rule, &ground(&[1.10129]).0, &view, 0), None);
    }

    #[test]
    fn a_step_is_an_improvement_of_at_least_that_much() {
        // Stop in force 1.09900; 5 pips of step: 1.09950 is enough (close 1.10150), 1.09949 is not.
        let (rule, view) = (trailing("close", 20.0, 0.0, 5.0), long(1.10030, Some(1.09900)));
        assert!(is_near(wanted(&*rule, &ground(&[1.10150]).0, &view, 0), 1.09950));
        assert!(wanted(&*rule, &ground(&[1.10150 - 0.9e-9]).0, &view, 0).is_some());
        assert_eq!(wanted(&*rule, &ground(&[1.10149]).0, &view, 0), None);
        // Without a step a tick of improvement is enough; the same stop again is none (8.3 drops it).
        let rule = trailing("close", 20.0, 0.0, 0.0);
        assert!(wanted(&*rule, &ground(&[1.10101]).0, &view, 0).is_some());
        let due = |close| rule.next_due(&ground(&[1.1, close]).0, &view, 1, &mut Memory::default());
        assert_eq!([1.10100, 1.10101].map(due), [None, Some(1)]);
    }

    #[test]
    fn the_extreme_leaves_out_the_entry_bar() {
        // Highs are close + 0.0005: the entry bar's 1.10550 does not count; 1.10150 of bar 1 does: − 0.0020 = 1.09950.
        let (rule, view) = (trailing("extreme", 20.0, 0.0, 0.0), long(1.10030, Some(1.09830)));
        let ground = ground(&[1.10500, 1.10100, 1.10060]);
        assert_eq!(wanted(&*rule, &ground.0, &view, 0), None);
        assert!(is_near(wanted(&*rule, &ground.0, &view, 1), 1.09950));
        assert!(is_near(wanted(&*rule, &ground.0, &view, 2), 1.09950));
    }

    #[test]
    fn the_extreme_of_a_short_is_the_lowest_ask() {
        // Lows of the ask are close − 0.0005 + 0.0001: 1.09860 in bar 1; + 0.0020 = 1.10060.
        let (rule, view) = (trailing("extreme", 20.0, 0.0, 0.0), short(1.10020, Some(1.10220)));
        assert!(is_near(wanted(&*rule, &ground(&[1.09, 1.09900, 1.10]).0, &view, 2), 1.10060));
    }

    #[test]
    fn a_stop_beyond_the_close_is_tried_again() {
        // Extreme 1.10550 in bar 1 − 0.0020 = 1.10350. Closes 1.10500, then 1.10340 (below the stop), then 1.10360.
        let (rule, ground) = (trailing("extreme", 20.0, 0.0, 0.0), ground(&[1.1, 1.10500, 1.10340, 1.10360]));
        let view = long(1.10030, Some(1.09830));
        let due = |from| rule.next_due(&ground.0, &view, from, &mut Memory::default());
        assert_eq!([1, 2, 3].map(due), [Some(1), Some(3), Some(3)]);
    }

    #[test]
    fn looking_ahead_leaves_no_trace() {
        let (rule, view) = (trailing("extreme", 20.0, 100.0, 0.0), long(1.10030, Some(1.09830)));
        let ground = ground(&[1.1, 1.1005, 1.1001, 1.2]);
        let mut memory = Memory::default();
        assert_eq!(rule.next_due(&ground.0, &view, 1, &mut memory), Some(3));
        // On bar 2 the extreme is 1.1010, not the 1.2005 of bar 3.
        assert_eq!(memory.extreme.advance(&Glance { ground: &ground.0, view: &view, bar: 2 }), Some(1.1005 + 0.0005));
    }

    #[test]
    fn distances_in_r_need_a_stop_and_others_set_the_first_one() {
        // decisions.md 23.
        let r = |value: f64| format!(r#"{{"mode": "r", "value": {value}, "atr_period": 14}}"#);
        let settings =
            format!(r#"{{"distance": {}, "activation": {}, "reference": "close", "step_pips": 20}}"#, r(1.0), r(1.0));
        let (in_r, in_pips) = (rule(ID, &settings), trailing("close", 20.0, 0.0, 50.0));
        let (ground, none) = (ground(&[1.10330]), long(1.10030, None));
        assert_eq!(wanted(&*in_r, &ground.0, &none, 0), None);
        // However large the step is: 1.10330 − 0.0020.
        assert!(is_near(wanted(&*in_pips, &ground.0, &none, 0), 1.10130));
        // 1 R = 0.0010: won 3 R → 1.10330 − 0.0010 = 1.10230, 30 pips above the stop.
        assert!(is_near(wanted(&*in_r, &ground.0, &long(1.10030, Some(1.09930)), 0), 1.10230));
    }
}
