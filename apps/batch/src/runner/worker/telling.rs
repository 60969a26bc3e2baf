//! What is told while a run is at work: how far it is, and for whom it waits.

use std::time::{Duration, Instant};

use jobwise_core::{Observer, Progress, Result};
use jobwise_tasks::{Sighting, State};

use super::Worker;
use crate::survey;

/// How long nothing is said while there is nothing to do but to wait for others.
const PATIENCE: Duration = Duration::from_secs(5);

impl Worker<'_, '_> {
    /// Says that there is nothing to do but to wait for others, once each time.
    pub(super) fn tell_of_waiting(&mut self) -> Result<()> {
        if !self.slots.is_empty() || self.asked.is_none() {
            self.waiting = None;
            return Ok(());
        }
        let (since, told) = *self.waiting.get_or_insert((Instant::now(), false));
        if told || since.elapsed() < PATIENCE {
            return Ok(());
        }
        self.waiting = Some((since, true));
        let pending = self.pool.pending()?;
        if pending > 0 && self.pool.worker() == 0 {
            let first = self
                .longest_claim()
                .map_or_else(String::new, |claim| format!("; {claim}"));
            log::warn!(
                "waiting for {} that others hold (batch status tells who; --no-wait ends \
                 instead){first}",
                crate::tasks_in_words(pending)
            );
        }
        Ok(())
    }

    /// What there is to be said of the claim for which this run may have to wait longest.
    fn longest_claim(&self) -> Option<String> {
        // Of very many tasks only those that can be looked at in no time.
        let since = Instant::now();
        let looked_at = (0..self.pool.len()).take_while(|_| since.elapsed() < Self::AGAIN);
        let claims = looked_at.filter_map(|task| {
            let seen = Sighting::of(self.pool.dirs(), self.pool.name(task)).ok()?;
            Some((task, seen.claim?))
        });
        let (task, claim) = claims.max_by_key(|(_, claim)| claim.lease)?;
        Some(format!(
            "{}: {}",
            self.roll.shown(task),
            survey::at_work(&claim)
        ))
    }

    /// Shows how far the whole batch is, once a second at most, and so that looking costs a
    /// twentieth of the time at most.
    pub(super) fn show(&mut self) -> Result<()> {
        let Some(bar) = self.bar else { return Ok(()) };
        if let Some((at, cost)) = self.shown
            && at.elapsed() < (20 * cost).max(Duration::from_millis(500))
            && !(self.slots.is_empty() && self.asked.is_some())
        {
            return Ok(());
        }
        let at = Instant::now();
        let states = self.pool.states()?;
        let count = |wanted: State| states.iter().filter(|&&state| state == wanted).count();
        let (done, failed) = (count(State::Done), count(State::Failed));
        let before = *self.before.get_or_insert(done);
        bar.progress(Progress {
            total: states.len(),
            done: done.saturating_sub(before),
            skipped: before,
            failed,
        });
        self.shown = Some((at, at.elapsed()));
        Ok(())
    }
}
