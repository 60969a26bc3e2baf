//! What becomes of a task when its command has ended, or cannot be begun.

use jobwise_core::Result;
use jobwise_tasks::State;

use super::super::slot::Slot;
use super::{Worker, engine_error};
use crate::running::End;

/// After so many signals from outside, which this run did not get, a command has failed.
const MOST_TOLD: u32 = 10;

impl Worker<'_, '_> {
    /// What is wrong with the log of one task is that task's failure; what this machine has no room
    /// for ends the run.
    pub(super) fn cannot_begin(
        &mut self,
        slot: &Slot,
        error: &std::io::Error,
    ) -> Result<Option<Slot>> {
        use std::io::ErrorKind;
        let log = self.directory(slot.task).join("log");
        let why = format!("cannot begin: {}: {error}", log.display());
        let is_circle = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
        match error.kind() {
            _ if is_circle => self.failed(slot, &why),
            ErrorKind::InvalidInput
            | ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory => self.failed(slot, &why),
            _ => Err(engine_error(crate::Error(why))),
        }
    }

    /// A command ended, and not because this run was told to end.
    pub(super) fn conclude(&mut self, mut slot: Slot, end: End) -> Result<Option<Slot>> {
        let shown = self.roll.shown(slot.task);
        let why = match end {
            End::Well { .. } => return self.done(&slot),
            End::Badly { why, .. } => {
                slot.failures += 1;
                if slot.failures > self.settings.retries {
                    return self.failed(&slot, &why);
                }
                why
            }
            End::Told => {
                slot.told += 1;
                let why = "a signal from outside has ended it";
                if slot.told >= MOST_TOLD {
                    return self.failed(&slot, &format!("{why} {} times", slot.told));
                }
                log::warn!("{shown}: {why}, and not this run; it is begun again");
                why.to_owned()
            }
            _ => {
                slot.kills += 1;
                let why = "its process was killed from outside (out of memory?)";
                if slot.kills >= self.settings.options.attempts {
                    return self.failed(&slot, why);
                }
                why.to_owned()
            }
        };
        log::info!("{shown}: {why}; it is begun again");
        slot.stage = self.clearing(slot.task);
        self.advance(slot)
    }

    pub(super) fn done(&mut self, slot: &Slot) -> Result<Option<Slot>> {
        if self.pool.set(slot.task, State::Done)? {
            log::info!("{}: done", self.roll.shown(slot.task));
            self.tally.done += 1;
        } else {
            return self.lost(slot);
        }
        Ok(None)
    }

    pub(super) fn give_back(&mut self, slot: &Slot) -> Result<Option<Slot>> {
        if self.pool.set(slot.task, State::Open)? {
            self.tally.given_back += 1;
        } else {
            return self.lost(slot);
        }
        Ok(None)
    }

    /// Its guard has ended the command, or this run has, because others take over after the lease.
    pub(super) fn late(&mut self, slot: &Slot) -> Result<Option<Slot>> {
        if !self.pool.set(slot.task, State::Open)? {
            return self.lost(slot);
        }
        log::warn!(
            "{}: its command was ended, because this run gave no sign of life for too long; the \
             task is open again",
            self.roll.shown(slot.task)
        );
        if self.stopping.is_some() {
            self.tally.given_back += 1;
        }
        self.asked = None;
        Ok(None)
    }

    /// A task failed; it is not this run's any more if others took it over.
    pub(super) fn failed(&mut self, slot: &Slot, why: &str) -> Result<Option<Slot>> {
        let shown = self.roll.shown(slot.task);
        log::info!("{shown}: {why}");
        if self.pool.fail(slot.task, why)? {
            self.tally.failed(&shown, why);
        } else {
            return self.lost(slot);
        }
        Ok(None)
    }

    /// Its state could not be written, as it is another run's now, or as its directory is not what
    /// it should be.
    fn lost(&mut self, slot: &Slot) -> Result<Option<Slot>> {
        let why = if self.pool.known(slot.task)? == State::Invalid {
            "its directory has changed"
        } else {
            self.tally.lost += 1;
            "another run has taken it over, because this one gave no sign of life for too long"
        };
        log::warn!(
            "{}: {why}; what its command did here does not count",
            self.roll.shown(slot.task)
        );
        Ok(None)
    }
}

/// That no process can be started says nothing of the task, which stays open; it ends the run.
pub(super) fn cannot_start(why: &dyn std::fmt::Display) -> jobwise_core::Error {
    let why = format!("cannot start a process: {why}; run again for the rest");
    engine_error(crate::Error(why))
}
