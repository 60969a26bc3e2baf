//! How the elements of an echo lie in memory.

use std::ops::Range;

/// Elements `(pulse, sample)` of an echo in blocks of a few samples of all pulses: block after block, in a block pulse after pulse, in
/// a pulse sample after sample. The transform across pulses works on one block, which stays in the nearest cache.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    pub(super) pulses: usize,
    pub(super) samples: usize,
    /// Samples of a block; the last may have fewer.
    width: usize,
}

/// One block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// Its first sample.
    pub(super) first: usize,
    /// Its samples per pulse.
    pub(super) width: usize,
}

impl Blocks {
    /// Complex numbers per lane of a transformed block, about: 12 KiB with AVX-512, and its work space as much.
    const TARGET: usize = 96;

    pub(super) fn new(pulses: usize, samples: usize, transformed: usize) -> Self {
        // As many blocks as the target asks for, of nearly equal width.
        let blocks = (transformed * samples).div_ceil(Self::TARGET);
        Self {
            pulses,
            samples,
            width: samples.div_ceil(blocks.min(samples)),
        }
    }

    /// The same blocks with another number of pulses.
    pub(super) fn of_pulses(self, pulses: usize) -> Self {
        Self { pulses, ..self }
    }

    pub(super) fn len(self) -> usize {
        self.pulses * self.samples
    }

    /// The largest number of elements of a block.
    pub(super) fn largest(self) -> usize {
        self.pulses * self.width
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Block> {
        (0..self.samples)
            .step_by(self.width)
            .map(move |first| Block {
                first,
                width: self.width.min(self.samples - first),
            })
    }

    /// Where a block lies.
    pub(super) fn range(self, block: Block) -> Range<usize> {
        let start = block.first * self.pulses;
        start..start + block.width * self.pulses
    }

    /// Where the samples of one pulse lie in a block.
    pub(super) fn row(self, block: Block, pulse: usize) -> Range<usize> {
        let start = block.first * self.pulses + pulse * block.width;
        start..start + block.width
    }

    /// Where an element lies.
    pub(super) fn index(self, pulse: usize, sample: usize) -> usize {
        let first = sample / self.width * self.width;
        let width = self.width.min(self.samples - first);
        first * self.pulses + pulse * width + (sample - first)
    }
}
