//! What a strategy wants on one bar.

use omega_types::{Signal, order::Exit};

/// Everything that one call asks for. The loop owns it, clears it before each call and processes exits before entries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Intents {
    /// Positions to close.
    pub exits: Vec<Exit>,
    /// Positions or orders to open.
    pub entries: Vec<Signal>,
    /// Market entries of both sides were true, so neither is here (decisions.md 27, 45): counted once for the bar.
    pub conflicting: bool,
}

impl Intents {
    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.exits.clear();
        self.entries.clear();
        self.conflicting = false;
    }

    /// Nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.exits.is_empty() && self.entries.is_empty() && !self.conflicting
    }
}
