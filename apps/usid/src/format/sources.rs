//! The main datasets of a file.

use hdf5::{Dataset, File};
use jobwise_hdf5::named;

use super::{Ancillary, Main, Member, Walk, failed, results};
use crate::{Error, Result};

/// All main datasets of a file, each once, by path.
///
/// # Errors
/// The file cannot be read.
pub fn mains(file: &File) -> Result<Vec<Main>> {
    Ok(look(file)?.0)
}

/// All main datasets of a file, and what is wrong with those that are meant to be some.
fn look(file: &File) -> Result<(Vec<Main>, Vec<Error>)> {
    let root = file.group("/").map_err(failed::member(file, ""))?;
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for step in Walk::new(&root)? {
        match step {
            (_, _, Member::Dataset(dataset)) => match Main::open(&dataset) {
                Ok(main) => found.push(main),
                Err(error) if is_meant(&dataset) => wrong.push(error),
                Err(_) => {}
            },
            // It may be a main dataset.
            (_, name, Member::Unreadable(problem)) => wrong.push(Error::Format {
                path: file.filename().into(),
                object: name,
                problem,
            }),
            _ => {}
        }
    }
    Ok((found, wrong))
}

/// Whether a dataset refers to one that would describe its rows or columns.
pub(crate) fn is_meant(dataset: &Dataset) -> bool {
    Ancillary::ALL
        .iter()
        .any(|which| matches!(named::attribute(dataset, which.name()), Ok(Some(_))))
}

/// The main dataset at `path`; without a path, the only one that is not a result.
///
/// # Errors
/// There is none, or there are several and no path.
pub fn choose(file: &File, path: Option<&str>) -> Result<Main> {
    if let Some(path) = path {
        return Main::find(file, path);
    }
    let (mains, mut wrong) = look(file)?;
    let mut sources: Vec<&Main> = mains
        .iter()
        .filter(|main| !is_result(&main.path()))
        .collect();
    wrong.retain(|error| !matches!(error, Error::Format { object, .. } if is_result(object)));
    if sources.is_empty() && wrong.is_empty() {
        sources = mains.iter().collect();
    }
    let problem = match sources.as_slice() {
        [only] => {
            for error in &wrong {
                log::warn!("{error}");
            }
            return Ok((*only).clone());
        }
        // The first of them says what is amiss.
        [] if !wrong.is_empty() => return Err(wrong.swap_remove(0)),
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

impl Main {
    /// As [`choose`](choose()).
    ///
    /// # Errors
    /// As [`choose`](choose()).
    pub fn choose(file: &File, path: Option<&str>) -> Result<Main> {
        choose(file, path)
    }
}

/// Whether a path leads into a results group.
fn is_result(path: &str) -> bool {
    path.split('/').any(|part| results::parse(part).is_some())
}
