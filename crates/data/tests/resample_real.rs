//! Real candles, where the machine has them: longer files of the same source, made by somebody else.

mod support;

use omega_data::{
    LoadRequest, WantedTimeframe,
    import::import,
    load_dataset,
    resample::{Anchor, resample},
};
use omega_types::{Series, SideColumns, Timeframe, Watch, market::QuoteKind, time::DAY_NS};
use serde_json::json;
use support::{Folder, real};

const HOUR: i64 = 3_600_000_000_000;

/// Imports `EURUSD_{name}_{BID,ASK}.csv.gz` as `timeframe`.
fn imported(folder: &Folder, name: &str, timeframe: Timeframe) -> Option<()> {
    let side = |side: &str| real(&format!("EURUSD_{name}_{side}.csv.gz"));
    let (bid, ask) = (side("BID")?, side("ASK")?);
    let root = folder.path();
    let request = json!({ "data_root": root, "symbol": "EURUSD", "timeframe": timeframe, "bid": [bid], "ask": [ask] });
    import(&serde_json::from_value(request).unwrap(), &Watch::default()).unwrap();
    Some(())
}

fn resampled(folder: &Folder, from: Timeframe, to: Timeframe) {
    let root = folder.path();
    let request = json!({ "data_root": root, "symbol": "EURUSD", "from": from, "to": [to], "anchor": Anchor::Utc });
    resample(&serde_json::from_value(request).unwrap(), &Watch::default()).unwrap();
}

fn load(folder: &Folder, timeframe: Timeframe) -> Series {
    let timeframes = vec![WantedTimeframe { timeframe, required_by: None }];
    let quotes = QuoteKind::BidAsk;
    let request = LoadRequest { root: folder.path().to_owned(), symbol: "EURUSD".to_owned(), quotes, timeframes };
    (*load_dataset(&request, &Watch::default()).unwrap().series[0]).clone()
}

fn sides(series: &Series) -> [&SideColumns; 2] {
    [&series.quotes.bid, &series.quotes.ask]
}

#[test]
fn twelve_years_of_hours_give_the_days_of_the_same_source() {
    let (made, given) = (Folder::new(), Folder::new());
    if imported(&made, "H1", Timeframe::H1).and(imported(&given, "D1", Timeframe::D1)).is_none() {
        return;
    }
    resampled(&made, Timeframe::H1, Timeframe::D1);
    let (made, given) = (load(&made, Timeframe::D1), load(&given, Timeframe::D1));
    // The hours begin at 21:00 of the first day, which is therefore not a whole one: 3 737 of 3 738 days.
    assert_eq!(made.len(), 3_737);
    assert_eq!(made, given.slice(1..3_738));
}

/// The hours and days of this source open at the close before them, whatever the first quote is, and their range covers
/// that price. Of whole buckets everything else must agree with the minutes, to the bit.
#[test]
fn minutes_give_the_hours_and_days_of_the_same_source() {
    let folder = Folder::new();
    if imported(&folder, "M1_2014-05", Timeframe::M1).is_none() {
        return;
    }
    for (timeframe, name, length, bars) in [(Timeframe::H1, "H1", HOUR, 264), (Timeframe::D1, "D1", DAY_NS, 13)] {
        let given = Folder::new();
        imported(&given, name, timeframe).unwrap();
        let given = load(&given, timeframe);
        resampled(&folder, Timeframe::M1, timeframe);
        let (made, minutes) = (load(&folder, timeframe), load(&folder, Timeframe::M1));
        // The minutes run from 2014-05-01 00:00 to 2014-05-15 23:59: every bucket is whole.
        assert_eq!(made.len(), bars, "{name}");
        for (side, (made_side, given_side)) in sides(&made).into_iter().zip(sides(&given)).enumerate() {
            for (bar, &time) in made.time.iter().enumerate() {
                let theirs = given.time.binary_search(&time).expect("the bar is in the file");
                let before = given_side.close[theirs - 1];
                assert_eq!(given_side.open[theirs], before);
                assert_eq!(given_side.high[theirs], made_side.high[bar].max(before));
                assert_eq!(given_side.low[theirs], made_side.low[bar].min(before));
                assert_eq!(given_side.close[theirs], made_side.close[bar]);
                // What the file does not say: the open is that of the first minute.
                let first = minutes.time.partition_point(|&minute| minute < time);
                assert!(minutes.time[first] < time + length);
                assert_eq!(made_side.open[bar], sides(&minutes)[side].open[first]);
            }
        }
    }
}
