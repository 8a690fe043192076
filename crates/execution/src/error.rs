//! What can be wrong with costs, specifications and rates, and what stops a running simulation.

use omega_types::{Bar, Code, Coded, Json, code};
use serde_json::json;

/// One wrong value in a small file or in the run configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Path of the key: `defaults.slippage.fixed_pips`, `EURUSD.tick_size`.
    pub key: String,
    /// The value, at most 80 characters; `missing` if there is none.
    pub value: String,
    /// What is wrong: `must be greater than 0`.
    pub problem: String,
    /// Base name of the file, `inline`, or `run configuration`.
    pub file: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} (found {}, {})", self.key, self.problem, self.value, self.file)
    }
}

/// Why an amount has to be converted. It decides what to suggest when no path exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Profit, sizing and marks: quote currency → account currency.
    QuoteToAccount,
    /// Fees: fee currency → account currency.
    FeeToAccount,
    /// Notional fees: quote currency → fee currency.
    QuoteToFee,
}

impl Purpose {
    /// The name in the run metadata.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QuoteToAccount => "quote_to_account",
            Self::FeeToAccount => "fee_to_account",
            Self::QuoteToFee => "quote_to_fee",
        }
    }
}

/// What can go wrong between the cost files and a booked fill.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ExecutionError {
    /// The traded symbol has no entry.
    #[error("no specification for {symbol} in {file}")]
    SymbolSpecMissing {
        /// The traded symbol.
        symbol: String,
        /// Base name of the file, or `no symbol specifications`.
        file: String,
    },

    /// The entry of the traded symbol is wrong.
    #[error("invalid symbol specification: {0}")]
    SymbolSpecInvalid(Box<Finding>),

    /// Costs are enabled and no costs file was given.
    #[error("no execution costs although costs.enabled is true")]
    CostsFileMissing,

    /// The costs file is wrong.
    #[error("invalid execution costs: {0}")]
    CostsInvalid(Box<Finding>),

    /// The static rates are wrong.
    #[error("invalid conversion rates: {0}")]
    FxRatesInvalid(Box<Finding>),

    /// No conversion path between two currencies.
    #[error("no rate to convert {from} to {to} ({} for {symbol}, hub {hub})", purpose.as_str())]
    FxPathMissing {
        /// Currency of the amount.
        from: String,
        /// Currency that is needed.
        to: String,
        /// What the conversion is for.
        purpose: Purpose,
        /// The traded symbol.
        symbol: String,
        /// `account.fx.hub`.
        hub: String,
    },

    /// A setting needs a feature that is not built yet.
    #[error("{path}: {message}")]
    Unsupported {
        /// Field of the configuration or of the costs file.
        path: String,
        /// What is missing.
        message: String,
    },

    /// No rate at this bar.
    #[error("no conversion rate at bar {bar}")]
    FxRateUnavailable {
        /// The bar of the event.
        bar: Bar,
    },

    /// A number became NaN or infinite.
    #[error("{what} is {value} at bar {bar}")]
    NonFinite {
        /// `fill price`, `fee`, …
        what: &'static str,
        /// The value.
        value: f64,
        /// The bar of the event.
        bar: Bar,
    },

    /// A fill price of zero or less.
    #[error("fill price {price} at bar {bar} is not positive")]
    NonPositiveFillPrice {
        /// The fill price after slippage.
        price: f64,
        /// The bar of the fill.
        bar: Bar,
    },
}

impl Coded for ExecutionError {
    fn code(&self) -> Code {
        match self {
            Self::SymbolSpecMissing { .. } => code::SYMBOL_SPEC_MISSING,
            Self::SymbolSpecInvalid(_) => code::SYMBOL_SPEC_INVALID,
            Self::CostsFileMissing => code::COSTS_FILE_MISSING,
            Self::CostsInvalid(_) => code::COSTS_INVALID,
            Self::FxRatesInvalid(_) => code::FX_RATES_INVALID,
            Self::FxPathMissing { .. } => code::FX_PATH_MISSING,
            Self::Unsupported { .. } => code::CFG_UNSUPPORTED,
            Self::FxRateUnavailable { .. } => code::FX_RATE_UNAVAILABLE,
            Self::NonFinite { .. } => code::NON_FINITE_VALUE,
            Self::NonPositiveFillPrice { .. } => code::NON_POSITIVE_FILL_PRICE,
        }
    }

