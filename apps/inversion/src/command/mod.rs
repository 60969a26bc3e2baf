//! The subcommands: flags to requests, results to text.

// The comments on flags are shown on terminals.
#![allow(
    clippy::doc_markdown,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags
)]

mod check;
mod convert;
mod export;
mod forward;
mod inspect;
mod plot;
mod reading;
mod results;
mod run;
mod simulate;
mod summary;

use clap::Subcommand;
use jobwise_kit::Failure;

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Run(Box<run::Flags>),
    Forward(forward::Flags),
    Inspect(inspect::Flags),
    Convert(convert::Flags),
    Simulate(simulate::Flags),
    Summary(summary::Flags),
    Plot(plot::Flags),
    Export(export::Flags),
    Check(check::Flags),
    Completions(jobwise_kit::Completions),
    Man(jobwise_kit::Man),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Command::Run(flags) => run::run(&flags),
            Command::Forward(flags) => forward::run(&flags),
            Command::Inspect(flags) => inspect::run(&flags),
            Command::Convert(flags) => convert::run(&flags),
            Command::Simulate(flags) => simulate::run(&flags),
            Command::Summary(flags) => summary::run(&flags),
            Command::Plot(flags) => plot::run(&flags),
            Command::Export(flags) => export::run(&flags),
            Command::Check(flags) => check::run(&flags),
            Command::Completions(flags) => flags.run::<crate::Cli>(),
            Command::Man(flags) => flags.run::<crate::Cli>(),
        }
    }
}

/// A problem with files or values; the message says which.
fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::failed(error.to_string())
}
