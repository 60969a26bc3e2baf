//! Through MPI-IO.

use std::path::Path;

use hdf5::Dataset;
use hdf5::globals::{H5FD_MPIO, H5P_DATASET_XFER};
use hdf5::h5check;
use hdf5::plist::PropertyList;
use hdf5_sys::h5p::{H5FD_mpio_xfer_t, H5Pcreate, H5Pget_driver, H5Pset_dxpl_mpio};

use super::super::file_access::not_opened;
use super::Result;

pub(super) fn open_rw(path: &Path) -> Result<hdf5::File> {
    let mut options = hdf5::File::with_options();
    options.with_fapl(|access| {
        access
            .mpio(jobwise_mpi::raw_world(), None)
            .file_locking(false)
    });
    options.open_rw(path).map_err(not_opened(path))
}

/// Only a file that is open through MPI-IO takes collective transfers.
pub(super) fn collective_list(dataset: &Dataset) -> hdf5::Result<Option<PropertyList>> {
    let access = dataset.file()?.access_plist()?;
    hdf5::sync::sync(|| {
        // SAFETY: the library lock is held and the list is open.
        if h5check(unsafe { H5Pget_driver(access.id()) })? != *H5FD_MPIO {
            return Ok(None);
        }
        // SAFETY: the library lock is held; the class exists once the library is initialised.
        let id = h5check(unsafe { H5Pcreate(*H5P_DATASET_XFER) })?;
        // SAFETY: the identifier comes from the call above and is given away once.
        let list: PropertyList = unsafe { hdf5::from_id(id) }?;
        // SAFETY: the library lock is held; the list is open and ours.
        h5check(unsafe { H5Pset_dxpl_mpio(list.id(), H5FD_mpio_xfer_t::H5FD_MPIO_COLLECTIVE) })?;
        Ok(Some(list))
    })
}
