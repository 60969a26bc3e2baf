//! Element types of either byte order, as HDF5 stores them.
//!
//! An element is a real number of one of ten kinds, or a complex number: a compound of two members
//! `r` and `i` of the same kind, without padding. HDF5 itself converts the byte order when it reads
//! or writes, so in memory elements are always native. The library has no 16-bit float through
//! these bindings: such data are refused with a message that says so.

use hdf5::datatype::ByteOrder;
use hdf5::types::{FloatSize, IntSize, TypeDescriptor};
use hdf5::{Dataset, Datatype, H5Type, h5check};
use hdf5_sys::h5t::{H5T_order_t, H5Tset_order};
use ndarray::Array1;
use num_complex::Complex;

use super::{Error, Result, descriptor, lengths};

/// The kind of one real number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it all
pub enum Kind {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
}

impl Kind {
    /// Bytes of one real number.
    pub fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// Whether it is a floating-point number.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }

    /// Whether it is an integer without sign.
    pub fn is_unsigned(self) -> bool {
        matches!(self, Self::U8 | Self::U16 | Self::U32 | Self::U64)
    }

    /// The kind of the given class, sign and size in bytes, if there is one.
    pub fn find(is_float: bool, is_unsigned: bool, size: usize) -> Option<Self> {
        Some(match (is_float, is_unsigned, size) {
            (false, false, 1) => Self::I8,
            (false, false, 2) => Self::I16,
            (false, false, 4) => Self::I32,
            (false, false, 8) => Self::I64,
            (false, true, 1) => Self::U8,
            (false, true, 2) => Self::U16,
            (false, true, 4) => Self::U32,
            (false, true, 8) => Self::U64,
            (true, false, 4) => Self::F32,
            (true, false, 8) => Self::F64,
            _ => return None,
        })
    }

    /// The kind of a type, if it is a real number.
    pub fn of(descriptor: &TypeDescriptor) -> Option<Self> {
        match descriptor {
            TypeDescriptor::Integer(size) => Self::find(false, false, *size as usize),
            TypeDescriptor::Unsigned(size) => Self::find(false, true, *size as usize),
            TypeDescriptor::Float(size) => Self::find(true, false, *size as usize),
            _ => None,
        }
    }

    /// Its type in memory and, little-endian, in a file.
    pub fn descriptor(self) -> TypeDescriptor {
        match self {
            Self::I8 => TypeDescriptor::Integer(IntSize::U1),
            Self::I16 => TypeDescriptor::Integer(IntSize::U2),
            Self::I32 => TypeDescriptor::Integer(IntSize::U4),
            Self::I64 => TypeDescriptor::Integer(IntSize::U8),
            Self::U8 => TypeDescriptor::Unsigned(IntSize::U1),
            Self::U16 => TypeDescriptor::Unsigned(IntSize::U2),
            Self::U32 => TypeDescriptor::Unsigned(IntSize::U4),
            Self::U64 => TypeDescriptor::Unsigned(IntSize::U8),
            Self::F32 => TypeDescriptor::Float(FloatSize::U4),
            Self::F64 => TypeDescriptor::Float(FloatSize::U8),
        }
    }
}

/// The order of the bytes of one number in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

/// The type of the elements of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ElementType {
    /// The kind of the real number, or of both parts of the complex one.
    pub kind: Kind,
    /// Byte order in the file.
    pub order: Order,
    /// Whether an element is a pair `r`, `i`.
    pub is_complex: bool,
}

/// For people: `complex f32, little-endian`.
impl std::fmt::Display for ElementType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = format!("{:?}", self.kind).to_lowercase();
        let shape = if self.is_complex { "complex" } else { "real" };
        let order = match self.order {
            Order::Little => "little-endian",
            Order::Big => "big-endian",
        };
        write!(f, "{shape} {part}, {order}")
    }
}

