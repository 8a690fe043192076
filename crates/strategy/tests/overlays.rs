//! Overlays of scenario 6 on other timeframes: which bar they see, how long, and what their numbers know of the past
//! (strategy specification 5.2, 7.2; indicators.md 3; decisions.md 14, 42).

mod common;

use common::*;
use omega_strategy::Init;
use omega_types::{Direction, Market, Series, Signal, Timeframe, time::MINUTE_NS};
use serde_json::{Value, json};

/// M5 bars at `minutes` after midnight; bars of `timeframe` with the given closes, the first at minute `from`.
fn market_at(minutes: &[i64], timeframe: Timeframe, from: i64, closes: &[i64]) -> Market {
    let midnight = day_ns(2024, 1, 8);
    let flat = |close: i64| [close, close, close, close];
    let bid: Vec<_> = minutes.iter().map(|minute| flat(110_000 + minute % 7)).collect();
    let times = minutes.iter().map(|minute| midnight + minute * MINUTE_NS).collect();
    let primary = series(Timeframe::M5, times, &bid, &ask_of(&bid));
    let bars: Vec<_> = closes.iter().map(|close| flat(*close)).collect();
    let opens = (0..closes.len() as i64).map(|bar| midnight + from * MINUTE_NS + bar * timeframe.duration_ns());
    market_of(primary, vec![series(timeframe, opens.collect(), &bars, &ask_of(&bars))], 0)
}

/// The first link of the chain at each bar, for long entries, whether or not the strategy signals there.
fn chain(market: Market, overlay: Value, init: &Init) -> Vec<Value> {
    let tf = market.others[0].timeframe.as_str();
    let changes = json!({
        "enabled_scenarios": [6], "scenario6_timeframes": [tf], "scenario6_params": { tf: overlay },
    });
    let bound = bind(market, parameters(changes), init);
    let signal = Signal { scenario_id: 6, ..Signal::market(Direction::Long) };
    let link = |bar| bound.note(bar, &signal).meta["scenario6"]["chain"][0].clone();
    (0..bound.market.len()).map(link).collect()
}

fn init_of(stepwise: bool) -> Init {
    Init { stepwise, ..init(Timeframe::M5) }
}

fn small() -> Value {
    json!({ "window_length": 3, "b_b_length": 3, "std_factor": 1.5, "kalman_r": 0.5, "kalman_q": 0.1 })
}

/// Closes of an hour, in points.
const HOURS: [i64; 9] = [110_000, 110_120, 110_070, 110_210, 110_150, 110_300, 110_240, 110_090, 109_980];

/// Kalman z-score (window 3, R 0.5, Q 0.1), upper and lower band (3, 1.5) of the last of `closes`: indicators.md 2.4, 2.6
/// and 2.7 written out; `None` where there are too few closes.
fn last_values(closes: &[i64]) -> Option<[f64; 3]> {
    let prices: Vec<f64> = closes.iter().map(|close| *close as f64 / 100_000.0).collect();
    let (mut mean, mut variance) = (*prices.first()?, 0.5);
    let mut residuals = vec![0.0];
    for price in &prices[1..] {
        let predicted = variance + 0.1;
        let gain = predicted / (predicted + 0.5);
        mean += gain * (price - mean);
        variance = (1.0 - gain) * predicted;
        residuals.push(price - mean);
    }
    let deviation = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / 3.0;
        (mean, (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 2.0).sqrt())
    };
    let from = prices.len().checked_sub(3)?;
    let (middle, width) = deviation(&prices[from..]);
    let (_, spread) = deviation(&residuals[from..]);
    Some([residuals.last()? / spread, middle + 1.5 * width, middle - 1.5 * width])
}

/// `expected(bar)` are the closes that the overlay knows at that bar.
fn assert_chain(links: &[Value], expected: impl Fn(usize) -> Vec<i64>) {
    for (bar, link) in links.iter().enumerate() {
        let closes = expected(bar);
        assert_eq!(link["price"].as_f64(), closes.last().map(|close| *close as f64 / 100_000.0), "bar {bar}");
        let values = last_values(&closes);
        for (index, key) in ["z", "upper", "lower"].into_iter().enumerate() {
            match (link[key].as_f64(), values.map(|values| values[index])) {
                // Two ways to add up residuals of 1e-3 of prices near 1.
                (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-9, "bar {bar} {key}: {link}"),
                (found, expected) => assert_eq!(found, expected, "bar {bar} {key}"),
            }
        }
        let status = match (link["price"].as_f64(), values) {
            (None, _) => "no_price",
            (_, None) => "no_zscore",
            (_, Some([z, ..])) if z > -2.0 => "z_above_threshold",
            (Some(price), Some([.., lower])) if price > lower => "price_above_lower",
            _ => "ok",
        };
        assert_eq!((&link["status"], &link["ok"]), (&json!(status), &json!(status == "ok")), "bar {bar}");
    }
}

