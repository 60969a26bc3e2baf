use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{DirEntryExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use crate::error::{Result, context};
use crate::listing::Entry;
use crate::owner::Owner;
use crate::verdict::Verdict;

/// What one look at a directory of claims tells of all names in it.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    done: HashSet<String>,
    held: HashSet<String>,
}

/// What is called so says that the work on a name is done.
pub(crate) const DONE: &str = "done";

/// The mark of a name.
pub(crate) fn mark(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.{DONE}"))
}

impl Overview {
    /// Whether somebody who takes part has [finished](crate::Claim::finish) this name.
    pub fn is_done(&self, name: &str) -> bool {
        self.done.contains(name)
    }

    /// Whether somebody who is alive, as far as one can know, has a claim on this name.
    pub fn is_held(&self, name: &str) -> bool {
        self.held.contains(name)
    }
}

impl Owner {
    /// Looks at all names in `dir` at once: one listing, and a look at each other owner that has a
    /// claim there. A mark counts once its owner was seen alive, for as long as this one takes part:
    /// what it was made for is done, whoever leaves. Marks of those who died before are removed.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn overview(&self, dir: &Path) -> Result<Overview> {
        let mut overview = Overview::default();
        let device = fs::metadata(dir).map_err(context("read", dir))?.dev();
        let mut alive: HashMap<u64, bool> = HashMap::new();
        for found in fs::read_dir(dir).map_err(context("read", dir))? {
            let found = found.map_err(context("read", dir))?;
            let (file, inode) = (found.file_name(), found.ino());
            let Some((name, what)) = file.to_str().and_then(|file| file.rsplit_once('.')) else {
                continue;
            };
            let is_own = self.shared.pulse.owns((device, inode));
            if what == DONE {
                let counts =
                    is_own || self.trusts(inode) || self.is_alive(&mut alive, inode, &found.path());
                if counts {
                    self.trust(inode);
                    overview.done.insert(name.to_owned());
                } else {
                    // Who comes later need not look at it again; it may be gone already.
                    let _ = fs::remove_file(found.path());
                }
            } else if what.bytes().all(|byte| byte.is_ascii_digit())
                && (is_own || self.is_alive(&mut alive, inode, &found.path()))
            {
                overview.held.insert(name.to_owned());
            }
        }
        Ok(overview)
    }

    /// Whether the owner of this file is alive, judged once for each owner and look.
    fn is_alive(&self, alive: &mut HashMap<u64, bool>, inode: u64, path: &Path) -> bool {
        *alive.entry(inode).or_insert_with(|| {
            let entry = fs::metadata(path).and_then(|metadata| Entry::new(0, &metadata));
            let verdict = entry.and_then(|entry| self.judge().judge(path, &entry));
            // What cannot be judged is in the way, and told when it is claimed.
            !matches!(verdict, Ok(Verdict::Dead { .. } | Verdict::Vanished))
        })
    }

    fn trusts(&self, inode: u64) -> bool {
        let trusted = self.shared.trusted.lock();
        trusted
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&inode)
    }

    fn trust(&self, inode: u64) {
        let trusted = self.shared.trusted.lock();
        trusted
            .unwrap_or_else(PoisonError::into_inner)
            .insert(inode);
    }
}

/// Removes the marks in a directory in which nobody takes part any more.
///
/// # Errors
/// When the directory cannot be read or written.
pub fn remove_marks(dir: &Path) -> std::io::Result<()> {
    for found in fs::read_dir(dir)? {
        let path = found?.path();
        if path.extension() == Some(OsStr::new(DONE)) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
