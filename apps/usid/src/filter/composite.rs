use std::f64::consts::TAU;

use num_complex::Complex64;

use super::{FrequencyFilter, Sampling};
use crate::Result;

/// Several filters, one after the other, as one mask over the shifted spectrum.
#[derive(Clone, Debug, PartialEq)]
pub struct Composite {
    sampling: Sampling,
    /// As it is stored: `points` values, frequency zero at `points / 2`.
    pub mask: Vec<f32>,
}

impl Composite {
    /// The product of the masks of all `filters`; `None` without any.
    ///
    /// # Errors
    /// A filter does not fit the sampling.
    pub fn new(filters: &[FrequencyFilter], sampling: Sampling) -> Result<Option<Composite>> {
        let mut product: Option<Vec<f64>> = None;
        for filter in filters {
            let mask = filter.mask(sampling)?;
            match &mut product {
                None => product = Some(mask),
                Some(product) => product.iter_mut().zip(mask).for_each(|(p, m)| *p *= m),
            }
        }
        Ok(product.map(|product| Composite {
            sampling,
            mask: product.into_iter().map(|pass| pass as f32).collect(),
        }))
    }

    /// The mask of the bins from frequency zero up. A real signal's negative frequencies mirror its
    /// positive ones: where the mask is not symmetric, both get the mean.
    pub fn half(&self) -> Vec<f64> {
        let (points, zero) = (self.sampling.points, self.sampling.zero());
        let at = |index: usize| f64::from(self.mask[index]);
        (0..=points / 2)
            .map(|bin| match zero + bin {
                index if index < points => f64::midpoint(at(index), at(zero - bin)),
                // Half the sampling rate is at the low end only.
                _ => at(0),
            })
            .collect()
    }

    /// The indices into the shifted spectrum, from frequency zero up, of what passes; of an even
    /// number of points, half the sampling rate (index 0) comes last.
    pub fn hot(&self) -> Vec<usize> {
        let (points, zero) = (self.sampling.points, self.sampling.zero());
        let nyquist = points.is_multiple_of(2).then_some(0);
        let indices = (zero..points).chain(nyquist);
        indices.filter(|&index| self.mask[index] > 0.0).collect()
    }

    /// The bin, counted from frequency zero up, of an index into the shifted spectrum.
    pub fn bin(&self, index: usize) -> usize {
        index.abs_diff(self.sampling.zero())
    }

    /// The shifted spectrum whose bins at `hot` (as [`hot`](Self::hot) gives them) are `condensed`;
    /// a real signal's: negative frequencies are the conjugates of positive ones.
    pub fn expand(&self, hot: &[usize], condensed: &[Complex64]) -> Vec<Complex64> {
        let zero = self.sampling.zero();
        let mut spectrum = vec![Complex64::ZERO; self.sampling.points];
        for (&index, &value) in hot.iter().zip(condensed) {
            spectrum[index] = value;
            let bin = self.bin(index);
            if index > zero && bin <= zero {
                spectrum[zero - bin] = value.conj();
            }
        }
        spectrum
    }
}

/// What each bin from zero up is multiplied with to move a signal earlier by `samples` points,
/// circularly.
pub(super) fn advance(points: usize, samples: f64) -> Vec<Complex64> {
    (0..=points / 2)
        .map(|bin| Complex64::cis(TAU * bin as f64 * samples / points as f64))
        .collect()
}
