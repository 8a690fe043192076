//! Tables of a finished run: columns as fresh typed arrays, files as bytes.

use napi::bindgen_prelude::{BigInt64Array, External, Float64Array, Int8Array, Uint8Array};
use napi_derive::napi;
use omega_artifacts::{
    ArtifactError, ColumnData, REJECTION_TABLE, TRADE_TABLE, entries_jsonl, equity_arrow, equity_csv,
    metrics_extended_json, rejections_arrow, trades_arrow, trades_json,
};
use omega_types::equity::EquityCurve;

use crate::{
    answer::{failure, to_json},
    result::RunHandle,
};

/// A fresh copy of one column; exactly one field is present, none if there is no such column.
#[napi(object, object_from_js = false)]
#[derive(Default)]
pub struct ColumnAnswer {
    pub numbers: Option<Float64Array>,
    pub instants: Option<BigInt64Array>,
    pub directions: Option<Int8Array>,
    pub categories: Option<Uint8Array>,
}

impl From<ColumnData> for ColumnAnswer {
    fn from(data: ColumnData) -> Self {
        match data {
            ColumnData::Number(values) => Self { numbers: Some(Float64Array::new(values)), ..Self::default() },
            ColumnData::Instant(values) => Self { instants: Some(BigInt64Array::new(values)), ..Self::default() },
            ColumnData::Direction(values) => Self { directions: Some(Int8Array::new(values)), ..Self::default() },
            ColumnData::Category(values, _) => Self { categories: Some(Uint8Array::new(values)), ..Self::default() },
        }
    }
}

/// A column of `trades`, `equity` or `rejections` by its contract key, or of `indicators` by its name.
#[napi(catch_unwind)]
pub fn table_column(run: &External<RunHandle>, table: String, column: String) -> ColumnAnswer {
    let data = match table.as_str() {
        "trades" => TRADE_TABLE.iter().find(|c| c.key == column).map(|c| c.data(&run.result.trades)),
        "rejections" => REJECTION_TABLE.iter().find(|c| c.key == column).map(|c| c.data(run.rejections())),
        "indicators" => run.indicator(&column).map(|values| ColumnData::Number(values.to_vec())),
        "equity" => equity_column(&run.curve(), &column),
        _ => None,
    };
    data.map_or_else(ColumnAnswer::default, ColumnAnswer::from)
}

fn equity_column(curve: &EquityCurve, column: &str) -> Option<ColumnData> {
    Some(match column {
        "timestamp_ns" => ColumnData::Instant(curve.time_ns.clone()),
        "equity" => ColumnData::Number(curve.equity.clone()),
        "balance" => ColumnData::Number(curve.balance.clone()),
        "drawdown" => ColumnData::Number(curve.drawdown.clone()),
        "high_water" => ColumnData::Number(curve.high_water.clone()),
        _ => return None,
    })
}

/// `meta` of one trade as JSON text; nothing past the end.
#[napi(catch_unwind)]
pub fn trade_meta(run: &External<RunHandle>, index: u32) -> Option<String> {
    run.result.metas.get(index as usize).cloned()
}

/// Exactly one of the two is present.
#[napi(object, object_from_js = false)]
pub struct BytesAnswer {
    pub failure: Option<String>,
    pub bytes: Option<Uint8Array>,
}

impl From<Result<Vec<u8>, ArtifactError>> for BytesAnswer {
    fn from(encoded: Result<Vec<u8>, ArtifactError>) -> Self {
        match encoded {
            Ok(bytes) => Self { failure: None, bytes: Some(Uint8Array::new(bytes)) },
            Err(error) => Self { failure: Some(to_json(&failure(&error))), bytes: None },
        }
    }
}

/// A file or stream of a run: `equity.csv`, `trades.json`, `metrics_extended.json`, `entries.jsonl`, `trades.arrow`,
/// `equity.arrow`, `rejections.arrow`.
#[napi(catch_unwind)]
pub fn encode(run: &External<RunHandle>, what: String) -> BytesAnswer {
    let result = &run.result;
    let symbol = &result.provenance.symbol;
    match what.as_str() {
        "equity.csv" => equity_csv(&run.curve()).into(),
        "trades.json" => trades_json(symbol, &result.trades, &result.metas).into(),
        "metrics_extended.json" => {
            let extended = run.extended();
            metrics_extended_json(&extended.values(), &extended.definitions(), &extended.tables.to_json()).into()
        }
        "entries.jsonl" => entries_jsonl(run.entries()).into(),
        "trades.arrow" => trades_arrow(symbol, &result.trades, &result.metas).into(),
        "equity.arrow" => equity_arrow(&run.curve()).into(),
        "rejections.arrow" => rejections_arrow(run.rejections()).into(),
        _ => BytesAnswer { failure: None, bytes: None },
    }
}
