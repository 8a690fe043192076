//! What an import is asked to do.

use std::path::PathBuf;

use omega_types::Timeframe;
use serde::{Deserialize, Serialize};

use super::{ImportError, ask::AskRule};
use crate::{Calendar, origin::is_symbol};

/// One import: exports of one symbol (CSV, plain or gzip, or Parquet) → candle files of one timeframe below `data_root`.
///
/// Sources are `bid` with `ask`, `bid` with a derived ask, `single`, or `ticks`. Several files are merged.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// Folder of the candle files; created if missing.
    pub data_root: PathBuf,
    /// Upper-cased on import.
    pub symbol: String,
    /// Bar length of the source; of the result for ticks.
    pub timeframe: Timeframe,
    /// Bid sources.
    #[serde(default)]
    pub bid: Vec<PathBuf>,
    /// Ask sources.
    #[serde(default)]
    pub ask: Vec<PathBuf>,
    /// Sources with one price per bar; each run derives the ask from its own spread.
    #[serde(default)]
    pub single: Vec<PathBuf>,
    /// Sources with bid and ask quotes; they become bars.
    #[serde(default)]
    pub ticks: Vec<PathBuf>,
    /// Ask = bid + this many pips. Needs `pip_size`.
    #[serde(default)]
    pub ask_from_spread: Option<f64>,
    /// Ask = bid + the value of this column × `point`; without `point` the column is in the price unit of the file.
    #[serde(default)]
    pub ask_from_column: Option<String>,
    /// Size of a pip as a price.
    #[serde(default)]
    pub pip_size: Option<f64>,
    /// Size of a point as a price. With `mt5-bars` it derives the ask from the column `<SPREAD>`.
    #[serde(default)]
    pub point: Option<f64>,
    /// One of data.md 7.1; by the header if absent.
    #[serde(default)]
    pub format: Option<String>,
    /// Name of the time column (`generic`, `generic-ticks`).
    #[serde(default)]
    pub time_column: Option<String>,
    /// Times are numbers of this unit since 1970-01-01 UTC (`generic`, `generic-ticks`), or since midnight of `date`.
    #[serde(default)]
    pub time_unit: Option<EpochUnit>,
    /// Name of the bid column (`generic-ticks`).
    #[serde(default)]
    pub bid_column: Option<String>,
    /// Name of the ask column (`generic-ticks`).
    #[serde(default)]
    pub ask_column: Option<String>,
    /// The day of ticks that only show the time since midnight (`generic-ticks`), `yyyy-MM-dd`.
    #[serde(default)]
    pub date: Option<String>,
    /// Zone of times without an offset: `UTC`, `+02:00`, an IANA name, or `ny+7` (New York wall clock plus 7 h).
    #[serde(default)]
    pub timezone: Option<String>,
    /// Prices of the source are divided by this number, correctly rounded.
    #[serde(default)]
    pub price_divisor: Option<f64>,
    /// What happens if bid lies above ask at open or close.
    #[serde(default)]
    pub on_crossed: OnCrossed,
    /// Largest share of the bars that `on_crossed = drop` may drop.
    #[serde(default = "one_percent")]
    pub max_drop: f64,
    /// Which bars are expected, for the gap counts of the report; by the symbol if absent.
    #[serde(default)]
    pub calendar: Option<Calendar>,
    /// Whether time stamps are open or close times.
    #[serde(default)]
    pub label: Label,
    /// Drops bars without volume and movement; `weekend` for bars of Dukascopy and `none` for others if absent.
    #[serde(default)]
    pub drop_flat: Option<DropFlat>,
    /// Drops what the loader of Omega V1 dropped: intraday bars outside Monday 07:00 – Saturday 07:00 Sydney; daily bars of
    /// weekends and flat ones.
    #[serde(default)]
    pub v1_market_hours: bool,
    /// Replaces existing files.
    #[serde(default)]
    pub overwrite: bool,
}

fn one_percent() -> f64 {
    0.01
}

/// Unit of numeric times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum EpochUnit {
    S,
    Ms,
    Us,
    Ns,
}

impl EpochUnit {
    /// Length in nanoseconds.
    pub const fn ns(self) -> i64 {
        match self {
            Self::S => 1_000_000_000,
            Self::Ms => 1_000_000,
            Self::Us => 1_000,
            Self::Ns => 1,
        }
    }
}

/// What happens to crossed bars: bid open above ask open, or bid close above ask close (decisions.md 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCrossed {
    /// The import stops.
    #[default]
    Fail,
    /// Both sides of the bar are left out, up to `max_drop`.
    Drop,
    /// Ask := max(ask, bid) in all four fields of every bar, no limit.
    Clamp,
}

impl OnCrossed {
    /// The name in requests and file metadata.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Drop => "drop",
            Self::Clamp => "clamp",
        }
    }
}

/// Which moment of a bar its time stamp names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Label {
    #[default]
    Open,
    Close,
}

