//! A case as a job of the product.

use std::{cell::RefCell, collections::BTreeMap, fs, path::PathBuf, sync::Arc};

use omega_backtest::{BacktestError, BacktestResult, DataSource, Job, RunOptions, run_with_registry};
use omega_data::{
    Candles, FileSide, MemorySeries, MemorySide, dataset_from_memory,
    news::{ImportNewsRequest, NewsFile, import_news},
    write::{Labels, encode, relative_path},
};
use omega_indicators::{ColumnStore, Columns, Graph, NodeId};
use omega_strategy::{
    API_VERSION, Agenda, BarView, Bars, Blueprint, Descriptor, Intents, Registry, Requirements, Strategy, StrategyError,
};
use omega_types::{
    BarSet, Json, Market, OrderType as Type, Timeframe, Watch,
    order::{Exit as ProductExit, ExitSide},
};
use serde_json::json;

use super::{
    engine::{self, *},
    random::{self, Case, NewsItem, PAIRS, TIMEFRAMES},
};
use crate::common;

const IMPACTS: [&str; 3] = ["low", "medium", "high"];

/// Files that the cases share: calendars and candles of other pairs.
pub(crate) struct Library {
    folder: PathBuf,
    pub(crate) calendars: Vec<Vec<NewsItem>>,
    /// Per folder of pairs: what is in it.
    pairs: Vec<Vec<(String, Vec<Bar>)>>,
}

impl Library {
    pub(crate) fn new(folders: usize, calendars: usize) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("oracle-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let calendars: Vec<_> = (0..calendars).map(|seed| random::calendar(seed as u64, 220)).collect();
        for (index, events) in calendars.iter().enumerate() {
            let mut csv = String::from("Start,Name,Impact,Currency\n");
            for (number, event) in events.iter().enumerate() {
                let start = omega_types::time::iso(event.time_ns);
                let start = start[..19].replace('T', " ");
                let impact = ["LOW", "MEDIUM", "HIGH"][event.impact];
                csv.push_str(&format!("{start},event {number},{impact},{}\n", event.currency));
            }
            let source = folder.join(format!("news-{index}.csv"));
            fs::write(&source, csv).unwrap();
            let request = ImportNewsRequest {
                files: vec![source],
                out: folder.join(format!("news-{index}.parquet")),
                impact_map: BTreeMap::new(),
                day_first: false,
                overwrite: true,
            };
            import_news(&request, &Watch::default()).unwrap();
        }
        let mut pairs = Vec::new();
        for (minutes, timeframe) in TIMEFRAMES {
            for number in 0..folders {
                let all: Vec<(String, Vec<Bar>)> = PAIRS
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| (index + number) % 4 != 3)
                    .map(|(index, &(pair, price))| {
                        let seed = (number * 16 + index) as u64;
                        (pair.to_owned(), random::pair(seed, price, minutes * random::MINUTE))
                    })
                    .collect();
                let library = Self { folder: folder.clone(), calendars: vec![], pairs: vec![] };
                for (pair, bars) in &all {
                    library.write(pairs.len(), pair, timeframe.parse().unwrap(), bars);
                }
                pairs.push(all);
            }
        }
        Self { folder, calendars, pairs }
    }

    fn root(&self, pairs: usize) -> PathBuf {
        self.folder.join(format!("pairs-{pairs}"))
    }

    fn write(&self, number: usize, pair: &str, timeframe: Timeframe, bars: &[Bar]) {
        for side in [FileSide::Bid, FileSide::Ask] {
            let mut candles = Candles::default();
            for bar in bars {
                let c = if side == FileSide::Bid { bar.bid } else { bar.ask };
                candles.push(bar.time_ns, [c.open, c.high, c.low, c.close, 1.0]);
            }
            let labels = Labels { symbol: pair, timeframe, side, source: "native", ask_source: None, crossed: None };
            let path = self.root(number).join(relative_path(pair, timeframe, side));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, encode(&candles, &labels, &Watch::default()).unwrap()).unwrap();
        }
    }

    /// The case with the candles of its folder in the plain engine's hands.
    pub(crate) fn complete(&self, mut case: Case) -> Case {
        let Some(pairs) = case.pairs else { return case };
        let (first, last) = (case.setup.bars[0].time_ns, case.setup.bars.last().unwrap().time_ns);
        // Older bars than these cannot be the latest one: holes are shorter.
        let from = first - 40 * case.setup.duration_ns;
        for (pair, bars) in &self.pairs[pairs] {
            let rate = |bar: &Bar| RateBar {
                time_ns: bar.time_ns,
                bid_open: bar.bid.open,
                ask_open: bar.ask.open,
                bid_close: bar.bid.close,
                ask_close: bar.ask.close,
            };
            let near = bars.iter().filter(|bar| bar.time_ns >= from && bar.time_ns <= last);
            case.setup.account.fx.series.push(RateSeries { symbol: pair.clone(), bars: near.map(rate).collect() });
        }
        case
    }

    pub(crate) fn run(&self, case: &Case, every_bar: bool) -> Result<BacktestResult, BacktestError> {
        let mut registry = Registry::default();
        registry.register(DESCRIPTOR).unwrap();
        SCRIPT.set(case.setup.script.clone());
        let mut job = job(case);
        if let (Some(pairs), DataSource::Dataset(dataset)) = (case.pairs, &mut job.data) {
            Arc::get_mut(dataset).unwrap().root = Some(self.root(pairs));
        }
        if let Some(news) = &case.news {
            let path = self.folder.join(format!("news-{}.parquet", news.calendar));
            job.options.news = Some(NewsFile { path, origin: "option".into() });
        }
        job.options.visit_every_bar = every_bar;
        run_with_registry(&job, &registry, &ColumnStore::new(), &Watch::default())
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        if !self.pairs.is_empty() {
            fs::remove_dir_all(&self.folder).ok();
        }
    }
}

