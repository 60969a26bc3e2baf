//! `fdpt`: the acceleration from the discrete polynomial transform, then every range rate.
//!
//! The product of an echo with its conjugate, a lag earlier, turns at a rate proportional to the
//! acceleration; the largest line of its spectrum tells it.

use super::{Best, Plain, Scratch};
use crate::search::peak::first_above;
use crate::search::{Sample, wide};

impl Plain {
    /// The largest power at the acceleration that the lag product of the echo in `scratch` shows,
    /// `None` when no power is above zero.
    ///
    /// Of equal lines the lowest acceleration wins; of equal powers the first bin.
    pub(super) fn fdpt(&self, scratch: &mut Scratch) -> Option<Best> {
        let acceleration = self.lag_line(scratch)?;
        scratch.row.clear();
        scratch.row.extend(
            self.phasors
                .row(self.parameters.accelerations[acceleration]),
        );
        self.spectrum(
            &scratch.row,
            &scratch.echo,
            &mut scratch.signal,
            &mut scratch.transform,
        );
        let powers = scratch.signal.iter().map(|x| x.re * x.re + x.im * x.im);
        first_above(0.0, powers).map(|(range_rate, _)| Best {
            acceleration,
            range_rate,
        })
    }

    /// Index of the acceleration with the largest line in the spectrum of the lag product; `None`
    /// when no line is a number.
    fn lag_line(&self, scratch: &mut Scratch) -> Option<usize> {
        let parameters = &*self.parameters;
        let bins = parameters.accelerations.len();
        let pulse = parameters.decimated_pulse();
        // The lag is a whole number of IPPs, so whole pulses meet.
        let pulses = parameters.dec_tau_samp / parameters.decimated_ipp();
        let lines = &mut scratch.signal[..bins];
        lines.fill(Sample::default());
        let later = scratch.echo[pulses * pulse..].chunks_exact(pulse);
        for (k, (later, earlier)) in later.zip(scratch.echo.chunks_exact(pulse)).enumerate() {
            let start = k * parameters.decimated_ipp();
            for ((y, l), e) in lines[start..start + pulse]
                .iter_mut()
                .zip(later)
                .zip(earlier)
            {
                *y = l * e.conj();
            }
        }
        self.lag_spectrum.process_with_scratch(
            lines,
            &mut scratch.transform[..self.lag_spectrum.get_inplace_scratch_len()],
        );
        let searched = if self.settings.dpt_restrict {
            parameters.selected.clone()
        } else {
            0..bins
        };
        let first = searched.start;
        // Ascending accelerations are the spectrum with its negative half first. Squares of lag
        // products span more decades than f32 holds.
        let powers = searched.map(|i| wide(lines[(i + bins.div_ceil(2)) % bins]).norm_sqr());
        // Where no two pulses meet, all lines are zero and the first of them is the largest.
        first_above(-1.0, powers).map(|(index, _)| first + index)
    }
}
