//! Everything about a job that can be judged without candles, judged before any is read.

use std::sync::Arc;

use omega_data::{date_bounds, news::NewsRule};
use omega_execution::{CostModel, Fx, Instrument, Note, Rules};
use omega_strategy::{Blueprint, Init, Instrumentals, Registry, Signals};
use omega_trade_mgmt::RuleSet;
use omega_types::{Issue, Timeframe, Warning, code, config::Variant};

use crate::{BacktestError, Job, Sessions, aggregation, conversion, management, news, unsupported::unsupported};

/// A job of which only the candles are still unknown. A run continues from here; a check ends here.
pub struct Settled {
    /// Primary, additional, strategy-required: the timeframes of the run, in loading order.
    pub timeframes: Vec<Role>,
    /// Lots, ticks and pips of the symbol.
    pub instrument: Instrument,
    /// Remarks of the specification.
    pub notes: Vec<Note>,
    /// What differs between the variants in execution.
    pub rules: Rules,
    /// Slippage and fees.
    pub costs: CostModel,
    /// Currency conversion, not yet bound to candles.
    pub fx: Fx,
    /// Trade management, not yet bound to candles; `None` if it is off.
    pub management: Option<RuleSet>,
    /// The conversion takes a rate from the rates file.
    pub reads_rates: bool,
    /// When entries are allowed; `None` = always.
    pub sessions: Option<Sessions>,
    /// Which news block; `None` = there is no news filter.
    pub news: Option<NewsRule>,
    /// `start_date`, inclusive bound on open times.
    pub start_ns: i64,
    /// `end_date`, inclusive bound on open times.
    pub end_ns: i64,
    /// Remarks that need no candles, sorted.
    pub warnings: Vec<Warning>,
    pub(crate) form: Form,
}

/// A timeframe and why the run has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Which one.
    pub timeframe: Timeframe,
    /// `primary`, `additional` or `strategy`.
    pub role: &'static str,
    /// The parameter behind a `strategy` timeframe.
    pub required_by: Option<String>,
}

/// Who gives the signals.
pub(crate) enum Form {
    Registered(Box<dyn Blueprint>),
    Signals(Arc<Signals>),
}

/// Judges everything about `job` that needs no candles.
///
/// # Errors
///
/// In this order: everything that is wrong with the strategy's parameters together with every setting that needs an
/// unbuilt feature; the symbol specification; the costs; the conversion; the sessions; the
/// news filter; the rules of trade management; the dates; timeframes that cannot be made of the primary one.
pub fn settle(job: &Job, registry: &Registry) -> Result<Settled, BacktestError> {
    let config = &job.config;
    let resolved = Instrument::resolve(&config.symbol, job.symbol_specs.as_ref(), config.costs.pip_size);
    let form = checked_form(job, registry, resolved.as_ref().ok().map(|(instrument, _)| instrument))?;
    let (instrument, notes) = resolved?;
    let rules = Rules::new(config.execution_variant, &config.execution, &instrument);
    let costs = CostModel::resolve(&instrument, job.costs.as_ref(), config, &rules, job.seed)?;
    let (fx, reads_rates) = conversion::plan(job, &instrument, &costs, &rules)?;
    let sessions = Sessions::parse(config.sessions.as_deref()).map_err(BacktestError::Config)?;
    let news = news::rule(config)?;
    let management = management::read(config, &instrument, &rules, &form)?;
    let (start_ns, end_ns) = date_bounds(&config.start_date, &config.end_date)?;
    let timeframes = timeframes(job, &form);
    aggregation::check(config, &timeframes)?;
    let mut warnings: Vec<Warning> = package_defaults(job).collect();
    if let Form::Registered(blueprint) = &form {
        warnings.extend_from_slice(blueprint.warnings());
        warnings.extend(short_warm_up(&**blueprint, job, &timeframes));
    }
    warnings.sort();
    warnings.dedup();
    Ok(Settled {
        timeframes,
        instrument,
        notes,
        rules,
        costs,
        fx,
        management,
        reads_rates,
        sessions,
        news,
        start_ns,
        end_ns,
        warnings,
        form,
    })
}

/// Refuses what a run would refuse before it reads any candle. Gives the warnings that are known by then.
///
/// # Errors
///
/// Those of [`settle`].
pub fn check(job: &Job, registry: &Registry) -> Result<Vec<Warning>, BacktestError> {
    settle(job, registry).map(|settled| settled.warnings)
}

