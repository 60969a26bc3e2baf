use std::fs::File;
use std::io::{ErrorKind, Result};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::Pid;

use super::messages::{self, CommandLine, Heard, Note};
use super::{BATCH_DIR, BATCH_GUARD, BOOKKEEPING, GUARD};

/// The guards of a runner that have no command at this moment.
#[derive(Debug)]
pub struct Guards {
    /// The bookkeeping of the batch.
    bookkeeping: PathBuf,
    idle: Vec<Guard>,
}

impl Guards {
    /// For the batch in this directory.
    pub fn new(root: &Path) -> Guards {
        Guards {
            bookkeeping: root.join(BOOKKEEPING),
            idle: Vec::new(),
        }
    }

    /// A guard that was told to begin a command, whose output goes to the end of `log` and which
    /// may go on until so long after the boot of this machine. It is a new one where none is idle.
    ///
    /// # Errors
    /// When no process can be started.
    pub(crate) fn begin(
        &mut self,
        command: &CommandLine,
        log: &File,
        until: Duration,
    ) -> Result<Guard> {
        while let Some(guard) = self.idle.pop() {
            if guard.begin(command, log, until).is_ok() {
                return Ok(guard);
            }
            // Somebody has killed it since its last command ended.
            guard.dismiss();
        }
        let guard = Guard::start(&self.bookkeeping)?;
        match guard.begin(command, log, until) {
            Ok(()) => Ok(guard),
            Err(error) => {
                guard.dismiss();
                Err(error)
            }
        }
    }

    /// Takes one back of whose command nothing is left.
    pub(crate) fn take_back(&mut self, guard: Guard) {
        self.idle.push(guard);
    }
}

impl Drop for Guards {
    fn drop(&mut self) {
        self.idle.drain(..).for_each(Guard::dismiss);
    }
}

/// A guard, as its runner knows it. When the runner lets go of it, it ends its command and itself.
#[derive(Debug)]
pub struct Guard {
    process: Child,
    group: Pid,
    socket: OwnedFd,
}

impl Guard {
    fn start(bookkeeping: &Path) -> Result<Guard> {
        let (socket, theirs) = messages::pair()?;
        let process = match spawn(&std::env::current_exe()?, bookkeeping, theirs.try_clone()?) {
            // Our program was replaced since we were started. It is there all the same.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                spawn(Path::new("/proc/self/exe"), bookkeeping, theirs)
            }
            spawned => spawned,
        }?;
        let group = i32::try_from(process.id()).ok().and_then(Pid::from_raw);
        Ok(Guard {
            process,
            group: group.ok_or(ErrorKind::InvalidData)?,
            socket,
        })
    }

    fn begin(&self, command: &CommandLine, log: &File, until: Duration) -> Result<()> {
        messages::tell_to_begin(self.socket.as_fd(), command, log, until)
    }

    /// Its number, and that of its group.
    pub(crate) fn group(&self) -> Pid {
        self.group
    }

    /// Where it is heard when it says something.
    pub(crate) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Lets its command go on until so long after the boot of this machine.
    pub(crate) fn let_go_on(&self, until: Duration) {
        messages::let_go_on(self.socket(), until);
    }

    /// What it has said since it was last asked, each with its time, and whether it is gone.
    pub(crate) fn hear(&self, notes: &mut Vec<(Note, Duration)>) -> bool {
        loop {
            match messages::hear_note(self.socket()) {
                Heard::Message(note) => notes.push(note),
                Heard::Nothing => return false,
                Heard::End => return true,
            }
        }
    }

    /// Ends it, where nothing is left of its command.
    pub(crate) fn dismiss(mut self) {
        // It may be stopped, and not hear that its socket is closed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a guard that is the program at `us`, with its end of the pair of sockets.
fn spawn(us: &Path, bookkeeping: &Path, socket: OwnedFd) -> Result<Child> {
    let mut command = Command::new(us);
    command
        .args(GUARD)
        .stdin(Stdio::from(socket))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    // What tells us our rank must not make a command a rank of our job.
    for (name, _) in std::env::vars_os() {
        if is_of_launcher(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    command.env_remove(BATCH_GUARD).env(BATCH_DIR, bookkeeping);
    command.spawn()
}

/// Variables by which launchers tell a process which of several copies it is: a command is the only
/// one. Settings of the user's (`OMPI_MCA_...`, set by hand) stay.
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
            "MV2_COMM_WORLD_SIZE",
            "MV2_COMM_WORLD_RANK",
            "SLURM_STEP_NUM_TASKS",
            "FLUX_JOB_SIZE",
            "FLUX_TASK_RANK",
            "JSM_NAMESPACE_SIZE",
            "JSM_NAMESPACE_RANK",
            "PALS_RANKID",
            "ALPS_APP_PE",
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
