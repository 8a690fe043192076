//! The worked examples and edge cases of metrics.md, through the public API.

mod common;

use common::{Curve, trade};
use omega_metrics::{
    AccountFacts, DailyCloses, Domain, EquityCollector, EquityFacts, METRICS, MetricValue, core_metrics,
};
use omega_types::{Trade, equity::EquityListener, time::DAY_NS};

const START: f64 = 10_000.0;

/// One bar per day.
fn daily(equity: &[f64]) -> EquityFacts {
    let time: Vec<i64> = (0..equity.len() as i64).map(|day| day * DAY_NS).collect();
    let mut collector = EquityCollector::new(START, &time);
    collector.stretch(&Curve(equity));
    collector.finish()
}

struct Values(Vec<(&'static str, MetricValue)>);

impl Values {
    fn of(trades: &[Trade], equity: &[f64]) -> Self {
        let fees_total = trades.iter().fold(0.0, |sum, trade| sum + trade.entry_fee + trade.exit_fee);
        Self(core_metrics(trades, &daily(equity), AccountFacts { initial_balance: START, fees_total }))
    }

    fn get(&self, key: &str) -> Option<f64> {
        self.0.iter().find(|(name, _)| *name == key).unwrap_or_else(|| panic!("no {key}")).1.number()
    }

    #[track_caller]
    fn are(&self, expected: &[(&str, f64)]) {
        for &(key, value) in expected {
            assert_eq!(self.get(key), Some(value), "{key}");
        }
    }

    /// Every value fits the domain and the type that its definition states.
    #[track_caller]
    fn fit_their_definitions(&self) {
        let definitions = omega_metrics::definitions();
        let keys: Vec<_> = definitions.as_object().unwrap().keys().cloned().collect();
        let values = omega_metrics::values(&self.0);
        assert_eq!(values.as_object().unwrap().keys().cloned().collect::<Vec<_>>(), keys);
        for (metric, (key, value)) in METRICS.iter().zip(&self.0) {
            assert_eq!(metric.key, *key);
            match value.number() {
                Some(number) => assert!(metric.domain.contains(number), "{key} = {number}"),
                None => assert!(definitions[key]["type"] == "number|string" && values[key] == "n/a", "{key}"),
            }
            assert!(metric.domain != Domain::UnitInterval || value.number().is_some());
        }
    }
}

fn example_1() -> Vec<Trade> {
    let results = [120.0, -100.0, 80.0, -100.0, 0.0, 150.5, -60.25, 45.0];
    results.iter().zip([0, 0, 1, 1, 1, 4, 4, 4]).map(|(&result, day)| trade(result, day)).collect()
}

/// Example: metrics.md 7, example 1.
#[test]
fn example_1_trades() {
    let values = Values::of(&example_1(), &[]);
    values.are(&[
        ("total_trades", 8.0),
        ("wins", 4.0),
        ("losses", 3.0),
        ("win_rate", 0.5),
        ("profit_gross", 135.25),
        ("fees_total", 40.0),
        ("profit_net", 95.25),
        ("avg_trade_pnl", 11.91),
        ("avg_win", 98.88),
        ("avg_loss", 86.75),
        ("largest_win", 150.5),
        ("largest_loss", 100.0),
        ("profit_factor", 1.519693),
        ("avg_r_multiple", 0.169062),
        ("expectancy", 0.169062),
        ("active_days", 3.0),
        ("trades_per_day", 2.666667),
        ("sharpe_trade_r", 0.17304),
        ("sortino_trade_r", 0.311071),
    ]);
    values.fit_their_definitions();
}

/// Example: metrics.md 7, example 2 (its Calmar ratios are tested beside the formula).
#[test]
fn example_2_equity() {
    let equity = [
        10_000.0, 10_100.0, 10_050.0, 9_900.0, 10_000.0, 10_100.0, 10_200.0, 10_150.0, 10_250.0, 10_000.0, 9_950.0,
        10_050.0,
    ];
    let values = Values::of(&[], &equity);
    values.are(&[("max_drawdown", 0.029268), ("max_drawdown_abs", 300.0), ("max_drawdown_duration_bars", 4.0)]);
    values.fit_their_definitions();
}

/// Example: metrics.md 7, example 3.
#[test]
fn example_3_daily() {
    let equity =
        [10_000.0, 10_080.0, 10_040.0, 10_120.0, 10_090.0, 10_210.0, 10_150.0, 10_150.0, 10_260.0, 10_200.0, 10_330.0];
    let values = Values::of(&[], &equity);
    values.are(&[("sharpe_equity_daily", 6.7531), ("sortino_equity_daily", 17.042303)]);
    // The unrounded mean of the example.
    let returns = daily(&equity).daily_returns();
    let sum = returns.iter().fold(0.0, |sum, r| sum + r);
    assert_eq!((returns.len(), sum / 10.0), (10, 0.0032786401643946582));
}

#[test]
fn no_trades() {
    let values = Values::of(&[], &[START, START, START]);
    let zero = ["win_rate", "profit_net", "avg_r_multiple", "expectancy", "profit_factor", "avg_trade_pnl"];
    values.are(&zero.map(|key| (key, 0.0)));
    values.are(&["trades_per_day", "avg_win", "avg_loss", "largest_win", "largest_loss"].map(|key| (key, 0.0)));
    assert_eq!((values.get("sharpe_trade_r"), values.get("sortino_trade_r")), (None, None));
    values.fit_their_definitions();
}

#[test]
fn only_wins() {
    let values = Values::of(&[trade(100.0, 0), trade(50.0, 0)], &[]);
    // Nothing lost: profit factor 0; R = 1, 0.5: mean 0.75, sd sqrt(0.125), no downside.
    values.are(&[("profit_factor", 0.0), ("win_rate", 1.0), ("avg_loss", 0.0), ("sharpe_trade_r", 2.12132)]);
    assert_eq!(values.get("sortino_trade_r"), None);
    values.fit_their_definitions();
}

#[test]
fn only_losses() {
    let values = Values::of(&[trade(-100.0, 0), trade(-50.0, 0)], &[]);
    // R = -1, -0.5: mean -0.75, sd sqrt(0.125), dd sqrt(1.25 / 2).
    values.are(&[
        ("profit_factor", 0.0),
        ("win_rate", 0.0),
        ("avg_win", 0.0),
        ("avg_loss", 75.0),
        ("sharpe_trade_r", -2.12132),
        ("sortino_trade_r", -0.948683),
    ]);
    values.fit_their_definitions();
}

/// decisions.md 28: trades without a stop have no R; those that have one are averaged alone.
#[test]
fn trades_without_risk() {
    let mut trades = vec![trade(100.0, 0), trade(50.0, 0)];
    trades[0].risk = None;
    assert_eq!(Values::of(&trades, &[]).get("avg_r_multiple"), Some(0.5));
    assert_eq!(Values::of(&trades, &[]).get("sharpe_trade_r"), None);
    trades[1].risk = None;
    let values = Values::of(&trades, &[]);
    assert_eq!((values.get("avg_r_multiple"), values.get("expectancy")), (None, None));
    values.are(&[("profit_gross", 150.0)]);
    values.fit_their_definitions();
}

#[test]
fn one_trade_has_no_ratio() {
    let values = Values::of(&[trade(100.0, 0)], &[]);
    assert_eq!((values.get("avg_r_multiple"), values.get("sharpe_trade_r")), (Some(1.0), None));
}

#[test]
fn equal_trades_have_no_deviation() {
    // Mean R = 1 over sd 0: not a number; mean 0 over sd 0: 0.
    assert_eq!(Values::of(&[trade(100.0, 0), trade(100.0, 0)], &[]).get("sharpe_trade_r"), None);
    assert_eq!(Values::of(&[trade(0.0, 0), trade(0.0, 0)], &[]).get("sharpe_trade_r"), Some(0.0));
}

#[test]
fn constant_equity() {
    let values = Values::of(&[], &[START; 5]);
    values.are(&[
        ("sharpe_equity_daily", 0.0),
        ("sortino_equity_daily", 0.0),
        ("max_drawdown", 0.0),
        ("max_drawdown_duration_bars", 0.0),
        ("calmar_ratio", 0.0),
    ]);
}

#[test]
fn one_bar_and_no_bar() {
    for equity in [&[9_900.0][..], &[]] {
        let values = Values::of(&[], equity);
        values.are(&[("calmar_ratio", 0.0), ("max_drawdown_duration_bars", equity.len() as f64)]);
        assert_eq!((values.get("sharpe_equity_daily"), values.get("sortino_equity_daily")), (None, None));
        values.fit_their_definitions();
    }
}

#[test]
fn one_day_has_no_return() {
    let time = [0, 1_000, 2_000];
    let mut days = DailyCloses::new(&time);
    days.stretch(&Curve(&[1.0, 2.0, 3.0]));
    let facts = EquityFacts { daily_closes: days.finish(), ..EquityFacts::default() };
    assert_eq!((facts.daily_closes.len(), facts.daily_returns().len()), (1, 0));
}

#[test]
fn equity_below_zero() {
    let values = Values::of(&[], &[START, -500.0, -800.0]);
    // The share is clamped, the money is not; the return that starts below zero is left out, one is too few.
    values.are(&[("max_drawdown", 1.0), ("max_drawdown_abs", 10_800.0), ("max_drawdown_duration_bars", 2.0)]);
    assert_eq!(values.get("sharpe_equity_daily"), None);
    values.fit_their_definitions();
}

#[test]
fn equity_never_above_the_start() {
    // Peak -1, end 2: 3 bars.
    Values::of(&[], &[9_990.0, 9_995.0, 9_980.0]).are(&[("max_drawdown_duration_bars", 3.0), ("max_drawdown", 0.002)]);
}

#[test]
fn recovery_exactly_at_the_old_high() {
    // Peak 0, recovery 2; bar 3 falls from a peak at 2 to the end: 1.
    Values::of(&[], &[10_100.0, 10_000.0, 10_100.0, 10_050.0]).are(&[("max_drawdown_duration_bars", 2.0)]);
}
