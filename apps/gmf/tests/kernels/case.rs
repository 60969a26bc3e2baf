//! One integration of random samples, the radar that made it, and every number's definition in f64.
//!
//! Positions and times are those of the radar, not the canonical ones: equality also shows that the
//! delay of a gate drops out of every power.

use std::f64::consts::PI;

use jobwise_gmf::parameters::Parameters;
use jobwise_gmf::search::{Integration, Level, Path, Sample, Search};
use jobwise_gmf::settings::Settings;
use num_complex::Complex;

use crate::shapes;

pub(crate) type C = Complex<f64>;

/// One integration of random samples and the radar that made it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) settings: Settings,
    pub(crate) ipp: usize,
    pub(crate) pulse: usize,
    /// All samples of the integration; transmitter and receiver share the channel.
    pub(crate) samples: Vec<Sample>,
}

impl Case {
    pub(crate) fn n(&self) -> usize {
        self.samples.len() / self.decimation()
    }

    pub(crate) fn decimation(&self) -> usize {
        self.settings.frequency_decimation as usize
    }

    pub(crate) fn parameters(&self) -> Parameters {
        let experiment = shapes::experiment(self.ipp as i64, self.pulse as i64);
        Parameters::new(&experiment, &self.settings).unwrap()
    }

    /// Its transmitting and receiving windows.
    pub(crate) fn windows(&self) -> (Vec<Sample>, Vec<Sample>) {
        let parameters = self.parameters();
        let gather = |window: &dyn Fn(usize) -> std::ops::Range<usize>| -> Vec<Sample> {
            (0..parameters.n_ipp)
                .flat_map(|pulse| self.samples[window(pulse)].to_vec())
                .collect()
        };
        let tx = gather(&|pulse| parameters.tx_window(pulse));
        let rx = gather(&|pulse| parameters.rx_window(pulse));
        (tx, rx)
    }

    /// Analyses the integration in one way.
    pub(crate) fn integrate(&self, path: Path) -> Integration {
        let (parameters, (tx, rx)) = (self.parameters(), self.windows());
        let search = Search::with_path(&parameters, &self.settings, path).unwrap();
        search.integrate(&tx, &rx, &mut search.scratch())
    }

    pub(crate) fn gates(&self) -> impl Iterator<Item = usize> + use<> {
        let settings = &self.settings;
        (settings.min_range_gate as usize..settings.max_range_gate as usize)
            .step_by(settings.range_gate_step as usize)
    }

    /// Position in the decimated integration, time in s, and value of every echo element of a gate.
    pub(crate) fn echo(&self, gate: usize) -> Vec<(usize, f64, C)> {
        let first_gate = 4 + self.settings.min_range_gate as usize;
        let tx_start = 3;
        let (k, d) = (self.settings.n_ipp as usize, self.decimation());
        let z = |i: usize| C::new(self.samples[i].re.into(), self.samples[i].im.into());
        let amplitude = (0..k * self.pulse)
            .map(|m| z(m / self.pulse * self.ipp + tx_start + m % self.pulse).norm_sqr())
            .sum::<f64>()
            .sqrt();
        let mut elements = Vec::new();
        for pulse in 0..k {
            let arrival = (pulse + self.settings.ipp_offset as usize) * self.ipp;
            for j in 0..self.pulse / d {
                let value = (j * d..(j + 1) * d)
                    .map(|i| {
                        z(pulse * self.ipp + tx_start + i).conj() / amplitude
                            * z(arrival + tx_start + 1 + gate + i)
                    })
                    .sum();
                let time = (0..d)
                    .map(|i| (arrival + first_gate + j * d + i) as f64 / 1e6)
                    .sum::<f64>()
                    / d as f64;
                elements.push(((arrival + tx_start + 1 + gate) / d + j, time, value));
            }
        }
        elements
    }

    /// Power of a gate at acceleration index `a` and bin `f`.
    pub(crate) fn power(&self, echo: &[(usize, f64, C)], acceleration: f64, f: usize) -> f64 {
        let wavelength = 299_792_458.0 / 930e6;
        echo.iter()
            .map(|&(position, time, value)| {
                let turns = (f * position % self.n()) as f64 / self.n() as f64;
                value
                    * C::cis(-PI * acceleration * time * time / wavelength)
                    * C::cis(-2.0 * PI * turns)
            })
            .sum::<C>()
            .norm_sqr()
    }

    /// Size of the line of the lag product at acceleration index `a`.
    pub(crate) fn line(&self, echo: &[(usize, f64, C)], a: usize) -> f64 {
        let tau = self.ipp / self.decimation() * self.settings.dpt_ipp_delay_parameter as usize;
        let length = self.n() - tau;
        let bin = (a + length - length / 2) % length;
        let mut sum = C::default();
        for &(late, _, l) in echo {
            for &(early, _, e) in echo {
                if late == early + tau {
                    let turns = (bin * early % length) as f64 / length as f64;
                    sum += l * e.conj() * C::cis(-2.0 * PI * turns);
                }
            }
        }
        sum.norm()
    }
}

/// Every way to compute that this processor has.
pub(crate) fn paths() -> Vec<Path> {
    let lanes = Level::available()
        .into_iter()
        .flat_map(|level| [Path::Decomposed(level), Path::Bounded(level)]);
    std::iter::once(Path::Plain).chain(lanes).collect()
}
