//! The list of tasks, and what their directories are called.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};

use crate::{Error, Result, at};

/// A task: what the user calls it, and what its directory is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// A line of the list.
    pub text: String,
    /// The same as one component of a path.
    pub name: String,
}

impl Task {
    fn new(text: &str) -> Result<Task, String> {
        let name = encode(text);
        if name.len() > 255 {
            return Err(
                "its directory would have a name of more than 255 bytes; give a shorter name"
                    .to_owned(),
            );
        }
        Ok(Task {
            text: text.to_owned(),
            name,
        })
    }
}

/// Most names are kept as they are; what a path could not hold, a leading point, `%` and control characters become `%XX`.
fn encode(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for (place, c) in text.chars().enumerate() {
        if c == '/' || c == '%' || c.is_control() || (c == '.' && place == 0) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                // Writing to a String cannot fail.
                let _ = write!(name, "%{byte:02X}");
            }
        } else {
            name.push(c);
        }
    }
    name
}

/// The tasks of a list: one per line, white space around it cut off, empty lines left out. `origin` is for messages.
///
/// # Errors
/// When there is no task, one comes twice, or one is too long.
pub fn parse(list: &str, origin: &str) -> Result<Vec<Task>> {
    let mut tasks = Vec::new();
    let mut lines = HashMap::new();
    // Some editors begin a file with a mark that is no text.
    let list = list.trim_start_matches('\u{feff}');
    for (line, text) in list.lines().enumerate() {
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let line = line + 1;
        let task = Task::new(text).map_err(|why| Error(format!("{origin}, line {line}: {why}")))?;
        if let Some(first) = lines.insert(task.name.clone(), line) {
            return Err(Error(format!(
                "{origin}, line {line}: the task {text} is in line {first} already; every task may come once"
            )));
        }
        tasks.push(task);
    }
    if tasks.is_empty() {
        return Err(Error(format!("{origin} names no task; write one per line")));
    }
    Ok(tasks)
}

/// Reads a list from a file, or from standard input if it is called `-`.
///
/// # Errors
/// When it cannot be read, and as [`parse`].
pub fn read(list: &Path) -> Result<Vec<Task>> {
    if list == Path::new("-") {
        let mut text = String::new();
        let origin = "standard input";
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(at("read", Path::new(origin)))?;
        return parse(&text, origin);
    }
    let text = fs::read_to_string(list).map_err(at("read", list))?;
    parse(&text, &list.display().to_string())
}

/// The same tasks; one that a directory of `root` is called exactly as is that directory, as other programs made it.
#[must_use]
pub fn as_they_are(root: &Path, mut tasks: Vec<Task>) -> Vec<Task> {
    for task in &mut tasks {
        let is_component = !task.text.contains('/') && task.text != "." && task.text != "..";
        if task.name != task.text && is_component && root.join(&task.text).join("state").exists() {
            task.name.clone_from(&task.text);
        }
    }
    tasks
}

/// Where the tasks of a directory are noted down: a line for each, its name, a tab, and what the user calls it.
fn record(root: &Path) -> PathBuf {
    root.join(".batch").join("tasks")
}

/// What is noted down, in order.
fn noted(root: &Path) -> Result<Vec<Task>> {
    let path = record(root);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at("read", &path)(error)),
    };
    let task = |line: &str| {
        let (name, text) = line.split_once('\t')?;
        Some(Task {
            text: text.to_owned(),
            name: name.to_owned(),
        })
    };
    Ok(text.lines().filter_map(task).collect())
}

/// The tasks that a directory knows: those of earlier runs, in order, then those that another program made, by name.
///
/// # Errors
/// When the directory cannot be read, holds no task, or a task whose name is not plain text.
pub fn known(root: &Path) -> Result<Vec<Task>> {
    let mut tasks = noted(root)?;
    let listed: HashSet<String> = tasks.iter().map(|task| task.name.clone()).collect();
    let mut others = Vec::new();
    for entry in fs::read_dir(root).map_err(at("read", root))? {
        let entry = entry.map_err(at("read", root))?;
        let path = entry.path();
        if !path.join("state").exists() {
            continue;
        }
        match entry.file_name().into_string() {
            Ok(name) if name.starts_with('.') || listed.contains(&name) => {}
            Ok(name) if !name.contains(char::is_control) => others.push(Task {
                text: name.clone(),
                name,
            }),
            _ => {
                return Err(Error(format!(
                    "{} is called what cannot be written in a line: rename it, or name the tasks with --tasks LIST",
                    path.display()
                )));
            }
        }
    }
    others.sort_by(|a, b| a.name.cmp(&b.name));
    tasks.extend(others);
    if tasks.is_empty() {
        return Err(Error(format!(
            "{} holds no task (a directory with a file called state); name them with --tasks LIST, a file with one task per line",
            root.display()
        )));
    }
    Ok(tasks)
}

