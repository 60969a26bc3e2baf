//! Deals a kernel's items to the lanes and ranks of a backend and brings the outputs where they
//! belong.

mod assignment;
mod collect;
mod ledger;
mod outputs;
mod reduce;
mod report;
mod root;
mod stream;
mod write;

pub use report::{ItemFailure, Report};
pub use stream::{Dealing, Notice, NoticeHandler};

use std::time::Duration;

use crate::{Backend, Cancel, Division, Error, Job, Layout, Observer, Result, Unobserved};

/// What happens when an item fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The run ends on every rank; what is finished is committed.
    #[default]
    Stop,
    /// The item is listed in the report and the run goes on. A resumed run tries it again.
    Skip,
}

/// A run to be: a backend and how to divide, order, watch and end the work on it.
///
/// The ways to run it, [`write`](Engine::write), [`write_at_root`](Engine::write_at_root),
/// [`reduce`](Engine::reduce), [`collect`](Engine::collect) and [`stream`](Engine::stream), are
/// collective: all ranks call them with the same settings and equal workloads.
#[derive(Clone, Debug)]
pub struct Engine<'a, B> {
    backend: &'a B,
    job: Job,
    layout: Layout,
    division: Division<'a>,
    block: usize,
    dealing: Dealing,
    on_error: OnError,
    cancel: Cancel,
    observer: &'a dyn Observer,
    checkpoint: Duration,
}

impl<'a, B: Backend> Engine<'a, B> {
    /// Everything, contiguous and static, in blocks of one item, ending at the first error,
    /// committing every 30 s.
    pub fn new(backend: &'a B) -> Self {
        Engine {
            backend,
            job: Job::WHOLE,
            layout: Layout::default(),
            division: Division::default(),
            block: 1,
            dealing: Dealing::default(),
            on_error: OnError::default(),
            cancel: Cancel::default(),
            observer: &Unobserved,
            checkpoint: Duration::from_secs(30),
        }
    }

    /// Works on this part of the blocks only.
    #[must_use]
    pub fn job(mut self, job: Job) -> Self {
        self.job = job;
        self
    }

    /// How the blocks are dealt to jobs and, if the division is static, to the ranks within a job.
    #[must_use]
    pub fn layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    /// How the job's blocks are dealt to the ranks.
    #[must_use]
    pub fn division(mut self, division: Division<'a>) -> Self {
        self.division = division;
        self
    }

    /// The width of a block in items: a block goes to one rank whole, and is the leaf of a
    /// reduction. At least 1.
    #[must_use]
    pub fn block(mut self, width: usize) -> Self {
        self.block = width.max(1);
        self
    }

    /// Which rank an item of a [`stream`](Engine::stream) goes to.
    #[must_use]
    pub fn dealing(mut self, dealing: Dealing) -> Self {
        self.dealing = dealing;
        self
    }

    /// What happens when an item fails. A reduction always stops: it has no value without the item.
    #[must_use]
    pub fn on_error(mut self, policy: OnError) -> Self {
        self.on_error = policy;
        self
    }

    /// The switch that ends the run early.
    #[must_use]
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Who watches the run.
    #[must_use]
    pub fn observer(mut self, observer: &'a dyn Observer) -> Self {
        self.observer = observer;
        self
    }

    /// That the outputs of this run are all here, for the ways that bring them together.
    fn is_whole(&self) -> Result<()> {
        if self.division.is_leased() {
            return Err(Error::Program(
                "a leased division leaves outputs with several processes, and this needs all of \
                 them"
                    .into(),
            ));
        }
        Ok(())
    }

    /// The time between commits. Zero commits after every item.
    #[must_use]
    pub fn checkpoint(mut self, every: Duration) -> Self {
        self.checkpoint = every;
        self
    }
}
