use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use hdf5::Dataset;
use hdf5::plist::dataset_create::Layout;

use crate::Result;
use crate::format::Element;

/// Where the rows of a contiguous dataset lie in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The first byte of the first row.
    offset: u64,
    row_bytes: u64,
}

impl Place {
    /// Where rows of `element`s lie. `None` where rows have no place of their own: chunked,
    /// compact, or not allocated.
    ///
    /// # Errors
    /// The dataset's cells are not the bytes of such an element.
    pub(super) fn of(dataset: &Dataset, element: &Element) -> Result<Option<Place>> {
        element.must_lie_in(dataset)?;
        let rows = dataset.shape().first().copied().unwrap_or(0);
        if dataset.layout() != Layout::Contiguous || rows == 0 {
            return Ok(None);
        }
        let row_bytes = dataset.storage_size() / rows as u64;
        let place = |offset| Place { offset, row_bytes };
        Ok(dataset.offset().map(place))
    }

    /// Writes rows from `first` on.
    pub(super) fn write(&self, file: &File, first: usize, bytes: &[u8]) -> io::Result<()> {
        file.write_all_at(bytes, self.offset + first as u64 * self.row_bytes)
    }
}

/// Forces what was written to `file` to the disk.
pub(super) fn force(file: &File, path: &Path) -> Result<()> {
    file.sync_data().map_err(|source| crate::Error::Io {
        path: path.to_path_buf(),
        source,
    })
}
