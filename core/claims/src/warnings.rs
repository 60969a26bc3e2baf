use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// What was odd so far and is in nobody's way: one line each, and each is told once.
#[derive(Debug, Default)]
pub struct Warnings(Mutex<Lines>);

#[derive(Debug, Default)]
struct Lines {
    known: HashSet<String>,
    untold: Vec<String>,
    /// Whether it was told that there are too many.
    is_full: bool,
}

/// No more lines than this are kept, whoever collects them or does not.
const MOST: usize = 1000;

impl Warnings {
    /// Notes a line, unless it was noted before.
    pub fn note(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.known.len() < MOST {
            if lines.known.insert(line.clone()) {
                lines.untold.push(line);
            }
        } else if !lines.is_full && !lines.known.contains(&line) {
            lines.is_full = true;
            lines.untold.push(format!(
                "more than {MOST} warnings: what else is odd is not told"
            ));
        }
    }

    /// The lines that were not taken yet, in the order in which they were noted.
    pub fn take(&self) -> Vec<String> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut lines.untold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_once_and_so_is_that_there_are_too_many() {
        let warnings = Warnings::default();
        for _ in 0..2 {
            (0..MOST).for_each(|line| warnings.note(line.to_string()));
        }
        assert_eq!(warnings.take().len(), MOST);
        (0..MOST + 5).for_each(|line| warnings.note(line.to_string()));
        let told = warnings.take();
        assert!(told.len() == 1 && told[0].contains("not told"), "{told:?}");
    }
}
