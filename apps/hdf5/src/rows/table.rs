use std::fs;
use std::path::Path;

use hdf5::H5Type;
use hdf5::plist::dataset_create::{AllocTime, FillTime, Layout};
use hdf5::types::TypeDescriptor;

use super::lock::Lock;
use crate::atomic::AtomicFile;
use crate::{Error, Result, attributes};

/// The name of the dataset of marks: u8, one per row, 1 where the row is complete.
pub const COMPLETED: &str = "completed";

/// The name of the group's attribute with the digest of the parameters.
pub const DIGEST: &str = "digest";

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table<'a> {
    /// The group that holds everything; groups above it are created too.
    pub group: &'a str,
    /// The name of the dataset of rows within the group.
    pub dataset: &'a str,
    /// The number of rows: one per item.
    pub len: usize,
    /// The number of elements of a row.
    pub width: usize,
    /// The parameters that the rows belong to, as [`Digest`](jobwise_kit::Digest) gives it: never
    /// resumed with others.
    pub digest: &'a str,
}

impl Table<'_> {
    /// Whether there can be such a table of `T`.
    pub(super) fn check<T: H5Type>(&self, path: &Path) -> Result<()> {
        let problem = if self.width == 0 {
            "a row needs at least one element".to_owned()
        } else if self.bytes::<T>().is_none() {
            format!(
                "{} rows of {} elements are more than a file can hold",
                self.len, self.width
            )
        } else if !is_in_place(&T::type_descriptor()) {
            "rows of elements of variable length cannot be written in place".to_owned()
        } else {
            return Ok(());
        };
        Err(Error::Format {
            path: path.to_path_buf(),
            object: format!("{}/{}", self.group, self.dataset),
            problem,
        })
    }

    /// Bytes of all rows, where a file can hold them.
    fn bytes<T>(&self) -> Option<usize> {
        self.len
            .checked_mul(self.width)?
            .checked_mul(size_of::<T>())
            .filter(|&bytes| i64::try_from(bytes).is_ok())
    }
}

/// Whether elements of this type lie in the dataset itself, and not elsewhere in the file.
pub(crate) fn is_in_place(element: &TypeDescriptor) -> bool {
    match element {
        TypeDescriptor::VarLenArray(_)
        | TypeDescriptor::VarLenAscii
        | TypeDescriptor::VarLenUnicode => false,
        TypeDescriptor::FixedArray(element, _) => is_in_place(element),
        TypeDescriptor::Compound(compound) => {
            compound.fields.iter().all(|field| is_in_place(&field.ty))
        }
        _ => true,
    }
}

/// Makes the file, with room for every row, all marks 0; it appears complete.
///
/// Early allocation and the contiguous layout fix every address now, so that a run changes elements
/// and nothing else.
pub(super) fn create<T: H5Type>(path: &Path, table: &Table<'_>, lock: &Lock) -> Result<()> {
    if lock.is_exclusive() {
        remove_unfinished(path)?;
    }
    let atomic = AtomicFile::new(path)?;
    let file = atomic.create_h5()?;
    let group = file
        .create_group(table.group)
        .map_err(Error::hdf5(path, table.group))?;
    // Rows are left to the file system, which reads as zero what was never written.
    group
        .new_dataset::<T>()
        .layout(Layout::Contiguous)
        .alloc_time(Some(AllocTime::Early))
        .fill_time(FillTime::Never)
        .shape((table.len, table.width))
        .create(table.dataset)
        .map_err(Error::hdf5(path, table.dataset))?;
    group
        .new_dataset::<u8>()
        .layout(Layout::Contiguous)
        .alloc_time(Some(AllocTime::Early))
        .fill_value(0u8)
        .fill_time(FillTime::Alloc)
        .shape(table.len)
        .create(COMPLETED)
        .map_err(Error::hdf5(path, COMPLETED))?;
    attributes::write_text(&group, DIGEST, table.digest)?;
    drop(group);
    atomic.commit_open_h5(file)
}

/// Removes what a process that was killed while it made this file left behind. The caller holds the
/// lock, so nobody else is making it.
fn remove_unfinished(path: &Path) -> Result<()> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Ok(());
    };
    let directory = if directory.as_os_str().is_empty() {
        Path::new(".")
    } else {
        directory
    };
    let prefix = format!(".{}.tmp-", name.to_string_lossy());
    for entry in fs::read_dir(directory).map_err(Error::io(directory))? {
        let entry = entry.map_err(Error::io(directory))?;
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            fs::remove_file(entry.path()).map_err(Error::io(entry.path()))?;
        }
    }
    Ok(())
}
