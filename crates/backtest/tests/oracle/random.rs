//! Random markets, settings and order streams, the same in every run.

use super::engine::*;

/// SplitMix64.
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from `low` to `high`, both included.
    pub(crate) fn range(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low + 1) as u64) as i64
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn chance(&mut self, percent: i64) -> bool {
        self.range(0, 99) < percent
    }

    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.range(0, of.len() as i64 - 1) as usize].clone()
    }

    fn maybe<T>(&mut self, percent: i64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(percent).then(|| make(self))
    }
}

/// A case: what the plain engine gets, and what the product needs to be told the same.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) setup: Setup,
    /// The windows of `sessions`, `HH:MM`.
    pub(crate) sessions: Option<Vec<(String, String)>>,
    /// Filter and calendar.
    pub(crate) news: Option<News>,
    /// Index of the folder with candles of other pairs.
    pub(crate) pairs: Option<usize>,
}

/// `news_filter` and the number of the calendar.
#[derive(Clone, Debug)]
pub(crate) struct News {
    pub(crate) calendar: usize,
    pub(crate) before: i64,
    pub(crate) after: i64,
    /// 0 low, 1 medium, 2 high.
    pub(crate) min_impact: usize,
}

/// An event of a calendar.
#[derive(Clone, Debug)]
pub(crate) struct NewsItem {
    pub(crate) time_ns: i64,
    pub(crate) impact: usize,
    pub(crate) currency: &'static str,
}

pub(crate) const MINUTE: i64 = 60_000_000_000;
pub(crate) const DAY: i64 = 1_440 * MINUTE;
/// 2024-03-25T00:00:00Z, a Monday; three weeks from here lie within two months.
pub(crate) const EPOCH: i64 = 19_807 * DAY;
/// Everything happens within these days.
pub(crate) const DAYS: i64 = 21;
/// The timeframes of the cases, in minutes.
pub(crate) const TIMEFRAMES: [(i64, &str); 3] = [(5, "M5"), (15, "M15"), (60, "H1")];

struct Traded {
    name: &'static str,
    base: &'static str,
    quote: &'static str,
    level: i64,
    digits: i32,
    pip: f64,
    contract: f64,
}

const TRADED: [Traded; 4] = [
    Traded { name: "EURUSD", base: "EUR", quote: "USD", level: 110_000, digits: 5, pip: 0.0001, contract: 100_000.0 },
    Traded { name: "USDJPY", base: "USD", quote: "JPY", level: 145_000, digits: 3, pip: 0.01, contract: 100_000.0 },
    Traded { name: "GBPAUD", base: "GBP", quote: "AUD", level: 192_000, digits: 5, pip: 0.0001, contract: 100_000.0 },
    Traded { name: "XAUUSD", base: "XAU", quote: "USD", level: 230_000, digits: 2, pip: 0.1, contract: 100.0 },
];

/// Constant rates that the cases state.
const STATIC: [(&str, f64); 6] =
    [("EURUSD", 1.1), ("GBPUSD", 1.27), ("USDJPY", 145.0), ("AUDUSD", 0.66), ("EURAUD", 1.65), ("USDCHF", 0.9)];

/// Pairs with candles in a folder, and their prices.
pub(crate) const PAIRS: [(&str, f64); 5] =
    [("EURUSD", 1.1), ("GBPUSD", 1.27), ("AUDUSD", 0.66), ("USDCHF", 0.9), ("EURJPY", 160.0)];

struct Prices {
    scale: f64,
    level: i64,
}

impl Prices {
    fn at(&self, ticks: i64) -> f64 {
        (self.level + ticks) as f64 / self.scale
    }
}

/// One bar in ticks about the level: bid open, high, low, close, then ask.
type Ticks = [i64; 8];

