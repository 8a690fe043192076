//! Decisions about orders and the loop that no other test shows in a run, by hand arithmetic. Each test names its decision.

mod common;
mod scripted;

use common::{Ohlc, assert_same, job, m5, merge, near, signals};
use omega_backtest::{BacktestResult, Job, Outcome, RunStop, load, prepare, simulate};
use omega_data::Calendar;
use omega_indicators::ColumnStore;
use omega_strategy::{BarView, Intents, Registry, Strategy, StrategyError};
use omega_types::{
    Coded, Direction, ExitReason, Json, OrderType, Signal, Watch,
    trade::{
        RejectionCode::{
            ConflictingSignals, Cooldown, EntryPriceOutsideBar, InvalidExpiry, StopDistanceBelowMinimum,
            StopLossWrongSide, TakeProfitWrongSide, VolumeBelowMinimum,
        },
        StopKind,
    },
};
use scripted::{at_minutes, holding, market, only, order, refused, run_scripted, scripted_job};
use serde_json::json;

const SPREAD: f64 = 0.0001;

/// Closes at 1.10020 and moves a little around it.
const CALM: Ohlc = (1.10020, 1.10050, 1.09980, 1.10020);

fn scripted(bars: &[Ohlc], orders: &[Json], patch: &Json) -> BacktestResult {
    run_scripted(&scripted_job(m5(bars, SPREAD), orders, patch, None))
}

/// What `strategy` leaves behind over the market of `job`.
fn outcome(job: &Job, strategy: &mut dyn Strategy) -> Result<Outcome, RunStop> {
    let (store, watch) = (ColumnStore::new(), Watch::default());
    let loaded = load(job, &Registry::builtin(), &watch).expect("the candles are given");
    let (plan, _) = prepare(job, loaded, &store, &watch).expect("the job is sound");
    simulate(&plan, strategy, &watch)
}

/// A strategy that is nothing but a function of the bar.
struct OnBar<F>(F);

impl<F: FnMut(usize, &mut Intents)> Strategy for OnBar<F> {
    fn on_bar(&mut self, view: &BarView<'_>, intents: &mut Intents) -> Result<(), StrategyError> {
        (self.0)(view.bar, intents);
        Ok(())
    }
}

/// decisions.md 7: how gaps are counted changes what is said about them, and no trade.
#[test]
fn a_calendar_never_changes_a_trade() {
    // 20 of 30 bars are missing in the middle of a Tuesday.
    let minutes: Vec<i64> = (0..10).map(|bar| if bar < 5 { bar * 5 } else { 100 + bar * 5 }).collect();
    let mut bars = [CALM; 10];
    bars[7] = (1.10020, 1.10440, 1.10000, 1.10400);
    let order = order(0, "long market", &json!({"stop_loss": 1.09830, "take_profit": 1.10430}));
    let of = |calendar| {
        let mut job = scripted_job(at_minutes(&minutes, &bars), std::slice::from_ref(&order), &json!({}), None);
        job.options.calendar = Some(calendar);
        run_scripted(&job)
    };
    let [fx, always, none] = [Calendar::Fx, Calendar::Always, Calendar::None].map(of);
    let gaps = |result: &BacktestResult| result.warnings.iter().any(|warning| warning.code == "DATA_W_GAPS");
    assert_eq!([&fx, &always, &none].map(gaps), [true, true, false]);
    near(only(&fx).result, 200.0);
    let silent = |mut result: BacktestResult| {
        result.warnings.clear();
        result
    };
    let [fx, always, none] = [fx, always, none].map(silent);
    assert_same(&fx, &always);
    assert_same(&fx, &none);
}

/// decisions.md 20: scenario ids go from 0 to 255, in trades and in the rules that name them.
#[test]
fn every_scenario_id_can_be_used() {
    let with = |id: u8| order(0, "long market", &json!({"stop_loss": 1.09, "scenario_id": id}));
    let mut patch = holding(5, &[255]);
    merge(&mut patch, &json!({"account": {"max_positions": 3}}));
    let result = scripted(&[CALM; 4], &[with(0), with(255), with(7)], &patch);
    let found: Vec<_> = result.trades.iter().map(|t| (t.scenario_id, t.reason, t.exit_bar)).collect();
    let end = ExitReason::EndOfData;
    assert_eq!(found, [(255, ExitReason::Timeout, 1), (0, end, 3), (7, end, 3)]);
}

