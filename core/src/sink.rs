use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use crate::{Cause, IndexSet};

/// Where outputs go. All calls come from the thread that runs the engine, and none is collective.
pub trait Sink<O> {
    /// Which items within this range an earlier run completed. Asked once for each range, before
    /// any of it is handed out, on the rank that will work on it. An earlier run with other
    /// parameters is an error.
    ///
    /// # Errors
    /// When earlier results cannot be read or belong to another run.
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        let _ = within;
        Ok(IndexSet::new())
    }

    /// Items from this index on are not to be started yet. Asked before each hand-out; it must grow
    /// as items complete.
    ///
    /// # Errors
    /// When the sink cannot go on.
    fn limit(&mut self) -> Result<usize, Cause> {
        Ok(usize::MAX)
    }

    /// Takes an item's output. Order is that of completion.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn write(&mut self, index: usize, output: O) -> Result<(), Cause>;

    /// Learns that an item failed and is passed over; a resumed run tries it again.
    ///
    /// # Errors
    /// When the sink cannot go on without it.
    fn failed(&mut self, index: usize) -> Result<(), Cause> {
        let _ = index;
        Ok(())
    }

    /// Makes what was written durable, *then* marks `fresh` (the items written since the last
    /// commit) as complete.
    ///
    /// # Errors
    /// When it cannot be made durable.
    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        let _ = fresh;
        Ok(())
    }
}

impl<O, S: Sink<O> + ?Sized> Sink<O> for &mut S {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        (**self).done(within)
    }

    fn limit(&mut self) -> Result<usize, Cause> {
        (**self).limit()
    }

    fn write(&mut self, index: usize, output: O) -> Result<(), Cause> {
        (**self).write(index, output)
    }

    fn failed(&mut self, index: usize) -> Result<(), Cause> {
        (**self).failed(index)
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        (**self).commit(fresh)
    }
}

/// Delivers to the inner sink in strictly increasing index order, and holds back at most `window`
/// outputs: items further ahead are not started. Items must be dealt so that low indices come first
/// on every rank ([`Layout::Strided`](crate::Layout::Strided) or claims), or ranks wait for each
/// other.
#[derive(Debug)]
pub struct Ordered<S, O> {
    inner: S,
    window: usize,
    /// Items still to be delivered, of the ranges asked about: ascending runs.
    pending: VecDeque<Range<usize>>,
    asked: usize,
    /// Outputs ahead of the first pending item; `None` for an item that failed and will not come.
    held: BTreeMap<usize, Option<O>>,
    delivered: Vec<usize>,
}

impl<O, S: Sink<O>> Ordered<S, O> {
    /// Orders the outputs of one run on their way to `inner`.
    pub fn new(inner: S, window: usize) -> Self {
        Ordered {
            inner,
            window: window.max(1),
            pending: VecDeque::new(),
            asked: 0,
            held: BTreeMap::new(),
            delivered: Vec::new(),
        }
    }

    fn settle(&mut self, index: usize, output: Option<O>) -> Result<(), Cause> {
        self.held.insert(index, output);
        while let Some(run) = self.pending.front_mut() {
            let Some(output) = self.held.remove(&run.start) else {
                break;
            };
            let index = run.start;
            run.start += 1;
            if Range::is_empty(run) {
                self.pending.pop_front();
            }
            match output {
                Some(output) => {
                    self.inner.write(index, output)?;
                    self.delivered.push(index);
                }
                None => self.inner.failed(index)?,
            }
        }
        Ok(())
    }
}

impl<O, S: Sink<O>> Sink<O> for Ordered<S, O> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        let done = self.inner.done(within.clone())?;
        self.asked = within.end;
        self.pending.extend(done.missing(within));
        Ok(done)
    }

    fn limit(&mut self) -> Result<usize, Cause> {
        let first = self.pending.front().map_or(self.asked, |run| run.start);
        Ok(first.saturating_add(self.window).min(self.inner.limit()?))
    }

    fn write(&mut self, index: usize, output: O) -> Result<(), Cause> {
        self.settle(index, Some(output))
    }

    fn failed(&mut self, index: usize) -> Result<(), Cause> {
        self.settle(index, None)
    }

    fn commit(&mut self, _: &[usize]) -> Result<(), Cause> {
        self.inner.commit(&std::mem::take(&mut self.delivered))
    }
}

/// Keeps outputs in memory, by index.
#[derive(Clone, Debug, Default)]
pub struct Memory<O> {
    /// The outputs written, by index.
    pub rows: BTreeMap<usize, O>,
    /// The items marked complete.
    pub complete: IndexSet,
}

impl<O> Memory<O> {
    /// Holds nothing yet.
    pub fn new() -> Self {
        Memory {
            rows: BTreeMap::new(),
            complete: IndexSet::new(),
        }
    }
}

impl<O> Sink<O> for Memory<O> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        Ok(self.complete.within(within))
    }

    fn write(&mut self, index: usize, output: O) -> Result<(), Cause> {
        self.rows.insert(index, output);
        Ok(())
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        for &index in fresh {
            self.complete.insert(index..index + 1);
        }
        Ok(())
    }
}
