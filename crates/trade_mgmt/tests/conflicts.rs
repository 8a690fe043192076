//! Rules against each other, through the public door: order, ties, scopes, and what happens to the whole account.

mod common;

use common::{bound, distance, inputs, long};
use omega_trade_mgmt::{Decision, Decisions, Inputs, Levels, Management};
use omega_types::{
    BarSet, ExitReason,
    order::{CancelCause, PositionView},
    trade::StopKind,
};

/// Bars of execution.md 12, example 11.
const EXAMPLE_11: [[f64; 4]; 4] = [
    [1.10000, 1.10050, 1.09980, 1.10020],
    [1.10020, 1.10260, 1.10010, 1.10240],
    [1.10240, 1.10300, 1.10020, 1.10100],
    [1.10100, 1.10110, 1.10090, 1.10100],
];

const KILL: &str = r#""kill_switch": {"reset": "never", "max_daily_loss": 100}"#;
const TIMEOUT: &str = r#""max_holding_time": {"max_holding_minutes": 5}"#;
const NEWS: &str = r#""news_exit": {"mode": "close"}"#;
const FREEZE: &str = r#""news_exit": {"mode": "freeze_stops"}"#;
const SESSION: &str = r#""session_end": {"minutes_before": 0, "cancel_pending": true, "weekend_close_utc": null}"#;