/// decisions.md 27, 45: both sides at once are counted once for the bar, without an order id; pending orders of both sides
/// may be sent on one bar.
#[test]
fn conflicting_signals_have_no_number_and_pending_orders_do_not_conflict() {
    let pending = |direction, price, stop| Signal {
        order_type: OrderType::Stop,
        entry_price: Some(price),
        stop_loss: Some(stop),
        ..Signal::market(direction)
    };
    let mut strategy = OnBar(|bar, intents: &mut Intents| {
        intents.conflicting = bar == 1 || bar == 2;
        if bar == 2 {
            intents.entries.push(pending(Direction::Long, 1.2, 1.1));
            intents.entries.push(pending(Direction::Short, 1.0, 1.1));
        }
    });
    let job = Job { signals: Some(signals(4, &[])), ..job(m5(&[CALM; 4], SPREAD), &json!({})) };
    let outcome = outcome(&job, &mut strategy).expect("the run ends");
    let refused: Vec<_> = outcome.journal.rejections().iter().map(|r| (r.order_id, r.bar, r.reason)).collect();
    assert_eq!(refused, [(None, 1, ConflictingSignals), (None, 2, ConflictingSignals)]);
    assert_eq!((outcome.orders, outcome.journal.counts()), (2, vec![(ConflictingSignals, 2)]));
    let ended: Vec<_> = outcome.order_counts.list().iter().map(|(state, count)| (state.as_str(), *count)).collect();
    assert_eq!(ended, [("cancelled:end_of_data", 2)]);
}

/// decisions.md 29: excursions go from the first tested bar to the bar before the exit by extremes of the closing side, and
/// the exit fill counts. A pending order is tested in the bar that fills it.
#[test]
fn excursions_begin_with_the_first_tested_bar() {
    let bars = [
        (1.10000, 1.10080, 1.09950, 1.10050),
        (1.10050, 1.10250, 1.10040, 1.10150),
        (1.10150, 1.10300, 1.10120, 1.10200),
        // The bar of the exit goes further both ways and does not count.
        (1.10200, 1.10350, 1.10010, 1.10200),
    ];
    let stop = order(0, "long stop", &json!({"entry_price": 1.10200, "stop_loss": 1.09900}));
    let of = |currency: &str| {
        let patch = json!({"account": {"account_currency": currency}});
        only(&scripted(&bars, std::slice::from_ref(&stop), &patch))
    };
    // 300 USD a lot at risk: 0.33 lots. Lowest bid 1.10040 in bar 1, highest 1.10300 in bar 2; out at 1.10200.
    let dollars = of("USD");
    assert_eq!((dollars.entry_bar, dollars.exit_bar, dollars.size), (1, 3, 0.33));
    near(dollars.mae, -0.0016 * 33_000.0);
    near(dollars.mfe, 0.001 * 33_000.0);
    // 300 / 1.102 = 272.23 EUR a lot: 0.36 lots. Each extreme is converted with itself as the own price.
    let euros = of("EUR");
    assert_eq!(euros.size, 0.36);
    near(euros.mae, -0.0016 * 36_000.0 / 1.10040);
    near(euros.mfe, 0.001 * 36_000.0 / 1.10300);
}

/// decisions.md 35: gate 11 reports the first of price in bar, stop side, target side, distance, sizing for a market order;
/// of stop side, target side, expiry, distance for a pending one. Each row repairs what the row before was refused for.
#[test]
fn gate_11_has_an_order() {
    let reason = |kind: &str, fields: &Json| {
        // Without a spread, so that a stop can be close to the fill and below the bid.
        let job = scripted_job(m5(&[CALM; 3], 0.0), &[order(0, kind, fields)], &json!({}), None);
        refused(&run_scripted(&job)).first().map(|refused| refused.2)
    };
    for (price, stop, target, size, expected) in [
        (1.2, 1.15, 1.05, 0.001, Some(EntryPriceOutsideBar)),
        (1.10020, 1.15, 1.05, 0.001, Some(StopLossWrongSide)),
        (1.10020, 1.100195, 1.05, 0.001, Some(TakeProfitWrongSide)),
        (1.10020, 1.100195, 1.2, 0.001, Some(StopDistanceBelowMinimum)),
        (1.10020, 1.09, 1.2, 0.001, Some(VolumeBelowMinimum)),
        (1.10020, 1.09, 1.2, 0.01, None),
    ] {
        let fields = json!({"entry_price": price, "stop_loss": stop, "take_profit": target, "size": size});
        assert_eq!(reason("long market", &fields), expected, "{fields}");
    }
    for (stop, target, expire, expected) in [
        (1.15, 1.05, 0, Some(StopLossWrongSide)),
        (1.089995, 1.05, 0, Some(TakeProfitWrongSide)),
        (1.089995, 1.2, 0, Some(InvalidExpiry)),
        (1.089995, 1.2, 1, Some(StopDistanceBelowMinimum)),
        (1.08, 1.2, 1, None),
    ] {
        // The volume is far below the minimum: that is a matter of the trigger.
        let fields = json!({"entry_price": 1.09, "stop_loss": stop, "take_profit": target, "size": 0.001,
            "expire_after_bars": expire});
        assert_eq!(reason("long limit", &fields), expected, "{fields}");
    }
}

