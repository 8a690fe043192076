//! Closes a position in parts (execution.md 8.10).

use omega_types::{Bar, order::PositionView};
use serde::Deserialize;

use crate::{
    distance::{Distance, WrittenDistance},
    glance::{Glance, Ground},
    memory::Memory,
    part::part,
    reader::{Reader, Settings},
    resolve::Action,
    rules::Rule,
};

pub(crate) const ID: &str = "partial_close";

/// At most one level a bar, the first of the list that is not done and has enough profit.
#[derive(Debug)]
struct PartialClose {
    levels: Vec<Level>,
}

#[derive(Debug, Clone, Copy)]
struct Level {
    /// Profit at the close from which it acts.
    trigger: Distance,
    /// Of the initial lots.
    fraction: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    levels: Vec<WrittenLevel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLevel {
    trigger: WrittenDistance,
    fraction: f64,
}

/// Fractions such as 0.7 + 0.2 + 0.1 are meant to be 1; their sum in binary may exceed it by an ulp.
const SUM_TOLERANCE: f64 = 1e-9;

pub(crate) fn read(settings: Settings, reader: &mut Reader<'_>) -> Option<Box<dyn Rule>> {
    let written: Written = reader.settings(settings)?;
    let mut levels = Vec::with_capacity(written.levels.len());
    for (index, WrittenLevel { trigger, fraction }) in written.levels.into_iter().enumerate() {
        let trigger = reader.distance(&format!("levels[{index}].trigger"), trigger, false);
        let is_in_range = fraction > 0.0 && fraction < 1.0;
        reader.check(&format!("levels[{index}].fraction"), fraction, is_in_range, "a number between 0 and 1");
        levels.push(Level { trigger, fraction });
    }
    let sum = levels.iter().fold(0.0, |sum, level| sum + level.fraction);
    let is_in_range = !levels.is_empty() && sum <= 1.0 + SUM_TOLERANCE;
    reader.check("levels", sum, is_in_range, "at least one level, fractions that sum to at most 1");
    Some(Box::new(PartialClose { levels }))
}

impl PartialClose {
    /// The first level that is not done and has enough profit.
    fn reached(&self, glance: &Glance<'_>, done: &[bool]) -> Option<usize> {
        let profit = glance.profit();
        self.levels.iter().zip(done).position(|(level, done)| {
            let reaches = |trigger| glance.ground.protection.at_least(profit, trigger);
            !done && level.trigger.at(glance).is_some_and(reaches)
        })
    }
}

impl Rule for PartialClose {
    fn decide(&self, glance: &Glance<'_>, memory: &mut Memory) -> Option<Action> {
        memory.done.resize(self.levels.len(), false);
        let index = self.reached(glance, &memory.done)?;
        memory.done[index] = true;
        part(&glance.ground.lots, glance.view, self.levels[index].fraction).map(Action::ScaleOut)
    }

    fn next_due(&self, ground: &Ground, view: &PositionView, from: Bar, memory: &mut Memory) -> Option<Bar> {
        memory.done.resize(self.levels.len(), false);
        let Memory { scan, done, .. } = memory;
        if done.iter().all(|&done| done) {
            return None;
        }
        scan.next(from, ground.trading.end, |&bar| self.reached(&Glance { ground, view, bar }, done).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ground, long, rule};

    fn levels(levels: &[(f64, f64)]) -> Box<dyn Rule> {
        let level = |&(pips, fraction): &(f64, f64)| {
            format!(r#"{{"trigger": {{"mode": "pips", "value": {pips}, "atr_period": 14}}, "fraction": {fraction}}}"#)
        };
        let list: Vec<String> = levels.iter().map(level).collect();
        rule(ID, &format!(r#"{{"levels": [{}]}}"#, list.join(", ")))
    }

    /// What is scaled out bar by bar; the open lots follow.
    fn run(rule: &dyn Rule, lots: f64, closes: &[f64]) -> Vec<Option<f64>> {
        let ground = ground(closes);
        let mut view = PositionView { lots, initial_lots: lots, ..long(1.1, Some(1.09)) };
        let mut memory = Memory::default();
        (0..closes.len())
            .map(|bar| match rule.decide(&Glance { ground: &ground.0, view: &view, bar }, &mut memory) {
                Some(Action::ScaleOut(out)) => {
                    view.lots = ((view.lots - out) * 100.0).round() / 100.0;
                    Some(out)
                }
                None => None,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn one_level_a_bar_in_the_order_of_the_list_and_each_once() {
        // By hand: 30 pips won on bar 0 reach both levels; the first one acts at once, the second a bar later.
        let rule = levels(&[(10.0, 0.5), (20.0, 0.3)]);
        assert_eq!(run(&*rule, 0.50, &[1.103, 1.103, 1.103]), [Some(0.25), Some(0.15), None]);
        // The second one may come first: the list decides only between levels that are reached.
        let rule = levels(&[(30.0, 0.5), (10.0, 0.3)]);
        assert_eq!(run(&*rule, 0.50, &[1.101, 1.102, 1.103, 1.1]), [Some(0.15), None, Some(0.25), None]);
    }

    #[test]
    fn closing_everything_that_is_left_is_allowed() {
        // 0.7 + 0.2 + 0.1 of 0.50: 0.35, 0.10 and the 0.05 that are left.
        let rule = levels(&[(10.0, 0.7), (10.0, 0.2), (10.0, 0.1)]);
        assert_eq!(run(&*rule, 0.50, &[1.103; 4]), [Some(0.35), Some(0.10), Some(0.05), None]);
    }

    #[test]
    fn a_level_with_impossible_lots_is_done_without_action_and_takes_its_bar() {
        // By hand: 0.05 × 0.10 = 0.005 is less than a step and takes bar 0; then 0.5 × 0.10 = 0.05.
        let rule = levels(&[(10.0, 0.05), (10.0, 0.5)]);
        assert_eq!(run(&*rule, 0.10, &[1.103; 3]), [None, Some(0.05), None]);
    }

    #[test]
    fn it_is_due_until_every_level_is_done() {
        let rule = levels(&[(10.0, 0.5), (20.0, 0.3)]);
        let ground = ground(&[1.1, 1.1, 1.101, 1.1, 1.102, 1.103]);
        let view = PositionView { lots: 0.5, initial_lots: 0.5, ..long(1.1, Some(1.09)) };
        let mut memory = Memory::default();
        assert_eq!(rule.next_due(&ground.0, &view, 1, &mut memory), Some(2));
        let glance = |bar| Glance { ground: &ground.0, view: &view, bar };
        assert_eq!(rule.decide(&glance(2), &mut memory), Some(Action::ScaleOut(0.25)));
        assert_eq!(rule.next_due(&ground.0, &view, 3, &mut memory), Some(4));
        assert_eq!(rule.decide(&glance(4), &mut memory), Some(Action::ScaleOut(0.15)));
        assert_eq!(rule.next_due(&ground.0, &view, 5, &mut memory), None);
    }
}
