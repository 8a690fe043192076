//! Synthetic candles: reproducible, plausible, marked.

mod support;

use omega_data::{
    LoadRequest, WantedTimeframe, dataset_from_memory,
    generate::{GenerateRequest, generate, generate_memory},
    load_dataset,
    market_hours::is_fx_open,
};
use omega_types::{Coded, Dataset, Timeframe, Watch, market::QuoteKind, time::iso};
use serde_json::{Value, json};
use support::Folder;

fn request(folder: &Folder, extra: Value) -> GenerateRequest {
    let mut request =
        json!({ "data_root": folder.path(), "symbol": "EURUSD", "timeframe": "M1", "bars": 5_000, "seed": 7 });
    for (key, value) in extra.as_object().unwrap() {
        request[key] = value.clone();
    }
    serde_json::from_value(request).unwrap()
}

fn load(folder: &Folder, symbol: &str, timeframes: &[Timeframe]) -> Dataset {
    let timeframes = timeframes.iter().map(|&timeframe| WantedTimeframe { timeframe, required_by: None }).collect();
    let (root, symbol) = (folder.path().to_owned(), symbol.to_owned());
    load_dataset(&LoadRequest { root, symbol, quotes: QuoteKind::BidAsk, timeframes }, &Watch::default()).unwrap()
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_seed_others() {
    let bytes = |seed: u64| {
        let folder = Folder::new();
        generate(&request(&folder, json!({ "seed": seed })), &Watch::default()).unwrap();
        [folder.bytes("EURUSD/EURUSD_M1_BID.parquet"), folder.bytes("EURUSD/EURUSD_M1_ASK.parquet")]
    };
    assert_eq!(bytes(7), bytes(7));
    assert_ne!(bytes(7), bytes(8));
}

#[test]
fn the_files_load_and_say_that_they_are_synthetic() {
    let folder = Folder::new();
    let options = json!({ "additional": ["M5", "H1", "H4", "D1"], "bars": 30_000 });
    let report = generate(&request(&folder, options), &Watch::default()).unwrap();
    assert_eq!((report.files.len(), report.warnings[0].code.as_str()), (10, "DATA_W_SYNTHETIC"));
    let dataset = load(&folder, "EURUSD", &[Timeframe::M1, Timeframe::M5, Timeframe::H1, Timeframe::H4, Timeframe::D1]);
    assert!(dataset.quality.iter().all(|quality| quality.synthetic));
    let m1 = &dataset.series[0];
    assert_eq!((m1.len(), iso(m1.time[0])), (30_000, "2020-01-06T00:00:00Z".to_owned()));
    assert!(m1.time.iter().all(|&time| is_fx_open(time)));
    // The first hour is made of the first sixty minutes.
    let h1 = &dataset.series[2];
    assert_eq!(h1.time[0], m1.time[0]);
    for (short, long) in [(&m1.quotes.bid, &h1.quotes.bid), (&m1.quotes.ask, &h1.quotes.ask)] {
        assert_eq!((long.open[0], long.close[0]), (short.open[0], short.close[59]));
        assert_eq!(long.high[0], short.high[..60].iter().copied().fold(0.0, f64::max));
        assert_eq!(long.low[0], short.low[..60].iter().copied().fold(f64::INFINITY, f64::min));
        assert_eq!(long.volume[0], short.volume[..60].iter().sum::<f64>());
    }
    // The day of Monday 6 January began before the data; the first whole one begins at 17:00 New York.
    assert_eq!(iso(dataset.series[4].time[0]), "2020-01-06T22:00:00Z");
}

#[test]
fn prices_lie_on_the_grid_and_spreads_are_plausible() {
    for (symbol, start, scale) in [("EURUSD", 1.1, 100_000.0), ("USDJPY", 145.0, 1_000.0), ("XYZ", 100.0, 100_000.0)] {
        let folder = Folder::new();
        let options = json!({ "symbol": symbol, "bars": 20_000 });
        let series = generate_memory(&request(&folder, options), &Watch::default()).unwrap().remove(0);
        let (bid, ask) = (&series.bid, series.ask.as_ref().unwrap());
        for price in bid.close.iter().chain(&ask.high) {
            assert_eq!((price * scale).round() / scale, *price);
            assert!((price / start - 1.0).abs() < 0.2, "{symbol} {price}");
        }
        let mut points: Vec<i64> =
            bid.close.iter().zip(&ask.close).map(|(bid, ask)| ((ask - bid) * scale).round() as i64).collect();
        points.sort_unstable();
        // 0.6 to 1.5 pips; up to five times as much for an hour around the rollover, 1/24 of the time.
        assert!(points[0] >= 6 && points[points.len() - 1] <= 75, "{symbol} {:?}", points.last());
        assert!(points[points.len() * 9 / 10] <= 15);
        assert!(points[points.len() - 1] > 30);
        // Files and memory are the same candles.
        let dataset = dataset_from_memory(symbol, vec![series.clone()]).unwrap();
        generate(&request(&folder, json!({ "symbol": symbol, "bars": 20_000 })), &Watch::default()).unwrap();
        assert_eq!(load(&folder, symbol, &[Timeframe::M1]).series[0], dataset.series[0]);
    }
}

#[test]
fn every_timeframe_and_calendar_can_be_generated() {
    for timeframe in Timeframe::ALL {
        for calendar in ["fx", "always"] {
            let folder = Folder::new();
            let options =
                json!({ "timeframe": timeframe, "bars": 600, "calendar": calendar, "start": "2021-03-03T05:07" });
            generate(&request(&folder, options), &Watch::default()).unwrap();
            assert_eq!(load(&folder, "EURUSD", &[timeframe]).series[0].len(), 600, "{timeframe} {calendar}");
        }
    }
}

#[test]
fn impossible_requests_are_refused() {
    let folder = Folder::new();
    let code = |options: Value| generate(&request(&folder, options), &Watch::default()).unwrap_err().code().name;
    assert_eq!(code(json!({ "bars": 0 })), "ARG_INVALID");
    assert_eq!(code(json!({ "bars": 1_000_000_000 })), "ARG_INVALID");
    assert_eq!(code(json!({ "timeframe": "W1", "bars": 15_000 })), "ARG_INVALID");
    assert_eq!(code(json!({ "start": "yesterday" })), "ARG_INVALID");
    assert_eq!(code(json!({ "timeframe": "H1", "additional": ["M5"] })), "ARG_INVALID");
    assert_eq!(code(json!({ "symbol": "a/b" })), "ARG_INVALID");
    folder.put("EURUSD/EURUSD_M1_ASK.parquet", "old");
    assert_eq!(code(json!({})), "IMPORT_EXISTS");
    assert_eq!(folder.list("EURUSD"), ["EURUSD_M1_ASK.parquet"]);
    generate(&request(&folder, json!({ "overwrite": true })), &Watch::default()).unwrap();
}
