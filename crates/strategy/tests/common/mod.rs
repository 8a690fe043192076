//! The data of the strategy specification 9.1 and 9.3, and a way to run a strategy over it without an engine.
//!
//! All prices are integers in points of 0.00001.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use omega_indicators::{ColumnStore, Graph, compute};
use omega_strategy::{BarView, Blueprint, Init, Instrumentals, Intents, Note, Registry, Strategy};
use omega_types::{
    Bar, BarMap, Clock, Issue, Json, Market, Quotes, Series, SideColumns, Signal, Timeframe, Watch,
    market::MappingMode,
    time::{DAY_NS, MINUTE_NS, days_from_civil},
};
use serde_json::json;

/// Open, high, low, close.
pub type Points = [i64; 4];

/// A special bar: its index and its values; `None` is "by the base rule".
pub type Special = (usize, [Option<i64>; 4]);

const fn full(index: usize, [open, high, low, close]: Points) -> Special {
    (index, [Some(open), Some(high), Some(low), Some(close)])
}

/// T1: market long → take-profit.
pub const T1: [Special; 4] = [
    (100, [None, None, Some(109_936), Some(109_940)]),
    full(101, [109_940, 109_959, 109_936, 109_955]),
    full(102, [109_955, 109_974, 109_951, 109_970]),
    full(103, [109_970, 110_006, 109_966, 110_002]),
];

/// T1-S: the mirror of T1.
pub const T1_S: [Special; 4] = [
    (100, [None, Some(110_064), None, Some(110_060)]),
    full(101, [110_060, 110_064, 110_041, 110_045]),
    full(102, [110_045, 110_049, 110_026, 110_030]),
    full(103, [110_030, 110_034, 109_994, 109_998]),
];

/// T2: market long → stop-loss.
pub const T2: [Special; 4] = [
    (100, [None, None, Some(109_936), Some(109_940)]),
    full(101, [109_940, 109_945, 109_925, 109_930]),
    full(102, [109_930, 109_934, 109_880, 109_890]),
    full(103, [109_890, 110_006, 109_886, 110_002]),
];

/// T4: stop and target in the same bar.
pub const T4: [Special; 2] =
    [(100, [None, None, Some(109_936), Some(109_940)]), full(101, [109_940, 110_010, 109_880, 110_000])];

/// First bars of the seven shocks of T6.
pub const T6_SHOCKS: [usize; 7] = [39, 167, 239, 347, 371, 660, 719];

/// T6: seven identical shocks of three bars.
pub fn t6() -> Vec<Special> {
    let shock = |first: usize| {
        [
            (first, [None, None, Some(109_936), Some(109_940)]),
            full(first + 1, [109_940, 109_972, 109_936, 109_968]),
            full(first + 2, [109_968, 110_006, 109_964, 110_002]),
        ]
    };
    T6_SHOCKS.into_iter().flat_map(shock).collect()
}

/// The M5 bid series of 9.1: a wave around 110000, with special bars in their places.
pub fn m5_points(bars: usize, specials: &[Special]) -> Vec<Points> {
    const WAVE: [i64; 8] = [0, 3, 5, 3, 0, -3, -5, -3];
    let mut series: Vec<Points> = Vec::with_capacity(bars);
    for index in 0..bars {
        let special = specials.iter().find(|(at, _)| *at == index).map_or([None; 4], |(_, values)| *values);
        let close = special[3].unwrap_or(110_000 + WAVE[index % 8]);
        let open = special[0].unwrap_or(series.last().map_or(close, |previous| previous[3]));
        let high = special[1].unwrap_or(open.max(close) + 4);
        let low = special[2].unwrap_or(open.min(close) - 4);
        series.push([open, high, low, close]);
    }
    series
}

/// Open times of the M5 series: from 2024-01-08T19:00Z.
pub fn m5_times(bars: usize) -> Vec<i64> {
    let start = day_ns(2024, 1, 8) + 19 * 60 * MINUTE_NS;
    (0..bars as i64).map(|bar| start + bar * 5 * MINUTE_NS).collect()
}

