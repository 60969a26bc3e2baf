//! Types in words that a program can go by, once it is known that the library can tell them.

use hdf5::types::TypeDescriptor;
use hdf5::{Datatype, h5check};
use hdf5_sys::h5t::{H5T_class_t, H5Tget_class, H5Tget_member_type, H5Tget_nmembers, H5Tget_super};

/// Types within types, at most.
const DEPTH: usize = 32;

/// The largest number of an enumeration, in bytes.
const LARGEST: usize = 8;

/// Describes a type. In a damaged file, an enumeration may have another size than its numbers: the
/// library then gives more bytes than there is room for.
///
/// # Errors
/// There is no descriptor of the type, or it is damaged.
pub fn of(kind: &Datatype) -> hdf5::Result<TypeDescriptor> {
    hdf5::sync::sync(|| {
        check(kind, 0)?;
        kind.to_descriptor()
    })
}

fn check(kind: &Datatype, depth: usize) -> hdf5::Result<()> {
    if depth > DEPTH {
        return Err("types within types without an end: the file is damaged".into());
    }
    // SAFETY: the lock of the library is held by `of`, and `kind` is open.
    let class = unsafe { H5Tget_class(kind.id()) };
    let base = || -> hdf5::Result<Datatype> {
        // SAFETY: as above; the identifier is given away once.
        unsafe { hdf5::from_id(h5check(H5Tget_super(kind.id()))?) }
    };
    match class {
        H5T_class_t::H5T_ENUM => {
            let (size, number) = (kind.size(), base()?.size());
            if size == number && size <= LARGEST {
                return Ok(());
            }
            Err(format!("an enumeration of {size} bytes of numbers of {number} bytes").into())
        }
        H5T_class_t::H5T_ARRAY | H5T_class_t::H5T_VLEN => check(&base()?, depth + 1),
        H5T_class_t::H5T_COMPOUND => {
            // SAFETY: as above.
            let count = h5check(unsafe { H5Tget_nmembers(kind.id()) })?;
            for index in 0..count.cast_unsigned() {
                // SAFETY: as above; the identifier is given away once.
                let member =
                    unsafe { hdf5::from_id(h5check(H5Tget_member_type(kind.id(), index))?)? };
                check(&member, depth + 1)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Whether elements of this type lie in the dataset itself, and not elsewhere in the file.
pub(crate) fn is_in_place(element: &TypeDescriptor) -> bool {
    match element {
        TypeDescriptor::VarLenArray(_)
        | TypeDescriptor::VarLenAscii
        | TypeDescriptor::VarLenUnicode => false,
        TypeDescriptor::FixedArray(element, _) => is_in_place(element),
        TypeDescriptor::Compound(compound) => {
            compound.fields.iter().all(|field| is_in_place(&field.ty))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{attributes, file_access};

    #[test]
    fn enumerations_larger_than_their_numbers_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("flags.h5");
        let file = file_access::create(&path).unwrap();
        attributes::write(&file, "is_done", true).unwrap();
        file.close().unwrap();
        let whole = std::fs::read(&path).unwrap();
        // Version 1, class 8, two members, the size.
        let head = [0x18, 2, 0, 0, 1, 0, 0, 0];
        let at = whole.windows(8).position(|there| there == head).unwrap();
        for size in [2, 9, 64, 1 << 16, u32::MAX] {
            let mut bytes = whole.clone();
            bytes[at + 4..at + 8].copy_from_slice(&u32::to_le_bytes(size));
            std::fs::write(&path, bytes).unwrap();
            let Ok(file) = file_access::open(&path) else {
                continue;
            };
            let Ok(attribute) = file.attr("is_done") else {
                continue;
            };
            assert!(of(&attribute.dtype().unwrap()).is_err(), "{size}");
        }
        std::fs::write(&path, whole).unwrap();
        let file = file_access::open(&path).unwrap();
        let kind = file.attr("is_done").unwrap().dtype().unwrap();
        assert_eq!(of(&kind).unwrap(), TypeDescriptor::Boolean);
    }
}
