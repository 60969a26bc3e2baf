//! The samples of one frame.

use super::bit_reader::BitReader;
use super::error::Problem;
use super::prediction::{BEFORE, Predictor};

/// Reads the samples of one frame into `block`, which begins with [`BEFORE`] zeros and has room for
/// all of them.
///
/// # Errors
/// The stream is cut or not valid.
#[inline(always)]
pub(super) fn read(bits: &mut BitReader<'_>, depth: u32, block: &mut [i64]) -> Result<(), Problem> {
    let head = bits.unsigned(8)?;
    if head & 0x80 != 0 {
        return Err(Problem::Content);
    }
    let wasted = if head & 1 == 0 {
        0
    } else {
        u32::try_from(bits.zeros()?)
            .unwrap_or(u32::MAX)
            .saturating_add(1)
    };
    let width = depth.checked_sub(wasted).filter(|&width| width > 0);
    let width = width.ok_or(Problem::Content)?;
    let kind = (head >> 1) as usize;
    match kind {
        0 => block[BEFORE..].fill(bits.signed(width)?),
        1 => plain(bits, width, &mut block[BEFORE..])?,
        8..=12 | 32..=63 => {
            let order = if kind < 32 { kind - 8 } else { kind - 31 };
            let samples = &mut block[BEFORE..];
            let first = samples.get_mut(..order).ok_or(Problem::Content)?;
            plain(bits, width, first)?;
            let predictor = if kind < 32 {
                Predictor::fixed(order)
            } else {
                linear(bits, order)?
            };
            predictor.read(bits, block)?;
            within(&block[BEFORE..], width)?;
        }
        _ => return Err(Problem::Content),
    }
    if wasted > 0 {
        for sample in &mut block[BEFORE..] {
            *sample <<= wasted;
        }
    }
    Ok(())
}

fn plain(bits: &mut BitReader<'_>, width: u32, samples: &mut [i64]) -> Result<(), Problem> {
    for sample in samples {
        *sample = bits.signed(width)?;
    }
    Ok(())
}

fn linear(bits: &mut BitReader<'_>, order: usize) -> Result<Predictor, Problem> {
    let precision = bits.unsigned(4)? as u32 + 1;
    let shift = bits.signed(5)?;
    if precision > 15 || shift < 0 {
        return Err(Problem::Content);
    }
    let mut coefficients = [0; BEFORE];
    for coefficient in coefficients.iter_mut().rev().take(order) {
        *coefficient = bits.signed(precision)? as i32;
    }
    Ok(Predictor {
        order,
        shift: shift as u32,
        coefficients,
    })
}

/// Whether all samples have at most `width` bits.
#[inline(always)]
fn within(samples: &[i64], width: u32) -> Result<(), Problem> {
    let all = samples
        .iter()
        .fold(0, |all, &sample| all | (sample ^ sample >> 63));
    if all >> (width - 1) == 0 {
        Ok(())
    } else {
        Err(Problem::Beyond)
    }
}
