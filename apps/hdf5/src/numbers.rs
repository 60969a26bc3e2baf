//! Which numbers a stored type stands for, and the type in memory that takes them unchanged.
//!
//! HDF5 stores numbers in many ways: of either byte order, with fewer bits than bytes, with gaps
//! between the members of a compound. The type in memory is always native and without gaps, and the
//! library converts between the two.

use hdf5::Datatype;
use hdf5::sync::sync;
use hdf5::types::{CompoundField, CompoundType, FloatSize, IntSize, TypeDescriptor};
use hdf5_sys::h5::H5free_memory;
use hdf5_sys::h5t::{
    H5T_class_t, H5T_order_t, H5T_sign_t, H5Tget_class, H5Tget_ebias, H5Tget_fields,
    H5Tget_member_name, H5Tget_member_type, H5Tget_nmembers, H5Tget_order, H5Tget_sign,
};

/// Compounds within compounds, at most.
const DEPTH: usize = 8;

/// Members of a compound, at most.
const MEMBERS: i32 = 4096;

/// The native type without gaps whose numbers are those of `stored`: integers of 8 to 64 bits,
/// floats of up to 64, compounds of these. A float of another format than the usual ones becomes
/// the smallest usual one that holds all its numbers.
///
/// # Errors
/// The type holds anything else; the text says what.
pub fn native(stored: &Datatype) -> Result<TypeDescriptor, String> {
    within(stored, 0)
}

fn within(stored: &Datatype, depth: usize) -> Result<TypeDescriptor, String> {
    let size = stored.size();
    // SAFETY: `stored` is open, and the lock of the library is held.
    let class = sync(|| unsafe { H5Tget_class(stored.id()) });
    match class {
        H5T_class_t::H5T_INTEGER => integer(stored, size),
        H5T_class_t::H5T_FLOAT => float(stored, size),
        H5T_class_t::H5T_COMPOUND => compound(stored, depth),
        H5T_class_t::H5T_STRING => Err("text".into()),
        H5T_class_t::H5T_ENUM => Err("enumeration or truth value".into()),
        H5T_class_t::H5T_ARRAY => Err("array".into()),
        H5T_class_t::H5T_VLEN => Err("sequence of variable length".into()),
        H5T_class_t::H5T_REFERENCE => Err("reference".into()),
        H5T_class_t::H5T_OPAQUE => Err(format!("opaque, of {size} bytes")),
        H5T_class_t::H5T_BITFIELD => Err(format!("bit field of {size} bytes")),
        H5T_class_t::H5T_TIME => Err("time".into()),
        _ => Err(format!("unknown, of {size} bytes")),
    }
}

fn is_ordered(stored: &Datatype) -> bool {
    // SAFETY: as in `within`.
    let order = sync(|| unsafe { H5Tget_order(stored.id()) });
    matches!(order, H5T_order_t::H5T_ORDER_LE | H5T_order_t::H5T_ORDER_BE)
}

fn integer(stored: &Datatype, size: usize) -> Result<TypeDescriptor, String> {
    // SAFETY: as in `within`.
    let sign = sync(|| unsafe { H5Tget_sign(stored.id()) });
    match (IntSize::from_int(size), sign) {
        (Some(size), H5T_sign_t::H5T_SGN_2) if is_ordered(stored) => {
            Ok(TypeDescriptor::Integer(size))
        }
        (Some(size), H5T_sign_t::H5T_SGN_NONE) if is_ordered(stored) => {
            Ok(TypeDescriptor::Unsigned(size))
        }
        _ => Err(format!("integer of {size} bytes of an unusual layout")),
    }
}

