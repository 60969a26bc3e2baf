use std::fmt;
use std::path::Path;
use std::process::Command;

use crate::must::must;
use crate::shim::shim;

/// A kind of system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// `write`, `pwrite` and all of their sort.
    Write,
    /// `fsync`, `fdatasync`.
    Sync,
    /// `rename`, `link`.
    Rename,
    /// `ftruncate`.
    Truncate,
    /// `open` that may create a file, `mkdir`.
    Create,
}

impl Operation {
    /// All kinds.
    pub const ALL: [Operation; 5] = [
        Operation::Write,
        Operation::Sync,
        Operation::Rename,
        Operation::Truncate,
        Operation::Create,
    ];

    /// Its name for the shim.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Operation::Write => "write",
            Operation::Sync => "sync",
            Operation::Rename => "rename",
            Operation::Truncate => "truncate",
            Operation::Create => "create",
        }
    }
}

/// What happens at the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It fails once: an error of the disk.
    IoError,
    /// It fails once: the disk is full, and is not any more at the next call.
    Full,
    /// It and all later ones fail: the disk is full, and stays so.
    StaysFull,
    /// Half of the bytes are written, then it fails.
    HalfAndFull,
    /// The process is killed before it.
    Kill,
    /// The process is killed when half of the bytes are written.
    HalfAndKill,
    /// It never returns, as with a disk that does not answer; not among [`ALL`](Self::ALL).
    Hang,
}

impl Effect {
    /// All that end.
    pub const ALL: [Effect; 6] = [
        Effect::IoError,
        Effect::StaysFull,
        Effect::Kill,
        Effect::Full,
        Effect::HalfAndKill,
        Effect::HalfAndFull,
    ];

    /// Whether the process is killed.
    pub fn kills(self) -> bool {
        matches!(self, Effect::Kill | Effect::HalfAndKill)
    }

    fn is_of_writes(self) -> bool {
        matches!(self, Effect::HalfAndKill | Effect::HalfAndFull)
    }
}

/// One call, and what happens at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind of call.
    pub operation: Operation,
    /// Its number among those of its kind, from 1.
    pub at: usize,
    /// What happens.
    pub effect: Effect,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: {:?}",
            self.operation.name(),
            self.at,
            self.effect
        )
    }
}

impl Fault {
    /// Every fault for so many calls of each kind, in the order of the kinds, effects and calls.
    pub(crate) fn all(calls: &[(Operation, usize)]) -> Vec<Fault> {
        let mut all = Vec::new();
        for &(operation, count) in calls {
            for effect in Effect::ALL {
                if effect.is_of_writes() && operation != Operation::Write {
                    continue;
                }
                all.extend((1..=count).map(|at| Fault {
                    operation,
                    at,
                    effect,
                }));
            }
        }
        all
    }

    /// Lets it happen in `command`, at files below `under`, which is an absolute path.
    ///
    /// # Panics
    /// The library that does it cannot be built.
    pub fn arm(self, command: &mut Command, under: &Path) {
        preload(command, under);
        let errno = match self.effect {
            Effect::IoError => libc::EIO,
            _ => libc::ENOSPC,
        };
        command
            .env("JOBWISE_FAULT_KIND", self.operation.name())
            .env("JOBWISE_FAULT_AT", self.at.to_string())
            .env("JOBWISE_FAULT_ERRNO", errno.to_string());
        let flag = |command: &mut Command, name: &str, set: bool| {
            if set {
                command.env(name, "1");
            }
        };
        flag(
            command,
            "JOBWISE_FAULT_ON",
            self.effect == Effect::StaysFull,
        );
        flag(command, "JOBWISE_FAULT_KILL", self.effect.kills());
        flag(command, "JOBWISE_FAULT_HANG", self.effect == Effect::Hang);
        flag(command, "JOBWISE_FAULT_HALF", self.effect.is_of_writes());
    }
}

/// Loads the shim into the program of `command`, not into what it starts.
///
/// # Panics
/// The shim cannot be built.
pub(crate) fn preload(command: &mut Command, under: &Path) {
    let shim = must(Path::new("shim.c"), shim());
    let program = Path::new(command.get_program()).file_name();
    let program = program.unwrap_or_default().to_owned();
    // The kernel keeps 15 bytes of a name; the C library knows it whole.
    command
        .env("LD_PRELOAD", shim)
        .env("JOBWISE_FAULT_UNDER", under)
        .env("JOBWISE_FAULT_PROGRAM", program);
}
