//! The tasks that a directory knows.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use jobwise_tasks::TaskDirs;

use crate::quote::quoted;
use crate::task::Task;
use crate::{Error, Result, record};

/// The same tasks, with the directories that they have already: those that are noted down for them,
/// or one that another program has called exactly so.
///
/// # Errors
/// When what is noted down cannot be read.
pub fn as_they_are(root: &Path, mut tasks: Vec<Task>) -> Result<Vec<Task>> {
    let noted = record::read(root)?.tasks;
    let dirs = dirs(root)?;
    let names: HashMap<&OsStr, &OsStr> = (noted.iter())
        .map(|task| (task.text.as_os_str(), task.name.as_os_str()))
        .collect();
    let taken: HashSet<&OsStr> = noted.iter().map(|task| task.name.as_os_str()).collect();
    for task in &mut tasks {
        let text = &task.text;
        let is_component = !text.as_bytes().contains(&b'/') && text != "." && text != "..";
        if let Some(name) = names.get(text.as_os_str()) {
            task.name = (*name).to_owned();
        } else if task.name != *text
            && is_component
            && !taken.contains(text.as_os_str())
            && has_state(&dirs.of(text))
        {
            task.name.clone_from(text);
        }
    }
    Ok(tasks)
}

/// Where the directories of the tasks of a batch are.
///
/// # Errors
/// When it cannot be told how they lie.
pub fn dirs(root: &Path) -> Result<TaskDirs> {
    TaskDirs::at(root).map_err(|error| Error(error.to_string()))
}

/// Whether there is something in the place of a state file, whatever it is.
fn has_state(directory: &Path) -> bool {
    fs::symlink_metadata(directory.join("state")).is_ok()
}

/// The tasks that a directory knows: those of earlier runs, in order, then those that another
/// program made, by name.
///
/// # Errors
/// When the directory cannot be read, or holds no task.
pub fn known(root: &Path) -> Result<Vec<Task>> {
    let mut tasks = record::read(root)?.tasks;
    let listed: HashSet<OsString> = tasks.iter().map(|task| task.name.clone()).collect();
    if !root.exists() {
        return Err(Error(format!(
            "{} is not there: give the directory of a batch",
            root.display()
        )));
    }
    let dirs = dirs(root)?;
    let found = dirs.list().map_err(|error| Error(error.to_string()))?;
    let names = found.into_iter().map(|(name, _)| name);
    let is_other = |name: &OsString| !listed.contains(name) && has_state(&dirs.of(name));
    let mut others: Vec<OsString> = names.filter(is_other).collect();
    others.sort();
    tasks.extend(others.into_iter().map(Task::of_directory));
    if tasks.is_empty() {
        return Err(Error(format!(
            "{} holds no task (a directory with a file called state); name them with --tasks LIST, \
             a file with one task per line",
            root.display()
        )));
    }
    Ok(tasks)
}

/// The tasks of these names, by their places in `tasks`.
///
/// # Errors
/// Names the first that is none of them.
pub fn places(tasks: &[Task], names: &[OsString]) -> Result<Vec<usize>, String> {
    let by_name: HashMap<&OsStr, usize> = (tasks.iter().enumerate())
        .map(|(place, task)| (task.text.as_os_str(), place))
        .collect();
    let place = |name: &OsString| by_name.get(name.as_os_str()).copied().ok_or(quoted(name));
    names.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(text: &[u8]) -> Task {
        Task::new(text.to_vec()).unwrap()
    }

    #[test]
    fn a_directory_knows_its_tasks_and_those_of_others() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let of = |list: &[&[u8]]| {
            as_they_are(root, list.iter().map(|text| task(text)).collect()).unwrap()
        };
        let remember = |tasks: &[Task]| record::remember(root, tasks, None).unwrap();
        assert_eq!(remember(&of(&[b"b", b"a/1"])), [0, 1]);
        assert_eq!(remember(&of(&[b"c", b"b"])), [2, 0]);
        for other in [&b"z"[..], b"a%2F1", b"100%", b" y", b"x\xff", b"logs"] {
            let dir = root.join(OsStr::from_bytes(other));
            fs::create_dir(&dir).unwrap();
            if other != b"logs" {
                fs::write(dir.join("state"), "OPEN\n").unwrap();
            }
        }
        let found = known(root).unwrap();
        let texts: Vec<_> = found.iter().map(|task| task.text.as_bytes()).collect();
        assert_eq!(
            texts,
            [&b"b"[..], b"a/1", b"c", b" y", b"100%", b"x\xff", b"z"]
        );
        // Noted down, they are the same directories ever after.
        assert_eq!(remember(&found), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(known(root).unwrap(), found);
        assert_eq!(of(&[b"100%"])[0].name, "100%");
        assert_eq!(of(&[b"200%"])[0].name, "200%25");
        // What is called as our directory of another task is not that task.
        assert_eq!(of(&[b"x/y"])[0].name, "x%2Fy");
        remember(&of(&[b"x/y"]));
        fs::create_dir(root.join("x%2Fy")).unwrap();
        fs::write(root.join("x%2Fy/state"), "OPEN\n").unwrap();
        let both = of(&[b"x/y", b"x%2Fy"]);
        assert_eq!(
            (both[0].name.as_bytes(), both[1].name.as_bytes()),
            (&b"x%2Fy"[..], &b"x%252Fy"[..])
        );
    }
}
