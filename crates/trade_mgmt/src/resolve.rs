//! What rules want, and what comes of it for one position (execution.md 8.2, 8.3).

use omega_types::{ExitReason, order::PositionView};

use crate::{Decision, Levels, glance::Glance};

/// What one rule wants for one position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Action {
    /// All lots leave.
    Close(ExitReason),
    /// So many lots leave.
    ScaleOut(f64),
    /// Levels move from the next bar on.
    Modify(Levels),
    /// No level moves on this bar.
    Freeze,
}

/// Whether rules may move targets (`tp_update_policy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetPolicy {
    Forbid,
    /// Only further from the entry.
    ExtendOnly,
    Any,
}

impl TargetPolicy {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "forbid" => Some(Self::Forbid),
            "extend_only" => Some(Self::ExtendOnly),
            "any" => Some(Self::Any),
            _ => None,
        }
    }

    /// No target is further away than any other: a position without one cannot have it extended.
    fn allows(self, view: &PositionView, target: f64) -> bool {
        match self {
            Self::Forbid => false,
            Self::ExtendOnly => {
                view.take_profit.is_some_and(|current| (target - current) * view.direction.sign() > 0.0)
            }
            Self::Any => true,
        }
    }
}

/// Resolves conflicts. `actions` come in the order of (priority, rule id), which decides every tie: the first close wins
/// over everything else, the first scale-out over later ones, stops are merged.
pub(crate) fn resolve(glance: &Glance<'_>, policy: TargetPolicy, actions: &[Action]) -> Decision {
    let id = glance.view.position_id;
    let mut decision = Decision::nothing(id);
    for action in actions {
        match *action {
            Action::Close(reason) => return Decision::closing(id, reason),
            Action::ScaleOut(lots) => decision.scale_out = decision.scale_out.or(Some(lots)),
            Action::Freeze => decision.frozen = true,
            Action::Modify(wanted) => {
                let target = wanted.target.filter(|&target| policy.allows(glance.view, target));
                let wanted = Levels { target, ..wanted };
                decision.levels = glance.ground.protection.merge(glance.view, glance.close(), decision.levels, wanted);
            }
        }
    }
    if decision.frozen {
        decision.levels = Levels::NONE;
    }
    decision
}

#[cfg(test)]
mod tests {
    use omega_types::trade::StopKind::{BreakEven, Trailing};

    use super::*;
    use crate::testing::{ground, long, short};

    /// The decision about a long from 1.10030 with stop 1.09830 and target 1.10630 at a bid close of 1.10240.
    fn decide(policy: TargetPolicy, actions: &[Action]) -> Decision {
        let ground = ground(&[1.10240]);
        let view = PositionView { take_profit: Some(1.10630), ..long(1.10030, Some(1.09830)) };
        resolve(&Glance { ground: &ground.0, view: &view, bar: 0 }, policy, actions)
    }

    fn stop(price: f64, kind: omega_types::trade::StopKind) -> Action {
        Action::Modify(Levels { stop: Some((price, kind)), target: None })
    }

    fn target(price: f64) -> Action {
        Action::Modify(Levels { stop: None, target: Some(price) })
    }

    #[test]
    fn a_close_drops_every_other_action_and_the_first_close_wins() {
        // execution.md 8.3 (1).
        let actions = [
            Action::Close(ExitReason::Timeout),
            Action::Close(ExitReason::SessionEnd),
            stop(1.10040, BreakEven),
            Action::ScaleOut(0.25),
        ];
        let decision = decide(TargetPolicy::Any, &actions);
        assert_eq!(decision, Decision { close: Some(ExitReason::Timeout), ..Decision::nothing(1) });
        // Also behind the others.
        let actions =
            [Action::Freeze, stop(1.10040, BreakEven), Action::ScaleOut(0.25), Action::Close(ExitReason::News)];
        assert_eq!(
            decide(TargetPolicy::Any, &actions),
            Decision { close: Some(ExitReason::News), ..Decision::nothing(1) }
        );
    }

    #[test]
    fn one_scale_out_at_most_and_stops_beside_it() {
        // execution.md 8.3 (2) and (3): a break-even stop does not block trailing, nor either of them the scale-out.
        let actions =
            [stop(1.10040, BreakEven), stop(1.10140, Trailing), Action::ScaleOut(0.25), Action::ScaleOut(0.10)];
        let decision = decide(TargetPolicy::Forbid, &actions);
        assert_eq!((decision.scale_out, decision.close), (Some(0.25), None));
        assert_eq!(decision.levels, Levels { stop: Some((1.10140, Trailing)), target: None });
    }

    #[test]
    fn a_target_moves_as_the_policy_says() {
        // execution.md 8.3 (4): the target in force is 1.10630.
        use TargetPolicy::{Any, ExtendOnly, Forbid};
        let moved = |policy, actions: &[Action]| decide(policy, actions).levels.target;
        let (nearer, further) = (target(1.10500), target(1.10700));
        assert_eq!(moved(Forbid, &[nearer, further]), None);
        assert_eq!(moved(ExtendOnly, &[nearer, further]), Some(1.10700));
        assert_eq!(moved(ExtendOnly, &[target(1.10630)]), None);
        assert_eq!(moved(Any, &[nearer, further]), Some(1.10500));
        let short = PositionView { take_profit: Some(1.09600), ..short(1.10020, Some(1.10220)) };
        assert!(ExtendOnly.allows(&short, 1.09500) && !ExtendOnly.allows(&short, 1.09700));
        assert!(!ExtendOnly.allows(&long(1.1, None), 1.2) && Any.allows(&long(1.1, None), 1.2));
    }

    #[test]
    fn frozen_levels_stay_and_lots_may_leave() {
        // execution.md 8.9: `freeze_stops` discards all modifications of the bar and closes nothing.
        let actions = [Action::Freeze, stop(1.10040, BreakEven), target(1.10700), Action::ScaleOut(0.25)];
        let expected = Decision { scale_out: Some(0.25), frozen: true, ..Decision::nothing(1) };
        assert_eq!(decide(TargetPolicy::Any, &actions), expected);
        let actions = [stop(1.10040, BreakEven), Action::Freeze];
        assert_eq!(decide(TargetPolicy::Any, &actions).levels, Levels::NONE);
    }

    #[test]
    fn nothing_wanted_is_nothing_to_do() {
        assert!(decide(TargetPolicy::Any, &[]).is_nothing());
        // A stop that may not move is nothing to do either.
        assert!(decide(TargetPolicy::Any, &[stop(1.09830, Trailing), stop(1.10240, Trailing)]).is_nothing());
    }

    #[test]
    fn policies_have_their_names() {
        use TargetPolicy::{Any, ExtendOnly, Forbid};
        assert_eq!(
            ["forbid", "extend_only", "any", "x"].map(TargetPolicy::parse),
            [Some(Forbid), Some(ExtendOnly), Some(Any), None]
        );
    }
}
