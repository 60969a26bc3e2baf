//! Results groups: `SOURCE-TOOL_NNN`, beside their source or in a group of the user's.

use std::path::Path;

use hdf5::{Group, ReferencedObject};

use super::reference::{is_same, is_same_file, path_of, refer, resolve};
use super::{Bookkeeping, Main, Value, failed};
use crate::Result;

/// The attribute that refers to the source.
pub const SOURCE: &str = "source_000";
/// The attributes that name a source in another file.
pub const SOURCE_FILE: &str = "source_file_path";
/// As [`SOURCE_FILE`]: the path in that file.
pub const SOURCE_DATASET: &str = "source_dataset_path";

/// A results group.
#[derive(Clone, Debug)]
pub struct ResultsGroup {
    /// Its number.
    pub index: usize,
    /// The group.
    pub group: Group,
    /// Its path.
    pub path: String,
}

/// The name of a results group. A dash separates the source from the tool, so that within either it
/// becomes an underscore.
///
/// ```
/// use jobwise_usid::format::results;
/// assert_eq!(results::name("Raw-Data", "SVD", 7), "Raw_Data-SVD_007");
/// ```
pub fn name(source: &str, tool: &str, index: usize) -> String {
    let [source, tool] = [source, tool].map(|text| text.replace('-', "_"));
    format!("{source}-{tool}_{index:03}")
}

/// The source, tool and number of a results group's name.
pub fn parse(name: &str) -> Option<(&str, &str, usize)> {
    let (source, rest) = name.split_once('-')?;
    let (tool, index) = rest.rsplit_once('_')?;
    let digits = index.len() >= 3 && index.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || source.is_empty() || tool.contains('-') {
        return None;
    }
    Some((source, tool, index.parse().ok()?))
}

/// The results groups of `tool` from `source` in `parent`, by number. A group that refers to
/// another source is none.
///
/// # Errors
/// The file cannot be read.
pub fn existing(parent: &Group, source: &Main, tool: &str) -> Result<Vec<ResultsGroup>> {
    let mut found = Vec::new();
    for (index, name) in numbered(parent, source, tool)? {
        let group = match parent.group(&name) {
            Ok(group) => group,
            Err(error) => {
                let path = parent.name();
                log::warn!("{path}/{name} is not taken: it cannot be opened ({error})");
                continue;
            }
        };
        if lost_its_source(&group) {
            let path = group.name();
            log::warn!("{path} is not taken: its source is gone or was replaced");
            continue;
        }
        if comes_from(&group, source) {
            let path = group.name();
            found.push(ResultsGroup { index, group, path });
        }
    }
    found.sort_by_key(|found| found.index);
    Ok(found)
}

/// The number of the next results group.
///
/// # Errors
/// The file cannot be read.
pub fn next_index(parent: &Group, source: &Main, tool: &str) -> Result<usize> {
    let taken = numbered(parent, source, tool)?;
    Ok(taken.iter().map(|(index, _)| index + 1).max().unwrap_or(0))
}

/// The members of `parent` with names of such results groups.
fn numbered(parent: &Group, source: &Main, tool: &str) -> Result<Vec<(usize, String)>> {
    let wanted = [source.name().replace('-', "_"), tool.replace('-', "_")];
    let names = parent.member_names().map_err(failed::member(parent, ""))?;
    let index = |name: &String| match parse(name) {
        Some((source, tool, index)) if [source, tool] == wanted => Some(index),
        _ => None,
    };
    Ok(names
        .into_iter()
        .filter_map(|name| Some((index(&name)?, name)))
        .collect())
}

/// Whether a group refers to a source that the file has no more.
pub(crate) fn lost_its_source(group: &Group) -> bool {
    group.attr(SOURCE).is_ok()
        && match resolve(group, SOURCE) {
            Some(ReferencedObject::Dataset(target)) => path_of(group, &target).is_none(),
            _ => true,
        }
}

/// Whether a group says that it comes from this source, or does not say where from.
fn comes_from(group: &Group, source: &Main) -> bool {
    if group.attr(SOURCE).is_ok() {
        let target = resolve(group, SOURCE);
        return matches!(target, Some(ReferencedObject::Dataset(target)) if is_same(&target, source.dataset()));
    }
    let text = |name: &str| match Value::find(group, name) {
        Ok(Some(Value::Text(text))) => Some(text),
        _ => None,
    };
    let same_file = text(SOURCE_FILE)
        .is_none_or(|path| resolved(&path) == resolved(&source.dataset().filename()));
    same_file && text(SOURCE_DATASET).is_none_or(|path| path == source.path())
}

/// The path of a file without links and relative parts; as it is, where there is no such file.
fn resolved(path: &str) -> String {
    let whole = Path::new(path).canonicalize();
    whole.map_or_else(
        |_| path.to_owned(),
        |path| path.to_string_lossy().into_owned(),
    )
}

/// Creates a results group with its book-keeping and its source: a reference, or the paths of file
/// and dataset where the source lies in another file.
///
/// # Errors
/// The name is taken, or the file refuses.
pub fn create(
    parent: &Group,
    source: &Main,
    tool: &str,
    index: usize,
    bookkeeping: &Bookkeeping,
) -> Result<Group> {
    let name = name(&source.name(), tool, index);
    let group = parent
        .create_group(&name)
        .map_err(failed::member(parent, &name))?;
    bookkeeping.write(&group)?;
    Value::from(tool).write(&group, "tool")?;
    Value::Integer(1).write(&group, "num_source_dsets")?;
    if is_same_file(&group, source.dataset()) {
        refer(&group, SOURCE, source.dataset())?;
    } else {
        Value::from(resolved(&source.dataset().filename())).write(&group, SOURCE_FILE)?;
        Value::from(source.path()).write(&group, SOURCE_DATASET)?;
    }
    Ok(group)
}
