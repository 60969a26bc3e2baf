//! Which files of a directory are output files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::clock::parse_directory_stamp;
use crate::{Error, Result};

/// The output files below a directory, in order of time; there is at least one.
///
/// Files on their way (their names start with a dot) and files of other programs do not count.
///
/// # Errors
/// When a directory cannot be listed, or there is no output file.
pub fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for directory in listed(root)? {
        let stamp = name(&directory);
        // A directory for each hour.
        if parse_directory_stamp(&stamp).is_some_and(|seconds| seconds % 3600 == 0) {
            let inside = listed(&directory)?;
            files.extend(inside.into_iter().filter(|path| {
                let name = name(path);
                name.starts_with("gmf-") && path.extension().is_some_and(|e| e == "h5")
            }));
        }
    }
    if files.is_empty() {
        return Err(Error::Format {
            path: root.to_path_buf(),
            problem: "holds no GMF files (YYYY-MM-DDTHH-00-00/gmf-*.h5); \
                      give the output directory of gmf analyze"
                .to_owned(),
        });
    }
    files.sort();
    Ok(files)
}

/// The start of a file in microseconds since 1970, as its name says.
pub(super) fn start_of(path: &Path) -> Result<i64> {
    let name = name(path);
    let digits = name
        .strip_prefix("gmf-")
        .and_then(|rest| rest.strip_suffix(".h5"));
    digits
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| Error::Format {
            path: path.to_path_buf(),
            problem:
                "is not named after its start (gmf-<microseconds>.h5); remove it from the directory"
                    .to_owned(),
        })
}

fn listed(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |source| Error::Io {
        path: directory.to_path_buf(),
        source,
    };
    let entries = fs::read_dir(directory).map_err(failed)?;
    entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(failed))
        .collect()
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
