//! Trade management of one run: from its configuration to rules over its candles.

use omega_execution::{Instrument, Rules};
use omega_trade_mgmt::{Facts, Inputs, Management, RuleSet};
use omega_types::{
    BarSet, Clock, Column, Market,
    config::{BacktestConfig, Variant},
    time::MINUTE_NS,
};

use crate::{BacktestError, Sessions, settle::Form};

/// The rules of a configuration; `None` if the manager is off or nothing is on.
///
/// # Errors
///
/// Every rule that is malformed.
pub(crate) fn read(
    config: &BacktestConfig,
    instrument: &Instrument,
    rules: &Rules,
    form: &Form,
) -> Result<Option<RuleSet>, BacktestError> {
    let facts = Facts {
        pip_size: instrument.pip_size,
        touch_tolerance: rules.touch_tolerance,
        lots: instrument.volume.grid,
        initial_balance: config.account.initial_balance,
        holding_minutes: match form {
            Form::Registered(blueprint) => blueprint.holding_minutes(),
            Form::Signals(_) => None,
        },
        variant: config.execution_variant,
    };
    RuleSet::read(&config.trade_management, &facts).map_err(BacktestError::Config)
}

/// Gives the rules what they read bar by bar. `atr`: period and column of each ATR that they asked for.
pub(crate) fn bind(
    rules: RuleSet,
    market: &Market,
    sessions: Option<&Sessions>,
    news_blocked: Option<&BarSet>,
    atr: Vec<(usize, Column)>,
    variant: Variant,
) -> Management {
    let outside_sessions = rules.session_end().zip(sessions).map(|(rule, sessions)| {
        // The test is made some minutes before the decision time would be outside (execution.md 8.8).
        let shift = i64::try_from(rule.minutes_before).unwrap_or(i64::MAX).saturating_mul(MINUTE_NS);
        // No instant lies beyond the range of nanoseconds.
        let latest = market.clock.time.last().map_or(0, |&open| i64::MAX - open.max(0));
        let duration_ns = market.clock.duration_ns.saturating_add(shift).min(latest);
        let clock = Clock { duration_ns, ..market.clock.clone() };
        sessions.mask(&clock, variant).complement()
    });
    rules.bind(Inputs {
        clock: market.clock.clone(),
        quotes: market.quotes.clone(),
        trading: market.trading.clone(),
        atr,
        outside_sessions,
        news_blocked: news_blocked.cloned(),
    })
}
