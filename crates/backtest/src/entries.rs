//! Entry signals and what became of them, for `entries.jsonl` (config.md 3.6, output.md 8).

use omega_types::{Bar, Signal, config::Logging, trade::RejectionCode};

use crate::gates::Refusal;

/// Which entry signals a run remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EntryLog {
    /// None.
    #[default]
    Off,
    /// Those that were filled or placed.
    Accepted,
    /// All of them.
    All,
}

impl EntryLog {
    /// What the configuration asks for.
    pub fn of(config: &Logging) -> Self {
        match (config.enable_entry_logging, config.logging_mode.as_str()) {
            (false, _) => Self::Off,
            (true, "full") => Self::All,
            (true, _) => Self::Accepted,
        }
    }
}

/// An entry signal on the bar of its decision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// Its number; `None` for conflicting signals, which have none.
    pub order_id: Option<u32>,
    /// Bar of the decision.
    pub bar: Bar,
    /// What the strategy asked for; `None` for conflicting signals, of which neither was sent.
    pub signal: Option<Signal>,
    /// Why it was refused; `None`: filled, or placed as a pending order.
    pub refused: Option<RejectionCode>,
}

/// An entry with the strategy's explanation: JSON object text with sorted keys.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct ExplainedEntry {
    pub entry: Entry,
    pub meta: String,
}

/// The remembered entry signals of one run, in the order in which they were given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entries {
    log: EntryLog,
    rows: Vec<Entry>,
}

impl Entries {
    pub(crate) const fn new(log: EntryLog) -> Self {
        Self { log, rows: Vec::new() }
    }

    /// Remembers a numbered signal and why it was refused, if it was.
    pub(crate) fn record(&mut self, order_id: u32, bar: Bar, signal: &Signal, refusal: Option<&Refusal>) {
        let is_wanted = match self.log {
            EntryLog::Off => false,
            EntryLog::Accepted => refusal.is_none(),
            EntryLog::All => true,
        };
        if is_wanted {
            let refused = refusal.map(|&(code, _)| code);
            self.rows.push(Entry { order_id: Some(order_id), bar, signal: Some(*signal), refused });
        }
    }

    /// Remembers that both sides were true at once, so that neither was sent.
    pub(crate) fn conflict(&mut self, bar: Bar) {
        if self.log == EntryLog::All {
            let refused = Some(RejectionCode::ConflictingSignals);
            self.rows.push(Entry { order_id: None, bar, signal: None, refused });
        }
    }

    pub(crate) fn into_rows(self) -> Vec<Entry> {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use omega_types::Direction;

    use super::*;

    #[test]
    fn the_mode_decides_what_is_remembered() {
        let signal = Signal::market(Direction::Long);
        let refusal = (RejectionCode::Cooldown, f64::NAN);
        let kept = |log| {
            let mut entries = Entries::new(log);
            entries.record(1, 5, &signal, None);
            entries.record(2, 6, &signal, Some(&refusal));
            entries.conflict(7);
            entries.into_rows().iter().map(|entry| (entry.order_id, entry.bar, entry.refused)).collect::<Vec<_>>()
        };
        assert_eq!(kept(EntryLog::Off), []);
        assert_eq!(kept(EntryLog::Accepted), [(Some(1), 5, None)]);
        let all = [
            (Some(1), 5, None),
            (Some(2), 6, Some(RejectionCode::Cooldown)),
            (None, 7, Some(RejectionCode::ConflictingSignals)),
        ];
        assert_eq!(kept(EntryLog::All), all);
    }

    #[test]
    fn the_configuration_switches_it_on() {
        let of = |on, mode: &str| EntryLog::of(&Logging { enable_entry_logging: on, logging_mode: mode.to_owned() });
        assert_eq!((of(false, "full"), of(true, "full")), (EntryLog::Off, EntryLog::All));
        assert_eq!(of(true, "trades_only"), EntryLog::Accepted);
    }
}
