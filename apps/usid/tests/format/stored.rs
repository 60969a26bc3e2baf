//! Datasets of every type that HDF5 can store in two dimensions.

use hdf5::types::{EnumMember, EnumType, FloatSize, IntSize, TypeDescriptor};
use hdf5::{Dataset, Datatype, Group};
use hdf5_sys::h5d::{H5Dcreate2, H5Dwrite};
use hdf5_sys::h5p::H5P_DEFAULT;
use hdf5_sys::h5s::H5S_ALL;
use hdf5_sys::h5t::{
    H5T_NATIVE_B16, H5T_UNIX_D32LE, H5T_class_t, H5T_order_t, H5Tcopy, H5Tcreate, H5Tinsert,
    H5Tset_ebias, H5Tset_fields, H5Tset_offset, H5Tset_order, H5Tset_precision, H5Tset_size,
};
use jobwise_hdf5::numbers;

/// A type with a name; `numbers` where it stands for numbers.
pub(super) struct Stored {
    pub(super) name: String,
    pub(super) kind: Datatype,
    pub(super) is_real: bool,
    pub(super) is_number: bool,
}

fn datatype(descriptor: &TypeDescriptor) -> Datatype {
    Datatype::from_descriptor(descriptor).unwrap()
}

/// Changes a new type.
fn changed(kind: Datatype, change: impl Fn(i64) -> i32) -> Datatype {
    assert!(change(kind.id()) >= 0);
    kind
}

/// The same with the high byte first, also in members.
fn big(kind: &Datatype) -> Datatype {
    let kind = raw(|| {
        // SAFETY: the type is open; the identifier is new.
        unsafe { H5Tcopy(kind.id()) }
    });
    changed(kind, |id| {
        hdf5::sync::sync(|| {
            // SAFETY: the library's lock is held; the type is open, new, and nobody else's.
            unsafe { H5Tset_order(id, H5T_order_t::H5T_ORDER_BE) }
        })
    })
}

/// A float of 16 bits with the exponent of one of 32.
fn brain_float() -> Datatype {
    let float = datatype(&TypeDescriptor::Float(FloatSize::U4));
    changed(float, |id| {
        hdf5::sync::sync(|| {
            // SAFETY: as in `big`.
            unsafe {
                H5Tset_fields(id, 15, 7, 8, 0, 7);
                H5Tset_precision(id, 16);
                H5Tset_ebias(id, 127);
                H5Tset_size(id, 2)
            }
        })
    })
}

/// An integer of 12 bits somewhere in 16.
fn twelve_bits(signed: bool) -> Datatype {
    let integer = if signed {
        TypeDescriptor::Integer(IntSize::U2)
    } else {
        TypeDescriptor::Unsigned(IntSize::U2)
    };
    changed(datatype(&integer), |id| {
        hdf5::sync::sync(|| {
            // SAFETY: as in `big`.
            unsafe {
                H5Tset_precision(id, 12);
                H5Tset_offset(id, 3)
            }
        })
    })
}

/// A type that the safe binding cannot describe.
fn raw(make: impl Fn() -> i64) -> Datatype {
    // SAFETY: the identifier is new and becomes the handle's own.
    hdf5::sync::sync(|| unsafe { hdf5::from_id::<Datatype>(make()) }).unwrap()
}

/// A compound of members at these places.
fn compound(fields: &[(&str, &Datatype, usize)], size: usize) -> Datatype {
    let made = raw(|| {
        // SAFETY: the library's lock is held; the identifier is new.
        unsafe { H5Tcreate(H5T_class_t::H5T_COMPOUND, size) }
    });
    for (name, ty, at) in fields {
        let name = std::ffi::CString::new(*name).unwrap();
        let inserted = hdf5::sync::sync(|| {
            // SAFETY: both types are open, the new one nobody else's; the name ends in 0.
            unsafe { H5Tinsert(made.id(), name.as_ptr(), *at, ty.id()) }
        });
        assert!(inserted >= 0);
    }
    made
}

fn reals() -> Vec<(&'static str, TypeDescriptor)> {
    use FloatSize as F;
    use IntSize as I;
    use TypeDescriptor::{Float, Integer, Unsigned};
    vec![
        ("i8", Integer(I::U1)),
        ("i16", Integer(I::U2)),
        ("i32", Integer(I::U4)),
        ("i64", Integer(I::U8)),
        ("u8", Unsigned(I::U1)),
        ("u16", Unsigned(I::U2)),
        ("u32", Unsigned(I::U4)),
        ("u64", Unsigned(I::U8)),
        ("f16", Float(F::U2)),
        ("f32", Float(F::U4)),
        ("f64", Float(F::U8)),
    ]
}

/// All types.
pub(super) fn all() -> Vec<Stored> {
    let stored = |name: String, kind, is_real, is_number| Stored {
        name,
        kind,
        is_real,
        is_number,
    };
    let mut all = Vec::new();
    for (name, ty) in reals() {
        let kind = datatype(&ty);
        all.push(stored(format!("{name} big-endian"), big(&kind), true, true));
        all.push(stored(name.to_owned(), kind, true, true));
    }
    for (name, kind) in [
        ("bf16", brain_float()),
        ("u12", twelve_bits(false)),
        ("i12 big-endian", big(&twelve_bits(true))),
    ] {
        all.push(stored(name.to_owned(), kind, true, true));
    }
    for (name, kind) in compounds() {
        all.push(stored(
            format!("{name} big-endian"),
            big(&kind),
            false,
            true,
        ));
        all.push(stored(name.to_owned(), kind, false, true));
    }
    let others = others().into_iter();
    all.extend(others.map(|(name, kind)| stored(name.to_owned(), kind, false, false)));
    all
}

