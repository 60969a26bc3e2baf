//! The right to make files in the directory of results.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

use jobwise_kit::LockedFile;

use crate::results::Patience;
use crate::{Error, Result};

/// Whoever holds its lock makes files. It stays there.
const LOCK: &str = ".lock";

const PAUSE: Duration = Duration::from_millis(20);

/// Makes the directory where it is absent, and waits for the right to make files in it.
///
/// # Errors
/// The directory cannot be made or written, or others have the right for too long.
pub(super) fn lock(directory: &Path, patience: &Patience<'_>) -> Result<LockedFile> {
    fs::create_dir_all(directory).map_err(Error::io(directory))?;
    let path = directory.join(LOCK);
    let started = Instant::now();
    loop {
        let mut options = File::options();
        let options = options.create(true).truncate(false).write(true);
        let file = options.open(&path).map_err(Error::io(&path))?;
        if let Some(file) = LockedFile::try_new(file).map_err(Error::io(&path))? {
            return Ok(file);
        }
        if (patience.stop)() {
            return Err(Error::Cancelled);
        }
        if started.elapsed() >= patience.longest {
            return Err(Error::File {
                path,
                problem: "another process makes files here, and does not come to an end".into(),
            });
        }
        std::thread::sleep(PAUSE);
    }
}
