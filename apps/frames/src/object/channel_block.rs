//! One channel of a super-timestream: the bytes of its block, and its samples.
//!
//! A block is a byte that says which parts it has, and the parts: numbers in FLAC (24 bits),
//! numbers in bzip2, one number for all. A sample is the sum of them, and for floats that sum times
//! the channel's quantum. Without parts, the samples stand there as they are.

use std::io::{self, Read, Write};

use bzip2::Compression;
use bzip2::read::BzDecoder;
use bzip2::write::BzEncoder;

use crate::archive::Element;
use crate::flac;

const FLAC: u8 = 1;
const BZIP2: u8 = 2;
const CONSTANT: u8 = 4;

/// Bits of the numbers in FLAC.
const DEPTH: u32 = 24;

/// Why the block of a channel cannot be decoded, or made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It ends before its samples do.
    #[error("the samples of a channel are cut")]
    Cut,
    /// It goes on behind its samples.
    #[error("{0} bytes stand behind the samples of a channel")]
    Behind(usize),
    /// It has parts that are not known.
    #[error("the samples of a channel are stored in a way that is not known ({0})")]
    Unknown(u8),
    /// The length of a part is below 0.
    #[error("a part of a channel has a length of {0} bytes")]
    Length(i32),
    /// What is in FLAC is damaged, or has another number of samples.
    #[error(transparent)]
    Flac(#[from] flac::Error),
    /// What is in bzip2 is damaged, or has another number of samples.
    #[error("the samples of a channel in bzip2 are damaged: {0}")]
    Bzip2(String),
}

/// A type of samples. Bytes of samples, of the numbers in bzip2 and of the one for all are as many
/// as those of the type, lowest first.
pub trait Sample: Element {
    /// A sum of parts as a sample. Sums wrap where the type of the numbers does.
    fn from_whole(whole: i64, quantum: f64) -> Self;

    /// The whole number next to the sample in units of the quantum, if there is one that the format
    /// can hold.
    fn to_whole(self, quantum: f64) -> Option<i64>;
}

macro_rules! samples {
    ($($type:ty, $whole:ty, $from:expr, $to:expr;)*) => {$(
        impl Sample for $type {
            fn from_whole(whole: i64, quantum: f64) -> $type {
                $from(whole as $whole, quantum)
            }

            fn to_whole(self, quantum: f64) -> Option<i64> {
                $to(self, quantum)
            }
        }
    )*};
}

samples! {
    i32, i32, |whole, _| whole, |sample, _| Some(i64::from(sample));
    i64, i64, |whole, _| whole, |sample, _| Some(sample);
    f32, i32, |whole, quantum| (f64::from(whole) * quantum) as f32,
        |sample, quantum| nearest(f64::from(sample) / quantum, f64::from(i32::MAX));
    f64, i64, |whole, quantum| whole as f64 * quantum,
        |sample, quantum| nearest(sample / quantum, 9e18);
}

fn nearest(value: f64, most: f64) -> Option<i64> {
    let rounded = value.round();
    (rounded.abs() <= most).then_some(rounded as i64)
}

/// Decodes the block of a channel of as many samples as `samples` has room for. `quantum` does not
/// matter for whole numbers, nor where samples stand as they are.
///
/// # Errors
/// The block is damaged.
pub fn decode<T: Sample>(block: &[u8], quantum: f64, samples: &mut [T]) -> Result<(), Problem> {
    let (&parts, mut rest) = block.split_first().ok_or(Problem::Cut)?;
    if parts == 0 {
        let bytes = take(&mut rest, samples.len().saturating_mul(T::WIDTH))?;
        for (sample, bytes) in samples.iter_mut().zip(bytes.chunks_exact(T::WIDTH)) {
            *sample = T::from_little(bytes);
        }
        return end(rest);
    }
    if parts & !(FLAC | BZIP2 | CONSTANT) != 0 {
        return Err(Problem::Unknown(parts));
    }
    let flac = part(&mut rest, parts & FLAC != 0)?;
    let bzip2 = part(&mut rest, parts & BZIP2 != 0)?;
    let constant = if parts & CONSTANT == 0 {
        0
    } else {
        whole(take(&mut rest, T::WIDTH)?)
    };
    end(rest)?;

    let expected = samples.len();
    let mut flac = flac.map(flac::Decoder::new).transpose()?;
    let mut bzip2 = bzip2.map(BzDecoder::new);
    let mut buffer = Vec::new();
    let mut rest = samples;
    loop {
        let block = match &mut flac {
            Some(decoder) => decoder.next_block()?,
            None => (!rest.is_empty()).then_some(&[0; 4096][..rest.len().min(4096)]),
        };
        let Some(block) = block else { break };
        if block.len() > rest.len() {
            return Err(count(expected - rest.len() + block.len(), expected));
        }
        let (here, behind) = rest.split_at_mut(block.len());
        if let Some(bzip2) = &mut bzip2 {
            buffer.resize(block.len() * T::WIDTH, 0);
            let read = bzip2.read_exact(&mut buffer);
            read.map_err(|error| Problem::Bzip2(error.to_string()))?;
            let numbers = buffer.chunks_exact(T::WIDTH).map(whole);
            for ((sample, &number), other) in here.iter_mut().zip(block).zip(numbers) {
                let sum = other.wrapping_add(i64::from(number));
                *sample = T::from_whole(sum.wrapping_add(constant), quantum);
            }
        } else {
            for (sample, &number) in here.iter_mut().zip(block) {
                *sample = T::from_whole(constant.wrapping_add(i64::from(number)), quantum);
            }
        }
        rest = behind;
    }
    if !rest.is_empty() {
        return Err(count(expected - rest.len(), expected));
    }
    match bzip2.as_mut().map(|stream| stream.read(&mut [0])) {
        None | Some(Ok(0)) => Ok(()),
        Some(Ok(_)) => Err(Problem::Bzip2("there are more samples".into())),
        Some(Err(error)) => Err(Problem::Bzip2(error.to_string())),
    }
}

