//! The process between us and a command, which ends the command when we are gone.
//!
//! A command that outlived its killed runner would run beside the one that takes its task over. So
//! each command has a guard: this program once more, the head of a process group of its own, with
//! the command in that group. Its standard input is one end of a pair of sockets; only the runner
//! has the other end. The runner writes there until when the command may go on. When that time has
//! passed, or the runner is gone, the guard ends the group.

use std::ffi::OsString;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
use rustix::process::{Pid, Signal, getpgrp, getppid, kill_process_group};
use rustix::time::{ClockId, clock_gettime};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU};
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::origin::{Origin, WithOrigin};

use crate::processes::{self, Process};

/// How long a command that was told to end may take for it.
pub const GRACE: Duration = Duration::from_secs(3);
/// How long a guard may take besides, on a busy machine.
pub const SLACK: Duration = Duration::from_secs(1);
/// For how long at most a guard listens after a command that ended well.
const MOMENT: Duration = Duration::from_millis(50);
/// The signals by which people, terminals and batch systems tell programs to end.
pub const TOLD_TO_END: [i32; 7] = [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU];
/// In the environment of a command: the process group and the session of its guard.
pub const BATCH_GUARD: &str = "BATCH_GUARD";

/// The first words of the command line of a guard; those of the command follow.
pub const GUARD: [&str; 2] = ["guard", "--"];

/// Exit statuses of shells for commands that cannot be started, or are not there.
const NOT_STARTED: u8 = 126;
const NOT_FOUND: u8 = 127;

/// What a guard tells its runner, each with the time at which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The runner gave no sign of life for too long, so the command is ended.
    Late,
    /// A signal came from outside the group.
    Told,
    /// A signal came from who is gone already.
    ToldByNobody,
    /// The command has ended.
    Ended,
    /// What ended it was a signal, not an exit status of its own.
    Signalled,
    /// The command was not begun: this machine has no room for another process.
    NoRoom,
}

impl Note {
    const ALL: [Note; 6] = [
        Note::Late,
        Note::Told,
        Note::ToldByNobody,
        Note::Ended,
        Note::Signalled,
        Note::NoRoom,
    ];
    /// So many bytes are one note.
    pub const LENGTH: usize = 9;

    fn byte(self) -> u8 {
        match self {
            Note::Late => b'l',
            Note::Told => b't',
            Note::ToldByNobody => b'n',
            Note::Ended => b'e',
            Note::Signalled => b's',
            Note::NoRoom => b'r',
        }
    }

    /// Its bytes, with the time since the boot.
    fn to_bytes(self, time: Duration) -> [u8; Note::LENGTH] {
        let mut bytes = [self.byte(); Note::LENGTH];
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        bytes[1..].copy_from_slice(&nanos.to_le_bytes());
        bytes
    }

    /// The note that [`LENGTH`](Self::LENGTH) bytes mean, and its time since the boot.
    pub fn of_bytes(bytes: &[u8]) -> Option<(Note, Duration)> {
        let (first, time) = bytes.split_first()?;
        let note = Note::ALL.into_iter().find(|note| note.byte() == *first)?;
        let nanos = u64::from_le_bytes(time.try_into().ok()?);
        Some((note, Duration::from_nanos(nanos)))
    }
}

/// The time since the boot of this machine, its sleep included: the same for all its processes.
pub fn since_boot() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    Duration::new(
        u64::try_from(now.tv_sec).unwrap_or_default(),
        u32::try_from(now.tv_nsec).unwrap_or_default(),
    )
}

/// Runs a command under guard and returns its exit status, or 128 + the signal that ended it.
pub fn watch(words: &[OsString]) -> ExitCode {
    match Guard::new(words) {
        Ok(guard) => guard.watch(),
        Err(status) => status.into(),
    }
}

struct Guard {
    child: Child,
    runner: UnixStream,
    signals: SignalDelivery<UnixStream, WithOrigin>,
    /// Until when the command may go on, since the boot; for ever at first.
    until: Option<Duration>,
    /// Since when the group is being ended.
    ending: Option<Duration>,
    runner_is_gone: bool,
    started: Duration,
}

/// Says what is wrong, in the log of the task.
fn complain(what: impl std::fmt::Display) -> u8 {
    let _ = std::io::stderr().write_all(format!("batch: {what}\n").as_bytes());
    NOT_STARTED
}

impl Guard {
    fn new(words: &[OsString]) -> Result<Guard, u8> {
        let (program, arguments) = words.split_first().ok_or(NOT_FOUND)?;
        // These reach the command as well, as it is in the group; the guard stays to tell how it
        // ended.
        let signals = UnixStream::pair()
            .and_then(|(read, write)| {
                let signals = TOLD_TO_END.iter().chain([&SIGCHLD]);
                SignalDelivery::with_pipe(read, write, WithOrigin::default(), signals)
            })
            .map_err(|error| complain(format!("cannot take signals: {error}")))?;
        let runner = std::io::stdin().as_fd().try_clone_to_owned();
        let runner = runner
            .map(UnixStream::from)
            .and_then(|runner| runner.set_nonblocking(true).map(|()| runner))
            .map_err(|error| complain(format!("cannot hear the runner: {error}")))?;
        // The lock on the log is held by all who have this, also where they write elsewhere.
        let _lock = inherited_lock();
        // The head of our session may be outside of our name space, where its number is 0.
        let session = Process::of(std::process::id()).map_or(0, |us| us.session);
        let us = format!("{} {session}", getpgrp().as_raw_nonzero());
        let mut command = Command::new(program);
        let began = since_boot();
        let started = command
            .args(arguments)
            .env(BATCH_GUARD, us)
            .stdin(Stdio::null())
            .spawn();
        let child = started.map_err(|error| {
            if is_for_want_of_room(&error) {
                // A runner that is gone needs to know nothing.
                let _ = (&runner).write(&Note::NoRoom.to_bytes(since_boot()));
            }
            let status = complain(format!("cannot start {}: {error}", program.display()));
            let absent = error.kind() == ErrorKind::NotFound;
            if absent { NOT_FOUND } else { status }
        })?;
        Ok(Guard {
            child,
            runner,
            signals,
            until: None,
            ending: None,
            runner_is_gone: false,
            started: began,
        })
    }

