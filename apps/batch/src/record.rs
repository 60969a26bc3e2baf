//! What a directory knows of its tasks: their names and numbers, and the list they came from last.
//!
//! `.batch/tasks` begins with a line that names its form. Then comes a line for each task: the name
//! of its directory, a tab, and what the user calls it, with `\xHH` for bytes that would spoil the
//! line. Then the digest of the last list, and the digest of all lines before it, so that a file
//! which was cut short or changed is noticed. Files of earlier versions have lines for tasks only.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jobwise_kit::Digest;

use crate::task::Task;
use crate::{Error, Result, context, plain, tasks_in_words};

/// No more of a file is read, and none is written that is longer.
const LONGEST: u64 = 1 << 30;
const FORM: &str = "tasks of batch, form 2";
const LIST: &str = "last list ";
const DIGEST: &str = "digest ";

/// The tasks that are noted down for a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The tasks, by their numbers.
    pub tasks: Vec<Task>,
    /// The digest of the list they came from last.
    list: Option<String>,
}

fn path_in(root: &Path) -> PathBuf {
    root.join(".batch").join("tasks")
}

/// What is noted down.
///
/// # Errors
/// When the file cannot be read, was cut short, or was changed by somebody else.
pub fn read(root: &Path) -> Result<Record> {
    let path = path_in(root);
    let directory = path.parent().unwrap_or(root);
    plain::check_directory(directory).map_err(context("read", directory))?;
    let bytes = match plain::read(&path, LONGEST) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return match fs::symlink_metadata(&path) {
                // Another run has just made it.
                Ok(_) => read(root),
                Err(_) => Ok(Record::default()),
            };
        }
        Err(error) => return Err(context("read", &path)(error)),
    };
    Record::parse(&bytes).ok_or_else(|| {
        Error(format!(
            "{} was cut short or changed, so the numbers of the tasks are not certain: put it back \
             as it was, or remove it, then tasks are numbered anew",
            path.display()
        ))
    })
}

impl Record {
    fn parse(bytes: &[u8]) -> Option<Record> {
        let text = std::str::from_utf8(bytes).ok()?;
        if text.is_empty() {
            return None;
        }
        let Some(text) = text.strip_prefix(FORM) else {
            let task = |line: &str| {
                let (name, text) = line.split_once('\t')?;
                Some(Task {
                    text: text.into(),
                    name: name.into(),
                })
            };
            let tasks = text.lines().map(task).collect::<Option<_>>()?;
            return Some(Record { tasks, list: None });
        };
        let (lines, digest) = text.rsplit_once(DIGEST)?;
        if digest.strip_suffix('\n')? != digest_of(lines) {
            return None;
        }
        let mut record = Record::default();
        for line in lines.lines().skip(1) {
            if let Some(list) = line.strip_prefix(LIST)
                && !line.contains('\t')
            {
                record.list = Some(list.to_owned());
                continue;
            }
            let (name, text) = line.split_once('\t')?;
            record.tasks.push(Task {
                text: unescaped(text)?,
                name: unescaped(name)?,
            });
        }
        Some(record)
    }

    /// Warns when `list`, which gave these tasks, is another than the last one.
    fn compare(&self, root: &Path, tasks: &[Task], list: Option<&str>, numbers: &[usize]) {
        if let Some(list) = list
            && !self.tasks.is_empty()
            && self.list.as_ref() != Some(&digest_of_list(tasks))
        {
            tell_changes(root, list, &self.tasks, numbers);
        }
    }

    fn to_text(&self) -> String {
        let mut lines = "\n".to_owned();
        for task in &self.tasks {
            // Writing to a String cannot fail.
            let _ = writeln!(lines, "{}\t{}", escaped(&task.name), escaped(&task.text));
        }
        if let Some(list) = &self.list {
            let _ = writeln!(lines, "{LIST}{list}");
        }
        let digest = digest_of(&lines);
        format!("{FORM}{lines}{DIGEST}{digest}\n")
    }
}

fn digest_of(lines: &str) -> String {
    Digest::new(FORM).text("lines", lines).finish()
}

/// The digest of a list: names and their order.
fn digest_of_list(tasks: &[Task]) -> String {
    let add = |digest: Digest, task: &Task| digest.text("task", &escaped(&task.text));
    tasks.iter().fold(Digest::new(LIST), add).finish()
}

fn escaped(name: &OsStr) -> String {
    let mut out = String::new();
    for chunk in name.as_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() || c == '\\' {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(out, "\\x{byte:02X}");
                }
            } else {
                out.push(c);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02X}");
        }
    }
    out
}

fn unescaped(text: &str) -> Option<OsString> {
    let mut parts = text.split("\\x");
    let mut out = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        out.push(u8::from_str_radix(digits, 16).ok()?);
        out.extend_from_slice(rest.as_bytes());
    }
    Some(OsString::from_vec(out))
}

