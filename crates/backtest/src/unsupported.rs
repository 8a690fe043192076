//! Settings whose feature is not built yet. Silence would be a wrong number, so all of them are refused at once.

use omega_execution::Instrument;
use omega_strategy::parameters::child;
use omega_types::{
    Issue, Json,
    config::{AdditionalSource, BacktestConfig, DataMode, MarketFill, OnOpposite, Sizing},
};

use crate::{Job, RunOptions, conversion, settle::Form};

/// Everything that `job` asks for and that is not built, sorted by path: one issue per field whose setting would have an
/// effect. What `form` and `instrument` would add is left out where they are missing, because they are wrong themselves.
pub(crate) fn unsupported(job: &Job, form: Option<&Form>, instrument: Option<&Instrument>) -> Vec<Issue> {
    let mut issues = Vec::new();
    market(&job.config, form, &mut issues);
    orders(&job.config, &mut issues);
    management(&job.config, &mut issues);
    options(&job.options, &mut issues);
    issues.extend(omega_execution::unsupported(job.costs.as_ref(), &job.config.symbol, &job.config));
    if let Some(instrument) = instrument {
        issues.extend(conversion::unsupported(job, instrument));
    }
    if let Some(Form::Registered(blueprint)) = form {
        issues.extend(blueprint.unsupported());
    }
    issues.sort();
    issues.dedup();
    issues
}

fn market(config: &BacktestConfig, form: Option<&Form>, issues: &mut Vec<Issue>) {
    if config.data_mode == DataMode::Tick {
        issues.push(issue("data_mode", "tick", "run on candles: data_mode \"candle\""));
    }
    if config.timeframes.additional_source == AdditionalSource::AggregateFromPrimary
        && (!config.timeframes.additional.is_empty() || form.is_some_and(|form| needs_another_timeframe(config, form)))
    {
        issues.push(issue(
            "timeframes.additional_source",
            "aggregate_from_primary",
            "import each timeframe into a file of its own and use \"separate_parquet\"",
        ));
    }
    for (index, session) in config.sessions.iter().flatten().enumerate() {
        if let Some(zone) = session.timezone.as_deref().filter(|zone| *zone != "UTC") {
            issues.push(issue(format!("sessions[{index}].timezone"), zone, "state the window in UTC"));
        }
    }
    if config.news_filter.enabled {
        issues.push(issue("news_filter.enabled", "true", "set news_filter.enabled to false"));
    }
}

/// Optional timeframes are read only if the configuration lists them.
fn needs_another_timeframe(config: &BacktestConfig, form: &Form) -> bool {
    let Form::Registered(blueprint) = form else { return false };
    let required = &blueprint.requirements().timeframes;
    required.iter().any(|required| !required.optional && required.timeframe != config.timeframes.primary)
}

fn orders(config: &BacktestConfig, issues: &mut Vec<Issue>) {
    if config.execution.market_fill == MarketFill::NextOpen {
        issues.push(issue("execution.market_fill", "next_open", "use \"signal_close\""));
    }
    let opposite = match config.execution.on_opposite {
        OnOpposite::Ignore => None,
        OnOpposite::Close => Some("close"),
        OnOpposite::Reverse => Some("reverse"),
    };
    if let Some(received) = opposite {
        issues.push(issue("execution.on_opposite", received, "use \"ignore\""));
    }
    let sizing = match config.account.sizing {
        Sizing::Risk => None,
        Sizing::RiskPercent { .. } => Some("risk_percent"),
        Sizing::FixedLots { .. } => Some("fixed_lots"),
        Sizing::Notional { .. } => Some("notional"),
        Sizing::EquityPercent { .. } => Some("equity_percent"),
    };
    if let Some(received) = sizing {
        issues.push(issue("account.sizing", received, "use {\"kind\": \"risk\"} with account.risk_per_trade"));
    }
    if config.logging.enable_entry_logging {
        issues.push(issue("logging.enable_entry_logging", "true", "set it to false; rejections are in the result"));
    }
    if config.observability.profiling_mode {
        issues.push(issue("observability.profiling_mode", "true", "set it to false; timings are in the result"));
    }
}

