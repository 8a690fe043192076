// Worked examples of execution.md (section 12) and the vectors of 4.3.
use super::*;

#[test]
fn seed_vectors() {
    let table: [(u64, u64, u64, f64); 9] = [
        (42, 0, 12578764544318200737, 0.6818961923066714),
        (42, 1, 13222472167927179408, 0.7167916525047883),
        (42, 2, 3387013202841124863, 0.1836103536378716),
        (42, 3, 6672028999979260041, 0.36169141683319006),
        (42, 4, 16805319813727100726, 0.9110182125678307),
        (42, 5, 6506774120333837283, 0.3527329318569201),
        (43, 0, 1473335034287276021, 0.07986965224866338),
        (43, 1, 11924566142208987329, 0.6464320258665037),
        (43, 2, 2428035305452887654, 0.13162405765217622),
    ];
    for (seed, k, w, u) in table {
        assert_eq!(draw_word(seed, k), w);
        assert_eq!(draw(seed, k), u);
    }
}

#[test]
fn example_14_quantisation() {
    let spec = |step: f64, min: f64, max: f64| SymbolSpec {
        name: "EURUSD".into(),
        base_currency: "EUR".into(),
        quote_currency: "USD".into(),
        contract_size: 100_000.0,
        tick_size: 0.00001,
        pip_size: 0.0001,
        volume_min: min,
        volume_step: step,
        volume_max: max,
        min_sl_distance_pips: 0.1,
    };
    let a = spec(0.01, 0.01, 200.0);
    let b = spec(0.1, 0.1, 50.0);
    assert_eq!(quantise(0.29, &a), Ok((0.29, false)));
    assert_eq!(quantise(0.57, &a), Ok((0.57, false)));
    assert_eq!(quantise(0.305, &a), Ok((0.30, false)));
    assert_eq!(quantise(0.0099, &a), Err("volume_below_minimum"));
    assert_eq!(quantise(250.0, &a), Ok((200.0, true)));
    assert_eq!(quantise(0.3, &b), Ok((0.3, false)));
    assert_eq!(quantise(0.0999, &b), Err("volume_below_minimum"));
}

#[test]
fn cents_round_the_binary_value_ties_to_even() {
    assert_eq!(round_cents(0.125), 0.12);
    assert_eq!(round_cents(0.375), 0.38);
    assert_eq!(round_cents(2.5 * 0.29), 0.72);
    assert_eq!(round_cents(1.005), 1.0);
    assert_eq!(round_cents(2.675), 2.67);
    assert_eq!(round_cents(1.25), 1.25);
}

// ------------------------------------------------------------------ helpers

fn base() -> Setup {
    Setup {
        symbol: SymbolSpec {
            name: "EURUSD".into(),
            base_currency: "EUR".into(),
            quote_currency: "USD".into(),
            contract_size: 100_000.0,
            tick_size: 0.00001,
            pip_size: 0.0001,
            volume_min: 0.01,
            volume_step: 0.01,
            volume_max: 200.0,
            min_sl_distance_pips: 0.1,
        },
        bars: vec![],
        duration_ns: 5 * MINUTE_NS,
        warmup_bars: 0,
        costs: EffectiveCosts {
            slippage: Slippage {
                model: SlippageModel::FixedRandom,
                fixed_pips: 0.0,
                random_pips: 0.0,
                base_pips: 0.0,
                jitter_factor: 0.0,
                atr_factor: 0.0,
                atr_period: 14,
            },
            schema: None,
            side: FeeSide::Both,
            fee_ccy: None,
            per_lot: 0.0,
            rate_per_million: 0.0,
            pct: 0.0,
            min_fee: 0.0,
            tiers: vec![],
            tier_reset: TierReset::Never,
            pip_buffer_factor: 0.5,
            per_lot_maker: None,
            pct_maker: None,
            rate_per_million_maker: None,
            fees: None,
        },
        cost_settings: CostSettings {
            enabled: true,
            fee_multiplier: 1.0,
            slippage_multiplier: 1.0,
            spread_multiplier: 1.0,
            pip_size: None,
            pip_buffer_factor: None,
        },
        account: Account {
            currency: "USD".into(),
            initial_balance: 10_000.0,
            risk_per_trade: 100.0,
            sizing: Sizing::Risk,
            max_positions: 1,
            fx: Fx {
                mode: FxMode::Auto,
                static_rates: vec![],
                hub: "USD".into(),
                stale_limit_bars: 10,
                series: vec![],
            },
        },
        execution: Execution {
            variant: Variant::V2,
            market_fill: MarketFill::SignalClose,
            on_opposite: OnOpposite::Ignore,
            limit_gap_fill: LimitGapFill::Worse,
            close_open_at_end: true,
            pending_expiry_bars: None,
            max_pending_orders: None,
            allow_long: true,
            allow_short: true,
            allowed_order_types: vec![OrderType::Market, OrderType::Limit, OrderType::Stop],
            cooldown_bars: 0,
            cooldown_minutes: 0,
            cooldown_minutes_after_exit: 0,
        },
        rng_seed: 42,
        trade_management: TradeManagement {
            enabled: false,
            tp_update_policy: TpUpdatePolicy::Forbid,
            max_holding_time: None,
            break_even: None,
            trailing_stop: None,
            session_end: None,
            news_exit: None,
            partial_close: None,
            kill_switch: None,
        },
        session_open: vec![],
        news_blocked: vec![],
        session_windows: vec![],
        script: vec![],
    }
}