impl ElementType {
    /// Finds out what a dataset holds.
    ///
    /// # Errors
    /// It holds neither real nor complex numbers of one of the ten kinds.
    pub fn of(dataset: &Dataset) -> Result<Self> {
        let datatype = dataset.dtype().map_err(refused(dataset))?;
        let unknown = |what: String| Error::Format {
            path: dataset.filename().into(),
            object: dataset.name(),
            problem: format!(
                "has elements of type {what}; readable are real or complex (r, i) numbers: \
                 integers of 8 to 64 bits, floats of 32 or 64 bits"
            ),
        };
        let Ok(descriptor) = descriptor::of(&datatype) else {
            return Err(unknown(format!(
                "of {} bytes without a name",
                datatype.size()
            )));
        };
        let order = match datatype.byte_order() {
            ByteOrder::BigEndian => Order::Big,
            ByteOrder::LittleEndian | ByteOrder::None => Order::Little,
            other => return Err(unknown(format!("{descriptor} in byte order {other:?}"))),
        };
        if let Some(kind) = Kind::of(&descriptor) {
            return Ok(Self {
                kind,
                order,
                is_complex: false,
            });
        }
        if let TypeDescriptor::Compound(compound) = &descriptor
            && let [r, i] = compound.fields.as_slice()
            && let Some(kind) = Kind::of(&r.ty)
            && (r.name.as_str(), i.name.as_str()) == ("r", "i")
            && i.ty == r.ty
            && (r.offset, i.offset, compound.size) == (0, kind.size(), 2 * kind.size())
        {
            return Ok(Self {
                kind,
                order,
                is_complex: true,
            });
        }
        Err(unknown(descriptor.to_string()))
    }

    /// The HDF5 datatype to create a dataset with.
    ///
    /// # Errors
    /// The library refuses.
    pub fn datatype(self) -> hdf5::Result<Datatype> {
        let descriptor = match self.kind {
            kind if !self.is_complex => kind.descriptor(),
            Kind::I8 => Complex::<i8>::type_descriptor(),
            Kind::I16 => Complex::<i16>::type_descriptor(),
            Kind::I32 => Complex::<i32>::type_descriptor(),
            Kind::I64 => Complex::<i64>::type_descriptor(),
            Kind::U8 => Complex::<u8>::type_descriptor(),
            Kind::U16 => Complex::<u16>::type_descriptor(),
            Kind::U32 => Complex::<u32>::type_descriptor(),
            Kind::U64 => Complex::<u64>::type_descriptor(),
            Kind::F32 => Complex::<f32>::type_descriptor(),
            Kind::F64 => Complex::<f64>::type_descriptor(),
        };
        let datatype = Datatype::from_descriptor(&descriptor)?;
        let order = match self.order {
            Order::Little => H5T_order_t::H5T_ORDER_LE,
            Order::Big => H5T_order_t::H5T_ORDER_BE,
        };
        // SAFETY: the library lock is held; `datatype` is open, new and shared with nobody, so it
        // may be modified. For a compound the library sets the order of every member.
        hdf5::sync::sync(|| h5check(unsafe { H5Tset_order(datatype.id(), order) }))?;
        Ok(datatype)
    }

    /// Bytes of one element in the file.
    pub fn size(self) -> usize {
        self.kind.size() * (1 + usize::from(self.is_complex))
    }
}

/// A real number type of one of the ten kinds.
///
/// Not an extension point: it is implemented for the kinds and for nothing else.
pub trait Element: H5Type + Copy + Default + PartialEq + std::fmt::Debug + Send + Sync {
    /// The kind of this type.
    const KIND: Kind;

    /// What stands for "no sample": NaN, the signed minimum, or 0 for unsigned numbers.
    const FILL: Self;

    /// Bit-wise sameness as far as a fill value needs it: NaN equals NaN.
    fn is(self, other: Self) -> bool;

    /// The nearest 32-bit float.
    fn to_f32(self) -> f32;

