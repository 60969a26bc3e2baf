//! Bringing a file in order that a killed process left, or a disk that refused.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::super::disk::read_or_zero;
use super::super::{Error, Result};
use super::commit::{Commit, draft_of, remove};
use super::journal::{self, Journal, Unreadable};

/// What lies at the place of a journal.
#[derive(Debug)]
pub(super) enum Found {
    Nothing,
    Whole(Journal),
    /// One that was cut or changed after it was written; what can be told of it.
    Damaged(Option<Journal>),
}

/// A file as its journal sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    /// Something of the old file was overwritten.
    is_changed: bool,
    /// What the change added behind the end is there, so that the change can be brought to its end;
    /// else it can be undone only.
    has_tail: bool,
}

/// Brings a file in order: what its journal says is done, or undone.
///
/// # Errors
/// The journal is damaged, of a newer program, or does not belong to the file as it is; or the disk
/// refuses.
pub(super) fn recover(path: &Path, disk: &File) -> Result<()> {
    let place = journal::path_of(path);
    remove(&draft_of(&place)).map_err(Error::io(&place))?;
    match read(&place)? {
        Found::Nothing => recover_moved(path, disk),
        Found::Damaged(journal) => set_aside(path, disk, &place, journal.as_ref()),
        Found::Whole(journal) => {
            let commit = Commit {
                path,
                disk,
                journal: &journal,
            };
            match state(&journal, disk).map_err(Error::io(path))? {
                None => Err(wrong(
                    path,
                    format!(
                        "was replaced or changed by another program after a run was killed while \
                         it changed it; if it reads \
                         well, remove {}, else put back the file that belongs to it and run the \
                         command again",
                        place.display()
                    ),
                )),
                Some(State { has_tail: true, .. }) => {
                    commit.applying().try_for_each(|step| commit.apply(step))
                }
                Some(State {
                    has_tail: false, ..
                }) => commit.roll_back(),
            }
        }
    }
}

/// Whether a change of this file is begun and not brought to its end.
///
/// # Errors
/// A journal cannot be read, or is of a newer program.
pub(super) fn is_pending(path: &Path) -> Result<bool> {
    if !matches!(read(&journal::path_of(path))?, Found::Nothing) {
        return Ok(true);
    }
    let disk = File::open(path).map_err(Error::io(path))?;
    Ok(of_another_name(path, &disk)?.is_some())
}

/// Whether the journal of a change of this file is damaged, so that [`recover`] may refuse.
///
/// # Errors
/// As [`is_pending`].
pub(super) fn is_damaged(path: &Path) -> Result<bool> {
    Ok(matches!(read(&journal::path_of(path))?, Found::Damaged(_)))
}

/// The journal at `place`.
///
/// # Errors
/// It is of a newer program, or cannot be read.
fn read(place: &Path) -> Result<Found> {
    let bytes = match fs::read(place) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(Error::io(place)(error)),
    };
    match Journal::decode(&bytes) {
        Ok(journal) => Ok(Found::Whole(journal)),
        Err(Unreadable::Damaged(journal)) => Ok(Found::Damaged(journal)),
        Err(Unreadable::Newer(version)) => Err(Error::Format {
            path: place.to_path_buf(),
            object: "journal".into(),
            problem: format!(
                "has format {version}, of a newer version of this program; use that one"
            ),
        }),
    }
}

/// Deals with a journal that cannot be trusted: only where the file is the old one throughout does
/// the journal not matter.
fn set_aside(path: &Path, disk: &File, place: &Path, journal: Option<&Journal>) -> Result<()> {
    let is_old = match journal {
        Some(journal) if !journal.regions.is_empty() => {
            let state = state(journal, disk).map_err(Error::io(path))?;
            state.is_some_and(|state| !state.is_changed)
        }
        _ => false,
    };
    if !is_old {
        return Err(wrong(
            path,
            format!(
                "may be changed in part: a run was killed while it changed it, and the journal {} \
                 that would bring it in order is \
                 damaged; put back a copy of the file and remove the journal, or remove the \
                 journal alone if the file reads well",
                place.display()
            ),
        ));
    }
    let aside = free_name(path);
    fs::rename(place, &aside).map_err(Error::io(place))?;
    log::warn!(
        "{}: the journal of a change that had not begun was damaged: the file is as it was before, \
         the journal is kept as {}",
        path.display(),
        aside.display()
    );
    Ok(())
}