/// Bid candles every five minutes, ask = bid + spread in every field.
fn candles(rows: &[[f64; 4]], spread: f64) -> Vec<Bar> {
    let mut bars = Vec::new();
    for (i, [o, h, l, c]) in rows.iter().copied().enumerate() {
        // Decimal rounding, so that the ask is the double nearest to the printed value.
        let up = |x: f64| ((x + spread) * 1e7).round() / 1e7;
        bars.push(Bar {
            time_ns: i as i64 * 5 * MINUTE_NS,
            bid: Ohlc { open: o, high: h, low: l, close: c },
            ask: Ohlc { open: up(o), high: up(h), low: up(l), close: up(c) },
        });
    }
    bars
}

fn setup(rows: &[[f64; 4]]) -> Setup {
    let mut s = base();
    s.bars = candles(rows, 0.0001);
    s.script = vec![BarScript::default(); rows.len()];
    s
}

fn order(direction: Direction, order_type: OrderType, price: Option<f64>, sl: f64, tp: f64) -> Signal {
    Signal {
        direction,
        order_type,
        entry_price: price,
        stop_loss: Some(sl),
        take_profit: Some(tp),
        size: None,
        expire_after_bars: None,
        good_till_ns: None,
        scenario_id: None,
        oco: false,
        replaces: false,
    }
}

fn market(direction: Direction, sl: f64, tp: f64) -> Signal {
    order(direction, OrderType::Market, None, sl, tp)
}

fn per_lot(s: &mut Setup, rate: f64) {
    s.costs.schema = Some(FeeSchema::PerLot);
    s.costs.per_lot = rate;
}

fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} is not {b}");
}

fn equities(o: &Outcome, expected: &[f64]) {
    assert_eq!(o.equity.len(), expected.len());
    for (row, e) in o.equity.iter().zip(expected) {
        near(row.equity, *e, 1e-6);
    }
}

use Direction::{Long, Short};
use OrderType::{Limit, Stop};

#[test]
fn example_1() {
    let mut s = setup(&[
        [1.10000, 1.10050, 1.09980, 1.10020],
        [1.10020, 1.10200, 1.09900, 1.10150],
        [1.10150, 1.10430, 1.10100, 1.10400],
        [1.10400, 1.10420, 1.10360, 1.10380],
    ]);
    per_lot(&mut s, 2.5);
    s.script[0].entries.push(market(Long, 1.09830, 1.10430));
    let o = run(&s).unwrap();
    let t = &o.trades[0];
    assert_eq!((t.size, t.reason, t.exit_idx, t.in_entry_candle), (0.5, "take_profit", 2, false));
    near(t.result, 200.0, 1e-6);
    near(t.r_multiple.unwrap(), 2.0, 1e-6);
    assert_eq!((t.entry_fee, t.exit_fee), (1.25, 1.25));
    equities(&o, &[9993.75, 10058.75, 10197.5, 10197.5]);
    near(o.equity[0].balance, 9998.75, 1e-6);
    near(o.equity[0].drawdown, 0.000625, 1e-9);
    near(o.equity[0].high_water, 10000.0, 1e-9);
    near(o.equity[1].high_water, 10058.75, 1e-6);
}

#[test]
fn example_2() {
    let mut s = setup(&[
        [1.10000, 1.10050, 1.09980, 1.10020],
        [1.10020, 1.10040, 1.09900, 1.09920],
        [1.09920, 1.09930, 1.09750, 1.09780],
        [1.09780, 1.09800, 1.09700, 1.09750],
    ]);
    per_lot(&mut s, 2.5);
    s.account.currency = "EUR".into();
    s.script[0].entries.push(market(Long, 1.09830, 1.10430));
    let o = run(&s).unwrap();
    let t = &o.trades[0];
    assert_eq!((t.size, t.reason, t.exit_price, t.gap_exit), (0.55, "stop_loss", 1.0983, false));
    near(t.result, -100.154785, 1e-6);
    near(t.r_multiple.unwrap(), -1.0, 1e-9);
    near(t.entry_fee, 1.375, 1e-12);
    near(o.final_balance, 9897.095215, 1e-6);
    equities(&o, &[9993.625909, 9943.584971, 9897.095215, 9897.095215]);
}

#[test]
fn example_3() {
    for (low, exit, result, reason) in
        [(1.09980, 1.10000, -100.0, "stop_loss"), (1.10040, 1.10400, 100.0, "take_profit")]
    {
        let mut s = setup(&[
            [1.10000, 1.10080, 1.09950, 1.10050],
            [1.10050, 1.10450, low, 1.10300],
            [1.10300, 1.10350, 1.10200, 1.10250],
        ]);
        s.script[0].entries.push(order(Long, Stop, Some(1.102), 1.1, 1.104));
        let o = run(&s).unwrap();
        let t = &o.trades[0];
        assert_eq!((t.entry_price, t.size, t.exit_price, t.exit_idx), (1.102, 0.5, exit, 1));
        assert_eq!((t.reason, t.in_entry_candle, t.gap_entry), (reason, true, false));
        near(t.result, result, 1e-6);
        near(t.r_multiple.unwrap(), result / 100.0, 1e-6);
    }
}

