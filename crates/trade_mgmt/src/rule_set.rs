//! `trade_management` as it is written, and the rules that come of it.

use omega_types::{
    BarSet, Issue, Json, LotGrid, code,
    config::{TradeManagement, Variant},
};

use crate::{
    Inputs, Management, Protection, SessionEnd,
    glance::Ground,
    kill_switch::{self, KillSwitch},
    reader::{Reader, Scope, Settings},
    resolve::TargetPolicy,
    rules::{self, Rule, TABLE},
};

/// What rules have to know of the symbol, the account and the strategy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts {
    /// Pip in price.
    pub pip_size: f64,
    /// Prices closer than this count as equal (execution.md 0.3); 0 in `v1_parity`.
    pub touch_tolerance: f64,
    /// Volumes of the symbol.
    pub lots: LotGrid,
    /// Account currency; high water and start of the day before there is an equity row.
    pub initial_balance: f64,
    /// Minutes of the strategy's parameter `max_holding_minutes`, if it counts (decisions.md 21).
    pub holding_minutes: Option<u64>,
    /// `v1_parity` has `max_holding_time` only.
    pub variant: Variant,
}

/// The rules of a run, checked and in the order in which conflicts are resolved.
#[derive(Debug)]
pub struct RuleSet {
    pub(crate) rules: Vec<Scoped>,
    pub(crate) kill_switch: Option<(Scope, KillSwitch)>,
    pub(crate) target_policy: TargetPolicy,
    session_end: Option<SessionEnd>,
    atr_periods: Vec<usize>,
    facts: Facts,
}

/// A rule and the positions that it concerns.
#[derive(Debug)]
pub(crate) struct Scoped {
    pub(crate) scope: Scope,
    pub(crate) rule: Box<dyn Rule>,
}

impl RuleSet {
    /// Reads the normal form of a configuration. `None` if the manager is off, or if no rule can act.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, sorted by path. TypeScript has checked the configuration, so this is a second line:
    /// `CFG_CONFLICT` for a rule that `v1_parity` does not have, `CFG_UNSUPPORTED` for a reserved policy, `CFG_RANGE` for
    /// a number out of range, else `CFG_ENGINE_REJECTED`.
    pub fn read(config: &TradeManagement, facts: &Facts) -> Result<Option<Self>, Vec<Issue>> {
        if !config.enabled {
            return Ok(None);
        }
        let mut reader = Reader::new(facts);
        if config.stop_update_policy != "apply_next_bar" {
            let received = &config.stop_update_policy;
            reader.refuse("stop_update_policy", code::CFG_UNSUPPORTED, received, "apply_next_bar");
        }
        let target_policy = TargetPolicy::parse(&config.tp_update_policy).unwrap_or_else(|| {
            let expected = "forbid, extend_only or any";
            reader.refuse("tp_update_policy", code::CFG_ENGINE_REJECTED, &config.tp_update_policy, expected);
            TargetPolicy::Forbid
        });
        for id in config.rules.keys().filter(|id| !is_known(id)) {
            reader.enter_rule(id);
            reader.refuse("", code::CFG_ENGINE_REJECTED, id, "the name of a rule");
        }
        let kill_switch = scoped(config, kill_switch::ID, &mut reader).and_then(|(scope, settings)| {
            let switch = KillSwitch::read(settings, &mut reader)?;
            Some((scope, switch))
        });
        let mut rules = Vec::with_capacity(TABLE.len());
        for kind in rules::by_rank() {
            if let Some((scope, settings)) = scoped(config, kind.id, &mut reader)
                && let Some(rule) = (kind.read)(settings, &mut reader)
            {
                rules.push(Scoped { scope, rule });
            }
        }
        let Reader { atr_periods, session_end, mut issues, .. } = reader;
        if !issues.is_empty() {
            issues.sort();
            return Err(issues);
        }
        if rules.is_empty() && kill_switch.is_none() {
            return Ok(None);
        }
        Ok(Some(Self { rules, kill_switch, target_policy, session_end, atr_periods, facts: *facts }))
    }

    /// Distinct periods of the Wilder ATRs of raw bid candles that distances need.
    pub fn atr_periods(&self) -> &[usize] {
        &self.atr_periods
    }

