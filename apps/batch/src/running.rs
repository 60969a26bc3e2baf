//! One command at work: its log, its time, its end.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process_group, waitid,
};

use crate::guard::{BATCH_GUARD, GRACE, GUARD, Note, since_boot};
use crate::remains::Remains;
use crate::{Error, Result};

/// What to start.
#[derive(Clone, Debug)]
pub struct Start {
    /// The command and its arguments.
    pub words: Vec<OsString>,
    /// What it finds in its environment besides ours.
    pub environment: Vec<(&'static str, OsString)>,
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
    guard: Child,
    group: Pid,
    wire: UnixStream,
    notes: Vec<(Note, Duration)>,
    start: Start,
    started: Instant,
    ending: Option<(Instant, Why)>,
    killed: bool,
    /// How it ended, while what it started is still at work.
    ended: Option<End>,
    /// Whether all of it has ended, so that its number may be another's.
    is_over: bool,
    /// When its remains were last looked for.
    looked: Option<Instant>,
}

impl Running {
    /// How often remains are looked for.
    const EVERY: Duration = Duration::from_millis(100);

    /// Starts a command under guard, whose output goes to the end of `log`.
    ///
    /// # Errors
    /// When no process can be started. That the command is not there is its end.
    pub fn start(start: &Start, log: File) -> std::io::Result<Running> {
        let (wire, theirs) = UnixStream::pair()?;
        wire.set_nonblocking(true)?;
        let ends = (OwnedFd::from(theirs), OwnedFd::from(log));
        let guard = match spawn(&std::env::current_exe()?, start, &ends) {
            // Our program was replaced since we were started. It is there all the same.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                spawn(Path::new("/proc/self/exe"), start, &ends)
            }
            spawned => spawned,
        }?;
        let group = i32::try_from(guard.id()).ok().and_then(Pid::from_raw);
        let group = group.ok_or(ErrorKind::InvalidData)?;
        Ok(Running {
            guard,
            group,
            wire,
            notes: Vec::new(),
            start: start.clone(),
            started: Instant::now(),
            ending: None,
            killed: false,
            ended: None,
            is_over: false,
            looked: None,
        })
    }

    /// Lets it go on until so long after the boot of this machine.
    pub fn go_on_until(&mut self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        // A guard that is stopped hears it later, and one that is gone needs not.
        let _ = self.wire.write(&millis.to_le_bytes());
    }

    /// How it ended, if it has, and all that it started with it. Ends it when its time is over.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn poll(&mut self) -> Result<Option<End>> {
        let cannot = |error| Error(format!("cannot wait for a command: {error}"));
        if self.ended.is_none() {
            // It is seen, and not yet let go: until then its number is nobody else's.
            let how = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            let status = waitid(WaitId::Pid(self.group), how);
            if let Some(status) = status.map_err(|error| cannot(error.into()))? {
                self.hear();
                self.ended = Some(self.end_of(&status));
            }
        }
        let is_well = matches!(self.ended, Some(End::Well { .. }));
        if self.ended.is_some() && (is_well || self.is_rid_of_the_rest()) {
            self.is_over = true;
            self.guard.wait().map_err(cannot)?;
            return Ok(self.ended.take());
        }
        match self.ending {
            None if self.is_too_long() => self.end(Why::TimeOut),
            Some((since, _)) if !self.killed && since.elapsed() > GRACE => self.kill(),
            _ => {}
        }
        Ok(None)
    }

    fn is_too_long(&self) -> bool {
        let limit = self.start.timeout;
        limit.is_some_and(|limit| self.started.elapsed() > limit)
    }

    fn end_of(&self, status: &WaitIdStatus) -> End {
        match (self.ending, status.exit_status()) {
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
            (_, Some(0)) => self.well(),
            _ if self.was_said(Note::Told) => End::Told,
            (_, None) => End::Killed,
            _ if self.was_said(Note::ToldByNobody) => End::Killed,
            (_, Some(code)) => {
                let (why, by_signal) = match code {
                    127 => ("exit status 127: is the command there?".to_owned(), false),
                    129..=192 if self.was_said(Note::Signalled) => {
                        (format!("signal {}", code - 128), true)
                    }
                    // So do shells tell that a signal has ended what they ran.
                    129..=192 => {
                        let number = code - 128;
                        (
                            format!("exit status {code} (in a shell: signal {number})"),
                            true,
                        )
                    }
                    _ => (format!("exit status {code}"), false),
                };
                End::Badly { why, by_signal }
            }
        }
    }

    fn well(&self) -> End {
        let ended = self.notes.iter().find(|(note, _)| *note == Note::Ended);
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

    /// What the guard said so far.
    fn hear(&mut self) {
        // Guards write whole notes.
        let mut bytes = [0; 8 * Note::LENGTH];
        while let Ok(count @ 1..) = self.wire.read(&mut bytes) {
            let notes = bytes[..count].chunks_exact(Note::LENGTH);
            self.notes.extend(notes.filter_map(Note::of_bytes));
        }
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
        while !self.is_over {
            self.stop();
            if self.poll().is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Starts a guard that is the program at `us`, with its end of the wire and the log.
fn spawn(us: &Path, start: &Start, (wire, log): &(OwnedFd, OwnedFd)) -> std::io::Result<Child> {
    let mut command = Command::new(us);
    command
        .args(GUARD)
        .args(&start.words)
        .stdin(Stdio::from(wire.try_clone()?))
        .stdout(Stdio::from(log.try_clone()?))
        .stderr(Stdio::from(log.try_clone()?))
        .process_group(0);
    // What tells us our rank must not make the command a rank of our job.
    for (name, _) in std::env::vars_os() {
        if is_of_launcher(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    command
        .env_remove(BATCH_GUARD)
        .envs(start.environment.iter().map(|(name, value)| (name, value)));
    command.spawn()
}

/// Variables by which launchers of MPI programs tell a process which rank it is. Settings of the
/// user's (`OMPI_MCA_...`, set by hand) stay.
fn is_of_launcher(name: &str) -> bool {
    name.starts_with("PMIX_")
        || name.starts_with("PMI_")
        || name.starts_with("MPI_LOCAL")
        || name.starts_with("OMPI_COMM_WORLD_")
        || [
            "OMPI_UNIVERSE_SIZE",
            "OMPI_APP_CTX_NUM_PROCS",
            "OMPI_NUM_APP_CTX",
            "OMPI_FIRST_RANKS",
            "OMPI_ARGV",
            "OMPI_COMMAND",
        ]
        .contains(&name)
        || [
            "OMPI_MCA_ess",
            "OMPI_MCA_orte_",
            "OMPI_MCA_pmix",
            "OMPI_MCA_shmem_RUNTIME",
            "OMPI_FILE_LOCATION",
        ]
        .iter()
        .any(|beginning| name.starts_with(beginning))
}
