use std::fmt;

use hdf5::{Group, H5Type};
use jobwise_core::Cause;
use num_complex::Complex64;

use super::spectrum::{Buffers, Real, Treatment};
use super::{Composite, NoiseFloor};
use crate::Result;
use crate::error::refused;
use crate::format::{Main, Scalar};
use crate::process::PixelKernel;

/// The filter, on signals of one or more positions. `T` is the precision of the transforms.
pub struct Filtering<T> {
    pub(super) treatment: Treatment<T>,
    /// What spectra are multiplied with, where they are.
    pub(super) composite: Option<Composite>,
    /// The indices into the shifted spectrum of what is stored of it, where it is stored.
    pub(super) hot: Option<Vec<usize>>,
    /// Whether the filtered signal is stored.
    pub(super) filtered: bool,
}

impl<T> fmt::Debug for Filtering<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filtering")
    }
}

impl<T: Real> Filtering<T> {
    /// For signals of `points` points, of which the filtered signal is stored: their spectra are
    /// multiplied with `mask` (one number per bin from zero to half the sampling rate), then bins
    /// below the noise floor are dropped.
    pub fn new(points: usize, mask: Option<&[Complex64]>, floor: Option<NoiseFloor>) -> Self {
        Filtering {
            treatment: Treatment::new(points, mask, floor),
            composite: None,
            hot: None,
            filtered: true,
        }
    }
}

impl<T: Real> PixelKernel for Filtering<T> {
    type Scratch = Buffers<T>;

    fn computes_in(&self) -> Scalar {
        if T::NAME == f32::NAME {
            Scalar::F32
        } else {
            Scalar::F64
        }
    }

    fn scratch(&self) -> Result<Buffers<T>, Cause> {
        Ok(self.treatment.buffers())
    }

    /// Appends to the outputs in the order filtered signal, noise floor, condensed spectrum (real
    /// parts, then imaginary), as far as they are wanted.
    fn compute(
        &self,
        _: usize,
        signal: &mut Vec<f64>,
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
        if let (Some(composite), Some(hot)) = (&self.composite, &self.hot)
            && let Some(condensed) = outputs.next()
        {
            let bins = hot.iter().map(|&index| buffers.bin(composite.bin(index)));
            condensed.extend(bins.clone().map(|bin| bin.re));
            condensed.extend(bins.map(|bin| bin.im));
        }
        if let Some(filtered) = filtered {
            self.treatment.restore(buffers, filtered)?;
        }
        Ok(())
    }

    /// `Composite_Filter` (f32, one per bin of the shifted spectrum) and `Hot_Indices` (u32, which
    /// bins are stored).
    fn write_constants(&self, group: &Group, _: &Main) -> Result<()> {
        if let Some(composite) = &self.composite {
            vector(group, "Composite_Filter", &composite.mask)?;
        }
        if let Some(hot) = &self.hot {
            let hot: Vec<u32> = hot.iter().map(|&index| index as u32).collect();
            vector(group, "Hot_Indices", &hot)?;
        }
        Ok(())
    }
}

/// Writes a new vector.
fn vector<T: H5Type>(group: &Group, name: &str, values: &[T]) -> Result<()> {
    group
        .new_dataset_builder()
        .with_data(values)
        .create(name)
        .map_err(refused(group.filename(), name))?;
    Ok(())
}
