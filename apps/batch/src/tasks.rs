//! The list of tasks, and what their directories are called.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read, Write as _};
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

fn decode(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let (digits, tail) = tail.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

/// The tasks of a list: one per line, white space around it cut off, empty lines left out. `origin` is for messages.
///
/// # Errors
/// When there is no task, one comes twice, or one is too long.
pub fn parse(list: &str, origin: &str) -> Result<Vec<Task>> {
    let mut tasks = Vec::new();
    let mut lines = HashMap::new();
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

/// Where the tasks of a directory are listed.
fn record(root: &Path) -> PathBuf {
    root.join(".batch").join("tasks")
}

/// The tasks that a directory knows: those of earlier runs, then those that another program made, by name.
///
/// # Errors
/// When the directory cannot be read or holds no task.
pub fn known(root: &Path) -> Result<Vec<Task>> {
    let path = record(root);
    let mut tasks = match fs::read_to_string(&path) {
        Ok(list) => parse(&list, &path.display().to_string())?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(at("read", &path)(error)),
    };
    let listed: std::collections::HashSet<String> =
        tasks.iter().map(|task| task.name.clone()).collect();
    let mut others = Vec::new();
    for entry in fs::read_dir(root).map_err(at("read", root))? {
        let entry = entry.map_err(at("read", root))?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if !name.starts_with('.') && !listed.contains(&name) && entry.path().join("state").exists()
        {
            let text = decode(&name).unwrap_or_else(|| name.clone());
            others.push(Task { text, name });
        }
    }
    others.sort_by(|a, b| a.name.cmp(&b.name));
    tasks.extend(others);
    if tasks.is_empty() {
        return Err(Error(format!(
            "{} holds no task; name them with --tasks LIST, a file with one task per line",
            root.display()
        )));
    }
    Ok(tasks)
}

/// Notes down the tasks of a run beside those that the directory knows, for later runs and `status`.
///
/// # Errors
/// When the directory cannot be written.
pub fn remember(root: &Path, tasks: &[Task]) -> Result<()> {
    let path = record(root);
    let directory = path.parent().unwrap_or(root);
    fs::create_dir_all(directory).map_err(at("make", directory))?;
    let before = fs::read_to_string(&path).unwrap_or_default();
    let known: std::collections::HashSet<&str> = before.lines().map(str::trim).collect();
    let mut list: String = before.lines().map(|line| line.to_owned() + "\n").collect();
    let mut fresh = false;
    for task in tasks
        .iter()
        .filter(|task| !known.contains(task.text.as_str()))
    {
        list.push_str(&task.text);
        list.push('\n');
        fresh = true;
    }
    if !fresh {
        return Ok(());
    }
    let unnamed = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut file = File::create(&unnamed).map_err(at("make", &unnamed))?;
    file.write_all(list.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&unnamed, &path))
        .map_err(at("write", &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_line_becomes_one_component_and_back() {
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
            assert_eq!(decode(&task.name).as_deref(), Some(text));
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
        remember(root.path(), &parse("b\na/1", "").unwrap()).unwrap();
        remember(root.path(), &parse("c\nb", "").unwrap()).unwrap();
        for other in ["z", "a%2F1", "y", "logs"] {
            fs::create_dir(root.path().join(other)).unwrap();
            if other != "logs" {
                fs::write(root.path().join(other).join("state"), "OPEN\n").unwrap();
            }
        }
        let texts: Vec<_> = known(root.path())
            .unwrap()
            .into_iter()
            .map(|task| task.text)
            .collect();
        assert_eq!(texts, ["b", "a/1", "c", "y", "z"]);
    }
}
