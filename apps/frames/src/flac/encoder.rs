//! Samples to a stream.

use std::ops::RangeInclusive;

use super::analysis::{self, PRECISION, Window};
use super::bit_writer::BitWriter;
use super::checksum::crc16;
use super::error::Error;
use super::head::{Description, Head};
use super::prediction::{BEFORE, Predictor};
use super::residual::Parts;

/// The levels: how much is tried.
pub const LEVELS: RangeInclusive<u32> = 0..=8;

/// What a level tries.
#[derive(Clone, Copy, Debug)]
struct Effort {
    /// Samples of a block.
    block: u16,
    /// The greatest order of a linear predictor.
    order: usize,
    /// How many linear predictors are tried.
    predictors: usize,
    /// Two to the power of this: the most parts of a block's residuals.
    parts: u32,
}

impl Effort {
    fn of(level: u32) -> Effort {
        let (block, order, predictors, parts) = match level {
            0..=2 => (1152, 0, 0, 3),
            3 => (4096, 6, 1, 4),
            4 => (4096, 8, 1, 4),
            5 => (4096, 8, 1, 5),
            6 => (4096, 8, 2, 6),
            7 => (4096, 12, 2, 6),
            _ => (4096, 12, 4, 6),
        };
        Effort {
            block,
            order,
            predictors,
            parts,
        }
    }
}

/// Encodes samples of `depth` bits: a stream that says how many samples it has, and no MD5.
///
/// # Errors
/// There is no such depth or level, or a sample needs more bits.
pub fn encode(samples: &[i32], depth: u32, level: u32) -> Result<Vec<u8>, Error> {
    if !(4..=32).contains(&depth) {
        return Err(Error::Depth(depth));
    }
    if !LEVELS.contains(&level) {
        return Err(Error::Level(level));
    }
    let is_within = |&sample: &i32| (sample ^ sample >> 31) >> (depth - 1) == 0;
    if let Some(index) = samples.iter().position(|sample| !is_within(sample)) {
        let value = samples[index];
        return Err(Error::Beyond {
            index,
            value,
            depth,
        });
    }
    let effort = Effort::of(level);
    let mut stream = Vec::new();
    let description = Description {
        depth,
        // 0 also means that the stream does not say, as for more than 36 bits.
        total: Some(samples.len() as u64)
            .filter(|total| total >> 36 == 0)
            .unwrap_or(0),
        md5: [0; 16],
    };
    description.write(effort.block, &mut stream);
    let mut work = Work::default();
    for (number, block) in samples.chunks(usize::from(effort.block)).enumerate() {
        let begin = stream.len();
        Head::write(block.len(), depth, number as u32, &mut stream);
        subframe(block, depth, effort, &mut work, &mut stream);
        let checksum = crc16(&stream[begin..]);
        stream.extend_from_slice(&checksum.to_be_bytes());
    }
    Ok(stream)
}

/// What is used for block after block.
#[derive(Debug, Default)]
struct Work {
    /// The samples without the bits that all have as zeros, behind [`BEFORE`] zeros.
    samples: Vec<i32>,
    residuals: Vec<i64>,
    best: Vec<i64>,
    window: Window,
}