/// Start of the first trading day: bar 60 of the M5 series.
pub fn start_ns() -> i64 {
    day_ns(2024, 1, 9)
}

/// The D1 bid series of T1 to T5: flat.
pub fn d1_flat() -> (Vec<i64>, Vec<Points>) {
    let times = weekdays();
    let bars = times.iter().map(|_| [110_000, 110_100, 109_900, 110_000]).collect();
    (times, bars)
}

/// The D1 bid series of T6: falls by 15 a day, jumps by 400 on 2024-01-09, then rises by 20 a day.
pub fn d1_turning() -> (Vec<i64>, Vec<Points>) {
    let times = weekdays();
    let turn = day_ns(2024, 1, 9);
    let mut close = 112_000;
    let bars = times.iter().map(|&time| {
        let open = close;
        close += match time.cmp(&turn) {
            std::cmp::Ordering::Less => -15,
            std::cmp::Ordering::Equal => 400,
            std::cmp::Ordering::Greater => 20,
        };
        [open, open.max(close) + 100, open.min(close) - 100, close]
    });
    let bars = bars.collect();
    (times, bars)
}

fn weekdays() -> Vec<i64> {
    let (first, last) = (day_ns(2023, 7, 3) / DAY_NS, day_ns(2024, 1, 11) / DAY_NS);
    // 1970-01-01 was a Thursday: day 4 of a week that begins on Sunday.
    (first..=last).filter(|day| !matches!((day + 4).rem_euclid(7), 0 | 6)).map(|day| day * DAY_NS).collect()
}

pub fn day_ns(year: i64, month: u32, day: u32) -> i64 {
    days_from_civil(year, month, day) * DAY_NS
}

/// Points as prices.
pub fn side(points: &[Points]) -> SideColumns {
    let field = |index: usize| points.iter().map(|bar| bar[index] as f64 / 100_000.0).collect::<Vec<_>>().into();
    SideColumns {
        open: field(0),
        high: field(1),
        low: field(2),
        close: field(3),
        volume: vec![100.0; points.len()].into(),
    }
}

/// The same bars ten points higher.
pub fn ask_of(bid: &[Points]) -> Vec<Points> {
    bid.iter().map(|bar| bar.map(|price| price + 10)).collect()
}

pub fn series(timeframe: Timeframe, times: Vec<i64>, bid: &[Points], ask: &[Points]) -> Series {
    Series { timeframe, time: times.into(), quotes: Quotes { bid: side(bid), ask: side(ask) } }
}

/// A market with one other timeframe; trading starts at `first`.
pub fn market_of(primary: Series, others: Vec<Series>, first: Bar) -> Market {
    let duration_ns = primary.timeframe.duration_ns();
    let map = |other: &Series| {
        BarMap::new(&primary.time, duration_ns, &other.time, other.timeframe.duration_ns(), MappingMode::Close)
    };
    Market {
        symbol: "EURUSD".to_owned(),
        maps: others.iter().map(map).collect(),
        quotes: primary.quotes.clone(),
        clock: Clock { time: primary.time.clone(), duration_ns },
        trading: first..primary.len(),
        primary,
        others,
    }
}

/// M5 with its ask side changed by `change`, and D1 as the loader supplies it: 60 bars before the start date.
pub fn market_with(
    bars: usize,
    specials: &[Special],
    d1: (Vec<i64>, Vec<Points>),
    change: impl FnOnce(&mut Vec<Points>),
) -> Market {
    let bid = m5_points(bars, specials);
    let mut ask = ask_of(&bid);
    change(&mut ask);
    let primary = series(Timeframe::M5, m5_times(bars), &bid, &ask);
    let (times, points) = d1;
    let first = times.iter().position(|time| time + DAY_NS > start_ns()).unwrap() - 60;
    let daily = series(Timeframe::D1, times[first..].to_vec(), &points[first..], &ask_of(&points[first..]));
    market_of(primary, vec![daily], 60)
}