/// The strategy, unless its parameters or any setting of the job are refused. Parameters come first.
fn checked_form(job: &Job, registry: &Registry, instrument: Option<&Instrument>) -> Result<Form, BacktestError> {
    let form = form(job, registry, instrument);
    let unbuilt = unsupported(job);
    match form {
        Ok(form) if unbuilt.is_empty() => Ok(form),
        Ok(_) => Err(BacktestError::Config(unbuilt)),
        Err(mut issues) => {
            issues.extend(unbuilt);
            Err(BacktestError::Config(issues))
        }
    }
}

/// The strategy with its parameters settled. `instrument` is missing where its specification is wrong, which is said later.
fn form(job: &Job, registry: &Registry, instrument: Option<&Instrument>) -> Result<Form, Vec<Issue>> {
    if let Some(signals) = &job.signals {
        return Ok(Form::Signals(Arc::clone(signals)));
    }
    let config = &job.config;
    let init = Init {
        symbol: config.symbol.clone(),
        primary: config.timeframes.primary,
        configured: config.timeframes.additional.clone(),
        instrument: instrument.map(|instrument| Instrumentals {
            pip_size: instrument.pip_size,
            tick_size: instrument.tick_size,
            price_digits: instrument.price_digits,
        }),
        stepwise: config.execution_variant == Variant::V1Parity,
        stale_limit_bars: config.timeframes.stale_limit_bars,
    };
    registry.create(&config.strategy_name, &config.strategy_parameters, &init).map(Form::Registered)
}

/// Primary, then additional, then what the strategy cannot do without; each once.
fn timeframes(job: &Job, form: &Form) -> Vec<Role> {
    let config = &job.config.timeframes;
    let mut roles: Vec<Role> = Vec::new();
    let mut add = |timeframe, role, required_by| {
        if roles.iter().all(|known| known.timeframe != timeframe) {
            roles.push(Role { timeframe, role, required_by });
        }
    };
    add(config.primary, "primary", None);
    for &timeframe in &config.additional {
        add(timeframe, "additional", None);
    }
    if let Form::Registered(blueprint) = form {
        for required in blueprint.requirements().timeframes.iter().filter(|required| !required.optional) {
            add(required.timeframe, "strategy", Some(required.required_by.clone()));
        }
    }
    roles
}

/// `W-WARMUP` of the strategy specification 3: undefined values give no signal, so this is a remark. A decision on the
/// first trading bar sees that bar as well, so the primary timeframe needs one bar less before it.
fn short_warm_up(blueprint: &dyn Blueprint, job: &Job, timeframes: &[Role]) -> Option<Warning> {
    let (warmup_bars, primary) = (job.config.warmup_bars, job.config.timeframes.primary);
    let seen = |timeframe: Timeframe| warmup_bars.saturating_add(usize::from(timeframe == primary));
    let is_loaded = |timeframe: Timeframe| timeframes.iter().any(|role| role.timeframe == timeframe);
    let needs = &blueprint.requirements().warmup_bars;
    let short: Vec<String> = needs
        .iter()
        .filter(|(timeframe, bars)| *bars > seen(*timeframe) && is_loaded(*timeframe))
        .map(|(timeframe, bars)| format!("{bars} bars of {timeframe}"))
        .collect();
    (!short.is_empty()).then(|| Warning {
        code: code::CFG_W_STRATEGY.name.to_owned(),
        path: Some("warmup_bars".to_owned()),
        message: format!(
            "W-WARMUP: {} needs {} before its indicators are defined; warmup_bars is {warmup_bars}, so trading starts \
             without signals",
            blueprint.name(),
            short.join(" and ")
        ),
    })
}

fn package_defaults(job: &Job) -> impl Iterator<Item = Warning> {
    let files = [("execution costs", &job.costs), ("symbol specifications", &job.symbol_specs)];
    files.into_iter().filter_map(|(what, file)| {
        let file = file.as_ref().filter(|file| file.origin == "package")?;
        let message = format!("the {what} of {} come from {} of the package", job.config.symbol, file.path);
        Some(Warning::new(code::CFG_W_PACKAGE_DEFAULTS, message))
    })
}
