use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::os::unix::fs::{DirEntryExt, MetadataExt};
use std::path::Path;
use std::sync::{MutexGuard, PoisonError};

use crate::claim::Answer;
use crate::error::{Result, context};
use crate::listing::{DONE, Entry};
use crate::owner::Owner;
use crate::verdict::Verdict;

/// What one look at a directory of claims tells of all names in it.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// Of the directory.
    device: u64,
    done: HashSet<String>,
    held: HashSet<String>,
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
    /// claim or a mark there. A mark counts once its owner was seen alive, for as long as this one
    /// takes part: what it was made for is done, whoever leaves. Marks of those who died before are
    /// removed.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn overview(&self, dir: &Path) -> Result<Overview> {
        let mut overview = self.nothing_seen(dir)?;
        let mut alive: HashMap<u64, bool> = HashMap::new();
        for found in fs::read_dir(dir).map_err(context("read", dir))? {
            let found = found.map_err(context("read", dir))?;
            self.see(&mut overview, &found, |inode| {
                *alive
                    .entry(inode)
                    .or_insert_with(|| self.is_alive(&found.path()))
            });
        }
        Ok(overview)
    }

    /// As [`overview`](Self::overview), with nothing but the listing: whoever has a claim there is
    /// taken for alive.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn glance(&self, dir: &Path) -> Result<Overview> {
        let mut overview = self.nothing_seen(dir)?;
        for found in fs::read_dir(dir).map_err(context("read", dir))? {
            let found = found.map_err(context("read", dir))?;
            self.see(&mut overview, &found, |_| true);
        }
        Ok(overview)
    }

    /// As [`claim`](Self::claim), with a [glance](Self::glance) by the listing that a claim needs.
    ///
    /// # Errors
    /// When the directory cannot be read or written.
    pub fn claim_and_look(&self, dir: &Path, name: &str) -> Result<(Answer, Overview)> {
        let mut overview = self.nothing_seen(dir)?;
        let answer = self.claim_seeing(dir, name, None, &mut |found| {
            self.see(&mut overview, found, |_| true);
        })?;
        Ok((answer, overview))
    }

    fn nothing_seen(&self, dir: &Path) -> Result<Overview> {
        let device = if let Some(device) = self.shared.device.get() {
            *device
        } else {
            let metadata = fs::metadata(dir).map_err(context("read", dir))?;
            *self.shared.device.get_or_init(|| metadata.dev())
        };
        Ok(Overview {
            device,
            ..Overview::default()
        })
    }

    /// Takes one more file into account; `is_held` says whether the owner of a claim is alive.
    fn see(&self, overview: &mut Overview, found: &DirEntry, mut is_held: impl FnMut(u64) -> bool) {
        let (file, inode) = (found.file_name(), found.ino());
        let Some((name, what)) = file.to_str().and_then(|file| file.rsplit_once('.')) else {
            return;
        };
        let is_own = || self.shared.pulse.owns((overview.device, inode));
        if what == DONE {
            if is_own() || self.trusts(inode) || self.is_alive(&found.path()) {
                self.trust(inode);
                overview.done.insert(name.to_owned());
            } else {
                // Who comes later need not look at it again; it may be gone already.
                let _ = fs::remove_file(found.path());
            }
        } else if what.bytes().all(|byte| byte.is_ascii_digit()) && (is_own() || is_held(inode)) {
            overview.held.insert(name.to_owned());
        }
    }

    /// Whether the owner of this file is alive. What cannot be judged is in the way, and told when
    /// it is claimed.
    fn is_alive(&self, path: &Path) -> bool {
        let entry = fs::metadata(path).and_then(|metadata| Entry::new(0, &metadata));
        let verdict = entry.and_then(|entry| self.judge().judge(path, &entry));
        !matches!(verdict, Ok(Verdict::Dead { .. } | Verdict::Vanished))
    }

    fn trusts(&self, inode: u64) -> bool {
        self.trusted().contains(&inode)
    }

    fn trust(&self, inode: u64) {
        self.trusted().insert(inode);
    }

    fn trusted(&self) -> MutexGuard<'_, HashSet<u64>> {
        let trusted = self.shared.trusted.lock();
        trusted.unwrap_or_else(PoisonError::into_inner)
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