#[test]
fn example_4() {
    for (high, close, exit_idx) in [(1.10310, 1.10200, 2), (1.10340, 1.10320, 1)] {
        let mut s = setup(&[
            [1.10100, 1.10150, 1.10050, 1.10100],
            [1.10100, high, 1.09980, close],
            [1.10200, 1.10330, 1.10180, 1.10310],
            [1.10310, 1.10320, 1.10300, 1.10310],
        ]);
        s.script[0].entries.push(order(Long, Limit, Some(1.1), 1.098, 1.103));
        let o = run(&s).unwrap();
        let t = &o.trades[0];
        assert_eq!((t.entry_price, t.size, t.exit_price, t.exit_idx), (1.1, 0.5, 1.103, exit_idx));
        assert_eq!(t.in_entry_candle, exit_idx == 1);
        near(t.result, 150.0, 1e-6);
        near(t.r_multiple.unwrap(), 1.5, 1e-6);
        if exit_idx == 2 {
            near(o.equity[1].equity, 10100.0, 1e-6);
        }
    }
}

#[test]
fn example_5() {
    let a = [
        [1.10100, 1.10150, 1.10050, 1.10100],
        [1.09900, 1.09960, 1.09850, 1.09940],
        [1.09940, 1.10020, 1.09900, 1.10000],
        [1.10000, 1.10010, 1.09990, 1.10000],
    ];
    let b = [
        [1.10100, 1.10150, 1.10050, 1.10100],
        [1.10080, 1.10120, 1.09960, 1.10020],
        [1.10020, 1.10100, 1.10000, 1.10060],
        [1.10060, 1.10070, 1.10050, 1.10060],
    ];
    let table = [
        (LimitGapFill::Worse, a, 1.1, 0.33, 0.0),
        (LimitGapFill::Better, a, 1.0991, 0.47, 42.3),
        (LimitGapFill::PlanLiteral, a, 1.1, 0.33, 0.0),
        (LimitGapFill::Worse, b, 1.1, 0.33, 19.8),
        (LimitGapFill::Better, b, 1.1, 0.33, 19.8),
        (LimitGapFill::PlanLiteral, b, 1.1009, 0.25, -7.5),
    ];
    for (mode, rows, fill, lots, result) in table {
        let mut s = setup(&rows);
        s.execution.limit_gap_fill = mode;
        s.script[0].entries.push(order(Long, Limit, Some(1.1), 1.097, 1.105));
        let o = run(&s).unwrap();
        let t = &o.trades[0];
        assert_eq!((t.entry_price, t.size, t.reason), (fill, lots, "end_of_data"));
        assert_eq!(t.gap_entry, rows == a);
        near(t.result, result, 1e-6);
    }
}

fn example_6_setup(tp: f64) -> Setup {
    let mut s = setup(&[
        [1.10000, 1.10080, 1.09950, 1.10050],
        [1.10300, 1.10380, 1.10260, 1.10350],
        [1.10350, 1.10620, 1.10340, 1.10600],
        [1.10600, 1.10610, 1.10590, 1.10600],
    ]);
    s.script[0].entries.push(order(Long, Stop, Some(1.102), 1.1, tp));
    s
}

#[test]
fn example_6() {
    let o = run(&example_6_setup(1.106)).unwrap();
    let t = &o.trades[0];
    assert_eq!((t.entry_price, t.size, t.exit_price, t.exit_idx), (1.1031, 0.32, 1.106, 2));
    assert!(t.gap_entry);
    near(t.result, 92.8, 1e-6);
    near(t.r_multiple.unwrap(), 0.935484, 1e-6);

    let o = run(&example_6_setup(1.1028)).unwrap();
    assert!(o.trades.is_empty());
    assert_eq!(o.rejections, [Rejection { order_id: 1, bar: 1, code: "take_profit_wrong_side" }]);
    assert_eq!(o.pending[0].state, "rejected");

    let mut s = example_6_setup(1.106);
    s.execution.variant = Variant::V1Parity;
    let o = run(&s).unwrap();
    let t = &o.trades[0];
    assert_eq!((t.entry_price, t.entry_time_ns), (1.102, 0));
    near(t.r_multiple.unwrap(), 2.0, 1e-6);
    near(t.result, 200.0, 1e-6);
}

#[test]
fn example_7() {
    let mut s = setup(&[
        [1.10000, 1.10080, 1.09950, 1.10020],
        [1.10020, 1.10100, 1.09980, 1.10080],
        [1.10400, 1.10450, 1.10300, 1.10350],
        [1.10350, 1.10360, 1.10340, 1.10350],
    ]);
    s.script[0].entries.push(market(Short, 1.1022, 1.096));
    let o = run(&s).unwrap();
    let t = &o.trades[0];
    assert_eq!((t.entry_price, t.size, t.exit_price, t.gap_exit), (1.1002, 0.5, 1.1041, true));
    near(t.result, -195.0, 1e-6);
    near(t.r_multiple.unwrap(), -1.95, 1e-6);
    near(o.equity[1].equity, 9965.0, 1e-6);
    near(o.final_balance, 9805.0, 1e-6);
    near(o.equity[2].drawdown, 0.0195, 1e-9);

    s.execution.variant = Variant::V1Parity;
    let o = run(&s).unwrap();
    let t = &o.trades[0];
    assert_eq!(t.exit_price, 1.1022);
    near(t.r_multiple.unwrap(), -1.0, 1e-6);
    near(t.result, -100.0, 1e-6);
}

