//! The loop: from event to event over the bars of a run.

use omega_strategy::Strategy;
use omega_types::{Bar, Watch, watch::Phase};

use crate::{
    Plan, RunStop,
    desk::{Desk, Outcome},
    plan::BarOrder,
};

/// Bars between two looks at the watch.
const POLL_BARS: usize = 4_096;

/// Trades every bar of the plan. Bars on which nothing can happen are skipped; only equity passes over them.
///
/// # Errors
///
/// [`RunStop`]: cancelled, a failing strategy, or a price or figure that cannot exist.
pub fn simulate<S: Strategy + ?Sized>(plan: &Plan, strategy: &mut S, watch: &Watch) -> Result<Outcome, RunStop> {
    let trading = plan.market.trading.clone();
    watch.begin(Phase::Simulate, trading.len() as u64)?;
    let mut desk = Desk::open(plan, strategy.agenda());
    let (mut bar, mut polled) = (trading.start, trading.start);
    while bar < trading.end {
        bar = desk.next_event(bar);
        if bar - polled >= POLL_BARS {
            watch.advance((bar - trading.start) as u64)?;
            polled = bar;
        }
        match plan.bar_order {
            BarOrder::Chronological => chronological(&mut desk, strategy, bar)?,
            BarOrder::DecideFirst => decide_first(&mut desk, strategy, bar)?,
        }
        desk.end_bar(bar)?;
        bar += 1;
    }
    watch.advance(trading.len() as u64)?;
    desk.close(watch)
}

/// `v2`: what happens inside the bar, then the decision at its close (execution.md 7.1).
fn chronological<S: Strategy + ?Sized>(desk: &mut Desk<'_>, strategy: &mut S, bar: Bar) -> Result<(), RunStop> {
    desk.apply_modifications(bar);
    desk.trigger_orders(bar)?;
    desk.close_touched(bar)?;
    desk.manage(bar)?;
    desk.decide(strategy, bar)?;
    desk.end_of_data(bar)
}

/// `v1_parity`: the decision first, so that a slot freed in a bar is usable from the next one (execution.md 9).
fn decide_first<S: Strategy + ?Sized>(desk: &mut Desk<'_>, strategy: &mut S, bar: Bar) -> Result<(), RunStop> {
    desk.decide(strategy, bar)?;
    desk.trigger_and_close_in_order(bar)?;
    desk.manage(bar)
}
