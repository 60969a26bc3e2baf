//! A task, and what its directory is called.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStringExt;

use crate::Result;
use crate::quote::quoted;

/// A task: what the user calls it, and what its directory is called. Both are bytes, as names of
/// files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// An entry of the list, exactly.
    pub text: OsString,
    /// The same as one component of a path.
    pub name: OsString,
}

impl Task {
    /// The task that the user calls so.
    ///
    /// # Errors
    /// Why no task can be called so.
    pub fn new(text: Vec<u8>) -> Result<Task, &'static str> {
        if text.is_empty() {
            return Err("a task must have a name");
        }
        if text.contains(&0) {
            return Err(
                "a NUL byte, which no name can hold (lists with a NUL after every name are read \
                 with -0)",
            );
        }
        let name = encode(&text);
        if name.len() > 255 {
            return Err(
                "its directory would have a name of more than 255 bytes; give a shorter name",
            );
        }
        Ok(Task {
            text: OsString::from_vec(text),
            name: name.into(),
        })
    }

    /// A task whose directory another program made.
    pub fn of_directory(name: OsString) -> Task {
        Task {
            text: name.clone(),
            name,
        }
    }

    /// What the user calls it, for a line on a terminal.
    pub fn shown(&self) -> String {
        quoted(&self.text)
    }
}

/// Most names are kept as they are; what a path could not hold, a leading point, `%`, control
/// characters and bytes that are no text become `%XX`.
fn encode(text: &[u8]) -> String {
    fn put(name: &mut String, bytes: &[u8]) {
        for byte in bytes {
            // Writing to a String cannot fail.
            let _ = write!(name, "%{byte:02X}");
        }
    }
    let mut name = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '/' || c == '%' || c.is_control() || (c == '.' && name.is_empty()) {
                put(&mut name, c.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                name.push(c);
            }
        }
        put(&mut name, chunk.invalid());
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    fn task(text: &[u8]) -> Task {
        Task::new(text.to_vec()).unwrap()
    }

    #[test]
    fn any_entry_becomes_one_component_of_its_own() {
        let mut names = HashSet::new();
        let entries: [&[u8]; 17] = [
            b"a",
            b"data/2021/x.h5",
            b".",
            b"..",
            b".hidden",
            b"100%",
            b"a b",
            b" a b",
            b"a b ",
            b" ",
            "\u{b5}/\u{fc}".as_bytes(),
            b"%2F",
            b"tab\there",
            b"line\n",
            b"line\r",
            b"lat\xe9",
            b"lat\xe8",
        ];
        for text in entries {
            let task = task(text);
            let name = task.name.to_str().unwrap().to_owned();
            assert!(!name.contains('/') && !name.starts_with('.'), "{task:?}");
            assert!(names.insert(name), "{task:?}");
            assert_eq!(task.text.as_bytes(), text);
        }
        assert_eq!(task(b"task_017").name, "task_017");
        for bad in [&b""[..], b"a\0", &[b'x'; 256], &[0xff; 86]] {
            assert!(Task::new(bad.to_vec()).is_err(), "{bad:?}");
        }
    }
}
