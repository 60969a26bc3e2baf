use std::collections::VecDeque;
use std::ops::Range;
use std::time::Instant;

use super::feed::{Fed, Feed};
use super::ledger::Ledger;
use super::{Engine, Failure, OnError, Report};
use crate::comm::Bell;
use crate::{Backend, Cause, Error, Indices, Kernel, Next, Progress, Result, Sink, Work};

impl<B: Backend> Engine<'_, B> {
    /// Computes the job's items; each rank writes its own to its own `sink`. Collective.
    ///
    /// # Errors
    /// On every rank when one fails: its own error on the rank that failed, [`Error::Peer`] elsewhere;
    /// [`Error::Cancelled`]. What was finished is committed all the same.
    pub fn write<K: Kernel<B::Device>>(
        &self,
        kernel: &K,
        sink: &mut dyn Sink<K::Output>,
    ) -> Result<Report> {
        let comm = self.backend.comm();
        let feed = comm.agree(Feed::new(self, comm, kernel.len()))?;
        let (outcome, report, bell) = self.drive(kernel, sink, feed);
        bell.settle(outcome, &self.cancel)?;
        report.of_all(comm)
    }

    /// Runs this rank's items into `sink` and commits; the caller settles the outcome with the other ranks.
    pub(super) fn drive<'c, K: Kernel<B::Device>>(
        &'c self,
        kernel: &K,
        sink: &mut dyn Sink<K::Output>,
        feed: Feed<'c>,
    ) -> (Result<()>, Report, Bell<'c>) {
        let mut writing = Writing::new(self, sink, feed);
        if let Err(error) = self.backend.drive(kernel, &mut writing) {
            writing.fail(error);
        }
        writing.commit();
        let outcome = match writing.error {
            Some(error) => Err(error),
            None if writing.cancelled => Err(Error::Cancelled),
            None => Ok(()),
        };
        (outcome, writing.report, writing.bell)
    }
}

/// A run that writes, from the side of one rank.
struct Writing<'c, 's, B, O> {
    engine: &'c Engine<'c, B>,
    sink: &'s mut dyn Sink<O>,
    feed: Feed<'c>,
    /// All is dealt.
    exhausted: bool,
    /// Of leased blocks.
    ledger: Option<Ledger>,
    bell: Bell<'c>,
    /// Dealt to this rank, not done by an earlier run, and not started.
    ready: VecDeque<Range<usize>>,
    fresh: Vec<usize>,
    committed: Instant,
    total: usize,
    report: Report,
    error: Option<Error>,
    cancelled: bool,
}

impl<'c, 's, B: Backend, O> Writing<'c, 's, B, O> {
    fn new(engine: &'c Engine<'c, B>, sink: &'s mut dyn Sink<O>, feed: Feed<'c>) -> Self {
        Writing {
            engine,
            sink,
            total: feed.total(),
            ledger: feed.ledger(),
            feed,
            exhausted: false,
            bell: Bell::new(engine.backend.comm()),
            ready: VecDeque::new(),
            fresh: Vec::new(),
            committed: Instant::now(),
            report: Report::default(),
            error: None,
            cancelled: false,
        }
    }

    /// Keeps the first error and tells the others.
    fn fail(&mut self, error: Error) {
        self.bell.ring();
        self.error.get_or_insert(error);
    }

    fn stopping(&mut self) -> Result<bool> {
        if self.error.is_some() || self.cancelled {
            return Ok(true);
        }
        if self.engine.cancel.is_cancelled() {
            self.bell.ring();
            self.cancelled = true;
        }
        Ok(self.cancelled || self.bell.heard()?)
    }

    fn commit(&mut self) {
        let mut outcome = self.sink.commit(&self.fresh).map_err(Error::Sink);
        self.fresh.clear();
        self.committed = Instant::now();
        if let (Ok(()), Some(ledger)) = (&outcome, &mut self.ledger) {
            outcome = self.feed.finished(&ledger.close());
        }
        if let Err(error) = outcome {
            self.fail(error);
        }
    }

    /// An item was written or given up: who waits for the end of its block is not kept waiting.
    fn settled(&mut self, index: usize) {
        if self
            .ledger
            .as_mut()
            .is_some_and(|ledger| ledger.settled(index))
        {
            self.commit();
        }
    }

    fn observe(&self) {
        self.engine.observer.progress(Progress {
            total: self.total,
            done: self.report.done,
            skipped: self.report.skipped,
            failed: self.report.failed.len(),
        });
    }

    /// Takes up the next blocks, with about `want` items, of which some may be done already; false when there are none at
    /// this moment.
    fn refill(&mut self, want: usize) -> Result<bool> {
        let items = match self.feed.next(want)? {
            Fed::Items(items) => items,
            Fed::Wait => return Ok(false),
            Fed::Finished => {
                self.exhausted = true;
                return Ok(false);
            }
        };
        let done = self.sink.done(items.clone()).map_err(Error::Sink)?;
        let missing = done.missing(items.clone());
        if let Some(ledger) = &mut self.ledger {
            // One at a time.
            ledger.dealt(items.start / self.engine.block, &missing);
            if missing.is_empty() {
                self.feed.finished(&ledger.close())?;
            }
        }
        let skipped = items.len() - missing.iter().map(Range::len).sum::<usize>();
        self.ready.extend(missing);
        if skipped > 0 {
            self.report.skipped += skipped;
            self.observe();
        }
        Ok(true)
    }

    fn try_next(&mut self, want: usize) -> Result<Next> {
        if self.stopping()? {
            return Ok(Next::Stop);
        }
        // Also when nothing is wanted: a sink looks after its peers here.
        let mut limit = self.sink.limit().map_err(Error::Sink)?;
        let mut items = Indices::new();
        while items.len() < want {
            let left = want - items.len();
            let Some(run) = self.ready.front_mut() else {
                if !self.exhausted && self.refill(left)? {
                    // What a sink has learned of may be where it can go on to.
                    limit = self.sink.limit().map_err(Error::Sink)?;
                    continue;
                }
                break;
            };
            let end = run.end.min(run.start.saturating_add(left)).min(limit);
            if end <= run.start {
                break;
            }
            items.push(run.start..end);
            run.start = end;
            if Range::is_empty(run) {
                self.ready.pop_front();
            }
        }
        Ok(if !items.is_empty() {
            Next::Start(items)
        } else if want > 0 && self.exhausted && self.ready.is_empty() {
            Next::Finished
        } else {
            Next::Wait
        })
    }
}

impl<B: Backend, O> Work<O> for Writing<'_, '_, B, O> {
    fn next(&mut self, want: usize) -> Next {
        self.try_next(want).unwrap_or_else(|error| {
            self.fail(error);
            Next::Stop
        })
    }

    fn done(&mut self, index: usize, outcome: Result<O, Cause>) {
        match outcome {
            Ok(output) => match self.sink.write(index, output) {
                Ok(()) => {
                    self.report.done += 1;
                    self.fresh.push(index);
                    self.settled(index);
                }
                Err(cause) => self.fail(Error::Sink(cause)),
            },
            Err(cause) if self.engine.on_error == OnError::Skip => {
                self.report.failed.push(Failure {
                    index,
                    rank: self.engine.backend.comm().rank(),
                    cause: cause.to_string(),
                });
                if let Err(cause) = self.sink.failed(index) {
                    self.fail(Error::Sink(cause));
                }
                self.settled(index);
            }
            Err(cause) => self.fail(Error::Item { index, cause }),
        }
        self.observe();
        if !self.fresh.is_empty() && self.committed.elapsed() >= self.engine.checkpoint {
            self.commit();
        }
    }
}
