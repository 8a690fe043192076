//! What the manager wants done at the close of a bar.

use omega_types::{ExitReason, order::CancelCause, trade::StopKind};

/// Everything for one bar. Reused from bar to bar.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decisions {
    /// All pending orders are cancelled now, with this cause.
    pub cancel_pending: Option<CancelCause>,
    /// Positions with something to do, ascending by `position_id`.
    pub positions: Vec<Decision>,
}

impl Decisions {
    /// Back to nothing; the memory stays.
    pub fn clear(&mut self) {
        self.cancel_pending = None;
        self.positions.clear();
    }

    /// What is decided about a position, if anything.
    pub fn of(&self, position_id: u32) -> Option<&Decision> {
        self.positions.iter().find(|decision| decision.position_id == position_id)
    }
}

/// Everything for one position, conflicts resolved (execution.md 8.3). Close or scale out first, then schedule levels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// Which position.
    pub position_id: u32,
    /// All lots leave now, at the close of the closing side. Then nothing else is set.
    pub close: Option<ExitReason>,
    /// So many lots leave now, at the close of the closing side, reason `scale_out`. All open lots: the position ends.
    pub scale_out: Option<f64>,
    /// Levels from the next bar on.
    pub levels: Levels,
    /// Whatever else wants to move a level of this position on this bar is discarded too (`news_exit`, `freeze_stops`).
    pub frozen: bool,
}

impl Decision {
    /// Nothing to do.
    pub const fn nothing(position_id: u32) -> Self {
        Self { position_id, close: None, scale_out: None, levels: Levels::NONE, frozen: false }
    }

    /// Leave with all lots.
    pub(crate) const fn closing(position_id: u32, reason: ExitReason) -> Self {
        Self { close: Some(reason), ..Self::nothing(position_id) }
    }

    /// Is there nothing to do?
    pub fn is_nothing(&self) -> bool {
        *self == Self::nothing(self.position_id)
    }
}

/// New levels of a position. `None` keeps a level.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Levels {
    /// Price of the stop, and what kind of stop it is then.
    pub stop: Option<(f64, StopKind)>,
    /// Price of the target.
    pub target: Option<f64>,
}

impl Levels {
    /// Both levels stay.
    pub const NONE: Self = Self { stop: None, target: None };

    /// Do both levels stay?
    pub const fn is_empty(&self) -> bool {
        self.stop.is_none() && self.target.is_none()
    }
}
