//! What a window of samples lacks, and why.

use std::ops::Range;

use num_complex::Complex;

/// The samples of a window that are missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lacking {
    /// All that are missing, as ascending, separate ranges.
    pub missing: Vec<Range<u64>>,
    /// How many of them are there, but are no numbers to compute with: NaN, infinite, or larger
    /// than asked for.
    pub unsound: u64,
    /// Samples that are *not* missing although they equal the fill value of their file: short runs
    /// of them inside a padded file, which a receiver that clips makes too.
    pub like_fill: u64,
    /// All before this sample is known.
    known: u64,
}

impl Lacking {
    /// Of a window that starts at a sample.
    pub(super) fn from(start: u64) -> Lacking {
        Lacking {
            known: start,
            ..Lacking::default()
        }
    }

    /// So many samples are there from `first` on, and none between them and what was known before.
    pub(super) fn recorded(&mut self, first: u64, count: usize) {
        self.miss(self.known..first);
        self.known = first + count as u64;
    }

    /// Takes what is NaN or beyond `largest` for missing, and leaves 0 there. `samples` begin with
    /// the sample `first`.
    pub(super) fn leave_out(&mut self, first: u64, samples: &mut [Complex<f32>], largest: f32) {
        // False for NaN, too.
        let is_sound = |z: &Complex<f32>| z.re.abs() <= largest && z.im.abs() <= largest;
        if samples.iter().all(is_sound) {
            return;
        }
        for (index, sample) in samples.iter_mut().enumerate() {
            if !is_sound(sample) {
                *sample = Complex::default();
                self.unsound += 1;
                let at = first + index as u64;
                self.miss(at..at + 1);
            }
        }
    }

    fn miss(&mut self, range: Range<u64>) {
        match self.missing.last_mut() {
            _ if range.is_empty() => {}
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.missing.push(range),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_computed_with_is_missing_and_joins_gaps() {
        let nan = f32::NAN;
        let mut samples = [0.0, nan, 1.0, 2.0, f32::INFINITY].map(|re| Complex::new(re, 0.0));
        samples[3].im = 1e16;
        let mut lacking = Lacking::from(10);
        lacking.recorded(12, 5);
        lacking.leave_out(12, &mut samples, 1e15);
        lacking.recorded(20, 0);
        assert_eq!(lacking.missing, [10..12, 13..14, 15..20]);
        assert_eq!(lacking.unsound, 3);
        assert!(samples.iter().all(|z| z.re <= 1.0 && z.im <= 0.0));
    }
}
