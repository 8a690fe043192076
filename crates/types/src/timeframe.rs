//! The bar lengths that Omega knows.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A bar length. Written as in configurations and file names: `M5`, `H1`, `D1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Timeframe {
    M1,
    M5,
    M15,
    M30,
    H1,
    H4,
    D1,
    W1,
}

impl Timeframe {
    /// All of them, shortest first.
    pub const ALL: [Self; 8] = [Self::M1, Self::M5, Self::M15, Self::M30, Self::H1, Self::H4, Self::D1, Self::W1];

    /// Nominal duration in nanoseconds.
    pub const fn duration_ns(self) -> i64 {
        let seconds = match self {
            Self::M1 => 60,
            Self::M5 => 300,
            Self::M15 => 900,
            Self::M30 => 1_800,
            Self::H1 => 3_600,
            Self::H4 => 14_400,
            Self::D1 => 86_400,
            Self::W1 => 604_800,
        };
        seconds * 1_000_000_000
    }

    /// The name used in configurations and file names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::M1 => "M1",
            Self::M5 => "M5",
            Self::M15 => "M15",
            Self::M30 => "M30",
            Self::H1 => "H1",
            Self::H4 => "H4",
            Self::D1 => "D1",
            Self::W1 => "W1",
        }
    }

    /// Bars of M1 to H1 open on multiples of their duration; longer ones may be anchored elsewhere (data.md 3).
    pub const fn has_grid(self) -> bool {
        matches!(self, Self::M1 | Self::M5 | Self::M15 | Self::M30 | Self::H1)
    }
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not one of M1, M5, M15, M30, H1, H4, D1, W1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not one of M1, M5, M15, M30, H1, H4, D1, W1")]
pub struct UnknownTimeframe(pub String);

impl FromStr for Timeframe {
    type Err = UnknownTimeframe;

    fn from_str(text: &str) -> Result<Self, UnknownTimeframe> {
        Self::ALL.into_iter().find(|tf| tf.as_str() == text).ok_or_else(|| UnknownTimeframe(text.to_owned()))
    }
}
