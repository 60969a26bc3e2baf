//! Panics of kernels become errors of their item.
//!
//! A panic hook sees every panic, also those that are caught here. A launcher whose hook ends the
//! process on a panic must leave the caught ones alone: it asks [`is_caught`].

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
}

/// The message of a panic that was caught.
#[derive(Clone, Debug)]
pub struct Panicked(String);

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked: {}", self.0)
    }
}

impl std::error::Error for Panicked {}

/// Whether a panic on this thread, now, would be caught and become an item's error.
pub fn is_caught() -> bool {
    CATCHING.get()
}

/// Runs `body`; a panic inside becomes an error. What `body` borrowed mutably may be half changed
/// then.
///
/// # Errors
/// When `body` panicked.
pub fn caught<R>(body: impl FnOnce() -> R) -> Result<R, Panicked> {
    let outer = CATCHING.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(body));
    CATCHING.set(outer);
    outcome.map_err(|payload| Panicked(message(payload.as_ref())))
}

fn message(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "no message".to_owned()
    }
}