fn job(case: &Case) -> Job {
    let setup = &case.setup;
    let columns = |side: fn(&Bar) -> Ohlc| {
        let field = |pick: fn(Ohlc) -> f64| setup.bars.iter().map(|bar| pick(side(bar))).collect();
        MemorySide {
            open: field(|c| c.open),
            high: field(|c| c.high),
            low: field(|c| c.low),
            close: field(|c| c.close),
            volume: None,
        }
    };
    let minutes = setup.duration_ns / random::MINUTE;
    let timeframe = TIMEFRAMES.iter().find(|known| known.0 == minutes).unwrap().1;
    let series = MemorySeries {
        timeframe: timeframe.parse().unwrap(),
        time: setup.bars.iter().map(|bar| bar.time_ns).collect(),
        bid: columns(|bar| bar.bid),
        ask: Some(columns(|bar| bar.ask)),
    };
    let symbol = &setup.symbol;
    let dataset = Arc::new(dataset_from_memory(&symbol.name, vec![series]).expect("candles are valid"));
    let spec = json!({
        "contract_size": symbol.contract_size, "tick_size": symbol.tick_size, "pip_size": symbol.pip_size,
        "volume_min": symbol.volume_min, "volume_step": symbol.volume_step, "volume_max": symbol.volume_max,
        "base_currency": symbol.base_currency, "quote_currency": symbol.quote_currency,
        "min_sl_distance_pips": symbol.min_sl_distance_pips,
    });
    Job {
        costs: Some(common::file("costs.yaml", json!({ "defaults": costs(&setup.costs) }))),
        symbol_specs: Some(common::file("specs.yaml", json!({ symbol.name.as_str(): spec }))),
        seed: setup.rng_seed,
        options: RunOptions::default(),
        ..common::job(dataset, &patch(case, timeframe))
    }
}

fn patch(case: &Case, timeframe: &str) -> Json {
    let setup = &case.setup;
    let (account, execution, costs) = (&setup.account, &setup.execution, &setup.cost_settings);
    let rates: BTreeMap<&str, f64> =
        account.fx.static_rates.iter().map(|(pair, rate)| (pair.as_str(), *rate)).collect();
    let types: Vec<&str> = execution.allowed_order_types.iter().map(|order_type| type_name(*order_type)).collect();
    let sessions: Option<Vec<Json>> = case
        .sessions
        .as_ref()
        .map(|windows| windows.iter().map(|(start, end)| json!({"start": start, "end": end})).collect());
    let news = case.news.as_ref();
    // Warm-up bars lie before the start date.
    let start = setup.bars[setup.warmup_bars.min(setup.bars.len() - 1)].time_ns;
    json!({
        "strategy_name": "script", "symbol": setup.symbol.name, "rng_seed": setup.rng_seed,
        "start_date": omega_types::time::iso(start), "warmup_bars": setup.warmup_bars,
        "execution_variant": if execution.variant == Variant::V2 { "v2" } else { "v1_parity" },
        "timeframes": {"primary": timeframe},
        "sessions": sessions,
        "account": {"initial_balance": account.initial_balance, "account_currency": account.currency,
            "risk_per_trade": account.risk_per_trade, "max_positions": account.max_positions,
            "fx": {"mode": match account.fx.mode { FxMode::Auto => "auto", FxMode::Candles => "candles", FxMode::Static => "static" },
                "stale_limit_bars": account.fx.stale_limit_bars, "static_rates": rates}},
        "costs": {"enabled": costs.enabled, "fee_multiplier": costs.fee_multiplier,
            "slippage_multiplier": costs.slippage_multiplier, "spread_multiplier": costs.spread_multiplier,
            "pip_size": costs.pip_size, "pip_buffer_factor": costs.pip_buffer_factor},
        "execution": {
            "limit_gap_fill": match execution.limit_gap_fill {
                LimitGapFill::Worse => "worse", LimitGapFill::Better => "better", LimitGapFill::PlanLiteral => "plan_literal" },
            "close_open_at_end": execution.close_open_at_end,
            "pending_expiry_bars": execution.pending_expiry_bars, "max_pending_orders": execution.max_pending_orders,
            "allowed_directions": match (execution.allow_long, execution.allow_short) {
                (true, true) => "both", (true, false) => "long", _ => "short" },
            "allowed_order_types": types,
            "cooldown_bars": execution.cooldown_bars, "cooldown_minutes": execution.cooldown_minutes,
            "cooldown_minutes_after_exit": execution.cooldown_minutes_after_exit},
        "news_filter": {"enabled": news.is_some(),
            "minutes_before": news.map_or(0, |news| news.before), "minutes_after": news.map_or(0, |news| news.after),
            "min_impact": IMPACTS[news.map_or(0, |news| news.min_impact)],
            "currencies": news.map(|_| [&setup.symbol.base_currency, &setup.symbol.quote_currency])},
        "trade_management": {"enabled": setup.trade_management.enabled, "rules": rules(&setup.trade_management)},
    })
}