fn management(config: &BacktestConfig, issues: &mut Vec<Issue>) {
    overridden(config, issues);
    let manager = &config.trade_management;
    if manager.stop_update_policy != "apply_next_bar" {
        let received = manager.stop_update_policy.as_str();
        issues.push(issue("trade_management.stop_update_policy", received, "use \"apply_next_bar\""));
    }
    if !manager.enabled {
        return;
    }
    let written = manager.rules.iter().filter(|(id, _)| *id != "max_holding_time");
    let mut rules: Vec<&str> = written.filter(|(_, rule)| is_on(rule)).map(|(id, _)| id.as_str()).collect();
    if closes_after_a_time(config) {
        rules.push("max_holding_time");
    }
    for id in rules {
        let hint = if id == "max_holding_time" {
            "set trade_management.enabled to false, or leave out max_holding_minutes and use_position_manager"
        } else {
            "remove the rule, or set its enabled to false"
        };
        issues.push(issue(format!("trade_management.rules.{id}"), "a rule that is on", hint));
    }
}

/// The minutes come from the rule, else from the strategy's parameter; that one has its default (30) only together
/// with an explicit `use_position_manager: true` (decisions.md 21). Without minutes the rule does nothing.
fn closes_after_a_time(config: &BacktestConfig) -> bool {
    let rule = config.trade_management.rules.get("max_holding_time");
    if rule.is_some_and(|rule| !is_on(rule)) {
        return false;
    }
    let number = |value: Option<&Json>| value.and_then(Json::as_f64);
    let parameters = &config.strategy_parameters;
    let default = || (parameters.get("use_position_manager") == Some(&Json::Bool(true))).then_some(30.0);
    number(rule.and_then(|rule| rule.get("max_holding_minutes")))
        .or_else(|| number(parameters.get("max_holding_minutes")))
        .or_else(default)
        .is_some_and(|minutes| minutes != 0.0)
}

/// The manager reads the top level of the parameters only; in a block of `overrides` its settings would be ignored.
fn overridden(config: &BacktestConfig, issues: &mut Vec<Issue>) {
    let path = child("strategy_parameters", "overrides");
    let blocks = config.strategy_parameters.get("overrides").and_then(Json::as_object);
    for (key, block) in blocks.into_iter().flatten().filter(|(key, _)| concerns(key, config)) {
        for name in ["max_holding_minutes", "use_position_manager"] {
            if let Some(value) = block.get(name).filter(|value| !value.is_null()) {
                let hint = "state it at the top level of strategy_parameters or in trade_management";
                issues.push(issue(child(&child(&path, key), name), &value.to_string(), hint));
            }
        }
    }
}

/// Is a block `<SYMBOL>/<TF>`, each part possibly `*`, one of this run?
fn concerns(key: &str, config: &BacktestConfig) -> bool {
    let key = key.trim().to_uppercase();
    let is = |part: &str, own: &str| part.trim() == "*" || part.trim() == own;
    key.split_once('/').is_some_and(|(symbol, timeframe)| {
        is(symbol, &config.symbol) && is(timeframe, config.timeframes.primary.as_str())
    })
}

/// A rule that is written is on unless it says otherwise (decisions.md 22).
fn is_on(rule: &Json) -> bool {
    rule.get("enabled") != Some(&Json::Bool(false))
}

fn options(options: &RunOptions, issues: &mut Vec<Issue>) {
    for name in &options.not_built {
        let path = format!("options.{name}");
        let message = format!("{path} needs a feature that is not built yet");
        issues.push(Issue { message, received: None, ..issue(path, "", "leave the option out") });
    }
}

