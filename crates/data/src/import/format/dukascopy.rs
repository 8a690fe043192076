//! What Dukascopy's website, its JForex platform and the package dukascopy-node export.

use super::{
    super::{DropFlat, EpochUnit},
    Columns, Complaint, Format, Kind, PLAIN, Places, TimeForm, TimePlace, Told, UTC, ZoneRule,
    generic::PRICES,
};

/// Dukascopy fills the weekend with flat bars.
const BARS: Format = Format { drop_flat: DropFlat::Weekend, ..PLAIN };

/// `Gmt time,Open,High,Low,Close,Volume`.
pub(super) const WEB: Format = Format {
    name: "dukascopy-web",
    places: |columns, _| bars(columns, columns.one("gmt time")?, TimeForm::DayFirst, UTC),
    ..BARS
};

/// `Local time,Open,…`: the clock of the exporting computer, its offset in every row.
pub(super) const LOCAL: Format = Format {
    name: "dukascopy-local",
    places: |columns, _| bars(columns, columns.one("local time")?, TimeForm::DayFirst, ZoneRule::Asked(None)),
    ..BARS
};

/// `Time (UTC),Open,…`, or another zone in the brackets, mostly EET.
pub(super) const JFOREX: Format = Format {
    name: "dukascopy-jforex",
    places: |columns, _| {
        for (name, zone) in [
            ("time (utc)", UTC),
            ("time (gmt)", UTC),
            ("time (eet)", ZoneRule::Asked(Some("EET"))),
            ("time (local)", ZoneRule::Asked(None)),
        ] {
            if let Some(time) = columns.find(name)? {
                return bars(columns, time, TimeForm::YearOrDayFirst, zone);
            }
        }
        Err(Complaint::far("there is no column 'time (utc)', 'time (eet)' or the like"))
    },
    ..BARS
};

/// `Etc/UTC,Open,…`.
pub(super) const ETC_UTC: Format = Format {
    name: "dukascopy-etc-utc",
    places: |columns, _| bars(columns, columns.one("etc/utc")?, TimeForm::YearFirst, UTC),
    ..BARS
};

/// `timestamp,open,high,low,close[,volume]`, milliseconds.
pub(super) const NODE: Format = Format {
    name: "dukascopy-node",
    told: Told::Never,
    places: |columns, _| bars(columns, columns.one("timestamp")?, TimeForm::Epoch(EpochUnit::Ms), UTC),
    ..BARS
};

/// `Gmt time,Ask,Bid,AskVolume,BidVolume`.
pub(super) const TICKS: Format = Format {
    name: "dukascopy-ticks",
    kind: Kind::Ticks,
    places: |columns, _| {
        let time = TimePlace::One(columns.one("gmt time")?);
        Ok(Places { time, form: TimeForm::DayFirst, zone: UTC, values: columns.quote("bid", "ask", false)? })
    },
    ..PLAIN
};

fn bars(columns: &Columns<'_>, time: usize, form: TimeForm, zone: ZoneRule) -> Result<Places, Complaint> {
    Ok(Places { time: TimePlace::One(time), form, zone, values: columns.bar(PRICES, &["volume"])? })
}
