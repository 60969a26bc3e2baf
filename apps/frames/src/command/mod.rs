//! The subcommands: flags to requests, results to text.

// The comments on flags are shown on terminals.
#![allow(
    clippy::doc_markdown,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags
)]

mod completions;

use clap::Subcommand;
use jobwise_kit::Failure;

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Completions(completions::Flags),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Command::Completions(flags) => completions::run::<crate::Cli>(&flags),
        }
    }
}
