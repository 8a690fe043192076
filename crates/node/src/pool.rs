//! Who works: a few runner threads, each with a rayon pool of its own.
//!
//! A runner does one job at a time. Jobs never share a pool, so a job that waits for its own parallel part cannot be handed
//! the whole of another job meanwhile. The global rayon pool is never touched: other addons may share it.

use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use rayon::{ThreadPool, ThreadPoolBuilder};

/// What a job does when its turn comes: with a pool to do its work, or with `None` if it was cancelled or no pool could be
/// made.
pub type Begin = Box<dyn FnOnce(Option<&ThreadPool>) + Send>;

/// A job that waits for a runner.
pub struct Waiting {
    pub job: u32,
    pub threads: Option<u32>,
    pub begin: Begin,
}

struct Queue {
    waiting: VecDeque<Waiting>,
    runners: usize,
    idle: usize,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { waiting: VecDeque::new(), runners: 0, idle: 0 });
static ARRIVED: Condvar = Condvar::new();

/// Queues a job; as many run at once as there are cores.
pub fn submit(waiting: Waiting) {
    let refused = {
        let mut queue = queue();
        queue.waiting.push_back(waiting);
        if queue.idle == 0 && queue.runners < cores() {
            let name = format!("omega-job-{}", queue.runners);
            if thread::Builder::new().name(name).spawn(run).is_ok() {
                queue.runners += 1;
            }
        }
        // Without any runner nobody would ever come for it.
        if queue.runners == 0 { queue.waiting.pop_back() } else { None }
    };
    match refused {
        Some(waiting) => (waiting.begin)(None),
        None => ARRIVED.notify_one(),
    }
}

/// Takes a job that has not begun out of the queue.
pub fn withdraw(job: u32) -> Option<Waiting> {
    let mut queue = queue();
    let index = queue.waiting.iter().position(|waiting| waiting.job == job)?;
    queue.waiting.remove(index)
}

/// Number of cores, at least one.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// A runner: takes the next job, for ever. It keeps its pool as long as jobs ask for the same number of threads.
fn run() {
    let mut own: Option<(usize, ThreadPool)> = None;
    loop {
        let Waiting { threads, begin, .. } = next();
        let wanted = threads.map_or_else(cores, |n| n.clamp(1, 1_024) as usize);
        if own.as_ref().is_none_or(|(threads, _)| *threads != wanted) {
            let builder = ThreadPoolBuilder::new().num_threads(wanted).thread_name(|i| format!("omega-{i}"));
            own = builder.build().ok().map(|pool| (wanted, pool));
        }
        begin(own.as_ref().map(|(_, pool)| pool));
    }
}

fn next() -> Waiting {
    let mut queue = queue();
    loop {
        if let Some(waiting) = queue.waiting.pop_front() {
            return waiting;
        }
        queue.idle += 1;
        queue = ARRIVED.wait(queue).unwrap_or_else(PoisonError::into_inner);
        queue.idle -= 1;
    }
}

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}
