//! The worked examples and edge cases of metrics.md for the metrics beyond the core, through the public API.

mod common;

use common::{Curve, trade};
use omega_metrics::{
    AccountFacts, Benchmark, EXTENDED_METRICS, Extended, ExtendedCollector, ExtendedInputs, PeriodsPerYear,
};
use omega_types::{
    Json, Trade,
    equity::EquityListener,
    time::{DAY_NS, days_from_civil, iso},
};
use proptest::prelude::*;
use serde_json::json;

const START: f64 = 10_000.0;

/// The twelve bars of metrics.md 3.
const SECTION_3: [f64; 12] = [
    10_000.0, 10_100.0, 10_050.0, 9_900.0, 10_000.0, 10_100.0, 10_200.0, 10_150.0, 10_250.0, 10_000.0, 9_950.0,
    10_050.0,
];

/// What a run left behind; everything else is empty.
#[derive(Default)]
struct Run<'a> {
    trades: &'a [Trade],
    time: &'a [i64],
    equity: &'a [f64],
    /// Bid and ask alike; none: as long as `time`, constant.
    closes: &'a [f64],
    every_day: bool,
}

struct Values(Extended);

impl Run<'_> {
    fn values(&self) -> Values {
        let mut collector = ExtendedCollector::new(START, self.time);
        collector.stretch(&Curve(self.equity));
        let constant = vec![1.0; self.time.len()];
        let closes = if self.closes.is_empty() { &constant } else { self.closes };
        let inputs = ExtendedInputs {
            trades: self.trades,
            open_since: &[],
            time: self.time,
            trading: (0, self.time.len()),
            benchmark: &Benchmark::of(self.time, closes, closes),
            account: AccountFacts { initial_balance: START, fees_total: 0.0 },
            periods_per_year: if self.every_day { PeriodsPerYear::EveryDay } else { PeriodsPerYear::TradingDays },
        };
        let values = Values(Extended::of(&inputs, &collector.finish()));
        values.fit_their_definitions();
        values
    }
}

impl Values {
    fn get(&self, key: &str) -> Option<f64> {
        self.0.metrics.iter().find(|(name, _)| *name == key).unwrap_or_else(|| panic!("no {key}")).1.number()
    }

    #[track_caller]
    fn are(&self, expected: &[(&str, f64)]) {
        for &(key, value) in expected {
            assert_eq!(self.get(key), Some(value), "{key}");
        }
    }

    #[track_caller]
    fn are_missing(&self, keys: &[&str]) {
        for key in keys {
            assert_eq!(self.get(key), None, "{key}");
        }
    }

    /// Every value fits the domain and the type that its definition states, and keys agree.
    #[track_caller]
    fn fit_their_definitions(&self) {
        let (definitions, values) = (self.0.definitions(), self.0.values());
        let keys = |object: &Json| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&values), keys(&definitions));
        for (metric, (key, value)) in EXTENDED_METRICS.iter().zip(&self.0.metrics) {
            assert_eq!(metric.key, *key);
            match value.number() {
                Some(number) => assert!(metric.domain.contains(number), "{key} = {number}"),
                None => assert!(definitions[key]["type"] == "number|string" && values[key] == "n/a", "{key}"),
            }
        }
    }

    fn tables(&self) -> Json {
        self.0.tables.to_json()
    }
}

fn every_day(days: usize) -> Vec<i64> {
    (0..days as i64).map(|day| day * DAY_NS).collect()
}

/// Example: metrics.md 7, example 1.
#[test]
fn example_1_trades() {
    let results = [120.0, -100.0, 80.0, -100.0, 0.0, 150.5, -60.25, 45.0];
    let trades: Vec<Trade> =
        results.iter().zip([0, 0, 1, 1, 1, 4, 4, 4]).map(|(&result, day)| trade(result, day)).collect();
    let values = Run { trades: &trades, ..Run::default() }.values();
    values.are(&[
        ("win_rate_net", 0.5),
        ("payoff_ratio", 1.339875),
        ("profit_factor_net", 1.339875),
        ("kelly_fraction", 0.126831),
        ("sqn", 0.344683),
        ("max_consecutive_wins", 1.0),
        ("max_consecutive_losses", 2.0),
        ("expectancy_pnl", 11.91), // 95.25 / 8
        ("trades_without_r", 0.0),
    ]);
}

