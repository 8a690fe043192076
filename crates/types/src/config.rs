//! The normalised run configuration (config.md), as TypeScript passes it: every default filled, nothing unknown.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    Direction, Json, OrderType, Timeframe,
    market::{MappingMode, QuoteKind},
};

/// One run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct BacktestConfig {
    pub schema_version: String,
    pub strategy_name: String,
    pub symbol: String,
    pub start_date: String,
    pub end_date: String,
    pub run_mode: RunMode,
    pub data_mode: DataMode,
    pub execution_variant: Variant,
    pub rng_seed: Option<u64>,
    pub warmup_bars: usize,
    pub timeframes: Timeframes,
    pub sessions: Option<Vec<Session>>,
    pub account: AccountConfig,
    pub costs: CostsConfig,
    pub execution: ExecutionConfig,
    pub news_filter: NewsFilter,
    pub logging: Logging,
    pub observability: Observability,
    /// Optimizer parameters; no effect on a single run.
    pub metrics: Json,
    pub trade_management: TradeManagement,
    pub strategy_parameters: serde_json::Map<String, Json>,
    /// Absent: bid and ask files.
    #[serde(default)]
    pub data: DataConfig,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum RunMode {
    Dev,
    Prod,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum DataMode {
    Candle,
    Tick,
}

/// Which rules of execution.md 9 apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// Canonical and chronological.
    V2,
    /// Reproduces Omega V1; for regressions only.
    V1Parity,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Timeframes {
    pub primary: Timeframe,
    pub additional: Vec<Timeframe>,
    pub additional_source: AdditionalSource,
    pub mapping_mode: MappingMode,
    #[serde(deserialize_with = "saturating")]
    pub stale_limit_bars: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum AdditionalSource {
    SeparateParquet,
    AggregateFromPrimary,
}

/// An entry window, `HH:MM` each; `end <= start` crosses midnight.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Session {
    pub start: String,
    pub end: String,
    #[serde(default)]
    pub timezone: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct AccountConfig {
    pub initial_balance: f64,
    pub account_currency: String,
    pub risk_per_trade: f64,
    pub max_positions: u32,
    pub fx: FxConfig,
    #[serde(default)]
    pub sizing: Sizing,
}

/// `account.sizing` (strategies.md 1.4).
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)]
pub enum Sizing {
    #[default]
    Risk,
    RiskPercent {
        percent: f64,
    },
    FixedLots {
        lots: f64,
    },
    Notional {
        amount: f64,
    },
    EquityPercent {
        percent: f64,
    },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct FxConfig {
    pub mode: FxMode,
    pub hub: String,
    #[serde(deserialize_with = "saturating")]
    pub stale_limit_bars: u32,
    pub static_rates: BTreeMap<String, f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum FxMode {
    Auto,
    Candles,
    Static,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct CostsConfig {
    pub enabled: bool,
    pub fee_multiplier: f64,
    pub slippage_multiplier: f64,
    pub spread_multiplier: f64,
    pub pip_size: Option<f64>,
    pub pip_buffer_factor: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct ExecutionConfig {
    pub limit_gap_fill: LimitGapFill,
    pub close_open_at_end: bool,
    #[serde(deserialize_with = "saturating_option")]
    pub pending_expiry_bars: Option<u32>,
    #[serde(deserialize_with = "saturating_option")]
    pub max_pending_orders: Option<u32>,
    pub allowed_directions: AllowedDirections,
    pub allowed_order_types: Vec<OrderType>,
    pub cooldown_bars: u64,
    pub cooldown_minutes: u64,
    pub cooldown_minutes_after_exit: u64,
    #[serde(default)]
    pub market_fill: MarketFill,
    #[serde(default)]
    pub on_opposite: OnOpposite,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum LimitGapFill {
    Worse,
    Better,
    PlanLiteral,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum AllowedDirections {
    Both,
    Long,
    Short,
}

impl AllowedDirections {
    /// May positions of `direction` be opened?
    pub const fn allows(self, direction: Direction) -> bool {
        matches!((self, direction), (Self::Both, _) | (Self::Long, Direction::Long) | (Self::Short, Direction::Short))
    }
}

/// When a market order fills (strategies.md 1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum MarketFill {
    #[default]
    SignalClose,
    NextOpen,
}

/// What an entry signal does to open positions of the other direction (strategies.md 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum OnOpposite {
    #[default]
    Ignore,
    Close,
    Reverse,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct NewsFilter {
    pub enabled: bool,
    pub minutes_before: u32,
    pub minutes_after: u32,
    pub min_impact: Impact,
    pub currencies: Option<Vec<String>>,
}

/// How much an economic event moves prices. A filter lets a level and everything above it block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Impact {
    Low,
    Medium,
    High,
}

impl Impact {
    /// All of them, lowest first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The name in calendars; configurations write it in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Logging {
    pub enable_entry_logging: bool,
    pub logging_mode: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Observability {
    pub profiling_mode: bool,
}

/// `trade_management`; the rules are typed when the rule engine is built.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct TradeManagement {
    pub enabled: bool,
    pub stop_update_policy: String,
    pub tp_update_policy: String,
    pub rules: serde_json::Map<String, Json>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct DataConfig {
    #[serde(default = "bid_ask")]
    pub quotes: QuoteKind,
    /// Distance of the derived ask from the bid; only with `quotes = single`.
    #[serde(default)]
    pub spread_pips: f64,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { quotes: QuoteKind::BidAsk, spread_pips: 0.0 }
    }
}

/// Counts of bars have no upper bound in the configuration; beyond `u32::MAX` all of them mean "never".
fn saturating<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    u64::deserialize(deserializer).map(|count| u32::try_from(count).unwrap_or(u32::MAX))
}

fn saturating_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let count = Option::<u64>::deserialize(deserializer)?;
    Ok(count.map(|count| u32::try_from(count).unwrap_or(u32::MAX)))
}

const fn bid_ask() -> QuoteKind {
    QuoteKind::BidAsk
}

/// A small file (costs, specifications, rates) that TypeScript has read: its content and where it came from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileContent {
    /// Base name, or `inline` for an object.
    pub path: String,
    /// SHA-256 of the bytes (of the RFC 8785 form for an object).
    pub sha256: String,
    /// `option`, `env`, `default` or `package`.
    pub origin: String,
    /// The parsed content.
    pub value: Json,
}
