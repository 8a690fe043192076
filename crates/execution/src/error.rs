//! What can be wrong with costs, specifications and rates, and what stops a running simulation.

use omega_types::{Bar, Code, Coded, Json, Timeframe, code, config::FxMode, time::iso};
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

/// A conversion that found no usable candle of its pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRate {
    /// The pair whose candles give the rate: `EURUSD`.
    pub pair: String,
    /// Timeframe of the candles, if they were there.
    pub timeframe: Option<Timeframe>,
    /// The bar of the event.
    pub bar: Bar,
    /// Its open time, if it is known.
    pub time_ns: Option<i64>,
    /// Open time of the latest candle before the event and its age in bars of the traded symbol; `None` without one.
    pub latest: Option<(i64, usize)>,
    /// `account.fx.stale_limit_bars`.
    pub stale_limit_bars: usize,
}

impl std::fmt::Display for MissingRate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pair, bar, stale_limit_bars: limit, .. } = self;
        write!(f, "no usable rate of {pair} at bar {bar}")?;
        if let Some(time_ns) = self.time_ns {
            write!(f, ", which opens at {}", iso(time_ns))?;
        }
        match self.latest {
            Some((latest_ns, age)) => write!(
                f,
                ": its latest candle before ({}) is {age} bars old and account.fx.stale_limit_bars is {limit}",
                iso(latest_ns)
            ),
            None => write!(f, ": it has no candle before"),
        }
    }
}

impl MissingRate {
    fn details(&self) -> Json {
        json!({
            "pair": self.pair,
            "timeframe": self.timeframe,
            "bar": self.bar,
            "time_ns": self.time_ns.map(|time| time.to_string()),
            "latest_time_ns": self.latest.map(|(time, _)| time.to_string()),
            "age_bars": self.latest.map(|(_, age)| age),
            "stale_limit_bars": self.stale_limit_bars,
        })
    }

    fn hint(&self) -> String {
        let timeframe = self.timeframe.map(|timeframe| format!(" {timeframe}")).unwrap_or_default();
        let pair = &self.pair;
        let older = if self.latest.is_some() { "raise account.fx.stale_limit_bars, " } else { "" };
        format!(
            "import candles of {pair}{timeframe} that cover the run, {older}or set account.fx.mode to static and give a \
             constant rate for {pair}"
        )
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
        /// `account.fx.mode`: where rates were looked for.
        mode: FxMode,
    },

    /// Something that TypeScript should have refused.
    #[error("{what}")]
    Rejected {
        /// One sentence naming field and value.
        what: String,
    },

    /// No usable rate at this bar.
    #[error("{0}")]
    FxRateUnavailable(Box<MissingRate>),

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
            Self::Rejected { .. } => code::CFG_ENGINE_REJECTED,
            Self::FxRateUnavailable(_) => code::FX_RATE_UNAVAILABLE,
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
            Self::FxPathMissing { from, to, purpose, symbol, hub, mode } => json!({
                "from": from, "to": to, "purpose": purpose.as_str(), "symbol": symbol, "hub": hub, "mode": mode,
            }),
            Self::Rejected { .. } => json!({}),
            Self::FxRateUnavailable(missing) => missing.details(),
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
            Self::FxPathMissing { from, to, purpose, hub, mode, .. } => Some(path_hint(from, to, *purpose, hub, *mode)),
            Self::FxRateUnavailable(missing) => Some(missing.hint()),
            Self::NonPositiveFillPrice { .. } => {
                Some("the slippage is larger than the price: check pip_size of the symbol specification".to_owned())
            }
            Self::NonFinite { .. } => {
                Some("look for extreme prices, sizes or cost settings around that bar".to_owned())
            }
            Self::Rejected { .. } => None,
        }
    }
}

