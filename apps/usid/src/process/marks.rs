//! The marks of a results group: which positions are done.

use hdf5::Dataset;
use jobwise_core::IndexSet;
use jobwise_hdf5::row_store::{DONE, Marks};

use crate::format::believable;

/// The marked positions; `None` when the dataset is not one of marks: u8, 0 or 1, for each of
/// `positions`, as many as the file can hold.
pub(crate) fn read_marks(marks: &Dataset, positions: usize) -> Option<IndexSet> {
    believable(marks).ok()?;
    let marks = Marks::read(marks, positions).ok()?;
    let are_done = marks.iter().all(|(mark, _)| mark == DONE);
    are_done.then(|| marks.of(DONE))
}