/// Every M5 bar of seven hours; hours begin at 00:00, so the first is complete at the close of bar 11.
#[test]
fn an_overlay_sees_completed_bars_only() {
    let minutes: Vec<i64> = (0..84).map(|bar| 5 * bar).collect();
    for stepwise in [false, true] {
        let links = chain(market_at(&minutes, Timeframe::H1, 0, &HOURS), small(), &init_of(stepwise));
        // The hour that closes together with the bar counts: (bar + 1) / 12 hours are complete.
        assert_chain(&links, |bar| HOURS[..(bar + 1) / 12].to_vec());
        assert_eq!((&links[10]["price"], &links[11]["price"]), (&json!(null), &json!(1.1)));
    }
}

/// Three hours are complete before the first M5 bar: native they are the past of the numbers, stepwise the last of them
/// is the first value (indicators.md 3.3 a).
#[test]
fn hours_before_the_first_bar_count_natively() {
    let minutes: Vec<i64> = (0..60).map(|bar| 180 + 5 * bar).collect();
    for stepwise in [false, true] {
        let links = chain(market_at(&minutes, Timeframe::H1, 0, &HOURS), small(), &init_of(stepwise));
        let known = |bar: usize| HOURS[..3 + (bar + 1) / 12].to_vec();
        assert_chain(&links, |bar| if stepwise { known(bar)[2..].to_vec() } else { known(bar) });
    }
}

/// Between the fourth and the fifth M5 bar lie two hours, of which the first is never the last completed one
/// (indicators.md 3.3 b).
#[test]
fn hours_inside_a_gap_count_natively() {
    let minutes = [55, 115, 175, 235, 355, 415];
    for stepwise in [false, true] {
        let links = chain(market_at(&minutes, Timeframe::H1, 0, &HOURS), small(), &init_of(stepwise));
        let known = |bar: usize| HOURS[..[1, 2, 3, 4, 6, 7][bar]].to_vec();
        let seen = |bar: usize| {
            let hidden = |(hour, close): (usize, i64)| (hour != 4).then_some(close);
            known(bar).into_iter().enumerate().filter_map(hidden).collect()
        };
        assert_chain(&links, |bar| if stepwise { seen(bar) } else { known(bar) });
    }
}

/// M1 below M5: five of its bars complete per primary bar; native all of them count, stepwise every fifth.
#[test]
fn a_shorter_timeframe_is_read_on_all_of_its_bars() {
    let minutes: Vec<i64> = (0..6).map(|bar| 5 * bar).collect();
    let closes: Vec<i64> = (0..30).map(|minute| 110_000 + (minute * minute * 17) % 101).collect();
    for stepwise in [false, true] {
        let links = chain(market_at(&minutes, Timeframe::M1, 0, &closes), small(), &init_of(stepwise));
        assert_chain(&links, |bar| {
            let known = &closes[..5 * (bar + 1)];
            if stepwise { known.iter().skip(4).step_by(5).copied().collect() } else { known.to_vec() }
        });
    }
}

/// decisions.md 42: a close that is too old is `no_price`; its z-score and bands stay. The automatic limit is 24 bars for
/// H1 on M5.
#[test]
fn a_stale_close_is_no_price() {
    let minutes: Vec<i64> = (0..40).map(|bar| 175 + 5 * bar).collect();
    for stepwise in [false, true] {
        let links = chain(market_at(&minutes, Timeframe::H1, 0, &HOURS[..3]), small(), &init_of(stepwise));
        let first = links.iter().position(|link| link["price"].is_null());
        assert_eq!(first, Some(25));
        assert_eq!(links[25]["status"], json!("no_price"));
        assert_eq!(links[25]["z"].is_number(), !stepwise, "three hours natively, one stepwise");
    }
    let limited = Init { stale_limit_bars: 3, ..init(Timeframe::M5) };
    let links = chain(market_at(&minutes, Timeframe::H1, 0, &HOURS[..3]), small(), &limited);
    assert_eq!(links.iter().position(|link| link["price"].is_null()), Some(4));
}