/// Example: metrics.md 7, example 2.
#[test]
fn example_2_equity() {
    let over = |days: f64| -> Vec<i64> { (0..12).map(|k| (days / 11.0 * k as f64 * DAY_NS as f64) as i64).collect() };
    let time = over(90.0);
    let values = Run { time: &time, equity: &SECTION_3, ..Run::default() }.values();
    values.are(&[
        ("total_return", 0.005),
        ("cagr", 0.020447),
        ("recovery_factor", 0.166667),
        ("time_in_drawdown", 0.583333),
        ("avg_drawdown", 0.017991),
        ("avg_drawdown_duration_bars", 3.0),
        ("deepest_drawdown_duration_bars", 3.0),
        // The longest episode lasts from bar 1 to bar 5: 4/11 of 90 days.
        ("max_drawdown_duration_days", 32.727273),
    ]);
    let time = over(730.5);
    // Two years: A = 0.002496883.
    Run { time: &time, equity: &SECTION_3, ..Run::default() }.values().are(&[("cagr", 0.002497)]);
}

const EXAMPLE_3_EQUITY: [f64; 11] =
    [10_000.0, 10_080.0, 10_040.0, 10_120.0, 10_090.0, 10_210.0, 10_150.0, 10_150.0, 10_260.0, 10_200.0, 10_330.0];
const EXAMPLE_3_CLOSES: [f64; 11] =
    [1.1000, 1.1030, 1.1010, 1.1050, 1.1020, 1.1070, 1.1060, 1.1040, 1.1080, 1.1055, 1.1095];

/// Example: metrics.md 7, example 3.
#[test]
fn example_3_daily() {
    let time = every_day(11);
    let run = Run { time: &time, equity: &EXAMPLE_3_EQUITY, closes: &EXAMPLE_3_CLOSES, ..Run::default() };
    run.values().are(&[
        ("volatility_annual", 0.122346),
        ("best_day", 0.012745),
        ("worst_day", -0.005877),
        ("omega_ratio", 2.757303),
        ("var_95", -0.005864),
        ("cvar_95", -0.005877),
        ("tail_ratio", 2.108162),
        ("ulcer_index_daily", 0.340857),
        ("skew", -0.017876),
        ("kurtosis_excess", -2.103816),
        ("beta", 2.449852),
        ("alpha_annual", 0.29264),
        ("benchmark_correlation", 0.94657),
        ("buy_hold_return", 0.008636),
    ]);
}

/// decisions.md 55: a calendar without weekends has 365 periods.
#[test]
fn annualised_metrics_follow_the_calendar() {
    let time = every_day(11);
    let run =
        Run { time: &time, equity: &EXAMPLE_3_EQUITY, closes: &EXAMPLE_3_CLOSES, every_day: true, ..Run::default() };
    // Example 3: sd 0.007707097497022687; alpha 0.29264 over 252 is 0.00116127 a day.
    let values = run.values();
    values.are(&[("volatility_annual", 0.147244)]); // 0.0077070975 x 19.10497317
    assert!((values.get("alpha_annual").unwrap() - 0.29264 / 252.0 * 365.0).abs() < 1e-6);
    values.are(&[("beta", 2.449852), ("var_95", -0.005864)]);
}

