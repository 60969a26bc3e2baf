use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::Indices;

/// Hand-outs on their way from the calling thread to the lanes of a backend, which are threads. For
/// backends.
#[derive(Debug, Default)]
pub struct LaneQueue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Indices>,
    is_closed: bool,
}

impl LaneQueue {
    /// Nothing panics while the lock is held, so the state is whole whatever happened.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a hand-out to the next lane that is free.
    pub fn push(&self, items: Indices) {
        self.state().waiting.push_back(items);
        self.changed.notify_one();
    }

    /// The next hand-out; waits for one. `None` once the queue is closed.
    pub fn pop(&self) -> Option<Indices> {
        let mut state = self.state();
        loop {
            if state.is_closed {
                return None;
            }
            if let Some(items) = state.waiting.pop_front() {
                return Some(items);
            }
            let changed = self.changed.wait(state);
            state = changed.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes back what no lane has started, and says how many items that is.
    pub fn clear(&self) -> usize {
        let mut state = self.state();
        state.waiting.drain(..).map(|items| items.len()).sum()
    }

    /// Closes the queue when what is returned is dropped, also by a panic: the lanes always end.
    pub fn closing(&self) -> impl Drop {
        Closing(self)
    }
}

struct Closing<'q>(&'q LaneQueue);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.state().is_closed = true;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(range: std::ops::Range<usize>) -> Indices {
        let mut items = Indices::new();
        items.push(range);
        items
    }

    #[test]
    fn hand_outs_come_in_their_order_and_what_nobody_took_is_taken_back() {
        let queue = LaneQueue::default();
        queue.push(items(0..2));
        queue.push(items(2..3));
        queue.push(items(3..7));
        assert_eq!(queue.pop(), Some(items(0..2)));
        assert_eq!(queue.clear(), 5);
        assert_eq!(queue.clear(), 0);
    }

    #[test]
    fn lanes_end_when_the_queue_is_closed_whatever_waits() {
        let queue = &LaneQueue::default();
        std::thread::scope(|scope| {
            let lanes: Vec<_> = (0..3).map(|_| scope.spawn(|| queue.pop())).collect();
            let closing = queue.closing();
            queue.push(items(0..1));
            while queue.state().waiting.front().is_some() {
                std::thread::yield_now();
            }
            drop(closing);
            let popped = lanes.into_iter().filter_map(|lane| lane.join().unwrap());
            assert_eq!(popped.collect::<Vec<_>>(), [items(0..1)]);
        });
        queue.push(items(1..2));
        assert_eq!(queue.pop(), None);
    }
}