/// Which bars with volume 0 and O = H = L = C are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropFlat {
    /// Those outside the FX week.
    Weekend,
    /// None.
    #[default]
    None,
    /// Everywhere.
    All,
}

/// Where the candles come from, once the request is checked.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sources {
    Both { bid: Vec<PathBuf>, ask: Vec<PathBuf> },
    Derived { bid: Vec<PathBuf>, rule: Option<AskRule> },
    Single(Vec<PathBuf>),
    Ticks(Vec<PathBuf>),
}

impl ImportRequest {
    /// Finds contradictions that can be seen without reading a file.
    pub(super) fn sources(&self) -> Result<Sources, ImportError> {
        self.check_numbers()?;
        let contradiction = |name, reason: &str| Err(argument(name, "given", reason));
        let rules =
            [("ask_from_spread", self.ask_from_spread.is_some()), ("ask_from_column", self.ask_from_column.is_some())];
        let derived = rules.iter().find(|(_, given)| *given).map(|(name, _)| *name);
        if rules.iter().all(|(_, given)| *given) {
            return contradiction(
                "ask_from_column",
                "ask_from_spread is given as well; the ask can come from one place only",
            );
        }
        if !self.ticks.is_empty() {
            if !self.bid.is_empty() || !self.ask.is_empty() || !self.single.is_empty() {
                return contradiction("ticks", "bid, ask or single sources are given as well");
            }
            if self.label == Label::Close {
                return contradiction("label", "ticks have no label; their bars carry the open time");
            }
            return match derived {
                Some(name) => contradiction(name, "ticks have an ask of their own"),
                None => Ok(Sources::Ticks(self.ticks.clone())),
            };
        }
        let of_ticks = [
            ("bid_column", self.bid_column.is_some()),
            ("ask_column", self.ask_column.is_some()),
            ("date", self.date.is_some()),
        ];
        if let Some((name, _)) = of_ticks.into_iter().find(|(_, given)| *given) {
            return contradiction(name, "it is about ticks, and no ticks are given");
        }
        if !self.single.is_empty() {
            if !self.bid.is_empty() || !self.ask.is_empty() {
                return contradiction("single", "bid or ask sources are given as well");
            }
            return match derived {
                Some(name) => {
                    contradiction(name, "single quotes have no ask; the run derives it from data.spread_pips")
                }
                None => Ok(Sources::Single(self.single.clone())),
            };
        }
        if self.bid.is_empty() {
            return Err(argument("bid", "[]", "no source: give bid (with ask), single or ticks"));
        }
        if self.ask.is_empty() {
            return Ok(Sources::Derived { bid: self.bid.clone(), rule: self.ask_rule()? });
        }
        if let Some(name) = derived {
            return contradiction(name, "ask sources are given as well; the ask can come from one place only");
        }
        if let Some(path) = self.bid.iter().find(|path| self.ask.contains(path)) {
            return Err(argument("ask", &path.display().to_string(), "the same file is a bid source"));
        }
        Ok(Sources::Both { bid: self.bid.clone(), ask: self.ask.clone() })
    }

    fn ask_rule(&self) -> Result<Option<AskRule>, ImportError> {
        if let Some(pips) = self.ask_from_spread {
            let Some(pip_size) = self.pip_size else {
                return Err(argument("ask_from_spread", &pips.to_string(), "needs pip_size"));
            };
            return Ok(Some(AskRule::Spread { pips, pip_size }));
        }
        Ok(self.ask_from_column.as_ref().map(|column| AskRule::Column { column: column.clone(), point: self.point }))
    }

    fn check_numbers(&self) -> Result<(), ImportError> {
        let positive = [("pip_size", self.pip_size), ("point", self.point), ("price_divisor", self.price_divisor)];
        for (name, value) in positive {
            if let Some(value) = value
                && !(value.is_finite() && value > 0.0)
            {
                return Err(argument(name, &value.to_string(), "is not a positive number"));
            }
        }
        if let Some(pips) = self.ask_from_spread
            && !(pips.is_finite() && pips >= 0.0)
        {
            return Err(argument("ask_from_spread", &pips.to_string(), "is not a number of pips, 0 or more"));
        }
        if !(0.0..=1.0).contains(&self.max_drop) {
            return Err(argument("max_drop", &self.max_drop.to_string(), "is not a share between 0 and 1"));
        }
        Ok(())
    }
}

/// The symbol as file names carry it.
///
/// # Errors
///
/// `ARG_INVALID` if it is not a legal symbol (config.md, `symbol`).
pub(crate) fn checked_symbol(symbol: &str) -> Result<String, ImportError> {
    let upper = symbol.trim().to_ascii_uppercase();
    if is_symbol(&upper) {
        return Ok(upper);
    }
    Err(argument("symbol", symbol, "is not a symbol: letters, digits, '.', '_' and '-', at most 32"))
}

pub(crate) fn argument(name: &'static str, value: &str, reason: &str) -> ImportError {
    ImportError::Argument { name, value: value.to_owned(), reason: reason.to_owned() }
}
