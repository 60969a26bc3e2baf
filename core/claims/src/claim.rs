use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::attempt::Attempt;
use crate::error::{Result, context};
use crate::holder::Holder;
use crate::listing;
use crate::owner::Owner;
use crate::survey::{Graves, Survey};
use crate::unlink::unlink;

/// The answer to who asks for a claim.
#[derive(Debug)]
pub enum Answer {
    /// It is yours. Look now whether the work is still to be done.
    Won(Claim),
    /// Somebody else has it, or was as quick as you.
    Held(Holder),
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
        self.claim_seeing(dir, name, job, &mut |_| ())
    }

    /// As [`claim_over`](Self::claim_over); `all` is told of all files that lie in `dir` when the
    /// claim is won.
    pub(crate) fn claim_seeing(
        &self,
        dir: &Path,
        name: &str,
        job: Option<&str>,
        all: &mut dyn FnMut(&DirEntry),
    ) -> Result<Answer> {
        let mut try_out = Attempt::new(self, dir, name);
        if !try_out.entered {
            return Ok(Answer::Held(self.myself()));
        }
        let mut graves = Graves::none();
        for _ in 0..TRIES {
            let attempt = graves.next;
            if let Some(inode) = self.link(dir, name, attempt)? {
                if self
                    .look_at_all(dir, name, &mut *all)?
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

    pub(crate) fn myself(&self) -> Holder {
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

    /// Gives it back as [`release`](Claim::release) does, and leaves a mark that the work on the
    /// name is done, for the [`overview`](Owner::overview) of all who take part. The last one who
    /// leaves calls [`remove_marks`](crate::remove_marks).
    ///
    /// # Errors
    /// When the files cannot be changed.
    pub fn finish(mut self) -> Result<()> {
        self.released = true;
        let outcome = self.mark();
        self.owner.held().remove(&self.dir.join(&self.name));
        outcome.map_err(context("give back the claim on", &self.dir))
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

    fn path(&self) -> PathBuf {
        listing::path(&self.dir, &self.name, self.attempt)
    }

    /// Lowest first, so that no old claim is the highest for a moment.
    fn remove(&self) -> io::Result<()> {
        self.remove_graves()?;
        unlink(&self.path(), self.inode)
    }

    /// As [`remove`](Self::remove), and the claim becomes the mark.
    fn mark(&self) -> io::Result<()> {
        self.remove_graves()?;
        let path = self.path();
        match fs::symlink_metadata(&path) {
            Ok(found) if (found.dev(), found.ino()) == self.inode => {
                fs::rename(&path, listing::mark(&self.dir, &self.name))
            }
            // Another owner took this one for dead: it tells when the work is done.
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn remove_graves(&self) -> io::Result<()> {
        self.graves.entries.iter().try_for_each(|dead| {
            unlink(
                &listing::path(&self.dir, &self.name, dead.attempt),
                dead.inode,
            )
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.released {
            let _ = self.give_back();
        }
    }
}