fn count(found: usize, expected: usize) -> Problem {
    let (found, expected) = (found as u64, expected as u64);
    Problem::Flac(flac::Error::Count { found, expected })
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], Problem> {
    rest.split_off(..count).ok_or(Problem::Cut)
}

fn part<'a>(rest: &mut &'a [u8], is_there: bool) -> Result<Option<&'a [u8]>, Problem> {
    if !is_there {
        return Ok(None);
    }
    let length = whole(take(rest, 4)?) as i32;
    let count = usize::try_from(length).map_err(|_| Problem::Length(length))?;
    take(rest, count).map(Some)
}

fn end(rest: &[u8]) -> Result<(), Problem> {
    match rest.len() {
        0 => Ok(()),
        count => Err(Problem::Behind(count)),
    }
}

/// A number with a sign, little-endian, of 4 or 8 bytes.
fn whole(bytes: &[u8]) -> i64 {
    match bytes.try_into() {
        Ok(bytes) => i64::from_le_bytes(bytes),
        Err(_) => i64::from(i32::from_little(bytes)),
    }
}

/// Whether floats are whole numbers of quanta, so that nothing is lost when they are encoded.
pub fn is_exact<T: Sample>(samples: &[T], quantum: f64) -> bool {
    let (mut own, mut again) = ([0; 8], [0; 8]);
    samples.iter().all(|&sample| {
        let Some(whole) = sample.to_whole(quantum) else {
            return false;
        };
        sample.store(&mut own[..T::WIDTH]);
        T::from_whole(whole, quantum).store(&mut again[..T::WIDTH]);
        own == again
    })
}

/// Encodes a channel in FLAC and, where numbers need more than 24 bits, bzip2. Floats are rounded
/// to whole numbers of quanta. `None` where a sample is none: then the whole array is stored as it
/// is.
///
/// Whole numbers that would not become shorter stand as they are. Floats never do: the readers of
/// spt3g and so3g multiply them by the quantum all the same.
///
/// # Errors
/// There is no such level of FLAC, or the library of bzip2 refuses.
pub fn encode<T: Sample>(
    samples: &[T],
    quantum: Option<f64>,
    level: u32,
) -> Result<Option<Vec<u8>>, Problem> {
    let unit = quantum.unwrap_or(1.0);
    let Some(wholes) = samples
        .iter()
        .map(|sample| sample.to_whole(unit))
        .collect::<Option<Vec<i64>>>()
    else {
        return Ok(None);
    };
    // Of each sample, FLAC holds what is beyond a multiple of 2^24, which changes only when it
    // must.
    let mut multiple = 0;
    let mut multiples = Vec::with_capacity(wholes.len());
    let mut small = Vec::with_capacity(wholes.len());
    for whole in wholes {
        let least = -(1i64 << (DEPTH - 1));
        let mut left = whole.wrapping_sub(multiple);
        if !(least..-least).contains(&left) {
            multiple = whole.wrapping_sub(least) & least << 1;
            left = whole.wrapping_sub(multiple);
        }
        multiples.push(multiple);
        small.push(left as i32);
    }
    let flac = flac::encode(&small, DEPTH, level)?;
    let mut block = vec![FLAC];
    add_part(&mut block, &flac);
    let first = multiples.first().copied().unwrap_or(0);
    if multiples.iter().any(|&multiple| multiple != first) {
        block[0] |= BZIP2;
        add_part(&mut block, &multiples_in_bzip2(&multiples, T::WIDTH)?);
    } else if first != 0 {
        block[0] |= CONSTANT;
        block.extend_from_slice(&first.to_le_bytes()[..T::WIDTH]);
    }
    if quantum.is_none() && block.len() > samples.len() * T::WIDTH {
        block = vec![0; 1 + samples.len() * T::WIDTH];
        for (place, sample) in block[1..].chunks_exact_mut(T::WIDTH).zip(samples) {
            sample.store(place);
        }
    }
    Ok(Some(block))
}

