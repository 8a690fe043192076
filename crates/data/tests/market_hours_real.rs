//! Market hours, gaps and windows on twelve years of real hours, where the machine has them.

mod support;

use std::{fs::File, io::Read};

use flate2::read::GzDecoder;
use omega_data::{
    Calendar, MemorySeries, MemorySide, Window, WindowRequest, dataset_from_memory, date_bounds,
    market_hours::is_fx_open, parse_instant, window,
};
use omega_types::{Dataset, Timeframe, config::Variant, market::MappingMode};
use support::real;

/// `UTC time,Open,High,Low,Close,Volume`.
fn side(name: &str) -> Option<(Vec<i64>, MemorySide)> {
    let mut text = String::new();
    GzDecoder::new(File::open(real(name)?).unwrap()).read_to_string(&mut text).unwrap();
    let mut time = Vec::new();
    let mut columns: [Vec<f64>; 5] = Default::default();
    for line in text.lines().skip(1) {
        let mut fields = line.split(',');
        time.push(parse_instant(fields.next().unwrap(), omega_data::Bound::Start).unwrap());
        columns.iter_mut().zip(fields).for_each(|(column, field)| column.push(field.parse().unwrap()));
    }
    let [open, high, low, close, volume] = columns;
    Some((time, MemorySide { open, high, low, close, volume: Some(volume) }))
}

fn series(timeframe: Timeframe) -> Option<MemorySeries> {
    let (time, bid) = side(&format!("EURUSD_{timeframe}_BID.csv.gz"))?;
    let (ask_time, ask) = side(&format!("EURUSD_{timeframe}_ASK.csv.gz"))?;
    assert_eq!(time, ask_time);
    Some(MemorySeries { timeframe, time, bid, ask: Some(ask) })
}

fn dataset() -> Option<Dataset> {
    Some(dataset_from_memory("EURUSD", vec![series(Timeframe::H1)?, series(Timeframe::D1)?]).unwrap())
}

fn run(dataset: &Dataset, (start, end): (&str, &str), calendar: Calendar, warmup_bars: usize) -> Window {
    let (start_ns, end_ns) = date_bounds(start, end).unwrap();
    let request = WindowRequest {
        start_ns,
        end_ns,
        warmup_bars,
        mapping: MappingMode::Close,
        variant: Variant::V2,
        primary: Timeframe::H1,
        others: &[Timeframe::D1],
        sessions: None,
        calendar: Some(calendar),
        max_gap_loss: None,
        spread: None,
    };
    window(dataset, &request).unwrap()
}

#[test]
fn no_real_hour_lies_outside_the_fx_week_and_few_are_missing() {
    let Some(dataset) = dataset() else { return };
    // data.md 6: no bar outside, 0.9 % missing; 74 439 bars by the description of the files.
    let time = &dataset.series[0].time;
    assert_eq!(time.len(), 74_439);
    assert_eq!(time.iter().filter(|&&open| !is_fx_open(open)).count(), 0);
    let whole = run(&dataset, ("2007-01-01", "2018-12-31"), Calendar::Fx, 0);
    let hours = &whole.governance["gaps"]["by_timeframe"]["H1"];
    let missing = hours["missing_bars"].as_u64().unwrap();
    assert_eq!(hours["expected_bars"].as_u64().unwrap() - missing, 74_439);
    let loss = hours["gap_loss"].as_f64().unwrap();
    assert_eq!((loss * 1_000.0).round(), 9.0, "{hours}");
    assert!(whole.warnings.is_empty(), "{:?}", whole.warnings);
    // Around the clock two days of seven are missing.
    let always = run(&dataset, ("2007-01-01", "2018-12-31"), Calendar::Always, 0);
    assert!(always.warnings.iter().any(|warning| warning.code == "DATA_W_GAPS"));
}

#[test]
fn days_are_mapped_without_a_look_ahead() {
    let Some(dataset) = dataset() else { return };
    let market = run(&dataset, ("2010-01-01", "2010-12-31"), Calendar::Fx, 100).market;
    assert_eq!(market.trading.start, 100);
    let (map, days) = (&market.maps[0], &market.others[0]);
    for bar in market.trading.clone() {
        // Brute force: the last day that has ended when the hour ends.
        let decision = market.clock.decision_ns(bar);
        let expected = days.time.iter().rposition(|open| open + Timeframe::D1.duration_ns() <= decision);
        assert_eq!(map.get(bar), expected);
    }
    assert!(map.get(market.trading.start).unwrap() >= 99);
}