fn issue(path: impl Into<String>, received: &str, hint: &str) -> Issue {
    let path = path.into();
    Issue {
        message: format!("{path}: '{received}' needs a feature that is not built yet"),
        path,
        code: "CFG_UNSUPPORTED".to_owned(),
        expected: None,
        received: Some(received.chars().take(80).collect()),
        hint: Some(hint.to_owned()),
        reason: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn management_of(trade_management: Json, strategy_parameters: Json) -> Vec<String> {
        let config = serde_json::json!({
            "schema_version": "2", "strategy_name": "x", "symbol": "EURUSD", "start_date": "2024-01-01",
            "end_date": "2024-01-02", "run_mode": "dev", "data_mode": "candle", "execution_variant": "v2",
            "rng_seed": 42, "warmup_bars": 0,
            "timeframes": {"primary": "M5", "additional": [], "additional_source": "separate_parquet",
                "mapping_mode": "close", "stale_limit_bars": 0},
            "sessions": null,
            "account": {"initial_balance": 1, "account_currency": "USD", "risk_per_trade": 1, "max_positions": 1,
                "fx": {"mode": "auto", "hub": "USD", "stale_limit_bars": 10, "static_rates": {}}},
            "costs": {"enabled": false, "fee_multiplier": 1, "slippage_multiplier": 1, "spread_multiplier": 1,
                "pip_size": null, "pip_buffer_factor": null},
            "execution": {"limit_gap_fill": "worse", "close_open_at_end": true, "pending_expiry_bars": null,
                "max_pending_orders": null, "allowed_directions": "both", "allowed_order_types": ["market"],
                "cooldown_bars": 0, "cooldown_minutes": 0, "cooldown_minutes_after_exit": 0},
            "news_filter": {"enabled": false, "minutes_before": 30, "minutes_after": 30, "min_impact": "medium",
                "currencies": null},
            "logging": {"enable_entry_logging": false, "logging_mode": "trades_only"},
            "observability": {"profiling_mode": false},
            "metrics": {},
            "trade_management": trade_management,
            "strategy_parameters": strategy_parameters,
        });
        let mut issues = Vec::new();
        management(&serde_json::from_value(config).unwrap(), &mut issues);
        issues.into_iter().map(|issue| issue.path).collect()
    }

    fn manager(enabled: bool, rules: Json) -> Json {
        serde_json::json!({"enabled": enabled, "stop_update_policy": "apply_next_bar", "tp_update_policy": "forbid",
            "rules": rules})
    }

    #[test]
    fn a_rule_is_refused_only_where_it_would_act() {
        use serde_json::json;
        let holding = ["trade_management.rules.max_holding_time"];
        let none: [&str; 0] = [];
        let minutes = |minutes: Json| json!({"max_holding_time": {"enabled": true, "max_holding_minutes": minutes}});
        // decisions.md 21: minutes of the rule, else of the strategy, else 30 with an explicit use_position_manager.
        assert_eq!(management_of(manager(true, minutes(json!(60))), json!({})), holding);
        assert_eq!(management_of(manager(true, minutes(json!(null))), json!({"max_holding_minutes": 20})), holding);
        assert_eq!(management_of(manager(true, json!({})), json!({"use_position_manager": true})), holding);
        assert_eq!(management_of(manager(true, minutes(json!(null))), json!({})), none);
        assert_eq!(management_of(manager(true, json!({})), json!({"use_position_manager": false})), none);
        assert_eq!(management_of(manager(false, minutes(json!(60))), json!({"use_position_manager": true})), none);
        let off = json!({"max_holding_time": {"enabled": false, "max_holding_minutes": 60}});
        assert_eq!(management_of(manager(true, off), json!({"max_holding_minutes": 20})), none);
        // decisions.md 22: a rule that is written is on unless it says otherwise.
        let rules = json!({"break_even": {}, "trailing_stop": {"enabled": false}, "kill_switch": {"enabled": true}});
        assert_eq!(
            management_of(manager(true, rules), json!({})),
            ["trade_management.rules.break_even", "trade_management.rules.kill_switch"]
        );
    }
}
