//! Datasets of every type that HDF5 can store in two dimensions.

use hdf5::types::{FloatSize, IntSize, TypeDescriptor};
use hdf5::{Dataset, Datatype, Group};
use hdf5_sys::h5d::{H5Dcreate2, H5Dwrite};
use hdf5_sys::h5p::H5P_DEFAULT;
use hdf5_sys::h5s::H5S_ALL;
use hdf5_sys::h5t::{
    H5T_NATIVE_B16, H5T_UNIX_D32LE, H5T_class_t, H5T_order_t, H5Tcopy, H5Tcreate, H5Tinsert,
    H5Tset_ebias, H5Tset_fields, H5Tset_offset, H5Tset_order, H5Tset_precision, H5Tset_size,
};
use jobwise_kit::h5::numbers;

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
fn big(kind: Datatype) -> Datatype {
    let kind = raw(|| {
        // SAFETY: the type is open; the identifier is new.
        unsafe { H5Tcopy(kind.id()) }
    });
    // SAFETY: the type is open, new, and nobody else's; tests of this executable hold the library's lock one at a time.
    changed(kind, |id| {
        hdf5::sync::sync(|| unsafe { H5Tset_order(id, H5T_order_t::H5T_ORDER_BE) })
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
    let integer = match signed {
        true => TypeDescriptor::Integer(IntSize::U2),
        false => TypeDescriptor::Unsigned(IntSize::U2),
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
    let mut all = Vec::new();
    let mut add = |name: &str, kind: Datatype, is_real: bool, is_number: bool| {
        all.push(Stored {
            name: name.to_owned(),
            kind,
            is_real,
            is_number,
        });
    };
    for (name, ty) in reals() {
        add(name, datatype(&ty), true, true);
        add(
            &format!("{name} big-endian"),
            big(datatype(&ty)),
            true,
            true,
        );
    }
    add("bf16", brain_float(), true, true);
    add("u12", twelve_bits(false), true, true);
    add("i12 big-endian", big(twelve_bits(true)), true, true);
    let single = TypeDescriptor::Float(FloatSize::U4);
    let float = datatype(&single);
    let double = datatype(&TypeDescriptor::Float(FloatSize::U8));
    let byte = datatype(&TypeDescriptor::Unsigned(IntSize::U1));
    let word = datatype(&TypeDescriptor::Integer(IntSize::U2));
    let text = datatype(&TypeDescriptor::FixedAscii(4));
    let truth = datatype(&TypeDescriptor::Boolean);
    let complex = compound(&[("r", &double, 0), ("i", &double, 8)], 16);
    let compounds = [
        ("complex f64", complex.clone()),
        (
            "complex i16",
            compound(&[("r", &word, 0), ("i", &word, 2)], 4),
        ),
        (
            "padded complex",
            compound(&[("r", &float, 4), ("i", &float, 12)], 24),
        ),
        (
            "complex by other names",
            compound(&[("re", &float, 0), ("im", &float, 4)], 8),
        ),
        ("packed", compound(&[("a", &byte, 0), ("b", &double, 1)], 9)),
        (
            "aligned",
            compound(&[("a", &byte, 0), ("b", &double, 8)], 16),
        ),
        (
            "out of order",
            compound(&[("a", &double, 8), ("b", &byte, 0)], 16),
        ),
        (
            "nested",
            compound(&[("z", &complex, 8), ("n", &word, 2)], 32),
        ),
        (
            "mixed",
            compound(&[("z", &big(word.clone()), 8), ("n", &word, 2)], 32),
        ),
    ];
    for (name, kind) in compounds {
        add(name, kind.clone(), false, true);
        add(&format!("{name} big-endian"), big(kind), false, true);
    }
    let others = [
        ("truth", truth.clone()),
        ("text", text.clone()),
        ("any text", datatype(&TypeDescriptor::VarLenUnicode)),
        (
            "array",
            datatype(&TypeDescriptor::FixedArray(Box::new(single.clone()), 3)),
        ),
        (
            "sequence",
            datatype(&TypeDescriptor::VarLenArray(Box::new(single))),
        ),
        (
            "text within",
            compound(&[("a", &float, 0), ("b", &text, 4)], 8),
        ),
        (
            "truth within",
            compound(&[("a", &float, 0), ("b", &truth, 4)], 5),
        ),
    ];
    for (name, kind) in others {
        add(name, kind, false, false);
    }
    // SAFETY: constants of the library, which is open; the identifiers are new.
    let opaque = raw(|| unsafe { H5Tcreate(H5T_class_t::H5T_OPAQUE, 5) });
    let bits = raw(|| unsafe { H5Tcopy(*H5T_NATIVE_B16) });
    let time = raw(|| unsafe { H5Tcopy(*H5T_UNIX_D32LE) });
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
    for (name, kind) in [
        ("opaque", opaque),
        ("bit field", bits),
        ("time", time),
        ("f128", wide),
    ] {
        add(name, kind, false, false);
    }
    all
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

/// Writes small whole numbers into a dataset, which the library converts from native ones; nothing where it is of no numbers.
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
        // SAFETY: dataset and type are open; the bytes are those of all cells in the native type, without pointers.
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
