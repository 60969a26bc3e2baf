use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jobwise_batch::survey::Survey;
use jobwise_batch::tasks;
use jobwise_kit::Failure;
use jobwise_tasks::State;

use super::failed;

/// Tell how the tasks of a directory stand
///
/// Changes nothing, so it can be asked at any time.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  batch status fits
  batch status fits --list failed > again     the tasks that failed, as a list for another run")]
pub(crate) struct Flags {
    /// The directory of the batch
    directory: PathBuf,
    /// Print the tasks in this state, one per line, and nothing else
    #[arg(long, value_enum, value_name = "STATE")]
    list: Option<StateName>,
    /// Print a NUL byte after each, not the end of a line
    #[arg(short = '0', long, requires = "list")]
    null: bool,
    /// Tell of no more than so many tasks in each state
    #[arg(
        long,
        value_name = "N",
        default_value = "20",
        value_parser = super::run::some::<u32, { u32::MAX }>
    )]
    most: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StateName {
    Open,
    Running,
    Done,
    Failed,
    Invalid,
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let tasks = tasks::known(&flags.directory).map_err(failed)?;
    let dirs = tasks::dirs(&flags.directory).map_err(failed)?;
    let survey = Survey::of(&dirs, &tasks).map_err(failed)?;
    for oddity in survey.oddities() {
        log::warn!("{oddity}");
    }
    let state = match flags.list {
        None => return jobwise_kit::print(&survey.describe(flags.most as usize)),
        Some(StateName::Open) => State::Open,
        Some(StateName::Running) => State::Running,
        Some(StateName::Done) => State::Done,
        Some(StateName::Failed) => State::Failed,
        Some(StateName::Invalid) => State::Invalid,
    };
    super::print_names(survey.of_state(state), flags.null)
}
