use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jobwise_batch::survey::Survey;
use jobwise_batch::tasks;
use jobwise_core::batch::State;
use jobwise_kit::Failure;

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
    /// Tell of no more than so many tasks in each state
    #[arg(long, value_name = "N", default_value_t = 20)]
    most: usize,
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
    let survey = Survey::of(&flags.directory, &tasks).map_err(failed)?;
    let text = match flags.list {
        None => survey.describe(flags.most),
        Some(name) => survey.list(match name {
            StateName::Open => State::Open,
            StateName::Running => State::Running,
            StateName::Done => State::Done,
            StateName::Failed => State::Failed,
            StateName::Invalid => State::Invalid,
        }),
    };
    jobwise_kit::print(&text)
}
