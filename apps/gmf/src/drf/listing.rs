//! What lies in a channel's directories.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jobwise_kit::Inputs;

use super::Cadence;
use crate::clock::{directory_stamp, parse_directory_stamp};
use crate::{Error, Result};

/// The stamps (s since 1970) of the sub-directories of a channel, ascending.
pub(super) fn subdirectories(channel: &Path) -> Result<Vec<i64>> {
    let mut stamps = names(channel)?
        .iter()
        .filter_map(|name| parse_directory_stamp(name))
        .collect::<Vec<_>>();
    stamps.sort_unstable();
    Ok(stamps)
}

/// The stamps (ms since 1970) of the data files in one sub-directory, ascending.
///
/// Other files are ignored, above all those that are still being written (`tmp.rf@...`). A
/// directory that cannot be listed and files out of place are passed over.
pub(super) fn files(
    channel: &Path,
    cadence: Cadence,
    subdirectory: i64,
    inputs: &Inputs,
) -> Result<Vec<i64>> {
    let directory = channel.join(directory_stamp(subdirectory)?);
    let mut stamps = Vec::new();
    let names = match names(&directory) {
        Ok(names) => names,
        Err(error) => {
            inputs.pass_over(&directory, error)?;
            return Ok(stamps);
        }
    };
    for name in names {
        let Some(stamp) = file_stamp(&name) else {
            continue;
        };
        let problem = if stamp % cadence.file_milliseconds() as i64 != 0 {
            format!(
                "does not begin at a multiple of {} ms as the channel's properties ask",
                cadence.file_milliseconds()
            )
        } else if cadence.directory_of(stamp) != subdirectory {
            "lies in the wrong directory for its time".to_owned()
        } else {
            stamps.push(stamp);
            continue;
        };
        let path = directory.join(name);
        inputs.pass_over(&path.clone(), Error::Format { path, problem })?;
    }
    stamps.sort_unstable();
    Ok(stamps)
}

/// The first data file of a channel that has no final name yet, and how many there are: one that is
/// being written, or those of recorders that were killed.
pub(super) fn unfinished(channel: &Path) -> Result<Option<(PathBuf, usize)>> {
    let mut found = Vec::new();
    for stamp in subdirectories(channel)? {
        let directory = channel.join(directory_stamp(stamp)?);
        // One that cannot be listed is told by those who want its files.
        let names = names(&directory).unwrap_or_default();
        let names = names.iter().filter(|name| {
            let finished = name.strip_prefix("tmp.");
            finished.is_some_and(|name| file_stamp(name).is_some())
        });
        found.extend(names.map(|name| directory.join(name)));
    }
    Ok(found.iter().min().map(|first| (first.clone(), found.len())))
}

/// The names in a directory; none if there is nothing of its name, not even a link to nowhere.
fn names(directory: &Path) -> Result<Vec<String>> {
    let refused = |source| Error::Io {
        path: directory.to_path_buf(),
        source,
    };
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound && !directory.is_symlink() => {
            return Ok(Vec::new());
        }
        entries => entries.map_err(refused)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(refused)?.file_name().into_string());
    }
    Ok(names)
}

/// The stamp in a name `rf@<seconds>.<milliseconds>.h5`.
fn file_stamp(name: &str) -> Option<i64> {
    let (seconds, milliseconds) = name
        .strip_prefix("rf@")?
        .strip_suffix(".h5")?
        .split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if milliseconds.len() != 3 || !digits(milliseconds) || !digits(seconds) {
        return None;
    }
    let seconds: i64 = seconds.parse().ok()?;
    seconds
        .checked_mul(1_000)?
        .checked_add(milliseconds.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finished_data_files_have_a_stamp() {
        assert_eq!(file_stamp("rf@1618229740.150.h5"), Some(1_618_229_740_150));
        for name in [
            "tmp.rf@1618229740.150.h5",
            "rf@1618229740.15.h5",
            "rf@1618229740.h5",
            "rf@.000.h5",
            "rf@-1.000.h5",
            "rf@99999999999999999999.000.h5",
            "metadata@1567105700.h5",
        ] {
            assert_eq!(file_stamp(name), None, "{name}");
        }
    }
}