fn break_even(scenarios: &str) -> String {
    let trigger = distance("r", 1.0);
    format!(r#""break_even": {{"only_scenarios": {scenarios}, "trigger": {trigger}, "buffer_pips": 1}}"#)
}

fn partial_close() -> String {
    format!(r#""partial_close": {{"levels": [{{"trigger": {}, "fraction": 0.5}}]}}"#, distance("r", 1.0))
}

fn trailing(pips: f64) -> String {
    let (distance, activation) = (distance("pips", pips), distance("pips", 0.0));
    format!(
        r#""trailing_stop": {{"distance": {distance}, "activation": {activation}, "reference": "close", "step_pips": 0}}"#
    )
}

/// Every bar lies outside the sessions and inside a news window.
fn blocked() -> Inputs {
    let all = || Some(BarSet::full(EXAMPLE_11.len()));
    Inputs { outside_sessions: all(), news_blocked: all(), ..inputs(&EXAMPLE_11) }
}

fn decided(management: &Management, equity: f64, positions: &[PositionView]) -> Decisions {
    let mut decisions = Decisions::default();
    management.manager().decide(1, equity, positions, &mut decisions);
    decisions
}

fn reason(rules: &[&str], equity: f64) -> Option<ExitReason> {
    let management = bound(&rules.join(", "), blocked());
    decided(&management, equity, &[long(1, 1.10030, Some(1.09830))]).positions[0].close
}

#[test]
fn of_several_closes_the_smallest_priority_and_then_the_smallest_id_wins() {
    // execution.md 8.3: kill_switch 0; max_holding_time, news_exit and session_end 10.
    let all = [SESSION, NEWS, TIMEOUT, KILL];
    assert_eq!(reason(&all, 9_900.0), Some(ExitReason::KillSwitch));
    assert_eq!(reason(&all, 9_901.0), Some(ExitReason::Timeout));
    assert_eq!(reason(&[SESSION, NEWS], 0.0), Some(ExitReason::News));
    assert_eq!(reason(&[SESSION], 0.0), Some(ExitReason::SessionEnd));
}

#[test]
fn a_close_drops_partial_close_and_stops() {
    let management = bound(&[TIMEOUT, &break_even("[]"), &partial_close()].join(", "), inputs(&EXAMPLE_11));
    let decisions = decided(&management, 0.0, &[long(1, 1.10030, Some(1.09830))]);
    let expected = Decision { close: Some(ExitReason::Timeout), ..Decision::nothing(1) };
    assert_eq!(decisions.positions, [expected]);
}

#[test]
fn break_even_blocks_neither_trailing_nor_a_partial_close() {
    // execution.md 13, row 13. Close 1.10240: break-even 1.10040, trailing by 10 pips 1.10140 (wins), by 30 pips 1.09940
    // (does not).
    for (pips, stop, kind) in [(10.0, 1.10140, StopKind::Trailing), (30.0, 1.10040, StopKind::BreakEven)] {
        let rules = [trailing(pips), break_even("[]"), partial_close()].join(", ");
        let decisions = decided(&bound(&rules, inputs(&EXAMPLE_11)), 0.0, &[long(1, 1.10030, Some(1.09830))]);
        let [decision] = decisions.positions[..] else { panic!("{decisions:?}") };
        assert_eq!((decision.close, decision.scale_out), (None, Some(0.25)));
        let (price, won) = decision.levels.stop.unwrap();
        assert!((price - stop).abs() < 1e-12 && won == kind, "{price} {won:?}");
    }
}

#[test]
fn a_tie_goes_to_the_smaller_priority() {
    // Trailing by 20 pips and break-even with 1 pip of buffer meet at 1.10040; the close is 1.10240.
    let rules = [trailing(20.0), break_even("[]")].join(", ");
    let entry = 1.10240 - 0.0020 - 0.0001; // so that both sums are the same number
    let view = long(1, entry, Some(entry - 0.0020));
    let decisions = decided(&bound(&rules, inputs(&EXAMPLE_11)), 0.0, &[view]);
    let (price, kind) = decisions.positions[0].levels.stop.unwrap();
    assert_eq!(price.to_bits(), (1.10240_f64 - 0.0020).to_bits());
    assert_eq!(kind, StopKind::BreakEven);
}

#[test]
fn a_rule_is_limited_to_its_scenarios() {
    // execution.md 8.4: `only_scenarios`, empty = all.
    let position = |id, scenario_id| PositionView { scenario_id, ..long(id, 1.10030, Some(1.09830)) };
    let positions = [position(3, 1), position(4, 2), position(7, 6)];
    let moved = |scenarios: &str| {
        let decisions = decided(&bound(&break_even(scenarios), inputs(&EXAMPLE_11)), 0.0, &positions);
        decisions.positions.iter().map(|decision| decision.position_id).collect::<Vec<_>>()
    };
    assert_eq!(moved("[]"), [3, 4, 7]);
    assert_eq!(moved("[6, 1]"), [3, 7]);
    assert!(moved("[0]").is_empty());
}

#[test]
fn a_kill_switch_closes_cancels_and_halts() {
    // execution.md 8.11: a daily loss of 100.
    let management = bound(&[KILL, SESSION].join(", "), blocked());
    let mut manager = management.manager();
    let mut decisions = Decisions::default();
    let positions = [long(1, 1.10030, None), long(2, 1.10030, None)];
    assert!(manager.needs_equity());
    manager.decide(1, 9_900.0, &positions, &mut decisions);
    let killed = |id| Decision { close: Some(ExitReason::KillSwitch), ..Decision::nothing(id) };
    assert_eq!(decisions.positions, [killed(1), killed(2)]);
    assert_eq!(decisions.cancel_pending, Some(CancelCause::KillSwitch));
    assert!(manager.is_halted(1) && manager.is_halted(3));
    // While halted it does not fire again; the session still cancels.
    manager.decide(2, 9_000.0, &[], &mut decisions);
    assert_eq!((decisions.cancel_pending, decisions.positions.len()), (Some(CancelCause::SessionEnd), 0));
}

#[test]
fn a_kill_switch_of_some_scenarios_leaves_the_other_positions_to_the_other_rules() {
    let kill = r#""kill_switch": {"only_scenarios": [2], "reset": "never", "max_daily_loss": 100}"#;
    let management = bound(&[kill, &break_even("[]")].join(", "), inputs(&EXAMPLE_11));
    let position = |id, scenario_id| PositionView { scenario_id, ..long(id, 1.10030, Some(1.09830)) };
    let decisions = decided(&management, 0.0, &[position(1, 1), position(2, 2)]);
    assert_eq!(decisions.of(1).map(|decision| (decision.close, decision.levels.is_empty())), Some((None, false)));
    assert_eq!(decisions.of(2).and_then(|decision| decision.close), Some(ExitReason::KillSwitch));
    assert_eq!(decisions.of(3), None);
    assert_eq!(decisions.cancel_pending, Some(CancelCause::KillSwitch));
}

#[test]
fn frozen_stops_stay_while_lots_may_leave() {
    // execution.md 8.9: discards modifications, closes nothing.
    let rules = [FREEZE, &break_even("[]"), &partial_close()].join(", ");
    let decisions = decided(&bound(&rules, blocked()), 0.0, &[long(1, 1.10030, Some(1.09830))]);
    let expected = Decision { scale_out: Some(0.25), frozen: true, ..Decision::nothing(1) };
    assert_eq!(decisions.positions, [expected]);
    let free = decided(&bound(&rules, inputs(&EXAMPLE_11)), 0.0, &[long(1, 1.10030, Some(1.09830))]);
    assert!(!free.positions[0].frozen && !free.positions[0].levels.is_empty());
}

#[test]
fn pending_orders_are_due_for_the_end_of_a_session_and_a_flat_account_is_not() {
    // execution.md 8.8: `cancel_pending`. Outside the session from bar 2 on.
    let outside = BarSet::from_fn(4, |bar| bar >= 2);
    let management = bound(SESSION, Inputs { outside_sessions: Some(outside), ..inputs(&EXAMPLE_11) });
    let mut manager = management.manager();
    assert_eq!(manager.next_due(0, &[], false), None);
    assert_eq!(manager.next_due(0, &[], true), Some(2));
    assert_eq!(manager.next_due(0, &[long(1, 1.1, None)], false), Some(2));
    assert_eq!(manager.next_due(3, &[], true), Some(3));
    assert_eq!(manager.next_due(4, &[], true), None);
    let mut decisions = Decisions::default();
    let cancelled = [1, 2].map(|bar| {
        manager.decide(bar, f64::NAN, &[], &mut decisions);
        decisions.cancel_pending
    });
    assert_eq!(cancelled, [None, Some(CancelCause::SessionEnd)]);
    assert!(!manager.needs_equity() && !manager.is_halted(3));
}

#[test]
fn what_is_remembered_belongs_to_its_position() {
    // The level of position 1 is done on bar 1; position 2 begins with all of its levels, also in the memory of position 1.
    let management = bound(&partial_close(), inputs(&EXAMPLE_11));
    let mut manager = management.manager();
    let mut decisions = Decisions::default();
    let mut parts = |positions: &[PositionView]| {
        manager.decide(1, f64::NAN, positions, &mut decisions);
        decisions.positions.iter().map(|decision| decision.position_id).collect::<Vec<_>>()
    };
    let position = |id| long(id, 1.10030, Some(1.09830));
    assert_eq!(parts(&[position(1)]), [1]);
    assert_eq!(parts(&[position(1), position(2)]), [2]);
    assert_eq!(parts(&[position(2), position(3)]), [3]);
    assert_eq!(parts(&[position(2), position(3), position(4), position(5)]), [4, 5]);
    assert!(parts(&[position(2), position(5)]).is_empty());
    assert!(parts(&[]).is_empty());
}

#[test]
fn example_11_at_the_level_of_rules() {
    // execution.md 12, example 11: fill 1.10030, SL 1.09830, 0.50 lots. Bar 1 closes at 1.10240: 0.25 lots leave, SL
    // 1.10040 from bar 2 on; with it in force nothing more is wanted, whatever the later bars do.
    let management = bound(&[break_even("[]"), partial_close()].join(", "), inputs(&EXAMPLE_11));
    let mut manager = management.manager();
    let mut decisions = Decisions::default();
    let view = long(1, 1.10030, Some(1.09830));
    assert_eq!(manager.next_due(1, &[view], false), Some(1));
    manager.decide(1, f64::NAN, &[view], &mut decisions);
    let [decision] = decisions.positions[..] else { panic!("{decisions:?}") };
    assert_eq!((decision.close, decision.scale_out, decision.frozen), (None, Some(0.25), false));
    let Levels { stop: Some((stop, StopKind::BreakEven)), target: None } = decision.levels else {
        panic!("{decision:?}");
    };
    assert!((stop - 1.10040).abs() < 1e-12);
    let rest = PositionView { lots: 0.25, stop_loss: Some(stop), ..view };
    assert_eq!(manager.next_due(2, &[rest], false), None);
    manager.decide(2, f64::NAN, &[rest], &mut decisions);
    assert_eq!(decisions, Decisions::default());
}
