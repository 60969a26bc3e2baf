use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use crate::error::Result;
use crate::error::context;
use crate::listing::Entry;
use crate::process::Process;
use crate::pulse::{OwnerFile, Pulse};
use crate::record::Record;
use crate::verdict::{Judge, Verdict};
use crate::warnings::Warnings;

/// What an owner says of itself when it joins.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The job, for those who look; at most 200 characters of it are kept.
    pub job: String,
    /// Which worker of the job.
    pub worker: usize,
    /// After how long without a sign of life the owner counts as dead, 60 s at first. One comes
    /// every sixth of it. At least 0.1 s.
    pub lease: Duration,
    /// How long the owner's work may need to end when it has to, 0 at first. It has to before the
    /// lease is over: see [`Owner::holds_for`]. Others are told of a longer lease where it is
    /// shorter than twice this time.
    pub grace: Duration,
}

impl Terms {
    /// Worker 0 of a job, with a lease of 60 s.
    pub fn new(job: &str) -> Terms {
        Terms {
            job: job.to_owned(),
            worker: 0,
            lease: Duration::from_mins(1),
            grace: Duration::ZERO,
        }
    }
}

/// Takes part in the claims of a directory, from [`join`](Owner::join) until its last clone and the
/// last of its claims are gone. Shared by threads.
#[derive(Clone, Debug)]
pub struct Owner {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    bookkeeping: PathBuf,
    pub(crate) record: Record,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) warnings: Arc<Warnings>,
    /// After how long without a sign of life this owner's work has to begin to end.
    patience: Duration,
    thread: Option<JoinHandle<()>>,
    /// What threads of this owner hold or try to get, by directory and name: all its links are one
    /// file, so files cannot tell them apart.
    pub(crate) held: Mutex<HashSet<PathBuf>>,
    /// The files of owners whose marks count.
    pub(crate) trusted: Mutex<HashSet<u64>>,
}

/// What the dead left behind in a directory for bookkeeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leftovers {
    /// Owners that died and still have claims somewhere.
    pub holders: usize,
    /// Files that were removed.
    pub removed: usize,
}

/// Numbers the owners and files of this process.
static COUNT: AtomicU64 = AtomicU64::new(0);

impl Owner {
    /// Joins the claims whose bookkeeping is in `bookkeeping`, which is made if need be, and gives
    /// signs of life from now on.
    ///
    /// # Errors
    /// When the directory or this owner's file cannot be made.
    pub fn join(bookkeeping: &Path, terms: &Terms) -> Result<Owner> {
        fs::create_dir_all(bookkeeping).map_err(context("make", bookkeeping))?;
        let process = Process::this();
        let lease = terms.lease.max(Duration::from_millis(100));
        let (id, path, file) = create(bookkeeping, &process)?;
        let stated = lease.max(lease / 2 + terms.grace);
        let record = Record {
            id,
            job: terms.job.clone(),
            worker: terms.worker,
            process,
            lease: stated,
        };
        let pulse = Arc::new(Pulse::new(lease));
        let begun = OwnerFile::new(path.clone(), file, &record.to_line())
            .and_then(|file| pulse.add(file))
            .and_then(|()| pulse.start());
        let thread = begun.map_err(|cause| {
            let _ = fs::remove_file(&path);
            context("write", &path)(cause)
        })?;
        Ok(Owner {
            shared: Arc::new(Shared {
                bookkeeping: bookkeeping.to_owned(),
                record,
                pulse,
                warnings: Arc::default(),
                patience: stated.saturating_sub(terms.grace),
                thread: Some(thread),
                held: Mutex::default(),
                trusted: Mutex::default(),
            }),
        })
    }

    /// What tells this owner from all others: letters, digits, `-`, `_` and points.
    pub fn id(&self) -> &str {
        &self.shared.record.id
    }

    /// The machine on which it runs.
    pub fn host(&self) -> &str {
        &self.shared.record.process.host
    }

    /// How old a file is that was written at `then` by the file server's clock; `None` where that
    /// is in the future.
    pub fn age(&self, then: SystemTime) -> Option<Duration> {
        self.shared.pulse.age(then)
    }

    /// For how long a file that was written at `then` has not changed while this owner looked, by
    /// its own clock.
    pub fn unchanged(&self, inode: (u64, u64), then: SystemTime) -> Duration {
        self.shared.pulse.silence(inode, then, b"", self.lease())
    }

    /// For how long from now on this owner's work may go on without another sign of life: nothing
    /// when it has to end now, because others will take it over.
    pub fn holds_for(&self) -> Duration {
        let silence = self.shared.pulse.own_silence();
        self.shared.patience.saturating_sub(silence)
    }

    /// Leaves word that this owner was told to end. Should it die before it has given back its
    /// claims, that counts as no crash.
    ///
    /// # Errors
    /// When its file cannot be written.
    pub fn tell_end(&self) -> Result<()> {
        let dir = &self.shared.bookkeeping;
        self.shared
            .pulse
            .tell_end()
            .map_err(context("write in", dir))
    }

    /// What was odd about the files of others so far, one line each; each is told once.
    pub fn take_warnings(&self) -> Vec<String> {
        self.shared.warnings.take()
    }

    /// The lease that its claims state.
    pub fn lease(&self) -> Duration {
        self.shared.record.lease
    }

