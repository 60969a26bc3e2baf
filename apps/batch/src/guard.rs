//! The process between us and a command, which ends the command when we are gone.
//!
//! A command that outlived its killed runner would run beside the one that takes its task over. So each command has a guard: this program once more, the head
//! of a process group of its own, with the command in that group. Its standard input is a pipe that only the runner holds. When the pipe closes, the guard
//! ends the group.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, getpgrp, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// How long a command that was told to end may take for it.
pub const GRACE: Duration = Duration::from_secs(3);

/// Exit statuses of shells for commands that cannot be started, or are not there.
const NOT_STARTED: u8 = 126;
const NOT_FOUND: u8 = 127;

/// Runs a command under guard and returns its exit status, or 128 + the signal that ended it.
pub fn watch(words: &[OsString]) -> ExitCode {
    // These reach the command as well, as it is in the group; the guard stays to tell how it ended.
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        if let Err(error) = signal_hook::flag::register(signal, Arc::default()) {
            eprintln!("batch: cannot take signals: {error}");
            return NOT_STARTED.into();
        }
    }
    let Some((program, arguments)) = words.split_first() else {
        return NOT_FOUND.into();
    };
    let mut command = Command::new(program);
    let started = command.args(arguments).stdin(Stdio::null()).spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            eprintln!("batch: cannot start {}: {error}", program.display());
            let absent = error.kind() == std::io::ErrorKind::NotFound;
            return if absent { NOT_FOUND } else { NOT_STARTED }.into();
        }
    };
    thread::spawn(end_with_the_runner);
    match child.wait() {
        Ok(status) => code(status).into(),
        Err(error) => {
            eprintln!("batch: lost sight of {}: {error}", program.display());
            NOT_STARTED.into()
        }
    }
}

/// Waits until the runner is gone, then ends the group, the guard too.
fn end_with_the_runner() {
    // The runner writes nothing: whatever comes back, the pipe is closed.
    let _ = std::io::stdin().read(&mut [0]);
    let _ = kill_process_group(getpgrp(), Signal::TERM);
    thread::sleep(GRACE);
    let _ = kill_process_group(getpgrp(), Signal::KILL);
}

fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    code.and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX)
}
