//! Indicators of another timeframe on the primary bars: mapped, stepwise, stale.

mod common;

use common::{CLOSE, assert_bits, assert_close, market, series, spec_market, walk};
use omega_indicators::{
    Bollinger, ColumnStore, Ema, Graph, IndicatorError, KalmanZscore, MeanSource, NodeId, Sma, Zscore, compute,
};
use omega_types::{Coded, Column, Field, Market, QuoteSide, Timeframe, Watch, market::MappingMode};
use serde_json::json;

const NAN: f64 = f64::NAN;
const M5: Timeframe = Timeframe::M5;
const M15: Timeframe = Timeframe::M15;

fn evaluate(market: &Market, request: impl FnOnce(&mut Graph) -> Vec<NodeId>) -> Vec<Column> {
    let mut graph = Graph::new();
    let wanted = request(&mut graph);
    let columns = compute(&graph, &wanted, market, &ColumnStore::new(), &Watch::default()).unwrap();
    wanted.iter().map(|&node| columns.get(node)).collect()
}

fn close(graph: &mut Graph, timeframe: Timeframe) -> NodeId {
    graph.price(timeframe, QuoteSide::Bid, Field::Close)
}

fn ema_stepwise(graph: &mut Graph, timeframe: Timeframe, period: u32) -> NodeId {
    let close = close(graph, timeframe);
    graph.stepwise(Ema { period: period.try_into().unwrap() }, &[close], timeframe)[0]
}

/// EMA(2) and the three Bollinger bands (2, 1), stepwise on M15.
fn stepwise(graph: &mut Graph) -> Vec<NodeId> {
    let mut nodes = vec![ema_stepwise(graph, M15, 2)];
    let close = close(graph, M15);
    nodes.extend(graph.stepwise(Bollinger { period: 2.try_into().unwrap(), std_factor: 1.0 }, &[close], M15));
    nodes
}

/// The columns of indicators.md 6.8 in close mode, printed to 15 digits.
const EMA: [f64; 12] = [
    NAN,
    NAN,
    1.1007,
    1.1007,
    1.1007,
    1.10223333333333,
    1.10223333333333,
    1.10223333333333,
    1.10061111111111,
    1.10061111111111,
    1.10061111111111,
    1.10193703703704,
];
const UPPER: [f64; 12] = [
    NAN,
    NAN,
    NAN,
    NAN,
    NAN,
    1.10347634559673,
    1.10347634559673,
    1.10347634559673,
    1.1036627416998,
    1.1036627416998,
    1.1036627416998,
    1.10317989898732,
];
const MIDDLE: [f64; 12] = [NAN, NAN, NAN, NAN, NAN, 1.10185, 1.10185, 1.10185, 1.1014, 1.1014, 1.1014, 1.1012];
const LOWER: [f64; 12] = [
    NAN,
    NAN,
    NAN,
    NAN,
    NAN,
    1.10022365440327,
    1.10022365440327,
    1.10022365440327,
    1.0991372583002,
    1.0991372583002,
    1.0991372583002,
    1.09922010101268,
];

#[test]
fn stepwise_values_agree_with_the_table_of_the_specification() {
    let columns = evaluate(&spec_market(MappingMode::Close), stepwise);
    for (column, expected) in columns.iter().zip([EMA, UPPER, MIDDLE, LOWER]) {
        assert_close(column, &expected, 1e-13);
    }
}

#[test]
fn in_open_mode_every_stepwise_value_comes_one_bar_later() {
    let columns = evaluate(&spec_market(MappingMode::Open), stepwise);
    for (column, expected) in columns.iter().zip([EMA, UPPER, MIDDLE, LOWER]) {
        assert_close(&column[1..], &expected[..11], 1e-13);
        assert!(column[0].is_nan());
    }
}

#[test]
fn a_mapped_value_is_the_native_one_of_the_last_complete_bar() {
    let columns = evaluate(&spec_market(MappingMode::Close), |graph| {
        let close = close(graph, M15);
        let sma = graph.add(Sma { period: 2.try_into().unwrap() }, &[close])[0];
        vec![graph.map(close, M15), graph.map(sma, M15)]
    });
    let (a, b, c, d) = (1.10070, 1.10300, 1.09980, 1.10260);
    assert_bits(&columns[0], &[NAN, NAN, a, a, a, b, b, b, c, c, c, d]);
    // By hand: (1.1007 + 1.103) / 2 and so on; the first average is undefined and stays so.
    assert_close(&columns[1], &MIDDLE, 1e-15);
}

