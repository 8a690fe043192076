//! The whole engine on real candles: every scenario of the built-in strategy with sessions, news, daily filters, trade
//! management and every schema of commissions. Truth: what holds for any run, checked against the candles themselves.
//! Skipped, with a word, where the data is absent. `--nocapture` prints how much was traded.

mod common;
mod real;

use common::{file, job, run};
use omega_backtest::{BacktestResult, DataSource, Job};
use omega_data::{LoadRequest, WantedTimeframe, load_dataset};
use omega_types::{
    Direction, ExitReason, Json, OrderType, Series, SideColumns, Timeframe, Watch,
    market::QuoteKind,
    time::{DAY_NS, MINUTE_NS},
    trade::RejectionCode,
};
use real::{Folder, calendar, euros, shared};
use serde_json::json;

/// What a fill may slip at most, and how early a level counts as touched: half a pip each.
const SLIPPAGE: f64 = 0.00005;
const BUFFER: f64 = 0.00005;
/// Differences of prices of order 1.
const ROUNDING: f64 = 1e-12;

/// The commission schemas, with rates of about two dollars a lot and side.
fn schemas() -> [Json; 5] {
    [
        json!({"schema": "per_lot", "per_lot": 2.5, "per_lot_maker": 1.5, "fee_ccy": "USD"}),
        json!({"schema": "per_million_notional", "rate_per_million": 20, "min_fee": 0.5}),
        json!({"schema": "percent_of_notional", "pct": 0.00002, "side": "exit"}),
        json!({"schema": "tiered", "tier_reset": "monthly",
            "tiers": [{"volume_from": 0, "per_lot": 3}, {"volume_from": 10, "per_lot": 2}]}),
        json!({"fees": {"per_million": 25, "lot_size": 100_000}}),
    ]
}

/// Costs with a random slippage of 0.2 to 0.5 pips and one of the schemas.
fn costs(schema: &Json) -> Json {
    let mut defaults = json!({"slippage": {"model": "fixed_random", "fixed_pips": 0.2, "random_pips": 0.3}});
    common::merge(&mut defaults, schema);
    json!({ "defaults": defaults })
}

/// Parameters that let every scenario trade on hours; longs above the daily average, shorts below it.
fn parameters(scenarios: &[u8]) -> Json {
    json!({
        "enabled_scenarios": scenarios, "z_score_long": -1.5, "z_score_short": 1.5, "tp_min_distance": 0.0005,
        "window_length": 50, "ema_length": 30, "b_b_length": 20, "std_factor": 1.5, "atr_mult": 1.5,
        "kalman_r": 1, "kalman_q": 0.1, "garch_alpha": 0.1, "garch_beta": 0.85, "intraday_vol_cluster_window": 60, "intraday_vol_garch_lookback": 200,
        "scenario6_timeframes": ["PRIMARY", "D1"], "scenario6_mode": "all",
        "scenario6_params": {"D1": {"std_factor": 0.1, "z_score_long": -0.1, "z_score_short": 0.1}},
        "htf_tf": "D1", "htf_ema": 50, "extra_htf_filter": "none",
        "long": {"htf_filter": "above"}, "short": {"htf_filter": "below"},
    })
}

fn management() -> Json {
    let r = |value: f64| json!({"mode": "r", "value": value, "atr_period": 14});
    let mut rules = json!({
        "max_holding_time": {"max_holding_minutes": 240},
        "break_even": {"trigger": r(0.6), "buffer_pips": 1},
        "trailing_stop": {"distance": {"mode": "atr", "value": 3, "atr_period": 14}, "activation": r(0.5),
            "reference": "extreme", "step_pips": 1},
        "partial_close": {"levels": [{"trigger": r(0.4), "fraction": 0.5}]},
        "session_end": {"minutes_before": 0, "cancel_pending": true, "weekend_close_utc": "19:00"},
        "kill_switch": {"max_drawdown_pct": null, "max_daily_loss": 450, "max_daily_loss_pct": null,
            "max_consecutive_losses": null, "reset": "next_day"},
    });
    for rule in rules.as_object_mut().expect("rules").values_mut() {
        common::merge(rule, &json!({"enabled": true, "only_scenarios": []}));
    }
    json!({"trade_management": {"enabled": true, "rules": rules}})
}

/// The lowest and highest price of the bar that opens at `time`.
fn range(series: &Series, side: &SideColumns, time: i64) -> (f64, f64) {
    let bar = series.time.binary_search(&time).expect("a trade lies on a bar");
    (side.low[bar], side.high[bar])
}

