//! The rules that act on single positions. A new one is a file beside these, a line in the table, and a schema in TypeScript.

use std::fmt::Debug;

use omega_types::{Bar, order::PositionView};

use crate::{
    glance::{Glance, Ground},
    memory::Memory,
    reader::{Reader, Settings},
    resolve::Action,
};

mod break_even;
mod max_holding_time;
mod news_exit;
mod partial_close;
pub(crate) mod session_end;
mod trailing_stop;

/// Decides about one position at a time. It uses what it sees and its memory of that position, nothing else.
pub(crate) trait Rule: Debug + Send + Sync {
    /// What it wants at the close of the bar of `glance`, if anything.
    fn decide(&self, glance: &Glance<'_>, memory: &mut Memory) -> Option<Action>;

    /// A bar at or after `from` before which [`Rule::decide`] would want nothing, nor remember anything that matters.
    /// Too early costs time, too late is a wrong number. `None`: there is no such bar as long as the position stays as
    /// it is.
    fn next_due(&self, ground: &Ground, view: &PositionView, from: Bar, memory: &mut Memory) -> Option<Bar>;
}

/// A rule by name.
pub(crate) struct Kind {
    pub(crate) id: &'static str,
    /// Lower is more important.
    pub(crate) priority: u8,
    /// Gives `None` if the rule cannot act, or if it is refused.
    pub(crate) read: fn(Settings, &mut Reader<'_>) -> Option<Box<dyn Rule>>,
}

/// All of them (execution.md 8.3). The kill switch (priority 0) comes before all of them and concerns the account.
pub(crate) static TABLE: [Kind; 6] = [
    Kind { id: max_holding_time::ID, priority: 10, read: max_holding_time::read },
    Kind { id: news_exit::ID, priority: 10, read: news_exit::read },
    Kind { id: session_end::ID, priority: 10, read: session_end::read },
    Kind { id: break_even::ID, priority: 20, read: break_even::read },
    Kind { id: trailing_stop::ID, priority: 30, read: trailing_stop::read },
    Kind { id: partial_close::ID, priority: 40, read: partial_close::read },
];

/// The rules in the order of (priority, id), in which conflicts are resolved.
pub(crate) fn by_rank() -> [&'static Kind; TABLE.len()] {
    let mut kinds = TABLE.each_ref();
    kinds.sort_by_key(|kind| (kind.priority, kind.id));
    kinds
}

/// The only rule of `v1_parity` (execution.md 9), and the one that acts without being written.
pub(crate) const MAX_HOLDING_TIME: &str = max_holding_time::ID;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_those_of_the_specification() {
        // execution.md 8.3; ties by rule id in ascending byte order.
        let expected = [
            ("max_holding_time", 10),
            ("news_exit", 10),
            ("session_end", 10),
            ("break_even", 20),
            ("trailing_stop", 30),
            ("partial_close", 40),
        ];
        assert_eq!(by_rank().map(|kind| (kind.id, kind.priority)), expected);
    }
}
