//! Where candles come from, as messages name it.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use omega_types::Timeframe;

use crate::write::{FileSide, relative_path};

/// One side of one series: a file, or arrays that a program holds. Displayed as the path relative to the data root.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Origin {
    pub symbol: String,
    pub timeframe: Timeframe,
    pub side: FileSide,
    /// How messages name it; `/` separators on every system.
    pub shown: String,
    /// The file itself; `None` for arrays.
    pub path: Option<PathBuf>,
}

impl Origin {
    /// The file of one side below `root`.
    pub fn file(root: &Path, symbol: &str, timeframe: Timeframe, side: FileSide) -> Self {
        let shown = relative_path(symbol, timeframe, side);
        let path = shown.split('/').fold(root.to_path_buf(), |path, part| path.join(part));
        Self { symbol: symbol.to_owned(), timeframe, side, shown, path: Some(path) }
    }

    /// Arrays that a program holds.
    pub fn memory(symbol: &str, timeframe: Timeframe, side: FileSide) -> Self {
        let shown = match side {
            FileSide::Single => format!("{symbol} {timeframe}"),
            FileSide::Bid | FileSide::Ask => format!("{symbol} {timeframe} {}", side.as_str()),
        };
        Self { symbol: symbol.to_owned(), timeframe, side, shown, path: None }
    }

    /// The manifest kind (data.md 11, decisions.md 8, 52).
    pub fn input_kind(&self) -> &'static str {
        match (&self.path, self.side) {
            (None, _) => "market_memory",
            (Some(_), FileSide::Bid) => "market_parquet_bid",
            (Some(_), FileSide::Ask) => "market_parquet_ask",
            (Some(_), FileSide::Single) => "market_parquet_single",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// May `symbol` name a folder and files? `^[A-Z0-9][A-Z0-9._-]{0,31}$` without `..` (config.md 2).
pub(crate) fn is_symbol(symbol: &str) -> bool {
    let legal = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    symbol.len() <= 32
        && symbol.chars().next().is_some_and(legal)
        && symbol.chars().all(|c| legal(c) || matches!(c, '.' | '_' | '-'))
        && !symbol.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_cannot_leave_the_data_root() {
        for symbol in ["EURUSD", "US500.CASH", "BRK-B", "X"] {
            assert!(is_symbol(symbol), "{symbol}");
        }
        for symbol in ["", "eurusd", "../X", "A..B", ".A", "A/B", "EUR USD", &"A".repeat(33)] {
            assert!(!is_symbol(symbol), "{symbol}");
        }
    }

    #[test]
    fn messages_show_the_path_below_the_root() {
        let origin = Origin::file(Path::new("root"), "EURUSD", Timeframe::M5, FileSide::Bid);
        assert_eq!(origin.to_string(), "EURUSD/EURUSD_M5_BID.parquet");
        assert_eq!(origin.path, Some(Path::new("root").join("EURUSD").join("EURUSD_M5_BID.parquet")));
    }
}
