//! Samples of timestreams as FLAC.

use super::decoder::Decoder;
use super::encoder::Encoder;
use super::{Compression, Samples, Units};
use crate::archive::Result;
use crate::flac;

/// The most samples that one timestream can have: 8 GiB of them. A stream of a few bytes can stand
/// for very many samples.
const MOST: usize = 1 << 30;

/// Whether samples in these units can be compressed.
pub(super) fn fits(units: Units) -> bool {
    matches!(units, Units::NONE | Units::COUNTS)
}

/// Samples of which no FLAC integer tells.
enum Invalid {
    None,
    All,
    /// One truth value per sample.
    Some(Vec<bool>),
}

/// Compressed samples of a type, behind the number of that type; and the length of their stream.
pub(super) fn read(from: &mut Decoder<'_>, code: u32) -> Result<(Samples, usize)> {
    let invalid = match from.number::<u8>()? {
        0 => Invalid::None,
        1 => Invalid::All,
        2 => Invalid::Some(from.vector()?),
        other => return Err(from.refuse(format!("{other} does not say which samples are valid"))),
    };
    let stream = from.text()?;
    let samples = match code {
        0 => samples(stream, &invalid, f64::NAN).map(Samples::F64),
        1 => samples(stream, &invalid, f32::NAN).map(Samples::F32),
        2 => samples(stream, &Invalid::None, 0i32).map(Samples::I32),
        3 => samples(stream, &Invalid::None, 0i64).map(Samples::I64),
        _ => return Err(from.refuse(format!("samples of the unknown type {code}"))),
    };
    let samples = samples.map_err(|error| from.refuse(error.to_string()))?;
    Ok((samples, stream.len()))
}

fn samples<T: flac::Sample>(
    stream: &[u8],
    invalid: &Invalid,
    nan: T,
) -> Result<Vec<T>, flac::Error> {
    match invalid {
        Invalid::None => flac::decode_all(stream, MOST),
        Invalid::All => {
            let mut samples = flac::decode_all(stream, MOST)?;
            samples.fill(nan);
            Ok(samples)
        }
        Invalid::Some(mask) => {
            let mut samples = vec![T::default(); mask.len()];
            flac::decode(stream, &mut samples)?;
            for (sample, is_invalid) in samples.iter_mut().zip(mask) {
                if *is_invalid {
                    *sample = nan;
                }
            }
            Ok(samples)
        }
    }
}

/// Writes samples from the level on, if their integers have 32 bits at most; else says `false`.
pub(super) fn write(
    samples: &Samples,
    compression: Compression,
    to: &mut Encoder,
) -> Result<bool, String> {
    let Compression { level, depth } = compression;
    if !(1..=9).contains(&level) || !matches!(depth, 24 | 32) {
        return Err(format!(
            "there is no FLAC level {level} with {depth} bits: levels are 1 to 9, bits 24 or 32"
        ));
    }
    let Some((integers, invalid)) = integers(samples) else {
        return Ok(false);
    };
    let is_short = integers
        .iter()
        .all(|integer| (*integer << 8) >> 8 == *integer);
    let depth = if is_short { depth } else { 32 };
    let code = match (samples, depth) {
        (Samples::F64(_) | Samples::F32(_), 24) => 1,
        (Samples::I32(_) | Samples::I64(_), 24) => 2,
        _ => samples.code(),
    };
    let stream = flac::encode(&integers, depth.into(), level.min(8).into())
        .map_err(|error| error.to_string())?;
    to.number(level);
    to.number(depth);
    to.number(code);
    match invalid {
        Invalid::None => to.number(0u8),
        Invalid::All => to.number(1u8),
        Invalid::Some(mask) => {
            to.number(2u8);
            to.vector(&mask);
        }
    }
    to.text(&stream);
    Ok(true)
}

/// Samples cut to integers of 32 bits, and which of them are not finite; `None` when one needs more
/// bits.
fn integers(samples: &Samples) -> Option<(Vec<i32>, Invalid)> {
    match samples {
        Samples::I32(samples) => Some((samples.clone(), Invalid::None)),
        Samples::I64(samples) => {
            let short = samples.iter().map(|sample| i32::try_from(*sample).ok());
            Some((short.collect::<Option<_>>()?, Invalid::None))
        }
        Samples::F32(samples) => cut(samples.iter().map(|sample| f64::from(*sample))),
        Samples::F64(samples) => cut(samples.iter().copied()),
    }
}

fn cut(samples: impl ExactSizeIterator<Item = f64>) -> Option<(Vec<i32>, Invalid)> {
    let mut integers = Vec::with_capacity(samples.len());
    let mut mask = Vec::with_capacity(samples.len());
    for sample in samples {
        let whole = if sample.is_finite() {
            sample.trunc()
        } else {
            0.0
        };
        // Both limits are numbers of 64 bits.
        if whole < f64::from(i32::MIN) || whole > f64::from(i32::MAX) {
            return None;
        }
        integers.push(whole as i32);
        mask.push(!sample.is_finite());
    }
    let invalid = mask.iter().filter(|is_invalid| **is_invalid).count();
    let invalid = match invalid {
        0 => Invalid::None,
        all if all == mask.len() => Invalid::All,
        _ => Invalid::Some(mask),
    };
    Some((integers, invalid))
}
