//! Reading while computing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::{Error, Result};

/// Reads items before they are asked for, on threads of its own, a bounded number in advance.
///
/// Which will be asked for is a guess: those that follow the last one in a given order. A wrong
/// guess costs a read, never a result: what was not read in advance is read by who asks. What an
/// item's reading meets, errors too, is told to who asks for that item.
pub(super) struct Ahead<T> {
    shared: Arc<Shared<T>>,
    readers: Vec<JoinHandle<()>>,
}

type Read<T> = dyn Fn(usize) -> Result<T> + Send + Sync;
type Follow = dyn Fn(usize) -> Option<usize> + Send + Sync;

struct Shared<T> {
    read: Box<Read<T>>,
    /// The item that follows one.
    follow: Box<Follow>,
    depth: usize,
    lanes: usize,
    state: Mutex<State<T>>,
    /// The lanes wait for this.
    is_read: Condvar,
    /// The readers wait for this.
    is_wanted: Condvar,
}

struct State<T> {
    /// What will be read next, in this order.
    planned: VecDeque<usize>,
    reading: BTreeSet<usize>,
    ready: BTreeMap<usize, Result<T>>,
    /// The last item asked for.
    latest: Option<usize>,
    /// What lanes wait for.
    wanted: BTreeSet<usize>,
    is_closed: bool,
}

impl<T> State<T> {
    /// Makes room for what a lane waits for: it was wrong to guess what nobody has asked for yet.
    fn drop_oldest(&mut self) {
        let mut ready = self.ready.keys();
        if let Some(index) = ready.find(|i| !self.wanted.contains(i)).copied() {
            self.ready.remove(&index);
        }
    }
}

impl<T: Send + 'static> Ahead<T> {
    /// Reads up to `depth` items in advance, on `readers` threads, for who asks for `lanes` items
    /// at a time. Reading begins with the first item asked for; `follow` ascends.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub(super) fn new(
        depth: usize,
        lanes: usize,
        readers: usize,
        follow: impl Fn(usize) -> Option<usize> + Send + Sync + 'static,
        read: impl Fn(usize) -> Result<T> + Send + Sync + 'static,
    ) -> Result<Ahead<T>> {
        let shared = Arc::new(Shared {
            read: Box::new(read),
            follow: Box::new(follow),
            depth,
            lanes,
            state: Mutex::new(State {
                planned: VecDeque::new(),
                reading: BTreeSet::new(),
                ready: BTreeMap::new(),
                latest: None,
                wanted: BTreeSet::new(),
                is_closed: false,
            }),
            is_read: Condvar::new(),
            is_wanted: Condvar::new(),
        });
        // What was started ends with it, also when there are no more.
        let mut ahead = Ahead {
            shared,
            readers: Vec::new(),
        };
        for _ in 0..readers {
            let its = Arc::clone(&ahead.shared);
            let reader = std::thread::Builder::new()
                .name("reader".to_owned())
                .spawn(move || its.read_all())
                .map_err(|e| Error::Request(format!("cannot start a thread that reads: {e}")))?;
            ahead.readers.push(reader);
        }
        Ok(ahead)
    }

    /// The item, read already or now.
    ///
    /// # Errors
    /// Those of its reading.
    pub(super) fn take(&self, index: usize) -> Result<T> {
        match self.shared.wait_for(index) {
            Some(item) => item,
            None => (self.shared.read)(index),
        }
    }
}

impl<T> Drop for Ahead<T> {
    /// Ends the threads, after what they are reading.
    fn drop(&mut self) {
        self.shared.close();
        for reader in self.readers.drain(..) {
            // It has nothing to tell: a panic of a reading closed the state, and who asked next met
            // it again.
            let _ = reader.join();
        }
    }
}

impl<T> fmt::Debug for Ahead<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ahead")
            .field("depth", &self.shared.depth)
            .finish_non_exhaustive()
    }
}

impl<T> Shared<T> {
    /// Readings happen outside the lock, so the state is whole whatever happened.
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.state().is_closed = true;
        self.is_read.notify_all();
        self.is_wanted.notify_all();
    }

    /// An item that was, is being or will be read in advance; `None` if it is not.
    fn wait_for(&self, index: usize) -> Option<Result<T>> {
        let mut state = self.state();
        let is_behind = state.latest.is_some_and(|latest| index < latest);
        state.latest = state.latest.max(Some(index));
        loop {
            state.wanted.remove(&index);
            if let Some(item) = state.ready.remove(&index) {
                self.is_wanted.notify_all();
                return Some(item);
            }
            if state.is_closed {
                return None;
            }
            if !state.reading.contains(&index) && !state.planned.contains(&index) {
                // Lanes may overtake each other: what comes late does not turn the order back.
                if !is_behind {
                    self.begin_after(index, &mut state);
                    self.is_read.notify_all();
                    self.is_wanted.notify_all();
                }
                return None;
            }
            state.wanted.insert(index);
            self.is_wanted.notify_all();
            let read = self.is_read.wait(state);
            state = read.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Guesses anew.
    fn begin_after(&self, index: usize, state: &mut State<T>) {
        state.planned.clear();
        state.ready.clear();
        state.reading.clear();
        self.plan_after(index, state);
    }

    /// Plans as far as the lanes may ask while `depth` items are ready.
    fn plan_after(&self, index: usize, state: &mut State<T>) {
        let mut last = state.planned.back().copied().unwrap_or(index);
        while state.planned.len() < self.depth + self.lanes
            && let Some(next) = (self.follow)(last)
        {
            state.planned.push_back(next);
            last = next;
        }
    }

    /// A thread that reads, until the state is closed.
    fn read_all(&self) {
        let _closing = Closing(self);
        let mut state = self.state();
        while !state.is_closed {
            // What others are reading will be ready too.
            let is_full = state.ready.len() + state.reading.len() >= self.depth;
            let is_wanted = state.wanted.iter().any(|i| state.planned.contains(i));
            if state.planned.is_empty() || (is_full && !is_wanted) {
                let woken = self.is_wanted.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            if is_full {
                state.drop_oldest();
            }
            let Some(index) = state.planned.pop_front() else {
                continue;
            };
            self.plan_after(index, &mut state);
            state.reading.insert(index);
            drop(state);
            let item = (self.read)(index);
            state = self.state();
            // Else it was given up in the meantime.
            if state.reading.remove(&index) {
                state.ready.insert(index, item);
                self.is_read.notify_all();
            }
        }
    }
}

/// Closes when dropped, also by a panic: nobody waits for a reader that is gone.
struct Closing<'s, T>(&'s Shared<T>);

impl<T> Drop for Closing<'_, T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
#[path = "ahead/tests.rs"]
mod tests;