/// decisions.md 38: with a spread multiplier the levels of a market order are compared with the execution view.
#[test]
fn levels_are_checked_where_orders_execute() {
    // Mid close 1.10025; three times the spread: execution bid 1.10010, raw bid 1.10020.
    let of = |multiplier: f64, stop: f64, target: f64| {
        let order = order(0, "long market", &json!({"stop_loss": stop, "take_profit": target}));
        let patch = json!({"costs": {"spread_multiplier": multiplier}});
        let none = json!({"slippage": {"model": "none"}});
        let result = run_scripted(&scripted_job(m5(&[CALM; 3], SPREAD), &[order], &patch, Some(&none)));
        refused(&result).first().map(|refused| refused.2)
    };
    assert_eq!((of(1.0, 1.10015, 1.2), of(3.0, 1.10015, 1.2)), (None, Some(StopLossWrongSide)));
    assert_eq!((of(1.0, 1.09, 1.10015), of(3.0, 1.09, 1.10015)), (Some(TakeProfitWrongSide), None));
}

/// decisions.md 38: `costs.pip_size` replaces the pip in slippage, in the touch buffer and in the smallest stop distance.
#[test]
fn a_pip_of_the_run_is_used_everywhere() {
    // A pip of 0.001: bought at 1.10030 + 0.001; the buffer is 0.0005, so a low of 1.09870 touches 1.09830.
    let mut bars = [CALM; 3];
    bars[1].2 = 1.09870;
    let of = |pip: Json, stop: f64| {
        let costs = json!({"slippage": {"model": "fixed", "fixed_pips": 1}});
        let patch = json!({"costs": {"pip_size": pip}});
        run_scripted(&scripted_job(m5(&bars, SPREAD), &[market(0, "long", stop)], &patch, Some(&costs)))
    };
    let large = only(&of(json!(0.001), 1.09830));
    near(large.entry_price, 1.10130);
    assert_eq!((large.reason, large.exit_bar), (ExitReason::StopLoss, 1));
    near(large.exit_price, 1.09730);
    let own = only(&of(Json::Null, 1.09830));
    near(own.entry_price, 1.10040);
    assert_eq!(own.reason, ExitReason::EndOfData);
    let without = |pip: f64, stop: f64| {
        let patch = json!({"costs": {"pip_size": pip}});
        refused(&scripted(&[CALM; 3], &[market(0, "long", stop)], &patch)).first().map(|refused| refused.2)
    };
    // Filled at 1.10030, 0.00095 above the stop: enough for a tenth of 0.0001, too close for a tenth of 0.01.
    assert_eq!((without(0.0001, 1.09935), without(0.01, 1.09935)), (None, Some(StopDistanceBelowMinimum)));
}

/// decisions.md 39: an exit is a gap exactly if its base is not the level.
#[test]
fn an_exit_is_a_gap_only_where_it_misses_the_level() {
    for (open, gap) in [(1.09830, false), (1.09829, true)] {
        let bars = [CALM, (open, 1.09850, 1.09700, 1.09800), CALM];
        let trade = only(&scripted(&bars, &[market(0, "long", 1.09830)], &json!({})));
        assert_eq!((trade.exit_bar, trade.exit_price, trade.gap_exit), (1, open, gap));
    }
}

/// One scale-out per level of profit in R.
fn partial_close(levels: &[(f64, f64)]) -> Json {
    let level = |&(r, fraction): &(f64, f64)| json!({"trigger": {"mode": "r", "value": r, "atr_period": 14}, "fraction": fraction});
    let levels: Vec<Json> = levels.iter().map(level).collect();
    let rule = json!({"enabled": true, "only_scenarios": [], "levels": levels});
    json!({"trade_management": {"enabled": true, "rules": {"partial_close": rule}}})
}