/// decisions.md 28.
#[test]
fn trades_without_an_intended_risk_are_counted() {
    let mut trades = vec![trade(100.0, 0), trade(50.0, 0), trade(-20.0, 0)];
    trades[0].risk = None;
    trades[2].risk = Some(0.0);
    trades[1].r_multiple = Some(0.75);
    trades[2].r_multiple = Some(-0.25);
    let values = Run { trades: &trades, ..Run::default() }.values();
    values.are(&[("trades_without_r", 2.0), ("avg_r_price", 0.25)]); // (0.75 - 0.25) / 2
    Run { trades: &trades[..1], ..Run::default() }.values().are_missing(&["avg_r_price"]);
}

const OF_TRADES: [&str; 11] = [
    "sqn",
    "kelly_fraction",
    "payoff_ratio",
    "win_rate_net",
    "profit_factor_net",
    "expectancy_pnl",
    "avg_r_price",
    "avg_trade_duration_minutes",
    "max_trade_duration_minutes",
    "avg_trade_duration_bars",
    "exposure_time",
];

#[test]
fn no_trades() {
    let time = every_day(3);
    let values = Run { time: &time, equity: &[START; 3], ..Run::default() }.values();
    values.are_missing(&OF_TRADES[..10]);
    values.are(&[("exposure_time", 0.0), ("max_consecutive_wins", 0.0), ("max_consecutive_losses", 0.0)]);
    values.are(&[("trades_without_r", 0.0), ("total_return", 0.0)]);
}

#[test]
fn one_trade_and_trades_of_one_kind() {
    let one = Run { trades: &[trade(105.0, 0)], ..Run::default() }.values();
    one.are(&[("win_rate_net", 1.0), ("expectancy_pnl", 100.0), ("max_consecutive_wins", 1.0)]);
    one.are_missing(&["sqn", "kelly_fraction", "payoff_ratio", "profit_factor_net"]);
    // Equal results: mean over a deviation of zero is nothing; results of zero after fees give 0.
    Run { trades: &[trade(105.0, 0), trade(105.0, 0)], ..Run::default() }.values().are_missing(&["sqn"]);
    let flat = Run { trades: &[trade(5.0, 0), trade(5.0, 0)], ..Run::default() }.values();
    flat.are(&[("sqn", 0.0), ("win_rate_net", 0.0)]);
    // Net -105 and -55: no winner, so no payoff; nothing won over 160 lost.
    let lost = Run { trades: &[trade(-100.0, 0), trade(-50.0, 0)], ..Run::default() }.values();
    lost.are(&[("profit_factor_net", 0.0), ("expectancy_pnl", -80.0), ("max_consecutive_losses", 2.0)]);
    lost.are_missing(&["payoff_ratio", "kelly_fraction"]);
}

const OF_RETURNS: [&str; 10] = [
    "volatility_annual",
    "tail_ratio",
    "var_95",
    "cvar_95",
    "omega_ratio",
    "skew",
    "kurtosis_excess",
    "beta",
    "alpha_annual",
    "benchmark_correlation",
];

#[test]
fn constant_equity_has_no_shape() {
    let time = every_day(6);
    let values = Run { time: &time, equity: &[START; 6], closes: &EXAMPLE_3_CLOSES[..6], ..Run::default() }.values();
    values.are(&[
        ("volatility_annual", 0.0),
        ("best_day", 0.0),
        ("worst_day", 0.0),
        ("var_95", 0.0),
        ("cvar_95", 0.0),
        ("ulcer_index_daily", 0.0),
        ("time_in_drawdown", 0.0),
        ("max_drawdown_duration_days", 0.0),
        ("positive_months", 0.0),
        ("beta", 0.0),
        ("alpha_annual", 0.0),
        ("cagr", 0.0),
    ]);
    values.are_missing(&["tail_ratio", "omega_ratio", "skew", "kurtosis_excess", "recovery_factor", "avg_drawdown"]);
    values.are_missing(&["avg_drawdown_duration_bars", "deepest_drawdown_duration_bars", "benchmark_correlation"]);
    // Prices that do not move have no variance to divide by.
    Run { time: &time, equity: &SECTION_3[..6], ..Run::default() }.values().are_missing(&["beta", "alpha_annual"]);
}

