//! The trades of a run as text and as a table, through the public API.

use std::{collections::BTreeSet, path::Path};

use arrow_array::{
    Array, DictionaryArray, Float64Array, RecordBatch, StringArray, TimestampNanosecondArray, UInt32Array,
    cast::AsArray, types::Int8Type,
};
use arrow_ipc::reader::StreamReader;
use arrow_schema::{DataType, TimeUnit};
use omega_artifacts::{
    ColumnData, EQUITY_CSV_HEADER, RejectionRow, TRADE_TABLE, equity_arrow, rejections_arrow, trade_columns,
    trades_arrow, trades_json,
};
use omega_types::{
    Coded, Direction, ExitReason, Json, OrderType, Trade,
    equity::EquityCurve,
    trade::{RejectionCode, StopKind},
};

/// The trade of output.md 5.
fn trade() -> Trade {
    Trade {
        position_id: 17,
        order_id: 21,
        order_type: OrderType::Limit,
        direction: Direction::Short,
        entry_bar: 100,
        exit_bar: 109,
        signal_bar: 98,
        entry_time_ns: 1_709_649_000_000_000_000,
        exit_time_ns: 1_709_657_100_000_000_000,
        entry_price: 1.26984,
        exit_price: 1.2711130000000002,
        initial_stop_loss: Some(1.27105),
        stop_loss: Some(1.27105),
        take_profit: Some(1.2668),
        size: 0.7,
        result: -89.11,
        risk: Some(84.7),
        entry_fee: 1.75,
        exit_fee: 1.75,
        r_multiple: Some(-1.0520661157024196),
        reason: ExitReason::StopLoss,
        scenario_id: 3,
        mae: -89.11,
        mfe: 12.5,
        stop_kind: StopKind::Initial,
        gap_entry: false,
        gap_exit: false,
        volume_capped: false,
        partial: false,
        tp_beyond_entry: true,
    }
}

const META: &str = r#"{"in_entry_candle":false,"stop_loss_kind":"initial"}"#;

/// Example: the record of output.md 5 with `meta` expanded; `mae`, `mfe` (left out there) and `risk` (decisions.md 28)
/// stand at their place in the order of keys. The exit price is printed there as `1.2711130000000001`, which is the same
/// `f64`; the ECMAScript text of it, as Node prints it, ends in 2.
#[test]
fn the_record_of_the_output_contract() {
    let expected = r#"[
  {
    "bars_held": 9,
    "direction": "short",
    "entry_fee": 1.75,
    "entry_price": 1.26984,
    "entry_time": "2024-03-05T14:30:00Z",
    "entry_time_ns": 1709649000000000000,
    "exit_fee": 1.75,
    "exit_price": 1.2711130000000002,
    "exit_time": "2024-03-05T16:45:00Z",
    "exit_time_ns": 1709657100000000000,
    "initial_stop_loss": 1.27105,
    "mae": -89.11,
    "meta": {
      "in_entry_candle": false,
      "stop_loss_kind": "initial"
    },
    "mfe": 12.5,
    "order_id": 21,
    "order_type": "limit",
    "position_id": 17,
    "r_multiple": -1.0520661157024196,
    "reason": "stop_loss",
    "result": -89.11,
    "risk": 84.7,
    "scenario_id": 3,
    "size": 0.7,
    "stop_loss": 1.27105,
    "symbol": "GBPUSD",
    "take_profit": 1.2668
  }
]
"#;
    let bytes = trades_json("GBPUSD", &[trade()], &[META.to_owned()]).unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
}

#[test]
fn no_trades_are_an_empty_array() {
    assert_eq!(trades_json("EURUSD", &[], &[]).unwrap(), b"[]\n");
}

