use std::time::Instant;

use super::{Engine, ItemFailure, OnError, Report};
use crate::comm::Interrupt;
use crate::{Backend, Cause, Error, Progress, Result, Sink};

/// The outputs of one rank, on their way into its sink: written, committed now and then, counted;
/// and how the run ends.
pub(super) struct Outputs<'c, 's, B, O> {
    engine: &'c Engine<'c, B>,
    pub(super) sink: &'s mut dyn Sink<O>,
    interrupt: Interrupt<'c>,
    /// Written and not committed.
    fresh: Vec<usize>,
    committed: Instant,
    total: usize,
    report: Report,
    error: Option<Error>,
    cancelled: bool,
}

impl<'c, 's, B: Backend, O> Outputs<'c, 's, B, O> {
    /// Of a run that will have so many items on this rank, as far as that is known.
    pub(super) fn new(
        engine: &'c Engine<'c, B>,
        sink: &'s mut dyn Sink<O>,
        total: usize,
    ) -> Outputs<'c, 's, B, O> {
        Outputs {
            engine,
            sink,
            interrupt: Interrupt::new(engine.backend.comm()),
            fresh: Vec::new(),
            committed: Instant::now(),
            total,
            report: Report::default(),
            error: None,
            cancelled: false,
        }
    }

    /// Keeps the first error and tells the others.
    pub(super) fn fail(&mut self, error: Error) {
        self.interrupt.raise();
        self.error.get_or_insert(error);
    }

    /// Whether nothing more is to be handed out: after a failure or a cancellation, here or
    /// elsewhere.
    pub(super) fn is_stopping(&mut self) -> Result<bool> {
        if self.error.is_some() || self.cancelled {
            return Ok(true);
        }
        if self.engine.cancel.is_cancelled() {
            self.interrupt.raise();
            self.cancelled = true;
        }
        Ok(self.cancelled || self.interrupt.is_raised()?)
    }

    /// Takes an item's outcome. Returns whether it was written or given up.
    pub(super) fn take(&mut self, index: usize, outcome: Result<O, Cause>) -> bool {
        let written = match outcome {
            Ok(output) => self.sink.write(index, output).map(|()| {
                self.report.done += 1;
                self.fresh.push(index);
            }),
            Err(cause) if self.engine.on_error == OnError::Skip => {
                self.report.failed.push(ItemFailure {
                    index,
                    rank: self.engine.backend.comm().rank(),
                    cause: cause.to_string(),
                });
                self.sink.failed(index)
            }
            Err(cause) => {
                self.fail(Error::Item { index, cause });
                return false;
            }
        };
        if let Err(cause) = written {
            self.fail(Error::Sink(cause));
            return false;
        }
        true
    }

    /// One more item is there.
    pub(super) fn more(&mut self) {
        self.total += 1;
    }

    /// So many items were done by an earlier run.
    pub(super) fn skip(&mut self, items: usize) {
        if items > 0 {
            self.report.skipped += items;
            self.observe();
        }
    }

    /// Tells the observer how far the run is.
    pub(super) fn observe(&self) {
        self.engine.observer.progress(Progress {
            total: self.total,
            done: self.report.done,
            skipped: self.report.skipped,
            failed: self.report.failed.len(),
        });
    }

    /// Whether something was written and not committed.
    pub(super) fn has_fresh(&self) -> bool {
        !self.fresh.is_empty()
    }

    /// Whether it is time to commit.
    pub(super) fn is_due(&self) -> bool {
        self.has_fresh() && self.committed.elapsed() >= self.engine.checkpoint
    }

    /// Makes all that was written durable; false where that failed.
    pub(super) fn commit(&mut self) -> bool {
        let outcome = self.sink.commit(&self.fresh);
        self.fresh.clear();
        self.committed = Instant::now();
        let is_durable = outcome.is_ok();
        if let Err(cause) = outcome {
            self.fail(Error::Sink(cause));
        }
        is_durable
    }

    /// How the run ended on this rank, what it did, and the interrupt that settles it with the
    /// others.
    pub(super) fn end(self) -> (Result<()>, Report, Interrupt<'c>) {
        let outcome = match self.error {
            Some(error) => Err(error),
            None if self.cancelled => Err(Error::Cancelled),
            None => Ok(()),
        };
        (outcome, self.report, self.interrupt)
    }
}
