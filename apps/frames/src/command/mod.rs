//! The subcommands: flags to requests, results to text.

// The comments on flags are shown on terminals.
#![allow(
    clippy::doc_markdown,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags
)]

mod coadd;
mod completions;
mod dump;
mod ls;
mod summary;
mod fits;
mod pointing;

use clap::Subcommand;
use jobwise_kit::Failure;

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Ls(ls::Flags),
    Dump(dump::Flags),
    Pointing(pointing::Flags),
    Coadd(coadd::Flags),
    Fits(fits::Flags),
    Completions(completions::Flags),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Command::Ls(flags) => ls::run(&flags),
            Command::Dump(flags) => dump::run(&flags),
            Command::Pointing(flags) => pointing::run(&flags),
            Command::Coadd(flags) => coadd::run(&flags),
            Command::Fits(flags) => fits::run(&flags),
            Command::Completions(flags) => completions::run::<crate::Cli>(&flags),
        }
    }
}

/// A problem with files or values; the message says which.
fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::failed(error.to_string())
}