#[test]
fn example_8() {
    let mut s = setup(&[
        [1.10000, 1.10080, 1.09950, 1.10020],
        [1.10020, 1.10100, 1.09780, 1.09850],
        [1.09850, 1.09860, 1.09550, 1.09600],
        [1.09600, 1.09610, 1.09590, 1.09600],
    ]);
    s.costs.slippage.fixed_pips = 0.2;
    s.costs.slippage.random_pips = 0.3;
    s.script[0].entries.push(market(Short, 1.1022, 1.096));
    let o = run(&s).unwrap();
    let t = &o.trades[0];
    assert_eq!((t.entry_price, t.size, t.exit_price), (1.1001595431142308, 0.49, 1.0960415037495752));
    near(t.result, 201.783929, 1e-6);
    near(t.r_multiple.unwrap(), 2.018195, 1e-6);
    assert_eq!(o.fills, 2);

    s.costs.slippage.random_pips = 0.0;
    let t = run(&s).unwrap().trades[0].clone();
    near(t.entry_price, 1.10018, 1e-12);
    near(t.exit_price, 1.09602, 1e-12);
    assert_eq!(t.size, 0.49);
    near(t.result, 203.84, 1e-6);

    s.execution.variant = Variant::V1Parity;
    let t = run(&s).unwrap().trades[0].clone();
    near(t.exit_price, 1.09598, 1e-12);
    near(t.r_multiple.unwrap(), 2.079208, 1e-6);
    near(t.result, 207.920792, 1e-6);
}

fn pair(s: &mut Setup, name: &str, contract: f64) {
    s.symbol.name = name.into();
    s.symbol.base_currency = name[..3].into();
    s.symbol.quote_currency = name[3..].into();
    s.symbol.contract_size = contract;
    s.account.currency = "EUR".into();
    s.account.fx.static_rates = vec![("EURUSD".into(), 1.1), ("EURAUD".into(), 1.65)];
}

fn fee_of(s: &Setup, lots: f64, price: f64) -> f64 {
    let event = Event { bar: 0, intrabar: false, own_price: price };
    Engine::new(s).fee(lots, price, FillSide::Entry, false, event).unwrap()
}

#[test]
fn example_9() {
    let mut s = setup(&[[1.92, 1.92, 1.92, 1.92]]);
    pair(&mut s, "GBPAUD", 100_000.0);
    s.costs.schema = Some(FeeSchema::PercentOfNotional);
    s.costs.pct = 0.00015;
    s.costs.min_fee = 1.0;
    s.costs.fee_ccy = Some("EUR".into());
    near(fee_of(&s, 0.5, 1.92), 8.727273, 1e-6);
    near(fee_of(&s, 0.01, 1.92), 1.0, 1e-6);
    s.cost_settings.fee_multiplier = 1.5;
    near(fee_of(&s, 0.01, 1.92), 1.5, 1e-6);

    s.cost_settings.fee_multiplier = 1.0;
    pair(&mut s, "USDJPY", 100_000.0);
    s.costs.schema = Some(FeeSchema::PerMillionNotional);
    s.costs.rate_per_million = 6.0;
    s.costs.fee_ccy = Some("USD".into());
    near(fee_of(&s, 0.5, 145.0), 0.909091, 1e-6);

    pair(&mut s, "XAUUSD", 100.0);
    s.costs.schema = Some(FeeSchema::PerLot);
    s.costs.per_lot = 3.5;
    s.costs.min_fee = 0.0;
    near(fee_of(&s, 0.25, 2300.0), 0.795455, 1e-6);

    // Hub path.
    pair(&mut s, "XAUAUD", 100.0);
    s.account.fx.static_rates = vec![("EURUSD".into(), 1.1), ("AUDUSD".into(), 0.66)];
    let event = Event { bar: 0, intrabar: false, own_price: 1.0 };
    near(Engine::new(&s).convert(1000.0, "AUD", "EUR", event).unwrap(), 600.0, 1e-9);
    s.account.fx.static_rates.remove(0);
    assert_eq!(run(&s).unwrap_err().code, "fx_path_missing");
}

#[test]
fn example_10() {
    let mut s = setup(&[
        [145.00, 145.10, 144.95, 145.05],
        [145.05, 145.12, 145.00, 145.08],
        [145.08, 145.20, 145.02, 145.15],
        [145.15, 145.25, 145.10, 145.20],
        [145.20, 145.30, 145.15, 145.25],
    ]);
    pair(&mut s, "USDJPY", 100_000.0);
    let closes: Vec<[f64; 4]> = s.bars.iter().map(|b| [b.bid.open, b.bid.high, b.bid.low, b.bid.close]).collect();
    s.bars = candles(&closes, 0.01);
    s.bars[3].time_ns = 20 * MINUTE_NS;
    s.bars[4].time_ns = 25 * MINUTE_NS;
    s.symbol.tick_size = 0.001;
    s.symbol.pip_size = 0.01;
    s.account.fx.static_rates = vec![("EURJPY".into(), 160.0)];
    s.trade_management.enabled = true;
    s.trade_management.max_holding_time = Some(MaxHoldingTime { minutes: 20, only_scenarios: vec![] });
    s.script[0].entries.push(market(Long, 144.56, 146.0));
    let o = run(&s).unwrap();
    let t = &o.trades[0];
    assert_eq!((t.size, t.reason, t.exit_price, t.exit_idx), (0.32, "timeout", 145.2, 3));
    near(t.result, 28.0, 1e-6);
    near(t.r_multiple.unwrap(), 0.28, 1e-6);
    equities(&o, &[9998.0, 10004.0, 10018.0, 10028.0, 10028.0]);
}

