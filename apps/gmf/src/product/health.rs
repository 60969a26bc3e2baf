//! Whether a file is as it was written.

use std::path::{Path, PathBuf};

use jobwise_hdf5::file_access;
use jobwise_hdf5::seal::{Seal, verify};
use jobwise_kit::Inputs;

use super::layout::{Layout, column, matrix};
use crate::{Error, Result};

/// What is wrong with a file that cannot stand for what was written; `None` for one that can, as
/// far as one knows.
///
/// Files with a checksum are read whole. Of those without one, which other programs and older
/// versions wrote, only what was cut is known to be damaged.
///
/// # Errors
/// The file cannot be read or opened.
pub(super) fn damage(path: &Path) -> Result<Option<String>> {
    let seal = verify(path)?;
    if let Some(why) = seal.problem() {
        return Ok(Some(why.to_owned()));
    }
    if seal == Seal::Whole {
        return Ok(None);
    }
    // It may be of another program, or the system may refuse: that it is damaged is not known.
    file_access::open(path)?;
    Ok(None)
}

/// Those of the files that can be read.
///
/// # Errors
/// The first file that cannot, where `inputs` are not passed over.
pub fn healthy(files: Vec<PathBuf>, inputs: &Inputs) -> Result<Vec<PathBuf>> {
    let mut left = Vec::new();
    for path in files {
        match check(&path) {
            Ok(()) => left.push(path),
            Err(problem) => inputs.pass_over(&path, problem)?,
        }
    }
    Ok(left)
}

/// The error of a directory all of whose files are passed over.
pub fn none_left(root: &Path) -> Error {
    Error::Format {
        path: root.to_path_buf(),
        problem: "holds no GMF file that can be read; run gmf analyze again".to_owned(),
    }
}

fn check(path: &Path) -> Result<()> {
    let seal = verify(path)?;
    match seal.problem() {
        None if seal == Seal::Whole => Ok(()),
        // Nothing vouches for it: it is read once to see.
        None => trial(path),
        Some(why) => Err(Error::Format {
            path: path.to_path_buf(),
            problem: format!("is damaged: {why}; run gmf analyze again, which replaces it"),
        }),
    }
}

/// Reads what the commands read.
fn trial(path: &Path) -> Result<()> {
    let gates = Layout::read(path)?.ranges.len();
    let file = file_access::open(path)?;
    for name in ["gmf", "gmf_zero_frequency"] {
        matrix::<f32>(&file, path, name, gates)?;
    }
    matrix::<i32>(&file, path, "range_rate_index", gates)?;
    column::<f32>(&file, path, "tx_power")?;
    for name in ["epoch_unix", "range_rate_peak", "acceleration_peak"] {
        column::<f64>(&file, path, name)?;
    }
    Ok(())
}
