use std::path::PathBuf;

use clap::Args;
use jobwise_inversion::products::Results;
use jobwise_kit::Failure;

use super::failed;

/// A directory of results, for every command that reads them.
#[derive(Args, Debug)]
pub(crate) struct ResultsFlags {
    /// The directory of results: a file <line>.h5 per line, of this program or of geobipy 2.3.2
    directory: PathBuf,
    /// Refuse a file that is damaged, instead of passing it over
    #[arg(long)]
    strict: bool,
}

impl ResultsFlags {
    pub(crate) fn open(&self) -> Result<Results, Failure> {
        Results::open(&self.directory, self.strict).map_err(failed)
    }
}

/// How a command ends: in part, where inputs could not be used.
pub(crate) fn end(results: &Results) -> Result<(), Failure> {
    match results.inputs().failure() {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}