/// What holds for any run of one position at a time.
fn check(name: &str, result: &BacktestResult, series: &Series) {
    let (mut results, mut fees, mut free_from) = (0.0, 0.0, 0);
    for (index, trade) in result.trades.iter().enumerate() {
        let at = format!("{name} trade {index}: {trade:?}");
        let (sign, quotes) = (trade.direction.sign(), &series.quotes);
        let opening = if trade.direction == Direction::Long { &quotes.ask } else { &quotes.bid };
        let closing = if trade.direction == Direction::Long { &quotes.bid } else { &quotes.ask };
        // Inside the bar, but for slippage, which is always against whoever trades, and the touch buffer of exits.
        let (low, high) = range(series, opening, trade.entry_time_ns);
        let (slipped, spared) = if sign > 0.0 { (high, low) } else { (low, high) };
        assert!((trade.entry_price - slipped) * sign <= SLIPPAGE + ROUNDING, "{at}");
        assert!((spared - trade.entry_price) * sign <= ROUNDING, "{at}");
        let (low, high) = range(series, closing, trade.exit_time_ns);
        let (best, worst) = if sign > 0.0 { (high, low) } else { (low, high) };
        assert!((trade.exit_price - best) * sign <= BUFFER + ROUNDING, "{at}");
        // A target pays its level also where the bar opens beyond it (limit_gap_fill worse).
        let gapped = trade.take_profit.filter(|_| trade.reason == ExitReason::TakeProfit);
        let worst = gapped.filter(|target| (worst - target) * sign > 0.0).unwrap_or(worst);
        assert!((worst - trade.exit_price) * sign <= BUFFER + SLIPPAGE + ROUNDING, "{at}");
        assert_eq!(trade.order_type, OrderType::Market, "{at}");
        let first = trade.initial_stop_loss.expect("a stop");
        let last = trade.stop_loss.expect("a stop");
        assert!((last - first) * sign >= 0.0, "a stop never moves against its position: {at}");
        if trade.reason == ExitReason::StopLoss {
            assert!((trade.exit_price - last) * sign <= 0.0, "a stop fills at its level or worse: {at}");
        }
        assert!(trade.exit_time_ns > trade.entry_time_ns, "{at}");
        assert!(trade.mae <= 0.0 && trade.mfe >= 0.0 && trade.size > 0.0, "{at}");
        if trade.position_id as usize > free_from {
            let before = index.checked_sub(1).map(|before| &result.trades[before]);
            assert!(before.is_none_or(|before| before.exit_bar <= trade.entry_bar), "one position at a time: {at}");
            free_from = trade.position_id as usize;
        }
        results += trade.result;
        fees += trade.entry_fee + trade.exit_fee;
    }
    assert!(result.open_positions.is_empty(), "{name}");
    assert!((result.fees_total - fees).abs() < 1e-6, "{name}: fees");
    let balance = result.provenance.initial_balance + results - fees;
    assert!((result.final_balance - balance).abs() < 1e-6, "{name}: {} and {balance}", result.final_balance);
    assert_eq!(result.curve().equity.last(), Some(&result.final_balance), "{name}: nothing is open at the end");
    assert!(!result.trades.is_empty() && fees > 0.0, "{name} does not trade");
    eprintln!(
        "{name}: {} records of {} positions from {} signals, result {results:.2}, fees {fees:.2}, {} of {} bars visited",
        result.trades.len(),
        free_from,
        result.orders,
        result.events_processed,
        result.bars_processed,
    );
}

