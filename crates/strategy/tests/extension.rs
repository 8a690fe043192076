//! A strategy from outside: the scripted test strategy of the strategy specification 9.2, through the public path only.

mod common;

use common::*;
use omega_strategy::{Agenda, BarView, Intents, Note, Registry, Strategy, StrategyError};
use omega_types::{Coded, Direction, Issue, Json, OrderType, Signal, Timeframe};
use serde_json::json;

fn registry() -> Registry {
    let mut registry = Registry::builtin();
    omega_scripted_signals::register(&mut registry).unwrap();
    registry
}

fn scripted(orders: Json) -> Bound {
    let parameters = object(json!({ "orders": orders }));
    let blueprint = registry().create("Scripted_Signals", &parameters, &init(Timeframe::M5)).unwrap();
    assert_eq!(blueprint.resolved_parameters(), json!({ "orders": orders }));
    bind_blueprint(market(&[]), blueprint)
}

/// The issues of one order, without the path of the list.
fn order_issues(order: Json) -> Vec<(String, String)> {
    let parameters = object(json!({ "orders": [order] }));
    let found = registry().create("scripted_signals", &parameters, &init(Timeframe::M5)).err().unwrap();
    let brief = |issue: Issue| {
        let path = issue.path.strip_prefix("strategy_parameters.orders[0]").unwrap().to_owned();
        (path, issue.message)
    };
    found.into_iter().map(brief).collect()
}

/// The stop order of T3a on bar 100, which opens at 03:20, and a market order on the same bar; a limit order later.
#[test]
fn a_registered_strategy_runs_by_name_and_sends_several_orders_on_one_bar() {
    let mut bound = scripted(json!([
        { "bar_open_time": "2024-01-09T03:20:00Z", "direction": "long", "order_type": "stop", "entry_price": 1.1003,
            "stop_loss": 1.0998, "take_profit": 1.1007, "expire_after_bars": 3, "label": "t3a", "tags": ["one"] },
        { "bar_open_time": "2024-01-09T03:20:00Z", "direction": "short", "order_type": "market", "stop_loss": 1.101,
            "size": 0.1, "scenario_id": 7, "reason": "second", "meta": { "n": 2 } },
        { "bar_open_time": "2024-01-09T03:30:00Z", "direction": "long", "order_type": "limit", "entry_price": 1.0998,
            "stop_loss": 1.0993, "good_till": "2024-01-09T04:00:00Z" },
        { "bar_open_time": "2030-01-01T00:00:00Z", "direction": "long", "order_type": "market", "stop_loss": 1 },
    ]));
    assert_eq!(bound.signal_bars(), [100, 102]);
    let stop = Signal {
        order_type: OrderType::Stop,
        entry_price: Some(1.1003),
        stop_loss: Some(1.0998),
        take_profit: Some(1.1007),
        expire_after_bars: Some(3),
        ..Signal::market(Direction::Long)
    };
    let market = Signal { stop_loss: Some(1.101), size: Some(0.1), scenario_id: 7, ..Signal::market(Direction::Short) };
    assert_eq!(bound.intents(100).entries, [stop, market]);
    let limit = bound.signal(102).unwrap();
    assert_eq!(limit.order_type, OrderType::Limit);
    // 04:00 is 40 minutes after the open of bar 100.
    assert_eq!(limit.good_till_ns, Some(m5_times(109)[108]));
    let note = bound.note(100, &stop);
    assert_eq!((note.label.as_deref(), note.tags.as_slice()), (Some("t3a"), ["one".to_owned()].as_slice()));
    let note = bound.note(100, &market);
    assert_eq!((note.reason.as_deref(), note.meta["n"].clone()), (Some("second"), json!(2)));
    assert_eq!(bound.note(101, &stop), Note::default());
}

#[test]
fn its_parameters_are_checked_and_listed_like_those_of_built_ins() {
    let misspelt = object(json!({ "order": [] }));
    let issues = registry().create("scripted_signals", &misspelt, &init(Timeframe::M5)).err().unwrap();
    assert_eq!(issues[0].path, "strategy_parameters.order");
    assert_eq!(issues[0].hint.as_deref(), Some("did you mean 'orders'?"));
    let time = "an instant such as 2024-01-09T03:20:00Z";
    assert_eq!(
        order_issues(json!({ "bar_open_time": "2024-01-09", "direction": "long", "order_type": "market" })),
        [(
            ".bar_open_time".to_owned(),
            format!("strategy_parameters.orders[0].bar_open_time must be {time}, got \"2024-01-09\"")
        )]
    );
    for wrong in [
        json!({}),
        json!({ "bar_open_time": "2024-01-09T03:20:00Z", "direction": "up", "order_type": "market" }),
        json!({ "bar_open_time": "2024-01-09T03:20:00Z", "direction": "long", "order_type": "market", "stop": 1 }),
    ] {
        assert_eq!(order_issues(wrong)[0].0, "");
    }
    let catalogue = registry().catalogue();
    assert_eq!(catalogue[1]["name"], json!("scripted_signals"));
    assert_eq!(catalogue[1]["origin"], json!("omega-scripted-signals"));
    assert_eq!(catalogue[1]["parameters"][0]["name"], json!("orders"));
    assert_eq!(catalogue[1]["parameters"][0]["type"], json!("list<map>"));
    assert_eq!(catalogue[0]["parameters"].as_array().unwrap().len(), 44);
}

#[test]
fn whoever_says_nothing_is_asked_on_every_bar() {
    struct Silent;
    impl Strategy for Silent {
        fn on_bar(&mut self, _: &BarView<'_>, _: &mut Intents) -> Result<(), StrategyError> {
            Ok(())
        }
    }
    assert_eq!(Silent.agenda(), Agenda::every_bar());
}

/// Strategy specification 1.10: a second registration names both origins.
#[test]
fn it_cannot_be_registered_twice() {
    let error = omega_scripted_signals::register(&mut registry()).unwrap_err();
    assert_eq!(error.code().name, "STRAT_DUPLICATE_REGISTRATION");
    assert_eq!(
        error.to_string(),
        "strategy 'scripted_signals' is registered twice: by omega-scripted-signals and by omega-scripted-signals"
    );
}

/// A view reaches back to the first bar and to the last completed bar of another timeframe.
#[test]
fn a_bar_view_ends_with_its_bar() {
    use omega_types::QuoteSide::{Ask, Bid};
    let market = market(&[]);
    let view = BarView { bar: 60, market: &market, positions: &[], session_open: true, news_blocked: false };
    assert_eq!((view.open_time_ns(), view.close_time_ns()), (start_ns(), start_ns() + 300_000_000_000));
    // Bar 60 is 60 mod 8 = 4 steps into the wave: 110000; bar 0 as well.
    assert_eq!((view.candle(Bid).close, view.candle(Ask).close), (1.1, 1.1001));
    assert_eq!(view.past(Bid, 60).map(|candle| candle.close), Some(1.1));
    assert_eq!(view.past(Bid, 61), None);
    // 60 daily bars before the start: the last of them is complete.
    assert_eq!(view.timeframe_index(Timeframe::D1), Some(59));
    assert_eq!(view.timeframe_candle(Timeframe::D1, Bid).map(|candle| candle.high), Some(1.101));
    assert_eq!((view.timeframe_index(Timeframe::M5), view.timeframe_index(Timeframe::H4)), (Some(60), None));
}
