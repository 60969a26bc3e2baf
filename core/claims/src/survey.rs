use std::fs::DirEntry;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::error::{Result, context};
use crate::holder::Holder;
use crate::listing::{self, Entry, Listing};
use crate::owner::Owner;
use crate::unlink::unlink;
use crate::verdict::Verdict;

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
pub(crate) enum Survey {
    /// All that are there are of dead owners.
    Free(Graves),
    Held(Holder),
}

/// The claims of dead owners on one name.
#[derive(Debug, Default)]
pub(crate) struct Graves {
    pub(crate) entries: Vec<Entry>,
    /// How many numbers of claims stand for no crash: owners that were told to end, and what is no
    /// claim.
    blameless: u32,
    /// The number for the next claim.
    pub(crate) next: u32,
}

impl Graves {
    /// Of a name that nobody has claimed.
    pub(crate) fn none() -> Graves {
        Graves {
            next: 1,
            ..Graves::default()
        }
    }

    /// How many owners died of themselves. A tombstone that is there no more counts as long as a
    /// later one is.
    pub(crate) fn crashed(&self) -> u32 {
        let last = self.entries.last().map_or(0, |entry| entry.attempt);
        last.saturating_sub(self.blameless)
    }
}

impl Owner {
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
    pub(crate) fn survey(&self, dir: &Path, name: &str, over: Option<&str>) -> Result<Survey> {
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
    pub(crate) fn look(&self, dir: &Path, name: &str) -> Result<Listing> {
        self.look_at_all(dir, name, &mut |_| ())
    }

    /// The same; `all` is told of everything that lies there.
    pub(crate) fn look_at_all(
        &self,
        dir: &Path,
        name: &str,
        all: &mut dyn FnMut(&DirEntry),
    ) -> Result<Listing> {
        let listing = listing::look_at_all(dir, name, all).map_err(context("read", dir))?;
        for strange in &listing.strange {
            self.shared.warnings.note(format!(
                "{} is no claim ({}): it is left alone, remove it",
                strange.path.display(),
                strange.why
            ));
        }
        Ok(listing)
    }
}
