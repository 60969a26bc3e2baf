use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use jobwise_batch::guard::{GRACE, SLACK};
use jobwise_batch::list::{self, names};
use jobwise_batch::remains::{Remains, is_locked};
use jobwise_batch::survey;
use jobwise_batch::task::Task;
use jobwise_batch::tasks;
use jobwise_batch::tasks_in_words;
use jobwise_core::Solo;
use jobwise_kit::Failure;
use jobwise_tasks::{Options, Sighting, State, TaskPool};

use super::failed;

/// Make tasks OPEN, so that the next run does them again
///
/// Tasks that a process at work holds are left alone, and tasks whose command is still at work
/// though its run is gone.
// Each is a flag of its own on the command line.
#[allow(clippy::struct_excessive_bools)]
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  batch reset fits --failed
  batch reset fits --running                  what programs without claims left when they crashed
  batch reset fits --task data/17.h5          one task, whatever its state
  batch status fits --list failed -0 | batch reset fits --tasks - -0")]
pub(crate) struct Flags {
    /// The directory of the batch
    directory: PathBuf,
    /// Tasks that failed
    #[arg(long)]
    failed: bool,
    /// Tasks that are running, unless a process that is alive holds them
    #[arg(long)]
    running: bool,
    /// Tasks that are done
    #[arg(long)]
    done: bool,
    /// Tasks whose state files make no sense
    #[arg(long)]
    invalid: bool,
    /// This task; may be given several times
    #[arg(long, value_name = "TASK", allow_hyphen_values = true)]
    task: Vec<OsString>,
    /// The tasks of a list, one per line; - is standard input
    #[arg(long, value_name = "LIST")]
    tasks: Option<PathBuf>,
    /// Names end with NUL bytes, not with lines: in LIST, and in what is printed
    #[arg(short = '0', long)]
    null: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

impl Flags {
    fn wants(&self, state: State) -> bool {
        match state {
            State::Failed => self.failed,
            State::Running => self.running,
            State::Done => self.done,
            State::Invalid => self.invalid,
            State::Open => false,
        }
    }

    fn any_state(&self) -> bool {
        self.failed || self.running || self.done || self.invalid
    }

    /// The places of the tasks that are named, in a list or one by one.
    fn named(&self, tasks: &[Task]) -> Result<Vec<usize>, Failure> {
        let mut wanted = self.task.clone();
        if let Some(list) = &self.tasks {
            let list = list::read(list, super::separator(self.null)).map_err(failed)?;
            for warning in &list.warnings {
                log::warn!("{warning}");
            }
            wanted.extend(names(&list.tasks));
        }
        tasks::places(tasks, &wanted).map_err(|unknown| {
            Failure::usage(format!(
                "{} has no task {unknown}; batch status tells which it has",
                self.directory.display()
            ))
        })
    }
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    if !flags.any_state() && flags.task.is_empty() && flags.tasks.is_none() {
        return Err(Failure::usage(
            "say which tasks: --failed, --running, --done, --invalid, --task TASK or --tasks LIST",
        ));
    }
    let tasks = tasks::known(&flags.directory).map_err(failed)?;
    let dirs = tasks::dirs(&flags.directory).map_err(failed)?;
    let named: HashSet<usize> = flags.named(&tasks)?.into_iter().collect();
    let (mut wanted, mut left) = (Vec::new(), Left::default());
    for (index, task) in tasks.iter().enumerate() {
        let seen = Sighting::of(&dirs, &task.name).map_err(failed)?;
        for oddity in &seen.oddities {
            log::warn!("{oddity}");
        }
        if !flags.wants(seen.state) && !named.contains(&index) {
            continue;
        }
        match &seen.claim {
            // What is dated in the future is watched.
            Some(claim) if !claim.is_dead && !claim.is_late && claim.age.is_some() => {
                left.held
                    .push(format!("{} ({})", task.shown(), survey::at_work(claim)));
            }
            _ if is_at_work(&dirs.of(&task.name), seen.state) => left.at_work.push(task.shown()),
            claim => {
                let lease = claim.as_ref().filter(|claim| !claim.is_dead);
                wanted.push((index, lease.and_then(|claim| claim.lease)));
            }
        }
    }
    if flags.dry_run {
        super::print_names(wanted.iter().map(|(index, _)| &tasks[*index]), flags.null)?;
        if !flags.null {
            jobwise_kit::print(&format!("{} would be open\n", tasks_in_words(wanted.len())))?;
        }
        return left.outcome();
    }
    let opened = open(flags, &tasks, &wanted, &mut left)?;
    jobwise_kit::print(&format!("{} now open\n", tasks_in_words(opened)))?;
    left.outcome()
}

/// Whether something of an earlier command has not ended.
fn is_at_work(directory: &Path, state: State) -> bool {
    let log = directory.join("log");
    let may_be = state == State::Running || is_locked(&log);
    may_be && !Remains::of(directory, &log).is_over()
}

/// Opens tasks and says how many. Those that come with a lease were held by somebody on another
/// machine, whom nobody can call dead before having watched for so long.
fn open(
    flags: &Flags,
    tasks: &[Task],
    wanted: &[(usize, Option<Duration>)],
    left: &mut Left,
) -> Result<usize, Failure> {
    let names: Vec<&OsStr> = wanted
        .iter()
        .map(|(index, _)| tasks[*index].name.as_os_str())
        .collect();
    let options = Options::default();
    let pool = TaskPool::on_directory(&Solo, 1, &flags.directory, &names, None, &options)
        .map_err(failed)?;
    let watched = wanted.iter().filter_map(|(_, lease)| *lease).max();
    if let Some(lease) = watched {
        log::warn!(
            "watching for {} s whether the runs that hold some of these tasks give a sign of life",
            lease.as_secs_f64()
        );
    }
    let limit = Instant::now() + watched.map_or(Duration::ZERO, |lease| lease + GRACE + SLACK);
    let mut opened = 0;
    for (place, (index, lease)) in wanted.iter().enumerate() {
        loop {
            match pool.reopen(place) {
                Ok(true) => opened += 1,
                Ok(false) if lease.is_some() && Instant::now() < limit => {
                    std::thread::sleep(Duration::from_millis(100));
                    continue;
                }
                Ok(false) => left.held.push(tasks[*index].shown()),
                Err(error) => left.spoiled.push(error.to_string()),
            }
            break;
        }
    }
    Ok(opened)
}

/// What is left alone, and that is no success.
#[derive(Default)]
struct Left {
    /// Tasks that a process at work holds.
    held: Vec<String>,
    /// Tasks whose command is at work though nobody holds them.
    at_work: Vec<String>,
    /// Why the directories of others cannot be written.
    spoiled: Vec<String>,
}

impl Left {
    fn outcome(self) -> Result<(), Failure> {
        let mut parts = self.spoiled;
        if !self.held.is_empty() {
            let held = self.held.join(", ");
            parts.push(format!(
                "left alone, because a process at work holds them: {held}"
            ));
        }
        if !self.at_work.is_empty() {
            let at_work = self.at_work.join(", ");
            parts.push(format!(
                "left alone, because a command of an earlier run is still at work: {at_work}"
            ));
        }
        if parts.is_empty() {
            return Ok(());
        }
        Err(Failure::failed(parts.join("; ")))
    }
}
