//! The subcommands: flags to requests, results to text.

// The comments on flags are shown on terminals.
#![allow(
    clippy::doc_markdown,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags
)]

mod coadd;
mod completions;
mod fits;
mod frames;
mod plot;
mod pointing;

use clap::Subcommand;
use jobwise_kit::Failure;

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Pointing(pointing::Flags),
    Coadd(coadd::Flags),
    Fits(fits::Flags),
    Plot(plot::Flags),
    Completions(completions::Flags),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Command::Pointing(flags) => pointing::run(&flags),
            Command::Coadd(flags) => coadd::run(&flags),
            Command::Fits(flags) => fits::run(&flags),
            Command::Plot(flags) => plot::run(&flags),
            Command::Completions(flags) => completions::run::<crate::Cli>(&flags),
        }
    }
}

/// A problem with files or values; the message says which.
fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::failed(error.to_string())
}
