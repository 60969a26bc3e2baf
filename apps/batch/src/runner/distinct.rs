use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::task::Task;
use crate::{Error, Result};

/// Whether every task has a directory of its own. Two have the same where the file system takes
/// their names for the same (`a` and `A`), or by a link: then one would be done when the other is.
///
/// # Errors
/// Names the first two that have the same.
pub(super) fn check(root: &Path, tasks: &[Task]) -> Result<()> {
    let mut seen: HashMap<(u64, u64), &Task> = HashMap::with_capacity(tasks.len());
    for task in tasks {
        // What is no directory has been told, and is left alone.
        let Ok(found) = fs::metadata(root.join(&task.name)) else {
            continue;
        };
        if let Some(other) = seen.insert((found.dev(), found.ino()), task) {
            return Err(Error(format!(
                "the tasks {} and {} have one directory, {}: the file system takes their names for the same, or one is a link; rename one",
                other.shown(),
                task.shown(),
                root.join(&task.name).display()
            )));
        }
    }
    Ok(())
}