#[test]
fn example_11() {
    let mut s = setup(&[
        [1.10000, 1.10050, 1.09980, 1.10020],
        [1.10020, 1.10260, 1.10010, 1.10240],
        [1.10240, 1.10300, 1.10020, 1.10100],
        [1.10100, 1.10110, 1.10090, 1.10100],
    ]);
    per_lot(&mut s, 2.5);
    s.trade_management.enabled = true;
    s.trade_management.partial_close = Some(PartialClose {
        levels: vec![PartialLevel { trigger: Distance::R(1.0), fraction: 0.5 }],
        only_scenarios: vec![],
    });
    s.trade_management.break_even =
        Some(BreakEven { trigger: Distance::R(1.0), buffer_pips: 1.0, only_scenarios: vec![] });
    s.script[0].entries.push(market(Long, 1.0983, 1.1063));
    let o = run(&s).unwrap();
    let [a, b] = &o.trades[..] else { panic!("{:?}", o.trades) };
    assert_eq!((a.size, a.reason, a.exit_idx, a.partial), (0.25, "scale_out", 1, true));
    near(a.result, 52.5, 1e-6);
    near(a.r_multiple.unwrap(), 1.05, 1e-6);
    assert_eq!((a.entry_fee, a.exit_fee), (0.625, 0.625));
    assert_eq!((b.size, b.reason, b.exit_idx, b.stop_loss_kind), (0.25, "stop_loss", 2, "break_even"));
    near(b.exit_price, 1.1004, 1e-12);
    near(b.result, 2.5, 1e-6);
    near(b.r_multiple.unwrap(), 0.05, 1e-6);
    assert_eq!((b.entry_fee, b.exit_fee), (0.625, 0.625));
    equities(&o, &[9993.75, 10103.125, 10052.5, 10052.5]);
    near(o.equity[1].balance, 10050.625, 1e-6);
    near(o.equity[2].drawdown, 0.005011, 1e-6);
    assert_eq!(o.fills, 3);
}

#[test]
fn example_12() {
    let mut s = setup(&[
        [1.10000, 1.10050, 1.09980, 1.10020],
        [1.10020, 1.10100, 1.09950, 1.10060],
        [1.10060, 1.10120, 1.10040, 1.10100],
    ]);
    per_lot(&mut s, 2.5);
    s.script[0].entries.push(market(Long, 1.0953, 1.1103));
    s.script[1].entries.push(market(Long, 1.0953, 1.1103));
    s.script[2].entries.push(market(Short, 1.11, 1.09));
    let o = run(&s).unwrap();
    let t = &o.trades[0];
    assert_eq!((t.size, t.reason, t.entry_fee), (0.2, "end_of_data", 0.5));
    near(t.result, 14.0, 1e-6);
    near(t.r_multiple.unwrap(), 0.14, 1e-6);
    let codes: Vec<_> = o.rejections.iter().map(|r| (r.order_id, r.code)).collect();
    assert_eq!(codes, [(2, "max_positions_reached"), (3, "end_of_data")]);
    equities(&o, &[9997.5, 10005.5, 10013.0]);
    near(o.final_balance, 10013.0, 1e-6);
}

#[test]
fn example_13() {
    let table = [
        (1.0, 1.1003, 0.5, 35.0, "end_of_data"),
        (2.0, 1.10035, 0.48, -98.4, "stop_loss"),
        (3.0, 1.1004, 0.47, -98.7, "stop_loss"),
    ];
    for (m, fill, lots, result, reason) in table {
        let mut s = setup(&[
            [1.10000, 1.10050, 1.09980, 1.10020],
            [1.10020, 1.10100, 1.09836, 1.10060],
            [1.10060, 1.10120, 1.10040, 1.10100],
        ]);
        s.cost_settings.spread_multiplier = m;
        s.script[0].entries.push(market(Long, 1.0983, 1.1103));
        let t = run(&s).unwrap().trades[0].clone();
        near(t.entry_price, fill, 1e-12);
        assert_eq!((t.size, t.reason), (lots, reason));
        near(t.result, result, 1e-6);
    }
}

#[test]
fn example_14_guards() {
    let rows = [[1.10000, 1.10050, 1.09980, 1.10020], [1.1, 1.1, 1.1, 1.1]];
    let mut s = setup(&rows);
    s.script[0].entries.push(order(Long, Stop, Some(1.10001), 1.10000, 1.2));
    s.script[0].entries.push(order(Long, Stop, Some(1.10001), 1.100005, 1.2));
    s.script[0].entries.push(market(Long, 1.10029, 1.2));
    let o = run(&s).unwrap();
    let codes: Vec<_> = o.rejections.iter().map(|r| (r.order_id, r.bar, r.code)).collect();
    assert_eq!(codes, [(2, 0, "stop_distance_below_minimum"), (3, 0, "stop_loss_wrong_side")]);
    assert!(o.trades.len() == 1 && o.trades[0].order_id == 1);
}

