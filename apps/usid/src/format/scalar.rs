use std::fmt;

use half::f16;
use hdf5::types::{FloatSize, TypeDescriptor};
use jobwise_hdf5::element::{Kind, Order};
use pulp::Arch;

use super::Losses;

/// A real number as it lies in memory and in the files that we write: little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// A 16-bit float.
    Half,
    /// One of the usual kinds.
    Of(Kind),
}

impl Scalar {
    /// A 32-bit float.
    pub const F32: Scalar = Scalar::Of(Kind::F32);
    /// A 64-bit float.
    pub const F64: Scalar = Scalar::Of(Kind::F64);

    /// A mark of a position: 0 or 1.
    pub const MARK: Scalar = Scalar::Of(Kind::U8);

    /// All of them.
    pub const ALL: [Scalar; 11] = [
        Scalar::Half,
        Scalar::F32,
        Scalar::F64,
        Scalar::Of(Kind::I8),
        Scalar::Of(Kind::I16),
        Scalar::Of(Kind::I32),
        Scalar::Of(Kind::I64),
        Scalar::Of(Kind::U8),
        Scalar::Of(Kind::U16),
        Scalar::Of(Kind::U32),
        Scalar::Of(Kind::U64),
    ];

    /// The number of a native HDF5 type; `None` where it is none.
    pub(super) fn find(kind: &TypeDescriptor) -> Option<Scalar> {
        match kind {
            TypeDescriptor::Float(FloatSize::U2) => Some(Scalar::Half),
            other => Kind::of(other).map(Scalar::Of),
        }
    }

    /// The one of this name, as they are shown: `u16`, `f32`.
    pub fn parse(name: &str) -> Option<Scalar> {
        Scalar::ALL.into_iter().find(|it| it.to_string() == name)
    }

    /// Its HDF5 type.
    pub(super) fn descriptor(self) -> TypeDescriptor {
        match self {
            Scalar::Half => TypeDescriptor::Float(FloatSize::U2),
            Scalar::Of(kind) => kind.descriptor(),
        }
    }

    /// Its bytes.
    pub fn size(self) -> usize {
        match self {
            Scalar::Half => 2,
            Scalar::Of(kind) => kind.size(),
        }
    }

    /// Whether it is a float.
    pub fn is_float(self) -> bool {
        match self {
            Scalar::Half => true,
            Scalar::Of(kind) => kind.is_float(),
        }
    }

    /// The float that holds every one of its numbers, as far as 64 bits go: of 32 bits for up to
    /// 16, or else of 64.
    #[must_use]
    pub fn float(self) -> Scalar {
        match self {
            Scalar::Of(Kind::F64) => Scalar::F64,
            Scalar::Of(Kind::F32) => Scalar::F32,
            other if other.size() <= 2 => Scalar::F32,
            _ => Scalar::F64,
        }
    }

    /// Turns numbers of another byte order round.
    pub(crate) fn reorder(self, order: Order, bytes: &mut [u8]) {
        if order == Order::Big {
            for number in bytes.chunks_exact_mut(self.size()) {
                number.reverse();
            }
        }
    }

    /// Appends the numbers that lie at `place` of every `stride` bytes; what was lost on the way.
    pub(super) fn gather(
        self,
        cells: &[u8],
        stride: usize,
        place: usize,
        into: &mut Vec<f64>,
    ) -> Losses {
        macro_rules! all {
            ($($kind:ident: $t:ty),*) => {
                match self {
                    Scalar::Half => take(cells, stride, place, into, |b| f16::from_le_bytes(b).to_f64()),
                    $(Scalar::Of(Kind::$kind) => {
                        #[allow(clippy::cast_lossless)]
                        take(cells, stride, place, into, |b| <$t>::from_le_bytes(b) as f64);
                    })*
                }
            };
        }
        let first = into.len();
        all!(I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64, F32: f32, F64: f64);
        let mut losses = Losses::default();
        let limit = 2_f64.powi(53);
        if matches!(self, Scalar::Of(Kind::I64 | Kind::U64))
            && into[first..].iter().any(|x| x.abs() >= limit)
        {
            let exact = |bytes: [u8; 8], number: f64| match self {
                Scalar::Of(Kind::I64) => i128::from(i64::from_le_bytes(bytes)) == number as i128,
                _ => i128::from(u64::from_le_bytes(bytes)) == number as i128,
            };
            let cells = cells.chunks_exact(stride).zip(&into[first..]);
            losses.coarse = cells
                .filter(|(cell, number)| {
                    cell[place..]
                        .first_chunk()
                        .is_some_and(|&bytes| !exact(bytes, **number))
                })
                .count();
        }
        losses
    }

