use std::sync::{Mutex, PoisonError};

use jobwise_core::{IndexSet, Result as WireResult, Wire};

use crate::format::Losses;

/// What a run met with that its user must know, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Positions whose source holds a number that is not finite: their results are NaN.
    pub not_finite: IndexSet,
    /// Positions whose source is finite, and whose results are not all: they left the range of the
    /// type that is computed in.
    pub left_range: IndexSet,
    /// Positions whose source cannot be read: they have no results.
    pub unreadable: IndexSet,
    /// Why, of the first that was met.
    pub why: String,
    /// What numbers of the source lost when they were made floats to compute with.
    pub source: Losses,
    /// What the numbers of each output lost on their way into its type.
    pub outputs: Vec<Losses>,
}

impl Tally {
    /// Adds what another part of the run met with.
    pub fn add(&mut self, other: &Tally) {
        for run in other.not_finite.runs() {
            self.not_finite.insert(run);
        }
        for run in other.left_range.runs() {
            self.left_range.insert(run);
        }
        for run in other.unreadable.runs() {
            self.unreadable.insert(run);
        }
        if self.why.is_empty() {
            self.why.clone_from(&other.why);
        }
        self.source += other.source;
        if self.outputs.len() < other.outputs.len() {
            self.outputs.resize(other.outputs.len(), Losses::default());
        }
        for (mine, &losses) in self.outputs.iter_mut().zip(&other.outputs) {
            *mine += losses;
        }
    }
}

impl Wire for Tally {
    fn put(&self, out: &mut Vec<u8>) {
        self.not_finite.put(out);
        self.left_range.put(out);
        self.unreadable.put(out);
        self.why.put(out);
        self.source.put(out);
        self.outputs.put(out);
    }

    fn take(input: &mut &[u8]) -> WireResult<Tally> {
        Ok(Tally {
            not_finite: Wire::take(input)?,
            left_range: Wire::take(input)?,
            unreadable: Wire::take(input)?,
            why: Wire::take(input)?,
            source: Wire::take(input)?,
            outputs: Wire::take(input)?,
        })
    }
}

/// A tally that all lanes of a rank add to.
#[derive(Debug, Default)]
pub(super) struct Tallies(Mutex<Tally>);

impl Tallies {
    /// Adds what a lane met with.
    pub(super) fn add(&self, part: &Tally) {
        // A lane that panics while it adds leaves counts that are too small, and an error that ends
        // the run.
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.add(part);
    }

    /// What was met with until now.
    pub(super) fn sum(&self) -> Tally {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.clone()
    }
}