/// decisions.md 39: every record of a scale-out is partial, also the one that closes the last lots; what remains is counted
/// in whole steps.
#[test]
fn the_last_part_is_partial_too() {
    let bars = [CALM, (1.10020, 1.10260, 1.10010, 1.10240), (1.10240, 1.10360, 1.10230, 1.10340), CALM];
    let mut patch = partial_close(&[(1.0, 0.75), (1.5, 0.25)]);
    merge(&mut patch, &json!({"account": {"risk_per_trade": 16}}));
    // 16 of risk over 20 pips: 0.08 lots; 0.06 and then 0.02, although 0.08 - 0.06 is 0.020000000000000004.
    let result = scripted(&bars, &[market(0, "long", 1.09830)], &patch);
    let found: Vec<_> = result.trades.iter().map(|t| (t.reason, t.exit_bar, t.size, t.partial)).collect();
    assert_eq!(found, [(ExitReason::ScaleOut, 1, 0.06, true), (ExitReason::ScaleOut, 2, 0.02, true)]);
    assert!(result.open_positions.is_empty());
}

/// decisions.md 43: the cooldown after an exit begins with the fill that closes a position, whatever the reason; a partial
/// close does not begin it.
#[test]
fn any_exit_starts_the_cooldown_after_exit() {
    let cooling = json!({"account": {"max_positions": 2}, "execution": {"cooldown_minutes_after_exit": 10}});
    let again: Vec<Json> = (1..4).map(|bar| market(bar * 5, "long", 1.08)).collect();
    let of = |first: Json, touched: Ohlc, rules: &Json| {
        let mut patch = rules.clone();
        merge(&mut patch, &cooling);
        let orders: Vec<Json> = std::iter::once(first).chain(again.clone()).collect();
        scripted(&[CALM, touched, CALM, CALM, CALM], &orders, &patch)
    };
    let first = || order(0, "long market", &json!({"stop_loss": 1.09830, "take_profit": 1.10430}));
    let (stop, target) = ((1.10020, 1.10050, 1.09820, 1.10020), (1.10020, 1.10440, 1.09980, 1.10020));
    for (touched, rules, reason) in [
        (stop, json!({}), ExitReason::StopLoss),
        (target, json!({}), ExitReason::TakeProfit),
        (CALM, holding(5, &[]), ExitReason::Timeout),
    ] {
        let result = of(first(), touched, &rules);
        assert_eq!((result.trades[0].reason, result.trades[0].exit_bar), (reason, 1));
        // Bar 3 closes ten minutes after bar 1.
        assert_eq!(refused(&result)[..2], [(Some(2), 1, Cooldown), (Some(3), 2, Cooldown)], "{reason:?}");
        assert_eq!(result.trades[1].entry_bar, 3);
    }
    let winning = (1.10020, 1.10260, 1.10010, 1.10240);
    let result = of(market(0, "long", 1.09830), winning, &partial_close(&[(1.0, 0.5)]));
    assert_eq!((result.trades[0].reason, result.trades[0].exit_bar), (ExitReason::ScaleOut, 1));
    assert_eq!(refused(&result).first().map(|refused| refused.0), Some(Some(3)), "order 2 is the second position");
}

/// decisions.md 43: rules see a position that step 1 of the same bar opened.
#[test]
fn rules_see_what_the_bar_has_opened() {
    let bars = [
        (1.10000, 1.10080, 1.09950, 1.10050),
        // Fills the stop order at 1.10200 and closes 22 pips above it: more than 1 R of 20 pips.
        (1.10050, 1.10450, 1.10040, 1.10420),
        (1.10420, 1.10430, 1.10190, 1.10300),
        CALM,
    ];
    let rule = json!({"enabled": true, "only_scenarios": [], "buffer_pips": 0,
        "trigger": {"mode": "r", "value": 1, "atr_period": 14}});
    let patch = json!({"trade_management": {"enabled": true, "rules": {"break_even": rule}}});
    let order = order(0, "long stop", &json!({"entry_price": 1.10200, "stop_loss": 1.10000}));
    let trade = only(&scripted(&bars, &[order], &patch));
    // The stop lies at the entry from bar 2 on, whose low of 1.10190 touches it.
    assert_eq!((trade.reason, trade.stop_kind), (ExitReason::StopLoss, StopKind::BreakEven));
    assert_eq!((trade.entry_bar, trade.exit_bar, trade.exit_price), (1, 2, 1.10200));
}

