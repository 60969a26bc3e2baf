//! One command at work: its log, its time, its end.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::guard::GRACE;
use crate::{Error, Result, at};

/// What to start.
#[derive(Clone, Debug)]
pub struct Start {
    /// The command and its arguments.
    pub words: Vec<OsString>,
    /// What it finds in its environment besides ours.
    pub environment: Vec<(&'static str, OsString)>,
    /// Where its output goes, at the end of what is there.
    pub log: PathBuf,
    /// The line before its output.
    pub header: String,
    /// How long it may take.
    pub timeout: Option<Duration>,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With exit status 0.
    Well,
    /// Otherwise, and how.
    Badly(String),
    /// Because it was told to.
    Stopped,
    /// Its guard was killed, by who ends this run too (a launcher, just when the command began) or by a machine that is out of memory.
    Killed,
}

/// A command at work. Dropped, it ends: at once when we are killed, too.
#[derive(Debug)]
pub struct Running {
    guard: Child,
    group: Pid,
    started: Instant,
    timeout: Option<Duration>,
    /// Since when it is being ended, and whether because its time is over.
    ending: Option<(Instant, bool)>,
    killed: bool,
}

impl Running {
    /// Starts a command under guard.
    ///
    /// # Errors
    /// When the log cannot be written or no process can be started. That the command is not there is its end.
    pub fn start(start: &Start) -> Result<Running> {
        let log = open_log(&start.log, &start.header).map_err(at("write", &start.log))?;
        let errors = log.try_clone().map_err(at("write", &start.log))?;
        let us = std::env::current_exe()
            .map_err(|error| Error(format!("cannot find this program: {error}")))?;
        let mut command = Command::new(us);
        command
            .args(["guard", "--"])
            .args(&start.words)
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(errors)
            .process_group(0);
        // What tells us our rank must not make the command a rank of our job.
        for (name, _) in std::env::vars_os() {
            if is_of_launcher(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        command.envs(start.environment.iter().map(|(name, value)| (name, value)));
        let guard = command
            .spawn()
            .map_err(|error| Error(format!("cannot start a process: {error}")))?;
        let group = i32::try_from(guard.id()).ok().and_then(Pid::from_raw);
        let group =
            group.ok_or_else(|| Error(format!("process number {} makes no sense", guard.id())))?;
        Ok(Running {
            guard,
            group,
            started: Instant::now(),
            timeout: start.timeout,
            ending: None,
            killed: false,
        })
    }

    /// How it ended, if it has. Ends it when its time is over.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn poll(&mut self) -> Result<Option<End>> {
        let status = self
            .guard
            .try_wait()
            .map_err(|error| Error(format!("cannot wait for a command: {error}")))?;
        if let Some(status) = status {
            return Ok(Some(match (self.ending, status.code()) {
                (Some((_, true)), _) => {
                    let limit = self.timeout.unwrap_or_default();
                    End::Badly(format!(
                        "it took longer than {} s and was ended",
                        limit.as_secs_f64()
                    ))
                }
                (Some((_, false)), _) => End::Stopped,
                (None, Some(0)) => End::Well,
                (None, Some(127)) => {
                    End::Badly("exit status 127: is the command there?".to_owned())
                }
                (None, Some(code @ 129..=192)) => End::Badly(format!("signal {}", code - 128)),
                (None, Some(code)) => End::Badly(format!("exit status {code}")),
                (None, None) => {
                    // The command may have outlived it.
                    self.signal(Signal::KILL);
                    End::Killed
                }
            }));
        }
        match self.ending {
            None if self
                .timeout
                .is_some_and(|limit| self.started.elapsed() > limit) =>
            {
                self.end(true);
            }
            Some((since, _)) if !self.killed && since.elapsed() > GRACE => {
                self.killed = true;
                self.signal(Signal::KILL);
            }
            _ => {}
        }
        Ok(None)
    }

    /// Tells it to end; it is killed when it does not for 3 s.
    pub fn stop(&mut self) {
        if self.ending.is_none() {
            self.end(false);
        }
    }

    fn end(&mut self, is_late: bool) {
        self.ending = Some((Instant::now(), is_late));
        self.signal(Signal::TERM);
    }

    /// A group that is gone needs no signal.
    fn signal(&self, signal: Signal) {
        let _ = kill_process_group(self.group, signal);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
        // Only where an error ends the run; else it has ended already.
        while matches!(self.poll(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn open_log(path: &Path, header: &str) -> std::io::Result<File> {
    let mut log = OpenOptions::new().create(true).append(true).open(path)?;
    log.write_all(format!("{header}\n").as_bytes())?;
    Ok(log)
}

/// Variables by which launchers of MPI programs tell a process which rank it is. Settings of the user's (`OMPI_MCA_...`, set by hand) stay.
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
