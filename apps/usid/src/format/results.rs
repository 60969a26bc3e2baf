//! Results groups: `SOURCE-TOOL_NNN`, beside their source or in a group of the user's.

use hdf5::{Group, ObjectReference, ObjectReference1, ReferencedObject};

use super::create::refer;
use super::{Bookkeeping, Main, Value};
use crate::Result;
use crate::error::refused;

/// The attribute that refers to the source.
const SOURCE: &str = "source_000";

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

/// The name of a results group. A dash separates the source from the tool, so that within either it becomes an underscore.
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

/// The results groups of `tool` from `source` in `parent`, by number. A group that refers to another source is none.
///
/// # Errors
/// The file cannot be read.
pub fn existing(parent: &Group, source: &Main, tool: &str) -> Result<Vec<ResultsGroup>> {
    let mut found = Vec::new();
    for (index, name) in numbered(parent, source, tool)? {
        let Ok(group) = parent.group(&name) else {
            continue;
        };
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
    let names = parent
        .member_names()
        .map_err(refused(parent.filename(), &parent.name()))?;
    let index = |name: &String| match parse(name) {
        Some((source, tool, index)) if [source, tool] == wanted => Some(index),
        _ => None,
    };
    Ok(names
        .into_iter()
        .filter_map(|name| Some((index(&name)?, name)))
        .collect())
}

/// Whether a group's reference to its source, where it has one, is to this source.
fn comes_from(group: &Group, source: &Main) -> bool {
    let Ok(attribute) = group.attr(SOURCE) else {
        return true;
    };
    let target = attribute
        .read_scalar::<ObjectReference1>()
        .and_then(|reference| reference.dereference(group));
    match target {
        Ok(ReferencedObject::Dataset(target)) => target.name() == source.path(),
        _ => false,
    }
}

/// Creates an empty results group.
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
        .map_err(refused(parent.filename(), &name))?;
    bookkeeping.write(&group)?;
    Value::from(tool).write(&group, "tool")?;
    Value::Integer(1).write(&group, "num_source_dsets")?;
    refer(&group, SOURCE, source.dataset())?;
    Ok(group)
}