/// The illustration of E 1.3.
#[test]
fn candle_rates() {
    let rows = [[145.0, 145.1, 144.9, 145.0], [145.0, 145.1, 144.0, 144.5]];
    let mut s = setup(&rows);
    pair(&mut s, "USDJPY", 100_000.0);
    s.symbol.tick_size = 0.001;
    s.symbol.pip_size = 0.01;
    s.account.fx.static_rates = vec![];
    let rate = |time_ns: i64, open: f64, close: f64| RateBar {
        time_ns,
        bid_open: open - 0.01,
        ask_open: open + 0.01,
        bid_close: close - 0.01,
        ask_close: close + 0.01,
    };
    s.account.fx.series = vec![RateSeries {
        symbol: "EURJPY".into(),
        bars: vec![rate(0, 159.0, 159.5), rate(5 * MINUTE_NS, 160.0, 160.4)],
    }];
    let e = Engine::new(&s);
    let at = |intrabar: bool| Event { bar: 1, intrabar, own_price: 1.0 };
    near(e.to_account(-16_000.0, at(true)).unwrap(), -100.0, 1e-9);
    near(e.to_account(-16_000.0, at(false)).unwrap(), -99.750623, 1e-6);
    s.account.fx.series[0].bars.pop();
    near(Engine::new(&s).to_account(-15_950.0, at(true)).unwrap(), -100.0, 1e-9);
    s.account.fx.stale_limit_bars = 0;
    assert_eq!(Engine::new(&s).to_account(1.0, at(false)).unwrap_err().code, "fx_rate_unavailable");
}

// ------------------------------------------- decisions.md 15 to 18, strategies.md 1

fn calm() -> Setup {
    setup(&[
        [1.10000, 1.10050, 1.09980, 1.10020],
        [1.10030, 1.10080, 1.10000, 1.10050],
        [1.10060, 1.10100, 1.10030, 1.10080],
        [1.10070, 1.10110, 1.10050, 1.10090],
    ])
}

fn exit(side: Side, fraction: Option<f64>) -> Exit {
    Exit { side, position_id: None, fraction }
}

#[test]
fn next_open_fills_and_exits_at_the_open() {
    let mut s = calm();
    s.execution.market_fill = MarketFill::NextOpen;
    s.script[0].entries.push(market(Long, 1.0984, 1.11));
    s.script[1].exits.push(exit(Side::All, None));
    s.script[3].entries.push(market(Long, 1.0984, 1.11));
    s.script[3].exits.push(exit(Side::Long, None));
    let o = run(&s).unwrap();
    let t = &o.trades[0];
    near(t.entry_price, 1.1004, 1e-12);
    assert_eq!((t.entry_idx, t.exit_idx, t.exit_price, t.reason), (1, 2, 1.1006, "signal"));
    assert_eq!(o.rejections, [Rejection { order_id: 2, bar: 3, code: "end_of_data" }]);
    assert_eq!(o.dropped_exits, 1);

    // A stop in the fill bar counts; a cooldown after exit blocks the reversal at the same open.
    let mut s = calm();
    s.execution.market_fill = MarketFill::NextOpen;
    s.execution.cooldown_minutes_after_exit = 1;
    s.script[0].entries.push(market(Long, 1.0984, 1.11));
    s.script[1].exits.push(exit(Side::All, None));
    s.script[1].entries.push(market(Short, 1.104, 1.09));
    let o = run(&s).unwrap();
    assert_eq!(o.rejections, [Rejection { order_id: 2, bar: 2, code: "cooldown" }]);
    s.execution.cooldown_minutes_after_exit = 0;
    let o = run(&s).unwrap();
    assert_eq!((o.trades.len(), o.trades[1].entry_price, o.trades[1].entry_idx), (2, 1.1006, 2));

    let mut s = calm();
    s.execution.market_fill = MarketFill::NextOpen;
    s.script[0].entries.push(market(Long, 1.1001, 1.11));
    let o = run(&s).unwrap();
    let t = &o.trades[0];
    assert_eq!((t.exit_idx, t.exit_price, t.in_entry_candle), (1, 1.1001, true));
}

#[test]
fn opposite_signals() {
    for (mode, trades, rejected) in [
        (OnOpposite::Ignore, 1, Some("max_positions_reached")),
        (OnOpposite::Close, 1, Some("opposite_close")),
        (OnOpposite::Reverse, 2, None),
    ] {
        let mut s = calm();
        s.execution.on_opposite = mode;
        s.script[0].entries.push(market(Long, 1.0984, 1.11));
        s.script[1].entries.push(market(Short, 1.104, 1.09));
        let o = run(&s).unwrap();
        assert_eq!(o.trades.len(), trades);
        assert_eq!(o.rejections.first().map(|r| r.code), rejected);
        if mode != OnOpposite::Ignore {
            assert_eq!((o.trades[0].exit_idx, o.trades[0].exit_price), (1, 1.1005));
            assert_eq!(o.trades[0].labels, ["signal", "opposite"]);
        }
    }
}

#[test]
fn sizing_kinds() {
    // Fill 1.1003; a lot is worth 110 030 USD.
    for (kind, size) in [
        (Sizing::RiskPercent { percent: 2.0 }, 1.0),
        (Sizing::FixedLots { lots: 0.237 }, 0.23),
        (Sizing::Notional { amount: 50_000.0 }, 0.45),
        (Sizing::EquityPercent { percent: 200.0 }, 0.18),
    ] {
        let mut s = calm();
        s.account.sizing = kind;
        s.script[0].entries.push(market(Long, 1.0983, 1.11));
        let t = run(&s).unwrap().trades[0].clone();
        assert_eq!(t.size, size);
        let risk = if matches!(kind, Sizing::RiskPercent { .. }) { 200.0 } else { 200.0 * size };
        near(t.risk.unwrap(), risk, 1e-6);
    }
    let mut s = calm();
    s.account.sizing = Sizing::FixedLots { lots: 0.1 };
    s.script[0].entries.push(Signal { stop_loss: None, take_profit: None, ..market(Long, 1.0, 2.0) });
    let t = run(&s).unwrap().trades[0].clone();
    assert_eq!((t.risk, t.r_multiple, t.initial_stop_loss, t.reason), (None, None, None, "end_of_data"));
    s.account.sizing = Sizing::Risk;
    assert_eq!(run(&s).unwrap().rejections[0].code, "missing_stop_loss");
}

