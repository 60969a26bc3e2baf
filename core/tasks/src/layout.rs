use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::error::context;
use crate::task_dir::fill;
use jobwise_claims::{regular, unique_name};
use jobwise_core::{Error, Result};

/// How the directories of tasks lie in the directory of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// One beside the other, as `pshmem` has them: `DIR/TASK`.
    #[default]
    Flat,
    /// In 256 directories by the hash of their names, so that none of them has very many entries:
    /// `DIR/3f/TASK`.
    Shards,
}

/// The directory for bookkeeping, beside those of the tasks.
pub(crate) const BOOKKEEPING: &str = ".batch";
/// How many shards.
pub(crate) const SHARDS: usize = 256;
/// Says which layout a directory has. Not in the bookkeeping, which users may remove.
const FILE: &str = ".batch-layout";
/// No more of it is read.
const LONGEST: u64 = 4096;

impl Layout {
    fn line(self) -> &'static str {
        match self {
            Layout::Flat => "flat",
            Layout::Shards => "shards 256",
        }
    }

    /// What the directory says of itself, if it does.
    fn said(root: &Path) -> Result<Option<Layout>> {
        let path = root.join(FILE);
        let bytes = match regular::read(&path, LONGEST) {
            Ok(bytes) => bytes,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(context("read", &path)(error)),
        };
        let line = bytes.trim_ascii_end();
        let is = |layout: &Layout| layout.line().as_bytes() == line;
        [Layout::Flat, Layout::Shards].into_iter().find(is).map(Some).ok_or_else(|| {
            let what = format!(
                "{} says no layout that this version knows (flat, or shards 256): use the version \
                 that made the directory",
                path.display()
            );
            Error::Program(what.into())
        })
    }

    /// The layout of a directory from now on: the one that it has, or else `wanted`.
    pub(crate) fn settle(root: &Path, wanted: Layout) -> Result<Layout> {
        if let Some(said) = Layout::said(root)? {
            return Ok(said);
        }
        // One that another program made, or an earlier version.
        let is_flat = wanted == Layout::Flat || has_tasks(root)?;
        let layout = if is_flat { Layout::Flat } else { wanted };
        let (path, bookkeeping) = (root.join(FILE), root.join(BOOKKEEPING));
        loop {
            let by = bookkeeping.join(format!("layout.of.{}", unique_name()));
            fill(&by, layout.line())?;
            let made = fs::hard_link(&by, &path);
            // Another run may have taken it for one that nobody needs.
            let _ = fs::remove_file(&by);
            match made {
                Ok(()) => return Ok(layout),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                // Another run was first.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    return Ok(Layout::said(root)?.unwrap_or(layout));
                }
                Err(error) => return Err(context("make", &path)(error)),
            }
        }
    }
}

/// Whether there is a task in the flat layout.
fn has_tasks(root: &Path) -> Result<bool> {
    for entry in fs::read_dir(root).map_err(context("read", root))? {
        let entry = entry.map_err(context("read", root))?;
        let is_hidden = entry.file_name().as_bytes().starts_with(b".");
        if !is_hidden && fs::symlink_metadata(entry.path().join("state")).is_ok() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Where the directories of the tasks of a batch are.
#[derive(Clone, Debug)]
pub struct TaskDirs {
    root: PathBuf,
    layout: Layout,
}

impl TaskDirs {
    /// Of the batch in the directory `root`, as it says; flat, where there is none yet.
    ///
    /// # Errors
    /// When that cannot be read, or is no layout of this version.
    pub fn at(root: &Path) -> Result<TaskDirs> {
        let layout = Layout::said(root)?.unwrap_or_default();
        Ok(TaskDirs::new(root, layout))
    }

    pub(crate) fn new(root: &Path, layout: Layout) -> TaskDirs {
        TaskDirs {
            root: root.to_owned(),
            layout,
        }
    }

    /// The same directories below `root`, which is the same directory by another path.
    #[must_use]
    pub fn below(&self, root: &Path) -> TaskDirs {
        TaskDirs::new(root, self.layout)
    }

    /// The directory of the batch.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Its layout.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The directory of the task of that name.
    pub fn of(&self, name: &OsStr) -> PathBuf {
        match self.layout {
            Layout::Flat => self.root.join(name),
            Layout::Shards => {
                let mut path = self.shard(shard_of(name));
                path.push(name);
                path
            }
        }
    }

    pub(crate) fn shard(&self, shard: usize) -> PathBuf {
        self.root.join(format!("{shard:02x}"))
    }

    /// What lies where directories of tasks do, by name and kind.
    ///
    /// # Errors
    /// When a directory cannot be read.
    pub fn list(&self) -> Result<Vec<(OsString, fs::FileType)>> {
        let mut all = Vec::new();
        match self.layout {
            Layout::Flat => list_into(&mut all, &self.root)?,
            Layout::Shards => {
                (0..SHARDS).try_for_each(|shard| list_into(&mut all, &self.shard(shard)))?;
            }
        }
        Ok(all)
    }
}

fn list_into(all: &mut Vec<(OsString, fs::FileType)>, dir: &Path) -> Result<()> {
    for entry in entries(dir)? {
        let name = entry.file_name();
        if !name.as_bytes().starts_with(b".") {
            all.push((name, entry.file_type().map_err(context("read", dir))?));
        }
    }
    Ok(())
}

/// What is in a directory; nothing, where there is none.
pub(crate) fn entries(dir: &Path) -> Result<Vec<fs::DirEntry>> {
    let found = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        found => found.map_err(context("read", dir))?,
    };
    found
        .map(|entry| entry.map_err(context("read", dir)))
        .collect()
}

/// The shard of the task of that name.
pub(crate) fn shard_of(name: &OsStr) -> usize {
    (hash(name) % SHARDS as u64) as usize
}

/// FNV-1a, whose upper half is folded into the lower one: the same for ever and on every machine.
pub(crate) fn hash(name: &OsStr) -> u64 {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = name.as_bytes().iter();
    let hash = bytes.fold(START, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    });
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places of tasks on disks are what these numbers say.
    #[test]
    fn a_name_has_its_shard_for_ever() {
        let shards = ["a", "task-0001", "x%2Fy"].map(|name| shard_of(OsStr::new(name)));
        assert_eq!(shards, [0xc0, 0x94, 0x13]);
    }

    #[test]
    fn names_of_a_kind_are_spread_over_all_shards() {
        let kinds: [fn(usize) -> String; 3] = [
            |task| task.to_string(),
            |task| format!("run-{task:07}.h5"),
            |task| format!("{}%2F{}", task % 10, task / 10),
        ];
        for name in kinds {
            let mut counts = [0; SHARDS];
            for task in 0..100_000 {
                counts[shard_of(OsStr::new(&name(task)))] += 1;
            }
            let range = counts.iter().min().zip(counts.iter().max());
            assert!(
                range.is_some_and(|(least, most)| *least > 195 && *most < 780),
                "{}: {range:?}",
                name(0)
            );
        }
    }
}
