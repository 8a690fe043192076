#![allow(missing_docs)]
mod common;
use common::{At, Ohlc, job, m5, signals};
use omega_backtest::{load, prepare, simulate, report, Job};
use omega_indicators::ColumnStore;
use omega_strategy::Registry;
use omega_types::Watch;
use serde_json::json;
use std::time::Instant;
#[test]
fn t() {
    for (ccy, every, trade) in [("USD", false, true), ("EUR", false, true), ("USD", true, true), ("USD", false, false)] {
    let bars = 1_000_000;
    let mut x: u64 = 42;
    let mut p = 110_000i64;
    let data: Vec<Ohlc> = (0..bars).map(|_| {
        x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let d = ((x >> 33) % 41) as i64 - 20;
        let o = p; p += d; if p < 90000 { p = 90000 } if p > 130000 { p = 130000 }
        let f = |t: i64| t as f64 / 1e5;
        (f(o), f(o.max(p) + 8), f(o.min(p) - 8), f(p))
    }).collect();
    let mut entries: Vec<At> = (0..bars).step_by(45).map(|b| At(b, if b % 2 == 0 {1} else {-1}, data[b].3 + if b%2==0 {-0.001} else {0.001}, data[b].3 + if b%2==0 {0.001} else {-0.001})).collect();
    if !trade { entries = vec![At(0, 1, 0.5, 2.0)]; }
    let mut j: Job = job(m5(&data, 0.0001), &json!({"account": {"account_currency": ccy, "max_positions": 1, "initial_balance": 1e9, "risk_per_trade": 10000}}));
    j.signals = Some(signals(bars, &entries));
    j.options.visit_every_bar = every;
    let w = Watch::default();
    for _ in 0..4 {
    let t0 = Instant::now();
    let l = load(&j, &Registry::builtin(), &w).unwrap();
    let t1 = Instant::now();
    let (plan, mut s) = prepare(&j, l, &ColumnStore::new(), &w).unwrap();
    let t2 = Instant::now();
    let o = simulate(&plan, &mut *s, &w).unwrap();
    let t3 = Instant::now();
    let ev = o.events; let n = o.trades.len();
    let r = report(plan, &*s, o).unwrap();
    let t4 = Instant::now();
    let c = r.curve();
    let t5 = Instant::now();
    eprintln!("{ccy} {every} load {:?} prepare {:?} simulate {:?} report {:?} curve {:?}; {n} trades, {ev} events, {}", t1-t0, t2-t1, t3-t2, t4-t3, t5-t4, c.equity.len());
    }
    }
}
