//! The power over an inter-pulse period.

use num_complex::Complex;

use crate::Result;
use crate::drf::Channel;
use crate::parameters::Timing;

/// A pulse stands out when its window holds this many times the mean power of the samples as far
/// before and after it.
const CLEAR: f64 = 2.0;

/// Samples read at a time.
const PIECE: u64 = 1 << 18;

/// The power at every sample of an inter-pulse period, the median of several periods.
#[derive(Debug)]
pub(super) struct Profile {
    /// Sums of the power up to a sample of two periods, and how many samples were added.
    sums: Vec<(f64, f64)>,
    ipp: u64,
    /// First sample of the transmission, and its length.
    window: (u64, u64),
    /// Samples that count as surroundings on either side.
    around: u64,
    /// The least contrast of a pulse; more where few samples are averaged.
    clear: f64,
    /// Samples that a mean needs at every place: half of the periods, and one at least.
    enough: f64,
}

impl Profile {
    /// Folds `pulses` periods from the sample `from` on, whose place in its period is `phase`.
    /// Missing samples do not count.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn read(
        (channel, subchannel): (&Channel, usize),
        from: u64,
        phase: u64,
        pulses: u64,
        timing: &Timing,
    ) -> Result<Profile> {
        let ipp = timing.ipp as u64;
        let mut powers = vec![f32::NAN; (ipp * (pulses + 1)) as usize];
        let length = ipp * pulses;
        let mut buffer = vec![Complex::default(); PIECE.min(length) as usize];
        let mut done = 0;
        while done < length {
            let piece = &mut buffer[..PIECE.min(length - done) as usize];
            let begin = from + done;
            let gaps = channel.read(begin, subchannel, piece)?;
            let ends = gaps.iter().map(|gap| gap.start);
            let starts = gaps.iter().map(|gap| gap.end);
            let recorded = std::iter::once(begin)
                .chain(starts)
                .zip(ends.chain([begin + piece.len() as u64]));
            for (start, end) in recorded {
                let samples = &piece[(start - begin) as usize..(end - begin) as usize];
                let place = (phase + start - from) as usize;
                for (power, z) in powers[place..].iter_mut().zip(samples) {
                    *power = z.norm_sqr();
                }
            }
            done += piece.len() as u64;
        }
        Ok(Profile::of(&medians(&powers, ipp as usize), timing))
    }

    /// Of the sums and counts at every sample of a period.
    pub(super) fn of(cells: &[(f64, f64)], timing: &Timing) -> Profile {
        let ipp = cells.len() as u64;
        let window = (
            timing.tx_start as u64,
            (timing.tx_end - timing.tx_start) as u64,
        );
        let mut sums = Vec::with_capacity(2 * cells.len() + 1);
        let mut sum = (0.0, 0.0);
        sums.push(sum);
        for cell in cells.iter().chain(cells) {
            sum = (sum.0 + cell.0, sum.1 + cell.1);
            sums.push(sum);
        }
        let folded = sum.1 / 2.0 / ipp as f64;
        // Twelve deviations of the mean power of noise: none in thousands of places exceeds them.
        let noise = 1.0 + 12.0 / (folded * window.1 as f64).sqrt();
        Profile {
            sums,
            ipp,
            window,
            around: window.1.min((ipp - window.1) / 2),
            clear: CLEAR.max(noise),
            enough: (folded / 2.0).max(1.0),
        }
    }

    /// The mean power of `length` samples from a place in the period on; NaN where too few were
    /// recorded: a window that was recorded in part may show the end of a pulse alone.
    fn mean(&self, from: u64, length: u64) -> f64 {
        let from = (from % self.ipp) as usize;
        let (begin, end) = (self.sums[from], self.sums[from + length as usize]);
        let count = end.1 - begin.1;
        if count < self.enough * length as f64 {
            return f64::NAN;
        }
        (end.0 - begin.0) / count
    }

    /// The power in the transmission window of a period that begins at `phase`, and that of its
    /// surroundings: before or after, whichever is more.
    fn powers(&self, phase: u64) -> (f64, f64) {
        let (start, length) = (phase % self.ipp + self.window.0, self.window.1);
        let before = self.mean(start + self.ipp - self.around, self.around);
        let after = self.mean(start + length, self.around);
        let around = if before.is_nan() || after.is_nan() {
            f64::NAN
        } else {
            before.max(after)
        };
        (self.mean(start, length), around)
    }

    /// Whether the transmission window of a period that begins at `phase` clearly holds a pulse.
    pub(super) fn holds(&self, phase: u64) -> bool {
        let (inside, around) = self.powers(phase);
        self.around > 0 && inside > self.clear * around
    }

    /// Where the period begins whose transmission window stands out most; `None` where none does.
    pub(super) fn strongest(&self) -> Option<u64> {
        let mut best: Option<(f64, u64)> = None;
        for phase in (0..self.ipp).filter(|_| self.around > 0) {
            let (inside, around) = self.powers(phase);
            let score = inside - around;
            let is_better = best.is_none_or(|(best, _)| score > best);
            if inside > self.clear * around && is_better {
                best = Some((score, phase));
            }
        }
        best.map(|(_, phase)| phase)
    }

    /// The share of the power of the strongest pulse, above its surroundings, that the window of
    /// another phase holds.
    pub(super) fn fraction(&self, phase: u64, strongest: u64) -> f64 {
        let (most, around) = self.powers(strongest);
        (self.powers(phase).0 - around) / (most - around)
    }
}

