use std::fs::File;
use std::io::{ErrorKind, Result, Stdin, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
use rustix::process::{
    Pid, Signal, WaitOptions, getpgrp, getpid, getppid, kill_process_group, set_child_subreaper,
    wait,
};
use signal_hook::consts::SIGCHLD;
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::origin::{Origin, WithOrigin};

use super::messages::{Begin, Heard, Note, Order, hear_order, say};
use super::{BATCH_GUARD, GRACE, TOLD_TO_END, since_boot};
use crate::processes::{self, Process};

/// For how long at most a guard listens after a command that ended well.
const MOMENT: Duration = Duration::from_millis(50);
/// What is shorter is less than it takes to sleep and to wake up: it is not slept.
const INSTANT: Duration = Duration::from_micros(100);

/// Exit statuses of shells for commands that cannot be started, or are not there.
const NOT_STARTED: i32 = 126;
const NOT_FOUND: i32 = 127;

/// Is a guard: begins what the runner at the other end of standard input tells it to begin, one
/// command after the other, tells how each has ended, and ends when the runner does.
pub fn watch() -> ExitCode {
    let Ok(mut guard) = Guard::new(std::io::stdin()) else {
        say(std::io::stdin().as_fd(), Note::NoRoom, since_boot());
        return ExitCode::FAILURE;
    };
    while let Some(next) = guard.next_command() {
        if !guard.run(next) {
            break;
        }
    }
    ExitCode::SUCCESS
}

struct Guard {
    runner: Stdin,
    runner_is_gone: bool,
    signals: SignalDelivery<UnixStream, WithOrigin>,
    /// The value of [`BATCH_GUARD`].
    us: String,
    /// Whether who loses its parent becomes a child of this process, so that it knows when nothing
    /// is left of a command.
    sees_all: bool,
    /// What the runner wants to be begun.
    next: Option<Begin>,
    /// Until when the command may go on, since the boot.
    until: Duration,
    /// Since when the group is being ended.
    ending: Option<Duration>,
}

impl Guard {
    fn new(runner: Stdin) -> Result<Guard> {
        // These reach the command as well, as it is in the group; the guard stays to tell how it
        // ended.
        let (read, write) = UnixStream::pair()?;
        let signals = TOLD_TO_END.iter().chain([&SIGCHLD]);
        let signals = SignalDelivery::with_pipe(read, write, WithOrigin::default(), signals)?;
        // The head of our session may be outside of our name space, where its number is 0.
        let session = Process::of(std::process::id()).map_or(0, |us| us.session);
        Ok(Guard {
            runner,
            runner_is_gone: false,
            signals,
            us: format!("{} {session}", getpgrp().as_raw_nonzero()),
            sees_all: set_child_subreaper(Some(getpid())).is_ok(),
            next: None,
            until: Duration::ZERO,
            ending: None,
        })
    }

    /// What is to be begun; nothing when the runner is gone.
    fn next_command(&mut self) -> Option<Begin> {
        loop {
            self.hear_the_runner();
            if self.runner_is_gone {
                return None;
            }
            // No command is meant by signals until now.
            self.signals.pending().for_each(drop);
            if self.next.is_some() {
                return self.next.take();
            }
            self.sleep(None);
        }
    }

    /// Runs a command and says whether nothing is left of it, and this guard can have another one.
    fn run(&mut self, begin: Begin) -> bool {
        (self.until, self.ending) = (begin.until, None);
        let began = since_boot();
        let child = match start(&begin, &self.us) {
            Ok(child) => child,
            Err(error) => {
                if is_for_want_of_room(&error) {
                    self.say(Note::NoRoom);
                }
                let status = complain(&begin, &error);
                drop(begin);
                self.say(Note::Ended(ExitStatus::from_raw(status << 8)));
                return self.tell_if_free();
            }
        };
        let status = loop {
            if let Some(status) = reap(child) {
                break status;
            }
            self.keep_time();
            self.sleep(Some(self.ending.map_or(self.until, |since| since + GRACE)));
            self.hear_signals();
            self.hear_the_runner();
            if self.runner_is_gone && self.ending.is_none() {
                self.end(since_boot());
            }
        };
        self.say(Note::Ended(status));
        if status.success() {
            self.linger(began);
        }
        if self.ending.is_some() {
            self.see_to_the_rest();
            return false;
        }
        // Nothing of this task may be held while the next one is at work.
        drop(begin);
        self.tell_if_free()
    }

    /// Whether nothing is left of the command; then the runner is told so.
    fn tell_if_free(&self) -> bool {
        let is_free = self.sees_all && has_no_child();
        if is_free {
            self.say(Note::Free);
        }
        is_free
    }

    /// Ends the group when it is time to.
    fn keep_time(&mut self) {
        let now = since_boot();
        if self.ending.is_none() && now >= self.until {
            self.say(Note::Late);
            // From then on, also if this process slept through it: others count on that.
            self.end(self.until);
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
    fn linger(&mut self, began: Duration) {
        let ended = since_boot();
        let moment = (ended.saturating_sub(began) / 20).min(MOMENT);
        self.hear_signals();
        if moment < INSTANT {
            return;
        }
        while self.ending.is_none() && since_boot() < ended + moment {
            self.sleep_for_signals(ended + moment);
            self.hear_signals();
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
    fn sleep(&self, until: Option<Duration>) {
        let mut heard = vec![PollFd::new(self.signals.get_read(), PollFlags::IN)];
        if !self.runner_is_gone {
            heard.push(PollFd::new(&self.runner, PollFlags::IN));
        }
        // A signal that interrupts it is seen next.
        let _ = poll(&mut heard, until.map(left).as_ref());
    }

    fn sleep_for_signals(&self, until: Duration) {
        let mut heard = [PollFd::new(self.signals.get_read(), PollFlags::IN)];
        let _ = poll(&mut heard, Some(&left(until)));
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
            match hear_order(self.runner.as_fd()) {
                Ok(Heard::Message(Order::GoOnUntil(time))) => self.until = time,
                Ok(Heard::Message(Order::Begin(begin))) => self.next = Some(begin),
                Ok(Heard::Nothing) => return,
                heard => {
                    if heard.is_err() {
                        self.say(Note::NoRoom);
                    }
                    self.runner_is_gone = true;
                }
            }
        }
    }

    fn say(&self, note: Note) {
        say(self.runner.as_fd(), note, since_boot());
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

/// Starts a command in our group, and tells its number.
fn start(begin: &Begin, us: &str) -> Result<Pid> {
    let (program, arguments) = begin.words.split_first().ok_or(ErrorKind::NotFound)?;
    // The lock on the log is held by all who have this, also where they write elsewhere.
    let _lock = inheritable(&begin.log);
    let child = Command::new(program)
        .args(arguments)
        .envs(begin.environment.iter().map(|(name, value)| (name, value)))
        .env(BATCH_GUARD, us)
        .stdin(Stdio::null())
        .stdout(begin.log.try_clone()?)
        .stderr(begin.log.try_clone()?)
        .spawn()?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    Ok(pid.ok_or(ErrorKind::InvalidData)?)
}

/// Another handle on the log, which those inherit whom we start.
fn inheritable(log: &File) -> Option<OwnedFd> {
    // Above those that shells use by number.
    let handle = fcntl_dupfd_cloexec(log, 20).ok()?;
    fcntl_setfd(&handle, FdFlags::empty()).ok()?;
    Some(handle)
}

/// Whether the machine, and not the command, is to blame that it cannot be started.
fn is_for_want_of_room(error: &std::io::Error) -> bool {
    let room = [Errno::AGAIN, Errno::NOMEM, Errno::MFILE, Errno::NFILE];
    Errno::from_io_error(error).is_some_and(|errno| room.contains(&errno))
}

/// Says in the log why a command was not started, and returns its exit status.
fn complain(begin: &Begin, error: &std::io::Error) -> i32 {
    let program = begin.words.first().cloned().unwrap_or_default();
    let line = format!("batch: cannot start {}: {error}\n", program.display());
    let _ = (&begin.log).write_all(line.as_bytes());
    if error.kind() == ErrorKind::NotFound {
        NOT_FOUND
    } else {
        NOT_STARTED
    }
}

/// How a child has ended, if it has. Others that have ended are not heard of any more.
fn reap(child: Pid) -> Option<ExitStatus> {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) if pid == child => {
                return Some(ExitStatus::from_raw(status.as_raw()));
            }
            Ok(Some(_)) => {}
            Ok(None) => return None,
            // Somebody else has asked about it, which nobody can.
            Err(_) => return Some(ExitStatus::from_raw(NOT_STARTED << 8)),
        }
    }
}

/// Whether this process has no child, also none that has ended.
fn has_no_child() -> bool {
    while let Ok(ended) = wait(WaitOptions::NOHANG) {
        if ended.is_none() {
            return false;
        }
    }
    true
}

/// How long it is until then.
fn left(until: Duration) -> Timespec {
    let left = until.saturating_sub(since_boot());
    Timespec {
        tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: left.subsec_nanos().into(),
    }
}