    /// Stores the numbers at `place` of every `stride` bytes; what was lost on the way.
    ///
    /// Floats are rounded to their width. Integers are rounded to the nearest, halves to the even
    /// one, and end at their limits; NaN becomes 0.
    pub(super) fn scatter(
        self,
        numbers: &[f64],
        cells: &mut [u8],
        stride: usize,
        place: usize,
    ) -> Losses {
        macro_rules! all {
            ($($kind:ident: $t:ty),*) => {
                match self {
                    Scalar::Half => {
                        put(numbers, cells, stride, place, |x| f16::from_f64(x).to_le_bytes());
                        narrowed(numbers, f16::MIN_POSITIVE.to_f64(), |x| f16::from_f64(x).to_f64())
                    }
                    Scalar::Of(Kind::F32) if stride == 4 => {
                        let range = put_singles(numbers, cells.as_chunks_mut().0);
                        if f32::MIN_POSITIVE <= range.0 && range.1 <= f32::MAX {
                            return Losses::default();
                        }
                        narrowed(numbers, f64::from(f32::MIN_POSITIVE), |x| f64::from(x as f32))
                    }
                    Scalar::Of(Kind::F32) => {
                        put(numbers, cells, stride, place, |x| (x as f32).to_le_bytes());
                        narrowed(numbers, f64::from(f32::MIN_POSITIVE), |x| f64::from(x as f32))
                    }
                    Scalar::Of(Kind::F64) => {
                        put(numbers, cells, stride, place, f64::to_le_bytes);
                        Losses::default()
                    }
                    $(Scalar::Of(Kind::$kind) => {
                        // The conversion ends at the limits.
                        put(numbers, cells, stride, place, |x| (x.round_ties_even() as $t).to_le_bytes());
                        made_whole(numbers, <$t>::MIN.into(), <$t>::MAX.into())
                    })*
                }
            };
        }
        all!(I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64)
    }
}

fn take<const N: usize>(
    cells: &[u8],
    stride: usize,
    place: usize,
    into: &mut Vec<f64>,
    read: impl Fn([u8; N]) -> f64,
) {
    if stride == N {
        into.extend(cells.as_chunks().0.iter().map(|&bytes| read(bytes)));
    } else {
        let field = |cell: &[u8]| cell[place..].first_chunk().copied();
        into.extend(cells.chunks_exact(stride).filter_map(field).map(read));
    }
}

fn put<const N: usize>(
    numbers: &[f64],
    cells: &mut [u8],
    stride: usize,
    place: usize,
    write: impl Fn(f64) -> [u8; N],
) {
    for (cell, &number) in cells.chunks_exact_mut(stride).zip(numbers) {
        cell[place..place + N].copy_from_slice(&write(number));
    }
}

/// Stores 32-bit floats next to each other; the smallest and the largest of their magnitudes. NaN
/// is larger than all.
fn put_singles(numbers: &[f64], cells: &mut [[u8; 4]]) -> (f32, f32) {
    // Each is rounded the same way whatever instructions there are, and magnitudes are integers.
    let (least, most) = Arch::new().dispatch(|| store_singles(numbers, cells));
    (f32::from_bits(least), f32::from_bits(most))
}

/// As [`put_singles`], which gives the bits of the magnitudes: these are in the order of the
/// numbers.
#[inline(always)]
#[allow(clippy::inline_always)] // only what is inlined gets the instructions that there are
fn store_singles(numbers: &[f64], cells: &mut [[u8; 4]]) -> (u32, u32) {
    let (mut least, mut most) = (f32::MAX.to_bits(), 0);
    for (&number, cell) in numbers.iter().zip(cells) {
        let single = number as f32;
        let magnitude = single.abs().to_bits();
        least = least.min(magnitude);
        most = most.max(magnitude);
        *cell = single.to_le_bytes();
    }
    (least, most)
}

/// What numbers lose that become floats of another width, of which `least` is the smallest with all
/// its digits.
#[allow(clippy::float_cmp)] // a small number is kept, or it is not
fn narrowed(numbers: &[f64], least: f64, stored: impl Fn(f64) -> f64) -> Losses {
    let mut losses = Losses::default();
    for &x in numbers.iter().filter(|x| x.is_finite()) {
        let y = stored(x);
        losses.infinite += usize::from(y.is_infinite());
        losses.vanished += usize::from(y.abs() < least && y != x);
    }
    losses
}

/// What numbers lose that become integers between these limits.
#[allow(clippy::float_cmp)] // a number is whole, or it is not
fn made_whole(numbers: &[f64], least: i128, most: i128) -> Losses {
    let mut losses = Losses::default();
    for &x in numbers {
        if x.is_nan() {
            losses.undefined += 1;
            continue;
        }
        let whole = x.round_ties_even();
        if x.is_infinite() || !(least..=most).contains(&(whole as i128)) {
            losses.clipped += 1;
        } else if whole != x {
            losses.rounded += 1;
        }
    }
    losses
}

/// For people: `f32`.
impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Half => f.write_str("f16"),
            Scalar::Of(kind) => f.write_str(&format!("{kind:?}").to_lowercase()),
        }
    }
}
