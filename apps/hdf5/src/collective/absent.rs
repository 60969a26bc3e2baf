//! What a program without parallel HDF5 can do together: nothing.

use std::path::Path;

use hdf5::Dataset;
use hdf5::plist::PropertyList;

use super::{Error, Result};

pub(super) fn open_rw(path: &Path) -> Result<hdf5::File> {
    Err(Error::Format {
        path: path.to_path_buf(),
        object: "file".into(),
        problem:
            "cannot be opened by several ranks: this program was built without parallel HDF5; \
             build it with the feature \
             parallel-hdf5 (see README), or run it on one rank"
                .into(),
    })
}

#[allow(clippy::unnecessary_wraps)] // the signature is that of the other build
pub(super) fn collective_list(_: &Dataset) -> hdf5::Result<Option<PropertyList>> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_serial_program_says_what_to_do() {
        let error = crate::collective::open_rw("rows.h5").unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("rows.h5") && error.contains("parallel-hdf5"),
            "{error}"
        );
    }
}