#[test]
fn the_moments_need_their_samples() {
    // Two, three and four returns.
    for (days, missing) in [(3, &["skew", "kurtosis_excess"][..]), (4, &["kurtosis_excess"]), (5, &[])] {
        let time = every_day(days);
        let values = Run { time: &time, equity: &SECTION_3[..days], ..Run::default() }.values();
        values.are_missing(missing);
        assert!(["skew", "kurtosis_excess"].iter().all(|key| missing.contains(key) || values.get(key).is_some()));
    }
}

#[test]
fn one_bar_and_no_bar() {
    let one = Run { time: &[0], equity: &[9_900.0], ..Run::default() }.values();
    one.are(&[("total_return", -0.01), ("best_month", -0.01), ("worst_month", -0.01), ("time_in_drawdown", 1.0)]);
    // From the start of the run, which has the stamp of the first bar, to the last bar.
    one.are(&[("max_drawdown_duration_days", 0.0), ("deepest_drawdown_duration_bars", 1.0), ("recovery_factor", -1.0)]);
    one.are_missing(&["cagr", "best_day", "worst_day", "ulcer_index_daily", "buy_hold_return"]);
    one.are_missing(&OF_RETURNS);
    let none = Run::default().values();
    none.are_missing(&["total_return", "cagr", "best_month", "positive_months", "exposure_time", "time_in_drawdown"]);
    none.are_missing(&OF_RETURNS);
    assert_eq!(none.tables(), json!({"monthly_returns": [], "yearly_returns": [], "drawdowns": []}));
}

#[test]
fn one_day_of_many_bars_has_no_return() {
    let time: Vec<i64> = (0..12).map(|bar| bar * 300_000_000_000).collect();
    let values = Run { time: &time, equity: &SECTION_3, ..Run::default() }.values();
    values.are_missing(&["best_day", "worst_day", "ulcer_index_daily"]);
    values.are_missing(&OF_RETURNS);
    values.are(&[("total_return", 0.005), ("best_month", 0.005), ("max_drawdown_duration_days", 0.013889)]); // 20 min
}

#[test]
fn a_ruined_account() {
    let time = every_day(5);
    let equity = [START, -500.0, -800.0, -100.0, 50.0];
    let values = Run { time: &time, equity: &equity, closes: &EXAMPLE_3_CLOSES[..5], ..Run::default() }.values();
    // One return is left: (-500 - 10000) / 10000; the others start below zero.
    values.are(&[("best_day", -1.05), ("worst_day", -1.05), ("total_return", -0.995), ("avg_drawdown", 1.0)]);
    values.are(&[("recovery_factor", -0.921296)]); // -9950 / 10800
    values.are_missing(&OF_RETURNS[..3]);
    values.are_missing(&["beta", "alpha_annual", "benchmark_correlation"]);
    // sqrt((0 + 105² + 108² + 101² + 99.5²) / 5): falls below zero are deeper than the whole.
    values.are(&[("ulcer_index_daily", 92.509729)]);
    let ends_below = Run { time: &time[..3], equity: &equity[..3], ..Run::default() }.values();
    ends_below.are_missing(&["cagr"]);
    ends_below.are(&[("total_return", -1.08)]);
}

