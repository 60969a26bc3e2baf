use std::ops::Range;

use jobwise_figures::{Grid, Reduction};
use num_complex::Complex;

use crate::Result;
use crate::drf::Channel;

/// Samples read at a time: 8 MiB.
const PIECE: u64 = 1 << 20;

/// Which samples of a channel.
#[derive(Debug)]
pub(super) struct Power<'a> {
    pub(super) channel: &'a Channel,
    pub(super) subchannel: usize,
    /// Whole pulses.
    pub(super) samples: Range<u64>,
    /// Where among these there may be some: ascending, apart.
    pub(super) stretches: &'a [Range<u64>],
    /// Samples from one pulse to the next.
    pub(super) pulse: usize,
    /// The samples of each pulse that are wanted.
    pub(super) rows: Range<usize>,
    /// Samples of each pulse that are not to be seen.
    pub(super) hidden: &'a [Range<usize>],
}

/// The mean power of the samples in at most `most` cells (of pulses, of samples of a pulse). Hidden
/// and missing samples do not count.
///
/// Memory does not depend on how many samples there are: one piece of the recording and the cells.
/// Time does not depend on gaps.
pub(super) fn read(
    power: &Power<'_>,
    most: (usize, usize),
    mut progress: impl FnMut(usize),
) -> Result<Grid> {
    let Power { samples, pulse, .. } = power;
    let length = samples.end - samples.start;
    let pulses = (length / *pulse as u64) as usize;
    let size = (pulses, power.rows.len());
    let mut grid = Grid::new(size, most, Reduction::Mean);
    let is_shown: Vec<bool> = (0..*pulse)
        .map(|row| power.rows.contains(&row) && !power.hidden.iter().any(|h| h.contains(&row)))
        .collect();
    let mut buffer = vec![Complex::default(); PIECE.min(length) as usize];
    let mut stretches = power.stretches.iter().cloned();
    let mut stretch = 0..0;
    loop {
        if stretch.is_empty() {
            match stretches.next() {
                Some(next) => stretch = next,
                None => break,
            }
        }
        let start = stretch.start;
        let piece = &mut buffer[..PIECE.min(stretch.end - start) as usize];
        for missing in power.channel.read(start, power.subchannel, piece)? {
            let missing = (missing.start - start) as usize..(missing.end - start) as usize;
            piece[missing].fill(Complex::new(f32::NAN, f32::NAN));
        }
        let offset = (start - samples.start) as usize;
        for (index, z) in piece.iter().enumerate() {
            let (column, row) = ((offset + index) / pulse, (offset + index) % pulse);
            if is_shown[row] {
                grid.add(column, row - power.rows.start, f64::from(z.norm_sqr()));
            }
        }
        stretch.start += piece.len() as u64;
        progress(((stretch.start - samples.start) / *pulse as u64) as usize);
    }
    progress(pulses);
    Ok(grid)
}
