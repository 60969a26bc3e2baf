//! Warnings that are said once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Warns once for all ranks, and however often it is asked for.
pub(crate) fn warn(object: impl AsRef<str>, what: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let text = format!("{}: {what}", object.as_ref());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if jobwise_kit::is_first_rank() && said.insert(text.clone()) {
        log::warn!("{text}");
    }
}
