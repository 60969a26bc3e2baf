use std::ops::Range;
use std::path::PathBuf;

use jobwise_core::{Cause, IndexSet, Sink};

use super::amending::amend;
use super::in_place::InPlace;
use super::pending::Pending;
use super::{DONE, Marks, Plan, Rows};
use crate::amendment::Writable;
use crate::{Error, Result};

/// Brings the rows of items into a file and marks their positions: never a mark before its rows are
/// on the disk.
///
/// Where every dataset of the plan is contiguous, rows and marks are written in place, and nothing
/// else of the file changes. Else each commit is an [amendment](Writable::amend) of rows and marks
/// together. Rows are kept in memory until the engine commits or they amount to some megabytes: at
/// most [`BUFFER`](Self::BUFFER) bytes. What is not committed when the store is dropped is not
/// marked.
///
/// An item of which some units are done already is computed whole, and its rows are written again.
#[derive(Debug)]
pub struct RowStore<'w> {
    path: PathBuf,
    plan: Plan,
    /// Positions that need not be done again.
    complete: IndexSet,
    /// Rows that are not in the file yet.
    pub(super) pending: Pending,
    /// Whether the file refused something: rows may be lost since then, and nothing more is
    /// written or marked.
    is_broken: bool,
    pub(super) way: Way<'w>,
}

/// How rows get into the file.
#[derive(Debug)]
pub(super) enum Way<'w> {
    InPlace(InPlace),
    Amending(&'w mut Writable),
}

impl Way<'_> {
    /// Rows kept in memory before they are written, in bytes: in place few, which are in the cache
    /// still, and of an amendment many.
    fn buffer(&self) -> usize {
        match self {
            Way::InPlace(_) => 1 << 20,
            Way::Amending(_) => RowStore::BUFFER,
        }
    }

    /// The most bytes that rows of neighbours are joined to: beyond it a copy in memory takes
    /// longer than one more write.
    fn longest(&self) -> usize {
        match self {
            Way::InPlace(_) => 1 << 16,
            Way::Amending(_) => usize::MAX,
        }
    }
}

impl<'w> RowStore<'w> {
    /// Rows kept in memory before they are written, in bytes (or one item, if that is larger).
    pub const BUFFER: usize = 16 << 20;

    /// Opens a file that has all datasets of `plan`. The items of which every position is
    /// `complete` are not done again.
    ///
    /// # Errors
    /// A dataset is absent, or has another shape or element type than planned; elements are of
    /// variable length; the file is open for writing in this process; or it cannot be read or
    /// written.
    pub fn open(file: &'w mut Writable, plan: Plan, complete: IndexSet) -> Result<RowStore<'w>> {
        let path = file.path().to_path_buf();
        // An amendment that changes nothing sees the file as it is now; handles from before its
        // last change do not.
        let in_place = file.amend(|open| InPlace::open(&path, &plan, &plan.open(open)?))?;
        Ok(RowStore {
            path,
            plan,
            complete,
            pending: Pending::default(),
            is_broken: false,
            way: in_place.map_or(Way::Amending(file), Way::InPlace),
        })
    }

    /// The positions that need not be done again: those given at the start, and those marked
    /// [`DONE`] since.
    pub fn complete(&self) -> &IndexSet {
        &self.complete
    }

    /// Writes what is in memory. In-place rows are not marked yet; amendments mark theirs with
    /// them.
    fn spill(&mut self) -> Result<()> {
        let runs = self.pending.take(self.way.longest());
        match &mut self.way {
            Way::InPlace(file) => file.write(&self.plan, &runs),
            Way::Amending(file) => {
                let marked = amend(file, &self.plan, &runs)?;
                self.add(&marked);
                Ok(())
            }
        }
    }

    /// Writes what is in memory, and marks all that is written.
    fn store(&mut self) -> Result<()> {
        self.spill()?;
        if let Way::InPlace(file) = &mut self.way {
            let marked = file.mark()?;
            self.add(&marked);
        }
        Ok(())
    }

    fn add(&mut self, marked: &Marks) {
        for run in marked.of(DONE).runs() {
            self.complete.insert(run);
        }
    }

    /// Remembers that `outcome` is an error.
    fn noting(&mut self, outcome: Result<()>) -> Result<()> {
        self.is_broken |= outcome.is_err();
        outcome
    }

    fn refuse_if_broken(&self) -> Result<()> {
        if !self.is_broken {
            return Ok(());
        }
        Err(Error::Format {
            path: self.path.clone(),
            object: self.plan.group.clone(),
            problem: "rows could not be written before, and nothing more is written or marked: \
                      resume with a new run"
                .into(),
        })
    }
}

impl Sink<Rows> for RowStore<'_> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        Ok(self.plan.items_done(&self.complete, within))
    }

    /// Takes the rows of an item.
    ///
    /// # Errors
    /// They are not the item's, or not of the lengths that are planned; the file refuses, or has
    /// refused before.
    fn write(&mut self, item: usize, rows: Rows) -> Result<(), Cause> {
        self.refuse_if_broken()?;
        self.pending.add(&self.plan, &self.path, item, rows)?;
        if self.pending.bytes() >= self.way.buffer() {
            let spilled = self.spill();
            self.noting(spilled)?;
        }
        Ok(())
    }

    /// Forces the rows of all items written so far to the disk, and only then marks them.
    ///
    /// # Errors
    /// The file refuses, or has refused before.
    fn commit(&mut self, _: &[usize]) -> Result<(), Cause> {
        self.refuse_if_broken()?;
        let stored = self.store();
        Ok(self.noting(stored)?)
    }
}
