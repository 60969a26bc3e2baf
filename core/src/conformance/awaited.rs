use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::Backoff;

/// Makes the first computation of a rank last until another item is read, so that the two meet
/// whatever the time they take; or until it is plain that none will be.
#[derive(Debug, Default)]
pub(super) struct AwaitedRead {
    has_begun: AtomicBool,
    has_come: AtomicBool,
}

impl AwaitedRead {
    /// Far longer than a lane needs to go on to its next item.
    const MOST: Duration = Duration::from_secs(5);

    /// Waits in the first computation; `reads` counts how often each item was read.
    pub(super) fn wait(&self, reads: &[AtomicU64]) {
        if self.has_begun.swap(true, Ordering::SeqCst) {
            return;
        }
        let before = total(reads);
        let mut backoff = Backoff::new();
        while backoff.so_far() < Self::MOST {
            if total(reads) > before {
                return self.has_come.store(true, Ordering::SeqCst);
            }
            backoff.snooze();
        }
    }

    /// Whether an item was read while the first one was computed.
    pub(super) fn has_come(&self) -> bool {
        self.has_come.load(Ordering::SeqCst)
    }
}

fn total(counts: &[AtomicU64]) -> u64 {
    counts.iter().map(|n| n.load(Ordering::SeqCst)).sum()
}
