//! Cancellation and progress of long work.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
};

/// The work was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// What the work is doing. The names are what `onProgress` reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
#[allow(missing_docs)]
pub enum Phase {
    Load = 0,
    Prepare = 1,
    Simulate = 2,
    Report = 3,
    Import = 4,
    Generate = 5,
    Inspect = 6,
}

impl Phase {
    /// The name that `onProgress` reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Prepare => "prepare",
            Self::Simulate => "simulate",
            Self::Report => "report",
            Self::Import => "import",
            Self::Generate => "generate",
            Self::Inspect => "inspect",
        }
    }

    const ALL: [Self; 7] =
        [Self::Load, Self::Prepare, Self::Simulate, Self::Report, Self::Import, Self::Generate, Self::Inspect];
}

#[derive(Debug, Default)]
struct Progress {
    phase: AtomicU32,
    done: AtomicU64,
    total: AtomicU64,
}

/// A view on one piece of long work, shared by the worker and whoever waits for it.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    cancelled: Arc<AtomicBool>,
    progress: Arc<Progress>,
}

impl Watch {
    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.cancelled.store(true, Relaxed);
    }

    /// Fails if the work was asked to stop.
    ///
    /// # Errors
    ///
    /// [`Cancelled`].
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.cancelled.load(Relaxed) { Err(Cancelled) } else { Ok(()) }
    }

    /// Enters `phase`, with `total` steps to come.
    ///
    /// # Errors
    ///
    /// [`Cancelled`].
    pub fn begin(&self, phase: Phase, total: u64) -> Result<(), Cancelled> {
        self.progress.phase.store(phase as u32, Relaxed);
        self.progress.done.store(0, Relaxed);
        self.progress.total.store(total, Relaxed);
        self.check()
    }

    /// `done` steps of the phase are done. Cheap, but not free: call it every few thousand bars.
    ///
    /// # Errors
    ///
    /// [`Cancelled`].
    pub fn advance(&self, done: u64) -> Result<(), Cancelled> {
        self.progress.done.store(done, Relaxed);
        self.check()
    }

    /// Phase, steps done, steps in all.
    pub fn progress(&self) -> (Phase, u64, u64) {
        let phase = self.progress.phase.load(Relaxed) as usize;
        (Phase::ALL[phase], self.progress.done.load(Relaxed), self.progress.total.load(Relaxed))
    }
}
