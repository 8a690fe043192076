//! The project's own files, and whatever names its columns in a usual way.

use super::{
    super::EpochUnit, Columns, Complaint, Format, Kind, PLAIN, Places, TimeForm, TimePlace, UTC, Wanted, ZoneRule,
};

pub(super) const PRICES: [&str; 4] = ["open", "high", "low", "close"];

/// `UTC time,Open,High,Low,Close[,Volume]`, UTC.
pub(super) const NATIVE: Format = Format {
    name: "native",
    places: |columns, _| {
        let time = TimePlace::One(columns.one("utc time")?);
        let values = columns.bar(PRICES, &["volume"])?;
        Ok(Places { time, form: TimeForm::YearFirst, zone: UTC, values })
    },
    ..PLAIN
};

/// A time column and open, high, low, close[, volume] in any order.
pub(super) const GENERIC: Format = Format {
    name: "generic",
    is_generic: true,
    places: |columns, wanted| {
        let (time, _) = time_column(columns, wanted, &["timestamp", "time", "date", "datetime"])?;
        let values = columns.bar(PRICES, &["volume", "tick_volume", "tickvol", "vol"])?;
        let form = wanted.time_unit.map_or(TimeForm::YearFirst, TimeForm::Epoch);
        Ok(Places { time: TimePlace::One(time), form, zone: ZoneRule::Asked(None), values })
    },
    ..PLAIN
};

/// A time column, bid and ask in any order (decisions.md 3). Times of day need the day that they belong to.
pub(super) const TICKS: Format = Format {
    name: "generic-ticks",
    kind: Kind::Ticks,
    is_generic: true,
    places: |columns, wanted| {
        let usual = ["timestamp", "time", "date", "datetime", "utc time", SINCE_MIDNIGHT_UTC];
        let (time, name) = time_column(columns, wanted, &usual)?;
        let form = match wanted.time_unit {
            _ if wanted.has_date || name == SINCE_MIDNIGHT_UTC => {
                TimeForm::OfDay(wanted.time_unit.unwrap_or(EpochUnit::Ms))
            }
            Some(unit) => TimeForm::Epoch(unit),
            None => TimeForm::YearFirst,
        };
        let zone = if matches!(name.as_str(), SINCE_MIDNIGHT_UTC | "utc time") { UTC } else { ZoneRule::Asked(None) };
        let lower = |name: Option<&str>, usual: &str| name.map_or(usual.to_owned(), |name| name.trim().to_lowercase());
        let (bid, ask) = (lower(wanted.bid_column, "bid"), lower(wanted.ask_column, "ask"));
        let values = columns.quote(&bid, &ask, false)?;
        Ok(Places { time: TimePlace::One(time), form, zone, values })
    },
    ..PLAIN
};

/// A column of milliseconds; its name tells the zone as well.
const SINCE_MIDNIGHT_UTC: &str = "ms_since_midnight_utc";

/// The column that the request names, or the one with a usual name.
fn time_column(columns: &Columns<'_>, wanted: &Wanted<'_>, usual: &[&str]) -> Result<(usize, String), Complaint> {
    match wanted.time_column {
        Some(name) => {
            let name = name.trim().to_lowercase();
            Ok((columns.one(&name)?, name))
        }
        None => columns.only(usual).map(|(place, name)| (place, name.to_owned())),
    }
}
