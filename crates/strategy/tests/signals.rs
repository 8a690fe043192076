//! The signals form as the engine sees it (strategies.md 3).

mod common;

use std::sync::Arc;

use common::*;
use omega_strategy::{Bars, Note, SignalColumns, Signals};
use omega_types::{Bar, Coded, Direction, OrderType, Signal, order::ExitSide};

/// The market is bars 40 to 199 of a dataset of 210; entries and exits at a few bars of the market.
const OFFSET: usize = 40;

fn columns() -> SignalColumns {
    let mut columns = SignalColumns {
        direction: vec![0; 210],
        stop_loss: Some(vec![f64::NAN; 210]),
        take_profit: Some(vec![0.0; 210]),
        size: Some(vec![0.0; 210]),
        exit: Some(vec![0; 210]),
        ..SignalColumns::default()
    };
    // Outside of the window: never seen.
    columns.direction[OFFSET - 1] = 1;
    columns.direction[205] = 1;
    columns.direction[OFFSET + 70] = 1;
    columns.direction[OFFSET + 159] = -1;
    columns.stop_loss.as_mut().unwrap()[OFFSET + 70] = 1.0995;
    columns.size.as_mut().unwrap()[OFFSET + 159] = 0.2;
    for (bar, bits) in [(80, 1), (81, 2), (82, 3)] {
        columns.exit.as_mut().unwrap()[OFFSET + bar] = bits;
    }
    columns
}

fn bound(columns: SignalColumns) -> Bound {
    let signals = Arc::new(Signals::new(columns).unwrap());
    bind_blueprint(market(&[]), signals.blueprint(OFFSET))
}

#[test]
fn the_agenda_holds_entries_anytime_and_exits_while_a_position_is_open() {
    let agenda = bound(columns()).strategy.agenda();
    let bars = |bars: &Bars| (0..300).filter(|bar| bars.contains(*bar)).collect::<Vec<Bar>>();
    assert_eq!(bars(&agenda.anytime), [70, 159]);
    assert_eq!(bars(&agenda.while_open), [80, 81, 82]);
    assert_eq!(agenda.while_pending, Bars::Never);
    let no_exits = bound(SignalColumns { exit: None, ..columns() });
    assert_eq!(no_exits.strategy.agenda().while_open, Bars::Never);
}

#[test]
fn a_row_becomes_a_market_signal_and_absent_levels_stay_absent() {
    let mut bound = bound(columns());
    let long = Signal { stop_loss: Some(1.0995), ..Signal::market(Direction::Long) };
    assert_eq!(bound.signal(70), Some(long));
    let short = Signal { size: Some(0.2), ..Signal::market(Direction::Short) };
    assert_eq!(bound.signal(159), Some(short));
    assert_eq!(bound.signal(71), None);
    assert_eq!(bound.note(70, &long), Note::default());
}

/// A limit order for three bars, a stop order as long as the configuration says, and a market order with a reference
/// price.
#[test]
fn a_row_becomes_a_pending_order_where_its_type_says_so() {
    let (mut price, mut order_type, mut expire_after_bars) = (vec![f64::NAN; 210], vec![0; 210], vec![0; 210]);
    let mut columns = columns();
    columns.direction[OFFSET + 71] = -1;
    for (bar, kind, level, bars) in [(70, 1, 1.0998, 3), (71, 2, 1.0993, 0), (159, 0, 1.1, 0)] {
        (order_type[OFFSET + bar], price[OFFSET + bar], expire_after_bars[OFFSET + bar]) = (kind, level, bars);
    }
    columns.price = Some(price);
    columns.order_type = Some(order_type);
    columns.expire_after_bars = Some(expire_after_bars);
    let mut bound = bound(columns);
    let limit = Signal {
        order_type: OrderType::Limit,
        entry_price: Some(1.0998),
        stop_loss: Some(1.0995),
        expire_after_bars: Some(3),
        ..Signal::market(Direction::Long)
    };
    assert_eq!(bound.signal(70), Some(limit));
    let stop = Signal { order_type: OrderType::Stop, entry_price: Some(1.0993), ..Signal::market(Direction::Short) };
    assert_eq!(bound.signal(71), Some(stop));
    let market = Signal { entry_price: Some(1.1), size: Some(0.2), ..Signal::market(Direction::Short) };
    assert_eq!(bound.signal(159), Some(market));
}

#[test]
fn exit_bits_name_the_sides() {
    let mut bound = bound(columns());
    let sides = [80, 81, 82].map(|bar| bound.intents(bar).exits[0].side);
    assert_eq!(sides, [ExitSide::Long, ExitSide::Short, ExitSide::All]);
    assert!(bound.intents(83).is_empty());
}

#[test]
fn a_window_past_the_end_is_refused() {
    let signals = Arc::new(Signals::new(columns()).unwrap());
    let mut blueprint = signals.blueprint(51);
    let mut graph = omega_indicators::Graph::new();
    blueprint.request(&mut graph, &[]).unwrap();
    let error = blueprint.bind(&market(&[]), &omega_indicators::Columns::default()).err().unwrap();
    // 51 + 160 bars.
    assert_eq!(error.code().name, "SIGNALS_LENGTH");
    assert_eq!(error.to_string(), "signal column 'direction' has 210 values, the primary series has 211 bars");
}
