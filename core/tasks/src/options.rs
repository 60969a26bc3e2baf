use std::time::Duration;

use crate::layout::Layout;

/// States found at the start that [`next`](crate::TaskPool::next) may hand out besides open tasks:
/// each task at most once per run, unless it is opened again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ignore {
    /// Tasks that were running and are in nobody's hands.
    pub running: bool,
    /// Tasks that had failed.
    pub failed: bool,
    /// Tasks that were done.
    pub done: bool,
}

impl Ignore {
    /// How many combinations there are.
    pub(crate) const COMBINATIONS: usize = 8;

    /// Every combination.
    pub(crate) fn all() -> impl Iterator<Item = Ignore> {
        (0..Self::COMBINATIONS).map(|number| Ignore {
            running: number & 1 != 0,
            failed: number & 2 != 0,
            done: number & 4 != 0,
        })
    }

    /// Each combination's own number, 0 for none.
    pub(crate) fn number(self) -> usize {
        usize::from(self.running) + 2 * usize::from(self.failed) + 4 * usize::from(self.done)
    }
}

/// How a pool on a file system deals with the claims of others.
#[derive(Clone, Debug)]
pub struct Options {
    /// After how long without a sign of life others may take over this process's tasks. 60 s at
    /// first.
    pub lease: Duration,
    /// How long the work on a task may need to end when it has to: see
    /// [`TaskPool::holds_for`](crate::TaskPool::holds_for). Nothing at first.
    pub grace: Duration,
    /// After how many crashed attempts a task has failed. 3 at first.
    pub attempts: u32,
    /// Whether a task that is RUNNING without a claim is taken, when its state file is at least so
    /// old. Programs that make no claims leave such tasks when they crash, and have such tasks
    /// while they work. `None` at first: never.
    pub reclaim_unowned: Option<Duration>,
    /// A name for the job in claims and in the journal, for instance the number that the scheduler
    /// gave.
    pub label: String,
    /// How the directories of tasks lie, in a directory that has no task yet. Flat at first.
    pub layout: Layout,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            lease: Duration::from_mins(1),
            grace: Duration::ZERO,
            attempts: 3,
            reclaim_unowned: None,
            label: "job".to_owned(),
            layout: Layout::default(),
        }
    }
}
