use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use crate::layout::{BOOKKEEPING, TaskDirs};
use crate::names::Names;
use crate::task_dir::TaskDir;
use jobwise_core::{Error, Result};

/// The tasks of a directory: their names, and where their files are.
#[derive(Debug)]
pub(crate) struct Files<'c> {
    pub(crate) dirs: TaskDirs,
    names: Names<'c>,
}

impl<'c> Files<'c> {
    pub(crate) fn new(dirs: TaskDirs, names: Names<'c>) -> Files<'c> {
        Files { dirs, names }
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn name(&self, task: usize) -> &OsStr {
        self.names.get(task)
    }

    pub(crate) fn bookkeeping(&self) -> PathBuf {
        self.dirs.root().join(BOOKKEEPING)
    }

    /// The directory of a task.
    pub(crate) fn at(&self, task: usize) -> TaskDir {
        TaskDir::new(self.dirs.of(self.name(task)))
    }
}

/// Whether all names are places in a directory, each its own.
///
/// # Errors
/// Names the first that is none, or two that are the same.
pub(crate) fn check_names(names: &[&OsStr]) -> Result<()> {
    for (task, name) in names.iter().enumerate() {
        check_name(name).map_err(|why| Error::Program(format!("task {task} {why}").into()))?;
    }
    let mut sorted: Vec<&Path> = names.iter().map(Path::new).collect();
    sorted.sort_unstable();
    if let Some([twice, _]) = sorted.array_windows().find(|[one, next]| one == next) {
        let what = format!(
            "two tasks are called {}: names must differ",
            twice.display()
        );
        return Err(Error::Program(what.into()));
    }
    Ok(())
}

/// Why a task cannot be called so.
// A name is told unambiguously.
#[allow(clippy::unnecessary_debug_formatting)]
pub(crate) fn check_name(name: &OsStr) -> Result<(), String> {
    let plain = !name.is_empty()
        && Path::new(name)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
    let bytes = name.as_encoded_bytes();
    let reserved = bytes.starts_with(BOOKKEEPING.as_bytes());
    if plain && !reserved && !bytes.contains(&0) && !bytes.ends_with(b"/") {
        return Ok(());
    }
    Err(format!(
        "cannot be called {name:?}: give a relative path without '..' that does not begin with \
         '{BOOKKEEPING}'"
    ))
}