/// Case number `seed`. `folders` and `calendars`: how many there are per timeframe.
pub(crate) fn case(seed: u64, folders: usize, calendars: &[Vec<NewsItem>]) -> Case {
    let mut rng = Rng(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let r = &mut rng;
    let parity = r.chance(18);
    let traded = &TRADED[if r.chance(60) { 0 } else { r.range(1, 3) as usize }];
    let scale = 10_f64.powi(traded.digits);
    let prices = Prices { scale, level: traded.level };
    let timeframe = r.range(0, 2) as usize;
    let duration = TIMEFRAMES[timeframe].0 * MINUTE;
    let (times, ticks) = market(r, duration);
    let bars = times.iter().zip(&ticks).map(|(&time_ns, t)| bar(&prices, time_ns, t)).collect::<Vec<_>>();
    // `v1_parity` warms up by calendar time, which may be fewer bars (execution.md 9).
    let warmup_bars = if parity || r.chance(70) { 0 } else { r.range(0, 6).min(bars.len() as i64 - 1) as usize };
    let script = script(r, &prices, &times, &ticks, duration, warmup_bars);
    let sessions = r.maybe(45, |r| (0..r.range(1, 2)).map(|_| (clock(r), clock(r))).collect::<Vec<_>>());
    let news = r.maybe(35, |r| News {
        calendar: r.range(0, calendars.len() as i64 - 1) as usize,
        before: r.pick(&[0, 5, 30, 60]),
        after: r.pick(&[0, 5, 30, 90]),
        min_impact: r.range(0, 2) as usize,
    });
    let currency = r.pick(&[traded.quote, traded.base, "USD", "EUR", "CHF", "GBP"]);
    let currency = if currency == "XAU" { "USD" } else { currency };
    let mode = r.pick(&[FxMode::Static, FxMode::Static, FxMode::Auto, FxMode::Candles]);
    let pairs = (mode != FxMode::Static).then(|| timeframe * folders + r.range(0, folders as i64 - 1) as usize);
    let setup = Setup {
        symbol: SymbolSpec {
            name: traded.name.into(),
            base_currency: traded.base.into(),
            quote_currency: traded.quote.into(),
            contract_size: traded.contract,
            tick_size: 1.0 / scale,
            pip_size: traded.pip,
            volume_min: r.pick(&[0.01, 0.01, 0.1, 0.05]),
            volume_step: 0.01,
            volume_max: r.pick(&[200.0, 200.0, 1.0]),
            min_sl_distance_pips: r.pick(&[0.1, 0.1, 2.0]),
        },
        session_open: sessions.as_ref().map_or(vec![], |windows| open(&times, duration, windows, parity)),
        session_windows: sessions.iter().flatten().map(|(a, b)| (seconds(a), seconds(b))).collect(),
        news_blocked: news.as_ref().map_or(vec![], |news| {
            blocked(&times, duration, news, &calendars[news.calendar], [traded.base, traded.quote])
        }),
        trade_management: management(r, parity, sessions.is_some(), news.is_some()),
        costs: costs(r, traded, currency),
        cost_settings: CostSettings {
            enabled: !r.chance(6),
            fee_multiplier: r.pick(&[1.0, 1.0, 1.0, 1.5, 0.0]),
            slippage_multiplier: r.pick(&[1.0, 1.0, 1.0, 2.0, 0.0]),
            spread_multiplier: if parity { 1.0 } else { r.pick(&[1.0, 1.0, 1.0, 2.0, 0.0]) },
            pip_size: r.maybe(5, |_| traded.pip * 2.0),
            pip_buffer_factor: r.maybe(30, |r| r.pick(&[0.0, 0.5, 1.0])),
        },
        account: Account {
            currency: currency.into(),
            initial_balance: r.pick(&[10_000.0, 10_000.0, 25_000.0, 300.0]),
            risk_per_trade: r.pick(&[100.0, 100.0, 250.0, 1_000.0]),
            sizing: Sizing::Risk,
            max_positions: r.pick(&[1, 1, 2, 3]),
            fx: Fx {
                mode,
                static_rates: STATIC.iter().filter(|_| !r.chance(4)).map(|&(pair, rate)| (pair.into(), rate)).collect(),
                hub: "USD".into(),
                stale_limit_bars: r.pick(&[10, 10, 3, 1]),
                series: vec![],
            },
        },
        execution: Execution {
            variant: if parity { Variant::V1Parity } else { Variant::V2 },
            market_fill: MarketFill::SignalClose,
            on_opposite: OnOpposite::Ignore,
            limit_gap_fill: r.pick(&[
                LimitGapFill::Worse,
                LimitGapFill::Worse,
                LimitGapFill::Better,
                LimitGapFill::PlanLiteral,
            ]),
            close_open_at_end: !r.chance(25),
            pending_expiry_bars: r.maybe(25, |r| r.range(1, 6)),
            max_pending_orders: r.maybe(25, |r| r.range(1, 3) as usize),
            allow_long: true,
            allow_short: true,
            allowed_order_types: vec![OrderType::Limit, OrderType::Market, OrderType::Stop],
            cooldown_bars: if r.chance(20) { r.range(1, 4) } else { 0 },
            cooldown_minutes: if r.chance(15) { r.range(1, 40) } else { 0 },
            cooldown_minutes_after_exit: if r.chance(15) { r.range(1, 40) } else { 0 },
        },
        rng_seed: r.range(0, 1 << 50) as u64,
        duration_ns: duration,
        warmup_bars,
        bars,
        script,
    };
    let mut case = Case { setup, sessions, news, pairs };
    if case.setup.cost_settings.fee_multiplier == 0.0 || !case.setup.cost_settings.enabled {
        // Nothing is charged: no path from the currency of the fees is needed (docs/readings.md).
        case.setup.costs.fee_ccy = None;
    }
    let execution = &mut case.setup.execution;
    if r.chance(8) {
        (execution.allow_long, execution.allow_short) = r.pick(&[(true, false), (false, true)]);
    }
    if r.chance(8) {
        execution.allowed_order_types = r.pick(&[
            vec![OrderType::Market],
            vec![OrderType::Limit, OrderType::Stop],
            vec![OrderType::Limit, OrderType::Market],
        ]);
    }
    case
}

/// Open times and prices in ticks. Bars are missing now and then; prices jump now and then.
fn market(r: &mut Rng, duration: i64) -> (Vec<i64>, Vec<Ticks>) {
    let count = r.range(12, 130);
    let span = count * duration * 3;
    let start = r.range(0, ((DAYS * DAY - span).max(duration)) / duration) * duration;
    let (mut time, mut close) = (EPOCH + start, 0);
    let (body, wick, jump) = (r.pick(&[15, 40, 80]), r.pick(&[5, 25, 50]), r.pick(&[2, 8, 20]));
    let spread = r.pick(&[0, 5, 10, 25]);
    let (mut times, mut ticks) = (vec![], vec![]);
    for _ in 0..count {
        let open = close + if r.chance(jump) { r.range(-120, 120) } else { 0 };
        close = open + r.range(-body, body);
        let (high, low) = (open.max(close) + r.range(0, wick), open.min(close) - r.range(0, wick));
        let above = |r: &mut Rng| if r.chance(15) { spread + r.range(0, 12) } else { spread };
        let (ask_open, ask_close) = (open + above(r), close + above(r));
        let ask_high = ask_open.max(ask_close).max(high + above(r));
        let ask_low = ask_open.min(ask_close).min(low + above(r));
        times.push(time);
        ticks.push([open, high, low, close, ask_open, ask_high, ask_low, ask_close]);
        time += duration * if r.chance(4) { r.range(2, 12) } else { 1 };
    }
    (times, ticks)
}

fn bar(prices: &Prices, time_ns: i64, t: &Ticks) -> Bar {
    let side = |o: usize| Ohlc {
        open: prices.at(t[o]),
        high: prices.at(t[o + 1]),
        low: prices.at(t[o + 2]),
        close: prices.at(t[o + 3]),
    };
    Bar { time_ns, bid: side(0), ask: side(4) }
}

fn script(
    r: &mut Rng,
    prices: &Prices,
    times: &[i64],
    ticks: &[Ticks],
    duration: i64,
    warmup: usize,
) -> Vec<BarScript> {
    let often = r.pick(&[5, 15, 40]);
    let mut script = vec![BarScript::default(); times.len()];
    for (index, bar) in script.iter_mut().enumerate().skip(warmup) {
        if r.chance(often) {
            for _ in 0..r.pick(&[1, 1, 1, 2, 3]) {
                bar.entries.push(signal(r, prices, times[index], &ticks[index], duration));
            }
        }
        if r.chance(3) {
            bar.exits.push(Exit {
                side: r.pick(&[Side::All, Side::Long, Side::Short]),
                position_id: None,
                fraction: None,
            });
        }
    }
    script
}

fn signal(r: &mut Rng, prices: &Prices, time: i64, t: &Ticks, duration: i64) -> Signal {
    let direction = r.pick(&[Direction::Long, Direction::Short]);
    let order_type = r.pick(&[OrderType::Market, OrderType::Market, OrderType::Limit, OrderType::Stop]);
    let d = if direction == Direction::Long { 1 } else { -1 };
    let (opening, closing) = if d > 0 { (t[7], t[3]) } else { (t[3], t[7]) };
    let entry = match order_type {
        OrderType::Market => {
            let (high, low) = if d > 0 { (t[5], t[6]) } else { (t[1], t[2]) };
            r.maybe(15, |r| r.range(low - 3, high + 3))
        }
        OrderType::Limit => Some(opening - d * r.range(-15, 70)),
        OrderType::Stop => Some(opening + d * r.range(-15, 70)),
    };
    let reference = if order_type == OrderType::Market { closing } else { entry.unwrap_or(closing) };
    let stop = reference - d * if r.chance(5) { r.range(-8, 0) } else { r.range(1, 120) };
    let target = reference + d * if r.chance(5) { r.range(-8, 0) } else { r.range(1, 200) };
    let mut signal = Signal {
        direction,
        order_type,
        entry_price: entry.map(|ticks| prices.at(ticks)),
        stop_loss: Some(prices.at(stop)),
        take_profit: (!r.chance(20)).then(|| prices.at(target)),
        size: r.maybe(15, |r| r.pick(&[0.37, 1.0, 0.004, 2.55, 0.1])),
        expire_after_bars: None,
        good_till_ns: None,
        scenario_id: r.maybe(70, |r| r.range(1, 6)),
        oco: false,
        replaces: false,
    };
    if order_type != OrderType::Market {
        signal.expire_after_bars = r.maybe(25, |r| r.range(0, 6));
        signal.good_till_ns = r.maybe(15, |r| time + r.range(-1, 16) * duration / 2);
    }
    match r.range(0, 199) {
        0 => signal.stop_loss = None,
        1 => signal.stop_loss = Some(f64::NAN),
        2 => signal.take_profit = Some(-1.0),
        3 => signal.size = Some(0.0),
        4 if order_type != OrderType::Market => signal.entry_price = None,
        _ => {}
    }
    signal
}

fn clock(r: &mut Rng) -> String {
    format!("{:02}:{:02}", r.range(0, 23), r.pick(&[0, 0, 5, 30]))
}

fn seconds(clock: &str) -> i64 {
    clock[..2].parse::<i64>().unwrap() * 3_600 + clock[3..].parse::<i64>().unwrap() * 60
}

/// Session test of execution.md 7.2; the end is inside in `v1_parity`.
fn open(times: &[i64], duration: i64, windows: &[(String, String)], parity: bool) -> Vec<bool> {
    let inside = |time: i64, (start, end): (i64, i64)| {
        let last = if parity { time <= end } else { time < end };
        if end <= start { time >= start || last } else { time >= start && last }
    };
    let ns = |text: &str| seconds(text) * 1_000_000_000;
    let test = |time: &i64| windows.iter().any(|(a, b)| inside((time + duration) % DAY, (ns(a), ns(b))));
    times.iter().map(test).collect()
}

/// News test of execution.md 7.2, both ends included.
fn blocked(times: &[i64], duration: i64, news: &News, events: &[NewsItem], currencies: [&str; 2]) -> Vec<bool> {
    let concerns = |event: &&NewsItem| event.impact >= news.min_impact && currencies.contains(&event.currency);
    let events: Vec<&NewsItem> = events.iter().filter(concerns).collect();
    let inside = |decision: i64| {
        let near = |event: &&NewsItem| {
            event.time_ns - news.before * MINUTE <= decision && decision <= event.time_ns + news.after * MINUTE
        };
        events.iter().any(near)
    };
    times.iter().map(|time| inside(time + duration)).collect()
}

fn distance(r: &mut Rng) -> Distance {
    match r.range(0, 2) {
        0 => Distance::Pips(r.pick(&[0.5, 2.0, 5.0, 10.0])),
        1 => Distance::R(r.pick(&[0.25, 0.5, 1.0, 2.0])),
        _ => Distance::Atr { value: r.pick(&[0.5, 1.0, 2.0]), period: r.pick(&[1, 3, 14]) },
    }
}

fn scenarios(r: &mut Rng) -> Vec<i64> {
    r.maybe(20, |r| {
        let first = r.range(1, 4);
        vec![first, first + 2]
    })
    .unwrap_or_default()
}

fn management(r: &mut Rng, parity: bool, has_sessions: bool, has_news: bool) -> TradeManagement {
    let on = r.chance(65);
    let v2 = on && !parity;
    TradeManagement {
        enabled: on,
        tp_update_policy: TpUpdatePolicy::Forbid,
        max_holding_time: r
            .maybe(40, |r| MaxHoldingTime { minutes: r.pick(&[7, 20, 35, 60, 150]), only_scenarios: scenarios(r) })
            .filter(|_| on),
        break_even: r
            .maybe(40, |r| BreakEven {
                trigger: distance(r),
                buffer_pips: r.pick(&[0.0, 0.5, 1.0]),
                only_scenarios: scenarios(r),
            })
            .filter(|_| v2),
        trailing_stop: r
            .maybe(40, |r| TrailingStop {
                distance: distance(r),
                activation: if r.chance(50) { Distance::Pips(0.0) } else { distance(r) },
                reference: r.pick(&[TrailReference::Close, TrailReference::Extreme]),
                step_pips: r.pick(&[0.0, 0.0, 0.5]),
                only_scenarios: scenarios(r),
            })
            .filter(|_| v2),
        session_end: r
            .maybe(50, |r| SessionEnd {
                minutes_before: r.pick(&[0, 0, 5, 60]),
                cancel_pending: r.chance(50),
                weekend_close_utc: r.maybe(40, |r| r.range(18, 22) * 60),
                only_scenarios: scenarios(r),
            })
            .filter(|_| v2 && has_sessions),
        news_exit: r
            .maybe(60, |r| NewsExit {
                mode: r.pick(&[NewsExitMode::Close, NewsExitMode::FreezeStops]),
                only_scenarios: scenarios(r),
            })
            .filter(|_| v2 && has_news),
        partial_close: r
            .maybe(35, |r| PartialClose {
                levels: (0..r.range(1, 3))
                    .map(|_| PartialLevel { trigger: distance(r), fraction: r.pick(&[0.1, 0.25, 0.3, 1.0 / 3.0]) })
                    .collect(),
                only_scenarios: scenarios(r),
            })
            .filter(|_| v2),
        kill_switch: r
            .maybe(25, |r| {
                let mut switch = KillSwitch {
                    max_drawdown_pct: r.maybe(50, |r| r.pick(&[0.005, 0.02, 0.1])),
                    max_daily_loss: r.maybe(40, |r| r.pick(&[50.0, 150.0, 400.0])),
                    max_daily_loss_pct: r.maybe(30, |r| r.pick(&[0.005, 0.02])),
                    max_consecutive_losses: r.maybe(40, |r| r.range(1, 4) as usize),
                    reset_next_day: r.chance(60),
                    only_scenarios: vec![],
                };
                if r.chance(50) || (switch.max_drawdown_pct, switch.max_daily_loss) == (None, None) {
                    switch.max_drawdown_pct.get_or_insert(0.01);
                }
                switch
            })
            .filter(|_| v2),
    }
}

fn costs(r: &mut Rng, traded: &Traded, account: &str) -> EffectiveCosts {
    let fees = r.pick(&[account, account, traded.quote, "USD", "EUR"]);
    let schema = r.pick(&[
        None,
        Some(FeeSchema::PerLot),
        Some(FeeSchema::PerLot),
        Some(FeeSchema::PerMillionNotional),
        Some(FeeSchema::PercentOfNotional),
        Some(FeeSchema::Tiered),
    ]);
    let of = |wanted: FeeSchema, rate: f64| if schema == Some(wanted) { rate } else { 0.0 };
    EffectiveCosts {
        slippage: Slippage {
            model: r.pick(&[
                SlippageModel::FixedRandom,
                SlippageModel::FixedRandom,
                SlippageModel::Fixed,
                SlippageModel::Jitter,
                SlippageModel::Volatility,
                SlippageModel::None,
            ]),
            fixed_pips: r.pick(&[0.0, 0.2, 1.0]),
            random_pips: r.pick(&[0.0, 0.3, 2.0]),
            base_pips: r.pick(&[0.1, 0.5]),
            jitter_factor: r.pick(&[0.0, 0.5, 1.0]),
            atr_factor: r.pick(&[0.0, 0.02, 0.1]),
            atr_period: r.pick(&[1, 5, 14]),
        },
        schema,
        side: r.pick(&[FeeSide::Both, FeeSide::Both, FeeSide::Entry, FeeSide::Exit]),
        fee_ccy: (fees != account || r.chance(50)).then(|| fees.into()),
        per_lot: of(FeeSchema::PerLot, 2.5),
        rate_per_million: of(FeeSchema::PerMillionNotional, 25.0),
        pct: of(FeeSchema::PercentOfNotional, 0.0002),
        min_fee: r.pick(&[0.0, 0.0, 0.5, 3.0]),
        // Between two volumes: whether a sum of tenths is a whole number is not what is compared here.
        tiers: if schema == Some(FeeSchema::Tiered) {
            [(0.0, 4.0), (1.005, 3.0), (2.505, 1.5)]
                .map(|(volume_from, per_lot)| Tier { volume_from, per_lot })
                .to_vec()
        } else {
            vec![]
        },
        tier_reset: r.pick(&[TierReset::Never, TierReset::Monthly]),
        pip_buffer_factor: r.pick(&[0.5, 0.5, 0.0, 1.0]),
        per_lot_maker: (schema == Some(FeeSchema::PerLot) && r.chance(40)).then_some(1.0),
        rate_per_million_maker: (schema == Some(FeeSchema::PerMillionNotional) && r.chance(40)).then_some(5.0),
        pct_maker: (schema == Some(FeeSchema::PercentOfNotional) && r.chance(40)).then_some(0.00005),
        fees: r.maybe(25, |r| LegacyFees { per_million: 30.0, lot_size: 100_000.0, min_fee: r.pick(&[0.0, 1.0]) }),
    }
}

/// A calendar of `count` events.
pub(crate) fn calendar(seed: u64, count: usize) -> Vec<NewsItem> {
    let mut r = Rng(seed ^ 0xca1e_0da2);
    let mut events: Vec<NewsItem> = (0..count)
        .map(|_| NewsItem {
            time_ns: EPOCH + r.range(0, DAYS * 1_440 - 1) * MINUTE,
            impact: r.range(0, 2) as usize,
            currency: r.pick(&["USD", "EUR", "JPY", "GBP", "AUD"]),
        })
        .collect();
    events.sort_by_key(|event| event.time_ns);
    events
}

/// Candles of a pair over all days; some are missing.
pub(crate) fn pair(seed: u64, price: f64, duration: i64) -> Vec<Bar> {
    let mut r = Rng(seed ^ 0x5eed_0fa1);
    let (mut bars, mut time, mut mid) = (vec![], EPOCH - 20 * duration, 0_i64);
    while time < EPOCH + DAYS * DAY {
        let open = mid;
        mid += r.range(-30, 30);
        let at = |ticks: i64, shift: f64| price * (1.0 + (ticks as f64 + shift) * 1e-5);
        let side = |shift: f64| Ohlc {
            open: at(open, shift),
            high: at(open.max(mid), shift),
            low: at(open.min(mid), shift),
            close: at(mid, shift),
        };
        bars.push(Bar { time_ns: time, bid: side(0.0), ask: side(8.0) });
        time += duration
            * if r.chance(5) {
                r.range(2, 6)
            } else if r.chance(1) {
                r.range(10, 20)
            } else {
                1
            };
    }
    bars
}