#[test]
fn what_a_trade_does_not_have_is_null_and_meta_is_written_anew() {
    let mut bare = trade();
    (bare.stop_loss, bare.take_profit, bare.initial_stop_loss) = (None, None, None);
    (bare.risk, bare.r_multiple) = (None, None);
    // Numbers in other notations, keys out of order, nesting: sorted, shortest, expanded. A stamp keeps its digits.
    let meta = r#"{"z":[],"a":{"y":1.0,"x":1e2},"decision_time_ns":1709649000041018001,"t":0.30000000000000004}"#;
    let text = String::from_utf8(trades_json("EURUSD", &[bare], &[meta.to_owned()]).unwrap()).unwrap();
    for key in ["stop_loss", "take_profit", "initial_stop_loss", "risk", "r_multiple"] {
        assert!(text.contains(&format!("    \"{key}\": null")), "{key}");
    }
    let expected = r#"    "meta": {
      "a": {
        "x": 100,
        "y": 1
      },
      "decision_time_ns": 1709649000041018001,
      "t": 0.30000000000000004,
      "z": []
    },
"#;
    assert!(text.contains(expected), "{text}");
}

#[test]
fn what_the_contract_forbids_is_refused() {
    let refuse = |spoil: fn(&mut Trade), meta: &str| {
        let mut second = trade();
        spoil(&mut second);
        let metas = [META.to_owned(), meta.to_owned()];
        let error = trades_json("EURUSD", &[trade(), second], &metas).unwrap_err();
        assert_eq!(error.code().name, "OUT_CONTRACT");
        error.to_string()
    };
    assert_eq!(refuse(|t| t.mfe = f64::INFINITY, META), "trades.json: mfe of row 1 is inf");
    assert_eq!(refuse(|t| t.risk = Some(f64::NAN), META), "trades.json: risk of row 1 is NaN");
    assert!(refuse(|t| t.exit_time_ns -= 1, META).starts_with("trades.json: exit_time_ns of row 1"));
    assert_eq!(refuse(|_| (), "{"), "trades.json: meta of row 1 is not JSON");
    assert_eq!(refuse(|_| (), "[1]"), "trades.json: meta of row 1 is not an object");
    assert!(trades_json("EURUSD", &[trade()], &[]).is_err());
    assert!(trades_arrow("EURUSD", &[trade()], &[]).is_err());
}

fn read(bytes: &[u8]) -> RecordBatch {
    let mut batches = StreamReader::try_new(bytes, None).unwrap();
    let batch = batches.next().unwrap().unwrap();
    assert!(batches.next().is_none());
    batch
}

fn column<'a, T: 'static>(batch: &'a RecordBatch, key: &str) -> &'a T {
    batch.column_by_name(key).unwrap_or_else(|| panic!("no {key}")).as_any().downcast_ref().unwrap()
}

fn category<'a>(batch: &'a RecordBatch, key: &str, row: usize) -> &'a str {
    let texts: &DictionaryArray<Int8Type> = column(batch, key);
    texts.values().as_string::<i32>().value(texts.key(row).unwrap())
}

#[test]
fn the_arrow_table_has_true_nulls_instants_and_dictionaries() {
    let mut second = trade();
    (second.take_profit, second.direction, second.reason) = (None, Direction::Long, ExitReason::EndOfData);
    let metas = [META.to_owned(), "{}".to_owned()];
    let batch = read(&trades_arrow("GBPUSD", &[trade(), second], &metas).unwrap());

    let keys: Vec<_> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
    let table: Vec<_> = TRADE_TABLE.iter().map(|column| column.key).chain(["symbol", "meta"]).collect();
    assert_eq!(keys, table);

    let utc = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
    assert_eq!(batch.schema().field_with_name("entry_time_ns").unwrap().data_type(), &utc);
    assert_eq!(column::<TimestampNanosecondArray>(&batch, "exit_time_ns").value(0), 1_709_657_100_000_000_000);
    let targets: &Float64Array = column(&batch, "take_profit");
    assert_eq!((targets.value(0), targets.is_null(1)), (1.2668, true));
    assert_eq!((0..2).map(|row| category(&batch, "direction", row)).collect::<Vec<_>>(), ["short", "long"]);
    assert_eq!((0..2).map(|row| category(&batch, "reason", row)).collect::<Vec<_>>(), ["stop_loss", "end_of_data"]);
    assert_eq!((category(&batch, "order_type", 0), category(&batch, "symbol", 1)), ("limit", "GBPUSD"));
    assert_eq!(column::<StringArray>(&batch, "meta").value(0), META);
    assert_eq!(column::<UInt32Array>(&batch, "bars_held").value(0), 9);
}