#[test]
fn on_the_primary_timeframe_mapping_is_the_identity() {
    let market = spec_market(MappingMode::Open);
    let columns = evaluate(&market, |graph| {
        let close = close(graph, M5);
        vec![
            graph.map(close, M5),
            graph.map_fresh(close, M5, 1),
            graph.visible_only(close, M5),
            graph.fill_forward(close, M5),
        ]
    });
    columns[..3].iter().for_each(|column| assert!(column.is_same_memory(&market.primary.quotes.bid.close)));
    assert_bits(&columns[3], &CLOSE);
}

#[test]
fn an_aligned_close_expires_and_a_stepwise_value_does_not() {
    // One M15 bar, complete with M5 bar 2; the automatic limit is 2 * 3 = 6 bars, so bar 8 is the last fresh one.
    let m5 = series(M5, (0..12).map(|i| i * 300), &CLOSE);
    let market = market(m5, vec![series(M15, [0], &[1.5])], MappingMode::Close);
    let columns = evaluate(&market, |graph| {
        let close = close(graph, M15);
        vec![graph.map_fresh(close, M15, 0), graph.map_fresh(close, M15, 1), ema_stepwise(graph, M15, 2)]
    });
    let x = 1.5;
    assert_bits(&columns[0], &[NAN, NAN, x, x, x, x, x, x, x, NAN, NAN, NAN]);
    assert_bits(&columns[1], &[NAN, NAN, x, x, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN]);
    assert_bits(&columns[2], &[NAN, NAN, x, x, x, x, x, x, x, x, x, x]);
}

#[test]
fn stepwise_forgets_bars_that_were_never_the_last_complete_one() {
    // Three M15 bars are complete before the first M5 bar: the reduced series starts with the third.
    let m5 = series(M5, (9..21).map(|i| i * 300), &CLOSE);
    let m15 = series(M15, (0..7).map(|i| i * 900), &[9.0, 9.0, 1.0, 4.0, 0.0, 0.0, 0.0]);
    let columns = evaluate(&market(m5, vec![m15], MappingMode::Close), |graph| vec![ema_stepwise(graph, M15, 2)]);
    // By hand, alpha = 2/3: 1, then 3, then 1, then 1/3, from M5 bars 0, 2, 5, 8 and 11 (1/9).
    let third = 1.0 + 2.0 / 3.0 * (0.0 - 1.0);
    let ninth = third + 2.0 / 3.0 * (0.0 - third);
    assert_close(&columns[0], &[1.0, 1.0, 3.0, 3.0, 3.0, 1.0, 1.0, 1.0, third, third, third, ninth], 1e-15);
}

#[test]
fn a_timeframe_that_is_not_loaded_is_an_error() {
    let mut graph = Graph::new();
    let close = close(&mut graph, Timeframe::H4);
    let result = compute(&graph, &[close], &spec_market(MappingMode::Close), &ColumnStore::new(), &Watch::default());
    let error = result.unwrap_err();
    assert_eq!((error.code().name, error.to_string()), ("IND_INPUT", "the bars of H4 are not loaded".to_owned()));
}

#[test]
fn a_series_of_other_bars_is_an_error() {
    let mut graph = Graph::new();
    let close = close(&mut graph, M5);
    let wrong = graph.map(close, M15);
    let result = compute(&graph, &[wrong], &spec_market(MappingMode::Close), &ColumnStore::new(), &Watch::default());
    assert!(matches!(result.unwrap_err(), IndicatorError::InputLength { expected: 4, given: 12, .. }));
}

