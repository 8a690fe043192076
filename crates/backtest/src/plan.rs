//! What the simulation needs, with every name looked up and every column computed.

use omega_execution::{CostModel, Fx, Instrument, Rules};
use omega_portfolio::{Marks, Valuation};
use omega_trade_mgmt::Management;
use omega_types::{Column, Json, Market, Warning};

use crate::{Gates, entries::EntryLog, result::Provenance};

/// One run, ready to go. Nothing behind it parses a text, looks up a name or finds an error in the configuration.
pub struct Plan {
    /// The candles.
    pub market: Market,
    /// Lots, ticks and pips of the symbol.
    pub instrument: Instrument,
    /// What differs between the variants in execution.
    pub rules: Rules,
    /// Slippage and fees.
    pub costs: CostModel,
    /// Currency conversion.
    pub fx: Fx,
    /// What positions are worth.
    pub valuation: Valuation,
    /// Which signals may become orders.
    pub gates: Gates,
    /// Rules over open positions; `None` if the manager is off or has nothing to do.
    pub management: Option<Management>,
    /// How many bars a pending order stays eligible that does not say.
    pub pending_expiry_bars: Option<u32>,
    /// What comes first in a bar.
    pub bar_order: BarOrder,
    /// How equity treats open positions.
    pub marks: Marks,
    /// Positions are closed on the last bar.
    pub closes_at_end: bool,
    /// Cash before the first bar, account currency.
    pub initial_balance: f64,
    /// `account.risk_per_trade`, account currency.
    pub risk_per_trade: f64,
    /// Which entry signals are remembered.
    pub entry_log: EntryLog,
    /// Visits every bar instead of jumping from event to event.
    pub visit_every_bar: bool,
    /// Remarks of the specification: `{code, message}`. This and the rest is for the report.
    pub notes: Vec<Json>,
    /// Remarks on configuration and data, sorted.
    pub warnings: Vec<Warning>,
    /// Columns that the result keeps, over the trading bars, by name.
    pub indicators: Vec<(String, Column)>,
    /// Where everything came from.
    pub provenance: Provenance,
}

/// What comes first in a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarOrder {
    /// What happens inside the bar, then the decision at its close.
    Chronological,
    /// The decision, then what happens inside the bar (`v1_parity`).
    DecideFirst,
}