    /// What `session_end` is set to, if it is on.
    pub const fn session_end(&self) -> Option<&SessionEnd> {
        self.session_end.as_ref()
    }

    /// Binds the rules to the market of a run.
    ///
    /// # Panics
    ///
    /// If a column of [`RuleSet::atr_periods`] is missing.
    pub fn bind(self, inputs: Inputs) -> Management {
        let Inputs { clock, quotes, trading, atr, outside_sessions, news_blocked } = inputs;
        let bars = clock.time.len();
        let column = |period: &usize| {
            let found = atr.iter().find(|(known, _)| known == period);
            found.expect("there is a column for each of atr_periods()").1.clone()
        };
        let none = || BarSet::empty(bars);
        let ground = Ground {
            session_ends: self.session_end.map_or_else(none, |rule| rule.bars(&clock, outside_sessions)),
            news_blocked: news_blocked.unwrap_or_else(none),
            atr: self.atr_periods.iter().map(column).collect(),
            protection: Protection { touch_tolerance: self.facts.touch_tolerance },
            lots: self.facts.lots,
            clock,
            quotes,
            trading,
        };
        Management::new(self, ground)
    }

    pub(crate) const fn initial_balance(&self) -> f64 {
        self.facts.initial_balance
    }

    /// Are pending orders cancelled at the end of a session?
    pub(crate) fn cancels_pending(&self) -> bool {
        self.session_end.is_some_and(|rule| rule.cancel_pending)
    }
}

/// Scope and settings of the rule `id`, if it is on.
fn scoped(config: &TradeManagement, id: &str, reader: &mut Reader<'_>) -> Option<(Scope, Settings)> {
    reader.enter_rule(id);
    let mut settings = match config.rules.get(id) {
        Some(Json::Object(settings)) => settings.clone(),
        Some(other) => {
            reader.refuse("", code::CFG_ENGINE_REJECTED, &other.to_string(), "an object");
            return None;
        }
        // Whoever switches the manager on gets this rule if there are minutes (execution.md 8.4).
        None if id == rules::MAX_HOLDING_TIME => Settings::new(),
        None => return None,
    };
    let scope = reader.scope(&mut settings)?;
    if !scope.enabled {
        return None;
    }
    if reader.facts.variant == Variant::V1Parity && id != rules::MAX_HOLDING_TIME {
        let expected = "execution_variant v2; v1_parity has max_holding_time only";
        reader.refuse("", code::CFG_CONFLICT, "a rule that is on", expected);
        return None;
    }
    Some((scope, settings))
}

