use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use super::clearing::Clearing;
use crate::running::{End, Running};

/// A task at work.
#[derive(Debug)]
pub(super) struct Slot {
    /// Which of the places for commands it has, from 0.
    pub(super) place: usize,
    pub(super) task: usize,
    /// How often its command has failed in this run.
    pub(super) failures: u32,
    /// How often its guard was killed.
    pub(super) kills: u32,
    /// How often it was ended by a signal from outside.
    pub(super) told: u32,
    pub(super) stage: Stage,
}

/// What is being done about a task.
#[derive(Debug)]
pub(super) enum Stage {
    /// An earlier command has to end first.
    Clearing(Clearing),
    Running(Running),
    /// It has ended; if this run hears that it is told to end too, that is why.
    Doubtful {
        since: Instant,
        end: End,
    },
}

impl Slot {
    /// Which command of this run's it is, from 0.
    pub(super) fn tries(&self) -> u32 {
        self.failures + self.kills + self.told
    }

    pub(super) fn stop(&mut self) {
        match &mut self.stage {
            Stage::Running(running) => running.stop(),
            Stage::Clearing(clearing) => clearing.stop(),
            Stage::Doubtful { .. } => {}
        }
    }

    pub(super) fn stop_late(&mut self) {
        if let Stage::Running(running) = &mut self.stage {
            running.stop_late();
        }
    }

    pub(super) fn hurry(&mut self) {
        match &mut self.stage {
            Stage::Running(running) => running.hurry(),
            Stage::Clearing(clearing) => clearing.hurry(),
            Stage::Doubtful { .. } => {}
        }
    }

    /// What can be read from when there is something to do about it; nothing where it has to be
    /// looked after all the same.
    pub(super) fn socket(&self) -> Option<BorrowedFd<'_>> {
        match &self.stage {
            Stage::Running(running) => running.socket(),
            Stage::Clearing(_) | Stage::Doubtful { .. } => None,
        }
    }

    pub(super) fn go_on_until(&mut self, time: Duration) {
        if let Stage::Running(running) = &mut self.stage {
            running.go_on_until(time);
        }
    }
}

/// How long it may take until this run hears the signal that has ended a command already.
pub(super) fn doubt(end: &End) -> Duration {
    match end {
        End::Well { told: false, .. } | End::Stopped | End::Late | End::NoRoom => Duration::ZERO,
        End::Badly {
            by_signal: false, ..
        } => Duration::from_millis(50),
        End::Well { .. } | End::Badly { .. } | End::Told | End::Killed => Duration::from_secs(1),
    }
}
