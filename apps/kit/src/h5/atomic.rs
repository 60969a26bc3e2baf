//! Files that appear complete or not at all.
//!
//! A file is written under a temporary name in its own directory, forced to the disk, renamed, and
//! then the directory is forced to the disk. A reader therefore sees the whole file or none, and a
//! killed run leaves only a temporary file behind, which [`remove_stale`] recognises by its name.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::written::Written;
use super::{Error, Result, driver, seal, unlocked};

/// Numbers the temporary names of this process, so that threads never share one.
static COUNTER: AtomicU64 = AtomicU64::new(0);

/// This host's name in temporary names: hosts that share a file system must not judge each other's
/// processes.
static HOST: LazyLock<String> = LazyLock::new(|| {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    host_in_names(&name)
});

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
    /// Plans `path`, to be written as `.NAME.tmp-<host>-<process>-<counter>` in the same directory.
    ///
    /// Missing directories are created. Nothing else is written yet.
    ///
    /// # Errors
    /// `path` has no file name, or its directory cannot be created.
    pub fn new(path: impl AsRef<Path>) -> Result<Self> {
        let counter = COUNTER.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        Self::named(path.as_ref(), |name| {
            format!(".{name}.tmp-{}-{process}-{counter}", *HOST)
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

/// Removes the temporary files that dead processes of this host left in `directory`; returns their
/// paths.
///
/// Only names of the form `.NAME.tmp-<host>-<process>-<counter>` with this host's name count, and
/// only if no process of that number lives here. Those of another host stay, as a process number
/// says nothing about another host: until a run on that host, or until they are removed by hand.
/// Files that another process removes at the same time are no error.
///
/// # Errors
/// The directory cannot be listed, or a file cannot be removed.
pub fn remove_stale(directory: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
    let directory = directory.as_ref();
    let mut removed = Vec::new();
    for entry in fs::read_dir(directory).map_err(Error::io(directory))? {
        let entry = entry.map_err(Error::io(directory))?;
        let name = entry.file_name();
        match name.to_str().and_then(writer_of) {
            Some((host, process)) if host == *HOST && !is_alive(process) => {}
            _ => continue,
        }
        match fs::remove_file(entry.path()) {
            Ok(()) => removed.push(entry.path()),
            // Another rank or job of this host sweeps here too.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io(entry.path())(error)),
        }
    }
    removed.sort();
    Ok(removed)
}

/// A host's name without the characters that have a meaning in temporary names.
fn host_in_names(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let name: String = name
        .trim()
        .chars()
        .map(|c| if allowed(c) { c } else { '.' })
        .collect();
    if name.is_empty() {
        "unknown".to_owned()
    } else {
        name
    }
}

/// The host and the process number in a temporary name, if it is one of ours.
fn writer_of(name: &str) -> Option<(&str, u32)> {
    let (_, writer) = name.strip_prefix('.')?.rsplit_once(".tmp-")?;
    let mut parts = writer.split('-');
    let (host, process, counter) = (parts.next()?, parts.next()?, parts.next()?);
    counter.parse::<u64>().ok()?;
    match parts.next() {
        None => Some((host, process.parse().ok()?)),
        Some(_) => None,
    }
}

/// Whether a process lives on this host; true where that cannot be known. One that has ended and
/// that its parent has not asked about yet (a zombie) does not live.
fn is_alive(process: u32) -> bool {
    let table = Path::new("/proc");
    if !table.join("self").exists() {
        return true;
    }
    match fs::read_to_string(table.join(format!("{process}/stat"))) {
        // "number (name) state ...", where the name may hold anything.
        Ok(line) => !line
            .rsplit_once(") ")
            .is_some_and(|(_, state)| state.starts_with(['Z', 'X'])),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
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
    fn a_temporary_name_tells_host_and_process() {
        let directory = tempfile::tempdir().unwrap();
        let file = AtomicFile::new(directory.path().join("a.tmp-b.h5")).unwrap();
        let name = file.temporary().file_name().unwrap().to_str().unwrap();
        assert_eq!(writer_of(name), Some((HOST.as_str(), std::process::id())));
        assert_eq!(host_in_names("node-7_a.site.org\n"), "node.7.a.site.org");
        assert_eq!(host_in_names("\n"), "unknown");
    }

    #[test]
    fn a_process_nobody_asked_about_is_dead() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let ended = || !is_alive(child.id());
        for _ in 0..1000 {
            if ended() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        // It ended, and has its number still.
        assert!(ended());
        assert!(Path::new("/proc").join(child.id().to_string()).exists());
        child.wait().unwrap();
        assert!(is_alive(std::process::id()));
    }

    #[test]
    fn only_files_of_dead_processes_of_this_host_are_stale() {
        let directory = tempfile::tempdir().unwrap();
        let host = HOST.as_str();
        let alive = format!(".a.h5.tmp-{host}-{}-0", std::process::id());
        // Process numbers end below 2^22 on Linux.
        let dead = format!(".a.h5.tmp-{host}-4294967295-3");
        let kept = [
            alive,
            format!(".a.h5.tmp-{host}.other-4294967295-3"),
            format!(".b.tmp-{host}-x-1"),
            format!("a.h5.tmp-{host}-4294967295-3"),
            format!(".c.tmp-{host}-4294967295"),
            format!(".c.tmp-{host}-4294967295-1-1"),
            ".c.tmp-4294967295-1".to_owned(),
            "a.h5".to_owned(),
        ];
        for name in kept.iter().chain([&dead]) {
            fs::write(directory.path().join(name), "").unwrap();
        }
        let removed = remove_stale(directory.path()).unwrap();
        assert_eq!(removed, [directory.path().join(dead)]);
        assert_eq!(names(directory.path()).len(), kept.len());
    }
}
