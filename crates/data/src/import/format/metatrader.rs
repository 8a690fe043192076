//! What MetaTrader 5 exports, in the time of the broker's server.

use super::{Format, Kind, PLAIN, Places, TimeForm, TimePlace, ZoneRule};

/// `<DATE> [<TIME>] <OPEN> <HIGH> <LOW> <CLOSE> <TICKVOL> <VOL> <SPREAD>`, bid prices.
pub(super) const BARS: Format = Format {
    name: "mt5-bars",
    spread: Some("<spread>"),
    places: |columns, _| {
        let time = TimePlace::Two(columns.one("<date>")?, columns.find("<time>")?);
        let values = columns.bar(["<open>", "<high>", "<low>", "<close>"], &["<tickvol>", "<vol>"])?;
        Ok(Places { time, form: TimeForm::YearFirst, zone: ZoneRule::Asked(None), values })
    },
    ..PLAIN
};

/// `<DATE> <TIME> <BID> <ASK> <LAST> <VOLUME> [<FLAGS>]`; a blank side is unchanged.
pub(super) const TICKS: Format = Format {
    name: "mt5-ticks",
    kind: Kind::Ticks,
    places: |columns, _| {
        let time = TimePlace::Two(columns.one("<date>")?, Some(columns.one("<time>")?));
        let values = columns.quote("<bid>", "<ask>", true)?;
        Ok(Places { time, form: TimeForm::YearFirst, zone: ZoneRule::Asked(None), values })
    },
    ..PLAIN
};
