//! The subcommands: flags to settings, results to text.

// The comments on flags are shown on terminals.
#![allow(
    clippy::doc_markdown,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags
)]

mod completions;
mod guard;
mod reset;
mod run;
mod status;

use clap::Subcommand;
use jobwise_kit::Failure;

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Run(run::Flags),
    Status(status::Flags),
    Reset(reset::Flags),
    Completions(completions::Flags),
    #[command(hide = true)]
    Guard(guard::Flags),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Command::Run(flags) => run::run(flags),
            Command::Status(flags) => status::run(&flags),
            Command::Reset(flags) => reset::run(&flags),
            Command::Completions(flags) => completions::run::<crate::Cli>(&flags),
            Command::Guard(_) => Err(Failure::usage("guard is for batch itself")),
        }
    }
}

/// A problem with files or values; the message says which.
fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::failed(error.to_string())
}
