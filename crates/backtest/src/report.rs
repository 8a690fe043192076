//! From what the simulation left behind to the result.

use omega_metrics::{AccountFacts, EquityCollector, core_metrics};
use omega_portfolio::Position;
use omega_strategy::Strategy;
use omega_types::{Column, Json, Market, QuoteSide, Trade};
use serde_json::json;

use crate::{
    BacktestError, BacktestResult, Outcome, Plan,
    entries::{Entry, ExplainedEntry},
    meta::{meta_text, note_text},
    result::OpenPosition,
};

/// Computes the metrics and lets the strategy explain the signals that traded.
///
/// # Errors
///
/// A conversion that the marks of open positions need and that does not exist.
pub fn report(plan: Plan, strategy: &dyn Strategy, outcome: Outcome) -> Result<BacktestResult, BacktestError> {
    let Outcome { trades, opened, journal, entries, order_counts, tape, account, orders, fills, events } = outcome;
    let time = plan.market.clock.time.clone();
    let mut equity = EquityCollector::new(plan.initial_balance, &time);
    tape.replay(&mut [&mut equity]);
    let facts = AccountFacts { initial_balance: plan.initial_balance, fees_total: account.fees_total() };
    let metrics = core_metrics(&trades, &equity.finish(), facts);
    let metas = trades
        .iter()
        .map(|trade| {
            let index = (trade.position_id as usize).wrapping_sub(1);
            let note = opened.get(index).map(|opened| strategy.note(opened.bar, &plan.market, &opened.signal));
            meta_text(trade, note.unwrap_or_default(), plan.market.primary.timeframe, &plan.market.clock)
        })
        .collect();
    let open_positions =
        account.positions().iter().map(|position| open_position(&plan, position)).collect::<Result<_, _>>()?;
    let mut notes = plan.notes;
    notes.extend(counted(&trades, account.positions()));
    Ok(BacktestResult {
        metas,
        metrics,
        open_positions,
        bars_processed: plan.market.trading.len() as u64,
        indicators: plan.indicators,
        closes: [QuoteSide::Bid, QuoteSide::Ask].map(|side| closes(&plan.market, side)),
        final_balance: account.balance(),
        fees_total: account.fees_total(),
        trades,
        time,
        tape,
        journal,
        entries: explained(&plan.market, strategy, entries),
        order_counts,
        orders,
        fills,
        events_processed: events,
        notes,
        warnings: plan.warnings,
        provenance: plan.provenance,
    })
}

fn explained(market: &Market, strategy: &dyn Strategy, entries: Vec<Entry>) -> Vec<ExplainedEntry> {
    let explained = |entry: Entry| {
        let note = entry.signal.map(|signal| strategy.note(entry.bar, market, &signal));
        ExplainedEntry { entry, meta: note_text(note.unwrap_or_default()) }
    };
    entries.into_iter().map(explained).collect()
}

fn closes(market: &Market, side: QuoteSide) -> Column {
    market.primary.quotes.side(side).close.slice(market.trading.clone())
}

fn open_position(plan: &Plan, position: &Position) -> Result<OpenPosition, BacktestError> {
    let last = plan.market.trading.end.saturating_sub(1);
    let closes = &plan.market.quotes.side(position.direction.closing_side()).close;
    Ok(OpenPosition {
        position_id: position.position_id,
        order_id: position.order_id,
        order_type: position.order_type,
        direction: position.direction,
        entry_bar: position.entry_bar,
        entry_time_ns: position.entry_time_ns,
        entry_price: position.entry_price,
        initial_stop_loss: position.initial_stop_loss,
        stop_loss: position.stop_loss,
        take_profit: position.take_profit,
        size: position.lots,
        entry_fee: position.entry_fee_left,
        scenario_id: position.scenario_id,
        mark_price: closes.get(last).copied().unwrap_or(position.entry_price),
        unrealised: plan.valuation.unrealised(std::slice::from_ref(position), last)?,
    })
}

/// What happened to positions that their owner should know: counted over positions, not over records.
fn counted(trades: &[Trade], open: &[Position]) -> Vec<Json> {
    let count = |traded: fn(&Trade) -> bool, held: fn(&Position) -> bool| {
        trades.iter().filter(|trade| !trade.partial && traded(trade)).count() + open.iter().filter(|p| held(p)).count()
    };
    let capped = count(|trade| trade.volume_capped, |position| position.volume_capped);
    let behind = count(|trade| !trade.tp_beyond_entry, |position| !position.tp_beyond_entry);
    let mut notes = Vec::new();
    if capped > 0 {
        let message = format!("{capped} positions were cut to the largest volume of the symbol");
        notes.push(json!({ "code": "volume_capped", "message": message, "count": capped }));
    }
    if behind > 0 {
        let message = format!("{behind} positions had their target at or behind the entry");
        notes.push(json!({ "code": "tp_not_beyond_entry", "message": message, "count": behind }));
    }
    notes
}
