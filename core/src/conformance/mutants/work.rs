use std::collections::VecDeque;

use super::Mutant;
use crate::{Cause, Indices, Next, Result, Work};

/// The work as a faulty backend sees and reports it.
pub(super) struct FaultyWork<'w, O> {
    inner: &'w mut dyn Work<O>,
    mutant: Mutant,
    /// Strategy-outs that were asked for and not given to the backend yet.
    hoard: VecDeque<Indices>,
    asked: bool,
    /// An outcome that waits to be swapped with the next.
    held: Option<(usize, Result<O, Cause>)>,
    outcomes: usize,
}

impl<'w, O> FaultyWork<'w, O> {
    pub(super) fn new(inner: &'w mut dyn Work<O>, mutant: Mutant) -> Self {
        FaultyWork {
            inner,
            mutant,
            hoard: VecDeque::new(),
            asked: false,
            held: None,
            outcomes: 0,
        }
    }

    /// Reports what was held back.
    pub(super) fn flush(&mut self) {
        if let Some((index, outcome)) = self.held.take() {
            self.inner.done(index, outcome);
        }
    }
}

impl<O> Work<O> for FaultyWork<'_, O> {
    fn next(&mut self, want: usize) -> Next {
        match self.mutant {
            Mutant::RepeatsItem => match self.inner.next(want) {
                Next::Start(items) if !self.asked => {
                    self.asked = true;
                    self.hoard.push_back(items.clone());
                    Next::Start(items)
                }
                // In the place of the answer that ends the run.
                Next::Finished => self.hoard.pop_front().map_or(Next::Finished, Next::Start),
                other => other,
            },
            Mutant::NarrowHandOuts => self.inner.next(want.min(3)),
            Mutant::TakesTooMuch => self.inner.next(usize::MAX),
            Mutant::IgnoresStop => {
                while !self.asked {
                    match self.inner.next(1) {
                        Next::Start(items) => self.hoard.push_back(items),
                        Next::Wait => {}
                        Next::Finished | Next::Stop => self.asked = true,
                    }
                }
                match self.inner.next(0) {
                    _ if want == 0 => Next::Wait,
                    _ => self.hoard.pop_front().map_or(Next::Finished, Next::Start),
                }
            }
            _ => self.inner.next(want),
        }
    }

    fn done(&mut self, index: usize, outcome: Result<O, Cause>) {
        self.outcomes += 1;
        match self.mutant {
            Mutant::DropsItem if self.outcomes == 2 => {}
            Mutant::SwallowsErrors if outcome.is_err() => {}
            Mutant::SwapsOutcomes if self.outcomes == 1 => self.held = Some((index, outcome)),
            Mutant::SwapsOutcomes if self.outcomes == 2 => {
                if let Some((other, held)) = self.held.take() {
                    self.inner.done(index, held);
                    self.inner.done(other, outcome);
                }
            }
            _ => self.inner.done(index, outcome),
        }
    }
}
