//! The samples of one range, and the power of the matched filter over them.

use std::f64::consts::TAU;

use num_complex::Complex;

use crate::parameters::Parameters;
use crate::search::Sample;

/// The received samples of one range times the conjugate transmitted ones.
#[derive(Clone, Debug)]
pub struct Sounding {
    /// Received times conjugate transmitted over the amplitude of all.
    pub(super) products: Vec<Complex<f64>>,
    /// Their times in s from the start of the integration.
    pub(super) times: Vec<f64>,
    /// Radar wavelength in m.
    wavelength: f64,
    /// Length of the integration in s.
    length: f64,
}

/// Power and its derivatives by `x` and `y`, the range rate in units of `wavelength / T` and the
/// acceleration in units of `wavelength / T²`, where T is the length of the integration: both move
/// the phase at its end by about a turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// Power.
    pub power: f64,
    /// By `x`, by `y`.
    pub gradient: [f64; 2],
    /// By `x` twice, by both, by `y` twice.
    pub curvature: [f64; 3],
}

impl Sounding {
    /// Combines samples: `tx` holds the transmitting windows of all pulses, `rx` as many samples
    /// received `delay` samples later (and `ipp_offset` whole periods).
    ///
    /// # Panics
    /// When `tx` or `rx` has another length.
    pub fn new(tx: &[Sample], rx: &[Sample], delay: usize, parameters: &Parameters) -> Self {
        assert_eq!(tx.len(), parameters.coh_int_samps, "samples in tx");
        assert_eq!(rx.len(), tx.len(), "samples in rx");
        let wide = |z: &Sample| Complex::new(f64::from(z.re), f64::from(z.im));
        let amplitude = amplitude(tx);
        let products = tx
            .iter()
            .zip(rx)
            .map(|(w, z)| wide(z) * wide(w).conj() / amplitude)
            .collect();
        let times = (0..parameters.n_ipp)
            .flat_map(|pulse| parameters.echo_window(pulse, delay))
            .map(|sample| sample as f64 / parameters.sample_rate)
            .collect();
        Self {
            products,
            times,
            wavelength: parameters.wavelength,
            length: parameters.integration_step() as f64 / parameters.sample_rate,
        }
    }

    /// Power at a range rate (m/s) and acceleration (m/s²).
    pub fn power(&self, range_rate: f64, acceleration: f64) -> f64 {
        let sum: Complex<f64> = self
            .products
            .iter()
            .zip(&self.times)
            .map(|(q, &t)| q * self.turn(range_rate * t + acceleration * t * t / 2.0))
            .sum();
        sum.norm_sqr()
    }

    /// Power and derivatives at a range rate (m/s) and acceleration (m/s²).
    pub fn slope(&self, range_rate: f64, acceleration: f64) -> Slope {
        let mut sums = [Complex::default(); 5];
        for (q, &t) in self.products.iter().zip(&self.times) {
            let mut term = q * self.turn(range_rate * t + acceleration * t * t / 2.0);
            for sum in &mut sums {
                *sum += term;
                term *= t / self.length;
            }
        }
        let [s0, s1, s2, s3, s4] = sums;
        // Each derivative brings down -2 pi i times (t/T) for x, (t/T)^2 / 2 for y.
        let by = |sum: Complex<f64>| Complex::new(0.0, -TAU) * sum;
        let (x, y) = (by(s1), by(s2 / 2.0));
        let second = |a: Complex<f64>, b: Complex<f64>, twice: Complex<f64>| {
            2.0 * ((a * b.conj()).re - TAU * TAU * (s0.conj() * twice).re)
        };
        Slope {
            power: s0.norm_sqr(),
            gradient: [x, y].map(|first| 2.0 * (s0.conj() * first).re),
            curvature: [
                second(x, x, s2),
                second(x, y, s3 / 2.0),
                second(y, y, s4 / 4.0),
            ],
        }
    }

    /// The phasor that takes a path of so many metres back.
    pub(super) fn turn(&self, path: f64) -> Complex<f64> {
        Complex::cis(-TAU * path / self.wavelength)
    }

    /// Range rate in m/s for a step of one in `x`, acceleration in m/s² for a step of one in `y`.
    pub fn units(&self) -> [f64; 2] {
        let unit = self.wavelength / self.length;
        [unit, unit / self.length]
    }
}

/// Square root of the power of samples.
pub(crate) fn amplitude(samples: &[Sample]) -> f64 {
    let power = |z: &Sample| f64::from(z.re) * f64::from(z.re) + f64::from(z.im) * f64::from(z.im);
    samples.iter().map(power).sum::<f64>().sqrt()
}
