//! The main datasets of a file.

use hdf5::File;

use super::{Main, Member, Walk, failed, results};
use crate::{Error, Result};

/// All main datasets of a file, each once, by path.
///
/// # Errors
/// The file cannot be read.
pub fn mains(file: &File) -> Result<Vec<Main>> {
    let root = file.group("/").map_err(failed::at(file, ""))?;
    let mut found = Vec::new();
    for step in Walk::new(&root)? {
        if let (_, _, Member::Dataset(dataset)) = step? {
            found.extend(Main::open(&dataset).ok());
        }
    }
    Ok(found)
}

/// The main dataset at `path`; without a path, the only one that is not a result.
///
/// # Errors
/// There is none, or there are several and no path.
pub fn choose(file: &File, path: Option<&str>) -> Result<Main> {
    if let Some(path) = path {
        return Main::at(file, path);
    }
    let mains = mains(file)?;
    let mut sources: Vec<&Main> = mains
        .iter()
        .filter(|main| !is_result(&main.path()))
        .collect();
    if sources.is_empty() {
        sources = mains.iter().collect();
    }
    let problem = match sources.as_slice() {
        [only] => return Ok((*only).clone()),
        [] => {
            "holds no main dataset, so it is no USID file; `usid import` makes one from a picture"
                .to_owned()
        }
        several => {
            let paths: Vec<String> = several.iter().map(|main| main.path()).collect();
            format!(
                "holds {} main datasets, choose one with --dataset: {}",
                paths.len(),
                paths.join(", ")
            )
        }
    };
    Err(Error::Format {
        path: file.filename().into(),
        object: "/".into(),
        problem,
    })
}

/// Whether a path leads into a results group.
fn is_result(path: &str) -> bool {
    path.split('/').any(|part| results::parse(part).is_some())
}