/// The market of T1 to T5: 160 bars, flat days.
pub fn market(specials: &[Special]) -> Market {
    market_with(160, specials, d1_flat(), |_| {})
}

/// The market of T6.
pub fn market_t6() -> Market {
    market_with(780, &t6(), d1_turning(), |_| {})
}

/// The strategy parameters of 9.1, changed by `changes`.
pub fn parameters(changes: Json) -> serde_json::Map<String, Json> {
    let base = json!({
        "ema_length": 20, "atr_length": 14, "atr_mult": 2.0, "b_b_length": 20, "std_factor": 2.0, "window_length": 20,
        "z_score_long": -2.0, "z_score_short": 2.0, "kalman_r": 0.01, "kalman_q": 1.0, "htf_filter": "none",
        "extra_htf_filter": "none", "direction_filter": "both"
    });
    let Json::Object(mut base) = base else { unreachable!() };
    base.extend(object(changes));
    base
}

pub fn object(json: Json) -> serde_json::Map<String, Json> {
    let Json::Object(object) = json else { panic!("not an object: {json}") };
    object
}

pub fn init(primary: Timeframe) -> Init {
    Init {
        symbol: "EURUSD".to_owned(),
        primary,
        configured: vec![Timeframe::D1],
        instrument: Some(Instrumentals { pip_size: 0.0001, tick_size: 0.00001, price_digits: 5 }),
        stepwise: false,
        stale_limit_bars: 0,
    }
}

/// Checks parameters only.
pub fn create(parameters: Json, init: &Init) -> Result<Box<dyn Blueprint>, Vec<Issue>> {
    Registry::builtin().create("mean_reversion_z_score", &object(parameters), init)
}

/// A strategy bound to a market, as the engine does it.
pub struct Bound {
    pub market: Market,
    pub strategy: Box<dyn Strategy + Send>,
}

pub fn bind(market: Market, parameters: serde_json::Map<String, Json>, init: &Init) -> Bound {
    let blueprint = Registry::builtin().create("mean_reversion_z_score", &parameters, init).unwrap();
    bind_blueprint(market, blueprint)
}

pub fn bind_blueprint(market: Market, mut blueprint: Box<dyn Blueprint>) -> Bound {
    let mut graph = Graph::new();
    let loaded: Vec<_> =
        [market.primary.timeframe].into_iter().chain(market.others.iter().map(|s| s.timeframe)).collect();
    blueprint.request(&mut graph, &loaded).unwrap();
    let columns = compute(&graph, &blueprint.wanted(), &market, &ColumnStore::new(), &Watch::default()).unwrap();
    let strategy = blueprint.bind(&market, &columns).unwrap();
    Bound { market, strategy }
}

impl Bound {
    /// What the strategy wants at the close of `bar`, with sessions open and no news.
    pub fn intents(&mut self, bar: Bar) -> Intents {
        self.intents_while(bar, true, false)
    }

    pub fn intents_while(&mut self, bar: Bar, session_open: bool, news_blocked: bool) -> Intents {
        let mut intents = Intents::default();
        let view = BarView { bar, market: &self.market, positions: &[], session_open, news_blocked };
        self.strategy.on_bar(&view, &mut intents).unwrap();
        intents
    }

    pub fn signal(&mut self, bar: Bar) -> Option<Signal> {
        let intents = self.intents(bar);
        assert!(intents.entries.len() <= 1);
        intents.entries.first().copied()
    }

    pub fn note(&self, bar: Bar, signal: &Signal) -> Note {
        self.strategy.note(bar, &self.market, signal)
    }

    /// Every bar on which it signals, each of them on the agenda.
    pub fn signal_bars(&mut self) -> Vec<Bar> {
        let agenda = self.strategy.agenda();
        let bars: Vec<_> = (0..self.market.len()).filter(|&bar| !self.intents(bar).is_empty()).collect();
        for &bar in &bars {
            assert!(agenda.asks(bar, false, false), "bar {bar} is not on the agenda");
        }
        bars
    }
}