fn costs(costs: &EffectiveCosts) -> Json {
    let slippage = &costs.slippage;
    let mut json = json!({
        "slippage": {
            "model": match slippage.model {
                SlippageModel::FixedRandom => "fixed_random", SlippageModel::Fixed => "fixed",
                SlippageModel::Jitter => "jitter", SlippageModel::Volatility => "volatility", SlippageModel::None => "none" },
            "fixed_pips": slippage.fixed_pips, "random_pips": slippage.random_pips, "base_pips": slippage.base_pips,
            "jitter_factor": slippage.jitter_factor, "atr_factor": slippage.atr_factor, "atr_period": slippage.atr_period},
        "schema": costs.schema.map(|schema| match schema {
            FeeSchema::PerLot => "per_lot", FeeSchema::PerMillionNotional => "per_million_notional",
            FeeSchema::PercentOfNotional => "percent_of_notional", FeeSchema::Tiered => "tiered" }),
        "side": match costs.side { FeeSide::Both => "both", FeeSide::Entry => "entry", FeeSide::Exit => "exit" },
        "fee_ccy": costs.fee_ccy, "per_lot": costs.per_lot, "rate_per_million": costs.rate_per_million, "pct": costs.pct,
        "min_fee": costs.min_fee, "pip_buffer_factor": costs.pip_buffer_factor,
        "per_lot_maker": costs.per_lot_maker, "rate_per_million_maker": costs.rate_per_million_maker, "pct_maker": costs.pct_maker,
        "fees": costs.fees.map(|fees| json!({"per_million": fees.per_million, "lot_size": fees.lot_size, "min_fee": fees.min_fee})),
    });
    if costs.schema == Some(FeeSchema::Tiered) {
        let tiers: Vec<Json> =
            costs.tiers.iter().map(|tier| json!({"volume_from": tier.volume_from, "per_lot": tier.per_lot})).collect();
        json["tiers"] = json!(tiers);
        json["tier_reset"] = json!(if costs.tier_reset == TierReset::Monthly { "monthly" } else { "never" });
    }
    json
}

fn distance(distance: Distance) -> Json {
    match distance {
        Distance::Pips(value) => json!({"mode": "pips", "value": value, "atr_period": 14}),
        Distance::R(value) => json!({"mode": "r", "value": value, "atr_period": 14}),
        Distance::Atr { value, period } => json!({"mode": "atr", "value": value, "atr_period": period}),
    }
}

