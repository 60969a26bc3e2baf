use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::comm::Backoff;
use crate::{Arrival, Cause, Feed, panics};

/// Reads `feed` on a thread of its own, at most twice `depth` items ahead of what `body` takes (and
/// one that waits for room).
pub fn read_ahead<I: Send, R>(
    feed: impl Feed<I> + Send,
    depth: usize,
    body: impl FnOnce(&mut dyn Feed<I>) -> R,
) -> R {
    let buffer = &Buffer {
        state: Mutex::new(State {
            arrivals: VecDeque::new(),
            is_over: false,
        }),
        room: Condvar::new(),
        depth: depth.max(1),
    };
    std::thread::scope(|scope| {
        scope.spawn(move || buffer.fill(feed));
        let mut ahead = Ahead {
            buffer,
            taken: VecDeque::new(),
        };
        body(&mut ahead)
    })
}

/// What was read and not taken yet. It is taken all at once, so that the two threads seldom meet.
struct Buffer<I> {
    state: Mutex<State<I>>,
    /// There is room, or the run is over.
    room: Condvar,
    depth: usize,
}

struct State<I> {
    arrivals: VecDeque<Result<Arrival<I>, Cause>>,
    is_over: bool,
}

impl<I> Buffer<I> {
    /// Nothing panics while the lock is held.
    fn lock(&self) -> MutexGuard<'_, State<I>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self, mut feed: impl Feed<I>) {
        let mut backoff = Backoff::new();
        while !self.lock().is_over {
            let arrival = panics::caught(|| feed.poll()).unwrap_or_else(|panic| Err(panic.into()));
            if matches!(arrival, Ok(Arrival::Wait)) {
                backoff.snooze();
                continue;
            }
            backoff = Backoff::new();
            let is_last = matches!(arrival, Ok(Arrival::End) | Err(_));
            let is_full =
                |state: &mut State<I>| !state.is_over && state.arrivals.len() >= self.depth;
            let waited = self.room.wait_while(self.lock(), is_full);
            let mut state = waited.unwrap_or_else(PoisonError::into_inner);
            state.arrivals.push_back(arrival);
            if is_last {
                return;
            }
        }
    }
}

/// The receiving end.
struct Ahead<'a, I> {
    buffer: &'a Buffer<I>,
    taken: VecDeque<Result<Arrival<I>, Cause>>,
}

impl<I> Feed<I> for Ahead<'_, I> {
    fn poll(&mut self) -> Result<Arrival<I>, Cause> {
        if self.taken.is_empty() {
            std::mem::swap(&mut self.taken, &mut self.buffer.lock().arrivals);
            if self.taken.len() >= self.buffer.depth {
                self.buffer.room.notify_one();
            }
        }
        self.taken.pop_front().unwrap_or(Ok(Arrival::Wait))
    }
}

impl<I> Drop for Ahead<'_, I> {
    fn drop(&mut self) {
        self.buffer.lock().is_over = true;
        self.buffer.room.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Numbers(usize);

    impl Feed<usize> for Numbers {
        fn poll(&mut self) -> Result<Arrival<usize>, Cause> {
            self.0 += 1;
            match self.0 {
                4 => Ok(Arrival::Wait),
                5 => Ok(Arrival::Notice(vec![5])),
                6 => Err("the sixth".into()),
                number => Ok(Arrival::Item(number, 10 * number)),
            }
        }
    }

    #[test]
    fn what_is_read_ahead_comes_in_order_with_its_error() {
        let mut seen = Vec::new();
        let error = read_ahead(Numbers(0), 2, |feed| {
            loop {
                match feed.poll() {
                    Ok(Arrival::Item(index, item)) => seen.push((index, item)),
                    Ok(Arrival::Notice(notice)) => seen.push((usize::from(notice[0]), 0)),
                    Ok(Arrival::Wait) => std::thread::yield_now(),
                    Ok(Arrival::End) => return None,
                    Err(cause) => return Some(cause.to_string()),
                }
            }
        });
        assert_eq!(error.as_deref(), Some("the sixth"));
        assert_eq!(seen, [(1, 10), (2, 20), (3, 30), (5, 0)]);
    }

    #[test]
    fn a_reader_ends_with_its_run() {
        struct Endless;
        impl Feed<()> for Endless {
            fn poll(&mut self) -> Result<Arrival<()>, Cause> {
                Ok(Arrival::Item(0, ()))
            }
        }
        struct Silent;
        impl Feed<()> for Silent {
            fn poll(&mut self) -> Result<Arrival<()>, Cause> {
                Ok(Arrival::Wait)
            }
        }
        read_ahead(Endless, 1, |feed| feed.poll().map(drop)).unwrap();
        read_ahead(Silent, 1, |feed| feed.poll().map(drop)).unwrap();
    }
}
