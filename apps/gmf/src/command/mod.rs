//! The subcommands: flags to requests, results to text.

// The comments on flags are shown on terminals.
#![allow(
    clippy::doc_markdown,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags
)]

mod analyze;
mod check;
mod convert;
mod detect;
mod download;
mod inspect;
mod pages;
mod plot;
mod simulate;
mod strict;
mod times;

use clap::Subcommand;
use jobwise_kit::{Failure, Inputs};

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Analyze(analyze::Flags),
    #[command(subcommand)]
    Inspect(inspect::What),
    #[command(subcommand)]
    Simulate(simulate::What),
    #[command(subcommand)]
    Convert(convert::What),
    #[command(subcommand)]
    Plot(plot::What),
    Detect(detect::Flags),
    #[command(subcommand)]
    Check(check::What),
    #[command(subcommand)]
    Download(download::What),
    Completions(jobwise_kit::Completions),
    Man(jobwise_kit::Man),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Command::Analyze(flags) => analyze::run(flags),
            Command::Inspect(what) => inspect::run(&what),
            Command::Simulate(what) => simulate::run(&what),
            Command::Convert(what) => convert::run(&what),
            Command::Plot(what) => plot::run(what),
            Command::Detect(flags) => detect::run(&flags),
            Command::Check(what) => check::run(&what),
            Command::Download(what) => download::run(what),
            Command::Completions(flags) => flags.run::<crate::Cli>(),
            Command::Man(flags) => flags.run::<crate::Cli>(),
        }
    }
}

/// The end of a command that did what it could: status 3 when inputs were passed over.
fn finish(inputs: &Inputs) -> Result<(), Failure> {
    inputs.failure().map_or(Ok(()), Err)
}

/// A problem with files or values; the message says which.
fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::failed(error.to_string())
}
