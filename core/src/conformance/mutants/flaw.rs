use std::ops::Range;

use crate::conformance::toy::{Buffer, Row, Toy};
use crate::{Batch, Cause, Cpu, CpuKernel, IndexSet, Kernel, Signature, Sink, Workload, panics};

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

/// A kernel that goes on with its scratch after a panic.
pub(in crate::conformance) struct Careless<'t>(pub(in crate::conformance) &'t Toy);

impl Signature for Careless<'_> {
    type Item<'i>
        = <Toy as Signature>::Item<'i>
    where
        Self: 'i;
    type Output = Row;
}

impl Workload for Careless<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn read(&self, index: usize) -> Result<Self::Item<'_>, Cause> {
        self.0.read(index)
    }
}

impl Kernel<Cpu> for Careless<'_> {
    type Scratch = Buffer;

    fn stage(&self, _: &Cpu) -> Result<Buffer, Cause> {
        self.0.scratch()
    }

    fn compute_batch<'i>(
        &'i self,
        _: &Cpu,
        scratch: &mut Buffer,
        batch: Batch<'i, Self>,
        out: &mut dyn FnMut(usize, Result<Row, Cause>),
    ) {
        for (index, item) in batch {
            let computed = panics::caught(|| self.0.compute(index, item, scratch));
            out(index, computed.unwrap_or_else(|panic| Err(panic.into())));
        }
    }
}
