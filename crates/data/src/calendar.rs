//! Which bars a market owes (decisions.md 7).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// When bars are expected. It feeds gap accounting and nothing else: no trade depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// The week of foreign exchange: Sunday 17:00 to Friday 17:00 New York.
    Fx,
    /// Around the clock, every day.
    Always,
    /// Unknown: no gap accounting.
    None,
}

impl Calendar {
    /// `fx` for six letters, `none` otherwise.
    pub fn default_for(symbol: &str) -> Self {
        let is_pair = symbol.len() == 6 && symbol.bytes().all(|byte| byte.is_ascii_uppercase());
        if is_pair { Self::Fx } else { Self::None }
    }

    /// The name in options.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fx => "fx",
            Self::Always => "always",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not one of fx, always, none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("calendar '{0}' is not one of fx, always, none")]
pub struct UnknownCalendar(pub String);

impl FromStr for Calendar {
    type Err = UnknownCalendar;

    fn from_str(text: &str) -> Result<Self, UnknownCalendar> {
        [Self::Fx, Self::Always, Self::None]
            .into_iter()
            .find(|calendar| calendar.as_str() == text)
            .ok_or_else(|| UnknownCalendar(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// decisions.md 7: the defaults.
    #[test]
    fn six_letters_are_a_currency_pair() {
        assert_eq!(Calendar::default_for("EURUSD"), Calendar::Fx);
        assert_eq!(Calendar::default_for("XAUUSD"), Calendar::Fx);
        assert_eq!(Calendar::default_for("US500"), Calendar::None);
        assert_eq!(Calendar::default_for("GER40A"), Calendar::None);
    }

    #[test]
    fn names_are_read_back() {
        for calendar in [Calendar::Fx, Calendar::Always, Calendar::None] {
            assert_eq!(calendar.as_str().parse(), Ok(calendar));
        }
        assert!("FX".parse::<Calendar>().is_err());
    }
}