/// decisions.md 43: the balance is a running figure: the entry fee, then at each exit the result and then the fee.
#[test]
fn the_balance_runs() {
    let costs = json!({"slippage": {"model": "fixed_random", "fixed_pips": 0.2, "random_pips": 0.3},
        "schema": "per_million_notional", "rate_per_million": 33.3});
    let orders: Vec<Json> = (0..30).map(|bar| market(bar * 5, "short", 1.1113)).collect();
    let job = scripted_job(m5(&[CALM; 31], SPREAD), &orders, &holding(5, &[]), Some(&costs));
    let result = run_scripted(&job);
    assert_eq!(result.trades.len(), 30);
    // One position at a time: closed in step 3 of a bar, the next one opened in step 4.
    let mut balance = 10_000.0;
    for trade in &result.trades {
        balance -= trade.entry_fee;
        balance += trade.result;
        balance -= trade.exit_fee;
    }
    assert_eq!(result.final_balance.to_bits(), f64::to_bits(balance));
}

/// decisions.md 47: a plan that was prepared without complaint stops for a price or figure that cannot exist, or because its
/// caller says so. (Rates that are missing: `conversion.rs`. Books that do not balance: `account.rs` of the portfolio.)
#[test]
fn a_simulation_stops_for_prices_figures_and_callers() {
    let job = |costs: &Json| {
        let patch = json!({"costs": {"enabled": true}});
        let costs = Some(common::file("execution_costs.yaml", json!({ "defaults": costs })));
        Job { signals: Some(signals(3, &[])), costs, ..job(m5(&[CALM; 3], SPREAD), &patch) }
    };
    let mut short = OnBar(|bar, intents: &mut Intents| {
        if bar == 0 {
            let signal = Signal::market(Direction::Short);
            intents.entries.push(Signal { stop_loss: Some(1.2), size: Some(200.0), ..signal });
        }
    });
    let price = outcome(&job(&json!({"slippage": {"model": "fixed", "fixed_pips": 20_000}})), &mut short);
    assert_eq!(price.expect_err("1.1002 - 2 is negative").code().name, "non_positive_fill_price");
    let figure = outcome(&job(&json!({"schema": "per_lot", "per_lot": 1e308})), &mut short);
    assert_eq!(figure.expect_err("200 times 1e308 is no number").code().name, "non_finite_value");
    let (job, store, watch) = (job(&json!({})), ColumnStore::new(), Watch::default());
    let loaded = load(&job, &Registry::builtin(), &watch).expect("the candles are given");
    let (plan, _) = prepare(&job, loaded, &store, &watch).expect("the job is sound");
    assert_eq!(simulate(&plan, &mut short, &watch).expect("the run ends").trades.len(), 1);
    watch.cancel();
    assert_eq!(simulate(&plan, &mut short, &watch).expect_err("cancelled").code().name, "ABORTED");
}

/// decisions.md 13; invariant 9 of execution.md 14, second half: the strategy sees every bar and every signal has its
/// number, whatever blocks it.
#[test]
fn what_a_strategy_sees_depends_on_no_gate() {
    let seen = |patch: &Json| {
        let mut bars = Vec::new();
        let mut strategy = OnBar(|bar, intents: &mut Intents| {
            bars.push(bar);
            intents.entries.push(Signal { stop_loss: Some(1.09), ..Signal::market(Direction::Long) });
        });
        let job = Job { signals: Some(signals(8, &[])), ..job(m5(&[CALM; 8], SPREAD), patch) };
        let outcome = outcome(&job, &mut strategy).expect("the run ends");
        (bars, outcome.orders, outcome.trades.len())
    };
    let all: Vec<usize> = (0..8).collect();
    for (patch, trades) in [
        (json!({}), 1),
        (json!({"account": {"max_positions": 20}}), 7),
        (json!({"sessions": [{"start": "03:00", "end": "04:00"}]}), 0),
        (json!({"execution": {"allowed_directions": "short"}}), 0),
        (json!({"account": {"max_positions": 20}, "execution": {"cooldown_bars": 4}}), 2),
    ] {
        assert_eq!(seen(&patch), (all.clone(), 8, trades), "{patch}");
    }
}
