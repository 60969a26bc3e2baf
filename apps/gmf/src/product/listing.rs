//! Which files of a directory are output files.

use std::fs;
use std::path::{Path, PathBuf};

use super::format::{endings, format_of};
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
                name.starts_with("gmf-") && has_ending(path)
            }));
        }
    }
    let unfit = |problem| {
        Err(Error::Format {
            path: root.to_path_buf(),
            problem,
        })
    };
    let found = |ending: &&str| files.iter().any(|path| ending_of(path) == Some(*ending));
    let found: Vec<_> = endings().filter(found).collect();
    match found.len() {
        0 => {
            let names = endings().map(|ending| format!("YYYY-MM-DDTHH-00-00/gmf-*.{ending}"));
            let names = names.collect::<Vec<_>>().join(" or ");
            unfit(format!(
                "holds no GMF files ({names}); give the output directory of gmf analyze"
            ))
        }
        1 => {
            files.sort();
            Ok(files)
        }
        _ => unfit(format!(
            "holds files of several formats ({}), so integrations may be there twice; remove those \
             of all but one",
            found.join(", ")
        )),
    }
}

fn ending_of(path: &Path) -> Option<&str> {
    path.extension().and_then(|ending| ending.to_str())
}

fn has_ending(path: &Path) -> bool {
    ending_of(path).is_some_and(|found| endings().any(|ending| ending == found))
}

/// The start of a file in microseconds since 1970, as its name says.
pub(super) fn start_of(path: &Path) -> Result<i64> {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let digits = stem.and_then(|stem| stem.strip_prefix("gmf-"));
    digits
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| Error::Format {
            path: path.to_path_buf(),
            problem: format!(
                "is not named after its start (gmf-<microseconds>.{}); remove it from the \
                 directory",
                format_of(path).ending()
            ),
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
