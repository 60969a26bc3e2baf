use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TryRecvError};

use crate::comm::Backoff;
use crate::{Cause, panics};

/// Items that come one after the other, of a number that nobody knows beforehand: what
/// [`Engine::stream`](crate::Engine::stream) computes.
pub trait Feed<I> {
    /// What has come. Called on the thread that runs the engine, only while there is room for an
    /// item, and not again after the end. It returns within milliseconds: what takes longer is read
    /// [ahead](read_ahead).
    ///
    /// # Errors
    /// Whatever ends the stream early; the run ends on every rank.
    fn poll(&mut self) -> Result<Arrival<I>, Cause>;
}

impl<I, F: Feed<I> + ?Sized> Feed<I> for &mut F {
    fn poll(&mut self) -> Result<Arrival<I>, Cause> {
        (**self).poll()
    }
}

/// What a [`Feed`] has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival<I> {
    /// An item with its index, which is larger than all earlier ones of this feed and comes from no
    /// other feed.
    Item(usize, I),
    /// Something that every rank that computes is told before any later item of this feed, by a
    /// [`NoticeHandler`](crate::NoticeHandler).
    Notice(Vec<u8>),
    /// Nothing at this moment.
    Wait,
    /// Nothing more will come.
    End,
}

/// Reads `feed` on a thread of its own, at most `depth` items ahead of what `body` takes (and one
/// that waits for room).
pub fn read_ahead<I: Send, R>(
    feed: impl Feed<I> + Send,
    depth: usize,
    body: impl FnOnce(&mut dyn Feed<I>) -> R,
) -> R {
    let is_over = &AtomicBool::new(false);
    let (sender, receiver) = mpsc::sync_channel(depth.max(1));
    std::thread::scope(|scope| {
        scope.spawn(move || read(feed, &sender, is_over));
        let mut ahead = Ahead { receiver, is_over };
        body(&mut ahead)
    })
}

fn read<I>(
    mut feed: impl Feed<I>,
    sender: &SyncSender<Result<Arrival<I>, Cause>>,
    is_over: &AtomicBool,
) {
    let mut backoff = Backoff::new();
    while !is_over.load(Ordering::Relaxed) {
        let arrival = panics::caught(|| feed.poll()).unwrap_or_else(|panic| Err(panic.into()));
        if matches!(arrival, Ok(Arrival::Wait)) {
            backoff.snooze();
            continue;
        }
        backoff = Backoff::new();
        let is_last = matches!(arrival, Ok(Arrival::End) | Err(_));
        // Nobody receives any more when the run is over.
        if sender.send(arrival).is_err() || is_last {
            return;
        }
    }
}

/// The receiving end.
struct Ahead<'a, I> {
    receiver: Receiver<Result<Arrival<I>, Cause>>,
    is_over: &'a AtomicBool,
}

impl<I> Feed<I> for Ahead<'_, I> {
    fn poll(&mut self) -> Result<Arrival<I>, Cause> {
        match self.receiver.try_recv() {
            Ok(arrival) => arrival,
            Err(TryRecvError::Empty) => Ok(Arrival::Wait),
            Err(TryRecvError::Disconnected) => Ok(Arrival::End),
        }
    }
}

impl<I> Drop for Ahead<'_, I> {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
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
