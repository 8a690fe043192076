//! Bars without a trade cost no memory, however many there are.
#![expect(unsafe_code, reason = "a global allocator can only be written with unsafe; it counts and forwards")]

mod common;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use common::{At, Ohlc, job, m5, signals};
use omega_backtest::{Job, Outcome, load, prepare, simulate};
use omega_indicators::ColumnStore;
use omega_strategy::{Agenda, BarView, Intents, Registry, Strategy, StrategyError};
use omega_types::{Watch, order::Exit};
use serde_json::json;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Sees every bar. It wants to close a position that does not exist, and opens what `entries` says through signals.
struct Restless<'a>(&'a mut dyn Strategy);

impl Strategy for Restless<'_> {
    fn agenda(&self) -> Agenda {
        Agenda::every_bar()
    }

    fn on_bar(&mut self, bar: &BarView<'_>, intents: &mut Intents) -> Result<(), StrategyError> {
        intents.exits.push(Exit { side: omega_types::order::ExitSide::All, position_id: Some(99) });
        self.0.on_bar(bar, intents)
    }
}

fn allocations(bars: usize, entries: &[At], visit_every_bar: bool) -> (u64, Outcome) {
    let flat: Vec<Ohlc> = (0..bars)
        .map(|bar| {
            let close = 1.1 + (bar % 7) as f64 * 0.00001;
            (1.1, 1.10010, 1.09990, close)
        })
        .collect();
    let mut job: Job = job(m5(&flat, 0.0001), &json!({}));
    job.signals = Some(signals(bars, entries));
    job.options.visit_every_bar = visit_every_bar;
    let watch = Watch::default();
    let loaded = load(&job, &Registry::builtin(), &watch).expect("the job loads");
    let (plan, mut strategy) = prepare(&job, loaded, &ColumnStore::new(), &watch).expect("the job is complete");
    let mut strategy = Restless(&mut *strategy);
    let before = ALLOCATIONS.with(Cell::get);
    let outcome = simulate(&plan, &mut strategy, &watch).expect("the simulation succeeds");
    (ALLOCATIONS.with(Cell::get) - before, outcome)
}

#[test]
fn a_hundred_thousand_bars_without_a_trade_allocate_nothing() {
    for visit_every_bar in [false, true] {
        for entries in [&[][..], &[At(0, 1, 1.05, 1.2)]] {
            let (few, _) = allocations(1_000, entries, visit_every_bar);
            let (many, outcome) = allocations(101_000, entries, visit_every_bar);
            assert_eq!(many, few, "{} entries", entries.len());
            assert_eq!(outcome.trades.len(), entries.len(), "a position that is open for all bars");
            assert_eq!(outcome.events, 101_000);
        }
    }
}