/// Names the remedies: the rate that is missing, in the order in which markets quote it, and the setting that makes it
/// unnecessary.
fn path_hint(from: &str, to: &str, purpose: Purpose, hub: &str, mode: FxMode) -> String {
    let mut pairs = quoted_pair(from, to);
    if from != hub && to != hub {
        pairs.push_str(&format!(" (or for {} and {})", quoted_pair(from, hub), quoted_pair(to, hub)));
    }
    let constant = format!("a static rate for {pairs} in account.fx.static_rates or in the rates file");
    let candles = "bid and ask candles of the primary timeframe in the data root";
    let rates = match mode {
        FxMode::Static => format!("give {constant}"),
        FxMode::Auto => format!("give {constant}, or {candles}"),
        FxMode::Candles => format!("give {candles} for {pairs}, or set account.fx.mode to auto and give {constant}"),
    };
    let other = match purpose {
        Purpose::QuoteToAccount => format!("set account.account_currency to {from}"),
        Purpose::FeeToAccount => format!("state the fee in {to} (fee_ccy in the costs file)"),
        Purpose::QuoteToFee => format!("state the fee in {from} (fee_ccy in the costs file)"),
    };
    format!("{rates}, or {other}")
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
        let missing = |from: &str, to: &str, purpose, mode| {
            let (symbol, hub) = ("GBPUSD".to_owned(), "USD".to_owned());
            ExecutionError::FxPathMissing { from: from.into(), to: to.into(), purpose, symbol, hub, mode }
                .hint()
                .unwrap()
        };
        assert_eq!(
            missing("USD", "EUR", Purpose::QuoteToAccount, FxMode::Static),
            "give a static rate for EURUSD in account.fx.static_rates or in the rates file, \
             or set account.account_currency to USD"
        );
        assert_eq!(
            missing("USD", "EUR", Purpose::QuoteToAccount, FxMode::Auto),
            "give a static rate for EURUSD in account.fx.static_rates or in the rates file, or bid and ask candles of the \
             primary timeframe in the data root, or set account.account_currency to USD"
        );
        assert_eq!(
            missing("USD", "EUR", Purpose::QuoteToAccount, FxMode::Candles),
            "give bid and ask candles of the primary timeframe in the data root for EURUSD, or set account.fx.mode to auto \
             and give a static rate for EURUSD in account.fx.static_rates or in the rates file, \
             or set account.account_currency to USD"
        );
        let auto = FxMode::Auto;
        assert!(missing("AUD", "EUR", Purpose::QuoteToAccount, auto).contains("EURAUD (or for AUDUSD and EURUSD)"));
        assert!(missing("GBP", "JPY", Purpose::FeeToAccount, auto).contains("state the fee in JPY"));
        assert!(missing("SEK", "USD", Purpose::QuoteToFee, auto).contains("USDSEK"));
    }

    #[test]
    fn a_missing_rate_names_pair_bar_candle_and_remedy() {
        // 2024-03-05T14:30:00Z is 1 709 649 000 s (output.md 3).
        let time_ns = 1_709_649_000_000_000_000;
        let mut missing = MissingRate {
            pair: "EURJPY".into(),
            timeframe: Some(Timeframe::M5),
            bar: 40,
            time_ns: Some(time_ns),
            latest: Some((time_ns - 3_300_000_000_000, 11)),
            stale_limit_bars: 10,
        };
        let stale = ExecutionError::FxRateUnavailable(Box::new(missing.clone()));
        assert_eq!(
            stale.to_string(),
            "no usable rate of EURJPY at bar 40, which opens at 2024-03-05T14:30:00Z: its latest candle before \
             (2024-03-05T13:35:00Z) is 11 bars old and account.fx.stale_limit_bars is 10"
        );
        assert_eq!(stale.details()["age_bars"], 11);
        assert_eq!(
            stale.hint().unwrap(),
            "import candles of EURJPY M5 that cover the run, raise account.fx.stale_limit_bars, or set account.fx.mode to \
             static and give a constant rate for EURJPY"
        );
        missing.latest = None;
        let none = ExecutionError::FxRateUnavailable(Box::new(missing));
        assert!(none.to_string().ends_with(": it has no candle before"), "{none}");
        assert!(!none.hint().unwrap().contains("stale_limit_bars"));
    }

    #[test]
    fn errors_stay_small_enough_to_return_by_value() {
        assert!(size_of::<ExecutionError>() <= 128);
    }
}
