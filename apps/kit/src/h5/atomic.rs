//! Files that appear complete or not at all.
//!
//! A file is written under a temporary name in its own directory, forced to the disk, renamed, and
//! then the directory is forced to the disk. A reader therefore sees the whole file or none, and a
//! killed run leaves only a temporary file behind, which [`remove_stale`] recognises by its name.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jobwise_claims::{Process, unique_name};

use super::written::Written;
use super::{Error, Result, driver, seal, unlocked};

/// A file on its way: it lies under [`temporary`](Self::temporary) until [`commit`](Self::commit).
///
/// Dropping it without a commit removes the temporary file.
#[derive(Debug)]
pub struct AtomicFile {
    destination: PathBuf,
    temporary: PathBuf,
    committed: bool,
    /// What became of the writes of an HDF5 file, where the library lets us see them.
    written: Mutex<Option<Arc<Mutex<Written>>>>,
}

impl AtomicFile {
    /// Plans `path`, to be written as `.NAME.tmp-<unique name>` in the same directory; the unique name says
    /// which process of which machine and name space writes it.
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
                    return Err(Error::Format {
                        path: temporary,
                        object: "file".into(),
                        problem: "exists: another process is writing it, or was killed while it \
                                  did; remove it if no process writes here"
                            .into(),
                    });
                }
                Err(Error::Io {
                    path: temporary,
                    source: error,
                })
            }
        }
    }

    fn named(path: &Path, rename: impl FnOnce(&str) -> String) -> Result<Self> {
        let name = path.file_name().ok_or_else(|| Error::Format {
            path: path.to_path_buf(),
            object: "file".into(),
            problem: "has no file name".into(),
        })?;
        let directory = directory_of(path);
        if !directory.is_dir() {
            fs::create_dir_all(&directory).map_err(Error::io(&directory))?;
        }
        Ok(Self {
            temporary: directory.join(rename(&name.to_string_lossy())),
            destination: path.to_path_buf(),
            committed: false,
            written: Mutex::new(None),
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

    /// Creates the temporary file as an empty HDF5 file. An error of a write, also one that the
    /// library drops while it closes a dataset, is found by [`commit_h5`](Self::commit_h5).
    ///
    /// # Errors
    /// The file or the HDF5 file in it cannot be created.
    pub fn create_h5(&self) -> Result<hdf5::File> {
        if !driver::is_known() {
            return unlocked::create_unbuffered(&self.temporary);
        }
        let written = self.watch(Written::create(&self.temporary))?;
        driver::create(&self.temporary, written)
            .map_err(Error::hdf5(&self.temporary, "cannot be created"))
    }

    /// Makes the temporary file a copy of the HDF5 file `from`, and opens it for reading and
    /// writing, as [`create_h5`](Self::create_h5).
    ///
    /// # Errors
    /// The file cannot be read or copied, or is damaged.
    pub fn copy_h5(&self, from: &Path) -> Result<hdf5::File> {
        let mut source = fs::File::open(from).map_err(Error::io(from))?;
        let mut options = fs::OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(true);
        let mut copied = || {
            let mut copy = options.open(&self.temporary)?;
            std::io::copy(&mut source, &mut copy)?;
            Ok(copy)
        };
        let copy = copied().map_err(Error::io(&self.temporary))?;
        seal::open(from, &copy)?;
        if !driver::is_known() {
            return unlocked::open_unbuffered(&self.temporary);
        }
        let written = self.watch(Written::open(&self.temporary))?;
        driver::open(&self.temporary, written).map_err(unlocked::not_opened(from))
    }

    fn watch(&self, written: std::io::Result<Written>) -> Result<Arc<Mutex<Written>>> {
        let written = written.map_err(Error::io(&self.temporary))?;
        let written = Arc::new(Mutex::new(written));
        *self.watched() = Some(Arc::clone(&written));
        Ok(written)
    }

    fn watched(&self) -> std::sync::MutexGuard<'_, Option<Arc<Mutex<Written>>>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the file appear under its own name, replacing an older one.
    ///
    /// Every handle to the temporary file must be closed before; for HDF5 see
    /// [`commit_h5`](Self::commit_h5).
    ///
    /// # Errors
    /// The file cannot be forced to the disk or renamed; it is then removed.
    pub fn commit(mut self) -> Result<()> {
        let file = fs::OpenOptions::new()
            .write(true)
            .open(&self.temporary)
            .map_err(Error::io(&self.temporary))?;
        file.sync_all().map_err(Error::io(&self.temporary))?;
        drop(file);
        fs::rename(&self.temporary, &self.destination).map_err(Error::io(&self.destination))?;
        self.committed = true;
        // The file is there, but its name may be lost with the machine.
        let forced = || fs::File::open(directory_of(&self.destination))?.sync_all();
        forced().map_err(Error::io(&self.destination))
    }

    /// Flushes and closes `file`, puts a checksum over all of it behind its end ([`seal`]), then
    /// commits as [`commit`](Self::commit).
    ///
    /// Objects of the file that are still open are closed.
    ///
    /// # Errors
    /// As [`commit`](Self::commit); the HDF5 library cannot flush or close the file; or any write
    /// since the file was created has failed, whatever the library has made of it.
    pub fn commit_h5(self, file: hdf5::File) -> Result<()> {
        self.close_h5(file)?;
        let sealed = || {
            seal::put(
                &fs::OpenOptions::new()
                    .read(true)
                    .write(true)
                    .open(&self.temporary)?,
            )
        };
        sealed().map_err(Error::io(&self.temporary))?;
        self.commit()
    }

    /// As [`commit_h5`](Self::commit_h5), of a file that will be written in place: without a
    /// checksum.
    ///
    /// # Errors
    /// As [`commit_h5`](Self::commit_h5).
    pub(super) fn commit_open_h5(self, file: hdf5::File) -> Result<()> {
        self.close_h5(file)?;
        self.commit()
    }

    fn close_h5(&self, file: hdf5::File) -> Result<()> {
        let flushed = file.flush();
        let closed = file.close();
        if let Some(written) = self.watched().take() {
            let written = driver::lock(&written);
            // The system's own word comes before what the library makes of it.
            written.verdict().map_err(Error::io(&self.temporary))?;
            if !written.is_closed() {
                return Err(Error::Format {
                    path: self.temporary.clone(),
                    object: "file".into(),
                    problem: "is still open in the HDF5 library after it was closed".into(),
                });
            }
        }
        flushed
            .and(closed)
            .map_err(Error::hdf5(&self.temporary, "file"))
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
/// The file cannot be written, forced to the disk or renamed.
pub fn write(path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Result<()> {
    let file = AtomicFile::new(path)?;
    fs::write(file.temporary(), content).map_err(Error::io(file.temporary()))?;
    file.commit()
}

/// Removes the temporary files that dead processes of this machine left in `directory`; returns
/// their paths.
///
/// Only names as [`AtomicFile::new`] makes them count, and only if the process that made one is
/// known to have ended. Those of another machine or of another name space of processes stay, as
/// nothing is known of its processes here: until a run there, or until they are removed by hand.
/// Files that another process removes at the same time are no error.
///
/// # Errors
/// The directory cannot be listed, or a file cannot be removed.
pub fn remove_stale(directory: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
    let directory = directory.as_ref();
    let me = Process::this();
    let mut removed = Vec::new();
    for entry in fs::read_dir(directory).map_err(Error::io(directory))? {
        let entry = entry.map_err(Error::io(directory))?;
        let name = entry.file_name();
        let maker = name.to_str().and_then(maker_of);
        if !maker.is_some_and(|maker| me.outlives_maker_of(maker)) {
            continue;
        }
        match fs::remove_file(entry.path()) {
            Ok(()) => removed.push(entry.path()),
            // Another rank or job of this machine sweeps here too.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io(entry.path())(error)),
        }
    }
    removed.sort();
    Ok(removed)
}

/// The unique name in a temporary name, if it is one of ours.
fn maker_of(name: &str) -> Option<&str> {
    let (_, maker) = name.strip_prefix('.')?.rsplit_once(".tmp-")?;
    Some(maker)
}

pub(super) fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_only_on_commit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/data.h5");
        let file = AtomicFile::new(&path).unwrap();
        let h5 = file.create_h5().unwrap();
        h5.new_dataset_builder()
            .with_data(&[1, 2, 3])
            .create("x")
            .unwrap();
        assert!(!path.exists());
        file.commit_h5(h5).unwrap();
        let back = hdf5::File::open(&path).unwrap();
        assert_eq!(
            back.dataset("x").unwrap().read_raw::<i32>().unwrap(),
            [1, 2, 3]
        );
        assert_eq!(names(path.parent().unwrap()), ["data.h5"]);
    }

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
    fn only_files_of_dead_processes_are_stale() {
        let directory = tempfile::tempdir().unwrap();
        let file = AtomicFile::new(directory.path().join("a.tmp-b.h5")).unwrap();
        fs::write(file.temporary(), "").unwrap();
        let alive = file.temporary().file_name().unwrap().to_str().unwrap();
        // host, process, start, name spaces, count; no process has so high a number
        let ours = maker_of(alive).unwrap();
        let [host, _, start, place, _] = ours.split('.').collect::<Vec<_>>().try_into().unwrap();
        let elsewhere = u32::from_str_radix(place, 16).unwrap() ^ 1;
        let dead = format!(".a.h5.tmp-{host}.4294967295.{start}.{place}.3");
        let kept = [
            format!(".a.h5.tmp-{host}-other.4294967295.{start}.{place}.3"),
            format!(".a.h5.tmp-{host}.4294967295.{start}.{elsewhere:08x}.3"),
            format!(".b.tmp-{host}.x.{start}.{place}.3"),
            format!(".c.tmp-{host}.4294967295.{start}.{place}"),
            format!(".c.tmp-{host}.4294967295.{start}.{place}.1.1"),
            format!("a.h5.tmp-{host}.4294967295.{start}.{place}.3"),
            format!(".a.h5.tmp-{host}-4294967295-3"),
            "a.h5".to_owned(),
        ];
        for name in kept.iter().chain([&dead]) {
            fs::write(directory.path().join(name), "").unwrap();
        }
        let removed = remove_stale(directory.path()).unwrap();
        assert_eq!(removed, [directory.path().join(dead)]);
        assert_eq!(names(directory.path()).len(), kept.len() + 1);
    }

    const CHILD: &str = "JOBWISE_ATOMIC_CHILD";

    /// In a name space of processes of its own a process has another number, which here may be
    /// nobody's: that says nothing about its files.
    #[test]
    fn files_of_another_name_space_of_processes_are_not_stale() {
        use std::io::{Read, Write};
        use std::process::{Command, Stdio};

        if let Some(directory) = std::env::var_os(CHILD) {
            let file = AtomicFile::new(Path::new(&directory).join("a.h5")).unwrap();
            fs::write(file.temporary(), "").unwrap();
            assert_eq!(remove_stale(directory).unwrap(), [PathBuf::new(); 0]);
            println!("written");
            std::io::stdin().read_exact(&mut [0]).unwrap();
            file.commit().unwrap();
            return;
        }
        let directory = tempfile::tempdir().unwrap();
        let private = [
            "--user",
            "--map-root-user",
            "--pid",
            "--fork",
            "--mount-proc",
        ];
        let tried = Command::new("unshare").args(private).arg("true").output();
        if !tried.is_ok_and(|tried| tried.status.success()) {
            eprintln!("SKIPPED: this machine makes no name space of processes for us");
            return;
        }
        let mut child = Command::new("unshare")
            .args(private)
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("h5::atomic::tests::files_of_another_name_space_of_processes_are_not_stale")
            .env(CHILD, directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("written") {
            line.clear();
            assert!(std::io::BufRead::read_line(&mut said, &mut line).unwrap() > 0);
        }
        assert_eq!(remove_stale(directory.path()).unwrap(), [PathBuf::new(); 0]);
        child.stdin.take().unwrap().write_all(b"x").unwrap();
        assert!(child.wait().unwrap().success());
        assert_eq!(names(directory.path()), ["a.h5"]);
    }
}
