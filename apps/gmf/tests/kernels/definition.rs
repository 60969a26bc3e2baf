//! The search against its definition, evaluated term by term in f64 on small random cases.
//!
//! Positions and times are those of the radar, not the canonical ones: the equality also shows that the
//! delay of a gate drops out of every power.

use std::f64::consts::PI;

use jobwise_gmf::parameters::Parameters;
use jobwise_gmf::search::{Integration, Sample, Search};
use jobwise_gmf::settings::{Method, Settings};
use num_complex::Complex;
use proptest::prelude::*;

use crate::shapes;

type C = Complex<f64>;

/// One integration of random samples and the radar that made it.
#[derive(Clone, Debug)]
struct Case {
    settings: Settings,
    ipp: usize,
    pulse: usize,
    /// All samples of the integration; transmitter and receiver share the channel.
    samples: Vec<Sample>,
}

impl Case {
    fn n(&self) -> usize {
        self.samples.len() / self.decimation()
    }

    fn decimation(&self) -> usize {
        self.settings.frequency_decimation as usize
    }

    fn parameters(&self) -> Parameters {
        let experiment = shapes::experiment(self.ipp as i64, self.pulse as i64);
        Parameters::new(&experiment, &self.settings).unwrap()
    }

    fn integrate(&self) -> Integration {
        let parameters = self.parameters();
        let gather = |window: &dyn Fn(usize) -> std::ops::Range<usize>| -> Vec<Sample> {
            (0..parameters.n_ipp)
                .flat_map(|pulse| self.samples[window(pulse)].to_vec())
                .collect()
        };
        let tx = gather(&|pulse| parameters.tx_window(pulse));
        let rx = gather(&|pulse| parameters.rx_window(pulse));
        let search = Search::new(&parameters, &self.settings).unwrap();
        search.integrate(&tx, &rx, &mut search.scratch())
    }

    fn gates(&self) -> impl Iterator<Item = usize> + use<> {
        let settings = &self.settings;
        (settings.min_range_gate as usize..settings.max_range_gate as usize)
            .step_by(settings.range_gate_step as usize)
    }

    /// Position in the decimated integration, time in s, and value of every echo element of a gate.
    fn echo(&self, gate: usize) -> Vec<(usize, f64, C)> {
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
    fn power(&self, echo: &[(usize, f64, C)], acceleration: f64, f: usize) -> f64 {
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
    fn line(&self, echo: &[(usize, f64, C)], a: usize) -> f64 {
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

fn highest(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(0.0, f64::max)
}

fn cases() -> impl Strategy<Value = Case> {
    (
        2_i64..5,
        1_i64..4,
        2_usize..4,
        0_i64..2,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_flat_map(
            |(n_ipp, decimation, per_pulse, ipp_offset, stepped, fdpt, restrict)| {
                let d = decimation as usize;
                let pulse = per_pulse * d;
                let ipp = (5 * per_pulse + 12) * d;
                let step = if stepped { 3 } else { 1 };
                let settings = Settings {
                    ipp_offset,
                    min_range_gate: if stepped { 0 } else { 2 },
                    max_range_gate: 7,
                    range_gate_step: step,
                    gmf_method: if fdpt { Method::Fdpt } else { Method::Fgmf },
                    dpt_restrict: restrict,
                    min_tx_amplitude: 0.0,
                    ..shapes::settings(n_ipp, decimation)
                };
                let length = (n_ipp + ipp_offset) as usize * ipp;
                let sample =
                    (-1.0_f32..1.0, -1.0_f32..1.0).prop_map(|(re, im)| Sample::new(re, im));
                prop::collection::vec(sample, length).prop_map(move |samples| {
                    let mut case = Case {
                        settings: settings.clone(),
                        ipp,
                        pulse,
                        samples,
                    };
                    // Seven accelerations of the grid, unevenly around zero.
                    let parameters = case.parameters();
                    case.settings.min_acceleration = -2.1 * parameters.acceleration_step;
                    case.settings.max_acceleration = 4.1 * parameters.acceleration_step;
                    case
                })
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_number_is_as_defined(case in cases()) {
        let parameters = case.parameters();
        let got = case.integrate();
        prop_assert_eq!(parameters.selected.len(), 7);
        prop_assert_eq!(got.gmf.len(), case.gates().count());
        for (gate, rg) in case.gates().enumerate() {
            let echo = case.echo(rg);
            let a = got.acceleration_index[gate] as usize;
            let f = got.range_rate_index[gate] as usize;
            let acceleration = parameters.accelerations[a];
            let found = case.power(&echo, acceleration, f);
            // f32 echoes; cancellation is bounded by the incoherent power.
            prop_assert!((f64::from(got.gmf[gate]) - found).abs() <= 2e-6 * found);
            let bins = 0..case.n();
            let all = match case.settings.gmf_method {
                Method::Fgmf => highest(parameters.selected.clone().flat_map(|a| {
                    let (case, echo) = (&case, &echo);
                    let acceleration = parameters.accelerations[a];
                    bins.clone().map(move |f| case.power(echo, acceleration, f))
                })),
                Method::Fdpt => {
                    let searched = if case.settings.dpt_restrict {
                        parameters.selected.clone()
                    } else {
                        0..parameters.accelerations.len()
                    };
                    let lines = highest(searched.clone().map(|a| case.line(&echo, a)));
                    prop_assert!(searched.contains(&a));
                    prop_assert!(case.line(&echo, a) >= lines * (1.0 - 1e-5));
                    highest(bins.map(|f| case.power(&echo, acceleration, f)))
                }
            };
            prop_assert!(found >= all * (1.0 - 1e-5), "{} is below {}", found, all);
            let dc = case.power(&echo, 0.0, 0);
            let incoherent: f64 = echo.iter().map(|(_, _, e)| e.norm_sqr()).sum();
            prop_assert!((f64::from(got.gmf_zero_frequency[gate]) - dc).abs() <= 1e-6 * (dc + incoherent));
        }
        let best = got.gmf.iter().copied().fold(0.0, f32::max);
        let gate = got.gmf.iter().position(|g| g.to_bits() == best.to_bits()).unwrap();
        let (f, a) = (got.range_rate_index[gate] as usize, got.acceleration_index[gate] as usize);
        prop_assert_eq!(got.gmf_peak.to_bits(), best.to_bits());
        for (peak, expected) in [
            (got.range_peak, parameters.ranges[gate]),
            (got.range_rate_peak, parameters.range_rates[f]),
            (got.acceleration_peak, parameters.accelerations[a]),
        ] {
            prop_assert_eq!(peak.to_bits(), expected.to_bits());
        }
    }
}
