//! Long work off the main thread: run, load, import. One frame for all of them.
//!
//! JavaScript opens a job, passes its number with the work, reads its progress on a timer and may cancel it. The promise
//! of the work always resolves to an [`Answer`], unless we have a bug. A worker thread that is terminated cancels its own jobs.

use std::{
    cell::OnceCell,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use napi::{Env, bindgen_prelude::Object};
use napi_derive::napi;
use omega_types::{Failure, Watch, code};
use rayon::ThreadPool;

use crate::{
    answer::{Answer, Outcome, to_json},
    pool::{Waiting, submit, withdraw},
};

struct Jobs {
    next: u32,
    open: BTreeMap<u32, Watch>,
}

static JOBS: Mutex<Jobs> = Mutex::new(Jobs { next: 1, open: BTreeMap::new() });

/// The jobs that one JavaScript environment (main thread or worker) has opened.
type Mine = Arc<Mutex<Vec<u32>>>;

thread_local! {
    static MINE: OnceCell<Mine> = const { OnceCell::new() };
}

/// Opens a job and returns its number.
#[napi(catch_unwind)]
pub fn open_job(env: Env) -> napi::Result<u32> {
    let id = {
        let mut jobs = lock(&JOBS);
        let id = jobs.next;
        jobs.next = jobs.next.wrapping_add(1).max(1);
        jobs.open.insert(id, Watch::default());
        id
    };
    lock(&*mine(&env)?).push(id);
    Ok(id)
}

/// Asks a job to stop. One that has not begun is answered at once. Unknown and finished jobs are ignored.
#[napi(catch_unwind)]
pub fn cancel_job(job: u32) {
    cancel(job);
    if let Some(waiting) = withdraw(job) {
        (waiting.begin)(None);
    }
}

/// Forgets a job, whether or not its work was ever started.
#[napi(catch_unwind)]
pub fn close_job(env: Env, job: u32) -> napi::Result<()> {
    lock(&JOBS).open.remove(&job);
    lock(&*mine(&env)?).retain(|open| *open != job);
    Ok(())
}

#[napi(object, object_from_js = false)]
pub struct JobProgress {
    pub phase: String,
    pub done: f64,
    pub total: f64,
}

/// What a job is doing; nothing once it is finished.
#[napi(catch_unwind)]
pub fn job_progress(job: u32) -> Option<JobProgress> {
    let watch = lock(&JOBS).open.get(&job)?.clone();
    let (phase, done, total) = watch.progress();
    Some(JobProgress { phase: phase.as_str().to_owned(), done: done as f64, total: total as f64 })
}

/// What a job said so far, as JSON records with their time in nanoseconds as decimal text. They are given once.
#[napi(catch_unwind)]
pub fn take_log(job: u32) -> Answer {
    at_once(|| {
        let watch = lock(&JOBS).open.get(&job).cloned().unwrap_or_default();
        let records = watch.take_log().into_iter().map(|(time_ns, record)| {
            let mut line = serde_json::json!(record);
            line["time_ns"] = serde_json::json!(time_ns.to_string());
            line
        });
        Ok(Outcome::Json(to_json(&records.collect::<Vec<_>>())))
    })
}

/// Runs `work` on a runner thread of ours, its parallel parts on `threads` threads. The promise resolves to an [`Answer`].
pub fn start<'env>(
    env: &'env Env,
    job: u32,
    threads: Option<u32>,
    work: impl FnOnce(&Watch) -> Result<Outcome, Failure> + Send + 'static,
) -> napi::Result<Object<'env>> {
    let watch = lock(&JOBS).open.get(&job).cloned().unwrap_or_default();
    let (deferred, promise) = env.create_deferred::<Answer, Box<dyn FnOnce(Env) -> napi::Result<Answer> + Send>>()?;
    let begin = Box::new(move |pool: Option<&ThreadPool>| {
        let outcome = match pool {
            Some(pool) => caught(|| pool.install(|| work(&watch))),
            None => Err(not_begun(&watch)),
        };
        deferred.resolve(Box::new(move |_env| Ok(Answer::of(outcome))));
    });
    submit(Waiting { job, threads, begin });
    Ok(promise)
}

fn not_begun(watch: &Watch) -> Failure {
    let (code, message) = match watch.check() {
        Err(_) => (code::ABORTED, "cancelled"),
        Ok(()) => (code::INTERNAL, "no thread could be started"),
    };
    Failure {
        code: code.name,
        category: code.category.as_str(),
        message: message.to_owned(),
        details: serde_json::json!({}),
        hint: None,
    }
}

/// Runs `work` here and now, on the calling thread.
pub fn at_once(work: impl FnOnce() -> Result<Outcome, Failure>) -> Answer {
    Answer::of(caught(work))
}

fn caught(work: impl FnOnce() -> Result<Outcome, Failure>) -> Result<Outcome, Failure> {
    #[cfg(feature = "forced_panic")]
    let work = || -> Result<Outcome, Failure> {
        drop(work);
        panic!("forced, to see what becomes of it")
    };
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".to_owned());
        Err(Failure {
            code: code::INTERNAL.name,
            category: code::INTERNAL.category.as_str(),
            message: format!("the core panicked: {text}"),
            details: serde_json::json!({}),
            hint: Some("this is a bug in Omega; please report it with the configuration that shows it".to_owned()),
        })
    })
}

/// The list of this environment's jobs; on its first use the environment gets a hook that cancels them when it ends.
fn mine(env: &Env) -> napi::Result<Mine> {
    MINE.with(|cell| {
        if let Some(mine) = cell.get() {
            return Ok(Arc::clone(mine));
        }
        let mine: Mine = Arc::default();
        let weak: Weak<Mutex<Vec<u32>>> = Arc::downgrade(&mine);
        env.add_env_cleanup_hook(weak, |weak| {
            if let Some(mine) = weak.upgrade() {
                let jobs = std::mem::take(&mut *lock(&*mine));
                jobs.into_iter().for_each(cancel);
            }
        })?;
        Ok(Arc::clone(cell.get_or_init(|| mine)))
    })
}

fn cancel(job: u32) {
    if let Some(watch) = lock(&JOBS).open.get(&job) {
        watch.cancel();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
