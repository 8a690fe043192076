//! From candles and names to a plan and a strategy that is bound to its columns.

use omega_data::{Calendar, Window, WindowRequest, manifest_sha256, window};
use omega_execution::{CostModel, spread};
use omega_indicators::{Atr, ColumnStore, Columns, Graph, NodeId, Period, compute};
use omega_portfolio::{Marks, Valuation};
use omega_strategy::{Bars, Strategy};
use omega_trade_mgmt::RuleSet;
use omega_types::{
    Column, Market, QuoteSide, Timeframe, Warning, Watch, code,
    config::{FileContent, Variant},
    market::Input,
    watch::{Part, Phase},
};
use serde_json::json;

use crate::{
    BacktestError, Gates, Job, Loaded, Plan, Sessions, Settled,
    entries::EntryLog,
    management,
    plan::BarOrder,
    result::{Provenance, StrategyInfo, TimeframeInfo},
    settle::Form,
};

/// Cuts the window of the run, binds everything to its candles and computes every column.
///
/// # Errors
///
/// Whatever is wrong with the window, or with the strategy on these candles. There is no configuration error afterwards.
pub fn prepare(
    job: &Job,
    loaded: Loaded,
    store: &ColumnStore,
    watch: &Watch,
) -> Result<(Plan, Box<dyn Strategy + Send>), BacktestError> {
    watch.begin(Phase::Prepare, 1)?;
    let config = &job.config;
    let Loaded { dataset, sources, rates, news, settled } = loaded;
    let Settled {
        timeframes: roles,
        instrument,
        notes,
        rules,
        mut costs,
        sessions,
        management,
        start_ns,
        end_ns,
        form,
        ..
    } = settled;
    let others: Vec<Timeframe> = roles.iter().skip(1).map(|role| role.timeframe).collect();
    let calendar = job.options.calendar.unwrap_or_else(|| Calendar::default_for(&config.symbol));
    let request = WindowRequest {
        start_ns,
        end_ns,
        warmup_bars: config.warmup_bars,
        mapping: config.timeframes.mapping_mode,
        variant: config.execution_variant,
        primary: config.timeframes.primary,
        others: &others,
        sessions: sessions.as_ref().map(Sessions::windows),
        calendar: Some(calendar),
        max_gap_loss: job.options.max_gap_loss,
        spread: Some(config.data.spread_pips * instrument.pip_size),
    };
    let Window { mut market, offset, mut inputs, governance, mut warnings } = window(&dataset, &request)?;

    market.quotes = spread::execution_view(&market.primary.quotes, costs.spread_multiplier);
    warnings.extend(settled.warnings);
    warnings.extend(rates.warnings);
    inputs.extend(rates.inputs);
    if let Some(news) = &news {
        warnings.extend_from_slice(&news.warnings);
        inputs.push(news.input.clone());
    }
    let (fx, reads_rates) = (settled.fx.bind(&market.primary, &rates.series), settled.reads_rates);

    let (mut blueprint, form, sha256) = match form {
        Form::Registered(blueprint) => (blueprint, "registered", None),
        Form::Signals(signals) => {
            let sha256 = signals.sha256();
            (signals.blueprint(offset), "signals", Some(sha256))
        }
    };
    let loaded: Vec<Timeframe> = roles.iter().map(|role| role.timeframe).collect();
    let strategy = StrategyInfo {
        form,
        name: blueprint.name().to_owned(),
        version: blueprint.version().to_owned(),
        resolved_parameters: blueprint.resolved_parameters(),
        sha256,
    };
    let mut graph = Graph::new();
    blueprint.request(&mut graph, &loaded)?;
    let ranges = average_ranges(&mut graph, config.timeframes.primary, &costs, management.as_ref());
    let wanted: Vec<NodeId> = blueprint.wanted().into_iter().chain(ranges.iter().map(|range| range.1)).collect();
    let columns = watch.measured(Part::Indicators, || compute(&graph, &wanted, &market, store, watch))?;
    let indicators = kept(job, &graph, &blueprint.wanted(), &columns, &market);
    let bound = blueprint.bind(&market, &columns)?;
    let parity = config.execution_variant == Variant::V1Parity;
    warnings.extend(deaf_exits(&*bound, form == "signals" && parity));
    warnings.sort();
    warnings.dedup();

    let files = [
        ("execution_costs_yaml", job.costs.as_ref()),
        ("symbol_specs_yaml", job.symbol_specs.as_ref()),
        ("fx_rates_yaml", job.fx_rates.as_ref().filter(|_| reads_rates)),
    ];
    inputs.extend(files.into_iter().filter_map(|(kind, file)| file.map(|file| input(kind, file))));
    let session_open = sessions.as_ref().map(|sessions| sessions.mask(&market.clock, config.execution_variant));
    let news_blocked = news.as_ref().map(|news| news.mask(&market.clock));
    let range =
        |period: usize| ranges.iter().find(|range| range.0 == period).map(|range| (period, columns.get(range.1)));
    if let Some((_, column)) = costs.atr_period().and_then(range) {
        costs = costs.with_atr(column);
    }
    let management = management.map(|rules| {
        let atr = rules.atr_periods().iter().copied().filter_map(range).collect();
        management::bind(rules, &market, sessions.as_ref(), news_blocked.as_ref(), atr, config.execution_variant)
    });
    let provenance = Provenance {
        symbol: config.symbol.clone(),
        account_currency: config.account.account_currency.clone(),
        initial_balance: config.account.initial_balance,
        config_hash: job.config_hash.clone(),
        calendar,
        seed: job.seed,
        strategy,
        timeframes: roles
            .iter()
            .filter_map(|role| {
                let timeframe = role.timeframe;
                let bars = market.series(timeframe)?.len() as u64;
                let start = market.trading.start;
                let warmup_bars = match market.map(timeframe) {
                    None => start,
                    Some(map) if start < map.len() => map.get(start).map_or(0, |bar| bar + 1),
                    Some(_) => 0,
                };
                let (source, anchor) = (sources.name(timeframe), sources.anchor(timeframe));
                let warmup_bars = warmup_bars as u64;
                Some(TimeframeInfo { timeframe, role: role.role, source, anchor, bars, warmup_bars })
            })
            .collect(),
        governance,
        manifest_sha256: manifest_sha256(&inputs),
        inputs,
        fx_legs: fx.legs().clone(),
    };
    let last = market.trading.end.saturating_sub(1);
    let plan = Plan {
        gates: Gates::new(config, session_open, news_blocked, last),
        management,
        pending_expiry_bars: config.execution.pending_expiry_bars,
        bar_order: if parity { BarOrder::DecideFirst } else { BarOrder::Chronological },
        marks: if parity { Marks::Realised } else { Marks::Closing },
        closes_at_end: config.execution.close_open_at_end && !parity,
        initial_balance: config.account.initial_balance,
        risk_per_trade: config.account.risk_per_trade,
        entry_log: EntryLog::of(&config.logging),
        visit_every_bar: job.options.visit_every_bar,
        valuation: Valuation::new(&market, instrument.clone(), fx.clone()),
        market,
        instrument,
        rules,
        costs,
        fx,
        notes: notes.iter().map(|note| json!(note)).collect(),
        warnings,
        indicators,
        provenance,
    };
    watch.advance(1)?;
    Ok((plan, bound))
}

