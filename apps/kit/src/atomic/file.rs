use std::fs;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use jobwise_claims::unique_name;

use super::{Error, Result, directory_of};

/// A file on its way: it lies under [`temporary`](Self::temporary) until [`commit`](Self::commit).
///
/// Dropping it without a commit removes the temporary file.
#[derive(Debug)]
pub struct AtomicFile {
    destination: PathBuf,
    temporary: PathBuf,
    committed: bool,
}

impl AtomicFile {
    /// Plans `path`, to be written as `.NAME.tmp-<unique name>` in the same directory; the unique
    /// name says which process of which machine and name space writes it.
    ///
    /// Missing directories are created. Nothing else is written yet.
    ///
    /// # Errors
    /// `path` has no file name, or its directory cannot be created.
    pub fn new(path: impl AsRef<Path>) -> Result<Self> {
        Self::named(path.as_ref(), |name| {
            format!(".{name}.tmp-{}", unique_name())
        })
    }

    /// Plans `path`, to be written as `<prefix>NAME` in the same directory.
    ///
    /// For formats that fix the temporary name, such as Digital RF (`tmp.`). That name is the same
    /// for every process, so a file that already has it is an error: another process may be
    /// writing it.
    ///
    /// # Errors
    /// As [`new`](Self::new), or the temporary file exists.
    pub fn with_prefix(path: impl AsRef<Path>, prefix: &str) -> Result<Self> {
        let file = Self::named(path.as_ref(), |name| format!("{prefix}{name}"))?;
        // Claims the name: of two processes only one can create it.
        let claim = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&file.temporary);
        match claim {
            Ok(_) => Ok(file),
            Err(error) => {
                let temporary = file.temporary.clone();
                std::mem::forget(file); // it is not ours to remove
                if error.kind() == std::io::ErrorKind::AlreadyExists {
                    return Err(Error::refused(
                        &temporary,
                        "file",
                        "exists: another process is writing it, or was killed while it did; \
                         remove it if no process writes here",
                    ));
                }
                Err(Error::Io {
                    path: temporary,
                    source: error,
                })
            }
        }
    }

    fn named(path: &Path, rename: impl FnOnce(&str) -> String) -> Result<Self> {
        let name = path
            .file_name()
            .ok_or_else(|| Error::refused(path, "file", "has no file name"))?;
        let directory = directory_of(path);
        if !directory.is_dir() {
            fs::create_dir_all(&directory).map_err(Error::io(&directory))?;
        }
        Ok(Self {
            temporary: directory.join(rename(&name.to_string_lossy())),
            destination: path.to_path_buf(),
            committed: false,
        })
    }

    /// Where to write.
    pub fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Where the file will be after [`commit`](Self::commit).
    pub fn destination(&self) -> &Path {
        &self.destination
    }

    /// Makes the file appear under its own name, replacing an older one.
    ///
    /// Every handle to the temporary file must be closed before.
    ///
    /// # Errors
    /// The file cannot be forced to the disk or renamed; it is then removed.
    pub fn commit(mut self) -> Result<()> {
        let file = fs::OpenOptions::new()
            .write(true)
            .open(&self.temporary)
            .map_err(Error::io(&self.destination))?;
        file.sync_all().map_err(Error::io(&self.destination))?;
        drop(file);
        fs::rename(&self.temporary, &self.destination).map_err(Error::io(&self.destination))?;
        self.committed = true;
        // The file is there, but its name may be lost with the machine.
        let forced = || fs::File::open(directory_of(&self.destination))?.sync_all();
        forced().map_err(Error::io(&self.destination))
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing can be reported here; a file that stays is found by `remove_stale`.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Writes a whole text (or any bytes) atomically to `path`.
///
/// # Errors
/// The file cannot be written, forced to the disk or renamed; `path` is named.
pub fn write(path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Result<()> {
    let file = AtomicFile::new(path)?;
    fs::write(file.temporary(), content).map_err(Error::io(file.destination()))?;
    file.commit()
}

/// A file that is written piece by piece: see [`write_in_pieces`].
#[derive(Debug)]
pub struct Writer<'a> {
    path: &'a Path,
    out: BufWriter<fs::File>,
}

impl Writer<'_> {
    /// Writes the next piece.
    ///
    /// # Errors
    /// The system refuses; the file is named.
    pub fn put(&mut self, piece: impl AsRef<[u8]>) -> Result<()> {
        let written = self.out.write_all(piece.as_ref());
        written.map_err(Error::io(self.path))
    }

    /// Writes a piece so many bytes after the begin, whatever is before it. Where
    /// [`put`](Self::put) goes on does not change; both must not write to the same place.
    ///
    /// # Errors
    /// The system refuses; the file is named.
    pub fn put_at(&mut self, at: u64, piece: impl AsRef<[u8]>) -> Result<()> {
        let written = self.out.get_ref().write_all_at(piece.as_ref(), at);
        written.map_err(Error::io(self.path))
    }
}

/// Writes a file atomically to `path` whose pieces need not be in memory together.
///
/// # Errors
/// As [`write()`], or `fill` fails; then there is no file, or the old one.
pub fn write_in_pieces<E: From<Error>>(
    path: impl AsRef<Path>,
    fill: impl FnOnce(&mut Writer<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let file = AtomicFile::new(path)?;
    // What the user knows is the name that the file will have.
    let path = file.destination();
    let out = fs::File::create(file.temporary()).map_err(Error::io(path))?;
    let mut writer = Writer {
        path,
        out: BufWriter::new(out),
    };
    fill(&mut writer)?;
    writer.out.flush().map_err(Error::io(path))?;
    drop(writer);
    file.commit().map_err(E::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jobwise_testing::names;

    #[test]
    fn a_dropped_file_leaves_nothing_and_keeps_the_old_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("note.txt");
        write(&path, "old").unwrap();
        let file = AtomicFile::new(&path).unwrap();
        fs::write(file.temporary(), "new").unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(directory.path()), ["note.txt"]);
        write(&path, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[test]
    fn a_fixed_temporary_name_is_claimed_by_one_writer() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rf.h5");
        let first = AtomicFile::with_prefix(&path, "tmp.").unwrap();
        let error = AtomicFile::with_prefix(&path, "tmp.")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("tmp.rf.h5") && error.contains("another process"),
            "{error}"
        );
        assert_eq!(names(directory.path()), ["tmp.rf.h5"]);
        first.commit().unwrap();
        assert_eq!(names(directory.path()), ["rf.h5"]);
    }

    #[test]
    fn pieces_appear_together_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("table.csv");
        let written = write_in_pieces(&path, |writer| -> Result<()> {
            writer.put("a,b\n")?;
            writer.put_at(6, "2\n")?;
            writer.put("1,")
        });
        written.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a,b\n1,2\n");
        let refused = write_in_pieces(&path, |writer| -> Result<()> {
            writer.put("half")?;
            Err(Error::refused(&path, "file", "is refused"))
        });
        assert!(refused.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "a,b\n1,2\n");
        assert_eq!(names(directory.path()), ["table.csv"]);
    }
}
