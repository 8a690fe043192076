//! The price path: a seeded random walk with regimes, hours and a spread.

use omega_types::{Timeframe, Watch, time::DAY_NS};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use super::Pair;
use crate::{DataError, market_hours::new_york_offset_ns, write::Candles};

const MINUTE_NS: i64 = 60_000_000_000;
/// How lively each hour of New York's clock is: quiet around 17:00, lively while London and New York overlap.
const ACTIVITY: [f64; 24] = [
    0.7, 0.8, 1.0, 1.4, 1.4, 1.2, 1.0, 1.1, 1.6, 1.6, 1.6, 1.3, 1.0, 0.9, 0.9, 0.8, 0.6, 0.4, 0.5, 0.7, 0.8, 0.7, 0.6,
    0.6,
];
/// Standard deviation of one minute, as a fraction of the price.
const MINUTE_DEVIATION: f64 = 1.0e-4;

/// A path in points (tenths of a pip). Only additions, products, quotients and square roots, so every machine agrees.
pub(super) struct Walk {
    rng: ChaCha8Rng,
    timeframe: Timeframe,
    /// Points per unit of price.
    scale: f64,
    start: f64,
    price: f64,
    /// What a quiet market returns to.
    fair: f64,
    /// Slowly changing factor of the deviation.
    mood: f64,
    /// Minutes that the regime still lasts.
    regime_left: f64,
    /// Drift in deviations per minute; 0 while the market returns to its fair price.
    trend: f64,
    /// Slowly changing part of the spread, in points.
    spread: f64,
}

impl Walk {
    /// The path of a symbol under a seed.
    pub(super) fn new(symbol: &str, timeframe: Timeframe, seed: u64) -> Self {
        let mut key = [0; 32];
        let bytes = seed.to_le_bytes().into_iter().chain(symbol.bytes());
        key.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        let scale = if symbol.ends_with("JPY") { 1_000.0 } else { 100_000.0 };
        let start = scale
            * match symbol {
                "EURUSD" => 1.10,
                "GBPUSD" => 1.27,
                "USDJPY" => 145.0,
                _ => 100.0,
            };
        let rng = ChaCha8Rng::from_seed(key);
        Self {
            rng,
            timeframe,
            scale,
            start,
            price: start,
            fair: start,
            mood: 1.0,
            regime_left: 0.0,
            trend: 0.0,
            spread: 2.0,
        }
    }

    /// One bar per open time.
    pub(super) fn candles(mut self, opens: &[i64], watch: &Watch) -> Result<Pair, DataError> {
        let mut pair = Pair { timeframe: self.timeframe, bid: Candles::default(), ask: Candles::default() };
        pair.bid.reserve(opens.len());
        pair.ask.reserve(opens.len());
        let mut expected = opens.first().copied().unwrap_or_default();
        for (bar, &open) in opens.iter().enumerate() {
            if bar % 65_536 == 0 {
                watch.check()?;
            }
            self.jump(open - expected);
            let (bid, ask) = self.bar(open);
            pair.bid.push(open, bid);
            pair.ask.push(open, ask);
            expected = open + self.timeframe.duration_ns();
        }
        Ok(pair)
    }

    /// The market was closed: a small gap.
    fn jump(&mut self, closed_ns: i64) {
        if closed_ns > 0 {
            let minutes = (closed_ns / MINUTE_NS) as f64;
            let deviation = self.start * MINUTE_DEVIATION;
            self.price += 0.15 * deviation * minutes.sqrt() * self.normal();
        }
    }

    /// Open, high, low, close, volume of bid and ask.
    fn bar(&mut self, open: i64) -> ([f64; 5], [f64; 5]) {
        let minutes = (self.timeframe.duration_ns() / MINUTE_NS) as f64;
        let steps = steps(self.timeframe);
        let step = minutes / f64::from(steps);
        self.change_mood(minutes);
        let new_york = (open + new_york_offset_ns(open)).rem_euclid(DAY_NS) / MINUTE_NS;
        let (mut bids, mut asks) = (Extremes::default(), Extremes::default());
        let mut activity_sum = 0.0;
        for tick in 0..steps {
            let minute = (new_york + (f64::from(tick) * step) as i64) % 1_440;
            let activity = ACTIVITY.get((minute / 60) as usize).copied().unwrap_or(1.0);
            activity_sum += activity;
            self.advance(step, activity);
            let bid = self.price.round();
            bids.see(bid);
            asks.see(bid + self.spread_points(minute, activity));
        }
        let quiet = 40.0 * minutes * (activity_sum / f64::from(steps)) * self.mood;
        let volume = (quiet * (0.5 + self.uniform())).round().max(1.0);
        (bids.candle(self.scale, volume), asks.candle(self.scale, volume))
    }

