//! The one trait behind every form of strategy.

use omega_types::{Bar, Market, Signal};

use crate::{Agenda, BarView, Intents, Note, StrategyError};

/// Turns closed bars into intents. An instance serves one run.
///
/// A strategy sees bars in strictly increasing order. It knows its parameters and what it bound to, nothing of files,
/// orders, fills or other strategies, and uses no clock, environment or randomness.
pub trait Strategy {
    /// The bars on which it wants to be asked; every bar unless it says otherwise.
    fn agenda(&self) -> Agenda {
        Agenda::every_bar()
    }

    /// Writes what it wants at the close of the bar into `intents`, which is empty.
    ///
    /// # Errors
    ///
    /// Stops the run. A missing or undefined value is no error: it yields no signal.
    fn on_bar(&mut self, bar: &BarView<'_>, intents: &mut Intents) -> Result<(), StrategyError>;

    /// Explains `signal`, which `on_bar` returned on `bar`. Depends on nothing that changed since.
    fn note(&self, bar: Bar, market: &Market, signal: &Signal) -> Note {
        let _ = (bar, market, signal);
        Note::default()
    }
}
