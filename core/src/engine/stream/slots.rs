use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Cause;

/// Items between the thread that runs the engine and the lanes, by index.
pub(super) struct Slots<I>(Mutex<HashMap<usize, I>>);

impl<I> Slots<I> {
    pub(super) fn new() -> Slots<I> {
        Slots(Mutex::new(HashMap::new()))
    }

    /// Nothing panics while the lock is held.
    fn lock(&self) -> MutexGuard<'_, HashMap<usize, I>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an item where a lane finds it.
    pub(super) fn put(&self, index: usize, item: I) {
        self.lock().insert(index, item);
    }

    /// Takes an item that was put there.
    pub(super) fn take(&self, index: usize) -> Result<I, Cause> {
        let item = self.lock().remove(&index);
        item.ok_or_else(|| "the item was read twice".into())
    }
}
