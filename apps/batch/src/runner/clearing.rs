use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::guard::{GRACE, SLACK};
use crate::plain;
use crate::remains::{Remains, describe, is_locked_else_lock};

/// The wait until what an earlier run had begun of a task has ended. Its guard ends it, if there is
/// one; else this run does.
#[derive(Debug)]
pub(super) struct Clearing {
    directory: PathBuf,
    log: PathBuf,
    shown: String,
    since: Instant,
    looked: Option<Instant>,
    /// Since when this run ends it itself.
    ending: Option<Instant>,
    stopping: bool,
    hurried: bool,
}

/// How a task's way stands.
#[derive(Debug)]
pub(super) enum Way {
    /// Free. The log is this run's alone, if the file system knows locks.
    Clear(File),
    /// Something is still at work.
    Blocked,
}

impl Clearing {
    /// How often it is looked whether it has ended.
    const EVERY: Duration = Duration::from_millis(100);

    pub(super) fn new(directory: &Path, log: &Path, shown: String) -> Clearing {
        Clearing {
            directory: directory.to_owned(),
            log: log.to_owned(),
            shown,
            since: Instant::now(),
            looked: None,
            ending: None,
            stopping: false,
            hurried: false,
        }
    }

    /// Looks at the log and, if it is locked or `was_left` by somebody who died, at all processes.
    pub(super) fn look(&mut self, was_left: bool) -> std::io::Result<Way> {
        if self.looked.is_some_and(|at| at.elapsed() < Self::EVERY) {
            return Ok(Way::Blocked);
        }
        let log = plain::append_to(&self.log)?;
        let is_locked = is_locked_else_lock(&self.log, &log);
        if !is_locked && !was_left {
            return Ok(Way::Clear(log));
        }
        if !is_locked {
            // The look would take this for a lock of others.
            log.unlock()?;
        }
        self.looked = Some(Instant::now());
        let remains = Remains::of(&self.directory, &self.log);
        if remains.is_over()
            || remains.members.is_empty() && self.since.elapsed() > 2 * (GRACE + SLACK)
        {
            if !remains.daemons.is_empty() || remains.is_hidden {
                self.tell_of_the_rest(&remains);
            }
            // Whoever has it still will keep it.
            let _ = is_locked_else_lock(&self.log, &log);
            return Ok(Way::Clear(log));
        }
        self.end(&remains);
        Ok(Way::Blocked)
    }

    fn tell_of_the_rest(&self, remains: &Remains) {
        let who = if remains.daemons.is_empty() {
            "a process that cannot be told from here".to_owned()
        } else {
            describe(&remains.daemons)
        };
        log::warn!(
            "{}: {who}, started by an earlier command, has not ended; it is left alone, and the \
             task is begun beside it",
            self.shown
        );
    }

    fn end(&mut self, remains: &Remains) {
        let alone = self.stopping || !remains.has_guard || self.since.elapsed() > GRACE + SLACK;
        match self.ending {
            _ if remains.members.is_empty() => {}
            _ if self.hurried => remains.signal(Signal::KILL),
            None if alone => {
                log::warn!(
                    "{}: ending what an earlier run has left at work: {}",
                    self.shown,
                    remains.describe()
                );
                self.ending = Some(Instant::now());
                remains.signal(Signal::TERM);
            }
            Some(since) if since.elapsed() > GRACE => remains.signal(Signal::KILL),
            _ => {}
        }
    }

    /// Ends it, whoever else does, as this run is told to end.
    pub(super) fn stop(&mut self) {
        self.stopping = true;
        self.looked = None;
    }

    /// Ends it at once from now on.
    pub(super) fn hurry(&mut self) {
        if !self.hurried {
            self.hurried = true;
            self.looked = None;
        }
    }
}
