use std::ops::Range;
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::toy::{FAULT, Row};
use crate::{Cancel, Cause, IndexSet, Sink, panics};

/// A call of the sink that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SinkFault {
    Done,
    /// From the n-th call on.
    Limit(usize),
    /// From the n-th row on.
    Write(usize),
    Commit,
    Failed,
}

/// The sink of the laws: keeps what it is told, fails and cancels where it should.
#[derive(Debug)]
pub(super) struct Log {
    /// In order of arrival.
    pub(super) rows: Vec<(usize, f64)>,
    pub(super) committed: Vec<usize>,
    pub(super) failed: Vec<usize>,
    pub(super) complete: IndexSet,
    pub(super) fault: Option<SinkFault>,
    /// How long a row takes.
    pub(super) pause: Duration,
    /// Cancels the run when this many rows are there.
    pub(super) cancel: Option<(usize, Cancel)>,
    pub(super) on_other_thread: bool,
    /// Whether the backend would catch a panic of the sink, and so lose a row without a word.
    pub(super) guarded: bool,
    /// How often it was asked for its limit.
    pub(super) limits: usize,
    home: ThreadId,
}

impl Log {
    pub(super) fn new() -> Log {
        Log {
            rows: Vec::new(),
            committed: Vec::new(),
            failed: Vec::new(),
            complete: IndexSet::new(),
            fault: None,
            pause: Duration::ZERO,
            cancel: None,
            on_other_thread: false,
            guarded: false,
            limits: 0,
            home: thread::current().id(),
        }
    }

    pub(super) fn with_fault(fault: Option<SinkFault>) -> Log {
        Log {
            fault,
            ..Log::new()
        }
    }

    /// The rows in index order, by their bits.
    pub(super) fn sorted(&self) -> Vec<(usize, u64)> {
        let mut rows: Vec<_> = self.rows.iter().map(|(i, v)| (*i, v.to_bits())).collect();
        rows.sort_unstable();
        rows
    }

    fn called(&mut self, fails: bool) -> Result<(), Cause> {
        self.on_other_thread |= thread::current().id() != self.home;
        self.guarded |= panics::is_caught();
        if fails { Err(FAULT.into()) } else { Ok(()) }
    }
}

impl Sink<Row> for Log {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        self.called(self.fault == Some(SinkFault::Done))?;
        Ok(within.filter(|i| self.complete.contains(*i)).collect())
    }

    fn limit(&mut self) -> Result<usize, Cause> {
        self.limits += 1;
        self.called(matches!(self.fault, Some(SinkFault::Limit(n)) if self.limits >= n))?;
        Ok(usize::MAX)
    }

    fn write(&mut self, index: usize, row: Row) -> Result<(), Cause> {
        self.called(matches!(self.fault, Some(SinkFault::Write(n)) if self.rows.len() >= n))?;
        self.rows.push((index, row.value));
        if !self.pause.is_zero() {
            thread::sleep(self.pause);
        }
        if let Some((rows, cancel)) = &self.cancel
            && self.rows.len() >= *rows
        {
            cancel.cancel();
        }
        Ok(())
    }

    fn failed(&mut self, index: usize) -> Result<(), Cause> {
        self.failed.push(index);
        self.called(self.fault == Some(SinkFault::Failed))
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        self.called(self.fault == Some(SinkFault::Commit))?;
        self.committed.extend(fresh);
        Ok(())
    }
}
