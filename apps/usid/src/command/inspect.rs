use std::path::PathBuf;

use clap::Args;
use jobwise_hdf5::amendment;
use jobwise_kit::Failure;
use jobwise_usid::inspect::{Look, inspect};

use super::failed;

/// Show what a file holds: its tree, main datasets, results and how complete they are
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// The file, USID or any other HDF5
    file: PathBuf,
    /// A group or dataset in it: only that, and what is below [default: everything]
    path: Option<String>,
    /// Show every dataset and every attribute
    #[arg(long)]
    attributes: bool,
    /// Do not check whether results are as they were written, which reads them and their sources
    #[arg(long)]
    quick: bool,
}

const EXAMPLES: &str = "Examples:
  usid inspect scan.h5
  usid inspect scan.h5 /Measurement_000/Channel_000/Raw_Data --attributes";

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let file = flags.file.display();
    let is_pending = amendment::pending(&flags.file).map_err(failed)?;
    let is_damaged = is_pending && amendment::is_journal_damaged(&flags.file).map_err(failed)?;
    if is_damaged {
        log::warn!(
            "{file}: a killed run left a change that is not finished, and its journal is damaged: \
             the file may be changed in \
             part; the next command that writes the file says what can be done"
        );
    } else if is_pending {
        log::warn!(
            "{file}: a killed run left a change that is not finished: the next command that writes \
             the file finishes it"
        );
    }
    let look = Look {
        all: flags.attributes,
        quick: flags.quick,
    };
    let found = inspect(&flags.file, flags.path.as_deref(), look).map_err(failed)?;
    jobwise_kit::print(&jobwise_kit::visible(&found.text))?;
    for problem in &found.problems {
        log::warn!("{file}: {problem}");
    }
    match found.problems.len() + usize::from(is_damaged) {
        0 => Ok(()),
        count => Err(Failure::partial(format!(
            "{file}: {count} parts are damaged or have changed since they were written"
        ))),
    }
}