fn add_part(block: &mut Vec<u8>, part: &[u8]) {
    // A part of 2 GiB makes an array that has no form as bytes: who puts blocks together tells.
    block.extend_from_slice(&(part.len() as u32).to_le_bytes());
    block.extend_from_slice(part);
}

/// Numbers in one stream, each in the low `width` bytes of its own.
fn multiples_in_bzip2(numbers: &[i64], width: usize) -> Result<Vec<u8>, Problem> {
    let bytes = numbers
        .iter()
        .flat_map(|number| number.to_le_bytes().into_iter().take(width));
    in_bzip2(&bytes.collect::<Vec<u8>>()).map_err(|error| Problem::Bzip2(error.to_string()))
}

/// Bytes in one stream of bzip2, as so3g writes them.
pub(super) fn in_bzip2(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = BzEncoder::new(Vec::new(), Compression::new(5));
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_same<T: Sample + Default + PartialEq + std::fmt::Debug>(
        samples: &[T],
        quantum: Option<f64>,
    ) {
        let block = encode(samples, quantum, 5).unwrap().unwrap();
        let mut decoded = vec![T::default(); samples.len()];
        decode(&block, quantum.unwrap_or(1.0), &mut decoded).unwrap();
        assert_eq!(decoded, samples);
        // Every other length is refused.
        let more = decode(&block, 1.0, &mut vec![T::default(); samples.len() + 1]);
        assert!(more.is_err());
        if let Some((_, fewer)) = decoded.split_first_mut() {
            assert!(decode(&block, 1.0, fewer).is_err());
        }
        assert!(decode(&block[..block.len() - 1], 1.0, &mut decoded).is_err());
    }

    proptest! {
        #[test]
        fn channels_are_what_they_were(
            first: i64, steps in prop::collection::vec(-(1i64 << 28)..1 << 28, 0..300),
            near in prop::collection::vec(-30i64..30, 1..300),
        ) {
            let walk = |steps: &[i64]| -> Vec<i64> {
                let step = |at: &mut i64, step: &i64| {
                    *at = at.wrapping_add(*step);
                    Some(*at)
                };
                steps.iter().scan(first, step).collect()
            };
            for steps in [&steps, &near] {
                let wholes = walk(steps);
                is_same(&wholes, None);
                is_same(&wholes.iter().map(|&whole| whole as i32).collect::<Vec<_>>(), None);
            }
            let floats: Vec<f64> = near.iter().map(|&n| n as f64 * 0.25).collect();
            is_same(&floats, Some(0.25));
            let floats: Vec<f32> = steps.iter().map(|&n| n as f32 * 0.25).collect();
            is_same(&floats, Some(0.25));
        }
    }

    #[test]
    fn numbers_of_quanta_are_exact() {
        assert!(is_exact(&[0.25, -7.5, 1e6], 0.25));
        assert!(!is_exact(&[0.25, 0.3], 0.25));
        assert!(!is_exact(&[f32::NAN], 0.25));
        assert!(is_exact(&[i64::MIN, 7], 1.0));
    }

    #[test]
    fn what_is_no_number_of_quanta_is_not_encoded() {
        for sample in [f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(encode(&[0.0, sample], Some(1.0), 5), Ok(None));
        }
        assert_eq!(encode(&[3e9f32], Some(1.0), 5), Ok(None));
    }

    #[test]
    fn numbers_in_bzip2_alone_and_one_number_for_all_are_read() {
        let mut block = vec![BZIP2];
        add_part(&mut block, &multiples_in_bzip2(&[1, -2, 3], 4).unwrap());
        let mut samples = [0f32; 3];
        decode(&block, 0.5, &mut samples).unwrap();
        assert_eq!(
            samples.map(f32::to_bits),
            [0.5f32, -1.0, 1.5].map(f32::to_bits)
        );
        let mut samples = [0i64; 2];
        decode(&[CONSTANT, 7, 0, 0, 0, 0, 0, 0, 0], 1.0, &mut samples).unwrap();
        assert_eq!(samples, [7, 7]);
        let error = decode(&[8], 1.0, &mut samples).unwrap_err();
        assert_eq!(error, Problem::Unknown(8));
        let error = decode(&[FLAC, 255, 255, 255, 255], 1.0, &mut samples).unwrap_err();
        assert_eq!(error, Problem::Length(-1));
    }
}