#[test]
fn stepwise_and_mapped_are_compositions_by_value_and_by_name() {
    let market = spec_market(MappingMode::Close);
    let columns = evaluate(&market, |graph| {
        let close = close(graph, M15);
        let reduced = graph.visible_only(close, M15);
        let score = KalmanZscore { window: 2.try_into().unwrap(), r: 0.5, q: 0.1 };
        let on_reduced = graph.add(score.clone(), &[reduced])[0];
        let native = graph.add(score.clone(), &[close])[0];
        let parameters = json!({ "window": 2, "r": 0.5, "q": 0.1 });
        let pairs = [
            (graph.stepwise(score.clone(), &[close], M15)[0], graph.fill_forward(on_reduced, M15)),
            (graph.mapped(score, &[close], M15)[0], graph.map(native, M15)),
            (
                graph.stepwise_named("kalman_zscore", &parameters, &[close], M15).unwrap()[0],
                graph.fill_forward(on_reduced, M15),
            ),
            (graph.mapped_named("kalman_zscore", &parameters, &[close], M15).unwrap()[0], graph.map(native, M15)),
        ];
        // Equal requests are one node.
        pairs.iter().for_each(|(short, long)| assert_eq!(short, long));
        pairs.iter().map(|(short, _)| *short).collect()
    });
    // By hand: the residual of the first M15 bar is 0; from the second bar on z = e / std of two residuals. The first gain
    // is 0.6 / 1.1, so e = (1.103 - 1.1007) * (1 - 0.6 / 1.1), and the deviation of 0 and e is |e| / sqrt(2).
    assert!(columns[0][..5].iter().all(|z| z.is_nan()));
    assert_close(&columns[0][5..8], &[2.0_f64.sqrt(); 3], 1e-9);
    assert_bits(&columns[0], &columns[1]);
    let error = Graph::new().stepwise_named("emma", &json!({}), &[], M15).unwrap_err();
    assert_eq!(error.code().name, "IND_UNKNOWN");
}

#[test]
fn on_the_primary_timeframe_stepwise_fills_what_is_undefined() {
    // indicators.md 3.3: for T = primary, stepwise is the plain indicator plus the filling. A price that stands still has
    // no Z-score: the last one stays.
    let closes = [1.0, 3.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0];
    let m5 = series(M5, (0..8).map(|i| i * 300), &closes);
    let columns = evaluate(&market(m5, Vec::new(), MappingMode::Close), |graph| {
        let close = close(graph, M5);
        let score = || Zscore { window: 2.try_into().unwrap(), mean_source: MeanSource::Rolling, ema_period: None };
        vec![graph.add(score(), &[close])[0], graph.stepwise(score(), &[close], M5)[0]]
    });
    // By hand: means of two 2, 2.5, 2 …; residuals 1, -0.5, 0, 0 …; z = -0.5 / (1.5 / sqrt 2), 0 / (0.5 / sqrt 2), 0/0 ….
    let z = -0.5 / (1.5 / 2.0_f64.sqrt());
    assert_close(&columns[0], &[NAN, NAN, z, 0.0, NAN, NAN, NAN, NAN], 1e-14);
    assert_close(&columns[1], &[NAN, NAN, z, 0.0, 0.0, 0.0, 0.0, 0.0], 1e-14);
}

#[test]
fn an_indicator_of_bars_can_be_stepwise() {
    let columns = evaluate(&spec_market(MappingMode::Close), |graph| {
        let bars = graph.bars(M15, QuoteSide::Bid);
        let mut nodes = graph.stepwise_named("atr", &json!({ "period": 2 }), &bars.high_low_close(), M15).unwrap();
        nodes.extend(graph.stepwise_named("dmi", &json!({ "period": 2 }), &bars.high_low_close(), M15).unwrap());
        nodes
    });
    // The four prices of a bar are the close here. By hand: ranges 0, 0.0023, 0.0032; seed 0.00115, then the mean with it.
    assert_eq!(columns.len(), 4);
    assert_close(&columns[0][5..9], &[0.00115, 0.00115, 0.00115, (0.00115 + 0.0032) / 2.0], 1e-15);
}

/// Property: what is visible at a bar does not depend on bars after it.
#[test]
fn cutting_the_market_changes_no_earlier_value() {
    let m5 = series(M5, (0..3_000).map(|i| i * 300 + i / 100 * 7_200), &walk(3_000, 110_000, 1e-5, 7));
    let m15 = series(M15, (0..2_000).map(|i| i * 900), &walk(2_000, 110_000, 1e-5, 8));
    for mode in [MappingMode::Close, MappingMode::Open] {
        let request = |graph: &mut Graph| {
            let mut nodes = stepwise(graph);
            let close = close(graph, M15);
            nodes.push(graph.map_fresh(close, M15, 0));
            nodes
        };
        let whole = evaluate(&market(m5.clone(), vec![m15.clone()], mode), request);
        for cut in [0, 1, 2, 3, 299, 300, 301, 1_777, 2_999] {
            let short = evaluate(&market(m5.slice(0..cut), vec![m15.clone()], mode), request);
            whole.iter().zip(&short).for_each(|(whole, short)| assert_bits(short, &whole[..cut]));
        }
    }
}