    fn change_mood(&mut self, minutes: f64) {
        let pull = (minutes / 240.0).min(1.0);
        self.mood += (1.0 - self.mood) * pull + 0.06 * minutes.min(60.0).sqrt() * self.normal();
        self.mood = self.mood.clamp(0.4, 2.5);
        self.spread = (self.spread + (2.0 - self.spread) * pull + 0.3 * self.normal()).clamp(0.0, 4.0);
        self.regime_left -= minutes;
        if self.regime_left <= 0.0 {
            let is_trend = self.uniform() < 0.3;
            let direction = if self.uniform() < 0.5 { -1.0 } else { 1.0 };
            self.trend = if is_trend { direction * (0.03 + 0.07 * self.uniform()) } else { 0.0 };
            let length = if is_trend { 240.0 } else { 600.0 };
            self.regime_left = length * (0.3 + 1.4 * self.uniform());
        }
    }

    fn advance(&mut self, minutes: f64, activity: f64) {
        let deviation = self.start * MINUTE_DEVIATION * activity * self.mood;
        let root = minutes.sqrt();
        let noise = self.normal();
        self.price += deviation * root * noise;
        if self.trend == 0.0 {
            self.price += (self.fair - self.price) * (minutes / 90.0).min(1.0);
            self.fair += 0.5 * deviation * root * self.normal();
        } else {
            self.price += self.trend * deviation * minutes;
            self.fair += (self.price - self.fair) * (minutes / 60.0).min(1.0);
        }
        // Over a year or so everything returns to the start, so that long paths keep a plausible price.
        let home = (self.start - self.fair) * (minutes / 360_000.0).min(1.0);
        self.fair += home;
        self.price = (self.price + home).clamp(0.25 * self.start, 4.0 * self.start);
    }

    /// 6 to 15 points; several times as much around the rollover at 17:00 New York.
    fn spread_points(&mut self, minute: i64, activity: f64) -> f64 {
        let calm = (1.6 - activity) / 1.2;
        let jitter = 2.0 * self.uniform();
        let usual = (6.0 + 4.0 * calm + self.spread + jitter - 1.0).clamp(6.0, 15.0);
        let widening = match minute - 17 * 60 {
            -10..0 => 2.0,
            0..15 => 5.0,
            15..60 => 2.5,
            _ => 1.0,
        };
        (usual * widening).round()
    }

    /// Mean 0, deviation 1: the number of ones among 64 fair bits, smoothed between its steps.
    fn normal(&mut self) -> f64 {
        let ones = f64::from(self.rng.next_u64().count_ones());
        (ones - 32.0 + (self.uniform() - 0.5)) / 4.0
    }

    /// From 0 to below 1.
    fn uniform(&mut self) -> f64 {
        (self.rng.next_u32() >> 8) as f64 / 16_777_216.0
    }
}

/// Prices that a bar consists of.
fn steps(timeframe: Timeframe) -> u32 {
    match timeframe {
        Timeframe::M1 => 6,
        Timeframe::M5 => 10,
        Timeframe::M15 => 15,
        Timeframe::M30 => 20,
        Timeframe::H1 => 30,
        Timeframe::H4 => 48,
        Timeframe::D1 => 96,
        Timeframe::W1 => 240,
    }
}

/// First, highest, lowest and last of the prices seen, in points.
#[derive(Default)]
struct Extremes {
    seen: Option<[f64; 4]>,
}

impl Extremes {
    fn see(&mut self, points: f64) {
        match &mut self.seen {
            None => self.seen = Some([points; 4]),
            Some([_, high, low, close]) => {
                *high = high.max(points);
                *low = low.min(points);
                *close = points;
            }
        }
    }

    /// Points become prices by one division, so that they are the doubles that a CSV of five decimals would give.
    fn candle(&self, scale: f64, volume: f64) -> [f64; 5] {
        let [open, high, low, close] = self.seen.unwrap_or_default();
        [open / scale, high / scale, low / scale, close / scale, volume]
    }
}
