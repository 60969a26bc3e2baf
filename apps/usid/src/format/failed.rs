use hdf5::Location;

use crate::error::{Error, refused};

/// Puts an address before an answer of the HDF5 library: a group or dataset, or a `member` of it (a
/// name, or `@` and the name of an attribute).
pub(super) fn member(object: &Location, member: &str) -> impl FnOnce(hdf5::Error) -> Error + use<> {
    let mut name = object.name();
    if !member.is_empty() && !member.starts_with('@') && !name.ends_with('/') {
        name.push('/');
    }
    refused(object.filename(), name + member)
}
