//! Attributes that refer to objects.

use hdf5::{Location, ObjectReference, ObjectReference1, ReferencedObject};

use super::{Member, Walk, failed, members};
use crate::Result;

/// Writes an attribute that refers to an object of the same file.
pub(super) fn refer(object: &Location, name: &str, target: &Location) -> Result<()> {
    let failed = || failed::member(object, &format!("@{name}"));
    let reference: ObjectReference1 = target.reference(".").map_err(failed())?;
    let attribute = object
        .new_attr::<ObjectReference1>()
        .create(name)
        .map_err(failed())?;
    attribute.write_scalar(&reference).map_err(failed())
}

/// What an attribute refers to; `None` where it is absent, no object reference, or refers to
/// nothing.
pub(super) fn resolve(object: &Location, name: &str) -> Option<ReferencedObject> {
    let attribute = object.attr(name).ok()?;
    let reference = attribute.read_scalar::<ObjectReference1>().ok()?;
    reference.dereference(object).ok()
}

/// The path of an object that an attribute of `holder` refers to; `None` where nothing in the file
/// has it for a member, as of what was deleted.
///
/// The library looks for names through the whole file, and gives up at the first group that it
/// cannot read. Then the neighbours are asked, and in the end everything that can be read.
pub(super) fn path_of(holder: &Location, target: &Location) -> Option<String> {
    let name = target.name();
    if !name.is_empty() {
        // The binding takes any bytes for UTF-8.
        return Some(String::from_utf8_lossy(name.as_bytes()).into_owned());
    }
    let file = holder.file().ok()?;
    let place = holder.name();
    let (parent, _) = place.rsplit_once('/').unwrap_or_default();
    let near = [place.as_str(), parent].into_iter().find_map(|path| {
        let group = file.group(if path.is_empty() { "/" } else { path }).ok()?;
        let members = members(&group).ok()?.into_iter();
        let mut objects = members.filter_map(|(_, member)| location(&member));
        objects.find(|it| is_same(it, target))
    });
    if let Some(near) = near {
        return Some(near.name());
    }
    let walk = Walk::new(&file.group("/").ok()?).ok()?;
    let mut met = walk.filter_map(|(_, _, member)| location(&member));
    met.find(|it| is_same(it, target)).map(|it| it.name())
}

/// A member as an object of the file.
fn location(member: &Member) -> Option<Location> {
    match member {
        Member::Group(group) => Some((**group).clone()),
        Member::Dataset(dataset) => Some((***dataset).clone()),
        Member::Datatype | Member::Link | Member::Unreadable(_) => None,
    }
}

/// Whether both are the same object of the same file.
pub(super) fn is_same(a: &Location, b: &Location) -> bool {
    match (a.loc_info(), b.loc_info()) {
        (Ok(a), Ok(b)) => (a.fileno, a.token) == (b.fileno, b.token),
        _ => false,
    }
}

/// Whether both lie in the same file.
pub(super) fn is_same_file(a: &Location, b: &Location) -> bool {
    match (a.loc_info(), b.loc_info()) {
        (Ok(a), Ok(b)) => a.fileno == b.fileno,
        _ => false,
    }
}
