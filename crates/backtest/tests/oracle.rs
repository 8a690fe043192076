//! The engine against a second one that was written from the text of execution.md alone, by somebody who had not read
//! this project: 20 000 random markets with order streams, every order type, fee schema, rule and setting. Whatever
//! differs is printed as the smallest case that still shows it.
//!
//! `OMEGA_ORACLE_CASES` runs more of them, `OMEGA_ORACLE_SEED` begins elsewhere.

mod common;
mod oracle {
    #[cfg(test)]
    mod compare;
    #[allow(dead_code, unreachable_pub, clippy::all, reason = "one plain file, not made for this test alone")]
    pub(crate) mod engine;
    pub(crate) mod product;
    pub(crate) mod random;
    pub(crate) mod tally;

    pub(crate) use compare::difference;
}

use oracle::{
    difference, engine,
    product::Library,
    random::{self, Case},
    tally::Tally,
};

/// Folders with candles of other pairs, per timeframe.
const FOLDERS: usize = 8;
const CALENDARS: usize = 12;
/// What has to occur at least this often, or the comparison would prove little about it.
const ENOUGH: u64 = 50;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What differs, if anything does; otherwise counts what occurred.
fn check(library: &Library, case: &Case, tally: Option<&mut Tally>) -> Option<String> {
    let expected = engine::run(&case.setup);
    let (events, bars) = (library.run(case, false), library.run(case, true));
    if let (Ok(events), Ok(bars)) = (&events, &bars) {
        common::assert_same(events, bars);
    }
    let found = difference(&expected, &events).or_else(|| difference(&expected, &bars));
    if let (None, Some(tally)) = (&found, tally) {
        tally.add(case, &expected);
    }
    found
}

/// The smallest part of `case` that still differs: fewer bars, then fewer orders.
fn smallest(library: &Library, mut case: Case) -> Case {
    let differs = |case: &Case| check(library, case, None).is_some();
    let mut step = case.setup.bars.len() / 2;
    while step > 0 {
        let mut shorter = case.clone();
        let bars = shorter.setup.bars.len().saturating_sub(step).max(shorter.setup.warmup_bars + 1);
        shorter.setup.bars.truncate(bars);
        shorter.setup.script.truncate(bars);
        if !shorter.setup.session_open.is_empty() {
            shorter.setup.session_open.truncate(bars);
        }
        if !shorter.setup.news_blocked.is_empty() {
            shorter.setup.news_blocked.truncate(bars);
        }
        if bars < case.setup.bars.len() && differs(&shorter) {
            case = shorter;
        } else {
            step /= 2;
        }
    }
    for bar in (0..case.setup.script.len()).rev() {
        for entry in (0..case.setup.script[bar].entries.len()).rev() {
            let mut fewer = case.clone();
            fewer.setup.script[bar].entries.remove(entry);
            if differs(&fewer) {
                case = fewer;
            }
        }
        let mut fewer = case.clone();
        fewer.setup.script[bar].exits.clear();
        if differs(&fewer) {
            case = fewer;
        }
    }
    let simpler: [fn(&mut engine::Setup); 9] = [
        |setup| setup.trade_management.kill_switch = None,
        |setup| setup.trade_management.partial_close = None,
        |setup| setup.trade_management.trailing_stop = None,
        |setup| setup.trade_management.break_even = None,
        |setup| setup.trade_management.max_holding_time = None,
        |setup| setup.trade_management.session_end = None,
        |setup| setup.trade_management.news_exit = None,
        |setup| setup.cost_settings.enabled = false,
        |setup| setup.account.currency = setup.symbol.quote_currency.clone(),
    ];
    for simplify in simpler {
        let mut simple = case.clone();
        simplify(&mut simple.setup);
        if differs(&simple) {
            case = simple;
        }
    }
    case
}

#[test]
fn both_engines_agree_on_random_markets() {
    let (first, cases) = (number("OMEGA_ORACLE_SEED", 1), number("OMEGA_ORACLE_CASES", 20_000));
    let library = Library::new(FOLDERS, CALENDARS);
    let mut tally = Tally::default();
    for seed in first..first + cases {
        let case = library.complete(random::case(seed, FOLDERS, &library.calendars));
        if check(&library, &case, Some(&mut tally)).is_some() {
            let case = smallest(&library, case);
            let found = check(&library, &case, None);
            panic!("case {seed} differs: {}\n{case:#?}", found.unwrap_or_default());
        }
    }
    println!("{tally}");
    let rare = tally.rarer_than(ENOUGH);
    assert!(cases < 20_000 || rare.is_empty(), "occurred fewer than {ENOUGH} times: {rare:?}");
}