/// `NAME.journal.damaged`, or with a number where there is one.
fn free_name(path: &Path) -> PathBuf {
    let name = |ending: String| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let numbered = (2..).map(|n| name(format!(".journal.damaged-{n}")));
    std::iter::once(name(".journal.damaged".into()))
        .chain(numbered)
        // A name that cannot be looked at may be in use.
        .find(|path| matches!(path.try_exists(), Ok(false)))
        .expect("there are more numbers than files")
}

/// Brings in order a file whose journal bears another name, because the file was renamed or copied
/// while it was changed in part.
fn recover_moved(path: &Path, disk: &File) -> Result<()> {
    let Some((place, subject, journal, state)) = of_another_name(path, disk)? else {
        return Ok(());
    };
    let commit = Commit {
        path,
        disk,
        journal: &journal,
    };
    // The journal stays for a file that may be there.
    let is_copy = subject.try_exists().map_err(Error::io(&subject))?;
    if state.has_tail {
        commit.overwrite()?;
    } else {
        commit.restore()?;
    }
    log::warn!(
        "{}: {} {} while that was changed in part, and is brought in order with {}",
        path.display(),
        if is_copy {
            "was copied from"
        } else {
            "had the name"
        },
        subject.display(),
        place.display()
    );
    if is_copy {
        return Ok(());
    }
    remove(&place).map_err(Error::io(&place))
}

/// A journal, the file whose name it bears, what it says, and how the file at hand looks.
type Moved = (PathBuf, PathBuf, Journal, State);

/// A journal in the file's directory that bears the name of another file, and describes this one as
/// it is on its way.
fn of_another_name(path: &Path, disk: &File) -> Result<Option<Moved>> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    // Where names cannot be listed, none is found.
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(subject) = name.to_str().and_then(subject_of) else {
            continue;
        };
        let (place, subject) = (entry.path(), directory.join(subject));
        // A damaged or unreadable one belongs to its own file.
        let Ok(Found::Whole(journal)) = read(&place) else {
            continue;
        };
        // A file that holds old bytes only is whole, whatever a journal of another file says.
        let begun = state(&journal, disk).map_err(Error::io(path))?;
        if let Some(begun) = begun.filter(|state| state.is_changed)
            && subject != path
            && !is_done(&journal, disk).map_err(Error::io(path))?
        {
            return Ok(Some((place, subject, journal, begun)));
        }
    }
    Ok(None)
}

fn subject_of(journal: &str) -> Option<&str> {
    journal.strip_prefix('.')?.strip_suffix(".journal")
}

/// Looks at the regions and the length of a file; `None` where they are neither old nor new.
fn state(journal: &Journal, disk: &File) -> io::Result<Option<State>> {
    let length = disk.metadata()?.len();
    let (mut is_changed, mut there) = (false, Vec::new());
    for region in &journal.regions {
        there.resize(region.old.len(), 0);
        read_or_zero(disk, region.address, &mut there)?;
        // A killed process may have written a part of a region.
        for ((there, old), new) in there.iter().zip(&region.old).zip(&region.new) {
            if there != old && there != new {
                return Ok(None);
            }
            is_changed |= there != old;
        }
    }
    let has_tail = length == journal.longest() || length == journal.new_end;
    let known = has_tail || length == journal.old_end;
    Ok(known.then_some(State {
        is_changed,
        has_tail,
    }))
}

/// Whether the change has come to its end.
fn is_done(journal: &Journal, disk: &File) -> io::Result<bool> {
    for region in &journal.regions {
        let mut there = vec![0; region.new.len()];
        read_or_zero(disk, region.address, &mut there)?;
        if there != region.new {
            return Ok(false);
        }
    }
    Ok(disk.metadata()?.len() == journal.new_end)
}

fn wrong(path: &Path, problem: String) -> Error {
    Error::Format {
        path: path.to_path_buf(),
        object: "file".into(),
        problem,
    }
}
