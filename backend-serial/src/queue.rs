use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use jobwise_core::Indices;

/// Hand-outs on their way from the calling thread to the lanes.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Indices>,
    closed: bool,
}

impl Queue {
    /// Nothing panics while the lock is held, so the state is whole whatever happened.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, items: Indices) {
        self.state().waiting.push_back(items);
        self.changed.notify_one();
    }

    /// The next hand-out; waits for one. `None` once the queue is closed and empty.
    pub(crate) fn pop(&self) -> Option<Indices> {
        let mut state = self.state();
        loop {
            if let Some(items) = state.waiting.pop_front() {
                return Some(items);
            }
            if state.closed {
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes back what no lane has started.
    pub(crate) fn clear(&self) -> usize {
        self.state()
            .waiting
            .drain(..)
            .map(|items| items.len())
            .sum()
    }

    fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }
}

/// Empties and closes the queue when dropped, also by a panic: the lanes always end.
pub(crate) struct Closing<'q>(pub(crate) &'q Queue);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.clear();
        self.0.close();
    }
}
