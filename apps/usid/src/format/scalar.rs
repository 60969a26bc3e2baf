use std::fmt;

use half::f16;
use hdf5::types::{FloatSize, TypeDescriptor};
use jobwise_kit::h5::element::{Kind, Order};

/// A real number as it lies in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scalar {
    number: Number,
    order: Order,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    /// A 16-bit float.
    Half,
    Of(Kind),
}

impl Scalar {
    /// A 32-bit float, little-endian.
    pub const F32: Scalar = Scalar::little(Kind::F32);
    /// A 64-bit float, little-endian.
    pub const F64: Scalar = Scalar::little(Kind::F64);

    /// A number of this kind, little-endian.
    pub const fn little(kind: Kind) -> Scalar {
        Scalar::new(kind, Order::Little)
    }

    /// A number of this kind in this byte order.
    pub const fn new(kind: Kind, order: Order) -> Scalar {
        Scalar {
            number: Number::Of(kind),
            order,
        }
    }

    /// A 16-bit float.
    pub const fn half(order: Order) -> Scalar {
        Scalar {
            number: Number::Half,
            order,
        }
    }

    /// The number of an HDF5 type; `None` where it is none.
    pub(super) fn find(kind: &TypeDescriptor, order: Order) -> Option<Scalar> {
        let number = match kind {
            TypeDescriptor::Float(FloatSize::U2) => Number::Half,
            other => Number::Of(Kind::of(other)?),
        };
        Some(Scalar { number, order })
    }

    /// Its HDF5 type, little-endian.
    pub(super) fn descriptor(self) -> TypeDescriptor {
        match self.number {
            Number::Half => TypeDescriptor::Float(FloatSize::U2),
            Number::Of(kind) => kind.descriptor(),
        }
    }

    /// The same number, little-endian.
    #[must_use]
    pub fn little_endian(self) -> Scalar {
        Scalar {
            order: Order::Little,
            ..self
        }
    }

    /// Its bytes.
    pub fn size(self) -> usize {
        match self.number {
            Number::Half => 2,
            Number::Of(kind) => kind.size(),
        }
    }

    /// Appends the numbers that lie at `place` of every `stride` bytes.
    pub(super) fn gather(self, cells: &[u8], stride: usize, place: usize, into: &mut Vec<f64>) {
        macro_rules! all {
            ($($kind:ident: $t:ty),*) => {
                match self.number {
                    Number::Half => take(self.order, cells, stride, place, into, |b| f16::from_le_bytes(b).to_f64()),
                    $(Number::Of(Kind::$kind) => {
                        #[allow(clippy::cast_lossless)]
                        take(self.order, cells, stride, place, into, |b| <$t>::from_le_bytes(b) as f64);
                    })*
                }
            };
        }
        all!(I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64, F32: f32, F64: f64);
    }

    /// Stores the numbers at `place` of every `stride` bytes.
    ///
    /// Floats are rounded to their width. Integers are rounded to the nearest, halves to the even one, and end at their limits;
    /// NaN becomes 0.
    pub(super) fn scatter(self, numbers: &[f64], cells: &mut [u8], stride: usize, place: usize) {
        macro_rules! all {
            ($($kind:ident: $t:ty, $round:expr);*) => {
                match self.number {
                    Number::Half => put(self.order, numbers, cells, stride, place, |x| f16::from_f64(x).to_le_bytes()),
                    $(Number::Of(Kind::$kind) => put(self.order, numbers, cells, stride, place, |x| {
                        // The conversion ends at the limits.
                        ($round(x) as $t).to_le_bytes()
                    }),)*
                }
            };
        }
        let nearest = f64::round_ties_even;
        let same = std::convert::identity::<f64>;
        all!(I8: i8, nearest; I16: i16, nearest; I32: i32, nearest; I64: i64, nearest; U8: u8, nearest; U16: u16, nearest;
            U32: u32, nearest; U64: u64, nearest; F32: f32, same; F64: f64, same);
    }
}

fn take<const N: usize>(
    order: Order,
    cells: &[u8],
    stride: usize,
    place: usize,
    into: &mut Vec<f64>,
    read: impl Fn([u8; N]) -> f64,
) {
    let read = |mut bytes: [u8; N]| {
        if order == Order::Big {
            bytes.reverse();
        }
        read(bytes)
    };
    if stride == N {
        into.extend(cells.as_chunks().0.iter().map(|&bytes| read(bytes)));
    } else {
        let field = |cell: &[u8]| cell[place..].first_chunk().copied();
        into.extend(cells.chunks_exact(stride).filter_map(field).map(read));
    }
}

fn put<const N: usize>(
    order: Order,
    numbers: &[f64],
    cells: &mut [u8],
    stride: usize,
    place: usize,
    write: impl Fn(f64) -> [u8; N],
) {
    for (cell, &number) in cells.chunks_exact_mut(stride).zip(numbers) {
        let mut bytes = write(number);
        if order == Order::Big {
            bytes.reverse();
        }
        cell[place..place + N].copy_from_slice(&bytes);
    }
}

/// For people: `f32`; `f32 big-endian`.
impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            Number::Half => f.write_str("f16")?,
            Number::Of(kind) => f.write_str(&format!("{kind:?}").to_lowercase())?,
        }
        match self.order {
            Order::Big if self.size() > 1 => f.write_str(" big-endian"),
            _ => Ok(()),
        }
    }
}
