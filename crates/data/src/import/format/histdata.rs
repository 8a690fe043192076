//! What HistData.com publishes: no header, bid bars or ticks, five hours behind UTC all year.

use super::{
    Columns, Complaint, Format, Kind, PLAIN, Places, TimeForm, TimePlace, Told, Values, ZoneRule, generic::PRICES,
};

/// New York without daylight saving.
const BEHIND_UTC_S: i64 = -5 * 3_600;

/// `yyyyMMdd HHmmss;O;H;L;C;V`.
pub(super) const ASCII_M1: Format = Format {
    name: "histdata-ascii-m1",
    bare: Some(&["time", "open", "high", "low", "close", "volume"]),
    separators: b";",
    places: |columns, _| {
        bars(columns, TimePlace::One(columns.one("time")?), TimeForm::Compact, ZoneRule::Fixed(BEHIND_UTC_S))
    },
    ..PLAIN
};

/// `yyyy.MM.dd,HH:mm,O,H,L,C,V`. The history centre of MetaTrader 4 writes the same, in the time of a broker.
pub(super) const MT: Format = Format {
    name: "histdata-mt",
    told: Told::WithZone,
    bare: Some(&["date", "time", "open", "high", "low", "close", "volume"]),
    separators: b",",
    places: |columns, _| {
        let time = TimePlace::Two(columns.one("date")?, Some(columns.one("time")?));
        bars(columns, time, TimeForm::YearFirst, ZoneRule::Preset(BEHIND_UTC_S))
    },
    ..PLAIN
};

/// `yyyyMMdd HHmmssSSS,bid,ask,volume`.
pub(super) const ASCII_TICKS: Format = Format {
    name: "histdata-ascii-ticks",
    kind: Kind::Ticks,
    bare: Some(&["time", "bid", "ask", "volume"]),
    separators: b",",
    places: |columns, _| {
        let values = Values::Quote { bid: columns.one("bid")?, ask: columns.one("ask")?, carries: false };
        let time = TimePlace::One(columns.one("time")?);
        Ok(Places { time, form: TimeForm::CompactMillis, zone: ZoneRule::Fixed(BEHIND_UTC_S), values })
    },
    ..PLAIN
};

fn bars(columns: &Columns<'_>, time: TimePlace, form: TimeForm, zone: ZoneRule) -> Result<Places, Complaint> {
    Ok(Places { time, form, zone, values: columns.bar(PRICES, &["volume"])? })
}
