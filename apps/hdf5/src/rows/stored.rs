use std::path::Path;

use hdf5::plist::dataset_create::Layout;
use hdf5::{Dataset, Group, H5Type};
use jobwise_core::IndexSet;
use ndarray::s;

use super::table::{COMPLETED, DIGEST, Table};
use crate::attributes::{self, Value};
use crate::{Error, Result, descriptor, file_access};

/// A file that fits its table.
pub(super) struct Stored {
    pub(super) file: hdf5::File,
    pub(super) rows: Dataset,
    pub(super) completed: Dataset,
    pub(super) complete: IndexSet,
}

/// Opens the file at `path` for writing and checks everything against `table`.
pub(super) fn open<T: H5Type>(path: &Path, table: &Table<'_>) -> Result<Stored> {
    let file = file_access::open_rw(path)?;
    let wrong = |object: &str, problem: String| Error::Format {
        path: path.to_path_buf(),
        object: object.to_owned(),
        problem,
    };
    let advice = "choose another output, or remove the file to start anew";
    let group = file
        .group(table.group)
        .map_err(|_| wrong(table.group, format!("there is no such group; {advice}")))?;
    match attributes::find(&group, DIGEST)? {
        Some(Value::Text(digest)) if digest == table.digest => {}
        Some(digest) => {
            let wanted = table.digest;
            let problem = format!(
                "belongs to a run with other parameters (digest {digest}, now {wanted}); {advice}"
            );
            return Err(wrong(table.group, problem));
        }
        None => {
            let problem = format!("has no attribute {DIGEST}: not a file of such a run; {advice}");
            return Err(wrong(table.group, problem));
        }
    }
    let check = Check {
        path,
        group: &group,
        advice,
    };
    let rows = check.dataset::<T>(table.dataset, &[table.len, table.width])?;
    let completed = check.dataset::<u8>(COMPLETED, &[table.len])?;
    Ok(Stored {
        complete: marks(path, &completed)?,
        file,
        rows,
        completed,
    })
}

struct Check<'a> {
    path: &'a Path,
    group: &'a Group,
    advice: &'a str,
}

impl Check<'_> {
    /// A dataset whose elements can be changed in place.
    fn dataset<T: H5Type>(&self, name: &str, shape: &[usize]) -> Result<Dataset> {
        let wrong = |problem: String| Error::Format {
            path: self.path.to_path_buf(),
            object: format!("{}/{name}", self.group.name()),
            problem: format!("{problem}; {}", self.advice),
        };
        let dataset = self
            .group
            .dataset(name)
            .map_err(|_| wrong("there is no such dataset".into()))?;
        if dataset.shape() != shape {
            let stored = dataset.shape();
            return Err(wrong(format!("has shape {stored:?}, now {shape:?}")));
        }
        let stored = dataset.dtype().and_then(|kind| descriptor::of(&kind));
        let stored = stored.map_err(Error::hdf5(self.path, name))?;
        if stored != T::type_descriptor() {
            let now = T::type_descriptor();
            return Err(wrong(format!("holds {stored}, now {now}")));
        }
        // A dataset of no elements has no place, and needs none.
        let in_place = dataset.layout() == Layout::Contiguous && dataset.offset().is_some();
        if dataset.size() > 0 && !in_place {
            return Err(wrong("cannot be written in place".into()));
        }
        Ok(dataset)
    }
}

/// The rows marked complete.
fn marks(path: &Path, completed: &Dataset) -> Result<IndexSet> {
    /// Marks read at once.
    const SLAB: usize = 1 << 20;
    let (mut set, len) = (IndexSet::new(), completed.size());
    for start in (0..len).step_by(SLAB) {
        let slab = completed
            .read_slice_1d::<u8, _>(s![start..len.min(start + SLAB)])
            .map_err(Error::hdf5(path, COMPLETED))?;
        for (mark, index) in slab.into_iter().zip(start..) {
            match mark {
                0 => {}
                1 => set.insert(index..index + 1),
                other => {
                    return Err(Error::Format {
                        path: path.to_path_buf(),
                        object: COMPLETED.into(),
                        problem: format!(
                            "row {index} is marked {other}, which is neither 0 nor 1: the file is damaged"
                        ),
                    });
                }
            }
        }
    }
    Ok(set)
}
