//! One command at work: its log, its time, its end.

use std::fs::File;
use std::os::fd::BorrowedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::guard::{CommandLine, GRACE, Guard, Guards, Note, since_boot};
use crate::remains::Remains;
use crate::{Error, Result};

/// What to start.
#[derive(Clone, Debug)]
pub struct Start {
    /// The command.
    pub command: CommandLine,
    /// The directory of its task.
    pub directory: PathBuf,
    /// Where its output goes.
    pub log: PathBuf,
    /// How long it may take.
    pub timeout: Option<Duration>,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With exit status 0.
    Well {
        /// When, since the boot of this machine.
        at: Duration,
        /// Whether a signal from outside came to it then, which it may have answered by ending so.
        told: bool,
    },
    /// Otherwise, and how. `by_signal`: by one that may have come from who ends this run too.
    Badly {
        /// In words.
        why: String,
        /// Whether a signal ended it.
        by_signal: bool,
    },
    /// Because this run told it to.
    Stopped,
    /// A signal from outside told it and its guard to.
    Told,
    /// Because this run had given no sign of life for too long.
    Late,
    /// Its guard was killed, by who ends this run too (a launcher, just when the command began) or
    /// by a machine that is out of memory.
    Killed,
    /// It was never begun: this machine has no room for another process.
    NoRoom,
}

/// Why a command is being ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    TimeOut,
    Stop,
    Late,
    /// It has ended itself, and what it started has to end too before the task is begun again.
    Rest,
}

/// A command at work. Dropped, it ends: at once when we are killed, too.
#[derive(Debug)]
pub struct Running {
    /// Until all of it has ended.
    guard: Option<Guard>,
    /// The guard's number, and that of the command's group.
    group: Pid,
    notes: Vec<(Note, Duration)>,
    /// Whether the guard is gone, or just going.
    is_alone: bool,
    start: Start,
    started: Instant,
    ending: Option<(Instant, Why)>,
    killed: bool,
    /// How it ended, while what it started is still at work.
    ended: Option<End>,
    /// When its remains were last looked for.
    looked: Option<Instant>,
}

impl Running {
    /// How often remains are looked for.
    const EVERY: Duration = Duration::from_millis(100);

    /// Starts a command under one of these guards. Its output goes to the end of `log`, and it may
    /// go on until so long after the boot of this machine.
    ///
    /// # Errors
    /// When no process can be started. That the command is not there is its end.
    pub fn start(
        start: Start,
        log: &File,
        until: Duration,
        guards: &mut Guards,
    ) -> std::io::Result<Running> {
        let guard = guards.begin(&start.command, log, until)?;
        Ok(Running {
            group: guard.group(),
            guard: Some(guard),
            notes: Vec::new(),
            is_alone: false,
            start,
            started: Instant::now(),
            ending: None,
            killed: false,
            ended: None,
            looked: None,
        })
    }

    /// Lets it go on until so long after the boot of this machine.
    pub fn go_on_until(&mut self, time: Duration) {
        if let Some(guard) = &self.guard {
            guard.let_go_on(time);
        }
    }