/// The strategy's columns over the trading bars by name, sorted, if the job wants to keep them. Columns over the bars of
/// another timeframe are left out.
fn kept(job: &Job, graph: &Graph, nodes: &[NodeId], columns: &Columns, market: &Market) -> Vec<(String, Column)> {
    let wanted = if job.options.keep_indicators { nodes } else { &[] };
    let on_bars =
        wanted.iter().map(|&node| (node, columns.get(node))).filter(|(_, column)| column.len() == market.len());
    let mut kept: Vec<_> =
        on_bars.map(|(node, column)| (graph.label(node), column.slice(market.trading.clone()))).collect();
    kept.sort_by(|a, b| a.0.cmp(&b.0));
    kept.dedup_by(|a, b| a.0 == b.0);
    kept
}

/// Requests the Wilder ATRs of raw bid candles that slippage and rules read (execution.md 4.2, 8.4): period and node.
fn average_ranges(
    graph: &mut Graph,
    primary: Timeframe,
    costs: &CostModel,
    management: Option<&RuleSet>,
) -> Vec<(usize, NodeId)> {
    let periods = management.map(RuleSet::atr_periods).unwrap_or_default();
    let mut periods: Vec<usize> = periods.iter().copied().chain(costs.atr_period()).collect();
    periods.sort_unstable();
    periods.dedup();
    let inputs = graph.bars(primary, QuoteSide::Bid).high_low_close();
    let mut node = |period: usize| graph.add(Atr { period: Period::try_from(period).ok()? }, &inputs).first().copied();
    periods.into_iter().filter_map(|period| Some((period, node(period)?))).collect()
}

/// `v1_parity` does not ask while a position is open (decisions.md 14), so exit signals are never read.
fn deaf_exits(strategy: &dyn Strategy, is_deaf: bool) -> Option<Warning> {
    let has_exits = is_deaf
        && match strategy.agenda().while_open {
            Bars::Never => false,
            Bars::At(bars) => bars.count() > 0,
            Bars::Every => true,
        };
    let message = "exit signals do not act in v1_parity, which asks for signals only while no position is open";
    has_exits.then(|| Warning {
        code: code::CFG_W_NO_EFFECT.name.to_owned(),
        path: Some("execution_variant".to_owned()),
        message: message.to_owned(),
    })
}

fn input(kind: &str, file: &FileContent) -> Input {
    Input {
        kind: kind.to_owned(),
        path: file.path.clone(),
        sha256: file.sha256.clone(),
        rows: None,
        start_time_ns: None,
        end_time_ns: None,
    }
}
