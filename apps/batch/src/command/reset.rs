use std::path::PathBuf;

use clap::Args;
use jobwise_batch::tasks::{self, Task};
use jobwise_batch::tasks_in_words;
use jobwise_core::Solo;
use jobwise_core::batch::{Batch, Options, Sighting, State};
use jobwise_kit::Failure;

use super::failed;

/// Make tasks OPEN, so that the next run does them again
///
/// Tasks that a process at work holds are left alone.
// Each is a flag of its own on the command line.
#[allow(clippy::struct_excessive_bools)]
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  batch reset fits --failed
  batch reset fits --running                  what programs without claims left when they crashed
  batch reset fits --task data/17.h5          one task, whatever its state")]
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
    #[arg(long, value_name = "TASK")]
    task: Vec<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

impl Flags {
    fn wants(&self, task: &Task, state: State) -> bool {
        let by_state = match state {
            State::Failed => self.failed,
            State::Running => self.running,
            State::Done => self.done,
            State::Invalid => self.invalid,
            State::Open => false,
        };
        by_state || self.task.contains(&task.text)
    }
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    if !(flags.failed || flags.running || flags.done || flags.invalid) && flags.task.is_empty() {
        return Err(Failure::usage(
            "say which tasks: --failed, --running, --done, --invalid or --task TASK",
        ));
    }
    let tasks = tasks::known(&flags.directory).map_err(failed)?;
    if let Some(unknown) = flags
        .task
        .iter()
        .find(|name| !tasks.iter().any(|task| task.text == **name))
    {
        return Err(Failure::usage(format!(
            "{} has no task {unknown}; batch status tells which it has",
            flags.directory.display()
        )));
    }
    let (mut wanted, mut held) = (Vec::new(), Vec::new());
    for (index, task) in tasks.iter().enumerate() {
        let seen = Sighting::of(&flags.directory, &task.name).map_err(failed)?;
        if flags.wants(task, seen.state) {
            match seen.claim {
                Some(claim) if !claim.is_dead => held.push(task.text.clone()),
                _ => wanted.push(index),
            }
        }
    }
    if flags.dry_run {
        let names = wanted.iter().map(|&index| tasks[index].text.clone() + "\n");
        let names: String = names.collect();
        jobwise_kit::print(&format!(
            "{names}{} would be open\n",
            tasks_in_words(wanted.len())
        ))?;
        return untouched(&held);
    }
    let names: Vec<String> = wanted
        .iter()
        .map(|&index| tasks[index].name.clone())
        .collect();
    let batch = Batch::on_directory(
        &Solo,
        1,
        &flags.directory,
        &names,
        None,
        &Options::default(),
    )
    .map_err(failed)?;
    let mut opened = 0;
    for (place, &index) in wanted.iter().enumerate() {
        if batch.reopen(place).map_err(failed)? {
            opened += 1;
        } else {
            held.push(tasks[index].text.clone());
        }
    }
    jobwise_kit::print(&format!("{} now open\n", tasks_in_words(opened)))?;
    untouched(&held)
}

/// What a process at work holds is left alone, and that is no success.
fn untouched(held: &[String]) -> Result<(), Failure> {
    if held.is_empty() {
        return Ok(());
    }
    Err(Failure::failed(format!(
        "left alone, because a process at work holds them: {}",
        held.join(", ")
    )))
}
