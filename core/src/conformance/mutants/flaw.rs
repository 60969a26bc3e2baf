use std::ops::Range;

use crate::conformance::toy::Row;
use crate::{Cause, IndexSet, Sink};

/// What is wrong in how a subject uses the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::conformance) enum Flaw {
    StaleScratch,
    WrongJob,
    WidthByRanks,
    ForgetsDone,
    MarksBeforeData,
}

/// The sink of every run of a subject: hands everything on, unless it has a flaw.
pub(in crate::conformance) struct Through<'s> {
    inner: &'s mut dyn Sink<Row>,
    flaw: Option<Flaw>,
}

impl<'s> Through<'s> {
    pub(in crate::conformance) fn new(inner: &'s mut dyn Sink<Row>, flaw: Option<Flaw>) -> Self {
        Through { inner, flaw }
    }
}

impl Sink<Row> for Through<'_> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        if self.flaw == Some(Flaw::ForgetsDone) {
            return Ok(IndexSet::new());
        }
        self.inner.done(within)
    }

    fn limit(&mut self) -> Result<usize, Cause> {
        self.inner.limit()
    }

    fn write(&mut self, index: usize, row: Row) -> Result<(), Cause> {
        if self.flaw == Some(Flaw::MarksBeforeData) {
            self.inner.commit(&[index])?;
        }
        self.inner.write(index, row)
    }

    fn failed(&mut self, index: usize) -> Result<(), Cause> {
        self.inner.failed(index)
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        self.inner.commit(fresh)
    }
}
