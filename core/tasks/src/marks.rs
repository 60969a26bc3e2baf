use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::context;
use crate::layout::{entries, hash, shard_of};
use crate::task_dir::TaskDir;
use jobwise_core::Result;

/// Marks of tasks that are done, in a directory in shards: a second link to the state file of each,
/// whose name says which directory and which task it is about. A listing of marks stands for a look
/// at every task.
///
/// A mark is *new* as long as its task is claimed or its state is not forced to the disk. There is
/// a mark, new or not, only while the state is DONE: who changes the state removes it before.
#[derive(Debug)]
pub(crate) struct Marks {
    dir: PathBuf,
    new: RefCell<Vec<New>>,
}

#[derive(Debug)]
struct New {
    state: PathBuf,
    mark: PathBuf,
    since: Instant,
}

/// What a mark is about: the inode of a task's directory, and the hash of the task's name.
pub(crate) type Subject = (u64, u64);

/// So many marks are made firm together, or those of so long.
const MOST: usize = 256;
const LONGEST: Duration = Duration::from_secs(5);
const THREADS: usize = 16;
const NEW: &str = ".new";

impl Marks {
    /// Beneath the directory for bookkeeping.
    pub(crate) fn new(bookkeeping: &Path) -> Marks {
        Marks {
            dir: bookkeeping.join("done"),
            new: RefCell::default(),
        }
    }

    fn shard(&self, shard: usize) -> PathBuf {
        self.dir.join(format!("{shard:02x}"))
    }

    fn path(&self, dir: &TaskDir, name: &OsStr) -> io::Result<PathBuf> {
        let (inode, hash) = (fs::metadata(dir.path())?.ino(), hash(name));
        Ok(self
            .shard(shard_of(name))
            .join(format!("{inode:x}-{hash:x}")))
    }

    /// Marks a task that is done and claimed by this rank; it is firm after [`settle`].
    ///
    /// [`settle`]: Self::settle
    pub(crate) fn make(&self, dir: &TaskDir, name: &OsStr) -> io::Result<()> {
        let (state, mark) = (dir.state_file(), self.path(dir, name)?);
        if fs::symlink_metadata(&mark).is_ok() {
            // To rename one link to a file to another does nothing.
            return Ok(());
        }
        let new = mark.with_extension(&NEW[1..]);
        let linked = match fs::hard_link(&state, &new) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(self.shard(shard_of(name)))?;
                fs::hard_link(&state, &new)
            }
            linked => linked,
        };
        match linked {
            // Somebody died before it was firm.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            linked => linked?,
        }
        let since = Instant::now();
        self.new.borrow_mut().push(New { state, mark, since });
        Ok(())
    }

    /// Whether it is time to settle.
    pub(crate) fn are_due(&self) -> bool {
        let new = self.new.borrow();
        new.len() >= MOST || new.first().is_some_and(|new| new.since.elapsed() > LONGEST)
    }

    /// Forces the states of tasks with new marks, whose claims were given back, to the disk, and
    /// makes the marks firm. The first error counts, and the rest is done all the same.
    pub(crate) fn settle(&self) -> io::Result<()> {
        let new = self.new.take();
        std::thread::scope(|scope| {
            // Files that are forced to the disk at the same time share its writes.
            let parts = new.chunks(new.len().div_ceil(THREADS).max(1));
            let thread =
                |part| std::thread::Builder::new().spawn_scoped(scope, move || make_firm(part));
            let parts: Vec<_> = parts.map(|part| (part, thread(part))).collect();
            let settled = parts.into_iter().map(|(part, thread)| match thread {
                Ok(thread) => thread.join().unwrap_or(Err(ErrorKind::Other.into())),
                Err(_) => make_firm(part),
            });
            settled.fold(Ok(()), io::Result::and)
        })
    }

    /// The task, which is claimed by this rank, is about to be something else than done.
    pub(crate) fn remove(&self, dir: &TaskDir, name: &OsStr) -> Result<()> {
        let mark = match self.path(dir, name) {
            Ok(mark) => mark,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(context("read", dir.path())(error)),
        };
        // In this order: who makes it firm at this moment renames the first to the second.
        remove(&mark.with_extension(&NEW[1..]))?;
        remove(&mark)
    }

    /// The marks of a shard, and whether they are firm.
    pub(crate) fn list(&self, shard: usize) -> Result<HashMap<Subject, bool>> {
        let mut found = HashMap::new();
        for entry in entries(&self.shard(shard))? {
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                continue;
            };
            let (subject, is_firm) = match name.strip_suffix(NEW) {
                Some(subject) => (subject, false),
                None => (name.as_str(), true),
            };
            // What is no mark is nobody's matter.
            let Some(subject) = parse(subject) else {
                continue;
            };
            if let Some(was_firm) = found.insert(subject, is_firm) {
                // Two runs have made it at the same time.
                found.insert(subject, true);
                let new = if was_firm {
                    entry.path()
                } else {
                    entry.path().with_extension(&NEW[1..])
                };
                remove(&new)?;
            }
        }
        Ok(found)
    }

    /// Removes a mark of a directory that is not there any more.
    pub(crate) fn forget(&self, shard: usize, (inode, hash): Subject) -> Result<()> {
        let mark = self.shard(shard).join(format!("{inode:x}-{hash:x}"));
        remove(&mark.with_extension(&NEW[1..]))?;
        remove(&mark)
    }
}

fn make_firm(marks: &[New]) -> io::Result<()> {
    let make_firm = |New { state, mark, .. }: &New| {
        File::open(state)?.sync_data()?;
        fs::rename(mark.with_extension(&NEW[1..]), mark)
    };
    let made = marks.iter().map(|new| match make_firm(new) {
        // The task was opened meanwhile, and its mark removed, or its directory.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        made => made,
    });
    made.fold(Ok(()), io::Result::and)
}

fn parse(name: &str) -> Option<Subject> {
    let (inode, hash) = name.split_once('-')?;
    let number = |digits| u64::from_str_radix(digits, 16).ok();
    Some((number(inode)?, number(hash)?))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(context("remove", path)(error)),
        _ => Ok(()),
    }
}
