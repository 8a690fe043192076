//! What was refused, in numbers. Texts are made when somebody reads them.

use omega_types::{
    Bar,
    trade::{Rejection, RejectionCode},
};

/// The refused signals of one run, in the order in which they were refused, and a count per code.
#[derive(Debug, Clone, PartialEq)]
pub struct Journal {
    rejections: Vec<Rejection>,
    counts: [u64; RejectionCode::ALL.len()],
}

impl Journal {
    /// An empty journal with room for `capacity` entries.
    pub fn new(capacity: usize) -> Self {
        Self { rejections: Vec::with_capacity(capacity), counts: [0; RejectionCode::ALL.len()] }
    }

    /// Writes down a refusal.
    pub fn refuse(&mut self, order_id: Option<u32>, bar: Bar, reason: RejectionCode, figure: f64) {
        self.rejections.push(Rejection { order_id, bar, reason, figure });
        self.counts[reason as usize] += 1;
    }

    /// Every refusal.
    pub fn rejections(&self) -> &[Rejection] {
        &self.rejections
    }

    /// Code and count of everything that was refused at least once, in the order of the codes' names.
    pub fn counts(&self) -> Vec<(RejectionCode, u64)> {
        let mut counts: Vec<_> = RejectionCode::ALL
            .iter()
            .map(|&code| (code, self.counts[code as usize]))
            .filter(|&(_, count)| count > 0)
            .collect();
        counts.sort_by_key(|(code, _)| code.as_str());
        counts
    }
}