    /// What can be read from when there is something to [`poll`](Self::poll) for, but for its time;
    /// nothing where it has to be looked after all the same.
    pub fn socket(&self) -> Option<BorrowedFd<'_>> {
        let guard = self.guard.as_ref().filter(|_| !self.is_alone);
        guard.map(Guard::socket)
    }

    /// How it ended, if it has, and all that it started with it; then its guard is one of `guards`
    /// again, if it can be. Ends it when its time is over.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn poll(&mut self, guards: &mut Guards) -> Result<Option<End>> {
        if let Some(guard) = &self.guard
            && !self.is_alone
        {
            self.is_alone = guard.hear(&mut self.notes);
        }
        if self.was_said(Note::Free) {
            let end = self.end_of(self.status());
            // One that was sent SIGKILL may have just a moment left.
            match self.guard.take() {
                Some(guard) if !self.killed && !self.is_alone => guards.take_back(guard),
                guard => guard.into_iter().for_each(Guard::dismiss),
            }
            return Ok(Some(end));
        }
        if self.is_alone && self.ended.is_none() {
            // It is seen, and not yet let go: until then its number is nobody else's.
            let how = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            let cannot = |error| Error(format!("cannot wait for a command: {error}"));
            if let Some(gone) = waitid(WaitId::Pid(self.group), how).map_err(cannot)? {
                // One that was killed may have told half of how it ended.
                let status = self.status().filter(|_| gone.exit_status() == Some(0));
                self.ended = Some(self.end_of(status));
            }
        }
        let is_well = matches!(self.ended, Some(End::Well { .. }));
        if self.ended.is_some() && (is_well || self.is_rid_of_the_rest()) {
            self.guard.take().into_iter().for_each(Guard::dismiss);
            return Ok(self.ended.take());
        }
        match self.ending {
            None if self.is_too_long() => self.end(Why::TimeOut),
            Some((since, _)) if !self.killed && since.elapsed() > GRACE => self.kill(),
            _ => {}
        }
        Ok(None)
    }

    /// With which status it ended, if the guard has told.
    fn status(&self) -> Option<ExitStatus> {
        self.notes.iter().find_map(|(note, _)| match note {
            Note::Ended(status) => Some(*status),
            _ => None,
        })
    }

    fn is_too_long(&self) -> bool {
        let limit = self.start.timeout;
        limit.is_some_and(|limit| self.started.elapsed() > limit)
    }

    /// How it ended, by the status with which it did; by none, its guard was killed.
    fn end_of(&self, status: Option<ExitStatus>) -> End {
        match (self.ending, status) {
            _ if self.was_said(Note::Late) => End::Late,
            (Some((_, Why::Late)), _) => End::Late,
            (Some((_, Why::TimeOut)), _) => {
                let limit = self.start.timeout.unwrap_or_default().as_secs_f64();
                let why = format!("it took longer than {limit} s and was ended");
                End::Badly {
                    why,
                    by_signal: false,
                }
            }
            (Some((_, Why::Stop)), _) => End::Stopped,
            _ if self.was_said(Note::NoRoom) => End::NoRoom,
            (_, Some(status)) if status.success() => self.well(),
            _ if self.was_said(Note::Told) => End::Told,
            (_, None) => End::Killed,
            _ if self.was_said(Note::ToldByNobody) => End::Killed,
            (_, Some(status)) => badly(status),
        }
    }

    fn well(&self) -> End {
        let is_end = |note: &Note| matches!(note, Note::Ended(_));
        let ended = self.notes.iter().find(|(note, _)| is_end(note));
        let at = ended.map_or_else(since_boot, |(_, at)| *at);
        let is_recent = |time: Duration| time + GRACE > at;
        let told = self.notes.iter().any(|(note, time)| {
            matches!(note, Note::Told | Note::ToldByNobody) && is_recent(*time)
        });
        End::Well { at, told }
    }

    fn was_said(&self, wanted: Note) -> bool {
        self.notes.iter().any(|(note, _)| *note == wanted)
    }

    /// Whether nothing is left of a command that has ended; what is left is told to end.
    fn is_rid_of_the_rest(&mut self) -> bool {
        if self.looked.is_some_and(|at| at.elapsed() < Self::EVERY) {
            return false;
        }
        self.looked = Some(Instant::now());
        let Start { directory, log, .. } = &self.start;
        let remains = Remains::of_guard(directory, log, self.group);
        if remains.is_over() {
            return true;
        }
        match self.ending {
            None => {
                self.ending = Some((Instant::now(), Why::Rest));
                remains.signal(Signal::TERM);
            }
            Some(_) if self.killed => remains.signal(Signal::KILL),
            Some(_) => {}
        }
        false
    }

    /// Tells it to end; it is killed when it does not for 3 s.
    pub fn stop(&mut self) {
        if self.ending.is_none() {
            self.end(Why::Stop);
        }
    }

    /// As [`stop`](Self::stop), because this run gave no sign of life for too long.
    pub fn stop_late(&mut self) {
        if self.ending.is_none() {
            self.end(Why::Late);
        }
    }

    /// Kills it, if it was told to end.
    pub fn hurry(&mut self) {
        if self.ending.is_some() && !self.killed {
            self.kill();
        }
    }

    fn end(&mut self, why: Why) {
        self.ending = Some((Instant::now(), why));
        self.signal(Signal::TERM);
    }

    fn kill(&mut self) {
        self.killed = true;
        // The number of a group that is gone may be another's; what is left of it is looked for.
        if self.ended.is_none() {
            self.signal(Signal::KILL);
        }
    }

    /// A group that is gone needs no signal.
    fn signal(&self, signal: Signal) {
        let _ = kill_process_group(self.group, signal);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only where an error ends the run; else it has ended already.
        let mut guards = Guards::new(&self.start.directory);
        while self.guard.is_some() {
            self.stop();
            if self.poll(&mut guards).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// What a status tells that is not 0.
fn badly(status: ExitStatus) -> End {
    let (why, by_signal) = match (status.signal(), status.code()) {
        (Some(signal), _) => (format!("signal {signal}"), true),
        (None, Some(127)) => ("exit status 127: is the command there?".to_owned(), false),
        // So do shells tell that a signal has ended what they ran.
        (None, Some(code @ 129..=192)) => {
            let number = code - 128;
            (
                format!("exit status {code} (in a shell: signal {number})"),
                true,
            )
        }
        (None, code) => (format!("exit status {}", code.unwrap_or_default()), false),
    };
    End::Badly { why, by_signal }
}