/// At every place of a period the median power of several, times their number, and their number:
/// one burst of interference makes no pulse. NaN stands for samples that are missing.
fn medians(powers: &[f32], ipp: usize) -> Vec<(f64, f64)> {
    let mut values = Vec::new();
    let median = |place: usize| {
        values.clear();
        let all = powers[place..].iter().step_by(ipp);
        values.extend(all.filter(|power| !power.is_nan()));
        if values.is_empty() {
            return (0.0, 0.0);
        }
        // Of an even number the lower one.
        let middle = (values.len() - 1) / 2;
        let (_, &mut median, _) = values.select_nth_unstable_by(middle, f32::total_cmp);
        let count = values.len() as f64;
        (f64::from(median) * count, count)
    };
    (0..ipp).map(median).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMING: Timing = Timing {
        ipp: 1000,
        rx_start: 0,
        rx_end: 1000,
        tx_start: 50,
        tx_end: 150,
    };

    /// Noise of power 1 to 1.2, and a pulse of power 30 that begins at a sample of the period.
    fn profile(pulse: usize, power: f64) -> Profile {
        let cells: Vec<(f64, f64)> = (0..1000)
            .map(|k| {
                let noise = 1.0 + 0.2 * ((k * 7919) % 101) as f64 / 101.0;
                let is_pulse = (k + 1000 - pulse) % 1000 < 100;
                (16.0 * if is_pulse { power } else { noise }, 16.0)
            })
            .collect();
        Profile::of(&cells, &TIMING)
    }

    #[test]
    fn a_burst_in_one_period_is_no_pulse() {
        let mut powers = vec![1.0; 3000];
        powers.extend([f32::NAN; 1000]);
        for period in 0..3 {
            powers[period * 1000 + 200..period * 1000 + 300].fill(30.0);
        }
        powers[1600..1700].fill(1e9);
        let cells = medians(&powers, 1000);
        assert_eq!(
            (cells[0], cells[250], cells[650]),
            ((3.0, 3.0), (90.0, 3.0), (3.0, 3.0))
        );
        assert_eq!(Profile::of(&cells, &TIMING).strongest(), Some(150));
    }

    #[test]
    fn a_pulse_is_found_wherever_it_lies() {
        for pulse in [0, 50, 51, 149, 700, 960] {
            let profile = profile(pulse, 30.0);
            let begin = (pulse as u64 + 950) % 1000;
            assert_eq!(profile.strongest(), Some(begin), "{pulse}");
            assert!(profile.holds(begin) && profile.holds(begin + 10));
            assert!(!profile.holds(begin + 60) && !profile.holds(begin + 500));
            assert!(profile.fraction(begin + 50, begin) < 0.6);
        }
    }

    #[test]
    fn the_end_of_a_pulse_at_the_start_of_a_recording_is_none() {
        // One period and a half, which begins 30 samples before the end of a pulse.
        let power = |k: usize| {
            if k < 30 || (930..1030).contains(&k) {
                30.0
            } else {
                1.0
            }
        };
        let mut cells = vec![(0.0, 0.0); 1000];
        for k in 0..1500 {
            cells[k % 1000].0 += power(k);
            cells[k % 1000].1 += 1.0;
        }
        assert_eq!(Profile::of(&cells, &TIMING).strongest(), Some(880));
        // Less than a period.
        let cells: Vec<(f64, f64)> = (0..1000)
            .map(|k| if k < 900 { (power(k), 1.0) } else { (0.0, 0.0) })
            .collect();
        assert_eq!(Profile::of(&cells, &TIMING).strongest(), None);
    }

    #[test]
    fn nothing_is_found_in_noise_or_silence() {
        assert_eq!(profile(300, 1.1).strongest(), None);
        let silence = Profile::of(&vec![(0.0, 16.0); 1000], &TIMING);
        assert!(silence.strongest().is_none() && !silence.holds(0));
        let absent = Profile::of(&vec![(0.0, 0.0); 1000], &TIMING);
        assert!(absent.strongest().is_none() && !absent.holds(0));
    }
}
