use std::ops::Range;

use super::Flaw;
use crate::conformance::toy::Row;
use crate::{Cause, IndexSet, Sink};

/// The sink of every run of a subject: hands everything on, unless it has a flaw.
pub(in crate::conformance) struct FaultySink<'s> {
    inner: &'s mut dyn Sink<Row>,
    flaw: Option<Flaw>,
}

impl<'s> FaultySink<'s> {
    pub(in crate::conformance) fn new(inner: &'s mut dyn Sink<Row>, flaw: Option<Flaw>) -> Self {
        FaultySink { inner, flaw }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// What a call brought, or `fallback` instead of its error.
    fn or<T>(&self, outcome: Result<T, Cause>, fallback: T) -> Result<T, Cause> {
        match outcome {
            Err(_) if self.has(Flaw::SwallowsSinkErrors) => Ok(fallback),
            outcome => outcome,
        }
    }
}

impl Sink<Row> for FaultySink<'_> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        if self.has(Flaw::ForgetsDone) {
            return Ok(IndexSet::new());
        }
        let done = self.inner.done(within);
        self.or(done, IndexSet::new())
    }

    fn limit(&mut self) -> Result<usize, Cause> {
        let limit = self.inner.limit();
        if self.has(Flaw::IgnoresLimit) {
            return limit.map(|_| usize::MAX);
        }
        self.or(limit, usize::MAX)
    }

    fn write(&mut self, index: usize, row: Row) -> Result<(), Cause> {
        if self.has(Flaw::MarksBeforeData) {
            self.inner.commit(&[index])?;
        }
        let written = self.inner.write(index, row);
        self.or(written, ())
    }

    fn failed(&mut self, index: usize) -> Result<(), Cause> {
        if self.has(Flaw::HidesFailures) {
            return Ok(());
        }
        let told = self.inner.failed(index);
        self.or(told, ())
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        if self.has(Flaw::ForgetsCommit) {
            return Ok(());
        }
        let committed = self.inner.commit(fresh);
        self.or(committed, ())
    }
}