    fn details(&self) -> Json {
        match self {
            Self::SymbolSpecMissing { symbol, file } => json!({ "symbol": symbol, "file": file }),
            Self::SymbolSpecInvalid(finding) | Self::CostsInvalid(finding) | Self::FxRatesInvalid(finding) => json!({
                "key": finding.key, "value": finding.value, "problem": finding.problem, "file": finding.file,
            }),
            Self::CostsFileMissing => json!({}),
            Self::FxPathMissing { from, to, purpose, symbol, hub } => {
                json!({ "from": from, "to": to, "purpose": purpose.as_str(), "symbol": symbol, "hub": hub })
            }
            Self::Unsupported { path, .. } => json!({ "path": path }),
            Self::FxRateUnavailable { bar } => json!({ "bar": bar }),
            Self::NonFinite { what, bar, .. } => json!({ "what": what, "bar": bar }),
            Self::NonPositiveFillPrice { price, bar } => json!({ "price": price, "bar": bar }),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::SymbolSpecMissing { symbol, .. } => Some(format!(
                "add an entry {symbol} with contract_size, tick_size and pip_size to the symbol specifications file; \
                 the values stand in the broker's contract specification, none are guessed"
            )),
            Self::SymbolSpecInvalid(finding) => Some(format!("correct {} in {}", finding.key, finding.file)),
            Self::CostsFileMissing => {
                Some("give an execution costs file, or set costs.enabled to false to run without costs".to_owned())
            }
            Self::CostsInvalid(finding) => Some(format!("correct {} in {}", finding.key, finding.file)),
            Self::FxRatesInvalid(finding) => Some(format!(
                "correct {} in {}: keys are two currency codes such as EURUSD, values positive numbers",
                finding.key, finding.file
            )),
            Self::FxPathMissing { from, to, purpose, hub, .. } => Some(path_hint(from, to, *purpose, hub)),
            Self::NonPositiveFillPrice { .. } => {
                Some("the slippage is larger than the price: check pip_size of the symbol specification".to_owned())
            }
            Self::Unsupported { .. } | Self::FxRateUnavailable { .. } | Self::NonFinite { .. } => None,
        }
    }
}

/// Names both remedies: the rate that is missing, in the order in which markets quote it, and the setting that makes it
/// unnecessary.
fn path_hint(from: &str, to: &str, purpose: Purpose, hub: &str) -> String {
    let mut rates = format!("a static rate for {}", quoted_pair(from, to));
    if from != hub && to != hub {
        rates.push_str(&format!(" (or for {} and {})", quoted_pair(from, hub), quoted_pair(to, hub)));
    }
    let other = match purpose {
        Purpose::QuoteToAccount => format!("set account.account_currency to {from}"),
        Purpose::FeeToAccount => format!("state the fee in {to} (fee_ccy in the costs file)"),
        Purpose::QuoteToFee => format!("state the fee in {from} (fee_ccy in the costs file)"),
    };
    format!("give {rates} in account.fx.static_rates or in the rates file, or {other}")
}

/// The pair as markets quote it: EURUSD, not USDEUR.
fn quoted_pair(a: &str, b: &str) -> String {
    const ORDER: [&str; 8] = ["EUR", "GBP", "AUD", "NZD", "USD", "CAD", "CHF", "JPY"];
    let rank = |currency: &str| ORDER.iter().position(|c| *c == currency).unwrap_or(ORDER.len());
    if rank(b) < rank(a) { format!("{b}{a}") } else { format!("{a}{b}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_path_names_the_rate_and_the_setting_that_would_help() {
        let missing = |from: &str, to: &str, purpose| {
            let (symbol, hub) = ("GBPUSD".to_owned(), "USD".to_owned());
            ExecutionError::FxPathMissing { from: from.into(), to: to.into(), purpose, symbol, hub }.hint().unwrap()
        };
        assert_eq!(
            missing("USD", "EUR", Purpose::QuoteToAccount),
            "give a static rate for EURUSD in account.fx.static_rates or in the rates file, \
             or set account.account_currency to USD"
        );
        assert!(missing("AUD", "EUR", Purpose::QuoteToAccount).contains("EURAUD (or for AUDUSD and EURUSD)"));
        assert!(missing("GBP", "JPY", Purpose::FeeToAccount).contains("state the fee in JPY"));
        assert!(missing("SEK", "USD", Purpose::QuoteToFee).contains("USDSEK"));
    }

    #[test]
    fn errors_stay_small_enough_to_return_by_value() {
        assert!(size_of::<ExecutionError>() <= 128);
    }
}
