//! `trades.json`: one object per closed trade, in close sequence (output.md 5).

use omega_types::{Json, Trade};

use crate::{
    ArtifactError,
    decimal::{push_i64, push_u64},
    instant::InstantWriter,
    json::{push_break, push_end, push_number, push_text, push_value},
};

const ARTIFACT: &str = "trades.json";
/// A record with a small `meta`.
const RECORD_BYTES: usize = 900;

/// The trades with every field of the contract; what a trade does not have is `null`. Numbers are unrounded.
///
/// `metas` holds one JSON object as text per trade.
///
/// # Errors
///
/// Not one `meta` per trade, a `meta` that is not a JSON object, a number that is not finite, exits out of order.
pub fn trades_json(symbol: &str, trades: &[Trade], metas: &[String]) -> Result<Vec<u8>, ArtifactError> {
    if metas.len() != trades.len() {
        let (expected, found) = (trades.len(), metas.len());
        return Err(ArtifactError::Length { artifact: ARTIFACT, field: "meta", expected, found });
    }
    let mut out = Vec::with_capacity(trades.len() * RECORD_BYTES + 4);
    let mut instant = InstantWriter::default();
    let mut previous = i64::MIN;
    out.push(b'[');
    for (row, (trade, meta)) in trades.iter().zip(metas).enumerate() {
        let next = trade.exit_time_ns;
        if next < previous {
            return Err(ArtifactError::Order { artifact: ARTIFACT, field: "exit_time_ns", row, previous, next });
        }
        previous = next;
        push_break(&mut out, row, 1);
        let mut record = Record { out: &mut out, instant: &mut instant, row, fields: 0 };
        record.push(symbol, trade, meta)?;
    }
    push_end(&mut out, trades.is_empty(), 0, b']');
    out.push(b'\n');
    Ok(out)
}

struct Record<'a> {
    out: &'a mut Vec<u8>,
    instant: &'a mut InstantWriter,
    row: usize,
    fields: usize,
}

impl Record<'_> {
    /// Keys in code point order.
    fn push(&mut self, symbol: &str, trade: &Trade, meta: &str) -> Result<(), ArtifactError> {
        self.out.push(b'{');
        self.whole("bars_held", trade.bars_held() as u64);
        self.text("direction", trade.direction.as_str());
        self.number("entry_fee", trade.entry_fee)?;
        self.number("entry_price", trade.entry_price)?;
        self.instant("entry_time", "entry_time_ns", trade.entry_time_ns);
        self.number("exit_fee", trade.exit_fee)?;
        self.number("exit_price", trade.exit_price)?;
        self.instant("exit_time", "exit_time_ns", trade.exit_time_ns);
        self.maybe("initial_stop_loss", trade.initial_stop_loss)?;
        self.number("mae", trade.mae)?;
        self.meta(meta)?;
        self.number("mfe", trade.mfe)?;
        self.whole("order_id", u64::from(trade.order_id));
        self.text("order_type", trade.order_type.as_str());
        self.whole("position_id", u64::from(trade.position_id));
        self.maybe("r_multiple", trade.r_multiple)?;
        self.text("reason", trade.reason.as_str());
        self.number("result", trade.result)?;
        self.maybe("risk", trade.risk)?;
        self.whole("scenario_id", u64::from(trade.scenario_id));
        self.number("size", trade.size)?;
        self.maybe("stop_loss", trade.stop_loss)?;
        self.text("symbol", symbol);
        self.maybe("take_profit", trade.take_profit)?;
        push_end(self.out, false, 1, b'}');
        Ok(())
    }

    /// Contract keys need no escape.
    fn key(&mut self, key: &str) {
        push_break(self.out, self.fields, 2);
        self.fields += 1;
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\": ");
    }

    fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        push_text(self.out, text);
    }

    fn whole(&mut self, key: &str, n: u64) {
        self.key(key);
        push_u64(self.out, n);
    }

    fn number(&mut self, key: &'static str, value: f64) -> Result<(), ArtifactError> {
        if !value.is_finite() {
            return Err(ArtifactError::NotFinite { artifact: ARTIFACT, field: key, row: self.row, value });
        }
        self.key(key);
        push_number(self.out, value);
        Ok(())
    }

    fn maybe(&mut self, key: &'static str, value: Option<f64>) -> Result<(), ArtifactError> {
        match value {
            Some(value) => self.number(key, value),
            None => {
                self.key(key);
                self.out.extend_from_slice(b"null");
                Ok(())
            }
        }
    }

    fn instant(&mut self, iso_key: &str, ns_key: &str, ns: i64) {
        self.key(iso_key);
        self.out.push(b'"');
        self.instant.push(self.out, ns);
        self.out.push(b'"');
        self.key(ns_key);
        push_i64(self.out, ns);
    }

    fn meta(&mut self, text: &str) -> Result<(), ArtifactError> {
        let row = self.row;
        let meta: Json = serde_json::from_str(text).map_err(|source| ArtifactError::Meta { row, source })?;
        if !meta.is_object() {
            return Err(ArtifactError::MetaShape { row });
        }
        self.key("meta");
        push_value(self.out, &meta, 2);
        Ok(())
    }
}