fn compounds() -> Vec<(&'static str, Datatype)> {
    let float = datatype(&TypeDescriptor::Float(FloatSize::U4));
    let double = datatype(&TypeDescriptor::Float(FloatSize::U8));
    let byte = datatype(&TypeDescriptor::Unsigned(IntSize::U1));
    let word = datatype(&TypeDescriptor::Integer(IntSize::U2));
    let pair = |names: [&str; 2], kinds: [&Datatype; 2], places: [usize; 2], size| {
        let [a, b] = [0, 1].map(|k| (names[k], kinds[k], places[k]));
        compound(&[a, b], size)
    };
    let (complex, ab) = (["r", "i"], ["a", "b"]);
    let doubles = pair(complex, [&double, &double], [0, 8], 16);
    let other = big(&word);
    vec![
        ("complex f64", doubles.clone()),
        ("complex i16", pair(complex, [&word, &word], [0, 2], 4)),
        (
            "padded complex",
            pair(complex, [&float, &float], [4, 12], 24),
        ),
        ("re and im", pair(["re", "im"], [&float, &float], [0, 4], 8)),
        ("packed", pair(ab, [&byte, &double], [0, 1], 9)),
        ("aligned", pair(ab, [&byte, &double], [0, 8], 16)),
        ("out of order", pair(ab, [&double, &byte], [8, 0], 16)),
        ("nested", pair(ab, [&doubles, &word], [8, 2], 32)),
        ("mixed", pair(ab, [&other, &word], [8, 2], 32)),
    ]
}

/// Types of no numbers, and of numbers that are too wide.
fn others() -> Vec<(&'static str, Datatype)> {
    let single = TypeDescriptor::Float(FloatSize::U4);
    let float = datatype(&single);
    let text = datatype(&TypeDescriptor::FixedAscii(4));
    let truth = datatype(&TypeDescriptor::Boolean);
    let member = |name: &str, value| EnumMember {
        name: name.to_owned(),
        value,
    };
    let colours = TypeDescriptor::Enum(EnumType {
        size: IntSize::U1,
        signed: true,
        members: vec![member("red", 0), member("blue", 5)],
    });
    let within = |kind: &Datatype| compound(&[("a", &float, 0), ("b", kind, 4)], 8);
    let opaque = raw(|| {
        // SAFETY: the library's lock is held; the identifier is new.
        unsafe { H5Tcreate(H5T_class_t::H5T_OPAQUE, 5) }
    });
    let copied = |constant: &dyn Fn() -> i64| {
        raw(|| {
            // SAFETY: the library's lock is held, and the constant is one of its types; the
            // identifier is new.
            unsafe { H5Tcopy(constant()) }
        })
    };
    let wide = changed(datatype(&TypeDescriptor::Float(FloatSize::U8)), |id| {
        hdf5::sync::sync(|| {
            // SAFETY: as in `big`.
            unsafe {
                H5Tset_size(id, 16);
                H5Tset_precision(id, 128);
                H5Tset_fields(id, 127, 112, 15, 0, 112);
                H5Tset_ebias(id, 16383)
            }
        })
    });
    let reference = TypeDescriptor::Reference(hdf5::types::Reference::Object);
    vec![
        ("text within", within(&text)),
        ("truth within", within(&truth)),
        ("truth", truth),
        ("text", text),
        ("enumeration", datatype(&colours)),
        ("any text", datatype(&TypeDescriptor::VarLenUnicode)),
        (
            "array",
            datatype(&TypeDescriptor::FixedArray(Box::new(single.clone()), 3)),
        ),
        (
            "sequence",
            datatype(&TypeDescriptor::VarLenArray(Box::new(single))),
        ),
        ("reference", datatype(&reference)),
        ("opaque", opaque),
        ("bit field", copied(&|| *H5T_NATIVE_B16)),
        ("time", copied(&|| *H5T_UNIX_D32LE)),
        ("f128", wide),
    ]
}

/// A dataset of a type.
pub(super) fn create(group: &Group, name: &str, kind: &Datatype, shape: [usize; 2]) -> Dataset {
    let space = hdf5::Dataspace::try_new(shape).unwrap();
    let text = std::ffi::CString::new(name).unwrap();
    hdf5::sync::sync(|| {
        // SAFETY: group, type and space are open, the name ends in 0; the identifier is new.
        let id = unsafe {
            H5Dcreate2(
                group.id(),
                text.as_ptr(),
                kind.id(),
                space.id(),
                H5P_DEFAULT,
                H5P_DEFAULT,
                H5P_DEFAULT,
            )
        };
        // SAFETY: it is the handle's own.
        unsafe { hdf5::from_id(id) }.unwrap()
    })
}

/// Writes small whole numbers into a dataset, which the library converts from native ones; nothing
/// where it is of no numbers.
pub(super) fn fill(dataset: &Dataset, number: impl Fn(usize) -> f64) {
    let stored = dataset.dtype().unwrap();
    let Ok(native) = numbers::native(&stored) else {
        return;
    };
    let element = jobwise_usid::format::Element::of(dataset).unwrap();
    let (cells, reals) = (dataset.size(), element.reals());
    let mut bytes = Vec::new();
    for cell in 0..cells {
        let numbers: Vec<f64> = (0..reals).map(|k| number(cell) + k as f64).collect();
        assert!(element.encode(&numbers, &mut bytes).is_none(), "{stored}");
    }
    let kind = datatype(&native);
    let written = hdf5::sync::sync(|| {
        // SAFETY: dataset and type are open; the bytes are those of all cells in the native type,
        // without pointers.
        unsafe {
            H5Dwrite(
                dataset.id(),
                kind.id(),
                H5S_ALL,
                H5S_ALL,
                H5P_DEFAULT,
                bytes.as_ptr().cast(),
            )
        }
    });
    assert!(written >= 0);
}
