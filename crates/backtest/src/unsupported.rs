//! Settings whose feature is not built yet. Silence would be a wrong number, so all of them are refused at once.

use omega_types::{
    Issue,
    config::{BacktestConfig, DataMode, MarketFill, OnOpposite, Sizing},
};

use crate::{Job, RunOptions};

/// Everything that `job` asks for and that is not built, sorted by path: one issue per field whose setting would have an
/// effect.
pub(crate) fn unsupported(job: &Job) -> Vec<Issue> {
    let mut issues = Vec::new();
    market(&job.config, &mut issues);
    orders(&job.config, &mut issues);
    management(&job.config, &mut issues);
    options(&job.options, &mut issues);
    issues.sort();
    issues.dedup();
    issues
}

fn market(config: &BacktestConfig, issues: &mut Vec<Issue>) {
    if config.data_mode == DataMode::Tick {
        issues.push(issue("data_mode", "tick", "run on candles: data_mode \"candle\""));
    }
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
}

fn management(config: &BacktestConfig, issues: &mut Vec<Issue>) {
    let manager = &config.trade_management;
    if manager.stop_update_policy != "apply_next_bar" {
        let received = manager.stop_update_policy.as_str();
        issues.push(issue("trade_management.stop_update_policy", received, "use \"apply_next_bar\""));
    }
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
