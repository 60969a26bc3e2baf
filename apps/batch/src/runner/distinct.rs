use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::RangeInclusive;
use std::os::unix::fs::MetadataExt;

use jobwise_core::Result;
use jobwise_tasks::TaskPool;

use super::engine_error;
use crate::Error;
use crate::task::Task;

/// Whether every task has a directory of its own. Two have the same where the file system takes
/// their names for the same (`a` and `A`), or by a link: then one would be done when the other is.
///
/// # Errors
/// Names the first two that have the same.
pub(super) fn check(pool: &TaskPool<'_>, tasks: &[Task]) -> Result<()> {
    let mut seen: HashMap<(u64, u64), &Task> = HashMap::new();
    for task in suspects(pool, tasks)? {
        // What is not there yet would be the same when it is.
        pool.make(task)?;
        let (task, directory) = (&tasks[task], pool.dirs().of(&tasks[task].name));
        // What is no directory has been told, and is left alone.
        let Ok(found) = fs::metadata(&directory) else {
            continue;
        };
        if let Some(other) = seen.insert((found.dev(), found.ino()), task) {
            return Err(engine_error(Error(format!(
                "the tasks {} and {} have one directory, {}: the file system takes their names for \
                 the same, or one is a link; rename one",
                other.shown(),
                task.shown(),
                directory.display()
            ))));
        }
    }
    Ok(())
}

/// The tasks that may have the directory of another: all, where one is a link; else those whose
/// names differ by case and by letters that are not ASCII alone.
fn suspects(pool: &TaskPool<'_>, tasks: &[Task]) -> Result<Vec<usize>> {
    let found = pool.dirs().list()?;
    if found.iter().any(|(_, kind)| kind.is_symlink()) {
        return Ok((0..tasks.len()).collect());
    }
    let mut keys: Vec<(u64, usize)> = (tasks.iter().enumerate())
        .map(|(place, task)| (key(&task.name), place))
        .collect();
    keys.sort_unstable();
    let mut suspects: Vec<usize> = (keys.chunk_by(|one, next| one.0 == next.0))
        .filter(|alike| alike.len() > 1)
        .flatten()
        .map(|(_, place)| *place)
        .collect();
    suspects.sort_unstable();
    Ok(suspects)
}

/// The same for names that some file system takes for the same: it leaves out case, letters that
/// are not ASCII, and letters with an accent behind them.
fn key(name: &OsStr) -> u64 {
    const ACCENTS: RangeInclusive<char> = '\u{300}'..='\u{36f}';
    let mut kept = String::with_capacity(name.len());
    let name = name.to_string_lossy();
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_marked = letters.peek().is_some_and(|next| ACCENTS.contains(next));
        if letter.is_ascii() && !is_marked {
            kept.push(letter.to_ascii_lowercase());
        }
    }
    let mut hasher = DefaultHasher::new();
    kept.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_case_or_accents_are_alike_and_others_are_not() {
        let is_alike = |one: &str, other: &str| key(OsStr::new(one)) == key(OsStr::new(other));
        assert!(is_alike("Task", "tASK"));
        // One letter, or a letter and an accent behind it.
        assert!(is_alike("caf\u{e9}.h5", "cafe\u{301}.h5"));
        assert!(is_alike("\u{c4}b", "\u{e4}B"));
        assert!(!is_alike("a1", "a2"));
    }
}
