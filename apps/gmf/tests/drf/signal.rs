//! A signal of any type, with gaps, that every test of the writer uses.

use std::ops::Range;
use std::path::Path;

use jobwise_gmf::clock::Rate;
use jobwise_gmf::drf::{Cadence, Element, ElementType, Order, Properties, Writer, WriterOptions};
use num_complex::Complex;

/// A rate at which no file but every third begins on a whole sample.
pub(crate) fn rate() -> Rate {
    Rate::new(200, 3).unwrap()
}

/// 2014-03-09T12:30:38.5: the recording passes from one directory of 10 s to the next.
pub(crate) const START: u64 = 92_957_882_567;

/// What is recorded, relative to [`START`]. The second pause is longer than three files.
pub(crate) const PIECES: [Range<u64>; 3] = [0..150, 157..300, 520..560];

/// How the files of a test are stored.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Storage {
    /// Continuous, contiguous, padded.
    Padded,
    /// Continuous, compressed, with checksum.
    Compressed,
    /// Gapped, neither compressed nor checked.
    Gapped,
}

pub(crate) const STORAGES: [Storage; 3] = [Storage::Padded, Storage::Compressed, Storage::Gapped];

/// A sample type whose values tests can make up; none equals the fill value.
pub(crate) trait Sample: Element {
    fn sample(number: u64) -> Self;
}

macro_rules! integer_sample {
    ($($name:ty),*) => {$(
        impl Sample for $name {
            fn sample(number: u64) -> Self {
                match number % 5 {
                    0 => <$name>::MAX,
                    1 => <$name>::MIN + 1,
                    _ => (number.wrapping_mul(2_654_435_761) as $name) | 1,
                }
            }
        }
    )*};
}
integer_sample!(i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! float_sample {
    ($($name:ty),*) => {$(
        impl Sample for $name {
            fn sample(number: u64) -> Self {
                match number % 5 {
                    0 => <$name>::MAX,
                    1 => -<$name>::MIN_POSITIVE,
                    _ => (number % 1_000) as $name / 7.0,
                }
            }
        }
    )*};
}
float_sample!(f32, f64);

/// The sample `offset` after [`START`] of a sub-channel.
pub(crate) fn complex_sample<T: Sample>(offset: u64, subchannel: usize) -> Complex<T> {
    let number = 3 * offset + 1_000 * subchannel as u64;
    Complex::new(T::sample(number), T::sample(number + 1))
}

/// Whether a sample is recorded.
pub(crate) fn is_recorded(offset: u64) -> bool {
    PIECES.iter().any(|piece| piece.contains(&offset))
}

pub(crate) fn properties(element: ElementType, subchannels: usize, storage: Storage) -> Properties {
    let cadence = Cadence::new(10, 1_000).unwrap();
    let is_continuous = !matches!(storage, Storage::Gapped);
    Properties::new(rate(), cadence, element, subchannels, is_continuous)
}

pub(crate) fn options(storage: Storage) -> WriterOptions {
    let compressed = matches!(storage, Storage::Compressed);
    let compression = if compressed { 4 } else { 0 };
    WriterOptions {
        compression,
        checksum: compressed,
        uuid: "0a51f2c2".into(),
    }
}

/// Records the signal, in portions that do not respect the files.
pub(crate) fn record<T: Sample>(
    directory: &Path,
    order: Order,
    is_complex: bool,
    subchannels: usize,
    storage: Storage,
) {
    let element = ElementType {
        kind: T::KIND,
        order,
        is_complex,
    };
    let properties = properties(element, subchannels, storage);
    let mut writer = Writer::create(directory, properties, options(storage)).unwrap();
    for piece in PIECES {
        let (first, last) = (piece.start, piece.end);
        for portion in [first..first + 13, first + 13..last] {
            let samples = portion
                .clone()
                .flat_map(|offset| (0..subchannels).map(move |s| complex_sample::<T>(offset, s)))
                .collect::<Vec<_>>();
            if is_complex {
                writer.write(START + portion.start, &samples).unwrap();
            } else {
                let real = samples.iter().map(|z| z.re).collect::<Vec<_>>();
                writer.write_real(START + portion.start, &real).unwrap();
            }
            assert_eq!(writer.next(), START + portion.end);
        }
    }
    writer.finish().unwrap();
}
