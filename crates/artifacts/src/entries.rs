//! `entries.jsonl`: one line per entry signal that the run remembers (output.md 8).

use omega_types::{Bar, Json, Signal, time::iso, trade::RejectionCode};
use serde_json::json;

use crate::{ArtifactError, json::json_line};

/// One entry signal as it is reported.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EntryRow<'a> {
    /// `None` for conflicting signals, which have no number.
    pub order_id: Option<u32>,
    /// Row of the equity table.
    pub bar_index: u32,
    /// Open time of that bar.
    pub time_ns: i64,
    /// What was asked for; `None` for conflicting signals.
    pub signal: Option<Signal>,
    /// Why it was refused; `None`: filled or placed.
    pub refused: Option<RejectionCode>,
    /// What the strategy says about it: one JSON object as text.
    pub meta: &'a str,
}

impl<'a> EntryRow<'a> {
    /// The row of an entry on `bar`. `time` are the open times of all bars loaded, `first` is the first trading bar.
    /// `None` if the bar lies outside of them.
    pub fn new(
        (bar, order_id): (Bar, Option<u32>),
        signal: Option<Signal>,
        refused: Option<RejectionCode>,
        meta: &'a str,
        (time, first): (&[i64], Bar),
    ) -> Option<Self> {
        let bar_index = u32::try_from(bar.checked_sub(first)?).ok()?;
        Some(Self { order_id, bar_index, time_ns: *time.get(bar)?, signal, refused, meta })
    }
}

/// The rows, one JSON object per line with sorted keys. What a signal does not have, or has malformed, is `null`.
///
/// # Errors
///
/// A `meta` that is not a JSON object.
pub fn entries_jsonl<'a>(rows: impl IntoIterator<Item = EntryRow<'a>>) -> Result<Vec<u8>, ArtifactError> {
    let mut out = Vec::new();
    for (number, row) in rows.into_iter().enumerate() {
        let meta: Json = serde_json::from_str(row.meta)
            .map_err(|source| ArtifactError::EntryMeta { row: number, source: Some(source) })?;
        if !meta.is_object() {
            return Err(ArtifactError::EntryMeta { row: number, source: None });
        }
        let signal = row.signal.as_ref();
        json_line(
            &mut out,
            &json!({
                "time": iso(row.time_ns),
                "time_ns": row.time_ns,
                "bar_index": row.bar_index,
                "order_id": row.order_id,
                "scenario_id": signal.map_or(0, |signal| signal.scenario_id),
                "direction": signal.map(|signal| signal.direction.as_str()),
                "accepted": row.refused.is_none(),
                "reject_reason": row.refused.map(RejectionCode::as_str),
                "order_type": signal.map(|signal| signal.order_type.as_str()),
                "entry_price": signal.and_then(|signal| signal.entry_price),
                "stop_loss": signal.and_then(|signal| signal.stop_loss),
                "take_profit": signal.and_then(|signal| signal.take_profit),
                "meta": meta,
            }),
        );
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use omega_types::{Coded, Direction, OrderType};

    use super::*;

    fn row(signal: Option<Signal>, refused: Option<RejectionCode>, meta: &str) -> EntryRow<'_> {
        EntryRow {
            order_id: signal.map(|_| 7),
            bar_index: 3,
            time_ns: 1_709_649_000_000_000_000,
            signal,
            refused,
            meta,
        }
    }

    fn limit() -> Signal {
        Signal {
            order_type: OrderType::Limit,
            entry_price: Some(1.25),
            stop_loss: Some(1.24),
            scenario_id: 3,
            ..Signal::market(Direction::Long)
        }
    }

    #[test]
    fn one_line_per_signal_with_the_fields_of_the_contract() {
        let malformed = Signal { stop_loss: Some(f64::NAN), ..Signal::market(Direction::Short) };
        let rows = [
            row(Some(limit()), None, "{\"z\":-2.5,\"scenario\":\"long_3\"}"),
            row(Some(malformed), Some(RejectionCode::InvalidSignal), "{}"),
            row(None, Some(RejectionCode::ConflictingSignals), "{}"),
        ];
        // output.md 8 names the fields; output.md 3: sorted keys, both forms of an instant.
        let expected = "\
{\"accepted\":true,\"bar_index\":3,\"direction\":\"long\",\"entry_price\":1.25,\"meta\":{\"scenario\":\"long_3\",\
\"z\":-2.5},\"order_id\":7,\"order_type\":\"limit\",\"reject_reason\":null,\"scenario_id\":3,\"stop_loss\":1.24,\
\"take_profit\":null,\"time\":\"2024-03-05T14:30:00Z\",\"time_ns\":1709649000000000000}
{\"accepted\":false,\"bar_index\":3,\"direction\":\"short\",\"entry_price\":null,\"meta\":{},\"order_id\":7,\
\"order_type\":\"market\",\"reject_reason\":\"invalid_signal\",\"scenario_id\":0,\"stop_loss\":null,\
\"take_profit\":null,\"time\":\"2024-03-05T14:30:00Z\",\"time_ns\":1709649000000000000}
{\"accepted\":false,\"bar_index\":3,\"direction\":null,\"entry_price\":null,\"meta\":{},\"order_id\":null,\
\"order_type\":null,\"reject_reason\":\"conflicting_signals\",\"scenario_id\":0,\"stop_loss\":null,\
\"take_profit\":null,\"time\":\"2024-03-05T14:30:00Z\",\"time_ns\":1709649000000000000}
";
        assert_eq!(String::from_utf8(entries_jsonl(rows).unwrap()).unwrap(), expected);
        assert_eq!(entries_jsonl([]).unwrap(), b"");
    }

    #[test]
    fn bars_are_numbered_from_the_first_trading_bar() {
        let at = |bar| EntryRow::new((bar, Some(1)), None, None, "{}", (&[10, 20, 30], 1));
        assert_eq!(at(2).map(|row| (row.bar_index, row.time_ns)), Some((1, 30)));
        assert_eq!((at(0), at(3)), (None, None));
    }

    #[test]
    fn a_note_that_is_no_object_is_refused() {
        for meta in ["[]", "{"] {
            let error = entries_jsonl([row(Some(limit()), None, meta)]).unwrap_err();
            assert_eq!((error.code().name, error.details()["row"].as_u64()), ("OUT_CONTRACT", Some(0)));
            assert!(error.to_string().starts_with("entries.jsonl: meta of row 0"), "{error}");
        }
    }
}
