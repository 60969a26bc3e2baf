use std::collections::BTreeMap;
use std::ops::Range;

use hdf5::plist::dataset_create::{AllocTime, FillTime, Layout};
use hdf5::{Dataset, Group};
use jobwise_core::IndexSet;
use ndarray::Array1;

use crate::raw_rows::{self, Transfer};
use crate::{Error, Result, lengths};

/// The mark of a position that was never done.
pub const OPEN: u8 = 0;

/// The mark of a position whose rows are all there.
pub const DONE: u8 = 1;

/// Marks read or set at once.
const SLAB: usize = 1 << 20;

/// The marks of positions: all but [`OPEN`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    by_mark: BTreeMap<u8, IndexSet>,
}

impl Marks {
    /// Reads a dataset of marks for so many positions.
    ///
    /// # Errors
    /// It is not a vector of u8 of this length, claims more than its file can hold, or cannot be
    /// read.
    pub fn read(marks: &Dataset, positions: usize) -> Result<Marks> {
        let refused = |source| Error::Hdf5 {
            path: marks.filename().into(),
            object: marks.name(),
            source,
        };
        lengths::check(marks, 1)?;
        let is_u8 = marks.dtype().map_err(refused)?.is::<u8>();
        if !is_u8 || marks.shape() != [positions] {
            return Err(Error::Format {
                path: marks.filename().into(),
                object: marks.name(),
                problem: format!("is not a vector of {positions} marks of type u8"),
            });
        }
        let mut all = Marks::default();
        for start in (0..positions).step_by(SLAB) {
            let rows = start..positions.min(start + SLAB);
            let slab: Array1<u8> = lengths::read_slice(marks, rows)?;
            for (mark, position) in slab.into_iter().zip(start..) {
                if mark != OPEN {
                    all.insert(position..position + 1, mark);
                }
            }
        }
        Ok(all)
    }

    /// The positions with this mark; none for [`OPEN`], which is not kept.
    pub fn of(&self, mark: u8) -> IndexSet {
        self.by_mark.get(&mark).cloned().unwrap_or_default()
    }

    /// Which marks there are, each with its positions.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &IndexSet)> {
        self.by_mark.iter().map(|(mark, set)| (*mark, set))
    }

    pub(super) fn insert(&mut self, positions: Range<usize>, mark: u8) {
        self.by_mark.entry(mark).or_default().insert(positions);
    }
}

/// Makes a dataset of marks in a group, all [`OPEN`].
///
/// # Errors
/// The library refuses.
pub fn create_marks(group: &Group, name: &str, positions: usize) -> Result<Dataset> {
    let created = group
        .new_dataset::<u8>()
        .layout(Layout::Contiguous)
        .alloc_time(Some(AllocTime::Early))
        .fill_value(OPEN)
        .fill_time(FillTime::Alloc)
        .shape(positions)
        .create(name);
    created.map_err(Error::hdf5(group.filename(), name))
}

/// Marks positions through the HDF5 library, without a look at their rows: for marks of other
/// programs, and for positions that are to be done again.
///
/// # Errors
/// There are no such positions, or the library refuses.
pub fn set_marks(marks: &Dataset, positions: &IndexSet, mark: u8) -> Result<()> {
    for run in positions.runs() {
        for start in run.clone().step_by(SLAB) {
            let slab = start..run.end.min(start + SLAB);
            let bytes = vec![mark; slab.len()];
            raw_rows::write(marks, slab, &bytes, Transfer::Independent)?;
        }
    }
    Ok(())
}
