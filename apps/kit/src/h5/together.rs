//! scaffold
use super::{Error, Result};
use std::path::Path;
pub const COMPILED: bool = false;
pub fn open_rw(path: impl AsRef<Path>) -> Result<hdf5::File> {
    super::unlocked::open_rw(path)
}
pub fn force(path: impl AsRef<Path>) -> Result<()> {
    std::fs::File::open(path.as_ref()).and_then(|f| f.sync_all()).map_err(Error::io(path.as_ref()))
}