/// The place of each task in all of them; those that are not there yet come at the end.
fn places(all: &mut Vec<Task>, tasks: &[Task]) -> Vec<usize> {
    let mut known: HashMap<OsString, usize> = HashMap::new();
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

/// The numbers that [`remember`] would give, without noting anything down. It warns of another list
/// as [`remember`] does.
///
/// # Errors
/// As [`read`].
pub fn numbers(root: &Path, tasks: &[Task], list: Option<&str>) -> Result<Vec<usize>> {
    let before = read(root)?;
    let numbers = places(&mut before.tasks.clone(), tasks);
    before.compare(root, tasks, list, &numbers);
    Ok(numbers)
}

/// Notes down the tasks of a run behind those that are noted already, for later runs and `status`.
/// Returns the place of each in all of them: its number in this directory, whatever list it comes
/// from. `list`: what the tasks were listed in, if they were; when that is not the list of the last
/// time, a warning says what is different.
///
/// # Errors
/// When the directory cannot be written, and as [`read`].
pub fn remember(root: &Path, tasks: &[Task], list: Option<&str>) -> Result<Vec<usize>> {
    let path = path_in(root);
    let directory = path.parent().unwrap_or(root);
    plain::check_directory(directory).map_err(context("use", directory))?;
    fs::create_dir_all(directory).map_err(context("make", directory))?;
    // Others note down theirs at the same time. Where a file system knows no locks, one of two
    // lists may not be noted; its tasks have directories all the same.
    let _lock = locked(&path.with_extension("lock"))?;
    let before = read(root)?;
    if fs::symlink_metadata(&path).is_err() && has_journal(directory) {
        log::warn!(
            "{} is gone: the numbers of the tasks are given anew, and may be others than before; \
             without a list, tasks are called as their directories are",
            path.display()
        );
    }
    let mut record = before.clone();
    let numbers = places(&mut record.tasks, tasks);
    before.compare(root, tasks, list, &numbers);
    if list.is_some() {
        record.list = Some(digest_of_list(tasks));
    }
    if record != before {
        write(&path, &record)?;
    }
    Ok(numbers)
}

/// Says how a list differs from the tasks that are known, to which it gives these numbers.
fn tell_changes(root: &Path, list: &str, known: &[Task], numbers: &[usize]) {
    let listed: HashSet<usize> = numbers.iter().copied().collect();
    let new = numbers
        .iter()
        .filter(|number| **number >= known.len())
        .count();
    let absent = (0..known.len())
        .filter(|number| !listed.contains(number))
        .count();
    let old = numbers.iter().filter(|number| **number < known.len());
    let mut changes = Vec::new();
    if new > 0 {
        changes.push(format!("{} more (added)", tasks_in_words(new)));
    }
    if absent > 0 {
        changes.push(format!(
            "{} fewer (left as they stand)",
            tasks_in_words(absent)
        ));
    }
    if !old.is_sorted() {
        changes.push("another order (every task keeps its number)".to_owned());
    }
    if !changes.is_empty() {
        log::warn!(
            "{list} is another list than {} was made from: {}",
            root.display(),
            changes.join("; ")
        );
    }
}

/// Whether runs have left their journals, so that there were numbers once.
fn has_journal(bookkeeping: &Path) -> bool {
    let Ok(entries) = fs::read_dir(bookkeeping) else {
        return false;
    };
    let is_journal = |name: OsString| name.as_bytes().starts_with(b"journal.");
    entries.flatten().any(|entry| is_journal(entry.file_name()))
}

fn write(path: &Path, record: &Record) -> Result<()> {
    let text = record.to_text();
    if text.len() as u64 > LONGEST {
        return Err(Error(format!(
            "{} would have {} bytes, more than {LONGEST}: use several directories",
            path.display(),
            text.len()
        )));
    }
    let unnamed = path.with_extension(format!("{}.tmp", jobwise_claims::unique_name()));
    let mut file = File::create(&unnamed).map_err(context("make", &unnamed))?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&unnamed, path));
    if written.is_err() {
        let _ = fs::remove_file(&unnamed);
    }
    written.map_err(context("write", path))
}

/// The right to change what is noted. Who has it for long has been stopped.
fn locked(path: &Path) -> Result<File> {
    let lock = plain::to_lock(path).map_err(context("lock", path))?;
    let since = Instant::now();
    let mut told = false;
    while let Err(TryLockError::WouldBlock) = lock.try_lock() {
        if !told && since.elapsed() > Duration::from_secs(2) {
            told = true;
            log::warn!("waiting for another run that has {} locked", path.display());
        }
        if since.elapsed() > Duration::from_mins(1) {
            return Err(Error(format!(
                "another run has had {} locked for a minute, perhaps one that was stopped: end it",
                path.display()
            )));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tasks(names: &[&[u8]]) -> Vec<Task> {
        names
            .iter()
            .map(|name| Task::new(name.to_vec()).unwrap())
            .collect()
    }

    #[test]
    fn every_byte_counts() {
        let mut record = Record {
            tasks: tasks(&[
                b"a",
                b" b\t",
                b"c\n",
                b"lat\xe9",
                b"\\x41",
                b"last list x",
                b"digest ",
            ]),
            list: Some("4711".to_owned()),
        };
        record.tasks.push(Task::of_directory(OsString::from_vec(
            b"there\xff\n".to_vec(),
        )));
        let text = record.to_text();
        assert_eq!(Record::parse(text.as_bytes()).as_ref(), Some(&record));
        for at in 0..text.len() {
            assert_eq!(Record::parse(&text.as_bytes()[..at]), None, "cut at {at}");
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            assert_eq!(Record::parse(&changed), None, "changed at {at}");
        }
        let earlier = Record::parse(b"a%2Fb\ta/b\nc\tc\n").unwrap();
        assert_eq!(earlier.tasks, tasks(&[b"a/b", b"c"]));
    }
}
