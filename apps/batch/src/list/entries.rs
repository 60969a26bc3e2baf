use std::collections::HashMap;

use super::{List, MARK, Separator};
use crate::task::Task;
use crate::{Error, Result};

/// No entry is longer; nothing that is can be a name.
const LONGEST: usize = 4096;

/// Entries with their numbers, as they come in.
pub(super) struct Entries<'o> {
    origin: &'o str,
    separator: Separator,
    all: Vec<Vec<u8>>,
    last: Vec<u8>,
}

impl Entries<'_> {
    /// Of a list that messages call `origin`.
    pub(super) fn new(origin: &str, separator: Separator) -> Entries<'_> {
        Entries {
            origin,
            separator,
            all: Vec::new(),
            last: Vec::new(),
        }
    }

    fn fault(&self, number: usize, why: &str) -> Error {
        let Entries {
            origin, separator, ..
        } = self;
        Error(format!("{origin}, {} {number}: {why}", separator.entry()))
    }

    /// Takes bytes in; a list that cannot be one is refused before the rest of it is read.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<()> {
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
                let why = "a NUL byte, which no name can hold (lists with a NUL after every name \
                           are read with -0)";
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

    pub(super) fn finish(mut self) -> Result<List> {
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
        for (place, text) in std::mem::take(&mut self.all).into_iter().enumerate() {
            let number = place + 1;
            if text.is_empty() {
                continue;
            }
            let task = Task::new(text).map_err(|why| self.fault(number, why))?;
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
                "every line of {} ends in a carriage return: they are left out (with -0 names are \
                 kept as they are)",
                self.origin
            ));
        } else if with > 0 {
            let first = self
                .all
                .iter()
                .position(|line| line.ends_with(b"\r"))
                .unwrap_or_default();
            warnings.push(format!(
                "{}, line {}: it ends in a carriage return and others do not: it is kept as part \
                 of the name",
                self.origin,
                first + 1
            ));
        }
    }
}
