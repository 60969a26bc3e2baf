use crate::Result;
use crate::comm::{Comm, Wire};

/// What a run did, on all ranks together; every rank gets the same report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Items computed, written and committed.
    pub done: usize,
    /// Items that an earlier run had done.
    pub skipped: usize,
    /// Items passed over under [`OnError::Skip`](crate::OnError::Skip), by index.
    pub failed: Vec<ItemFailure>,
}

/// An item that failed, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemFailure {
    /// The item's index in its task.
    pub index: usize,
    /// The rank it failed on.
    pub rank: usize,
    /// Its error, as text.
    pub cause: String,
}

impl Report {
    /// Adds up all ranks' reports. Collective.
    pub(super) fn of_all(mut self, comm: &dyn Comm) -> Result<Report> {
        // Lanes finish in any order.
        self.failed.sort();
        if comm.size() == 1 {
            return Ok(self);
        }
        let sum = comm.combine(self, |mut sum, report| {
            sum.done += report.done;
            sum.skipped += report.skipped;
            sum.failed.extend(report.failed);
            sum
        })?;
        comm.broadcast_value(sum.map(|mut sum| {
            sum.failed.sort();
            sum
        }))
    }
}

impl Wire for ItemFailure {
    fn put(&self, out: &mut Vec<u8>) {
        self.index.put(out);
        self.rank.put(out);
        self.cause.put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        Ok(ItemFailure {
            index: usize::take(input)?,
            rank: usize::take(input)?,
            cause: String::take(input)?,
        })
    }
}

impl Wire for Report {
    fn put(&self, out: &mut Vec<u8>) {
        self.done.put(out);
        self.skipped.put(out);
        self.failed.put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        Ok(Report {
            done: usize::take(input)?,
            skipped: usize::take(input)?,
            failed: Vec::take(input)?,
        })
    }
}
