use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// What was odd so far and is in nobody's way: one line each, and each is told once.
#[derive(Debug, Default)]
pub(crate) struct Oddities(Mutex<Lines>);

#[derive(Debug, Default)]
struct Lines {
    known: HashSet<String>,
    untold: Vec<String>,
}

/// No more lines than this are kept, whoever collects them or does not.
const MOST: usize = 1000;

impl Oddities {
    /// Notes a line, unless it was noted before.
    pub(crate) fn note(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.known.len() < MOST && lines.known.insert(line.clone()) {
            lines.untold.push(line);
        }
    }

    /// The lines that were not taken yet, in the order in which they were noted.
    pub(crate) fn take(&self) -> Vec<String> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut lines.untold)
    }
}