    fn watch(mut self) -> ExitCode {
        loop {
            match self.child.try_wait() {
                Ok(None) => {}
                Ok(Some(status)) => {
                    self.say(Note::Ended);
                    if status.signal().is_some() {
                        self.say(Note::Signalled);
                    }
                    if status.success() {
                        self.linger();
                    }
                    if self.ending.is_some() {
                        self.see_to_the_rest();
                    }
                    return code(status).into();
                }
                Err(error) => {
                    return complain(format!("lost sight of the command: {error}")).into();
                }
            }
            self.keep_time();
            self.sleep();
            self.hear_signals();
            self.hear_the_runner();
        }
    }

    /// Ends the group when it is time to.
    fn keep_time(&mut self) {
        let now = since_boot();
        if let (None, Some(until)) = (self.ending, self.until)
            && now >= until
        {
            self.say(Note::Late);
            // From then on, also if this process slept through it: others count on that.
            self.end(until);
        }
        if self.ending.is_some_and(|since| now >= since + GRACE) {
            // This process is in the group too.
            let _ = kill_process_group(getpgrp(), Signal::KILL);
        }
    }

    fn end(&mut self, since: Duration) {
        self.ending = Some(since);
        let _ = kill_process_group(getpgrp(), Signal::TERM);
    }

    /// The command says that it ended well. Who tells all processes to end, one after the other,
    /// may have told it before this one: for a moment that costs little, this one listens whether
    /// it is told too.
    fn linger(&mut self) {
        let ended = since_boot();
        let moment = (ended.saturating_sub(self.started) / 20).min(MOMENT);
        loop {
            self.hear_signals();
            let left = moment.saturating_sub(since_boot().saturating_sub(ended));
            if left.is_zero() || self.ending.is_some() {
                return;
            }
            std::thread::sleep(left.min(Duration::from_millis(5)));
        }
    }

    /// The command has ended because it had to; what it started may need longer. What is left when
    /// the time is over is killed, and so is the guard.
    fn see_to_the_rest(&mut self) {
        let is_other = |process: &Process| process.pid != std::process::id();
        let group = getpgrp();
        while processes::of_group(group).iter().any(is_other) {
            self.keep_time();
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Until something happens, or has to.
    fn sleep(&mut self) {
        let next = match (self.ending, self.until) {
            (Some(since), _) => Some(since + GRACE),
            (None, until) => until,
        };
        let left = next.map(|next| next.saturating_sub(since_boot()) + Duration::from_millis(1));
        let left = left.map(|left| Timespec {
            tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: left.subsec_nanos().into(),
        });
        let mut heard = vec![PollFd::new(self.signals.get_read(), PollFlags::IN)];
        if !self.runner_is_gone {
            heard.push(PollFd::new(&self.runner, PollFlags::IN));
        }
        // A signal that interrupts it is seen next.
        let _ = poll(&mut heard, left.as_ref());
    }

    fn hear_signals(&mut self) {
        let origins: Vec<Origin> = self.signals.pending().collect();
        for origin in origins {
            if origin.signal != SIGCHLD
                && let Some(note) = judged(&origin)
            {
                self.say(note);
            }
        }
    }

    fn hear_the_runner(&mut self) {
        while !self.runner_is_gone {
            let mut message = [0; 8];
            match self.runner.read(&mut message) {
                // The runner writes eight bytes at a time, and a socket of this kind keeps what is
                // so short in one piece.
                Ok(8) => self.until = Some(Duration::from_millis(u64::from_le_bytes(message))),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => {
                    self.runner_is_gone = true;
                    if self.ending.is_none() {
                        self.end(since_boot());
                    }
                }
            }
        }
    }

    fn say(&mut self, note: Note) {
        // A runner that is gone needs to know nothing.
        let _ = self.runner.write(&note.to_bytes(since_boot()));
    }
}

/// Whether a signal means that the command is told to end: not when it comes from the runner, which
/// knows, or from the command itself.
fn judged(origin: &Origin) -> Option<Note> {
    let Some(sender) = &origin.process else {
        return Some(Note::Told);
    };
    let Some(pid) = Pid::from_raw(sender.pid) else {
        // From a process that this one cannot see.
        return Some(Note::Told);
    };
    if getppid() == Some(pid) {
        return None;
    }
    match Process::of(sender.pid.unsigned_abs()) {
        Some(process) if process.group == getpgrp().as_raw_nonzero().get() => None,
        Some(_) => Some(Note::Told),
        None => Some(Note::ToldByNobody),
    }
}

/// Whether the machine, and not the command, is to blame that it cannot be started.
fn is_for_want_of_room(error: &std::io::Error) -> bool {
    let room = [Errno::AGAIN, Errno::NOMEM, Errno::MFILE, Errno::NFILE];
    Errno::from_io_error(error).is_some_and(|errno| room.contains(&errno))
}

/// Another handle on our log, which those inherit whom we start.
fn inherited_lock() -> Option<OwnedFd> {
    // Above those that shells use by number.
    let lock = fcntl_dupfd_cloexec(std::io::stdout(), 20).ok()?;
    fcntl_setfd(&lock, FdFlags::empty()).ok()?;
    Some(lock)
}

fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    code.and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX)
}