/// The place of each task in all of them; those that are not there yet come at the end.
fn places(all: &mut Vec<Task>, tasks: &[Task]) -> Vec<usize> {
    let mut known: HashMap<String, usize> = HashMap::new();
    for (place, task) in all.iter().enumerate() {
        known.entry(task.name.clone()).or_insert(place);
    }
    let place = |task: &Task| {
        *known.entry(task.name.clone()).or_insert_with(|| {
            all.push(task.clone());
            all.len() - 1
        })
    };
    tasks.iter().map(place).collect()
}

/// The numbers that [`remember`] would give, without noting anything down.
///
/// # Errors
/// When the directory cannot be read.
pub fn numbers(root: &Path, tasks: &[Task]) -> Result<Vec<usize>> {
    Ok(places(&mut noted(root)?, tasks))
}

/// Notes down the tasks of a run behind those that are noted already, for later runs and `status`. Returns the place of each in all of them: its number in
/// this directory, whatever list it comes from.
///
/// # Errors
/// When the directory cannot be written.
pub fn remember(root: &Path, tasks: &[Task]) -> Result<Vec<usize>> {
    let path = record(root);
    let directory = path.parent().unwrap_or(root);
    fs::create_dir_all(directory).map_err(at("make", directory))?;
    // Others note down theirs at the same time. Where a file system knows no locks, one of two lists may not be noted; its tasks have directories all the same.
    let lock = path.with_extension("lock");
    let lock = File::create(&lock).map_err(at("make", &lock))?;
    let _ = lock.lock();
    let mut all = noted(root)?;
    let before = all.len();
    let numbers = places(&mut all, tasks);
    if all.len() > before {
        let list: Vec<String> = all
            .iter()
            .map(|task| format!("{}\t{}\n", task.name, task.text))
            .collect();
        let unnamed = path.with_extension(format!("{}.tmp", std::process::id()));
        let mut file = File::create(&unnamed).map_err(at("make", &unnamed))?;
        file.write_all(list.concat().as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&unnamed, &path))
            .map_err(at("write", &path))?;
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_line_becomes_one_component_of_its_own() {
        let mut names = HashSet::new();
        for text in [
            "a",
            "data/2021/x.h5",
            "..",
            ".hidden",
            "100%",
            "a b",
            "µ/ü",
            "%2F",
            "tab\there",
        ] {
            let task = Task::new(text).unwrap();
            assert!(
                !task.name.contains('/') && !task.name.starts_with('.'),
                "{task:?}"
            );
            assert!(names.insert(task.name), "{text}");
        }
        assert_eq!(Task::new("task_017").unwrap().name, "task_017");
        assert!(Task::new(&"x".repeat(256)).is_err());
    }

    #[test]
    fn lists_are_checked() {
        let tasks = parse("a\n\n  b c \r\nd", "list").unwrap();
        let texts: Vec<_> = tasks.iter().map(|task| task.text.as_str()).collect();
        assert_eq!(texts, ["a", "b c", "d"]);
        let twice = parse("a\nb\n a\n", "list").unwrap_err().to_string();
        assert!(
            twice.contains("list, line 3") && twice.contains("line 1"),
            "{twice}"
        );
        assert!(
            parse("\n \n", "list")
                .unwrap_err()
                .to_string()
                .contains("names no task")
        );
    }

    #[test]
    fn a_directory_knows_its_tasks_and_those_of_others() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let of = |list: &str| as_they_are(root, parse(list, "").unwrap());
        assert_eq!(remember(root, &of("b\na/1")).unwrap(), [0, 1]);
        assert_eq!(remember(root, &of("c\nb")).unwrap(), [2, 0]);
        for other in ["z", "a%2F1", "100%", " y", "logs"] {
            fs::create_dir(root.join(other)).unwrap();
            if other != "logs" {
                fs::write(root.join(other).join("state"), "OPEN\n").unwrap();
            }
        }
        let found = known(root).unwrap();
        let texts: Vec<_> = found.iter().map(|task| task.text.as_str()).collect();
        assert_eq!(texts, ["b", "a/1", "c", " y", "100%", "z"]);
        // Noted down, they are the same directories ever after.
        assert_eq!(remember(root, &found).unwrap(), [0, 1, 2, 3, 4, 5]);
        assert_eq!(known(root).unwrap(), found);
        assert_eq!(of("100%")[0].name, "100%");
        assert_eq!(of("200%")[0].name, "200%25");
    }
}
