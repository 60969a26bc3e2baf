//! The best place of every lane.

use super::level::WIDEST;
use super::scan::Scan;

/// The best of every lane so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Best {
    /// The power there, in units of the scaled echo.
    pub(super) power: [f32; WIDEST],
    /// Which acceleration.
    pub(super) acceleration: [usize; WIDEST],
    /// Which bin of the spectrum; `usize::MAX` where there is none.
    pub(super) bin: [usize; WIDEST],
}

impl Best {
    /// Nothing found yet. Only powers above zero are found, and echoes are scaled to a magnitude of
    /// about one: what is below this is the rounding of nothing.
    pub(super) fn none() -> Best {
        Best {
            power: [1e-30; WIDEST],
            acceleration: [0; WIDEST],
            bin: [usize::MAX; WIDEST],
        }
    }

    /// Takes a place that is better: of equal powers that of the lowest acceleration, then of the
    /// lowest rank, so that nothing depends on what was looked at first.
    #[inline(always)]
    pub(super) fn improve(
        &mut self,
        scan: &Scan,
        lane: usize,
        power: f32,
        acceleration: usize,
        bin: usize,
    ) {
        let is_equal = power.to_bits() == self.power[lane].to_bits();
        let place = (acceleration, scan.rank(bin));
        let is_better = power > self.power[lane]
            || (is_equal
                && self.bin[lane] != usize::MAX
                && place < (self.acceleration[lane], scan.rank(self.bin[lane])));
        if is_better {
            self.power[lane] = power;
            self.acceleration[lane] = acceleration;
            self.bin[lane] = bin;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::simd::band::Bands;
    use crate::search::simd::grid::Grid;

    /// Places are looked at in any order.
    #[test]
    fn the_best_place_does_not_depend_on_the_order() {
        let bands = Bands::new(Grid::every_bin(2, 4, 4), 2, 2);
        // Bin 3 is the first in the order of preference.
        let scan = Scan::new(&bands, 2, 3, 0..8);
        let mut places = [
            (1.0, 0, 3),
            (2.0, 1, 2),
            (2.0, 1, 5),
            (2.0, 2, 3),
            (0.0, 0, 3),
        ];
        for turn in 0..places.len() {
            for first in 0..places.len() {
                places.swap(turn, first);
                let mut best = Best::none();
                for (power, acceleration, bin) in places {
                    best.improve(&scan, 0, power, acceleration, bin);
                }
                assert_eq!((best.acceleration[0], best.bin[0]), (1, 5), "{places:?}");
            }
        }
        assert_eq!(Best::none().bin, [usize::MAX; WIDEST]);
    }
}