fn rules(management: &TradeManagement) -> Json {
    let mut rules = serde_json::Map::new();
    let mut add = |id: &str, scenarios: &[i64], mut rule: Json| {
        rule["enabled"] = json!(true);
        rule["only_scenarios"] = json!(scenarios);
        rules.insert(id.to_owned(), rule);
    };
    if let Some(rule) = &management.max_holding_time {
        add("max_holding_time", &rule.only_scenarios, json!({"max_holding_minutes": rule.minutes}));
    }
    if let Some(rule) = &management.break_even {
        let written = json!({"trigger": distance(rule.trigger), "buffer_pips": rule.buffer_pips});
        add("break_even", &rule.only_scenarios, written);
    }
    if let Some(rule) = &management.trailing_stop {
        let reference = if rule.reference == TrailReference::Close { "close" } else { "extreme" };
        let written = json!({"distance": distance(rule.distance), "activation": distance(rule.activation),
            "reference": reference, "step_pips": rule.step_pips});
        add("trailing_stop", &rule.only_scenarios, written);
    }
    if let Some(rule) = &management.session_end {
        let weekend = rule.weekend_close_utc.map(|minute| format!("{:02}:{:02}", minute / 60, minute % 60));
        let written = json!({"minutes_before": rule.minutes_before, "cancel_pending": rule.cancel_pending,
            "weekend_close_utc": weekend});
        add("session_end", &rule.only_scenarios, written);
    }
    if let Some(rule) = &management.news_exit {
        let mode = if rule.mode == NewsExitMode::Close { "close" } else { "freeze_stops" };
        add("news_exit", &rule.only_scenarios, json!({"mode": mode}));
    }
    if let Some(rule) = &management.partial_close {
        let levels: Vec<Json> = rule
            .levels
            .iter()
            .map(|level| json!({"trigger": distance(level.trigger), "fraction": level.fraction}))
            .collect();
        add("partial_close", &rule.only_scenarios, json!({"levels": levels}));
    }
    if let Some(rule) = &management.kill_switch {
        let written = json!({"max_drawdown_pct": rule.max_drawdown_pct, "max_daily_loss": rule.max_daily_loss,
            "max_daily_loss_pct": rule.max_daily_loss_pct, "max_consecutive_losses": rule.max_consecutive_losses,
            "reset": if rule.reset_next_day { "next_day" } else { "never" }});
        add("kill_switch", &rule.only_scenarios, written);
    }
    Json::Object(rules)
}

pub(crate) fn type_name(order_type: engine::OrderType) -> &'static str {
    match order_type {
        engine::OrderType::Market => "market",
        engine::OrderType::Limit => "limit",
        engine::OrderType::Stop => "stop",
    }
}

thread_local! {
    /// What the strategy of the next run on this thread sends.
    static SCRIPT: RefCell<Vec<BarScript>> = const { RefCell::new(Vec::new()) };
}

const DESCRIPTOR: Descriptor = Descriptor {
    name: "script",
    version: "1",
    api_version: API_VERSION,
    origin: "oracle",
    text: "Sends what a list says.",
    parameters: &[],
    create: |_, _| Ok(Box::new(Script { bars: SCRIPT.with_borrow(Vec::clone), requirements: Requirements::default() })),
};

struct Script {
    bars: Vec<BarScript>,
    requirements: Requirements,
}

impl Blueprint for Script {
    fn name(&self) -> &str {
        "script"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn resolved_parameters(&self) -> Json {
        json!({})
    }

    fn requirements(&self) -> &Requirements {
        &self.requirements
    }

    fn request(&mut self, _: &mut Graph, _: &[Timeframe]) -> Result<(), StrategyError> {
        Ok(())
    }

    fn wanted(&self) -> Vec<NodeId> {
        Vec::new()
    }

    fn bind(self: Box<Self>, _: &Market, _: &Columns) -> Result<Box<dyn Strategy + Send>, StrategyError> {
        Ok(self)
    }
}

impl Strategy for Script {
    fn agenda(&self) -> Agenda {
        let at =
            |wants: fn(&BarScript) -> bool| Bars::At(BarSet::from_fn(self.bars.len(), |bar| wants(&self.bars[bar])));
        Agenda {
            anytime: at(|bar| !bar.entries.is_empty()),
            while_open: at(|bar| !bar.exits.is_empty()),
            while_pending: Bars::Never,
        }
    }

    fn on_bar(&mut self, view: &BarView<'_>, intents: &mut Intents) -> Result<(), StrategyError> {
        let Some(bar) = self.bars.get(view.bar) else { return Ok(()) };
        let side = |side| match side {
            Side::All => ExitSide::All,
            Side::Long => ExitSide::Long,
            Side::Short => ExitSide::Short,
        };
        intents.exits.extend(bar.exits.iter().map(|exit| ProductExit { side: side(exit.side), position_id: None }));
        intents.entries.extend(bar.entries.iter().map(signal));
        Ok(())
    }
}

fn signal(signal: &engine::Signal) -> omega_types::Signal {
    omega_types::Signal {
        direction: match signal.direction {
            engine::Direction::Long => omega_types::Direction::Long,
            engine::Direction::Short => omega_types::Direction::Short,
        },
        order_type: match signal.order_type {
            engine::OrderType::Market => Type::Market,
            engine::OrderType::Limit => Type::Limit,
            engine::OrderType::Stop => Type::Stop,
        },
        entry_price: signal.entry_price,
        stop_loss: signal.stop_loss,
        take_profit: signal.take_profit,
        size: signal.size,
        expire_after_bars: signal.expire_after_bars.map(|bars| bars as u32),
        good_till_ns: signal.good_till_ns,
        scenario_id: signal.scenario_id.unwrap_or(0) as u8,
    }
}
