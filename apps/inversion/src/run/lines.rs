use std::collections::BTreeMap;
use std::ops::Range;

use jobwise_core::{Cause, IndexSet, Sink};
use jobwise_hdf5::row_store::Rows;

use super::outcome::Outcome;
use super::selection::Selected;
use crate::results::{LineFile, Patience, State};
use crate::survey;
use crate::{Error, Result};

/// A line of the run.
#[derive(Debug)]
pub(super) struct Line<'r> {
    pub(super) file: LineFile<'r>,
    /// All soundings of the line.
    pub(super) soundings: &'r [survey::Sounding],
}

/// Where items are: lines of the run, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// The first item of each line; the number of items at the end.
    first: Vec<usize>,
    /// The rows of each.
    rows: Vec<Range<usize>>,
}

impl Places {
    pub(super) fn new(selected: &[Selected]) -> Places {
        let mut first = vec![0];
        for line in selected {
            first.push(first[first.len() - 1] + line.rows.len());
        }
        Places {
            first,
            rows: selected.iter().map(|line| line.rows.clone()).collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.first[self.first.len() - 1]
    }

    /// The line and the row of an item.
    pub(super) fn of(&self, item: usize) -> (usize, usize) {
        let line = self.first.partition_point(|first| *first <= item) - 1;
        (line, self.rows[line].start + item - self.first[line])
    }

    /// The rows of a line that are items.
    pub(super) fn rows(&self, line: usize) -> Range<usize> {
        self.rows[line].clone()
    }
}

/// Rows in memory, at most, in bytes.
const BUFFER: usize = 16 << 20;

/// Failed soundings that are told one by one.
const TOLD: usize = 20;

/// The sink of a run: rows of soundings go into the files of their lines.
pub(super) struct Lines<'r> {
    all: &'r [Line<'r>],
    places: &'r Places,
    patience: &'r Patience<'r>,
    /// What is known to be done of each line.
    states: Vec<State>,
    /// Whether other processes do soundings of the same job: what is done is then looked at anew.
    is_shared: bool,
    /// By line: rows that are not in its file yet.
    pending: BTreeMap<usize, Vec<(usize, Rows)>>,
    bytes: usize,
}

impl<'r> Lines<'r> {
    pub(super) fn new(
        lines: &'r [Line<'r>],
        places: &'r Places,
        patience: &'r Patience<'r>,
        states: Vec<State>,
        is_shared: bool,
    ) -> Lines<'r> {
        Lines {
            all: lines,
            places,
            patience,
            states,
            is_shared,
            pending: BTreeMap::new(),
            bytes: 0,
        }
    }

    fn write_all(&mut self) -> Result<()> {
        self.bytes = 0;
        for (line, rows) in std::mem::take(&mut self.pending) {
            self.states[line] = self.all[line].file.write(rows, self.patience)?;
        }
        Ok(())
    }

    /// What is done of the run, as far as this process knows or can see.
    pub(super) fn told(&self) -> Result<Outcome> {
        let mut outcome = Outcome {
            files: self.all.len(),
            ..Outcome::default()
        };
        for (place, line) in self.all.iter().enumerate() {
            let mut state = self.states[place].clone();
            let rows = self.places.rows(place);
            if self.is_shared && !state.closed().missing(rows.clone()).is_empty() {
                state = line.file.state(self.patience)?;
            }
            for row in rows {
                outcome.done += usize::from(state.done.contains(row));
                if !state.failed.contains(row) {
                    continue;
                }
                outcome.failed += 1;
                if outcome.reasons.len() < TOLD {
                    let reason = line.file.reason(row)?;
                    let path = line.file.path().to_path_buf();
                    let fiducial = line.soundings[row].fiducial;
                    outcome.reasons.push((path, fiducial, reason));
                }
            }
        }
        Ok(outcome)
    }

    fn is_closed(&self, item: usize) -> bool {
        let (line, row) = self.places.of(item);
        self.states[line].done.contains(row) || self.states[line].failed.contains(row)
    }
}

impl Sink<Rows> for Lines<'_> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        if self.is_shared {
            for item in within.clone() {
                if !self.is_closed(item) {
                    let (line, _) = self.places.of(item);
                    self.states[line] = self.all[line].file.state(self.patience)?;
                }
            }
        }
        Ok(within.filter(|item| self.is_closed(*item)).collect())
    }

    fn write(&mut self, index: usize, rows: Rows) -> Result<(), Cause> {
        let (line, row) = self.places.of(index);
        // What was given up at the end of the run.
        if rows == Rows::new() {
            return Ok(());
        }
        self.bytes += rows.bytes();
        self.pending.entry(line).or_default().push((row, rows));
        if self.bytes >= BUFFER {
            self.write_all()?;
        }
        Ok(())
    }

    fn commit(&mut self, _: &[usize]) -> Result<(), Cause> {
        self.write_all().map_err(Error::into)
    }
}
