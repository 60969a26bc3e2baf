//! The process between us and our commands, which ends them when we are gone.
//!
//! A command that outlived its killed runner would run beside the one that takes its task over. So
//! each worker has a guard: this program once more, the head of a process group of its own, which
//! begins the worker's commands in that group, one after the other. Its standard input is one end
//! of a pair of sockets; only the runner has the other end. By these the runner tells what to begin
//! and until when that may go on, and the guard how it ended. When that time has passed, or the
//! runner is gone, the guard ends the group.
//!
//! [`watch`] is the guard itself, [`Guards`] are those of a runner, and `messages` what the two
//! tell each other.

mod messages;
mod process;
mod watch;

pub use messages::{CommandLine, Note};
pub use process::{Guard, Guards};
pub use watch::watch;

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU};

/// How long a command that was told to end may take for it.
pub const GRACE: Duration = Duration::from_secs(3);
/// How long a guard may take besides, on a busy machine.
pub const SLACK: Duration = Duration::from_secs(1);
/// The signals by which people, terminals and batch systems tell programs to end.
pub const TOLD_TO_END: [i32; 7] = [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU];
/// In the environment of a command: the process group and the session of its guard.
pub const BATCH_GUARD: &str = "BATCH_GUARD";
/// In the environment of a command: the directory of its task. In that of a guard, which has one
/// task after the other: the bookkeeping of the batch.
pub const BATCH_DIR: &str = "BATCH_DIR";
/// Where a batch keeps its books, in its directory.
pub const BOOKKEEPING: &str = ".batch";

/// The words of the command line of a guard.
pub const GUARD: [&str; 2] = ["guard", "--"];

/// The time since the boot of this machine, its sleep included: the same for all its processes.
pub fn since_boot() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    Duration::new(
        u64::try_from(now.tv_sec).unwrap_or_default(),
        u32::try_from(now.tv_nsec).unwrap_or_default(),
    )
}
