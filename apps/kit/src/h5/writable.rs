//! scaffold
use super::{Error, Result};
use std::fs::File;
use std::path::{Path, PathBuf};
#[derive(Debug)]
pub struct Writable {
    path: PathBuf,
    _lock: File,
}
impl Writable {
    pub fn claim(path: impl AsRef<Path>) -> Result<Writable> {
        let path = path.as_ref().to_path_buf();
        let lock = File::options()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(Error::io(&path))?;
        Ok(Writable { path, _lock: lock })
    }
    pub fn path(&self) -> &Path {
        &self.path
    }
    pub fn amend<T, E: From<Error>>(
        &mut self,
        change: impl FnOnce(&hdf5::File) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let atomic = super::atomic::AtomicFile::new(&self.path)?;
        std::fs::copy(&self.path, atomic.temporary()).map_err(Error::io(&self.path))?;
        let file = super::unlocked::open_rw(atomic.temporary())?;
        let out = change(&file)?;
        atomic.commit_h5(file)?;
        Ok(out)
    }
}
