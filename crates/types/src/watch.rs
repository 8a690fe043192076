//! Cancellation, progress and observation of long work.

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
};

use crate::log::{Level, LogRecord};

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
    Resample = 7,
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
            Self::Resample => "resample",
        }
    }

    const ALL: [Self; 8] = [
        Self::Load,
        Self::Prepare,
        Self::Simulate,
        Self::Report,
        Self::Import,
        Self::Generate,
        Self::Inspect,
        Self::Resample,
    ];
}

#[derive(Debug, Default)]
struct Progress {
    phase: AtomicU32,
    done: AtomicU64,
    total: AtomicU64,
}

/// A part of the work whose time is told apart from that of its phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Part {
    /// Computing the columns of indicators.
    Indicators = 0,
}

/// Somebody who wants to know how the work goes, with a clock of their own: the crates below `node` have none.
#[derive(Debug)]
pub struct Observer {
    /// Nanoseconds since the epoch; never goes back.
    now_ns: fn() -> u64,
    /// The least important records that are kept; `None`: no record is.
    level: Option<Level>,
    records: Mutex<Vec<(u64, LogRecord)>>,
    parts: [AtomicU64; 1],
}

impl Observer {
    /// Keeps records up to `level`, each stamped by `now_ns`.
    pub const fn new(now_ns: fn() -> u64, level: Option<Level>) -> Self {
        Self { now_ns, level, records: Mutex::new(Vec::new()), parts: [AtomicU64::new(0)] }
    }
}

/// A view on one piece of long work, shared by the worker and whoever waits for it.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    cancelled: Arc<AtomicBool>,
    progress: Arc<Progress>,
    observer: Arc<OnceLock<Observer>>,
}

impl Watch {
    /// A view for a part of the work that counts steps of its own: cancelled together, its progress not shown.
    pub fn without_progress(&self) -> Self {
        let Self { cancelled, observer, .. } = self;
        Self { cancelled: Arc::clone(cancelled), progress: Arc::default(), observer: Arc::clone(observer) }
    }

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
    /// Lets `observer` watch the work from now on. The first one stays.
    pub fn observe(&self, observer: Observer) {
        let _ = self.observer.set(observer);
    }

    /// Keeps what `record` gives if somebody wants records of `level`; otherwise nothing is made.
    pub fn log(&self, level: Level, record: impl FnOnce() -> LogRecord) {
        if let Some(observer) = self.observer.get()
            && observer.level.is_some_and(|most| level <= most)
        {
            let stamped = ((observer.now_ns)(), record());
            observer.records.lock().unwrap_or_else(PoisonError::into_inner).push(stamped);
        }
    }

    /// Does somebody want records of `level`?
    pub fn logs(&self, level: Level) -> bool {
        self.observer.get().is_some_and(|observer| observer.level.is_some_and(|most| level <= most))
    }

    /// The records so far, each with its time in nanoseconds since the epoch. They are given once.
    pub fn take_log(&self) -> Vec<(u64, LogRecord)> {
        let records = self.observer.get().map(|observer| observer.records.lock());
        records.map(|records| std::mem::take(&mut *records.unwrap_or_else(PoisonError::into_inner))).unwrap_or_default()
    }

    /// Does `work` and adds the time it takes to `part`. Without an observer no clock is read.
    pub fn measured<T>(&self, part: Part, work: impl FnOnce() -> T) -> T {
        let Some(observer) = self.observer.get() else { return work() };
        let before = (observer.now_ns)();
        let done = work();
        observer.parts[part as usize].fetch_add((observer.now_ns)().saturating_sub(before), Relaxed);
        done
    }

    /// Nanoseconds that `part` took so far; 0 without an observer.
    pub fn spent_ns(&self, part: Part) -> u64 {
        self.observer.get().map_or(0, |observer| observer.parts[part as usize].load(Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::log::{Component, RunPhase};

    /// A clock that ticks by ten with every look.
    fn ticking() -> u64 {
        static TICKS: AtomicU64 = AtomicU64::new(0);
        10 * TICKS.fetch_add(1, Relaxed)
    }

    fn record(level: Level) -> LogRecord {
        LogRecord::new(level, Component::Execution, RunPhase::Loop, "said", json!({ "n": 1 }))
    }

    #[test]
    fn records_are_kept_up_to_the_level_in_their_order_and_given_once() {
        let watch = Watch::default();
        watch.log(Level::Error, || unreachable!("nobody listens"));
        watch.observe(Observer::new(ticking, Some(Level::Info)));
        // A view of the same work speaks to the same observer.
        let part = watch.without_progress();
        for level in [Level::Warn, Level::Debug, Level::Info, Level::Trace, Level::Error] {
            part.log(level, || record(level));
        }
        let log = watch.take_log();
        let levels: Vec<_> = log.iter().map(|(_, record)| record.level).collect();
        assert_eq!(levels, [Level::Warn, Level::Info, Level::Error]);
        assert!(log.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(watch.take_log().is_empty() && watch.logs(Level::Info) && !watch.logs(Level::Debug));
    }

    #[test]
    fn an_observer_without_a_level_measures_and_keeps_no_record() {
        let watch = Watch::default();
        assert_eq!((watch.measured(Part::Indicators, || 7), watch.spent_ns(Part::Indicators)), (7, 0));
        watch.observe(Observer::new(ticking, None));
        watch.log(Level::Error, || unreachable!("no level"));
        watch.measured(Part::Indicators, || ());
        assert!(watch.spent_ns(Part::Indicators) >= 10);
    }

    #[test]
    fn a_part_without_progress_is_cancelled_with_the_whole_and_moves_no_bar() {
        let whole = Watch::default();
        whole.begin(Phase::Load, 4).unwrap();
        whole.advance(3).unwrap();
        let part = whole.without_progress();
        part.begin(Phase::Load, 2).unwrap();
        part.advance(1).unwrap();
        assert_eq!(whole.progress(), (Phase::Load, 3, 4));
        assert_eq!(part.progress(), (Phase::Load, 1, 2));
        whole.cancel();
        assert_eq!(part.check(), Err(Cancelled));
    }
}
