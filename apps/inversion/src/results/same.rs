//! Whether a file is of the run that is to be continued.

use std::path::Path;

use jobwise_hdf5::attributes::{self, Value};

use super::line_results::LineResults;
use crate::{Error, Result};

/// Options that change no number of the results.
const WITHOUT_EFFECT: [&str; 1] = ["data_directory"];

/// Compares what a file says of itself with the run.
///
/// # Errors
/// The file is none of ours, or the first thing that is different.
pub(super) fn check(path: &Path, file: &hdf5::File, of: &LineResults<'_>) -> Result<()> {
    let wrong = |problem: String| {
        Err(Error::File {
            path: path.to_path_buf(),
            problem: format!("{problem}: give another directory, or --override to begin anew"),
        })
    };
    let Some(options) = text(file, "jobwise/options") else {
        return wrong("holds no results of this program".into());
    };
    if let Some(difference) = difference(&options, &of.task.options.to_toml()) {
        return wrong(format!("holds results of other options, {difference}"));
    }
    if text(file, "jobwise/survey") != Some(of.digest()) {
        return wrong("holds results of other data or systems".into());
    }
    Ok(())
}

/// The first line that differs, of those that matter.
fn difference(stored: &str, wanted: &str) -> Option<String> {
    let key = |line: &str| line.split('=').next().unwrap_or("").trim().to_owned();
    let matters = |line: &&str| !WITHOUT_EFFECT.contains(&&*key(line));
    let mut stored = stored.lines().filter(matters);
    let mut wanted = wanted.lines().filter(matters);
    loop {
        match (stored.next(), wanted.next()) {
            (None, None) => return None,
            (Some(a), Some(b)) if a == b => {}
            (a, b) => {
                let [a, b] = [a, b].map(|line| line.unwrap_or("nothing more"));
                return Some(format!("{a} where {b} is asked for"));
            }
        }
    }
}

/// Nothing where there is no such text.
pub(super) fn text(file: &hdf5::File, name: &str) -> Option<String> {
    match value(file, name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// Nothing where there is no such dataset of one element.
pub(super) fn value(file: &hdf5::File, name: &str) -> Option<Value> {
    let dataset = file.dataset(name).ok()?;
    attributes::read_dataset(&dataset).ok()
}
