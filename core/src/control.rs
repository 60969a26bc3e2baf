use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A switch that ends runs early, from any thread or a signal handler. Clones are the same switch.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A switch that is off.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the runs that look at this switch: they hand out nothing more, finish what is in
    /// flight, commit, and return [`Error::Cancelled`](crate::Error::Cancelled) on every rank.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it is on.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Watches a run from this rank's side. Called on the thread that runs the engine; must be quick.
pub trait Observer {
    /// The items of this rank so far: `done` now, `skipped` because an earlier run had done them,
    /// `failed`; of `total` where that is known (with claims, `total` is that of all ranks).
    fn progress(&self, progress: Progress);
}

/// How far one rank of a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Items that will be this rank's, or all ranks' together when they claim.
    pub total: usize,
    /// Items written in this run.
    pub done: usize,
    /// Items that an earlier run had done.
    pub skipped: usize,
    /// Items that failed and were passed over.
    pub failed: usize,
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn progress(&self, _: Progress) {}
}

impl fmt::Debug for dyn Observer + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
