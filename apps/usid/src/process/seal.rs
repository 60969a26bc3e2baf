//! What a results group says beside its rows: a digest of every attribute, of book-keeping that it
//! is there, and of every dataset that is no output.

use hdf5::{Dataset, Group, Location};
use jobwise_hdf5::{attributes, descriptor, named, numbers, raw_rows};

use super::kind_text::kind_text;
use super::{COMPLETED, DIGESTS};
use crate::error::refused;
use crate::format::{BOOKKEEPING, Value, believable};
use crate::hash::hash;
use crate::{Error, Result};

/// The attribute with a line for each attribute and dataset: its digest, and its name.
pub const SEAL: &str = "jobwise_seal";

/// The attribute with the names of the outputs, whose rows have digests of their own.
pub const OUTPUTS: &str = "jobwise_outputs";

/// Bytes that are read at once.
const SLAB: usize = 1 << 22;

/// Writes the seal of a results group: what is there now. An attribute that cannot be read is left
/// out, with a warning: it is none of ours.
pub(super) fn write(group: &Group) -> Result<()> {
    let outputs = outputs(group)?;
    let mut lines = Vec::new();
    for name in attributes::names(group)? {
        lines.push(format!("@{name}"));
    }
    let mut members = group
        .member_names()
        .map_err(refused(group.filename(), group.name()))?;
    members.sort();
    for name in members {
        let Ok(dataset) = group.dataset(&name) else {
            continue;
        };
        lines.push(name.clone());
        for attribute in attributes::names(&dataset)? {
            lines.push(format!("{name}@{attribute}"));
        }
    }
    lines.retain(|line| line.split_once('@').is_none_or(|(_, name)| name != SEAL));
    let mut sealed = Vec::new();
    for line in lines {
        match of(group, &line, &outputs) {
            Ok(digest) => sealed.push(format!("{digest:016x} {line}")),
            Err(error) if line.contains('@') => {
                log::warn!("{line} of {} is not sealed: {error}", group.name());
            }
            Err(error) => return Err(error),
        }
    }
    Value::Text(sealed.join("\n")).write(group, SEAL)
}

/// What of a sealed group is not as it was; `None` where the group has no seal. What was added
/// since is no matter.
pub(super) fn broken(group: &Group) -> Result<Option<Vec<String>>> {
    let Some(seal) = Value::find(group, SEAL)? else {
        return Ok(None);
    };
    let Value::Text(seal) = seal else {
        return Ok(Some(vec![format!("@{SEAL}")]));
    };
    let outputs = outputs(group)?;
    let differs = |line: &&str| {
        // As text: a letter may have changed its case.
        let is_same = line.split_once(' ').is_some_and(|(digest, name)| {
            of(group, name, &outputs).is_ok_and(|now| format!("{now:016x}") == digest)
        });
        !is_same
    };
    let name = |line: &str| {
        line.split_once(' ')
            .map_or(line, |(_, name)| name)
            .to_owned()
    };
    let mut broken: Vec<String> = seal.split('\n').filter(differs).map(name).collect();
    // This asks for more of the members' heads than their digests do.
    if let Err(error) = group.datasets() {
        broken.push(format!("the list of its members ({error})"));
    }
    Ok(Some(broken))
}

/// The names of the outputs; none in a group of another program.
pub(super) fn outputs(group: &Group) -> Result<Vec<String>> {
    Ok(match Value::find(group, OUTPUTS)? {
        Some(Value::Texts(names)) => names,
        Some(Value::Text(name)) => vec![name],
        _ => Vec::new(),
    })
}

/// The digest of `@attribute`, `dataset` or `dataset@attribute` of a group.
fn of(group: &Group, name: &str, outputs: &[String]) -> Result<u64> {
    let failed = || refused(group.filename(), format!("{}/{name}", group.name()));
    match name.split_once('@') {
        Some(("", attribute)) => of_attribute(group, group, attribute),
        Some((dataset, attribute)) => of_attribute(
            group,
            &*group.dataset(dataset).map_err(failed())?,
            attribute,
        ),
        None => {
            let has_digests = |name: &str| outputs.iter().any(|output| output == name);
            let is_whole = name == COMPLETED || name == DIGESTS || has_digests(name);
            of_dataset(&group.dataset(name).map_err(failed())?, !is_whole)
        }
    }
}

/// The digest of an attribute of `group` or of a member of it. Where the group lies is no matter.
fn of_attribute(group: &Group, object: &Location, name: &str) -> Result<u64> {
    // Its type too: a text of another kind, a number of another width.
    let kind = named::attribute(object, name)
        .and_then(|found| found.map(|it| descriptor::of(&it.dtype()?)).transpose())
        .map_err(refused(object.filename(), object.name()))?;
    if kind.is_some() && BOOKKEEPING.contains(&name) {
        // Who wrote, and when, is the same for no two runs, and results are.
        return Ok(hash(0, b"book-keeping"));
    }
    let value = match Value::find(object, name)? {
        Some(Value::Reference(path)) => {
            let member = path
                .strip_prefix(&group.name())
                .map(|rest| format!(".{rest}"));
            Some(Value::Reference(member.unwrap_or(path)))
        }
        other => other,
    };
    let kind = kind.map_or_else(
        || "None".into(),
        |kind| format!("Some({})", kind_text(&kind)),
    );
    Ok(hash(0, format!("{kind} {value:?}").as_bytes()))
}

/// The digest of a dataset's shape and type, and where `whole` of its elements: those of one or two
/// dimensions whose elements are numbers, or compounds of these.
pub(super) fn of_dataset(dataset: &Dataset, whole: bool) -> Result<u64> {
    let failed = || refused(dataset.filename(), dataset.name());
    let shape = dataset.shape();
    let dtype = dataset.dtype().map_err(failed())?;
    let native = numbers::native(&dtype);
    let kind = match &native {
        Ok(native) => format!("Ok({})", kind_text(native)),
        Err(what) => format!("Err({what:?})"),
    };
    let mut sum = hash(1, format!("{shape:?} {kind}").as_bytes());
    let (true, Ok(native)) = (whole && matches!(shape.len(), 1 | 2), native) else {
        return Ok(sum);
    };
    believable(dataset).map_err(|problem| Error::Format {
        path: dataset.filename().into(),
        object: dataset.name(),
        problem,
    })?;
    let kind = hdf5::Datatype::from_descriptor(&native).map_err(failed())?;
    let row = shape.get(1).unwrap_or(&1).saturating_mul(native.size());
    let step = (SLAB / row.max(1)).max(1);
    let mut bytes = Vec::new();
    for first in (0..shape[0]).step_by(step) {
        let rows = first..(first + step).min(shape[0]);
        raw_rows::read_as(dataset, kind.clone(), rows, &mut bytes)?;
        sum = hash(sum, &bytes);
    }
    Ok(sum)
}