#[test]
fn updates_cancels_partial_exits() {
    let mut s = calm();
    s.script[0].entries.push(market(Long, 1.0983, 1.11));
    s.script[0].entries.push(order(Long, Limit, Some(1.05), 1.04, 1.2));
    // The stop of 1.1004 is effective in bar 2, whose low of 1.1003 is below it.
    s.script[1].updates.push(Update {
        side: Side::All,
        position_id: None,
        stop_loss: Some(1.1004),
        take_profit: Some(1.2),
    });
    s.script[1].exits.push(exit(Side::Long, Some(0.5)));
    s.script[1].cancels.push(Cancel { side: Side::All, order_id: None });
    s.account.max_positions = 2;
    let o = run(&s).unwrap();
    let [a, b] = &o.trades[..] else { panic!("{:?}", o.trades) };
    assert_eq!((a.size, a.reason, a.partial, a.exit_idx), (0.25, "signal", true, 1));
    assert_eq!((b.size, b.reason, b.stop_loss_kind, b.exit_idx), (0.25, "stop_loss", "manual", 2));
    assert_eq!((b.exit_price, b.take_profit), (1.1004, Some(1.2)));
    assert_eq!(o.pending[0], PendingEnd { order_id: 2, state: "cancelled", cause: "strategy", bar: 1 });

    // A stop never widens, nor lies beyond the close.
    for sl in [1.09, 1.1006] {
        s.script[1].updates[0] = Update { side: Side::All, position_id: None, stop_loss: Some(sl), take_profit: None };
        assert_eq!(run(&s).unwrap().trades[1].stop_loss, Some(1.0983));
    }
}

#[test]
fn oco_and_replacement() {
    let mut s = calm();
    s.account.max_positions = 5;
    let tie = |signal: Signal| Signal { oco: true, ..signal };
    s.script[0].entries.push(tie(order(Long, Stop, Some(1.1008), 1.09, 1.2)));
    s.script[0].entries.push(tie(order(Short, Stop, Some(1.1001), 1.11, 1.0)));
    let o = run(&s).unwrap();
    assert_eq!(o.trades.len(), 1);
    assert_eq!((o.trades[0].order_id, o.trades[0].entry_idx), (1, 1));
    assert_eq!(o.pending[1], PendingEnd { order_id: 2, state: "cancelled", cause: "oco", bar: 1 });

    let mut s = calm();
    s.execution.max_pending_orders = Some(1);
    let again = |price: f64, sl: f64| Signal { replaces: true, ..order(Long, Limit, Some(price), sl, 1.2) };
    s.script[0].entries.push(again(1.05, 1.04));
    s.script[1].entries.push(again(1.06, 1.05));
    s.script[2].entries.push(again(1.07, 1.08));
    let o = run(&s).unwrap();
    assert_eq!(o.rejections, [Rejection { order_id: 3, bar: 2, code: "stop_loss_wrong_side" }]);
    assert_eq!(o.pending[0], PendingEnd { order_id: 1, state: "cancelled", cause: "strategy", bar: 1 });
    assert_eq!(o.pending[1], PendingEnd { order_id: 2, state: "cancelled", cause: "end_of_data", bar: 3 });
}

// ------------------------------------------------ execution.md 3.4, 4.5, 7.4, 8, 9

fn managed() -> Setup {
    let mut s = calm();
    s.trade_management.enabled = true;
    s.script[0].entries.push(market(Long, 1.0983, 1.11));
    s
}

#[test]
fn trailing_stop_by_hand() {
    let mut s = managed();
    s.trade_management.trailing_stop = Some(TrailingStop {
        distance: Distance::Pips(3.0),
        activation: Distance::Pips(2.0),
        reference: TrailReference::Close,
        step_pips: 0.0,
        only_scenarios: vec![],
    });
    // Bar 1: profit 2 pips, exactly the activation; stop 1.1002 from bar 2 on, whose low is 1.1003.
    // Bar 2: close 1.1008, stop 1.1005 in bar 3, whose low is 1.1005.
    let t = run(&s).unwrap().trades[0].clone();
    assert_eq!((t.exit_idx, t.stop_loss_kind, t.reason), (3, "trailing", "stop_loss"));
    near(t.exit_price, 1.1005, 1e-12);

    // The extreme of bar 1 is 1.1008: stop 1.1005 is at the close, hence dropped; bar 2: 1.1010 gives 1.1007.
    let rule = s.trade_management.trailing_stop.as_mut().unwrap();
    rule.reference = TrailReference::Extreme;
    let t = run(&s).unwrap().trades[0].clone();
    near(t.exit_price, 1.1007, 1e-12);
    assert_eq!(t.exit_idx, 3);

    // Only scenario 5: nothing.
    s.trade_management.trailing_stop.as_mut().unwrap().only_scenarios = vec![5];
    assert_eq!(run(&s).unwrap().trades[0].reason, "end_of_data");
}

