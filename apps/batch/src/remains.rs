//! What is left of a command: processes that it started and that may still be at its task.
//!
//! Three things tell them. They have a handle by which the log of the task is locked: the runner
//! locks it, and whoever is started by the command inherits that unless it closes all handles. They
//! have the directory of the task in their environment. Or, as long as the runner is there, which
//! keeps the number of the guard from being given to others, they are in its process group. What
//! has begun a session of its own (a daemon) is none of them: it was meant to outlive the command.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::guard::{BATCH_DIR, BATCH_GUARD, BOOKKEEPING};
use crate::plain;
use crate::processes::{self, Process};

/// What is left of the commands of one task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remains {
    /// Processes at work, which have to end before the task is begun again.
    pub members: Vec<Process>,
    /// Whether a guard is among them, which ends the others.
    pub has_guard: bool,
    /// Processes in sessions of their own.
    pub daemons: Vec<Process>,
    /// Whether the log is locked by nobody of these: by who cannot be seen from here, or has to be
    /// left to others.
    pub is_hidden: bool,
}

/// Locks the log of a task unless somebody else has it locked, and says whether somebody has. A log
/// that is a link, or has other names, is not locked: other tasks may have the same. Where a file
/// system knows no locks, nobody has it locked.
pub fn is_locked_else_lock(path: &Path, log: &File) -> bool {
    let is_its_own = |found: fs::Metadata| found.is_file() && found.nlink() == 1;
    fs::symlink_metadata(path).is_ok_and(is_its_own)
        && matches!(log.try_lock(), Err(TryLockError::WouldBlock))
}

/// Whether somebody has the log locked.
pub fn is_locked(path: &Path) -> bool {
    path.exists() && plain::append_to(path).is_ok_and(|log| is_locked_else_lock(path, &log))
}

impl Remains {
    /// Looks for what is left of any command of the task with this directory and log.
    pub fn of(directory: &Path, log: &Path) -> Remains {
        Remains::among(directory, log, None)
    }

    /// Looks for what is left of the one command whose guard has that number: a child of ours that
    /// has ended and was not waited for, so that its group is nobody else's. Others may have begun
    /// the task since.
    pub fn of_guard(directory: &Path, log: &Path, guard: Pid) -> Remains {
        let is_clean = !is_locked(log) && processes::of_group(guard).is_empty();
        if is_clean {
            return Remains::default();
        }
        let guard = guard.as_raw_nonzero().get();
        Remains {
            is_hidden: false,
            ..Remains::among(directory, log, Some(guard))
        }
    }

    fn among(directory: &Path, log: &Path, guard: Option<i32>) -> Remains {
        let inode = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
        // The directory of a task lies in that of the batch or in a shard of it.
        let above = directory.ancestors().skip(1).take(2);
        let mut books = above.map(|above| above.join(BOOKKEEPING));
        let books = books.find(|books| books.is_dir());
        let (Ok(directory), us) = (inode(directory), std::process::id()) else {
            return Remains::default();
        };
        let locked = is_locked(log);
        let lock = inode(log).ok().filter(|_| locked);
        let ours = Process::of(us).map_or(0, |us| us.session);
        let books = books.and_then(|books| inode(&books).ok());
        let is_at = |value: &[u8], place: (u64, u64)| {
            inode(Path::new(OsStr::from_bytes(value))).is_ok_and(|found| found == place)
        };
        let (mut seen, mut is_hidden) = (Vec::new(), locked);
        let processes = processes::all();
        for &process in &processes {
            if process.pid == us {
                continue;
            }
            let theirs = process.variable(BATCH_DIR);
            let is_named = theirs.as_deref().is_some_and(|dir| is_at(dir, directory));
            let has_lock = lock.is_some_and(|lock| process.has_lock(lock));
            // The guards of this batch have its lock as long as they are at this task. What has the
            // lock and the directory of something else is of a batch within this task: its guards
            // see to it.
            let is_of_us = || {
                let dir = theirs.as_deref();
                dir.is_none_or(|dir| books.is_some_and(|books| is_at(dir, books)))
            };
            let in_group = guard == Some(process.group)
                && process.session == ours
                && may_be_signalled(&process);
            if is_named || has_lock && is_of_us() || in_group {
                seen.push(process);
                is_hidden &= !has_lock;
            }
        }
        let heads: Vec<i32> = seen
            .iter()
            .filter_map(|p| i32::try_from(p.pid).ok())
            .collect();
        let mut remains = Remains {
            is_hidden,
            ..Remains::default()
        };
        for process in &seen {
            let theirs = guard_of(process);
            let is_of =
                |guard| process.group == guard || theirs.is_some_and(|(group, _)| group == guard);
            if guard.is_some_and(|guard| !is_of(guard)) {
                continue;
            }
            // Its guard may have nothing that shows which task it is at, where there are no locks.
            let is_guard = |other: &Process| theirs.is_some_and(|(group, _)| is_head(other, group));
            remains.has_guard |= theirs.is_none() && is_head(process, process.group)
                || processes.iter().any(is_guard);
            let is_daemon = match theirs {
                Some((_, session)) => session != process.session,
                // A guard, or one whose environment was cleared: its session is its own if one of
                // these began it.
                None => heads.contains(&process.session),
            };
            if is_daemon {
                remains.daemons.push(*process);
            } else {
                remains.members.push(*process);
            }
        }
        remains
    }

    /// Whether the task may be begun.
    pub fn is_over(&self) -> bool {
        self.members.is_empty() && !self.is_hidden
    }

    /// Sends a signal to those that have to end.
    pub fn signal(&self, signal: Signal) {
        for process in &self.members {
            if let Some(pid) = i32::try_from(process.pid).ok().and_then(Pid::from_raw) {
                // It may have ended since.
                let _ = kill_process(pid, signal);
            }
        }
    }

    /// Those that have to end, for people.
    pub fn describe(&self) -> String {
        describe(&self.members)
    }
}

/// Whether a process is the head of the group of that number.
fn is_head(process: &Process, group: i32) -> bool {
    process.group == group && i32::try_from(process.pid) == Ok(group)
}

/// What became another user's (by `sudo`, say) cannot be ended from here, and would be waited for
/// without end.
fn may_be_signalled(process: &Process) -> bool {
    let pid = i32::try_from(process.pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid).is_ok())
}

/// Processes by number and name, for people.
pub fn describe(processes: &[Process]) -> String {
    let one = |process: &Process| format!("process {} ({})", process.pid, process.name());
    let first: Vec<String> = processes.iter().take(5).map(one).collect();
    let more = match processes.len().saturating_sub(5) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    first.join(", ") + &more
}

/// The process group and the session of the guard over a process, as its environment tells.
fn guard_of(process: &Process) -> Option<(i32, i32)> {
    let value = process.variable(BATCH_GUARD)?;
    let (group, session) = std::str::from_utf8(&value).ok()?.split_once(' ')?;
    Some((group.parse().ok()?, session.parse().ok()?))
}