    /// The nearest 64-bit float.
    fn to_f64(self) -> f64;

    /// The number of these bytes, the least significant first.
    ///
    /// # Panics
    /// When they are more or fewer than the number has.
    fn from_bytes(bytes: &[u8]) -> Self;
}

macro_rules! integer_element {
    ($($name:ty: $kind:ident),*) => {$(
        impl Element for $name {
            const KIND: Kind = Kind::$kind;
            const FILL: Self = <$name>::MIN;

            fn is(self, other: Self) -> bool {
                self == other
            }

            #[inline]
            #[allow(clippy::cast_lossless)]
            fn to_f32(self) -> f32 {
                self as f32
            }

            #[allow(clippy::cast_lossless)]
            fn to_f64(self) -> f64 {
                self as f64
            }

            #[inline]
            fn from_bytes(bytes: &[u8]) -> Self {
                let mut own = [0; size_of::<Self>()];
                own.copy_from_slice(bytes);
                Self::from_le_bytes(own)
            }
        }
    )*};
}
integer_element!(i8: I8, i16: I16, i32: I32, i64: I64, u8: U8, u16: U16, u32: U32, u64: U64);

macro_rules! float_element {
    ($($name:ty: $kind:ident),*) => {$(
        impl Element for $name {
            const KIND: Kind = Kind::$kind;
            const FILL: Self = <$name>::NAN;

            #[allow(clippy::float_cmp)] // a fill value is stored exactly
            fn is(self, other: Self) -> bool {
                self == other || (self.is_nan() && other.is_nan())
            }

            #[inline]
            fn to_f32(self) -> f32 {
                self as f32
            }

            #[allow(clippy::cast_lossless)]
            fn to_f64(self) -> f64 {
                self as f64
            }

            #[inline]
            fn from_bytes(bytes: &[u8]) -> Self {
                let mut own = [0; size_of::<Self>()];
                own.copy_from_slice(bytes);
                Self::from_le_bytes(own)
            }
        }
    )*};
}
float_element!(f32: F32, f64: F64);

/// The fill value stored with a dataset, or [`Element::FILL`] if it has none of its own type.
///
/// For real data the imaginary part is 0.
///
/// # Errors
/// The library refuses.
pub fn fill_value<T: Element>(dataset: &Dataset, is_complex: bool) -> Result<Complex<T>> {
    let stored = dataset.fill_value().map_err(refused(dataset))?;
    let zero = T::default();
    Ok(match stored {
        Some(value) if is_complex => value
            .cast::<Complex<T>>()
            .unwrap_or(Complex::new(T::FILL, T::FILL)),
        Some(value) => Complex::new(value.cast::<T>().unwrap_or(T::FILL), zero),
        None if is_complex => Complex::new(T::FILL, T::FILL),
        None => Complex::new(T::FILL, zero),
    })
}

/// Reads rows of one column of a dataset of shape (rows, columns) in native byte order.
///
/// Real elements get the imaginary part 0.
///
/// # Errors
/// The rows or the column lie outside the dataset, `T` is not its kind, or the library refuses.
pub fn read_column<T: Element>(
    dataset: &Dataset,
    is_complex: bool,
    rows: std::ops::Range<usize>,
    column: usize,
) -> Result<Vec<Complex<T>>> {
    let window = ndarray::s![rows, column];
    if is_complex {
        let values: Array1<Complex<T>> = lengths::read_slice(dataset, window)?;
        Ok(values.into_raw_vec_and_offset().0)
    } else {
        let values: Array1<T> = lengths::read_slice(dataset, window)?;
        Ok(values
            .into_iter()
            .map(|re| Complex::new(re, T::default()))
            .collect())
    }
}

fn refused(dataset: &Dataset) -> impl FnOnce(hdf5::Error) -> Error {
    |source| Error::Hdf5 {
        path: dataset.filename().into(),
        object: dataset.name(),
        source,
    }
}

#[cfg(test)]
mod tests;