/// Twelve years of EURUSD hours in a euro account: London mornings, the calendar of 2008 and 2009, a daily trend.
#[test]
fn every_scenario_and_every_commission_on_twelve_years_of_hours() {
    let Some(shared) = shared() else { return };
    let folder = Folder::new("hours");
    let news = calendar(&shared, &folder);
    let dataset = euros(&shared);
    let hours = &dataset.series[0];
    let base = json!({
        "strategy_name": "mean_reversion_z_score", "start_date": "2007-06-01", "end_date": "2018-12-31",
        "warmup_bars": 300, "timeframes": {"primary": "H1", "additional": ["D1"]},
        "sessions": [{"start": "07:00", "end": "16:00", "timezone": "Europe/London"}],
        "account": {"account_currency": "EUR", "initial_balance": 100_000}, "costs": {"enabled": true},
        "news_filter": {"enabled": true, "minutes_before": 60, "minutes_after": 60, "min_impact": "high"},
    });
    let all: Vec<u8> = (1..=6).collect();
    let alone = (1..=6).map(|scenario| (vec![scenario], usize::from(scenario) % 5, false));
    let together = (0..5).map(|schema| (all.clone(), schema, schema % 2 == 0));
    let mut reasons = std::collections::BTreeMap::new();
    for (scenarios, schema, managed) in alone.chain(together) {
        let schemas = schemas();
        let mut patch = base.clone();
        patch["strategy_parameters"] = parameters(&scenarios);
        if managed {
            common::merge(&mut patch, &management());
        }
        let mut job =
            Job { costs: Some(file("execution_costs.yaml", costs(&schemas[schema]))), ..job(dataset.clone(), &patch) };
        job.options.news = Some(news.clone());
        let name = format!("EURUSD H1 scenarios {scenarios:?}, schema {schema}, managed {managed}");
        // Event by event and bar by bar: the same bits.
        let result = run(&job);
        check(&name, &result, hours);
        let counts = result.journal.counts();
        for reason in [RejectionCode::SessionClosed, RejectionCode::NewsBlocked] {
            assert!(counts.iter().any(|(code, count)| *code == reason && *count > 0), "{name}: {counts:?}");
        }
        for trade in &result.trades {
            *reasons.entry(trade.reason.as_str()).or_insert(0) += 1;
            // London is at UTC or an hour ahead: decisions from 07:00 to 15:59 there lie between 06:00 and 15:59 UTC.
            let minute = (trade.entry_time_ns + Timeframe::H1.duration_ns()).rem_euclid(DAY_NS) / MINUTE_NS;
            assert!((6 * 60..16 * 60).contains(&minute), "{name}: {trade:?}");
            assert!(scenarios.contains(&trade.scenario_id), "{name}: {trade:?}");
        }
    }
    eprintln!("{reasons:?}");
    for reason in ["take_profit", "stop_loss", "timeout", "scale_out", "session_end"] {
        assert!(reasons.contains_key(reason), "{reasons:?}");
    }
}

/// A month of GBPUSD minutes of which every 45th bar is crossed: repaired by raising the ask, and with those bars left out.
#[test]
fn crossed_minutes_trade_once_they_are_clamped_or_dropped() {
    let Some(shared) = shared() else { return };
    let request = |root: &Folder| {
        json!({"symbol": "GBPUSD", "timeframe": "M1", "data_root": root.0,
            "bid": [shared.join("real/gbpusd-m1-bid-2012.csv.gz")],
            "ask": [shared.join("real/gbpusd-m1-ask-2012.csv.gz")]})
    };
    let specs = json!({"GBPUSD": common::specs()["EURUSD"]});
    for (policy, repair, warning, bars) in [
        ("clamp", json!({"on_crossed": "clamp"}), "DATA_W_CLAMPED", 30_117),
        ("drop", json!({"on_crossed": "drop", "max_drop": 0.03}), "DATA_W_DROPPED", 29_441),
    ] {
        let root = Folder::new(policy);
        let mut wanted = request(&root);
        common::merge(&mut wanted, &repair);
        let wanted = serde_json::from_value(wanted).expect("an import request");
        omega_data::import::import(&wanted, &Watch::default()).expect("the import succeeds");
        let timeframes = vec![WantedTimeframe { timeframe: Timeframe::M1, required_by: None }];
        let (symbol, quotes) = ("GBPUSD".to_owned(), QuoteKind::BidAsk);
        let load = LoadRequest { root: root.0.clone(), symbol, quotes, timeframes };
        let loaded = load_dataset(&load, &Watch::default()).expect("the files load");
        let minutes = &loaded.series[0];
        assert_eq!(minutes.len(), bars, "{policy}");
        for scenario in 1..=5 {
            let mut settings = parameters(&[scenario]);
            common::merge(
                &mut settings,
                &json!({"htf_tf": "NONE", "long": {"htf_filter": "none"},
                "short": {"htf_filter": "none"}, "tp_min_distance": 0.0001}),
            );
            let patch = json!({
                "strategy_name": "mean_reversion_z_score", "symbol": "GBPUSD", "start_date": "2012-02-02",
                "end_date": "2012-02-29", "warmup_bars": 300, "timeframes": {"primary": "M1"}, "account": {"initial_balance": 100_000},
                "costs": {"enabled": true}, "strategy_parameters": settings,
            });
            let job = Job {
                data: DataSource::Root(root.0.clone()),
                costs: Some(file("execution_costs.yaml", costs(&schemas()[usize::from(scenario) % 5]))),
                symbol_specs: Some(file("symbol_specs.yaml", specs.clone())),
                ..job(euros(&shared), &patch)
            };
            let result = run(&job);
            check(&format!("GBPUSD M1 {policy}, scenario {scenario}"), &result, minutes);
            assert!(result.warnings.iter().any(|told| told.code == warning), "{:?}", result.warnings);
            assert!(result.provenance.governance["crossed"]["by_timeframe"]["M1"].is_object());
        }
    }
}
