//! Attributes that refer to objects.

use hdf5::{Location, ObjectReference, ObjectReference1, ReferencedObject};

use super::failed;
use crate::Result;

/// Writes an attribute that refers to an object of the same file.
pub(super) fn refer(object: &Location, name: &str, target: &Location) -> Result<()> {
    let failed = || failed::at(object, &format!("@{name}"));
    let reference: ObjectReference1 = target.reference(".").map_err(failed())?;
    let attribute = object
        .new_attr::<ObjectReference1>()
        .create(name)
        .map_err(failed())?;
    attribute.write_scalar(&reference).map_err(failed())
}

/// What an attribute refers to; `None` where it is absent, no object reference, or refers to nothing.
pub(super) fn resolve(object: &Location, name: &str) -> Option<ReferencedObject> {
    let attribute = object.attr(name).ok()?;
    let reference = attribute.read_scalar::<ObjectReference1>().ok()?;
    reference.dereference(object).ok()
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
