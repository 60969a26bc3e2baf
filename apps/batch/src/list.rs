//! Lists of tasks, as they are read and printed: a name per line, or with a NUL after each.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use crate::quote::quoted;
use crate::tasks::Task;
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

/// No entry is longer; nothing that is can be a name.
const LONGEST: usize = 4096;
/// What some editors begin a file with.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// How long nothing is said while nobody writes the list.
const PATIENCE: Duration = Duration::from_secs(2);

/// Entries with their numbers, as they come in.
struct Entries<'o> {
    origin: &'o str,
    separator: Separator,
    all: Vec<Vec<u8>>,
    last: Vec<u8>,
}

impl Entries<'_> {
    fn fault(&self, number: usize, why: &str) -> Error {
        let Entries {
            origin, separator, ..
        } = self;
        Error(format!("{origin}, {} {number}: {why}", separator.entry()))
    }

    /// Takes bytes in; a list that cannot be one is refused before the rest of it is read.
    fn take(&mut self, bytes: &[u8]) -> Result<()> {
        for byte in bytes {
            if *byte == self.separator.byte() {
                let entry = std::mem::take(&mut self.last);
                if self.separator == Separator::Null && entry.is_empty() {
                    return Err(self.fault(
                        self.all.len() + 1,
                        "it is empty, and a task must have a name",
                    ));
                }
                self.all.push(entry);
            } else if *byte == 0 {
                let why = "a NUL byte, which no name can hold (lists with a NUL after every name are read with -0)";
                return Err(self.fault(self.all.len() + 1, why));
            } else if self.last.len() == LONGEST {
                let why = format!("more than {LONGEST} bytes, which no name can have");
                return Err(self.fault(self.all.len() + 1, &why));
            } else {
                self.last.push(*byte);
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<List> {
        if !self.last.is_empty() {
            self.all.push(std::mem::take(&mut self.last));
        }
        let mut warnings = Vec::new();
        if self.separator == Separator::Line {
            self.tidy(&mut warnings);
        } else if let [only] = &self.all[..]
            && only.contains(&b'\n')
        {
            let what = format!(
                "{} is one name of several lines; without -0 each line is a task",
                self.origin
            );
            warnings.push(what);
        }
        let mut tasks = Vec::new();
        let mut numbers = HashMap::new();
        for (place, text) in self.all.iter().enumerate() {
            let number = place + 1;
            if text.is_empty() {
                continue;
            }
            let task = Task::new(text.clone()).map_err(|why| self.fault(number, why))?;
            if let Some(first) = numbers.insert(task.name.clone(), number) {
                let (task, entry) = (task.shown(), self.separator.entry());
                let why = format!(
                    "the task {task} is in {entry} {first} already; every task may come once"
                );
                return Err(self.fault(number, &why));
            }
            tasks.push(task);
        }
        let origin = (self.origin.to_owned(), self.separator);
        Ok(List {
            tasks,
            warnings,
            origin,
        })
    }

    /// Takes off what editors of other systems put around lines, and says so.
    fn tidy(&mut self, warnings: &mut Vec<String>) {
        if let Some(first) = self.all.first_mut()
            && let Some(rest) = first.strip_prefix(MARK)
        {
            *first = rest.to_vec();
            warnings.push(format!(
                "{} begins with a byte order mark: it is left out",
                self.origin
            ));
        }
        let ends = |line: &&mut Vec<u8>| line.ends_with(b"\r");
        let full = self.all.iter().filter(|line| !line.is_empty()).count();
        let with = self.all.iter_mut().filter(ends).count();
        if with > 0 && with == full {
            for line in self.all.iter_mut().filter(ends) {
                line.pop();
            }
            warnings.push(format!(
                "every line of {} ends in a carriage return: they are left out (with -0 names are kept as they are)",
                self.origin
            ));
        } else if with > 0 {
            let first = self
                .all
                .iter()
                .position(|line| line.ends_with(b"\r"))
                .unwrap_or_default();
            warnings.push(format!(
                "{}, line {}: it ends in a carriage return and others do not: it is kept as part of the name",
                self.origin,
                first + 1
            ));
        }
    }
}

/// The tasks of a list; names are kept exactly. Without NULs, empty lines are left out, and
/// carriage returns that every line ends in. `origin` is for messages.
///
/// # Errors
/// When there is no task, one comes twice, or an entry can be no name.
pub fn parse(bytes: &[u8], separator: Separator, origin: &str) -> Result<List> {
    read_from(bytes, separator, origin)
}

fn read_from(mut source: impl Read, separator: Separator, origin: &str) -> Result<List> {
    let mut entries = Entries {
        origin,
        separator,
        all: Vec::new(),
        last: Vec::new(),
    };
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
                "the task {} does not fit in a line that is read back as the same name: list them with -0, and give -0 where the list is read",
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
mod tests {
    use super::*;

    fn lines(list: &[u8]) -> Result<Vec<Vec<u8>>, String> {
        entries(list, Separator::Line)
    }

    fn entries(list: &[u8], separator: Separator) -> Result<Vec<Vec<u8>>, String> {
        let list = parse(list, separator, "list")
            .and_then(List::some)
            .map_err(|error| error.to_string())?;
        Ok(list
            .tasks
            .iter()
            .map(|task| task.text.as_bytes().to_vec())
            .collect())
    }

    #[test]
    fn names_are_kept_exactly() {
        assert_eq!(
            lines(b"a\n\n b  c \n\td\nlat\xe9\n \n-x").unwrap(),
            [&b"a"[..], b" b  c ", b"\td", b"lat\xe9", b" ", b"-x"]
        );
        assert_eq!(lines(b"a\r\nb\r\n\n").unwrap(), [b"a", b"b"]);
        assert_eq!(lines(b"a\r\nb\n").unwrap(), [&b"a\r"[..], b"b"]);
        assert_eq!(lines(b"\xef\xbb\xbfa\nb\n").unwrap(), [b"a", b"b"]);
        assert_eq!(
            entries(b"a\nb\0\xef\xbb\xbfc\r\0d", Separator::Null).unwrap(),
            [&b"a\nb"[..], b"\xef\xbb\xbfc\r", b"d"]
        );
        for (list, warnings) in [
            (&b"a\r\n"[..], 1),
            (b"a\nb\r\n", 1),
            (b"\xef\xbb\xbfa\r\n", 2),
            (b"a \n", 0),
        ] {
            assert_eq!(
                parse(list, Separator::Line, "list").unwrap().warnings.len(),
                warnings,
                "{list:?}"
            );
        }
    }

    #[test]
    fn what_can_be_no_name_is_refused_by_its_number() {
        for (list, told) in [
            (
                &b"a\nb\n a\na\n"[..],
                "list, line 4: the task a is in line 1",
            ),
            (b"\n\n", "list names no task"),
            (b"", "list names no task"),
            (b"a\nb\0c\n", "list, line 2: a NUL byte"),
            (
                &[&b"a\n"[..], &[b'x'; 256], b"\n"].concat(),
                "list, line 2: its directory",
            ),
            (
                &[&b"a\n\n"[..], &[b'x'; 5000]].concat(),
                "list, line 3: more than 4096 bytes",
            ),
        ] {
            let said = lines(list).unwrap_err();
            assert!(said.starts_with(told), "{said}");
        }
        assert!(
            entries(b"a\0\0b\0", Separator::Null)
                .unwrap_err()
                .starts_with("list, entry 2: it is empty")
        );
    }

    #[test]
    fn what_is_written_is_read_back() {
        let names: Vec<OsString> = [
            &b" a "[..],
            b"b\tc",
            b"lat\xe9",
            b"-",
            b"'\"\\",
            b"...",
            b" ",
        ]
        .map(|name| OsStr::from_bytes(name).to_owned())
        .into();
        let hard: Vec<OsString> = [&b"a\nb"[..], b"c\r", b"\xef\xbb\xbfd"]
            .map(|name| OsStr::from_bytes(name).to_owned())
            .into();
        for (separator, names) in [
            (Separator::Line, names.clone()),
            (Separator::Null, [names, hard.clone()].concat()),
        ] {
            let list = write(names.iter().map(OsString::as_os_str), separator).unwrap();
            assert_eq!(
                super::names(&parse(&list, separator, "list").unwrap().tasks),
                names
            );
        }
        for name in &hard {
            assert!(
                write([name.as_os_str()], Separator::Line)
                    .unwrap_err()
                    .to_string()
                    .contains("-0")
            );
        }
    }
}
