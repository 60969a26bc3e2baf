use std::cell::Cell;
use std::collections::VecDeque;

use super::Mutant;
use crate::{Cause, Indices, Next, Result, Scheduler};

/// The scheduler as a faulty backend asks it and reports to it.
pub(super) struct FaultyScheduler<'w, O> {
    inner: &'w mut dyn Scheduler<O>,
    mutant: Mutant,
    /// Hand-outs that were asked for and not given to the backend yet.
    hoard: VecDeque<Indices>,
    asked: bool,
    /// Outcomes that wait: one to be swapped with the next, or all.
    held: Vec<(usize, Result<O, Cause>)>,
    /// So many items were started, and so many outcomes came.
    started: usize,
    outcomes: usize,
    /// Whether a run of the backend was stopped, now or before.
    was_stopped: &'w Cell<bool>,
    is_over: bool,
}

impl<'w, O> FaultyScheduler<'w, O> {
    /// Of a backend of which a run `was_stopped` or not.
    pub(super) fn new(
        inner: &'w mut dyn Scheduler<O>,
        mutant: Mutant,
        was_stopped: &'w Cell<bool>,
    ) -> Self {
        FaultyScheduler {
            inner,
            mutant,
            hoard: VecDeque::new(),
            asked: false,
            held: Vec::new(),
            started: 0,
            outcomes: 0,
            is_over: was_stopped.get(),
            was_stopped,
        }
    }

    /// Reports what was held back.
    pub(super) fn flush(&mut self) {
        for (index, outcome) in self.held.drain(..) {
            self.inner.done(index, outcome);
        }
    }
}

impl<O> Scheduler<O> for FaultyScheduler<'_, O> {
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
            Mutant::WaitsForEach if self.started > self.outcomes => match self.inner.next(0) {
                Next::Stop => Next::Stop,
                _ => Next::Wait,
            },
            Mutant::WaitsForEach => {
                let next = self.inner.next(want);
                if let Next::Start(items) = &next {
                    self.started += items.len();
                }
                next
            }
            Mutant::StaysStopped if self.is_over => Next::Finished,
            Mutant::StaysStopped => {
                let next = self.inner.next(want);
                self.was_stopped
                    .set(self.was_stopped.get() || next == Next::Stop);
                next
            }
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
            Mutant::KeepsOutcomes => self.held.push((index, outcome)),
            Mutant::SwapsOutcomes if self.outcomes == 1 => self.held.push((index, outcome)),
            Mutant::SwapsOutcomes if self.outcomes == 2 => {
                if let Some((other, held)) = self.held.pop() {
                    self.inner.done(index, held);
                    self.inner.done(other, outcome);
                }
            }
            _ => self.inner.done(index, outcome),
        }
    }
}