#[test]
fn session_end_news_and_kill_switch() {
    let mut s = managed();
    s.session_windows = vec![(0, 900)];
    s.trade_management.session_end =
        Some(SessionEnd { minutes_before: 0, cancel_pending: true, weekend_close_utc: None, only_scenarios: vec![] });
    s.script[0].entries.push(order(Long, Limit, Some(1.05), 1.04, 1.2));
    s.account.max_positions = 2;
    // Bar 2 closes at 900 s, exactly the end.
    let o = run(&s).unwrap();
    assert_eq!((o.trades[0].reason, o.trades[0].exit_idx), ("session_end", 2));
    assert_eq!(o.pending[0], PendingEnd { order_id: 2, state: "cancelled", cause: "session_end", bar: 2 });
    s.trade_management.session_end.as_mut().unwrap().minutes_before = 5;
    assert_eq!(run(&s).unwrap().trades[0].exit_idx, 1);

    let mut s = managed();
    s.news_blocked = vec![false, false, true, true];
    s.script[2].entries.push(market(Long, 1.0983, 1.11));
    s.trade_management.news_exit = Some(NewsExit { mode: NewsExitMode::Close, only_scenarios: vec![] });
    let o = run(&s).unwrap();
    assert_eq!((o.trades[0].reason, o.trades[0].exit_idx), ("news", 2));
    assert_eq!(o.rejections[0].code, "news_blocked");

    let mut s = managed();
    s.bars[3].time_ns += DAY_NS;
    s.bars.push(Bar { time_ns: s.bars[3].time_ns + 5 * MINUTE_NS, ..s.bars[3] });
    s.script.push(BarScript::default());
    s.bars[1].bid.close = 1.0995;
    s.trade_management.kill_switch = Some(KillSwitch {
        max_drawdown_pct: Some(0.004),
        max_daily_loss: None,
        max_daily_loss_pct: None,
        max_consecutive_losses: None,
        reset_next_day: true,
        only_scenarios: vec![],
    });
    s.script[2].entries.push(market(Long, 1.0983, 1.11));
    s.script[3].entries.push(market(Long, 1.0983, 1.11));
    // Bar 1: equity 10 000 − 0.0008 × 50 000 = 9 960, drawdown 0.004. Bar 3: next day. Bar 4: the
    // entry of bar 3 is a position, the drawdown 0.0045 still holds, so it fires again.
    let o = run(&s).unwrap();
    let exits: Vec<_> = o.trades.iter().map(|t| (t.exit_idx, t.reason)).collect();
    assert_eq!(exits, [(1, "kill_switch"), (4, "kill_switch")]);
    assert_eq!(o.rejections, [Rejection { order_id: 2, bar: 2, code: "trading_halted" }]);
}

#[test]
fn expiry_and_cooldown() {
    let mut s = calm();
    s.execution.cooldown_bars = 2;
    let bars = |n: i64| Signal { expire_after_bars: Some(n), ..order(Long, Limit, Some(1.05), 1.04, 1.2) };
    s.script[0].entries.push(bars(0));
    s.script[0].entries.push(bars(1));
    s.script[1].entries.push(bars(1));
    s.script[2].entries.push(Signal { good_till_ns: Some(10 * MINUTE_NS), ..bars(9) });
    let o = run(&s).unwrap();
    let codes: Vec<_> = o.rejections.iter().map(|r| (r.order_id, r.code)).collect();
    assert_eq!(codes, [(1, "invalid_expiry"), (3, "cooldown"), (4, "invalid_expiry")]);
    assert_eq!(o.pending, [PendingEnd { order_id: 2, state: "expired", cause: "expire_after_bars", bar: 2 }]);
}

#[test]
fn tiered_fees() {
    let mut s = calm();
    s.costs.schema = Some(FeeSchema::Tiered);
    s.costs.tiers = vec![Tier { volume_from: 0.0, per_lot: 4.0 }, Tier { volume_from: 0.5, per_lot: 2.0 }];
    s.script[0].entries.push(market(Long, 1.0983, 1.11));
    let t = run(&s).unwrap().trades[0].clone();
    assert_eq!((t.entry_fee, t.exit_fee), (2.0, 1.0));
    assert_eq!(utc_month(0), 1970 * 12);
    assert_eq!(utc_month(1_709_164_800_000_000_000), 2024 * 12 + 1); // 2024-02-29
    assert_eq!(utc_month(1_709_251_200_000_000_000), 2024 * 12 + 2); // 2024-03-01
}

#[test]
fn parity_leaves_positions_open_and_waits_for_a_free_book() {
    let mut s = calm();
    s.execution.variant = Variant::V1Parity;
    per_lot(&mut s, 2.5);
    s.script[0].entries.push(market(Long, 1.0983, 1.11));
    s.script[1].entries.push(market(Long, 1.0983, 1.11));
    let o = run(&s).unwrap();
    // The strategy is not called while a position is open, so its signal is not numbered.
    assert_eq!((o.trades.len(), o.open_positions.len(), o.orders), (0, 1, 1));
    // raw 0.49999999999999956; the 1e-12 of the parity grid makes it 0.50 lots, fee 1.25.
    equities(&o, &[9998.75, 9998.75, 9998.75, 9998.75]);
}