fn subframe(block: &[i32], depth: u32, effort: Effort, work: &mut Work, stream: &mut Vec<u8>) {
    if block.iter().all(|&sample| sample == block[0]) {
        let mut bits = BitWriter::new(stream);
        bits.put(0, 8);
        bits.put_signed(i64::from(block[0]), depth);
        bits.align();
        return;
    }
    let wasted = block
        .iter()
        .fold(0, |all, &sample| all | sample)
        .trailing_zeros();
    let width = depth - wasted;
    work.samples.clear();
    work.samples.resize(BEFORE, 0);
    work.samples
        .extend(block.iter().map(|&sample| sample >> wasted));
    let samples = &work.samples[BEFORE..];

    let mut predictors =
        analysis::linear(samples, effort.order, effort.predictors, &mut work.window);
    predictors.push(analysis::fixed(samples));
    let mut best: Option<(u64, Predictor, Parts)> = None;
    for predictor in predictors {
        if !predictor.residuals(&work.samples, &mut work.residuals) {
            continue;
        }
        let parts = Parts::of(&work.residuals, block.len(), effort.parts);
        let size = parts.bits + predictor.bits(width);
        if best.as_ref().is_none_or(|(least, ..)| size < *least) {
            best = Some((size, predictor, parts));
            std::mem::swap(&mut work.residuals, &mut work.best);
        }
    }
    let plain = u64::from(width) * block.len() as u64;
    let best = best.filter(|(size, ..)| *size < plain);
    let mut bits = BitWriter::new(stream);
    let kind = match &best {
        None => 1,
        Some((_, predictor, _)) => predictor.kind(),
    };
    bits.put(kind << 1 | u64::from(wasted > 0), 8);
    if wasted > 0 {
        bits.put_zeros(u64::from(wasted) - 1);
    }
    let samples = &work.samples[BEFORE..];
    let first = best.as_ref().map_or(samples.len(), |(_, p, _)| p.order);
    for &sample in &samples[..first] {
        bits.put_signed(i64::from(sample), width);
    }
    if let Some((_, predictor, parts)) = best {
        predictor.write(&mut bits);
        parts.write(&work.best, block.len(), &mut bits);
    }
    bits.align();
}

impl Predictor {
    fn is_fixed(&self) -> bool {
        self.shift == 0
            && self.order <= 4
            && self.coefficients == Predictor::fixed(self.order).coefficients
    }

    fn kind(&self) -> u64 {
        let base = if self.is_fixed() { 8 } else { 31 };
        base + self.order as u64
    }

    /// Bits of what stands before the residuals, for samples of `width` bits.
    fn bits(&self, width: u32) -> u64 {
        let own = if self.is_fixed() {
            width
        } else {
            width + PRECISION
        };
        u64::from(own) * self.order as u64 + 9
    }

    /// The coefficients of a linear predictor.
    fn write(&self, bits: &mut BitWriter<'_>) {
        if self.is_fixed() {
            return;
        }
        bits.put(u64::from(PRECISION) - 1, 4);
        bits.put(u64::from(self.shift), 5);
        for &coefficient in self.coefficients.iter().rev().take(self.order) {
            bits.put_signed(i64::from(coefficient), PRECISION);
        }
    }

    /// The residuals of samples that stand behind [`BEFORE`] zeros. Whether they can be written.
    fn residuals(&self, samples: &[i32], residuals: &mut Vec<i64>) -> bool {
        macro_rules! orders {
            ($($order:literal)*) => {
                match self.order {
                    $(order if order <= $order => self.run::<$order>(samples, residuals),)*
                    _ => false,
                }
            };
        }
        orders!(0 1 2 3 4 6 8 12 16)
    }

    fn run<const ORDER: usize>(&self, samples: &[i32], residuals: &mut Vec<i64>) -> bool {
        let mut coefficients = [0; ORDER];
        for (to, &from) in coefficients
            .iter_mut()
            .zip(&self.coefficients[BEFORE - ORDER..])
        {
            *to = i64::from(from);
        }
        let from = BEFORE + self.order - ORDER;
        residuals.clear();
        residuals.resize(samples.len() - BEFORE - self.order, 0);
        let mut most = 0;
        let windows = samples[from..].windows(ORDER + 1);
        for (residual, window) in residuals.iter_mut().zip(windows) {
            let mut sum = 0;
            for (&sample, coefficient) in window.iter().zip(&coefficients) {
                sum += i64::from(sample) * coefficient;
            }
            let sample = window.last().copied().map_or(0, i64::from);
            *residual = sample - (sum >> self.shift);
            most |= residual.unsigned_abs();
        }
        // The least number of 32 bits is not allowed.
        most >> 31 == 0
    }
}
