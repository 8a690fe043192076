//! What every error has to be.

use omega_types::{Coded, Failure};

/// A user can read the error: it has a code and a message, and it can be passed on as JSON.
///
/// # Panics
///
/// If it is not so.
pub fn sound(error: &dyn Coded) {
    let failure = Failure::of(error);
    assert!(!failure.code.is_empty() && !failure.message.trim().is_empty(), "an error without a word: {failure:?}");
    assert_ne!(failure.code, "INTERNAL", "an error of our own making: {failure:?}");
    let text = serde_json::to_string(&failure).expect("a failure is JSON");
    assert!(text.len() < 200_000, "an error of {} bytes: {}", text.len(), failure.code);
}
