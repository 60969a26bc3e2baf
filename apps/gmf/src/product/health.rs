//! Which files of a directory can be read.

use std::path::{Path, PathBuf};

use jobwise_kit::Inputs;

use super::format::{Integrity, format_of};
use super::layout::Layout;
use super::stored::Stored;
use crate::{Error, Result};

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
    match format_of(path).check(path)? {
        Integrity::Whole => Ok(()),
        // Nothing vouches for it: it is read once to see.
        Integrity::Unknown => trial(path),
        Integrity::Damaged { why } => Err(Error::Format {
            path: path.to_path_buf(),
            problem: format!("is damaged: {why}; run gmf analyze again, which replaces it"),
        }),
    }
}

/// Reads what the commands read.
fn trial(path: &Path) -> Result<()> {
    let gates = Layout::read(path)?.ranges.len();
    let file = Stored::open(path)?;
    for name in ["gmf", "gmf_zero_frequency"] {
        file.matrix::<f32>(name, gates)?;
    }
    file.matrix::<i32>("range_rate_index", gates)?;
    file.column::<f32>("tx_power")?;
    for name in ["epoch_unix", "range_rate_peak", "acceleration_peak"] {
        file.column::<f64>(name)?;
    }
    Ok(())
}
