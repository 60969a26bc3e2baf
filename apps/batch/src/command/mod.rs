//! The subcommands: flags to settings, results to text.

// The comments on flags are shown on terminals.
#![allow(
    clippy::doc_markdown,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags
)]

mod reset;
mod run;
mod status;

use std::io::IsTerminal;

use clap::Subcommand;
use jobwise_batch::list::{self, Separator};
use jobwise_batch::task::Task;
use jobwise_kit::Failure;

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Run(run::Flags),
    Status(status::Flags),
    Reset(reset::Flags),
    Completions(jobwise_kit::Completions),
    Man(jobwise_kit::Man),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Command::Run(flags) => run::run(flags),
            Command::Status(flags) => status::run(&flags),
            Command::Reset(flags) => reset::run(&flags),
            Command::Completions(flags) => flags.run::<crate::Cli>(),
            Command::Man(flags) => flags.run::<crate::Cli>(),
        }
    }
}

/// A problem with files or values; the message says which.
fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::failed(error.to_string())
}

/// What ends a name in lists.
fn separator(null: bool) -> Separator {
    if null {
        Separator::Null
    } else {
        Separator::Line
    }
}

/// Prints names: exactly, as a list that is read back, or on a terminal so that it shows what they
/// are.
fn print_names<'t>(tasks: impl Iterator<Item = &'t Task>, null: bool) -> Result<(), Failure> {
    if !null && std::io::stdout().is_terminal() {
        let lines: String = tasks.map(|task| task.shown() + "\n").collect();
        return jobwise_kit::print(&lines);
    }
    let names = tasks.map(|task| task.text.as_os_str());
    let list = list::write(names, separator(null)).map_err(failed)?;
    jobwise_kit::print_bytes(&list)
}
