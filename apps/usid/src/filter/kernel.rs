use std::fmt;

use jobwise_core::Cause;
use num_complex::Complex64;

use super::NoiseFloor;
use super::spectrum::{Buffers, Real, Treatment};
use crate::process::PixelKernel;

/// The filter, on signals of one or more positions. `T` is the precision of the transforms.
pub struct Filtering<T> {
    pub(super) treatment: Treatment<T>,
    /// Bins from zero up that are stored, where they are stored.
    pub(super) condensed: Option<Vec<usize>>,
    /// Whether the filtered signal is stored.
    pub(super) filtered: bool,
}

impl<T> fmt::Debug for Filtering<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filtering")
    }
}

impl<T: Real> Filtering<T> {
    /// For signals of `points` points, of which the filtered signal is stored: their spectra are multiplied with `mask` (one number
    /// per bin from zero to half the sampling rate), then bins below the noise floor are dropped.
    pub fn new(points: usize, mask: Option<&[Complex64]>, floor: Option<NoiseFloor>) -> Self {
        Filtering {
            treatment: Treatment::new(points, mask, floor),
            condensed: None,
            filtered: true,
        }
    }
}

impl<T: Real> PixelKernel for Filtering<T> {
    type Scratch = Buffers<T>;

    fn scratch(&self) -> Result<Buffers<T>, Cause> {
        Ok(self.treatment.buffers())
    }

    /// Appends to the outputs in the order filtered signal, noise floor, condensed spectrum (real parts, then imaginary), as
    /// far as they are wanted.
    fn compute(
        &self,
        _: usize,
        signal: &[f64],
        buffers: &mut Buffers<T>,
        outputs: &mut [Vec<f64>],
    ) -> Result<(), Cause> {
        let mut outputs = outputs.iter_mut();
        let filtered = self.filtered.then(|| outputs.next()).flatten();
        let floor = self.treatment.analyse(signal, buffers)?;
        if let Some(floor) = floor
            && let Some(floors) = outputs.next()
        {
            floors.push(floor);
        }
        if let Some(bins) = &self.condensed
            && let Some(condensed) = outputs.next()
        {
            condensed.extend(bins.iter().map(|&bin| buffers.bin(bin).re));
            condensed.extend(bins.iter().map(|&bin| buffers.bin(bin).im));
        }
        if let Some(filtered) = filtered {
            self.treatment.restore(buffers, filtered)?;
        }
        Ok(())
    }
}