#[test]
fn the_tables_have_months_years_and_the_deepest_drawdowns() {
    let day = |year, month, day| days_from_civil(year, month, day) * DAY_NS;
    // Two bars a day on the last one; a month without bars; a year's end.
    let time = [day(2023, 11, 30), day(2023, 12, 29), day(2024, 2, 1), day(2024, 2, 1) + 3_600_000_000_000];
    let equity = [11_000.0, 9_900.0, 9_900.0, 10_890.0];
    let values = Run { time: &time, equity: &equity, ..Run::default() }.values();
    // 11000/10000, 9900/11000, 10890/9900; years 9900/10000, 10890/9900.
    let expected = json!({
        "monthly_returns": [
            {"year": 2023, "month": 11, "return": 0.1},
            {"year": 2023, "month": 12, "return": -0.1},
            {"year": 2024, "month": 2, "return": 0.1},
        ],
        "yearly_returns": [{"year": 2023, "return": -0.01}, {"year": 2024, "return": 0.1}],
        "drawdowns": [{
            "depth": 0.1, "depth_abs": 1100.0, "duration_bars": 3,
            "peak_time": "2023-11-30T00:00:00Z", "peak_time_ns": time[0],
            "valley_time": "2023-12-29T00:00:00Z", "valley_time_ns": time[1],
            "recovery_time": null, "recovery_time_ns": null,
        }],
    });
    assert_eq!(values.tables(), expected);
    values.are(&[("best_month", 0.1), ("worst_month", -0.1), ("positive_months", 0.666667)]);
}

#[test]
fn only_the_five_deepest_drawdowns_are_listed_and_ties_by_their_peak() {
    // Falls of 1, 3, 2, 3, 1, 4 from 10 000, each recovered on the next bar; the first peak is the start of the run.
    let equity: Vec<f64> = [1.0, 3.0, 2.0, 3.0, 1.0, 4.0].iter().flat_map(|fall| [START - fall, START]).collect();
    let time = every_day(equity.len());
    let tables = Run { time: &time, equity: &equity, ..Run::default() }.values().tables();
    let rows = tables["drawdowns"].as_array().unwrap();
    let peaks: Vec<&str> = rows.iter().map(|row| row["peak_time"].as_str().unwrap()).collect();
    // Depths 4 3 3 2 1; the peak of fall k is bar 2k - 1, that of the first one the stamp of bar 0.
    let expected: Vec<String> = [9, 1, 5, 3, 0].map(|bar| iso(bar * DAY_NS)).to_vec();
    assert_eq!(peaks, expected);
    assert!(rows.iter().all(|row| row["duration_bars"] == 2 && row["recovery_time_ns"].is_i64()));
}

proptest! {
    /// Property: months and years multiply to the whole (metrics.md 5), and every value fits its definition.
    #[test]
    fn periods_multiply_to_the_whole(
        steps in prop::collection::vec((1i64..40, 0.5f64..1.6), 1..60),
        first in -20_000i64..20_000,
    ) {
        let mut day = first;
        let (mut time, mut equity) = (Vec::new(), Vec::new());
        let mut level = START;
        for (days, factor) in steps {
            day += days;
            level *= factor;
            time.push(day * DAY_NS);
            equity.push(level);
        }
        let values = Run { time: &time, equity: &equity, ..Run::default() }.values();
        let tables = &values.0.tables;
        for rows in [&tables.monthly_returns, &tables.yearly_returns] {
            let product = rows.iter().fold(1.0, |product, row| product * (1.0 + row.value.unwrap()));
            // A few dozen roundings of 2^-53 each.
            prop_assert!((product - level / START).abs() <= 1e-13 * (level / START), "{} {}", product, level / START);
        }
    }

    /// Property: no input makes a value leave its definition; nothing panics.
    #[test]
    fn every_value_fits_its_definition(
        equity in prop::collection::vec(prop_oneof![-1e5..1e5, Just(0.0), Just(START), -1e300..1e300], 0..60),
        results in prop::collection::vec(prop_oneof![-1e4..1e4, Just(0.0), Just(5.0), -1e300..1e300], 0..30),
        gap in 1i64..100,
    ) {
        let time: Vec<i64> = (0..equity.len() as i64).map(|bar| bar * gap * 3_600_000_000_000).collect();
        let closes: Vec<f64> = (0..equity.len()).map(|bar| 1.0 + (bar * 7 % 5) as f64 * 0.01).collect();
        let trades: Vec<Trade> = results.iter().map(|&result| trade(result, 0)).collect();
        Run { trades: &trades, time: &time, equity: &equity, closes: &closes, ..Run::default() }.values();
    }
}
