//! A file driver below the HDF5 library that reads and writes through a
//! [`Storage`](super::storage::Storage) of ours.
//!
//! The library drops errors: one that a write meets while a dataset is closed goes with the handle.
//! A storage sees every write, and keeps the first error for whoever asks at the end.
//!
//! The two structures are declared here after `H5FDpublic.h` of HDF5 1.10.8; a file that another
//! version of the library would get wrong is not opened ([`is_known`]).
//!
//! | room | what is in it |
//! |---|---|
//! | `layout` | the two structures |
//! | `callbacks` | what the library calls |
//! | `class` | the driver, registered |
//! | `open` | files opened over a storage |

mod callbacks;
mod class;
mod layout;
mod open;

use hdf5_sys::h5::H5get_libversion;

pub(super) use open::{create, open, open_buffered, open_cut, open_to_read, storage};

/// Whether the library at hand is one whose driver layout is declared here.
pub(super) fn is_known() -> bool {
    let (mut major, mut minor, mut release) = (0, 0, 0);
    // SAFETY: the library lock is held; the three numbers are written to live variables.
    hdf5::sync::sync(|| unsafe {
        H5get_libversion(&raw mut major, &raw mut minor, &raw mut release)
    });
    (major, minor) == (1, 10) && release >= 7
}
