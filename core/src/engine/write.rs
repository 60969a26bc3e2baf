use std::collections::VecDeque;
use std::ops::Range;

use super::assignment::{Assigned, Assignment};
use super::ledger::Ledger;
use super::outputs::Outputs;
use super::{Engine, Report};
use crate::comm::Interrupt;
use crate::{Backend, Cause, Error, Indices, Kernel, Next, Result, Scheduler, Sink, Workload};

impl<B: Backend> Engine<'_, B> {
    /// Computes the job's items; each rank writes its own to its own `sink`. Collective.
    ///
    /// # Errors
    /// On every rank when one fails: its own error on the rank that failed, [`Error::Peer`]
    /// elsewhere; [`Error::Cancelled`]. What was finished is committed all the same.
    pub fn write<K: Kernel<B::Device> + Workload>(
        &self,
        kernel: &K,
        sink: &mut dyn Sink<K::Output>,
    ) -> Result<Report> {
        let comm = self.backend.comm();
        let assignment = comm.agree(Assignment::new(self, comm, kernel.len()))?;
        let (outcome, report, interrupt) = self.drive(kernel, sink, assignment);
        interrupt.settle(outcome, &self.cancel)?;
        report.of_all(comm)
    }

    /// Runs this rank's items into `sink` and commits; the caller settles the outcome with the
    /// other ranks.
    pub(super) fn drive<'c, K: Kernel<B::Device> + Workload>(
        &'c self,
        kernel: &K,
        sink: &mut dyn Sink<K::Output>,
        assignment: Assignment<'c>,
    ) -> (Result<()>, Report, Interrupt<'c>) {
        let mut writing = Writing {
            outputs: Outputs::new(self, sink, assignment.total()),
            ledger: assignment.ledger(),
            assignment,
            width: self.block,
            exhausted: false,
            ready: VecDeque::new(),
        };
        let read = |index| kernel.read(index);
        if let Err(error) = self.backend.drive(kernel, &read, &mut writing) {
            writing.outputs.fail(error);
        }
        writing.commit();
        writing.outputs.end()
    }
}

/// A run that writes, from the side of one rank.
struct Writing<'c, 's, B, O> {
    outputs: Outputs<'c, 's, B, O>,
    assignment: Assignment<'c>,
    /// Of a block, in items.
    width: usize,
    /// All is dealt.
    exhausted: bool,
    /// Of leased blocks.
    ledger: Option<Ledger>,
    /// Dealt to this rank, not done by an earlier run, and not started.
    ready: VecDeque<Range<usize>>,
}

impl<B: Backend, O> Writing<'_, '_, B, O> {
    fn commit(&mut self) {
        if self.outputs.commit()
            && let Some(ledger) = &mut self.ledger
            && let Err(error) = self.assignment.finished(&ledger.close())
        {
            self.outputs.fail(error);
        }
    }

    /// Takes up the next blocks, with about `want` items, of which some may be done already; false
    /// when there are none at this moment.
    fn refill(&mut self, want: usize) -> Result<bool> {
        let items = match self.assignment.next(want)? {
            Assigned::Items(items) => items,
            Assigned::Done(items) => {
                self.outputs.skip(items.len());
                return Ok(true);
            }
            Assigned::Wait => return Ok(false),
            Assigned::Finished => {
                self.exhausted = true;
                return Ok(false);
            }
        };
        let done = self.outputs.sink.done(items.clone());
        let missing = done.map_err(Error::Sink)?.missing(items.clone());
        if let Some(ledger) = &mut self.ledger {
            // One at a time.
            ledger.dealt(items.start / self.width, &missing);
            if missing.is_empty() {
                self.assignment.finished(&ledger.close())?;
            }
        }
        let skipped = items.len() - missing.iter().map(Range::len).sum::<usize>();
        self.ready.extend(missing);
        self.outputs.skip(skipped);
        Ok(true)
    }

    fn try_next(&mut self, want: usize) -> Result<Next> {
        if self.outputs.is_stopping()? {
            return Ok(Next::Stop);
        }
        let mut items = Indices::new();
        let mut left = want;
        let mut limit = None;
        while left > 0 {
            let Some(run) = self.ready.front_mut() else {
                if !self.exhausted && self.refill(left)? {
                    // A sink that has learned of more may go further.
                    limit = None;
                    continue;
                }
                break;
            };
            let limit = match limit {
                Some(limit) => limit,
                None => *limit.insert(self.outputs.sink.limit().map_err(Error::Sink)?),
            };
            let end = run.end.min(run.start.saturating_add(left)).min(limit);
            if end <= run.start {
                break;
            }
            left -= end - run.start;
            items.push(run.start..end);
            run.start = end;
            if Range::is_empty(run) {
                self.ready.pop_front();
            }
        }
        if limit.is_none() {
            // Also when nothing is handed out: a sink looks after its peers here.
            self.outputs.sink.limit().map_err(Error::Sink)?;
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

impl<B: Backend, O> Scheduler<O> for Writing<'_, '_, B, O> {
    fn next(&mut self, want: usize) -> Next {
        let next = self.try_next(want).unwrap_or_else(|error| {
            self.outputs.fail(error);
            Next::Stop
        });
        // What is finished is kept, also where an item at work takes longer than the others wait.
        if matches!(next, Next::Stop) && self.outputs.has_fresh() {
            self.commit();
        }
        next
    }

    fn done(&mut self, index: usize, outcome: Result<O, Cause>) {
        let is_written = outcome.is_ok();
        let is_settled = self.outputs.take(index, outcome);
        // Who waits for the end of a block is not kept waiting.
        let ends_block = |ledger: &mut Ledger| ledger.settled(index, is_written);
        if is_settled && self.ledger.as_mut().is_some_and(ends_block) {
            self.commit();
        }
        self.outputs.observe();
        if self.outputs.is_due() {
            self.commit();
        }
    }
}
