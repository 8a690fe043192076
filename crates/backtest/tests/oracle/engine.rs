//! A deliberately slow and plain second engine, written from the specification alone.
//! It shares no code with the product and serves only to cross-check it in tests.
//! "E" = execution.md, "D" = decisions.md, "S" = strategies.md.
#![allow(dead_code)]

// ---------------------------------------------------------------- input types

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ohlc {
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    pub time_ns: i64,
    pub bid: Ohlc,
    pub ask: Ohlc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Long,
    Short,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderType {
    Market,
    Limit,
    Stop,
}

/// E 2.1. `costs.pip_size` (see `CostSettings`) replaces `pip_size` everywhere (D 38).
#[derive(Clone, Debug)]
pub struct SymbolSpec {
    pub name: String,
    pub base_currency: String,
    pub quote_currency: String,
    pub contract_size: f64,
    pub tick_size: f64,
    pub pip_size: f64,
    pub volume_min: f64,
    pub volume_step: f64,
    pub volume_max: f64,
    pub min_sl_distance_pips: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlippageModel {
    FixedRandom,
    Fixed,
    Jitter,
    Volatility,
    None,
}

#[derive(Clone, Debug)]
pub struct Slippage {
    pub model: SlippageModel,
    pub fixed_pips: f64,
    pub random_pips: f64,
    pub base_pips: f64,
    pub jitter_factor: f64,
    pub atr_factor: f64,
    pub atr_period: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeSchema {
    PerLot,
    PerMillionNotional,
    PercentOfNotional,
    Tiered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeSide {
    Entry,
    Exit,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tier {
    pub volume_from: f64,
    pub per_lot: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierReset {
    Never,
    Monthly,
}

/// E 2.5
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LegacyFees {
    pub per_million: f64,
    pub lot_size: f64,
    pub min_fee: f64,
}

/// E 2.2: the effective cost object after merging, plus the maker keys of D 50.
#[derive(Clone, Debug)]
pub struct EffectiveCosts {
    pub slippage: Slippage,
    pub schema: Option<FeeSchema>,
    pub side: FeeSide,
    /// `None`: account currency.
    pub fee_ccy: Option<String>,
    pub per_lot: f64,
    pub rate_per_million: f64,
    pub pct: f64,
    pub min_fee: f64,
    pub tiers: Vec<Tier>,
    pub tier_reset: TierReset,
    pub pip_buffer_factor: f64,
    pub per_lot_maker: Option<f64>,
    pub pct_maker: Option<f64>,
    pub rate_per_million_maker: Option<f64>,
    pub fees: Option<LegacyFees>,
}

/// E 2.6: run configuration, block `costs`.
#[derive(Clone, Debug)]
pub struct CostSettings {
    pub enabled: bool,
    pub fee_multiplier: f64,
    pub slippage_multiplier: f64,
    pub spread_multiplier: f64,
    pub pip_size: Option<f64>,
    pub pip_buffer_factor: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FxMode {
    Auto,
    Candles,
    Static,
}

/// One bar of a rate pair at the primary timeframe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateBar {
    pub time_ns: i64,
    pub bid_open: f64,
    pub ask_open: f64,
    pub bid_close: f64,
    pub ask_close: f64,
}

#[derive(Clone, Debug)]
pub struct RateSeries {
    pub symbol: String,
    pub bars: Vec<RateBar>,
}

#[derive(Clone, Debug)]
pub struct Fx {
    pub mode: FxMode,
    pub static_rates: Vec<(String, f64)>,
    pub hub: String,
    pub stale_limit_bars: usize,
    pub series: Vec<RateSeries>,
}

/// S 1.4
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sizing {
    Risk,
    RiskPercent { percent: f64 },
    FixedLots { lots: f64 },
    Notional { amount: f64 },
    EquityPercent { percent: f64 },
}

#[derive(Clone, Debug)]
pub struct Account {
    pub currency: String,
    pub initial_balance: f64,
    pub risk_per_trade: f64,
    pub sizing: Sizing,
    pub max_positions: usize,
    pub fx: Fx,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    V2,
    V1Parity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketFill {
    SignalClose,
    NextOpen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnOpposite {
    Ignore,
    Close,
    Reverse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitGapFill {
    Worse,
    Better,
    PlanLiteral,
}

#[derive(Clone, Debug)]
pub struct Execution {
    pub variant: Variant,
    pub market_fill: MarketFill,
    pub on_opposite: OnOpposite,
    pub limit_gap_fill: LimitGapFill,
    pub close_open_at_end: bool,
    pub pending_expiry_bars: Option<i64>,
    pub max_pending_orders: Option<usize>,
    pub allow_long: bool,
    pub allow_short: bool,
    pub allowed_order_types: Vec<OrderType>,
    pub cooldown_bars: i64,
    pub cooldown_minutes: i64,
    pub cooldown_minutes_after_exit: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distance {
    Pips(f64),
    R(f64),
    Atr { value: f64, period: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TpUpdatePolicy {
    Forbid,
    ExtendOnly,
    Any,
}

/// In every rule: `only_scenarios` empty = all.
#[derive(Clone, Debug)]
pub struct MaxHoldingTime {
    pub minutes: i64,
    pub only_scenarios: Vec<i64>,
}

#[derive(Clone, Debug)]
pub struct BreakEven {
    pub trigger: Distance,
    pub buffer_pips: f64,
    pub only_scenarios: Vec<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrailReference {
    Close,
    Extreme,
}

#[derive(Clone, Debug)]
pub struct TrailingStop {
    pub distance: Distance,
    pub activation: Distance,
    pub reference: TrailReference,
    pub step_pips: f64,
    pub only_scenarios: Vec<i64>,
}

#[derive(Clone, Debug)]
pub struct SessionEnd {
    pub minutes_before: i64,
    pub cancel_pending: bool,
    /// Minutes since midnight UTC.
    pub weekend_close_utc: Option<i64>,
    pub only_scenarios: Vec<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewsExitMode {
    Close,
    FreezeStops,
}

#[derive(Clone, Debug)]
pub struct NewsExit {
    pub mode: NewsExitMode,
    pub only_scenarios: Vec<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartialLevel {
    pub trigger: Distance,
    pub fraction: f64,
}

#[derive(Clone, Debug)]
pub struct PartialClose {
    pub levels: Vec<PartialLevel>,
    pub only_scenarios: Vec<i64>,
}

#[derive(Clone, Debug)]
pub struct KillSwitch {
    pub max_drawdown_pct: Option<f64>,
    pub max_daily_loss: Option<f64>,
    pub max_daily_loss_pct: Option<f64>,
    pub max_consecutive_losses: Option<usize>,
    pub reset_next_day: bool,
    pub only_scenarios: Vec<i64>,
}

/// Section E 8. A rule that is `None` is off.
#[derive(Clone, Debug)]
pub struct TradeManagement {
    pub enabled: bool,
    pub tp_update_policy: TpUpdatePolicy,
    pub max_holding_time: Option<MaxHoldingTime>,
    pub break_even: Option<BreakEven>,
    pub trailing_stop: Option<TrailingStop>,
    pub session_end: Option<SessionEnd>,
    pub news_exit: Option<NewsExit>,
    pub partial_close: Option<PartialClose>,
    pub kill_switch: Option<KillSwitch>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    All,
    Long,
    Short,
}

/// E 3.1
#[derive(Clone, Debug)]
pub struct Signal {
    pub direction: Direction,
    pub order_type: OrderType,
    pub entry_price: Option<f64>,
    pub stop_loss: Option<f64>,
    pub take_profit: Option<f64>,
    pub size: Option<f64>,
    pub expire_after_bars: Option<i64>,
    pub good_till_ns: Option<i64>,
    pub scenario_id: Option<i64>,
    /// Pending orders with `oco` sent on the same bar are tied to each other (D 18).
    pub oco: bool,
    /// D 17: an accepted pending order replaces the open ones of its side (rules without `stack`).
    pub replaces: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exit {
    pub side: Side,
    pub position_id: Option<u64>,
    /// `None`: everything.
    pub fraction: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Update {
    pub side: Side,
    pub position_id: Option<u64>,
    pub stop_loss: Option<f64>,
    pub take_profit: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cancel {
    pub side: Side,
    pub order_id: Option<u64>,
}

/// What the strategy returns on one bar, in the order of D 18: cancels, updates, exits, entries.
#[derive(Clone, Debug, Default)]
pub struct BarScript {
    pub cancels: Vec<Cancel>,
    pub updates: Vec<Update>,
    pub exits: Vec<Exit>,
    pub entries: Vec<Signal>,
}

#[derive(Clone, Debug)]
pub struct Setup {
    pub symbol: SymbolSpec,
    /// Raw candles of the primary timeframe; index 0 is the first loaded bar.
    pub bars: Vec<Bar>,
    pub duration_ns: i64,
    pub warmup_bars: usize,
    pub costs: EffectiveCosts,
    pub cost_settings: CostSettings,
    pub account: Account,
    pub execution: Execution,
    pub rng_seed: u64,
    pub trade_management: TradeManagement,
    /// Per bar, at the decision time. Empty = always open.
    pub session_open: Vec<bool>,
    /// Per bar, at the decision time. Empty = never blocked.
    pub news_blocked: Vec<bool>,
    /// The session windows in seconds since UTC midnight, for `session_end` (E 8.8).
    pub session_windows: Vec<(i64, i64)>,
    /// Per bar of `bars`; missing bars at the end = nothing.
    pub script: Vec<BarScript>,
}

// --------------------------------------------------------------- output types

/// E 5.6 with the flags of D 39, `risk` of D 28 and MAE/MFE of D 29.
#[derive(Clone, Debug)]
pub struct Trade {
    pub position_id: u64,
    pub order_id: u64,
    pub order_type: OrderType,
    pub direction: Direction,
    pub symbol: String,
    pub entry_idx: usize,
    pub exit_idx: usize,
    pub entry_time_ns: i64,
    pub exit_time_ns: i64,
    pub entry_price: f64,
    pub exit_price: f64,
    pub initial_stop_loss: Option<f64>,
    pub stop_loss: Option<f64>,
    pub take_profit: Option<f64>,
    pub size: f64,
    pub result: f64,
    pub r_multiple: Option<f64>,
    pub risk: Option<f64>,
    pub entry_fee: f64,
    pub exit_fee: f64,
    pub reason: &'static str,
    pub scenario_id: Option<i64>,
    pub labels: Vec<&'static str>,
    pub stop_loss_kind: &'static str,
    pub in_entry_candle: bool,
    pub gap_entry: bool,
    pub gap_exit: bool,
    pub volume_capped: bool,
    pub partial: bool,
    pub mae: f64,
    pub mfe: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    pub order_id: u64,
    pub bar: usize,
    pub code: &'static str,
}

#[derive(Clone, Debug, PartialEq)]
pub struct EquityRow {
    pub time_ns: i64,
    pub equity: f64,
    pub balance: f64,
    pub drawdown: f64,
    pub high_water: f64,
}

/// `state`: filled, rejected, expired, cancelled, or `pending` for one still working at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingEnd {
    pub order_id: u64,
    pub state: &'static str,
    pub cause: &'static str,
    pub bar: usize,
}

#[derive(Clone, Debug)]
pub struct OpenPosition {
    pub position_id: u64,
    pub order_id: u64,
    pub direction: Direction,
    pub entry_idx: usize,
    pub entry_time_ns: i64,
    pub entry_price: f64,
    pub size: f64,
    pub initial_stop_loss: Option<f64>,
    pub stop_loss: Option<f64>,
    pub take_profit: Option<f64>,
    pub unattributed_entry_fee: f64,
    pub unrealised: f64,
}

#[derive(Clone, Debug)]
pub struct Outcome {
    pub trades: Vec<Trade>,
    pub rejections: Vec<Rejection>,
    pub equity: Vec<EquityRow>,
    pub pending: Vec<PendingEnd>,
    pub open_positions: Vec<OpenPosition>,
    pub fees_total: f64,
    pub final_balance: f64,
    pub fills: u64,
    pub orders: u64,
    pub volume_capped: u64,
    /// Exit signals of the last bar under `next_open` (D 15).
    pub dropped_exits: u64,
}

/// E 10, run errors.
#[derive(Clone, Debug, PartialEq)]
pub struct RunError {
    pub code: &'static str,
    pub bar: Option<usize>,
}

fn fail<T>(code: &'static str, bar: usize) -> Result<T, RunError> {
    Err(RunError { code, bar: Some(bar) })
}

// ------------------------------------------------------ E 0.3 touch tolerance

#[derive(Clone, Copy, Debug)]
struct Touch {
    eps: f64,
}

impl Touch {
    fn le(self, x: f64, y: f64) -> bool {
        x <= y + self.eps
    }
    fn ge(self, x: f64, y: f64) -> bool {
        x >= y - self.eps
    }
    fn gt(self, x: f64, y: f64) -> bool {
        x > y + self.eps
    }
    fn lt(self, x: f64, y: f64) -> bool {
        x < y - self.eps
    }
}

/// E 0.2: `d`.
fn sign(direction: Direction) -> f64 {
    match direction {
        Direction::Long => 1.0,
        Direction::Short => -1.0,
    }
}

fn opening_side(bar: &Bar, direction: Direction) -> Ohlc {
    match direction {
        Direction::Long => bar.ask,
        Direction::Short => bar.bid,
    }
}

fn closing_side(bar: &Bar, direction: Direction) -> Ohlc {
    match direction {
        Direction::Long => bar.bid,
        Direction::Short => bar.ask,
    }
}

// -------------------------------------------------- E 4.3 deterministic draw

fn chacha_key(seed: u64) -> [u32; 8] {
    let mut key = [0u32; 8];
    let mut s = seed;
    for word in key.iter_mut() {
        s = s.wrapping_mul(6364136223846793005).wrapping_add(11634580027462260723);
        let x = (((s >> 18) ^ s) >> 27) as u32;
        *word = x.rotate_right((s >> 59) as u32);
    }
    key
}

fn quarter_round(w: &mut [u32; 16], a: usize, b: usize, c: usize, d: usize) {
    w[a] = w[a].wrapping_add(w[b]);
    w[d] = (w[d] ^ w[a]).rotate_left(16);
    w[c] = w[c].wrapping_add(w[d]);
    w[b] = (w[b] ^ w[c]).rotate_left(12);
    w[a] = w[a].wrapping_add(w[b]);
    w[d] = (w[d] ^ w[a]).rotate_left(8);
    w[c] = w[c].wrapping_add(w[d]);
    w[b] = (w[b] ^ w[c]).rotate_left(7);
}

/// The word `w` of the fill `k`.
fn draw_word(seed: u64, k: u64) -> u64 {
    let key = chacha_key(seed);
    let mut initial = [0u32; 16];
    initial[0] = 0x61707865;
    initial[1] = 0x3320646e;
    initial[2] = 0x79622d32;
    initial[3] = 0x6b206574;
    initial[4..12].copy_from_slice(&key);
    initial[14] = k as u32;
    initial[15] = (k >> 32) as u32;
    let mut w = initial;
    for _ in 0..4 {
        quarter_round(&mut w, 0, 4, 8, 12);
        quarter_round(&mut w, 1, 5, 9, 13);
        quarter_round(&mut w, 2, 6, 10, 14);
        quarter_round(&mut w, 3, 7, 11, 15);
        quarter_round(&mut w, 0, 5, 10, 15);
        quarter_round(&mut w, 1, 6, 11, 12);
        quarter_round(&mut w, 2, 7, 8, 13);
        quarter_round(&mut w, 3, 4, 9, 14);
    }
    let low = w[0].wrapping_add(initial[0]) as u64;
    let high = w[1].wrapping_add(initial[1]) as u64;
    low | (high << 32)
}

fn draw(seed: u64, k: u64) -> f64 {
    (draw_word(seed, k) >> 11) as f64 * (1.0 / 9007199254740992.0)
}

// ------------------------------------------------------------------- the book

#[derive(Clone, Copy, Debug)]
struct Event {
    bar: usize,
    intrabar: bool,
    own_price: f64,
}

#[derive(Clone, Debug)]
struct Scheduled {
    stop_loss: Option<(f64, &'static str)>,
    take_profit: Option<f64>,
}

#[derive(Clone, Debug)]
struct Position {
    position_id: u64,
    order_id: u64,
    direction: Direction,
    order_type: OrderType,
    /// Bar of the fill.
    entry_idx: usize,
    entry_time_ns: i64,
    /// E 8.5: start of the timeout clock.
    clock_ns: i64,
    entry_price: f64,
    initial_stop_loss: Option<f64>,
    stop_loss: Option<f64>,
    stop_loss_kind: &'static str,
    take_profit: Option<f64>,
    initial_size: f64,
    size: f64,
    entry_fee: f64,
    entry_fee_left: f64,
    risk: Option<f64>,
    scenario_id: Option<i64>,
    gap_entry: bool,
    filled_at_open: bool,
    /// First bar in which SL and TP are tested.
    first_tested: usize,
    /// A limit entry's TP needs the close in the entry bar (E 5.2).
    needs_close: bool,
    volume_capped: bool,
    partial_done: Vec<bool>,
    scheduled: Option<Scheduled>,
}

#[derive(Clone, Debug)]
struct Pending {
    order_id: u64,
    placed: usize,
    signal: Signal,
    price: f64,
}

/// An order of `next_open` waiting for the next bar.
#[derive(Clone, Debug)]
struct Waiting {
    order_id: u64,
    signal: Signal,
}

#[derive(Clone, Copy, Debug)]
enum Leg {
    Same,
    OwnDivide,
    OwnMultiply,
    /// Parity: the mid closes of the traded candles.
    Traded {
        divide: bool,
    },
    Candles {
        series: usize,
        divide: bool,
    },
    Static {
        rate: f64,
        divide: bool,
    },
}

#[derive(Clone, Debug)]
struct Candidate {
    priority: u32,
    rule: &'static str,
    stop_loss: Option<f64>,
    take_profit: Option<f64>,
    kind: &'static str,
}

struct Engine<'a> {
    setup: &'a Setup,
    parity: bool,
    touch: Touch,
    pip: f64,
    pip_buffer: f64,
    /// E 2.6: the execution view.
    view: Vec<Bar>,
    balance: f64,
    fees_total: f64,
    bookings: u64,
    max_abs_balance: f64,
    fill_index: u64,
    next_order_id: u64,
    next_position_id: u64,
    positions: Vec<Position>,
    pending: Vec<Pending>,
    waiting: Vec<Waiting>,
    waiting_exits: Vec<Exit>,
    trades: Vec<Trade>,
    rejections: Vec<Rejection>,
    rows: Vec<EquityRow>,
    pending_ends: Vec<PendingEnd>,
    tier_volume: f64,
    tier_month: i64,
    last_entry: Option<(usize, i64)>,
    last_exit_decision: Option<i64>,
    /// `Some(None)`: halted until the end; `Some(Some(day))`: until a later UTC day.
    halted: Option<Option<i64>>,
    consecutive_losses: usize,
    /// D 37: after a reset by day the drawdown condition waits for a position.
    reset_happened: bool,
    candidates: Vec<(u64, Candidate)>,
    volume_capped: u64,
    dropped_exits: u64,
}

const DAY_NS: i64 = 86_400_000_000_000;
const MINUTE_NS: i64 = 60_000_000_000;

fn utc_day(t: i64) -> i64 {
    t.div_euclid(DAY_NS)
}

/// Months since year 0 of the proleptic Gregorian calendar, counted day by day from 1970.
fn utc_month(t: i64) -> i64 {
    let day = utc_day(t);
    let leap = |y: i64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    let length = |y: i64, m: i64| match m {
        1 if leap(y) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    };
    let (mut year, mut month, mut first) = (1970, 0, 0);
    while day < first {
        month -= 1;
        if month < 0 {
            month = 11;
            year -= 1;
        }
        first -= length(year, month);
    }
    while day >= first + length(year, month) {
        first += length(year, month);
        month += 1;
        if month == 12 {
            month = 0;
            year += 1;
        }
    }
    year * 12 + month
}

// --------------------------------------------- E 1.3 currency conversion

impl<'a> Engine<'a> {
    /// Rules 1 to 5 for one leg.
    fn resolve_leg(&self, from: &str, to: &str) -> Option<Leg> {
        let symbol = &self.setup.symbol;
        if from == to {
            return Some(Leg::Same);
        }
        let quote_to_base = from == symbol.quote_currency && to == symbol.base_currency;
        let base_to_quote = from == symbol.base_currency && to == symbol.quote_currency;
        if quote_to_base || base_to_quote {
            // E 9, row "fx as-of".
            return Some(match (self.parity, quote_to_base) {
                (true, divide) => Leg::Traded { divide },
                (false, true) => Leg::OwnDivide,
                (false, false) => Leg::OwnMultiply,
            });
        }
        for (pair, divide) in [(format!("{from}{to}"), false), (format!("{to}{from}"), true)] {
            let fx = &self.setup.account.fx;
            if fx.mode != FxMode::Static
                && let Some(series) = fx.series.iter().position(|s| s.symbol == pair)
            {
                return Some(Leg::Candles { series, divide });
            }
            if fx.mode != FxMode::Candles
                && let Some((_, rate)) = fx.static_rates.iter().find(|(p, _)| *p == pair)
            {
                return Some(Leg::Static { rate: *rate, divide });
            }
        }
        None
    }

    fn resolve_path(&self, from: &str, to: &str) -> Option<Vec<Leg>> {
        if let Some(leg) = self.resolve_leg(from, to) {
            return Some(vec![leg]);
        }
        let hub = &self.setup.account.fx.hub;
        if from == hub || to == hub {
            return None;
        }
        Some(vec![self.resolve_leg(from, hub)?, self.resolve_leg(hub, to)?])
    }

    fn convert(&self, amount: f64, from: &str, to: &str, event: Event) -> Result<f64, RunError> {
        let Some(path) = self.resolve_path(from, to) else {
            return Err(RunError { code: "fx_path_missing", bar: None });
        };
        let mut value = amount;
        for leg in path {
            value = match leg {
                Leg::Same => value,
                Leg::OwnDivide => value / event.own_price,
                Leg::OwnMultiply => value * event.own_price,
                Leg::Static { rate, divide: true } => value / rate,
                Leg::Static { rate, divide: false } => value * rate,
                Leg::Candles { series, divide } => {
                    let rate = self.candle_rate(series, event)?;
                    if divide { value / rate } else { value * rate }
                }
                Leg::Traded { divide } => {
                    let bar = &self.setup.bars[event.bar];
                    let rate = (bar.bid.close + bar.ask.close) / 2.0;
                    if divide { value / rate } else { value * rate }
                }
            };
        }
        if !value.is_finite() {
            return fail("non_finite_value", event.bar);
        }
        Ok(value)
    }

    /// The as-of rule for candle rates, with the staleness test (D 41: loaded bars).
    fn candle_rate(&self, series: usize, event: Event) -> Result<f64, RunError> {
        let bars = &self.setup.account.fx.series[series].bars;
        let t = self.setup.bars[event.bar].time_ns;
        let mut found: Option<(i64, f64)> = None;
        for bar in bars {
            let open = (bar.bid_open + bar.ask_open) / 2.0;
            let close = (bar.bid_close + bar.ask_close) / 2.0;
            if event.intrabar && !self.parity {
                if bar.time_ns == t {
                    found = Some((t, open));
                } else if bar.time_ns < t {
                    found = Some((bar.time_ns, close));
                }
            } else if bar.time_ns <= t {
                found = Some((bar.time_ns, close));
            }
        }
        let Some((t_rate, rate)) = found else {
            return fail("fx_rate_unavailable", event.bar);
        };
        let age = self.setup.bars.iter().filter(|b| b.time_ns > t_rate && b.time_ns <= t).count();
        if age > self.setup.account.fx.stale_limit_bars {
            return fail("fx_rate_unavailable", event.bar);
        }
        if !rate.is_finite() {
            return fail("non_finite_value", event.bar);
        }
        Ok(rate)
    }

    fn to_account(&self, amount: f64, event: Event) -> Result<f64, RunError> {
        let quote = &self.setup.symbol.quote_currency;
        self.convert(amount, quote, &self.setup.account.currency, event)
    }
}

// ----------------------------------------------------- E 2.6 execution view

fn execution_view(bars: &[Bar], m: f64) -> Vec<Bar> {
    if m == 1.0 {
        return bars.to_vec();
    }
    let field = |b: f64, a: f64| {
        let mid = (b + a) / 2.0;
        let h = (a - b) / 2.0;
        if h <= 0.0 { (b, a) } else { (mid - m * h, mid + m * h) }
    };
    let consistent = |o: f64, h: f64, l: f64, c: f64| Ohlc {
        open: o,
        high: o.max(h).max(l).max(c),
        low: o.min(h).min(l).min(c),
        close: c,
    };
    let mut view = Vec::new();
    for bar in bars {
        let (bid_open, ask_open) = field(bar.bid.open, bar.ask.open);
        let (bid_high, ask_high) = field(bar.bid.high, bar.ask.high);
        let (bid_low, ask_low) = field(bar.bid.low, bar.ask.low);
        let (bid_close, ask_close) = field(bar.bid.close, bar.ask.close);
        view.push(Bar {
            time_ns: bar.time_ns,
            bid: consistent(bid_open, bid_high, bid_low, bid_close),
            ask: consistent(ask_open, ask_high, ask_low, ask_close),
        });
    }
    view
}

// ------------------------------------- Wilder ATR on raw bid (indicators 2.3)

/// Value of bar `last`, `None` while undefined. Counts from the first loaded bar.
fn atr_at(bars: &[Bar], period: usize, last: usize) -> Option<f64> {
    if period == 0 || last + 1 < period {
        return None;
    }
    let true_range = |i: usize| {
        let b = bars[i].bid;
        if i == 0 {
            return b.high - b.low;
        }
        let previous = bars[i - 1].bid.close;
        (b.high - b.low).max((b.high - previous).abs()).max((b.low - previous).abs())
    };
    let mut sum = 0.0;
    for i in 0..period {
        sum += true_range(i);
    }
    let mut atr = sum / period as f64;
    for i in period..=last {
        atr = (atr * (period as f64 - 1.0) + true_range(i)) / period as f64;
    }
    Some(atr)
}

/// Python's `round(x, 2)`: the exact binary value, ties to even (E 9).
fn round_cents(x: f64) -> f64 {
    if (x * 8.0).fract() == 0.0 && (x * 8.0) % 2.0 != 0.0 {
        // An odd number of eighths is the only exact tie; x * 100 is exact here.
        let below = (x * 100.0).floor();
        let cents = if below % 2.0 == 0.0 { below } else { below + 1.0 };
        return cents / 100.0;
    }
    format!("{x:.2}").parse().unwrap()
}

// ------------------------------------------ E 4.1, 4.2 slippage; E 2.4 fees

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FillSide {
    Entry,
    Exit,
}

impl<'a> Engine<'a> {
    /// Model pips × multiplier of the next fill. Does not advance the fill index.
    fn slippage_pips(&self, bar: usize, intrabar: bool) -> f64 {
        let settings = &self.setup.cost_settings;
        if !settings.enabled {
            return 0.0;
        }
        let s = &self.setup.costs.slippage;
        let u = draw(self.setup.rng_seed, self.fill_index);
        let pips = match s.model {
            SlippageModel::FixedRandom => s.fixed_pips + s.random_pips * u,
            SlippageModel::Fixed => s.fixed_pips,
            SlippageModel::Jitter => s.base_pips * (1.0 + s.jitter_factor * (2.0 * u - 1.0)),
            SlippageModel::Volatility => {
                let atr = match (intrabar, bar) {
                    (true, 0) => None,
                    (true, _) => atr_at(&self.setup.bars, s.atr_period, bar - 1),
                    (false, _) => atr_at(&self.setup.bars, s.atr_period, bar),
                };
                s.fixed_pips + s.random_pips * u + s.atr_factor * atr.unwrap_or(0.0) / self.pip
            }
            SlippageModel::None => 0.0,
        };
        pips * settings.slippage_multiplier
    }

    /// Fill price = base ± slippage.
    fn slipped(&self, base: f64, buy: bool, bar: usize, intrabar: bool) -> Result<f64, RunError> {
        let pips = self.slippage_pips(bar, intrabar);
        let fill = if buy { base + pips * self.pip } else { base - pips * self.pip };
        self.checked_fill(fill, bar)
    }

    fn checked_fill(&self, fill: f64, bar: usize) -> Result<f64, RunError> {
        if !fill.is_finite() {
            return fail("non_finite_value", bar);
        }
        if fill <= 0.0 {
            return fail("non_positive_fill_price", bar);
        }
        Ok(fill)
    }

    /// Advances the tier volume, so it is called once per executed fill.
    fn fee(&mut self, lots: f64, price: f64, side: FillSide, maker: bool, event: Event) -> Result<f64, RunError> {
        let settings = self.setup.cost_settings.clone();
        if !settings.enabled {
            return Ok(0.0);
        }
        let costs = self.setup.costs.clone();
        let account = self.setup.account.currency.clone();
        let quote = self.setup.symbol.quote_currency.clone();
        let contract = self.setup.symbol.contract_size;
        // E 2.5: the legacy block counts only without a schema.
        let (schema, charged, ccy, min_fee) = match (costs.schema, costs.fees) {
            (Some(schema), _) => (schema, costs.side, costs.fee_ccy.clone().unwrap_or(account.clone()), costs.min_fee),
            (None, Some(fees)) => (FeeSchema::PerMillionNotional, FeeSide::Both, account.clone(), fees.min_fee),
            (None, None) => return Ok(0.0),
        };
        let matches = match charged {
            FeeSide::Both => true,
            FeeSide::Entry => side == FillSide::Entry,
            FeeSide::Exit => side == FillSide::Exit,
        };
        if !matches {
            return Ok(0.0);
        }
        // D 50.
        let pick = |plain: f64, special: Option<f64>| if maker { special.unwrap_or(plain) } else { plain };
        let base = match schema {
            FeeSchema::PerLot => pick(costs.per_lot, costs.per_lot_maker) * lots,
            FeeSchema::PerMillionNotional => {
                let rate = match (costs.schema, costs.fees) {
                    (None, Some(fees)) => fees.per_million,
                    _ => pick(costs.rate_per_million, costs.rate_per_million_maker),
                };
                rate * self.convert(lots * contract * price, &quote, &ccy, event)? / 1_000_000.0
            }
            FeeSchema::PercentOfNotional => {
                pick(costs.pct, costs.pct_maker) * self.convert(lots * contract * price, &quote, &ccy, event)?
            }
            FeeSchema::Tiered => {
                // E 4.5, month of D 43.
                let month = utc_month(self.setup.bars[event.bar].time_ns);
                if costs.tier_reset == TierReset::Monthly && month != self.tier_month {
                    self.tier_volume = 0.0;
                    self.tier_month = month;
                }
                let mut rate = 0.0;
                for tier in &costs.tiers {
                    if tier.volume_from <= self.tier_volume {
                        rate = tier.per_lot;
                    }
                }
                self.tier_volume += lots;
                rate * lots
            }
        };
        let stated = (base * settings.fee_multiplier).max(min_fee * settings.fee_multiplier);
        let fee = self.convert(stated, &ccy, &account, event)?;
        Ok(if self.parity { round_cents(fee) } else { fee })
    }
}

// --------------------------------------------------- E 6, S 1.4 sizing

/// E 6.3: a number of steps as lots.
fn steps_to_lots(n: f64, volume_step: f64) -> f64 {
    let k = (1.0 / volume_step).round();
    if volume_step < 1.0 && (k * volume_step - 1.0).abs() < 1e-9 { n / k } else { n * volume_step }
}

fn floor_steps(raw: f64, volume_step: f64) -> f64 {
    (raw / volume_step + 1e-6).floor()
}

/// E 6.3. `Err`: the rejection code. The flag is `volume_capped`.
fn quantise(raw: f64, spec: &SymbolSpec) -> Result<(f64, bool), &'static str> {
    let mut n = floor_steps(raw, spec.volume_step);
    let n_min = (spec.volume_min / spec.volume_step).round();
    let n_max = floor_steps(spec.volume_max, spec.volume_step);
    let mut capped = false;
    if n > n_max {
        n = n_max;
        capped = true;
    }
    // Also refuses a NaN.
    if !(n >= n_min) {
        return Err("volume_below_minimum");
    }
    Ok((steps_to_lots(n, spec.volume_step), capped))
}

/// E 9, rows "volume below minimum" and "volume grid".
fn quantise_parity(raw: f64, spec: &SymbolSpec) -> (f64, bool) {
    let capped = raw > spec.volume_max;
    let raw = if capped { spec.volume_max } else { raw };
    if !(raw > spec.volume_min) {
        return (spec.volume_min, false);
    }
    let n = ((raw - spec.volume_min + 1e-12) / spec.volume_step).floor();
    (spec.volume_min + n * spec.volume_step, capped)
}

#[derive(Clone, Copy, Debug)]
struct Sized {
    lots: f64,
    capped: bool,
    risk: Option<f64>,
}

impl<'a> Engine<'a> {
    /// S 1.4, column "SL required".
    fn stop_required(&self) -> bool {
        matches!(self.setup.account.sizing, Sizing::Risk | Sizing::RiskPercent { .. })
    }

    /// E 6.1 (not parity).
    fn too_close(&self, price: f64, stop_loss: Option<f64>) -> bool {
        let Some(sl) = stop_loss else {
            return false;
        };
        let min_dist = self.setup.symbol.min_sl_distance_pips * self.pip;
        (price - sl).abs() + 1e-6 * self.pip < min_dist
    }

    /// The inner error is a rejection code.
    fn size_order(&self, signal: &Signal, fill: f64, event: Event) -> Result<Result<Sized, &'static str>, RunError> {
        let account = &self.setup.account;
        let contract = self.setup.symbol.contract_size;
        let mut risk_budget = None;
        let raw = if let Some(size) = signal.size {
            size
        } else {
            match account.sizing {
                Sizing::Risk | Sizing::RiskPercent { .. } => {
                    let budget = match account.sizing {
                        Sizing::RiskPercent { percent } => self.balance * percent / 100.0,
                        _ => account.risk_per_trade,
                    };
                    let Some(sl) = signal.stop_loss else {
                        return Ok(Err("missing_stop_loss"));
                    };
                    let risk_per_lot = self.to_account((fill - sl).abs() * contract, event)?;
                    risk_budget = Some(budget);
                    budget / risk_per_lot
                }
                Sizing::FixedLots { lots } => lots,
                Sizing::Notional { amount } => amount / self.to_account(fill * contract, event)?,
                Sizing::EquityPercent { percent } => {
                    // D 24.
                    let equity = self.rows.last().map_or(account.initial_balance, |row| row.equity);
                    equity * percent / 100.0 / self.to_account(fill * contract, event)?
                }
            }
        };
        let (lots, capped) = if self.parity {
            quantise_parity(raw, &self.setup.symbol)
        } else {
            match quantise(raw, &self.setup.symbol) {
                Ok(pair) => pair,
                Err(code) => return Ok(Err(code)),
            }
        };
        // D 28: the intended risk.
        let risk = match (risk_budget, signal.stop_loss) {
            (Some(budget), _) => Some(budget),
            (None, Some(sl)) => Some(self.to_account((fill - sl).abs() * contract * lots, event)?),
            (None, None) => None,
        };
        Ok(Ok(Sized { lots, capped, risk }))
    }
}

// ----------------------------------------------- opening and closing (E 2.4, 1.2)

/// What an executed entry needs beside the signal.
#[derive(Clone, Copy, Debug)]
struct EntryFill {
    order_id: u64,
    fill: f64,
    event: Event,
    entry_time_ns: i64,
    clock_ns: i64,
    gap_entry: bool,
    filled_at_open: bool,
    first_tested: usize,
}

/// How a position (or a part of it) is closed.
#[derive(Clone, Debug)]
struct Closing {
    bar: usize,
    intrabar: bool,
    base: f64,
    /// Steps of the volume grid; `None`: everything.
    steps: Option<f64>,
    reason: &'static str,
    label: Option<&'static str>,
    maker: bool,
    gap_exit: bool,
    partial: bool,
}

impl<'a> Engine<'a> {
    fn book(&mut self, amount: f64) {
        self.balance += amount;
        self.bookings += 1;
        self.max_abs_balance = self.max_abs_balance.max(self.balance.abs());
    }

    fn open_position(&mut self, signal: &Signal, sized: Sized, entry: EntryFill) -> Result<(), RunError> {
        let maker = signal.order_type == OrderType::Limit;
        let fee = self.fee(sized.lots, entry.fill, FillSide::Entry, maker, entry.event)?;
        self.fill_index += 1;
        self.fees_total += fee;
        self.book(-fee);
        if sized.capped {
            self.volume_capped += 1;
        }
        let levels = self.setup.trade_management.partial_close.as_ref().map_or(0, |rule| rule.levels.len());
        self.positions.push(Position {
            position_id: self.next_position_id,
            order_id: entry.order_id,
            direction: signal.direction,
            order_type: signal.order_type,
            entry_idx: entry.event.bar,
            entry_time_ns: entry.entry_time_ns,
            clock_ns: entry.clock_ns,
            entry_price: entry.fill,
            initial_stop_loss: signal.stop_loss,
            stop_loss: signal.stop_loss,
            stop_loss_kind: "initial",
            take_profit: signal.take_profit,
            initial_size: sized.lots,
            size: sized.lots,
            entry_fee: fee,
            entry_fee_left: fee,
            risk: sized.risk,
            scenario_id: signal.scenario_id,
            gap_entry: entry.gap_entry,
            filled_at_open: entry.filled_at_open,
            first_tested: entry.first_tested,
            needs_close: signal.order_type == OrderType::Limit,
            volume_capped: sized.capped,
            partial_done: vec![false; levels],
            scheduled: None,
        });
        self.next_position_id += 1;
        Ok(())
    }

    /// E 1.2: the P&L of `lots` at `price`, in account currency.
    fn profit_at(&self, position: &Position, price: f64, lots: f64, event: Event) -> Result<f64, RunError> {
        let pnl_quote =
            (price - position.entry_price) * sign(position.direction) * self.setup.symbol.contract_size * lots;
        self.to_account(pnl_quote, event)
    }

    /// E 7.6.
    fn unrealised(&self, position: &Position, bar: usize) -> Result<f64, RunError> {
        let mark = closing_side(&self.view[bar], position.direction).close;
        self.profit_at(position, mark, position.size, Event { bar, intrabar: false, own_price: mark })
    }

    fn total_unrealised(&self, bar: usize) -> Result<f64, RunError> {
        let mut sum = 0.0;
        for position in &self.positions {
            sum += self.unrealised(position, bar)?;
        }
        Ok(sum)
    }

    /// D 29.
    fn excursions(&self, position: &Position, lots: f64, exit_bar: usize, exit: f64) -> Result<(f64, f64), RunError> {
        let mut worst = 0.0f64;
        let mut best = 0.0f64;
        let mut prices = Vec::new();
        for bar in position.first_tested..exit_bar {
            let c = closing_side(&self.view[bar], position.direction);
            prices.push((bar, c.low));
            prices.push((bar, c.high));
        }
        prices.push((exit_bar, exit));
        for (bar, price) in prices {
            let value = self.profit_at(position, price, lots, Event { bar, intrabar: false, own_price: price })?;
            worst = worst.min(value);
            best = best.max(value);
        }
        Ok((worst, best))
    }

    fn steps_of(&self, lots: f64) -> f64 {
        (lots / self.setup.symbol.volume_step).round()
    }

    fn index_of(&self, position_id: u64) -> Option<usize> {
        self.positions.iter().position(|p| p.position_id == position_id)
    }
}

impl<'a> Engine<'a> {
    fn close_position(&mut self, position_id: u64, closing: Closing) -> Result<(), RunError> {
        let at = self.index_of(position_id).expect("the position is open");
        let position = self.positions[at].clone();
        let bar = closing.bar;
        let is_timeout = closing.reason == "timeout";

        let exit = if self.parity && is_timeout {
            self.checked_fill(closing.base, bar)?
        } else {
            // Parity: exit slippage carries the sign of the entry (E 9).
            let buy = (position.direction == Direction::Short) != self.parity;
            self.slipped(closing.base, buy, bar, closing.intrabar)?
        };

        // D 39: remaining lots on the integer grid.
        let (lots, remaining) = match closing.steps {
            None => (position.size, 0.0),
            Some(n) => {
                let left = self.steps_of(position.size) - n;
                let step = self.setup.symbol.volume_step;
                if left <= 0.0 { (position.size, 0.0) } else { (steps_to_lots(n, step), steps_to_lots(left, step)) }
            }
        };
        let last = remaining == 0.0;
        let event = Event { bar, intrabar: closing.intrabar, own_price: exit };

        let r_multiple = position.initial_stop_loss.map(|sl| {
            let risk = (position.entry_price - sl).abs();
            if risk == 0.0 { 0.0 } else { (exit - position.entry_price) * sign(position.direction) / risk }
        });
        let result = if self.parity {
            r_multiple.unwrap_or(0.0) * self.setup.account.risk_per_trade
        } else {
            self.profit_at(&position, exit, lots, event)?
        };
        let exit_fee =
            if self.parity && is_timeout { 0.0 } else { self.fee(lots, exit, FillSide::Exit, closing.maker, event)? };
        self.fill_index += 1;
        self.fees_total += exit_fee;
        self.book(result);
        self.book(-exit_fee);
        if !self.balance.is_finite() {
            return fail("non_finite_value", bar);
        }

        // E 8.10: shares of the entry fee, the last record gets the remainder.
        let entry_fee = if last { position.entry_fee_left } else { position.entry_fee * lots / position.initial_size };
        let (mae, mfe) = self.excursions(&position, lots, bar, exit)?;
        let mut labels = Vec::new();
        if !["take_profit", "stop_loss", "timeout"].contains(&closing.reason) {
            labels.push(closing.reason);
        }
        labels.extend(closing.label);
        self.trades.push(Trade {
            position_id,
            order_id: position.order_id,
            order_type: position.order_type,
            direction: position.direction,
            symbol: self.setup.symbol.name.clone(),
            entry_idx: position.entry_idx,
            exit_idx: bar,
            entry_time_ns: position.entry_time_ns,
            exit_time_ns: self.setup.bars[bar].time_ns,
            entry_price: position.entry_price,
            exit_price: exit,
            initial_stop_loss: position.initial_stop_loss,
            stop_loss: position.stop_loss,
            take_profit: position.take_profit,
            size: lots,
            result,
            r_multiple,
            risk: position.risk,
            entry_fee,
            exit_fee,
            reason: closing.reason,
            scenario_id: position.scenario_id,
            labels,
            stop_loss_kind: position.stop_loss_kind,
            in_entry_candle: bar == position.entry_idx,
            gap_entry: position.gap_entry,
            gap_exit: closing.gap_exit,
            volume_capped: position.volume_capped,
            partial: closing.partial,
            mae,
            mfe,
        });
        if !closing.partial {
            self.consecutive_losses = if result < 0.0 { self.consecutive_losses + 1 } else { 0 };
        }
        if last {
            self.positions.remove(at);
            self.last_exit_decision = Some(self.decision_time(bar));
        } else {
            self.positions[at].size = remaining;
            self.positions[at].entry_fee_left -= entry_fee;
        }
        Ok(())
    }

    /// E 0.2.
    fn decision_time(&self, bar: usize) -> i64 {
        self.setup.bars[bar].time_ns + self.setup.duration_ns
    }

    /// E 5.5: rule closes at the closing-side close.
    fn close_at_close(
        &mut self,
        position_id: u64,
        bar: usize,
        reason: &'static str,
        label: Option<&'static str>,
    ) -> Result<(), RunError> {
        let at = self.index_of(position_id).expect("the position is open");
        let base = closing_side(&self.view[bar], self.positions[at].direction).close;
        self.close_position(
            position_id,
            Closing {
                bar,
                intrabar: false,
                base,
                steps: None,
                reason,
                label,
                maker: false,
                gap_exit: false,
                partial: false,
            },
        )
    }
}

// ------------------------------------------------------ E 5 stop and target

impl<'a> Engine<'a> {
    fn exit_test(&mut self, position_id: u64, bar: usize) -> Result<(), RunError> {
        let at = self.index_of(position_id).expect("the position is open");
        let p = self.positions[at].clone();
        if bar < p.first_tested {
            return Ok(());
        }
        let c = closing_side(&self.view[bar], p.direction);
        let buffer = self.pip_buffer;
        let long = p.direction == Direction::Long;
        let t = self.touch;

        // E 5.1
        let sl_hit =
            p.stop_loss.is_some_and(|sl| if long { t.le(c.low, sl + buffer) } else { t.ge(c.high, sl - buffer) });
        let mut tp_hit =
            p.take_profit.is_some_and(|tp| if long { t.ge(c.high, tp - buffer) } else { t.le(c.low, tp + buffer) });
        // E 5.2
        if let Some(tp) = p.take_profit
            && p.needs_close
            && bar == p.entry_idx
        {
            let beyond = if long { t.gt(c.close, tp) } else { t.lt(c.close, tp) };
            tp_hit = tp_hit && beyond;
        }

        // E 5.3
        let live_from_open = bar > p.entry_idx || p.filled_at_open;
        if sl_hit {
            let sl = p.stop_loss.unwrap();
            let base = if self.parity || !live_from_open {
                sl
            } else if long {
                sl.min(c.open)
            } else {
                sl.max(c.open)
            };
            let moved = p.stop_loss != p.initial_stop_loss && bar != p.entry_idx;
            let reason = if self.parity && moved { "break_even_stop_loss" } else { "stop_loss" };
            return self.close_intrabar(position_id, bar, base, sl, reason, false);
        }
        // E 5.4
        if tp_hit {
            let tp = p.take_profit.unwrap();
            let better = self.setup.execution.limit_gap_fill == LimitGapFill::Better && !self.parity;
            let base = if better && live_from_open { if long { tp.max(c.open) } else { tp.min(c.open) } } else { tp };
            return self.close_intrabar(position_id, bar, base, tp, "take_profit", true);
        }
        Ok(())
    }

    fn close_intrabar(
        &mut self,
        position_id: u64,
        bar: usize,
        base: f64,
        level: f64,
        reason: &'static str,
        maker: bool,
    ) -> Result<(), RunError> {
        self.close_position(
            position_id,
            Closing {
                bar,
                intrabar: true,
                base,
                steps: None,
                reason,
                label: None,
                maker,
                // D 39
                gap_exit: base != level,
                partial: false,
            },
        )
    }

    /// Step 2 of E 7.1.
    fn exits_of_bar(&mut self, bar: usize) -> Result<(), RunError> {
        let ids: Vec<u64> = self.positions.iter().map(|p| p.position_id).collect();
        for id in ids {
            self.exit_test(id, bar)?;
        }
        Ok(())
    }
}

// ---------------------------------------------------- E 3.4, 3.5 pending orders

impl<'a> Engine<'a> {
    fn reject(&mut self, order_id: u64, bar: usize, code: &'static str) {
        self.rejections.push(Rejection { order_id, bar, code });
    }

    fn end_pending(&mut self, order_id: u64, state: &'static str, cause: &'static str, bar: usize) {
        self.pending.retain(|o| o.order_id != order_id);
        self.pending_ends.push(PendingEnd { order_id, state, cause, bar });
    }

    /// Cancels every working order for which `which` holds, ascending `order_id`.
    fn cancel_pending(&mut self, bar: usize, cause: &'static str, which: impl Fn(&Pending) -> bool) {
        let ids: Vec<u64> = self.pending.iter().filter(|o| which(o)).map(|o| o.order_id).collect();
        for id in ids {
            self.end_pending(id, "cancelled", cause, bar);
        }
    }

    fn expire_orders(&mut self, bar: usize) {
        for order in self.pending.clone() {
            let s = &order.signal;
            let bars = match (s.expire_after_bars, s.good_till_ns) {
                (None, None) => self.setup.execution.pending_expiry_bars,
                (bars, _) => bars,
            };
            if bars.is_some_and(|n| bar as i64 > order.placed as i64 + n) {
                self.end_pending(order.order_id, "expired", "expire_after_bars", bar);
            } else if s.good_till_ns.is_some_and(|g| self.setup.bars[bar].time_ns > g) {
                self.end_pending(order.order_id, "expired", "good_till", bar);
            }
        }
    }

    fn triggers(&self, order: &Pending, bar: usize) -> bool {
        let o = opening_side(&self.view[bar], order.signal.direction);
        let p = order.price;
        match (order.signal.order_type, order.signal.direction) {
            (OrderType::Limit, Direction::Long) => self.touch.le(o.low, p),
            (OrderType::Limit, Direction::Short) => self.touch.ge(o.high, p),
            (OrderType::Stop, Direction::Long) => self.touch.ge(o.high, p),
            (OrderType::Stop, Direction::Short) => self.touch.le(o.low, p),
            (OrderType::Market, _) => false,
        }
    }

    /// E 3.5: (base price, the bar gaps).
    fn pending_base(&self, order: &Pending, bar: usize) -> (f64, bool) {
        let open = opening_side(&self.view[bar], order.signal.direction).open;
        let p = order.price;
        let limit = order.signal.order_type == OrderType::Limit;
        let long = order.signal.direction == Direction::Long;
        let gap = if limit != long { open >= p } else { open <= p };
        let base = match (limit, self.setup.execution.limit_gap_fill) {
            (false, _) | (true, LimitGapFill::Better) => {
                if gap {
                    open
                } else {
                    p
                }
            }
            (true, LimitGapFill::Worse) => p,
            (true, LimitGapFill::PlanLiteral) => {
                if long {
                    p.max(open)
                } else {
                    p.min(open)
                }
            }
        };
        (base, gap)
    }
}

impl<'a> Engine<'a> {
    /// An order that triggered: filled or rejected, removed from the book either way.
    fn fill_pending(&mut self, order: &Pending, bar: usize) -> Result<(), RunError> {
        let s = &order.signal;
        let long = s.direction == Direction::Long;
        let (base, gap) = self.pending_base(order, bar);
        let fill = if self.parity { order.price } else { self.slipped(base, long, bar, true)? };
        let event = Event { bar, intrabar: true, own_price: fill };
        if !self.parity {
            // E 3.5, in this order.
            let mut code = None;
            if self.positions.len() >= self.setup.account.max_positions {
                code = Some("max_positions_reached");
            } else if s.stop_loss.is_some_and(|sl| !self.on_losing_side(sl, fill, long)) {
                code = Some("stop_loss_wrong_side");
            } else if s.take_profit.is_some_and(|tp| !self.on_losing_side(tp, base, !long)) {
                code = Some("take_profit_wrong_side");
            } else if self.too_close(fill, s.stop_loss) {
                code = Some("stop_distance_below_minimum");
            }
            if let Some(code) = code {
                return Ok(self.refuse_pending(order.order_id, bar, code));
            }
        }
        let sized = match self.size_order(s, fill, event)? {
            Ok(sized) => sized,
            Err(code) => return Ok(self.refuse_pending(order.order_id, bar, code)),
        };
        let literal_limit =
            s.order_type == OrderType::Limit && self.setup.execution.limit_gap_fill == LimitGapFill::PlanLiteral;
        let placed_ns = self.setup.bars[order.placed].time_ns;
        let bar_ns = self.setup.bars[bar].time_ns;
        let entry_ns = if self.parity { placed_ns } else { bar_ns };
        self.open_position(
            s,
            sized,
            EntryFill {
                order_id: order.order_id,
                fill,
                event,
                entry_time_ns: entry_ns,
                clock_ns: entry_ns,
                gap_entry: gap,
                filled_at_open: gap || literal_limit,
                first_tested: bar,
            },
        )?;
        self.end_pending(order.order_id, "filled", "filled", bar);
        // D 18: the fill cancels the other one at once.
        if s.oco {
            let placed = order.placed;
            self.cancel_pending(bar, "oco", |o| o.signal.oco && o.placed == placed);
        }
        Ok(())
    }

    fn refuse_pending(&mut self, order_id: u64, bar: usize, code: &'static str) {
        self.reject(order_id, bar, code);
        self.end_pending(order_id, "rejected", code, bar);
    }

    /// Strictly below the reference for `below`, else strictly above. A target lies on the
    /// "losing side" of the opposite direction.
    fn on_losing_side(&self, level: f64, reference: f64, below: bool) -> bool {
        if below { self.touch.lt(level, reference) } else { self.touch.gt(level, reference) }
    }

    /// Step 1 of E 7.1.
    fn pending_of_bar(&mut self, bar: usize) -> Result<(), RunError> {
        self.expire_orders(bar);
        for order in self.pending.clone() {
            // An OCO partner may have cancelled it meanwhile.
            let working = self.pending.iter().any(|o| o.order_id == order.order_id);
            if working && bar > order.placed && self.triggers(&order, bar) {
                self.fill_pending(&order, bar)?;
            }
        }
        Ok(())
    }
}

// ------------------------------------------------------------- E 7.2 gates

fn bad(x: Option<f64>) -> bool {
    x.is_some_and(|v| !v.is_finite() || v <= 0.0)
}

impl<'a> Engine<'a> {
    fn session_open(&self, bar: usize) -> bool {
        self.setup.session_open.get(bar).copied().unwrap_or(true)
    }

    fn news_blocked(&self, bar: usize) -> bool {
        self.setup.news_blocked.get(bar).copied().unwrap_or(false)
    }

    fn last_bar(&self) -> usize {
        self.setup.bars.len() - 1
    }

    fn next_open(&self) -> bool {
        self.setup.execution.market_fill == MarketFill::NextOpen
    }

    /// E 7.4, D 15: `bar` is the signal bar. A value of 0 skips its test.
    fn in_cooldown(&self, bar: usize) -> bool {
        let x = &self.setup.execution;
        let now = self.decision_time(bar);
        if let Some((idx, time)) = self.last_entry {
            if x.cooldown_bars > 0 && (bar as i64 - idx as i64) < x.cooldown_bars {
                return true;
            }
            if x.cooldown_minutes > 0 && now - time < x.cooldown_minutes * MINUTE_NS {
                return true;
            }
        }
        let after = x.cooldown_minutes_after_exit;
        self.last_exit_decision.is_some_and(|time| after > 0 && now - time < after * MINUTE_NS)
    }

    /// Gates 1 to 7.
    fn early_gates(&self, s: &Signal, bar: usize) -> Result<(), &'static str> {
        let x = &self.setup.execution;
        let market = s.order_type == OrderType::Market;
        let ignored_price = market && self.next_open();
        if (!ignored_price && bad(s.entry_price))
            || bad(s.stop_loss)
            || bad(s.take_profit)
            || bad(s.size)
            || (!market && s.entry_price.is_none())
        {
            return Err("invalid_signal");
        }
        if s.stop_loss.is_none() && (self.stop_required() || self.parity) {
            return Err("missing_stop_loss");
        }
        let no_more_signals = x.close_open_at_end && !self.parity;
        if bar == self.last_bar() && (no_more_signals || ignored_price) {
            return Err("end_of_data");
        }
        if self.halted.is_some() {
            return Err("trading_halted");
        }
        if self.balance <= 0.0 && !self.parity {
            return Err("account_depleted");
        }
        let allowed = if s.direction == Direction::Long { x.allow_long } else { x.allow_short };
        if !allowed {
            return Err("direction_not_allowed");
        }
        if !x.allowed_order_types.contains(&s.order_type) {
            return Err("order_type_not_allowed");
        }
        // Parity tested session and news before it called the strategy.
        if !self.session_open(bar) {
            return Err("session_closed");
        }
        if self.news_blocked(bar) {
            return Err("news_blocked");
        }
        Ok(())
    }

    /// D 16, after gate 8: closes the opposite positions. True = the signal ends here.
    fn opposite(&mut self, s: &Signal, bar: usize, at_open: bool) -> Result<bool, RunError> {
        let mode = self.setup.execution.on_opposite;
        if mode == OnOpposite::Ignore || s.order_type != OrderType::Market {
            return Ok(false);
        }
        let opposite: Vec<u64> =
            self.positions.iter().filter(|p| p.direction != s.direction).map(|p| p.position_id).collect();
        for id in &opposite {
            if at_open {
                self.close_at_open(*id, bar, None, Some("opposite"))?;
            } else {
                self.close_at_close(*id, bar, "signal", Some("opposite"))?;
            }
        }
        Ok(mode == OnOpposite::Close && !opposite.is_empty())
    }

    /// Gate 9.
    fn no_free_slot(&self) -> bool {
        let limit = if self.parity { 1 } else { self.setup.account.max_positions };
        self.positions.len() >= limit
    }

    /// One signal of step 4.
    fn submit(&mut self, s: &Signal, bar: usize) -> Result<(), RunError> {
        let order_id = self.next_order_id;
        self.next_order_id += 1;
        let cooling = self.in_cooldown(bar);
        if self.parity {
            // E 9: the cooldown starts at every signal.
            self.last_entry = Some((bar, self.decision_time(bar)));
        }
        if let Err(code) = self.early_gates(s, bar) {
            return Ok(self.reject(order_id, bar, code));
        }
        let market = s.order_type == OrderType::Market;
        if market && self.next_open() {
            self.waiting.push(Waiting { order_id, signal: s.clone() });
            return Ok(());
        }
        if cooling {
            return Ok(self.reject(order_id, bar, "cooldown"));
        }
        if self.opposite(s, bar, false)? {
            return Ok(self.reject(order_id, bar, "opposite_close"));
        }
        if self.no_free_slot() {
            return Ok(self.reject(order_id, bar, "max_positions_reached"));
        }
        if !market
            && !self.parity
            && let Some(limit) = self.setup.execution.max_pending_orders
        {
            // D 17: the order to be replaced does not count.
            let replaced = |o: &&Pending| s.replaces && o.signal.direction == s.direction;
            let working = self.pending.len() - self.pending.iter().filter(replaced).count();
            if working >= limit {
                return Ok(self.reject(order_id, bar, "max_pending_reached"));
            }
        }
        let accepted = if market { self.fill_market(order_id, s, bar)? } else { self.place_pending(order_id, s, bar) };
        match accepted {
            Ok(()) => self.last_entry = Some((bar, self.decision_time(bar))),
            Err(code) => self.reject(order_id, bar, code),
        }
        Ok(())
    }
}

// ------------------------------------- E 3.3 market fills, E 3.4 placement

impl<'a> Engine<'a> {
    fn spread_multiplier(&self) -> f64 {
        if self.setup.cost_settings.enabled { self.setup.cost_settings.spread_multiplier } else { 1.0 }
    }

    /// Side checks of market orders against the closing side.
    fn market_levels(&self, s: &Signal, reference: f64) -> Result<(), &'static str> {
        let long = s.direction == Direction::Long;
        if s.stop_loss.is_some_and(|sl| !self.on_losing_side(sl, reference, long)) {
            return Err("stop_loss_wrong_side");
        }
        if s.take_profit.is_some_and(|tp| !self.on_losing_side(tp, reference, !long)) {
            return Err("take_profit_wrong_side");
        }
        Ok(())
    }

    /// E 3.3; `Err` inside: a rejection.
    fn fill_market(&mut self, order_id: u64, s: &Signal, bar: usize) -> Result<Result<(), &'static str>, RunError> {
        let raw = self.setup.bars[bar];
        let side = opening_side(&raw, s.direction);
        if let Some(price) = s.entry_price
            && !self.parity
            && !(self.touch.ge(price, side.low) && self.touch.le(price, side.high))
        {
            return Ok(Err("entry_price_outside_bar"));
        }
        // E 2.6
        let m = self.spread_multiplier();
        let mut base = s.entry_price.unwrap_or(side.close);
        if m != 1.0 {
            base += sign(s.direction) * (m - 1.0) * ((raw.ask.close - raw.bid.close) / 2.0).max(0.0);
        }
        if !self.parity {
            // D 38: the execution view.
            let reference = closing_side(&self.view[bar], s.direction).close;
            if let Err(code) = self.market_levels(s, reference) {
                return Ok(Err(code));
            }
        }
        let fill = self.slipped(base, s.direction == Direction::Long, bar, false)?;
        let close = if self.parity {
            s.stop_loss.is_some_and(|sl| (fill - sl).abs() < 0.00001)
        } else {
            self.too_close(fill, s.stop_loss)
        };
        if close {
            return Ok(Err("stop_distance_below_minimum"));
        }
        let event = Event { bar, intrabar: false, own_price: fill };
        let sized = match self.size_order(s, fill, event)? {
            Ok(sized) => sized,
            Err(code) => return Ok(Err(code)),
        };
        let t = self.setup.bars[bar].time_ns;
        self.open_position(
            s,
            sized,
            EntryFill {
                order_id,
                fill,
                event,
                entry_time_ns: t,
                clock_ns: t,
                gap_entry: false,
                filled_at_open: false,
                first_tested: bar + 1,
            },
        )?;
        Ok(Ok(()))
    }

    /// E 3.4, order of checks of D 35.
    fn place_pending(&mut self, order_id: u64, s: &Signal, bar: usize) -> Result<(), &'static str> {
        let price = s.entry_price.unwrap();
        if !self.parity {
            self.market_levels(s, price)?;
            if s.expire_after_bars.is_some_and(|n| n < 1)
                || s.good_till_ns.is_some_and(|g| g <= self.setup.bars[bar].time_ns)
            {
                return Err("invalid_expiry");
            }
            if self.too_close(price, s.stop_loss) {
                return Err("stop_distance_below_minimum");
            }
        }
        if s.replaces {
            let direction = s.direction;
            self.cancel_pending(bar, "strategy", |o| o.signal.direction == direction);
        }
        self.pending.push(Pending { order_id, placed: bar, signal: s.clone(), price });
        Ok(())
    }

    /// D 15: a market order of bar `bar - 1` at the open of `bar`.
    fn fill_at_open(&mut self, order: &Waiting, bar: usize) -> Result<(), RunError> {
        let s = &order.signal;
        let signal_bar = bar - 1;
        if self.in_cooldown(signal_bar) {
            return Ok(self.reject(order.order_id, bar, "cooldown"));
        }
        if self.opposite(s, bar, true)? {
            return Ok(self.reject(order.order_id, bar, "opposite_close"));
        }
        if self.no_free_slot() {
            return Ok(self.reject(order.order_id, bar, "max_positions_reached"));
        }
        if let Err(code) = self.market_levels(s, closing_side(&self.view[bar], s.direction).open) {
            return Ok(self.reject(order.order_id, bar, code));
        }
        let base = opening_side(&self.view[bar], s.direction).open;
        let fill = self.slipped(base, s.direction == Direction::Long, bar, true)?;
        if self.too_close(fill, s.stop_loss) {
            return Ok(self.reject(order.order_id, bar, "stop_distance_below_minimum"));
        }
        let event = Event { bar, intrabar: true, own_price: fill };
        let sized = match self.size_order(s, fill, event)? {
            Ok(sized) => sized,
            Err(code) => return Ok(self.reject(order.order_id, bar, code)),
        };
        let t = self.setup.bars[bar].time_ns;
        self.open_position(
            s,
            sized,
            EntryFill {
                order_id: order.order_id,
                fill,
                event,
                entry_time_ns: t,
                clock_ns: t,
                gap_entry: false,
                filled_at_open: true,
                first_tested: bar,
            },
        )?;
        self.last_entry = Some((signal_bar, self.decision_time(signal_bar)));
        Ok(())
    }
}

// ------------------------------- S 1.2, D 18: exits, updates, cancels of a strategy

fn side_matches(side: Side, direction: Direction) -> bool {
    match side {
        Side::All => true,
        Side::Long => direction == Direction::Long,
        Side::Short => direction == Direction::Short,
    }
}

impl<'a> Engine<'a> {
    /// E 8.10: steps to close, `None` = no action.
    fn partial_steps(&self, position: &Position, fraction: f64) -> Option<f64> {
        let spec = &self.setup.symbol;
        let n_min = (spec.volume_min / spec.volume_step).round();
        let open = self.steps_of(position.size);
        let n = floor_steps(fraction * position.initial_size, spec.volume_step).min(open);
        let left = open - n;
        if n <= 0.0 || n < n_min || (left > 0.0 && left < n_min) {
            return None;
        }
        Some(n)
    }

    fn close_at_open(
        &mut self,
        position_id: u64,
        bar: usize,
        steps: Option<f64>,
        label: Option<&'static str>,
    ) -> Result<(), RunError> {
        let at = self.index_of(position_id).expect("the position is open");
        let base = closing_side(&self.view[bar], self.positions[at].direction).open;
        let partial = steps.is_some();
        self.close_position(
            position_id,
            Closing {
                bar,
                intrabar: true,
                base,
                steps,
                reason: "signal",
                label,
                maker: false,
                gap_exit: false,
                partial,
            },
        )
    }

    fn partial_at_close(&mut self, id: u64, bar: usize, n: f64, reason: &'static str) -> Result<(), RunError> {
        let at = self.index_of(id).expect("the position is open");
        let base = closing_side(&self.view[bar], self.positions[at].direction).close;
        self.close_position(
            id,
            Closing {
                bar,
                intrabar: false,
                base,
                steps: Some(n),
                reason,
                label: None,
                maker: false,
                gap_exit: false,
                partial: true,
            },
        )
    }

    /// In position order; the exits of one position in the order given.
    fn signal_exits(&mut self, exits: &[Exit], bar: usize, at_open: bool) -> Result<(), RunError> {
        let ids: Vec<u64> = self.positions.iter().map(|p| p.position_id).collect();
        for id in ids {
            for exit in exits {
                let Some(at) = self.index_of(id) else {
                    break;
                };
                let position = self.positions[at].clone();
                let named = exit.position_id.is_none_or(|wanted| wanted == id);
                if !named || !side_matches(exit.side, position.direction) {
                    continue;
                }
                match exit.fraction {
                    Some(fraction) if fraction < 1.0 => {
                        let Some(n) = self.partial_steps(&position, fraction) else {
                            continue;
                        };
                        if at_open {
                            self.close_at_open(id, bar, Some(n), None)?;
                        } else {
                            self.partial_at_close(id, bar, n, "signal")?;
                        }
                    }
                    _ if at_open => self.close_at_open(id, bar, None, None)?,
                    _ => self.close_at_close(id, bar, "signal", None)?,
                }
            }
        }
        Ok(())
    }

    fn signal_updates(&mut self, updates: &[Update]) {
        for update in updates {
            for p in &self.positions {
                let named = update.position_id.is_none_or(|wanted| wanted == p.position_id);
                if named && side_matches(update.side, p.direction) {
                    let candidate = Candidate {
                        priority: 50,
                        rule: "strategy",
                        stop_loss: update.stop_loss,
                        take_profit: update.take_profit,
                        kind: "manual",
                    };
                    self.candidates.push((p.position_id, candidate));
                }
            }
        }
    }

    fn signal_cancels(&mut self, cancels: &[Cancel], bar: usize) {
        for cancel in cancels {
            self.cancel_pending(bar, "strategy", |o| {
                cancel.order_id.is_none_or(|wanted| wanted == o.order_id)
                    && side_matches(cancel.side, o.signal.direction)
            });
        }
    }

    /// Step 4 of E 7.1 (strategy part), order of D 18.
    fn strategy_step(&mut self, bar: usize) -> Result<(), RunError> {
        let script = self.setup.script.get(bar).cloned().unwrap_or_default();
        self.signal_cancels(&script.cancels, bar);
        self.signal_updates(&script.updates);
        if !self.next_open() {
            self.signal_exits(&script.exits, bar, false)?;
        } else if bar < self.last_bar() {
            self.waiting_exits = script.exits.clone();
        } else {
            self.dropped_exits += script.exits.len() as u64;
        }
        for signal in &script.entries {
            self.submit(signal, bar)?;
        }
        Ok(())
    }

    /// D 15: between step 0 and step 1.
    fn open_step(&mut self, bar: usize) -> Result<(), RunError> {
        let exits = std::mem::take(&mut self.waiting_exits);
        self.signal_exits(&exits, bar, true)?;
        for order in std::mem::take(&mut self.waiting) {
            self.fill_at_open(&order, bar)?;
        }
        Ok(())
    }
}

// --------------------------------------------------- E 8 trade management rules

/// E 7.2, session test; `s` in seconds since UTC midnight. No windows: always open.
pub fn in_sessions(windows: &[(i64, i64)], s: i64, end_inclusive: bool) -> bool {
    if windows.is_empty() {
        return true;
    }
    windows.iter().any(|&(start, end)| {
        let before_end = s < end || (end_inclusive && s == end);
        if end <= start { s >= start || before_end } else { s >= start && before_end }
    })
}

fn applies(only_scenarios: &[i64], position: &Position) -> bool {
    only_scenarios.is_empty() || position.scenario_id.is_some_and(|id| only_scenarios.contains(&id))
}

impl<'a> Engine<'a> {
    /// E 8.4, D 23: `None` = the rule does nothing.
    fn distance(&self, distance: Distance, position: &Position, bar: usize) -> Option<f64> {
        match distance {
            Distance::Pips(value) => Some(value * self.pip),
            Distance::R(value) => position.initial_stop_loss.map(|sl| value * (position.entry_price - sl).abs()),
            Distance::Atr { value, period } => atr_at(&self.setup.bars, period, bar).map(|atr| value * atr),
        }
    }

    fn high_water(&self, equity: f64) -> f64 {
        let previous = self.rows.last().map_or(self.setup.account.initial_balance, |row| row.high_water);
        previous.max(equity)
    }

    /// E 8.11. True = it fired.
    fn kill_switch(&mut self, bar: usize) -> Result<bool, RunError> {
        let Some(rule) = self.setup.trade_management.kill_switch.clone() else {
            return Ok(false);
        };
        if self.halted.is_some() {
            return Ok(false);
        }
        let today = utc_day(self.setup.bars[bar].time_ns);
        let equity = self.balance + self.total_unrealised(bar)?;
        let high_water = self.high_water(equity);
        let day_start_equity = self
            .rows
            .iter()
            .rev()
            .find(|row| utc_day(row.time_ns) < today)
            .map_or(self.setup.account.initial_balance, |row| row.equity);
        // D 37
        let drawdown_waits = self.reset_happened && self.positions.is_empty();
        let fires = (!drawdown_waits && rule.max_drawdown_pct.is_some_and(|x| (high_water - equity) / high_water >= x))
            || rule.max_daily_loss.is_some_and(|x| day_start_equity - equity >= x)
            || rule.max_daily_loss_pct.is_some_and(|x| (day_start_equity - equity) / day_start_equity >= x)
            || rule.max_consecutive_losses.is_some_and(|n| self.consecutive_losses >= n);
        if !fires {
            return Ok(false);
        }
        self.cancel_pending(bar, "kill_switch", |_| true);
        self.halted = Some(if rule.reset_next_day { Some(today) } else { None });
        Ok(true)
    }

    /// At the beginning of a bar.
    fn reset_halt(&mut self, bar: usize) {
        if let Some(Some(day)) = self.halted
            && utc_day(self.setup.bars[bar].time_ns) > day
        {
            self.halted = None;
            self.consecutive_losses = 0;
            self.reset_happened = true;
        }
    }

    /// E 8.8.
    fn session_ends(&self, rule: &SessionEnd, bar: usize) -> bool {
        let decision = self.decision_time(bar);
        let ahead = decision + rule.minutes_before * MINUTE_NS;
        let seconds = ahead.rem_euclid(DAY_NS) / 1_000_000_000;
        let outside = if self.setup.session_windows.is_empty() {
            !self.session_open(bar)
        } else {
            !in_sessions(&self.setup.session_windows, seconds, false)
        };
        let weekend = rule.weekend_close_utc.is_some_and(|minute| {
            // 1970-01-01 was a Thursday; 0 = Sunday.
            let weekday = (utc_day(decision) + 4).rem_euclid(7);
            let minute_of_day = decision.rem_euclid(DAY_NS) / MINUTE_NS;
            weekday == 6 || weekday == 0 || (weekday == 5 && minute_of_day >= minute)
        });
        outside || weekend
    }

    /// Reason of the winning `ClosePosition`: priority 10, rule ids in byte order.
    fn rule_close(&self, p: &Position, bar: usize) -> Option<&'static str> {
        let tm = &self.setup.trade_management;
        let t = self.setup.bars[bar].time_ns;
        if let Some(rule) = &tm.max_holding_time
            && applies(&rule.only_scenarios, p)
            && t - p.clock_ns >= rule.minutes * MINUTE_NS
        {
            return Some("timeout");
        }
        if let Some(rule) = &tm.news_exit
            && applies(&rule.only_scenarios, p)
            && rule.mode == NewsExitMode::Close
            && self.news_blocked(bar)
        {
            return Some("news");
        }
        if let Some(rule) = &tm.session_end
            && applies(&rule.only_scenarios, p)
            && self.session_ends(rule, bar)
        {
            return Some("session_end");
        }
        None
    }

    /// E 8.6.
    fn break_even(&self, p: &Position, bar: usize, profit: f64) -> Option<Candidate> {
        let rule = self.setup.trade_management.break_even.as_ref()?;
        let trigger = self.distance(rule.trigger, p, bar)?;
        if !applies(&rule.only_scenarios, p) || !self.touch.ge(profit, trigger) {
            return None;
        }
        let stop = p.entry_price + sign(p.direction) * rule.buffer_pips * self.pip;
        Some(Candidate {
            priority: 20,
            rule: "break_even",
            stop_loss: Some(stop),
            take_profit: None,
            kind: "break_even",
        })
    }

    /// E 8.7.
    fn trailing_stop(&self, p: &Position, bar: usize, close_price: f64) -> Option<Candidate> {
        let rule = self.setup.trade_management.trailing_stop.as_ref()?;
        if !applies(&rule.only_scenarios, p) {
            return None;
        }
        let distance = self.distance(rule.distance, p, bar)?;
        let activation = self.distance(rule.activation, p, bar)?;
        let d = sign(p.direction);
        let mut reference = close_price;
        if rule.reference == TrailReference::Extreme {
            if bar <= p.entry_idx {
                return None;
            }
            let after = &self.view[p.entry_idx + 1..=bar];
            reference = match p.direction {
                Direction::Long => after.iter().map(|b| b.bid.high).fold(f64::NEG_INFINITY, f64::max),
                Direction::Short => after.iter().map(|b| b.ask.low).fold(f64::INFINITY, f64::min),
            };
        }
        if !self.touch.ge((reference - p.entry_price) * d, activation) {
            return None;
        }
        let stop = reference - d * distance;
        let least = (rule.step_pips * self.pip).max(self.touch.eps);
        let improves = p.stop_loss.is_none_or(|sl| self.touch.ge((stop - sl) * d, least));
        improves.then_some(Candidate {
            priority: 30,
            rule: "trailing_stop",
            stop_loss: Some(stop),
            take_profit: None,
            kind: "trailing",
        })
    }
}

impl<'a> Engine<'a> {
    /// E 8.10: the steps of a scale-out, and the level marked done.
    fn partial_close(&mut self, at: usize, bar: usize, profit: f64) -> Option<f64> {
        let rule = self.setup.trade_management.partial_close.clone()?;
        let p = self.positions[at].clone();
        if !applies(&rule.only_scenarios, &p) {
            return None;
        }
        for (n, level) in rule.levels.iter().enumerate() {
            let reached = self.distance(level.trigger, &p, bar).is_some_and(|x| self.touch.ge(profit, x));
            if !p.partial_done[n] && reached {
                self.positions[at].partial_done[n] = true;
                return self.partial_steps(&p, level.fraction);
            }
        }
        None
    }

    /// Step 3 of E 7.1. Stop candidates stay until `schedule`, where those of the strategy join.
    fn manage(&mut self, bar: usize) -> Result<(), RunError> {
        let tm = self.setup.trade_management.clone();
        if !tm.enabled {
            return Ok(());
        }
        let killed = self.kill_switch(bar)?;
        if let Some(rule) = &tm.session_end
            && rule.cancel_pending
            && self.session_ends(rule, bar)
        {
            self.cancel_pending(bar, "session_end", |_| true);
        }
        let ids: Vec<u64> = self.positions.iter().map(|p| p.position_id).collect();
        for id in ids {
            let at = self.index_of(id).unwrap();
            let p = self.positions[at].clone();
            let kill = tm.kill_switch.as_ref().is_some_and(|rule| killed && applies(&rule.only_scenarios, &p));
            if kill {
                self.close_at_close(id, bar, "kill_switch", None)?;
                continue;
            }
            if let Some(reason) = self.rule_close(&p, bar) {
                self.close_at_close(id, bar, reason, None)?;
                continue;
            }
            let close_price = closing_side(&self.view[bar], p.direction).close;
            let profit = (close_price - p.entry_price) * sign(p.direction);
            let stops = [self.break_even(&p, bar, profit), self.trailing_stop(&p, bar, close_price)];
            for candidate in stops.into_iter().flatten() {
                self.candidates.push((id, candidate));
            }
            if let Some(n) = self.partial_close(at, bar, profit) {
                self.partial_at_close(id, bar, n, "scale_out")?;
            }
        }
        Ok(())
    }

    /// E 8.3 (3), (4) with D 18: after step 4.
    fn schedule(&mut self, bar: usize) {
        let candidates = std::mem::take(&mut self.candidates);
        let tm = self.setup.trade_management.clone();
        for at in 0..self.positions.len() {
            let p = self.positions[at].clone();
            // E 8.9, `freeze_stops`.
            let frozen = tm.enabled
                && tm
                    .news_exit
                    .as_ref()
                    .is_some_and(|rule| rule.mode == NewsExitMode::FreezeStops && applies(&rule.only_scenarios, &p))
                && self.news_blocked(bar);
            if frozen {
                continue;
            }
            let long = p.direction == Direction::Long;
            let close_price = closing_side(&self.view[bar], p.direction).close;
            let mut mine: Vec<&Candidate> =
                candidates.iter().filter(|(id, _)| *id == p.position_id).map(|(_, c)| c).collect();
            mine.sort_by_key(|c| (c.priority, c.rule));

            let mut best: Option<(f64, &'static str)> = None;
            for c in &mine {
                let Some(sl) = c.stop_loss else {
                    continue;
                };
                let better_than_current = p.stop_loss.is_none_or(|now| self.on_losing_side(sl, now, !long));
                if !better_than_current || !self.on_losing_side(sl, close_price, long) {
                    continue;
                }
                if best.is_none_or(|(value, _)| if long { sl > value } else { sl < value }) {
                    best = Some((sl, c.kind));
                }
            }
            let mut target = None;
            for c in &mine {
                let legal = |tp: &f64| self.on_losing_side(*tp, close_price, !long);
                target = target.or(c.take_profit.filter(legal));
            }
            if best.is_some() || target.is_some() {
                self.positions[at].scheduled = Some(Scheduled { stop_loss: best, take_profit: target });
            }
        }
    }

    /// Step 0 of E 7.1.
    fn apply_scheduled(&mut self) {
        for p in &mut self.positions {
            let Some(change) = p.scheduled.take() else {
                continue;
            };
            if let Some((sl, kind)) = change.stop_loss {
                let better = match (p.stop_loss, p.direction) {
                    (None, _) => true,
                    (Some(now), Direction::Long) => sl > now,
                    (Some(now), Direction::Short) => sl < now,
                };
                if better {
                    p.stop_loss = Some(sl);
                    p.stop_loss_kind = kind;
                }
            }
            if change.take_profit.is_some() {
                p.take_profit = change.take_profit;
            }
        }
    }
}

// -------------------------------------------------------------- E 7 the loop

impl<'a> Engine<'a> {
    fn new(setup: &'a Setup) -> Engine<'a> {
        let parity = setup.execution.variant == Variant::V1Parity;
        let pip = setup.cost_settings.pip_size.unwrap_or(setup.symbol.pip_size);
        let factor = setup.cost_settings.pip_buffer_factor.unwrap_or(setup.costs.pip_buffer_factor);
        let m = if setup.cost_settings.enabled { setup.cost_settings.spread_multiplier } else { 1.0 };
        Engine {
            setup,
            parity,
            touch: Touch { eps: if parity { 0.0 } else { 1e-4 * setup.symbol.tick_size } },
            pip,
            pip_buffer: pip * factor,
            view: execution_view(&setup.bars, m),
            balance: setup.account.initial_balance,
            fees_total: 0.0,
            bookings: 0,
            max_abs_balance: setup.account.initial_balance.abs(),
            fill_index: 0,
            next_order_id: 1,
            next_position_id: 1,
            positions: Vec::new(),
            pending: Vec::new(),
            waiting: Vec::new(),
            waiting_exits: Vec::new(),
            trades: Vec::new(),
            rejections: Vec::new(),
            rows: Vec::new(),
            pending_ends: Vec::new(),
            tier_volume: 0.0,
            tier_month: i64::MIN,
            last_entry: None,
            last_exit_decision: None,
            halted: None,
            consecutive_losses: 0,
            reset_happened: false,
            candidates: Vec::new(),
            volume_capped: 0,
            dropped_exits: 0,
        }
    }

    /// E 1.3 "the path is fixed at start-up", E 2.4, E 0.3.
    fn start_checks(&self) -> Result<(), RunError> {
        for (i, bar) in self.setup.bars.iter().enumerate() {
            for o in [bar.bid, bar.ask] {
                if ![o.open, o.high, o.low, o.close].iter().all(|x| x.is_finite()) {
                    return fail("non_finite_value", i);
                }
            }
        }
        let costs = &self.setup.costs;
        let account = self.setup.account.currency.as_str();
        let quote = self.setup.symbol.quote_currency.as_str();
        let mut needed = vec![(quote, account)];
        if self.setup.cost_settings.enabled {
            let rated = costs.per_lot > 0.0 || costs.rate_per_million > 0.0 || costs.pct > 0.0;
            if costs.schema.is_none() && costs.fees.is_none() && rated {
                return Err(RunError { code: "costs_invalid", bar: None });
            }
            let ccy = match costs.schema {
                Some(_) => costs.fee_ccy.as_deref().unwrap_or(account),
                None => account,
            };
            let notional = match costs.schema {
                Some(schema) => {
                    matches!(schema, FeeSchema::PerMillionNotional | FeeSchema::PercentOfNotional)
                }
                None => costs.fees.is_some(),
            };
            needed.push((ccy, account));
            if notional {
                needed.push((quote, ccy));
            }
        }
        for (from, to) in needed {
            if self.resolve_path(from, to).is_none() {
                return Err(RunError { code: "fx_path_missing", bar: None });
            }
        }
        Ok(())
    }

    /// E 7.1.
    fn bar_v2(&mut self, bar: usize) -> Result<(), RunError> {
        self.reset_halt(bar);
        self.apply_scheduled();
        self.open_step(bar)?;
        self.pending_of_bar(bar)?;
        self.exits_of_bar(bar)?;
        self.manage(bar)?;
        self.strategy_step(bar)?;
        self.schedule(bar);
        if bar == self.last_bar() && self.setup.execution.close_open_at_end {
            self.end_of_data(bar)?;
        }
        self.equity_row(bar)
    }

    /// E 7.7.
    fn end_of_data(&mut self, bar: usize) -> Result<(), RunError> {
        let ids: Vec<u64> = self.positions.iter().map(|p| p.position_id).collect();
        for id in ids {
            self.close_at_close(id, bar, "end_of_data", None)?;
        }
        self.cancel_pending(bar, "end_of_data", |_| true);
        Ok(())
    }

    /// E 7.6; parity: equity = balance.
    fn equity_row(&mut self, bar: usize) -> Result<(), RunError> {
        let unrealised = if self.parity { 0.0 } else { self.total_unrealised(bar)? };
        let equity = self.balance + unrealised;
        if !equity.is_finite() {
            return fail("non_finite_value", bar);
        }
        let high_water = self.high_water(equity);
        let drawdown = if high_water <= 0.0 { 0.0 } else { ((high_water - equity) / high_water).clamp(0.0, 1.0) };
        self.rows.push(EquityRow {
            time_ns: self.setup.bars[bar].time_ns,
            equity,
            balance: self.balance,
            drawdown,
            high_water,
        });
        Ok(())
    }

    /// E 9: strategy first, then one pass in creation order, then the holding time, then equity.
    fn bar_parity(&mut self, bar: usize) -> Result<(), RunError> {
        self.apply_scheduled();
        let blocked =
            !self.session_open(bar) || self.news_blocked(bar) || self.in_cooldown(bar) || !self.positions.is_empty();
        if !blocked {
            self.strategy_step(bar)?;
        }
        let mut orders: Vec<u64> = self.pending.iter().map(|o| o.order_id).collect();
        orders.extend(self.positions.iter().map(|p| p.order_id));
        orders.sort();
        for order_id in orders {
            if let Some(order) = self.pending.iter().find(|o| o.order_id == order_id).cloned()
                && bar > order.placed
                && self.triggers(&order, bar)
            {
                self.fill_pending(&order, bar)?;
            }
            if let Some(p) = self.positions.iter().find(|p| p.order_id == order_id) {
                self.exit_test(p.position_id, bar)?;
            }
        }
        self.manage(bar)?;
        self.schedule(bar);
        self.equity_row(bar)
    }
}

pub fn run(setup: &Setup) -> Result<Outcome, RunError> {
    let mut engine = Engine::new(setup);
    engine.start_checks()?;
    for bar in setup.warmup_bars..setup.bars.len() {
        if engine.parity {
            engine.bar_parity(bar)?;
        } else {
            engine.bar_v2(bar)?;
        }
    }
    engine.outcome()
}

impl<'a> Engine<'a> {
    fn outcome(mut self) -> Result<Outcome, RunError> {
        let mut open_positions = Vec::new();
        let mut unrealised_sum = 0.0;
        let mut entry_fees_open = 0.0;
        for p in &self.positions {
            let unrealised = self.unrealised(p, self.last_bar())?;
            unrealised_sum += unrealised;
            entry_fees_open += p.entry_fee_left;
            open_positions.push(OpenPosition {
                position_id: p.position_id,
                order_id: p.order_id,
                direction: p.direction,
                entry_idx: p.entry_idx,
                entry_time_ns: p.entry_time_ns,
                entry_price: p.entry_price,
                size: p.size,
                initial_stop_loss: p.initial_stop_loss,
                stop_loss: p.stop_loss,
                take_profit: p.take_profit,
                unattributed_entry_fee: p.entry_fee_left,
                unrealised,
            });
        }
        let last = self.setup.bars.len().saturating_sub(1);
        for order in &self.pending {
            self.pending_ends.push(PendingEnd { order_id: order.order_id, state: "pending", cause: "", bar: last });
        }
        // E 7.8 with the tolerance of D 25.
        let tolerance = 1e-6 + self.bookings as f64 * f64::EPSILON * self.max_abs_balance;
        let results: f64 = self.trades.iter().map(|t| t.result).sum();
        let fees: f64 = self.trades.iter().map(|t| t.entry_fee + t.exit_fee).sum::<f64>() + entry_fees_open;
        let expected = self.setup.account.initial_balance + results - self.fees_total;
        let last_equity = self.rows.last().map_or(self.balance, |row| row.equity);
        let marked = self.balance + if self.parity { 0.0 } else { unrealised_sum };
        let off = |a: f64, b: f64| !((a - b).abs() <= tolerance);
        if off(self.balance, expected) || off(fees, self.fees_total) || off(last_equity, marked) {
            return Err(RunError { code: "accounting_inconsistent", bar: None });
        }
        Ok(Outcome {
            trades: self.trades,
            rejections: self.rejections,
            equity: self.rows,
            pending: self.pending_ends,
            open_positions,
            fees_total: self.fees_total,
            final_balance: self.balance,
            fills: self.fill_index,
            orders: self.next_order_id - 1,
            volume_capped: self.volume_capped,
            dropped_exits: self.dropped_exits,
        })
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod engine_tests;
