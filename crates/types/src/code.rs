//! The one table of public codes. Tests and documents walk through it. A code is never renamed or reused.

/// Which part of the system a code belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Category {
    Config,
    Usage,
    Native,
    MarketData,
    Execution,
    Strategy,
    Runtime,
    Output,
    Warning,
}

impl Category {
    /// The name that `OmegaError.category` carries.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Usage => "usage",
            Self::Native => "native",
            Self::MarketData => "market_data",
            Self::Execution => "execution",
            Self::Strategy => "strategy",
            Self::Runtime => "runtime",
            Self::Output => "output",
            Self::Warning => "warning",
        }
    }
}

/// A public code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code {
    /// The stable name.
    pub name: &'static str,
    /// Where it belongs.
    pub category: Category,
    /// When it is raised, for the documentation.
    pub text: &'static str,
}

macro_rules! codes {
    ($($category:ident { $($constant:ident $name:literal $text:literal,)* })*) => {
        $($(
            #[doc = $text]
            pub const $constant: Code = Code { name: $name, category: Category::$category, text: $text };
        )*)*

        /// Every code that the native core can raise.
        pub const ALL: &[Code] = &[$($($constant,)*)*];
    };
}

codes! {
    MarketData {
        DATA_FILE_NOT_FOUND "DATA_FILE_NOT_FOUND" "A candle file is missing.",
        DATA_READ "DATA_READ" "A file cannot be read.",
        DATA_PARSE "DATA_PARSE" "A file is not readable Parquet.",
        DATA_MISSING_COLUMN "DATA_MISSING_COLUMN" "A required column is missing.",
        DATA_COLUMN_TYPE "DATA_COLUMN_TYPE" "A column has the wrong type.",
        DATA_TIMEZONE "DATA_TIMEZONE" "The time column is not UTC.",
        DATA_METADATA_MISMATCH "DATA_METADATA_MISMATCH" "The labels inside a file contradict its name.",
        DATA_NULL "DATA_NULL" "A required column contains a null.",
        DATA_EMPTY "DATA_EMPTY" "A file has no rows.",
        DATA_OUT_OF_ORDER "DATA_OUT_OF_ORDER" "Time stamps go backwards.",
        DATA_DUPLICATE_DIVERGENT "DATA_DUPLICATE_DIVERGENT" "A time stamp occurs twice with different values.",
        DATA_NON_FINITE "DATA_NON_FINITE" "A price or volume is not a finite number.",
        DATA_NON_POSITIVE_PRICE "DATA_NON_POSITIVE_PRICE" "A price is zero or negative.",
        DATA_NEGATIVE_VOLUME "DATA_NEGATIVE_VOLUME" "A volume is negative.",
        DATA_OHLC "DATA_OHLC" "Open, high, low and close of a bar contradict each other.",
        DATA_OFF_GRID "DATA_OFF_GRID" "A bar does not open on a multiple of its timeframe.",
        DATA_TIME_OVERFLOW "DATA_TIME_OVERFLOW" "A time lies outside the supported range.",
        DATA_NO_OVERLAP "DATA_NO_OVERLAP" "Bid and ask have no common time stamp.",
        DATA_ALIGNMENT_LOSS "DATA_ALIGNMENT_LOSS" "More than 1 % of the bars exist on one side only.",
        DATA_INVALID_SPREAD "DATA_INVALID_SPREAD" "Bid above ask.",
        DATA_RANGE_EMPTY "DATA_RANGE_EMPTY" "No bars in the date range.",
        DATA_INSUFFICIENT "DATA_INSUFFICIENT" "Not more bars than the warm-up needs.",
        DATA_INSUFFICIENT_HTF "DATA_INSUFFICIENT_HTF" "Another timeframe has no completed bar before trading starts.",
        DATA_HTF_MAPPING "DATA_HTF_MAPPING" "Another timeframe begins after trading does.",
        DATA_GAP_LOSS "DATA_GAP_LOSS" "More bars are missing than maxGapLoss allows.",
        DATA_BUSY_CHANGED "DATA_BUSY_CHANGED" "A file changed while it was being read.",
        NEWS_FILE_NOT_FOUND "NEWS_FILE_NOT_FOUND" "The news calendar is missing.",
        NEWS_PARSE "NEWS_PARSE" "The news calendar is not readable Parquet.",
        NEWS_MISSING_COLUMN "NEWS_MISSING_COLUMN" "A required column of the news calendar is missing.",
        NEWS_COLUMN_TYPE "NEWS_COLUMN_TYPE" "A column of the news calendar has the wrong type.",
        NEWS_TIMEZONE "NEWS_TIMEZONE" "The time column of the news calendar is not UTC.",
        NEWS_NULL "NEWS_NULL" "A required column of the news calendar contains a null.",
        NEWS_EMPTY "NEWS_EMPTY" "The news calendar has no events.",
        NEWS_OUT_OF_ORDER "NEWS_OUT_OF_ORDER" "The times of the news calendar go backwards.",
        NEWS_IMPACT "NEWS_IMPACT" "The impact of an event is not LOW, MEDIUM or HIGH.",
        NEWS_CURRENCY "NEWS_CURRENCY" "The currency of an event is not a three-letter code.",
        IMPORT_FILE_NOT_FOUND "IMPORT_FILE_NOT_FOUND" "An import source is missing.",
        IMPORT_FORMAT "IMPORT_FORMAT" "The format of an import source is unknown or ambiguous.",
        IMPORT_PARSE "IMPORT_PARSE" "A line of an import source cannot be read.",
        IMPORT_TIMEZONE_REQUIRED "IMPORT_TIMEZONE_REQUIRED" "The times of an import source need a time zone.",
        IMPORT_LOCAL_TIME "IMPORT_LOCAL_TIME" "A local time does not exist or is ambiguous.",
        IMPORT_CROSSED "IMPORT_CROSSED" "The quotes of an import are crossed.",
        IMPORT_DROP_LIMIT "IMPORT_DROP_LIMIT" "Dropping crossed bars would drop more than allowed.",
        IMPORT_DUPLICATE_DIVERGENT "IMPORT_DUPLICATE_DIVERGENT" "A time stamp occurs twice with different values.",
        IMPORT_ASK_MISSING "IMPORT_ASK_MISSING" "The source has no ask side and none was derived.",
        IMPORT_EXISTS "IMPORT_EXISTS" "The target file exists.",
        IMPORT_WRITE "IMPORT_WRITE" "The target file cannot be written.",
    }
    Execution {
        COSTS_FILE_MISSING "costs_file_missing" "The execution costs file is missing.",
        COSTS_INVALID "costs_invalid" "The execution costs are invalid.",
        SYMBOL_SPEC_MISSING "symbol_spec_missing" "The symbol has no specification.",
        SYMBOL_SPEC_INVALID "symbol_spec_invalid" "The specification of the symbol is invalid.",
        FX_RATES_MISSING "fx_rates_missing" "A file of conversion rates that was named does not exist.",
        FX_RATES_INVALID "fx_rates_invalid" "The table of conversion rates is invalid.",
        FX_PATH_MISSING "fx_path_missing" "No conversion path between two currencies.",
        FX_RATE_UNAVAILABLE "fx_rate_unavailable" "A conversion rate is stale or missing.",
        NON_FINITE_VALUE "non_finite_value" "A value became infinite or undefined.",
        NON_POSITIVE_FILL_PRICE "non_positive_fill_price" "A fill price became zero or negative.",
        ACCOUNTING_INCONSISTENT "accounting_inconsistent" "The books do not balance.",
    }
    Config {
        CFG_ENGINE_REJECTED "CFG_ENGINE_REJECTED" "The core refused a configuration that TypeScript accepted.",
        CFG_UNSUPPORTED "CFG_UNSUPPORTED" "A setting needs a feature that is not built yet.",
        CFG_UNKNOWN_STRATEGY "CFG_UNKNOWN_STRATEGY" "The strategy is not registered.",
        CFG_STRATEGY_PARAM "CFG_STRATEGY_PARAM" "A strategy parameter is invalid.",
        CFG_CONFLICT "CFG_CONFLICT" "Two settings contradict each other.",
        CFG_RANGE "CFG_RANGE" "A value is out of range.",
        CFG_FORMAT "CFG_FORMAT" "A text does not have the required form.",
    }
    Strategy {
        STRAT_INVALID_SIGNAL "STRAT_INVALID_SIGNAL" "A strategy returned a malformed signal.",
        STRAT_DUPLICATE_REGISTRATION "STRAT_DUPLICATE_REGISTRATION" "A strategy name is registered twice.",
        STRAT_API_VERSION "STRAT_API_VERSION" "A strategy was built for another contract version.",
        SIGNALS_LENGTH "SIGNALS_LENGTH" "A signal column is not as long as the primary series.",
        SIGNALS_TIME "SIGNALS_TIME" "The times of the signals differ from those of the primary series.",
        SIGNALS_VALUE "SIGNALS_VALUE" "A signal column contains an impossible value.",
    }
    Runtime {
        IND_UNKNOWN "IND_UNKNOWN" "The indicator is not registered.",
        IND_PARAM "IND_PARAM" "An indicator parameter is invalid.",
        IND_INPUT "IND_INPUT" "An indicator input is missing or of the wrong length.",
        ABORTED "ABORTED" "The work was cancelled.",
        INTERNAL "INTERNAL" "A bug: the core panicked.",
    }
    Usage {
        ARG_INVALID "ARG_INVALID" "An argument or option is invalid.",
    }
    Output {
        OUT_CONTRACT "OUT_CONTRACT" "The result violates the output contract.",
        OUT_EXISTS "OUT_EXISTS" "The run folder exists.",
        OUT_NOT_REPRODUCIBLE "OUT_NOT_REPRODUCIBLE" "The new artifacts differ from the existing ones.",
        OUT_WRITE "OUT_WRITE" "An artifact cannot be written.",
        OUT_READ "OUT_READ" "An artifact cannot be read.",
        MAN_CONFLICT "MAN_CONFLICT" "A manifest of the same name has other content.",
        MAN_WRITE "MAN_WRITE" "The manifest cannot be written.",
    }
    Warning {
        DATA_W_DEDUP "DATA_W_DEDUP" "Harmless duplicates were dropped.",
        DATA_W_ALIGNMENT "DATA_W_ALIGNMENT" "Up to 1 % of the bars exist on one side only and were left out.",
        DATA_W_OVERLAP "DATA_W_OVERLAP" "More than 5 % of the bars begin before the bar before them has ended.",
        DATA_W_GAPS "DATA_W_GAPS" "More than 5 % of the expected bars are missing.",
        DATA_W_WARMUP_DEFICIT "DATA_W_WARMUP_DEFICIT" "Less history than warmup_bars.",
        DATA_W_CLAMPED "DATA_W_CLAMPED" "The import clamped crossed quotes.",
        DATA_W_DROPPED "DATA_W_DROPPED" "The import dropped crossed bars.",
        DATA_W_SYNTHETIC_ASK "DATA_W_SYNTHETIC_ASK" "The ask side is not data.",
        DATA_W_SYNTHETIC "DATA_W_SYNTHETIC" "The candles are synthetic.",
        DATA_W_NEWS_COVERAGE "DATA_W_NEWS_COVERAGE" "The news calendar does not cover the whole run.",
        CFG_W_PACKAGE_DEFAULTS "CFG_W_PACKAGE_DEFAULTS" "Costs or specifications come from the package.",
        CFG_W_STRATEGY "CFG_W_STRATEGY" "A remark of the strategy about its parameters.",
        CFG_W_NO_EFFECT "CFG_W_NO_EFFECT" "A setting cannot act.",
        OUT_W_LOG "OUT_W_LOG" "The log of a run cannot be written.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_occurs_twice() {
        let mut names: Vec<_> = ALL.iter().map(|c| c.name).collect();
        names.sort_unstable();
        let before = names.len();
        names.dedup();
        assert_eq!(names.len(), before);
    }
}