fn float(stored: &Datatype, size: usize) -> Result<TypeDescriptor, String> {
    let [
        mut sign,
        mut exponent_at,
        mut exponent,
        mut mantissa_at,
        mut mantissa,
    ] = [0; 5];
    // SAFETY: as in `within`; the five places are ours.
    let got = sync(|| unsafe {
        H5Tget_fields(
            stored.id(),
            &raw mut sign,
            &raw mut exponent_at,
            &raw mut exponent,
            &raw mut mantissa_at,
            &raw mut mantissa,
        )
    });
    let unusual = || {
        format!("float of {size} bytes with {exponent} bits of exponent and {mantissa} of mantissa")
    };
    if got < 0 || !is_ordered(stored) {
        return Err(unusual());
    }
    // SAFETY: as in `within`.
    let bias = sync(|| unsafe { H5Tget_ebias(stored.id()) });
    if exponent == 0 || exponent > 11 || bias != (1 << (exponent - 1)) - 1 {
        return Err(unusual());
    }
    let fitting = [
        (5, 10, FloatSize::U2),
        (8, 23, FloatSize::U4),
        (11, 52, FloatSize::U8),
    ];
    fitting
        .into_iter()
        .find(|&(bits, digits, _)| exponent <= bits && mantissa <= digits)
        .map(|(_, _, float)| TypeDescriptor::Float(float))
        .ok_or_else(unusual)
}

fn compound(stored: &Datatype, depth: usize) -> Result<TypeDescriptor, String> {
    // SAFETY: as in `within`.
    let count = sync(|| unsafe { H5Tget_nmembers(stored.id()) });
    if depth == DEPTH || !(1..=MEMBERS).contains(&count) {
        return Err(format!(
            "compound of {count} members, {depth} compounds deep"
        ));
    }
    let mut fields = Vec::new();
    let mut end = 0;
    for index in 0..count as u32 {
        let (name, member) = member(stored, index)?;
        let ty = within(&member, depth + 1)
            .map_err(|what| format!("compound whose member {name} is of type {what}"))?;
        let size = ty.size();
        fields.push(CompoundField::new(&name, ty, end, index as usize));
        end += size;
    }
    Ok(TypeDescriptor::Compound(CompoundType { fields, size: end }))
}

/// The name and the type of a member of a compound.
fn member(stored: &Datatype, index: u32) -> Result<(String, Datatype), String> {
    let unreadable = || format!("compound whose member {index} cannot be read");
    sync(|| {
        // SAFETY: `stored` is open, and the lock is held. The name is text that ends in 0, of the
        // library's memory, which is given back once; the identifier is new and becomes the
        // handle's own.
        unsafe {
            let text = H5Tget_member_name(stored.id(), index);
            if text.is_null() {
                return Err(unreadable());
            }
            let name = std::ffi::CStr::from_ptr(text)
                .to_string_lossy()
                .into_owned();
            H5free_memory(text.cast());
            let id = H5Tget_member_type(stored.id(), index);
            let member = hdf5::from_id::<Datatype>(id).map_err(|_| unreadable())?;
            Ok((name, member))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdf5::types::TypeDescriptor as T;

    #[test]
    fn gaps_go_and_what_is_no_number_is_named() {
        let number = T::Float(FloatSize::U4);
        let field = |name: &str, ty: &T, at| CompoundField::new(name, ty.clone(), at, 0);
        let gaps = T::Compound(CompoundType {
            fields: vec![
                field("a", &T::Integer(IntSize::U1), 0),
                field("b", &number, 4),
            ],
            size: 12,
        });
        let nested = T::Compound(CompoundType {
            fields: vec![field("in", &gaps, 8)],
            size: 24,
        });
        let stored = |ty: &T| Datatype::from_descriptor(ty).unwrap();
        assert_eq!(native(&stored(&number)).unwrap(), number);
        assert_eq!(native(&stored(&nested)).unwrap().size(), 5);
        for (ty, word) in [
            (T::Boolean, "truth"),
            (T::FixedAscii(4), "text"),
            (T::VarLenUnicode, "text"),
            (T::FixedArray(number.into(), 3), "array"),
        ] {
            let inner = T::Compound(CompoundType {
                fields: vec![field("x", &ty, 0)],
                size: ty.size(),
            });
            for ty in [ty, inner] {
                assert!(native(&stored(&ty)).unwrap_err().contains(word), "{ty}");
            }
        }
    }
}