    /// A file of its own in the directory for bookkeeping, called `<what>.of.<id>`:
    /// [`sweep`](Self::sweep) removes it when the owner is dead.
    pub fn private(&self, what: &str) -> PathBuf {
        self.shared
            .bookkeeping
            .join(format!("{what}.of.{}", self.id()))
    }

    /// Removes the files of owners that are dead and hold no claim, and private files of all the
    /// dead. Not collective; any number may do so at once.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn sweep(&self) -> Result<Leftovers> {
        let dir = &self.shared.bookkeeping;
        let (mut holders, mut removed) = (0, 0);
        let mut private = Vec::new();
        for found in fs::read_dir(dir).map_err(context("read", dir))? {
            let file = found.map_err(context("read", dir))?.file_name();
            let Some(file) = file.to_str() else { continue };
            if let Some((_, id)) = file.rsplit_once(".of.") {
                private.push((dir.join(file), dir.join(format!("owner.{id}"))));
            } else if file.starts_with("owner.") {
                match self.bury(&dir.join(file)) {
                    Burial::Removed => removed += 1,
                    Burial::Holder => holders += 1,
                    Burial::No => {}
                }
            }
        }
        for (file, owner) in private {
            if self.is_dead(&owner) && fs::remove_file(file).is_ok() {
                removed += 1;
            }
        }
        Ok(Leftovers { holders, removed })
    }

    /// Whether nobody else takes part, of those who have joined: all others are dead. Ends at the
    /// first who is not.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn is_last(&self) -> Result<bool> {
        for path in self.others()? {
            if !self.is_dead(&path?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether somebody else has joined and not left, dead or alive.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn has_company(&self) -> Result<bool> {
        Ok(self.others()?.next().transpose()?.is_some())
    }

    /// The files of other owners.
    fn others(&self) -> Result<impl Iterator<Item = Result<PathBuf>> + '_> {
        let dir = &self.shared.bookkeeping;
        let own = self.shared.pulse.files();
        let found = fs::read_dir(dir).map_err(context("read", dir))?;
        let paths = found.map(|found| Ok(found.map_err(context("read", dir))?.path()));
        Ok(paths.filter(move |path: &Result<PathBuf>| {
            path.as_ref().map_or(true, |path| {
                let file = path.file_name().and_then(OsStr::to_str);
                file.is_some_and(|file| file.starts_with("owner."))
                    && own.iter().all(|own| own.path != *path)
            })
        }))
    }

    fn bury(&self, path: &Path) -> Burial {
        if !self.is_dead(path) {
            return Burial::No;
        }
        match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.nlink() > 1 => Burial::Holder,
            Ok(_) if fs::remove_file(path).is_ok() => Burial::Removed,
            _ => Burial::No,
        }
    }

    /// Whether the owner of that file is dead or has left. One that died before it wrote its record
    /// is known by the name of its file.
    fn is_dead(&self, path: &Path) -> bool {
        let entry = match fs::metadata(path).and_then(|metadata| Entry::new(0, &metadata)) {
            Ok(entry) => entry,
            Err(error) => return error.kind() == ErrorKind::NotFound,
        };
        if self.shared.pulse.owns(entry.inode) {
            return false;
        }
        match self.judge().judge(path, &entry) {
            Ok(Verdict::Dead { .. } | Verdict::Vanished) => true,
            Ok(Verdict::Alive(None)) => self.is_named_after_the_dead(path),
            Ok(Verdict::Alive(Some(_))) => false,
            Err(error) => {
                let path = path.display();
                let oddity =
                    format!("{path} is no file of an owner ({error}): it is left alone, remove it");
                self.shared.warnings.note(oddity);
                false
            }
        }
    }

    fn is_named_after_the_dead(&self, path: &Path) -> bool {
        let me = &self.shared.record.process;
        let file = path.file_name().and_then(|file| file.to_str());
        file.and_then(|file| file.strip_prefix("owner."))
            .is_some_and(|id| me.outlives_maker_of(id))
    }

    pub(crate) fn judge(&self) -> Judge<'_> {
        Judge {
            me: &self.shared.record.process,
            pulse: &self.shared.pulse,
            lease: self.lease(),
            warnings: &self.shared.warnings,
        }
    }

    /// Makes another file for the next claims: the one so far has as many links as can be, or was
    /// removed by somebody.
    pub(crate) fn renew(&self) -> Result<()> {
        let dir = &self.shared.bookkeeping;
        fs::create_dir_all(dir).map_err(context("make", dir))?;
        let (_, path, file) = create(dir, &self.shared.record.process)?;
        OwnerFile::new(path.clone(), file, &self.shared.record.to_line())
            .and_then(|file| self.shared.pulse.add(file))
            .map_err(context("write", &path))
    }

    pub(crate) fn held(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        self.shared
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

enum Burial {
    Removed,
    Holder,
    No,
}

/// A name that no other process has, and this one gives once: letters, digits, `-`, `_` and points.
pub fn unique_name() -> String {
    format!(
        "{}.{}",
        Process::this().name(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}

/// A new file for an owner: its id, path and handle.
fn create(dir: &Path, process: &Process) -> Result<(String, PathBuf, File)> {
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let id = format!("{}.{count}", process.name());
        let path = dir.join(format!("owner.{id}"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((id, path, file)),
            // A container may have the same names and numbers as another one.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(context("make", &path)(error)),
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.pulse.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        for file in self.pulse.files() {
            let _: io::Result<()> = fs::remove_file(&file.path);
        }
    }
}
