//! One event of the news calendar.

use std::{fmt, str::FromStr};

use omega_types::{config::Impact, time::SECOND_NS};

use crate::source_file::sha256_hex;

/// A release of figures, a speech, a decision: something at whose time quotes are not to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NewsEvent {
    /// When it happens, nanoseconds since the Unix epoch, UTC.
    pub time_ns: i64,
    /// Unlike that of every other event of a calendar.
    pub id: String,
    /// What it is; may be empty.
    pub name: String,
    /// How much it moves prices.
    pub impact: Impact,
    /// The currency that it concerns.
    pub currency: Currency,
}

impl NewsEvent {
    /// The identity of an event that has none of its own: first 32 hex digits of the SHA-256 of time in nanoseconds,
    /// currency, impact and name, joined with U+001F (data.md 7.2).
    pub(super) fn derived_id(time_ns: i64, currency: Currency, impact: Impact, name: &str) -> String {
        let text = format!("{time_ns}\u{1f}{currency}\u{1f}{}\u{1f}{name}", impact.as_str());
        let mut id = sha256_hex(text.as_bytes());
        id.truncate(32);
        id
    }
}

/// Nanoseconds of minutes of a filter.
pub(super) fn minutes_ns(minutes: u32) -> i64 {
    i64::from(minutes).saturating_mul(60 * SECOND_NS)
}

/// Three upper-case letters, `USD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// The text is not three upper-case letters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a three-letter code")]
pub struct UnknownCurrency(pub String);

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, UnknownCurrency> {
        match *text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(UnknownCurrency(text.to_owned())),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|&letter| fmt::Write::write_char(f, char::from(letter)))
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The impact that a calendar names in upper case.
pub(super) fn impact_of(text: &str) -> Option<Impact> {
    Impact::ALL.into_iter().find(|impact| impact.as_str() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_three_upper_case_letters() {
        assert_eq!("USD".parse::<Currency>().unwrap().to_string(), "USD");
        for text in ["", "US", "USDT", "usd", "U5D", "ÄÖ", "U D"] {
            assert!(text.parse::<Currency>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_event_without_identity_gets_one_from_what_it_is() {
        // The same by another implementation: hashlib.sha256("\x1f".join([…]).encode()).hexdigest()[:32].
        let id = |name| NewsEvent::derived_id(1_199_181_600_000_000_000, "CHF".parse().unwrap(), Impact::Low, name);
        assert_eq!(id("Gross Domestic Product"), "3aa05fac6192641b222dad1ccb19e2e9");
        assert_ne!(id(""), id("Gross Domestic Product"));
        assert_eq!(id("").len(), 32);
    }

    #[test]
    fn impacts_are_ranked() {
        assert!(Impact::Low < Impact::Medium && Impact::Medium < Impact::High);
        assert_eq!(impact_of("MEDIUM"), Some(Impact::Medium));
        assert_eq!((impact_of("medium"), impact_of("NONE")), (None, None));
    }
}
