//! The subcommands: flags to requests, results to text.

// The comments on flags are shown on terminals.
#![allow(
    clippy::doc_markdown,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags
)]

mod clean_image;
mod filter;
mod giv;
mod import;
mod inspect;
mod outcome;
mod plot;
mod process;
mod reshape;
mod simulate;
mod spectrum;

use clap::Subcommand;
use jobwise_kit::Failure;

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    CleanImage(clean_image::Flags),
    Inspect(inspect::Flags),
    Import(import::Flags),
    Filter(filter::Flags),
    Giv(giv::Flags),
    Reshape(reshape::Flags),
    Spectrum(spectrum::Flags),
    Plot(plot::Flags),
    #[command(subcommand)]
    Simulate(simulate::What),
    Completions(jobwise_kit::Completions),
    Man(jobwise_kit::Man),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Command::CleanImage(flags) => clean_image::run(flags),
            Command::Inspect(flags) => inspect::run(&flags),
            Command::Import(flags) => import::run(flags),
            Command::Filter(flags) => filter::run(flags),
            Command::Giv(flags) => giv::run(flags),
            Command::Reshape(flags) => reshape::run(flags),
            Command::Spectrum(flags) => spectrum::run(flags),
            Command::Plot(flags) => plot::run(&flags),
            Command::Simulate(what) => simulate::run(&what),
            Command::Completions(flags) => flags.run::<crate::Cli>(),
            Command::Man(flags) => flags.run::<crate::Cli>(),
        }
    }
}

/// A problem with files or values; the message says which.
fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::failed(error.to_string())
}

/// A frequency, with or without units.
fn hertz(text: &str) -> Result<f64, String> {
    jobwise_usid::units::quantity(text, "Hz")
}