#[test]
fn empty_tables_are_streams_with_a_schema() {
    assert_eq!(read(&trades_arrow("GBPUSD", &[], &[]).unwrap()).num_rows(), 0);
    assert_eq!(read(&rejections_arrow(&[]).unwrap()).num_rows(), 0);
    let equity = read(&equity_arrow(&EquityCurve::default()).unwrap());
    assert_eq!((equity.num_rows(), equity.num_columns()), (0, 5));
}

#[test]
fn the_equity_table_is_unrounded() {
    let curve = EquityCurve {
        time_ns: vec![5],
        equity: vec![0.1 + 0.2],
        balance: vec![1.0],
        drawdown: vec![0.5],
        high_water: vec![2.0],
    };
    let batch = read(&equity_arrow(&curve).unwrap());
    assert_eq!(column::<TimestampNanosecondArray>(&batch, "timestamp_ns").value(0), 5);
    assert_eq!(column::<Float64Array>(&batch, "equity").value(0), 0.1 + 0.2);
}

#[test]
fn rejections_carry_code_and_detail() {
    let row =
        RejectionRow { order_id: None, bar_index: 4, timestamp_ns: 9, reason: RejectionCode::Cooldown, figure: None };
    let batch = read(&rejections_arrow(&[row]).unwrap());
    assert!(column::<UInt32Array>(&batch, "order_id").is_null(0));
    assert!(column::<Float64Array>(&batch, "figure").is_null(0));
    assert_eq!(category(&batch, "reason", 0), "cooldown");
    assert_eq!(column::<StringArray>(&batch, "detail").value(0), "a cooldown is running");
}

#[test]
fn the_same_table_gives_the_same_bytes() {
    let bytes = || trades_arrow("GBPUSD", &[trade(), trade()], &[META.to_owned(), META.to_owned()]).unwrap();
    assert_eq!(bytes(), bytes());
}

#[test]
fn typed_columns_mark_what_is_absent() {
    let mut bare = trade();
    bare.risk = None;
    let columns = trade_columns(&[trade(), bare]);
    let get = |key| columns.iter().find(|(name, _)| *name == key).map(|(_, data)| data).unwrap();
    assert_eq!(get("direction"), &ColumnData::Direction(vec![-1, -1]));
    assert_eq!(get("entry_time_ns"), &ColumnData::Instant(vec![1_709_649_000_000_000_000; 2]));
    assert!(matches!(get("risk"), ColumnData::Number(risk) if risk[0] == 84.7 && risk[1].is_nan()));
    assert!(matches!(get("reason"), ColumnData::Category(at, names) if names[at[0] as usize] == "stop_loss"));
    assert_eq!(get("position_id"), &ColumnData::Number(vec![17.0, 17.0]));
}

fn schema(name: &str) -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema").join(format!("{name}.schema.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Contract: the published schema knows exactly the fields that are written.
#[test]
fn the_schema_of_trades_names_every_field() {
    let written: Json =
        serde_json::from_slice(&trades_json("GBPUSD", &[trade()], &[META.to_owned()]).unwrap()).unwrap();
    let keys = |object: &Json| object.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let trade = &schema("trades")["$defs"]["trade"];
    assert_eq!(keys(&written[0]), keys(&trade["properties"]));
    let reasons: Vec<_> = ExitReason::ALL.iter().map(|reason| Json::from(reason.as_str())).collect();
    assert_eq!(trade["properties"]["reason"]["enum"], Json::from(reasons));
}

/// Contract: header and schema of the equity file agree.
#[test]
fn the_schema_of_equity_names_the_header() {
    let header: Vec<_> = EQUITY_CSV_HEADER.split(',').map(Json::from).collect();
    assert_eq!(schema("equity")["$defs"]["header"]["const"], Json::from(header));
}
