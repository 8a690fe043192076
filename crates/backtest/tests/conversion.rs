//! Where a conversion takes its rates from: the candles of other pairs or constants. USDJPY in an account in euros, with
//! the bars, levels and figures of execution.md 1.3 and 12, example 10.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use common::{Ohlc, all_near, assert_same, file, job, near, run, run_once, side, start_ns};
use omega_backtest::{BacktestResult, DataSource, Job, RunOptions, check};
use omega_data::{
    Candles, FileSide, LoadRequest, MemorySeries, WantedTimeframe, dataset_from_memory, load_dataset,
    write::{Labels, encode, relative_path},
};
use omega_strategy::{Registry, SignalColumns, Signals};
use omega_types::{Dataset, Failure, Json, Timeframe, Watch, market::QuoteKind};
use serde_json::json;

/// Minutes after the start at which the bars of example 10 open; 15 is missing.
const MINUTES: [i64; 5] = [0, 5, 10, 20, 25];
/// Bid candles of example 10; ask = bid + 0.010.
const USDJPY: [Ohlc; 5] = [
    (145.00, 145.10, 144.95, 145.05),
    (145.05, 145.12, 145.00, 145.08),
    (145.08, 145.20, 145.02, 145.15),
    (145.15, 145.25, 145.10, 145.20),
    (145.20, 145.30, 145.15, 145.25),
];

fn times(minutes: &[i64]) -> Vec<i64> {
    minutes.iter().map(|minute| start_ns() + minute * 60_000_000_000).collect()
}

fn above(candles: &[Ohlc], spread: f64) -> Vec<Ohlc> {
    let grid = |x: f64| ((x + spread) * 1e3).round() / 1e3;
    candles.iter().map(|c| (grid(c.0), grid(c.1), grid(c.2), grid(c.3))).collect()
}

/// USDJPY in memory.
fn dataset(bid: &[Ohlc]) -> Arc<Dataset> {
    let ask = Some(side(&above(bid, 0.010)));
    let series = MemorySeries { timeframe: Timeframe::M5, time: times(&MINUTES), bid: side(bid), ask };
    Arc::new(dataset_from_memory("USDJPY", vec![series]).expect("candles are valid"))
}

/// A data root of its own.
struct Root(PathBuf);

impl Root {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn put(&self, pair: &str, side: FileSide, bytes: &[u8]) {
        let path = self.0.join(relative_path(pair, Timeframe::M5, side));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn write(&self, pair: &str, minutes: &[i64], sides: [&[Ohlc]; 2], crossed: Option<&Json>) {
        for (side, candles) in [FileSide::Bid, FileSide::Ask].into_iter().zip(sides) {
            let mut columns = Candles::default();
            for (time, c) in times(minutes).into_iter().zip(candles) {
                columns.push(time, [c.0, c.1, c.2, c.3, 1.0]);
            }
            let labels =
                Labels { symbol: pair, timeframe: Timeframe::M5, side, source: "native", ask_source: None, crossed };
            self.put(pair, side, &encode(&columns, &labels, &Watch::default()).unwrap());
        }
    }

    /// Candles of `pair` whose mid opens and closes are these: bid and ask lie 0.25 below and above.
    fn rates(&self, pair: &str, minutes: &[i64], mids: &[(f64, f64)]) {
        let shifted = |shift: f64| -> Vec<Ohlc> {
            mids.iter().map(|&(o, c)| (o + shift, o.max(c) + shift, o.min(c) + shift, c + shift)).collect()
        };
        self.write(pair, minutes, [&shifted(-0.25), &shifted(0.25)], None);
    }