fn is_known(id: &str) -> bool {
    id == kill_switch::ID || TABLE.iter().any(|kind| kind.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FACTS;

    fn config(rules: &str) -> TradeManagement {
        let text = format!(
            r#"{{"enabled": true, "stop_update_policy": "apply_next_bar", "tp_update_policy": "forbid", "rules": {rules}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn issues_of(config: &TradeManagement, facts: &Facts) -> Vec<(String, String)> {
        let issues = RuleSet::read(config, facts).err().unwrap_or_default();
        issues.into_iter().map(|issue| (issue.path, issue.code)).collect()
    }

    fn issues(rules: &str) -> Vec<String> {
        let issues = issues_of(&config(rules), &FACTS);
        issues.into_iter().map(|(path, code)| format!("{path}: {code}")).collect()
    }

    fn acts(config: &TradeManagement, facts: &Facts) -> bool {
        RuleSet::read(config, facts).unwrap().is_some()
    }

    /// The normal form of every rule, by hand from config.md 3.9.
    const ALL: &str = r#"{
        "max_holding_time": {"enabled": true, "only_scenarios": [], "max_holding_minutes": 60},
        "break_even": {"enabled": true, "only_scenarios": [],
            "trigger": {"mode": "pips", "value": 10, "atr_period": 14}, "buffer_pips": 0},
        "trailing_stop": {"enabled": true, "only_scenarios": [2, 1],
            "distance": {"mode": "atr", "value": 2, "atr_period": 20},
            "activation": {"mode": "atr", "value": 0, "atr_period": 14}, "reference": "close", "step_pips": 0},
        "session_end": {"enabled": true, "only_scenarios": [], "minutes_before": 15, "cancel_pending": true,
            "weekend_close_utc": "21:30"},
        "news_exit": {"enabled": true, "only_scenarios": [], "mode": "close"},
        "partial_close": {"enabled": true, "only_scenarios": [], "levels": [
            {"trigger": {"mode": "atr", "value": 1, "atr_period": 20}, "fraction": 0.5}]},
        "kill_switch": {"enabled": true, "only_scenarios": [], "max_drawdown_pct": 0.2, "max_daily_loss": null,
            "max_daily_loss_pct": null, "max_consecutive_losses": null, "reset": "never"}
    }"#;

    #[test]
    fn every_rule_is_read_in_its_normal_form() {
        let set = RuleSet::read(&config(ALL), &FACTS).unwrap().unwrap();
        assert_eq!(set.rules.len(), TABLE.len());
        assert!(set.kill_switch.is_some());
        // Distinct; in the order of the table: trailing stop, then partial close. Pips need none.
        assert_eq!(set.atr_periods(), [20, 14]);
        let expected = SessionEnd { minutes_before: 15, cancel_pending: true, weekend_close: Some(21 * 60 + 30) };
        assert_eq!(set.session_end(), Some(&expected));
        let covered: Vec<bool> = (0..4).map(|scenario| set.rules[4].scope.covers(scenario)).collect();
        assert_eq!(covered, [false, true, true, false]);
        assert!(set.rules[3].scope.covers(255));
    }

    #[test]
    fn nothing_acts_where_the_manager_or_every_rule_is_off() {
        assert!(!acts(&TradeManagement { enabled: false, ..config(ALL) }, &FACTS));
        assert!(!acts(&config("{}"), &FACTS));
        assert!(!acts(&config(&ALL.replace("\"enabled\": true", "\"enabled\": false")), &FACTS));
        // Off means that nothing else of the rule is looked at.
        assert!(!acts(&config(r#"{"break_even": {"enabled": false, "trigger": 7}}"#), &FACTS));
    }

    #[test]
    fn the_holding_time_takes_the_minutes_of_the_strategy_where_it_has_none() {
        // decisions.md 21, 22 and execution.md 8.5.
        let strategy = Facts { holding_minutes: Some(30), ..FACTS };
        let rule = |minutes: &str| config(&format!(r#"{{"max_holding_time": {{"max_holding_minutes": {minutes}}}}}"#));
        assert!(acts(&rule("60"), &FACTS));
        assert!(!acts(&rule("null"), &FACTS));
        assert!(acts(&rule("null"), &strategy));
        assert!(acts(&config("{}"), &strategy));
        assert!(!acts(&config("{}"), &Facts { holding_minutes: Some(0), ..FACTS }));
        assert!(!acts(&config(r#"{"max_holding_time": {"enabled": false, "max_holding_minutes": 60}}"#), &strategy));
    }

    #[test]
    fn parity_has_the_holding_time_only() {
        // execution.md 9.
        let parity = Facts { variant: Variant::V1Parity, touch_tolerance: 0.0, ..FACTS };
        assert!(acts(&config(r#"{"max_holding_time": {"max_holding_minutes": 60}}"#), &parity));
        let refused: Vec<String> = issues_of(&config(ALL), &parity)
            .into_iter()
            .filter(|(_, code)| code == "CFG_CONFLICT")
            .map(|(path, _)| path.replace("trade_management.rules.", ""))
            .collect();
        assert_eq!(
            refused,
            ["break_even", "kill_switch", "news_exit", "partial_close", "session_end", "trailing_stop"]
        );
    }

    #[test]
    fn policies_are_checked() {
        let refused = |stop: &str, target: &str| {
            let config = TradeManagement {
                stop_update_policy: stop.to_owned(),
                tp_update_policy: target.to_owned(),
                ..config(ALL)
            };
            issues_of(&config, &FACTS)
        };
        let issue = |path: &str, code: &str| vec![(path.to_owned(), code.to_owned())];
        assert_eq!(refused("apply_immediate", "any"), issue("trade_management.stop_update_policy", "CFG_UNSUPPORTED"));
        assert_eq!(refused("apply_next_bar", "x"), issue("trade_management.tp_update_policy", "CFG_ENGINE_REJECTED"));
    }

    #[test]
    fn whatever_is_malformed_is_named_and_nothing_panics() {
        let trigger =
            |value: &str| format!(r#"{{"break_even": {{"trigger": {{"mode": "atr", {value}}}, "buffer_pips": 0}}}}"#);
        let part = |fractions: &[&str]| {
            let level = |fraction: &&str| {
                format!(r#"{{"trigger": {{"mode": "r", "value": 1, "atr_period": 14}}, "fraction": {fraction}}}"#)
            };
            let levels: Vec<String> = fractions.iter().map(level).collect();
            format!(r#"{{"partial_close": {{"levels": [{}]}}}}"#, levels.join(","))
        };
        let session = |settings: &str| {
            format!(r#"{{"session_end": {{"minutes_before": 0, "cancel_pending": false, {settings}}}}}"#)
        };
        let cases = [
            (r#"{"trailing": {}}"#.to_owned(), "trailing: CFG_ENGINE_REJECTED"),
            (r#"{"break_even": 1}"#.to_owned(), "break_even: CFG_ENGINE_REJECTED"),
            (r#"{"break_even": {"enabled": 1}}"#.to_owned(), "break_even.enabled: CFG_ENGINE_REJECTED"),
            (
                r#"{"news_exit": {"only_scenarios": [256], "mode": "close"}}"#.to_owned(),
                "news_exit.only_scenarios: CFG_ENGINE_REJECTED",
            ),
            (r#"{"news_exit": {"mode": "open"}}"#.to_owned(), "news_exit: CFG_ENGINE_REJECTED"),
            (r#"{"news_exit": {"mode": "close", "x": 1}}"#.to_owned(), "news_exit: CFG_ENGINE_REJECTED"),
            (r#"{"kill_switch": {"reset": "never"}}"#.to_owned(), "kill_switch: CFG_ENGINE_REJECTED"),
            (
                r#"{"kill_switch": {"reset": "never", "max_drawdown_pct": 20}}"#.to_owned(),
                "kill_switch.max_drawdown_pct: CFG_RANGE",
            ),
            (
                r#"{"kill_switch": {"reset": "never", "max_daily_loss": -1}}"#.to_owned(),
                "kill_switch.max_daily_loss: CFG_RANGE",
            ),
            (
                r#"{"kill_switch": {"reset": "never", "max_consecutive_losses": 0}}"#.to_owned(),
                "kill_switch.max_consecutive_losses: CFG_RANGE",
            ),
            (
                r#"{"max_holding_time": {"max_holding_minutes": 0}}"#.to_owned(),
                "max_holding_time.max_holding_minutes: CFG_RANGE",
            ),
            (
                r#"{"max_holding_time": {"max_holding_minutes": 1.5}}"#.to_owned(),
                "max_holding_time: CFG_ENGINE_REJECTED",
            ),
            (trigger(r#""value": -1, "atr_period": 14"#), "break_even.trigger.value: CFG_RANGE"),
            (trigger(r#""value": 1, "atr_period": 0"#), "break_even.trigger.atr_period: CFG_RANGE"),
            (trigger(r#""value": 1"#), "break_even: CFG_ENGINE_REJECTED"),
            (part(&[]), "partial_close.levels: CFG_RANGE"),
            (part(&["0.6", "0.5"]), "partial_close.levels: CFG_RANGE"),
            (session(r#""weekend_close_utc": "24:00""#), "session_end.weekend_close_utc: CFG_RANGE"),
            (session(r#""weekend_close_utc": 7"#), "session_end: CFG_ENGINE_REJECTED"),
        ];
        for (rules, expected) in cases {
            assert_eq!(issues(&rules), [format!("trade_management.rules.{expected}")], "{rules}");
        }
        // A fraction of 1 alone is out of range; together with the sum of 0.7 + 0.2 + 0.1, which is not exactly 1, it is fine.
        assert_eq!(issues(&part(&["1"])), ["trade_management.rules.partial_close.levels[0].fraction: CFG_RANGE"]);
        assert!(issues(&part(&["0.1", "0.7", "0.2"])).is_empty());
    }

    #[test]
    fn all_issues_come_at_once() {
        let rules =
            r#"{"trailing": {}, "kill_switch": {"reset": "never", "max_drawdown_pct": 2, "max_daily_loss": -1}}"#;
        assert_eq!(issues(rules).len(), 3);
    }
}
