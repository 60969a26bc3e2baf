//! Samples compressed without loss: FLAC, one channel, 4 to 32 bits.
//!
//! Streams are decoded a block at a time ([`Decoder`]), or straight to where samples belong
//! ([`decode`], [`decode_all`]). Nothing is allocated because a stream promises something: blocks
//! have at most 65536 samples, and samples go to the caller when the checksums of their frame are
//! right.
//!
//! | file | what is in it |
//! |---|---|
//! | `head` | the description of a stream, the head of a frame |
//! | `bit_reader`, `prediction`, `subframe`, `decoder` | from bytes to samples |
//! | `bit_writer`, `analysis`, `residual`, `encoder` | from samples to bytes |

// Readers of bits must be in registers: the compiler sees calls of them in many places, and does
// not inline them all by itself.
#![allow(clippy::inline_always)]

mod analysis;
mod bit_reader;
mod bit_writer;
mod checksum;
mod decoder;
mod encoder;
mod error;
mod head;
mod prediction;
mod residual;
mod subframe;
#[cfg(test)]
mod tests;

pub use decoder::Decoder;
pub use encoder::{LEVELS, encode};
pub use error::{Error, Problem};

/// What samples of at most 32 bits can become.
pub trait Sample: Copy + Default + sealed::Sealed {
    /// The sample as this type has it; `f32` rounds what needs more than 24 bits.
    fn from_i32(sample: i32) -> Self;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! samples {
    ($($type:ty, $convert:expr;)*) => {$(
        impl sealed::Sealed for $type {}
        impl Sample for $type {
            #[inline(always)]
            fn from_i32(sample: i32) -> $type {
                $convert(sample)
            }
        }
    )*};
}

samples! {
    i32, std::convert::identity;
    i64, i64::from;
    f32, |sample| sample as f32;
    f64, f64::from;
}

/// Decodes a stream that has exactly as many samples as `samples` has room for.
///
/// # Errors
/// The stream is damaged, or has another number of samples. What `samples` holds is then of no use.
pub fn decode<T: Sample>(stream: &[u8], samples: &mut [T]) -> Result<(), Error> {
    let expected = samples.len() as u64;
    let mut decoder = Decoder::new(stream)?;
    let mut at = 0;
    while let Some(block) = decoder.next_block()? {
        let found = at + block.len();
        let Some(place) = samples.get_mut(at..found) else {
            let found = found as u64;
            return Err(Error::Count { found, expected });
        };
        convert(block, place);
        at = found;
    }
    if at == samples.len() {
        return Ok(());
    }
    let found = at as u64;
    Err(Error::Count { found, expected })
}

/// Decodes a stream of unknown length, of at most `limit` samples. Memory grows by frames whose
/// checksums are right.
///
/// # Errors
/// The stream is damaged, or has more samples.
pub fn decode_all<T: Sample>(stream: &[u8], limit: usize) -> Result<Vec<T>, Error> {
    let mut decoder = Decoder::new(stream)?;
    let mut samples = Vec::new();
    while let Some(block) = decoder.next_block()? {
        let at = samples.len();
        if block.len() > limit - at {
            return Err(Error::TooLong(limit));
        }
        samples.resize(at + block.len(), T::default());
        convert(block, &mut samples[at..]);
    }
    Ok(samples)
}

fn convert<T: Sample>(block: &[i32], place: &mut [T]) {
    for (to, &sample) in place.iter_mut().zip(block) {
        *to = T::from_i32(sample);
    }
}
