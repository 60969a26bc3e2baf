use std::ops::Range;

use libm::erf;

use super::{Sampling, fir};
use crate::{Error, Result};

/// Which frequencies pass. Frequencies are in Hz, positive; the same holds for the negative ones.
#[derive(Clone, Debug, PartialEq)]
pub enum FrequencyFilter {
    /// All below `cutoff`, with an edge in the shape of an error function.
    LowPass {
        /// The cut-off frequency, below half the sampling rate.
        cutoff: f64,
        /// The width of the edge as a fraction of the cut-off.
        roll_off: f64,
    },
    /// What a low pass takes away.
    HighPass {
        /// As for the low pass.
        cutoff: f64,
        /// As for the low pass.
        roll_off: f64,
    },
    /// A band of `width` around `centre`.
    BandPass {
        /// The centre, below half the sampling rate.
        centre: f64,
        /// The width.
        width: f64,
        /// Instead of sharp edges, the magnitude of the response of a finite impulse response
        /// filter of so many taps, which passes `centre - width` to `centre + width`.
        taps: Option<usize>,
    },
    /// What a band pass takes away.
    BandStop {
        /// As for the band pass.
        centre: f64,
        /// As for the band pass.
        width: f64,
        /// As for the band pass.
        taps: Option<usize>,
    },
    /// Bands of `width` around `first`, twice `first`, ... `count` times `first`.
    HarmonicPass {
        /// The first harmonic.
        first: f64,
        /// The width of each band.
        width: f64,
        /// How many harmonics.
        count: usize,
    },
    /// All but bands of these widths around these centres.
    NoiseBand {
        /// The centres.
        centres: Vec<f64>,
        /// As many widths.
        widths: Vec<f64>,
    },
}

impl FrequencyFilter {
    /// What each bin of the shifted spectrum (frequency zero at `points / 2`) is multiplied with, 0
    /// to 1.
    ///
    /// The low pass is rounded to f32, as the peer keeps it.
    ///
    /// # Errors
    /// A frequency at or above half the sampling rate, a width that is not positive, or lists of
    /// different length.
    pub fn mask(&self, sampling: Sampling) -> Result<Vec<f64>> {
        self.check(sampling)?;
        Ok(match self {
            FrequencyFilter::LowPass { cutoff, roll_off } => low_pass(sampling, *cutoff, *roll_off),
            FrequencyFilter::HighPass { cutoff, roll_off } => {
                complement(low_pass(sampling, *cutoff, *roll_off))
            }
            FrequencyFilter::BandPass {
                centre,
                width,
                taps,
            } => band(sampling, *centre, *width, *taps),
            FrequencyFilter::BandStop {
                centre,
                width,
                taps,
            } => complement(band(sampling, *centre, *width, *taps)),
            FrequencyFilter::HarmonicPass {
                first,
                width,
                count,
            } => harmonics(sampling, *first, *width, *count),
            FrequencyFilter::NoiseBand { centres, widths } => {
                let mut mask = vec![1.0; sampling.points];
                for (&centre, &width) in centres.iter().zip(widths) {
                    both_bands(&mut mask, sampling, centre, width, 0.0);
                }
                mask
            }
        })
    }

    fn check(&self, sampling: Sampling) -> Result<()> {
        let nyquist = sampling.rate / 2.0;
        let below = |what: &str, frequency: f64, limit: f64| {
            if (0.0..limit).contains(&frequency) {
                return Ok(());
            }
            Err(Error::Request(format!(
                "{what} of {frequency} Hz: must be at least 0 and below {limit} Hz for a sampling \
                 rate of {} Hz",
                sampling.rate
            )))
        };
        let positive = |what: &str, width: f64| {
            if width > 0.0 && width.is_finite() {
                return Ok(());
            }
            Err(Error::Request(format!(
                "{what} of {width}: must be positive"
            )))
        };
        match self {
            FrequencyFilter::LowPass { cutoff, roll_off }
            | FrequencyFilter::HighPass { cutoff, roll_off } => {
                positive("a roll-off", *roll_off)?;
                positive("a cut-off", *cutoff)?;
                below("a cut-off", *cutoff, nyquist)
            }
            FrequencyFilter::BandPass {
                centre,
                width,
                taps,
            }
            | FrequencyFilter::BandStop {
                centre,
                width,
                taps,
            } => {
                positive("a band", *width)?;
                below("a band's centre", *centre, nyquist)?;
                match taps {
                    Some(taps) => fir::check(*taps, centre - width, centre + width, nyquist),
                    None => Ok(()),
                }
            }
            FrequencyFilter::HarmonicPass {
                first,
                width,
                count,
            } => {
                positive("a harmonic band", *width)?;
                positive("a first harmonic", *first)?;
                positive("a number of harmonics", *count as f64)?;
                below("a first harmonic", *first, sampling.rate)
            }
            FrequencyFilter::NoiseBand { centres, widths } => {
                if centres.is_empty() || centres.len() != widths.len() {
                    return Err(Error::Request(format!(
                        "{} noise bands with {} widths: each band needs one width",
                        centres.len(),
                        widths.len()
                    )));
                }
                for (&centre, &width) in centres.iter().zip(widths) {
                    positive("a noise band", width)?;
                    below("a noise band's centre", centre, sampling.rate)?;
                }
                Ok(())
            }
        }
    }
}

