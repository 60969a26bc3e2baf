//! The marks of a results group: which positions are done.

use hdf5::Dataset;
use jobwise_core::IndexSet;
use jobwise_hdf5::lengths;
use ndarray::Array1;

use crate::format::believable;

/// Marks read at once.
const SLAB: usize = 1 << 20;

/// The marked positions; `None` when the dataset is not one of marks: u8, 0 or 1, for each of
/// `positions`, as many as the file can hold.
pub(crate) fn read_marks(marks: &Dataset, positions: usize) -> Option<IndexSet> {
    believable(marks).ok()?;
    let is_u8 = marks.dtype().ok()?.is::<u8>();
    if !is_u8 || marks.shape() != [positions] {
        return None;
    }
    let mut done = IndexSet::new();
    for start in (0..positions).step_by(SLAB) {
        let rows = start..positions.min(start + SLAB);
        let slab: Array1<u8> = lengths::read_slice(marks, rows).ok()?;
        for (mark, position) in slab.into_iter().zip(start..) {
            match mark {
                0 => {}
                1 => done.insert(position..position + 1),
                _ => return None,
            }
        }
    }
    Some(done)
}
