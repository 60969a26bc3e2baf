//! Lists of tasks, as they are read and printed: a name per line, or with a NUL after each.

mod entries;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use entries::Entries;

use crate::quote::quoted;
use crate::task::Task;
use crate::{Error, Result, context};

/// What ends a name in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// The end of the line.
    Line,
    /// A NUL byte, so that names may hold anything else.
    Null,
}

impl Separator {
    fn byte(self) -> u8 {
        match self {
            Separator::Line => b'\n',
            Separator::Null => 0,
        }
    }

    /// What an entry is called.
    fn entry(self) -> &'static str {
        match self {
            Separator::Line => "line",
            Separator::Null => "entry",
        }
    }
}

/// A list that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Its tasks, in order.
    pub tasks: Vec<Task>,
    /// What was odd, one line each.
    pub warnings: Vec<String>,
    /// What it is called, and whose entries end how.
    origin: (String, Separator),
}

impl List {
    /// The list, if it names a task.
    ///
    /// # Errors
    /// It names none.
    pub fn some(self) -> Result<List> {
        if !self.tasks.is_empty() {
            return Ok(self);
        }
        let (origin, separator) = &self.origin;
        let how = match separator {
            Separator::Line => "write one per line",
            Separator::Null => "write a NUL byte after each",
        };
        Err(Error(format!("{origin} names no task; {how}")))
    }
}

/// What some editors begin a file with.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// How long nothing is said while nobody writes the list.
const PATIENCE: Duration = Duration::from_secs(2);

/// The tasks of a list; names are kept exactly. Without NULs, empty lines are left out, and
/// carriage returns that every line ends in. `origin` is for messages.
///
/// # Errors
/// When there is no task, one comes twice, or an entry can be no name.
pub fn parse(bytes: &[u8], separator: Separator, origin: &str) -> Result<List> {
    read_from(bytes, separator, origin)
}

fn read_from(mut source: impl Read, separator: Separator, origin: &str) -> Result<List> {
    let mut entries = Entries::new(origin, separator);
    let mut bytes = vec![0; 1 << 16];
    loop {
        match source.read(&mut bytes) {
            Ok(0) => return entries.finish(),
            Ok(count) => entries.take(&bytes[..count])?,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(context("read", Path::new(origin))(error)),
        }
    }
}

fn is_input(list: &Path) -> bool {
    list == Path::new("-")
}

/// What a list is called in messages.
pub fn shown(list: &Path) -> String {
    if is_input(list) {
        "standard input".to_owned()
    } else {
        quoted(list.as_os_str())
    }
}

/// Reads a list from a file, or from standard input if it is called `-`. Who waits for a list that
/// nobody writes is told so.
///
/// # Errors
/// When it cannot be read, and as [`parse`].
pub fn read(list: &Path, separator: Separator) -> Result<List> {
    let is_input = is_input(list);
    let origin = shown(list);
    let is_slow = is_input
        || fs::metadata(list)
            .is_ok_and(|found| !found.is_file() && !found.file_type().is_char_device());
    let path = list.to_owned();
    let name = origin.clone();
    let read = move || -> Result<List> {
        if is_input {
            return read_from(std::io::stdin(), separator, &name);
        }
        let file = File::open(&path).map_err(context("read", &path))?;
        read_from(file, separator, &name)
    };
    if !is_slow {
        return read();
    }
    let (tell, hear) = mpsc::channel();
    std::thread::spawn(move || tell.send(read()));
    hear.recv_timeout(PATIENCE)
        .or_else(|_| {
            log::warn!("waiting for somebody to write the list of tasks to {origin}");
            hear.recv()
        })
        .unwrap_or_else(|_| Err(Error(format!("cannot read {origin}"))))
}

/// The list of these names, as [`parse`] reads it back.
///
/// # Errors
/// Names the first that a list of this kind cannot hold.
pub fn write<'n>(
    names: impl IntoIterator<Item = &'n OsStr>,
    separator: Separator,
) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for name in names {
        let bytes = name.as_bytes();
        let fits = !bytes.contains(&b'\n') && !bytes.ends_with(b"\r") && !bytes.starts_with(MARK);
        if separator == Separator::Line && !fits {
            return Err(Error(format!(
                "the task {} does not fit in a line that is read back as the same name: list them \
                 with -0, and give -0 where the list is read",
                quoted(name)
            )));
        }
        out.extend_from_slice(bytes);
        out.push(separator.byte());
    }
    Ok(out)
}

/// The names of tasks.
pub fn names(tasks: &[Task]) -> Vec<OsString> {
    tasks.iter().map(|task| task.text.clone()).collect()
}

#[cfg(test)]
mod tests;