/// Sets the part of `range` that there is; bounds may lie outside.
fn set(mask: &mut [f64], range: Range<i64>, value: f64) {
    let clip = |at: i64| at.clamp(0, mask.len() as i64) as usize;
    let (start, end) = (clip(range.start), clip(range.end));
    if start < end {
        mask[start..end].fill(value);
    }
}

fn complement(mask: Vec<f64>) -> Vec<f64> {
    mask.into_iter().map(|pass| 1.0 - pass).collect()
}

fn low_pass(sampling: Sampling, cutoff: f64, roll_off: f64) -> Vec<f64> {
    let edge =
        (sampling.points as f64 * (roll_off * cutoff) / sampling.rate).round_ties_even() as i64;
    let (zero, last) = (sampling.zero() as i64, sampling.bins(cutoff) as i64);
    let mut mask = vec![0.0; sampling.points];
    set(&mut mask, zero - last + edge..zero + last - edge + 1, 1.0);
    for k in 0..edge {
        // From -2.5 to 2.5 in as many steps as the edge has bins.
        let t = -2.5 + 5.0 * k as f64 / (edge - 1).max(1) as f64;
        let rise = f64::from((0.5 * (1.0 + erf(t))) as f32);
        set(&mut mask, zero - last + k..zero - last + k + 1, rise);
        let fall = f64::from(1.0 - (0.5 * (1.0 + erf(t))) as f32);
        let at = zero + last - edge + 1 + k;
        set(&mut mask, at..at + 1, fall);
    }
    mask
}

fn band(sampling: Sampling, centre: f64, width: f64, taps: Option<usize>) -> Vec<f64> {
    if let Some(taps) = taps {
        return fir::magnitude(sampling, taps, centre - width, centre + width);
    }
    let mut mask = vec![0.0; sampling.points];
    both_bands(&mut mask, sampling, centre, width, 1.0);
    mask
}

/// Sets the bands around a frequency and its negative.
fn both_bands(mask: &mut [f64], sampling: Sampling, centre: f64, width: f64, value: f64) {
    let (zero, half) = (sampling.zero() as i64, sampling.half_bins(width) as i64);
    let shift = sampling.bins(centre) as i64;
    for middle in [zero - shift, zero + shift] {
        set(mask, middle - half..middle + half + 1, value);
    }
}

fn harmonics(sampling: Sampling, first: f64, width: f64, count: usize) -> Vec<f64> {
    let (zero, half) = (sampling.zero() as i64, sampling.half_bins(width) as i64);
    let bin = |harmonic: usize| sampling.bins(harmonic as f64 * first) as i64;
    let end = sampling.points as i64;
    let mut mask = vec![1.0; sampling.points];
    // Bands are cut out between the harmonics: where bands overlap, nothing is.
    set(
        &mut mask,
        zero - bin(1) + half + 1..zero + bin(1) - half,
        0.0,
    );
    set(&mut mask, 0..zero - bin(count) - half, 0.0);
    set(&mut mask, zero + bin(count) + half + 1..end, 0.0);
    for harmonic in 1..count {
        let (this, next) = (bin(harmonic), bin(harmonic + 1));
        if this - half > zero {
            // Beyond the spectrum, as are all that follow.
            break;
        }
        set(&mut mask, zero - next + half + 1..zero - this - half, 0.0);
        set(&mut mask, zero + this + half + 1..zero + next - half, 0.0);
    }
    mask
}
