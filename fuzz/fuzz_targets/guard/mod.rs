//! Between libFuzzer and a target.

use std::{
    panic::{self, AssertUnwindSafe},
    process,
    sync::{Mutex, Once, PoisonError},
};

use omega_fuzz::Target;

static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// Runs a target. The loader catches panics of the Parquet decoder, so a panic counts only if it leaves the target.
pub fn run(target: Target, data: &[u8]) {
    static START: Once = Once::new();
    START.call_once(start);
    if panic::catch_unwind(AssertUnwindSafe(|| target(data))).is_err() {
        eprintln!("{}", LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner));
        process::abort();
    }
}

/// One thread does everything, and a panic is remembered: libFuzzer's own hook would abort at once.
fn start() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
    pool.build_global().expect("nothing has started the pool before");
    panic::set_hook(Box::new(|panic| {
        *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = panic.to_string();
    }));
}