    fn usdjpy(&self, bid: &[Ohlc]) {
        self.write("USDJPY", &MINUTES, [bid, &above(bid, 0.010)], None);
    }
}

/// A long from the close of bar 0 with the levels of example 10, closed at the close of bar `exit` if there is one.
fn long(exit: Option<usize>) -> Arc<Signals> {
    let first = |value: f64| Some(vec![value, f64::NAN, f64::NAN, f64::NAN, f64::NAN]);
    let exits = (0..5).map(|bar| u8::from(Some(bar) == exit)).collect();
    Arc::new(
        Signals::new(SignalColumns {
            direction: vec![1, 0, 0, 0, 0],
            stop_loss: first(144.560),
            take_profit: first(146.000),
            exit: Some(exits),
            ..SignalColumns::default()
        })
        .expect("signals are valid"),
    )
}

fn usdjpy_job(data: DataSource, exit: Option<usize>, fx: &Json) -> Job {
    let patch = json!({"symbol": "USDJPY", "account": {"account_currency": "EUR", "fx": fx}});
    let specs = json!({"USDJPY": {"contract_size": 100_000, "tick_size": 0.001, "pip_size": 0.01, "volume_max": 200}});
    Job {
        signals: Some(long(exit)),
        symbol_specs: Some(file("specs.yaml", specs)),
        data,
        ..job(dataset(&USDJPY), &patch)
    }
}

fn failure(job: &Job) -> Failure {
    Failure::of(&run_once(job).expect_err("the run fails"))
}

/// The error of a run, which is the same whether bars are skipped or not.
fn stopped(job: &Job) -> Failure {
    let every_bar = RunOptions { visit_every_bar: true, ..RunOptions::default() };
    let failed = failure(job);
    assert_eq!(failure(&Job { options: every_bar, ..job.clone() }), failed);
    failed
}

fn inputs(result: &BacktestResult) -> Vec<(&str, &str)> {
    result.provenance.inputs.iter().map(|input| (input.kind.as_str(), input.path.as_str())).collect()
}

fn leg(result: &BacktestResult) -> String {
    let leg = &result.provenance.fx_legs[0]["legs"][0];
    ["pair", "operation", "source"].map(|key| leg[key].as_str().unwrap()).join(" ")
}

/// The same candles as [`USDJPY`], but bar 2 falls to 144.50 and closes at the stop of 144.560.
fn falling() -> [Ohlc; 5] {
    let mut bars = USDJPY;
    bars[2] = (145.08, 145.20, 144.50, 144.56);
    bars[3] = (144.56, 145.25, 144.56, 145.20);
    bars
}

#[test]
fn example_10_a_third_currency_converts_by_a_constant() {
    // Closed by a signal at the bar at which the timeout of the example acts.
    let data = DataSource::Dataset(dataset(&USDJPY));
    let result = run(&usdjpy_job(data, Some(3), &json!({"static_rates": {"EURJPY": 160.0}})));
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    assert_eq!((trade.entry_price, trade.exit_price, trade.size), (145.060, 145.200, 0.32));
    // 0.140 * 32 000 = 4 480 JPY, / 160 = 28 EUR; 28 of 100 at risk.
    near(trade.result, 28.0);
    near(trade.r_multiple.unwrap(), 0.28);
    all_near(&result.curve().equity, &[9_998.0, 10_004.0, 10_018.0, 10_028.0, 10_028.0]);
    assert_eq!(leg(&result), "EURJPY divide static");
}

#[test]
fn example_10_candles_that_stand_still_give_the_same_figures() {
    let root = Root::new("fx-still");
    root.usdjpy(&USDJPY);
    root.rates("EURJPY", &MINUTES, &[(160.0, 160.0); 5]);
    let job = usdjpy_job(DataSource::Root(root.0.clone()), Some(3), &json!({"static_rates": {"EURJPY": 1.0}}));
    let result = run(&job);
    assert_eq!(leg(&result), "EURJPY divide candles", "candles win over the constant");
    near(result.trades[0].result, 28.0);
    all_near(&result.curve().equity, &[9_998.0, 10_004.0, 10_018.0, 10_028.0, 10_028.0]);
    // Exactly the files of the run (data.md 11): both pairs, both sides, and the specifications.
    assert_eq!(
        inputs(&result),
        [
            ("market_parquet_bid", "USDJPY/USDJPY_M5_BID.parquet"),
            ("market_parquet_ask", "USDJPY/USDJPY_M5_ASK.parquet"),
            ("market_parquet_bid", "EURJPY/EURJPY_M5_BID.parquet"),
            ("market_parquet_ask", "EURJPY/EURJPY_M5_ASK.parquet"),
            ("symbol_specs_yaml", "specs.yaml"),
        ]
    );
}

#[test]
fn illustration_of_execution_md_1_3_in_a_run() {
    // EURJPY of bar 2: open mid 160.00, close mid 160.40. Stopped inside the bar: -0.5 * 32 000 = -16 000 JPY at 160.00;
    // closed at its close: at 160.40.
    let root = Root::new("fx-illustration");
    root.rates("EURJPY", &MINUTES, &[(159.0, 160.0), (160.0, 160.0), (160.0, 160.4), (160.4, 161.0), (161.0, 161.0)]);
    let trade_of = |bars: &[Ohlc; 5], exit| {
        root.usdjpy(bars);
        let result = run(&usdjpy_job(DataSource::Root(root.0.clone()), exit, &json!({})));
        let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
        assert_eq!((trade.exit_bar, trade.size), (2, 0.32));
        (trade.exit_price, trade.result)
    };
    let (price, result) = trade_of(&falling(), None);
    assert_eq!(price, 144.560);
    near(result, -100.0);
    // 144.57 is above the stop and its buffer of half a pip (144.565): closed by signal, -0.49 * 32 000 = -15 680 JPY.
    let mut above_the_stop = falling();
    above_the_stop[2] = (145.08, 145.20, 144.57, 144.57);
    above_the_stop[3] = (144.57, 145.25, 144.57, 145.20);
    let (price, result) = trade_of(&above_the_stop, Some(2));
    assert_eq!(price, 144.57);
    near(result, -15_680.0 / 160.4);
}

#[test]
fn equity_and_excursions_follow_the_rate_bar_by_bar() {
    let root = Root::new("fx-moving");
    root.usdjpy(&USDJPY);
    // Closes 160, 128, 160, 200, 100.
    root.rates("EURJPY", &MINUTES, &[(160.0, 160.0), (160.0, 128.0), (128.0, 160.0), (160.0, 200.0), (200.0, 100.0)]);
    let result = run(&usdjpy_job(DataSource::Root(root.0.clone()), None, &json!({})));
    let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
    // Entry 145.060 at 160: 0.32 lots. Marks at 145.05, .08, .15, .20, .25: -320, 640, 2 880, 4 480, 6 080 JPY.
    all_near(&result.curve().equity, &[9_998.0, 10_005.0, 10_018.0, 10_022.4, 10_060.8]);
    near(trade.result, 60.8);
    // Highs: bar 1 0.06 * 32 000 / 128 = 15, bar 2 28, bar 3 30.4; the exit itself 60.8. Lows: bar 1 -0.06 * 32 000 / 128
    // = -15, bar 2 -8, bar 3 6.4.
    all_near(&[trade.mae, trade.mfe], &[-15.0, 60.8]);
}

#[test]
fn a_loaded_dataset_knows_where_the_candles_of_other_pairs_are() {
    let root = Root::new("fx-dataset");
    root.usdjpy(&USDJPY);
    root.rates("EURJPY", &MINUTES, &[(160.0, 128.0); 5]);
    let request = LoadRequest {
        root: root.0.clone(),
        symbol: "USDJPY".into(),
        quotes: QuoteKind::BidAsk,
        timeframes: vec![WantedTimeframe { timeframe: Timeframe::M5, required_by: None }],
    };
    let loaded = Arc::new(load_dataset(&request, &Watch::default()).unwrap());
    let from_root = run(&usdjpy_job(DataSource::Root(root.0.clone()), None, &json!({})));
    let from_dataset = run(&usdjpy_job(DataSource::Dataset(loaded), None, &json!({})));
    assert_same(&from_root, &from_dataset);
    assert_eq!(from_root.provenance, from_dataset.provenance);
    assert_eq!(inputs(&from_dataset).len(), 5);
    // Candles in memory come from nowhere: the constant counts, and without one there is no path.
    let in_memory = |fx: Json| usdjpy_job(DataSource::Dataset(dataset(&USDJPY)), None, &fx);
    assert_eq!(leg(&run(&in_memory(json!({"static_rates": {"EURJPY": 128.0}})))), "EURJPY divide static");
    let missing = failure(&in_memory(json!({"mode": "candles", "static_rates": {"EURJPY": 128.0}})));
    assert_eq!(missing.code, "fx_path_missing");
    assert!(missing.hint.unwrap().contains("candles of the primary timeframe in the data root for EURJPY"));
}

/// decisions.md 47: one of the errors that a simulation may raise.
#[test]
fn a_position_that_cannot_be_marked_stops_the_run_at_the_earliest_such_bar() {
    let root = Root::new("fx-stale");
    root.usdjpy(&USDJPY);
    root.rates("EURJPY", &[0], &[(160.0, 160.0)]);
    let of = |limit: u32, exit| usdjpy_job(DataSource::Root(root.0.clone()), exit, &json!({"stale_limit_bars": limit}));
    // The candle of bar 0 is 1, 2, 3 and 4 bars old at bars 1 to 4; nothing else happens there.
    for limit in 0..4 {
        let stale = stopped(&of(limit, None));
        assert_eq!((stale.code, stale.category), ("fx_rate_unavailable", "execution"));
        let details = &stale.details;
        assert_eq!((&details["pair"], &details["bar"]), (&json!("EURJPY"), &json!(limit + 1)));
        assert_eq!((&details["age_bars"], &details["stale_limit_bars"]), (&json!(limit + 1), &json!(limit)));
        assert!(stale.message.contains("EURJPY") && stale.hint.unwrap().contains("EURJPY M5"));
    }
    // Exactly at the limit it still counts.
    run(&of(4, None));
    // Without a position nothing is converted: closed at bar 2, whose candle is 2 bars old.
    run(&of(2, Some(2)));
    assert_eq!(stopped(&of(1, Some(2))).details["bar"], 2);
    let idle = Arc::new(Signals::new(SignalColumns { direction: vec![0; 5], ..SignalColumns::default() }).unwrap());
    run(&Job { signals: Some(idle), ..of(0, None) });
}

#[test]
fn an_entry_before_the_first_candle_of_its_rate_stops_the_run() {
    let root = Root::new("fx-late");
    root.usdjpy(&USDJPY);
    root.rates("EURJPY", &[5, 10, 20, 25], &[(160.0, 160.0); 4]);
    let late = stopped(&usdjpy_job(DataSource::Root(root.0.clone()), None, &json!({})));
    assert_eq!(
        (late.code, &late.details["bar"], &late.details["age_bars"]),
        ("fx_rate_unavailable", &json!(0), &Json::Null)
    );
}

#[test]
fn a_missing_candle_of_the_rate_falls_back_to_the_close_before() {
    let root = Root::new("fx-hole");
    root.rates("EURJPY", &[0, 5, 20, 25], &[(160.0, 160.0), (160.0, 128.0), (100.0, 100.0), (100.0, 100.0)]);
    root.usdjpy(&falling());
    // Stopped inside bar 2 at minute 10, which EURJPY lacks: -16 000 JPY at 128, the close of minute 5.
    let result = run(&usdjpy_job(DataSource::Root(root.0.clone()), None, &json!({})));
    near(result.trades[0].result, -125.0);
}

#[test]
fn parity_converts_fees_by_the_close_of_the_latest_candle() {
    // execution.md 9: also inside a bar. One lot costs 160 JPY: at the stop in bar 2 (open 160, close 128) 1.25 EUR a lot.
    let root = Root::new("fx-parity");
    root.usdjpy(&falling());
    root.rates("EURJPY", &MINUTES, &[(160.0, 160.0), (160.0, 160.0), (160.0, 128.0), (128.0, 128.0), (128.0, 128.0)]);
    let costs =
        json!({"defaults": {"slippage": {"model": "none"}, "schema": "per_lot", "per_lot": 160, "fee_ccy": "JPY"}});
    let of = |variant: &str| {
        let mut job = usdjpy_job(DataSource::Root(root.0.clone()), None, &json!({}));
        job.config.costs.enabled = true;
        job.config.execution_variant = serde_json::from_value(json!(variant)).unwrap();
        let result = run(&Job { costs: Some(file("costs.yaml", costs.clone())), ..job });
        let [trade] = result.trades[..] else { panic!("one trade, not {:?}", result.trades) };
        assert_eq!((trade.exit_bar, trade.size), (2, 0.32));
        (trade.entry_fee, trade.exit_fee)
    };
    // 0.32 * 160 / 160 = 0.32 EUR at the entry; at the exit 0.32 by the open, 0.40 by the close.
    let (entry, exit) = of("v2");
    near(entry, 0.32);
    near(exit, 0.32);
    assert_eq!(of("v1_parity"), (0.32, 0.4));
}

#[test]
fn the_candles_of_a_rate_pass_the_checks_of_all_candles_and_their_repairs_are_told() {
    let root = Root::new("fx-checks");
    root.usdjpy(&USDJPY);
    let job = usdjpy_job(DataSource::Root(root.0.clone()), None, &json!({}));
    let flat = [(160.0, 160.0, 160.0, 160.0); 5];
    let clamped = json!({"policy": "clamp", "bars": 2, "changed_bars": 3, "changed_fields": 4});
    root.write("EURJPY", &MINUTES, [&flat, &flat], Some(&clamped));
    let warnings = run(&job).warnings;
    let told = warnings.iter().find(|warning| warning.code == "DATA_W_CLAMPED").expect("the import is reported");
    assert!(told.message.starts_with("EURJPY M5: "), "{}", told.message);
    assert!(warnings.is_sorted());
    // Bid above ask, a high below the low, and no Parquet at all.
    root.write("EURJPY", &MINUTES, [&[(161.0, 161.0, 161.0, 161.0); 5], &flat], None);
    assert_eq!(failure(&job).code, "DATA_INVALID_SPREAD");
    root.write("EURJPY", &MINUTES, [&[(160.0, 159.0, 160.0, 160.0); 5], &flat], None);
    let ohlc = failure(&job);
    assert_eq!((ohlc.code, ohlc.message.contains("EURJPY/EURJPY_M5_BID.parquet")), ("DATA_OHLC", true));
    root.put("EURJPY", FileSide::Ask, b"no candles");
    assert_eq!(failure(&job).code, "DATA_OHLC", "bid before ask");
    root.put("EURJPY", FileSide::Bid, b"no candles");
    assert_eq!(failure(&job).code, "DATA_PARSE");
    // One side alone is no pair: there is no path before anything is read.
    fs::remove_file(root.0.join(relative_path("EURJPY", Timeframe::M5, FileSide::Ask))).unwrap();
    assert_eq!(Failure::of(&check(&job, &Registry::builtin()).unwrap_err()).code, "fx_path_missing");
}

/// The only test here that changes the working directory of the process; the others use absolute paths.
#[test]
fn nobody_looks_into_the_working_directory() {
    let root = Root::new("fx-working-directory");
    root.rates("EURJPY", &MINUTES, &[(160.0, 160.0); 5]);
    std::env::set_current_dir(&root.0).unwrap();
    let nowhere = usdjpy_job(DataSource::Root("".into()), None, &json!({"static_rates": {"EURJPY": 160.0}}));
    check(&nowhere, &Registry::builtin()).unwrap();
    let candles = usdjpy_job(DataSource::Root("".into()), None, &json!({"mode": "candles"}));
    assert_eq!(Failure::of(&check(&candles, &Registry::builtin()).unwrap_err()).code, "fx_path_missing");
}
