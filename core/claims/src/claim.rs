use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::error::context;
use crate::listing::{self, Entry, Listing};
use crate::owner::Owner;
use crate::record::Record;
use crate::verdict::Verdict;

/// Who has a claim, as far as its file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The job.
    pub job: String,
    /// Which worker of the job.
    pub worker: usize,
    /// The machine.
    pub host: String,
    /// The process on that machine; 0 where that is not known.
    pub pid: u32,
}

impl Holder {
    pub(crate) fn new(record: Option<Record>) -> Holder {
        record.map_or_else(
            Holder::unknown,
            |Record {
                 job,
                 worker,
                 process,
                 ..
             }| Holder {
                job,
                worker,
                host: process.host,
                pid: process.pid,
            },
        )
    }

    fn unknown() -> Holder {
        Holder {
            job: "unknown".to_owned(),
            worker: 0,
            host: "unknown".to_owned(),
            pid: 0,
        }
    }
}

/// What others wrote, fit for a line on a terminal.
fn printable(text: &str) -> String {
    let plain = |c: char| if c.is_control() { '?' } else { c };
    text.chars().map(plain).collect()
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "worker {} of job {} (process {} on {})",
            self.worker,
            printable(&self.job),
            self.pid,
            printable(&self.host)
        )
    }
}

/// The answer to who asks for a claim.
#[derive(Debug)]
pub enum Answer {
    /// It is yours. Look now whether the work is still to be done.
    Won(Claim),
    /// Somebody else has it, or was as quick as you.
    Held(Holder),
}

/// How a name stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has it; `crashed` owners died with it since it was last given back, whom nobody had
    /// told to end.
    Free {
        /// How many.
        crashed: u32,
        /// Whether there is a claim of somebody who died, crashed or told to end.
        left: bool,
    },
    /// Somebody has it.
    Held(Holder),
}

/// What a look at a name's claims found.
enum Survey {
    /// All that are there are of dead owners.
    Free(Graves),
    Held(Holder),
}

/// The claims of dead owners on one name.
#[derive(Debug, Default)]
struct Graves {
    entries: Vec<Entry>,
    /// How many numbers of claims stand for no crash: owners that were told to end, and what is no
    /// claim.
    blameless: u32,
    /// The number for the next claim.
    next: u32,
}

impl Graves {
    /// How many owners died of themselves. A tombstone that is there no more counts as long as a
    /// later one is.
    fn crashed(&self) -> u32 {
        let last = self.entries.last().map_or(0, |entry| entry.attempt);
        last.saturating_sub(self.blameless)
    }
}

/// A claim that was won. Dropping it gives it back, as [`release`](Claim::release) does.
#[derive(Debug)]
pub struct Claim {
    owner: Owner,
    dir: PathBuf,
    name: String,
    attempt: u32,
    inode: (u64, u64),
    /// The claims of dead owners beneath it.
    graves: Graves,
    released: bool,
}

/// How often one asks again when others come and go at the same instant.
const TRIES: usize = 8;

impl Owner {
    /// Claims `name` in `dir`: the files `<name>.1`, `<name>.2` ... there. Reads the directory, so
    /// its cost grows with the number of files in it.
    ///
    /// # Errors
    /// When the directory cannot be read or written.
    pub fn claim(&self, dir: &Path, name: &str) -> Result<Answer> {
        self.claim_over(dir, name, None)
    }

    /// As [`claim`](Self::claim), but also from the living workers of `job`: for a job that knows
    /// by other means that they have given it up.
    ///
    /// # Errors
    /// As [`claim`](Self::claim).
    pub fn claim_over(&self, dir: &Path, name: &str, job: Option<&str>) -> Result<Answer> {
        let mut try_out = Attempt::new(self, dir, name);
        if !try_out.entered {
            return Ok(Answer::Held(self.myself()));
        }
        let mut graves = Graves {
            next: 1,
            ..Graves::default()
        };
        for _ in 0..TRIES {
            let attempt = graves.next;
            if let Some(inode) = self.link(dir, name, attempt)? {
                if self
                    .look(dir, name)?
                    .is_alone(attempt, inode, &graves.entries)
                {
                    try_out.entered = false; // The claim sees to it from now on.
                    let (dir, name) = (dir.to_owned(), name.to_owned());
                    return Ok(Answer::Won(Claim {
                        owner: self.clone(),
                        dir,
                        name,
                        attempt,
                        inode,
                        graves,
                        released: false,
                    }));
                }
                unlink(&listing::path(dir, name, attempt), inode)
                    .map_err(context("take back the claim", dir))?;
            }
            match self.survey(dir, name, job)? {
                Survey::Free(found) => graves = found,
                Survey::Held(holder) => return Ok(Answer::Held(holder)),
            }
        }
        Ok(Answer::Held(Holder::unknown()))
    }

