//! From a finished change to a changed file: a list of steps, at each of which a process may die.
//! See `recover` for what follows.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::super::disk::read_or_zero;
use super::super::{Error, Result};
use super::journal::{self, Journal};

/// One effect on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The file gets its length, or keeps the old one if that is longer.
    Lengthen,
    /// The file, and so what was written behind the old end, is forced to the disk.
    Force,
    /// The journal is written under a temporary name and forced to the disk.
    WriteJournal,
    /// The journal gets its name. From now on the change is done.
    Publish,
    /// The name is forced to the disk.
    ForceName,
    /// A region is overwritten.
    Overwrite(usize),
    /// What the new file does not use is cut off.
    Cut,
    /// The journal is removed.
    RemoveJournal,
}

/// A change of the file `path`, which is open as `disk`.
#[derive(Debug)]
pub(super) struct Commit<'a> {
    pub(super) path: &'a Path,
    pub(super) disk: &'a File,
    pub(super) journal: &'a Journal,
}

impl Commit<'_> {
    /// What is to be done, in this order. Up to `Publish` the file is the old one; the journal
    /// makes it the new one after.
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = vec![
            Step::Lengthen,
            Step::Force,
            Step::WriteJournal,
            Step::Publish,
            Step::ForceName,
        ];
        steps.extend(self.applying());
        steps
    }

    /// The steps after the journal is there.
    pub(super) fn applying(&self) -> impl Iterator<Item = Step> + use<> {
        let overwriting = (0..self.journal.regions.len()).map(Step::Overwrite);
        overwriting.chain([Step::Cut, Step::Force, Step::RemoveJournal, Step::ForceName])
    }

    pub(super) fn apply(&self, step: Step) -> Result<()> {
        let place = journal::path_of(self.path);
        match step {
            Step::Lengthen => self.on_file(|disk| disk.set_len(self.journal.longest())),
            Step::Force => self.on_file(File::sync_all),
            Step::WriteJournal => {
                let draft = draft_of(&place);
                let write = || {
                    use std::io::Write;
                    let mut file = File::create(&draft)?;
                    file.write_all(&self.journal.encode())?;
                    file.sync_all()
                };
                write().map_err(Error::io(&draft))
            }
            Step::Publish => fs::rename(draft_of(&place), &place).map_err(Error::io(&place)),
            Step::ForceName => {
                let directory = place.parent().unwrap_or(Path::new("/"));
                let force = || File::open(directory)?.sync_all();
                // The directory is of no interest to who asked for a changed file.
                force().map_err(Error::io(self.path))
            }
            Step::Overwrite(index) => {
                let region = &self.journal.regions[index];
                self.on_file(|disk| disk.write_all_at(&region.new, region.address))
            }
            Step::Cut => self.on_file(|disk| disk.set_len(self.journal.new_end)),
            Step::RemoveJournal => remove(&place).map_err(Error::io(&place)),
        }
    }

    /// Does all steps. If one fails, the file is made the old one again.
    pub(super) fn run(&self) -> Result<()> {
        let outcome = self
            .steps()
            .into_iter()
            .try_for_each(|step| self.apply(step));
        outcome.map_err(|error| match self.roll_back() {
            Ok(()) => error,
            Err(also) => Error::Format {
                path: self.path.to_path_buf(),
                object: "file".into(),
                problem: format!(
                    "is changed in part ({error}; undoing it: {also}); keep {} beside it, make \
                     room on the disk and run the \
                     command again",
                    journal::path_of(self.path).display()
                ),
            },
        })
    }

    /// Makes the file the old one and removes the journal, in this order: until then the journal
    /// can do either.
    pub(super) fn roll_back(&self) -> Result<()> {
        self.restore()?;
        let place = journal::path_of(self.path);
        for path in [draft_of(&place), place] {
            remove(&path).map_err(Error::io(&path))?;
        }
        self.apply(Step::ForceName)
    }

    /// Makes the file the old one, wherever its journal is.
    pub(super) fn restore(&self) -> Result<()> {
        self.on_file(|disk| {
            for region in &self.journal.regions {
                let mut there = vec![0; region.old.len()];
                read_or_zero(disk, region.address, &mut there)?;
                if there != region.old {
                    disk.write_all_at(&region.old, region.address)?;
                }
            }
            disk.set_len(self.journal.old_end)?;
            disk.sync_all()
        })
    }

    /// Makes the file the new one, wherever its journal is. What the change added must be there.
    pub(super) fn overwrite(&self) -> Result<()> {
        let of_the_file = |step: &Step| !matches!(step, Step::RemoveJournal | Step::ForceName);
        let mut steps = self.applying().filter(of_the_file);
        steps.try_for_each(|step| self.apply(step))
    }

    fn on_file(&self, act: impl FnOnce(&File) -> io::Result<()>) -> Result<()> {
        act(self.disk).map_err(Error::io(self.path))
    }
}

/// Where the journal is until it is whole. One name is enough: the writer of a file is alone.
pub(super) fn draft_of(journal: &Path) -> PathBuf {
    journal.with_extension("journal.tmp")
}

/// Removes a file that need not be there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
