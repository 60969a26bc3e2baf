//! The subcommands: flags to requests, results to text.

// The comments on flags are shown on terminals.
#![allow(
    clippy::doc_link_with_quotes,
    clippy::doc_markdown,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags
)]

mod accumulate;
mod cat;
mod coadd;
mod dump;
mod edit;
mod export;
mod fits;
mod frames;
mod index;
mod ls;
mod plot;
mod pointing;
mod reading;
mod repack;
mod run;
mod serve;
mod simulate;
mod split;
mod summary;
mod verify;
mod writing;

use clap::Subcommand;
use jobwise_kit::Failure;

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Ls(ls::Flags),
    Dump(dump::Flags),
    Verify(verify::Flags),
    Run(Box<run::Flags>),
    Coadd(coadd::Flags),
    Accumulate(Box<accumulate::Flags>),
    Pointing(pointing::Flags),
    Plot(plot::Flags),
    Fits(fits::Flags),
    Export(Box<export::Flags>),
    Cat(cat::Flags),
    Repack(repack::Flags),
    Edit(edit::Flags),
    Split(split::Flags),
    Index(index::Flags),
    Serve(serve::Flags),
    Simulate(simulate::Flags),
    Completions(jobwise_kit::Completions),
    Man(jobwise_kit::Man),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Command::Ls(flags) => ls::run(&flags),
            Command::Dump(flags) => dump::run(&flags),
            Command::Pointing(flags) => pointing::run(&flags),
            Command::Coadd(flags) => coadd::run(&flags),
            Command::Fits(flags) => fits::run(&flags),
            Command::Export(flags) => export::run(&flags),
            Command::Plot(flags) => plot::run(&flags),
            Command::Run(flags) => run::run(&flags),
            Command::Accumulate(flags) => accumulate::run(&flags),
            Command::Verify(flags) => verify::run(&flags),
            Command::Cat(flags) => cat::run(&flags),
            Command::Repack(flags) => repack::run(&flags),
            Command::Edit(flags) => edit::run(&flags),
            Command::Split(flags) => split::run(&flags),
            Command::Index(flags) => index::run(&flags),
            Command::Serve(flags) => serve::run(flags),
            Command::Simulate(flags) => simulate::run(&flags),
            Command::Completions(flags) => flags.run::<crate::Cli>(),
            Command::Man(flags) => flags.run::<crate::Cli>(),
        }
    }
}

/// A problem with files or values; the message says which.
fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::failed(error.to_string())
}