    /// How `name` in `dir` stands, without claiming it. What this owner holds itself is held.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn standing(&self, dir: &Path, name: &str) -> Result<Standing> {
        if self.held().contains(&dir.join(name)) {
            return Ok(Standing::Held(self.myself()));
        }
        Ok(match self.survey(dir, name, None)? {
            Survey::Free(graves) => Standing::Free {
                crashed: graves.crashed(),
                left: !graves.entries.is_empty(),
            },
            Survey::Held(holder) => Standing::Held(holder),
        })
    }

    /// Looks who has claims, taking living workers of the job `over` for dead. Links of this owner
    /// that no thread knows of (a file server told of a failure that was none) are removed.
    fn survey(&self, dir: &Path, name: &str, over: Option<&str>) -> Result<Survey> {
        let mut graves = Graves::default();
        let listing = self.look(dir, name)?;
        graves.next = listing.next().ok_or_else(|| {
            let last = listing::path(dir, name, listing::MOST);
            let what = "it has the last number that there is: remove it";
            context("claim after", &last)(io::Error::new(ErrorKind::InvalidInput, what))
        })?;
        for entry in listing.claims {
            let path = listing::path(dir, name, entry.attempt);
            if self.shared.pulse.owns(entry.inode) {
                unlink(&path, entry.inode).map_err(context("remove", &path))?;
                continue;
            }
            let told = match self
                .judge()
                .judge(&path, &entry)
                .map_err(context("read", &path))?
            {
                Verdict::Alive(Some(record)) if over == Some(&record.job) => false,
                Verdict::Alive(record) => return Ok(Survey::Held(Holder::new(record))),
                Verdict::Dead { told } => told,
                Verdict::Vanished => continue,
            };
            graves.blameless += u32::from(told);
            graves.entries.push(entry);
        }
        let last = graves.entries.last().map_or(0, |entry| entry.attempt);
        let skipped = listing.strange.iter().filter_map(|strange| strange.attempt);
        graves.blameless += skipped.filter(|number| *number < last).count() as u32;
        Ok(Survey::Free(graves))
    }

    /// Lists what is called like a claim, and tells of what is none.
    fn look(&self, dir: &Path, name: &str) -> Result<Listing> {
        let listing = listing::look(dir, name).map_err(context("read", dir))?;
        for strange in &listing.strange {
            self.shared.warnings.note(format!(
                "{} is no claim ({}): it is left alone, remove it",
                strange.path.display(),
                strange.why
            ));
        }
        Ok(listing)
    }

    /// Links this owner's file as a claim; `None` when that attempt is taken. Its number otherwise.
    fn link(&self, dir: &Path, name: &str, attempt: u32) -> Result<Option<(u64, u64)>> {
        let to = listing::path(dir, name, attempt);
        let mut renewed = false;
        loop {
            let Some(file) = self.shared.pulse.newest() else {
                self.renew()?;
                continue;
            };
            match fs::hard_link(&file.path, &to) {
                Ok(()) => return Ok(Some(file.inode)),
                // A file server that answers twice: the link is ours after all.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    let ours = fs::symlink_metadata(&to)
                        .is_ok_and(|found| (found.dev(), found.ino()) == file.inode);
                    return Ok(ours.then_some(file.inode));
                }
                Err(error)
                    if !renewed
                        && (error.kind() == ErrorKind::TooManyLinks || !file.path.exists()) =>
                {
                    self.renew()?;
                    renewed = true;
                }
                Err(error) => return Err(context("claim", &to)(error)),
            }
        }
    }

    fn myself(&self) -> Holder {
        Holder::new(Some(self.shared.record.clone()))
    }
}

impl Claim {
    /// Which attempt at the work this is: 1, and 1 more for each owner that died with it.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// How many owners died with it of themselves: of those before this one, all but those that
    /// were told to end before.
    pub fn crashed(&self) -> u32 {
        self.graves.crashed()
    }

    /// Whether somebody died with it before, crashed or told to end.
    pub fn was_left(&self) -> bool {
        !self.graves.entries.is_empty()
    }

    /// Whether nobody took it for dead and claimed after it. Ask before writing what would harm
    /// another's work.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn still_mine(&self) -> Result<bool> {
        let entries = listing::list(&self.dir, &self.name).map_err(context("read", &self.dir))?;
        // What is beneath it is of the dead; one of them that woke up does not take it away.
        Ok(entries
            .last()
            .is_some_and(|top| top.attempt == self.attempt && top.inode == self.inode))
    }

    /// Gives it back, and removes the traces of those who died with it: the next claim is
    /// attempt 1. When another owner has claimed it meanwhile, that claim stays.
    ///
    /// # Errors
    /// When the files cannot be removed.
    pub fn release(mut self) -> Result<()> {
        self.give_back()
            .map_err(context("give back the claim on", &self.dir))
    }

    /// Leaves it behind, as the death of its owner would: when this owner has left or its process
    /// ended, the next claim counts one attempt more.
    pub fn abandon(mut self) {
        self.released = true;
    }

    fn give_back(&mut self) -> io::Result<()> {
        self.released = true;
        let outcome = self.remove();
        self.owner.held().remove(&self.dir.join(&self.name));
        outcome
    }

    /// Lowest first, so that no old claim is the highest for a moment.
    fn remove(&self) -> io::Result<()> {
        for dead in &self.graves.entries {
            unlink(
                &listing::path(&self.dir, &self.name, dead.attempt),
                dead.inode,
            )?;
        }
        unlink(
            &listing::path(&self.dir, &self.name, self.attempt),
            self.inode,
        )
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.released {
            let _ = self.give_back();
        }
    }
}

/// Removes a claim, if it is still that file.
fn unlink(path: &Path, inode: (u64, u64)) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if (found.dev(), found.ino()) == inode => fs::remove_file(path),
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The right of one thread of an owner to try for a name.
struct Attempt<'o> {
    owner: &'o Owner,
    key: PathBuf,
    entered: bool,
}

impl<'o> Attempt<'o> {
    fn new(owner: &'o Owner, dir: &Path, name: &str) -> Attempt<'o> {
        let key = dir.join(name);
        let entered = owner.held().insert(key.clone());
        Attempt {
            owner,
            key,
            entered,
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.entered {
            self.owner.held().remove(&self.key);
        }
    }
}
