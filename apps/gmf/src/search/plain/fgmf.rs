//! `fgmf`: every selected acceleration, every range rate.

use super::{Best, Plain, Scratch};
use crate::search::peak::first_above;

impl Plain {
    /// The largest power of the echo in `scratch`, `None` when no power is above zero.
    ///
    /// Of equal powers the lowest acceleration wins, then the first bin. `see` is shown every
    /// acceleration's index and powers.
    pub(super) fn fgmf(
        &self,
        scratch: &mut Scratch,
        mut see: impl FnMut(usize, &mut dyn Iterator<Item = f32>),
    ) -> Option<Best> {
        let mut highest = 0.0;
        let mut best = None;
        let rows = self.rows.chunks_exact(self.phasors.len());
        for (acceleration, row) in self.parameters.selected.clone().zip(rows) {
            self.spectrum(
                row,
                &scratch.echo,
                &mut scratch.signal,
                &mut scratch.transform,
            );
            let powers = scratch.signal.iter().map(|x| x.re * x.re + x.im * x.im);
            see(acceleration, &mut powers.clone());
            if let Some((range_rate, power)) = first_above(highest, powers) {
                highest = power;
                best = Some(Best {
                    acceleration,
                    range_rate,
                });
            }
        }
        best
    }
}