/// The primary timeframe as an overlay reads the bar that just closed and never goes stale.
#[test]
fn the_primary_timeframe_never_goes_stale() {
    let changes = json!({ "enabled_scenarios": [6], "scenario6_timeframes": ["M5"] });
    for stepwise in [false, true] {
        let init = Init { stale_limit_bars: 1, ..init_of(stepwise) };
        let bound = bind(market(&T1), parameters(changes.clone()), &init);
        let signal = Signal { scenario_id: 6, ..Signal::market(Direction::Long) };
        for bar in 0..160 {
            let link = bound.note(bar, &signal).meta["scenario6"]["chain"][0].clone();
            assert_eq!(link["price"].as_f64(), Some(bound.market.primary.quotes.bid.close[bar]));
            assert_eq!(link["z"].is_null(), bar < 19);
        }
    }
}

/// indicators.md 3.3 step 3: in `v1_parity` an undefined value takes the last one before it. From bar 40 on nothing moves,
/// so deviations become 0 and z-scores undefined.
#[test]
fn in_v1_parity_an_undefined_value_is_filled() {
    let flat: Vec<Special> = (40..160).map(|bar| (bar, [Some(110_000), None, None, Some(110_000)])).collect();
    let z = |stepwise| {
        let changes = json!({
            "enabled_scenarios": [6], "scenario6_timeframes": ["M5"]
        });
        let bound = bind(market(&flat), parameters(changes), &init_of(stepwise));
        let signal = Signal { scenario_id: 6, ..Signal::market(Direction::Long) };
        (0..160).map(|bar| bound.note(bar, &signal).meta["scenario6"]["chain"][0]["z"].as_f64()).collect::<Vec<_>>()
    };
    let (native, filled) = (z(false), z(true));
    assert!(native[159].is_none());
    let last = native.iter().rposition(Option::is_some).unwrap();
    assert!(filled[last..].iter().all(|value| *value == native[last]));
    assert_eq!(native[..=last], filled[..=last]);
}

/// Two timeframes, one of which agrees: the trade of scenario 6 follows the mode, and the chain keeps the order given.
#[test]
fn the_mode_decides_between_timeframes_that_differ() {
    // D1 is flat, so its z-score is undefined.
    for (mode, signals) in [("all", false), ("any", true)] {
        let changes = json!({
            "enabled_scenarios": [6], "scenario6_timeframes": ["D1", "PRIMARY"], "scenario6_mode": mode
        });
        let mut bound = bind(market(&T1), parameters(changes), &init(Timeframe::M5));
        let signal = bound.signal(100);
        assert_eq!(signal.is_some(), signals, "{mode}");
        let Some(signal) = signal else { continue };
        let note = bound.note(100, &signal);
        let statuses: Vec<_> =
            note.meta["scenario6"]["chain"].as_array().unwrap().iter().map(|link| &link["status"]).collect();
        assert_eq!(statuses, [&json!("no_zscore"), &json!("ok")]);
        assert_eq!(note.tags[note.tags.len() - 2..], ["tf_d1_fail", "tf_m5_ok"]);
    }
}

/// The other timeframe is not among the loaded ones only if the engine made a mistake: the request is refused by name.
#[test]
fn an_overlay_without_bars_is_refused() {
    use omega_indicators::{ColumnStore, Graph, compute};
    let Market { primary, .. } = market(&T1);
    let lonely = market_of(Series::clone(&primary), vec![], 60);
    let changes = json!({ "enabled_scenarios": [6], "scenario6_timeframes": ["H1"] });
    let mut blueprint = create(Value::Object(parameters(changes)), &init(Timeframe::M5)).unwrap();
    let mut graph = Graph::new();
    blueprint.request(&mut graph, &[Timeframe::M5]).unwrap();
    let error = compute(&graph, &blueprint.wanted(), &lonely, &ColumnStore::new(), &omega_types::Watch::default());
    assert_eq!(error.unwrap_err().to_string(), "the bars of H1 are not loaded");
}
