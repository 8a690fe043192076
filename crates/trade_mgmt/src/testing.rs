//! A small market and positions for the tests of this crate.

use std::ops::Range;

use omega_types::{
    Bar, BarSet, Clock, Column, Direction, LotGrid, OrderType, Quotes, SideColumns, config::Variant,
    order::PositionView, time::MINUTE_NS,
};

use crate::{
    Facts, Protection,
    glance::Ground,
    reader::{Reader, Settings},
    rules::{Rule, TABLE},
};

/// 1e-4 of a tick of 0.00001 (execution.md 0.3).
pub(crate) const TOLERANCE: f64 = 1e-9;

/// EURUSD of execution.md 12.
pub(crate) const FACTS: Facts = Facts {
    pip_size: 0.0001,
    touch_tolerance: TOLERANCE,
    lots: LotGrid::new(0.01, 0.01),
    initial_balance: 10_000.0,
    holding_minutes: None,
    variant: Variant::V2,
};

pub(crate) struct TestGround(pub(crate) Ground);

/// M5 bars from the epoch on. Bid: open = close, high and low 0.0005 around it; ask 0.0001 above.
pub(crate) fn ground(closes: &[f64]) -> TestGround {
    let side = |shift: f64| {
        let column = |offset: f64| Column::from(closes.iter().map(|c| c + offset + shift).collect::<Vec<_>>());
        let close = column(0.0);
        SideColumns { open: close.clone(), high: column(0.0005), low: column(-0.0005), volume: close.clone(), close }
    };
    let bars = closes.len();
    TestGround(Ground {
        clock: clock((0..bars as i64).map(|bar| bar * 5)),
        quotes: Quotes { bid: side(0.0), ask: side(0.0001) },
        trading: 0..bars,
        atr: Vec::new(),
        session_ends: BarSet::empty(bars),
        news_blocked: BarSet::empty(bars),
        protection: Protection { touch_tolerance: TOLERANCE },
        lots: FACTS.lots,
    })
}

impl TestGround {
    pub(crate) fn with_atr(mut self, values: &[f64]) -> Self {
        self.0.atr.push(Column::from(values.to_vec()));
        self
    }

    pub(crate) fn at_minutes(mut self, minutes: &[i64]) -> Self {
        self.0.clock = clock(minutes.iter().copied());
        self
    }

    pub(crate) fn with_news(mut self, bars: &[Bar]) -> Self {
        self.0.news_blocked = self.set(bars);
        self
    }

    pub(crate) fn with_session_ends(mut self, bars: &[Bar]) -> Self {
        self.0.session_ends = self.set(bars);
        self
    }

    pub(crate) fn trading(mut self, bars: Range<Bar>) -> Self {
        self.0.trading = bars;
        self
    }

    fn set(&self, bars: &[Bar]) -> BarSet {
        BarSet::from_fn(self.0.clock.time.len(), |bar| bars.contains(&bar))
    }
}

fn clock(minutes: impl Iterator<Item = i64>) -> Clock {
    Clock { time: minutes.map(|minute| minute * MINUTE_NS).collect::<Vec<_>>().into(), duration_ns: 5 * MINUTE_NS }
}

/// A market long of 0.50 lots from bar 0, id 1.
pub(crate) fn long(entry_price: f64, stop_loss: Option<f64>) -> PositionView {
    PositionView {
        position_id: 1,
        direction: Direction::Long,
        order_type: OrderType::Market,
        entry_bar: 0,
        entry_time_ns: 0,
        entry_price,
        lots: 0.50,
        initial_lots: 0.50,
        initial_stop_loss: stop_loss,
        stop_loss,
        take_profit: None,
        scenario_id: 0,
    }
}

/// A market short of 0.50 lots from bar 0, id 1.
pub(crate) fn short(entry_price: f64, stop_loss: Option<f64>) -> PositionView {
    PositionView { direction: Direction::Short, ..long(entry_price, stop_loss) }
}

/// The same position from another bar on.
pub(crate) fn entered(view: PositionView, bar: Bar) -> PositionView {
    PositionView { entry_bar: bar, entry_time_ns: bar as i64 * 5 * MINUTE_NS, ..view }
}

/// The rule `id` with `settings`, its scope left out.
pub(crate) fn rule(id: &str, settings: &str) -> Box<dyn Rule> {
    let settings: Settings = serde_json::from_str(settings).unwrap();
    let mut reader = Reader::new(&FACTS);
    let kind = TABLE.iter().find(|kind| kind.id == id).unwrap();
    let rule = (kind.read)(settings, &mut reader);
    assert_eq!(reader.issues, []);
    rule.unwrap()
}
