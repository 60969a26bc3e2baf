//! Random numbers that are a function of where they are used.
//!
//! Everything here is for one lane, without a branch: called in a loop over lanes, within a
//! function compiled for the processor's own instructions, it runs in all of them at once.

// Or it would not become part of that function.
#![allow(clippy::inline_always)]

use jobwise_core::random::{cos_turn, minus_ln_unit, threefry};

/// The random numbers of one position and direction.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    key: [u32; 4],
    direction: u32,
}

/// Numbers that [`Stream::squares`] makes at once.
pub(super) const PER_BLOCK: usize = 4;

impl Stream {
    /// The stream of that direction at that position.
    pub fn new(seed: u64, position: u64, direction: u32) -> Self {
        let key = [seed, seed >> 32, position, position >> 32];
        Self {
            key: key.map(|word| word as u32),
            direction,
        }
    }

    /// Squares of independent standard normal numbers: a block of those for that grid point.
    ///
    /// With the uniform numbers U and v, `-ln U (1 + cos 2 pi v)` and `-ln U (1 - cos 2 pi v)` are
    /// the squares of the two that Box and Muller's transform would give.
    #[inline(always)]
    pub(super) fn squares(self, point: u32, block: u32) -> [f32; PER_BLOCK] {
        let [a, b, c, d] = threefry(self.key, [block, point, self.direction, 0]);
        let (first, one) = (minus_ln_unit(a), cos_turn(b));
        let (second, other) = (minus_ln_unit(c), cos_turn(d));
        [
            first * (1.0 + one),
            first * (1.0 - one),
            second * (1.0 + other),
            second * (1.0 - other),
        ]
    }
}

#[cfg(test)]
mod tests;
